"""Queries as Spark is given them: kept as golden files, read again as Spark's, and run on one.

To write the files anew: ``OPSNB_WRITE_GOLDEN=1 pytest tests/metrics/test_spark.py``.
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify

from opsnb.metrics.compile import compile_query
from opsnb.metrics.spans import Span
from opsnb.period import Period

GOLDEN = Path(__file__).parent / "golden"
OCTOBER = Period.parse("2026-10")
METRICS = {
    "revenue": {"table": "sales", "measure": "sum(amount)", "filter": "kind <> '退货'"},
    "margin": {
        "kind": "ratio", "table": "sales",
        "numerator": "sum(amount - cost)", "denominator": "sum(amount)",
    },
    "customers": {"table": "sales", "measure": "count(distinct customer)"},
    "stock": {"table": "sales", "measure": "sum(cost)", "over_time": "last"},
    "usual_stock": {"table": "sales", "measure": "sum(cost)", "over_time": "mean"},
    "trailing": {"kind": "cumulative", "metric": "revenue", "window": 3},
    "weeks": {"table": "sales", "measure": "sum(date_diff('week', promised, day))"},
}  # fmt: skip
COLUMNS = {
    "day": "date", "unit": "text", "kind": "text", "customer": "text", "amount": "decimal(2)",
    "cost": "decimal(2)", "promised": "date",
}  # fmt: skip
UNITS = """unit,label,parent,opened,closed
east,东区,,,
west,西区,,,
a,甲,east,,2026-09-30
a,甲,west,2026-10-01,
b,乙,east,,
"""
DATA = """day,unit,kind,customer,amount,cost,promised
2026-08-03,a,零售,客1,10.10,4.05,2026-07-01
2026-09-10,a,零售,客1,20.25,5.00,2026-09-24
2026-10-01,a,退货,客2,-3.30,,2026-10-01
2026-10-31,b,零售,,0.05,1.00,2026-10-01
2026-10-31,未知,批发,客1,7.77,2.50,
"""
SPANS = [Span.of(OCTOBER), Span.of(OCTOBER.prior), Span.to_date(OCTOBER, "quarter"),
         Span.of(OCTOBER.quarter.prior)]  # fmt: skip


@pytest.fixture(scope="module")
def made(measure, tmp_path_factory):
    return measure(
        tmp_path_factory.mktemp("spark"),
        metrics=METRICS,
        sources={"sales": {"unit": "unit", "columns": COLUMNS, "dimensions": ["kind"]}},
        data={"sales": DATA},
        ledgers={"units": UNITS},
    )


def query(made, metric):
    needed = made.catalogue.needed([metric])
    return compile_query(made.measurement._request("sales", needed, SPANS, ()))


@pytest.mark.parametrize("metric", METRICS)
def test_the_query_is_the_one_that_is_kept(made, metric):
    text = query(made, metric).sql("spark", pretty=True) + "\n"
    path = GOLDEN / f"{metric}.spark.sql"
    if os.environ.get("OPSNB_WRITE_GOLDEN") == "1":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("metric", METRICS)
def test_spark_reads_it_as_it_was_meant(made, metric):
    """Read as Spark's, every column is found, and DuckDB finds the same numbers with it."""
    asked = query(made, metric)
    tree = sqlglot.parse_one(asked.sql("spark"), read="spark")
    schema = {"sales": {**dict.fromkeys(COLUMNS, "string"), "day": "date"}}
    qualify(tree.copy(), schema=schema, dialect="spark", validate_qualify_columns=True)
    assert not list(tree.find_all(exp.Anonymous)), "a function that Spark does not have"
    keys = ["span", "unit"]
    ours = made.engine.query(asked.sql()).sort_values(keys, ignore_index=True)
    back = made.engine.query(tree.sql("duckdb")).sort_values(keys, ignore_index=True)
    assert len(ours)
    assert ours.equals(back.astype(ours.dtypes.to_dict()))


@pytest.mark.engines
@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("pyspark") is None, reason="no PySpark here")
def test_spark_finds_the_same_numbers(made):
    from pyspark.sql import SparkSession

    spark = (
        SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    )
    try:
        table = made.engine.connection.execute("SELECT * FROM sales").to_arrow_table()
        spark.createDataFrame(table).createOrReplaceTempView("sales")
        for metric in METRICS:
            asked = query(made, metric)
            rows = [tuple(row) for row in spark.sql(asked.sql("spark")).collect()]
            ours = made.engine.connection.execute(asked.sql()).fetchall()
            assert sorted(map(plain, rows)) == sorted(map(plain, ours)), metric
    finally:
        spark.stop()


def plain(row):
    return tuple(x if isinstance(x, str) or x is None else float(x) for x in row)
