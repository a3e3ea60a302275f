"""Drill down: a metric's difference by the elements of any dimension, one within another."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import pandas as pd

from opsnb.analyses import changes, split, targets
from opsnb.analyses.comparison import (
    INCOMPLETE,
    LAST_YEAR,
    TWO_MONTHS,
    difference,
    follows_two_months,
    growth,
)
from opsnb.analyses.grid import Grid, Value, number
from opsnb.analyses.what_if import dimensions
from opsnb.errors import ParameterError
from opsnb.metrics.attributions import SIDES, part
from opsnb.metrics.spans import Span
from opsnb.results import Column, NotApplicable, Result
from opsnb.stats.decompose import rate_mix
from opsnb.workbook import Workbook

Against = Literal["prior_year", "prior_month", "year_to_date", "target"]
AGAINST: tuple[Against, ...] = get_args(Against)
UNIT, MOST = "unit", 12
"""Elements that are told apart; the others are one row."""
ROUNDING = 1e-9
KEYS = (
    Column("metric", "key"), Column("unit", "key"), Column("period", "key"),
    Column("against", "key"), Column("within", "key"),
)  # fmt: skip
COLUMNS = (
    *KEYS, Column("dimension", "key"), Column("item", "key"), Column("others", "count"),
    Column("actual", "metric"), Column("compared", "metric"), Column("contribution", "difference"),
    Column("share", "ratio"), Column("growth", "ratio"), Column("rate", "difference"),
    Column("mix", "difference"),
)  # fmt: skip
TOTALS = (
    *KEYS, Column("actual", "metric"), Column("compared", "metric"),
    Column("contribution", "difference"), Column("growth", "ratio"),
)  # fmt: skip
NOTHING_MOVED = NotApplicable("the base is zero")
OF_AMOUNTS = NotApplicable("not meaningful for this metric")
Path = Mapping[str, str]


@dataclass(frozen=True)
class _Sides:
    """Both sides of a comparison, a row an element: columns as measured, in the path's part."""

    span: Span
    before: pd.DataFrame
    after: pd.DataFrame


def drill_down(
    workbook: Workbook,
    metric: str,
    by: str,
    within: Path | None = None,
    against: Against = "prior_year",
) -> Result:
    """Difference of a metric by the elements of one dimension, within elements of others.

    The contributions of the elements of an amount sum to the difference; those of a ratio are
    the change of its own rate and of its weight, and do so too.

    Parameters
    ----------
    workbook : Workbook
    metric : str
        A sum, a count, a difference of such, or a ratio of two of them.
    by : str
        Column of its tables, or ``unit`` for the units below the workbook's.
    within : mapping of str to str, optional
        Element of each column that is looked into.
    against : {"prior_year", "prior_month", "year_to_date", "target"}
        Same months of the year before, the month before, the year to date against that of the
        year before, or the target, which is known by unit only.

    Returns
    -------
    Result
        ``drill_down``, a row an element, the largest contributions first, and one that holds the
        `others`; ``rate`` and ``mix`` are of ratios. Its part ``drill_down_total`` is the whole.

    Raises
    ------
    UnknownNameError
        There is no such metric.
    ParameterError
        Its elements do not add up, there is no such column or element, or no such comparison.

    Examples
    --------
    ``analyses.drill_down(workbook, "revenue", "product_line", {"region": "west"})``
    """
    path = dict(within or {})
    parts = _parts(workbook, metric)
    _check(workbook, metric, by, path, against)
    total, elements, rest = _compared(workbook, metric, parts, by, path, against)
    grid, whole = Grid(COLUMNS), Grid(TOTALS)
    keys = {
        "metric": metric, "unit": workbook.unit, "period": str(total["span"]), "against": against,
        "within": written(path),
    }  # fmt: skip
    whole.add(keys | {c: total[c] for c in ("actual", "compared", "contribution", "growth")})
    for row in _ordered(elements):
        grid.add(keys | {"dimension": by} | row)
    if rest:
        grid.add(keys | {"dimension": by} | rest)
    provenance = workbook.provenance([metric]) | {"columns": split.wording(workbook)}
    found = Result("drill_down_total", whole.frame, TOTALS, whole.reasons)
    return Result(
        "drill_down", grid.frame, COLUMNS, grid.reasons, parts=(found,), provenance=provenance
    )


def written(path: Path) -> str:
    """Path as one text, JSON in its order; empty without one."""
    return json.dumps(path, ensure_ascii=False) if path else ""


def ways(workbook: Workbook, metric: str) -> list[str]:
    """Columns that a metric can be taken apart by; none where its elements do not add up."""
    try:
        _parts(workbook, metric)
    except ParameterError:
        return []
    below = workbook.units.children(workbook.unit, workbook.period.first)
    return [*([UNIT] if below else []), *dimensions(workbook, metric)]


def _parts(workbook: Workbook, metric: str) -> tuple[str, ...]:
    """Metrics that are measured: itself, or both sides of a ratio."""
    definition = workbook.metric(metric)
    if definition.kind != "ratio":
        if not workbook.catalogue.adds_over_elements(metric):
            raise ParameterError(
                f"elements of {metric!r} do not add up to it", where="metric",
                expected="a sum, a count, or a ratio of two",
            )  # fmt: skip
        return (metric,)
    sides = [part(workbook.company.metrics, metric, side) for side in SIDES]
    wrong = [side for side in sides if not workbook.catalogue.adds_over_elements(side)]
    if wrong:
        raise ParameterError(
            f"{metric!r} is a ratio with {wrong[0]!r}, whose elements do not add up",
            where="metric", expected="a ratio of sums or counts",
        )  # fmt: skip
    return tuple(sides)


def _check(workbook: Workbook, metric: str, by: str, path: Path, against: str) -> None:
    known = ways(workbook, metric)
    for name in (by, *path):
        if name not in known:
            raise ParameterError(
                f"{metric!r} cannot be taken apart by {name!r}", given=name, choices=known
            )
    if by in path or UNIT in path:
        raise ParameterError(
            f"{by!r} is looked into already" if by in path else "units are opened, not looked into",
            where="within", expected="another column" if by in path else "a workbook of the unit",
        )  # fmt: skip
    if against not in AGAINST:
        raise ParameterError(f"no comparison {against!r}", given=against, choices=AGAINST)
    if against == "target" and (by != UNIT or path):
        raise ParameterError(
            "targets are known by unit only", where="against", given=by, choices=[UNIT]
        )


def _compared(
    workbook: Workbook, metric: str, parts: Sequence[str], by: str, path: Path, against: Against
) -> tuple[dict[str, Any], list[dict[str, Any]], dict[str, Any]]:
    """The whole, the elements that are told apart, and what holds the others."""
    _check_complete(workbook, metric)
    if against == "target":
        return _against_target(workbook, metric)
    sides = _sides(workbook, metric, parts, by, path, against)
    if len(parts) == 2:
        return _ratios(parts, by, sides)
    return _amounts(workbook, metric, by, sides)


def spans(workbook: Workbook, metric: str, against: Against) -> tuple[Span, Span]:
    """Months of both sides, the earlier first.

    Raises
    ------
    ParameterError
        They cannot be compared, as January alone with the festival in either month.
    """
    if against == "prior_month":
        own = Span.of(workbook.period)
        if follows_two_months(workbook, metric, workbook.period):
            raise ParameterError(TWO_MONTHS.reason, where="against", expected="another comparison")
        return Span(own.first - 1, own.last - 1), own
    if against == "year_to_date":
        own = Span.to_date(workbook.period)
        return own.year_ago, own
    found = split.span_of(workbook, metric)
    if isinstance(found, NotApplicable):
        raise ParameterError(found.reason, where="period", expected="February, which holds both")
    return found.year_ago, found


def _sides(
    workbook: Workbook, metric: str, parts: Sequence[str], by: str, path: Path, against: Against
) -> _Sides:
    before, after = spans(workbook, metric, against)
    _check_whole(workbook, metric, before, after)
    if by == UNIT:
        return _Sides(after, *(_by_unit(workbook, parts, span) for span in (before, after)))
    frames = [split.side(workbook, parts, span, (*path, by)) for span in (before, after)]
    for name, item in path.items():
        known = dict.fromkeys(value for frame in frames for value in frame[name])
        if item not in known:
            raise ParameterError(f"no {name} {item!r}", given=item, choices=known, where="within")
    return _Sides(after, *(_kept(frame, path) for frame in frames))


def _check_complete(workbook: Workbook, metric: str) -> None:
    """Refuse a month in which units are missing: what is incomplete is not compared."""
    missing = [unit for units in workbook.missing_units(metric).values() for unit in units]
    if missing:
        raise ParameterError(
            f"{INCOMPLETE.reason}: {', '.join(dict.fromkeys(missing))}",
            where=str(workbook.period),
        )


def _check_whole(workbook: Workbook, metric: str, before: Span, after: Span) -> None:
    """Refuse a comparison of what is not there."""
    values = workbook.values([metric], [before, after])
    for span in (before, after):
        value = values.value(metric, span, workbook.unit)
        if isinstance(value, NotApplicable):
            raise ParameterError(f"{metric!r}: {value.reason}", where=str(span))


def _by_unit(workbook: Workbook, parts: Sequence[str], span: Span) -> pd.DataFrame:
    """Units below, and what belongs to none of them under no name, so that they add up."""
    below = workbook.units.children(workbook.unit, workbook.period.first)
    values = workbook.values(parts, [span])
    rows: list[list[Any]] = [
        [unit, *(number(values.value(p, span, unit)) for p in parts)] for unit in below
    ]
    own = [number(values.value(p, span, workbook.unit)) for p in parts]
    left = [have - told for have, told in zip(own, _sums(rows, len(parts)), strict=True)]
    if any(abs(one) > ROUNDING * abs(have) for one, have in zip(left, own, strict=True)):
        rows.append(["", *left])
    return pd.DataFrame(rows, columns=[UNIT, *parts]).fillna(dict.fromkeys(parts, 0.0))


def _sums(rows: list[list[Any]], width: int) -> list[float]:
    """Sum of each column of numbers; what is missing is nothing."""
    columns = [[row[1 + place] for row in rows] for place in range(width)]
    return [math.fsum(value for value in column if not math.isnan(value)) for column in columns]


def _kept(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    for name, item in path.items():
        frame = frame[frame[name] == item]
    return frame


Told = tuple[dict[str, Any], list[dict[str, Any]], dict[str, Any]]


def _amounts(workbook: Workbook, metric: str, by: str, sides: _Sides) -> Told:
    definition = workbook.metric(metric)
    old, new = (frame.groupby(by)[metric].sum() for frame in (sides.before, sides.after))
    items = sorted({*old.index, *new.index})
    rows = [(item, float(new.get(item, 0.0)), float(old.get(item, 0.0))) for item in items]
    whole = _whole(sides.span, sum(r[1] for r in rows), sum(r[2] for r in rows))
    whole["growth"] = growth(definition, whole["actual"], whole["compared"])

    def told(item: str, others: int, actual: float, compared: float) -> dict[str, Any]:
        moved = actual - compared
        return {
            "item": item, "others": float(others), "actual": actual, "compared": compared,
            "contribution": moved, "share": _share(moved, whole["contribution"]),
            "growth": growth(definition, actual, compared), "rate": OF_AMOUNTS, "mix": OF_AMOUNTS,
        }  # fmt: skip

    rows.sort(key=lambda row: -abs(row[1] - row[2]))
    first, left = _first(rows)
    rest = told("", len(left), sum(r[1] for r in left), sum(r[2] for r in left)) if left else {}
    return whole, [told(item, 0, *values) for item, *values in first], rest


def _ratios(parts: Sequence[str], by: str, sides: _Sides) -> Told:
    before, after = (changes.rates(f, by, *parts) for f in (sides.before, sides.after))
    if not len(before) or not len(after):
        why = NotApplicable(LAST_YEAR if len(after) else "no data in this period")
        raise ParameterError(why.reason, where="within", expected="elements with both sides")
    found = rate_mix(before, after)
    means = (float(found.attrs["before"]), float(found.attrs["after"]))
    whole = _whole(sides.span, means[1], means[0])
    whole["growth"] = OF_AMOUNTS
    rows = changes.segments_of(before, after, means).to_dict("records")
    rows.sort(key=lambda row: -abs(row["rate"] + row["mix"]))
    first, left = _first(rows)

    def told(row: Mapping[Any, Any]) -> dict[str, Any]:
        moved = float(row["rate"] + row["mix"])
        return {
            "item": str(row["item"]), "others": 0.0,
            "actual": _rate(row["rate_after"], "no data in this period"),
            "compared": _rate(row["rate_before"], LAST_YEAR),
            "contribution": moved, "share": _share(moved, whole["contribution"]),
            "growth": OF_AMOUNTS, "rate": float(row["rate"]), "mix": float(row["mix"]),
        }  # fmt: skip

    rest: dict[str, Any] = {}
    if left:
        moved = [float(sum(row[name] for row in left)) for name in ("rate", "mix")]
        rest = {
            "item": "", "others": float(len(left)), "actual": OF_AMOUNTS, "compared": OF_AMOUNTS,
            "contribution": sum(moved), "share": _share(sum(moved), whole["contribution"]),
            "growth": OF_AMOUNTS, "rate": moved[0], "mix": moved[1],
        }  # fmt: skip
    return whole, [told(row) for row in first], rest


def _against_target(workbook: Workbook, metric: str) -> Told:
    below = workbook.units.children(workbook.unit, workbook.period.first)
    span, definition = Span.of(workbook.period), workbook.metric(metric)
    values = workbook.values([metric], [span])

    def pair(unit: str) -> tuple[Value, Value]:
        goal = targets.period_target(workbook, metric, unit)
        return values.value(metric, span, unit), goal

    actual, goal = pair(workbook.unit)
    whole: dict[str, Any] = {
        "span": span, "actual": actual, "compared": goal,
        "contribution": difference(actual, goal), "growth": growth(definition, actual, goal),
    }  # fmt: skip
    rows = []
    for unit in below:
        have, want = pair(unit)
        moved = difference(have, want)
        share = moved if isinstance(moved, NotApplicable) else _share(moved, whole["contribution"])
        ratio = definition.kind == "ratio"
        rows.append(
            {
                "item": unit, "others": 0.0, "actual": have, "compared": want,
                "contribution": moved, "share": OF_AMOUNTS if ratio else share,
                "growth": growth(definition, have, want), "rate": OF_AMOUNTS, "mix": OF_AMOUNTS,
            }
        )  # fmt: skip
    return whole, rows, {}


def _whole(span: Span, actual: float, compared: float) -> dict[str, Any]:
    return {
        "span": span, "actual": actual, "compared": compared, "contribution": actual - compared,
    }  # fmt: skip


def _first(rows: list[Any]) -> tuple[list[Any], list[Any]]:
    """Rows told apart and the others; a single other is told, too."""
    return (rows, []) if len(rows) <= MOST + 1 else (rows[:MOST], rows[MOST:])


def _ordered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """By the size of what they contribute; those that cannot be told last."""

    def size(row: Mapping[str, Any]) -> float:
        value = number(row["contribution"])
        return math.inf if math.isnan(value) else -abs(value)

    return sorted(rows, key=size)


def _share(moved: float, total: Value) -> Value:
    if isinstance(total, NotApplicable):
        return total
    return moved / total if total else NOTHING_MOVED


def _rate(value: float, reason: str) -> Value:
    return NotApplicable(reason) if math.isnan(value) else float(value)
