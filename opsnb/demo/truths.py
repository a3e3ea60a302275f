"""What is planted in the demonstration company, written down once.

The generator reads these records; tests and evaluations compare what they find with them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from opsnb.errors import UnknownNameError
from opsnb.period import Period

SEED = 20261105
AS_OF = dt.date(2026, 11, 5)
FIRST = Period.parse("2021-11")
LAST = Period.parse("2026-10")
REFERENCE_LINES = 300_000
"""Order lines of the company as it is shipped; counts in a truth refer to it."""


@dataclass(frozen=True)
class Truth:
    """One thing that is known to be in the data.

    Attributes
    ----------
    id : str
    kind : {"business", "calendar", "data"}
        A change in the business, an effect of the calendar, or a fault of the data.
    metrics : tuple of str
        Metrics in which it shows, the first one most directly.
    unit : str
        Business unit, ``all`` when it is in every one.
    first : Period
        Month in which it first shows; it lasts to the end of the history.
    size : float
        In the terms named by `measured`.
    measured : str
        What `size` is a number of.
    zh, en : str
        The truth as a sentence.
    dimension, item : str, optional
        Where in the unit it lies.
    parts : mapping of str to float
        Further numbers of the same truth.
    """

    id: str
    kind: Literal["business", "calendar", "data"]
    metrics: tuple[str, ...]
    unit: str
    first: Period
    size: float
    measured: str
    zh: str
    en: str
    dimension: str | None = None
    item: str | None = None
    parts: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))


TRUTHS: tuple[Truth, ...] = (
    Truth(
        id="dealer_lost",
        kind="business",
        metrics=("revenue", "gross_profit", "operating_profit", "orders"),
        unit="west",
        first=Period.parse("2026-08"),
        size=0.225,
        measured="share of the unit's revenue before, all of it lost",
        zh="华西最大的经销商 C01683（约占该区域收入 22%）自 2026 年 8 月起不再下单。",
        en="West's largest dealer, C01683, about 22% of its revenue, orders no more from August "
        "2026 on.",
        dimension="customer_id",
        item="C01683",
    ),
    Truth(
        id="price_rise",
        kind="business",
        metrics=("revenue", "gross_margin", "gross_profit"),
        unit="all",
        first=Period.parse("2026-04"),
        size=0.06,
        measured="relative change of list prices",
        zh="变频器目录价自 2026 年 4 月 1 日起上调 6%，销量几乎不变。",
        en="List prices of drives rise by 6% on 1 April 2026; volume barely reacts.",
        dimension="product_line",
        item="drives",
        parts=MappingProxyType({"volume_elasticity": -0.1}),
    ),
    Truth(
        id="cost_shock",
        kind="business",
        metrics=("gross_margin", "gross_profit", "operating_profit"),
        unit="all",
        first=Period.parse("2026-06"),
        size=0.12,
        measured="relative change of unit costs",
        zh="电机单位成本自 2026 年 6 月起上升 12%，毛利率下降。",
        en="Unit costs of motors rise by 12% from June 2026 on; the gross margin falls.",
        dimension="product_line",
        item="motors",
    ),
    Truth(
        id="delivery_delay",
        kind="business",
        metrics=("on_time_delivery",),
        unit="south",
        first=Period.parse("2026-09"),
        size=0.82,
        measured="on-time share of the order lines delivered so far, about 0.945 before",
        zh="华南 2026 年 9 月、10 月订单的准时交付率降至约 82%。",
        en="South's on-time delivery falls to about 82% for the orders of September and October "
        "2026.",
    ),
    Truth(
        id="spring_festival",
        kind="calendar",
        metrics=("revenue", "gross_profit", "operating_profit", "orders"),
        unit="all",
        first=Period.parse("2022-01"),
        size=-0.10,
        measured="log points of a month that holds the whole of days 0 to +6",
        zh="春节：订单量与工作日成正比，另有节前、节中、节后影响；节中七天每日订单约为平日的 10%。",
        en="Spring Festival: volume is proportional to working days, with effects before, during "
        "and after on top; a day of the festival week sees about 10% of a normal day's orders.",
        parts=MappingProxyType(
            {
                "pre": -0.07,
                "during": -0.10,
                "post": -0.08,
                "workday_elasticity": 1.0,
                "day_share": 0.10,
            }
        ),
    ),
    Truth(
        id="duplicates",
        kind="data",
        metrics=("revenue", "gross_profit"),
        unit="all",
        first=LAST,
        size=120,
        measured="order lines that stand in the file twice",
        zh="2026 年 10 月有 120 条订单行在文件中完全重复。",
        en="120 order lines of October 2026 stand in the file twice, exactly alike.",
    ),
    Truth(
        id="late_department",
        kind="data",
        metrics=("inventory",),
        unit="north",
        first=LAST,
        size=1,
        measured="months missing",
        zh="华北 2026 年 10 月的月末库存尚未报送。",
        en="North has not yet delivered its inventory of October 2026.",
    ),
    Truth(
        id="stale_file",
        kind="data",
        metrics=("operating_expenses", "headcount", "operating_profit"),
        unit="east",
        first=LAST,
        size=1,
        measured="months that repeat the month before",
        zh="华东 2026 年 10 月的期间费用与人数是 9 月的原样复制。",
        en="East's expenses and headcount of October 2026 are September's over again.",
    ),
    Truth(
        id="satisfaction_drop",
        kind="business",
        metrics=("satisfaction",),
        unit="south",
        first=LAST,
        size=-0.35,
        measured="points of the mean score",
        zh="华南 2026 年 10 月客户满意度下降约 0.35 分。",
        en="South's satisfaction falls by about 0.35 points in October 2026.",
    ),
)


def truth(id: str) -> Truth:  # noqa: A002 - it is the field's name
    """Truth called `id`.

    Raises
    ------
    UnknownNameError

    Examples
    --------
    >>> truth("cost_shock").size
    0.12
    """
    for one in TRUTHS:
        if one.id == id:
            return one
    names = [one.id for one in TRUTHS]
    raise UnknownNameError(f"truth {id!r} does not exist", given=id, choices=names)


def duplicate_lines(lines: int) -> int:
    """Duplicated order lines of a company of `lines` order lines.

    >>> duplicate_lines(300_000), duplicate_lines(20_000)
    (120, 8)
    """
    return max(1, round(truth("duplicates").size * lines / REFERENCE_LINES))
