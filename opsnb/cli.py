"""Command line: one function a verb; ``opsnb --help`` names them.

Exit codes: 0 done, 1 the run failed, 2 wrong parameters or settings, 3 the data are not ready,
4 finished but held by a policy; 130 and 143 after an interrupt.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from opsnb.commands import history, periods, sign_off, upkeep, workbench
from opsnb.errors import OpsnbError, ParameterError

if TYPE_CHECKING:
    from opsnb.reports import Report
    from opsnb.runs.run import Outcome

REFUSED = {2: "refused", 3: "not ready"}
OUTPUTS = Path("outputs")
ROWS = 20
GARBAGE = 50_000  # objects between collections: importing makes many, and none is garbage

app = typer.Typer(
    name="opsnb",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Locale = Annotated[str | None, typer.Option(help="zh or en; the company's own if left out.")]
NoCache = Annotated[
    bool, typer.Option("--no-cache", help="Read every source anew, and keep nothing.")
]
Output = Annotated[Path, typer.Option(help="Folder of the outputs.")]
CellTimeout = Annotated[int, typer.Option(min=1, help="Seconds a cell may take.")]
Force = Annotated[bool, typer.Option("--force", help="Run again, even if nothing has changed.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of words.")]


@app.command()
def run(  # noqa: PLR0913, PLR0917 - one argument an option
    report: Annotated[str, typer.Argument(help="Name of the report, such as monthly_operations.")],
    company: Annotated[str, typer.Option(help="The company's folder, or its name under params/.")],
    period: Annotated[str | None, typer.Option(help="2026-10, or last-closed.")] = None,
    unit: Annotated[
        str | None, typer.Option(help="Id of a unit; the whole company if left out.")
    ] = None,
    locale: Locale = None,
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A further parameter; may be repeated."),
    ] = None,
    output: Output = OUTPUTS,
    cell_timeout: CellTimeout = 600,
    force: Force = False,
    no_cache: NoCache = False,
    as_json: AsJson = False,
) -> None:
    """Run a report; the last line names the run's folder."""
    _switch_off(no_cache)
    given = {"period": period, "unit": unit, "locale": locale}
    try:
        outcome = _run(report, company, given, setting or [], output, cell_timeout, force=force)
    except OpsnbError as error:
        if as_json:
            _print_json(REFUSED.get(error.exit_code, "failed"), error.exit_code, str(error))
        raise
    if as_json:
        where = {"folder": str(outcome.folder), "page": str(outcome.page)}
        _print_json(outcome.status, outcome.exit_code, outcome.message, **where)
    else:
        print(outcome.page)
        print(outcome.folder)
    if outcome.message:
        print(f"opsnb: {outcome.message}", file=sys.stderr)
    raise typer.Exit(outcome.exit_code)


def _run(
    report: str,
    company: str,
    given: dict[str, str | None],
    settings: list[str],
    output: Path,
    cell_timeout: int,
    *,
    force: bool,
) -> Outcome:
    from opsnb.company import Company
    from opsnb.reports import report as find_report
    from opsnb.runs import unchanged
    from opsnb.runs.parameters import build
    from opsnb.runs.perform import perform

    found = find_report(report, Company.find(company))
    params = build(found, company, given, settings)
    name = unchanged.key(str(Path.cwd()), report, company, *given.values(), settings, str(output))
    return perform(found, params, output, cell_timeout=cell_timeout, force=force, name=name)


def _print_json(status: str, exit_code: int, message: str, **where: Any) -> None:
    content = {"status": status, "exit_code": exit_code, "message": message, **where}
    print(json.dumps(content, ensure_ascii=False))


@app.command()
def batch(  # noqa: PLR0913, PLR0917 - one argument an option
    company: Annotated[str, typer.Option(help="The company's folder, or its name under params/.")],
    period: Annotated[
        str, typer.Option(help="2026-10, 2025-11..2026-10, or last-closed.")
    ] = "last-closed",
    reports: Annotated[str, typer.Option(help="Names, with commas between; all if empty.")] = "",
    units: Annotated[str, typer.Option(help="Ids, with commas between, or all.")] = "all",
    count: Annotated[
        int | None, typer.Option("--jobs", min=1, help="Reports at once; one a core if left out.")
    ] = None,
    output: Output = OUTPUTS,
    cell_timeout: CellTimeout = 600,
    run_timeout: Annotated[int, typer.Option(min=1, help="Seconds a report may take.")] = 1800,
    cold: Annotated[
        bool, typer.Option("--cold", help="A kernel of its own for each report, instead of a fork.")
    ] = False,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Of a Dask cluster: tcp://host:8786.")
    ] = None,
    memory: Annotated[
        int | None,
        typer.Option(min=64, metavar="MB", help="A report's own; 80 % of all if left out."),
    ] = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Run reports for units and periods; one failure stops nothing else."""
    from opsnb.company import Company
    from opsnb.reports import none
    from opsnb.runs.batch import jobs, lines
    from opsnb.runs.pool import run_all

    for error in () if _words(reports) else none(Company.find(company)):
        typer.echo(f"opsnb: left out, no report: {error}", err=True)
    todo = jobs(
        company,
        period,
        _words(reports),
        _words(units),
        outputs=output,
        cell_timeout=cell_timeout,
        run_timeout=run_timeout,
        force=force,
        cold=cold,
        memory=memory,
    )
    summary = run_all(todo, count, scheduler=scheduler, quiet=as_json)
    if as_json:
        print(json.dumps(summary.to_dict(), ensure_ascii=False))
    else:
        print("\n".join(lines(summary)))
    raise typer.Exit(summary.exit_code)


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


@app.command()
def check(
    company: Annotated[str, typer.Option(help="The company's folder, or its name under params/.")],
    period: Annotated[str | None, typer.Option(help="2026-10, or last-closed.")] = None,
    report: Annotated[
        str, typer.Option(help="Name of the report that is to be run.")
    ] = "monthly_operations",
    no_cache: NoCache = False,
    as_json: AsJson = False,
) -> None:
    """Say what is there and what is missing before a report can be run; run and write nothing."""
    _switch_off(no_cache)
    from opsnb.runs.check import examine
    from opsnb.runs.check.text import show

    found = examine(_report_for(report, company), company, period)
    if as_json:
        print(json.dumps(found.to_dict(), ensure_ascii=False))
    else:
        show(found)
    raise typer.Exit(found.exit_code)


def _report_for(name: str, company: str) -> Report:
    """Report of a company, or a shipped one where there is no such company: `check` says so."""
    from opsnb.company import Company
    from opsnb.reports import report as find_report

    try:
        found = Company.find(company)
    except OpsnbError:
        return find_report(name)
    return find_report(name, found)


@app.command()
def render(
    source: Annotated[
        str, typer.Argument(metavar="NOTEBOOK|RUN", help="An executed notebook; a run or its id.")
    ],
    locale: Annotated[str | None, typer.Option(help="zh or en; its own if left out.")] = None,
    to: Annotated[Path | None, typer.Option(help="File to write; beside it if left out.")] = None,
    company: Annotated[str, typer.Option(help="Company whose run it is.")] = "",
    output: Output = OUTPUTS,
) -> None:
    """Make the page of a notebook that papermill has executed, or of a run in another language."""
    from opsnb.runs.again import render_file, render_run
    from opsnb.runs.store import find_run

    if source.endswith(".ipynb") or Path(source).is_file():
        print(render_file(Path(source), locale, to))
        return
    print(render_run(find_run(source, output, _company_id(company)), locale, to))


@app.command()
def export(
    run: Annotated[str, typer.Argument(help="A run's folder, or its id.")],
    pdf: Annotated[bool, typer.Option("--pdf", help="The page on A4, by Chromium.")] = False,
    xlsx: Annotated[bool, typer.Option("--xlsx", help="The results as a workbook.")] = False,
    locale: Annotated[str | None, typer.Option(help="zh or en; the run's own if left out.")] = None,
    company: Annotated[str, typer.Option(help="Company whose run it is.")] = "",
    output: Output = OUTPUTS,
) -> None:
    """Write a run's page as PDF, its results as a workbook, or both, into its folder."""
    from opsnb.runs.export import Exported, export_pdf, export_xlsx
    from opsnb.runs.store import find_run

    wanted = [make for make, asked in ((export_pdf, pdf), (export_xlsx, xlsx)) if asked]
    if not wanted:
        raise ParameterError("nothing to export", expected="--pdf, --xlsx or both")
    found = Exported.of(find_run(run, output, _company_id(company)), locale)
    for make in wanted:
        print(make(found))


def _company_id(company: str) -> str:
    """Id of a company given by its folder or name; the pattern of all where none is given."""
    from opsnb.company import Company

    return Company.find(company).id if company else "*"


class _OptionalRows(TyperCommand):
    """``--rows`` alone asks for the usual number of rows."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        given = list(args)
        for place, word in enumerate(args):
            if word == "--rows" and not "".join(args[place + 1 : place + 2]).isdigit():
                given[place] = f"--rows={ROWS}"
        return super().parse_args(ctx, given)


@app.command(cls=_OptionalRows)
def explain(
    metric: Annotated[str, typer.Argument(help="Id of the metric.")],
    period: Annotated[str, typer.Argument(help="2026-10, 2026-Q3, 2026, or last-closed.")],
    company: Annotated[str, typer.Option(help="The company's folder, or its name under params/.")],
    unit: Annotated[
        str | None, typer.Option(help="Id of a unit; the whole company if left out.")
    ] = None,
    rows: Annotated[
        int | None,
        typer.Option(min=1, metavar="[N]", help=f"List the rows behind it, the first {ROWS} or N."),
    ] = None,
    locale: Locale = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object instead of words.")
    ] = False,
) -> None:
    """Say what a number means, where it comes from, and which rows it is made of."""
    from opsnb.runs.explain import explain as answer_for
    from opsnb.runs.explain.text import lines, to_dict

    try:
        answer = answer_for(metric, period, company, unit=unit, locale=locale, rows=rows)
    except OpsnbError as error:
        if as_json:
            _print_json(REFUSED.get(error.exit_code, "failed"), error.exit_code, str(error))
        raise
    if as_json:
        print(json.dumps(to_dict(answer), ensure_ascii=False))
        return
    for line in lines(answer, answer.provenance["locale"]):
        print(line)


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="Where the company goes.")] = Path("params/demo"),
    seed: Annotated[int | None, typer.Option(help="Another seed makes another company.")] = None,
) -> None:
    """Generate the demonstration company, unless it is there already."""
    from opsnb.runs.demonstration import make

    print(make(folder, seed))


@app.command()
def cache(
    clear: Annotated[
        bool, typer.Option("--clear", help="Forget all; the next run reads every source anew.")
    ] = False,
) -> None:
    """Say where the tables lie that were read, and how much they hold."""
    from opsnb.data.cache import Cache

    kept = Cache.here()
    if kept.folder is None:
        print("nothing is kept: OPSNB_CACHE is off")
        return
    held = kept.clear() if clear else kept.size
    print(f"{kept.folder}: {held / 1e6:,.1f} MB{' removed' if clear else ''}")


app.command()(history.history)
app.command()(history.diff)
app.command()(periods.close)
app.command()(periods.reopen)
app.command()(sign_off.review)
app.command()(sign_off.publish)
app.command()(sign_off.verify)
app.command()(sign_off.rollback)
app.command()(upkeep.schedule)
app.command()(upkeep.prune)
app.command()(upkeep.doctor)
app.command()(workbench.init)
app.add_typer(workbench.new, name="new")


def _switch_off(no_cache: bool) -> None:
    """Keep no tables, in this process and in the kernel that it starts."""
    if no_cache:
        os.environ["OPSNB_CACHE"] = "off"


@app.callback()
def _root() -> None:
    """Analytical workbooks and reports for a planning and operations department."""


def main(arguments: list[str] | None = None) -> None:
    """Entry point; an error of ours is one line and its exit code, never a traceback."""
    gc.set_threshold(GARBAGE)
    ending = _Ending()
    try:
        app(args=arguments, prog_name="opsnb")
    except OpsnbError as error:
        print(f"opsnb: {error}", file=sys.stderr)
        raise SystemExit(error.exit_code) from None
    except OSError as error:
        print(f"opsnb: {error}", file=sys.stderr)
        raise SystemExit(1) from None
    except Exception:
        if ending.code is None:
            raise
        raise SystemExit(ending.code) from None  # what an interrupted library makes of it


class _Ending:
    """Ends the command when it is told to: what was begun is cleared away, no kernel stays behind.

    Attributes
    ----------
    code : int or None
        Exit code, once it was told: 130 after SIGINT, 143 after SIGTERM.
    """

    def __init__(self) -> None:
        self.code: int | None = None
        for told in (signal.SIGINT, signal.SIGTERM):
            signal.signal(told, self)

    def __call__(self, signum: int, frame: object) -> None:
        self.code = 128 + signum
        logging.getLogger("asyncio").disabled = True  # it would tell of every task that is left
        raise SystemExit(self.code)


if __name__ == "__main__":
    main()
