"""Chapters: a first notebook of a company's own report, and a first module of its own analysis."""

from __future__ import annotations

import json
from collections.abc import Mapping
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
LABELS = {{"{name}": {labels}}}
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
    return analyses.result(workbook, "{name}", COLUMNS, rows, findings=found, labels=LABELS)


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


TOPIC: tuple[tuple[str, str, str], ...] = (
    ("question", "## 问题", "（用一两句话写明要回答的问题，以及由谁根据答案作什么决定。）"),
    ("open", "", "import opsnb\nfrom opsnb import analyses\n\n"
     "workbook = opsnb.open(company, period, unit, locale)\n"
     "effect = analyses.before_after(workbook, metric, since, control)"),
    ("data", "## 数据", "analyses.trend(workbook, metric, 60)"),
    ("method", "## 方法与假设", "（写明变更内容与起始月份、选用指标与对照的理由、同期其他变化。）"),
    ("effect", "## 结果", "effect"),
    ("chart", "## 控制图", "analyses.control_chart(workbook, metric, rebase=[since])"),
    ("robustness", "## 稳健性", "analyses.robustness(effect)"),
    ("options", "## 方案比较", "analyses.options(workbook, {topic})"),
    ("decision", "## 建议与决定", "（写明建议的方案、责任人、时限，以及何时以哪个指标复核。）"),
    ("pinned", "## 关注视图", "analyses.pinned(workbook, {topic})"),
    ("annex", "## 附录", ""),
    ("sources", "### 数据来源", "analyses.sources(workbook)"),
    ("definitions", "### 指标口径", "analyses.definitions(workbook, [metric])"),
)  # fmt: skip
"""Cells of a special topic, from the question to the decision; prose stands in brackets."""
PROSE = ("question", "method", "decision")
OPTIONAL = "pinned"
ENGLISH |= {
    "## 问题": "## Question",
    "## 数据": "## Data",
    "## 方法与假设": "## Method and assumptions",
    "## 结果": "## Result",
    "## 控制图": "## Control charts",
    "## 稳健性": "## Robustness",
    "## 方案比较": "## Options",
    "## 建议与决定": "## Advice and decision",
    "## 关注视图": "## Pinned views",
    TOPIC[0][2]: "(Say in a sentence or two what is asked, and who decides what by the answer.)",
    TOPIC[3][2]: "(Say what was changed and from which month on, why this metric and control, and "
    "what else happened then.)",
    TOPIC[8][2]: "(Say which option is advised, who does it by when, and when it is looked at "
    "again by which metric.)",
}
OPTIONS = """\
# Options of the topic: cost and benefit of a year in {currency}, one number or
# [low, most likely, high]; chance is how likely it works at all.
schema: 1
options:
  nothing:
    label: {{zh: 维持现状, en: Leave it as it is}}
    cost: 0
    benefit: 0
  first:
    label: {{zh: 方案一, en: First option}}
    cost: 100000
    benefit: [0, 150000, 400000]
    chance: 0.8
    risk: ""
    owner: ""
"""


def topic(company: Company, name: str, title: Label, parameters: Mapping[str, str]) -> str:
    """Notebook of a special topic as text, with a section for each step of the argument.

    Parameters
    ----------
    parameters : mapping
        ``metric``, ``since`` and ``control`` of the report.
    """
    is_zh = company.profile.locale == "zh"

    def shown(text: str) -> str:
        return text if is_zh else ENGLISH.get(text, text)

    cells = [_markdown("title", f"# {title.zh if is_zh else title.en}")]
    cells.append(_parameters(company, **parameters))
    for cell_id, heading, text in TOPIC:
        if heading:
            cell = _markdown(f"{cell_id}-title", shown(heading))
            cells.append(
                {**cell, "metadata": {"tags": ["optional"]}} if cell_id == OPTIONAL else cell
            )
        if cell_id in PROSE:
            cells.append(_markdown(cell_id, shown(text)))
        elif text:
            cells.append(_code(cell_id, text.replace("{topic}", json.dumps(name))))
    return _written(cells, title)


def topic_options(company: Company) -> str:
    """Options file of a special topic, with two options to write over."""
    return OPTIONS.format(currency=company.profile.currency)


def notebook(company: Company, title: Label, metric: str, module: str = "") -> str:
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
        _parameters(company, metric=metric),
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
    return _written(cells, title)


def module(name: str, title: Label) -> str:
    """Module of a first analysis as text: a Result, and a rule that finds something in it."""
    said = title.en.replace('"', "'").replace("\\", "/")
    labels = json.dumps(title.to_dict(), ensure_ascii=False)
    return MODULE.format(name=name, title=f"{said}.", labels=labels)


def _own(module: str, title: str) -> list[dict[str, Any]]:
    """Section that shows the analysis of a module."""
    text = f'own = workbook.own("{module}")\nown.{module}(workbook, metric)'
    return [_markdown(f"{module}-title", f"## {title}"), _code(module, text)]


def _parameters(company: Company, **more: str) -> dict[str, Any]:
    text = f'company = {json.dumps(company.id)}\nperiod = "last-closed"\nunit = "all"\n'
    lines = [f"{name} = {json.dumps(value)}" for name, value in more.items()]
    cell = _code("parameters", "\n".join([f"{text}locale = None", *lines]))
    return {**cell, "metadata": {"tags": [own.PARAMETERS]}}


def _written(cells: list[dict[str, Any]], title: Label) -> str:
    """Notebook of these cells as text."""
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


def _markdown(name: str, text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": text.splitlines(True)}


def _code(name: str, text: str) -> dict[str, Any]:
    return {
        "cell_type": "code", "execution_count": None, "id": name, "metadata": {}, "outputs": [],
        "source": text.splitlines(True),
    }  # fmt: skip
