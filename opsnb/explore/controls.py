"""Controls: the widgets that a kind of view has beside metric, unit and month."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets as widgets

from opsnb.analyses.drill_down import AGAINST, UNIT, drill_down, ways
from opsnb.analyses.what_if import dimensions, elements
from opsnb.display.drill_down import AGAINST as AGAINST_WORDS
from opsnb.display.reader import Reader
from opsnb.display.words import Words, mark
from opsnb.errors import OpsnbError
from opsnb.explore.opened import Open
from opsnb.workbook import Workbook

NOBODY = ""
MOST = 200
"""Elements of a dimension that can be chosen."""
SLIDERS: Mapping[str, tuple[str, float, float, float]] = {
    "price": (mark("Price"), -0.2, 0.2, 0.005),
    "volume": (mark("Volume"), -0.2, 0.2, 0.005),
    "workdays": (mark("Workdays a month"), -5, 5, 1),
}
Pairs = Sequence[tuple[str, str]]


class Controls:
    """Widgets of one kind of view; this one has none.

    Attributes
    ----------
    box : ipywidgets.Widget
    """

    def __init__(self, words: Words) -> None:
        self.words = words
        self.changed: Callable[[], None] = lambda: None
        self.box: widgets.Widget = widgets.HBox([])

    @property
    def options(self) -> dict[str, Any]:
        """Options of the view."""
        return {}

    def offer(self, known: Open, book: Workbook, metric: str) -> None:
        """Offer what there is for a metric, unit and month."""

    def show(self, *, visible: bool) -> None:
        """Show or hide the widgets."""
        self.box.layout.display = None if visible else "none"

    def _watch(self, *own: widgets.Widget) -> None:
        for one in own:
            one.observe(self._tell, names="value")

    def _tell(self, _: Mapping[str, Any]) -> None:
        self.changed()

    def _choice(self, label: str, options: Pairs, value: str = NOBODY) -> widgets.Dropdown:
        return widgets.Dropdown(
            options=list(options), value=value, description=self.words(label),
            style={"description_width": "initial"},
        )  # fmt: skip

    def _refill(self, choice: widgets.Dropdown, options: Pairs) -> None:
        """Other options, and the value kept where it is still among them."""
        if list(choice.options) == list(options):
            return
        kept = choice.value if choice.value in [value for _, value in options] else options[0][1]
        choice.unobserve(self._tell, names="value")
        choice.options, choice.value = list(options), kept
        choice.observe(self._tell, names="value")


class ChartControls(Controls):
    """Rules of a control chart, and a month from which its limits are tried anew."""

    def __init__(self, words: Words, months: Pairs) -> None:
        super().__init__(words)
        self.rules = self._choice(mark("Rules"), [("NHS", "nhs"), ("Wheeler", "wheeler")], "nhs")
        self.rebase = self._choice(mark("New limits from"), [("—", NOBODY), *months])
        self.box = widgets.HBox([self.rules, self.rebase])
        self._watch(self.rules, self.rebase)

    @property
    def options(self) -> dict[str, Any]:
        """Options of the view."""
        rebase = [str(self.rebase.value)] if self.rebase.value else []
        return {"rules": self.rules.value, "rebase": rebase}


class DrillControls(Controls):
    """Column, comparison, and the elements that are looked into, one after the other."""

    def __init__(self, words: Words) -> None:
        super().__init__(words)
        self.path: dict[str, str] = {}
        self.by = self._choice(mark("By"), [("—", NOBODY)])
        self.into = self._choice(mark("Look into"), [("—", NOBODY)])
        told = [(words(AGAINST_WORDS[name]), name) for name in AGAINST]
        self.against = self._choice(mark("Against"), told, "prior_year")
        self.up = widgets.Button(description=words(mark("Back")), disabled=True)
        self.where = widgets.Label("")
        self.box = widgets.VBox(
            [widgets.HBox([self.by, self.against, self.into, self.up]), self.where]
        )
        self._watch(self.by, self.against)
        self.into.observe(self._enter, names="value")
        self.up.on_click(self._leave)

    @property
    def options(self) -> dict[str, Any]:
        """Options of the view."""
        found = {"by": str(self.by.value), "against": str(self.against.value)}
        return {**found, "within": dict(self.path)} if self.path else found

    def offer(self, known: Open, book: Workbook, metric: str) -> None:
        """Columns that are left to take the metric apart by, and the elements of this one."""
        names = ways(book, metric)
        if not set(self.path) <= set(names):
            self.path = {}
        reader = _reader(book)
        left = [name for name in names if name not in self.path]
        if self.path:
            left = [name for name in left if name != UNIT]
        self._refill(self.by, [(reader.column(n), n) for n in left] or [("—", NOBODY)])
        self._offer_elements(book, metric, reader, more=len(left) > 1)
        self.up.disabled = not self.path
        steps = (reader.element(name, item) for name, item in self.path.items())
        self.where.value = " › ".join(steps)

    def _offer_elements(self, book: Workbook, metric: str, reader: Reader, *, more: bool) -> None:
        """Elements to look into, by what they contribute; none where nothing is left to see."""
        by, items = str(self.by.value), []
        if by not in (UNIT, NOBODY) and more:
            try:
                found = drill_down(book, metric, by, self.path, self.against.value).frame
                items = [str(i) for i, o in zip(found["item"], found["others"], strict=True)
                         if not o]  # fmt: skip
            except OpsnbError:
                items = []  # the view says why
        told = [("—", NOBODY), *((reader.element(by, item), item) for item in items if item)]
        self.into.unobserve(self._enter, names="value")
        self.into.options, self.into.value = told, NOBODY
        self.into.observe(self._enter, names="value")

    def _enter(self, _: Mapping[str, Any]) -> None:
        if self.into.value:
            self.path = {**self.path, str(self.by.value): str(self.into.value)}
            self.changed()

    def _leave(self, _: object) -> None:
        if self.path:
            *kept, _last = self.path.items()
            self.path = dict(kept)
            self.changed()


class DriverControls(Controls):
    """Metrics that are tried as drivers; those that are declared where none is chosen."""

    def __init__(self, words: Words, metrics: Pairs) -> None:
        super().__init__(words)
        self.tried = widgets.SelectMultiple(
            options=list(metrics), value=(), description=words(mark("Candidates")), rows=5,
            style={"description_width": "initial"},
        )  # fmt: skip
        self.box = widgets.HBox([self.tried])
        self._watch(self.tried)

    @property
    def options(self) -> dict[str, Any]:
        """Options of the view."""
        return {"candidates": list(self.tried.value)} if self.tried.value else {}


class WhatIfControls(Controls):
    """Assumptions of a what-if."""

    def __init__(self, words: Words) -> None:
        super().__init__(words)
        self.sliders = {name: self._slider(*told) for name, told in SLIDERS.items()}
        self.lost = self._choice(mark("Lost"), [("—", NOBODY)])
        self.saving = widgets.FloatText(
            0.0, description=words(mark("Saving a year")), style={"description_width": "initial"}
        )
        self.treatment = self._choice(mark("Treatment of a risk"), [("—", NOBODY)])
        self.box = widgets.VBox(
            [widgets.HBox(list(self.sliders.values())),
             widgets.HBox([self.lost, self.saving, self.treatment])]
        )  # fmt: skip
        self._watch(*self.sliders.values(), self.lost, self.saving, self.treatment)

    @property
    def options(self) -> dict[str, Any]:
        """Options of the view; what is not assumed is left out."""
        dimension, _, item = str(self.lost.value).partition("=")
        told: dict[str, Any] = {n: float(slider.value) for n, slider in self.sliders.items()}
        told["lost"] = [dimension, item] if item else None
        told |= {"saving": float(self.saving.value), "treatment": str(self.treatment.value)}
        return {name: value for name, value in told.items() if value}

    def offer(self, known: Open, book: Workbook, metric: str) -> None:
        """Elements that can be lost, and treatments that can take effect."""
        reader = _reader(book)
        lost = [
            (f"{reader.column(d)}: {reader.element(d, str(item))}", f"{d}={item}")
            for d in (dimensions(book, metric) if book.catalogue.is_additive(metric) else ())
            for item in elements(book, metric, d).index[:MOST]
        ]
        self._refill(self.lost, [("—", NOBODY), *lost])
        self._refill(self.treatment, [("—", NOBODY), *self._treatments(known, book)])

    def _treatments(self, known: Open, book: Workbook) -> Pairs:
        if book.unit != book.units.root or not len(book.ledger("treatments")):
            return ()
        rows = book.ledger("treatments").set_index("treatment_id")["measure"].to_dict()
        open_ones = known.base(book).treatments_of(book).open
        return [(str(rows[name] or name), name) for name in open_ones]

    def _slider(self, label: str, low: float, high: float, step: float) -> widgets.FloatSlider:
        return widgets.FloatSlider(
            value=0.0, min=low, max=high, step=step, description=self.words(label),
            readout_format="+.1%" if step < 1 else "+d", continuous_update=False,
            style={"description_width": "initial"},
        )  # fmt: skip


def _reader(book: Workbook) -> Reader:
    from opsnb.analyses.split import wording

    return Reader(book.provenance() | {"columns": wording(book)}, book.locale)
