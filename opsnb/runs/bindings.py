"""Bindings: every compiled figure of a page names a record that is there and rounds to it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from html import unescape
from typing import Any

from opsnb.claims import Claim, figure
from opsnb.display.markup import undirected
from opsnb.display.popovers import FIGURE
from opsnb.display.sentences import POINTS
from opsnb.runs.narrative import Checker, Topic, check_markdown
from opsnb.runs.prose import Passage, plain

VALUE = re.compile(r' value="([^"]*)"')
TITLE = re.compile(r"<figcaption[^>]*><h3[^>]*>(.*?)</h3>", re.S)
SCALES = (0, -2, 4, 8, 6, 9, 3)
"""Powers of ten that a heading over bare numbers may stand for."""


def check_bindings(checker: Checker, html: str) -> None:
    """Check the bound figures of a page, and that the titles of its figures hold no others."""
    values: dict[str, list[float | None]] = {}
    for row in checker.records:
        values.setdefault(undirected(str(row["key"])), []).append(row["value"])  # as a page has it
    for key, start, text in figures(html):
        checker.faults += _faults(key, start, text, values.get(key))
    for title in TITLE.findall(html):
        bare = plain(FIGURE.sub("", title))
        where = f"title {plain(title)!r}"
        checker.passage(Passage(bare), where)


def figures(html: str) -> Iterator[tuple[str, str, str]]:
    """Key, start tag and text of every bound figure."""
    for start, _, key, text, _ in FIGURE.findall(html):
        yield unescape(key), start, unescape(text)


def _faults(
    key: str, start: str, text: str, values: Iterable[float | None] | None
) -> Iterator[str]:
    if values is None:
        yield f"figure {text!r} names no record: {key}"
        return
    measure = key.split("|")[1]
    known = sorted({value for value in values if value is not None})
    if known and not math.isclose(known[0], known[-1], rel_tol=1e-9, abs_tol=1e-12):
        yield f"record {key} has several values: {known}"
        return
    exact = VALUE.search(start)
    if exact and float(exact[1]) not in known:
        yield f"figure {text!r} holds {exact[1]}, its record {key} holds {known}"
    elif not any(states(text, value, absolute=measure in POINTS) for value in known):
        yield f"figure {text!r} is not its record {key}: {known}"


def states(text: str, value: float, *, absolute: bool = False) -> bool:
    """Whether a figure as it is shown, with or without its unit, is `value` at its rounding.

    >>> states("+9.6", 0.0963), states("1.168", 116_812_345), states("+9.7", 0.0963)
    (True, True, False)
    """
    claim = figure(text)
    if claim is None:
        return False
    is_right = any(_at(claim, power).states(value) for power in _powers(claim))
    if claim.number == 0 or absolute:
        return is_right
    return is_right and (value < 0) == (claim.sign < 0)


def _powers(claim: Claim) -> tuple[int, ...]:
    return (claim.power,) if claim.power else SCALES


def _at(claim: Claim, power: int) -> Claim:
    return replace(claim, power=power)


def check_notes(checker: Checker, notes: Iterable[Mapping[Any, Any]]) -> None:
    """Check the figures that people wrote into notes; those of a stale note were right once."""
    for note in notes:
        if note["stale"]:
            continue
        topic = Topic(str(note["metric"]), str(note["unit"]))
        for column in ("cause", "measure"):
            check_markdown(checker, str(note[column]), f"{note['place']}, {column}", topic)
