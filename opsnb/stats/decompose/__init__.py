"""Attribution: the difference of two values split into effects that sum to it.

Every function returns a Series (effect -> value), in the unit of the value; with ``by=True`` a
frame[item, effect, value] whose rows sum to the Series. Nothing is dropped: what belongs to no
effect by its formula stands in an effect of its own (new, lost), and what a table does not say
(a price for a quantity, a weight below zero) is an error that names frame and row.
"""

from opsnb.stats.decompose.amounts import flexed, price_volume_mix
from opsnb.stats.decompose.elements import adtributor
from opsnb.stats.decompose.products import factors
from opsnb.stats.decompose.rates import rate_mix

__all__ = ["adtributor", "factors", "flexed", "price_volume_mix", "rate_mix"]
