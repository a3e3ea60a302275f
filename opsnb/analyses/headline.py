"""Headline and problems: the findings, ranked, as messages and as a list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from opsnb.analyses.causes import causes
from opsnb.analyses.grid import Grid, listed
from opsnb.analyses.notes import noted
from opsnb.analyses.risk import with_provenance
from opsnb.analyses.split import wording
from opsnb.findings import find_in_tables, rank
from opsnb.findings.doubts import is_aside, once
from opsnb.findings.forecast import MISSED
from opsnb.findings.rules import TableCase
from opsnb.results import Column, Finding, Result
from opsnb.workbook import Workbook

MESSAGES = 5
SERIOUS = ("red", "orange")
HEADLINE_COLUMNS = (
    Column("rank", "key"),
    Column("code", "key"),
    Column("metric", "key"),
    Column("unit", "key"),
    Column("severity", "text"),
)
PROBLEM_COLUMNS = (*HEADLINE_COLUMNS, Column("owner", "text"), Column("action", "text"))


def headline(
    workbook: Workbook,
    card: Result,
    below: Result | None = None,
    why: Result | None = None,
    since: Result | None = None,
    ahead: Result | None = None,
) -> Result:
    """The three to five messages of the month, at most one a metric, and the key metrics as cards.

    One message more than that may be of a metric: the year's target that is likely missed, where
    the other is about another unit.

    Parameters
    ----------
    workbook : Workbook
    card : Result
        From :func:`scorecard`.
    below : Result, optional
        From :func:`units`: what is red or orange there is heard here too.
    why : Result, optional
        From :func:`attribution`: the causes of what concerns the workbook's own unit.
    since : Result, optional
        From :func:`restated`: what was published and has changed.
    ahead : Result, optional
        From :func:`outlook`: targets of the year that are likely missed.

    Returns
    -------
    Result
        ``headline``; row i belongs to ``findings[i]``; its parts are ``cards``, the key metrics,
        and ``causes``, of what the changes behind the messages are made.
    """
    told = _chosen(_ranked(workbook, card, below, since, ahead))[:MESSAGES]
    result = _listed("headline", told, HEADLINE_COLUMNS)
    parts = (_cards(card), causes(workbook, told, why))
    # The causes name dimensions and their values.
    provenance = {**card.provenance, "columns": wording(workbook)}
    return replace(result, parts=parts, provenance=provenance)


def _chosen(ranked: Iterable[Finding]) -> list[Finding]:
    """One finding a metric, and one of the year's targets, of what nothing else speaks of."""
    chosen: dict[str, Finding] = {}
    about: set[tuple[str, str]] = set()
    for finding in ranked:
        mine = (finding.metric, finding.unit)
        if is_aside(finding) or (finding.metric and mine in about):
            continue
        subject = finding.metric or finding.code
        name = finding.code if finding.code == MISSED else subject
        if chosen.setdefault(name, finding) is finding:
            about.add(mine)
    return list(chosen.values())


def problems(
    workbook: Workbook,
    card: Result,
    below: Result | None = None,
    warned: Result | None = None,
    since: Result | None = None,
    ahead: Result | None = None,
) -> Result:
    """Everything the rules found that asks for something, ranked, with owner and action.

    Parameters
    ----------
    workbook : Workbook
    card : Result
        From :func:`scorecard`.
    below : Result, optional
        From :func:`units`.
    warned : Result, optional
        From :func:`risk`: its red and orange warnings are problems too.
    since : Result, optional
        From :func:`restated`: what was published and has changed.
    ahead : Result, optional
        From :func:`outlook`: targets of the year that are likely missed.

    Returns
    -------
    Result
        ``problems``; row i belongs to ``findings[i]``; its part ``notes`` holds what people wrote
        about them.
    """
    more = [f for f in (warned.findings if warned else ()) if f.severity in SERIOUS]
    ranked = _ranked(workbook, card, below, since, ahead)
    found = [f for f in rank([*ranked, *more]) if f.severity != "info"]
    told = noted(workbook, ((finding.metric, finding.unit) for finding in found))
    listed = _listed("problems", found, PROBLEM_COLUMNS)
    provenance = card.provenance if warned is None else with_provenance(card, warned)
    return replace(listed, parts=(told,), provenance=provenance)


def _ranked(
    workbook: Workbook,
    card: Result,
    below: Result | None,
    since: Result | None,
    ahead: Result | None,
) -> tuple[Finding, ...]:
    serious = [f for f in (below.findings if below else ()) if f.severity in SERIOUS]
    in_tables = find_in_tables(table_cases(workbook))
    changed = [f for f in (since.findings if since else ()) if f.severity != "info"]
    # What says how well forecasts were made is about no metric, and stays with the forecasts.
    missed = [f for f in (ahead.findings if ahead else ()) if f.metric]
    return tuple(once(rank([*card.findings, *serious, *in_tables, *changed, *missed])))


def table_cases(workbook: Workbook) -> list[TableCase]:
    """State of every table, for the rules."""
    return [
        TableCase(
            workbook.load(name),
            workbook.coverage(name) if table.date else None,
            table.owner.zh,
            workbook.unit,
            str(workbook.period),
            workbook.company.profile.as_of.isoformat(),
        )
        for name, table in workbook.company.tables.items()
    ]


def _cards(card: Result) -> Result:
    """Rows of the key metrics, with their history and findings."""
    keep = [i for i, key in enumerate(card.frame["key"]) if key == "yes"]
    names = set(card.frame["metric"].iloc[keep])
    place = {row: i for i, row in enumerate(keep)}
    return Result(
        "cards",
        card.frame.iloc[keep].reset_index(drop=True),
        card.columns,
        {(place[row], name): why for (row, name), why in card.reasons.items() if row in place},
        findings=tuple(finding for finding in card.findings if finding.metric in names),
        parts=card.parts,
        provenance=card.provenance,
    )


def _listed(name: str, findings: list[Finding], columns: tuple[Column, ...]) -> Result:
    grid = Grid(columns)
    for place, finding in enumerate(findings, start=1):
        grid.add(listed(place, finding))
    return Result(name, grid.frame, columns, grid.reasons, findings=tuple(findings))
