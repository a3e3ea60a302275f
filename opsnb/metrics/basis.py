"""Basis: what a month's numbers were made of, so that a change that comes later has a cause.

A number can come out otherwise because its metric is defined otherwise, because other rows are
there, or because its unit has other parts. Each of these has a digest here, of no more than what
the number depends on: a file that grows by a month, a new column, or a metric that is added beside
it change none of them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from opsnb.company import Company, Table
from opsnb.data.engine import Engine
from opsnb.data.parsing import parse
from opsnb.data.sql import as_date, column, table_named
from opsnb.metrics.catalogue import Catalogue
from opsnb.metrics.spans import Span
from opsnb.metrics.values import Measurement
from opsnb.period import Period
from opsnb.units import Units

DIGITS = 16
"""Hexadecimal digits that are kept of a sha256."""
SHAPE = (
    "kind", "table", "measure", "filter", "numerator", "denominator", "metric", "window",
    "to_date", "expression", "over_time",
)  # fmt: skip
"""Keys of ``metrics.yaml`` that make a number; names, limits and owners do not."""


@dataclass(frozen=True)
class Basis:
    """Digests of what the numbers of one month depend on.

    Attributes
    ----------
    definitions : mapping metric -> str
        Of the metric and of all that it is made of: measures, filters, derived columns, and the
        conditions by which its tables leave rows out.
    rows : mapping metric -> mapping table -> str
        Of the rows that count, in the columns that the metric reads; empty where the rows stay in a
        database and cannot be told.
    units : str
        Of the tree of units as it stands in the month.
    """

    definitions: Mapping[str, str]
    rows: Mapping[str, Mapping[str, str]]
    units: str

    def to_dict(self) -> dict[str, Any]:
        """As the manifest has it."""
        rows = {name: dict(tables) for name, tables in self.rows.items()}
        return {"definitions": dict(self.definitions), "rows": rows, "units": self.units}


def basis(
    measurement: Measurement,
    units: Units,
    period: Period,
    metrics: Iterable[str],
    digest_of: Callable[[str], str],
) -> Basis:
    """Basis of `metrics` in `period`.

    Parameters
    ----------
    digest_of : callable table -> str
        sha256 of a table's files; for those that are only looked up.
    """
    names = list(dict.fromkeys(metrics))
    catalogue = measurement.catalogue
    return Basis(
        definitions(catalogue, names),
        _rows(measurement, period, names, digest_of),
        _digest(_tree(units, period)),
    )


def definitions(catalogue: Catalogue, names: Iterable[str]) -> dict[str, str]:
    """Digest of the definition of each metric."""
    return {name: _digest(definition(catalogue, name)) for name in names}


def definition(catalogue: Catalogue, name: str) -> dict[str, Any]:
    """Everything in the settings that makes the number of a metric, in JSON's types."""
    parts = catalogue.needed([name])
    used = columns_read(catalogue, name)
    company = catalogue.company
    return {
        "metrics": {part: _shape(catalogue, part) for part in parts},
        "tables": {
            table: {
                "where": [_text(one.where) for one in _lineage(company, table) if one.where],
                "derive": {n: _text(e) for n, e in _derived(company, table, columns).items()},
            }
            for table, columns in used.items()
        },
    }


def columns_read(catalogue: Catalogue, name: str) -> dict[str, list[str]]:
    """Columns that the aggregates of a metric name, by table."""
    found: dict[str, dict[str, None]] = {}
    for part in catalogue.needed([name]):
        for component in catalogue.formulas[part].components.values():
            columns = found.setdefault(component.table, {})
            if component.argument is not None:
                columns |= dict.fromkeys(c.name for c in component.argument.find_all(exp.Column))
    return {table: list(columns) for table, columns in found.items()}


def _shape(catalogue: Catalogue, name: str) -> dict[str, Any]:
    metric = catalogue.metrics[name]
    given = {key: getattr(metric, key) for key in SHAPE}
    return {key: _text(value) for key, value in given.items() if value is not None}


def _text(value: object) -> str:
    """Setting with the white space that makes no difference put to one."""
    return " ".join(str(value).split())


def _lineage(company: Company, table: str) -> Iterator[Table]:
    """The table, and those that it starts from."""
    name: str | None = table
    while name is not None:
        definition = company.tables[name]
        yield definition
        name = definition.base


def _derived(company: Company, table: str, columns: Iterable[str]) -> dict[str, str]:
    """Expressions behind `columns`, and behind the columns that these name."""
    known: dict[str, str] = {}
    for one in _lineage(company, table):
        known = {**one.derive, **known}
    found: dict[str, str] = {}
    ahead = list(columns)
    while ahead:
        name = ahead.pop()
        if name in known and name not in found:
            found[name] = known[name]
            ahead += _names(known[name])
    return dict(sorted(found.items()))


def _names(expression: str) -> list[str]:
    return [node.name for node in parse(expression, "").find_all(exp.Column)]


def _tree(units: Units, period: Period) -> dict[str, list[str]]:
    at = period.first
    return {unit.id: sorted(units.ancestors(unit.id, at)) for unit in units if unit.open_in(at)}


def _rows(
    measurement: Measurement,
    period: Period,
    names: Iterable[str],
    digest_of: Callable[[str], str],
) -> dict[str, dict[str, str]]:
    """Digest of the rows behind each metric, one query a table and span."""
    asked: dict[tuple[str, Span], dict[tuple[str, ...], None]] = {}
    places: dict[tuple[str, str], tuple[tuple[str, Span], tuple[str, ...]]] = {}
    found: dict[str, dict[str, str]] = {}
    for name in names:
        span = _reach(measurement, name, period)
        for table, columns in columns_read(measurement.catalogue, name).items():
            tells = found.setdefault(name, {})
            if table in measurement.elsewhere:
                tells[table] = ""
            elif measurement.catalogue.company.tables[table].date is None:
                tells[table] = digest_of(table)[:DIGITS]
            else:
                own = tuple(_plain(measurement.catalogue.company, table, columns))
                asked.setdefault((table, span), {})[own] = None
                places[name, table] = ((table, span), own)
                tells[table] = ""
    digests = {
        (*key, own): digest
        for key, sets in asked.items()
        for own, digest in _asked(measurement, *key, list(sets)).items()
    }
    for (name, table), (key, own) in places.items():
        found[name][table] = digests[(*key, own)]
    return found


def _plain(company: Company, table: str, columns: Iterable[str]) -> list[str]:
    """Columns that are in the files, behind `columns`; when and where each row belongs."""
    derived = _derived(company, table, columns)
    named = {*columns, *(name for text in derived.values() for name in _names(text))}
    spec = company.tables[table]
    named |= {name for name in (spec.date, spec.unit) if name}
    kept = {name for name in named if name not in derived}
    return sorted(name for name in kept if name in company.columns(table))


def _reach(measurement: Measurement, name: str, period: Period) -> Span:
    """Months whose rows a value of the period depends on."""
    own = Span.of(period)
    needed = measurement.catalogue.needed([name])
    kinds = {part: measurement.catalogue.metrics[part].kind for part in needed}
    deep = [measurement.window(part, own) for part in needed if kinds[part] == "cumulative"]
    spans = [own, *deep]
    return Span(min(span.first for span in spans), max(span.last for span in spans))


def _asked(
    measurement: Measurement, table: str, span: Span, sets: list[tuple[str, ...]]
) -> dict[tuple[str, ...], str]:
    """Digest of the rows of a span for each set of columns: their number, and a sum of hashes.

    A sum knows no order, and two rows that are equal count twice.
    """
    engine: Engine = measurement.engine_of(table)
    spec = measurement.catalogue.company.tables[table]
    date = column(str(spec.date))
    start, after = Period(span.first, 1).start, Period(span.last + 1, 1).start
    chosen = [exp.alias_(exp.Count(this=exp.Star()), "_rows")]
    for place, names in enumerate(sets):
        row = exp.cast(exp.Anonymous(this="row", expressions=[column(n) for n in names]), "text")
        hashed = exp.Anonymous(this="md5_number_lower", expressions=[row])
        chosen.append(exp.alias_(exp.cast(exp.Sum(this=hashed), "text"), f"_hash_{place}"))
    select = exp.select(*chosen).from_(table_named(table)).where(_between(date, start, after))
    (row_,) = engine.query(select.sql(engine.dialect, identify=True)).itertuples(index=False)
    count, *hashes = row_
    return {
        names: _digest([int(count), str(told)]) for names, told in zip(sets, hashes, strict=True)
    }


def _between(date: exp.Expr, start: dt.date, after: dt.date) -> exp.Expr:
    return exp.and_(
        exp.GTE(this=date.copy(), expression=as_date(start)),
        exp.LT(this=date.copy(), expression=as_date(after)),
    )


def _digest(content: object) -> str:
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]
