import numpy as np

from opsnb.demo import AS_OF
from opsnb.demo.deliveries import _chance_on_time


def test_the_wanted_share_is_seen_although_late_lines_are_still_on_their_way():
    rng = np.random.default_rng(0)
    now, n = np.datetime64(AS_OF, "D"), 200_000
    promised = now + rng.integers(-10, 16, n)
    early, late = promised - rng.integers(0, 5, n), promised + rng.integers(1, 9, n)
    chance = _chance_on_time(np.array([[0.82]]), np.zeros(n, dtype=np.int64), early, late)
    on_time = rng.random(n) < chance[0]
    here = np.where(on_time, early, late) <= now
    seen = on_time[here].mean()
    assert abs(seen - 0.82) < 4 * np.sqrt(0.82 * 0.18 / here.sum())
    assert chance[0] < 0.8  # without the correction more than 0.82 would be seen


def test_orders_of_long_ago_need_no_correction():
    day = np.array(["2024-01-05"], dtype="datetime64[D]")
    chance = _chance_on_time(np.array([[0.94]]), np.zeros(1, dtype=np.int64), day, day + 9)
    assert np.isclose(chance[0], 0.94)
