"""A tiny company whose scorecard can be worked out by hand."""

import pytest

import opsnb

SALES = {  # revenue by month: north, south
    "2025-01": (100, 50),
    "2025-02": (80, 40),
    "2025-03": (120, 60),
    "2025-12": (150, 75),
    "2026-01": (110, 50),
    "2026-02": (88, 50),
    "2026-03": (90, 66),
}
COST = {"2025": 0.5, "2026": 0.6}
STOCK = {  # at month end: north, south
    "2025-03": (40, 20),
    "2026-01": (50, 30),
    "2026-02": (40, 40),
    "2026-03": (60, None),
}
STAFF = {"2026-01": (8, 4), "2026-02": (9, 4), "2026-03": (10, 5)}
METRICS = {
    "revenue": {"table": "sales", "measure": "sum(amount)", "owner": "销售部"},
    "profit": {"kind": "derived", "expression": "revenue - cost"},
    "margin": {"kind": "ratio", "numerator": "profit", "denominator": "revenue", "unit": "ratio"},
    "stock": {
        "table": "stock",
        "measure": "sum(value)",
        "over_time": "last",
        "better": "lower",
    },
    "staff": {
        "table": "staff",
        "measure": "sum(people)",
        "over_time": "mean",
        "better": "band",
        "band": [10, 12.5],
    },
    "crew": {"table": "staff", "measure": "sum(people)", "over_time": "mean"},
    "cost": {"table": "sales", "measure": "sum(cost)", "better": "lower"},
    "trailing": {"kind": "cumulative", "metric": "revenue", "window": 2},
}
TARGETS = """metric,unit,period,value
revenue,all,2026-01,160
revenue,all,2026-02,140
revenue,all,2026-03,200
revenue,all,2026,2000
revenue,north,2026-03,100
revenue,south,2026-03,60
margin,all,2026-03,0.5
stock,all,2026-03,80
stock,north,2026-03,50
cost,all,2026-03,90
profit,all,2026-01,50
profit,all,2026-02,50
profit,all,2026-03,0
trailing,all,2026-03,300
crew,all,2026-01,10
crew,all,2026-02,12
crew,all,2026-03,14
"""


def by_unit(months, day=31):
    for month, values in months.items():
        last = {"02": 28}.get(month[5:], day)
        for unit, value in zip(("north", "south"), values, strict=True):
            if value is not None:
                yield f"{month}-{last}", unit, value


@pytest.fixture(scope="session")
def tiny_folder(write_company, tmp_path_factory):
    """Write the company; not to be changed."""
    sales = [(d, u, v, round(v * COST[d[:4]], 2)) for d, u, v in by_unit(SALES)]
    data = {
        "sales": "day,unit,amount,cost\n" + "".join(f"{d},{u},{v},{c}\n" for d, u, v, c in sales),
        "stock": "day,unit,value\n" + "".join(f"{d},{u},{v}\n" for d, u, v in by_unit(STOCK)),
        "staff": "day,unit,people\n" + "".join(f"{d},{u},{v}\n" for d, u, v in by_unit(STAFF)),
    }
    kinds = {"sales": ["amount", "cost"], "stock": ["value"], "staff": ["people"]}
    return write_company(
        tmp_path_factory.mktemp("tiny"),
        metrics=METRICS,
        sources={
            name: {
                "unit": "unit",
                "owner": f"{name}部",
                "columns": {"day": "date", "unit": "text"} | dict.fromkeys(columns, "decimal(2)"),
            }
            for name, columns in kinds.items()
        },
        data=data,
        ledgers={"units": "unit,label\nnorth,北区\nsouth,南区\n", "targets": TARGETS},
        calendar="cn",
        as_of="2026-04-05",
    )


@pytest.fixture(scope="session")
def tiny(tiny_folder):
    """Open the company for a month and a unit; each month once."""
    opened = {}

    def tiny(period="2026-03", unit="all"):
        if period not in opened:
            opened[period] = opsnb.open(tiny_folder, period)
        return opened[period].for_unit(unit)

    return tiny


@pytest.fixture
def cells():
    """Return the row of a metric: numbers, and reasons where there are none."""

    def cells(result, metric, **keys):
        frame = result.frame
        keep = frame["metric"] == metric
        for name, value in keys.items():
            keep &= frame[name] == value
        (row,) = keep.to_numpy().nonzero()[0]
        found = {}
        for column in result.columns:
            value = result.cell(int(row), column.name)
            found[column.name] = getattr(value, "reason", value)
        return found

    return cells
