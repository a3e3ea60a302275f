"""Check as text: parts one below the other, each step with its state in words before it."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from opsnb.runs.check.steps import PARTS, Examination, State, Step

STYLES: dict[State, str] = {
    "ok": "green", "note": "yellow", "waits": "dim", "not ready": "bold red", "wrong": "bold red",
}  # fmt: skip
WIDTH = max(map(len, STYLES))
ENDS = {
    0: "A report can be run:",
    2: "Put right what is wrong, then look again:",
    3: "The data are not ready. When they are, look again:",
}


def show(examination: Examination, console: Console | None = None) -> None:
    """Print an examination; lines are not broken, so that they can be searched."""
    console = console or Console(highlight=False, soft_wrap=True)
    for line in lines(examination):
        console.print(line, markup=False, soft_wrap=True)


def lines(examination: Examination) -> Iterator[Text]:
    """All lines."""
    for part in PARTS:
        steps = [step for step in examination.steps if step.part == part]
        if steps:
            yield Text(part.capitalize(), style="bold")
            for step in steps:
                yield from _step(step)
    yield Text()
    yield Text(ENDS[examination.exit_code], style="bold")
    yield Text(f"  {examination.next}")


def _step(step: Step) -> Iterator[Text]:
    first, *rest = step.lines or ("",)
    state = Text(f"  {step.state:<{WIDTH}}  ", style=STYLES[step.state])
    yield state + Text(f"{step.title}: {first}", style="default not bold")
    for line in rest:
        yield Text(" " * (WIDTH + 6) + line)
