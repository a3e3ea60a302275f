"""OPS040 to OPS047: what a change is made of, and what moves with a metric."""

import pytest

from opsnb.findings import attribution as rules
from opsnb.findings.attribution import AttributionCase, DriverCase, Element
from opsnb.results import NotApplicable

ABOUT = ("revenue", "north", "2026-10", "销售部")
GONE = NotApplicable("no data in the same period last year")


def case(total=100.0, **more):
    return AttributionCase(*ABOUT, total, **more)


def evidence(finding, code, severity="info"):
    assert (finding.code, finding.severity) == (code, severity)
    assert (finding.metric, finding.unit, finding.period, finding.owner) == ABOUT
    return dict(finding.evidence)


ALL = [
    rules.largest_effect, rules.reversed_by_mix, rules.told_by_elements, rules.left_unexplained,
    rules.held_back, rules.moved_by_price, rules.led_by_one,
]  # fmt: skip


@pytest.mark.parametrize("rule", ALL)
def test_none_is_applicable_without_a_change(rule):
    assert rule(case(GONE)) is GONE


def test_every_rule_is_in_the_list():
    assert set(ALL) == set(rules.RULES)


def test_ops040_names_the_largest_effect_and_its_source():
    source = Element("line", "drives", -70.0)
    found = rules.largest_effect(
        case(effects={"volume": 40.0, "price": -80.0, "unexplained": 140.0},
             sources={"price": source})
    )  # fmt: skip
    assert evidence(found, "OPS040") == {
        "total": 100.0, "effect": "price", "contribution": -80.0, "dimension": "line",
        "item": "drives", "part": -70.0,
    }  # fmt: skip


def test_ops040_does_not_fire_where_nothing_moved():
    assert rules.largest_effect(case(0.0, effects={"volume": 0.0, "unexplained": 0.0})) is None


def test_ops041_names_the_reversal():
    effects = {"rate": 0.02, "mix": -0.05, "unexplained": 0.0}
    found = rules.reversed_by_mix(case(-0.03, effects=effects, dimension="line", reversal=1))
    assert evidence(found, "OPS041", "yellow") == {
        "all_rise": "line", "dimension": "line", "total": -0.03, "rate": 0.02, "mix": -0.05,
    }  # fmt: skip
    back = rules.reversed_by_mix(case(0.03, effects=effects, dimension="line", reversal=-1))
    assert back.evidence["all_fall"] == "line"


def test_ops041_is_about_ratios_that_turn():
    assert rules.reversed_by_mix(case(effects={}, dimension="line")) is None
    assert isinstance(rules.reversed_by_mix(case()), NotApplicable)


def test_ops042_counts_what_explains():
    told = [Element("line", "a", 60.0), Element("line", "b", 30.0)]
    found = evidence(rules.told_by_elements(case(explains=told)), "OPS042")
    assert found == {
        "dimension": "line", "item": "a", "number": 2, "part": 60.0, "power": 0.9, "total": 100.0,
    }  # fmt: skip


def test_ops042_does_not_fire_without_an_explanation():
    assert rules.told_by_elements(case()) is None
    assert rules.told_by_elements(case(0.0, explains=[Element("line", "a", 1.0)])) is None


def test_ops043_tells_a_remainder_above_a_tenth_of_all_that_moved():
    effects = {"volume": 150.0, "price": -61.0, "unexplained": 30.0}
    found = evidence(rules.left_unexplained(case(effects=effects)), "OPS043", "grey")
    assert found == {"contribution": 30.0, "total": 100.0}
    assert rules.left_unexplained(case(effects=effects | {"unexplained": 23.0})) is None


def test_ops044_names_the_largest_that_went_the_other_way():
    elements = [Element("c", "x", -10.0), Element("c", "y", -30.0), Element("c", "z", 140.0)]
    found = evidence(rules.held_back(case(elements=elements)), "OPS044")
    assert (found["item"], found["part"]) == ("y", -30.0)
    fall = rules.held_back(case(-100.0, elements=elements))
    assert fall.evidence["item"] == "z"


def test_ops044_does_not_fire_below_a_tenth():
    assert rules.held_back(case(elements=[Element("c", "x", -9.9)])) is None
    assert rules.held_back(case(elements=[Element("c", "x", 90.0)])) is None


def test_ops047_names_the_one_that_makes_half():
    first = Element("customer", "x", -60.0)
    found = evidence(rules.led_by_one(case(-100.0, explains=[first])), "OPS047")
    assert (found["item"], found["part"], found["total"]) == ("x", -60.0, -100.0)
    more = rules.led_by_one(case(-100.0, explains=[Element("customer", "x", -160.0)]))
    assert more.code == "OPS047", "others made up for some of it"


@pytest.mark.parametrize("part", [-49.0, 160.0])
def test_ops047_does_not_fire_below_half_or_the_other_way(part):
    assert rules.led_by_one(case(-100.0, explains=[Element("customer", "x", part)])) is None
    assert rules.led_by_one(case(-100.0)) is None


def test_ops045_fires_on_what_chance_does_not_bring():
    found = rules.moves_with(DriverCase(*ABOUT, "orders", 0.6, 0.001, 2, 24))
    assert evidence(found, "OPS045") == {
        "driver": "orders", "correlation": 0.6, "pvalue": 0.001, "tried": 24, "lag": 2,
    }  # fmt: skip


def test_ops045_does_not_fire_at_the_level_and_needs_points():
    assert rules.moves_with(DriverCase(*ABOUT, "orders", 0.6, 0.0501)) is None
    few = NotApplicable("too few points")
    assert rules.moves_with(DriverCase(*ABOUT, "orders", few)) is few


def test_ops046_names_where_prices_come_from():
    effects = {"volume": 80.0, "price": 20.0, "unexplained": 0.0}
    found = rules.moved_by_price(
        case(effects=effects, sources={"price": Element("line", "drives", 18.0)})
    )
    assert evidence(found, "OPS046") == {
        "contribution": 20.0, "total": 100.0, "dimension": "line", "item": "drives", "part": 18.0,
    }  # fmt: skip


def test_ops046_needs_prices_that_moved():
    assert rules.moved_by_price(case(effects={"volume": 95.0, "price": 5.0})) is None
    assert isinstance(rules.moved_by_price(case(effects={"rate": 1.0})), NotApplicable)
