"""How a metric stands, from the findings about it; what is incomplete is never shown as good."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from markupsafe import Markup, escape

from opsnb.display.icons import icon, worst
from opsnb.display.markup import element, join
from opsnb.display.reader import Reader
from opsnb.display.sentences import DOUBTED, sentence
from opsnb.display.words import Words
from opsnb.results import Finding, Severity

INCOMPLETE, EMPTY = "OPS003", "OPS004"
REVISED, REGROUPED = "OPS020", "OPS021"
TOLD = (REVISED, REGROUPED, "OPS007", "OPS010")  # notes beside the figures, whatever their level
GATHERED = (*DOUBTED, REGROUPED)  # one line for all the metrics that it touches


@dataclass(frozen=True)
class States:
    """The findings of a result, by metric and unit."""

    findings: tuple[Finding, ...] = ()
    touched: frozenset[tuple[str, str]] = field(init=False)
    doubted: frozenset[tuple[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        for name, codes in (("touched", (INCOMPLETE,)), ("doubted", DOUBTED)):
            about = ((f.metric, f.unit) for f in self.findings if f.code in codes)
            object.__setattr__(self, name, frozenset(about))

    def severity(self, metric: str, unit: str) -> Severity | None:
        """Most serious level found for `metric` in `unit`; None without a finding."""
        found = (f.severity for f in self.findings if (f.metric, f.unit) == (metric, unit))
        return worst(list(found))

    def incomplete(self, metric: str, unit: str) -> bool:
        """Whether some units of `unit` have no data for `metric`."""
        return (metric, unit) in self.touched

    def tag(self, metric: str, unit: str, words: Words) -> Markup:
        """Small tag beside a figure that lacks units or fails a check; nothing beside others."""
        if self.incomplete(metric, unit):
            return element("span", words("incomplete"), class_="tag")
        if (metric, unit) in self.doubted:
            return element("span", words("in doubt"), class_="tag")
        return Markup("")

    def icon(self, metric: str, unit: str, words: Words, *, judged: bool) -> Markup:
        """Level of a metric as shape and word.

        Without a finding a metric is normal only when it could be `judged`: when it has both a
        value and a target.
        """
        severity = self.severity(metric, unit)
        if severity is None:
            return icon("info", words) if judged else icon("grey", words, words("Not judged"))
        return icon(severity, words)


def caveats(findings: Iterable[Finding], notes: Iterable[str], reader: Reader) -> Markup:
    """Notes below a result: what is incomplete, in sentences, and the result's own caveats."""
    found = [finding for finding in findings if finding.severity == "grey" or finding.code in TOLD]
    lines = [sentence(f, reader.provenance, reader.locale) for f in found if f.code not in GATHERED]
    lines += _doubts([finding for finding in found if finding.code in GATHERED], reader)
    lines += [escape(reader.words(note)) for note in notes]
    return join(element("p", line, class_="note") for line in lines)


def _doubts(findings: list[Finding], reader: Reader) -> list[Markup]:
    """One line a check that does not hold, with all the metrics it touches."""
    about: dict[tuple[str, ...], list[Finding]] = {}
    for finding in findings:
        key = (finding.code, *(f"{k}={v}" for k, v in sorted(finding.evidence.items())))
        about.setdefault(key, []).append(finding)
    return [
        _of_units(group, reader)
        + reader.words.html(
            " Touches {metrics}.",
            metrics=reader.listed(dict.fromkeys(reader.metric(f.metric) for f in group)),
        )
        for group in about.values()
    ]


def _of_units(findings: list[Finding], reader: Reader) -> Markup:
    """What does not hold, and for which units, where that is not the report's own."""
    said = sentence(findings[0], reader.provenance, reader.locale)
    own = str(reader.provenance.get("unit", ""))
    units = dict.fromkeys(reader.unit(f.unit) for f in findings if f.unit not in ("", own))
    if not units:
        return said
    return reader.words.html("{units}: {said}", units=reader.listed(units), said=said)
