"""Small multiples: one metric in every unit, each in a panel of its own, all on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from opsnb.display.figures import Canvas, round_steps, text_width
from opsnb.display.markup import anchor, element
from opsnb.display.reader import Reader
from opsnb.display.sparkline import spoken
from opsnb.display.table import number_place
from opsnb.display.trend import Series, series
from opsnb.results import Result

WIDE, NARROW = Canvas(256, 132), Canvas(167, 116)
MOST = 12  # panels; the rest is in the table
TOP, BOTTOM, GAP, DOT = 16, 20, 6, 8


@dataclass(frozen=True)
class Scale:
    """Levels that all panels share, on the shown scale, and how they are written."""

    levels: tuple[float, ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, shown: Sequence[Series]) -> Scale:
        """Round levels around all values of `shown`."""
        known = [value for one in shown for value in one.scaled("value") if value == value]  # noqa: PLR0124 (NaN)
        levels, decimals = round_steps(min(known), max(known), 3)
        names = (f"{level:,.{decimals}f}".replace("-", "\u2212") for level in levels)
        return cls(tuple(levels), tuple(names))

    def height(self, value: float, canvas: Canvas) -> float:
        """Distance of `value` from the top of a panel."""
        share = (value - self.levels[0]) / (self.levels[-1] - self.levels[0])
        return canvas.height - BOTTOM - (canvas.height - BOTTOM - TOP) * share


def multiples(part: Result, reader: Reader) -> Markup:
    """Figure of the panels of `part`, units with the largest last value first.

    Nothing where fewer than two units have a value in the last period: there is nothing to
    compare.
    """
    found = [one for one in series(part, reader) if one.last("value") is not None]
    found.sort(key=lambda one: -(one.last("value") or 0.0))
    shown = found[:MOST]
    if len(shown) < 2:
        return Markup("")
    name = anchor("multiples", shown[0].metric)
    scale = Scale.of(shown)
    panels = (_panel(one, scale, reader) for one in shown)
    return element(
        "figure",
        _caption(found, name, reader),
        element("ul", *panels, class_="sm"),
        id=name,
        class_="fig",
    )


def _caption(found: Sequence[Series], name: str, reader: Reader) -> Markup:
    """Message: the highest and lowest unit; below it unit, time, and what is left out."""
    words, first, last = reader.words, found[0], found[-1]
    style = first.style
    told = words.html(
        "{metric}: highest in {top} ({high}), lowest in {bottom} ({low})",
        metric=reader.metric(first.metric),
        top=reader.unit(first.unit),
        high=style.text(first.last("value") or 0.0),
        bottom=reader.unit(last.unit),
        low=last.reader.format(last.metric, [last.last("value")]).text(last.last("value") or 0.0),
    )
    periods = f"{reader.period(first.periods[0])}—{reader.period(first.periods[-1])}"
    parts = [style.unit, periods, words("all on one scale")]
    if len(found) > MOST:
        parts.append(words("the {n} largest of {total} units", n=MOST, total=len(found)))
    sub = ("，" if words.wide else ", ").join(part for part in parts if part)
    return element(
        "figcaption",
        element("h3", told),
        element("p", number_place("figure", name), sub, class_="sub"),
    )


def _panel(one: Series, scale: Scale, reader: Reader) -> Markup:
    values, colon = one.column("value"), "：" if reader.words.wide else ": "
    said = spoken(values, one.style, reader.words)
    both = (
        element(
            "svg",
            *drawn(one, scale, canvas),
            viewBox=f"0 0 {canvas.width} {canvas.height}",
            class_=css,
            role="img",
            aria_label=colon.join((reader.unit(one.unit), said)),
        )
        for canvas, css in ((WIDE, "vw"), (NARROW, "vn"))
    )
    return element("li", element("h4", reader.unit(one.unit)), element("div", *both, class_="cv"))


def drawn(one: Series, scale: Scale, canvas: Canvas) -> list[Markup]:
    """Levels, line, last point with its value, first and last month."""
    left = max(map(text_width, scale.names)) + GAP
    values, label = one.scaled("value"), one.style.number(one.last("value") or 0.0)
    right = canvas.width - text_width(label) - DOT  # the value stands beside its point
    step = (right - left) / max(len(values) - 1, 1)
    marks = [
        _level(level, name, scale, (left, right), canvas)
        for level, name in zip(scale.levels, scale.names, strict=True)
    ]
    path, down = "", False
    for place, value in enumerate(values):
        if value == value:  # noqa: PLR0124 (NaN lifts the pen)
            path += (
                f"{'L' if down else 'M'}{left + place * step:.1f} {scale.height(value, canvas):.1f}"
            )
            path += "" if down else "h0"  # a lone point is seen
        down = value == value  # noqa: PLR0124
    marks.append(element("path", d=path, class_="sl"))
    y = scale.height(values[-1], canvas)
    marks.append(element("path", d=f"M{right:.1f} {y:.1f}h0", class_="dot"))
    beside = min(y + 4, canvas.height - BOTTOM)
    marks.append(element("text", label, x=canvas.width, y=f"{beside:.1f}", class_="e k"))
    foot = canvas.height - 4
    marks.append(element("text", one.periods[0], x=f"{left:.1f}", y=foot, class_="m"))
    marks.append(element("text", one.periods[-1], x=canvas.width, y=foot, class_="m k"))
    return marks


def _level(
    level: float, name: str, scale: Scale, ends: tuple[float, float], canvas: Canvas
) -> Markup:
    y = scale.height(level, canvas)
    left, right = ends
    line = element("path", d=f"M{left:.1f} {y:.1f}H{right:.1f}", class_="lv")
    return line + element("text", name, x=f"{left - GAP:.1f}", y=f"{y + 4:.1f}", class_="m k")
