"""OPS030 to OPS033: what a control chart says of the month."""

import pytest

from opsnb.findings import rank, signals
from opsnb.findings.rules import below_target
from opsnb.findings.signals import Standing
from opsnb.results import NotApplicable

NUMBERS = {"point": 88.4, "limit": 90.7, "center": 93.1}
RULES = {
    "outside": (signals.outside, "OPS030", "orange"),
    "trend": (signals.trend, "OPS031", "yellow"),
    "two_of_three": (signals.nearby, "OPS032", "yellow"),
    "shift": (signals.shift, "OPS033", "yellow"),
}


def standing(signal, direction="low", variation="concern_low", **more):
    more = {"run": 2, "sigmas": 3.4, "numbers": NUMBERS} | more
    return Standing(
        basis="level", reason="", variation=variation, signal=signal, direction=direction, **more
    )


@pytest.mark.parametrize("signal", RULES)
def test_it_fires_for_its_own_signal_with_the_numbers(metric_case, is_about_the_case, signal):
    rule, code, severity = RULES[signal]
    direction = "down" if signal == "trend" else "low"
    finding = rule(metric_case(standing=standing(signal, direction)))
    is_about_the_case(finding, code)
    assert finding.severity == severity
    words = {"moved": "fallen"} if signal == "trend" else {"bound": "lower", "side": "below"}
    expected = {"basis": "level", "variation": "concern", "run": 2, "sigmas": 3.4}
    assert finding.evidence == expected | words | NUMBERS


@pytest.mark.parametrize("signal", RULES)
def test_an_improvement_asks_for_nothing_and_a_neutral_change_for_attention(metric_case, signal):
    rule = RULES[signal][0]
    better = standing(signal, "high", "improvement_high")
    assert rule(metric_case(standing=better)).severity == "info"
    neutral = standing(signal, "high", "neutral_high")
    assert rule(metric_case(standing=neutral)).severity == "yellow"


@pytest.mark.parametrize("signal", RULES)
def test_it_does_not_fire_within_the_limits_or_for_another_signal(metric_case, signal):
    rule = RULES[signal][0]
    assert rule(metric_case(standing=standing("", "", "common"))) is None
    for other in RULES.keys() - {signal}:
        assert rule(metric_case(standing=standing(other))) is None


@pytest.mark.parametrize("signal", RULES)
def test_it_is_not_applicable_without_a_chart_and_says_why(metric_case, signal):
    rule = RULES[signal][0]
    assert rule(metric_case()) == NotApplicable("too few points")
    why = "neighbouring months depend on each other"
    assert rule(metric_case(standing=Standing(reason=why))) == NotApplicable(why)


def test_a_single_month_is_not_a_run(metric_case):
    finding = signals.outside(metric_case(standing=standing("outside", run=1)))
    assert "run" not in finding.evidence


def test_signals_are_ranked_by_their_size_in_standard_deviations(metric_case):
    small, large = (
        signals.outside(metric_case(standing=standing("outside", sigmas=s))) for s in (3.1, 7.0)
    )
    missed = below_target(metric_case(attainment=0.90, actual=90.0))
    assert rank([missed, small, large]) == (large, small, missed)


def test_a_missed_target_within_the_limits_is_called_stable(metric_case):
    case = metric_case(attainment=0.9, actual=90.0, standing=standing("", "", "common"))
    assert below_target(case).evidence["stable"] == "common"
    case = metric_case(attainment=0.9, actual=90.0, standing=standing("outside"))
    assert "stable" not in below_target(case).evidence
