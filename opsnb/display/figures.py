"""Figures, drawn with matplotlib's objects, at two widths by the same function.

Nothing here knows a Result: a figure gets numbers on the shown scale and labels. It returns
matplotlib's Figure, whose lines and texts are the data that a test compares; :func:`svg_of`
writes it. matplotlib is imported when the first figure is drawn.
"""

from __future__ import annotations

import base64
import io
import math
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from opsnb.display import svg
from opsnb.display.markup import element
from opsnb.display.tokens import LIGHT
from opsnb.errors import OpsnbError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FONT = "Noto Sans SC"
SIZE = 12.5
GAP = 15.0  # pixels between direct labels
MOST_MARKS = 1000  # of a drawing; beyond, a picture
TOP, BOTTOM, SPACE = 12, 26, 8
SETTINGS: Any = {"svg.fonttype": "none", "svg.hashsalt": "opsnb", "font.family": FONT}


@dataclass(frozen=True)
class Canvas:
    """Width and height in pixels; the narrow one serves phones and paper."""

    width: int
    height: int


WIDE, NARROW = Canvas(544, 300), Canvas(358, 256)


@dataclass(frozen=True)
class Line:
    """One line: its values, oldest first, NaN where missing, and its label at the right end."""

    values: tuple[float, ...]
    label: str


@dataclass(frozen=True)
class Tick:
    """A labelled place on the axis of time; the last one is `strong`."""

    place: int
    label: str
    strong: bool = False


@dataclass(frozen=True)
class TrendData:
    """What a trend shows, on the shown scale.

    Parameters
    ----------
    actual, prior_year, target : Line
        Of equal length.
    ticks : tuple of Tick
    """

    actual: Line
    prior_year: Line
    target: Line
    ticks: tuple[Tick, ...]


def trend(data: TrendData, canvas: Canvas) -> Figure:
    """Actual as a solid line, prior year lighter, target in dashed steps, labelled at the end."""
    lines = (data.target, data.prior_year, data.actual)
    places = range(len(data.actual.values))
    figure, ax = axes_for(lines, canvas)
    ax.plot(*steps(data.target.values), **stroke("ink2", 1.3, (2, 2)))
    ax.plot(places, data.prior_year.values, **stroke("py", 1.4))
    ax.plot(places, data.actual.values, **stroke("ink", 1.7))
    _isolated(ax, data.actual.values)
    last = data.actual.values[-1]
    if math.isfinite(last):
        ax.plot(places[-1:], [last], "o", markersize=6, color=LIGHT["ink"], markeredgewidth=0)
    _end_labels(ax, lines, canvas)
    time_axis(ax, data.ticks, canvas)
    return figure


def steps(values: Sequence[float]) -> tuple[list[float], list[float]]:
    """Path of one level stretch for each value; neighbours join only at the same level.

    >>> steps([1.0, 1.0, 2.0])
    ([-0.5, 0.5, 1.5, nan, 1.5, 2.5], [1.0, 1.0, 1.0, nan, 2.0, 2.0])
    """
    x: list[float] = []
    y: list[float] = []
    for place, value in enumerate(values):
        if y and y[-1] == value:
            x.append(place + 0.5)
            y.append(value)
            continue
        gap = [math.nan] if y else []
        x += [*gap, place - 0.5, place + 0.5]
        y += [*gap, value, value]
    return x, y


def axes_for(lines: Sequence[Line], canvas: Canvas) -> tuple[Figure, Axes]:
    """Axes with margins that hold the labels, and grid lines at round numbers."""
    from matplotlib.figure import Figure

    from opsnb.display.bare_axes import BareAxes

    known = [v for line in lines for v in line.values if math.isfinite(v)]
    grid, decimals = round_steps(min(known), max(known), 4 if canvas is NARROW else 5)
    names = [f"{v:,.{decimals}f}".replace("-", "\u2212") for v in grid]
    left = max(map(text_width, names)) + SPACE
    right = max(text_width(line.label) for line in lines) + 2 * SPACE
    figure = Figure(figsize=(canvas.width / 72, canvas.height / 72), dpi=72)
    span = (canvas.width - left - right) / canvas.width
    height = (canvas.height - TOP - BOTTOM) / canvas.height
    box = (left / canvas.width, BOTTOM / canvas.height, span, height)
    ax = figure.add_axes(box, axes_class=BareAxes)
    ax.set(xlim=(-0.6, len(lines[0].values) - 0.4), ylim=(grid[0], grid[-1]))
    for value, name in zip(grid, names, strict=True):
        ax.axhline(value, **stroke("rule", 1.0))
        y = ax.transData.transform((0, value))[1]
        write(ax, left - SPACE, y - 4, name, "m", "right")
    return figure, ax


def stroke(colour: str, width: float, dashes: tuple[float, float] | None = None) -> dict[str, Any]:
    """Style of a line in a colour of the palette."""
    style: dict[str, Any] = {"color": LIGHT[colour], "linewidth": width, "clip_on": False}
    if dashes:
        style["dashes"] = dashes
    else:
        style["solid_capstyle"] = "butt"
    return style


def _isolated(ax: Axes, values: Sequence[float]) -> None:
    """Mark months whose neighbours are missing: a line alone would not show them."""
    known = [False, *map(math.isfinite, values), False]
    alone = [i for i in range(len(values)) if known[i : i + 3] == [False, True, False]]
    if alone:
        style: Any = {"markersize": 3, "color": LIGHT["ink"], "markeredgewidth": 0}
        ax.plot(alone, [values[i] for i in alone], "o", **style)


def _end_labels(ax: Axes, lines: Sequence[Line], canvas: Canvas) -> None:
    """Labels at the right edge, each beside its last value, kept apart."""
    ends = [(line, line.values[-1], css) for line, css in zip(lines, ("", "m", "e"), strict=True)]
    ends = [end for end in ends if math.isfinite(end[1]) and end[0].label]
    wanted = [ax.transData.transform((0, value))[1] for _, value, _ in ends]
    for (line, _, css), y in zip(ends, apart(wanted, 8, canvas.height - 8), strict=True):
        write(ax, canvas.width, y - 4, line.label, css, "right")


def time_axis(ax: Axes, ticks: Sequence[Tick], canvas: Canvas) -> None:
    """Axis of time: a base line, short ticks, and as many labels as there is room for."""
    low, _ = ax.get_ylim()
    left, right = ax.get_xlim()
    ax.plot([left, right], [low, low], **stroke("ink3", 1.0))
    taken = canvas.width + 0.0
    for tick in reversed(ticks):
        x, y = ax.transData.transform((tick.place, low))
        half = text_width(tick.label) / 2
        if x + half + SPACE > taken or x - half < 0:
            continue
        taken = x - half
        foot = ax.transData.inverted().transform((x, y - 5))[1]
        ax.plot([tick.place, tick.place], [low, foot], **stroke("ink3", 1.0))
        write(ax, x, y - 19, tick.label, "e" if tick.strong else "m", "center")


def write(ax: Axes, x: float, y: float, text: str, css: str, align: str) -> None:
    """Text at a place in pixels from the lower left corner, its class in the gid."""
    style: Any = {
        "fontsize": SIZE,
        "fontfamily": FONT,
        "ha": align,
        "va": "baseline",
        "parse_math": False,
    }
    artist = ax.figure.text(x, y, text, transform=None, **style)
    if css:
        artist.set_gid("c-" + css)


def apart(wanted: Sequence[float], low: float, high: float, gap: float = GAP) -> list[float]:
    """Places nearest to `wanted` that keep `gap` between them and stay within the bounds.

    Those that crowd are spread evenly about their mean.

    >>> apart([10, 12, 90], 0, 100)
    [3.5, 18.5, 90.0]
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    blocks: list[tuple[float, int]] = []  # sum of wanted minus offset, and how many
    for i in order:
        total, size = float(wanted[i]), 1
        while blocks and total / size < blocks[-1][0] / blocks[-1][1] + blocks[-1][1] * gap:
            before, n = blocks.pop()
            total, size = before + total - size * n * gap, size + n
        blocks.append((total, size))
    flat = [total / size + k * gap for total, size in blocks for k in range(size)]
    for k in range(len(flat)):
        flat[k] = max(flat[k], low + k * gap)
    for k in range(len(flat)):
        flat[-1 - k] = min(flat[-1 - k], high - k * gap)
    places = [0.0] * len(wanted)
    for k, i in enumerate(order):
        places[i] = flat[k]
    return places


def round_steps(low: float, high: float, most: int) -> tuple[list[float], int]:
    """At most `most` + 1 round numbers that enclose `low` and `high`, and their decimals.

    >>> round_steps(0.82, 1.31, 5)
    ([0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4], 1)
    """
    span = (high - low) or abs(high) or 1.0
    power = math.floor(math.log10(span / most))
    for factor in (1, 2, 5, 10, 20, 50):
        step = factor * 10.0**power
        first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
        if max(last - first, 1) <= most + 1:
            break
    decimals = max(0, -power - (1 if factor >= 10 else 0))
    last = max(last, first + 1)
    return [round(k * step, decimals + 2) for k in range(first, last + 1)], decimals


@cache
def _font() -> Any:
    """Register the one font file with matplotlib; its cache of system fonts is left alone."""
    from matplotlib import font_manager

    file = resources.files("pylopdf_fonts_zh_cn").joinpath("NotoSansSC-Regular.otf")
    font_manager.fontManager.addfont(str(file))
    return font_manager.FontProperties(family=FONT, size=SIZE)


@cache
def text_width(text: str) -> float:
    """Width of `text` in pixels, in the figures' font and size."""
    from matplotlib.textpath import text_to_path

    font = _font()
    with _glyphs(text):
        return float(text_to_path.get_text_width_height_descent(text, font, ismath=False)[0])


@contextmanager
def _glyphs(text: str) -> Iterator[None]:
    """Make a character without a glyph an error that names the text."""
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message="Glyph .* missing")
        try:
            yield
        except UserWarning as warning:
            raise OpsnbError(
                f"a character of {text!r} has no glyph in {FONT}: {warning}",
                expected="text that the report's font can show",
            ) from warning


def marks(figure: Figure) -> int:
    """How many points, bars and pieces of areas a figure draws; text and grid lines are few."""
    total = 0
    for ax in figure.axes:
        for line in ax.lines:
            points: Any = line.get_path().vertices
            total += len(points)
        total += sum(map(_pieces, ax.collections)) + len(ax.patches)
    return total


def _pieces(collection: Any) -> int:
    """Points of a scatter, or vertices of areas and line collections."""
    points = len(collection.get_offsets())
    return points if points > 1 else sum(len(path.vertices) for path in collection.get_paths())


def svg_of(figure: Figure, *, alt: str = "", **attributes: object) -> Markup:
    """The figure as SVG in the palette's names, with `attributes` on its root.

    One of more than :data:`MOST_MARKS` is a picture instead: as SVG it would weigh more than the
    whole page.

    Parameters
    ----------
    alt : str
        What a picture says in words; in a drawing ``aria_labelledby`` does.
    """
    from matplotlib import rc_context

    _font()
    if marks(figure) > MOST_MARKS:
        return _picture(figure, alt, **attributes)
    out = io.StringIO()
    with rc_context(SETTINGS), _glyphs("the figure"):
        figure.savefig(
            out,
            format="svg",
            transparent=True,
            metadata={"Date": None},
            backend="module://opsnb.display.canvas",
        )
    return svg.cleaned(out.getvalue(), **attributes)


def _picture(figure: Figure, alt: str, **attributes: object) -> Markup:
    """The figure as PNG in a data URI, on the ground of the light page in the dark one too."""
    from matplotlib import rc_context

    out, given = io.BytesIO(), {k: v for k, v in attributes.items() if k != "role"}
    with rc_context(SETTINGS), _glyphs("the figure"):
        figure.savefig(
            out, format="png", dpi=2 * 72, facecolor=LIGHT["paper"], metadata={"Software": None}
        )
    source = f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}"
    return element("img", src=source, alt=alt, **given)
