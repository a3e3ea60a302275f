"""The examples in the docstrings hold."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import opsnb.display

MODULES = sorted(module.name for module in pkgutil.iter_modules(opsnb.display.__path__))


@pytest.mark.parametrize("name", MODULES)
def test_examples_hold(name: str) -> None:
    module = importlib.import_module(f"opsnb.display.{name}")
    assert doctest.testmod(module).failed == 0
