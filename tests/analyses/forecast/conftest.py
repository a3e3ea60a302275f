"""A company of four years, two regions of two branches each, whose series are made with a seed."""

import numpy as np
import pytest

import opsnb
from opsnb.period import Period

BRANCHES = {"north": ("n1", "n2"), "south": ("s1", "s2")}
LAST = Period.parse("2025-09")
MONTHS = LAST.back(57)
UNITS = "unit,label,parent\nnorth,北区,\nsouth,南区,\nn1,北一,north\nn2,北二,north\ns1,南一,south\n"
UNITS += "s2,南二,south\n"
METRICS = {
    "revenue": {"table": "sales", "measure": "sum(amount)"},
    "cost": {"table": "sales", "measure": "sum(cost)", "better": "lower"},
    "profit": {"kind": "derived", "expression": "revenue - cost"},
    "margin": {
        "kind": "ratio", "numerator": "profit", "denominator": "revenue", "unit": "ratio",
        "bounds": [0, 1],
    },
    "stock": {"table": "stock", "measure": "sum(value)", "over_time": "last", "better": "lower"},
    "trailing": {"kind": "cumulative", "metric": "revenue", "window": 12},
}  # fmt: skip


def sales(seed):
    """Amount and cost of each branch and month, with trend, season and noise."""
    chance = np.random.default_rng(seed)
    rows = []
    season = 1 + 0.1 * np.sin(np.arange(12) / 12 * 2 * np.pi)
    for place, unit in enumerate(unit for units in BRANCHES.values() for unit in units):
        level = 1000 * (place + 1) * 1.004 ** np.arange(len(MONTHS))
        for k, month in enumerate(MONTHS):
            amount = level[k] * season[k % 12] * np.exp(0.03 * chance.normal())
            rows.append((month, unit, round(amount, 2), round(amount * 0.7, 2)))
    return rows


@pytest.fixture(scope="session")
def firm_folder(write_company, tmp_path_factory):
    """Write the company; not to be changed."""
    return write_firm(write_company, tmp_path_factory.mktemp("firm"))


def write_firm(write_company, folder, seed=1, targets="", **profile):
    rows = sales(seed)
    data = {
        "sales": "day,unit,amount,cost\n"
        + "".join(f"{m.end},{u},{a},{c}\n" for m, u, a, c in rows),
        "stock": "day,unit,value\n" + "".join(f"{m.end},{u},{a / 2:.2f}\n" for m, u, a, _ in rows),
    }
    planned = "".join(f"revenue,all,{year},{value}\n" for year, value in TARGETS.items())
    return write_company(
        folder,
        metrics=METRICS,
        sources={
            name: {
                "unit": "unit",
                "owner": "销售部",
                "columns": {"day": "date", "unit": "text"} | dict.fromkeys(columns, "decimal(2)"),
            }
            for name, columns in (("sales", ["amount", "cost"]), ("stock", ["value"]))
        },
        data=data,
        ledgers={"units": UNITS, "targets": "metric,unit,period,value\n" + planned + targets},
        as_of="2025-10-08",
        **profile,
    )


TARGETS = {2023: 137_000, 2024: 140_000, 2025: 150_000}


@pytest.fixture(scope="session")
def firm(firm_folder):
    """Open the company for a month and a unit; each month once."""
    opened = {}

    def firm(period="2025-09", unit="all"):
        if period not in opened:
            opened[period] = opsnb.open(firm_folder, period)
        return opened[period].for_unit(unit)

    return firm
