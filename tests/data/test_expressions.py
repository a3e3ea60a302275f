"""Measures, filters and expressions: what is let in, and that nothing else gets through."""

import pytest
import sqlglot

from opsnb.data.expressions import AGGREGATES, arithmetic, condition, is_name, measure
from opsnb.errors import ExpressionError, UnknownNameError

COLUMNS = ("amount", "cost", "status", "day", "rows", "select")
METRICS = ("revenue", "cost")


def of_measure(text):
    return measure(text, COLUMNS, "metrics.yaml, line 9")


def of_condition(text):
    return condition(text, COLUMNS, "metrics.yaml, line 9")


def of_arithmetic(text):
    return arithmetic(text, METRICS, "metrics.yaml, line 9")


@pytest.mark.parametrize(
    "text",
    [
        "sum(amount)",
        "SUM(amount - cost)",
        "count(*)",
        "count()",
        "count(amount)",
        "count(distinct status)",
        "count_if(status = 'a' and amount > 1)",
        "avg(amount)",
        "min(amount) + max(amount)",
        "sum(amount) / nullif(count(*), 0)",
        "(((sum(amount))))",
        "-sum(amount)",
        "- - sum(amount) * 1.5",
        "sum(case when status in ('a', 'b') then amount else 0 end)",
        "sum(case when status = 'a--b' then 1 end)",
        "sum(case when status = 'a;b' then 1 end)",
        "sum(case when status = 'it''s /* no */ comment' then 1 end)",
        "sum(if(amount > 1, amount, 0))",
        "sum(coalesce(amount, 0)) + sum(ifnull(cost, 0))",
        "sum(abs(greatest(amount, least(cost, 0))))",
        "sum(date_diff('day', day, day))",
        "count_if(status like 'a%')",
        "count_if(amount between 1 and 2)",
        "count_if(amount is not null)",
        "count_if(not (amount <> 1) or amount is null)",
        'sum("amount")',
        'sum("select") + sum(rows)',
        "sum(amount)\n  + sum(cost)",
    ],
)
def test_a_measure_is_let_in(text):
    tree = of_measure(text)
    assert any(type(node) in AGGREGATES for node in tree.walk())
    for dialect in ("duckdb", "postgres"):
        assert sqlglot.parse_one(tree.sql(dialect, identify=True), read=dialect)


REFUSED = {
    "": "empty",
    "  \n ": "empty",
    "()": "",
    "amount": "is not an aggregate",
    "1": "is not an aggregate",
    "'sum(amount)'": "is not an aggregate",
    "(select 1)": "a subquery",
    "sum((select 1))": "a subquery",
    "count_if(amount in (select 1))": "a subquery",
    "exists (select 1)": "a subquery",
    "select sum(amount)": "a subquery",
    "sum(amount) from other": "",
    "from other select 1": "",
    "sum(amount) union select 1": "",
    "sum(amount) where 1 = 1": "cannot read",
    "sum(amount); drop table sales": "more than one statement",
    "sum(amount);": "a semicolon",
    ";": "",
    "sum(amount) -- all": "a comment",
    "sum(amount) /* all */": "a comment",
    "/* all */ sum(amount)": "a comment",
    "sum(/* all */ amount)": "a comment",
    "-- sum(amount)": "empty",
    "summ(amount)": "did you mean 'sum'",
    "counts(amount)": "did you mean 'count'",
    "coalesc(amount, 1)": "",
    "sum(coalesc(amount, 1))": "did you mean 'coalesce'",
    "approx_count_distinct(amount)": "unknown function 'approx_count_distinct'",
    "median(amount)": "unknown function 'median'",
    "quantile(amount, 0.5)": "unknown function 'quantile'",
    "first(amount)": "unknown function 'first'",
    "any_value(amount)": "",
    "arg_max(amount, cost)": "unknown function 'arg_max'",
    "string_agg(status)": "unknown function",
    "read_csv('x.csv')": "unknown function 'read_csv'",
    "sum(read_csv('x.csv'))": "unknown function 'read_csv'",
    "sum(getenv('HOME'))": "unknown function 'getenv'",
    "sum(random())": "unknown function 'random'",
    "sum(current_date)": "unknown function 'current_date'",
    "sum(now())": "",
    "sum(round(amount))": "unknown function 'round'",
    "sum(amount) over ()": "a window",
    "row_number() over ()": "a window",
    "sum(amount) filter (where cost > 1)": "use the key filter",
    "sum(amount) within group (order by cost)": "",
    "sum(amount order by cost)": "ORDER BY",
    "sum(amount) as x": "an alias",
    "sum(amount) x": "an alias",
    "sum(sales.amount)": "names a table",
    "sum(main.sales.amount)": "names a table",
    "sum(sum(amount))": "an aggregate stands inside another",
    "sum(amount + max(cost))": "an aggregate stands inside another",
    "*": "stands outside count",
    "sum(*)": "stands outside count",
    "count_if(*)": "stands outside count",
    "count(distinct *)": "stands outside count",
    "count(sales.*)": "",
    "count(* exclude (amount))": "EXCLUDE",
    "count(columns(*))": "",
    "sum(distinct amount)": "distinct stands outside count",
    "avg(distinct amount)": "distinct stands outside count",
    "count(distinct amount, cost)": "has not one argument",
    "count(distinct)": "has not one argument",
    "count(distinct (amount, cost))": "",
    "count(amount, cost)": "has not one argument",
    "min(amount, cost)": "has not one argument",
    "max(amount, 2)": "has not one argument",
    "sum()": "cannot read",
    "count(1)": "aggregates no column",
    "sum(1)": "aggregates no column",
    "sum(null)": "aggregates no column",
    "sum(amount) + cost": "column 'cost' stands outside the aggregate",
    "cost": "is not an aggregate",
    "sum(amount) + '5'": "stands around the aggregates",
    "sum(amount) / 'x'": "stands around the aggregates",
    "sum(amount) * 1e400": "'1e400' is not allowed",
    "sum(amount * .0.0)": "'0.0.0' is not allowed",
    "count_if(@)": "cannot read",
    "sum(amount) > 1": "stands around the aggregates",
    "coalesce(sum(amount), 0)": "stands around the aggregates",
    "case when sum(amount) > 0 then 1 end": "stands around the aggregates",
    "sum(amount) is null": "stands around the aggregates",
    "sum(amount) % 2": "",
    "sum(amount) // 2": "",
    "sum(amount) ** 2": "",
    "sum(amount::int)": "a cast",
    "sum(cast(amount as int))": "a cast",
    "sum(try_cast(amount as int))": "",
    "count_if(day > date '2026-01-01')": "a cast",
    "sum(amount + interval 1 day)": "INTERVAL",
    "[1, 2]": "a list",
    "sum([amount])": "a list",
    "sum(amount[1])": "",
    "sum({'a': 1})": "",
    "sum($1)": "a parameter",
    "sum($x)": "a parameter",
    "sum(?)": "a parameter",
    "sum(:x)": "",
    "sum(@x)": "",
    "sum(x -> x)": "",
    "count_if(amount in cost)": "IN cost",
    "count_if(amount between symmetric 2 and 1)": "",
    "count_if(status like 'a' escape 'b')": "ESCAPE",
    "count_if(status ilike 'a')": "ILIKE",
    "count_if(status ~ 'a')": "",
    "count_if(status = e'a')": "",
    "count_if(status = $$a$$)": "",
    "sum(date_diff('decade', day, day))": "date part 'DECADE'",
    "sum(amount collate nocase)": "COLLATE",
    "sum(amount": "cannot read",
    "sum(amount))": "cannot read",
    "sum amount": "",
    "show tables": "",
    "attach 'x.db'": "",
    "copy sales to 'x'": "",
    "drop table sales": "",
    "pragma version": "",
    "install httpfs": "",
    "set x = 1": "",
}


@pytest.mark.parametrize("text", REFUSED)
def test_a_measure_is_refused(text):
    with pytest.raises((ExpressionError, UnknownNameError)) as caught:
        of_measure(text)
    assert str(caught.value).startswith("metrics.yaml, line 9: ")
    assert REFUSED[text] in str(caught.value)


@pytest.mark.parametrize("text", ["sum(amuont)", "sum(Amount)", "count(distinct amoun)"])
def test_an_unknown_column_is_named_with_the_nearest(text):
    with pytest.raises(UnknownNameError, match=r"unknown column .* did you mean 'amount'"):
        of_measure(text)


@pytest.mark.parametrize(
    "text",
    [
        "status = 'delivered'",
        "status = 'x' or 1 = 1",
        "status in ('a', 'b''; drop table sales; --')",
        "day >= '2026-01-01' and amount is not null",
        "not status like 'a%'",
        "true",
    ],
)
def test_a_condition_is_let_in(text):
    tree = of_condition(text)
    for dialect in ("duckdb", "postgres"):
        assert len(sqlglot.parse(tree.sql(dialect, identify=True), read=dialect)) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sum(amount) > 1", "holds the aggregate 'SUM(amount)'"),
        ("status = 'a'; drop table sales", "more than one statement"),
        ("status = 'a' or 1 = 1 --", "a comment"),
        ("amount > all (select 1)", ""),
        ("exists (select 1)", "a subquery"),
        ('status = "a"', "unknown column 'a'"),
        ("amount > $1", "a parameter"),
        ("", "empty"),
    ],
)
def test_a_condition_is_refused(text, words):
    with pytest.raises((ExpressionError, UnknownNameError), match="line 9") as caught:
        of_condition(text)
    assert words in str(caught.value)


@pytest.mark.parametrize("text", ["revenue - cost", "revenue / (cost - 1.5)", "-revenue", "cost"])
def test_arithmetic_is_let_in(text):
    assert of_arithmetic(text).find(sqlglot.exp.Column) is not None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("revenu - cost", "did you mean 'revenue'"),
        ("sales.revenue", "unknown metric"),
        ("revenue + '5'", "not allowed"),
        ("revenue * 1e400", "not allowed"),
        ("sum(revenue)", "not allowed"),
        ("nullif(revenue, 0)", "not allowed"),
        ("revenue > cost", "not allowed"),
        ("revenue ** 2", "not allowed"),
        ("5", "names no metric"),
        ("", "empty"),
        ("revenue; cost", "semicolon"),
        ("revenue -- cost", "a comment"),
        ("(select 1)", "not allowed"),
    ],
)
def test_arithmetic_is_refused(text, words):
    with pytest.raises((ExpressionError, UnknownNameError), match="line 9") as caught:
        of_arithmetic(text)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("text", "name"), [("revenue", True), (" revenue ", True), ("sum(x)", False), ("a.b", False)]
)
def test_one_bare_word_names_a_metric(text, name):
    assert is_name(text) is name
