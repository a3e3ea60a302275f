"""SVG as the page has it, held against what matplotlib was told to draw."""

import re

from matplotlib.figure import Figure

from opsnb.display.figures import svg_of
from opsnb.display.tokens import LIGHT


def test_round_marks_are_circles_where_they_were_drawn():
    figure = Figure(figsize=(2, 1), dpi=72)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.axis("off")
    ax.set(xlim=(0, 144), ylim=(0, 72))
    ax.plot([36, 72], [18, 54], "o", markersize=6, color=LIGHT["ink"], markeredgewidth=0)
    ax.plot([100], [30], "D", markersize=6, color=LIGHT["bad"], markeredgewidth=0)
    svg = svg_of(figure)
    circles = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="([\d.]+)"', svg)
    assert circles == [("36", "54", "3"), ("72", "18", "3")]  # y runs downwards, r is in points
    assert svg.count("<path") == 1
