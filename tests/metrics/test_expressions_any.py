"""Any text, however deep or strange, is an error of ours or an allowed tree."""

import pytest
import sqlglot
from hypothesis import example, given, settings
from hypothesis import strategies as st

from opsnb.data.expressions import arithmetic, condition, measure
from opsnb.errors import ExpressionError, UnknownNameError

COLUMNS = ("amount", "cost", "status", "day", "rows", "select")
METRICS = ("revenue", "cost")


def of_measure(text):
    return measure(text, COLUMNS, "metrics.yaml, line 9")


def of_condition(text):
    return condition(text, COLUMNS, "metrics.yaml, line 9")


def of_arithmetic(text):
    return arithmetic(text, METRICS, "metrics.yaml, line 9")


@pytest.mark.parametrize("depth", [40, 300, 1900, 10_000])
@pytest.mark.parametrize(
    "shape",
    [
        lambda n: "(" * n + "sum(amount)" + ")" * n,
        lambda n: "+".join(["sum(amount)"] * n),
        lambda n: "- " * n + "sum(amount)",
        lambda n: "sum(" + "abs(" * n + "amount" + ")" * n + ")",
        lambda n: "count_if(" + "not " * n + "(amount = 1))",
        lambda n: "case when amount = 1 then " * n,
        lambda n: "[" * n,
        lambda n: "'" * n,
        lambda n: "sum(amount" + ")" * n,
        lambda n: "/*" * n,
    ],
    ids=[
        "parentheses",
        "sum",
        "minus",
        "calls",
        "not",
        "case",
        "lists",
        "quotes",
        "close",
        "slash",
    ],
)
def test_depth_is_refused_and_never_a_crash(shape, depth):
    try:
        of_measure(shape(depth))
    except ExpressionError as error:
        assert len(str(error)) < 20_000  # noqa: PT017
    else:
        assert depth == 40
    with pytest.raises((ExpressionError, UnknownNameError)):
        of_arithmetic(shape(depth))


ALLOWED = set(
    """Sum Count CountIf Avg Min Max Coalesce Nullif Abs Greatest Least If Case DateDiff Column
    Identifier Literal Boolean Null Paren Neg Add Sub Mul Div EQ NEQ GT GTE LT LTE And Or Not In
    Between Is Like Distinct Star Var""".split()  # noqa: SIM905
)
PIECES = """sum( count( avg( ( ) , * + - / ' '' " ; -- /* */ :: . amount cost status case when then
    else end and or not in is null like between distinct select from where over filter as 1 2.5 1e9
    'a' $1 ? [ ] { } -> @ # \\ % ^ | || = < > <> sum(amount) count(*) read_csv('x')"""
WORDS = st.lists(st.sampled_from(PIECES.split()), max_size=12)
TEXTS = st.text(max_size=30) | WORDS.map(" ".join) | WORDS.map("".join)


@settings(max_examples=300, deadline=None)
@given(TEXTS)
@example("sum(amount) ' -- '")
@example('sum("amount") "\'" -- x')
def test_any_text_is_an_error_of_ours_or_an_allowed_tree(text):
    for read in (of_measure, of_condition, of_arithmetic):
        try:
            tree = read(text)
        except (ExpressionError, UnknownNameError):
            continue
        assert {type(node).__name__ for node in tree.walk()} <= ALLOWED
        written = tree.sql("duckdb", identify=True)
        assert len(sqlglot.parse(written, read="duckdb")) == 1
        names = {column.name for column in tree.find_all(sqlglot.exp.Column)}
        assert names <= {*COLUMNS, *METRICS}


@given(st.text(max_size=20).filter(lambda text: "\0" not in text))
def test_a_value_in_a_filter_stays_a_value(value):
    """Whatever the text, it is one literal that means itself, in every dialect."""
    quoted = value.replace("'", "''")
    tree = of_condition(f"status = '{quoted}'")
    for dialect in ("duckdb", "postgres"):
        again = sqlglot.parse_one(tree.sql(dialect, identify=True), read=dialect)
        assert [literal.name for literal in again.find_all(sqlglot.exp.Literal)] == [value]
