"""Sheet: a figure that is drawn in pixels, from the upper left corner, as a page is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opsnb.display.figures import FONT, SIZE, text_width
from opsnb.display.tokens import LIGHT

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BASE = 4.5  # pixels from the middle of a line of text down to its base line


class Sheet:
    """Shapes and texts at places in pixels; `figure` is what was drawn.

    Parameters
    ----------
    width, height : float
    """

    def __init__(self, width: float, height: float) -> None:
        from matplotlib.figure import Figure

        from opsnb.display.bare_axes import BareAxes

        self.width, self.height = width, height
        self.figure: Figure = Figure(figsize=(width / 72, height / 72), dpi=72)
        self.axes = self.figure.add_axes((0, 0, 1, 1), axes_class=BareAxes)
        self.axes.set(xlim=(0, width), ylim=(height, 0))

    def text(self, x: float, middle: float, text: str, css: str = "", align: str = "left") -> None:
        """Text whose line has its middle at `middle`; its class goes into the gid."""
        style: Any = {"fontsize": SIZE, "fontfamily": FONT, "ha": align, "va": "baseline"}
        place = (x, self.height - middle - BASE)
        artist = self.figure.text(*place, text, transform=None, parse_math=False, **style)
        if css:
            artist.set_gid("c-" + css)

    def bar(self, x: tuple[float, float], middle: float, tall: float, css: str) -> None:
        """Bar between two places; ``plan`` is outlined, all others are filled."""
        from matplotlib.patches import Rectangle

        left, right = min(x), max(x)
        outlined = css == "plan"
        line = {"edgecolor": LIGHT["ink"], "linewidth": 1.2} if outlined else {"linewidth": 0}
        inner = 0.6 if outlined else 0.0
        self.axes.add_patch(
            Rectangle(
                (left + inner, middle - tall / 2 + inner),
                right - left - 2 * inner,
                tall - 2 * inner,
                facecolor="none" if outlined else LIGHT[css],
                clip_on=False,
                **line,
            )
        )

    def line(
        self, x: tuple[float, float], y: tuple[float, float], css: str = "ink3", width: float = 1.0
    ) -> None:
        """Straight line."""
        style: Any = {"color": LIGHT[css], "linewidth": width, "solid_capstyle": "butt"}
        self.axes.plot(x, y, clip_on=False, **style)


def shortened(text: str, width: float) -> str:
    """Text that fits into `width` pixels, the rest of a longer one left out.

    >>> shortened("Total", 500.0)
    'Total'
    """
    if text_width(text) <= width:
        return text
    while text and text_width(text + "…") > width:
        text = text[:-1]
    return text.rstrip() + "…"
