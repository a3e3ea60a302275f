"""Axes without ticks draw what matplotlib's own draw when their axis is off."""

import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from opsnb.display.bare_axes import BareAxes
from opsnb.display.figures import stroke, svg_of


def drawn(kind, *, log):
    figure = Figure(figsize=(4, 3), dpi=72)
    ax = figure.add_axes((0.1, 0.2, 0.8, 0.7), axes_class=kind)
    ax.axis("off")
    ax.set(xlim=(-0.6, 5), ylim=(1, 120))
    if log:
        ax.set_yscale("log")
    ax.axhline(20, **stroke("rule", 1.0))
    ax.plot([0, 1, 4], [3, 50, 119], **stroke("ink", 1.7))
    ax.fill_between([0, 1, 4], [2, 40, 90], [5, 60, 120])
    ax.scatter([1, 2], [10, 20])
    ax.annotate("图", (1, 50), fontfamily="Noto Sans SC")
    return svg_of(figure)


@pytest.mark.parametrize("log", [False, True])
def test_the_drawing_is_the_same(log):
    assert drawn(BareAxes, log=log) == drawn(Axes, log=log)


def test_limits_follow_the_data_as_they_do():
    limits = []
    for kind in (BareAxes, Axes):
        ax = Figure().add_axes((0, 0, 1, 1), axes_class=kind)
        ax.axis("off")
        ax.plot([1, 7], [-3, 5])
        limits.append((ax.get_xlim(), ax.get_ylim()))
    assert limits[0] == limits[1]
