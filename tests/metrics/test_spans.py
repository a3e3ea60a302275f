"""Spans: months as one, as text and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsnb.metrics.spans import Span
from opsnb.period import FiscalYear, Period

ORDINALS = st.integers(12 * 1001, 12 * 2996)


@given(ORDINALS, st.integers(0, 40))
def test_a_span_comes_back_from_its_text(first, more):
    span = Span(first, first + more)
    assert Span.parse(str(span)) == span
    assert span.year_ago == Span(first - 12, first + more - 12)
    assert Span.trailing(span.last, more + 1) == span


@pytest.mark.parametrize(
    ("text", "within", "expected"),
    [
        ("2026-03", "year", "2026-01..2026-03"),
        ("2026-01", "year", "2026-01"),
        ("2026-05", "quarter", "2026-04..2026-05"),
        ("2026-08", "half", "2026-07..2026-08"),
    ],
)
def test_to_date_starts_with_what_encloses_the_month(text, within, expected):
    assert str(Span.to_date(Period.parse(text), within)) == expected


def test_the_year_to_date_is_the_fiscal_one():
    july = FiscalYear(7, "end")
    assert str(Span.to_date(Period.parse("2026-03", july))) == "2025-07..2026-03"
    assert str(Span.of(Period.parse("2026-Q1", july))) == "2025-07..2025-09"
