"""What the control charts find of the planted truths, over a few seeds."""

import importlib.util
import sys
from pathlib import Path

import pytest

FILE = Path(__file__).parents[2] / "benchmarks/planted_truths.py"
SEEDS = (3, 4)


@pytest.fixture(scope="module")
def benchmark():
    """Load the benchmark, which is no part of the package."""
    spec = importlib.util.spec_from_file_location("planted_truths", FILE)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module", params=SEEDS)
def scored(benchmark, request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("seeds") / "demo"
    return benchmark.score(benchmark.company(folder, request.param))


@pytest.mark.slow
def test_truths_are_found_in_the_month_in_which_they_begin(scored):
    assert sum(scored.found.values()) >= 0.9 * len(scored.found)


@pytest.mark.slow
def test_quiet_months_have_few_more_flags_than_expected(scored):
    """Metrics of one company move together, so their flags vary more than independent ones."""
    assert scored.charts > 80
    assert scored.flags <= scored.expected + 4 * scored.expected**0.5
