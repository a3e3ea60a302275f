"""The order of findings, and that every rule is asked."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from opsnb.data.ledgers.targets import Revision
from opsnb.findings import METRIC_RULES, TABLE_RULES, find, find_in_tables, rank
from opsnb.findings.signals import Standing
from opsnb.results import SEVERITIES, Finding

FINDINGS = st.builds(
    Finding,
    code=st.sampled_from(["OPS001", "OPS002", "OPS003"]),
    severity=st.sampled_from(SEVERITIES),
    metric=st.sampled_from("abc"),
    unit=st.just("all"),
    period=st.just("2026-10"),
    evidence=st.dictionaries(
        st.sampled_from(["attainment", "gap"]), st.floats(-5, 5) | st.none(), max_size=1
    ),
)


def size(finding):
    if "attainment" in finding.evidence:
        return abs(1 - (finding.evidence["attainment"] or 0))
    return abs(finding.evidence.get("gap") or 0)


@given(st.lists(FINDINGS, max_size=12))
def test_the_gravest_and_farthest_come_first_and_none_is_lost(findings):
    ranked = rank(findings)
    assert sorted(map(id, ranked)) == sorted(map(id, findings))
    order = ["red", "orange", "yellow", "grey", "info"]
    place = {id(finding): i for i, finding in enumerate(findings)}
    keys = [(order.index(f.severity), -size(f), place[id(f)]) for f in ranked]
    assert keys == sorted(keys)


def test_every_rule_is_asked(metric_case, table_case):
    day = dt.date(2026, 11, 2)
    cases = [
        metric_case(actual=1.0, target=2.0, revision=Revision(1.0, 2.0, day, day), moved=("x",)),
        metric_case(attainment=0.5, actual=1.0, missing={"sales": ["north"]}),
        metric_case(attainment=1.5, actual=1.0),
        metric_case(year_attainment=0.1, ytd=1.0, year_target=10.0),
    ]
    cases += [
        metric_case(actual=1.0, standing=Standing("level", "", "concern_low", signal=signal))
        for signal in ("outside", "trend", "two_of_three", "shift")
    ]
    codes = {finding.code for finding in find(cases)}
    assert codes == {f"OPS{number:03d}" for number in (1, 2, 3, 4, 5, 20, 21, 30, 31, 32, 33)}
    table = table_case(
        unknown={"x": 1}, unparsed=1, examples=[(2, "a", "b", "integer")], without_date=1,
        unmatched={"t": 2}, merged=3, ahead=4,
    )  # fmt: skip
    assert [f.code for f in find_in_tables([table])] == [
        f"OPS{number:03d}" for number in (*range(6, 11), 22)
    ]
    assert len(METRIC_RULES) + len(TABLE_RULES) == 17
