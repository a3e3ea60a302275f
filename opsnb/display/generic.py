"""A result that has no view of its own: its frame as a table, by the units of its columns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from opsnb.display.annex import day
from opsnb.display.markup import element, join
from opsnb.display.messages import messages
from opsnb.display.numbers import NumberFormat, count, difference_format, largest, percent, points
from opsnb.display.reader import Reader, number, numbers_in, records
from opsnb.display.sentences import record_key
from opsnb.display.states import caveats
from opsnb.display.table import Cell, Group, Head, Row, Table, render
from opsnb.display.words import mark
from opsnb.results import Column, NotApplicable, Result

SIGNED = ("difference", "points")
CHANGES = ("yoy", "mom", "growth", "change")
COLUMNS: dict[str, str] = {
    "metric": mark("Metric"),
    "unit": mark("Unit"),
    "period": mark("Period"),
    "table": mark("Source"),
    "actual": mark("Actual"),
    "value": mark("Value"),
    "target": mark("Target"),
    "variance": mark("Variance"),
    "attainment": mark("Attainment"),
    "prior_year": mark("A year ago"),
    "yoy": mark("Year on year"),
    "mom": mark("Month on month"),
    "ytd": mark("Year to date"),
    "rank": mark("Rank"),
    "owner": mark("Owner"),
    "action": mark("Suggestion"),
    "severity": mark("State"),
}
