"""What the other departments keep: surveys, inventory, expenses and headcount."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from opsnb.demo import shape
from opsnb.demo.chance import Floats, Ints, lasting, stratified, stream
from opsnb.demo.days import MONTHS, Days, position
from opsnb.demo.market import Customers
from opsnb.demo.plan import Plan
from opsnb.demo.truths import truth

REGIONS = len(shape.REGIONS)
SCORES = np.array([0.01, 0.04, 0.12, 0.40, 0.43])
"""Probability of the scores 1 to 5; the mean is 4.20."""
UNHAPPY = np.array([0.10, 0.25, 0.35, 0.25, 0.05])
"""Scores of those who pull the mean down."""
FEWEST, MOST = 160, 240
"""Answers a month, at least and at most."""


@dataclass(frozen=True)
class Surveys:
    """Answers by date; places on their axes, and scores from 1 to 5."""

    day: Ints
    region: Ints
    customer: Ints
    score: Ints


@dataclass(frozen=True)
class Stock:
    """Month-end inventory: month, region and product line as places, value in cents."""

    month: Ints
    region: Ints
    line: Ints
    value: Ints


@dataclass(frozen=True)
class Expenses:
    """Postings: date, region and account as places, amount in cents."""

    date: npt.NDArray[np.datetime64]
    region: Ints
    account: Ints
    amount: Ints


def surveys(seed: int, days: Days, customers: Customers) -> Surveys:
    """Draw the survey answers."""
    rng = stream(seed, "surveys")
    total = np.clip(rng.normal(shape.ANSWERS, 15, MONTHS), FEWEST, MOST)
    count = np.rint(np.outer(shape.ANSWER_SHARE, total)).astype(np.int64)
    group = np.repeat(np.arange(REGIONS * MONTHS), count.ravel())
    cumulative = np.cumsum(_scores(rng), axis=1)[group, :-1]
    uniform = stratified(rng, group, REGIONS * MONTHS)
    score = 1 + (uniform[:, None] >= cumulative).sum(axis=1)
    region, month = group // MONTHS, group % MONTHS
    first = np.searchsorted(days.month, np.arange(MONTHS + 1))
    day = rng.integers(first[month], first[month + 1])
    asked = _asked(rng, region, customers)
    by_day = np.lexsort((region, day))
    return Surveys(day[by_day], region[by_day], asked[by_day], score[by_day])


def _scores(rng: np.random.Generator) -> Floats:
    """Probabilities of the scores for each region and month, as a mixture with the right mean."""
    mean = np.array(shape.SATISFACTION)[:, None] + rng.normal(
        0.0, shape.SATISFACTION_NOISE, (REGIONS, MONTHS)
    )
    drop = truth("satisfaction_drop")
    south = shape.REGIONS.index(drop.unit)
    mean[south, position(drop.first) :] = shape.SATISFACTION[south] + drop.size
    values = np.arange(1, 6)
    shift = (mean - SCORES @ values).ravel()[:, None]
    down = np.clip(-shift, 0, None) / (SCORES @ values - UNHAPPY @ values)
    up = np.clip(shift, 0, None) / (5 - SCORES @ values)
    delighted = (values == 5).astype(np.float64)
    probabilities: Floats = (1 - down - up) * SCORES + down * UNHAPPY + up * delighted
    return probabilities


def _asked(rng: np.random.Generator, region: Ints, customers: Customers) -> Ints:
    """Draw a customer of the region for each answer; never the dealer that was lost."""
    ends = np.cumsum(shape.CUSTOMERS, dtype=np.int64)
    starts = ends - np.array(shape.CUSTOMERS, dtype=np.int64)
    customer = rng.integers(starts[region], ends[region])
    return np.where(customer == customers.lost, customer + 1, customer)


def inventory(seed: int, plan: Plan) -> Stock:
    """Draw the month-end inventory; the department that is late has none for its last month."""
    expected = plan.inventory[:, :, :MONTHS]
    noise = lasting(stream(seed, "inventory"), expected.shape, shape.STOCK_NOISE, 0.5)
    value = np.rint(expected * np.exp(noise) * 100).astype(np.int64)
    late = truth("late_department")
    region, line, month = (axis.ravel() for axis in np.indices(value.shape))
    here = (region != shape.REGIONS.index(late.unit)) | (month < position(late.first))
    keep = np.flatnonzero(here)
    keep = keep[np.lexsort((line[keep], region[keep], month[keep]))]
    return Stock(month[keep], region[keep], line[keep], value.ravel()[keep])


def expenses(seed: int, days: Days, plan: Plan) -> Expenses:
    """Draw the postings of each month; the stale file repeats the amounts of the month before."""
    rng = stream(seed, "expenses")
    expected = plan.expenses[:, :, :MONTHS]
    total = expected * np.exp(rng.normal(0.0, shape.EXPENSE_NOISE, expected.shape))
    parts = []
    for account, postings in enumerate(shape.POSTINGS):
        amount = _split(rng, total[:, account, :], postings)
        date = np.broadcast_to(_posting_dates(days, postings), amount.shape)
        region = np.indices(amount.shape)[0]
        parts.append((date, region, np.full(amount.shape, account), amount))
    date, region, account_of, amount = (
        np.concatenate([part[column].ravel() for part in parts]) for column in range(4)
    )
    order = np.lexsort((account_of, region, date))
    return Expenses(date[order], region[order], account_of[order], amount[order])


def _posting_dates(days: Days, postings: int) -> npt.NDArray[np.datetime64]:
    """Evenly spread working days of each month, shape (MONTHS, postings)."""
    rows = []
    for month in range(MONTHS):
        worked = days.date[days.workday & (days.month == month)]
        rows.append(worked[(np.arange(1, postings + 1) * len(worked)) // postings - 1])
    return np.array(rows)


def _split(rng: np.random.Generator, total: Floats, postings: int) -> Ints:
    """Split a region's month over its postings, cents, shape (regions, MONTHS, postings)."""
    share = rng.dirichlet(np.full(postings, 30.0), total.shape)
    cents: Ints = np.rint(total[:, :, None] * share * 100).astype(np.int64)
    stale = truth("stale_file")
    region, month = shape.REGIONS.index(stale.unit), position(stale.first)
    cents[region, month] = cents[region, month - 1]
    return cents


def headcount(seed: int, plan: Plan) -> Ints:
    """Month-end headcount, shape (regions, MONTHS); the stale file repeats the month before."""
    expected = plan.headcount[:, :MONTHS]
    noise = lasting(stream(seed, "headcount"), expected.shape, shape.STAFF_NOISE, 0.6)
    people = np.rint(expected + noise).astype(np.int64)
    stale = truth("stale_file")
    region, month = shape.REGIONS.index(stale.unit), position(stale.first)
    people[region, month] = people[region, month - 1]
    return people
