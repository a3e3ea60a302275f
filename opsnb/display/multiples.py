"""Small multiples: one metric in every unit, each in a panel of its own, all on one scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from opsnb.display.figures import Canvas, round_steps, text_width
from opsnb.display.markup import anchor, element
from opsnb.display.numbers import NumberFormat
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
    """One format for all panels, and the levels they share, on its scale and as written."""

    style: NumberFormat
    levels: tuple[float, ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, shown: Sequence[Series]) -> Scale:
        """Round levels around all values of `shown`."""
        numbers = [v for one in shown for v in one.column("value") if v is not None]
        style = shown[0].reader.format(shown[0].metric, numbers)
        known = [style.scaled(value) for value in numbers]
        levels, decimals = round_steps(min(known), max(known), 3)
        names = (f"{level:,.{decimals}f}".replace("-", "\u2212") for level in levels)
        return cls(style, tuple(levels), tuple(names))

    def values(self, one: Series) -> tuple[float, ...]:
        """Values of `one` on the shown scale, NaN where missing."""
        found = one.column("value")
        return tuple(math.nan if value is None else self.style.scaled(value) for value in found)

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
        _caption(found, scale.style, name, reader),
        element("ul", *panels, class_="sm"),
        id=name,
        class_="fig",
    )


def _caption(found: Sequence[Series], style: NumberFormat, name: str, reader: Reader) -> Markup:
    """Message: the highest and lowest unit; below it unit, time, and what is left out."""
    words, first, last = reader.words, found[0], found[-1]
    told = words.html(
        "{metric}: highest in {top} ({high}), lowest in {bottom} ({low})",
        metric=reader.metric(first.metric),
        top=reader.unit(first.unit),
        high=_written(first, style),
        bottom=reader.unit(last.unit),
        low=_written(last, style),
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


def _written(one: Series, style: NumberFormat) -> str:
    """Last value in the format of all, or in its own where it would read as nothing."""
    value = one.last("value") or 0.0
    text = style.text(value)
    if value and not any(digit in text for digit in "123456789"):
        return one.reader.format(one.metric, [value]).text(value)
    return text


def _panel(one: Series, scale: Scale, reader: Reader) -> Markup:
    values, colon = one.column("value"), "：" if reader.words.wide else ": "
    said = spoken(values, scale.style, reader.words)
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
    values, label = scale.values(one), scale.style.number(one.last("value") or 0.0)
    left = max(map(text_width, scale.names)) + GAP
    right = canvas.width - text_width(label) - DOT  # the value stands beside its point
    step, y = (right - left) / max(len(values) - 1, 1), scale.height(values[-1], canvas)
    named = zip(scale.levels, scale.names, strict=True)
    places = [(left + i * step, scale.height(value, canvas)) for i, value in enumerate(values)]
    beside, foot = min(y + 4, canvas.height - BOTTOM), canvas.height - 4
    return [
        *(_level(level, name, scale, (left, right), canvas) for level, name in named),
        element("path", d=_line(places), class_="sl"),
        element("path", d=f"M{right:.1f} {y:.1f}h0", class_="dot"),
        element("text", label, x=canvas.width, y=f"{beside:.1f}", class_="e k"),
        element("text", one.periods[0], x=f"{left:.1f}", y=foot, class_="m"),
        element("text", one.periods[-1], x=canvas.width, y=foot, class_="m k"),
    ]


def _line(places: Sequence[tuple[float, float]]) -> str:
    """Path through `places`; one without a height lifts the pen, and a lone point is seen."""
    path, down = "", False
    for x, y in places:
        if math.isfinite(y):
            path += f"L{x:.1f} {y:.1f}" if down else f"M{x:.1f} {y:.1f}h0"
        down = math.isfinite(y)
    return path


def _level(
    level: float, name: str, scale: Scale, ends: tuple[float, float], canvas: Canvas
) -> Markup:
    y = scale.height(level, canvas)
    left, right = ends
    line = element("path", d=f"M{left:.1f} {y:.1f}H{right:.1f}", class_="lv")
    return line + element("text", name, x=f"{left - GAP:.1f}", y=f"{y + 4:.1f}", class_="m k")
