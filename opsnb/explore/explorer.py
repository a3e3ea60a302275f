"""Explorer: widgets that choose a view, show it as the report does, and pin it to a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ipywidgets as widgets

import opsnb
from opsnb import display
from opsnb.analyses.views import VIEWS, View
from opsnb.display.pinned import KINDS as TITLES
from opsnb.display.words import mark, translate
from opsnb.errors import OpsnbError
from opsnb.explore.controls import (
    ChartControls,
    Controls,
    DrillControls,
    DriverControls,
    WhatIfControls,
)
from opsnb.explore.opened import Open, Place, code, shown
from opsnb.explore.pins import pin


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
        metrics, months = self._metrics(), self._periods()
        self.kind = self._choice(mark("View"), [(self.words(TITLES[kind]), kind) for kind in VIEWS])
        self.metric = self._choice(mark("Metric"), metrics)
        self.unit = self._choice(mark("Unit"), self._units(), book.unit)
        self.period = self._choice(mark("Period"), months, str(book.period))
        self.chart = ChartControls(self.words, months)
        self.drill = DrillControls(self.words)
        self.driver = DriverControls(self.words, metrics)
        self.assume = WhatIfControls(self.words)
        self.controls: dict[str, Controls] = {
            "control_chart": self.chart, "drill_down": self.drill, "drivers": self.driver,
            "what_if": self.assume,
        }  # fmt: skip
        self.page, self.cell, self.said = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.note, self.by, self.button = self._pinning()
        top = widgets.HBox([self.kind, self.metric, self.unit, self.period])
        below = widgets.HBox([self.note, self.by, self.button])
        parts = [top, *(one.box for one in self.controls.values())]
        self.box = widgets.VBox([*parts, self.page, below, self.said, self.cell])
        for one in (self.kind, self.metric, self.unit, self.period):
            one.observe(self._changed, names="value")
        for control in self.controls.values():
            control.changed = self.refresh
        self.refresh()

    @classmethod
    def open(cls, company: str, period: str, unit: str | None, locale: str | None) -> Explorer:
        """Explorer of a company; see :func:`opsnb.explore.explore`."""
        return cls(company, Open(opsnb.open(company, period, unit, locale)))

    @property
    def place(self) -> Place:
        """Month and unit that are chosen."""
        return Place(str(self.period.value), str(self.unit.value))

    @property
    def view(self) -> View:
        """What the widgets ask for."""
        kind = str(self.kind.value)
        controls = self.controls.get(kind)
        return View(kind, str(self.metric.value), controls.options if controls else {})

    def refresh(self) -> None:
        """Show what is asked for, or why it cannot be."""
        kind = str(self.kind.value)
        for name, controls in self.controls.items():
            controls.show(visible=name == kind)
        try:
            if kind in self.controls:
                book = self.known.book(self.place)
                self.controls[kind].offer(self.known, book, str(self.metric.value))
            fragment = display.html(shown(self.known, self.place, self.view), self.locale)
            self.error = ""
        except OpsnbError as error:
            self.error = str(error)
            fragment = display.notice(self.error)
        self.page.value = display.styled(fragment)
        self.said.value = ""
        self.button.disabled = bool(self.error)
        self.cell.value = display.source(code(self.company, self.place, self.view))

    def to_cell(self) -> None:
        """Put the cell that shows the same below the one that calls this."""
        from IPython import get_ipython

        shell: Any = get_ipython()
        if shell is not None:
            shell.set_next_input(code(self.company, self.place, self.view))

    def pin(self, note: str = "", by: str = "") -> str:
        """Have the next report of the unit show the view; returns the pin's name.

        Raises
        ------
        SettingsError
            The note holds a figure, or ``pins.yaml`` cannot be added to.
        """
        return pin(self.known.workbook.company, self.view, self.place.unit, note=note, by=by)

    def _pin(self, _: object) -> None:
        try:
            name = self.pin(str(self.note.value), str(self.by.value))
            text = self.words("Pinned as {name}; the next report shows it.", name=name)
        except OpsnbError as error:
            text = str(error)
        self.said.value = display.notice(text)

    def _changed(self, _: Mapping[str, Any]) -> None:
        self.refresh()

    def _pinning(self) -> tuple[widgets.Text, widgets.Text, widgets.Button]:
        note = widgets.Text("", description=self.words(mark("Note")))
        by = widgets.Text("", description=self.words(mark("By whom")))
        button = widgets.Button(
            description=self.words(mark("Pin to the report")), icon="thumb-tack"
        )
        button.on_click(self._pin)
        return note, by, button

    def _choice(
        self, label: str, options: Sequence[tuple[str, str]], value: str | None = None
    ) -> widgets.Dropdown:
        return widgets.Dropdown(
            options=list(options), value=options[0][1] if value is None else value,
            description=self.words(label),
        )  # fmt: skip

    def _metrics(self) -> list[tuple[str, str]]:
        found = self.known.workbook.company.metrics
        return [(metric.label.to_dict()[self.locale], name) for name, metric in found.items()]

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
