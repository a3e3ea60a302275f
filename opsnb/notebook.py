"""Habits of notebooks: how a Workbook and a Finding are shown, and how an error ends.

Results are shown by :mod:`opsnb.display`; here is what only who works in a notebook sees.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from opsnb import progress
from opsnb.errors import OpsnbError

if TYPE_CHECKING:
    from types import TracebackType

    from opsnb.results import Finding
    from opsnb.workbook import Workbook

HINT = "%tb shows where in the code"


def register(shell: Any, workbook: Workbook) -> None:
    """Let an IPython `shell` show results, workbooks and findings, and end errors in a sentence.

    Findings take the names of metrics and units from `workbook`, the last one that was opened.
    """
    from opsnb import display

    display.register(shell)
    formatter = shell.display_formatter.mimebundle_formatter

    def finding(one: Finding, include: object = None, exclude: object = None) -> dict[str, str]:
        return shown_finding(one, workbook)

    formatter.for_type_by_name("opsnb.workbook", "Workbook", shown_workbook)
    formatter.for_type_by_name("opsnb.results", "Finding", finding)
    if progress.is_watched():
        shell.set_custom_exc((OpsnbError,), _ended)


def shown_workbook(
    workbook: Workbook, include: object = None, exclude: object = None
) -> Mapping[str, Any]:
    """Whose month and unit it is, and the sources behind it."""
    from opsnb import display
    from opsnb.analyses.annex import sources

    locale = workbook.locale
    name = workbook.company.profile.name.to_dict()[locale]
    unit = workbook.units[workbook.unit].label[locale]
    head = display.notice(" · ".join((name, workbook.period.label(locale), unit)))
    bundle = display.bundle(sources(workbook))
    return {**bundle, "text/html": head + bundle["text/html"]}


def shown_finding(finding: Finding, workbook: Workbook) -> dict[str, str]:
    """Finding as its sentence."""
    from opsnb import display

    provenance = workbook.provenance([finding.metric] if finding.metric else [])
    html = display.sentence(finding, provenance, workbook.locale)
    plain = display.plain_sentence(finding, provenance, workbook.locale)
    return {"text/plain": plain, "text/html": display.styled(f'<div class="opsnb">{html}</div>')}


def _ended(
    shell: Any, kind: type[BaseException], error: BaseException, trace: TracebackType,
    tb_offset: int | None = None,
) -> list[str]:  # fmt: skip
    """An error of ours as its sentence alone: it says what, where, and what was expected."""
    sys.last_type, sys.last_value, sys.last_traceback = kind, error, trace  # for %tb
    lines = [f"{kind.__name__}: {error}", HINT]
    shell._showtraceback(kind, error, lines)
    return lines
