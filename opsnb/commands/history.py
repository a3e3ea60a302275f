"""Commands of whoever looks back: history, diff; one function a verb."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from opsnb.commands.options import OUTPUTS, AsJson, Output, Whose

SHOWN = ("created_at", "period", "report", "unit", "status", "run_id")


def history(
    company: Whose = "",
    sql: Annotated[
        str, typer.Option(help="A SELECT over runs, results, findings and latest.")
    ] = "",
    output: Output = OUTPUTS,
    as_json: AsJson = False,
) -> None:
    """List the runs there are, or answer a question about all their numbers."""
    import duckdb

    from opsnb.company import Company
    from opsnb.errors import ParameterError
    from opsnb.history import History

    past = History(output, Company.find(company).id if company else None)
    try:
        found = past.query(sql or f"select {', '.join(SHOWN)} from runs order by 1")  # noqa: S608
    except duckdb.Error as error:
        raise ParameterError(str(error), where="--sql", expected="one SELECT") from None
    if as_json:
        rows = json.loads(found.to_json(orient="records", force_ascii=False))
        faults = [{"path": fault.path, "why": fault.why} for fault in past.faults]
        typer.echo(json.dumps({"rows": rows, "left_out": faults}, ensure_ascii=False))
        return
    typer.echo(found.to_string(index=False) if len(found) else "nothing is there")
    for fault in past.faults:
        typer.echo(f"left out: {fault}", err=True)


def diff(
    before: Annotated[str, typer.Argument(help="A run's folder, or its id.")],
    after: Annotated[str, typer.Argument(help="Another run.")],
    company: Whose = "",
    rows: Annotated[int, typer.Option(min=1, help="Numbers that are shown.")] = 30,
    rerun: Annotated[
        bool, typer.Option("--rerun", help="Tell causes apart by making the first run anew.")
    ] = False,
    output: Output = OUTPUTS,
    as_json: AsJson = False,
) -> None:
    """Say which numbers of two runs differ, and what the runs were made of that differs."""
    from opsnb.company import Company
    from opsnb.errors import ParameterError
    from opsnb.runs.diff import diff as compared
    from opsnb.runs.diff import lines, to_dict
    from opsnb.runs.store import find_run

    if rerun and not company:
        raise ParameterError("a run is made anew from its company", where="--rerun",
                             expected="--company")  # fmt: skip
    name = Company.find(company).id if company else "*"
    one, other = find_run(before, output, name), find_run(after, output, name)
    found = compared(one, other)
    told, said = to_dict(found), lines(found, rows)
    if rerun:
        from opsnb.runs import rerun as again

        apart = again.separate(one, other, Company.find(company))
        told, said = told | again.to_dict(apart), said + again.lines(apart, rows)
    typer.echo(json.dumps(told, ensure_ascii=False) if as_json else "\n".join(said))
