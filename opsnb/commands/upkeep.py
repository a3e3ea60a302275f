"""Commands of whoever keeps the machine: schedule, prune, doctor; one function a verb."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Annotated

import typer

from opsnb.commands.options import OUTPUTS, AsJson, Company, Output, Whose


def schedule(
    company: Company,
    reports: Annotated[str, typer.Option(help="Names, with commas between; all if empty.")] = "",
    at: Annotated[str, typer.Option(help="Time of day, by the machine's clock.")] = "07:30",
    output: Output = OUTPUTS,
    as_json: AsJson = False,
) -> None:
    """Print a line for crontab that makes each closed month's reports."""
    from opsnb.runs.schedule import schedule as scheduled
    from opsnb.runs.schedule import text

    names = [name.strip() for name in reports.split(",") if name.strip()]
    found = scheduled(company, names, at=at, outputs=output, folder=Path.cwd())
    now = dt.datetime.now().astimezone().replace(tzinfo=None)
    if as_json:
        moments = [moment.isoformat(timespec="minutes") for moment in found.next(now)]
        typer.echo(json.dumps({"line": found.line, "next": moments}, ensure_ascii=False))
    else:
        typer.echo("\n".join(text(found, now)))


def prune(
    company: Whose = "",
    keep: Annotated[int, typer.Option(min=1, help="Good runs that stay in each place.")] = 3,
    days: Annotated[int, typer.Option(min=0, help="Age at which a run may go.")] = 90,
    delete: Annotated[bool, typer.Option("--delete", help="Remove them; else only named.")] = False,
    output: Output = OUTPUTS,
    as_json: AsJson = False,
) -> None:
    """Name the runs that nobody needs any more; remove them with --delete."""
    from opsnb.company import Company as Found
    from opsnb.runs.prune import clear_all, old, remove

    name = Found.find(company).id if company else "*"
    going = old(output, name, keep=keep, days=days, now=dt.datetime.now(dt.UTC))
    if delete:
        clear_all(output, name)
    size = remove(output, going) if delete else sum(item.size for item in going)
    if as_json:
        items = [{"path": str(i.path), "bytes": i.size, "why": i.why} for i in going]
        told = {"deleted": delete, "bytes": size, "items": items}
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    for item in going:
        typer.echo(f"{item.path}: {item.why}, {item.size / 1e6:,.1f} MB")
    ending = "removed" if delete else "would go; --delete removes them"
    typer.echo(f"{len(going)} of them, {size / 1e6:,.1f} MB: {ending}")


def doctor(output: Output = OUTPUTS, as_json: AsJson = False) -> None:
    """Say whether this machine has what reports need, and what to do where it has not."""
    from opsnb.runs.doctor import diagnose, exit_code, text, to_dict

    lines = diagnose(output)
    if as_json:
        typer.echo(json.dumps(to_dict(lines), ensure_ascii=False))
    else:
        typer.echo("\n".join(text(lines)))
    raise typer.Exit(exit_code(lines))
