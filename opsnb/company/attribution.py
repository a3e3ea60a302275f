"""How a change of a metric is attributed, as ``metrics.yaml`` declares it."""

from __future__ import annotations

from pydantic import model_validator

from opsnb.company.labels import Name
from opsnb.settings import Strict


class Attribution(Strict):
    """What a change of the metric is split by.

    Attributes
    ----------
    item : str
        Column that says what was sold, or the segment of a ratio.
    quantity : str
        Pieces, for price, volume and mix of an amount: another metric, or an aggregate over the
        metric's table such as ``sum(quantity)``.
    dimensions : tuple of str
        Columns whose values, alone and two by two, are looked through for what explains the change.
    """

    item: Name | None = None
    quantity: str | None = None
    dimensions: tuple[Name, ...] = ()

    @model_validator(mode="after")
    def _some(self) -> Attribution:
        if self.item is None and not self.dimensions:
            raise ValueError("an attribution needs item or dimensions")
        if self.quantity is not None and self.item is None:
            raise ValueError("key 'quantity' needs the key item: pieces of what")
        if len(set(self.dimensions)) < len(self.dimensions):
            raise ValueError("key 'dimensions' names a column twice")
        return self
