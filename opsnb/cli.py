"""Command line: ``opsnb run``, ``opsnb render``, ``opsnb demo``.

Exit codes: 0 done, 1 the run failed, 2 wrong parameters or settings, 3 the data are not ready,
4 finished but held by a policy.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from opsnb.errors import OpsnbError

app = typer.Typer(
    name="opsnb", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
)


@app.command()
def run(
    report: Annotated[str, typer.Argument(help="Name of the report, such as monthly_operations.")],
    company: Annotated[str, typer.Option(help="The company's folder, or its name under params/.")],
    period: Annotated[str | None, typer.Option(help="2026-10, or last-closed.")] = None,
    unit: Annotated[str | None, typer.Option(help="Id of a unit; the whole company if left out.")] = None,
    locale: Annotated[str | None, typer.Option(help="zh or en.")] = None,
    setting: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A further parameter; may be repeated.")
    ] = None,
    output: Annotated[Path, typer.Option(help="Folder of the outputs.")] = Path("outputs"),
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of words.")] = False,
) -> None:
    """Run a report; the last line names the run's folder."""
    from opsnb.reports import report as find_report
    from opsnb.runs.parameters import build
    from opsnb.runs.perform import perform

    found = find_report(report)
    params = build(found, company, {"period": period, "unit": unit, "locale": locale}, setting or [])
    outcome = perform(found, params, output)
    if as_json:
        content = {
            "status": outcome.status, "exit_code": outcome.exit_code, "folder": str(outcome.folder),
            "page": str(outcome.page), "message": outcome.message,
        }  # fmt: skip
        print(json.dumps(content, ensure_ascii=False))
    else:
        if outcome.message:
            print(f"opsnb: {outcome.message}", file=sys.stderr)
        print(outcome.page)
        print(outcome.folder)
    raise typer.Exit(outcome.exit_code)


@app.command()
def render(
    notebook: Annotated[Path, typer.Argument(help="An executed notebook.")],
    locale: Annotated[str | None, typer.Option(help="zh or en; the notebook's own if left out.")] = None,
    output: Annotated[Path | None, typer.Option(help="File to write; beside the notebook if left out.")] = None,
) -> None:
    """Make the page of a notebook that papermill has executed."""
    from opsnb.runs.again import render_file

    print(render_file(notebook, locale, output))


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="Where the company goes.")] = Path("params/demo"),
    seed: Annotated[int | None, typer.Option(help="Another seed makes another company.")] = None,
) -> None:
    """Generate the demonstration company, unless it is there already."""
    from opsnb.runs.demonstration import make

    print(make(folder, seed))


@app.callback()
def _root() -> None:
    """Analytical workbooks and reports for a planning and operations department."""


def main(arguments: list[str] | None = None) -> None:
    """Entry point; an error of ours is one line and its exit code, never a traceback."""
    try:
        app(args=arguments, prog_name="opsnb")
    except OpsnbError as error:
        print(f"opsnb: {error}", file=sys.stderr)
        raise SystemExit(error.exit_code) from None


if __name__ == "__main__":
    main()
