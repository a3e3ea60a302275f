"""The monthly table of key figures: 12 metrics by month and unit, from a Parquet file on disk.

Distinct customers and ratios are among them. Contestants, each from the file to the finished table:
opsnb's metrics on a dataset that is open, the same SQL written by hand for DuckDB, and pandas in
two ways, on plain text and on categories. All must find the same numbers, money to the cent.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks._lines import FIRST, MONTHS, UNITS, write
from benchmarks._measure import interleaved, peak, show
from opsnb.company import Company
from opsnb.data.engine import DuckDB
from opsnb.dataset import Dataset
from opsnb.metrics.spans import Span

SIZES = [int(n) for n in os.environ.get("OPSNB_BENCH_ROWS", "1_000_000 10_000_000").split()]
ROUNDS = 5
MONEY = ("revenue", "cost", "profit")
METRICS = (
    "revenue", "cost", "profit", "margin", "quantity", "unit_price", "lines", "late", "on_time",
    "customers", "revenue_per_customer", "lines_per_customer",
)  # fmt: skip
SETTINGS = {
    "company": "schema: 1\nid: bench\nname: Bench\nas_of: 2027-01-10\ndata: .\n",
    "sources": """schema: 1
tables:
  lines:
    path: lines.parquet
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
  cost: {label: C, unit: CNY, better: lower, table: lines, measure: sum(cost)}
  profit: {label: P, unit: CNY, better: higher, kind: derived, expression: revenue - cost}
  margin:
    {label: M, unit: ratio, better: higher, kind: ratio, numerator: profit, denominator: revenue}
  quantity: {label: Q, unit: pieces, better: higher, table: lines, measure: sum(quantity)}
  unit_price:
    {label: U, unit: CNY, better: higher, kind: ratio, numerator: revenue, denominator: quantity}
  lines: {label: L, unit: lines, better: higher, table: lines, measure: count(*)}
  late: {label: D, unit: lines, better: lower, table: lines, measure: count_if(late > 0)}
  on_time:
    {label: T, unit: ratio, better: higher, kind: ratio, table: lines,
     numerator: count_if(late <= 0), denominator: count(late)}
  customers:
    {label: N, unit: customers, better: higher, table: lines,
     measure: count(distinct customer)}
  revenue_per_customer:
    {label: S, unit: CNY, better: higher, kind: ratio, numerator: revenue, denominator: customers}
  lines_per_customer:
    {label: O, unit: lines, better: higher, kind: ratio, numerator: lines, denominator: customers}
""",
}
BY_HAND = """
SELECT date_trunc('month', day) AS month, coalesce(unit, 'all') AS unit,
       sum(amount)::DOUBLE AS revenue,
       sum(cost)::DOUBLE AS cost,
       (sum(amount) - sum(cost))::DOUBLE AS profit,
       (sum(amount) - sum(cost))::DOUBLE / sum(amount)::DOUBLE AS margin,
       sum(quantity)::DOUBLE AS quantity,
       sum(amount)::DOUBLE / sum(quantity)::DOUBLE AS unit_price,
       count(*) AS lines,
       count(*) FILTER (late > 0) AS late,
       count(*) FILTER (late <= 0) / count(late) AS on_time,
       count(DISTINCT customer) AS customers,
       sum(amount)::DOUBLE / count(DISTINCT customer) AS revenue_per_customer,
       count(*) / count(DISTINCT customer) AS lines_per_customer
FROM read_parquet('{path}')
GROUP BY GROUPING SETS ((date_trunc('month', day), unit), (date_trunc('month', day)))
ORDER BY month, unit
"""
COLUMNS = ["day", "unit", "customer", "amount", "cost", "quantity", "late"]


def main() -> None:
    for rows in SIZES:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write(folder / "lines.parquet", rows)
            for file, text in SETTINGS.items():
                (folder / f"{file}.yaml").write_text(text, encoding="utf-8")
            _write_units(folder)
            compare(folder, rows)


def compare(folder: Path, rows: int) -> None:
    """All contestants on one file: the same numbers, then times, then memory."""
    contestants = made(folder)
    check({name: call() for name, call in contestants.items()})
    title = f"Monthly table of {len(METRICS)} metrics over {rows:,} rows of Parquet"
    show(title, interleaved(contestants, ROUNDS))
    print("\nPeak memory of a process that makes the table once, MB (imports included):\n")
    for name in contestants:
        print(f"- {name}: {peak(_alone, folder, name):,.0f}")


def made(folder: Path) -> dict[str, Callable[[], pd.DataFrame]]:
    """Contestants by name; what is opened beforehand is opened here."""
    spans = [Span(FIRST.first + i, FIRST.first + i) for i in range(MONTHS)]
    engine, path = DuckDB(), folder / "lines.parquet"
    by_hand = BY_HAND.replace("{path}", str(path))
    dataset = opened(folder)
    if "--sql" in sys.argv:
        print(dataset.measurement.query("lines", METRICS, spans).sql(pretty=True))
    return {
        "DuckDB, SQL by hand": lambda: labelled(engine.query(by_hand)),
        "opsnb": lambda: dataset.measurement.values(METRICS, spans).frame,
        "opsnb, opening the company too": (
            lambda: opened(folder).measurement.values(METRICS, spans).frame
        ),
        "pandas": lambda: labelled(by_pandas(path, categories=False)),
        "pandas, text read as categories": lambda: labelled(by_pandas(path, categories=True)),
    }


def opened(folder: Path) -> Dataset:
    """Settings checked, the file hashed and looked through."""
    dataset = Dataset(Company(folder))
    dataset.check()
    dataset.load("lines")
    return dataset


def by_pandas(path: Path, *, categories: bool) -> pd.DataFrame:
    """The table as one writes it with pandas: by month and unit, and by month."""
    frame = read(path, categories=categories)
    frame = frame.assign(
        month=frame["day"].dt.year * 12 + frame["day"].dt.month - 1,
        is_late=frame["late"] > 0,
        is_on_time=frame["late"] <= 0,
    )
    parts = []
    for keys in (["month", "unit"], ["month"]):
        part = frame.groupby(keys, observed=True).agg(
            revenue=("amount", "sum"),
            cost=("cost", "sum"),
            quantity=("quantity", "sum"),
            lines=("amount", "size"),
            late=("is_late", "sum"),
            on_time=("is_on_time", "sum"),
            told=("late", "count"),
            customers=("customer", "nunique"),
        )
        parts.append(part.reset_index().assign(**({} if "unit" in keys else {"unit": "all"})))
    table = pd.concat([part.astype({"unit": "str"}) for part in parts])
    profit = table["revenue"] - table["cost"]
    return table.assign(
        month=pd.to_datetime(
            {"year": table["month"] // 12, "month": table["month"] % 12 + 1, "day": 1}
        ),
        profit=profit,
        margin=profit / table["revenue"],
        unit_price=table["revenue"] / table["quantity"],
        on_time=table["on_time"] / table["told"],
        revenue_per_customer=table["revenue"] / table["customers"],
        lines_per_customer=table["lines"] / table["customers"],
    )


def read(path: Path, *, categories: bool) -> pd.DataFrame:
    """Columns that are needed; decimals become floats at once, since pandas is slow with them."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    texts = ["unit", "customer"] if categories else []
    table = pq.read_table(path, columns=COLUMNS, read_dictionary=texts)
    for name, kind in (
        ("amount", pa.float64()),
        ("cost", pa.float64()),
        ("day", pa.timestamp("s")),
    ):
        place = table.schema.get_field_index(name)
        table = table.set_column(place, name, table[name].cast(kind))
    return table.to_pandas()


def labelled(table: pd.DataFrame) -> pd.DataFrame:
    """Index as opsnb has it: the month as text, and the unit."""
    months = table["month"].astype(str).str[:7]
    table = table.assign(span=months).set_index(["span", "unit"])
    return table[list(METRICS)].sort_index()


def check(found: Mapping[str, pd.DataFrame]) -> None:
    """All contestants agree, or there is nothing to compare."""
    reference = found["opsnb"].sort_index()
    for name, table in found.items():
        assert list(table.sort_index().index) == list(reference.index), name  # noqa: S101
        for metric in METRICS:
            exact = {"rtol": 0, "atol": 0.005} if metric in MONEY else {"rtol": 1e-9}
            left, right = table.sort_index()[metric], reference[metric]
            np.testing.assert_allclose(left, right, **exact, err_msg=f"{name}, {metric}")


def _write_units(folder: Path) -> None:
    (folder / "ledgers").mkdir()
    rows = "".join(f"{unit},{unit}\n" for unit in UNITS)
    (folder / "ledgers" / "units.csv").write_text(f"unit,label\n{rows}", encoding="utf-8")


def _alone(folder: Path, name: str) -> None:
    made(folder)[name]()


if __name__ == "__main__":
    main()
