"""Promised and delivered dates of order lines."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from opsnb.demo import shape
from opsnb.demo.chance import Floats, Ints, pick, stream
from opsnb.demo.days import MONTHS, Days, position
from opsnb.demo.market import Products
from opsnb.demo.orders import OrderLines
from opsnb.demo.truths import AS_OF, truth

EARLY = np.array([0.45, 0.25, 0.15, 0.10, 0.05])
"""Probability that a line which is on time comes 0 to 4 days early."""
LATE_END = 0.35
"""Probability that a late line comes on any given day from the first after the promise on."""
LONGEST_DELAY = 21

Dates = npt.NDArray[np.datetime64]


def deliveries(seed: int, days: Days, drawn: OrderLines, products: Products) -> tuple[Dates, Dates]:
    """Promised and delivered date of each line; not a time where it is still to come."""
    rng = stream(seed, "deliveries")
    lead = np.array(shape.LEAD_DAYS)[products.line[drawn.product]]
    promised = days.date[drawn.day] + rng.integers(lead[:, 0], lead[:, 1] + 1)
    early = promised - pick(np.cumsum(EARLY), rng.random(len(promised)))
    late = promised + np.minimum(rng.geometric(LATE_END, len(promised)), LONGEST_DELAY)
    group = drawn.region * MONTHS + drawn.month
    chance = _chance_on_time(_on_time(rng), group, early, late)
    delivered = np.where(rng.random(len(promised)) < chance[group], early, late)
    delivered[delivered > np.datetime64(AS_OF, "D")] = np.datetime64("NaT")
    return promised, delivered


def _on_time(rng: np.random.Generator) -> Floats:
    """On-time share that is to be seen for each region and month of orders."""
    share = np.array(shape.ON_TIME)[:, None] + rng.normal(
        0.0, shape.ON_TIME_NOISE, (len(shape.REGIONS), MONTHS)
    )
    delay = truth("delivery_delay")
    share[shape.REGIONS.index(delay.unit), position(delay.first) :] = delay.size
    return share


def _chance_on_time(share: Floats, group: Ints, early: Dates, late: Dates) -> Floats:
    """Chance that a line is on time, so that `share` is seen among what has been delivered.

    Of the youngest orders the late lines are still on their way more often than the others.
    With a and b the shares that would have arrived by now if all were on time or all late,
    p·a / (p·a + (1 - p)·b) is seen; this solves it for p.
    """
    now = np.datetime64(AS_OF, "D")
    count = np.maximum(np.bincount(group, minlength=share.size), 1)
    a = np.bincount(group, weights=early <= now, minlength=share.size) / count
    b = np.bincount(group, weights=late <= now, minlength=share.size) / count
    seen = share.ravel()
    chance: Floats = seen * b / np.maximum(a * (1 - seen) + seen * b, 1e-12)
    return chance
