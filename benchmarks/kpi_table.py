"""A monthly table of key figures over ten million order lines, by units and for the whole.

Contestants: opsnb's metrics, the same SQL written by hand for DuckDB, and pandas on a frame that
is in memory already. All three must find the same numbers.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks._measure import interleaved, show
from opsnb.company import Company
from opsnb.data.engine import DuckDB
from opsnb.metrics.catalogue import Catalogue
from opsnb.metrics.spans import Span
from opsnb.metrics.values import Measurement
from opsnb.period import Period
from opsnb.units import Unit, Units

ROWS = int(os.environ.get("OPSNB_BENCH_ROWS", "10_000_000"))
ROUNDS = 5
FIRST, MONTHS = Period.parse("2024-01"), 36
UNITS = ("north", "east", "south", "west", "central", "abroad")
METRICS = ("revenue", "margin", "quantity", "on_time", "customers")
SETTINGS = {
    "company": "schema: 1\nid: bench\nname: Bench\nas_of: 2027-01-10\n",
    "sources": """schema: 1
tables:
  lines:
    path: lines.csv
    label: Lines
    date: day
    unit: unit
    columns:
      {day: date, unit: text, customer: text, amount: decimal(2), cost: decimal(2),
       quantity: integer, late: integer}
""",
    "metrics": """schema: 1
metrics:
  revenue: {label: R, unit: CNY, better: higher, table: lines, measure: sum(amount)}
  margin:
    {label: M, unit: ratio, better: higher, kind: ratio, table: lines,
     numerator: sum(amount - cost), denominator: sum(amount)}
  quantity: {label: Q, unit: pieces, better: higher, table: lines, measure: sum(quantity)}
  on_time:
    {label: T, unit: ratio, better: higher, kind: ratio, table: lines,
     numerator: count_if(late <= 0), denominator: count(late)}
  customers:
    {label: C, unit: customers, better: higher, table: lines,
     measure: count(distinct customer)}
""",
}
BY_HAND = """
SELECT date_trunc('month', day) AS month, coalesce(unit, 'all') AS unit,
       sum(amount)::DOUBLE AS revenue,
       sum(amount - cost)::DOUBLE / sum(amount)::DOUBLE AS margin,
       sum(quantity) AS quantity,
       count(*) FILTER (late <= 0) / count(late) AS on_time,
       count(DISTINCT customer) AS customers
FROM lines
GROUP BY GROUPING SETS ((date_trunc('month', day), unit), (date_trunc('month', day)))
ORDER BY month, unit
"""


def main() -> None:
    engine = DuckDB()
    frame = order_lines()
    engine.connection.register("frame", frame)
    engine.connection.execute(
        "CREATE TABLE lines AS SELECT day::DATE AS day, unit, customer,"
        " amount::DECIMAL(18, 2) AS amount, cost::DECIMAL(18, 2) AS cost, quantity, late FROM frame"
    )
    engine.connection.unregister("frame")
    with tempfile.TemporaryDirectory() as name:
        for file, text in SETTINGS.items():
            Path(name, f"{file}.yaml").write_text(text, encoding="utf-8")
        catalogue = Catalogue(Company(Path(name)))
        catalogue.check()
    bridge = Units(Unit(unit, {}) for unit in ("all", *UNITS)).bridge
    extent = (FIRST.first, FIRST.first + MONTHS - 1)
    measurement = Measurement(catalogue, engine, bridge, lambda _: extent)
    spans = [Span(FIRST.first + i, FIRST.first + i) for i in range(MONTHS)]
    query = measurement.query("lines", METRICS, spans).sql()

    contestants = {
        "DuckDB, SQL by hand": partial(engine.query, BY_HAND),
        "opsnb's query alone": partial(engine.query, query),
        "opsnb's metrics": partial(measurement.values, METRICS, spans),
        "pandas groupby": partial(by_pandas, frame),
    }
    found = {name: call() for name, call in contestants.items() if name != "opsnb's query alone"}
    check(found, measurement.values(METRICS, spans).frame)
    if "--sql" in sys.argv:
        print(query)
    title = f"Monthly table of {len(METRICS)} metrics over {ROWS:,} rows"
    show(title, interleaved(contestants, ROUNDS))


def order_lines() -> pd.DataFrame:
    """Order lines of three years, generated with a fixed seed."""
    chance = np.random.default_rng(20261105)
    days = (FIRST.shift(MONTHS).start - FIRST.start).days
    start = np.datetime64(FIRST.start.isoformat(), "s")
    names = pd.Index([f"C{number:06d}" for number in range(50_000)], dtype="str")
    amount = chance.integers(100, 5_000_000, ROWS) / 100
    return pd.DataFrame(
        {
            "day": start + chance.integers(0, days, ROWS).astype("timedelta64[D]"),
            "unit": pd.Index(UNITS, dtype="str").take(chance.integers(0, len(UNITS), ROWS)),
            "customer": names.take(chance.integers(0, len(names), ROWS)),
            "amount": amount,
            "cost": (amount * 60).round() / 100,
            "quantity": chance.integers(1, 100, ROWS),
            "late": chance.integers(-5, 3, ROWS),
        }
    )


def by_pandas(frame: pd.DataFrame) -> pd.DataFrame:
    """The table as one writes it with pandas: by month and unit, and by month."""
    frame = frame.assign(
        month=frame["day"].dt.to_period("M"),
        profit=frame["amount"] - frame["cost"],
        on_time=frame["late"] <= 0,
    )
    parts = []
    for keys in (["month", "unit"], ["month"]):
        part = frame.groupby(keys, observed=True).agg(
            revenue=("amount", "sum"),
            profit=("profit", "sum"),
            quantity=("quantity", "sum"),
            on_time=("on_time", "mean"),
            customers=("customer", "nunique"),
        )
        part["margin"] = part["profit"] / part["revenue"]
        parts.append(part.reset_index().assign(**({} if "unit" in keys else {"unit": "all"})))
    return pd.concat(parts)


def check(found: Mapping[str, pd.DataFrame], reference: pd.DataFrame) -> None:
    """All contestants agree, or there is nothing to compare."""
    reference = reference.sort_index()
    for name in ("DuckDB, SQL by hand", "pandas groupby"):
        table = found[name]
        months = table["month"].astype(str).str[:7]
        table = table.assign(span=months).set_index(["span", "unit"]).sort_index()
        for metric in METRICS:
            np.testing.assert_allclose(table[metric], reference[metric], rtol=1e-9, err_msg=name)


if __name__ == "__main__":
    main()
