"""Annual losses that were simulated, kept: one a register, whoever asks first.

The whole company's monthly report and its risk assessment have the same register, and the years
before, against which the model is tested, have the same one in every month.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from opsnb.data.kept import Content, kept, pack_frame, unpack_frame
from opsnb.stats.losses import LossResult, simulate

FRAMES = ("summary", "exceedance", "check", "benefit")


def simulated(
    risks: pd.DataFrame, treated: pd.DataFrame, level: Sequence[float], trials: int
) -> LossResult:
    """What :func:`opsnb.stats.losses.simulate` says of a register."""
    return kept(
        "losses",
        (risks, treated, list(level), trials),
        lambda: simulate(risks, trials=trials, treatments=treated, level=level),
        _packed,
        _unpacked,
    )


def _packed(found: LossResult) -> Content:
    frames = {name: pack_frame(name, getattr(found, name)) for name in FRAMES}
    told = {name: frame.told for name, frame in frames.items()}
    arrays = {f"total {stage}": values for stage, values in found.totals.items()}
    for frame in frames.values():
        arrays |= frame.arrays
    return Content({"frames": told, "stages": list(found.totals)}, arrays)


def _unpacked(content: Content) -> LossResult:
    told = content.told
    frames = {
        name: unpack_frame(name, Content(told["frames"][name], content.arrays)) for name in FRAMES
    }
    totals = {stage: content.arrays[f"total {stage}"] for stage in told["stages"]}
    return LossResult(**frames, totals=totals)
