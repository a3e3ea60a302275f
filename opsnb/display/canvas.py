"""Canvas of the figures' SVG: matplotlib's own, but it does not measure each text.

In SVG the reader's program sets a text at its anchor, on its base line, whatever its width: all
that matplotlib needs to know is whether there is a glyph for each character. `Figure.savefig`
takes this module as its backend.
"""

from __future__ import annotations

import io
from functools import cache
from typing import Any

from matplotlib.backends.backend_mixed import MixedModeRenderer
from matplotlib.backends.backend_svg import FigureCanvasSVG, RendererSVG
from matplotlib.font_manager import FontProperties, findfont, get_font

from opsnb.errors import OpsnbError

__all__ = ["FigureCanvas"]


class Renderer(RendererSVG):
    """SVG whose texts are as wide as they are long, which nothing depends on."""

    def get_text_width_height_descent(
        self, s: str, prop: FontProperties, ismath: Any
    ) -> tuple[float, float, float]:
        """Size of nearly any text; its glyphs are looked up."""
        if missing := {char for char in s if char != "\n"} - _characters(findfont(prop)):
            raise OpsnbError(
                f"{', '.join(map(repr, sorted(missing)))} of {s!r} has no glyph in"
                f" {prop.get_name()}",
                expected="text that the report's font can show",
            )
        size = float(prop.get_size_in_points())
        return size * len(s), size, 0.0


class FigureCanvas(FigureCanvasSVG):
    """Canvas that :class:`Renderer` draws on."""

    def print_svg(self, filename: io.StringIO, *, metadata: Any = None, **given: Any) -> None:
        """Write the figure into `filename`, which is open for text."""
        del given
        figure = self.figure
        dpi, figure.dpi = figure.dpi, 72
        width, height = figure.get_size_inches()
        made: Any = Renderer  # matplotlib's are untyped
        drawn = made(width * 72, height * 72, filename, image_dpi=dpi, metadata=metadata)
        mixed: Any = MixedModeRenderer
        whole = mixed(figure, width, height, dpi, drawn)
        figure.draw(whole)
        whole.finalize()


@cache
def _characters(file: str) -> frozenset[str]:
    """Characters for which a font has a glyph."""
    return frozenset(map(chr, get_font(file).get_charmap()))
