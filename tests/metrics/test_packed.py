"""Counts by bits are those of sets of values, however many units, months and moves there are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sqlglot import exp

from opsnb.company import Table
from opsnb.data.engine import DuckDB
from opsnb.metrics import packed
from opsnb.metrics.compile import compile_query
from opsnb.metrics.components import Component
from opsnb.metrics.packed import BITS, MOST_UNITS, WORDS, Layout, can_pack
from opsnb.metrics.request import Request
from opsnb.metrics.spans import Span
from opsnb.units import Above, Unit, Units

TABLE = Table(
    path="t.csv", label="t", date="day", unit="unit", dimensions=("kind",),
    columns={"day": "date", "unit": "text", "kind": "text", "who": "text"},
)  # fmt: skip
FIRST = 12 * 2020
UNIQUE = Component("t", "distinct", exp.column("who"))


def tree(leaves, moved=()):
    """Root, two groups, and leaves under them in turn; some move to the other group and back."""
    units = [Unit("all", {}), Unit("g0", {}), Unit("g1", {})]
    units += [Unit(f"u{place}", {}, parent=f"g{place % 2}") for place in range(leaves)]
    bridge = Units(units).bridge
    for leaf in moved:
        own, root = Above(leaf), Above("all")
        bridge[leaf] = [
            own, root, Above("g0", 0, FIRST + 4), Above("g1", FIRST + 5, FIRST + 9),
            Above("g0", FIRST + 10),
        ]  # fmt: skip
    return bridge


def rows(leaves, months, size=3_000):
    chance = np.random.default_rng(leaves * 1000 + months)
    place = chance.integers(0, leaves + 3, size)
    names = [f"u{n}" if n < leaves else ["g1", "nobody", None][n - leaves] for n in place]
    who = chance.integers(0, 60, size)
    month = chance.integers(0, months, size)
    return pd.DataFrame(
        {
            "day": [pd.Timestamp(2020 + m // 12, m % 12 + 1, int(d)) for m, d in
                    zip(month, chance.integers(1, 29, size), strict=True)],
            "unit": pd.Series(names, dtype=object),
            "kind": pd.Series(chance.choice(["x", "y", None], size), dtype=object),
            "who": pd.Series([None if w == 0 else f"客{w}" for w in who], dtype=object),
            "month": FIRST + month,
        }
    )  # fmt: skip


def counted(bridge, frame, spans, by=()):
    """Sets of values, row by row."""
    found = {}
    for row in frame.itertuples(index=False):
        leaf = row.unit if row.unit in bridge else ""
        for above in bridge[leaf]:
            if above.first <= row.month <= above.last:
                for span in spans:
                    if span.first <= row.month <= span.last:
                        key = (str(span), above.unit, *(getattr(row, name) for name in by))
                        values = found.setdefault(key, set())
                        if row.who is not None:
                            values.add(row.who)
    return {key: len(values) for key, values in found.items()}


def answered(request, frame):
    engine = DuckDB()
    engine.connection.register("t", frame)
    table = engine.query(compile_query(request).sql())
    engine.close()
    keys = ["span", "unit", *request.keys_by]
    plain = table[keys].astype(object).where(table[keys].notna(), None)
    counts = zip(plain.itertuples(index=False, name=None), table["v0"], strict=True)
    return {key: int(count) for key, count in counts}


def request(bridge, spans, **more):
    return Request("t", TABLE, [UNIQUE], spans, bridge, packed=True, **more)


@pytest.mark.parametrize("leaves", [1, 4, 27, 28, 29, 70])
@pytest.mark.parametrize("moved", [(), ("u0",)])
def test_any_number_of_leaves(leaves, moved):
    """Up to 31 units by bits, and beyond them, and beyond the 64 bits of a word, without."""
    bridge, frame = tree(leaves, moved), rows(leaves, 14)
    spans = [Span(FIRST + i, FIRST + i) for i in range(14)]
    spans += [Span(FIRST, FIRST + 11), Span(FIRST + 3, FIRST + 6)]
    asked = request(bridge, spans)
    assert can_pack(asked) == (leaves + 3 <= MOST_UNITS)
    wanted = counted(bridge, frame, spans)
    assert answered(asked, frame) == wanted
    assert answered(replace(asked, packed=False), frame) == wanted


@pytest.mark.parametrize("months", [1, 2, 20, 40, 100, 130])
def test_any_number_of_months(months):
    """In one word, in several, and in several rows of words."""
    bridge, frame = tree(12, ("u2", "u4")), rows(12, months)
    spans = [Span(FIRST + i, FIRST + i) for i in range(months)] + [Span(FIRST, FIRST + months - 1)]
    asked = request(bridge, spans)
    layout = Layout.of(asked)
    assert layout.per * len(layout.units) <= BITS
    assert (layout.rows > 1) == (months > layout.per * WORDS)
    assert answered(asked, frame) == counted(bridge, frame, spans)


@pytest.mark.parametrize("moved", [(), ("u1", "u0")])
def test_by_a_dimension(moved):
    bridge, frame = tree(5, moved), rows(5, 12)
    spans = [Span(FIRST + 2, FIRST + 2), Span(FIRST, FIRST + 11)]
    asked = request(bridge, spans, by=("kind",))
    assert answered(asked, frame) == counted(bridge, frame, spans, ("kind",))


def test_windows_are_for_those_that_look_back():
    bridge, frame = tree(3), rows(3, 12)
    spans, windows = [Span(FIRST + 9, FIRST + 9)], [Span(FIRST + 2, FIRST + 9)]
    deep = request(bridge, spans, windows=windows, deep=frozenset([UNIQUE.id]))
    assert answered(deep, frame) == counted(bridge, frame, [*spans, *windows])
    asked = answered(request(bridge, spans, windows=windows), frame)
    assert {k: v for k, v in asked.items() if k[0] == str(spans[0])} == counted(
        bridge, frame, spans
    )


def test_a_table_without_units_counts_for_the_root():
    frame, bridge = rows(3, 6), tree(3)
    table = TABLE.model_copy(update={"unit": None})
    spans = [Span(FIRST, FIRST), Span(FIRST, FIRST + 5)]
    asked = Request("t", table, [UNIQUE], spans, bridge, packed=True)
    wanted = counted(bridge, frame.assign(unit=None), spans)
    assert answered(asked, frame) == wanted
    assert {unit for _, unit in wanted} == {"all"}


def test_values_that_are_missing_throughout_count_as_none():
    frame = rows(3, 6).assign(who=pd.Series([None] * 3_000, dtype=object))
    asked = request(tree(3), [Span(FIRST, FIRST)])
    assert set(answered(asked, frame).values()) == {0}
    assert packed.can_pack(asked)
