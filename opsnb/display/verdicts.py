"""Verdicts of control charts as icons: a circle for variation, a square for assurance.

An outline is normal, filled is a signal; the arrow points where the value went, the colour says
whether that is good. In the square the dashed line is the target and the wave the process.
Never without a word: beside it, or as its label.
"""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from opsnb.display.markup import element, join
from opsnb.display.reader import records
from opsnb.display.reasons import reason_text
from opsnb.display.words import Words, mark
from opsnb.results import Result

VARIATION = {
    "improvement": mark("Improvement"),
    "common": mark("Common cause"),
    "concern": mark("Concern"),
    "neutral": mark("Change"),
    "": mark("No chart"),
}
ASSURANCE = {
    "pass": mark("Consistent pass"),
    "inconsistent": mark("Hit and miss"),
    "fail": mark("Consistent fail"),
    "none": mark("No target"),
}
TONES = {"improvement": "good", "concern": "bad"}
RING = element("circle", cx="12", cy="12", r="10.5")
DISC = element("circle", class_="fl", cx="12", cy="12", r="11.2")
UP = element("path", d="M5 15.5l3.5-1 3.5 1 5-7.5M12.8 8.2l4.4-.5.3 4.4")
DOWN = element("path", d="M5 8.5l3.5 1 3.5-1 5 7.5M12.8 15.8l4.4.5.3-4.4")
WAVE = element("path", d="M4.5 13l3-3 3 4 3-4 3 4 3-3")
SQUARE = element("path", d="M1.5 1.5h21v21h-21z")
BLOCK = element("path", class_="fl", d="M1.5 1.5h21v21h-21z")


@dataclass(frozen=True)
class Verdict:
    """What a control chart says of one metric.

    Parameters
    ----------
    variation, assurance : str
        As the result ``standings`` has them; no variation where there is no chart.
    better : str
    reason : str
        Why there is no chart.
    """

    variation: str = ""
    assurance: str = "none"
    better: str = "higher"
    reason: str = ""

    @property
    def kind(self) -> str:
        """Improvement, common, concern or neutral; empty without a chart."""
        kind = self.variation.partition("_")[0]
        return kind if kind in VARIATION else ""

    @property
    def promise(self) -> str:
        """Assurance; none where it is not known."""
        return self.assurance if self.assurance in ASSURANCE else "none"

    @property
    def tone(self) -> str:
        """Whether the variation is ``good`` or ``bad``, or neither."""
        return TONES.get(self.kind, "")


def verdicts(result: Result) -> dict[str, Verdict]:
    """Verdict of each metric, from the part ``standings``; empty without it."""
    found = {}
    metrics = result.provenance.get("metrics", {})
    for part in result.parts:
        for row in records(part) if part.name == "standings" else ():
            better = str(metrics.get(row["metric"], {}).get("better", "higher"))
            found[str(row["metric"])] = Verdict(
                str(row["variation"]), str(row["assurance"]), better, str(row["reason"])
            )
    return found


def variation_icon(
    verdict: Verdict, words: Words, *, alone: bool = False, labelled: bool = False
) -> Markup:
    """Circle of a verdict with its word; `alone` the word is its label; `labelled`, both."""
    word = words(VARIATION[verdict.kind])
    if verdict.kind == "common":
        shape = RING + WAVE
    else:
        shape = DISC + (UP if verdict.variation.endswith("high") else DOWN)
    label = words("Variation: {word}", word=word)
    return _icon(shape, word, label, verdict.tone, alone=alone, labelled=labelled)


def assurance_icon(
    verdict: Verdict, words: Words, *, alone: bool = False, labelled: bool = False
) -> Markup:
    """Square of a verdict with its word; nothing without a target."""
    if verdict.assurance not in ("pass", "inconsistent", "fail"):
        return Markup("")
    word = words(ASSURANCE[verdict.assurance])
    label = words("Assurance: {word}", word=word)
    failed = verdict.assurance == "fail"
    shape = (BLOCK if failed else SQUARE) + _process(verdict)
    return _icon(shape, word, label, "bad" if failed else "", alone=alone, labelled=labelled)


def _process(verdict: Verdict) -> Markup:
    """Target and process: crossing, or apart on the side that the direction asks for."""
    if verdict.assurance == "inconsistent":
        return element("path", d="M4 12h16", class_="da") + element(
            "path", d="M4.5 14.5l3-6 3 7 3-7 3 7 3-5"
        )
    above = (verdict.assurance == "pass") == (verdict.better != "lower")
    target, wave = ("17.5", "10") if above else ("6.5", "16")
    return element("path", d=f"M4 {target}h16", class_="da") + element(
        "path", d=f"M4.5 {wave}l3-3 3 3.5 3-3.5 3 3 3-2.5"
    )


def _icon(
    shape: Markup, word: str, label: str, tone: str, *, alone: bool, labelled: bool
) -> Markup:
    spoken = alone or labelled
    said = {"role": "img", "aria_label": label} if spoken else {"aria_hidden": "true"}
    drawing = element("svg", shape, viewBox="0 0 24 24", **said)
    seen: object = element("span", word, aria_hidden="true") if labelled else word
    return element("span", drawing, None if alone else seen, class_=f"ic {tone}".strip())


def icon_pair(verdict: Verdict, words: Words, *, alone: bool = False) -> Markup:
    """Both icons; without a chart, why there is none."""
    if not verdict.kind:
        reason = reason_text(verdict.reason, words)
        shown = reason if alone else words("No chart: {reason}", reason=reason)
        return element("span", shown, class_="na")
    pair = (verdict_icon(verdict, words, alone=alone) for verdict_icon in ICONS)
    return join(pair)


ICONS = (variation_icon, assurance_icon)
