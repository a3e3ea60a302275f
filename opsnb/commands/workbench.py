"""Commands of the analyst: init; one function a verb."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def init(
    folder: Annotated[Path, typer.Argument(help="Folder of the new company.", metavar="DIR")],
    sources: Annotated[
        list[str] | None,
        typer.Option("--from", metavar="FILE|URL", help="Data to look at; may be repeated."),
    ] = None,
    sheet: Annotated[str, typer.Option(help="Sheet of a workbook; else the fullest.")] = "",
    relation: Annotated[str, typer.Option(help="Table or view of a database.")] = "",
    fiscal_start: Annotated[
        int, typer.Option(min=1, max=12, help="First month of the fiscal year.")
    ] = 1,
    year: Annotated[int | None, typer.Option(help="Of months that are named without one.")] = None,
    show: Annotated[
        bool, typer.Option("--show", help="Print the settings; write nothing.")
    ] = False,
) -> None:
    """Make a company's folder, its settings proposed for the data that are given."""
    from opsnb.runs.initial import Request, make

    request = Request(folder, tuple(sources or ()), sheet, relation, fiscal_start, year)
    made = make(request, write=not show)
    if show:
        for name, text in made.files.items():
            typer.echo(f"--- {name}\n{text}")
        return
    for text in made.said:
        typer.echo(text)
    typer.echo(f"next: opsnb check --company {folder}")
