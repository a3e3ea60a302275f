"""Casts: the text of a source as typed values, and which of them did not parse.

Surrounding spaces do not count, and blank is missing, as are the words declared under ``missing``.
What parses:

- integer: ``12``, ``+12``, ``12.0`` and ``1e3``, whose value is whole; ``12.5`` does not.
- decimal(n): up to n digits after the point and 18 in all; the noise beyond the 12th digit that a
  spreadsheet writes (``0.30000000000000004``) is dropped.
- number: any finite number; ``nan`` and ``inf`` do not parse.
- numbers in the habits declared under ``notation``: see `opsnb.data.notation`.
- date: ``2026-10-31`` or ``2026/10/31``, years 1000 to 2999; a time behind it is dropped. With
  ``format``, what strptime reads; with ``parts``, year, month and day from columns of their own.
- datetime: the same with a time; an offset is dropped, so that the wall time counts.
- boolean: ``true``, ``false``, ``yes``, ``no``, ``1``, ``0`` and their first letters.
- text: as it stands; only the empty text is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from sqlglot import exp

from opsnb.company import SourceColumn, Table
from opsnb.data import notation
from opsnb.data.readers.text import RECORD
from opsnb.data.sql import column, literal, table_named

SQL_TYPES = {
    "integer": "BIGINT",
    "number": "DOUBLE",
    "date": "DATE",
    "datetime": "TIMESTAMP",
    "boolean": "BOOLEAN",
}
WIDE = notation.WIDE_DECIMAL
YEARS = "1000-01-01", "2999-12-31"
LARGEST = "1.7976931348623157e308"
UNPARSED, LOST = "_unparsed", "_lost"
Field = Callable[[str], str]


def typed(table: Table, field: Field, raw: str, *, numbered: bool = True) -> exp.Select:
    """Every column cast, with what became of its text.

    ``_unparsed`` is the number of values of the record that were lost, ``_lost`` their texts in the
    order of the columns that are not text (null in a record that lost none); ``missing COLUMN``
    and ``notation COLUMN`` tell whether a declared word or habit was met.

    Parameters
    ----------
    table : Table
    field : callable column of the source -> column of `raw`
    raw : str
        Table of the source, all text.
    numbered : bool
        Whether `raw` holds the number of each record.
    """
    casts = list(_casts(table, field))
    checked = [cast for cast in casts if cast.spec.type != "text"]
    count: exp.Expr = literal(0)
    for cast in checked:
        count = exp.Add(this=count, expression=exp.cast(cast.lost, "int"))
    select = exp.select(*map(column, table.columns), *([column(RECORD)] if numbered else []))
    select = select.select(exp.alias_(count, UNPARSED), exp.alias_(_lost(checked), LOST))
    for cast in casts:
        select = select.select(*(exp.alias_(met, name, quoted=True) for name, met in cast.met()))
    return select.from_(_values(table, field, raw))


def recognisable(table: Table) -> list[str]:
    """Columns of :func:`typed` that tell whether a declared word or habit was met."""
    return [name for cast in _casts(table, str) for name, _ in cast.met()]


def _lost(casts: Sequence[_Cast]) -> exp.Expr:
    """Texts of the values of a record that were lost; null where there are none."""
    if not casts:
        return exp.cast(exp.Null(), "varchar[]")
    texts = [exp.Case(ifs=[exp.If(this=cast.lost, true=cast.shown)]) for cast in casts]
    any_ = exp.or_(*(cast.lost for cast in casts))
    return exp.Case(ifs=[exp.If(this=any_, true=exp.Array(expressions=texts))])


def _values(table: Table, field: Field, raw: str) -> exp.Subquery:
    """The source with the value of every column beside its text.

    In steps, so that no expression is written more than once: SQL grows fast.
    """
    casts = list(_casts(table, field))
    wide = [exp.alias_(c.wide, c.wide_name, quoted=True) for c in casts if c.is_wide]
    source: exp.Expr = table_named(raw)
    if wide:
        source = exp.select("*", *wide).from_(source).subquery("wide")
    values = [exp.alias_(c.value, c.name, quoted=True) for c in casts]
    return exp.select("*", *values).from_(source).subquery("cells")


def _casts(table: Table, field: Field) -> Iterator[_Cast]:
    for name, spec in table.columns.items():
        yield _Cast(name, spec, table, field)


class _Cast:
    """SQL of one column: its text, its value, and whether the value was lost."""

    def __init__(self, name: str, spec: SourceColumn, table: Table, field: Field) -> None:
        self.name, self.spec = name, spec
        self.wide_name = f"wide {name}"
        self.tokens = table.missing if spec.missing is None else spec.missing
        habits = table.notation if spec.notation is None else spec.notation
        self.habits = habits if spec.is_number else ()
        self.parts = [column(field(source)) for source in spec.sources(name)]

    @property
    def raw(self) -> exp.Expr:
        """Text as it stands in the source."""
        return self.parts[0].copy()

    @property
    def text(self) -> exp.Expr:
        """Text of the value; blank and words for "no value" are null."""
        if self.spec.type == "text":
            bare: exp.Expr = exp.Nullif(this=self.raw, expression=literal(""))
            if not self.tokens:
                return bare
            met = notation.is_token(self.raw, self.tokens)
            return exp.Case(ifs=[exp.If(this=exp.not_(met), true=bare)])
        return notation.missing(self.raw, self.tokens)

    @property
    def shown(self) -> exp.Expr:
        """Text for a report of what was lost."""
        if self.spec.parts is None:
            return self.text
        joined: exp.Expr = exp.Coalesce(this=self.raw, expressions=[literal("")])
        for part in self.parts[1:]:
            piece = exp.Coalesce(this=part.copy(), expressions=[literal("")])
            joined = exp.DPipe(
                this=exp.DPipe(this=joined, expression=literal(" ")), expression=piece
            )
        return joined

    @property
    def lost(self) -> exp.Expr:
        """Whether there was something, and it did not parse."""
        given = [_is_null(notation.missing(part, self.tokens)).not_() for part in self.parts]
        return exp.and_(exp.paren(exp.or_(*given)), _is_null(column(self.name)))

    def met(self) -> Iterator[tuple[str, exp.Expr]]:
        """Whether a declared word for "no value", and whether a habit of writing, was met."""
        if self.tokens and self.spec.parts is None:
            yield f"missing {self.name}", notation.is_token(self.raw, self.tokens)
        if self.habits:
            written = notation.uses_habit(self.text, self.habits)
            yield (
                f"notation {self.name}",
                exp.and_(written, _is_null(column(self.name)).not_()),
            )

    @property
    def is_wide(self) -> bool:
        """Whether the value comes out of a decimal of many digits."""
        return self.spec.is_number and (self.spec.type != "number" or bool(self.habits))

    @property
    def wide(self) -> exp.Expr:
        """Number with the digits beyond its type, by which one that is not whole is told."""
        return notation.number(self.text, self.habits) if self.habits else _cast(self.text, WIDE)

    @property
    def value(self) -> exp.Expr:
        """Value of the type, or null."""
        spec = self.spec
        if spec.type == "text":
            return self.text
        if spec.type in ("date", "datetime"):
            return self._day()
        if spec.type == "boolean":
            return _cast(self.text, SQL_TYPES["boolean"])
        if not self.is_wide:
            value = _cast(self.text, SQL_TYPES["number"])
            ends = (exp.Literal.number(f"-{LARGEST}"), exp.Literal.number(LARGEST))
            return _only_if(exp.Between(this=value.copy(), low=ends[0], high=ends[1]), value)
        wide = column(self.wide_name)
        if spec.type == "number":
            return _cast(wide, SQL_TYPES["number"])
        target = SQL_TYPES["integer"] if spec.scale is None else f"DECIMAL(18, {spec.scale})"
        value = _cast(wide, target) if self.habits else _cast(self.text, target)
        return _only_if(exp.EQ(this=wide, expression=value.copy()), value)

    def _day(self) -> exp.Expr:
        spec, text = self.spec, self.text
        if spec.parts is not None:
            value = self._put_together()
        else:
            value = notation.date(text, spec.format, spec.type)
        first, last = (exp.cast(literal(day), "date") for day in YEARS)
        day = exp.TryCast(this=value.copy(), to=exp.DataType.build("DATE"))
        inside: exp.Expr = exp.Between(this=day, low=first, high=last)
        if spec.format is None and spec.parts is None:
            # `infinity` and `epoch` are dates to DuckDB.
            digits = exp.Between(this=text.copy(), low=literal("0"), high=literal(":"))
            inside = exp.and_(digits, inside)
        return _only_if(inside, value)

    def _put_together(self) -> exp.Expr:
        parts = self.spec.parts
        assert parts is not None  # noqa: S101 - the caller asks
        columns = iter(self.parts)
        year = literal(str(parts.year)) if isinstance(parts.year, int) else next(columns)
        month, day = next(columns), next(columns) if parts.day else None
        if parts.quarter:
            return notation.date_of_quarter(year, month, parts)
        return notation.date_of_parts(year, month, day, parts)


def _cast(text: exp.Expr, name: str) -> exp.Expr:
    return exp.TryCast(this=text.copy(), to=exp.DataType.build(name, dialect="duckdb"))


def _only_if(holds: exp.Expr, value: exp.Expr) -> exp.Expr:
    return exp.Case(ifs=[exp.If(this=holds, true=value)])


def _is_null(node: exp.Expr) -> exp.Expr:
    return exp.Is(this=node, expression=exp.Null())
