"""Metrics computed by a real PostgreSQL are those that DuckDB finds, money to the cent."""

from __future__ import annotations

import datetime as dt
import shutil
import time
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

import opsnb
from opsnb.company import Company
from opsnb.dataset import Dataset
from opsnb.errors import ExpressionError, SettingsError, SourceError
from opsnb.metrics.spans import Span
from opsnb.period import Period
from opsnb.runs.explain import explain

pytestmark = pytest.mark.engines
MONEY = ["revenue", "revenue_kept", "profit", "largest", "least", "stock", "trailing", "to_date"]
PERIODS = [
    *(Period.parse("2026-08").back(15)),
    *(Period.parse(f"2026-Q{quarter}") for quarter in (1, 2)),
    Period.parse("2025-H2"),
    Period.parse("2026"),
]
SPANS = [
    *(Span.of(period) for period in PERIODS),
    *(Span.to_date(Period.parse(month)) for month in ("2026-08", "2026-03")),
    Span(Period.parse("2025-08").first, Period.parse("2026-07").first),
]
DAYS = [Span.day(dt.date(2026, 3, 25) + dt.timedelta(days=i)) for i in range(14)]
WEEKS = [Span.week(dt.date(2025, 12, 22) + dt.timedelta(days=7 * i)) for i in range(20)]


def measured(dataset: Dataset, metrics: Any, spans: Any, by: Any = ()) -> Any:
    for table in dataset.company.tables:
        dataset.load(table)
    return dataset.measurement.values(metrics, spans, by=by)


def same(left: Any, right: Any) -> int:
    """Compare values and reasons; answer how many numbers there were."""
    pd.testing.assert_index_equal(left.frame.index, right.frame.index)
    assert left.reasons == right.reasons
    for name in left.frame:
        one, other = left.frame[name].to_numpy(), right.frame[name].to_numpy()
        if name in MONEY:
            np.testing.assert_array_equal(np.round(one * 100), np.round(other * 100), name)
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-9, err_msg=name)
    return int(left.frame.notna().to_numpy().sum())


def test_every_metric_over_months_quarters_and_years(twins: SimpleNamespace) -> None:
    metrics = list(twins.duckdb.company.metrics)
    found = [measured(dataset, metrics, SPANS) for dataset in (twins.duckdb, twins.postgres)]
    assert same(*found) > 1_500
    assert not twins.postgres.engine.connection.execute(
        "SELECT table_name FROM information_schema.tables"
    ).fetchall(), "rows were read into DuckDB"


def test_every_metric_by_a_dimension_with_missing_values(twins: SimpleNamespace) -> None:
    metrics = [name for name in twins.duckdb.company.metrics if "stock" not in name]
    metrics.remove("turnover")
    found = [
        measured(dataset, metrics, SPANS[-8:], ("kind",))
        for dataset in (twins.duckdb, twins.postgres)
    ]
    assert same(*found) > 1_000
    assert found[0].frame.index.get_level_values("kind").isna().any()


@pytest.mark.parametrize("spans", [DAYS, WEEKS], ids=["day", "week"])
def test_series_by_day_and_week(twins: SimpleNamespace, spans: Any) -> None:
    kinds = twins.duckdb.company.metrics
    metrics = [name for name, metric in kinds.items() if metric.kind != "cumulative"]
    found = [measured(dataset, metrics, spans) for dataset in (twins.duckdb, twins.postgres)]
    assert same(*found) > 1_000


def test_postgresql_agrees_with_the_rows_themselves(twins: SimpleNamespace) -> None:
    """A second derivation, of the whole and of one unit that moved, by pandas."""
    sales = twins.rows["sales"].dropna(subset=["day"])
    month = pd.to_datetime(sales["day"]).dt.strftime("%Y-%m")
    spans = {"2026-01..2026-06": ("2026-01", "2026-06"), "2026-07": ("2026-07", "2026-07")}
    values = measured(
        twins.postgres, ["revenue", "customers", "lines"], [Span.parse(text) for text in spans]
    )
    west_always = sales["unit"].isin(["蓉城", "西区"])
    west = west_always | ((sales["unit"] == "上海") & (month >= "2026-04"))
    for text, (first, last) in spans.items():
        inside = month.between(first, last)
        for unit, keep in (("all", inside), ("west", inside & west)):
            rows = sales[keep]
            span = Span.parse(text)
            cents = sum(round(amount * 100) for amount in rows["amount"].dropna())
            assert round(values.value("revenue", span, unit) * 100) == cents
            assert values.value("customers", span, unit) == rows["customer"].nunique()
            assert values.value("lines", span, unit) == len(rows)


def test_what_is_known_of_the_table_is_the_same(twins: SimpleNamespace) -> None:
    for name in twins.duckdb.company.tables:
        here, there = twins.duckdb.load(name), twins.postgres.load(name)
        for key in ("rows", "without_date", "unparsed", "excluded", "months"):
            assert getattr(here, key) == getattr(there, key), key
        period = Period.parse("2026-08")
        assert twins.duckdb.coverage(name, period) == twins.postgres.coverage(name, period)


def test_a_workbook_opens_on_it(twins: SimpleNamespace) -> None:
    workbook = opsnb.open(twins.folders["postgres"], "2026-08", "west")
    workbook.check_ready()
    assert workbook.engine_of("sales").dialect == "postgres"
    assert "DIV" not in workbook.sql("customers")
    frame = workbook.engine_of("sales").query('SELECT count(*) AS n FROM "sales"')
    assert frame["n"].tolist() == [len(twins.rows["sales"])]
    source = workbook.provenance(["revenue"])["sources"]["sales"]
    assert (
        source["path"] == twins.url.replace("${env:OPSNB_TEST_SECRET}", "***") + " measured.sales"
    )


def test_the_hash_tells_a_row_that_has_changed(
    twins: SimpleNamespace, postgres_server: Any
) -> None:
    def digest() -> str:
        return Dataset(Company(twins.folders["postgres"])).load("stock").sha256

    before = digest()
    assert before == digest()
    change = (
        "UPDATE measured.stock SET unit = 'hz' WHERE ctid = (SELECT min(ctid) FROM measured.stock)"
    )
    with postgres_server.connect() as base, base.transaction(force_rollback=True):
        base.execute(change)
        assert digest() == before, "not committed yet"
    with postgres_server.connect() as base:
        base.execute("CREATE TABLE measured.kept AS SELECT * FROM measured.stock")
        base.execute(change)
        try:
            assert digest() != before
        finally:
            base.execute("TRUNCATE measured.stock")
            base.execute("INSERT INTO measured.stock SELECT * FROM measured.kept")
            base.execute("DROP TABLE measured.kept")
    assert digest() == before, "the rows are a set"


@pytest.fixture
def odd(twins: SimpleNamespace, postgres_server: Any, write_company: Any, tmp_path: Any) -> Any:
    """Return the function that measures a relation with columns of other types."""
    with postgres_server.connect() as base:
        base.execute("DROP TABLE IF EXISTS measured.odd")
        base.execute(
            "CREATE TABLE measured.odd (day date, x numeric, f double precision, t text, n numeric)"
        )
        base.execute(
            "INSERT INTO measured.odd VALUES ('2026-10-01', 1.25, 1.5, '', 2),"
            " ('2026-10-02', 1.256, 'NaN', 'a', 2.5), ('infinity', 7, 'Infinity', 'b', NULL)"
        )

    def odd(columns: Any, metrics: Any, **more: Any) -> Dataset:
        table = {"path": None, "url": twins.url, "relation": "measured.odd", "in_place": True}
        folder = write_company(
            tmp_path / "odd",
            metrics=metrics,
            sources={"odd": table | {"columns": {"day": "date"} | columns} | more},
            data={},
        )
        return Dataset(Company(folder))

    return odd


def test_values_that_a_declared_type_does_not_hold_are_missing_and_counted(odd: Any) -> None:
    dataset = odd(
        {"x": "decimal(2)", "f": "number", "t": "text", "n": "integer"},
        {name: {"table": "odd", "measure": f"count({name})"} for name in ("x", "f", "t", "n")},
    )
    loaded = dataset.load("odd")
    # 1.256, NaN, infinity (a number), infinity (a day), 2.5
    assert (loaded.rows, loaded.unparsed, loaded.without_date) == (3, 5, 1)
    october = Span.of(Period.parse("2026-10"))
    values = dataset.measurement.values(["x", "f", "t", "n"], [october])
    assert [values.value(name, october, "all") for name in ("x", "f", "t", "n")] == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"f": "decimal(2)"}, "'f' is of type DOUBLE PRECISION, which is no decimal"),
        ({"t": "date"}, "'t' is of type TEXT, which is no date"),
        ({"x": "text"}, "'x' is of type NUMERIC, which is no text"),
        ({"xx": "number"}, "no column 'xx'.*'x'"),
    ],
)
def test_a_column_of_another_type_is_refused(odd: Any, columns: Any, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        odd(columns, {"n": {"table": "odd", "measure": "count(*)"}}).load("odd")


def test_a_metric_that_the_database_cannot_compute_is_named(odd: Any) -> None:
    dataset = odd({"t": "text"}, {"bad": {"table": "odd", "measure": "sum(t)"}})
    dataset.load("odd")
    with pytest.raises(ExpressionError, match=r"'bad' cannot be computed.*sum\(text\)"):
        dataset.measurement.values(["bad"], [Span.of(Period.parse("2026-10"))])


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"path": "odd.csv", "url": None, "relation": None}, "in_place belongs to tables of a"),
        ({"missing": ["-"]}, "key missing reads text"),
        ({"watermark": "day"}, "key watermark fetches rows"),
        ({"checks": [{"rows": "x > 0", "severity": "error"}]}, "looks at single rows"),
    ],
)
def test_settings_that_need_the_rows_are_refused(odd: Any, more: Any, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        _ = odd(
            {"x": "number"}, {"n": {"table": "odd", "measure": "count(*)"}}, **more
        ).company.tables


@pytest.mark.parametrize(("unit", "period"), [("all", "2026-08"), ("west", "2026-Q2")])
def test_a_number_is_explained_where_its_rows_are(
    twins: SimpleNamespace, unit: str, period: str
) -> None:
    """By one plain query, and by rows that add up to it: both run in the database."""
    folders = [str(twins.folders[kind]) for kind in ("duckdb", "postgres")]
    workbook = opsnb.open(twins.folders["postgres"], "2026-08", unit)
    for metric in ("revenue_kept", "customers", "hours", "margin", "usual_stock", "trailing"):
        here, there = (explain(metric, period, f, unit=unit, rows=3) for f in folders)
        tables = workbook.catalogue.tables(metric)
        value = workbook.engine_of(next(iter(tables))).query(there.sql).iloc[0, 0]
        assert there.value == pytest.approx(float(value), rel=1e-9), metric
        for one, other in zip(here.listings, there.listings, strict=True):
            assert (one.place, one.total) == (other.place, other.total)
            assert one.totals == pytest.approx(other.totals, rel=1e-9)
            assert list(other.frame) == [name for name in one.frame if name != "record"]
            assert len(one.frame) == len(other.frame)


def test_a_metric_of_two_engines_is_told_in_the_workbooks_own_words(
    twins: SimpleNamespace, tmp_path: Any
) -> None:
    """Revenue lies in PostgreSQL, the stock in a file; each is measured where it is."""
    folder = shutil.copytree(twins.folders["postgres"], tmp_path / "mixed")
    path = folder / "sources.yaml"
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    for key in ("url", "relation", "in_place"):
        del settings["tables"]["stock"][key]
    settings["tables"]["stock"]["path"] = "stock.csv"
    path.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    workbook = opsnb.open(folder, "2026-08")
    spans = [Span.of(Period.parse("2026-08"))]
    whole = workbook.values(["turnover", "revenue", "stock"], spans)
    assert same(whole, measured(twins.duckdb, ["turnover", "revenue", "stock"], spans))
    assert explain("turnover", "2026-08", str(folder), rows=1).sql == workbook.sql("turnover")
    assert workbook.sql("turnover") == opsnb.open(twins.folders["duckdb"], "2026-08").sql(
        "turnover"
    )


def test_a_query_that_takes_too_long_is_ended(odd: Any, postgres_server: Any) -> None:
    dataset = odd({}, {"n": {"table": "odd", "measure": "count(*)"}}, timeout=1)
    dataset.load("odd")
    begun = time.monotonic()
    with pytest.raises(SourceError, match="has not answered within 1 second; expected"):
        dataset.engine_of("odd").query("SELECT pg_sleep(60)")
    assert time.monotonic() - begun < 30


def test_a_relation_that_is_not_there_is_named(odd: Any) -> None:
    with pytest.raises(SourceError, match=r"no relation 'measured\.even'"):
        odd({}, {"n": {"table": "odd", "measure": "count(*)"}}, relation="measured.even").load(
            "odd"
        )
