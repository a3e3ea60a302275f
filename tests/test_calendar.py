import datetime as dt
import hashlib
import math
import os
import subprocess
import sys
from pathlib import Path

import chinese_calendar
import holidays
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsnb import calendar
from opsnb.calendar import (
    DURING,
    POST,
    PRE,
    calendar_status,
    calendar_version,
    coverage,
    festival_dates,
    is_workday,
    regressors,
    spring_festival_share,
    time_progress,
    workday_flags,
    workdays,
)
from opsnb.errors import SettingsError, UnknownNameError
from opsnb.period import FiscalYear, Period

ONE = dt.timedelta(days=1)
YEARS = range(2012, 2027)
"""Years whose notices were published when the table was first written."""


def days_of(period):
    return [period.start + i * ONE for i in range(period.days)]


def months_of(*years):
    return [month for year in years for month in Period.parse(str(year)).months]


# --- working days


@pytest.mark.parametrize(
    ("year", "published"),
    [
        (2024, [22, 18, 21, 22, 21, 19, 23, 22, 21, 19, 21, 22]),
        (2025, [19, 19, 21, 22, 19, 20, 23, 21, 23, 18, 20, 23]),
        (2026, [21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23]),
    ],
)
def test_working_days_of_the_reference_years(year, published):
    assert [workdays(month) for month in months_of(year)] == published
    assert workdays(Period.parse(str(year))) == sum(published)


@pytest.mark.parametrize("year", YEARS)
def test_each_day_agrees_with_chinesecalendar(year):
    for day in days_of(Period.parse(str(year))):
        assert is_workday(day) == chinese_calendar.is_workday(day), day


@pytest.mark.parametrize("month", months_of(2024, 2025, 2026), ids=str)
def test_each_month_agrees_with_holidays(month):
    china = holidays.country_holidays("CN", years=month.start.year)
    assert workdays(month) == sum(china.is_working_day(day) for day in days_of(month))


@pytest.mark.parametrize("year", range(2027, 2036))
def test_a_provisional_year_takes_off_the_statutory_days(year):
    period = Period.parse(str(year))
    if calendar_status(period) == "final":
        pytest.skip("published since")
    china = holidays.country_holidays("CN", years=year)
    for month in period.months:
        assert workdays(month) == sum(china.is_working_day(day) for day in days_of(month)), month


@given(st.dates(dt.date(2010, 1, 1), dt.date(2040, 12, 31)), st.integers(0, 500))
def test_flags_days_and_counts_are_one(start, length):
    end = min(start + length * ONE, dt.date(2040, 12, 31))
    flags = workday_flags(start, end)
    assert flags.dtype == np.bool_
    assert flags.tolist() == [is_workday(start + i * ONE) for i in range(len(flags))]
    assert len(flags) == (end - start).days + 1


def test_no_days_no_flags():
    assert workday_flags(dt.date(2026, 1, 2), dt.date(2026, 1, 1)).tolist() == []


@given(st.integers(2000, 2045), st.integers(1, 12), st.sampled_from(["quarter", "half", "year"]))
def test_a_period_is_the_sum_of_its_months_and_of_its_flags(year, start, kind):
    period = getattr(Period.parse(f"{year}-06", FiscalYear(start)), kind)
    assert workdays(period) == sum(map(workdays, period.months))
    assert workdays(period) == workday_flags(period.start, period.end).sum()


# --- status


def test_published_years_are_final():
    for year in YEARS:
        assert calendar_status(Period.parse(str(year))) == "final"
    assert coverage(months_of(*YEARS)) == []


def test_a_year_not_covered_is_counted_and_named_provisional():
    period = Period.parse("2041-06")
    weekdays = sum(day.weekday() < 5 for day in days_of(period))
    assert workdays(period) == weekdays
    assert calendar_status(period) == "provisional"
    assert coverage([Period.parse("2025"), period, period.prior]) == [2041]


def test_a_fiscal_year_is_provisional_when_either_of_its_years_is(tmp_path):
    table = tmp_path / "own.csv"
    table.write_text(
        "date,kind,name,status\n2026-01-01,holiday,a,final\n2027-01-01,holiday,a,provisional\n"
    )
    july = Period.parse("2027", FiscalYear(7))
    assert coverage([july], table) == [2027]
    assert coverage([Period.parse("2028", FiscalYear(7))], table) == [2027, 2028]
    assert coverage([july.months[0]], table) == []
    assert time_progress(july.months[0], table).status == "provisional"


def test_a_festival_alone_does_not_settle_a_year(tmp_path):
    table = tmp_path / "own.csv"
    table.write_text("date,kind,name,status\n2027-02-06,festival,a,final\n")
    assert coverage([Period.parse("2027")], table) == [2027]


# --- Spring Festival


@pytest.mark.parametrize(
    ("year", "date"),
    [
        (2023, (2023, 1, 22)),
        (2024, (2024, 2, 10)),
        (2025, (2025, 1, 29)),
        (2026, (2026, 2, 17)),
        (2027, (2027, 2, 6)),
    ],
)
def test_festival_dates_of_the_reference(year, date):
    assert festival_dates()[year] == dt.date(*date)


def test_festival_dates_agree_with_holidays():
    named = holidays.country_holidays("CN", years=range(2012, 2036), language="en_US").items()
    first: dict[int, dt.date] = {}
    for day, name in sorted(named):
        if "(Spring Festival)" in name and "observed" not in name:
            first.setdefault(day.year, day)
    assert festival_dates() == first


def new_moon(k):
    """Instant of new moon `k` after 2000, days of terrestrial time (Meeus, chapter 49)."""
    t = k / 1236.85
    jde = 2451550.09766 + 29.530588861 * k + 0.00015437 * t**2
    e = 1 - 0.002516 * t
    sun, moon, latitude, node = (
        math.radians(angle)
        for angle in (
            2.5534 + 29.10535670 * k,
            201.5643 + 385.81693528 * k + 0.0107582 * t**2,
            160.7108 + 390.67050284 * k - 0.0016118 * t**2,
            124.7746 - 1.56375588 * k,
        )
    )
    terms = [
        (-0.40720, moon),
        (0.17241 * e, sun),
        (0.01608, 2 * moon),
        (0.01039, 2 * latitude),
        (0.00739 * e, moon - sun),
        (-0.00514 * e, moon + sun),
        (0.00208 * e * e, 2 * sun),
        (-0.00111, moon - 2 * latitude),
        (-0.00057, moon + 2 * latitude),
        (0.00056 * e, 2 * moon + sun),
        (-0.00042, 3 * moon),
        (0.00042 * e, sun + 2 * latitude),
        (0.00038 * e, sun - 2 * latitude),
        (-0.00024 * e, 2 * moon - sun),
        (-0.00017, node),
        (0.000325, math.radians(299.77 + 0.107408 * k - 0.009173 * t**2)),
        (0.000165, math.radians(251.88 + 0.016321 * k)),
        (0.000164, math.radians(251.83 + 26.651886 * k)),
        (0.000126, math.radians(349.42 + 36.412478 * k)),
        (0.000110, math.radians(84.66 + 18.206239 * k)),
    ]
    return jde + sum(size * math.sin(angle) for size, angle in terms)


@pytest.mark.parametrize("year", range(2012, 2036))
def test_spring_festival_is_the_day_of_a_new_moon_in_beijing(year):
    midnight_of_2000 = 2451544.5
    delta_t, beijing = 70 / 86400, 8 / 24
    moons = {
        dt.date(2000, 1, 1) + math.floor(new_moon(k) - delta_t + beijing - midnight_of_2000) * ONE
        for k in range(round((year - 2000) * 12.3685) - 3, round((year - 2000) * 12.3685) + 4)
    }
    festival = festival_dates()[year]
    assert festival in moons
    assert dt.date(year, 1, 21) <= festival <= dt.date(year, 2, 20)


@pytest.mark.parametrize(
    ("year", "window", "shares"),
    [
        (2023, DURING, (1, 0, 0)),
        (2024, DURING, (0, 1, 0)),
        (2025, DURING, (0.4286, 0.5714, 0)),
        (2026, POST, (0, 0.3571, 0.6429)),
        (2025, PRE, (1, 0, 0)),
    ],
)
def test_shares_of_the_reference(year, window, shares):
    months = months_of(year)[:3]
    assert [spring_festival_share(month, *window) for month in months] == pytest.approx(
        shares, abs=5e-5
    )


@given(st.integers(2013, 2034), st.integers(-40, 40), st.integers(0, 60))
def test_the_shares_of_a_window_sum_to_one(year, start, length):
    festival = festival_dates()[year] + start * ONE
    first, last = Period.month_of(festival), Period.month_of(festival + length * ONE)
    months = last.back(last.first - first.first + 1)
    total = sum(spring_festival_share(month, start, start + length) for month in months)
    assert total == pytest.approx(1)


@given(st.integers(2013, 2034), st.integers(-30, 30), st.integers(0, 40))
def test_a_share_counts_days(year, start, length):
    period = Period.parse(f"{year}-02")
    window = [festival_dates()[year] + i * ONE for i in range(start, start + length + 1)]
    inside = sum(day in days_of(period) for day in window)
    assert spring_festival_share(period, start, start + length) == inside / len(window)


def test_a_window_that_ends_before_it_starts_is_refused():
    with pytest.raises(ValueError, match="ends"):
        spring_festival_share(Period.parse("2026-02"), 6, 0)


def test_regressors():
    frame = regressors([*Period.parse("2025-02").back(2), Period.parse("2026-03")])
    expected = pd.DataFrame(
        {
            "workdays": [19, 19, 22],
            "pre": [1.0, 0.0, 0.0],
            "during": [3 / 7, 4 / 7, 0.0],
            "post": [0.0, 1.0, 9 / 14],
        },
        index=pd.Index(["2025-01", "2025-02", "2026-03"], name="period", dtype="str"),
    )
    pd.testing.assert_frame_equal(frame, expected)


def test_regressors_of_nothing_keep_their_columns_and_types():
    frame = regressors([])
    assert frame.dtypes.astype(str).to_dict() == {
        "workdays": "int64",
        "pre": "float64",
        "during": "float64",
        "post": "float64",
    }


# --- time progress


def test_time_progress_of_the_reference():
    progress = time_progress(Period.parse("2025-09"))
    assert (progress.days, progress.days_total) == (273, 365)
    assert (progress.workdays, progress.workdays_total) == (187, 248)
    assert progress.calendar_share == pytest.approx(0.7479, abs=5e-5)
    assert progress.workday_share == pytest.approx(0.7540, abs=5e-5)
    assert progress.status == "final"


def test_time_progress_of_a_fiscal_year():
    progress = time_progress(Period.parse("2025-Q2", FiscalYear(7)))
    assert (progress.days, progress.days_total) == (31 + 31 + 30 + 31 + 30 + 31, 365)
    assert progress.workdays == 23 + 22 + 21 + 19 + 21 + 22
    assert progress.workdays_total == progress.workdays + 19 + 19 + 21 + 22 + 19 + 20


@given(st.integers(2012, 2040), st.integers(1, 12))
def test_a_year_has_passed_at_its_end(year, start):
    progress = time_progress(Period.parse(str(year), FiscalYear(start)).months[-1])
    assert progress.calendar_share == progress.workday_share == 1


# --- other calendars


@given(st.integers(1900, 2100), st.integers(1, 12))
def test_none_is_monday_to_friday(year, month):
    period = Period.parse(f"{year}-{month:02d}")
    assert workdays(period, "none") == np.busday_count(period.start, period.end + ONE)
    assert calendar_status(period, "none") == "final"
    assert spring_festival_share(period, *DURING, "none") == 0


def test_an_unknown_name_names_the_nearest():
    with pytest.raises(UnknownNameError, match="known: none, cn; did you mean 'cn'"):
        workdays(Period.parse("2026-02"), "cnn")


@pytest.mark.parametrize("as_path", [str, Path])
def test_a_company_own_table(tmp_path, as_path):
    table = tmp_path / "plant.csv"
    table.write_text(
        "# summer shutdown\ndate,kind,name,status\n2026-08-03,holiday,Shutdown,final\n\n"
        "2026-08-01,workday,Make-up,final\n2026-08-02,holiday,Sunday,final\n",
        encoding="utf-8",
    )
    august = Period.parse("2026-08")
    assert workdays(august, as_path(table)) == workdays(august, "none") - 1 + 1
    assert is_workday(dt.date(2026, 8, 1), as_path(table))
    assert not is_workday(dt.date(2026, 8, 3), as_path(table))
    assert festival_dates(as_path(table)) == {}


def test_a_table_saved_anew_is_read_anew(tmp_path):
    table, august = tmp_path / "plant.csv", Period.parse("2026-08")
    table.write_text("date,kind,name,status\n2026-08-03,holiday,a,final\n")
    before = workdays(august, table), calendar_version(table)
    table.write_text(
        "date,kind,name,status\n2026-08-03,holiday,a,final\n2026-08-04,holiday,a,final\n"
    )
    os.utime(table, (2_000_000_000, 2_000_000_000))
    after = workdays(august, table), calendar_version(table)
    assert after[0] == before[0] - 1
    assert after[1] != before[1]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_table_saved_by_a_spreadsheet(tmp_path, encoding):
    table = tmp_path / "own.csv"
    lines = [
        "date,kind,name,status,",
        "2026/2/17,festival,春节,final,",
        "2026/2/17,holiday,春节,final,",
        "",
    ]
    table.write_bytes("\r\n".join(lines).encode(encoding))
    assert festival_dates(table) == {2026: dt.date(2026, 2, 17)}
    assert not is_workday(dt.date(2026, 2, 17), table)


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("2026-02-30,holiday,a,final", "2026-02-30"),
        ("17.02.2026,holiday,a,final", "17.02.2026"),
        (",holiday,a,final", "a day such as 2026-02-17"),
        ("2026-02-17,holidays,a,final", "did you mean 'holiday'"),
        ("2026-02-17,holiday,a,finl", "did you mean 'final'"),
        ("2026-02-17,holiday,a", "3 cells; expected 4"),
        ("2026-02-17,holiday,a,final,b", "5 cells; expected 4"),
        ("2026-02-17,workday,a,final", "is a weekday"),
        (
            "2026-01-01,holiday,a,final",
            "2026-01-01 a second time; expected one row; the first is line 2",
        ),
        ("2026-01-24,festival,a,final", "a second festival in 2026"),
    ],
)
def test_a_row_that_does_not_hold_is_named_with_file_and_line(tmp_path, row, fault):
    table = tmp_path / "own.csv"
    table.write_text(
        f"date,kind,name,status\n2026-01-01,holiday,a,final\n2026-02-17,festival,a,final\n{row}\n"
    )
    with pytest.raises(SettingsError) as caught:
        workdays(Period.parse("2026-02"), table)
    assert caught.value.where == f"{table}:4"
    assert fault in str(caught.value)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "is empty"),
        (b"\n# nothing\n", "is empty"),
        (b"date,kind,name\n", "no column 'status'"),
        (b"\xff\xff\xff\xff", "encoding"),
    ],
)
def test_a_file_that_is_no_table(tmp_path, content, fault):
    table = tmp_path / "own.csv"
    table.write_bytes(content)
    with pytest.raises(SettingsError, match=fault) as caught:
        workdays(Period.parse("2026-02"), table)
    assert str(table) in caught.value.where


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SettingsError, match="no such calendar table"):
        workdays(Period.parse("2026-02"), tmp_path / "absent.csv")


# --- the shipped table itself


def shipped_rows():
    return pd.read_csv(calendar.SHIPPED / "cn.csv", parse_dates=["date"])


def test_the_shipped_table_lists_weekend_holidays_in_order():
    rows = shipped_rows()
    assert list(rows.columns) == ["date", "kind", "name", "status"]
    assert rows["date"].is_monotonic_increasing
    listed = set(rows.loc[rows["kind"] == "holiday", "date"].dt.date)
    for year in YEARS:
        known = chinese_calendar.get_holidays(dt.date(year, 1, 1), dt.date(year, 12, 31), False)
        assert set(known) <= listed
        fixed = [(1, 1), (5, 1), (10, 1), (10, 2), (10, 3)]
        assert {dt.date(year, *day) for day in fixed} <= listed
        assert {festival_dates()[year] + i * ONE for i in range(3)} <= listed


EXTRA_DAYS = {
    2012: 1,  # a make-up day of its New Year was worked on 2011-12-31
    2015: 1,  # 3 September, the 70th anniversary
    2020: 2,  # Spring Festival was extended: 31 January off, 1 February not made up
}


@pytest.mark.parametrize("year", YEARS)
def test_a_year_takes_off_its_statutory_days(year):
    period = Period.parse(str(year))
    statutory = 13 if year >= 2025 else 11
    assert workdays(period, "none") - workdays(period) == statutory + EXTRA_DAYS.get(year, 0)


def test_version_is_the_digest_of_the_table():
    content = (calendar.SHIPPED / "cn.csv").read_bytes()
    assert calendar_version("cn") == hashlib.sha256(content).hexdigest()[:12]
    assert calendar_version("none") == "none"


def test_import_brings_neither_numpy_nor_pandas():
    code = "import opsnb.calendar, sys; print({'numpy', 'pandas'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=Path.cwd()
    )
    assert done.stdout.strip() == "set()"
