"""Scales that are kept: the same as fitted ones, for the same histories alone."""

from dataclasses import replace

import pytest

from opsnb.analyses import outlooks
from opsnb.analyses.histories import history
from opsnb.analyses.scales import kept

H = 6


@pytest.fixture(scope="module")
def past(firm):
    return history(firm())


@pytest.fixture
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("OPSNB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def never():
    raise AssertionError("it was fitted again")


def test_a_kept_scale_is_the_fitted_one_to_the_last_bit(past, cache):
    fitted = outlooks._fitted(past, H)
    assert kept(past, H, lambda: fitted) == fitted
    assert kept(past, H, never) == fitted
    assert outlooks.company_scale(past, H) == fitted


@pytest.mark.parametrize(
    "other",
    [
        lambda past: past.until(len(past.months) - 1),
        lambda past: replace(
            past,
            values={key: y + (key == ("revenue", "n1")) * 1e-9 for key, y in past.values.items()},
        ),
        lambda past: replace(past, additive=past.additive - {"revenue"}),
        lambda past: replace(past, upper={**past.upper, "revenue": 1e12}),
        lambda past: replace(past, calendar=past.calendar * 1.0000001),
    ],
)
def test_another_history_has_another_scale(past, cache, other):
    kept(past, H, outlooks.Scale)
    asked = []
    kept(other(past), H, lambda: asked.append(1) or outlooks.Scale())
    kept(past, H + 1, lambda: asked.append(2) or outlooks.Scale())
    assert asked == [1, 2]


def test_what_is_damaged_is_fitted_again(past, cache):
    kept(past, H, lambda: outlooks.Scale((2.0, 2.0)))
    for rows in cache.glob("*.parquet"):
        rows.write_text("{")
    assert kept(past, H, lambda: outlooks.Scale((3.0, 3.0))).widths == (3.0, 3.0)


def test_without_a_cache_everything_is_fitted(past, monkeypatch):
    monkeypatch.setenv("OPSNB_CACHE", "off")
    kept(past, H, lambda: outlooks.Scale((2.0, 2.0)))
    assert kept(past, H, lambda: outlooks.Scale((3.0, 3.0))).widths == (3.0, 3.0)
