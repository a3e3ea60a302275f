"""The sample report with hostile text in every place where a company's own words can stand.

Loaded by path, as the sample itself. Every label is another one, so that what stands where can
be told; each begins with what it is of.
"""

from __future__ import annotations

import runpy
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd

from opsnb.results import Column, Finding, Result

SAMPLE = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("sample_report.py"))))
MARKUP = (
    '<script>window.hit=1</script>"><img src=x onerror="window.hit=1"></svg></style></td>'
    "<a href=javascript:window.hit=1>{{7*7}}{actual}$x^2$&lt;\u202egnp.exe"
)
LONG = "W" * 100 + "名" * 100
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x","x")')
PLACES = (
    "company", "department", "classification", "unit", "metric", "measured", "description",
    "table", "owner", "path", "formula", "action", "dimension", "note", "check",
)  # fmt: skip

Label = Callable[[str], str]


def markup(place: str) -> str:
    """Markup, templates, mathematics, and a reversal of direction; on two lines."""
    return f"{place}{MARKUP}\n2"


def long(place: str) -> str:
    """Two hundred characters without a space."""
    return (place + LONG)[:200]


def formula(place: str) -> str:
    """What a spreadsheet would compute, another in each place."""
    return FORMULAS[PLACES.index(place) % len(FORMULAS)] + place


def monthly(label: Label, locale: str = "zh") -> dict[str, Any]:
    """Whole report with texts of `label`, and a table of an analyst's own with a dimension."""
    about = _about(label, locale)
    changes = {name: value for name, value in about.items() if name != "locale"}
    results = SAMPLE.results(locale, **changes)
    cells = [SAMPLE.markdown("# 月度运营分析报告")]
    for heading, result in results.items():
        cells += [SAMPLE.markdown(f"## {heading}"), SAMPLE.code(SAMPLE.shown(_told(result, label)))]
    own = _own(label, about)
    cells += [SAMPLE.markdown("## 客户"), SAMPLE.code(SAMPLE.shown(own))]
    return SAMPLE.notebook(*cells)


def _about(label: Label, locale: str) -> dict[str, Any]:
    """What the provenance says, in the words of `label`."""
    about = SAMPLE.provenance(locale)

    def both(place: str) -> dict[str, str]:
        return {"zh": label(place), "en": label(place)}

    company = {name: both(name) for name in ("department", "classification")}
    metrics = {
        name: entry
        | {"label": both("metric"), "description": both("description")}
        | {"formula": label("formula"), "owner": label("owner")}
        | ({"unit": both("measured")} if isinstance(entry["unit"], dict) else {})
        for name, entry in about["metrics"].items()
    }
    return about | {
        "company": about["company"] | company | {"name": both("company")},
        "units": {unit: entry | {"label": both("unit")} for unit, entry in about["units"].items()},
        "metrics": metrics,
        "sources": {
            name: entry | {"label": both("table"), "path": label("path"), "owner": label("owner")}
            for name, entry in about["sources"].items()
        },
        "owners": {},
    }


def _told(result: Result, label: Label) -> Result:
    """Result whose own texts and findings are hostile too."""
    frame = result.frame.copy()
    for column, place in (
        ("path", "path"),
        ("owner", "owner"),
        ("action", "action"),
        ("formula", "formula"),
    ):
        if column in frame:
            frame[column] = label(place)
    found = tuple(
        replace(finding, action=label("action"), owner=label("owner"))
        for finding in result.findings
    )
    if result.name == "problems":
        found = (*found[:-1], *_checks(label))
        frame = frame.iloc[: len(found)]
    parts = tuple(_told(part, label) for part in result.parts)
    return replace(result, frame=frame, findings=found, parts=parts)


def _checks(label: Label) -> Iterator[Finding]:
    """A value that does not parse, told with file, row, column and the value itself."""
    yield Finding(
        "OPS007", "grey", "", "all", str(SAMPLE.PERIOD),
        {"table": "surveys", "count": 1, "file": label("path"), "row": 3, "column": label("check"),
         "value": label("check"), "expected": "decimal(2)"},
    )  # fmt: skip


def _own(label: Label, about: dict[str, Any]) -> Result:
    columns = (Column("product", "key"), Column("remark", "text"), Column("value", "count"))
    rows = [[label("dimension"), label("note"), 3.0], ["b", label("note"), None]]
    frame = pd.DataFrame(rows, columns=[column.name for column in columns])
    labels = {"by_product": {"zh": label("dimension"), "en": label("dimension")}}
    reasons = {(1, "value"): "no data in this period"}
    return Result("by_product", frame, columns, reasons, provenance=about | {"labels": labels})
