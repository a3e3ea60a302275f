"""Options: exact means, chances by hand, and dominance."""

import math

import numpy as np
import pytest
from scipy import stats

from opsnb.stats.options import Option, weigh

SURE = Option("sure", (10.0, 10.0, 10.0), (12.0, 12.0, 12.0))
COIN = Option("coin", (10.0, 10.0, 10.0), (40.0, 40.0, 40.0), 0.4)
NOTHING = Option("nothing", (0.0, 0.0, 0.0), (0.0, 0.0, 0.0))


def rows(*options):
    return weigh(options).set_index("name").to_dict("index")


def test_means_are_exact():
    wide = Option("wide", (1.0, 2.0, 6.0), (0.0, 4.0, 10.0), 0.5)
    row = rows(wide)["wide"]
    assert row["cost"] == pytest.approx((1 + 8 + 6) / 6)
    assert row["benefit"] == pytest.approx(0.5 * (0 + 16 + 10) / 6)
    assert row["net"] == pytest.approx(row["benefit"] - row["cost"])


def test_chances_by_hand():
    found = rows(SURE, COIN, NOTHING)
    error = 4 * math.sqrt(0.24 / 100_000)
    assert found["coin"]["p_loss"] == pytest.approx(0.6, abs=error)
    assert found["coin"]["p_best"] == pytest.approx(0.4, abs=error)
    assert found["sure"]["p_best"] == pytest.approx(0.6, abs=error)
    assert found["sure"]["p_loss"] == 0
    assert found["nothing"]["p_best"] == 0
    assert (found["sure"]["net_low"], found["sure"]["net_high"]) == (2.0, 2.0)


def test_ranges_are_pert():
    """Quantiles of the beta distribution on the range, by scipy."""
    row = rows(Option("a", (0.0, 0.0, 0.0), (10.0, 20.0, 60.0)))["a"]
    law = stats.beta(1 + 4 * 10 / 50, 1 + 4 * 40 / 50, loc=10, scale=50)
    assert row["net_low"] == pytest.approx(law.ppf(0.1), rel=0.02)
    assert row["net_high"] == pytest.approx(law.ppf(0.9), rel=0.02)


def test_what_is_nowhere_better_is_named():
    worse = Option("worse", (11.0, 11.0, 11.0), (12.0, 12.0, 12.0))
    found = rows(SURE, worse, COIN)
    assert found["worse"]["dominated_by"] == "sure"
    assert found["sure"]["dominated_by"] == ""
    assert found["coin"]["dominated_by"] == ""
    assert rows(SURE, Option("same", SURE.cost, SURE.benefit))["same"]["dominated_by"] == ""


def test_the_same_seed_gives_the_same_and_chances_sum_to_one():
    options = [Option(str(i), (0.0, i, 9.0), (0.0, i, 9.0)) for i in np.linspace(1, 8, 5)]
    one, other = weigh(options), weigh(options)
    assert one.equals(other)
    assert one["p_best"].sum() == pytest.approx(1.0)


@pytest.mark.parametrize("wrong", [Option("x", (3.0, 2.0, 4.0), (0.0, 0.0, 0.0)),
                                   Option("x", (0.0, 0.0, 0.0), (0.0, 1.0, 2.0), 1.5)])  # fmt: skip
def test_ranges_out_of_order_are_refused(wrong):
    with pytest.raises(ValueError, match="x: "):
        weigh([wrong])
