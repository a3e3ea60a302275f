"""From matplotlib's SVG to the page's: small, without ids, in the names of the palette.

The text stays text, in the page's font. Colours become ``var(--token)``, coordinates keep one
decimal, groups and definitions are dissolved, and the stylesheet that matplotlib writes for all
elements of the page is dropped. Equal figures give equal bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple
from xml.etree import ElementTree as ET  # reads only what matplotlib has just written

from markupsafe import Markup

from opsnb.display.markup import element, join
from opsnb.display.tokens import LIGHT

NUMBER = re.compile(r"-?\d*\.\d+(?:e-?\d+)?")
SPACE = re.compile(r"(?<=[A-Za-z])\s+|\s+(?=[A-Za-z])")
TOKEN = {colour: f"var(--{name})" for name, colour in LIGHT.items()}
KEPT = ("fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "opacity")
POINT = re.compile(r"([ML])(-?[\d.]+) (-?[\d.]+)")
STRAIGHT = re.compile(r"(?:M-?[\d.]+ -?[\d.]+(?:L-?[\d.]+ -?[\d.]+)+)+z?")
CIRCLE = re.compile(r"M0 ([\d.]+)C")
HREF = "{http://www.w3.org/1999/xlink}href"
ANCHOR = {"middle": "h", "end": "k"}


class Shape(NamedTuple):
    """One drawn element and the name of the group it stands in."""

    node: ET.Element
    group: str


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


def _grouped(written: Iterable[tuple[str, Markup]]) -> Iterator[Markup]:
    """Neighbours of one style in one group that has it."""
    for style, group in groupby(written, key=itemgetter(0)):
        drawn = [shape for _, shape in group]
        yield element("g", *drawn, style=style) if style else join(drawn)


def _written(shape: Shape, marks: dict[str | None, ET.Element]) -> tuple[str, Markup]:
    """Style and drawing of a shape; text has classes instead."""
    node = shape.node
    if node.tag == _tag("text"):
        return "", _text(node, shape.group)
    if node.tag == _tag("use"):
        mark = marks[(node.get(HREF) or "").lstrip("#")]
        x, y = (_rounded(node.get(name) or "0") for name in ("x", "y"))
        style = _style((mark.get("style") or "") + ";" + (node.get("style") or ""))
        if radius := _radius(_path(mark)):
            return style, element("circle", cx=x, cy=y, r=radius)
        return style, element("path", d=_path(mark), transform=f"translate({x} {y})")
    return _style(node.get("style") or ""), element("path", d=shorter(_path(node)))


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

    >>> shorter("M10 20L12.5 20L15 20L15 40.2L14.7 39z")
    'M10 20l5 0 0 20.2-.3-1.2z'
    """
    if not STRAIGHT.fullmatch(path):
        return path
    out: list[str] = []
    x = y = level = 0  # `level` is the length of a level step that may grow
    for command, first, second in POINT.findall(path):
        u, v = (round(10 * float(text)) for text in (first, second))
        if command == "M":
            out.append(f"M{first} {second}l")
            level = 0
        elif v == y and level * (u - x) > 0:
            level += u - x
            out[-1] = _step(level, 0)
        else:
            out.append(_step(u - x, v - y))
            level = u - x if v == y else 0
        x, y = u, v
    return "".join(out).replace("l ", "l") + ("z" if path.endswith("z") else "")


def _step(dx: int, dy: int) -> str:
    """Tenths as they are written behind another number."""
    one, two = _tenths(dx), _tenths(dy)
    return (one if one[0] == "-" else f" {one}") + (two if two[0] == "-" else f" {two}")


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
