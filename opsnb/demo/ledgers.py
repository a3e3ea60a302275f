"""The hand-kept ledgers of the company: units, targets and notes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from opsnb.demo import shape
from opsnb.demo.chance import Floats, Ints
from opsnb.demo.days import PERIODS, position
from opsnb.demo.plan import Plan
from opsnb.demo.truths import LAST
from opsnb.period import Period

Row = tuple[str, ...]
ROOT = "all"
UNITS_HEADER: Row = ("unit", "label", "label_en", "parent", "opened", "closed")
TARGETS_HEADER: Row = ("metric", "unit", "period", "scenario", "version", "value", "approved_on")
NOTES_HEADER: Row = ("period", "unit", "metric", "cause", "measure", "author")

REVENUE_STRETCH, EXPENSE_STRETCH, STOCK_STRETCH = 1.008, 0.997, 0.99
"""Ambition of the targets beside what is expected."""
ON_TIME_STRETCH, SATISFACTION_STRETCH = 0.006, 0.04
ROUNDED = 1_000
"""Targets in money are whole thousands of yuan."""

REVISED_UNIT, REVISED_FROM = "west", Period.parse("2026-07")
REVISED_BY, REVISED_ON = 0.95, "2026-06-25"

Values = dict[str, Ints]
"""Targets by metric, shape (regions + 1, PLANNED), the root last; money in yuan."""


def units() -> list[Row]:
    """Rows of the regions."""
    return [
        (region, *shape.REGION_LABELS[region], ROOT, "2015-01-01", "") for region in shape.REGIONS
    ]


def targets(plan: Plan) -> list[Row]:
    """Rows of the targets: version 1 of every metric, and the revised revenue."""
    flows = _flows(plan)
    unit_names = (*shape.REGIONS, ROOT)
    texts = {name: _texts(values, ".2f") for name, values in flows.items()}
    texts["gross_margin"] = _texts(flows["gross_profit"] / flows["revenue"], ".4f")
    texts["orders"] = _texts(_with_root(np.rint(plan.orders * REVENUE_STRETCH)), ".0f")
    texts["on_time_delivery"] = _texts(_on_time(plan), ".4f")
    texts["satisfaction"] = _texts(_satisfaction(), ".2f")
    rows = [
        (metric, unit, str(period), "target", "1", text[place][month], _approved(period))
        for metric, text in texts.items()
        for place, unit in enumerate(unit_names)
        for month, period in enumerate(PERIODS)
    ]
    return rows + list(_revised(flows["revenue"]))


def notes() -> list[Row]:
    """Three notes of the departments on the last month."""
    period = str(LAST)
    return [
        (
            period,
            "west",
            "revenue",
            "最大经销商自8月起停止下单，其上半年采购额占华西收入两成以上，目前没有恢复迹象。",
            "销售总监11月中旬前登门拜访；缺口由另外两家大经销商和直销项目分担，12月底前补回三成。",
            "销售部",
        ),
        (
            period,
            "south",
            "on_time_delivery",
            "外协加工厂9月搬迁，产能恢复慢于预期，9月、10月订单集中延误。",
            "启用第二家外协厂，逾期订单每日排产跟踪，11月底前恢复到[94%](生产部计划)以上。",
            "生产部",
        ),
        (
            period,
            "all",
            "gross_margin",
            "6月以来电机用铜材和硅钢涨价，单位成本上升约[12%](采购部铜材台账)；变频器4月提价抵消了一部分。",
            "四季度锁定铜材采购价，12月评估电机目录价上调方案。",
            "财务部",
        ),
    ]


def _flows(plan: Plan) -> Values:
    """Targets in yuan; they add up over the regions and from metric to metric."""
    revenue = _rounded(plan.revenue.sum(axis=1) * REVENUE_STRETCH)
    margin = 1 - plan.cost.sum(axis=1) / plan.revenue.sum(axis=1)
    profit = _rounded(revenue * margin)
    spent = _rounded(plan.expenses.sum(axis=1) * EXPENSE_STRETCH)
    return {
        "revenue": _with_root(revenue),
        "gross_profit": _with_root(profit),
        "operating_expenses": _with_root(spent),
        "operating_profit": _with_root(profit - spent),
        "inventory": _with_root(_rounded(plan.inventory.sum(axis=1) * STOCK_STRETCH)),
    }


def _revised(revenue: Ints) -> Iterator[Row]:
    """Second version of one region's revenue, and of the root's accordingly."""
    region, root = shape.REGIONS.index(REVISED_UNIT), len(shape.REGIONS)
    start = position(REVISED_FROM)
    cut = _rounded(revenue[region] * REVISED_BY) - revenue[region]
    for place, unit in ((region, REVISED_UNIT), (root, ROOT)):
        for month in range(start, len(PERIODS)):
            value = f"{revenue[place, month] + cut[month]:.2f}"
            period = str(PERIODS[month])
            yield ("revenue", unit, period, "target", "2", value, REVISED_ON)


def _on_time(plan: Plan) -> Floats:
    own = np.repeat(np.array(shape.ON_TIME)[:, None], len(PERIODS), axis=1)
    own = np.round(own + ON_TIME_STRETCH, 3)
    return np.vstack([own, (own * plan.orders).sum(axis=0) / plan.orders.sum(axis=0)])


def _satisfaction() -> Floats:
    own = np.round(np.array(shape.SATISFACTION) + SATISFACTION_STRETCH, 2)
    level = np.append(own, own @ np.array(shape.ANSWER_SHARE))
    return np.repeat(level[:, None], len(PERIODS), axis=1)


def _rounded(value: Floats) -> Ints:
    return (np.rint(value / ROUNDED) * ROUNDED).astype(np.int64)


def _with_root(value: Floats | Ints) -> Ints:
    return np.vstack([value, value.sum(axis=0)]).astype(np.int64)


def _texts(values: Floats | Ints, form: str) -> list[list[str]]:
    return [[format(value, form) for value in row] for row in values.tolist()]


def _approved(period: Period) -> str:
    """Day on which the year's targets were approved; those of 2021 with the company's start."""
    year = period.start.year
    return f"{year - 1}-12-20" if year > PERIODS[0].start.year else "2021-10-20"
