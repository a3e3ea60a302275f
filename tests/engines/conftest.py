"""One company twice: its rows read into DuckDB, and left in a PostgreSQL that computes on them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from opsnb.company import Company
from opsnb.dataset import Dataset

UNITS = """unit,label,parent,opened,closed,aliases
east,东区,,,,
west,西区,,,,
sh,上海,east,,2026-03-31,
sh,上海,west,2026-04-01,,
hz,杭州,east,,,
cd,成都,west,,,蓉城
"""
PLACES = ("上海", "hz", "蓉城", "西区", "未知", "o'brien 100%", None)
COLUMNS = {
    "day": {"type": "date", "from": "日期"}, "unit": "text",
    "kind": {"type": "text", "from": "类 别"}, "customer": "text", "amount": "decimal(2)",
    "cost": "decimal(2)", "n": "integer", "promised": "datetime",
    "arrived": "datetime", "x": "number",
}  # fmt: skip
STOCK = {"day": "date", "unit": "text", "value": "decimal(2)"}
TYPES = {
    "date": "date", "text": "text", "decimal(2)": "numeric(18, 2)", "integer": "bigint",
    "datetime": "timestamp", "number": "double precision",
}  # fmt: skip


def simple(measure: str, table: str = "sales", **more: str) -> dict[str, str]:
    return {"table": table, "measure": measure} | more


def ratio(numerator: str, denominator: str, **more: str) -> dict[str, str]:
    return {"kind": "ratio", "numerator": numerator, "denominator": denominator} | more


METRICS: dict[str, dict[str, Any]] = {
    "revenue": simple("sum(amount)"),
    "revenue_kept": simple("sum(amount)", filter="kind like '甲%' or kind = '100% \"乙\"'"),
    "profit": simple("sum(amount - cost)"),
    "lines": simple("count(*)"),
    "refunds": simple("count_if(amount < 0)"),
    "customers": simple("count(distinct customer)"),
    "buyers": simple("count(distinct customer)", filter="amount > 0"),
    "kinds": simple("count(distinct kind)"),
    "margin": ratio("sum(amount - cost)", "sum(amount)", table="sales"),
    "per_customer": ratio("revenue", "customers"),
    "price": simple("avg(amount)"),
    "halves": simple("sum(n / 2)"),
    "largest": simple("max(amount)"),
    "least": simple("min(coalesce(amount, 0))"),
    "weighed": simple("sum(case when x > 0.5 then x else 0 end)"),
    **{
        f"{part}s": simple(f"sum(date_diff('{part}', promised, arrived))")
        for part in ("hour", "day", "week", "month", "year")
    },
    "stock": simple("sum(value)", "stock", over_time="last"),
    "usual_stock": simple("sum(value)", "stock", over_time="mean"),
    "turnover": {"kind": "derived", "expression": "revenue / usual_stock"},
    "trailing": {"kind": "cumulative", "metric": "revenue", "window": 3},
    "trailing_customers": {"kind": "cumulative", "metric": "customers", "window": 3},
    "to_date": {"kind": "cumulative", "metric": "revenue", "to_date": "year"},
}
CUMULATIVE = ("trailing", "trailing_customers", "to_date")


def rows() -> dict[str, pd.DataFrame]:
    """Sales and stock of 15 months, generated with a fixed seed: gaps, refunds, missing values."""
    chance = np.random.default_rng(20261105)
    size = 4_000
    days = pd.date_range("2025-06-01", "2026-08-31").to_numpy()
    days = days[pd.DatetimeIndex(days).month != 2]  # nothing in February
    promised = chance.choice(days, size) + chance.integers(0, 86_400, size).astype("timedelta64[s]")
    late = chance.integers(-40 * 86_400, 400 * 86_400, size).astype("timedelta64[s]")
    sales = pd.DataFrame(
        {
            "day": pd.Series(chance.choice(days, size)).dt.date,
            "unit": chance.choice(np.array(PLACES, dtype=object), size),
            "kind": chance.choice(["甲类", "甲", '100% "乙"', "c:\\d", ":name"], size),
            "customer": [f"客户{n}" for n in chance.integers(0, 300, size)],
            "amount": chance.integers(-300_000, 900_000, size) / 100,
            "cost": chance.integers(0, 700_000, size) / 100,
            "n": chance.integers(-9, 10, size),
            "promised": promised,
            "arrived": promised + late,
            "x": chance.random(size),
        }
    ).astype(object)
    for name in ("kind", "customer", "amount", "cost", "n", "promised", "x"):
        sales.loc[chance.random(size) < 0.07, name] = None
    sales.loc[:4, "day"] = None
    stock = pd.DataFrame(
        [
            (day.date(), place, chance.integers(-9_999, 99_999) / 100)
            for place in PLACES
            for day in pd.date_range("2025-06-01", "2026-08-31", freq="5D")
            if chance.random() < 0.8
        ],
        columns=["day", "unit", "value"],
    ).astype(object)
    return {"sales": sales, "stock": stock}


def write_table(base: Any, name: str, columns: dict[str, Any], frame: pd.DataFrame) -> None:
    specs = {c: s if isinstance(s, dict) else {"type": s, "from": c} for c, s in columns.items()}
    declared = ", ".join(f'"{spec["from"]}" {TYPES[spec["type"]]}' for spec in specs.values())
    base.execute(f'CREATE TABLE measured."{name}" ({declared})')
    places = ", ".join(["%s"] * len(columns))
    plain = frame[list(columns)].astype(object).where(frame.notna(), None)
    base.cursor().executemany(
        f'INSERT INTO measured."{name}" VALUES ({places})',  # noqa: S608
        plain.itertuples(index=False, name=None),
    )


@pytest.fixture(scope="session")
def twins(
    postgres_server: Any, write_company: Any, tmp_path_factory: pytest.TempPathFactory
) -> SimpleNamespace:
    """The company in DuckDB and in PostgreSQL, and its rows."""
    found, columns = rows(), {"sales": COLUMNS, "stock": STOCK}
    with postgres_server.connect() as base:
        base.execute("CREATE SCHEMA measured")
        for name, frame in found.items():
            write_table(base, name, columns[name], frame)
    url = f"postgresql://me:${{env:OPSNB_TEST_SECRET}}@127.0.0.1:{postgres_server.port}/postgres"
    there = {"path": None, "url": url, "in_place": True}
    sales = {"columns": COLUMNS, "unit": "unit", "dimensions": ["kind"]}
    tables = {"sales": sales, "stock": {"columns": STOCK, "unit": "unit"}}
    frames = {
        name: frame.rename(columns={"day": "日期", "kind": "类 别"} if name == "sales" else {})
        for name, frame in found.items()
    }
    made = {}
    for kind in ("duckdb", "postgres"):
        more = there if kind == "postgres" else {}
        folder = write_company(
            tmp_path_factory.mktemp(kind) / "c",
            metrics=METRICS,
            sources={
                name: table | more | ({"relation": f"measured.{name}"} if more else {})
                for name, table in tables.items()
            },
            data={name: frame.to_csv(index=False) for name, frame in frames.items()},
            ledgers={"units": UNITS},
        )
        made[kind] = folder
    patch = pytest.MonkeyPatch()
    patch.setenv("OPSNB_TEST_SECRET", postgres_server.password)
    yield SimpleNamespace(
        rows=found,
        folders=made,
        url=url,
        duckdb=Dataset(Company(made["duckdb"])),
        postgres=Dataset(Company(made["postgres"])),
    )
    patch.undo()
