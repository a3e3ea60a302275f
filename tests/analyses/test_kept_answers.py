"""Answers that are kept: made, read again, and made where nothing is kept, not a bit differs."""

from dataclasses import fields

import pandas as pd
import pytest

import opsnb
from opsnb.analyses import changes, indicators, split
from opsnb.analyses.comparison import difference
from opsnb.data import kept
from opsnb.metrics.spans import Span


@pytest.fixture
def opened(demonstration, monkeypatch, tmp_path):
    """Open the demonstration company; the first time nothing is kept, then all is found."""
    monkeypatch.setattr(kept, "code_hash", lambda: "this code")

    def opened(cache, unit="all", period="2026-06"):
        monkeypatch.setenv("OPSNB_CACHE", cache if cache == "off" else str(tmp_path / cache))
        return opsnb.open(demonstration, period).for_unit(unit)

    return opened


def never(*_args, **_named):
    raise AssertionError("it was made again")


def change(workbook, name):
    span = Span.of(workbook.period)
    total = difference(*split.both(workbook, name, span))
    return changes.change(workbook, name, span, total)


@pytest.mark.parametrize("unit", ["all", "east"])
@pytest.mark.parametrize("name", ["revenue", "gross_margin", "headcount"])
def test_a_change_that_was_kept_is_the_change(opened, monkeypatch, unit, name):
    plain = change(opened("off", unit), name)
    made = change(opened("cache", unit), name)
    monkeypatch.setattr(changes, "_amount", never)
    monkeypatch.setattr(changes, "_ratio", never)
    found = change(opened("cache", unit), name)
    for one in (made, found):
        assert (one.effects, one.reversal) == (plain.effects, plain.reversal)
        for frame in changes.FRAMES:
            pd.testing.assert_frame_equal(
                getattr(one, frame), getattr(plain, frame), check_exact=True,
                check_index_type=False, check_column_type=False,
            )  # fmt: skip
        assert one.explaining == plain.explaining
        assert [one.source(effect) for effect in one.effects] == [
            plain.source(effect) for effect in plain.effects
        ]


def test_another_unit_has_its_own_change(opened):
    assert (
        change(opened("cache"), "revenue").effects
        != change(opened("cache", "east"), "revenue").effects
    )


@pytest.mark.parametrize("period", ["2025-01", "2026-06"])
def test_indicators_that_were_kept_are_the_indicators(opened, monkeypatch, period):
    plain = indicators.indicators(opened("off", period=period))
    made = indicators.indicators(opened("cache", period=period))
    monkeypatch.setattr(indicators, "watch", never)
    found = indicators.indicators(opened("cache", period=period))
    assert plain
    for one, other in zip([*made, *found], [*plain, *plain], strict=True):
        assert (one.id, one.metric, one.margin) == (other.id, other.metric, other.margin)
        for field in fields(one.seen):
            seen, expected = getattr(one.seen, field.name), getattr(other.seen, field.name)
            if field.name == "chances":
                pd.testing.assert_frame_equal(seen, expected, check_exact=True)
            else:
                assert repr(seen) == repr(expected)
        for state, known in zip(one.seen.states, other.seen.states, strict=True):
            assert vars(state) == vars(known)


def test_a_threshold_that_moved_is_watched_anew(opened, monkeypatch):
    workbook = opened("cache")
    first = indicators.indicators(workbook)
    told = indicators.kri_rule
    asked = []

    def moved(*args):
        rule = told(*args)
        return type(rule)(rule.better, tuple(t * 1.01 for t in rule.thresholds), rule.band)

    watch = indicators.watch
    monkeypatch.setattr(indicators, "kri_rule", moved)
    monkeypatch.setattr(indicators, "watch", lambda *a, **k: asked.append(1) or watch(*a, **k))
    assert len(indicators.indicators(workbook)) == len(first)
    assert asked == [1]
