"""Packed distinct counts: one bit for each month and unit that a value counts for.

Where the units are few, a value is kept once for many months, and its bits are counted: the table
of values is so much smaller that the same numbers are found in a fraction of the time.

Bits lie in words of `BITS`: the lowest are the units of the first month, the next ones those of the
month after it. A month is here whatever the spans are made of: a month, a week or a day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from opsnb.metrics import bridges
from opsnb.metrics.components import Component
from opsnb.metrics.distinct import argument_of, in_spans
from opsnb.metrics.request import Request
from opsnb.units import FOREVER, Above

BITS, WORDS = 62, 8
"""Bits of a word, which is a signed integer of 64; words beside each other in one row."""
MOST_UNITS = 31
DIALECTS = ("duckdb", "postgres", "spark", "databricks")
"""Dialects whose engines aggregate bits."""


def can_pack(request: Request) -> bool:
    """Whether the units are few, and rows of no known unit always count for the same ones."""
    named = {above.unit for path in request.units.values() for above in path}
    rest = request.units.get("", ())
    return len(named) <= MOST_UNITS and all(above.is_always for above in rest)


@dataclass(frozen=True)
class Layout:
    """Where the bit of a unit and a tick lies.

    Attributes
    ----------
    tree : mapping unit -> its ancestors with itself
    regrouped : bool
        Whether some unit has moved.
    units : tuple of str
        All ancestors, in the order of their bits.
    origin : int
        Tick of the first bits.
    per, words : int
        Ticks in a word, and words in a row.
    rows : int
        Rows that a value needs at most.
    """

    tree: Mapping[str, Sequence[Above]]
    regrouped: bool
    units: tuple[str, ...]
    origin: int
    per: int
    words: int
    rows: int

    @classmethod
    def of(cls, request: Request) -> Layout:
        """Layout for the units and the time of a request."""
        units = tuple(dict.fromkeys(a.unit for path in request.units.values() for a in path))
        first, last = request.reach.first, request.reach.last
        per = min(BITS // len(units), last - first + 1)
        needed = -(-(last - first + 1) // per)
        words = min(needed, WORDS)
        tree, regrouped = request.units, request.is_regrouped
        return cls(tree, regrouped, units, first, per, words, -(-needed // words))

    @property
    def width(self) -> int:
        """Ticks in a row."""
        return self.per * self.words

    def mask(self, leaf: str, month: int) -> int:
        """Bits of the units that a leaf counts for in a month."""
        path = self.tree.get(leaf, ())
        inside = {above.unit for above in path if above.first <= month <= above.last}
        return sum(1 << place for place, unit in enumerate(self.units) if unit in inside)

    def masks(self) -> exp.Select:
        """From each unit to its bits: leaf, mask; first and last month where some have moved."""
        rows: list[tuple[exp.Expr, ...]] = []
        for leaf, path in self.tree.items():
            for first, last in _stretches(path):
                months = (_number(first), _number(last)) if self.regrouped else ()
                mask = _number(self.mask(leaf, first))
                rows.append((exp.Literal.string(leaf), mask, *months))
        months_too = ("first", "last") if self.regrouped else ()
        return bridges.written_out(rows, ("leaf", "mask", *months_too))

    def bits(self) -> exp.Select:
        """Bit of each unit: unit, bit."""
        rows = [(exp.Literal.string(u), _number(1 << place)) for place, u in enumerate(self.units)]
        return bridges.written_out(rows, ("unit", "bit"))

    def slots(self) -> exp.Select:
        """Where each tick of a row lies: place, word, shift."""
        rows = [
            (_number(i), _number(i // self.per), _number(len(self.units) * (i % self.per)))
            for i in range(self.width)
        ]
        return bridges.written_out(rows, ("place", "word", "shift"))


def shared(request: Request) -> dict[str, exp.Select]:
    """Steps that all packed counts of a query use."""
    layout = Layout.of(request)
    return {"masks": layout.masks(), "bits": layout.bits(), "slots": layout.slots()}


def steps(request: Request, component: Component, name: str, column: str) -> dict[str, exp.Select]:
    """Steps of the query that end in `name`: span, unit, dimensions, and the count as `column`."""
    layout = Layout.of(request)
    made = {
        f"{name}_words": _words(request, layout, component),
        f"{name}_ticks": _ticks(request, layout, f"{name}_words"),
    }
    spans = [*request.spans, *(request.windows if component.id in request.deep else ())]
    if any(span.first == span.last for span in spans):
        made[f"{name}_single"] = _of_one_tick(request, component, f"{name}_ticks")
    if any(span.first != span.last for span in spans):
        made[f"{name}_several"] = _of_several(request, component, f"{name}_ticks")
    parts = [step for step in (f"{name}_single", f"{name}_several") if step in made]
    return made | {name: _counts(request, parts, column)}


def _words(request: Request, layout: Layout, component: Component) -> exp.Select:
    """Each value with its bits; a row a chunk of time, where one row does not hold it all."""
    keys = [*(["chunk"] if layout.rows > 1 else []), *request.keys_by, "value"]
    words = [exp.alias_(_word(layout, word), f"w{word}") for word in range(layout.words)]
    known = exp.not_(exp.Is(this=exp.column("value"), expression=exp.Null()))
    rows = _rows(request, layout, component).subquery("rows_")
    return exp.select(*keys, *words).from_(rows).where(known).group_by(*keys)


def _rows(request: Request, layout: Layout, component: Component) -> exp.Select:
    """Rows of the table: value, the bits of their unit, and where their tick lies."""
    since = exp.paren(exp.Sub(this=_of("scan", "_tick"), expression=_number(layout.origin)))
    place = since if layout.rows == 1 else exp.paren(_rest(since, layout.width))
    shift = exp.Mul(this=_number(len(layout.units)), expression=exp.paren(_rest(place, layout.per)))
    select = exp.select(
        *(_of("scan", key) for key in request.keys_by),
        exp.alias_(argument_of(component), "value"),
        exp.alias_(exp.cast(place.copy(), "int"), "place"),
        exp.alias_(exp.cast(shift, "int"), "shift"),
    ).from_("scan")
    if layout.rows > 1:
        chunk = exp.IntDiv(this=since.copy(), expression=_number(layout.width))
        select = select.select(exp.alias_(exp.cast(chunk, "int"), "chunk"), copy=False)
    mask: exp.Expr = _number(layout.mask("", 0))
    if request.table.unit is not None:
        on: exp.Expr = exp.EQ(this=_of("masks", "leaf"), expression=_of("scan", "_leaf"))
        if request.is_regrouped:
            on = exp.and_(on, bridges.valid_in(_of("scan", request.month), "masks"))
        select = select.join("masks", on=on, join_type="left")
        mask = exp.Coalesce(this=_of("masks", "mask"), expressions=[mask])
    return select.select(exp.alias_(exp.cast(mask, "bigint"), "mask"), copy=False)


def _word(layout: Layout, word: int) -> exp.Expr:
    """All bits of a value that lie in one word."""
    moved = exp.BitwiseLeftShift(this=exp.column("mask"), expression=exp.column("shift"))
    if layout.words == 1:
        return exp.BitwiseOrAgg(this=moved)
    first, last = word * layout.per, (word + 1) * layout.per - 1
    inside = exp.Between(this=exp.column("place"), low=_number(first), high=_number(last))
    return exp.BitwiseOrAgg(this=exp.Case(ifs=[exp.If(this=inside, true=moved)]))


def _ticks(request: Request, layout: Layout, source: str) -> exp.Select:
    """Each value by tick, with the bits of the units that it counts for there."""
    tick: exp.Expr = exp.Add(this=_of("slots", "place"), expression=_number(layout.origin))
    if layout.rows > 1:
        skipped = exp.Mul(this=_of(source, "chunk"), expression=_number(layout.width))
        tick = exp.Add(this=tick, expression=skipped)
    ifs = [
        exp.If(
            this=exp.EQ(this=_of("slots", "word"), expression=_number(word)),
            true=_of(source, f"w{word}"),
        )
        for word in range(layout.words)
    ]
    moved = exp.BitwiseRightShift(this=exp.Case(ifs=ifs), expression=_of("slots", "shift"))
    every = exp.cast(_number((1 << len(layout.units)) - 1), "bigint")
    inner = exp.select(
        *(_of(source, key) for key in request.keys_by),
        exp.alias_(exp.cast(tick, "int"), "_tick"),
        _of(source, "value"),
        exp.alias_(exp.BitwiseAnd(this=exp.paren(moved), expression=every), "mask"),
    ).from_(source)
    inner = inner.join("slots", join_type="cross")
    there = exp.GT(this=exp.column("mask"), expression=_number(0))
    names = [*request.keys_by, "_tick", "value", "mask"]
    return exp.select(*names).from_(inner.subquery("unpacked")).where(there)


def _of_one_tick(request: Request, component: Component, source: str) -> exp.Select:
    """How many values have the same bits, for spans of one tick."""
    keys = ["_tick", *request.keys_by, "mask"]
    counts = exp.select(*keys, exp.alias_(exp.Count(this=exp.Star()), "n"))
    counts = counts.from_(source).group_by(*keys)
    names = [_of("counts", name) for name in (*request.keys_by, "mask", "n")]
    select = exp.select(_of("spans", "span"), *names).from_(counts.subquery("counts"))
    return in_spans(select, request, component, "counts").where(_is_single(1))


def _of_several(request: Request, component: Component, source: str) -> exp.Select:
    """How many values have the same bits, for spans of several ticks."""
    by = [_of(source, key) for key in request.keys_by]
    keys = [_of("spans", "span"), *by, _of(source, "value")]
    mask = exp.alias_(exp.BitwiseOrAgg(this=_of(source, "mask")), "mask")
    values = exp.select(*keys, mask).from_(source)
    values = in_spans(values, request, component, source).where(_is_single(0)).group_by(*keys)
    names = ["span", *request.keys_by, "mask"]
    count = exp.alias_(exp.Count(this=exp.Star()), "n")
    return exp.select(*names, count).from_(values.subquery("values_")).group_by(*names)


def _counts(request: Request, sources: Sequence[str], column: str) -> exp.Select:
    """Values that have the bit of a unit."""
    names = ["span", *request.keys_by, "mask", "n"]
    selects = [exp.select(*names).from_(source) for source in sources]
    every: exp.Query = selects[0]
    for select in selects[1:]:
        every = exp.union(every, select, distinct=False)
    keys = [*(_of("every", name) for name in ("span", *request.keys_by)), _of("bits", "unit")]
    count = exp.cast(exp.Sum(this=_of("every", "n")), "bigint")
    bit = exp.paren(exp.BitwiseAnd(this=_of("every", "mask"), expression=_of("bits", "bit")))
    select = exp.select(*keys, exp.alias_(count, column)).from_(every.subquery("every"))
    on = exp.GT(this=bit, expression=_number(0))
    return select.join("bits", on=on).group_by(*(key.copy() for key in keys))


def _stretches(path: Sequence[Above]) -> list[tuple[int, int]]:
    """Months between which a unit counts for the same ones: (0, 999999) where it never moved."""
    starts = sorted({0, *(a.first for a in path), *(a.last + 1 for a in path)} - {FOREVER + 1})
    ends = [start - 1 for start in starts[1:]] + [FOREVER]
    return list(zip(starts, ends, strict=True))


def _is_single(flag: int) -> exp.Expr:
    return exp.EQ(this=_of("spans", "is_single"), expression=_number(flag))


def _rest(value: exp.Expr, by: int) -> exp.Expr:
    return exp.Mod(this=value.copy(), expression=_number(by))


def _of(table: str, name: str) -> exp.Column:
    return exp.column(name, table=table)


def _number(value: int) -> exp.Expr:
    return exp.Literal.number(value)
