"""Each kind of check: where it holds, where it does not, where it cannot be judged.

What is found is held against the same question asked of the rows in pandas.
"""

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from opsnb.company import Table
from opsnb.company.checks import KINDS, ROW_KINDS, Check
from opsnb.data.engine import DuckDB
from opsnb.data.gate import Subject, judge, run_check
from opsnb.errors import ExpressionError, SettingsError, UnknownNameError
from opsnb.period import Period

OCTOBER = Period.parse("2026-10")
UNITS = ["east", "west"]
COLUMNS = {
    "day": "date", "unit": "text", "name": "text", "line": "integer", "x": "decimal(2)",
    "growth": "number",
}  # fmt: skip
KINDS_IN_SQL = {
    "day": "DATE", "unit": "VARCHAR", "name": "VARCHAR", "x": "DECIMAL(18, 2)", "growth": "DOUBLE",
}  # fmt: skip


@pytest.fixture
def engine():
    made = DuckDB()
    yield made
    made.close()


def rows(months=24, last="2026-10", seed=0):
    """Two rows a month, unit and name, of amounts that all differ."""
    rng = np.random.default_rng(seed)
    starts = pd.date_range(end=f"{last}-01", periods=months, freq="MS")
    days = [start + pd.Timedelta(days=d) for start in starts for d in (3, 17)]
    frame = pd.DataFrame(
        [(d, u, n) for d in days for u in UNITS for n in ("a", "b")],
        columns=["day", "unit", "name"],
    )
    frame["line"] = range(len(frame))
    frame["x"] = (100 * rng.lognormal(0, 0.05, len(frame))).round(2)
    frame["growth"] = np.nan
    return frame


@pytest.fixture
def found(engine):
    """What a check finds in rows, in October 2026."""

    def found(frame, check, columns=COLUMNS, **more):
        table = Table(
            path="t.csv", label="T", owner="部", columns=columns,
            **({"date": "day", "unit": "unit"} | more),
        )  # fmt: skip
        frame = frame.assign(_record=np.arange(2, len(frame) + 2), _file=0, _unparsed=0)
        engine.connection.register("given", frame)
        casts = ", ".join(f'CAST("{c}" AS {KINDS_IN_SQL.get(c, "BIGINT")}) AS "{c}"' for c in frame)
        engine.connection.execute(f"CREATE OR REPLACE TABLE t AS SELECT {casts} FROM given")  # noqa: S608
        engine.connection.unregister("given")
        subject = Subject("t", table, tuple(frame.columns), OCTOBER, "sources.yaml", ("t.csv",))
        declared = Check.model_validate(check)
        return judge(subject, declared, run_check(engine, subject, declared))

    return found


def in_october(frame):
    return frame["day"].dt.strftime("%Y-%m") == "2026-10"


def doubled(frame, many=5):
    """Rows with some of October's, and one of September's, standing twice."""
    again = [*frame[in_october(frame)].index[:many], frame[~in_october(frame)].index[-1]]
    return pd.concat([frame, frame.loc[again]], ignore_index=True)


def test_unique(found):
    frame = doubled(rows())
    alert = found(frame, {"unique": ["line"]})
    repeats = frame.duplicated(["line"])
    assert alert.count == (repeats & in_october(frame)).sum() == 5
    assert alert.total == repeats.sum() == 6
    assert alert.units == tuple(sorted(frame.loc[repeats & in_october(frame), "unit"].unique()))
    first = (repeats & in_october(frame)).idxmax()
    assert alert.evidence == {"file": "t.csv", "row": first + 2}
    assert alert.examples[0] == f"t.csv, row {first + 2}"
    assert len(alert.examples) == 3
    assert (alert.kind, alert.table, alert.severity, alert.owner) == (
        "unique",
        "t",
        "warning",
        "部",
    )


def test_unique_holds_and_other_months_are_not_this_one(found):
    assert found(rows(), {"unique": ["line"]}) is None
    frame = rows()
    before = pd.concat([frame, frame[~in_october(frame)].tail(3)], ignore_index=True)
    assert found(before, {"unique": ["line"]}) is None


def test_unique_does_not_judge_a_key_that_is_not_whole(found):
    frame = rows().assign(name=None)
    assert found(pd.concat([frame, frame], ignore_index=True), {"unique": ["line", "name"]}) is None
    assert found(pd.concat([frame, frame], ignore_index=True), {"unique": ["line"]}) is not None


@pytest.mark.parametrize("limits", [{"min": 95}, {"max": 104}, {"min": 95, "max": 104}])
def test_range(found, limits):
    frame = rows()
    alert = found(frame, {"range": {"column": "x", **limits}})
    outside = ~frame["x"].between(limits.get("min", -np.inf), limits.get("max", np.inf))
    assert alert.count == (outside & in_october(frame)).sum() > 0
    assert alert.total == outside.sum()


def test_range_holds_with_its_ends_and_a_missing_value_is_not_judged(found):
    frame = rows()
    limits = {"min": frame["x"].min(), "max": frame["x"].max()}
    assert found(frame, {"range": {"column": "x", **limits}}) is None
    frame.loc[in_october(frame), "x"] = np.nan
    assert found(frame, {"range": {"column": "x", "min": 1e9}}) is None


def test_rows(found):
    frame = rows()
    frame.loc[in_october(frame) & (frame["name"] == "a"), "x"] = np.nan
    alert = found(frame, {"rows": "name = 'b' or x > 100"})
    assert alert is None  # a null answer, or true
    alert = found(frame, {"rows": "x > 100"})
    assert alert.count == ((frame["x"] <= 100) & in_october(frame)).sum() > 0
    assert found(frame, {"rows": "x > 0"}) is None


def test_refers(found, engine):
    frame = rows()
    engine.connection.execute("CREATE TABLE names AS SELECT * FROM (VALUES ('a'), (NULL)) v(key)")
    check = {"refers": {"column": "name", "table": "names", "key": "key"}}
    alert = found(frame, check)
    assert alert.count == ((frame["name"] == "b") & in_october(frame)).sum() > 0
    assert found(frame.assign(name="a"), check) is None
    assert found(frame.assign(name=None), check) is None


def groups(frame, unit="unit"):
    month = frame["day"].dt.strftime("%Y-%m").rename("month")
    return frame.pivot_table(index=[month, unit], columns="name", values="x", aggfunc="sum")


TOTALS = {"column": "x", "left": "name = 'a'", "right": "name = 'b'"}


@pytest.mark.parametrize("tolerance", [0, 5, 1000])
def test_totals(found, tolerance):
    frame = rows()
    alert = found(frame, {"totals": TOTALS | {"tolerance": tolerance}})
    sums = groups(frame)
    apart = (sums["a"] - sums["b"]).abs() > tolerance
    now = apart.loc["2026-10"]
    assert (alert is None) == (not now.any())
    if alert:
        assert (alert.count, alert.total) == (now.sum(), apart.sum())
        assert alert.units == tuple(now[now].index)
        a, b = sums.loc["2026-10"].loc[alert.units[0]]
        assert alert.examples[0] == f"{a:,.2f} / {b:,.2f}"


def test_totals_by_a_column_and_rounding_at_the_tolerance(found):
    frame = rows()
    halves = pd.concat([frame.assign(name="whole"), frame.assign(x=frame["x"] - 0.01)])
    sides = {"column": "x", "left": "name = 'whole'", "right": "name <> 'whole'", "by": ["line"]}
    assert found(halves, {"totals": sides | {"tolerance": 0.01}}) is None
    alert = found(halves, {"totals": sides | {"tolerance": 0.009}})
    assert alert.count == in_october(frame).sum()


def test_totals_with_one_side_only_are_not_judged(found):
    frame = rows()
    assert found(frame[frame["name"] == "a"], {"totals": TOTALS}) is None


def test_equal(found):
    frame = rows().sort_values(["name", "day"], ignore_index=True)
    east = in_october(frame) & (frame["unit"] == "east")
    frame.loc[east & (frame["name"] == "b"), "x"] = frame.loc[
        east & (frame["name"] == "a"), "x"
    ].to_numpy()
    alert = found(frame, {"equal": TOTALS})
    sums = groups(frame)
    assert (sums["a"] - sums["b"]).abs().lt(1e-6).sum() == 1
    assert (alert.count, alert.units) == (1, ("east",))
    assert found(rows(), {"equal": TOTALS}) is None


def test_one_equal_pair_among_several_is_chance(found):
    frame = rows().sort_values(["name", "day"], ignore_index=True)
    for day in (4, 18):
        at = in_october(frame) & (frame["unit"] == "east") & (frame["day"].dt.day == day)
        frame.loc[at, "x"] = 50
        alert = found(frame, {"equal": TOTALS | {"by": ["day"]}})
        assert (alert is None) == (day == 4)  # with the second day all of the month is equal
    assert found(frame.assign(x=0), {"equal": TOTALS | {"by": ["day"]}}) is None


def test_stale(found):
    frame = rows()
    check = {"stale": {"columns": ["x"], "by": ["name"]}}
    assert found(frame, check) is None
    west = frame["unit"] == "west"
    september = frame["day"].dt.strftime("%Y-%m") == "2026-09"
    frame.loc[in_october(frame) & west, "x"] = frame.loc[september & west, "x"].to_numpy()
    alert = found(frame, check)
    assert (alert.count, alert.units, alert.examples) == (1, ("west",), ("= 2026-09",))
    frame.loc[frame.index[in_october(frame) & west][0], "x"] += 0.01
    assert found(frame, check) is None


def test_stale_does_not_judge_what_is_zero_or_came_for_the_first_time(found):
    check = {"stale": {"columns": ["x"]}}
    assert found(rows().assign(x=0), check) is None
    assert found(rows(months=1), check) is None
    quarters = rows()[lambda f: f["day"].dt.month.isin([1, 4, 7, 10])].assign(x=7)
    assert found(quarters, check) is None  # nothing in September
    assert found(quarters, check, every="quarter").units == tuple(UNITS)


@pytest.mark.parametrize("off", [0.0, 0.4, 0.6, -3.0])
def test_growth(found, off):
    frame = rows()
    sums = frame.groupby([frame["day"].dt.to_period("M"), "unit"])["x"].sum()
    grown = 100 * (sums / sums.groupby("unit").shift(12) - 1)
    frame["growth"] = [
        grown[month, unit] + off * (month == pd.Period("2026-10") and unit == "west")
        for month, unit in zip(frame["day"].dt.to_period("M"), frame["unit"], strict=True)
    ]
    alert = found(frame, {"growth": {"value": "x", "published": "growth"}})
    if abs(off) <= 0.5:
        assert alert is None
    else:
        told, real = grown["2026-10", "west"] + off, grown["2026-10", "west"]
        assert (alert.count, alert.units) == (1, ("west",))
        assert alert.examples == (f"{told:.1f} % / {real:.1f} %",)
        assert alert.evidence["compared"] == grown.notna().sum()


def test_growth_without_a_base_is_not_judged(found):
    frame = rows(months=12).assign(growth=99.0)
    assert found(frame, {"growth": {"value": "x", "published": "growth"}}) is None
    zero = rows().assign(growth=99.0)
    zero.loc[zero["day"] < "2026-01-01", "x"] = 0
    assert found(zero, {"growth": {"value": "x", "published": "growth"}}) is None


@pytest.mark.parametrize("times", [1.0, 10.0, 0.1])
def test_jump(found, times):
    frame = rows()
    west = frame["unit"] == "west"
    frame.loc[in_october(frame) & west, "x"] = (frame["x"] * times).round(2)
    alert = found(frame, {"jump": {"column": "x"}})
    sums = frame[west].groupby(frame["day"].dt.to_period("M"))["x"].sum()
    moves = np.log(sums).diff().dropna()
    beyond = abs(moves.iloc[-1]) > 8 * moves.iloc[:-1].abs().median()
    assert (alert is not None) == beyond == (times != 1.0)
    if alert:
        assert alert.units == ("west",)
        assert alert.examples == (f"{sums.iloc[-1] / sums.iloc[-2] - 1:+.0%}",)


def test_jump_needs_a_history(found):
    frame = rows(months=6)
    frame.loc[in_october(frame), "x"] *= 100
    assert found(frame, {"jump": {"column": "x"}}) is None


def test_rows_without_a_unit_are_alerted_without_one(found):
    frame = doubled(rows()).assign(unit=None)
    assert found(frame, {"unique": ["line"]}).units == ()
    assert found(doubled(rows()), {"unique": ["line"]}, unit=None).units == ()


def test_a_table_without_dates_is_judged_whole(found):
    frame = doubled(rows())
    alert = found(frame, {"unique": ["line"]}, date=None, unit=None)
    assert alert.count == alert.total == frame.duplicated(["line"]).sum()


@pytest.mark.parametrize("kind", [k for k in KINDS if k not in ROW_KINDS])
def test_a_check_of_months_needs_a_date(kind):
    checks = {
        "totals": TOTALS, "equal": TOTALS, "stale": {"columns": ["x"]},
        "growth": {"value": "x", "published": "growth"}, "jump": {"column": "x"},
    }  # fmt: skip
    with pytest.raises(ValidationError, match=f"{kind!r} compares months"):
        Table(path="t.csv", label="T", columns=COLUMNS, checks=[{kind: checks[kind]}])


@pytest.mark.parametrize(
    ("check", "error", "words"),
    [
        ({"unique": ["lien"]}, UnknownNameError, "'line'"),
        ({"range": {"column": "name", "min": 1}}, SettingsError, "cannot be computed"),
        ({"rows": "sum(x) > 1"}, ExpressionError, "aggregate"),
        ({"rows": "x > (select 1)"}, ExpressionError, "subquery"),
    ],
)
def test_a_check_that_cannot_be_made_is_refused_with_its_place(found, check, error, words):
    with pytest.raises(error, match=r"sources\.yaml") as caught:
        found(rows(), check)
    assert words in str(caught.value)
