"""Checks of sums: by month and unit, held against each other, the past, or what was published."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from sqlglot import exp

from opsnb.company.checks import Check, Jump, PublishedGrowth, Repetition, Sides
from opsnb.data.engine import Engine
from opsnb.data.gate.alert import EXAMPLES, Failures, Subject
from opsnb.data.sql import as_date, column, literal, month_of, table_named
from opsnb.period import Period

HISTORY, YEAR = 36, 12
TOLD = "{:.12g}".format
ENOUGH = 6
"""Changes from month to month that tell what is usual."""
STEP = {"month": 1, "quarter": 3, "half": 6, "year": 12}
NOISE = 1e-9
"""Share of a sum that a float may be off."""
NOTHING = pd.DataFrame(columns=["_month", "_unit", "_n"])


def check_sums(engine: Engine, subject: Subject, check: Check) -> Failures:
    """What a check of sums finds."""
    if check.totals is not None:
        return _totals(engine, subject, check.totals)
    if check.equal is not None:
        return _equal(engine, subject, check.equal)
    if check.stale is not None:
        return _stale(engine, subject, check.stale)
    if check.growth is not None:
        return _growth(engine, subject, check.growth)
    if check.jump is not None:
        return _jump(engine, subject, check.jump)
    raise AssertionError(check.kind)


def _totals(engine: Engine, subject: Subject, sides: Sides) -> Failures:
    """Groups whose two sums differ."""
    both = _both(engine, subject, sides)
    found = both[both["_gap"] > both["_slack"]]
    return _told(subject, found, _pairs(sides))


def _equal(engine: Engine, subject: Subject, sides: Sides) -> Failures:
    """Months and units whose two sums are the same in every group that has any.

    One pair may be equal by chance; a month that is equal throughout was copied.
    """
    both = _both(engine, subject, sides)
    both = both[(both["_left"] != 0) | (both["_right"] != 0)]
    same = both["_gap"] <= both["_slack"]
    copied = same.groupby([both["_month"], both["_unit"]]).transform("all")
    found = both[copied.astype(bool)]
    return _told(subject, found, _pairs(sides))


def _both(engine: Engine, subject: Subject, sides: Sides) -> pd.DataFrame:
    """Both sums of every group that has both, how far they are apart, and what is rounding."""
    value = subject.column(sides.column)
    sums = [
        exp.alias_(exp.Sum(this=_where(subject.condition(text), value)), name)
        for name, text in (("_left", sides.left), ("_right", sides.right))
    ]
    frame = _monthly(engine, subject, sums, sides.by, whole=sides.whole)
    frame = frame.dropna(subset=["_left", "_right"])
    left, right = (frame[name].astype(float) for name in ("_left", "_right"))
    noise = NOISE * np.maximum(left.abs(), right.abs())
    return frame.assign(_gap=(left - right).abs(), _slack=sides.tolerance + noise, _n=1)


def _pairs(sides: Sides) -> Callable[[pd.Series], str]:
    """How a group and its two sums are told."""
    groups = [f"_by_{i}" for i in range(len(sides.by))]
    return lambda row: " ".join(
        [*(str(row[g]) for g in groups), f"{row['_left']:,.2f} / {row['_right']:,.2f}"]
    )


def _told(
    subject: Subject,
    found: pd.DataFrame,
    text: Callable[[pd.Series], str],
    evidence: Mapping[str, float | int | str] | None = None,
    compared: Mapping[str, int] | None = None,
) -> Failures:
    """What was found, with the first of each unit as examples."""
    inside = found[found["_month"] == subject.period.first]
    inside = inside.groupby("_unit", sort=False, dropna=False).head(EXAMPLES)
    texts = [text(row) for _, row in inside.iterrows()]
    examples = pd.DataFrame({"_unit": inside["_unit"], "_text": texts})
    return Failures(found[["_month", "_unit", "_n"]], examples, evidence or {}, compared)


def _stale(engine: Engine, subject: Subject, spec: Repetition) -> Failures:
    """Units whose sums are those of the month before, all of them, and not all zero."""
    sums = [
        exp.alias_(exp.Sum(this=subject.column(c)), f"_v{i}") for i, c in enumerate(spec.columns)
    ]
    frame = _monthly(engine, subject, sums, spec.by, whole=spec.whole)
    prints = _prints(frame, len(spec.by), len(sums))
    step = STEP[subject.table.every]
    same = [
        {"_month": month, "_unit": unit, "_n": 1}
        for (month, unit), content in prints.items()
        if prints.get((month - step, unit)) == content
    ]
    before = Period(subject.period.first - step)
    found = pd.DataFrame(same) if same else NOTHING
    return _told(subject, found, lambda _: f"= {before}", {"before": str(before)})


def _prints(
    frame: pd.DataFrame, keys: int, values: int
) -> dict[tuple[int, str], frozenset[tuple[str, ...]]]:
    """What tells the sums of a month and unit from another's, unless all are zero or missing."""
    columns = [f"_by_{i}" for i in range(keys)]
    numbers = frame[[f"_v{i}" for i in range(values)]].astype(float)
    texts = [*(frame[c].astype(str) for c in columns), *(numbers[c].map(TOLD) for c in numbers)]
    found: dict[tuple[int, str], set[tuple[str, ...]]] = {}
    any_: set[tuple[int, str]] = set()
    whole = zip(
        frame["_month"].astype(int),
        frame["_unit"].astype(str),
        numbers.fillna(0).ne(0).any(axis=1),
        zip(*texts, strict=True),
        strict=True,
    )
    for month, unit, is_something, text in whole:
        found.setdefault((month, unit), set()).add(text)
        if is_something:
            any_.add((month, unit))
    return {place: frozenset(found[place]) for place in found if place in any_}


def _growth(engine: Engine, subject: Subject, spec: PublishedGrowth) -> Failures:
    """Months in which growth as published is not growth as computed; a zero base has none."""
    value, published = subject.column(spec.value), subject.column(spec.published)
    if spec.filter is not None:
        keep = subject.condition(spec.filter)
        value, published = _where(keep, value), _where(keep, published)
    sums = [
        exp.alias_(exp.Sum(this=value), "_value"),
        exp.alias_(exp.Max(this=published), "_published"),
    ]
    frame = _monthly(engine, subject, sums, ())
    base = frame.assign(_month=frame["_month"] + YEAR)[["_month", "_unit", "_value"]]
    both = frame.merge(base, on=["_month", "_unit"], suffixes=("", "_base")).dropna()
    both = both[both["_value_base"] != 0]
    computed = 100 * (both["_value"].astype(float) / both["_value_base"].astype(float) - 1)
    apart = (computed - both["_published"].astype(float)).abs() > spec.tolerance + NOISE
    found = both.assign(_computed=computed, _n=1)[apart]
    text = lambda row: f"{row['_published']:.1f} % / {row['_computed']:.1f} %"  # noqa: E731
    compared = {str(unit): int(n) for unit, n in both["_unit"].fillna("").value_counts().items()}
    return _told(subject, found, text, compared=compared)


def _jump(engine: Engine, subject: Subject, spec: Jump) -> Failures:
    """Units whose sum has moved many times more than it usually does from month to month."""
    total = exp.alias_(exp.Sum(this=subject.column(spec.column)), "_value")
    frame = _monthly(engine, subject, [total], ())
    now, step = subject.period.first, STEP[subject.table.every]
    months = list(range(now - HISTORY, now + 1, step))
    rows = []
    for unit, group in frame.groupby("_unit"):
        series = group.set_index("_month")["_value"].astype(float).reindex(months)
        moves = pd.Series(np.log(series.where(series > 0)), index=months).diff()
        before, last = moves.iloc[:-1].dropna().abs(), moves.iloc[-1]
        usual = before.median() if len(before) >= ENOUGH else 0.0
        if usual > 0 and abs(last) > spec.factor * usual:
            rows.append({"_month": now, "_unit": unit, "_n": 1, "_move": math.expm1(last)})
    found = pd.DataFrame(rows) if rows else NOTHING
    return _told(subject, found, lambda row: f"{row['_move']:+.0%}")


def _where(keep: exp.Expr, value: exp.Expr) -> exp.Expr:
    return exp.Case(ifs=[exp.If(this=keep.copy(), true=value.copy())])


def _monthly(
    engine: Engine,
    subject: Subject,
    sums: Sequence[exp.Expr],
    by: Sequence[str],
    *,
    whole: bool = False,
) -> pd.DataFrame:
    """Aggregates by month, unit (all in one where `whole`) and dimension, up to the period."""
    date = column(str(subject.table.date))
    keys = {"_month": month_of(date), "_unit": literal("") if whole else subject.unit}
    keys |= {f"_by_{i}": subject.column(name) for i, name in enumerate(by)}
    before = exp.LT(this=date.copy(), expression=as_date(subject.period.shift(1).start))
    select = exp.select(*(exp.alias_(value, name) for name, value in keys.items()), *sums)
    select = select.from_(table_named(subject.name)).where(before)
    select = select.group_by(*(literal(i + 1) for i in range(len(keys)))).order_by(*keys)
    return engine.query(select.sql(engine.dialect, identify=True))
