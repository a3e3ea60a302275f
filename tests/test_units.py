"""The tree of units: what stands above, below and at the ends."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsnb.errors import SettingsError, UnknownNameError
from opsnb.units import Unit, Units


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
    assert bridge[""] == ["all"]
    assert bridge["all"] == ["all"]
    assert bridge["n2"] == ["n2", "north", "all"]


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
