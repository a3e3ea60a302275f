import copy
import datetime as dt
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsnb.errors import PeriodError
from opsnb.period import CALENDAR_YEAR, FiscalYear, Period

FISCAL_YEARS = st.builds(FiscalYear, st.integers(1, 12), st.sampled_from(["end", "start"]))
MONTHS = st.builds(
    lambda year, month, fiscal: Period.parse(f"{year}-{month:02d}", fiscal),
    st.integers(1900, 2100),
    st.integers(1, 12),
    FISCAL_YEARS,
)
PERIODS = st.builds(
    lambda month, kind: month if kind == "month" else getattr(month, kind),
    MONTHS,
    st.sampled_from(["month", "quarter", "half", "year"]),
)
JULY_BY_END = FiscalYear(7, "end")
APRIL_BY_START = FiscalYear(4, "start")


def names(periods):
    return [str(period) for period in periods]


@pytest.mark.parametrize(
    ("text", "kind", "start", "end", "days"),
    [
        ("2026-10", "month", (2026, 10, 1), (2026, 10, 31), 31),
        ("2024-02", "month", (2024, 2, 1), (2024, 2, 29), 29),
        ("2025-12", "month", (2025, 12, 1), (2025, 12, 31), 31),
        ("2026-Q3", "quarter", (2026, 7, 1), (2026, 9, 30), 92),
        ("2026-H1", "half", (2026, 1, 1), (2026, 6, 30), 181),
        ("2026", "year", (2026, 1, 1), (2026, 12, 31), 365),
    ],
)
def test_parse(text, kind, start, end, days):
    period = Period.parse(text)
    assert (period.kind, period.start, period.end) == (kind, dt.date(*start), dt.date(*end))
    assert period.days == days
    assert str(period) == text
    assert repr(period) == f"Period('{text}')"


@pytest.mark.parametrize(
    ("given", "right_form"),
    [
        ("202610", "2026-10"),
        (202610, "2026-10"),
        ("26-10", "2026-10"),
        ("2026/10", "2026-10"),
        ("2026-1", "2026-01"),
        ("2026年10月", "2026-10"),
        (" 2026-10", "2026-10"),
        ("2026-10\n", "2026-10"),
        ("2026Q3", "2026-Q3"),
        ("2026-q3", "2026-Q3"),
        ("2026 h2", "2026-H2"),
        (2026, "'2026'"),
        ("2026-13", "01 to 12"),
        ("2026-00", "01 to 12"),
        ("2026-Q5", "1 to 4"),
        ("2026-Q0", "1 to 4"),
        ("2026-H3", "1 to 2"),
    ],
)
def test_refused_with_the_right_form_named(given, right_form):
    with pytest.raises(PeriodError) as caught:
        Period.parse(given)
    assert right_form in caught.value.expected
    assert repr(given) in str(caught.value)


@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        "October",
        "10-2026",
        "202613",
        "2026-10-05",
        "２０２６-１０",
        2026.1,
        "0026-10",
        ["2026"],
    ],
)
def test_refused_without_a_guess_when_none_is_safe(given):
    with pytest.raises(PeriodError, match="expected 2026-10, 2026-Q3, 2026-H1 or 2026"):
        Period.parse(given)


def test_neighbours():
    october = Period.parse("2026-10")
    assert names([october.prior, october.year_ago, october.shift(3)]) == [
        "2026-09",
        "2025-10",
        "2027-01",
    ]
    assert names([october.quarter, october.half, october.year]) == ["2026-Q4", "2026-H2", "2026"]
    assert names(Period.parse("2026-01").back(3)) == ["2025-11", "2025-12", "2026-01"]
    assert names(Period.parse("2026-Q1").back(2)) == ["2025-Q4", "2026-Q1"]
    assert str(Period.parse("2026-H1").prior) == "2025-H2"
    assert str(Period.parse("2026").year_ago) == "2025"


def test_year_to_date():
    assert names(Period.parse("2026-03").ytd) == ["2026-01", "2026-02", "2026-03"]
    assert names(Period.parse("2026-Q2").ytd) == names(Period.parse("2026-H1").months)
    assert len(Period.parse("2026").ytd) == 12
    assert names(Period.parse("2026-01").ytd) == ["2026-01"]


def test_month_of_a_day():
    assert str(Period.month_of(dt.date(2026, 2, 28))) == "2026-02"


def test_fiscal_year_from_july_named_by_its_end():
    year = Period.parse("2019", JULY_BY_END)
    assert (year.start, year.end) == (dt.date(2018, 7, 1), dt.date(2019, 6, 30))
    september = Period.parse("2018-09", JULY_BY_END)
    assert (september.fiscal_year, september.fiscal_month) == (2019, 3)
    assert names([september.quarter, september.half]) == ["2019-Q1", "2019-H1"]
    assert names(september.ytd) == ["2018-07", "2018-08", "2018-09"]
    assert Period.parse("2019-Q3", JULY_BY_END).start == dt.date(2019, 1, 1)


def test_fiscal_year_from_april_named_by_its_start():
    year = Period.parse("2025", APRIL_BY_START)
    assert (year.start, year.end) == (dt.date(2025, 4, 1), dt.date(2026, 3, 31))
    march = Period.parse("2026-03", APRIL_BY_START)
    assert (march.fiscal_year, march.fiscal_month) == (2025, 12)
    assert str(march.quarter) == "2025-Q4"
    assert len(march.ytd) == 12


@pytest.mark.parametrize("year", [FiscalYear(1, "end"), FiscalYear(1, "start")])
def test_a_year_from_january_is_the_calendar_year_however_named(year):
    assert Period.parse("2026", year).start == dt.date(2026, 1, 1)


def test_fiscal_year_refused():
    with pytest.raises(PeriodError, match="1 to 12"):
        FiscalYear(13)
    with pytest.raises(PeriodError, match="end or start"):
        FiscalYear(7, "middle")


@pytest.mark.parametrize(
    ("text", "fiscal", "zh", "en"),
    [
        ("2026-10", CALENDAR_YEAR, "2026年10月", "October 2026"),
        ("2026-Q3", CALENDAR_YEAR, "2026年第三季度", "Q3 2026"),
        ("2026-H1", CALENDAR_YEAR, "2026年上半年", "H1 2026"),
        ("2026-H2", CALENDAR_YEAR, "2026年下半年", "H2 2026"),
        ("2026", CALENDAR_YEAR, "2026年", "2026"),
        ("2018-09", JULY_BY_END, "2018年9月", "September 2018"),
        ("2019-Q1", JULY_BY_END, "2019财年第一季度", "Q1 FY2019"),
        ("2019", JULY_BY_END, "2019财年", "FY2019"),
    ],
)
def test_labels(text, fiscal, zh, en):
    period = Period.parse(text, fiscal)
    assert (period.label("zh"), period.label("zh_CN"), period.label("en")) == (zh, zh, en)


def test_order_hash_and_copies():
    texts = ["2026-02", "2025-12", "2026-01"]
    assert names(sorted(map(Period.parse, texts))) == sorted(texts)
    october = Period.parse("2026-10")
    assert {october: 1}[Period.parse("2026-10")] == 1
    assert october != Period.parse("2026-10", JULY_BY_END)
    assert pickle.loads(pickle.dumps(october)) == copy.deepcopy(october) == october  # noqa: S301
    with pytest.raises(AttributeError):
        october.length = 3


@given(PERIODS)
def test_text_is_read_back(period):
    assert Period.parse(str(period), period.fiscal) == period


@given(PERIODS, st.integers(-50, 50))
def test_shifts_are_undone(period, n):
    assert period.shift(n).shift(-n) == period
    assert period.prior.shift(1) == period
    assert period.prior.end + dt.timedelta(days=1) == period.start


@given(PERIODS)
def test_year_ago_is_twelve_months_back(period):
    assert period.year_ago == period.shift(-12 // period.length)
    assert period.year_ago.start == period.start.replace(year=period.start.year - 1)


@given(MONTHS)
def test_the_parts_of_a_year_make_the_year(month):
    year = month.year
    assert [m.fiscal_month for m in year.months] == list(range(1, 13))
    assert sum(m.days for m in year.months) == year.days == (year.end - year.start).days + 1
    for part, count in (("quarter", 4), ("half", 2), ("year", 1)):
        wholes = {getattr(m, part) for m in year.months}
        assert len(wholes) == count
        assert sorted(m for whole in wholes for m in whole.months) == year.months


@given(MONTHS)
def test_a_month_is_in_exactly_one_period_of_each_kind(month):
    for part in ("quarter", "half", "year"):
        own = getattr(month, part)
        holders = [p for p in (own.prior, own, own.shift(1)) if month in p.months]
        assert holders == [own]


@given(MONTHS)
def test_a_year_is_named_by_the_calendar_year_of_its_end_or_start(month):
    year = month.year
    named_after = year.end if month.fiscal.named_by == "end" else year.start
    assert month.fiscal_year == year.fiscal_year == named_after.year


@given(MONTHS)
def test_year_to_date_runs_from_the_first_month_to_this_one(month):
    assert month.ytd == month.year.months[: month.fiscal_month]
