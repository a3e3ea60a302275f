"""Constants learned once, by ``python -m benchmarks._learn_forecast``.

They come from windows of monthly series of the M3 and M4 competitions that end before the last 18
months of every series; see decision 0010.
"""

from __future__ import annotations

import numpy as np

# Of the half-widths: feature, its weight at 80 % and at 95 %.
LEARNED = (
    ("one", 0.4771, 0.9785),
    ("step", 0.2659, 0.1974),
    ("step2", 0.0291, 0.0535),
    ("growth", 0.3135, 0.3018),
    ("trust_step", -0.4967, -0.5339),
    ("tails", 0.2518, 0.5590),
    ("age", -0.1723, -0.1317),
    ("age2", 0.0065, 0.0197),
    ("age_step", 0.0958, 0.0234),
    ("alpha", -0.0484, -0.1001),
    ("alpha_step", 0.3293, 0.3755),
    ("swing", 0.1439, 0.1187),
    ("strength", -0.1086, -0.1130),
    ("discord", 0.1882, 0.4019),
    ("doubt", 0.2538, 0.2786),
    ("move", 0.0510, 0.0296),
    ("recent", 0.1614, 0.0013),
)
FEATURES = tuple(row[0] for row in LEARNED)
WIDTHS = np.array([row[1:] for row in LEARNED]).T
SKEW = 0.031
"""Logarithm by which upper widths exceed, and lower ones fall short of, the learned half-width."""
