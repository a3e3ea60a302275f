"""The examples in the docstrings."""

import doctest

import pytest

from opsnb.stats.decompose import amounts, elements, products, rates


@pytest.mark.parametrize("module", [amounts, elements, products, rates])
def test_examples_are_right(module):
    found = doctest.testmod(module)
    assert found.attempted
    assert found.failed == 0
