"""Commands of whoever closes the books: close, reopen; one function a verb."""

from __future__ import annotations

import datetime as dt
import json
from typing import Annotated

import typer

from opsnb.commands.options import OUTPUTS, AsJson, Company, Month, Output

By = Annotated[str, typer.Option(help="Who does it; stands on the page.")]


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
