"""Components: they multiply to the forecast, and find what was put in."""

import numpy as np
import pandas as pd
import pytest

from opsnb.stats.forecast import components, forecast
from tests.stats.forecast.conftest import long


def test_they_make_the_forecast(panel: pd.DataFrame) -> None:
    made, parts = forecast(panel, 6), components(panel, 6)
    ahead = parts.groupby("unique_id").tail(6)
    product = ahead["level"] * (1 + ahead["season"]) * (1 + ahead["calendar"])
    assert product.to_numpy() == pytest.approx(made["mean"].to_numpy(), rel=1e-9)


def test_factors_come_back_as_the_calendar(panel: pd.DataFrame) -> None:
    months = pd.date_range("2018-01-01", periods=140, freq="MS")
    share = 1 + 0.1 * np.cos(np.arange(140))
    ids = panel["unique_id"].unique()
    factors = pd.concat(
        [pd.DataFrame({"unique_id": name, "ds": months, "factor": share}) for name in ids]
    )
    found = components(panel, 3, factors=factors)
    expected = dict(zip(months, share - 1, strict=True))
    assert found["calendar"].to_numpy() == pytest.approx(found["ds"].map(expected).to_numpy())


@pytest.mark.parametrize("values", [[5.0], [0.0, 0.0, 3.0], [-1.0, 2.0, 4.0], [np.nan, np.nan]])
def test_nothing_is_missing(values: list[float]) -> None:
    found = components(long({"a": values}), 4)
    assert np.isfinite(found[["level", "season", "calendar", "size"]].to_numpy()).all()
