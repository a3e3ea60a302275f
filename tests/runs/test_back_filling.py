"""Back-filling: months of which little is known yet have reports, as any other month has."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from opsnb.runs import batch

MONTHS = ("2021-11", "2022-02", "2022-11", "2023-08")
"""The first one of all, one of Spring Festival's, and those with one and under two years before."""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the fork is Linux's")
def test_early_months_of_the_demonstration_company_have_all_reports(demonstration, tmp_path):
    outputs = tmp_path / "outputs"
    todo = [
        job for month in MONTHS for job in batch.jobs(str(demonstration), month, outputs=outputs)
    ]
    with ThreadPoolExecutor(2) as executor:
        summary = batch.run_batch(todo, executor, clock=lambda: 0.0)
    assert summary.counts == {"done": len(todo)}
    assert len(todo) == 3 * 5 * len(MONTHS)  # kinds of report, and units
