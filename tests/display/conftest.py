"""Results as the analyses return them, made up with fixed numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from opsnb.results import Column, Finding, Result

ROOT = Path(__file__).parents[2]
PERIOD, UNITS = "2026-10", ("east", "south", "north", "west", "overseas")
MONTHS = [f"{2023 + (10 + i) // 12}-{(10 + i) % 12 + 1:02d}" for i in range(36)]
HOSTILE = "<script>alert(1)</script>\"'&{actual}"
# metric: actual, target, prior year, prior month
NUMBERS: dict[str, tuple[float, float | None, float, float]] = {
    "revenue": (112_350_000.0, 115_500_000.0, 107_800_000.0, 131_240_000.0),
    "gross_profit": (31_230_400.0, 33_100_000.0, 30_910_000.0, 37_020_000.0),
    "gross_margin": (0.27797, 0.2866, 0.28673, 0.2821),
    "operating_expenses": (14_823_000.0, 14_600_000.0, 14_420_000.0, 14_910_000.0),
    "operating_profit": (16_407_400.0, 18_500_000.0, 16_490_000.0, 22_110_000.0),
    "orders": (5_012.0, 5_100.0, 4_888.0, 5_903.0),
    "customers": (1_204.0, 1_180.0, 1_150.0, 1_233.0),
    "average_order_value": (22_416.2, 22_647.1, 22_054.0, 22_232.8),
    "on_time_delivery": (0.8841, 0.95, 0.9312, 0.9063),
    "satisfaction": (4.312, 4.30, 4.27, 4.31),
    "inventory": (84_210_000.0, 80_000_000.0, 79_300_000.0, 83_100_000.0),
    "headcount": (1_243.0, None, 1_220.0, 1_240.0),
    "revenue_per_head": (90_386.2, 92_000.0, 88_360.7, 105_838.7),
    "revenue_trailing_year": (1_402_000_000.0, None, 1_338_000_000.0, 1_397_450_000.0),
}
KEYS = ("revenue", "gross_margin", "operating_profit", "on_time_delivery", "satisfaction")
KEYS += ("inventory",)
MISSING = math.nan


def definitions() -> dict[str, Any]:
    """Metrics as the demonstration company defines them."""
    text = (ROOT / "params" / "demo" / "metrics.yaml").read_text("utf-8")
    found: dict[str, Any] = yaml.safe_load(text)["metrics"]
    return {
        name: {
            "label": entry["label"],
            "description": entry["description"],
            "unit": entry["unit"],
            "decimals": entry.get("decimals"),
            "better": entry["better"],
            "band": entry.get("band"),
            "kind": entry["kind"],
            "formula": entry.get("measure") or entry.get("expression") or "a ÷ b",
            "over_time": entry.get("over_time", "sum"),
            "owner": entry["owner"],
            "tables": [entry.get("table", "order_lines")],
            "sql": "SELECT sum(amount) AS revenue\nFROM order_lines\nWHERE order_date >= $1",
        }
        for name, entry in found.items()
    }


@pytest.fixture(scope="session")
def provenance() -> dict[str, Any]:
    text = (ROOT / "params" / "demo" / "sources.yaml").read_text("utf-8")
    labels = {"all": "集团 Group", "east": "华东 East", "south": "华南 South"}
    labels |= {"north": "华北 North", "west": "西部 West", "overseas": "海外 Overseas"}
    tables = yaml.safe_load(text)["tables"]
    return {
        "company": {
            "id": "demo",
            "name": {"zh": "启明制造", "en": "Qiming Manufacturing"},
            "currency": "CNY",
        },
        "report": "monthly_operations",
        "period": PERIOD,
        "period_label": {"zh": "2026年10月", "en": "October 2026"},
        "start": "2026-10-01",
        "end": "2026-10-31",
        "as_of": "2026-11-05",
        "closed": True,
        "unit": "all",
        "units": {
            unit: {
                "label": dict(zip(("zh", "en"), label.split(), strict=True)),
                "parent": None if unit == "all" else "all",
            }
            for unit, label in labels.items()
        },
        "locale": "zh",
        "time_progress": {
            "days": 304,
            "days_total": 365,
            "workdays": 204,
            "workdays_total": 248,
            "status": "final",
        },
        "workdays": {"2026-10": 18, "2026-09": 22, "2025-10": 18},
        "metrics": definitions(),
        "sources": {
            name: {
                "label": entry["label"],
                "path": entry["path"],
                "sha256": "7c1f09e2a94e" * 5,
                "rows": 300_120,
                "rows_in_period": 5_012,
                "owner": entry["owner"],
                "modified": "2026-11-05T00:00:00",
            }
            for name, entry in tables.items()
        },
    }


Maker = Callable[..., Result]


def made(
    name: str,
    columns: Mapping[str, str],
    rows: list[Mapping[str, Any]],
    provenance: Mapping[str, Any],
    **others: Any,
) -> Result:
    """Result from rows; a text in a numeric column is the reason why the number is missing."""
    reasons: dict[tuple[int, str], str] = {}
    data: list[list[Any]] = []
    for i, row in enumerate(rows):
        data.append([])
        for column, unit in columns.items():
            value = row.get(column, "")
            if unit not in ("key", "text", "date") and isinstance(value, str):
                reasons[i, column] = value or "no data in this period"
                value = MISSING
            data[-1].append(value)
    return Result(
        name,
        pd.DataFrame(data, columns=list(columns)),
        tuple(Column(column, unit) for column, unit in columns.items()),  # type: ignore[arg-type]
        reasons,
        provenance=provenance,
        **others,
    )


@pytest.fixture(scope="session")
def make(provenance: dict[str, Any]) -> Maker:
    def make(name: str, columns: Mapping[str, str], rows: Any, **others: Any) -> Result:
        return made(name, columns, rows, others.pop("provenance", provenance), **others)

    return make


def history(metric: str) -> list[float]:
    """36 months that end in the metric's own actual, prior month and prior year."""
    actual, _, prior_year, prior_month = NUMBERS[metric]
    swing = 0.08 * actual
    wave = [actual - swing * (0.6 + math.cos(i * 1.1) + 0.5 * math.sin(i * 2.3)) for i in range(36)]
    wave[-1], wave[-2], wave[-13] = actual, prior_month, prior_year
    return wave


SCORECARD = {
    "metric": "key", "unit": "key", "period": "key",
    "actual": "metric", "target": "metric", "variance": "difference", "attainment": "ratio",
    "yoy": "ratio", "mom": "ratio", "yoy_difference": "difference", "mom_difference": "difference",
    "ytd": "metric", "ytd_target": "metric", "ytd_attainment": "ratio",
    "year_target": "metric", "year_attainment": "ratio", "ytd_yoy": "ratio", "key": "text",
}  # fmt: skip
UNITS_MISSING = "some units have no data in this period"
NOT_HERE = "not meaningful for this metric"


def attainment(metric: str, actual: float, target: float | None) -> float | str:
    if target is None:
        return "no target"
    lower = metric in ("operating_expenses", "inventory")
    return 2 - actual / target if lower else actual / target


def scorecard_row(metric: str, unit: str = "all", share: float = 1.0) -> dict[str, Any]:
    actual, target, prior, before = NUMBERS[metric]
    flow = metric in ("revenue", "gross_profit", "operating_profit", "operating_expenses", "orders")
    ratio = metric in ("gross_margin", "on_time_delivery")
    actual, prior = actual * share, prior * (1 + (share - 1) * 0.9)
    ytd = actual * 9.87 if flow else actual
    return {
        "metric": metric, "unit": unit, "period": PERIOD, "actual": actual,
        "target": "no target" if target is None else target,
        "variance": "no target" if target is None else actual - target,
        "attainment": attainment(metric, actual, target),
        "yoy": NOT_HERE if ratio else actual / prior - 1,
        "mom": NOT_HERE if ratio else actual / before - 1,
        "yoy_difference": actual - prior, "mom_difference": actual - before,
        "ytd": ytd, "ytd_target": target * 9.9 if flow and target else "no target",
        "ytd_attainment": 0.9871 if target else "no target",
        "year_target": target * 12 if flow and target else "no target",
        "year_attainment": 0.8132 if flow else NOT_HERE,
        "ytd_yoy": NOT_HERE if ratio else 0.031,
        "key": "yes" if metric in KEYS else "",
    }  # fmt: skip


def findings() -> tuple[Finding, ...]:
    """One of each code."""
    otd, met = NUMBERS["on_time_delivery"], NUMBERS["customers"]
    return (
        Finding(
            "OPS001", "orange", "on_time_delivery", "all", PERIOD,
            {"actual": otd[0], "target": otd[1], "attainment": otd[0] / otd[1],
             "variance": otd[0] - otd[1]},
            action="批准启用第二货源，轴承安全库存由 12 天提到 20 天", owner="生产部",
        ),
        Finding(
            "OPS001", "red", "operating_profit", "all", PERIOD,
            {"actual": 16_407_400.0, "target": 18_500_000.0, "attainment": 0.8869,
             "variance": -2_092_600.0},
            owner="财务部",
        ),
        Finding(
            "OPS002", "yellow", "revenue", "all", PERIOD,
            {"year_attainment": 0.8002, "time_progress": 0.8226, "gap": -0.0224,
             "required_run_rate": 6_290_000.0},
            owner="销售部",
        ),
        Finding(
            "OPS003", "grey", "satisfaction", "all", PERIOD,
            {"tables": "surveys", "units": "west,overseas"}, owner="客服部",
        ),
        Finding(
            "OPS005", "info", "customers", "all", PERIOD,
            {"actual": met[0], "target": met[1], "attainment": met[0] / met[1]}, owner="销售部",
        ),
    )  # fmt: skip


@pytest.fixture(scope="session")
def found() -> tuple[Finding, ...]:
    """The findings of the sample scorecard."""
    return findings()


@pytest.fixture(scope="session")
def in_tables() -> tuple[Finding, ...]:
    """One of each code that is about a table."""
    faults: list[tuple[str, dict[str, int | str]]] = [
        ("OPS006", {"table": "order_lines", "rows": 12, "values": "E9, W7"}),
        ("OPS007", {
            "table": "surveys", "count": 3, "row": 1204, "column": "score", "value": "五",
            "expected": "integer",
        }),
        ("OPS008", {"table": "expenses", "rows": 1}),
    ]  # fmt: skip
    return tuple(Finding(code, "grey", "", "all", PERIOD, facts) for code, facts in faults)


@pytest.fixture(scope="session")
def scorecard(make: Maker) -> Result:
    keys = {"metric": "key", "unit": "key", "period": "key", "value": "metric"}
    past = [
        {"metric": metric, "unit": "all", "period": month, "value": value}
        for metric in NUMBERS
        for month, value in zip(MONTHS, history(metric), strict=True)
    ]
    past[5]["value"] = "no data in this period"
    rows = [scorecard_row(metric) for metric in NUMBERS]
    rows[6]["yoy"] = "no data in the same period last year"
    lost = dict.fromkeys(("variance", "attainment", "yoy", "mom", "ytd_attainment"), UNITS_MISSING)
    rows[9] |= lost | dict.fromkeys(("yoy_difference", "mom_difference"), UNITS_MISSING)
    part = make("history", keys, past)
    return make("scorecard", SCORECARD, rows, findings=findings(), parts=(part,))


@pytest.fixture(scope="session")
def trend(make: Maker) -> Result:
    columns = {"metric": "key", "unit": "key", "period": "key"}
    columns |= dict.fromkeys(("value", "prior_year", "target"), "metric")
    columns |= {"attainment": "ratio", "yoy": "ratio", "yoy_difference": "difference"}
    values = history("revenue")
    rows = [
        {
            "metric": "revenue", "unit": "all", "period": month, "value": values[i],
            "prior_year": values[i - 12] if i >= 12 else "no data in the same period last year",
            "target": 108_000_000.0 * (1.04 if i > 13 else 1.0) * (1.03 if i > 25 else 1.0),
        }
        for i, month in enumerate(MONTHS)
    ]  # fmt: skip
    rows[-1]["target"] = NUMBERS["revenue"][1]
    for row in rows:
        row["attainment"] = row["value"] / row["target"]
        prior = row["prior_year"]
        known = not isinstance(prior, str)
        row["yoy"] = row["value"] / prior - 1 if known else prior
        row["yoy_difference"] = row["value"] - prior if known else prior
    gone = ("value", "attainment", "yoy", "yoy_difference")
    rows[20] |= dict.fromkeys(gone, "no data in this period")
    return make("trend", columns, rows)


@pytest.fixture(scope="session")
def units(make: Maker) -> Result:
    names = ("actual", "target", "attainment", "yoy", "yoy_difference")
    columns = {name: SCORECARD[name] for name in ("metric", "unit", *names)}
    rows = []
    for m, metric in enumerate(KEYS):
        for u, unit in enumerate(UNITS):
            share = 0.9 + 0.05 * ((u * 2 + m) % 5)
            size = 1.0 if metric in ("gross_margin", "on_time_delivery", "satisfaction") else 0.2
            row = scorecard_row(metric, unit, share)
            for name in ("actual", "target", "yoy_difference"):
                row[name] = row[name] * size
            rows.append(row)
    lost = dict.fromkeys(names, "no data in this period") | {"target": 4.3}
    rows[-7] |= lost
    rows[-6] |= lost
    low = {"actual": 0.8, "target": 0.95, "attainment": 0.84}
    found = (Finding("OPS001", "red", "on_time_delivery", "south", PERIOD, low),)
    return make("units", columns, rows, findings=found)


@pytest.fixture(scope="session")
def headline(make: Maker, scorecard: Result) -> Result:
    keep = [i for i, key in enumerate(scorecard.frame["key"]) if key == "yes"]
    cards = Result(
        "cards",
        scorecard.frame.iloc[keep].reset_index(drop=True),
        scorecard.columns,
        {(keep.index(i), name): why for (i, name), why in scorecard.reasons.items() if i in keep},
        findings=scorecard.findings,
        parts=scorecard.parts,
        provenance=scorecard.provenance,
    )
    return listed(make, "headline", findings(), parts=(cards,))


@pytest.fixture(scope="session")
def problems(make: Maker) -> Result:
    return listed(make, "problems", findings())


def listed(make: Maker, name: str, found: tuple[Finding, ...], **others: Any) -> Result:
    """Findings as a result of their own."""
    columns = {"rank": "key", "code": "key", "metric": "key", "unit": "key", "severity": "text"}
    if name == "problems":
        columns |= {"owner": "text", "action": "text"}
    rows = [
        {"rank": i, "code": f.code, "metric": f.metric, "unit": f.unit, "severity": f.severity,
         "owner": f.owner, "action": f.action}
        for i, f in enumerate(found, 1)
    ]  # fmt: skip
    return make(name, columns, rows, findings=found, **others)


@pytest.fixture(scope="session")
def sources(make: Maker, provenance: dict[str, Any]) -> Result:
    columns = {"table": "key", "path": "text", "rows": "count", "rows_in_period": "count"}
    columns |= dict.fromkeys(("modified", "sha256", "owner", "units_missing"), "text")
    rows = [
        {"table": name, "units_missing": "west,overseas" if name == "surveys" else "", **entry}
        for name, entry in provenance["sources"].items()
    ]
    return make("sources", columns, rows)


@pytest.fixture(scope="session")
def meanings(make: Maker, provenance: dict[str, Any]) -> Result:
    columns = {"metric": "key", "formula": "text", "sql": "text", "owner": "text", "tables": "text"}
    rows = [
        {"metric": name, **entry, "tables": ",".join(entry["tables"])}
        for name, entry in provenance["metrics"].items()
    ]
    return make("definitions", columns, rows)


@pytest.fixture(scope="session")
def own(make: Maker) -> Result:
    """A result of a user's own chapter."""
    columns = {"product_line": "key", "period": "key", "amount": "metric", "share": "ratio"}
    columns |= {"share_change": "points", "order_count": "count", "comment": "text"}
    names = ("减速机", "伺服电机", "控制器", "传感器")
    rows = [
        {
            "product_line": name, "period": PERIOD, "amount": 1234.5 * (4 - i),
            "share": 0.4 - i * 0.1, "share_change": (i - 1.5) / 100,
            "order_count": 1500 - 321 * i, "comment": "含备件" if i == 1 else "",
        }
        for i, name in enumerate(names)
    ]  # fmt: skip
    rows[3]["share_change"] = "no data in the same period last year"
    return make("product_mix", columns, rows)


@pytest.fixture(scope="session")
def hostile() -> str:
    """Text that would break out of a page, were it not escaped."""
    return HOSTILE


@pytest.fixture(scope="session")
def spoilt(provenance: dict[str, Any]) -> dict[str, Any]:
    """Provenance whose every label is hostile."""
    label = {"zh": HOSTILE, "en": HOSTILE}
    changed = {"label": label, "description": label, "owner": HOSTILE, "path": HOSTILE}
    metrics = {name: entry | changed for name, entry in provenance["metrics"].items()}
    metrics["orders"] |= {"unit": label}
    return provenance | {
        "metrics": metrics,
        "units": {name: entry | changed for name, entry in provenance["units"].items()},
        "sources": {name: entry | changed for name, entry in provenance["sources"].items()},
        "period_label": label,
    }


VERDICTS = {  # metric: variation, assurance, and why there is no chart
    "revenue": ("common", "inconsistent", ""),
    "gross_margin": ("concern_low", "fail", ""),
    "operating_expenses": ("improvement_low", "pass", ""),
    "headcount": ("neutral_high", "none", ""),
    "inventory": ("", "none", "neighbouring months depend on each other"),
}


@pytest.fixture(scope="session")
def matrix(make: Maker) -> Result:
    """Metrics of every kind in the matrix."""
    columns = {"metric": "key", "unit": "key", "period": "key", "actual": "metric"}
    columns |= dict.fromkeys(("variation", "assurance", "reason", "trial"), "text")
    columns |= {"false_flags": "ratio"}
    rows = [
        {
            "metric": metric, "unit": "all", "period": PERIOD, "actual": NUMBERS[metric][0],
            "variation": variation, "assurance": assurance, "reason": reason,
            "trial": "yes" if metric == "headcount" else "", "false_flags": reason or 0.02,
        }
        for metric, (variation, assurance, reason) in VERDICTS.items()
    ]  # fmt: skip
    return make("matrix", columns, rows)


CHARTED = ("point", "center", "lower", "upper", "near_lower", "near_upper")
STAKES = ("basis", "variation", "assurance", "cause", "measure", "author", "noted")


@pytest.fixture(scope="session")
def signals(make: Maker) -> Result:
    """Three signals: two with charts, of which one is of growth with a rebase, and one without."""
    keys = {"metric": "key", "unit": "key", "period": "key"}
    columns = keys | dict.fromkeys(("raw", "adjusted", "adjusted_target"), "metric")
    columns |= dict.fromkeys(CHARTED, "charted")
    columns |= dict.fromkeys(("basis", "signal", "direction", "cause", "trial"), "text")
    columns |= {"segment": "count"}
    rows = []
    for metric, unit, basis, level, step in (
        ("on_time_delivery", "south", "level", 0.94, 0.005),
        ("revenue", "all", "yoy_log", 0.04, 0.01),
    ):  # fmt: skip
        for i, month in enumerate(MONTHS):
            point = level + step * (0.5 if i % 2 else -0.5) - (9 * step if i == 35 else 0)
            point = round(point, 6)
            around = zip(CHARTED[1:], (0, -3, 3, -2, 2), strict=True)
            rows.append(
                {
                    "metric": metric, "unit": unit, "period": month, "raw": point,
                    "adjusted": point, "adjusted_target": 0.95 if basis == "level" else "no target",
                    "point": point, "basis": basis,
                    "segment": int(i >= 20 and basis != "level"),
                    "signal": "outside" if i == 35 else "", "direction": "low" if i == 35 else "",
                    "cause": "新排产系统，重算界限" if i == 20 and basis != "level" else "",
                    "trial": "",
                }
                | {name: level + k * step for name, k in around}
            )  # fmt: skip
    stakes = [
        {
            "metric": metric, "unit": unit, "period": PERIOD, "basis": basis,
            "variation": "concern_low", "assurance": "fail", "target": 0.95,
            "year_attainment": 0.8, "time_progress": 0.82, "cause": cause, "measure": cause,
            "author": "生产部" if cause else "", "noted": "2026-09" if cause else "",
        }
        for metric, unit, basis, cause in (
            ("on_time_delivery", "south", "level", HOSTILE), ("revenue", "all", "yoy_log", ""),
            ("satisfaction", "all", "level", ""),
        )
    ]  # fmt: skip
    shapes = keys | dict.fromkeys(STAKES, "text") | {"target": "metric"}
    shapes |= {"year_attainment": "ratio", "time_progress": "ratio"}
    low = {"variation": "concern", "bound": "lower", "side": "below", "sigmas": 4.0}
    findings = (
        Finding("OPS030", "orange", "on_time_delivery", "south", PERIOD,
                {"basis": "level", **low, "point": 0.8975, "limit": 0.925, "center": 0.94,
                 "run": 2}),
        Finding("OPS030", "orange", "revenue", "all", PERIOD,
                {"basis": "yoy_log", **low, "growth_point": -0.045, "growth_limit": 0.01,
                 "growth_center": 0.04}),
        Finding("OPS033", "yellow", "satisfaction", "all", PERIOD,
                {"basis": "level", **low, "point": 4.1, "limit": 4.0, "center": 4.2, "run": 7}),
    )  # fmt: skip
    part = make("stakes", shapes, stakes)
    return make("exceptions", columns, rows, findings=findings, parts=(part,))


@pytest.fixture(scope="session")
def charted(matrix: Result, signals: Result) -> list[Result]:
    """What the control charts say."""
    return [matrix, signals]


@pytest.fixture(scope="session")
def annex(sources: Result, meanings: Result, own: Result) -> list[Result]:
    """What stands at the end, and a user's own result."""
    return [sources, meanings, own]


@pytest.fixture(scope="session")
def everything(
    scorecard: Result, headline: Result, trend: Result, units: Result, problems: Result,
    annex: list[Result], charted: list[Result],
) -> list[Result]:  # fmt: skip
    return [scorecard, headline, trend, units, problems, *annex, *charted]
