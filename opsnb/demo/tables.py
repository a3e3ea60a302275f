"""The data files of the company: columns as ``sources.yaml`` declares them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from opsnb.demo import departments, indicators, ledgers, risks, shape
from opsnb.demo.chance import Ints
from opsnb.demo.days import MONTHS, PERIODS, Days, calendar_days
from opsnb.demo.deliveries import deliveries
from opsnb.demo.market import Customers, customers, products
from opsnb.demo.orders import OrderLines, duplicated, order_lines
from opsnb.demo.plan import Plan, expected
from opsnb.demo.write import dates, money, names, numbered, write_rows, write_table

Columns = dict[str, Any]


def write_company(directory: Path, seed: int, lines: int) -> None:
    """Write every file of the company into the folders ``data`` and ``ledgers``."""
    days, buyers = calendar_days(), customers(seed)
    plan = expected(days, buyers, lines)
    tables = {
        "order_lines": _order_lines(seed, lines, days, plan, buyers),
        "surveys": _surveys(seed, days, buyers),
        "inventory": _inventory(seed, plan),
        "expenses": _expenses(seed, days, plan),
        "headcount": _headcount(seed, plan),
    }
    for name, columns in tables.items():
        write_table(directory / f"data/{name}.csv", columns)
    books = directory / "ledgers"
    write_rows(books / "units.csv", ledgers.UNITS_HEADER, ledgers.units())
    write_rows(books / "targets.csv", ledgers.TARGETS_HEADER, ledgers.targets(plan))
    write_rows(books / "notes.csv", ledgers.NOTES_HEADER, ledgers.notes())
    write_rows(books / "risks.csv", risks.RISKS_HEADER, risks.risks())
    write_rows(books / "treatments.csv", risks.TREATMENTS_HEADER, risks.treatments())
    write_rows(books / "kris.csv", risks.KRIS_HEADER, risks.kris())
    write_rows(books / "appetite.csv", risks.APPETITE_HEADER, risks.appetite())
    write_rows(books / "actions.csv", risks.ACTIONS_HEADER, risks.actions())
    write_rows(books / "readings.csv", indicators.READINGS_HEADER, indicators.readings(seed))
    write_rows(books / "incidents.csv", indicators.INCIDENTS_HEADER, indicators.incidents(seed))


def _order_lines(seed: int, lines: int, days: Days, plan: Plan, buyers: Customers) -> Columns:
    """Order lines by date; the duplicates stand at the end, as a batch read twice would."""
    range_ = products(seed)
    drawn = order_lines(seed, days, plan, range_, buyers)
    promised, delivered = deliveries(seed, days, drawn, range_)
    places = np.concatenate([np.arange(len(drawn.order)), duplicated(seed, drawn, lines)])
    drawn, promised, delivered = drawn.take(places), promised[places], delivered[places]
    return {
        "order_id": _order_ids(drawn),
        "line": drawn.line,
        "order_date": dates(days.date[drawn.day]),
        "region": names(shape.REGIONS, drawn.region),
        "channel": names(shape.CHANNELS, buyers.channel[drawn.customer]),
        "customer_id": names(buyers.name, drawn.customer),
        "product": names(range_.name, drawn.product),
        "product_line": names(shape.LINES, range_.line[drawn.product]),
        "quantity": drawn.quantity,
        "list_price": money(drawn.list_price),
        "amount": money(drawn.amount),
        "cost": money(drawn.cost),
        "promised_date": dates(promised),
        "delivered_date": dates(delivered),
    }


def _order_ids(drawn: OrderLines) -> Any:
    """``SO202610`` and the order's number in the month."""
    months = [f"SO{str(period).replace('-', '')}" for period in PERIODS]
    return numbered(names(months, drawn.month), drawn.order, 5)


def _surveys(seed: int, days: Days, buyers: Customers) -> Columns:
    answers = departments.surveys(seed, days, buyers)
    return {
        "survey_id": numbered(pa.scalar("Q"), np.arange(1, len(answers.day) + 1), 6),
        "answered_on": dates(days.date[answers.day]),
        "region": names(shape.REGIONS, answers.region),
        "customer_id": names(buyers.name, answers.customer),
        "score": answers.score,
    }


def _inventory(seed: int, plan: Plan) -> Columns:
    stock = departments.inventory(seed, plan)
    return {
        "counted_on": _month_ends(stock.month),
        "region": names(shape.REGIONS, stock.region),
        "product_line": names(shape.LINES, stock.line),
        "value": money(stock.value),
    }


def _expenses(seed: int, days: Days, plan: Plan) -> Columns:
    posted = departments.expenses(seed, days, plan)
    return {
        "posted_on": dates(posted.date),
        "region": names(shape.REGIONS, posted.region),
        "account": names(shape.ACCOUNTS, posted.account),
        "amount": money(posted.amount),
    }


def _headcount(seed: int, plan: Plan) -> Columns:
    people = departments.headcount(seed, plan)
    regions = len(shape.REGIONS)
    return {
        "counted_on": _month_ends(np.repeat(np.arange(MONTHS), regions)),
        "region": names(shape.REGIONS, np.tile(np.arange(regions), MONTHS)),
        "headcount": people.T.ravel(),
    }


def _month_ends(month: Ints) -> Any:
    return dates(np.array([period.end for period in PERIODS], dtype="datetime64[D]")[month])
