"""Options of a special topic: cost, benefit and risk of each, and which is likely the best."""

from __future__ import annotations

from opsnb.analyses.grid import Grid
from opsnb.company import topics
from opsnb.results import Column, Result
from opsnb.stats.options import Option, weigh
from opsnb.workbook import Workbook

NET = "topic:net"
"""Stands for the net benefit where a metric is named."""
COLUMNS = (
    Column("metric", "key"), Column("unit", "key"), Column("period", "key"),
    Column("option", "key"),
    *(Column(name, "metric") for name in (
        "option_cost", "option_benefit", "option_net", "option_low", "option_high",
    )),
    *(Column(name, "ratio") for name in ("chance", "p_loss", "p_best")),
    *(Column(name, "text") for name in ("risk_text", "owner", "dominated_by")),
)  # fmt: skip


def options(workbook: Workbook, topic: str) -> Result:
    """Options of ``reports/<topic>.options.yaml``, the largest expected net benefit first.

    Amounts are a year's. Formulas: :func:`opsnb.stats.options.weigh`.

    Returns
    -------
    Result
        ``options``, a row an option.

    Raises
    ------
    UnknownNameError
        There is no such file.
    SettingsError
        A line of it is wrong.
    """
    known = topics.options(workbook.company.folder, topic)
    found = weigh([Option(n, o.cost, o.benefit, o.chance) for n, o in known.items()])
    grid = Grid(COLUMNS)
    rows = sorted(found.to_dict("records"), key=lambda row: -row["net"])
    for row in rows:
        one = known[row["name"]]
        grid.add(
            {
                "metric": NET, "unit": workbook.unit, "period": str(workbook.period),
                "option": row["name"], "option_cost": row["cost"],
                "option_benefit": row["benefit"], "option_net": row["net"],
                "option_low": row["net_low"], "option_high": row["net_high"],
                "chance": one.chance, "p_loss": row["p_loss"], "p_best": row["p_best"],
                "risk_text": one.risk, "owner": one.owner, "dominated_by": row["dominated_by"],
            }
        )  # fmt: skip
    provenance = workbook.provenance()
    provenance["metrics"] = {**provenance["metrics"], NET: _definition(workbook)}
    provenance["options"] = {name: one.label.to_dict() for name, one in known.items()}
    return Result("options", grid.frame, COLUMNS, grid.reasons, provenance=provenance)


def _definition(workbook: Workbook) -> dict[str, object]:
    return {
        "label": {"zh": "净收益", "en": "Net benefit"},
        "description": {"zh": "年度收益减年度成本", "en": "Benefit less cost of a year"},
        "unit": workbook.company.profile.currency,
        "decimals": None,
        "better": "higher",
        "owner": "",
        "formula": "",
        "tables": [],
    }
