"""What was true then: units where they stood, targets as approved, and the reader told."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import opsnb
from opsnb import analyses
from opsnb.display import plain_sentence
from opsnb.display.reader import Reader
from opsnb.display.views import view
from opsnb.results import NotApplicable, Result
from opsnb.workbook import Workbook

MONTHS = [f"{2025 + i // 12}-{i % 12 + 1:02d}" for i in range(20)]  # to August 2026
SOLD = {"a": 10, "b": 20, "c": 40, "old": 5, "new": 7}
OPEN = {"old": ("2025-01", "2026-06"), "new": ("2026-07", "2026-08")}
UNITS = """unit,label,label_en,parent,opened,closed
east,东区,East,,,
west,西区,West,,,
a,甲店,A,east,,
b,乙店,B,east,,2026-06-30
b,乙店,B,west,2026-07-01,
c,丙店,C,west,,
old,旧店,Old,west,,2026-06-30
new,新店,New,west,2026-07-01,
"""
TARGETS = """metric,unit,period,scenario,version,value,approved_on
revenue,all,2026-07,target,1,100,2025-12-20
revenue,all,2026-07,target,2,90,2026-08-03
revenue,east,2026-07,target,1,20,2025-12-20
revenue,east,2026-07,target,2,15,2026-07-05
revenue,west,2026-07,target,1,60,2025-12-20
revenue,all,2026-07,budget,1,70,2025-12-20
"""


def sales() -> str:
    """Rows of one sale a month and open unit; that of the n-th month is n times the unit's."""
    rows = [
        f"{month}-15,{unit},{amount * (place + 1)}"
        for place, month in enumerate(MONTHS)
        for unit, amount in SOLD.items()
        if OPEN.get(unit, MONTHS)[0] <= month <= OPEN.get(unit, MONTHS)[-1]
    ]
    return "\n".join(["day,unit,amount", *rows, "2026-08-20,,3", ""])


@pytest.fixture
def open_at(write_company: Any, tmp_path: Path) -> Callable[..., Workbook]:
    """Return the function that opens the company for a period, unit and as_of."""

    def open_at(period: str, unit: str = "all", as_of: str = "2026-09-05", **profile: Any) -> Any:
        folder = write_company(
            tmp_path,
            metrics={
                "revenue": {
                    "table": "sales",
                    "measure": "sum(amount)",
                    "label": {"zh": "收入", "en": "Revenue"},
                },
                "sales": {"table": "sales", "measure": "count(*)", "unit": "sales"},
                "rent": {"table": "rents", "measure": "sum(amount)"},
            },
            sources={
                "sales": {
                    "unit": "unit",
                    "columns": {"day": "date", "unit": "text", "amount": "integer"},
                },
                "rents": {"columns": {"day": "date", "amount": "integer"}},
            },
            data={"sales": sales(), "rents": "day,amount\n" + rent()},
            ledgers={"units": UNITS, "targets": TARGETS},
            as_of=as_of,
            **profile,
        )
        return opsnb.open(folder, period, unit=unit)

    return open_at


def rent() -> str:
    return "".join(f"{month}-01,1\n" for month in MONTHS)


def made(units: str, *months: str) -> int:
    """Revenue of some units in some months, by the rule that the rows were made by."""
    return sum(SOLD[unit] * (MONTHS.index(month) + 1) for unit in units.split() for month in months)


def row(workbook: Workbook, metric: str = "revenue") -> Any:
    frame = analyses.scorecard(workbook, [metric]).frame
    return frame.iloc[0]


def codes(result: Result, *wanted: str) -> list[tuple[str, str, str]]:
    return [(f.code, f.metric, f.unit) for f in result.findings if f.code in wanted]


def test_each_period_counts_the_units_that_stood_there_then(open_at: Any) -> None:
    east, west = row(open_at("2026-07", "east")), row(open_at("2026-07", "west"))
    before = [m for m in MONTHS if m.startswith("2026") and m < "2026-07"]
    last_year = [f"2025-{m:02d}" for m in range(1, 8)]
    assert east["actual"] == made("a", "2026-07")
    assert west["actual"] == made("b c new", "2026-07")
    assert east["mom"] == pytest.approx(made("a", "2026-07") / made("a b", "2026-06") - 1)
    assert east["yoy"] == pytest.approx(made("a", "2026-07") / made("a b", "2025-07") - 1)
    assert west["yoy"] == pytest.approx(made("b c new", "2026-07") / made("c old", "2025-07") - 1)
    assert east["ytd"] == made("a b", *before) + made("a", "2026-07")
    assert west["ytd"] == made("c old", *before) + made("b c new", "2026-07")
    assert west["ytd_yoy"] == pytest.approx(west["ytd"] / made("c old", *last_year) - 1)


def test_a_comparison_over_a_regrouping_says_so_and_names_who_moved(open_at: Any) -> None:
    for unit in ("east", "west"):
        card = analyses.scorecard(open_at("2026-07", unit), ["revenue", "sales"])
        assert codes(card, "OPS021") == [("OPS021", m, unit) for m in ("revenue", "sales")]
        (first, second) = (f for f in card.findings if f.code == "OPS021")
        assert first.evidence == second.evidence == {"group": unit, "units": "b"}
        assert first.severity == "info"


@pytest.mark.parametrize(
    ("period", "unit", "metric"),
    [
        ("2026-06", "east", "revenue"),  # the last month before it
        ("2026-07", "all", "revenue"),  # the whole has all its parts
        ("2026-07", "b", "revenue"),  # the one that moved is itself as before
        ("2026-07", "c", "revenue"),
        ("2026-07", "all", "rent"),  # a table that knows no units
        ("2025-03", "east", "revenue"),
    ],
)
def test_where_nothing_moved_nothing_is_said(
    open_at: Any, period: str, unit: str, metric: str
) -> None:
    assert not codes(analyses.scorecard(open_at(period, unit), [metric]), "OPS021")


def test_a_month_later_only_the_year_and_the_year_to_date_are_concerned(open_at: Any) -> None:
    """From July to August nobody moved; without last year's data nothing is compared over it."""
    workbook = open_at("2026-08", "east")
    assert codes(analyses.scorecard(workbook, ["revenue"]), "OPS021")
    data = workbook.company.data_folder / "sales.csv"
    lines = data.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith(("2025", "2026-01"))]
    data.write_text("\n".join(kept) + "\n", encoding="utf-8")
    again = opsnb.open(workbook.company.folder, "2026-08", unit="east")
    card = analyses.scorecard(again, ["revenue"])
    assert card.cell(0, "mom_difference") == made("a", "2026-08") - made("a", "2026-07")
    assert isinstance(card.cell(0, "yoy_difference"), NotApplicable)
    assert not codes(card, "OPS021")


def test_the_units_of_a_period_are_those_open_in_it(open_at: Any) -> None:
    west = {
        m: analyses.units(open_at(m, "west"), ["revenue"]).frame for m in ("2026-06", "2026-07")
    }
    assert west["2026-06"]["unit"].tolist() == ["c", "old"]
    assert west["2026-07"]["unit"].tolist() == ["b", "c", "new"]
    for month, frame in west.items():
        assert frame["actual"].sum() == row(open_at(month, "west"))["actual"]


def test_groups_that_are_compared_over_a_regrouping_are_marked_in_the_units(open_at: Any) -> None:
    result = analyses.units(open_at("2026-07"), ["revenue", "sales"])
    found = {(f.code, f.unit) for f in result.findings if f.code == "OPS021"}
    assert found == {("OPS021", "east"), ("OPS021", "west")}
    assert not [f for f in result.findings if f.severity == "info" and f.code != "OPS021"]
    text = re.sub(r"<[^>]*>", "", str(view(result, Reader.of(result, "en"))))
    told = "East: units have joined or left it since the periods it is compared with."
    assert text.count(told) == 1
    assert "Regrouped: B. Each period counts its units as they were then." in text


def test_a_closed_unit_is_not_missed_and_a_new_one_not_before_its_time(open_at: Any) -> None:
    assert open_at("2026-07").coverage("sales").missing == ()
    assert open_at("2026-06").coverage("sales").missing == ()
    workbook = open_at("2026-08")
    data = workbook.company.data_folder / "sales.csv"
    text = data.read_text(encoding="utf-8")
    for unit in ("new", "b"):
        text = re.sub(rf"2026-08-15,{unit},\d+\n", "", text)
    data.write_text(text, encoding="utf-8")
    again = opsnb.open(workbook.company.folder, "2026-08", unit="west")
    assert again.coverage("sales").missing == ("b", "new")
    assert again.missing_units("revenue") == {"sales": ["b", "new"]}
    assert not again.for_unit("east").missing_units("revenue")


def test_the_provenance_has_the_tree_of_the_period(open_at: Any) -> None:
    for period, parent in (("2026-06", "east"), ("2026-07", "west")):
        assert open_at(period).provenance()["units"]["b"]["parent"] == parent


@pytest.mark.parametrize(
    ("as_of", "unit", "target", "found"),
    [
        ("2026-08-02", "all", 100, None),
        ("2026-08-03", "all", 90, ("yellow", 100, 90)),
        ("2026-08-03", "east", 15, ("info", 20, 15)),
        ("2026-08-03", "west", 60, None),
    ],
)
def test_a_target_revised_after_the_period_is_told(
    open_at: Any, as_of: str, unit: str, target: float, found: tuple[str, float, float] | None
) -> None:
    card = analyses.scorecard(open_at("2026-07", unit, as_of), ["revenue"])
    assert card.cell(0, "target") == target
    told = [
        (f.severity, f.evidence["old"], f.evidence["new"])
        for f in card.findings
        if f.code == "OPS020"
    ]
    assert told == ([found] if found else [])


def test_another_scenario_is_what_the_settings_say(open_at: Any) -> None:
    workbook = open_at("2026-07", scenario="budget")
    assert row(workbook)["target"] == 70
    assert not codes(analyses.scorecard(workbook, ["revenue"]), "OPS020")


@pytest.mark.parametrize(
    ("locale", "late", "early"),
    [
        (
            "zh",
            r"^收入的目标值于8月3日由 100.00 元调整为 90.00 元。调整时本期已结束（7月31日）。$",
            r"^收入的目标值于7月5日由 20.00 元调整为 15.00 元。$",
        ),
        (
            "en",
            r"^Revenue: the target was revised from ¥100.00 to ¥90.00 on Aug 3\. "
            r"The period had ended on Jul 31\.$",
            r"^Revenue: the target was revised from ¥20.00 to ¥15.00 on Jul 5\.$",
        ),
    ],
)
def test_a_revision_reads_as_a_sentence_and_stands_below_the_scorecard(
    open_at: Any, locale: str, late: str, early: str
) -> None:
    for unit, pattern in (("all", late), ("east", early)):
        card = analyses.scorecard(open_at("2026-07", unit), ["revenue"])
        (finding,) = (f for f in card.findings if f.code == "OPS020")
        text = plain_sentence(finding, card.provenance, locale)
        assert re.match(pattern, re.sub(r"[\xa0\u202f\s]+", " ", text)), text
        assert text in re.sub(r"<[^>]*>", "", str(view(card, Reader.of(card, locale))))


def test_what_is_only_a_note_is_no_message_of_the_month(open_at: Any) -> None:
    """It stands below the cards instead, once."""
    workbook = open_at("2026-07", "east")
    card = analyses.scorecard(workbook, ["revenue", "sales"], ["revenue", "sales"])
    result = analyses.headline(workbook, card)
    assert not set(result.frame["code"]) & {"OPS020", "OPS021"}
    text = re.sub(r"<[^>]*>", "", str(view(result, Reader.of(result, "en"))))
    assert text.count("East: units have joined or left it") == 1
    assert text.count("the target was revised from") == 1


def test_only_a_late_revision_is_a_problem(open_at: Any) -> None:
    late, early = open_at("2026-07"), open_at("2026-07", "east")
    assert "OPS020" in analyses.problems(late, analyses.scorecard(late)).frame["code"].tolist()
    assert (
        "OPS020" not in analyses.problems(early, analyses.scorecard(early)).frame["code"].tolist()
    )
