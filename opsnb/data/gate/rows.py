"""Row checks: a yes-or-no question of every row.

SQL's null is no answer: a row whose condition is null, whose value is missing or whose key is not
whole is not judged, and does not count as failing.
"""

from __future__ import annotations

import pandas as pd
from sqlglot import exp

from opsnb.company.checks import Check, Range, Reference
from opsnb.data.casts import UNPARSED
from opsnb.data.engine import Engine
from opsnb.data.gate.alert import EXAMPLES, Failures, Subject
from opsnb.data.readers.text import FILE, RECORD
from opsnb.data.sql import column, literal, month_of, table_named


def check_rows(engine: Engine, subject: Subject, check: Check) -> Failures:
    """Rows that do not hold, counted by month and unit, with the first of each."""
    keys = [column("_month"), column("_unit")]
    order = exp.Order(expressions=[exp.Ordered(this=column(c)) for c in (FILE, RECORD)])
    place = exp.Window(this=exp.RowNumber(), partition_by=keys, order=order)
    count = exp.Window(this=exp.Count(this=exp.Star()), partition_by=keys)
    told = exp.select(*keys, FILE, RECORD, exp.alias_(place, "_place"), exp.alias_(count, "_n"))
    told = told.from_(_bad_rows(subject, check))
    few = exp.LTE(this=column("_place"), expression=literal(EXAMPLES))
    select = exp.select("*").from_(told.subquery("told")).where(few).order_by(FILE, RECORD)
    frame = engine.query(select.sql(engine.dialect, identify=True))
    first = frame[frame["_month"] == subject.period.first]
    files = [_file(subject, int(file)) for file in first[FILE]]
    rows = [int(row) for row in first[RECORD]]
    texts = [f"{file}, row {row}" for file, row in zip(files, rows, strict=True)]
    examples = pd.DataFrame({"_unit": first["_unit"], "_text": texts, "file": files, "row": rows})
    counts = frame.loc[frame["_place"] == 1, ["_month", "_unit", "_n"]]
    return Failures(counts, examples)


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
    return scan.where(column("_bad"), so_far).subquery("bad")


def _fails(subject: Subject, check: Check) -> exp.Expr:
    """True where the row does not hold; null where that cannot be said."""
    if check.unique is not None:
        return _repeats(subject, check.unique)
    if check.range is not None:
        return _outside(subject, check.range)
    if check.refers is not None:
        return _dangles(subject, check.refers)
    if check.parsed is not None:
        return exp.GT(this=column(UNPARSED), expression=literal(0))
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
