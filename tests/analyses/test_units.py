"""Units side by side: each row is that of the unit's own scorecard."""

import pytest

import opsnb
from opsnb.analyses import scorecard, trend, units


def test_each_row_is_that_of_the_units_own_scorecard(tiny, cells):
    metrics = ["revenue", "margin", "stock", "trailing"]
    result = units(tiny(), metrics)
    assert [tuple(row) for row in result.frame[["metric", "unit"]].to_numpy()] == [
        (metric, unit) for metric in metrics for unit in ("north", "south")
    ]
    for unit in ("north", "south"):
        own = scorecard(tiny(unit=unit), metrics)
        for metric in metrics:
            row = cells(result, metric, unit=unit)
            expected = cells(own, metric)
            assert row == {name: expected[name] for name in row}


def test_units_by_hand(tiny, cells):
    north = cells(units(tiny()), "revenue", unit="north")
    assert (north["actual"], north["target"]) == (90, 100)
    assert north["attainment"] == pytest.approx(0.9)
    assert north["yoy"] == pytest.approx(-0.25)
    south = cells(units(tiny()), "revenue", unit="south")
    assert (south["actual"], south["target"], south["yoy_difference"]) == (66, 60, 6)


def test_a_band_of_a_number_of_people_is_the_whole_companys(tiny, cells):
    """Ten people are in the band of ten to twelve and a half, and mean nothing of north."""
    assert cells(units(tiny(), ["staff"]), "staff", unit="north")["attainment"] == "no target"


def test_findings_are_about_the_units_and_ask_for_something(tiny):
    found = units(tiny()).findings
    assert {finding.unit for finding in found} == {"north", "south"}
    assert all(finding.severity != "info" for finding in found)
    assert ("OPS001", "revenue", "north") in {(f.code, f.metric, f.unit) for f in found}


def test_a_unit_without_units_has_no_rows(tiny):
    result = units(tiny(unit="north"))
    assert result.frame.empty
    assert result.findings == ()


def test_three_levels_show_the_next_one(write_company, tmp_path):
    folder = write_company(
        tmp_path,
        metrics={"flow": {"table": "t", "measure": "sum(n)"}},
        sources={"t": {"unit": "u", "columns": {"day": "date", "u": "text", "n": "integer"}}},
        data={
            "t": "day,u,n\n2026-10-05,n1,1\n2026-10-05,n2,2\n2026-10-05,north,4\n"
            "2026-10-05,south,8\n2026-10-05,nobody,16\n2026-10-05,,32\n"
        },
        ledgers={"units": "unit,label,parent\nnorth,N,\nn1,N1,north\nn2,N2,north\nsouth,S,\n"},
    )
    workbook = opsnb.open(folder, "2026-10")
    frame = units(workbook, ["flow"]).frame
    assert dict(zip(frame["unit"], frame["actual"], strict=True)) == {"north": 7, "south": 8}
    frame = units(workbook.for_unit("north"), ["flow"]).frame
    assert dict(zip(frame["unit"], frame["actual"], strict=True)) == {"n1": 1, "n2": 2}
    assert scorecard(workbook).frame["actual"].tolist() == [63]


def test_months_of_the_first_metric_are_those_of_the_units_own_trend(tiny):
    part = units(tiny(), ["revenue", "margin"]).part("by_unit")
    assert set(part.frame["metric"]) == {"revenue"}
    for unit in ("north", "south"):
        own = trend(tiny(unit=unit), "revenue", 24).frame["value"]
        assert part.frame["value"][part.frame["unit"] == unit].tolist() == pytest.approx(
            own.tolist(), nan_ok=True
        )
