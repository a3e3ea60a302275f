"""Explorer: widgets that choose a view, and show it as the report does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ipywidgets as widgets

import opsnb
from opsnb import display
from opsnb.analyses.what_if import Assumptions, dimensions, elements
from opsnb.display.words import mark, translate
from opsnb.errors import OpsnbError
from opsnb.explore.views import KINDS, Open, View, code, shown

TITLES: dict[str, str] = {
    "scorecard": mark("KPI completion"),
    "trend": mark("Trend"),
    "control_chart": mark("Control charts"),
    "units": mark("Units"),
    "attribution": mark("Attribution"),
    "drivers": mark("Drivers"),
    "forecast": mark("Forecast"),
    "what_if": mark("What if"),
}
SLIDERS: Mapping[str, tuple[str, float, float, float]] = {
    "price": (mark("Price"), -0.2, 0.2, 0.005),
    "volume": (mark("Volume"), -0.2, 0.2, 0.005),
    "workdays": (mark("Workdays a month"), -5, 5, 1),
}
NOBODY = ""
MOST = 200
"""Elements of a dimension that can be chosen."""


class Explorer:
    """Widgets over a company.

    Attributes
    ----------
    box : ipywidgets.Widget
        All of it, as the notebook shows it.
    error : str
        What was wrong with the last choice; empty where nothing was.
    """

    def __init__(self, company: str, known: Open) -> None:
        self.company, self.known = company, known
        book = known.workbook
        self.locale, self.words = book.locale, translate(book.locale)
        self.error = ""
        self.kind = self._choice(mark("View"), [(self.words(TITLES[k]), k) for k in KINDS])
        self.metric = self._choice(mark("Metric"), self._metrics(), self._first_metric())
        self.unit = self._choice(mark("Unit"), self._units(), book.unit)
        self.period = self._choice(mark("Period"), self._periods(), str(book.period))
        self.sliders = {name: self._slider(*told) for name, told in SLIDERS.items()}
        self.lost = self._choice(mark("Lost"), [("—", NOBODY)], NOBODY)
        self.saving = widgets.FloatText(0.0, description=self.words(mark("Saving a year")))
        self.levers = widgets.VBox([*self.sliders.values(), self.lost, self.saving])
        self.rules = self._choice(mark("Rules"), [("NHS", "nhs"), ("Wheeler", "wheeler")], "nhs")
        self.rebase = self._choice(
            mark("New limits from"), [("—", NOBODY), *self._periods()], NOBODY
        )
        self.chart = widgets.HBox([self.rules, self.rebase])
        self.page, self.cell = widgets.HTML(), widgets.HTML()
        top = widgets.HBox([self.kind, self.metric, self.unit, self.period])
        self.box = widgets.VBox([top, self.chart, self.levers, self.page, self.cell])
        choices = (self.kind, self.metric, self.unit, self.period, self.lost, self.rules)
        for one in (*choices, self.rebase, self.saving, *self.sliders.values()):
            one.observe(self._changed, names="value")
        self.refresh()

    @classmethod
    def open(cls, company: str, period: str, unit: str | None, locale: str | None) -> Explorer:
        """Explorer of a company; see :func:`opsnb.explore.explore`."""
        return cls(company, Open(opsnb.open(company, period, unit, locale)))

    @property
    def view(self) -> View:
        """What the widgets ask for."""
        dimension, _, item = str(self.lost.value).partition("=")
        assumed = Assumptions(
            **{name: float(slider.value) for name, slider in self.sliders.items()},
            lost=(dimension, item) if item else None,
            saving=float(self.saving.value),
        )
        chosen = (self.kind.value, self.metric.value, self.period.value, self.unit.value)
        rebase = (str(self.rebase.value),) if self.rebase.value else ()
        return View(*chosen, assumed, self.rules.value, rebase)

    def refresh(self) -> None:
        """Show what is asked for, or why it cannot be."""
        view = self.view
        self.levers.layout.display = None if view.kind == "what_if" else "none"
        self.chart.layout.display = None if view.kind == "control_chart" else "none"
        try:
            fragment = display.styled(display.html(shown(self.known, view), self.locale))
            self.error = ""
        except OpsnbError as error:
            self.error = str(error)
            fragment = display.styled(display.notice(self.error))
        self.page.value = fragment
        self.cell.value = display.source(code(self.company, view))

    def _changed(self, change: Mapping[str, Any]) -> None:
        if change["owner"] in (self.kind, self.metric, self.unit, self.period):
            self._offer_lost()
        self.refresh()

    def _offer_lost(self) -> None:
        """Elements of the metric's dimensions, the largest first."""
        if self.kind.value != "what_if":
            return
        found = [("—", NOBODY), *self._elements()]
        if list(self.lost.options) != found:
            self.lost.unobserve(self._changed, names="value")
            self.lost.options, self.lost.value = found, NOBODY
            self.lost.observe(self._changed, names="value")

    def _elements(self) -> list[tuple[str, str]]:
        book, metric = self.known.book(self.period.value, self.unit.value), self.metric.value
        if not book.catalogue.is_additive(metric):
            return []
        return [
            (f"{dimension}: {item}", f"{dimension}={item}")
            for dimension in dimensions(book, metric)
            for item in elements(book, metric, dimension).index[:MOST]
        ]

    def _choice(
        self, label: str, options: Sequence[tuple[str, str]], value: str | None = None
    ) -> widgets.Dropdown:
        return widgets.Dropdown(
            options=list(options), value=options[0][1] if value is None else value,
            description=self.words(label),
        )  # fmt: skip

    def _slider(self, label: str, low: float, high: float, step: float) -> widgets.FloatSlider:
        return widgets.FloatSlider(
            value=0.0, min=low, max=high, step=step, description=self.words(label),
            readout_format="+.1%" if step < 1 else "+d", continuous_update=False,
            style={"description_width": "initial"},
        )  # fmt: skip

    def _metrics(self) -> list[tuple[str, str]]:
        found = self.known.workbook.company.metrics
        return [(metric.label.to_dict()[self.locale], name) for name, metric in found.items()]

    def _first_metric(self) -> str:
        return next(iter(self.known.workbook.company.metrics))

    def _units(self) -> list[tuple[str, str]]:
        units = self.known.workbook.units
        root = units.root
        ids = [root, *(unit.id for unit in units if unit.id != root)]
        return [(units[unit].label[self.locale], unit) for unit in ids]

    def _periods(self) -> list[tuple[str, str]]:
        months = dict.fromkeys([str(self.known.workbook.period), *self.known.months])
        return [(self.known.workbook.company.period(m).label(self.locale), m) for m in months]

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Show the widgets, where a notebook asks how to show this."""
        return self.box._repr_mimebundle_(**kwargs)
