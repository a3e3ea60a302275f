"""Commands of whoever closes the books: close, reopen; one function a verb."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Annotated

import typer

OUTPUTS = Path("outputs")

Month = Annotated[str, typer.Argument(help="2026-10, or last-closed.", metavar="PERIOD")]
Company = Annotated[str, typer.Option(help="The company's folder, or its name under params/.")]
By = Annotated[str, typer.Option(help="Who does it; stands on the page.")]
Output = Annotated[Path, typer.Option(help="Folder of the outputs.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of words.")]


def close(
    period: Month,
    company: Company,
    by: By = "",
    output: Output = OUTPUTS,
    as_json: AsJson = False,
) -> None:
    """Make a month's data final: from here on a change of them is held until it is reopened."""
    from opsnb.runs.closing import close as closed
    from opsnb.workbook import Workbook

    workbook = Workbook.open(company, period)
    entry = closed(workbook, output, by, dt.datetime.now(dt.UTC))
    _print(entry, f"{entry['period']} is closed", as_json)


def reopen(
    period: Month,
    company: Company,
    reason: Annotated[str, typer.Option(help="Why; stands on the page.")],
    by: By = "",
    output: Output = OUTPUTS,
    as_json: AsJson = False,
) -> None:
    """Let a closed month's data change again, with a reason that stands on the page."""
    from opsnb.runs.closing import reopen as reopened
    from opsnb.workbook import Workbook

    workbook = Workbook.open(company, period)
    entry = reopened(workbook, output, by, reason, dt.datetime.now(dt.UTC))
    _print(entry, f"{entry['period']} is open again", as_json)


def _print(entry: dict[str, object], text: str, as_json: bool) -> None:
    typer.echo(json.dumps(entry, ensure_ascii=False) if as_json else text)
