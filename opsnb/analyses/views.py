"""Views: the analyses that answer one question to one metric, by name, and how a cell asks them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from opsnb.analyses.attribution import attribution
from opsnb.analyses.drill_down import drill_down
from opsnb.analyses.drivers import drivers
from opsnb.analyses.exceptions import control_chart
from opsnb.analyses.forecast import forecast
from opsnb.analyses.scorecard import scorecard
from opsnb.analyses.trend import trend
from opsnb.analyses.units import units
from opsnb.analyses.what_if import Assumptions, Base, what_if
from opsnb.company.pins import OPTIONS
from opsnb.errors import UnknownNameError
from opsnb.results import Result
from opsnb.settings import validate
from opsnb.workbook import Workbook

Options = Mapping[str, Any]
Make = Callable[[Workbook, str, Options, Base | None], Result]


@dataclass(frozen=True)
class View:
    """One question to a metric.

    Attributes
    ----------
    kind : str
        One of :data:`VIEWS`.
    metric : str
    options : mapping
        Arguments of the analysis, of :data:`opsnb.company.pins.OPTIONS`; plain values, as a
        settings file has them.
    """

    kind: str
    metric: str
    options: Options = field(default_factory=dict)


def _scorecard(book: Workbook, metric: str, _: Options, __: Base | None) -> Result:
    return scorecard(book, [metric], [metric])


def _trend(book: Workbook, metric: str, options: Options, _: Base | None) -> Result:
    return trend(book, metric, options["months"])


def _control_chart(book: Workbook, metric: str, options: Options, _: Base | None) -> Result:
    return control_chart(book, metric, options["rules"], options["rebase"])


def _units(book: Workbook, metric: str, _: Options, __: Base | None) -> Result:
    return units(book, [metric])


def _attribution(book: Workbook, metric: str, _: Options, __: Base | None) -> Result:
    return attribution(book, [metric])


def _drill_down(book: Workbook, metric: str, options: Options, _: Base | None) -> Result:
    return drill_down(book, metric, options["by"], options["within"], options["against"])


def _drivers(book: Workbook, metric: str, options: Options, _: Base | None) -> Result:
    return drivers(book, [metric], options["months"], options["candidates"])


def _forecast(book: Workbook, metric: str, options: Options, _: Base | None) -> Result:
    return forecast(book, [metric], [metric], options["horizon"])


def _what_if(book: Workbook, metric: str, options: Options, base: Base | None) -> Result:
    return what_if(book, metric, Assumptions(**options), base)


VIEWS: dict[str, Make] = {
    "scorecard": _scorecard,
    "trend": _trend,
    "control_chart": _control_chart,
    "units": _units,
    "attribution": _attribution,
    "drill_down": _drill_down,
    "drivers": _drivers,
    "forecast": _forecast,
    "what_if": _what_if,
}
"""Analyses that can be asked for, by name."""
CALLS: dict[str, str] = {
    "scorecard": "scorecard(workbook, [{metric}], [{metric}])",
    "trend": "trend(workbook, {metric}{options})",
    "control_chart": "control_chart(workbook, {metric}{options})",
    "units": "units(workbook, [{metric}])",
    "attribution": "attribution(workbook, [{metric}])",
    "drill_down": "drill_down(workbook, {metric}{options})",
    "drivers": "drivers(workbook, [{metric}]{options})",
    "forecast": "forecast(workbook, [{metric}], [{metric}]{options})",
    "what_if": "what_if(workbook, {metric}, analyses.Assumptions({assumed}))",
}
"""How a cell asks for the same."""


def answer(workbook: Workbook, view: View, base: Base | None = None) -> Result:
    """Result of a view for the workbook's unit and period.

    Parameters
    ----------
    workbook : Workbook
    view : View
    base : Base, optional
        Forecasts that a what-if stands on, from an earlier call for the same month.

    Raises
    ------
    UnknownNameError
        There is no such view or metric.
    SettingsError
        An option is not one of the view's.
    ParameterError
        The analysis cannot be made for the metric.
    """
    options = typed(view)
    workbook.metric(view.metric)
    return VIEWS[view.kind](workbook, view.metric, options, base)


def typed(view: View) -> dict[str, Any]:
    """Options of a view, checked, and those that are left out at their defaults.

    Raises
    ------
    UnknownNameError, SettingsError
    """
    if view.kind not in VIEWS:
        raise UnknownNameError(f"no view {view.kind!r}", given=view.kind, choices=VIEWS)
    found = validate(view.options, OPTIONS[view.kind], where=f"view {view.kind!r}", lines={})
    return dict(found)


def chosen(view: View) -> dict[str, Any]:
    """Options of a view that are not the defaults, and those that have none."""
    plain = OPTIONS[view.kind].model_fields
    return {
        name: value for name, value in typed(view).items()
        if plain[name].is_required() or value != plain[name].get_default(call_default_factory=True)
    }  # fmt: skip


def call(view: View) -> str:
    """Expression that asks for the view of ``workbook``; what is left out is the default.

    >>> call(View("drill_down", "revenue", {"by": "channel", "within": {"product": "P1"}}))
    'analyses.drill_down(workbook, "revenue", by="channel", within={"product": "P1"})'
    """
    words = ", ".join(f"{name}={_written(value)}" for name, value in chosen(view).items())
    after = f", {words}" if words else ""
    text = CALLS[view.kind].format(metric=json.dumps(view.metric), options=after, assumed=words)
    return f"analyses.{text}"


def _written(value: object) -> str:
    """A plain value as Python writes it."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        pairs = (f"{_written(k)}: {_written(v)}" for k, v in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_written, value)) + "]"
    return repr(value)
