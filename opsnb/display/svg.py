"""From matplotlib's SVG to the page's: small, without ids, in the names of the palette.

The text stays text, in the page's font. Colours become ``var(--token)``, coordinates keep one
decimal, groups and definitions are dissolved, and the stylesheet that matplotlib writes for all
elements of the page is dropped. Equal figures give equal bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple
from xml.etree import ElementTree as ET  # reads only what matplotlib has just written

from markupsafe import Markup

from opsnb.display.markup import element, join
from opsnb.display.tokens import LIGHT

NUMBER = re.compile(r"-?\d*\.\d+(?:e-?\d+)?")
SPACE = re.compile(r"(?<=[A-Za-z])\s+|\s+(?=[A-Za-z])")
TOKEN = {colour: f"var(--{name})" for name, colour in LIGHT.items()}
KEPT = ("fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "opacity")
POINT = re.compile(r"([ML])(-?[\d.]+) (-?[\d.]+)(z?)")
STRAIGHT = re.compile(r"(?:M-?[\d.]+ -?[\d.]+(?:L-?[\d.]+ -?[\d.]+)+z?)+")
CIRCLE = re.compile(r"M0 ([\d.]+)C")
HREF = "{http://www.w3.org/1999/xlink}href"
ANCHOR = {"middle": "h", "end": "k"}
STYLES: dict[str, str] = {
    style: f"g{number}"
    for number, style in enumerate(
        (
            "fill:none;stroke:var(--ink3)",
            "fill:none;stroke:var(--rule)",
            "fill:none;stroke:var(--ink);stroke-width:1.7",
            "fill:none;stroke:var(--ink);stroke-width:1.3;stroke-dasharray:1.9,2.6",
            "fill:none;stroke:var(--ink3);stroke-dasharray:1,3",
            "fill:var(--bad);stroke:var(--paper)",
            "fill:none;stroke:var(--ink3);stroke-width:0.8",
            "fill:var(--ink3);stroke:var(--paper)",
            "fill:var(--band)",
            "fill:none;stroke:var(--ink);stroke-width:1.2",
            "fill:var(--ink)",
            "fill:var(--good)",
            "fill:var(--bad)",
        )
    )
}
"""Classes of the styles that most groups have; any other is written out where it stands."""


class Shape(NamedTuple):
    """One drawn element and the name of the group it stands in."""

    node: ET.Element
    group: str


class Written(NamedTuple):
    """Style of an element, and what is drawn: its absolute path, or all of it."""

    style: str
    drawn: Markup = Markup("")
    path: str = ""


def cleaned(source: str, **attributes: object) -> Markup:
    """Drawing of `source` as an ``<svg>`` with `attributes`.

    Parameters
    ----------
    source : str
        SVG of one matplotlib figure, ``svg.fonttype: none``. A group whose id begins with ``c-``
        (an artist's gid) gives its name as class to the text in it.
    """
    root = ET.fromstring(source)  # noqa: S314 matplotlib wrote it
    marks = {node.get("id"): node for node in root.iter(_tag("path")) if node.get("id")}
    written = (_written(shape, marks) for shape in _shapes(root, ""))
    return element("svg", *_grouped(written), viewBox=root.get("viewBox"), **attributes)


def _tag(name: str) -> str:
    return "{http://www.w3.org/2000/svg}" + name


def _shapes(node: ET.Element, group: str) -> Iterator[Shape]:
    for child in node:
        if child.tag in (_tag("defs"), _tag("metadata")):
            continue
        if child.tag == _tag("g"):
            name = child.get("id") or ""
            yield from _shapes(child, name.removeprefix("c-") if name[:2] == "c-" else group)
        elif not _unseen(child):
            yield Shape(child, group)


def _unseen(node: ET.Element) -> bool:
    """Whether a path is neither filled nor stroked, as the ground of a transparent figure."""
    style = _properties(node.get("style") or "fill:black")
    return node.tag == _tag("path") and style.get("fill") == "none" and "stroke" not in style


def _grouped(written: Iterable[Written]) -> Iterator[Markup]:
    """Neighbours of one style in one group that has it."""
    for style, group in groupby(written, key=attrgetter("style")):
        is_stroked = "fill:none" in style and "opacity" not in style
        shapes = list(group)
        drawn = _joined(shapes) if is_stroked else map(_drawn, shapes)
        name = STYLES.get(style, "")
        told = {"class_": name} if name else {"style": style}
        yield element("g", *drawn, **told) if style else join(drawn)


def _joined(group: Iterable[Written]) -> Iterator[Markup]:
    """Neighbouring paths as one: strokes look the same, wherever they cross."""
    for is_path, shapes in groupby(group, key=lambda one: bool(one.path)):
        if is_path:
            yield element("path", d=shorter("".join(one.path for one in shapes)))
        else:
            yield from (one.drawn for one in shapes)


def _drawn(one: Written) -> Markup:
    return element("path", d=shorter(one.path)) if one.path else one.drawn


def _written(shape: Shape, marks: dict[str | None, ET.Element]) -> Written:
    """Style and drawing of a shape; text has classes instead."""
    node = shape.node
    if node.tag == _tag("text"):
        return Written("", _text(node, shape.group))
    if node.tag == _tag("use"):
        mark = marks[(node.get(HREF) or "").lstrip("#")]
        x, y = (_rounded(node.get(name) or "0") for name in ("x", "y"))
        style = _style((mark.get("style") or "") + ";" + (node.get("style") or ""))
        if radius := _radius(_path(mark)):
            return Written(style, element("circle", cx=x, cy=y, r=radius))
        drawn = element("path", d=shorter(_path(mark)), transform=f"translate({x} {y})")
        return Written(style, drawn)
    return Written(_style(node.get("style") or ""), path=_path(node))


def _text(node: ET.Element, group: str) -> Markup:
    style = _properties(node.get("style") or "")
    classes = " ".join(filter(None, (group, ANCHOR.get(style.get("text-anchor", "")))))
    place = {name: _rounded(node.get(name) or "0") for name in ("x", "y")}
    return element("text", node.text or "", **place, class_=classes)


def _radius(path: str) -> str:
    """Radius of a circle about the origin, which matplotlib writes as eight curves; else empty.

    >>> _radius("M0 2L2 0z")
    ''
    """
    begin = CIRCLE.match(path)
    is_round = begin is not None and path.count("C") == 8 and f"{begin[1]} 0C" in path
    return begin[1] if begin and is_round else ""


def _path(node: ET.Element) -> str:
    return _rounded(SPACE.sub("", node.get("d") or "")).strip()


def shorter(path: str) -> str:
    """The same path in steps, where it is of straight lines alone; level steps are joined.

    >>> shorter("M10 20L12.5 20L15 20L15 40.2L14.7 39zM10 22L12 22")
    'M10 20h5v20.2l-.3-1.2zm0 2h2'
    >>> shorter("M10 20L11 21L12 21.5M5 30L6 31")
    'M10 20l1 1 1 .5m-7 8.5l1 1'
    """
    if not STRAIGHT.fullmatch(path):
        return path
    out: list[str] = []
    x = y = left = top = level = 0  # `level` is the length of a level step that may grow
    last = ""
    for command, first, second, end in POINT.findall(path):
        u, v = (round(10 * float(text)) for text in (first, second))
        if command == "M":
            step = f"M{first} {second}" if not out else "m" + _pair(u - x, v - y)
            left, top, last = u, v, "m"
        else:
            step, last = _step(u - x, v - y, last)
        if step[0] == "h" and out and out[-1][0] == "h" and level * (u - x) > 0:
            level += u - x
            out[-1] = "h" + _tenths(level)
        else:
            level = u - x
            out.append(step)
        out.extend(end)
        x, y = (left, top) if end else (u, v)
    return "".join(out)


def _step(dx: int, dy: int, last: str) -> tuple[str, str]:
    """A step from the pen in tenths, and its command; one that is that of before is not said."""
    if not dy:
        return "h" + _tenths(dx), "h"
    if not dx:
        return "v" + _tenths(dy), "v"
    pair = _pair(dx, dy)
    if last != "l":
        return "l" + pair, "l"
    return pair if pair[0] == "-" else f" {pair}", "l"


def _pair(dx: int, dy: int) -> str:
    one, two = _tenths(dx), _tenths(dy)
    return one + (two if two[0] == "-" else f" {two}")


def _tenths(number: int) -> str:
    text = f"{abs(number) // 10 or ''}" + (f".{abs(number) % 10}" if number % 10 else "")
    return ("-" if number < 0 else "") + (text or "0")


def _style(text: str) -> str:
    kept = _properties(text)
    return ";".join(f"{name}:{_rounded(kept[name])}" for name in KEPT if name in kept)


def _properties(text: str) -> dict[str, str]:
    pairs = (part.split(":", 1) for part in text.split(";") if ":" in part)
    return {name.strip(): TOKEN.get(value.strip(), value.strip()) for name, value in pairs}


def _rounded(text: str) -> str:
    return NUMBER.sub(lambda found: f"{float(found[0]):.1f}".removesuffix(".0"), text).replace(
        "-0 ", "0 "
    )
