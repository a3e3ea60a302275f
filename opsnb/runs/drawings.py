"""Results of a notebook that is being executed, drawn once: for the notebook and for the page.

What executes the cells hands over records only. They are drawn here, beside the next cells where
these are computed in another process, or where another process draws (`opsnb.runs.drawer`).
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from opsnb import display
from opsnb.keys import RECORDS, SHOW
from opsnb.results import MIME, Result
from opsnb.runs.drawer import Drawer


class Drawings:
    """HTML of results by their records.

    Parameters
    ----------
    locale : str, optional
        Language; each result's own by default.
    beside : bool
        Draw in a thread beside the caller's work, most of it waiting; else when asked.
    drawer : Drawer, optional
        Another process that draws with :func:`draw`; it is its owner's to end.
    """

    def __init__(
        self, locale: str | None = None, *, beside: bool = False, drawer: Drawer | None = None
    ) -> None:
        self.locale, self._drawer = locale, drawer
        self._given: dict[str, int] = {}
        self._names: dict[int, tuple[Mapping[str, Any], str]] = {}
        self._known: dict[str, Future[str]] = {}
        self._results: dict[str, Result] = {}
        self._thread = ThreadPoolExecutor(1, "drawings") if beside else None

    def begin(self, cell: Mapping[str, Any]) -> None:
        """Draw the results among the outputs of `cell`."""
        for record in _records(cell):
            if self._drawer:
                self._give(self._drawer, record)
            else:
                self._drawn(record)

    def html(self, record: Mapping[str, Any], locale: str | None = None) -> str:
        """Fragment of the result in `record`, drawn now where it has not been in that language.

        Raises
        ------
        Exception
            Whatever its view raised.
        """
        if locale not in (None, self.locale):
            return display.html(self.opened(record), locale)
        return self._drawn(record).result()

    def opened(self, record: Mapping[str, Any]) -> Result:
        """Result in `record`, made once."""
        name = self._name(record)
        if name in self._known:
            self._known[name].exception()  # it is there when it has been drawn
        if name not in self._results:
            self._results[name] = Result.from_bundle(record)
        return self._results[name]

    def fill(self, notebook: Mapping[str, Any]) -> None:
        """Put what was drawn where a kernel that draws by itself has it.

        What cannot be drawn is left out: the page that is made next says why.
        """
        self._share()
        for cell in notebook["cells"]:
            for output in cell.get("outputs") or []:
                record = (output.get("data") or {}).get(MIME)
                if record is None or "text/html" in output["data"]:
                    continue
                with contextlib.suppress(Exception):
                    html = self.html(record)
                    output["data"]["text/html"] = display.styled(html)

    def close(self) -> None:
        """Draw nothing more."""
        if self._thread:
            self._thread.shutdown(cancel_futures=True)

    def _drawn(self, record: Mapping[str, Any]) -> Future[str]:
        name = self._name(record)
        if name not in self._known:
            if self._thread:
                self._known[name] = self._thread.submit(self._draw, name, record)
            else:
                self._known[name] = _done(lambda: self._draw(name, record))
        return self._known[name]

    def _draw(self, name: str, record: Mapping[str, Any]) -> str:
        if self._drawer and name in self._given:
            drawn = self._drawer.take(self._given[name])
            if drawn is not None:
                return drawn
        if name not in self._results:
            self._results[name] = Result.from_bundle(record)
        return display.html(self._results[name], self.locale)

    def _name(self, record: Mapping[str, Any]) -> str:
        """The record as text; of one that was asked for before, as it was then."""
        held = self._names.get(id(record))
        if held is None or held[0] is not record:
            held = self._names[id(record)] = record, json.dumps(record, sort_keys=True)
        return held[1]

    def _give(self, drawer: Drawer, record: Mapping[str, Any]) -> None:
        name = self._name(record)
        if name not in self._given:
            told = {"locale": self.locale, "record": record}
            self._given[name] = drawer.give(json.dumps(told).encode())

    def _share(self) -> None:
        """Draw from the last while the other process draws from the first."""
        for name, number in reversed(list(self._given.items())):
            if self._drawer is None or not self._drawer.spare(number):
                return
            del self._given[name]
            self._drawn(json.loads(name))


def draw(asked: bytes) -> str:
    """Fragment of a record that was given to a drawer."""
    told = json.loads(asked)
    return display.html(Result.from_bundle(told["record"]), told["locale"])


@contextlib.contextmanager
def records_only() -> Iterator[None]:
    """Let cells of this process show records only."""
    before = os.environ.get(SHOW)
    os.environ[SHOW] = RECORDS
    try:
        yield
    finally:
        if before is None:
            del os.environ[SHOW]
        else:
            os.environ[SHOW] = before


def _done(draw: Callable[[], str]) -> Future[str]:
    future: Future[str] = Future()
    try:
        future.set_result(draw())
    except Exception as error:  # it is raised where the fragment is asked for
        future.set_exception(error)
    return future


def _records(cell: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for output in cell.get("outputs") or []:
        if MIME in (output.get("data") or {}):
            yield output["data"][MIME]
