"""What if: assumptions on the paths of the forecast, held against arithmetic by hand."""

import numpy as np
import pytest

from opsnb.analyses import Assumptions, forecast, what_if
from opsnb.analyses.histories import history
from opsnb.analyses.odds import adjustment
from opsnb.analyses.outlooks import company_scale, outlooks
from opsnb.analyses.what_if import Base
from opsnb.calendar import workdays
from opsnb.errors import ParameterError

REMAINING = 3  # September is known; the year ends in December


@pytest.fixture(scope="module")
def paths(firm):
    book = firm()
    past = history(book)
    return outlooks(past, [("revenue", "all")], 12, company_scale(past, 12))["revenue", "all"].paths


def rows(result):
    return {row["scenario"]: row for row in result.frame.to_dict("records")}


def base(firm):
    return rows(what_if(firm(), "revenue"))["expected"]


def test_without_assumptions_it_is_the_forecast(firm):
    found = rows(what_if(firm(), "revenue"))
    assert list(found) == ["expected"]
    (issued,) = forecast(firm(), ["revenue"]).frame.to_dict("records")
    assert found["expected"]["year_forecast"] == issued["year_forecast"]
    assert found["expected"]["p_met"] == issued["p_met"]
    assert found["expected"]["year_difference"] == 0


def test_a_volume_moves_what_is_to_come_and_nothing_that_was(firm, paths):
    found = rows(what_if(firm(), "revenue", Assumptions(volume=0.1)))
    ahead = paths[:, :REMAINING].sum(1).mean()
    assert found["volume"]["year_difference"] == pytest.approx(0.1 * ahead)
    assert "together" not in found


def test_the_odds_are_those_of_the_moved_paths(firm, paths):
    found = rows(what_if(firm(), "revenue", Assumptions(volume=0.02)))
    one = found["volume"]
    to_date = base(firm)["year_forecast"] - paths[:, :REMAINING].sum(1).mean()
    total = to_date + 1.02 * paths[:, :REMAINING].sum(1)
    goal = forecast(firm(), ["revenue"]).frame["year_target"].iloc[0]
    learned = adjustment(firm(), history(firm()), 12)
    simulated = float((total >= goal).mean())
    assert one["p_met"] == learned.odds(simulated, higher=True, left=REMAINING / 12)
    assert one["shortfall"] == pytest.approx(np.maximum(goal - total, 0).mean())
    assert one["p_change"] == pytest.approx(one["p_met"] - found["expected"]["p_met"])
    low, high = np.quantile(total, [0.1, 0.9])
    assert (one["year_lower"], one["year_upper"]) == pytest.approx((low, high))


def test_working_days_go_month_by_month(firm, paths):
    book = firm()
    found = rows(what_if(book, "revenue", Assumptions(workdays=2)))
    months = [book.period.shift(k + 1) for k in range(REMAINING)]
    days = np.array([workdays(month, book.company.calendar) for month in months])
    by_hand = (paths[:, :REMAINING].mean(0) * 2 / days).sum()
    assert found["workdays"]["year_difference"] == pytest.approx(by_hand)
    assert found["workdays"]["assumed"] == "+2"


def test_a_saving_comes_in_twelfths_and_all_together_in_turn(firm, paths):
    found = rows(what_if(firm(), "revenue", Assumptions(volume=-0.1, saving=1200)))
    assert found["saving"]["year_difference"] == pytest.approx(1200 * REMAINING / 12)
    ahead = paths[:, :REMAINING].sum(1).mean()
    assert found["together"]["year_difference"] == pytest.approx(-0.1 * ahead + 300)


def test_what_is_lost_takes_its_share_of_twelve_months(demonstration, tmp_path):
    import duckdb

    import opsnb

    book = opsnb.open(demonstration, "2026-06")
    found = rows(what_if(book, "revenue", Assumptions(lost=("product_line", "drives"), price=0.05)))
    file = demonstration / "data/order_lines.csv"
    lines = duckdb.read_csv(str(file)).filter(
        "order_date >= '2025-07-01' and order_date < '2026-07-01'"
    )
    ((share, whole),) = lines.aggregate(
        "sum(amount) filter (where product_line = 'drives'), sum(amount)"
    ).fetchall()
    ahead = found["price"]["year_difference"] / 0.05
    assert found["lost"]["year_difference"] == pytest.approx(-ahead * share / whole)
    assert found["together"]["year_difference"] == pytest.approx(
        ahead * (1.05 * (1 - share / whole) - 1)
    )


def test_a_base_that_is_kept_gives_the_same(firm):
    known = Base(history(firm()))
    first = what_if(firm(), "revenue", Assumptions(volume=0.1), known)
    assert first.digest() == what_if(firm(), "revenue", Assumptions(volume=0.1), known).digest()
    assert first.digest() == what_if(firm(), "revenue", Assumptions(volume=0.1)).digest()


@pytest.mark.parametrize(
    ("metric", "asked", "told"),
    [
        ("margin", {}, "do not add up to a year"),
        ("stock", {}, "do not add up to a year"),
        ("revenue", {"price": 0.1}, "quantity times a price"),
        ("profit", {"volume": 0.1}, "made of others"),
        ("revenue", {"lost": ("nowhere", "x")}, "no dimension 'nowhere'"),
    ],
)
def test_what_cannot_be_assumed_is_refused(firm, metric, asked, told):
    with pytest.raises(ParameterError, match=told):
        what_if(firm(), metric, Assumptions(**asked))


def test_changes_beyond_all_are_refused():
    with pytest.raises(ParameterError, match="price changes by"):
        Assumptions(price=1.5)
