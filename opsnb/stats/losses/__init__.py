"""Annual losses of a register of risks, by two engines that must agree.

:func:`simulate` draws events and severities (Poisson splitting) and states beside its figures
those of the compound distribution's Fourier transform.
"""

from opsnb.stats.losses.expected import expected
from opsnb.stats.losses.result import LossResult
from opsnb.stats.losses.simulation import simulate

__all__ = ["LossResult", "expected", "simulate"]
