"""The declared checks find the planted faults of the data, and nothing else."""

import datetime as dt
import shutil
from dataclasses import replace

import pytest

from opsnb.analyses import scorecard
from opsnb.demo import duplicate_lines, truth
from opsnb.findings.doubts import CAVEATS
from opsnb.period import Period
from opsnb.workbook import Workbook

OTHERS = ("2026-09", "2026-05", "2026-02", "2025-10", "2023-01")
SETTINGS = ("company.yaml", "sources.yaml", "metrics.yaml")


@pytest.fixture(scope="module")
def workbook(company, tmp_path_factory, params):
    """The generated company with the settings it is shipped with, in its last month."""
    folder = tmp_path_factory.mktemp("gate") / "demo"
    folder.mkdir()
    for name in SETTINGS:
        shutil.copy(params / name, folder / name)
    for name in ("data", "ledgers"):
        (folder / name).symlink_to(company.root / name)
    return Workbook.open(folder, "2026-10")


def test_each_planted_fault_is_found(workbook, company):
    alerts = {(alert.kind, alert.table): alert for alert in workbook.alerts}
    assert set(alerts) == {("unique", "order_lines"), ("stale", "expenses")}
    filed = company.order_lines_as_filed
    again = filed[filed.duplicated()]
    found = alerts["unique", "order_lines"]
    assert found.count == found.total == len(again) == duplicate_lines(company.lines)
    assert found.units == tuple(sorted(again["region"].unique()))
    assert found.evidence["row"] == again.index[0] + 2
    assert alerts["stale", "expenses"].units == (truth("stale_file").unit,)
    late = {name: workbook.coverage(name) for name in workbook.company.tables}
    missing = {name: found.missing for name, found in late.items() if found.is_missing}
    assert missing == {"inventory": (truth("late_department").unit,)}
    assert (late["inventory"].due, late["inventory"].overdue) == (dt.date(2026, 11, 5), True)


@pytest.mark.parametrize("month", OTHERS)
def test_nothing_is_found_in_other_months(workbook, month):
    then = replace(workbook, period=Period.parse(month))
    assert then.alerts == ()
    assert not [name for name in then.company.tables if then.coverage(name).is_missing]


def test_the_caveats_stand_on_what_they_touch(workbook):
    touched = {}
    for finding in scorecard(workbook).findings:
        if finding.code in CAVEATS:
            touched.setdefault(finding.code, set()).add(finding.metric)
    faults = {"OPS011": "duplicates", "OPS017": "stale_file", "OPS003": "late_department"}
    assert set(touched) == set(faults)
    for code, fault in faults.items():
        assert set(truth(fault).metrics) <= touched[code]
    distinct_or_elsewhere = {"orders", "customers", "satisfaction"}
    assert not distinct_or_elsewhere & set.union(*touched.values())


def test_a_unit_that_a_fault_does_not_touch_has_no_caveat(workbook):
    stale, late = truth("stale_file"), truth("late_department")
    for unit in workbook.units.children("all"):
        codes = {f.code for f in scorecard(workbook.for_unit(unit)).findings}
        assert ("OPS017" in codes) == (unit == stale.unit)
        assert ("OPS004" in codes) == (unit == late.unit)
