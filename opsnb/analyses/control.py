"""Control charts of metrics: the comparable series, its limits, and what the last point means.

A chart is kept, since a unit's is in its own report and in that of the unit above.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import pandas as pd

from opsnb.analyses import targets
from opsnb.analyses.charting import Asked, Chart, made
from opsnb.analyses.comparison import INCOMPLETE, explained, is_flow
from opsnb.analyses.grid import Value, number
from opsnb.calendar import regressors
from opsnb.data.kept import Content, digest, kept, pack_frame, unpack_frame
from opsnb.findings.signals import Standing
from opsnb.metrics.spans import Span
from opsnb.period import Period
from opsnb.results import NotApplicable
from opsnb.stats.limits import Rules
from opsnb.workbook import Workbook

LENGTH = 60
"""Months that the calendar's coefficients are fitted on."""
TRIED = "limits tried anew"
"""Cause of a segment that nobody has recorded, in the words of the catalogue."""


def charts(
    workbook: Workbook,
    names: Sequence[str],
    *,
    rules: Rules = "nhs",
    tried: Sequence[Period] = (),
) -> dict[str, Chart]:
    """Charts of metrics for the workbook's unit, by metric.

    Their limits start anew where the ledger says so, and in the months that are `tried`.

    A month whose data are incomplete, missing, or two months in one has no point.
    """
    months = workbook.period.back(LENGTH)
    values = workbook.values(names, months)
    spans, starts = [Span.of(month) for month in months], _starts(workbook, months, tried)
    calendar = regressors(months, workbook.company.calendar)
    stands = digest([calendar, list(map(str, months))])
    found = {}
    for name in names:
        series = [values.value(name, span, workbook.unit) for span in spans]
        told = [explained(workbook, name, *pair) for pair in zip(series, months, strict=True)]
        if workbook.missing_units(name):
            told[-1] = INCOMPLETE
        asked = _asked(workbook, name, months, told, starts.get(name, starts[""]), rules)
        found[name] = _kept(asked, calendar, stands)
    return found


def _asked(
    workbook: Workbook,
    name: str,
    months: list[Period],
    values: list[Value],
    starts: Mapping[int, str],
    rules: Rules,
) -> Asked:
    metric, unit = workbook.metric(name), workbook.unit
    return Asked(
        metric, name, unit,
        is_whole=unit == workbook.units.root,
        is_single=is_flow(metric) and workbook.is_january_combined(name),
        is_yearly=is_flow(metric) and workbook.has_festival,
        months=months, values=values, starts=starts,
        plans=[workbook.targets.value(name, unit, month) for month in months],
        target=number(targets.period_target(workbook, name, unit)),
        rules=rules,
    )  # fmt: skip


def _kept(asked: Asked, calendar: pd.DataFrame, stands: str) -> Chart:
    """Chart of what was asked; `stands` tells its months and their calendar from others."""
    parts = [asked, asked.metric.model_dump_json(), stands]
    make = lambda: made(asked, calendar)  # noqa: E731
    return kept("chart", parts, make, _packed, lambda content: _unpacked(content, asked))


def _packed(chart: Chart) -> Content:
    frame, yearly = pack_frame("chart", chart.frame), chart.yearly
    told = {
        "frame": frame.told,
        "standing": asdict(chart.standing),
        "factor": chart.factor,
        "unadjusted": chart.unadjusted,
        "causes": list(chart.causes.items()),
        "yearly": [yearly.reason] if isinstance(yearly, NotApplicable) else yearly,
    }
    return Content(told, frame.arrays)


def _unpacked(content: Content, asked: Asked) -> Chart:
    told = content.told
    yearly = told["yearly"]
    return Chart(
        asked.name,
        asked.unit,
        asked.months[asked.first :],
        unpack_frame("chart", Content(told["frame"], content.arrays)),
        Standing(**told["standing"]),
        told["factor"],
        told["unadjusted"],
        {place: str(cause) for place, cause in told["causes"]},
        NotApplicable(yearly[0]) if isinstance(yearly, list) else yearly,
    )


def _starts(
    workbook: Workbook, months: list[Period], tried: Sequence[Period] = ()
) -> dict[str, dict[int, str]]:
    """Places at which a rebase of the ledger, or one that is tried, starts a segment; its cause.

    By metric, the others under an empty name. One of a unit above holds for the units below it too.
    """
    above = {workbook.unit, *workbook.units.ancestors(workbook.unit, workbook.period.first)}
    places = [month.first - months[0].first for month in tried]
    anew = {place: TRIED for place in places if 0 < place < len(months)}
    found = {"": dict(anew)}
    for row in workbook.ledger("rebases").to_dict("records"):
        place = Period.month_of(row["date"].date()).first - months[0].first
        if row["unit"] in above and 0 < place < len(months):
            found.setdefault(str(row["metric"]), dict(anew))[place] = str(row["cause"])
    return {name: dict(sorted(places.items())) for name, places in found.items()}
