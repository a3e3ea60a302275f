"""A monthly report as an executed notebook, built by hand: every result of it, with invented numbers.

Loaded by path from the tests of the page, which need a report but no company and no kernel.
"""

from __future__ import annotations

import base64
import math
import struct
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from opsnb.period import Period
from opsnb.results import MIME, Column, Finding, Measure, Result

PERIOD = Period.parse("2026-10")
UNITS = {"all": "集团", "east": "华东", "south": "华南", "north": "华北"}
UNITS_EN = {"all": "Group", "east": "East", "south": "South", "north": "North"}
# id: zh, en, unit, better, actual, target, prior year, prior month, to date, target to date, year
METRICS: dict[str, tuple[Any, ...]] = {
    "revenue": ("营业收入", "Revenue", "CNY", "higher", 4.02e8, 4.10e8, 3.79e8, 4.72e8, 41.9e8, 42.3e8, 54.4e8),
    "gross_profit": ("毛利", "Gross profit", "CNY", "higher", 1.10e8, 1.15e8, 1.05e8, 1.3e8, 11.6e8, 11.8e8, 15.2e8),
    "gross_margin": ("毛利率", "Gross margin", "ratio", "higher", 0.274, 0.28, 0.276, 0.277, 0.277, 0.28, 0.28),
    "operating_expenses": ("期间费用", "Operating expenses", "CNY", "lower", 4.78e7, 4.7e7, 4.6e7, 4.9e7, 4.7e8, 4.6e8, 5.6e8),
    "operating_profit": ("营业利润", "Operating profit", "CNY", "higher", 6.2e7, 6.8e7, 5.9e7, 8.1e7, 6.9e8, 7.2e8, 9.6e8),
    "orders": ("订单数", "Orders", {"zh": "单", "en": "orders"}, "higher", 5012.0, 5100.0, 4811.0, 5530.0, 50420.0, 51000.0, 62000.0),
    "customers": ("活跃客户数", "Active customers", {"zh": "家", "en": "customers"}, "higher", 812.0, None, 799.0, 840.0, None, None, None),
    "on_time_delivery": ("准时交付率", "On-time delivery", "ratio", "higher", 0.884, 0.95, 0.931, 0.901, 0.927, 0.95, 0.95),
    "satisfaction": ("客户满意度", "Customer satisfaction", {"zh": "分", "en": "points"}, "higher", 4.21, 4.3, None, 4.25, 4.26, 4.3, 4.3),
    "inventory": ("月末库存", "Inventory", "CNY", "lower", 9.3e7, 8.5e7, 8.7e7, 9.1e7, 9.3e7, 8.5e7, 8.5e7),
    "headcount": ("平均人数", "Average headcount", {"zh": "人", "en": "people"}, "band", 1254.0, None, 1240.0, 1250.0, 1248.0, None, None),
}  # fmt: skip
KEY = (
    "revenue",
    "gross_margin",
    "operating_profit",
    "on_time_delivery",
    "satisfaction",
    "inventory",
)
SOURCES = {
    "order_lines": ("订单行", "Order lines", 300120, 5012),
    "surveys": ("客户满意度调查", "Customer surveys", 20400, 610),
    "inventory": ("月末库存", "Month-end inventory", 2400, 0),
    "expenses": ("期间费用", "Operating expenses", 9800, 264),
}
STOCK = ("inventory", "headcount")


def provenance(locale: str = "zh", **changes: Any) -> dict[str, Any]:
    """What every result of the report carries with it."""
    return {
        "company": {
            "id": "demo",
            "name": {"zh": "启明制造", "en": "Qiming Manufacturing"},
            "department": {"zh": "计划运营部", "en": "Planning and Operations"},
            "classification": {"zh": "内部", "en": "Internal"},
            "currency": "CNY",
        },
        "report": "monthly_operations",
        "period": str(PERIOD),
        "period_label": {"zh": PERIOD.label("zh"), "en": PERIOD.label("en")},
        "start": "2026-10-01",
        "end": "2026-10-31",
        "as_of": "2026-11-05",
        "closed": True,
        "unit": "all",
        "units": {
            unit: {"label": {"zh": zh, "en": UNITS_EN[unit]}, "parent": None if unit == "all" else "all"}
            for unit, zh in UNITS.items()
        },
        "locale": locale,
        "time_progress": {
            "days": 304, "days_total": 365, "workdays": 204, "workdays_total": 248, "status": "final",
        },
        "workdays": {"2026-10": 18, "2026-09": 22, "2025-10": 18},
        "metrics": {metric: _definition(row) for metric, row in METRICS.items()},
        "sources": {
            table: {
                "label": {"zh": zh, "en": en}, "path": f"{table}.csv", "sha256": f"{i:x}7c1f09e2a94e" * 5,
                "rows": rows, "rows_in_period": now, "modified": "2026-11-05T08:30:00", "owner": "销售部",
            }
            for i, (table, (zh, en, rows, now)) in enumerate(SOURCES.items())
        },
    } | changes  # fmt: skip


def _definition(row: tuple[Any, ...]) -> dict[str, Any]:
    return {
        "label": {"zh": row[0], "en": row[1]},
        "description": {"zh": f"{row[0]}，按月汇总，口径见财务制度", "en": f"{row[1]}, by month"},
        "unit": row[2],
        "decimals": None,
        "better": row[3],
        "band": [1180, 1320] if row[3] == "band" else None,
        "kind": "ratio" if row[2] == "ratio" else "simple",
        "formula": "sum(amount)",
        "over_time": "sum",
        "owner": "销售部",
        "tables": ["order_lines"],
        "sql": "SELECT sum(amount) FROM order_lines WHERE order_date >= ?",
    }


def result(
    name: str, columns: str, rows: Iterable[Iterable[Any]], about: Mapping[str, Any], **parts: Any
) -> Result:
    """Result with `columns` written as ``metric:key actual:metric``; None is missing."""
    named = [column.partition(":") for column in columns.split()]
    units: list[Column] = [Column(n, _measure(unit)) for n, _, unit in named]
    table = [list(row) for row in rows]
    numeric = [column.unit not in ("key", "text", "date") for column in units]
    frame = pd.DataFrame(table, columns=[column.name for column in units])
    reasons = {
        (i, column.name): "no target" if "target" in column.name or "attain" in column.name
        else "no data in the same period last year"
        for i, row in enumerate(table)
        for column, value, number in zip(units, row, numeric, strict=True)
        if number and value is None
    }  # fmt: skip
    for column, number in zip(units, numeric, strict=True):
        if number and column.unit != "count":
            frame[column.name] = frame[column.name].astype("float64")
    return Result(name, frame, tuple(units), reasons, provenance=about, **parts)


def _measure(unit: str) -> Measure:
    return unit  # type: ignore[return-value]


def _less(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a - b


def _ratio(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a / b


def _growth(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a / b - 1


def history(metric: str, months: int = 36) -> list[tuple[str, float]]:
    """Months and values that end with the actual; a season, a drift, no chance."""
    actual, n = METRICS[metric][4], months - 1
    waves = [1 + 0.05 * math.sin(i * 1.7) - 0.002 * (n - i) for i in range(months)]
    return [
        (str(month), actual * wave / waves[-1])
        for month, wave in zip(PERIOD.back(months), waves, strict=True)
    ]


def findings() -> tuple[Finding, ...]:
    """Findings of every code but OPS004."""

    def found(code: str, severity: Any, metric: str, action: str = "", **evidence: Any) -> Finding:
        owner = "销售部"
        return Finding(
            code, severity, metric, "all", str(PERIOD), evidence, action=action, owner=owner
        )

    return (
        found("OPS001", "red", "on_time_delivery", "启用第二货源，轴承安全库存由 12 天提到 20 天",
              actual=0.884, target=0.95, attainment=0.9305, variance=-0.066),
        found("OPS001", "orange", "inventory", "", actual=9.3e7, target=8.5e7, attainment=0.906, variance=8e6),
        found("OPS002", "yellow", "revenue", "确认是否启动年末保供方案", year_attainment=0.7702,
              time_progress=0.8226, gap=-0.0524, required_run_rate=2.84e7),
        found("OPS003", "grey", "satisfaction", "", tables="surveys", units="south,north"),
        found("OPS005", "info", "orders", "", actual=5012.0, target=5000.0, attainment=1.0024),
    )  # fmt: skip


def scorecard(about: Mapping[str, Any]) -> Result:
    """Scorecard with its history."""
    rows = []
    for metric, row in METRICS.items():
        actual, target, year_ago, month_ago, ytd, ytd_target, year = row[4:]
        share = row[2] == "ratio"
        rows.append([
            metric, "all", str(PERIOD), actual, target, _less(actual, target), _ratio(actual, target),
            None if share else _growth(actual, year_ago), None if share else _growth(actual, month_ago),
            _less(actual, year_ago), _less(actual, month_ago), ytd, ytd_target, _ratio(ytd, ytd_target),
            year, None if share or metric in STOCK else _ratio(ytd, year), None if share else 0.031,
            "yes" if metric in KEY else "",
        ])  # fmt: skip
    past = [[m, "all", month, value] for m in METRICS for month, value in history(m)]
    return result(
        "scorecard",
        "metric:key unit:key period:key actual:metric target:metric variance:difference "
        "attainment:ratio yoy:ratio mom:ratio yoy_difference:difference mom_difference:difference "
        "ytd:metric ytd_target:metric ytd_attainment:ratio year_target:metric year_attainment:ratio "
        "ytd_yoy:ratio key:text",
        rows,
        about,
        findings=findings(),
        parts=(result("history", "metric:key unit:key period:key value:metric", past, about),),
    )


def results(locale: str = "zh", **changes: Any) -> list[tuple[str, Result]]:
    """Every result of the report with the heading it stands under."""
    about = provenance(locale, **changes)
    found = findings()
    ranked = [
        [i, f.code, f.metric, f.unit, f.severity, f.owner, f.action] for i, f in enumerate(found, 1)
    ]
    trend = []
    for metric in ("revenue", "on_time_delivery"):
        months = history(metric)
        trend += [
            [metric, "all", month, value, value * 0.95, value * 1.02 if i > 12 else None]
            for i, (month, value) in enumerate(months)
        ]
    units = [
        [m, u, METRICS[m][4] * s, METRICS[m][5] * s * 1.02, 0.98 - s / 10, None if METRICS[m][2] == "ratio" else s / 10,
         METRICS[m][4] * s / 50]
        for m in KEY for u, s in (("east", 0.5), ("south", 0.3), ("north", 0.2))
    ]  # fmt: skip
    sources = [
        [t, f"{t}.csv", rows, now, "2026-11-05T08:30:00", f"{t[0]}7c1f09e2a94e" * 5, "销售部", "" if now else "south,north"]
        for t, (_, _, rows, now) in SOURCES.items()
    ]  # fmt: skip
    definitions = [
        [m, "sum(amount)", "SELECT sum(amount) FROM order_lines", "财务部", "order_lines"]
        for m in METRICS
    ]
    head = "rank:key code:key metric:key unit:key severity:text"
    return [
        ("本月要点", result("headline", head, [row[:5] for row in ranked], about, findings=found)),
        ("指标完成情况", scorecard(about)),
        ("趋势", result("trend", "metric:key unit:key period:key value:metric prior_year:metric target:metric", trend, about)),
        ("各单位", result("units", "metric:key unit:key actual:metric target:metric attainment:ratio yoy:ratio yoy_difference:difference", units, about)),
        ("存在问题及改进建议", result("problems", head + " owner:text action:text", ranked, about, findings=found)),
        ("数据来源", result("sources", "table:key path:text rows:count rows_in_period:count modified:text sha256:text owner:text units_missing:text", sources, about)),
        ("指标口径", result("definitions", "metric:key formula:text sql:text owner:text tables:text", definitions, about)),
    ]  # fmt: skip


def markdown(source: str, *tags: str) -> dict[str, Any]:
    """Markdown cell."""
    return {"cell_type": "markdown", "metadata": {"tags": list(tags)}, "source": source}


def code(
    *outputs: dict[str, Any], source: str = "secret_call()", tags: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Code cell with outputs, each the data of one output."""
    shown = [{"output_type": "display_data", "metadata": {}, "data": data} for data in outputs]
    return {
        "cell_type": "code",
        "metadata": {"tags": list(tags)},
        "source": source,
        "outputs": shown,
        "execution_count": 1,
    }


def shown(one: Result) -> dict[str, Any]:
    """Data of the output that a Result leaves in a notebook."""
    return {
        MIME: one.to_bundle(),
        "text/html": "<p>as the notebook showed it</p>",
        "text/plain": "Result",
    }


def picture() -> str:
    """PNG of 40 by 20 grey pixels, in base64."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    rows = b"".join(b"\0" + b"\x80" * 40 for _ in range(20))
    head = struct.pack(">IIBBBBB", 40, 20, 8, 0, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + parts).decode()


def notebook(*cells: dict[str, Any]) -> dict[str, Any]:
    """Notebook of `cells`."""
    return {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": list(cells)}


def monthly(locale: str = "zh", **changes: Any) -> dict[str, Any]:
    """The whole report, with an analyst's own chapter in it."""
    cells = [
        markdown("# 月度运营分析报告"),
        code(source="company = 'demo'", tags=("parameters",)),
    ]
    annexed = ("数据来源", "指标口径")
    for heading, one in results(locale, **changes):
        if heading == annexed[0]:
            cells += [
                markdown(
                    "## 客户走访\n\n十月走访 [3 家](客户访谈)，其中 2 家提到交期，分布见下图。"
                ),
                code({"image/png": picture(), "text/plain": "<Figure size 640x480 with 1 Axes>"}),
                code(
                    {
                        "text/html": "<table><tr><td>own</td></tr></table>",
                        "text/plain": "   客户  次数\n0  甲   2",
                    }
                ),
                markdown("## 附录"),
            ]
        folded = heading in annexed
        cells.append(
            markdown(f"{'###' if folded else '##'} {heading}", *(["fold"] if folded else []))
        )
        cells.append(code(shown(one)))
    return notebook(*cells)
