"""The rows behind a number, by table, and the number made of them again."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from opsnb.data.readers.text import FILE, RECORD
from opsnb.data.sql import written
from opsnb.metrics.behind import MONTH, Place
from opsnb.metrics.components import Component
from opsnb.metrics.solve import evaluate
from opsnb.metrics.spans import Span
from opsnb.workbook import Workbook


@dataclass(frozen=True)
class Listing:
    """Rows of one table that a metric is made of.

    Attributes
    ----------
    place : Place
        Table, months and filter.
    components : tuple of Component
        What is taken from the rows.
    frame : DataFrame
        The first rows: ``file``, ``record`` (the header counted; not where the rows stay in a
        database), the columns used, and what each row adds, a column a component under its name.
    total : int
        Number of all rows.
    totals : mapping component's name -> float
        Each component over all rows.
    """

    place: Place
    components: tuple[Component, ...]
    frame: pd.DataFrame
    total: int
    totals: dict[str, float]


def name(component: Component) -> str:
    """Component as SQL: ``sum(amount)``, ``count(distinct order_id)``."""
    argument = component.argument
    text = "*" if argument is None else argument.sql(dialect="duckdb")
    if component.function == "distinct":
        return f"count(distinct {text})"
    return f"{component.function}({text})"


def listings(workbook: Workbook, metric: str, span: Span, limit: int) -> Iterator[Listing]:
    """Rows behind `metric`, at most `limit` of each table."""
    for place, components in workbook.behind.places(metric, span).items():
        yield _listing(workbook, place, components, limit)


def _listing(
    workbook: Workbook, place: Place, components: Sequence[Component], limit: int
) -> Listing:
    behind, engine = workbook.behind, workbook.engine_of(place.table)
    names = [name(component) for component in components]
    rows = behind.rows(place, components).limit(limit)
    frame = engine.query(written(rows, engine.dialect)).drop(columns=MONTH)
    files = workbook.files(place.table)
    frame[FILE] = [files[int(i)] if int(i) < len(files) else place.table for i in frame[FILE]]
    if workbook.company.tables[place.table].in_place:  # rows of a relation have no number
        frame = frame.drop(columns=RECORD)
    adds = {f"_c{i}": name for i, name in enumerate(names)}
    frame = frame.rename(columns={FILE: "file", RECORD: "record"} | adds)
    totals = engine.query(written(behind.totals(place, components), engine.dialect))
    found = [totals[f"_c{i}"].iloc[0] for i in range(len(components))]
    counted = [math.nan if pd.isna(value) else float(value) for value in found]
    total = int(totals["rows"].iloc[0])
    return Listing(place, tuple(components), frame, total, dict(zip(names, counted, strict=True)))


def recomputed(workbook: Workbook, metric: str, span: Span, listed: Sequence[Listing]) -> float:
    """The metric again, from the totals of its rows; NaN where they give none."""
    catalogue, definition = workbook.catalogue, workbook.catalogue.metrics[metric]
    formula = catalogue.formulas[metric]
    inside = workbook.behind.inside(metric, span)
    inputs: dict[str, Any] = {}
    for key, component in formula.components.items():
        place = Place(component.table, span, component.over_time, definition.filter or "")
        (found,) = (one for one in listed if one.place == place)
        inputs[key] = np.array([found.totals[name(component)]])
    for key, part in formula.metrics.items():
        inputs[key] = np.array([recomputed(workbook, part, inside, listed)])
    with np.errstate(all="ignore"):
        value = float(evaluate(formula.tree, inputs, [])[0])
    return value if math.isfinite(value) else math.nan
