"""Attribution: what the change of each metric on the year before is made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from opsnb.analyses import changes, split, targets
from opsnb.analyses.changes import Change
from opsnb.analyses.comparison import NOT_MEANINGFUL, ONE_SEGMENT, difference
from opsnb.analyses.grid import Grid, Value, number
from opsnb.analyses.scorecard import findings, rows
from opsnb.findings.attribution import AttributionCase, find_in_attributions
from opsnb.findings.doubts import CAVEATS
from opsnb.metrics.spans import Span
from opsnb.results import Column, NotApplicable, Result
from opsnb.workbook import Workbook

KEYS = (Column("metric", "key"), Column("unit", "key"), Column("period", "key"))
COLUMNS = (
    *KEYS, Column("effect", "key"), Column("value", "difference"), Column("share", "ratio"),
)  # fmt: skip
TOTALS = (*KEYS, Column("scenario", "key"), Column("value", "metric"))
SOURCES = (
    *KEYS, Column("effect", "key"), Column("dimension", "key"), Column("item", "key"),
    Column("value", "difference"),
)  # fmt: skip
ELEMENTS = (
    *KEYS, Column("base", "key"), Column("dimension", "key"), Column("item", "key"),
    Column("others", "count"), Column("actual", "metric"), Column("expected", "metric"),
    Column("contribution", "difference"), Column("explanatory_power", "ratio"),
    Column("explains", "text"),
)  # fmt: skip
SEGMENTS = (
    *KEYS, Column("dimension", "key"), Column("item", "key"), Column("weight_before", "ratio"),
    Column("weight_after", "ratio"), Column("rate_before", "metric"),
    Column("rate_after", "metric"), Column("rate", "difference"), Column("mix", "difference"),
)  # fmt: skip
TOTAL, UNIT = "total", "unit"
BALANCED = NotApplicable("the base is zero")
ABSENT = {
    "rate_before": NotApplicable("no data in the same period last year"),
    "rate_after": NotApplicable("no data in this period"),
}


def attribution(workbook: Workbook, metrics: Sequence[str] = ()) -> Result:
    """Changes of those of `metrics` that declare an attribution, taken apart.

    Amounts: volume, mix, price, new and lost items where a quantity is declared, else the
    elements of the dimension that explains most; ratios: the rates of their segments, and mix.

    Returns
    -------
    Result
        ``attribution``, a row a metric and effect; ``total`` is their sum, and the reason where
        there is none. Parts: ``attribution_totals`` (prior year, target, actual),
        ``attribution_sources`` (each effect by dimension), ``attribution_elements`` (what explains
        the change, and by unit the distance to target), ``attribution_segments`` (of ratios).
        Without a declaration it has no rows.

    Raises
    ------
    UnknownNameError
    """
    named = list(dict.fromkeys(metrics)) or list(workbook.company.metrics)
    names = [name for name in named if workbook.metric(name).attribution is not None]
    told = _Told(workbook)
    for name in names:
        told.add(name)
    caveats = findings(workbook, rows(workbook, names).frame) if names else ()
    return Result(
        "attribution",
        told.effects.frame,
        COLUMNS,
        told.effects.reasons,
        findings=(
            *find_in_attributions(told.cases),
            *(f for f in caveats if f.code in CAVEATS or f.code == "OPS004"),
        ),
        notes=(ONE_SEGMENT,) if told.whole else (),
        parts=tuple(told.parts()),
        provenance=workbook.provenance(names) | {"columns": split.wording(workbook)},
    )


class _Told:
    """Tables of the result, filled metric by metric."""

    def __init__(self, workbook: Workbook) -> None:
        self.workbook = workbook
        self.effects, self.totals, self.sources = Grid(COLUMNS), Grid(TOTALS), Grid(SOURCES)
        self.elements, self.segments = Grid(ELEMENTS), Grid(SEGMENTS)
        self.cases: list[AttributionCase] = []
        self.whole: list[str] = []  # ratios of one segment

    def parts(self) -> Iterable[Result]:
        """Results beside the effects."""
        for name, grid in (
            ("totals", self.totals), ("sources", self.sources), ("elements", self.elements),
            ("segments", self.segments),
        ):  # fmt: skip
            columns = tuple(grid.columns)
            yield Result(f"attribution_{name}", grid.frame, columns, grid.reasons)

    def add(self, name: str) -> None:
        """Take one metric's change apart."""
        workbook, metric = self.workbook, self.workbook.metric(name)
        span = split.span_of(workbook, name)
        if isinstance(span, NotApplicable):
            keys = self._keys(name, Span.of(workbook.period))
            self._effect(keys, TOTAL, span, span)
            self.cases.append(self._case(name, keys, span))
            return
        keys = self._keys(name, span)
        now, before = split.both(workbook, name, span)
        total = difference(now, before)
        found: Change | None = None
        if not isinstance(total, NotApplicable):
            found = changes.change(workbook, name, span, total)
            if metric.kind == "ratio" and len(found.segments) < 2:
                self.whole.append(name)
                return
        target = self._target(name, span)
        for scenario, value in (("prior_year", before), ("target", target), ("actual", now)):
            self.totals.add(keys | {"scenario": scenario, "value": value})
        if found is not None:
            self._fill(keys, found, before)
        self._effect(keys, TOTAL, total, before)
        self._against_target(name, keys, span)
        self.cases.append(self._case(name, keys, total, found))

    def _keys(self, name: str, span: Span) -> dict[str, str]:
        return {"metric": name, "unit": self.workbook.unit, "period": str(span)}

    def _target(self, name: str, span: Span) -> Value:
        """Target of the period; that of a span of months is not in the ledger."""
        if span != Span.of(self.workbook.period):
            return NotApplicable("no target")
        return targets.period_target(self.workbook, name, self.workbook.unit)

    def _effect(self, keys: dict[str, str], effect: str, value: Value, before: Value) -> None:
        share: Value = NOT_MEANINGFUL
        if isinstance(value, NotApplicable):
            share = value
        elif not self.workbook.metric(keys["metric"]).is_ratio:
            base = abs(number(before))
            share = value / base if base else BALANCED
        self.effects.add(keys | {"effect": effect, "value": value, "share": share})

    def _fill(self, keys: dict[str, str], found: Change, before: Value) -> None:
        for effect, value in found.effects.items():
            self._effect(keys, effect, value, before)
        for row in found.sources.to_dict("records"):
            self.sources.add(keys | {str(k): v for k, v in row.items()})
        self._add_elements(keys, "prior_year", found.elements)
        for row in found.segments.to_dict("records"):
            cells = {str(k): v for k, v in row.items()} | {"dimension": self._item(keys)}
            for name, reason in ABSENT.items():
                cells[name] = reason if pd.isna(cells[name]) else cells[name]
            self.segments.add(keys | cells)

    def _item(self, keys: dict[str, str]) -> str:
        declared = self.workbook.metric(keys["metric"]).attribution
        return str(declared.item) if declared else ""

    def _add_elements(self, keys: dict[str, str], base: str, elements: pd.DataFrame) -> None:
        for row in elements.to_dict("records"):
            power = float(row["explanatory_power"])
            self.elements.add(
                keys
                | {str(k): v for k, v in row.items()}
                | {
                    "base": base,
                    "explanatory_power": BALANCED if pd.isna(power) else power,
                    "explains": "yes" if row["explains"] else "",
                }
            )

    def _against_target(self, name: str, keys: dict[str, str], span: Span) -> None:
        """By the units below, where each of them has a value and a target that add up."""
        workbook = self.workbook
        children = workbook.units.children(workbook.unit, workbook.period.first)
        if (
            not children
            or isinstance(self._target(name, span), NotApplicable)
            or not workbook.catalogue.is_additive(name)
            or workbook.missing_units(name)
        ):
            return
        values = workbook.values([name], [span])
        actual = [values.value(name, span, child) for child in children]
        planned = [targets.period_target(workbook, name, child) for child in children]
        if any(isinstance(value, NotApplicable) for value in (*actual, *planned)):
            return
        actual_side, planned_side = (
            pd.DataFrame({UNIT: list(children), "value": list(map(number, side))})
            for side in (actual, planned)
        )
        elements = changes.beside(actual_side, planned_side, UNIT)
        self._add_elements(keys, "target", elements)

    def _case(
        self, name: str, keys: dict[str, str], total: Value, found: Change | None = None
    ) -> AttributionCase:
        owner, item = self.workbook.metric(name).owner.zh, self._item(keys)
        about = (name, keys["unit"], str(self.workbook.period), owner, total)
        if found is None:
            return AttributionCase(*about)
        sources = {effect: found.source(effect) for effect in found.effects}
        is_ratio = self.workbook.metric(name).kind == "ratio"
        return AttributionCase(
            *about,
            effects=found.effects,
            sources={effect: source for effect, source in sources.items() if source},
            dimension=item if is_ratio else "",
            reversal=found.reversal,
            explains=found.explaining,
            elements=found.singles,
        )
