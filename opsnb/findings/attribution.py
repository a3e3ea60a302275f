"""Rules about what a change is made of, and about what moves with a metric."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from opsnb.findings.rules import Verdict
from opsnb.results import Finding, NotApplicable, Severity

Evidence = dict[str, float | int | str | None]
HALF, TENTH = 0.5, 0.1
"""Shares of a change, or of all that moved, from which on a part of it is told."""
UNEXPLAINED = "unexplained"


@dataclass(frozen=True)
class Element:
    """A value of a dimension and what it contributes; both may be combinations, joined by x."""

    dimension: str
    item: str
    contribution: float


@dataclass(frozen=True)
class AttributionCase:
    """What a rule sees of one metric's change on the year before.

    Attributes
    ----------
    total : float or NotApplicable
        The change, in the unit of the metric.
    effects : mapping effect -> float
        They sum to the total, what is unexplained among them.
    sources : mapping effect -> Element
        Largest part of an effect that goes the effect's way.
    dimension : str
        Column of a ratio's segments.
    reversal : int
        1 where every segment rises and the whole falls, -1 where it is the other way round.
    explains : sequence of Element
        The fewest elements that explain the change, of the most surprising dimension.
    elements : sequence of Element
        All that are told apart, of single dimensions.
    """

    metric: str
    unit: str
    period: str
    owner: str
    total: float | NotApplicable
    effects: Mapping[str, float] = field(default_factory=dict)
    sources: Mapping[str, Element] = field(default_factory=dict)
    dimension: str = ""
    reversal: int = 0
    explains: Sequence[Element] = ()
    elements: Sequence[Element] = ()

    def finding(self, code: str, severity: Severity, **evidence: float | int | str) -> Finding:
        """Finding about this metric."""
        facts: Evidence = dict(evidence)
        return Finding(code, severity, self.metric, self.unit, self.period, facts, owner=self.owner)


def largest_effect(case: AttributionCase) -> Verdict:
    """OPS040: the effect that contributes most to a change, and where it comes from."""
    if isinstance(case.total, NotApplicable):
        return case.total
    known = {name: value for name, value in case.effects.items() if name != UNEXPLAINED and value}
    if not known:
        return None
    effect = max(known, key=lambda name: abs(known[name]))
    evidence: dict[str, float | int | str] = {
        "total": case.total, "effect": effect, "contribution": known[effect],
    }  # fmt: skip
    if (source := case.sources.get(effect)) is not None:
        evidence |= {
            "dimension": source.dimension, "item": source.item, "part": source.contribution,
        }  # fmt: skip
    return case.finding("OPS040", "info", **evidence)


def reversed_by_mix(case: AttributionCase) -> Verdict:
    """OPS041: every segment of a ratio moves one way and the whole the other (Simpson)."""
    if isinstance(case.total, NotApplicable):
        return case.total
    if not case.dimension:
        return NotApplicable("not meaningful for this metric")
    if not case.reversal:
        return None
    way = "all_rise" if case.reversal > 0 else "all_fall"
    return case.finding(
        "OPS041", "yellow", **{way: case.dimension}, dimension=case.dimension, total=case.total,
        rate=case.effects["rate"], mix=case.effects["mix"],
    )  # fmt: skip


def told_by_elements(case: AttributionCase) -> Verdict:
    """OPS042: few elements of one dimension explain a change."""
    if isinstance(case.total, NotApplicable):
        return case.total
    if not case.explains or not case.total:
        return None
    first = case.explains[0]
    told = sum(element.contribution for element in case.explains)
    return case.finding(
        "OPS042", "info", dimension=first.dimension, item=first.item, number=len(case.explains),
        part=first.contribution, power=told / case.total, total=case.total,
    )  # fmt: skip


def left_unexplained(case: AttributionCase) -> Verdict:
    """OPS043: more than a tenth of all that moved belongs to no effect."""
    if isinstance(case.total, NotApplicable):
        return case.total
    left = abs(case.effects.get(UNEXPLAINED, 0.0))
    gross = sum(map(abs, case.effects.values()))
    if left <= TENTH * gross:
        return None
    return case.finding("OPS043", "grey", contribution=case.effects[UNEXPLAINED], total=case.total)


def held_back(case: AttributionCase) -> Verdict:
    """OPS044: one element moved against the whole, by a tenth of the change or more."""
    if isinstance(case.total, NotApplicable):
        return case.total
    sign = 1.0 if case.total >= 0 else -1.0
    against = [one for one in case.elements if one.contribution * sign < 0]
    if not against:
        return None
    most = min(against, key=lambda one: one.contribution * sign)
    if abs(most.contribution) < TENTH * abs(case.total):
        return None
    return case.finding(
        "OPS044", "info", dimension=most.dimension, item=most.item, part=most.contribution,
        total=case.total,
    )  # fmt: skip


def moved_by_price(case: AttributionCase) -> Verdict:
    """OPS046: prices made a tenth or more of all that moved, and where they come from."""
    if isinstance(case.total, NotApplicable):
        return case.total
    if "price" not in case.effects:
        return NotApplicable("not meaningful for this metric")
    price, gross = case.effects["price"], sum(map(abs, case.effects.values()))
    if price == 0 or abs(price) < TENTH * gross:
        return None
    evidence: dict[str, float | int | str] = {"contribution": price, "total": case.total}
    if (source := case.sources.get("price")) is not None:
        evidence |= {
            "dimension": source.dimension, "item": source.item, "part": source.contribution,
        }  # fmt: skip
    return case.finding("OPS046", "info", **evidence)


def led_by_one(case: AttributionCase) -> Verdict:
    """OPS047: one element, of the dimension that explains most, makes half of a change or more."""
    if isinstance(case.total, NotApplicable):
        return case.total
    if not case.explains or not case.total:
        return None
    first = case.explains[0]
    if first.contribution / case.total < HALF:
        return None
    return case.finding(
        "OPS047", "info", dimension=first.dimension, item=first.item, part=first.contribution,
        total=case.total,
    )  # fmt: skip


RULES: tuple[Callable[[AttributionCase], Verdict], ...] = (
    largest_effect, moved_by_price, reversed_by_mix, told_by_elements, held_back,
    left_unexplained, led_by_one,
)  # fmt: skip


@dataclass(frozen=True)
class DriverCase:
    """What a rule sees of a metric and one candidate.

    Attributes
    ----------
    correlation, pvalue : float or NotApplicable
        At the lag where it is strongest; the p value is corrected for all that was tried.
    """

    metric: str
    unit: str
    period: str
    owner: str
    candidate: str
    correlation: float | NotApplicable
    pvalue: float = 1.0
    lag: int = 0
    tried: int = 1
    level: float = 0.95


def moves_with(case: DriverCase) -> Verdict:
    """OPS045: a candidate moves with the metric, beyond what so many attempts bring by chance."""
    if isinstance(case.correlation, NotApplicable):
        return case.correlation
    if case.pvalue >= 1 - case.level:
        return None
    evidence: Evidence = {
        "driver": case.candidate, "correlation": case.correlation, "pvalue": case.pvalue,
        "tried": case.tried,
    }  # fmt: skip
    if case.lag:
        evidence["lag"] = case.lag
    return Finding(
        "OPS045", "info", case.metric, case.unit, case.period, evidence, owner=case.owner
    )


def find_in_attributions(cases: Iterable[AttributionCase]) -> tuple[Finding, ...]:
    """All findings about the changes, in the order of the metrics."""
    return tuple(v for case in cases for rule in RULES if isinstance(v := rule(case), Finding))


def find_in_drivers(cases: Iterable[DriverCase]) -> tuple[Finding, ...]:
    """All findings about the candidates."""
    return tuple(v for case in cases if isinstance(v := moves_with(case), Finding))
