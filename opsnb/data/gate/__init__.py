"""Gate: the checks that a company declares, run on its tables for one period.

Row checks (unique, range, rows, refers) ask a yes-or-no question of every row; the others hold
sums against each other. An Alert says how many rows or sums do not hold, where, and by example.
"""

from __future__ import annotations

from collections.abc import Collection

import duckdb

from opsnb.company.checks import ROW_KINDS, Check
from opsnb.data.engine import Engine
from opsnb.data.gate import rows, sums
from opsnb.data.gate.alert import Alert, Failures, Subject, alert, is_whole
from opsnb.errors import SettingsError

__all__ = ["Alert", "Failures", "Subject", "judge", "run_check"]


def run_check(engine: Engine, subject: Subject, check: Check) -> Failures:
    """What does not hold up to the period.

    A table without dates is only looked up: its row checks cover all of its rows.

    Raises
    ------
    ExpressionError, UnknownNameError
        The check names a column that is not there, or holds a condition that cannot be read.
    SettingsError
        It cannot be computed, as the range of a text.
    """
    try:
        if check.kind in ROW_KINDS:
            return rows.check_rows(engine, subject, check)
        return sums.check_sums(engine, subject, check)
    except duckdb.Error as error:
        detail = str(error).splitlines()[0]
        raise SettingsError(
            f"the check cannot be computed: {detail}", where=subject.where
        ) from None


def judge(
    subject: Subject, check: Check, found: Failures, units: Collection[str] | None = None
) -> Alert | None:
    """What the check finds in the period, or None where it holds.

    Parameters
    ----------
    units : collection of str, optional
        Only what concerns these is told, unless all units are judged together.
    """
    told = found if units is None or is_whole(check) else found.of(units)
    return alert(subject, check, told)
