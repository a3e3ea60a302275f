"""Constants of the interval widths, learned by ``python -m benchmarks.learn_widths``.

They were learned on windows of monthly series from the M3 and M4 competitions that end before the
last 18 months of every series; see decision 0010.
"""

from __future__ import annotations

import numpy as np

# Feature, its weight at 80 % and at 95 %.
LEARNED = (
    ("one", 0.3860, 0.8984),
    ("step", 0.2222, 0.1797),
    ("step2", 0.0373, 0.0588),
    ("growth", 0.2838, 0.2391),
    ("trust_step", -0.4282, -0.4840),
    ("tails", 0.2391, 0.5200),
    ("age", -0.2147, -0.1383),
    ("age2", -0.0153, 0.0110),
    ("age_step", 0.0842, 0.0170),
    ("alpha", -0.0113, -0.0661),
    ("alpha_step", 0.3235, 0.3857),
    ("swing", 0.1364, 0.1358),
    ("strength", -0.0968, -0.1419),
    ("discord", 0.2601, 0.3838),
    ("doubt", 0.2671, 0.3376),
    ("move", 0.0343, -0.0067),
    ("recent", 0.1792, 0.0278),
)
FEATURES = tuple(row[0] for row in LEARNED)
WIDTHS = np.array([row[1:] for row in LEARNED]).T
SKEW = 0.051
"""Logarithm by which upper widths exceed, and lower ones fall short of, the learned half-width."""
