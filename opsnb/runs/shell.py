"""An IPython shell in this process that keeps what a cell shows as a kernel's client would.

It takes the place of a kernel in a process that has nothing else to do: one report, one process.
"""

from __future__ import annotations

import builtins
import io
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ipykernel.jsonutil import encode_images
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from jupyter_client.jsonutil import json_default
from nbformat.v4 import new_output
from traitlets import Any as AnyTrait
from traitlets import Type
from traitlets.config import Config

INLINE = "module://matplotlib_inline.backend_inline"


class Record:
    """Outputs of the cell that is running.

    Attributes
    ----------
    outputs : list
        As nbformat has them; consecutive pieces of one stream are one output.
    """

    def __init__(self) -> None:
        self.outputs: list[Any] = []
        self._shown: dict[str, list[Any]] = {}
        self._clearing = False

    def begin(self) -> list[Any]:
        """Start a cell; returns the list that its outputs will stand in."""
        self.outputs, self._clearing = [], False
        return self.outputs

    def add(self, output: Any, display_id: str | None = None) -> None:
        """Put an output after those that are there."""
        self._clear_if_told()
        self.outputs.append(output)
        if display_id is not None:
            self._shown.setdefault(display_id, []).append(output)

    def update(self, display_id: str, data: Any, metadata: Any) -> None:
        """Change every output that was shown under `display_id`."""
        for output in self._shown.get(display_id, ()):
            output["data"], output["metadata"] = data, metadata

    def write(self, name: str, text: str) -> None:
        """Take what was printed to the stream `name`."""
        self._clear_if_told()
        last = self.outputs[-1] if self.outputs else None
        if last is not None and last["output_type"] == "stream" and last["name"] == name:
            last["text"] += text
        else:
            self.outputs.append(new_output("stream", name=name, text=text))

    def clear(self, *, wait: bool) -> None:
        """Forget the outputs of the cell, at once or when the next one comes."""
        self._clearing = True
        if not wait:
            self._clear_if_told()

    def _clear_if_told(self) -> None:
        if self._clearing:
            self._clearing = False
            self.outputs.clear()


class _Stream(io.TextIOBase):
    """Standard output or error of a cell."""

    def __init__(self, record: Record, name: str) -> None:
        self._record, self._name = record, name

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if text:
            self._record.write(self._name, text)
        return len(text)


def _plain(bundle: Mapping[str, Any]) -> Any:
    """Mime bundle as it comes out of a kernel: pictures as text, everything as JSON has it."""
    return json.loads(json.dumps(encode_images(dict(bundle)), default=json_default))


class _Publisher(DisplayPublisher):  # type: ignore[misc]  # IPython has no types
    def publish(
        self,
        data: Any,
        metadata: Any = None,
        source: Any = None,
        *,
        transient: Any = None,
        update: bool = False,
        **_: Any,
    ) -> None:
        record: Record = self.shell.record
        shown, told = _plain(data), _plain(metadata or {})
        display_id = (transient or {}).get("display_id")
        if update:
            record.update(str(display_id), shown, told)
        else:
            record.add(new_output("display_data", shown, metadata=told), display_id)

    def clear_output(self, wait: bool = False) -> None:
        self.shell.record.clear(wait=wait)


class _Hook(DisplayHook):  # type: ignore[misc]
    def write_output_prompt(self) -> None:
        """Nothing: the number stands in the output."""

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        output = new_output(
            "execute_result",
            _plain(format_dict),
            metadata=_plain(md_dict or {}),
            execution_count=self.prompt_count,
        )
        self.shell.record.add(output)


class Shell(InteractiveShell):  # type: ignore[misc]
    """IPython without a terminal and without a kernel.

    Build it with :func:`started`, in a process of its own.
    """

    displayhook_class = Type(_Hook)
    display_pub_class = Type(_Publisher)
    record = AnyTrait()

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        self.record.add(
            new_output("error", ename=etype.__name__, evalue=str(evalue), traceback=list(stb))
        )

    def enable_gui(self, gui: Any = None) -> None:
        """Nothing: there is no event loop to run."""

    def execute(self, source: str) -> tuple[list[Any], BaseException | None]:
        """Run a cell.

        Returns
        -------
        outputs : list
        error : BaseException or None
            What the cell was left by.
        """
        outputs = self.record.begin()
        with _streams(self.record):
            result = self.run_cell(source, store_history=True)
            sys.stdout.flush()
            sys.stderr.flush()
        return outputs, result.error_before_exec or result.error_in_exec


@contextmanager
def _streams(record: Record) -> Iterator[None]:
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = _Stream(record, "stdout"), _Stream(record, "stderr")
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def _no_input(*_: object, **__: object) -> str:
    raise StdinNotImplementedError("a report has nobody to ask")


def started(folder: str) -> Shell:
    """The process's shell, which reads no profile of the user's.

    Parameters
    ----------
    folder : str
        Where IPython may put what it thinks it needs.
    """
    config = Config()
    config.HistoryManager.enabled = False
    config.HistoryManager.hist_file = ":memory:"
    shell: Shell = Shell.instance(config=config, ipython_dir=folder, record=Record())
    builtins.input = _no_input
    shell.events.trigger("shell_initialized", shell)
    if "" not in sys.path:
        sys.path.insert(0, "")
    _draw_inline()
    return shell


def _draw_inline() -> None:
    """Have pyplot, which nobody has imported yet, show its figures below the cell, as a kernel has.

    A backend that is imported before there is a shell never finds it.
    """
    os.environ.setdefault("MPLBACKEND", INLINE)
    if "matplotlib" in sys.modules and "matplotlib.pyplot" not in sys.modules:
        sys.modules["matplotlib"].rcParams["backend"] = os.environ["MPLBACKEND"]
