"""What is expected: trend, season, working days and festival, without noise and without truths.

Orders are drawn around the plan, and the targets are set from it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from opsnb.demo import shape
from opsnb.demo.chance import Floats
from opsnb.demo.days import MONTHS, PERIODS, PLANNED, Days, position
from opsnb.demo.market import Customers
from opsnb.demo.truths import truth
from opsnb.period import Period

MIDDLE_OF_2022 = position(Period.parse("2022-06")) + 0.5


@dataclass(frozen=True)
class Plan:
    """Expected values by month; regions, product lines, accounts and months in this order.

    Attributes
    ----------
    revenue, cost : array of float64, shape (regions, product lines, PLANNED)
        Yuan a month.
    orders : array of float64, shape (regions, PLANNED)
    expenses : array of float64, shape (regions, accounts, PLANNED)
        Yuan a month.
    inventory : array of float64, shape (regions, product lines, PLANNED)
        Yuan at month end.
    headcount : array of float64, shape (regions, PLANNED)
    """

    revenue: Floats
    cost: Floats
    orders: Floats
    expenses: Floats
    inventory: Floats
    headcount: Floats


def expected(days: Days, customers: Customers, lines: int) -> Plan:
    """Plan of a company that sells `lines` order lines over the history."""
    trend = _trend()
    season = np.array(shape.SEASON)[[period.start.month - 1 for period in PERIODS]] / 100
    elasticity = truth("spring_festival").parts["workday_elasticity"]
    workdays = (days.workdays / shape.MEAN_WORKDAYS) ** elasticity
    revenue = trend * np.exp(season + days.festival) * workdays
    cost_share = np.array(shape.COST_OF_LIST)[None, :, None] / customers.paid[:, None, None]
    return Plan(
        revenue=revenue,
        cost=revenue * cost_share,
        orders=_orders(revenue, lines),
        expenses=_expenses(trend, season),
        inventory=trend * cost_share * np.array(shape.MONTHS_OF_STOCK)[:, None],
        headcount=np.outer(shape.REGION_SHARE, np.linspace(*shape.STAFF, PLANNED)),
    )


def _trend() -> Floats:
    """Monthly revenue of each region and product line by growth alone."""
    years = (np.arange(PLANNED) - MIDDLE_OF_2022) / 12
    level = shape.REVENUE_2022 / 12 * np.array(shape.REGION_SHARE)[:, None] * shape.LINE_SHARE
    growth = (1 + np.array(shape.GROWTH))[:, None] ** years
    trend: Floats = level[:, :, None] * growth
    return trend


def _orders(revenue: Floats, lines: int) -> Floats:
    """Orders by region, in proportion to revenue; the history adds up to `lines` lines."""
    sizes = np.arange(1, len(shape.LINES_PER_ORDER) + 1)
    per_order = float(sizes @ np.array(shape.LINES_PER_ORDER))
    region = revenue.sum(axis=1)
    orders: Floats = region * (lines / per_order / region[:, :MONTHS].sum())
    return orders


def _expenses(trend: Floats, season: Floats) -> Floats:
    """Expenses by account; selling follows half of the season, the others the trend alone."""
    follows = np.array([0.5, 0.0, 0.0])[:, None] * season
    share = np.array(shape.EXPENSE_SHARE)[:, None] * np.exp(follows)
    expenses: Floats = trend.sum(axis=1)[:, None, :] * share
    return expenses
