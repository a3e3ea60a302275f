"""The tree of units: what stands above, below and at the ends."""

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsnb.errors import SettingsError, UnknownNameError
from opsnb.period import Period
from opsnb.units import Above, Former, Unit, Units


def tree(**parents):
    """Units under the root ``all``, by their parents."""
    rows = [Unit(name, {}, parent) for name, parent in parents.items()]
    return Units([Unit("all", {}), *rows])


COMPANY = {"north": None, "n1": "north", "n2": "north", "n2a": "n2", "south": None}


def test_the_tree_is_read_both_ways():
    units = tree(**COMPANY)
    assert units.root == "all"
    assert units.ancestors("n2a") == ["n2a", "n2", "north", "all"]
    assert units.ancestors("all") == ["all"]
    assert units.children("all") == ["north", "south"]
    assert units.children("north") == ["n1", "n2"]
    assert units.leaves("all") == ["n1", "n2a", "south"]
    assert units.leaves("north") == ["n1", "n2a"]
    assert units.leaves("south") == ["south"]
    assert "n2" in units
    assert "n3" not in units


def test_the_bridge_leads_from_the_data_to_all_that_it_counts_for():
    bridge = tree(**COMPANY).bridge
    assert bridge[""] == [Above("all")]
    assert bridge["all"] == [Above("all")]
    assert bridge["n2"] == [Above("n2"), Above("north"), Above("all")]
    assert all(above.is_always for path in bridge.values() for above in path)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=30))
def test_leaves_are_the_units_without_children_at_or_below(parents):
    """A tree in which unit i hangs under an earlier one; against the definition."""
    names = [f"u{i}" for i in range(len(parents))]
    chosen = {
        name: names[parent % i] if i and parent % (i + 1) else None
        for i, (name, parent) in enumerate(zip(names, parents, strict=True))
    }
    units = tree(**chosen)
    has_child = {units.parent(name) for name in names}
    for unit in ["all", *names]:
        below = [name for name in ["all", *names] if unit in units.ancestors(name)]
        assert sorted(units.leaves(unit)) == sorted(set(below) - has_child)
    assert sum(len(units.children(unit)) for unit in ["all", *names]) == len(names)


@pytest.mark.parametrize(
    ("parents", "words"),
    [
        ({"a": "b", "b": "c", "c": "a"}, "a -> b -> c -> a form a circle"),
        ({"a": "a"}, "a -> a form a circle"),
        ({"north": None, "n1": "nroth"}, "unknown parent 'nroth'.*did you mean 'north'"),
    ],
)
def test_what_is_no_tree_is_refused(parents, words):
    with pytest.raises(SettingsError, match=words):
        tree(**parents)


def test_an_id_stands_once():
    with pytest.raises(SettingsError, match="unit 'a' stands twice"):
        Units([Unit("all", {}), Unit("a", {}), Unit("a", {})])


def test_an_unknown_unit_is_refused_with_the_nearest():
    with pytest.raises(UnknownNameError, match="did you mean 'north'"):
        _ = tree(**COMPANY)["norht"]


@pytest.mark.parametrize(
    ("opened", "closed", "is_open"),
    [
        (None, None, True),
        (dt.date(2026, 10, 31), None, True),
        (dt.date(2026, 11, 1), None, False),
        (None, dt.date(2026, 10, 1), True),
        (None, dt.date(2026, 9, 30), False),
        (dt.date(2026, 10, 5), dt.date(2026, 10, 6), True),
    ],
)
def test_a_unit_is_open_in_a_month_of_which_it_is_open_one_day(opened, closed, is_open):
    unit = Unit("a", {}, None, opened, closed)
    assert unit.open_during(dt.date(2026, 10, 1), dt.date(2026, 10, 31)) is is_open


def month(text):
    return Period.parse(text).first


def moving():
    """w goes from north to south in the middle of July 2026, and its part w1 with it."""
    july = dt.date(2026, 7, 14)
    w = Unit("w", {}, "south", formers=(Former("north", july),))
    flat = [Unit(name, {}) for name in ("all", "north", "south")]
    n1, w1 = Unit("n1", {}, "north"), Unit("w1", {}, "w")
    return Units([*flat, n1, w, w1, Unit("new", {}, "south", dt.date(2026, 7, 1))])


def test_a_month_belongs_to_the_tree_at_its_end():
    units = moving()
    for text, parent in (("2020-01", "north"), ("2026-06", "north"), ("2026-07", "south")):
        assert units.parent("w", month(text)) == parent
        assert units.ancestors("w1", month(text)) == ["w1", "w", parent, "all"]
    assert units.changes == (month("2026-06"),)
    at_the_end = Unit("w", {}, None, formers=(Former("north", dt.date(2026, 7, 31)),))
    units = Units([Unit("all", {}), Unit("north", {}), at_the_end])
    assert units.parent("w", month("2026-07")) == "north"
    assert units.parent("w", month("2026-08")) == "all"


def test_children_of_a_month_are_those_open_in_it():
    units = moving()
    assert units.children("south", month("2026-06")) == []
    assert units.children("south", month("2026-07")) == ["w", "new"]
    assert units.leaves("all", month("2026-06")) == ["n1", "w1", "south"]
    assert units.leaves("north", month("2026-07")) == ["n1"]


def test_the_bridge_says_from_when_to_when():
    bridge = moving().bridge
    last = month("2026-06")
    assert bridge["w1"] == [
        Above("w1"),
        Above("w"),
        Above("north", 0, last),
        Above("all"),
        Above("south", last + 1),
    ]


def test_what_moved_is_named_for_those_it_left_and_joined():
    units = moving()
    before, now = month("2026-06"), month("2026-07")
    assert units.moved("north", before, now) == ["w"]  # and not w1, which went with it
    assert units.moved("south", before, now) == ["w"]  # and not the new unit
    assert units.moved("all", before, now) == []
    assert units.moved("w", before, now) == []
    assert units.moved("north", now, now + 5) == []
    assert units.moved("north", before - 12, before) == []


def test_a_circle_in_a_month_that_is_over_is_refused_too():
    june = dt.date(2026, 6, 30)
    a = Unit("a", {}, None, formers=(Former("b", june, "units.csv, row 2"),))
    with pytest.raises(SettingsError, match=r"row 2: .*form a circle in 2026-06"):
        Units([Unit("all", {}), a, Unit("b", {}, "a")])


MOVES = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 27)), max_size=3)


@given(st.lists(MOVES, min_size=1, max_size=5))
def test_the_bridge_is_the_tree_of_every_month(moves):
    """Units that move among four groups; the bridge, asked month by month, against ancestors."""
    groups = [Unit(f"g{i}", {}, "g0" if i == 3 else None) for i in range(4)]
    movers = []
    for i, path in enumerate(moves):
        days = sorted({day for _, day in path})
        formers = tuple(
            Former(f"g{group}", dt.date(2026, 1 + day // 3, 1 + day % 3 * 10))
            for day, (group, _) in zip(days, path, strict=False)
        )
        movers.append(Unit(f"u{i}", {}, "g1", formers=formers))
    units = Units([Unit("all", {}), *groups, *movers])
    for at in range(month("2025-12"), month("2027-02")):
        for unit in units:
            across = {a.unit for a in units.bridge[unit.id] if a.first <= at <= a.last}
            assert across == set(units.ancestors(unit.id, at))
    for path in units.bridge.values():
        spans = sorted((a.unit, a.first, a.last) for a in path)
        for (one, _, end), (other, start, _) in pairwise(spans):
            assert one != other or end + 1 < start  # neither twice nor in pieces
