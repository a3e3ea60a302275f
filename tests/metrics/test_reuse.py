"""What has been measured over more spans answers for fewer as a measurement of its own does."""

import pandas as pd
import pytest

import opsnb
from opsnb.metrics.spans import Span

NAMES = ["revenue", "gross_margin", "customers", "inventory", "revenue_trailing_year"]


@pytest.mark.parametrize("by", [(), ("product_line",)])
@pytest.mark.parametrize("order", [1, -1])
def test_fewer_spans_and_metrics_are_as_measured_alone(demonstration, by, order):
    names = NAMES[:3] if by else NAMES
    once, alone = (opsnb.open(demonstration, "2026-10") for _ in range(2))
    months, to_date = once.period.back(60), Span.to_date(once.period)
    once.values(names, [*months, to_date, to_date.year_ago], by=by)
    wanted = [to_date, *months[-13:], to_date.year_ago, months[0]][::order]
    few = names[1:]
    found, expected = once.values(few, wanted, by=by), alone.values(few, wanted, by=by)
    pd.testing.assert_frame_equal(found.frame, expected.frame)
    assert dict(found.reasons) == dict(expected.reasons)
    assert len(once._shared.values[by]) == 1, "nothing was measured again"


def test_the_same_spans_in_another_order_come_in_that_order(demonstration):
    workbook = opsnb.open(demonstration, "2026-10")
    months = workbook.period.back(6)
    workbook.values(["revenue"], months)
    found = workbook.values(["revenue"], months[::-1]).frame
    spans = list(dict.fromkeys(found.index.get_level_values("span")))
    assert spans == [str(month) for month in months[::-1]]
