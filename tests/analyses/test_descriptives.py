"""Descriptives, against pandas and by hand; nothing missing is counted as a value."""

import numpy as np
import pandas as pd
import pytest

from opsnb.analyses import descriptives
from opsnb.display import html


def test_they_are_those_of_pandas(demonstration):
    import opsnb

    workbook = opsnb.open(demonstration, "2026-10")
    found = descriptives(workbook, ["revenue", "satisfaction"]).frame.set_index("metric")
    months = workbook.period.back(36)
    values = workbook.values(["revenue", "satisfaction"], months).frame
    for name in ("revenue", "satisfaction"):
        x = values.xs("all", level="unit")[name]
        row = found.loc[name]
        assert row["nobs"] == 36
        assert row["missing"] == 0
        assert row["median"] == pytest.approx(x.median())
        assert row["robust_deviation"] == pytest.approx(1.4826 * (x - x.median()).abs().median())
        assert row["mean"] == pytest.approx(x.mean())
        assert row["standard_deviation"] == pytest.approx(x.std())
        assert (row["minimum"], row["maximum"]) == (x.min(), x.max())


def test_months_without_a_value_are_counted_since_the_first(tiny):
    """Stock: 2025-03 to 2026-03, of which four months have values; south lacks the last."""
    found = descriptives(tiny(), ["stock"]).frame.iloc[0]
    assert (found["nobs"], found["missing"]) == (3, 10)
    assert (found["minimum"], found["maximum"]) == (60, 80)
    north = descriptives(tiny(unit="north"), ["stock"]).frame.iloc[0]
    assert (north["nobs"], north["missing"]) == (4, 9)
    assert north["median"] == pytest.approx(np.median([40, 50, 40, 60]))


def test_a_metric_without_any_value_says_so(tiny):
    result = descriptives(tiny("2025-01"), ["staff"])
    assert result.frame["nobs"].tolist() == [0]
    assert pd.isna(result.frame["median"].iloc[0])
    assert result.reasons[0, "median"] == "no data in this period"
    assert "描述统计" in html(result, "zh")
