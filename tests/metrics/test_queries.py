"""Queries: one a table, readable in two dialects, and nobody's text is ever SQL."""

import pytest
import sqlglot
from sqlglot import exp

from opsnb.errors import ExpressionError
from opsnb.metrics.spans import Span
from opsnb.period import Period

OCTOBER = Period.parse("2026-10")
SPANS = [Span.of(OCTOBER), Span.of(OCTOBER.prior), Span.to_date(OCTOBER)]
NASTY = ["'; DROP TABLE sales; --", "o'brien", 'say "x"', "\\'", "a--b/*c*/", "{x}", "%s", "$1"]


def simple(measure, table="sales", **more):
    return {"table": table, "measure": measure} | more


def test_one_query_a_table_for_a_whole_scorecard(demonstration):
    """All metrics, all units, all spans and the history of three years."""
    import opsnb
    from opsnb.analyses import scorecard

    workbook = opsnb.open(demonstration, "2026-10")
    asked = []
    ask = workbook.engine.query
    workbook.engine.query = lambda sql: asked.append(sql) or ask(sql)

    def tables(queries):
        names = workbook.company.tables
        return sorted(
            table.name
            for sql in queries
            for table in sqlglot.parse_one(sql, read="duckdb").find_all(exp.Table)
            if table.name in names and table.find_ancestor(exp.CTE, exp.Subquery)
        )

    metrics = list(workbook.company.metrics)
    months = OCTOBER.back(36)
    workbook.values(metrics, [*SPANS, *months])
    assert tables(asked) == sorted(workbook.company.tables)
    assert all("spans" in sql for sql in asked)
    asked.clear()
    workbook.values(metrics[:3], [*SPANS, *months])
    assert asked == []

    scorecard(workbook)
    once = len(asked)
    assert once <= 3 * len(workbook.company.tables)
    asked.clear()
    for unit in workbook.units.children("all"):
        scorecard(workbook.for_unit(unit))
    # How much of a declared check concerns a unit is asked for each; no metric is measured again.
    measured = [sql for sql in asked if "spans" in sql]
    assert measured == [], "what was measured for all units is asked again"


def test_the_number_of_queries_knows_neither_metrics_nor_spans(measure, tmp_path):
    made = measure(
        tmp_path,
        metrics={f"m{i}": simple(f"sum(a) + count(distinct b) * {i}") for i in range(20)}
        | {"other": simple("count(*)", "costs")},
        sources={
            name: {"columns": {"day": "date", "a": "integer", "b": "text"}}
            for name in ("sales", "costs")
        },
        data={"sales": "day,a,b\n2026-10-01,1,x\n", "costs": "day,a,b\n2026-10-01,1,x\n"},
    )
    for spans in (SPANS[:1], SPANS, [Span.of(month) for month in OCTOBER.back(60)]):
        for metrics in (["m1", "other"], [f"m{i}" for i in range(20)] + ["other"]):
            made.engine.asked.clear()
            made.values(metrics, spans)
            assert len(made.engine.asked) == 2


@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
def test_every_query_of_the_demonstration_is_one_select_with_quoted_names(demonstration, dialect):
    import opsnb

    workbook = opsnb.open(demonstration, "2026-10")
    for table, definition in workbook.company.tables.items():
        metrics = [m for m in workbook.company.metrics if table in workbook.catalogue.tables(m)]
        by = definition.dimensions[:2]
        query = workbook._shared.measurement.query(table, metrics, SPANS, by)
        text = query.sql(dialect)
        statements = sqlglot.parse(text, read=dialect)
        assert len(statements) == 1
        assert isinstance(statements[0], exp.Select)
        for identifier in statements[0].find_all(exp.Identifier):
            assert identifier.quoted, identifier
        names = {t.name for t in statements[0].find_all(exp.Table)}
        ctes = {cte.alias for cte in statements[0].find_all(exp.CTE)}
        assert names - ctes == {table}


@pytest.mark.parametrize(
    "names",
    [
        ("scan", "span", "unit", "rows", "month"),
        ("units", "leaf", "unit", "v0", "v1"),
        ("cells", "is_last", "select", "value", "last"),
        ("t", "asked", "order", "first", "group"),
        ("s", "t", "s", "b", "scan"),
        ("spans", "span", "leaf", "span_", "units"),
        ("ranges", "day", "table", "d0", "d0_values"),
        ("Order", "Day", "Unit", "Amount", "Kind"),
    ],
)
def test_names_of_the_query_itself_are_free_for_tables_and_columns(measure, tmp_path, names):
    """The same numbers as under ordinary names."""
    rows = [("2026-09-10", "n", 1, "x"), ("2026-10-01", "n", 2, "y"), ("2026-10-31", "s", 4, "y")]
    found = []
    for table, day, unit, amount, kind in [("sales", "day", "region", "amount", "kind"), names]:
        columns = {day: "date", unit: "text", amount: "integer", kind: "text"}
        made = measure(
            tmp_path / table,
            metrics={
                "total": simple(f'sum("{amount}")', table, filter=f"\"{kind}\" <> 'q'"),
                "kinds": simple(f'count(distinct "{kind}")', table),
                "stock": simple(f'sum("{amount}")', table, over_time="last"),
                "trail": {"kind": "cumulative", "metric": "kinds", "window": 2},
            },
            sources={
                table: {"date": day, "unit": unit, "columns": columns, "dimensions": [kind, unit]}
            },
            data={
                table: ",".join(columns)
                + "\n"
                + "".join(f"{a},{b},{c},{d}\n" for a, b, c, d in rows)
            },
            ledgers={"units": "unit,label\nn,N\ns,S\n"},
        )
        values = made.values(["total", "kinds", "stock", "trail"], SPANS)
        split = made.values(["total", "stock", "kinds"], SPANS, by=(kind, unit))
        found.append([frame.to_numpy().tolist() for frame in (values.frame, split.frame)])
        found[-1].append([list(index)[2:] for index in split.frame.index])
        whole = values.value("total", SPANS[0], "all"), values.value("trail", SPANS[0], "all")
        assert whole == (6, 2)
    assert str(found[0]) == str(found[1])


def test_text_in_the_data_is_never_sql(measure, tmp_path):
    """Units that are none, and values that a filter names, whatever stands in them."""
    quoted = ["'" + text.replace("'", "''") + "'" for text in NASTY]
    made = measure(
        tmp_path,
        metrics={f"m{i}": simple("count(*)", filter=f"kind = {q}") for i, q in enumerate(quoted)}
        | {
            "any": simple("count(*)", filter=f"kind in ({', '.join(quoted)})"),
            "case": simple(f"sum(case when kind = {quoted[0]} then 5 else 0 * a end)"),
        },
        sources={
            "sales": {
                "unit": "unit",
                "dimensions": ["kind"],
                "columns": {"day": "date", "unit": "text", "kind": "text", "a": "integer"},
            }
        },
        data={
            "sales": "day,unit,kind,a\n"
            + "".join(
                "2026-10-01,{0},{0},1\n".format('"' + text.replace('"', '""') + '"')
                for text in NASTY
            )
        },
    )
    values = made.values([f"m{i}" for i in range(len(NASTY))] + ["any", "case"], SPANS[:1])
    assert [values.value(f"m{i}", SPANS[0], "all") for i in range(len(NASTY))] == [1] * len(NASTY)
    assert values.value("any", SPANS[0], "all") == len(NASTY)
    assert values.value("case", SPANS[0], "all") == 5
    split = made.values(["any"], SPANS[:1], by=("kind",)).frame
    assert sorted(split.index.get_level_values("kind")) == sorted(NASTY)
    for dialect in ("duckdb", "postgres"):
        text = made.query("sales", ["any", "case"], SPANS).sql(dialect)
        tree = sqlglot.parse(text, read=dialect)
        assert len(tree) == 1
        assert set(NASTY) <= {literal.name for literal in tree[0].find_all(exp.Literal)}


@pytest.mark.parametrize(
    ("metric", "words"),
    [
        (simple("sum(kind)"), "sum(VARCHAR)"),
        (simple("max(kind)"), "it is no number"),
        (simple("max(day)"), "it is no number"),
        (simple("sum(a)", filter="kind"), ""),
        (simple("count_if(a > 'x')"), ""),
        (simple("avg(day)"), ""),
        (simple("sum(date_diff('day', kind, day))"), ""),
        (
            {"kind": "ratio", "table": "sales", "numerator": "sum(a)", "denominator": "sum(kind)"},
            "",
        ),
    ],
)
def test_a_metric_that_the_engine_cannot_compute_is_named(measure, tmp_path, metric, words):
    """Among others that it can; with the line of its key."""
    made = measure(
        tmp_path,
        metrics={"good": simple("sum(a)"), "bad": metric, "fine": simple("count(*)")},
        sources={"sales": {"columns": {"day": "date", "kind": "text", "a": "integer"}}},
        data={"sales": "day,kind,a\n2026-10-01,x,1\n"},
    )
    with pytest.raises(ExpressionError, match="metric 'bad' cannot be computed") as caught:
        made.values(["good", "bad", "fine"], SPANS)
    text = (tmp_path / "metrics.yaml").read_text().splitlines()
    key = "denominator" if "denominator" in metric else "measure"
    lines = [i for i, line in enumerate(text, 1) if f'"{key}"' in line]
    assert str(caught.value).startswith(
        f"metrics.yaml, line {lines[-2 if key == 'measure' else -1]}: "
    )
    assert words in str(caught.value)
    assert made.values(["good", "fine"], SPANS).value("good", SPANS[0], "all") == 1


def test_rows_are_counted_by_unit(measure, tmp_path):
    made = measure(
        tmp_path,
        metrics={"n": simple("count(*)")},
        sources={"sales": {"unit": "unit", "columns": {"day": "date", "unit": "text"}}},
        data={"sales": "day,unit\n2026-10-01,n\n2026-10-31,x\n2026-11-01,n\n,n\n"},
        ledgers={"units": "unit,label\nn,N\ns,S\n"},
    )
    assert made.rows("sales", SPANS[0]) == {"all": 2, "n": 1}


def test_the_query_of_a_table_runs_by_itself(measure, tmp_path):
    made = measure(
        tmp_path,
        metrics={"n": simple("sum(a)"), "m": {"kind": "derived", "expression": "n * 2"}},
        sources={"sales": {"columns": {"day": "date", "a": "integer"}}},
        data={"sales": "day,a\n2026-10-01,3\n2026-10-31,4\n2026-11-01,5\n"},
    )
    query = made.query("sales", ["m"], [Span.of(OCTOBER)])
    frame = made.engine.query(query.sql("duckdb", pretty=True))
    assert frame["unit"].tolist() == ["all"]
    assert 7 in frame.iloc[0].tolist()
