"""Rules: each sees one metric's row, or one table, and answers with a Finding.

It answers None where it does not fire, and NotApplicable where it could not judge.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from opsnb.company import Metric, Thresholds
from opsnb.data.checks import Coverage
from opsnb.data.gate import Alert
from opsnb.data.ledgers import Revision
from opsnb.data.sources import Loaded
from opsnb.findings import signals
from opsnb.findings.doubts import doubts
from opsnb.findings.forecast import MISSED
from opsnb.results import SEVERITIES, Finding, NotApplicable, Severity

BEHIND = 0.01
NOISE = 1e-9
"""What a float may be off; a value on a threshold is not below it."""
Verdict = Finding | NotApplicable | None


@dataclass(frozen=True)
class MetricCase:
    """What a rule sees of one metric.

    Attributes
    ----------
    row : mapping
        A row of the scorecard; NaN where there is no value.
    thresholds : Thresholds
        The metric's own, or the company's.
    time_progress : float
        Share of the year's working days that is over.
    remaining_workdays : int
    missing : mapping table -> units
        Units that delivered nothing for the period, in the metric's tables.
    alerts : sequence of Alert
        Declared checks that do not hold and touch the metric.
    due : str
        Day by which the missing data should be there, where the table says so.
    overdue : bool
        Whether that day has come.
    revision : Revision or None
        How the period's target was changed after the period had begun.
    moved : sequence of str
        Units that joined or left the unit between the period and those it is compared with.
    awaited : bool
        Whether a value is to be expected in the period; a quarter's is not in every month.
    standing : Standing or None
        What the metric's control chart says of the period; None where none was drawn.
    """

    name: str
    metric: Metric
    row: Mapping[str, Any]
    thresholds: Thresholds
    time_progress: float
    remaining_workdays: int
    missing: Mapping[str, Sequence[str]]
    alerts: Sequence[Alert] = ()
    due: str = ""
    overdue: bool = False
    awaited: bool = True
    revision: Revision | None = None
    moved: Sequence[str] = ()
    standing: signals.Standing | None = None

    def finding(
        self, code: str, severity: Severity, **evidence: float | int | str | None
    ) -> Finding:
        """Finding about this metric."""
        unit, period = str(self.row["unit"]), str(self.row["period"])
        return Finding(
            code, severity, self.name, unit, period, evidence, owner=self.metric.owner.zh
        )

    def has(self, *columns: str) -> bool:
        """Whether every column has a value."""
        return all(not math.isnan(self.row[column]) for column in columns)


@dataclass(frozen=True)
class TableCase:
    """What a rule sees of one table.

    Attributes
    ----------
    coverage : Coverage or None
        None for a table without dates, which is only looked up.
    as_of : str
        Day of the report.
    """

    loaded: Loaded
    coverage: Coverage | None
    owner: str
    unit: str
    period: str
    as_of: str = ""

    @property
    def standing(self) -> Severity:
        """How grave a fault is that does not belong to a month."""
        return "info" if self.coverage is None else "grey"

    def finding(
        self, code: str, severity: Severity, **evidence: float | int | str | None
    ) -> Finding:
        """Finding about this table."""
        evidence = {"table": self.loaded.name, **evidence}
        return Finding(code, severity, "", self.unit, self.period, evidence, owner=self.owner)


def below_target(case: MetricCase) -> Verdict:
    """OPS001: attainment is below a threshold of the metric, or else of the company."""
    if not case.has("attainment"):
        return NotApplicable("no target")
    reached, limits = case.row["attainment"], case.thresholds
    levels: tuple[tuple[float, Severity], ...] = (
        (limits.red, "red"), (limits.orange, "orange"), (limits.yellow, "yellow"),
    )  # fmt: skip
    for limit, severity in levels:
        if reached < limit - NOISE:
            evidence = {
                key: case.row[key]
                for key in ("actual", "target", "attainment", "variance")
                if case.has(key)
            }
            if case.standing is not None and case.standing.variation == "common":
                evidence["stable"] = "common"
            return case.finding("OPS001", severity, **evidence, threshold=limit)
    return None


def behind_time(case: MetricCase) -> Verdict:
    """OPS002: the year's target is attained by more than 1 point less than time has passed."""
    if case.metric.better != "higher":
        return NotApplicable("not meaningful for this metric")
    if not case.has("year_attainment", "ytd", "year_target"):
        return NotApplicable("no target")
    if case.row["year_target"] <= 0:
        return NotApplicable("not meaningful for this metric")
    gap = case.row["year_attainment"] - case.time_progress
    if gap >= -BEHIND - NOISE:
        return None
    evidence = {
        "year_attainment": case.row["year_attainment"],
        "time_progress": case.time_progress,
        "gap": gap,
    }
    if case.remaining_workdays > 0:
        evidence["required_run_rate"] = (
            case.row["year_target"] - case.row["ytd"]
        ) / case.remaining_workdays
    return case.finding("OPS002", "yellow", **evidence)


def incomplete(case: MetricCase) -> Verdict:
    """OPS003: some units have delivered nothing for the period, so that the value is too small."""
    if not case.has("actual"):
        return NotApplicable("no data in this period")
    if not case.missing:
        return None
    units = dict.fromkeys(unit for missing in case.missing.values() for unit in missing)
    evidence = {"tables": ",".join(case.missing), "units": ",".join(units)}
    if case.due:
        evidence["overdue" if case.overdue else "due"] = case.due
    return case.finding("OPS003", "grey", **evidence)


def absent(case: MetricCase) -> Verdict:
    """OPS004: the metric has no value in the period."""
    if not case.awaited:
        return NotApplicable("no data in this period")
    return None if case.has("actual") else case.finding("OPS004", "grey")


def on_target(case: MetricCase) -> Verdict:
    """OPS005: the target is met."""
    if not case.has("attainment", "actual"):
        return NotApplicable("no target")
    if case.row["attainment"] < 1 - NOISE or case.missing:
        return None
    evidence = {key: case.row[key] for key in ("actual", "target", "attainment") if case.has(key)}
    return case.finding("OPS005", "info", **evidence)


def unknown_units(case: TableCase) -> Verdict:
    """OPS006: rows name units that nobody knows; they count for the root alone."""
    if case.coverage is None:
        return NotApplicable("only looked up, without dates")
    unknown = case.coverage.unknown
    if not unknown:
        return None
    names = sorted(name for name in unknown if name)[:5]
    named = {"values": ", ".join(names)} if names else {}
    return case.finding("OPS006", "grey", rows=sum(unknown.values()), **named)


def unparsed(case: TableCase) -> Verdict:
    """OPS007: values that are not of their column's type; they are missing, not zero.

    Of a table that is only looked up it is told beside the source: it is the same every month.
    """
    if not case.loaded.unparsed:
        return None
    first = case.loaded.examples[0]
    return case.finding(
        "OPS007", case.standing, count=case.loaded.unparsed, file=first.file, row=first.row,
        column=first.column, value=first.value, expected=first.expected,
    )  # fmt: skip


def undated(case: TableCase) -> Verdict:
    """OPS008: rows without a date, which belong to no period."""
    if not case.loaded.without_date:
        return None
    return case.finding("OPS008", "grey", rows=case.loaded.without_date)


def revised(case: MetricCase) -> Verdict:
    """OPS020: the period's target was changed after the period had begun; worse, after its end."""
    if not case.has("actual", "target"):
        return NotApplicable("no target")
    found = case.revision
    if found is None:
        return None
    evidence: dict[str, float | str] = {
        "old": found.old, "new": found.new, "approved_on": found.approved_on.isoformat(),
    }  # fmt: skip
    if not found.is_late:
        return case.finding("OPS020", "info", **evidence)
    return case.finding("OPS020", "yellow", **evidence, ended=found.ended.isoformat())


def regrouped(case: MetricCase) -> Verdict:
    """OPS021: units joined or left the unit between the periods that are compared."""
    if not case.has("actual"):
        return NotApplicable("no data in this period")
    if not case.moved:
        return None
    return case.finding("OPS021", "info", group=str(case.row["unit"]), units=",".join(case.moved))


METRIC_RULES: tuple[Callable[[MetricCase], Verdict], ...] = (
    below_target,
    behind_time,
    incomplete,
    absent,
    on_target,
    revised,
    regrouped,
    signals.outside,
    signals.trend,
    signals.nearby,
    signals.shift,
)


def unmatched(case: TableCase) -> Verdict:
    """OPS009: rows whose key another table does not have; what is looked up is missing there."""
    found = case.loaded.unmatched
    if not found:
        return None
    return case.finding("OPS009", "grey", rows=sum(found.values()), tables=",".join(found))


def merged(case: TableCase) -> Verdict:
    """OPS010: merged cells below the header; their value stands in the first of their rows."""
    if not case.loaded.merged:
        return None
    return case.finding("OPS010", case.standing, count=case.loaded.merged)


def ahead(case: TableCase) -> Verdict:
    """OPS022: rows of days that have not come yet, in a table that is not said to hold a plan."""
    if case.coverage is None:
        return NotApplicable("only looked up, without dates")
    if not case.coverage.ahead:
        return None
    latest = case.coverage.latest.isoformat() if case.coverage.latest else ""
    rows = case.coverage.ahead
    return case.finding("OPS022", "grey", rows=rows, as_of=case.as_of, latest=latest)


TABLE_RULES: tuple[Callable[[TableCase], Verdict], ...] = (
    unknown_units,
    unparsed,
    undated,
    unmatched,
    merged,
    ahead,
)


def find(cases: Iterable[MetricCase]) -> tuple[Finding, ...]:
    """All findings of the metric rules, ranked."""
    found: list[Finding] = []
    for case in cases:
        found += [v for rule in METRIC_RULES if isinstance(v := rule(case), Finding)]
        if case.has("actual"):
            unit, period = str(case.row["unit"]), str(case.row["period"])
            found += doubts(case.alerts, case.name, unit, period, case.metric.owner.zh)
    return rank(found)


def find_in_tables(cases: Iterable[TableCase]) -> tuple[Finding, ...]:
    """All findings of the table rules, in the order of the tables."""
    return tuple(
        v for case in cases for rule in TABLE_RULES if isinstance(v := rule(case), Finding)
    )


def rank(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings by severity: a year's target first, signals by their size, the rest by their gap."""
    return tuple(
        sorted(
            findings,
            key=lambda f: (
                SEVERITIES.index(f.severity), f.code != MISSED, -_sigmas(f), -_size(f)
            ),
        )
    )  # fmt: skip


def _sigmas(finding: Finding) -> float:
    """Size of a signal in standard deviations; 0 for what is none."""
    return float(finding.evidence.get("sigmas") or 0)


def _size(finding: Finding) -> float:
    if "attainment" in finding.evidence:
        return abs(1 - float(finding.evidence["attainment"] or 0))
    if target := finding.evidence.get("year_target"):
        forecast = finding.evidence.get("year_forecast")
        if forecast is not None:
            return abs(1 - float(forecast) / float(target))
    return abs(float(finding.evidence.get("gap") or 0))
