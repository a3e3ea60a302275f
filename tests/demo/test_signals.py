"""What the control charts find of the planted truths, over a few seeds."""

import pytest

from benchmarks.planted_truths import BUSINESS, company, score

SEEDS = (3, 4)


@pytest.fixture(scope="module", params=SEEDS)
def scored(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("seeds") / "demo"
    return score(company(folder, request.param))


@pytest.mark.slow
def test_truths_are_found_in_the_month_in_which_they_begin(scored):
    assert sum(scored.found.values()) >= 0.9 * len(BUSINESS)


@pytest.mark.slow
def test_quiet_months_have_few_more_flags_than_expected(scored):
    """Metrics of one company move together, so their flags vary more than independent ones."""
    assert scored.charts > 80
    assert scored.flags <= scored.expected + 4 * scored.expected**0.5
