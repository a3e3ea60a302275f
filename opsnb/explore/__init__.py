"""Exploring: the analyses of the reports under widgets, for a notebook in JupyterLab.

>>> from opsnb.explore import explore  # doctest: +SKIP
>>> explore("demo", "2026-10")  # doctest: +SKIP
"""

from opsnb.analyses.views import View
from opsnb.explore.opened import Open, Place, code, shown
from opsnb.explore.pins import pin

__all__ = ["Open", "Place", "View", "code", "explore", "pin", "shown"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from opsnb.explore.explorer import Explorer


def explore(
    company: str = "demo",
    period: str = "last-closed",
    unit: str | None = None,
    locale: str | None = None,
) -> "Explorer":
    """Widgets over the analyses of a company, shown by the notebook.

    Raises
    ------
    SettingsError, PeriodError, ParameterError, UnknownNameError, SourceError, NotReadyError
        As :func:`opsnb.open`.
    """
    from opsnb.explore.explorer import Explorer

    return Explorer.open(company, period, unit, locale)
