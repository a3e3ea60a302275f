"""Commands of the analyst: init, new; one function a verb."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from opsnb.commands.options import Company

new = typer.Typer(no_args_is_help=True, help="Begin a report or an analysis of the company's own.")
Name = Annotated[str, typer.Argument(help="Letters, digits and _; also the name of the file.")]
Title = Annotated[str, typer.Option(help="As the page shows it; the name if left out.")]
TitleEn = Annotated[str, typer.Option(help="The same in English.")]


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


@new.command("report")
def new_report(
    name: Name,
    company: Company,
    title: Title = "",
    title_en: TitleEn = "",
    metric: Annotated[str, typer.Option(help="That it begins with; else the first.")] = "",
    analysis: Annotated[str, typer.Option(help="Module of yours that it shows.")] = "",
) -> None:
    """Write the notebook of a report of your own; run, batch and publish treat it as any other."""
    from opsnb.company import Company as Settings
    from opsnb.runs.chapter import new_report as make

    made = make(Settings.find(company), name, _label(name, title, title_en), metric, analysis)
    typer.echo(made)
    typer.echo(f"next: opsnb run {name} --company {company}")


@new.command("analysis")
def new_analysis(name: Name, company: Company, title: Title = "", title_en: TitleEn = "") -> None:
    """Write the module of an analysis of your own, with a rule in it."""
    from opsnb.company import Company as Settings
    from opsnb.runs.chapter import new_analysis as make

    typer.echo(make(Settings.find(company), name, _label(name, title, title_en)))
    typer.echo(f"next: opsnb new report {name}_report --company {company} --analysis {name}")


@new.command("topic")
def new_topic(
    name: Name,
    company: Company,
    metric: Annotated[str, typer.Option(help="That the change was to move.")],
    since: Annotated[str, typer.Option(help="First month after the change, 2026-06.")],
    control: Annotated[
        str, typer.Option(help="Metric that it did not touch, or unit:ID of another unit.")
    ] = "",
    title: Title = "",
    title_en: TitleEn = "",
) -> None:
    """Write a special topic: from a question by a change's effect and options to a decision."""
    from opsnb.company import Company as Settings
    from opsnb.runs.chapter import new_topic as make

    label = _label(name, title, title_en)
    for path in make(Settings.find(company), name, label, metric, since, control):
        typer.echo(path)
    typer.echo(f"next: opsnb run {name} --company {company}")


def _label(name: str, title: str, title_en: str) -> Any:
    from opsnb.company.labels import Label

    plain = name.replace("_", " ").capitalize()
    return Label(zh=title or title_en or plain, en=title_en or title or plain)
