"""Gate: the checks that a company declares, run on its tables for one period.

Row checks (unique, range, rows, refers) ask a yes-or-no question of every row; the others hold
sums against each other. An Alert says how many rows or sums do not hold, where, and by example.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from sqlglot import exp

from opsnb.company import Table
from opsnb.company.checks import Check, PublishedGrowth, Repetition, Sides
from opsnb.data.engine import Engine
from opsnb.data.expressions import condition
from opsnb.data.sql import as_date, column, literal, month_of, table_named
from opsnb.period import Period

EXAMPLES = 3
HISTORY = 36
ENOUGH = 6


@dataclass(frozen=True)
class Alert:
    """A check that does not hold.

    Attributes
    ----------
    kind, table, severity : str
        As declared.
    count : int
        Rows, sums or repetitions in the period that do not hold.
    total : int
        The same over all periods.
    units : tuple of str
        Values of the unit column concerned; empty where the table has none.
    metrics : tuple of str
        Metrics it touches, where the check names them; else those of the table.
    examples : tuple of str
        A few, for the reader: lines, keys, or the two values that should agree.
    evidence : mapping
        Numbers the sentence is compiled from.
    """

    kind: str
    table: str
    severity: str
    count: int
    total: int
    units: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    evidence: Mapping[str, float | int | str] = field(default_factory=dict)


@dataclass(frozen=True)
class Subject:
    """What a check looks at.

    Attributes
    ----------
    columns : collection of str
        All columns of the table, derived and joined ones too.
    where : str
        Place of the check in the settings, for an error.
    """

    name: str
    table: Table
    columns: Collection[str]
    period: Period
    where: str


def run_check(engine: Engine, subject: Subject, check: Check) -> Alert | None:
    """What the check finds in the period, or None where it holds.

    Raises
    ------
    ExpressionError, UnknownNameError
        The check names a column that is not there, or holds a condition that cannot be read.
    """
    if check.kind in ("unique", "range", "rows", "refers"):
        return _rows(engine, subject, check)
    if check.totals is not None:
        return _sides(engine, subject, check, check.totals, differ=True)
    if check.equal is not None:
        return _sides(engine, subject, check, check.equal, differ=False)
    if check.stale is not None:
        return _repeated(engine, subject, check, check.stale)
    if check.growth is not None:
        return _growth(engine, subject, check, check.growth)
    return _jump(engine, subject, check)


def _rows(engine: Engine, subject: Subject, check: Check) -> Alert | None:
    """Rows that do not hold, by month and unit."""
    scan = exp.select(
        exp.alias_(month_of(column(str(subject.table.date))), "_month"),
        exp.alias_(_unit(subject), "_unit"),
        exp.alias_(column("_record"), "_at"),
        exp.alias_(_bad(subject, check), "_bad"),
    ).from_(table_named(subject.name))
    bad = exp.EQ(this=column("_bad"), expression=literal(1))
    select = (
        exp.select("_month", "_unit", exp.alias_(exp.Count(this=exp.Star()), "_n"), exp.alias_(exp.Min(this=column("_at")), "_first"))
        .from_(scan.subquery("scan")).where(bad).group_by("_month", "_unit")
    )  # fmt: skip
    frame = engine.query(select.sql(engine.dialect, identify=True))
    return _alert(
        subject, check, frame, [f"row {int(line)}" for line in sorted(frame["_first"].dropna())]
    )


def _bad(subject: Subject, check: Check) -> exp.Expr:
    """1 where the row does not hold."""
    if check.unique is not None:
        keys = [_known(subject, name) for name in check.unique]
        order = exp.Order(expressions=[exp.Ordered(this=column("_record"))])
        number = exp.Window(this=exp.RowNumber(), partition_by=keys, order=order)
        return _flag(exp.GT(this=number, expression=literal(1)))
    if check.range is not None:
        value = _known(subject, check.range.column)
        tests: list[exp.Expr] = []
        if check.range.min is not None:
            tests.append(exp.LT(this=value, expression=literal(check.range.min)))
        if check.range.max is not None:
            tests.append(exp.GT(this=value.copy(), expression=literal(check.range.max)))
        return _flag(exp.or_(*tests))
    if check.refers is not None:
        value, reference = _known(subject, check.refers.column), check.refers
        known = exp.select(column(reference.key)).from_(table_named(reference.table)).distinct()
        inside = exp.In(this=value, query=known.subquery())
        missing = exp.Is(this=value.copy(), expression=exp.Null())
        return _flag(exp.and_(exp.not_(inside), exp.not_(missing)))
    return _flag(exp.not_(exp.paren(condition(check.rows or "", subject.columns, subject.where))))


def _sides(
    engine: Engine, subject: Subject, check: Check, sides: Sides, *, differ: bool
) -> Alert | None:
    """Two sums a group that should agree (totals) or should not agree to the cent (equal)."""
    value = _known(subject, sides.column)
    chosen = {
        name: condition(text, subject.columns, subject.where)
        for name, text in (("_left", sides.left), ("_right", sides.right))
    }
    sums = [
        exp.alias_(exp.Sum(this=exp.Case(ifs=[exp.If(this=keep, true=value.copy())])), name)
        for name, keep in chosen.items()
    ]
    frame = _monthly(engine, subject, sums, sides.by).dropna(subset=["_left", "_right"])
    apart = (frame["_left"] - frame["_right"]).abs().astype(float) > sides.tolerance
    found = frame[apart if differ else ~apart & (frame["_left"] != 0)].assign(_n=1)
    if not differ:
        # One pair may be equal by chance; a month that is equal throughout was copied.
        whole = frame.groupby(["_month", "_unit"]).size()
        counts = found.groupby(["_month", "_unit"]).size()
        copied = counts[counts == whole.reindex(counts.index)].index
        found = found[pd.MultiIndex.from_frame(found[["_month", "_unit"]]).isin(copied)]
    inside = found[found["_month"] == subject.period.first]
    examples = [
        " ".join(
            [
                *(str(row[f"_by_{i}"]) for i in range(len(sides.by))),
                f"{row['_left']:,.2f} / {row['_right']:,.2f}",
            ]
        )
        for _, row in inside.head(EXAMPLES).iterrows()
    ]
    return _alert(subject, check, found, examples)


def _repeated(engine: Engine, subject: Subject, check: Check, spec: Repetition) -> Alert | None:
    """Units whose sums are those of the month before, all of them."""
    sums = [
        exp.alias_(exp.Sum(this=_known(subject, name)), f"_v{i}")
        for i, name in enumerate(spec.columns)
    ]
    frame = _monthly(engine, subject, sums, spec.by)
    values = [f"_v{i}" for i in range(len(spec.columns))]
    keys = [f"_by_{i}" for i in range(len(spec.by))]
    prints = {
        key: tuple(map(tuple, group.sort_values(keys)[[*keys, *values]].astype(str).to_numpy()))
        for key, group in frame.groupby(["_month", "_unit"])
    }
    same = [
        {"_month": month, "_unit": unit, "_n": 1}
        for (month, unit), content in prints.items()
        if prints.get((int(str(month)) - 1, unit)) == content
    ]
    found = pd.DataFrame(same, columns=["_month", "_unit", "_n"])
    before = str(Period(subject.period.first - 1))
    return _alert(subject, check, found, [f"= {before}"])


def _growth(engine: Engine, subject: Subject, check: Check, spec: PublishedGrowth) -> Alert | None:
    """Months in which growth as published is not growth as computed."""
    value, published = _known(subject, spec.value), _known(subject, spec.published)
    if spec.filter is not None:
        keep = condition(spec.filter, subject.columns, subject.where)
        value, published = (
            exp.Case(ifs=[exp.If(this=keep.copy(), true=side)]) for side in (value, published)
        )
    sums = [
        exp.alias_(exp.Sum(this=value), "_value"),
        exp.alias_(exp.Max(this=published), "_published"),
    ]
    frame = _monthly(engine, subject, sums, ()).dropna()
    base = frame.assign(_month=frame["_month"] + 12)[["_month", "_unit", "_value"]]
    both = frame.merge(base, on=["_month", "_unit"], suffixes=("", "_base"))
    both["_computed"] = 100 * (both["_value"].astype(float) / both["_value_base"].astype(float) - 1)
    apart = (both["_computed"] - both["_published"].astype(float)).abs() > spec.tolerance
    found = both[apart].assign(_n=1)
    inside = found[found["_month"] == subject.period.first]
    examples = [
        f"{row['_published']:.1f} % / {row['_computed']:.1f} %" for _, row in inside.iterrows()
    ]
    return _alert(subject, check, found, examples, {"compared": len(both)})


def _jump(engine: Engine, subject: Subject, check: Check) -> Alert | None:
    """Units whose sum has moved many times more than it usually does from month to month."""
    spec = check.jump
    assert spec is not None  # noqa: S101 - the caller dispatches on the kind
    frame = _monthly(
        engine, subject, [exp.alias_(exp.Sum(this=_known(subject, spec.column)), "_value")], ()
    )
    rows, examples = [], []
    for unit, group in frame.groupby("_unit"):
        series = group.set_index("_month")["_value"].astype(float)
        months = range(subject.period.first - HISTORY, subject.period.first + 1)
        series = series.reindex(list(months))
        moves = pd.Series(np.log(series.where(series > 0)), index=series.index).diff()
        now, usual = moves.iloc[-1], moves.iloc[:-1].abs().median()
        if moves.iloc[:-1].notna().sum() >= ENOUGH and usual > 0 and abs(now) > spec.factor * usual:
            rows.append({"_month": subject.period.first, "_unit": unit, "_n": 1})
            examples.append(f"{unit} {math.expm1(now):+.0%}".strip())
    return _alert(subject, check, pd.DataFrame(rows, columns=["_month", "_unit", "_n"]), examples)


def _monthly(
    engine: Engine, subject: Subject, sums: Sequence[exp.Expr], by: Sequence[str]
) -> pd.DataFrame:
    """Aggregates by month, unit and dimension, up to the period."""
    date = column(str(subject.table.date))
    keys = {"_month": month_of(date), "_unit": _unit(subject)}
    keys |= {f"_by_{i}": _known(subject, name) for i, name in enumerate(by)}
    before = exp.LT(this=date.copy(), expression=as_date(subject.period.shift(1).start))
    select = exp.select(*(exp.alias_(value, name) for name, value in keys.items()), *sums)
    select = select.from_(table_named(subject.name)).where(before)
    select = select.group_by(*(value.copy() for value in keys.values()))
    return engine.query(select.sql(engine.dialect, identify=True))


def _unit(subject: Subject) -> exp.Expr:
    return literal("") if subject.table.unit is None else column(subject.table.unit)


def _known(subject: Subject, name: str) -> exp.Expr:
    """Column of the table, whose name is checked as any other is."""
    return condition(name, subject.columns, subject.where)


def _flag(test: exp.Expr) -> exp.Expr:
    return exp.Case(ifs=[exp.If(this=test, true=literal(1))], default=literal(0))


def _alert(
    subject: Subject,
    check: Check,
    found: pd.DataFrame,
    examples: Sequence[str],
    evidence: Mapping[str, float | int | str] | None = None,
) -> Alert | None:
    """Alert for the period, or None where nothing in it is amiss."""
    inside = found[found["_month"] == subject.period.first]
    if inside.empty:
        return None
    units = tuple(sorted({str(unit) for unit in inside["_unit"] if isinstance(unit, str) and unit}))
    return Alert(
        check.kind, subject.name, check.severity, int(inside["_n"].sum()), int(found["_n"].sum()),
        units, tuple(examples[:EXAMPLES]), check.metrics, dict(evidence or {}),
    )  # fmt: skip
