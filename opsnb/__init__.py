"""opsnb: analytical workbooks and reports for a planning and operations department.

>>> import opsnb
>>> workbook = opsnb.open("demo", "last-closed")  # doctest: +SKIP
"""

from __future__ import annotations

TYPE_CHECKING = False  # as that of typing, which takes longer to import than a check of a report
if TYPE_CHECKING:
    from pathlib import Path

    from opsnb.workbook import Workbook

__version__ = "0.1.0"
__all__ = ["open"]


def open(  # noqa: A001 - opsnb.open is what it does
    company: str | Path,
    period: str = "last-closed",
    unit: str | None = None,
    locale: str | None = None,
    *,
    gate: bool = True,
) -> Workbook:
    """Open a company's workbook for one month and one unit.

    Parameters
    ----------
    company : str or Path
        Folder with the company's settings, or its name under ``params/``.
    period : str
        ``2026-10``, or ``last-closed``.
    unit : str, optional
        Id of a unit; the whole company when not given.
    locale : {"zh", "en"}, optional
        Language of what is shown; the company's own when not given.

    Returns
    -------
    Workbook
        In a notebook, Results are shown as tables and figures from here on.

    Raises
    ------
    SettingsError, PeriodError, ParameterError, UnknownNameError, SourceError
        What is wrong, where, and what was expected.
    NotReadyError
        The period has no data.
    """
    from opsnb.workbook import Workbook

    workbook = Workbook.open(company, period, unit, locale)
    workbook.check_ready()
    if gate:
        workbook.check_gate()
    _show_results(workbook)
    return workbook


def _show_results(workbook: Workbook) -> None:
    """Register how a notebook shows what is ours, where there is an IPython shell."""
    import sys

    if "IPython" in sys.modules and (shell := sys.modules["IPython"].get_ipython()) is not None:
        from opsnb import notebook

        notebook.register(shell, workbook)
