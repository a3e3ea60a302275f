"""Attribution: the message, the waterfall, and the tables of what contributes beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from markupsafe import Markup

from opsnb.display import figures
from opsnb.display.markup import anchor, element, join
from opsnb.display.numbers import NumberFormat, count, difference_format, percent
from opsnb.display.reader import Reader, number, records
from opsnb.display.reasons import reason_text
from opsnb.display.sentences import clauses, sentence
from opsnb.display.states import States, caveats
from opsnb.display.table import Cell, Group, Head, Row, Table, number_place, render
from opsnb.display.waterfall import Step, Tone, Total, WaterfallData, waterfall
from opsnb.display.words import mark
from opsnb.keys import record_key
from opsnb.results import NotApplicable, Result

EFFECTS: dict[str, str] = {
    "volume": mark("Volume"),
    "mix": mark("Mix"),
    "price": mark("Price"),
    "new": mark("New items"),
    "lost": mark("Lost items"),
    "rate": mark("Own rates"),
    "others": mark("Others"),
    "unexplained": mark("Unexplained"),
    "total": mark("Total"),
}
SCENARIOS = {
    "prior_year": (mark("A year ago"), "py"),
    "target": (mark("Target"), "plan"),
    "actual": (mark("Actual"), "ink"),
}
FIRST, LAST = 40, 47
TOLD = tuple(f"OPS{code:03d}" for code in range(FIRST, LAST + 1))
LED = "OPS047"  # OPS042 says the same beside its figure
SEGMENTS = 5
Records = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Shown:
    """Rows of one metric, and the formats of its values and differences."""

    metric: str
    unit: str
    period: str
    effects: dict[str, float]
    shares: dict[str, float | None]
    why: str
    totals: dict[str, float | None]
    sources: Records
    elements: Records
    segments: Records
    reader: Reader

    @property
    def style(self) -> NumberFormat:
        """Format of the totals."""
        return self.reader.format(self.metric, self.totals.values())

    @property
    def step_style(self) -> NumberFormat:
        """Format of the differences, on the scale of the largest."""
        size = max((abs(value) for value in self.effects.values()), default=0.0)
        return difference_format(self.reader.definition(self.metric), self.style, size)

    @property
    def name(self) -> str:
        """Anchor of the figure."""
        return anchor("attribution", self.metric, self.unit)

    def effect(self, effect: str) -> str:
        """Name of an effect, or of the element that stands for one."""
        if effect in EFFECTS:
            return self.reader.words(EFFECTS[effect])
        dimension = next((str(s["dimension"]) for s in self.sources if s["effect"] == effect), "")
        return self.reader.element(dimension, effect.removeprefix("="))

    def figure(self, effect: str, value: float, style: NumberFormat) -> Markup:
        """Signed difference in running text, bound to its record."""
        shown = style.text(value, signed=True)
        return element("span", shown, class_="n", data_key=self.key(effect))

    def key(self, effect: str) -> str:
        """Key of the record of an effect, or of what a ratio's segment makes by itself."""
        if effect in self.effects:
            return record_key(self.metric, "value", self.unit, self.period, {"effect": effect})
        by = {"dimension": str(self.segments[0]["dimension"]), "item": effect.removeprefix("=")}
        return record_key(self.metric, "rate", self.unit, self.period, by)


def attribution(result: Result, reader: Reader) -> Markup:
    """A figure a metric, and the caveats; a line where nothing is declared."""
    if not len(result.frame):
        why = reader.words("No metric declares an attribution in metrics.yaml; left out here.")
        return element("p", why, class_="note")
    states = States(result.findings)
    shown = [_figure(one, result, states) for one in _metrics(result, reader)]
    doubts = [finding for finding in result.findings if finding.code not in TOLD]
    return join([*shown, caveats(doubts, result.notes, reader)])


def _metrics(result: Result, reader: Reader) -> list[Shown]:
    parts = {part.name: records(part) for part in result.parts}
    found = []
    for metric, group in groupby(records(result), key=lambda row: str(row["metric"])):
        rows = list(group)
        own = {
            name: [row for row in table if row["metric"] == metric] for name, table in parts.items()
        }
        values = {str(row["effect"]): number(row["value"]) for row in rows}
        total = rows[-1]["value"]
        found.append(
            Shown(
                metric,
                str(rows[0]["unit"]),
                str(rows[0]["period"]),
                {effect: value for effect, value in values.items() if value is not None},
                {str(row["effect"]): number(row["share"]) for row in rows},
                total.reason if isinstance(total, NotApplicable) else "",
                {
                    str(row["scenario"]): number(row["value"])
                    for row in own.get("attribution_totals", [])
                },
                own.get("attribution_sources", []),
                own.get("attribution_elements", []),
                own.get("attribution_segments", []),
                reader,
            )
        )
    return found


def _figure(one: Shown, result: Result, states: States) -> Markup:
    head, sub, read = (f"{one.name}-{part}" for part in "tsd")
    tag = states.tag(one.metric, one.unit, one.reader.words)
    caption = element(
        "figcaption",
        element("h3", message(one), tag, id=head),
        element("p", number_place("figure", one.name), _subtitle(one), id=sub, class_="sub"),
    )
    if one.why:
        reason = element("p", reason_text(one.why, one.reader.words), class_="note")
        return element("figure", caption, reason, id=one.name, class_="fig")
    both = (
        figures.svg_of(
            waterfall(figure_data(one), canvas),
            class_=css,
            role="img",
            aria_labelledby=f"{head} {read}",
        )
        for canvas, css in ((figures.WIDE, "vw"), (figures.NARROW, "vn"))
    )
    target = [row for row in one.elements if row["base"] == "target"]
    drawn = element(
        "div",
        element("div", *both, element("p", reading(one), id=read, class_="vh"), class_="cv"),
        _said(one, result),
        _targets(one, target) if target else None,
        class_="side",
    )
    return element("figure", caption, drawn, _side(one), id=one.name, class_="fig")


def message(one: Shown) -> Markup:
    """Change on the year before, and the two effects that make most of it."""
    words = one.reader.words
    metric = one.reader.metric(one.metric)
    if one.why:
        return words.html("{metric}: the change cannot be told", metric=metric)
    style = one.step_style
    lead = words.html(
        "{metric} {figure} on a year ago",
        metric=metric,
        figure=one.figure("total", one.effects["total"], style),
    )
    others = [effect for effect, value in steps(one).items() if value and effect != "others"]
    most = sorted(others, key=lambda effect: -abs(steps(one)[effect]))[:2]
    told = [
        words.html(
            "{name} {figure}",
            name=step_name(one, effect),
            figure=one.figure(effect, steps(one)[effect], style),
        )
        for effect in most
    ]
    if not told:
        return lead
    return join([lead, clauses(told, one.reader)], "：" if words.wide else ": ")


def steps(one: Shown) -> dict[str, float]:
    """Contributions that are drawn: effects that are not nothing, and a ratio's by segment."""
    effects = {k: v for k, v in one.effects.items() if k != "total"}
    if not one.segments:
        kept = {k: v for k, v in effects.items() if v or k in ("volume", "mix", "price")}
        return kept or effects
    own = {f"={row['item']}": float(row["rate"]) for row in one.segments}
    most = sorted(own, key=lambda name: -abs(own[name]))
    first = most if len(most) <= SEGMENTS + 1 else most[:SEGMENTS]
    found = {name: own[name] for name in own if name in first}
    if len(first) < len(own):
        found["others"] = sum(value for name, value in own.items() if name not in first)
    found["mix"] = effects["mix"]
    return found | ({"unexplained": left} if (left := effects["unexplained"]) else {})


def step_name(one: Shown, effect: str) -> str:
    """Name of what contributes: an effect, or a ratio's segment."""
    if one.segments and effect not in EFFECTS:
        dimension = str(one.segments[0]["dimension"])
        return one.reader.element(dimension, effect.removeprefix("="))
    return one.effect(effect)


def figure_data(one: Shown) -> WaterfallData:
    """Numbers and labels of the figure."""
    words, style, small = one.reader.words, one.style, one.step_style
    totals = tuple(
        Total(words(label), style.scaled(value), style.number(value), fill)  # type: ignore[arg-type]
        for scenario, (label, fill) in SCENARIOS.items()
        if (value := one.totals.get(scenario)) is not None
    )
    drawn = tuple(_step(one, effect, value, small) for effect, value in steps(one).items())
    whole = _step(one, "total", one.effects["total"], small)
    # percentage points for the differences of a ratio
    heads = (
        titled(one.reader.metric(one.metric), style.unit, wide=words.wide),
        titled(words("Difference from a year ago"), small.unit, wide=words.wide),
        words("of a year ago"),
    )
    return WaterfallData(totals, drawn, whole, heads)


def titled(name: str, unit: str, *, wide: bool) -> str:
    """Name with its unit of measure behind it."""
    return name + (("，" if wide else ", ") + unit if unit else "")


def _step(one: Shown, effect: str, value: float, style: NumberFormat) -> Step:
    share = one.shares.get(effect)
    known = share is not None and not one.segments
    shown = percent(one.reader.locale)
    return Step(
        step_name(one, effect),
        style.scaled(value),
        style.number(value, signed=True),
        tone(one.reader, one.metric, 0.0 if style.number(value) == style.number(0.0) else value),
        shown.scaled(share) if known and share is not None else math.nan,
        shown.text(share, signed=True) if known and share is not None else "",
    )


def tone(reader: Reader, metric: str, value: float) -> Tone:
    """Whether a difference is good, bad, or neither, by the metric's direction."""
    better = reader.definition(metric).get("better")
    if better not in ("higher", "lower") or value == 0:
        return "ink2"
    return "good" if (value > 0) == (better == "higher") else "bad"


def _subtitle(one: Shown) -> str:
    """Measure, unit, both times, and how the bars are to be read."""
    words, reader = one.reader.words, one.reader
    ends = one.period.split("..")
    years = ["—".join(reader.period(_back(end)) for end in ends)]
    years += ["—".join(reader.period(end) for end in ends)]
    parts = [
        reader.metric(one.metric),
        reader.unit(one.unit),
        words("{now} against {before}", now=years[1], before=years[0]),
        words("solid is actual, light a year ago, outlined target"),
    ]
    return ("，" if words.wide else ", ").join(part for part in parts if part)


def _back(month: str) -> str:
    """The same month a year earlier."""
    return f"{int(month[:4]) - 1}{month[4:]}"


def reading(one: Shown) -> str:
    """All contributions in one sentence: what the figure shows to who cannot see it."""
    style = one.step_style
    shown = {**steps(one), "total": one.effects["total"]}
    parts = [f"{step_name(one, e)} {style.text(v, signed=True)}" for e, v in shown.items()]
    return ("，" if one.reader.words.wide else ", ").join(parts)


def _said(one: Shown, result: Result) -> Markup:
    """What was found, in sentences, and whether the contributions are all of it."""
    own = (finding for finding in result.findings if finding.metric == one.metric)
    told = [finding for finding in own if finding.code in TOLD and finding.code != LED]
    said = [
        element("p", sentence(finding, one.reader.provenance, one.reader.locale))
        for finding in told
    ]
    return element("div", *said, element("p", _closing(one)), class_="say")


def _side(one: Shown) -> Markup:
    """What is beside the figure: contributions by element, or the segments."""
    before = [row for row in one.elements if row["base"] == "prior_year"]
    return element(
        "div",
        _elements(one, before) if before else None,
        _segments(one) if one.segments else None,
        class_="side",
    )


def _closing(one: Shown) -> Markup:
    """That the effects are all of the change, or how much is left."""
    words, left = one.reader.words, one.effects["unexplained"]
    shown = one.figure("unexplained", left, one.step_style)
    if left == 0:
        return words.html("The contributions sum to the whole difference; nothing is unexplained.")
    return words.html("{figure} of the difference belongs to none of them.", figure=shown)


def _elements(one: Shown, rows: Records) -> Markup:
    words, style = one.reader.words, one.step_style
    heads = (
        Head(words("What contributes"), "text"),
        Head(words("Contribution"), note=style.unit),
        Head(words("Share"), note=words("% of the difference")),
    )
    groups = []
    for dimension, group in groupby(rows, key=lambda row: str(row["dimension"])):
        body = [_element(one, row, style) for row in group]
        groups.append(Group(tuple(body), one.reader.column(dimension)))
    caption = words("Largest contributions to the difference from a year ago")
    return render(Table(caption, heads, tuple(groups), "fit", "dm"), words)


def _element(one: Shown, row: Mapping[str, Any], style: NumberFormat) -> Row:
    power = number(row["explanatory_power"])
    share = percent(one.reader.locale, 0)
    shown = Cell(share.number(power, signed=True)) if power is not None else Cell(
        reason=row["explanatory_power"].reason
    )  # fmt: skip
    return Row(
        _element_name(one, row), (Cell(style.number(row["contribution"], signed=True)), shown)
    )


def _element_name(one: Shown, row: Mapping[str, Any]) -> str:
    if row["others"]:
        return one.reader.words("{n} others", n=count(one.reader.locale).text(row["others"]))
    return one.reader.element(str(row["dimension"]), str(row["item"]))


def _targets(one: Shown, rows: Records) -> Markup:
    words, style, small = one.reader.words, one.style, one.step_style
    heads = (
        Head(words("Unit"), "text"),
        Head(words("Actual"), note=style.unit),
        Head(words("Target"), note=style.unit),
        Head(words("Variance"), note=small.unit),
    )
    body = tuple(
        Row(
            _element_name(one, row),
            (
                Cell(style.number(row["actual"])),
                Cell(style.number(row["expected"])),
                Cell(small.number(row["contribution"], signed=True)),
            ),
        )
        for row in rows
    )
    caption = words("Distance to target by unit")
    return render(Table(caption, heads, (Group(body),), "fit", "dm"), words)


def _segments(one: Shown) -> Markup:
    words, style, small = one.reader.words, one.style, one.step_style
    weight = percent(one.reader.locale)
    heads = (
        Head(one.reader.column(str(one.segments[0]["dimension"])), "text"),
        Head(words("Weight"), note=words("%, below it a year ago")),
        Head(
            one.reader.metric(one.metric),
            note=words("{unit}, below it a year ago", unit=style.unit),
        ),
        Head(words("Own rates"), note=small.unit),
        Head(words("Mix"), note=small.unit),
    )
    body = tuple(
        Row(
            one.reader.element(str(row["dimension"]), str(row["item"])),
            (
                Cell(
                    _over(weight.number(row["weight_after"]), weight.number(row["weight_before"]))
                ),
                _rates(row, style, words),
                Cell(small.number(row["rate"], signed=True)),
                Cell(small.number(row["mix"], signed=True)),
            ),
        )
        for row in one.segments
    )
    caption = words("Segments: their own change, and that of their weight")
    return render(Table(caption, heads, (Group(body),), "fit", "dm"), words)


def _rates(row: Mapping[str, Any], style: NumberFormat, words: Any) -> Cell:
    now, before = number(row["rate_after"]), number(row["rate_before"])
    if now is None and before is None:
        return Cell(reason="no data in this period")
    shown = [words("none") if value is None else style.number(value) for value in (now, before)]
    return Cell(_over(*shown))


def _over(now: str, before: str) -> Markup:
    """A number with that of the year before under it."""
    return join([now, element("br"), element("small", before)])
