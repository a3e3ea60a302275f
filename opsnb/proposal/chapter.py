"""Chapters: a first notebook of a company's own report, and a first module of its own analysis."""

from __future__ import annotations

import json
from typing import Any

from opsnb.company import Company, own
from opsnb.company.labels import Label

OWN = "own"
CELLS: tuple[tuple[str, str, str], ...] = (
    ("open", "", "import opsnb\nfrom opsnb import analyses\n\n"
     "workbook = opsnb.open(company, period, unit, locale)\n"
     "card = analyses.scorecard(workbook, [metric], [metric])"),
    ("headline", "## 本月要点", "analyses.headline(workbook, card)"),
    ("scorecard", "## 指标完成情况", "card"),
    ("trend", "## 趋势", "analyses.trend(workbook, metric)"),
    (OWN, "", ""),
    ("problems", "## 存在问题及改进建议", "analyses.problems(workbook, card)"),
    ("annex", "## 附录", ""),
    ("sources", "### 数据来源", "analyses.sources(workbook)"),
    ("definitions", "### 指标口径", "analyses.definitions(workbook, [metric])"),
)  # fmt: skip
"""Cells of a report: id, heading above it, and code."""
ENGLISH = {
    "## 本月要点": "## Messages of the month",
    "## 指标完成情况": "## KPI completion",
    "## 趋势": "## Trend",
    "## 存在问题及改进建议": "## Problems and suggestions",
    "## 附录": "## Annex",
    "### 数据来源": "### Data sources",
    "### 指标口径": "### Definitions",
}
MODULE = '''\
"""{title}"""

from opsnb import analyses
from opsnb.results import Column, Finding

COLUMNS = (*analyses.KEYS, Column("value", "metric"))
FAR = 0.2  # a change beyond it is worth a sentence


def {name}(workbook, metric, months=12):
    """One metric in the last months: replace this by what your own question asks for.

    ``workbook.values`` measures metrics of metrics.yaml; ``workbook.engine.query("select ...")``
    answers any SQL over the company's tables.
    """
    periods = workbook.period.back(months)
    values = workbook.values([metric], periods)
    numbers = [values.value(metric, period, workbook.unit) for period in periods]
    rows = [
        {{"metric": metric, "unit": workbook.unit, "period": str(period), "value": number}}
        for period, number in zip(periods, numbers)
    ]
    found = far_from_before(workbook, metric, numbers)
    return analyses.result(workbook, "{name}", COLUMNS, rows, findings=found)


def far_from_before(workbook, metric, numbers):
    """A rule: the last month lies further than FAR from the mean of the months before."""
    *before, last = [number for number in numbers if isinstance(number, float)] or [None]
    mean = sum(before) / len(before) if before else 0.0
    if not mean or abs(last / mean - 1) <= FAR:
        return ()
    said = {{"zh": "本月明显偏离前期均值", "en": "The month lies far from those before"}}
    return (
        Finding(
            "OWN001", "yellow", metric, workbook.unit, str(workbook.period),
            evidence={{"mean": mean}}, title=said, owner=workbook.metric(metric).owner.zh,
        ),
    )
'''


def notebook(company: Company, name: str, title: Label, metric: str, module: str = "") -> str:
    """Notebook of a report as text, with the cells of a first one.

    Parameters
    ----------
    metric : str
        Metric that it begins with; a parameter of the report.
    module : str
        Module of ``reports`` whose analysis of the same name it shows.
    """
    is_zh = company.profile.locale == "zh"
    cells = [
        _markdown("title", f"# {title.zh if is_zh else title.en}"),
        _parameters(company, metric),
    ]
    for cell_id, heading, code in CELLS:
        if cell_id == OWN:
            cells += _own(module, title.zh if is_zh else title.en) if module else []
            continue
        if heading:
            shown = heading if is_zh else ENGLISH[heading]
            cells.append(_markdown(f"{cell_id}-title", shown))
        if code:
            cells.append(_code(cell_id, code))
    node = {
        "cells": cells,
        "metadata": {
            own.KEY: {"title": title.to_dict()},
            "kernelspec": {
                "display_name": "Python 3", "language": "python", "name": "python3",
            },
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }  # fmt: skip
    return json.dumps(node, ensure_ascii=False, indent=1) + "\n"


def module(name: str, title: Label) -> str:
    """Module of a first analysis as text: a Result, and a rule that finds something in it."""
    return MODULE.format(name=name, title=title.en.replace('"', "'").replace("\\", "/") + ".")


def _own(module: str, title: str) -> list[dict[str, Any]]:
    """Section that shows the analysis of a module."""
    text = f'own = workbook.own("{module}")\nown.{module}(workbook, metric)'
    return [_markdown(f"{module}-title", f"## {title}"), _code(module, text)]


def _parameters(company: Company, metric: str) -> dict[str, Any]:
    text = f'company = {json.dumps(company.id)}\nperiod = "last-closed"\nunit = "all"\n'
    cell = _code("parameters", f"{text}locale = None\nmetric = {json.dumps(metric)}")
    return {**cell, "metadata": {"tags": [own.PARAMETERS]}}


def _markdown(name: str, text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": text.splitlines(True)}


def _code(name: str, text: str) -> dict[str, Any]:
    return {
        "cell_type": "code", "execution_count": None, "id": name, "metadata": {}, "outputs": [],
        "source": text.splitlines(True),
    }  # fmt: skip
