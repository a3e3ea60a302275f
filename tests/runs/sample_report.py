"""A monthly report as an executed notebook, built by hand, with invented numbers.

Loaded by path from the tests of the page, which need a report but no company and no kernel.
"""

from __future__ import annotations

import base64
import csv
import math
import struct
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from opsnb.period import Period
from opsnb.results import MIME, Column, Finding, Measure, Result

PERIOD = Period.parse("2026-10")
NUMBERS = ["actual", "target", "year_ago", "month_ago", "ytd", "ytd_target", "year_target"]


def _metrics() -> dict[str, dict[str, Any]]:
    with Path(__file__).with_name("sample_metrics.csv").open(encoding="utf-8") as file:
        rows = {row["metric"]: dict(row) for row in csv.DictReader(file)}
    return {
        m: row | {n: float(row[n]) if row[n] else None for n in NUMBERS} for m, row in rows.items()
    }


METRICS = _metrics()
UNITS = {"all": ("集团", "Group"), "east": ("华东", "East"), "south": ("华南", "South")}
SHARES = (("east", 0.6), ("south", 0.4))
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
COLUMNS = {
    "scorecard": (
        "metric:key unit:key period:key actual:metric target:metric variance:difference "
        "attainment:ratio yoy:ratio mom:ratio yoy_difference:difference mom_difference:difference "
        "ytd:metric ytd_target:metric ytd_attainment:ratio year_target:metric "
        "year_attainment:ratio ytd_yoy:ratio key:text"
    ),
    "history": "metric:key unit:key period:key value:metric",
    "headline": "rank:key code:key metric:key unit:key severity:text",
    "problems": "rank:key code:key metric:key unit:key severity:text owner:text action:text",
    "trend": "metric:key unit:key period:key value:metric prior_year:metric target:metric",
    "units": (
        "metric:key unit:key actual:metric target:metric attainment:ratio yoy:ratio "
        "yoy_difference:difference"
    ),
    "by_unit": "metric:key unit:key period:key value:metric",
    "sources": (
        "table:key path:text rows:count rows_in_period:count modified:text sha256:text "
        "owner:text units_missing:text"
    ),
    "definitions": "metric:key formula:text sql:text owner:text tables:text",
}
MODIFIED = "2026-11-05T08:30:00"


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
            unit: {"label": {"zh": zh, "en": en}, "parent": None if unit == "all" else "all"}
            for unit, (zh, en) in UNITS.items()
        },
        "locale": locale,
        "time_progress": {
            "days": 304, "days_total": 365, "workdays": 204, "workdays_total": 248,
            "status": "final",
        },
        "workdays": {"2026-10": 18, "2026-09": 22, "2025-10": 18},
        "metrics": {metric: _definition(row) for metric, row in METRICS.items()},
        "sources": {table: _source(table, *row) for table, row in SOURCES.items()},
    } | changes  # fmt: skip


def _source(table: str, zh: str, en: str, rows: int, rows_in_period: int) -> dict[str, Any]:
    return {
        "label": {"zh": zh, "en": en}, "path": f"{table}.csv", "sha256": _sha(table), "rows": rows,
        "rows_in_period": rows_in_period, "modified": MODIFIED, "owner": "销售部",
    }  # fmt: skip


def _sha(table: str) -> str:
    return table.encode().hex().ljust(64, "0")[:64]


def _definition(row: Mapping[str, Any]) -> dict[str, Any]:
    zh, _, en = row["unit"].partition("|")
    return {
        "label": {"zh": row["zh"], "en": row["en"]},
        "description": {"zh": f"{row['zh']}，按月汇总", "en": f"{row['en']}, by month"},
        "unit": {"zh": zh, "en": en} if en else zh,
        "decimals": None,
        "better": row["better"],
        "band": [1180, 1320] if row["better"] == "band" else None,
        "kind": "ratio" if zh == "ratio" else "simple",
        "formula": "sum(amount)",
        "over_time": "sum",
        "owner": "销售部",
        "tables": ["order_lines"],
        "sql": "SELECT sum(amount) FROM order_lines WHERE order_date >= ?",
    }


def result(
    name: str, rows: Iterable[Iterable[Any]], about: Mapping[str, Any], **more: Any
) -> Result:
    """Result called `name` of `rows`; None is missing, and gets a reason."""
    split = [column.partition(":") for column in COLUMNS[name].split()]
    columns = tuple(Column(column, _measure(unit)) for column, _, unit in split)
    table = [list(row) for row in rows]
    frame = pd.DataFrame(table, columns=[column.name for column in columns])
    reasons = {}
    for k, column in enumerate(columns):
        if column.unit in ("key", "text", "date"):
            continue
        if column.unit != "count":
            frame[column.name] = frame[column.name].astype("float64")
        missing = (i for i, row in enumerate(table) if row[k] is None)
        reasons |= {(i, column.name): _reason(column.name) for i in missing}
    return Result(name, frame, columns, reasons, provenance=about, **more)


def _reason(column: str) -> str:
    lacks_target = "target" in column or "attainment" in column or column == "variance"
    return "no target" if lacks_target else "no data in the same period last year"


def _measure(unit: str) -> Measure:
    return unit  # type: ignore[return-value]


def _less(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a - b


def _growth(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a / b - 1


def history(metric: str, months: int = 36) -> list[tuple[str, float]]:
    """Months and values that end with the actual; a season and a drift, no chance."""
    actual, n = METRICS[metric]["actual"], months - 1
    waves = [1 + 0.05 * math.sin(i * 1.7) - 0.002 * (n - i) for i in range(months)]
    periods = PERIOD.back(months)
    return [(str(p), actual * w / waves[-1]) for p, w in zip(periods, waves, strict=True)]


def found(code: str, severity: Any, metric: str, action: str = "", **evidence: Any) -> Finding:
    """Finding about `metric` of the whole company."""
    period = str(PERIOD)
    return Finding(code, severity, metric, "all", period, evidence, action=action, owner="销售部")


def _ratio(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a / b


def scored(metric: str, *names: str) -> dict[str, float]:
    """Evidence that is the scorecard's own: some of actual, target, attainment, variance."""
    row = METRICS[metric]
    actual, target = row["actual"], row["target"]
    reached = _attainment(row)
    every = {"actual": actual, "target": target, "attainment": reached}
    every |= {
        "variance": actual - target,
        "year_attainment": _ratio(row["ytd"], row["year_target"]),
    }
    return {name: every[name] for name in names}


def _attainment(row: Mapping[str, Any]) -> float | None:
    reached = _ratio(row["actual"], row["target"])
    return reached if reached is None or row["better"] != "lower" else 2 - reached


JUDGED = ("actual", "target", "attainment", "variance")
FINDINGS = (
    found(
        "OPS001", "red", "on_time_delivery", "启用第二货源，轴承安全库存由 12 天提到 20 天",
        **scored("on_time_delivery", *JUDGED),
    ),
    found("OPS001", "orange", "inventory", **scored("inventory", *JUDGED)),
    found(
        "OPS002", "yellow", "revenue", "确认是否启动年末保供方案",
        **scored("revenue", "year_attainment"),
        time_progress=0.8226, gap=-0.0524, required_run_rate=2.84e7,
    ),
    found("OPS003", "grey", "satisfaction", tables="surveys", units="south"),
    found("OPS005", "info", "orders", **scored("orders", *JUDGED[:3])),
)  # fmt: skip


def scorecard(about: Mapping[str, Any]) -> Result:
    """Scorecard with its history."""
    past = [[m, "all", month, value] for m in METRICS for month, value in history(m)]
    rows = [_scored(metric, row) for metric, row in METRICS.items()]
    parts = (result("history", past, about),)
    return result("scorecard", rows, about, findings=FINDINGS, parts=parts)


def headline(card: Result) -> Result:
    """Messages, and the key metrics as cards."""
    kept = [i for i, key in enumerate(card.frame["key"]) if key]
    frame = card.frame.iloc[kept].reset_index(drop=True)
    places = {row: i for i, row in enumerate(kept)}
    reasons = {(places[i], name): why for (i, name), why in card.reasons.items() if i in places}
    cards = replace(card, name="cards", frame=frame, reasons=reasons)
    rows = [[i, f.code, f.metric, f.unit, f.severity] for i, f in enumerate(FINDINGS, 1)]
    return result("headline", rows, card.provenance, findings=FINDINGS, parts=(cards,))


def _scored(metric: str, row: Mapping[str, Any]) -> list[Any]:
    actual, target, year_ago, month_ago, ytd, ytd_target, year = (row[name] for name in NUMBERS)
    share = row["unit"] == "ratio"
    return [
        metric, "all", str(PERIOD), actual, target, _less(actual, target), _attainment(row),
        None if share else _growth(actual, year_ago), None if share else _growth(actual, month_ago),
        _less(actual, year_ago), _less(actual, month_ago), ytd, ytd_target,
        _ratio(ytd, ytd_target), year, None if share or metric in STOCK else _ratio(ytd, year),
        None if share else 0.031, "yes" if metric in KEY else "",
    ]  # fmt: skip


def _planned(metric: str, month: str, value: float, place: int) -> float | None:
    """Target of a month of the trend; that of the last is the scorecard's."""
    if month == str(PERIOD):
        return METRICS[metric]["target"]
    return value * 1.02 if place > 12 else None


def results(locale: str = "zh", **changes: Any) -> dict[str, Result]:
    """Every result of the report by the heading it stands under."""
    about = provenance(locale, **changes)
    ranked = [
        [i, f.code, f.metric, f.unit, f.severity, f.owner, f.action]
        for i, f in enumerate(FINDINGS, 1)
    ]
    trend = [
        [metric, "all", month, value, value * 0.95, _planned(metric, month, value, i)]
        for metric in ("revenue", "on_time_delivery")
        for i, (month, value) in enumerate(history(metric))
    ]
    units = [_unit(metric, unit, share) for metric in KEY for unit, share in SHARES]
    by_unit = [
        ["revenue", unit, month, value * share]
        for unit, share in SHARES
        for month, value in history("revenue", 24)
    ]
    sources = [
        [t, f"{t}.csv", rows, now, MODIFIED, _sha(t), "销售部", "" if now else "south"]
        for t, (_, _, rows, now) in SOURCES.items()
    ]
    sql = "SELECT sum(amount) FROM order_lines"
    definitions = [[m, "sum(amount)", sql, "财务部", "order_lines"] for m in METRICS]
    card = scorecard(about)
    return {
        "本月要点": headline(card),
        "指标完成情况": card,
        "趋势": result("trend", trend, about),
        "各单位": result("units", units, about, parts=(result("by_unit", by_unit, about),)),
        "存在问题及改进建议": result("problems", ranked, about, findings=FINDINGS),
        "数据来源": result("sources", sources, about),
        "指标口径": result("definitions", definitions, about),
    }


def _unit(metric: str, unit: str, share: float) -> list[Any]:
    row = METRICS[metric]
    part = 1 if row["unit"] == "ratio" else share
    actual, target = row["actual"] * part, row["target"] * part * 1.02
    growth = None if row["unit"] == "ratio" else share / 10
    return [metric, unit, actual, target, actual / target, growth, actual * 0.02]


def markdown(source: str, *tags: str) -> dict[str, Any]:
    """Markdown cell."""
    return {"cell_type": "markdown", "metadata": {"tags": list(tags)}, "source": source}


def code(*outputs: dict[str, Any], source: str = "secret()", tag: str = "") -> dict[str, Any]:
    """Code cell with outputs, each the data of one output."""
    shows = [{"output_type": "display_data", "metadata": {}, "data": data} for data in outputs]
    metadata = {"tags": [tag] if tag else []}
    cell = {"cell_type": "code", "metadata": metadata, "source": source, "outputs": shows}
    return cell | {"execution_count": 1}


def shown(one: Result) -> dict[str, Any]:
    """Data of the output that a Result leaves in a notebook."""
    return {MIME: one.to_bundle(), "text/html": "<p>as it was shown</p>", "text/plain": "Result"}


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


TABLE = {
    "text/html": "<table><tr><td>own</td></tr></table>",
    "text/plain": "   客户  次数\n0  甲   2",
}
ANNEXED = ("数据来源", "指标口径")


def monthly(locale: str = "zh", **changes: Any) -> dict[str, Any]:
    """Whole report, with an analyst's own chapter in it."""
    cells = [markdown("# 月度运营分析报告"), code(source="company = 'demo'", tag="parameters")]
    for heading, one in results(locale, **changes).items():
        if heading == ANNEXED[0]:
            cells += [*_own_chapter(), markdown("## 附录")]
        folded = heading in ANNEXED
        cells.append(markdown(f"### {heading}", "fold") if folded else markdown(f"## {heading}"))
        cells.append(code(shown(one)))
    return notebook(*cells)


def _own_chapter() -> list[dict[str, Any]]:
    said = "十月走访 [3 家](客户访谈)，其中 [2 家](客户访谈)提到交期，分布见下图。"
    figure = {"image/png": picture(), "text/plain": "<Figure size 640x480 with 1 Axes>"}
    return [markdown(f"## 客户走访\n\n{said}"), code(figure), code(TABLE)]
