"""Axes of figures that draw their own grid and labels: without ticks and spines.

matplotlib makes these for each axes, three times as long as all the rest, and ``axis("off")``
only hides them.
"""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.axis import XAxis, YAxis


class _Bare:
    """What an axis without ticks does about them."""

    def grid(self, *_: Any, **__: Any) -> None:
        """Draw no grid."""

    def set_clip_path(self, *_: Any, **__: Any) -> None:
        """Cut nothing off."""

    def set_tick_params(self, *_: Any, **__: Any) -> None:
        """Style no ticks."""


class _X(_Bare, XAxis):
    pass


class _Y(_Bare, YAxis):
    pass


class BareAxes(Axes):
    """Axes whose own axis lines are never drawn."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.axis("off")

    def _init_axis(self) -> None:
        self.xaxis, self.yaxis = _X(self, clear=False), _Y(self, clear=False)

    def _gen_axes_spines(self) -> dict[str, Any]:
        return {}
