"""Matrix: every metric in one cell of variation and assurance, and how many flags mean nothing."""

from __future__ import annotations

from opsnb.analyses.grid import Grid
from opsnb.results import Column, Result

COLUMNS = (
    Column("metric", "key"),
    Column("unit", "key"),
    Column("period", "key"),
    Column("actual", "metric"),
    Column("variation", "text"),
    Column("assurance", "text"),
    Column("reason", "text"),
    Column("trial", "text"),
    Column("false_flags", "ratio"),
)


def matrix(card: Result) -> Result:
    """Variation and assurance of all metrics of a scorecard.

    Parameters
    ----------
    card : Result
        From :func:`scorecard`.

    Returns
    -------
    Result
        ``matrix``, one row a metric. ``false_flags`` is the probability that its chart flags the
        month although nothing has changed; their sum is the number of false flags to expect.
    """
    standings, grid = card.part("standings"), Grid(COLUMNS)
    for row, metric in enumerate(standings.frame["metric"]):
        texts = ("metric", "unit", "period", "variation", "assurance", "reason", "trial")
        cells = {name: standings.frame[name].iloc[row] for name in texts}
        place = card.metrics.index(metric)
        cells["actual"] = card.cell(place, "actual")
        cells["false_flags"] = standings.cell(row, "false_flags")
        grid.add(cells)
    return Result("matrix", grid.frame, COLUMNS, grid.reasons, provenance=card.provenance)
