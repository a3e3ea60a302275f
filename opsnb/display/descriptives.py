"""Descriptives as one table."""

from __future__ import annotations

from markupsafe import Markup

from opsnb.display.generic import table
from opsnb.display.reader import Reader
from opsnb.display.table import render
from opsnb.results import Result


def descriptives(result: Result, reader: Reader) -> Markup:
    """Table of all metrics; a popover for each of so many numbers would outweigh the page."""
    return render(table(result, reader, bound=False), reader.words)
