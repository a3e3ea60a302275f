"""A Result as the sheet of a workbook: values as they are, each with the number format of its unit.

Nothing is rounded or rescaled, so that a sheet can be computed with. A missing value is its
reason, in words; periods are the days on which they begin.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from opsnb.display import annex, generic, icons, risk_titles
from opsnb.display.markup import NBSP
from opsnb.display.numbers import is_currency, largest, metric_format
from opsnb.display.reader import Reader, number, numbers_in, records
from opsnb.display.reasons import reason_text
from opsnb.display.sentences import plain_sentence
from opsnb.display.words import mark
from opsnb.errors import PeriodError
from opsnb.period import Period
from opsnb.results import Column, NotApplicable, Result

SAFE_UNIT = re.compile(r"[\w%/·. ¥$€£-]{1,20}")  # what may stand between quotes in a number format
DAY, MOMENT = "yyyy-mm-dd", "yyyy-mm-dd hh:mm"
MONTH = {"zh": 'yyyy"年"m"月"', "en": "mmm yyyy"}
PERIODS = ("period", "target_period")
TITLES: dict[str, str] = {
    "headline": mark("Messages of the month"),
    "matrix": mark("KPI matrix"),
    "scorecard": mark("KPI completion"),
    "standings": mark("Control charts"),
    "exceptions": mark("Exceptions"),
    "stakes": mark("Signals"),
    "trend": mark("Trend"),
    "units": mark("Units"),
    "attribution": mark("Attribution"),
    "attribution_totals": mark("Attribution: totals"),
    "attribution_sources": mark("Attribution: sources"),
    "attribution_elements": mark("Attribution: elements"),
    "attribution_segments": mark("Attribution: segments"),
    "drill_down": mark("Drill down"),
    "drill_down_total": mark("Drill down: the whole"),
    "pinned": mark("Pinned views"),
    "before_after": mark("Before and after"),
    "before_after_path": mark("Before and after: months"),
    "before_after_placebos": mark("Before and after: placebos"),
    "robustness": mark("Robustness"),
    "options": mark("Options"),
    "before_after_variants": mark("Before and after: assumptions"),
    "what_if": mark("What if"),
    "what_if_kri": mark("What if: indicators of risk"),
    "what_if_losses": mark("What if: losses"),
    "drivers": mark("Drivers"),
    "descriptives": mark("Descriptive statistics"),
    "benchmarks": mark("Benchmarks"),
    "restated": mark("Reported and restated"),
    "driver_effects": mark("Drivers: regression"),
    "problems": mark("Problems and suggestions"),
    "sources": mark("Data sources"),
    "definitions": mark("Definitions"),
    "cards": mark("Key metrics"),
    "history": mark("Earlier months"),
    "by_unit": mark("Earlier months by unit"),
    "notes": mark("Notes"),
    **risk_titles.TITLES,
}
COLUMNS: dict[str, str] = {
    **risk_titles.COLUMNS,
    "yoy_difference": mark("YoY difference"),
    "mom_difference": mark("MoM difference"),
    "ytd_target": mark("YTD target"),
    "ytd_attainment": mark("YTD attainment"),
    "ytd_yoy": mark("YTD YoY"),
    "ytd_yoy_difference": mark("YTD YoY difference"),
    "year_target": mark("Full-year target"),
    "year_attainment": mark("Full-year attainment"),
    "key": mark("Key metric"),
    "cause": mark("Cause"),
    "told": mark("Already restated"),
    "restated_difference": mark("Restated by, difference"),
    "reported_by": mark("Run"),
    "code": mark("Rule"),
    "formula": mark("Formula"),
    "sql": "SQL",
    "tables": mark("Source tables"),
}


@dataclass(frozen=True)
class Entry:
    """One cell.

    Parameters
    ----------
    value : str, int, float, bool, date, datetime or None
        As it is in the record.
    style : str
        Number format of the cell; empty for text.
    missing : bool
        Whether `value` is the reason why there is none.
    """

    value: str | float | bool | dt.date | None
    style: str = ""
    missing: bool = False


@dataclass(frozen=True)
class Sheet:
    """Heads and rows of one result; `keys` is how many columns identify a row."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Entry, ...], ...]
    keys: int


def sheet(result: Result, locale: str) -> Sheet:
    """Sheet of `result` for readers of `locale`.

    A frame of metrics has a column with their units of measure; a list of findings has their
    sentences.
    """
    reader = Reader.of(result, locale)
    rows = records(result)
    keys = [column for column in result.columns if column.unit == "key"]
    others = [column for column in result.columns if column.unit != "key"]
    shown = [*keys, *others]
    heads = [heading(column.name, reader) for column in shown]
    body = [[_entry(row, column, rows, reader) for column in shown] for row in rows]
    extra = list(_added(result, rows, reader))
    for head, entries in extra:
        heads.insert(len(keys), head)
        for row, entry in zip(body, entries, strict=True):
            row.insert(len(keys), entry)
    return Sheet(
        title(result.name, reader), tuple(heads), tuple(map(tuple, body)), len(keys) + len(extra)
    )


def title(name: str, reader: Reader) -> str:
    """Name of a result: its heading in the report, else as its label or id says."""
    return reader.words(TITLES[name]) if name in TITLES else generic.title(name, reader)


def heading(name: str, reader: Reader) -> str:
    """Head of a column in the reader's language."""
    known = COLUMNS.get(name) or (annex.COLUMNS[name].label if name in annex.COLUMNS else "")
    own = reader.provenance.get("labels", {}).get(name)
    return reader.words(known) if known and not own else generic.title(name, reader)


def _added(
    result: Result, rows: Sequence[Mapping[str, Any]], reader: Reader
) -> Iterator[tuple[str, list[Entry]]]:
    """Columns that the frame has not: sentences of its findings, units of its metrics."""
    codes = [finding.code for finding in result.findings]
    if codes and [row.get("code") for row in rows] == codes:
        told = (plain_sentence(f, reader.provenance, reader.locale) for f in result.findings)
        yield reader.words("Finding"), [Entry(text) for text in told]
    if any(column.unit in ("metric", "difference") for column in result.columns):
        named = [measured_in(str(row.get("metric", "")), reader) for row in rows]
        yield reader.words("Measured in"), [Entry(text) for text in named]


def measured_in(metric: str, reader: Reader) -> str:
    """Unit of `metric` in words; a share is one of per cent."""
    unit = reader.definition(metric).get("unit") or ""
    if unit == "ratio":
        return "%"
    return str(unit) if is_currency(unit) else metric_format({"unit": unit}, [], reader.locale).unit


def _entry(
    row: Mapping[str, Any], column: Column, rows: Sequence[Mapping[str, Any]], reader: Reader
) -> Entry:
    value, name = row[column.name], column.name
    if isinstance(value, NotApplicable):
        return Entry(reason_text(value.reason, reader.words), missing=True)
    found = number(value)
    if found is not None and column.unit not in ("key", "text", "date"):
        whole = column.unit == "count" or isinstance(value, int)
        style = _style(row, column, rows, reader)
        return Entry(int(found) if whole else found, style)
    if name in PERIODS:
        return _period(str(value), reader)
    if isinstance(value, int):  # a rank
        return Entry(value)
    text = "" if value is None or value != value else str(value)  # noqa: PLR0124 (NaN)
    if column.unit == "date" or name == "modified":
        return _day(text)
    return Entry(_named(name, text, reader) if text else None)


def _named(name: str, text: str, reader: Reader) -> str:
    """Label of an id, in columns that hold ids."""
    if name == "severity":
        return reader.words(icons.WORDS.get(text, text))
    if name == "key":
        return reader.words("Yes")
    named: dict[str, Callable[[str], str]] = {
        "metric": reader.metric,
        "unit": reader.unit,
        "table": reader.table,
        "owner": reader.owner,
        "tables": lambda ids: reader.listed(map(reader.table, annex.split(ids))),
        "units_missing": lambda ids: reader.listed(map(reader.unit, annex.split(ids))),
    }
    return named[name](text) if name in named else text


def _period(text: str, reader: Reader) -> Entry:
    """Month as the day it begins; another period by its name."""
    try:
        period = Period.parse(text)
    except PeriodError:
        return Entry(text)
    if period.kind != "month":
        return Entry(period.label(reader.locale))
    return Entry(period.start, MONTH.get(reader.locale[:2], MONTH["en"]))


def _day(text: str) -> Entry:
    """ISO date or time as a real one; one that a workbook cannot hold stays as it is written."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return Entry(text)
    if moment.tzinfo is not None or moment.year < 1900:
        return Entry(text)
    return Entry(moment.date(), DAY) if moment.time() == dt.time() else Entry(moment, MOMENT)


def _style(
    row: Mapping[str, Any], column: Column, rows: Sequence[Mapping[str, Any]], reader: Reader
) -> str:
    """Number format: decimals and unit as the page writes them, a plus on what is a change."""
    signed = column.unit in generic.SIGNED or column.name.startswith(generic.CHANGES)
    signed = signed or column.name.endswith("yoy")
    metric = str(row.get("metric", ""))
    unit = reader.definition(metric).get("unit")
    if column.unit == "count":
        return "#,##0"
    if column.unit == "points" or (column.unit == "difference" and unit == "ratio"):
        return _signed('0.0%"pt"', signed=True)
    if column.unit == "ratio":
        return _signed("0.0%", signed=signed)
    if not metric:
        return _signed("#,##0.00", signed=signed)
    same = numbers_in(r[column.name] for r in rows if r.get("metric") == metric)
    return _signed(metric_style(reader.definition(metric), same, reader.locale), signed=signed)


def metric_style(definition: Mapping[str, Any], values: Sequence[float], locale: str) -> str:
    """Number format of a metric's values in its own unit, not rescaled.

    >>> metric_style({"unit": "CNY"}, [34_506_000.0], "zh"), metric_style({"unit": "USD"}, [], "en")
    ('#,##0"元"', '"$"#,##0.00')
    """
    unit = definition.get("unit")
    form = metric_format(definition, values, locale)
    decimals = form.decimals
    if is_currency(unit):  # the page writes millions, a sheet every unit
        own, form = definition.get("decimals"), metric_format(definition, [], locale)
        decimals = (0 if largest(values) >= 1000 else 2) if own is None else int(own)
    digits = "0." + "0" * decimals if decimals else "0"
    if unit == "ratio":
        return digits + "%"
    return _literal(form.before) + "#,##" + digits + _literal(form.after, apart=True)


def _literal(text: str, *, apart: bool = False) -> str:
    """`text` as a number format shows it; nothing for what could be read as a format itself."""
    text = text.replace(NBSP, " ").strip()
    if not SAFE_UNIT.fullmatch(text):
        return ""
    return f'" {text}"' if apart and text.isascii() else f'"{text}"'


def _signed(style: str, *, signed: bool) -> str:
    return f"+{style};-{style};{style}" if signed else style
