"""Which view shows which result."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup

from opsnb.display.annex import definitions, sources
from opsnb.display.generic import generic
from opsnb.display.markup import element
from opsnb.display.messages import headline, problems
from opsnb.display.reader import Reader
from opsnb.display.scorecard import scorecard
from opsnb.display.trend import trend
from opsnb.display.units import units
from opsnb.results import Result

View = Callable[[Result, Reader], Markup]
VIEWS: dict[str, View] = {
    "scorecard": scorecard,
    "headline": headline,
    "trend": trend,
    "units": units,
    "problems": problems,
    "sources": sources,
    "definitions": definitions,
}


def view(result: Result, reader: Reader) -> Markup:
    """Fragment of `result` for `reader`, its root a ``div`` of class ``opsnb``."""
    show = VIEWS.get(result.name, generic)
    lang = None if reader.locale == result.provenance.get("locale") else reader.locale
    return element("div", show(result, reader), class_=f"opsnb v-{result.name}", lang=lang)
