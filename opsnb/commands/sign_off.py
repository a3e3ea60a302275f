"""Commands of the manager who signs: review, publish, verify, rollback; one function a verb."""

from __future__ import annotations

import datetime as dt
import json
from typing import Annotated

import typer

from opsnb.commands.options import OUTPUTS, AsJson, Company, Month, Output, Whose
from opsnb.errors import ParameterError


def review(
    run: Annotated[str, typer.Argument(help="A run's folder, or its id.")],
    by: Annotated[str, typer.Option(help="Who stands for it.")],
    approve: Annotated[bool, typer.Option("--approve", help="It may be published.")] = False,
    reject: Annotated[bool, typer.Option("--reject", help="It must not be; say why.")] = False,
    note: Annotated[str, typer.Option(help="What there is to say.")] = "",
    company: Whose = "",
    output: Output = OUTPUTS,
    as_json: AsJson = False,
) -> None:
    """Approve or reject a run; what was approved is bound to its content."""
    from opsnb.company import Company as Found
    from opsnb.publication.reviews import review as reviewed
    from opsnb.runs.store import find_run
    from opsnb.standing import APPROVE, REJECT

    if approve is reject:
        raise ParameterError("say what becomes of it", expected="--approve or --reject")
    verdict = APPROVE if approve else REJECT
    name = Found.find(company).id if company else "*"
    entry = reviewed(
        find_run(run, output, name), output, verdict, by, note, dt.datetime.now(dt.UTC)
    )
    said = "approved" if approve else "rejected"
    text = f"{entry['run_id']} {said} by {entry['by']}, content {str(entry['digest'])[:12]}"
    typer.echo(json.dumps(entry, ensure_ascii=False) if as_json else text)


def publish(
    period: Month,
    company: Company,
    by: Annotated[str, typer.Option(help="Who publishes it.")] = "",
    output: Output = OUTPUTS,
    as_json: AsJson = False,
) -> None:
    """Publish what was approved of a month, and name what was not."""
    from opsnb.company import Company as Found
    from opsnb.publication.publish import publish as published

    made = published(Found.find(company), period, output, by, dt.datetime.now(dt.UTC))
    if as_json:
        told = {"made": made.made, "kept": made.kept, "left": made.left, "index": str(made.index)}
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    for name in made.made:
        typer.echo(f"published {name}")
    for name in made.kept:
        typer.echo(f"stands already {name}")
    for place, why in made.left.items():
        typer.echo(f"left out {place}: {why}")
    typer.echo(made.index)


def verify(company: Company, output: Output = OUTPUTS, as_json: AsJson = False) -> None:
    """Name every published file and every line of the journal that was altered."""
    from opsnb.company import Company as Found
    from opsnb.publication.verify import verify as verified

    found = verified(Found.find(company), output)
    if as_json:
        typer.echo(json.dumps({"faults": found}, ensure_ascii=False))
    else:
        typer.echo("\n".join(found) or "everything is as it was published")
    raise typer.Exit(1 if found else 0)


def rollback(
    period: Month,
    company: Company,
    by: Annotated[str, typer.Option(help="Who withdraws it.")],
    reason: Annotated[str, typer.Option(help="Why; stays on record.")],
    output: Output = OUTPUTS,
    as_json: AsJson = False,
) -> None:
    """Withdraw a month's publication for the one that stood before it."""
    from opsnb.company import Company as Found
    from opsnb.publication.publish import rollback as rolled_back

    now = dt.datetime.now(dt.UTC)
    stands = rolled_back(Found.find(company), period, output, by, reason, now)
    if as_json:
        typer.echo(json.dumps({"stands": stands}, ensure_ascii=False))
    else:
        typer.echo("\n".join(f"stands now {name}" for name in stands) or "nothing stands now")
