"""What an analysis returns: a Result, its Findings, and the reasons for what is missing.

A Result travels as one JSON object (`MIME`) beside the HTML that shows it, so that what is
shown is what is recorded. Nothing here formats a number or knows a language: labels come as
``{"zh": ..., "en": ...}`` from the company's settings, and words are chosen by `display`.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from opsnb.keys import PIN, record_key

MIME = "application/vnd.opsnb.result+json"
SCHEMA = 1

Severity = Literal["info", "yellow", "orange", "red", "grey"]
SEVERITIES: tuple[Severity, ...] = ("red", "orange", "yellow", "grey", "info")
Measure = Literal[
    "key",  # identifies the row
    "metric",  # in the unit of the row's metric
    "difference",  # of two values of the row's metric: points where the metric is a ratio
    "ratio",  # a share or growth, 0.02 = 2 %
    "points",  # a difference of two ratios, 0.02 = 2 percentage points
    "charted",  # on the scale of the row's control chart: the metric's, growth, or its points
    "count",
    "number",  # without a unit, such as a correlation
    "text",
    "date",
]

REASONS: tuple[str, ...] = (
    "no data in this period",
    "no data in the prior period",
    "no data in the same period last year",
    "no target",
    "the base is zero",
    "the target is zero",
    "the denominator is zero",
    "a part has no data",
    "some units have no data in this period",
    "January and February are compared together",
    "not meaningful for this metric",
    "too few points",
    "January comes together with February",
    "the prior period is two months",
    "the data do not come every month",
    "the data know no units",
    "only looked up, without dates",
    "neighbouring months depend on each other",
    "trend or season without a year to compare with",
    "stocks and rates do not depend on working days",
    "some values are negative",
    "the calendar shows no effect",
    "not likely within the horizon",
    "reached already",
    "not quantified",
    "no incidents are recorded",
    "it has ended",
    "judged for the first time",
    "no forecast was issued",
    "the year is over",
    "the second method found no answer",
)


SCORED = frozenset(
    {
        "actual", "target", "variance", "attainment", "yoy", "yoy_difference", "mom",
        "mom_difference", "ytd", "ytd_target", "ytd_attainment", "ytd_yoy", "ytd_yoy_difference",
        "year_target", "year_attainment",
    }
)  # fmt: skip
"""Measures of the scorecard: as evidence they are the same numbers."""
NAMES = (
    "table", "column", "check", "driver", "dimension", "item", "effect", "kri", "risk", "treatment",
    PIN,
)  # fmt: skip
"""Evidence that tells two findings of one code and metric apart."""


NOTES: tuple[str, ...] = (
    "January and February come as one figure, which stands in February.",
    "Metrics that are known for the whole only are left out.",
    "A ratio that has one segment only is not split.",
    "No regression: too few months have all values, or one candidate is made of the others.",
)
"""What a Result may have to say about itself, in the words of the catalogue."""


@dataclass(frozen=True)
class NotApplicable:
    """A value that cannot be computed, with the reason, one of :data:`REASONS`."""

    reason: str

    def __post_init__(self) -> None:
        if self.reason not in REASONS:
            raise ValueError(f"unknown reason {self.reason!r}; known: {', '.join(REASONS)}")


@dataclass(frozen=True)
class Column:
    """A column of a Result.

    Parameters
    ----------
    name : str
    unit : Measure
        What the numbers are; ``key`` for the columns that identify a row.
    """

    name: str
    unit: Measure


@dataclass(frozen=True)
class Finding:
    """Something the reader should know, as data.

    Parameters
    ----------
    code : str
        ``OPS001`` and so on, the rule that found it.
    severity : {"red", "orange", "yellow", "grey", "info"}
        Grey is missing or stale data, never good news.
    metric, unit, period : str
        What it is about.
    evidence : mapping
        The numbers the sentence is compiled from, by name.
    title : mapping
        By locale, ``{"zh": ..., "en": ...}``; empty for the sentence that belongs to `code`.
    action, owner : str
        Suggested action and who owns the metric, where known.
    """

    code: str
    severity: Severity
    metric: str
    unit: str
    period: str
    evidence: Mapping[str, float | int | str | None] = field(default_factory=dict)
    title: Mapping[str, str] = field(default_factory=dict)
    action: str = ""
    owner: str = ""

    def key(self, name: str) -> str:
        """Key of the record of the evidence called `name`.

        What a scorecard has as a column is the scorecard's own number; anything else belongs to
        the finding, which is told by its code and by what it names (:data:`NAMES`).
        """
        return record_key(self.about, name, self.unit, self.period, self.by(name))

    def by(self, name: str) -> dict[str, str]:
        """What tells the evidence called `name` from that of other findings."""
        if name in SCORED:
            return {PIN: str(self.evidence[PIN])} if self.evidence.get(PIN) else {}
        named = {n: str(self.evidence[n]) for n in NAMES if self.evidence.get(n)}
        return {"finding": self.code, **named}

    @property
    def about(self) -> str:
        """Metric, or the table of a finding that concerns no metric."""
        return self.metric or str(self.evidence.get("table", ""))

    @property
    def numbers(self) -> dict[str, float]:
        """Evidence that is a number, by name."""
        return {
            name: float(value)
            for name, value in self.evidence.items()
            if isinstance(value, int | float) and not isinstance(value, bool)
            if math.isfinite(value)
        }


@dataclass(frozen=True)
class Result:
    """One answer: a tidy frame, what was found in it, and where it comes from.

    Parameters
    ----------
    name : str
        Which question it answers; `display` chooses its view by it.
    frame : DataFrame
        One row an item; columns as in `columns`, in that order.
    columns : tuple of Column
        Key columns first.
    reasons : mapping (row, column name) -> reason
        Why a value is missing. Every missing number has one.
    findings : tuple of Finding
    notes : tuple of str
        Caveats, each one of the catalogue's sentences, for the whole result.
    parts : tuple of Result
        Results that belong to this one (the history behind a scorecard's sparklines).
    provenance : mapping
        Company, unit, period, locale, metric definitions, sources: see ``Workbook.provenance``.
    """

    name: str
    frame: pd.DataFrame
    columns: tuple[Column, ...]
    reasons: Mapping[tuple[int, str], str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    parts: tuple[Result, ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        if list(self.frame.columns) != names or len(set(names)) < len(names):
            raise ValueError(f"{self.name}: columns {list(self.frame.columns)} are not {names}")
        missing = set(self._missing())
        for row, name in missing - set(self.reasons):
            raise ValueError(f"{self.name}: row {row}, column {name} is missing without a reason")
        for (row, name), reason in self.reasons.items():
            if (row, name) not in missing:
                raise ValueError(f"{self.name}: row {row}, column {name}: a reason, but no gap")
            NotApplicable(reason)

    def _missing(self) -> Iterator[tuple[int, str]]:
        """Cells without a number; infinity is none of the values that a cell may have."""
        for column in self.columns:
            if column.unit not in ("key", "text", "date"):
                cells = self.frame[column.name]
                if any(isinstance(value, float) and math.isinf(value) for value in cells):
                    raise ValueError(f"{self.name}: column {column.name} holds infinity")
                yield from ((int(row), column.name) for row in cells.isna().to_numpy().nonzero()[0])

    @property
    def keys(self) -> tuple[str, ...]:
        """Names of the key columns."""
        return tuple(column.name for column in self.columns if column.unit == "key")

    @property
    def metrics(self) -> list[str]:
        """Metrics of the rows, each once, in order."""
        return list(dict.fromkeys(self.frame["metric"])) if "metric" in self.frame else []

    @property
    def key_metrics(self) -> list[str]:
        """Metrics whose rows are marked as key."""
        return list(self.frame["metric"][self.frame["key"] == "yes"]) if "key" in self.frame else []

    def part(self, name: str) -> Result:
        """Part called `name`.

        Raises
        ------
        KeyError
        """
        for part in self.parts:
            if part.name == name:
                return part
        raise KeyError(name)

    def cell(self, row: int, name: str) -> Any:
        """Value of a cell, or NotApplicable with its reason."""
        reason = self.reasons.get((row, name))
        return NotApplicable(reason) if reason else self.frame[name].iloc[row]

    def with_findings(self, findings: tuple[Finding, ...]) -> Result:
        """Same result with `findings`."""
        return replace(self, findings=findings)

    def to_bundle(self) -> dict[str, Any]:
        """JSON-able record of the result; missing numbers are null and carry a reason."""
        return {
            "schema": SCHEMA,
            "name": self.name,
            "columns": [
                {"name": c.name, "dtype": _dtype(self.frame[c.name]), "unit": c.unit}
                for c in self.columns
            ],
            "data": [
                [_plain(value) for value in row] for row in self.frame.itertuples(index=False)
            ],
            "reasons": {f"{row}:{name}": text for (row, name), text in self.reasons.items()},
            "findings": [_record(asdict(finding)) for finding in self.findings],
            "notes": list(self.notes),
            "parts": [part.to_bundle() for part in self.parts],
            "provenance": _record(self.provenance),
        }

    @classmethod
    def from_bundle(cls, bundle: Mapping[str, Any]) -> Result:
        """Result from its record; the inverse of :meth:`to_bundle`.

        Raises
        ------
        ValueError
            For a schema that this version does not read.
        """
        if bundle.get("schema") != SCHEMA:
            raise ValueError(f"result schema {bundle.get('schema')!r}, this version reads {SCHEMA}")
        columns = tuple(Column(c["name"], c["unit"]) for c in bundle["columns"])
        names = [column.name for column in columns]
        cells = zip(*bundle["data"], strict=True) if bundle["data"] else ((),) * len(names)
        kinds = [column["dtype"] for column in bundle["columns"]]
        frame = table({n: _array(v, k) for n, v, k in zip(names, cells, kinds, strict=True)})
        return cls(
            name=bundle["name"],
            frame=frame,
            columns=columns,
            reasons={_cell(key): text for key, text in bundle["reasons"].items()},
            findings=tuple(Finding(**finding) for finding in bundle["findings"]),
            notes=tuple(bundle["notes"]),
            parts=tuple(cls.from_bundle(part) for part in bundle["parts"]),
            provenance=bundle["provenance"],
        )

    def digest(self) -> str:
        """sha256 of the canonical record, without what differs between equal runs."""
        text = json.dumps(self.to_bundle(), sort_keys=True, ensure_ascii=False, allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()


def table(columns: Mapping[str, Any]) -> pd.DataFrame:
    """Frame of arrays that nobody else holds."""
    return pd.DataFrame(dict(columns), columns=list(columns), copy=False)


def _array(values: Sequence[Any], kind: str) -> Any:
    """Column of a record in the type that it has in a frame."""
    if kind == "float":
        return np.array(values, dtype="float64")
    if kind == "text":
        return objects(values)
    extended: Any = {"int": "Int64", "bool": "boolean"}
    return pd.array(list(values), dtype=extended[kind])


def objects(values: Sequence[Any]) -> pd.Series:
    """Column of any Python objects, which stay what they are.

    >>> objects([[1, 2], "a"]).dtype
    dtype('O')
    """
    return pd.Series(list(values), dtype=object)


def _dtype(series: pd.Series) -> str:
    if pd.api.types.is_bool_dtype(series):
        return "bool"
    if pd.api.types.is_integer_dtype(series):
        return "int"
    return "float" if pd.api.types.is_float_dtype(series) else "text"


def _plain(value: Any) -> Any:
    """Value as JSON knows it: no NaN, no infinity, no numpy scalar."""
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, float) or hasattr(value, "item"):
        value = value.item() if hasattr(value, "item") else value
        if isinstance(value, float) and not math.isfinite(value):
            return None
    return value if isinstance(value, (bool, int, float, str)) else str(value)


def _record(value: Mapping[str, Any]) -> Any:
    """Copy in JSON's types.

    Raises
    ------
    ValueError
        NaN or infinity stands in it.
    """
    return json.loads(json.dumps(value, default=_plain, allow_nan=False))


def _cell(key: str) -> tuple[int, str]:
    row, _, name = key.partition(":")
    return int(row), name
