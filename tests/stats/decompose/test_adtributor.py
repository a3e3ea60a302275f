"""Adtributor: its formulas by hand, its guards, and what is left unexplained."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsnb.errors import ParameterError, UnknownNameError
from opsnb.stats.decompose import adtributor

# The paper's example: revenue by data centre, advertiser and device (Bhagwan et al. 2014)
FORECAST = {"dc": {"X": 94, "Y": 6}, "ad": {"A1": 50, "A2": 20, "A3": 20, "A4": 10},
            "device": {"PC": 50, "Mobile": 25, "Tablet": 25}}  # fmt: skip
SEEN = {"dc": {"X": 47, "Y": 3}, "ad": {"A1": 24, "A2": 21, "A3": 4, "A4": 1},
        "device": {"PC": 49, "Mobile": 1, "Tablet": 0}}  # fmt: skip


def of(values, dimension="d"):
    return pd.DataFrame({dimension: list(values), "value": [float(v) for v in values.values()]})


def surprise(p, q):
    """One element, by the formula."""
    parts = [x * math.log(2 * x / (p + q)) for x in (p, q) if x > 0]
    return sum(parts) / 2


def entropy(shares):
    return -sum(x * math.log(x) for x in shares if x > 0)


def test_the_papers_example_is_explained_by_the_device():
    """The data centre explains 94 % and surprises nobody; PCs held, mobiles and tablets did not."""
    surprises = {}
    for name, forecast in FORECAST.items():
        found = adtributor(of(SEEN[name], name), of(forecast, name), [name])
        surprises[name] = found.loc[found["explains"], "surprise"].sum()
    assert max(surprises, key=surprises.get) == "device"
    assert surprises["dc"] == pytest.approx(0, abs=1e-12)
    found = adtributor(of(SEEN["device"], "device"), of(FORECAST["device"], "device"), ["device"])
    told = found[found["explains"]].set_index("item")["explanatory_power"]
    assert told.to_dict() == pytest.approx({"Tablet": 0.5, "Mobile": 0.48})
    assert found["unexplained"].unique() == pytest.approx([-1.0])


VALUES = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 1000), min_size=1, max_size=6)


@given(VALUES, VALUES)
def test_formulas_and_sums(actual, expected):
    found = adtributor(of(actual), of(expected), ["d"]).set_index("item")
    big_a, big_f = sum(actual.values()), sum(expected.values())
    assert set(found.index) == {*actual, *expected}
    assert found["contribution"].sum() == pytest.approx(big_a - big_f)
    told = found.loc[found["explains"], "contribution"].sum()
    assert told + found["unexplained"].iloc[0] == pytest.approx(big_a - big_f)
    for item, row in found.iterrows():
        a, f = actual.get(item, 0), expected.get(item, 0)
        p, q = (f / big_f if big_f else 0), (a / big_a if big_a else 0)
        assert row["surprise"] == pytest.approx(surprise(p, q), abs=1e-12)
        if big_a != big_f:
            assert row["explanatory_power"] == pytest.approx((a - f) / (big_a - big_f))
    if big_a != big_f:
        assert found["explanatory_power"].sum() == pytest.approx(1)
    else:
        assert found["explanatory_power"].isna().all()


@given(VALUES, VALUES)
def test_surprise_is_a_part_of_the_divergence_of_jensen_and_shannon(actual, expected):
    if not (sum(actual.values()) and sum(expected.values())):
        return
    found = adtributor(of(actual), of(expected), ["d"])
    p, q = (found[side] / found[side].sum() for side in ("expected", "actual"))
    middle = entropy((p + q) / 2) - (entropy(p) + entropy(q)) / 2
    assert found["surprise"].sum() == pytest.approx(middle, abs=1e-9)


def test_elements_of_one_side_and_shares_of_nothing():
    found = adtributor(of({"a": 5, "new": 3}), of({"a": 5, "gone": 1}), ["d"]).set_index("item")
    assert found["contribution"].to_dict() == {"new": 3.0, "gone": -1.0, "a": 0.0}
    assert found.loc["gone", "explanatory_power"] == pytest.approx(-0.5)
    assert np.isfinite(found["surprise"]).all()
    nothing = adtributor(of({"a": 5}), of({}), ["d"])
    assert nothing["surprise"].tolist() == pytest.approx([math.log(2) / 2])


def test_where_the_whole_is_as_expected_size_tells():
    found = adtributor(of({"a": 90, "b": 110, "c": 50}), of({"a": 110, "b": 90, "c": 50}), ["d"])
    assert found["explanatory_power"].isna().all()
    assert set(found.loc[found["explains"], "item"]) == {"a", "b"}
    assert found["unexplained"].iloc[0] == 0
    same = adtributor(of({"a": 1}), of({"a": 1}), ["d"])
    assert not same["explains"].any()


def test_negative_shares_have_no_surprise_and_size_takes_its_place():
    found = adtributor(of({"a": 30, "returns": -40}), of({"a": 30, "returns": -10}), ["d"])
    assert found["surprise"].isna().all()
    assert found.loc[found["explains"], "item"].tolist() == ["returns"]


def test_dimensions_come_by_surprise_and_combinations_are_tuples():
    rows = [("east", "pc", 10, 10), ("east", "tv", 10, 30), ("west", "pc", 10, 10)]
    frame = pd.DataFrame(rows, columns=["region", "device", "now", "was"])
    actual, expected = (
        frame.rename(columns={name: "value"})[["region", "device", "value"]]
        for name in ("now", "was")
    )
    found = adtributor(actual, expected, ["region", "device", ("region", "device")])
    assert set(found["dimension"]) == {"region", "device", "region x device"}
    first = found[found["dimension"] == "region x device"].iloc[0]
    assert (first["item"], first["contribution"]) == (("east", "tv"), -20.0)
    chosen = found[found["explains"]].groupby("dimension", sort=False)["surprise"].sum()
    assert chosen.is_monotonic_decreasing
    for _, rows_of in found.groupby("dimension"):
        assert rows_of["contribution"].sum() == -20


def test_rows_of_an_element_add_up_and_a_missing_one_is_kept():
    actual = pd.DataFrame({"d": ["a", "a", None], "value": [1.0, 2.0, 4.0]})
    found = adtributor(actual, of({"a": 3}), ["d"])
    assert dict(zip(found["item"], found["contribution"], strict=True)) == {None: 4.0, "a": 0.0}


@given(VALUES, VALUES, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter_to_the_numbers(actual, expected, random):
    columns = ["contribution", "surprise"]
    first = adtributor(of(actual), of(expected), ["d"]).set_index("item")[columns]
    keys = list(actual)
    random.shuffle(keys)
    again = adtributor(of({k: actual[k] for k in keys}), of(expected), ["d"]).set_index("item")
    assert np.allclose(again.loc[first.index, columns], first)


def test_without_dimensions_or_rows_there_is_nothing():
    assert len(adtributor(of({"a": 1}), of({"a": 2}), [])) == 0
    assert len(adtributor(of({}), of({}), ["d"])) == 0


def test_what_cannot_be_told_is_refused():
    with pytest.raises(UnknownNameError, match="actual: column 'e' is missing"):
        adtributor(of({"a": 1}), of({"a": 1}), ["e"])
    with pytest.raises(ParameterError, match="expected, row 1, column 'value'"):
        adtributor(of({"a": 1}), of({"a": math.nan}), ["d"])
    with pytest.raises(ParameterError, match="enough is 2"):
        adtributor(of({"a": 1}), of({"a": 1}), ["d"], enough=2)
