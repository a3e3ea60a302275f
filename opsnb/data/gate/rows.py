"""Row checks: a yes-or-no question of every row.

SQL's null is no answer: a row whose condition is null, whose value is missing or whose key is not
whole is not judged, and does not count as failing.
"""

from __future__ import annotations

from sqlglot import exp

from opsnb.company.checks import Check, Range, Reference
from opsnb.data.engine import Engine
from opsnb.data.gate.alert import EXAMPLES, Alert, Subject, alert
from opsnb.data.readers.text import FILE, RECORD
from opsnb.data.sql import column, literal, month_of, table_named


def check_rows(engine: Engine, subject: Subject, check: Check) -> Alert | None:
    """Rows that do not hold, counted by month and unit."""
    bad = _bad_rows(subject, check)
    count = exp.alias_(exp.Count(this=exp.Star()), "_n")
    counted = exp.select("_month", "_unit", count).from_(bad).group_by("_month", "_unit")
    frame = engine.query(counted.sql(engine.dialect, identify=True))
    month = subject.period.first
    if not (frame["_month"] == month).any():
        return None
    inside = exp.EQ(this=column("_month"), expression=literal(month))
    first = exp.select(RECORD, FILE).from_(bad).where(inside).order_by(FILE, RECORD).limit(EXAMPLES)
    places = [
        (_file(subject, int(file)), int(row))
        for row, file in engine.query(first.sql(engine.dialect, identify=True)).itertuples(
            index=False
        )
    ]
    examples = [f"{file}, row {row}" for file, row in places]
    return alert(subject, check, frame, examples, {"file": places[0][0], "row": places[0][1]})


def _file(subject: Subject, place: int) -> str:
    return subject.files[place] if place < len(subject.files) else subject.name


def _bad_rows(subject: Subject, check: Check) -> exp.Subquery:
    """Month, unit, record and file of the rows that do not hold."""
    date = subject.table.date
    month = literal(subject.period.first) if date is None else month_of(column(date))
    scan = exp.select(
        exp.alias_(month, "_month"),
        exp.alias_(subject.unit, "_unit"),
        column(RECORD),
        column(FILE),
        exp.alias_(_fails(subject, check), "_bad"),
    ).from_(table_named(subject.name))
    # What comes later does not change what was found in the period.
    so_far = exp.LTE(this=column("_month"), expression=literal(subject.period.first))
    scan = exp.select("*").from_(scan.subquery("scan"))
    scan = scan.where(column("_bad"), so_far)
    if subject.units is not None:
        scan = scan.where(
            exp.In(this=column("_unit"), expressions=list(map(literal, subject.units)))
        )
    return scan.subquery("bad")


def _fails(subject: Subject, check: Check) -> exp.Expr:
    """True where the row does not hold; null where that cannot be said."""
    if check.unique is not None:
        return _repeats(subject, check.unique)
    if check.range is not None:
        return _outside(subject, check.range)
    if check.refers is not None:
        return _dangles(subject, check.refers)
    return exp.not_(exp.paren(subject.condition(check.rows or "")))


def _repeats(subject: Subject, names: tuple[str, ...]) -> exp.Expr:
    """Whether an earlier row has the same key: the first of them is not counted."""
    keys = [subject.column(name) for name in names]
    order = exp.Order(expressions=[exp.Ordered(this=column(c)) for c in (FILE, RECORD)])
    number = exp.Window(this=exp.RowNumber(), partition_by=keys, order=order)
    whole = [exp.not_(exp.Is(this=key.copy(), expression=exp.Null())) for key in keys]
    return exp.and_(exp.GT(this=number, expression=literal(1)), *whole)


def _outside(subject: Subject, limits: Range) -> exp.Expr:
    value = subject.column(limits.column)
    tests: list[exp.Expr] = []
    if limits.min is not None:
        tests.append(exp.LT(this=value.copy(), expression=literal(limits.min)))
    if limits.max is not None:
        tests.append(exp.GT(this=value.copy(), expression=literal(limits.max)))
    return exp.or_(*tests)


def _dangles(subject: Subject, reference: Reference) -> exp.Expr:
    """Whether the value is given and stands in no row of the other table."""
    key = column(reference.key)
    given = exp.not_(exp.Is(this=key.copy(), expression=exp.Null()))
    # A null among the keys would make every answer null.
    known = exp.select(key).from_(table_named(reference.table)).where(given)
    return exp.not_(exp.In(this=subject.column(reference.column), query=known.subquery()))
