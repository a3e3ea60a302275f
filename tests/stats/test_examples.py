"""The examples in the docstrings hold."""

import doctest
import importlib

import pytest

MODULES = (
    "incidents",
    "losses.result",
    "losses.severity",
    "losses.simulation",
    "losses.tails",
    "losses.treatments",
    "matrix",
    "warning",
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_hold(name):
    found = doctest.testmod(importlib.import_module(f"opsnb.stats.{name}"))
    assert found.failed == 0
    assert found.attempted > 0
