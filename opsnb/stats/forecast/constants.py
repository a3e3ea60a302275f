"""Constants learned once, by ``python -m benchmarks._learn_forecast``.

They come from windows of monthly series of the M3 and M4 competitions that end before the last 18
months of every series; see decision 0010.
"""

from __future__ import annotations

import numpy as np

# Of the half-widths: feature, its weight at 80 % and at 95 %.
LEARNED = (
    ("one", 0.4281, 0.9406),
    ("step", 0.2505, 0.2067),
    ("step2", 0.0333, 0.0520),
    ("growth", 0.2826, 0.2474),
    ("trust_step", -0.4658, -0.5198),
    ("tails", 0.2318, 0.5296),
    ("age", -0.1991, -0.1249),
    ("age2", -0.0040, 0.0200),
    ("age_step", 0.0967, 0.0267),
    ("alpha", -0.0423, -0.1347),
    ("alpha_step", 0.3340, 0.4091),
    ("swing", 0.1466, 0.1352),
    ("strength", -0.1132, -0.1416),
    ("discord", 0.2269, 0.3668),
    ("doubt", 0.2839, 0.3462),
    ("move", 0.0269, -0.0028),
    ("recent", 0.1677, 0.0155),
)
FEATURES = tuple(row[0] for row in LEARNED)
WIDTHS = np.array([row[1:] for row in LEARNED]).T
SKEW = 0.039
"""Logarithm by which upper widths exceed, and lower ones fall short of, the learned half-width."""
