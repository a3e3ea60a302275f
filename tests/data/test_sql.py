"""Differences of dates as other engines are told to compute them, held against DuckDB's own."""

import datetime as dt

import duckdb
import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st

from opsnb.data.expressions import DATE_PARTS
from opsnb.data.sql import day_of, portable, week_of

moments = st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2060, 12, 31))


@pytest.mark.parametrize("part", DATE_PARTS)
@given(pair=st.tuples(moments, moments))
def test_a_portable_difference_is_duckdbs(part, pair):
    first, last = (moment.replace(microsecond=0) for moment in pair)
    text = f"date_diff('{part}', TIMESTAMP '{first}', TIMESTAMP '{last}')"
    other = portable(sqlglot.parse_one(text, read="duckdb")).sql("duckdb")
    own, ours = duckdb.execute(f"SELECT {text}, {other}").fetchall()[0]
    assert own == ours


@given(day=st.dates(dt.date(1000, 1, 1), dt.date(2999, 12, 31)))
def test_ordinals_are_pythons(day):
    date = sqlglot.parse_one(f"DATE '{day}'", read="duckdb")
    sql = f"SELECT {day_of(date).sql('duckdb')}, {week_of(date).sql('duckdb')}"
    assert duckdb.execute(sql).fetchall() == [(day.toordinal(), (day.toordinal() - 1) // 7)]
