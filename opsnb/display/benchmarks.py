"""Benchmarks as a table, or the line that says that there are none."""

from __future__ import annotations

from markupsafe import Markup

from opsnb.display.generic import generic
from opsnb.display.markup import element
from opsnb.display.reader import Reader
from opsnb.results import Result


def benchmarks(result: Result, reader: Reader) -> Markup:
    """Own value beside what others reach, and where it stands among them."""
    if len(result.frame):
        return generic(result, reader)
    text = reader.words("The ledger of benchmarks holds nothing for these metrics.")
    return element("p", text, class_="note")
