"""Findings as sentences: a lead that says the fact, and details that say its size.

Sentences are compiled from a finding's evidence by the template of its code. Each figure in
the HTML carries ``data-key="metric|measure|unit|period"`` and its exact value, so that it can be
traced to the record. A detail whose evidence is missing is left out; nothing is made up for it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from opsnb.display.dates import day
from opsnb.display.markup import element, join, unbroken
from opsnb.display.numbers import NumberFormat, chosen, count, difference_format, percent, points
from opsnb.display.reader import Reader, number
from opsnb.display.words import PLACEHOLDER, fill, fill_html, mark
from opsnb.results import Finding


@dataclass(frozen=True)
class Template:
    """Lead and details of one finding code, as messages of the catalogue.

    Each detail is a choice of wordings; the first one is taken whose evidence is all there.
    """

    lead: str
    details: tuple[tuple[str, ...], ...] = ()


TEMPLATES: dict[str, Template] = {
    "OPS001": Template(
        mark("{metric}: attainment {attainment}."),
        (
            (
                mark("Actual {actual}, target {target}, variance {variance}."),
                mark("Actual {actual}, target {target}."),
                mark("Actual {actual}."),
            ),
        ),
    ),
    "OPS002": Template(
        mark("{metric}: {year_attainment} of the year's target, {gap} behind time progress."),
        (
            (mark("Time progress is {time_progress}."),),
            (mark("The year's target takes {required_run_rate} every remaining workday."),),
        ),
    ),
    "OPS003": Template(
        mark("{metric}: no data from {units}."),
        (
            (mark("Missing in {tables}; the figure covers the other units only."),),
            (mark("It was due before {overdue}."), mark("It is due before {due}.")),
        ),
    ),
    "OPS004": Template(
        mark("{metric}: no data in this period."),
        ((mark("It is not judged."),),),
    ),
    "OPS005": Template(
        mark("{metric} met its target."),
        (
            (
                mark("Actual {actual}, target {target}, attainment {attainment}."),
                mark("Actual {actual}, attainment {attainment}."),
            ),
        ),
    ),
    "OPS006": Template(
        mark("{table}: {rows} rows name units that nobody knows."),
        ((mark("They count for the whole company only. Among them: {values}."),),),
    ),
    "OPS007": Template(
        mark("{table}: {count} values are not of their column's type."),
        (
            (
                mark("First: {file}, row {row}, column {column}: “{value}”, expected {expected}."),
                mark("First: row {row}, column {column}: “{value}”, expected {expected}."),
            ),
            (mark("They are missing, not zero."),),
        ),
    ),
    "OPS008": Template(
        mark("{table}: {rows} rows have no date."),
        ((mark("They belong to no period."),),),
    ),
}
PLACE = mark("First: {file}, row {row}.")
TEMPLATES |= {
    "OPS009": Template(
        mark("{table}: {rows} rows have no match in {tables}."),
        ((mark("What is looked up there is missing in them."),),),
    ),
    "OPS010": Template(
        mark("{table}: {count} merged cells stand below the header."),
        ((mark("Their value is taken for the first of their rows only."),),),
    ),
    "OPS011": Template(
        mark("{table}: {count} rows stand more than once."),
        ((mark("They are counted as they are."),), (PLACE,)),
    ),
    "OPS012": Template(
        mark("{table}: {count} values lie outside their range."),
        ((PLACE,),),
    ),
    "OPS013": Template(
        mark("{table}: {count} rows contradict themselves."),
        ((PLACE,),),
    ),
    "OPS014": Template(
        mark("{table}: {count} rows refer to nothing that is known."),
        ((PLACE,),),
    ),
    "OPS015": Template(
        mark("{table}: {count} totals differ from the sum of their parts."),
        ((mark("Total / parts: {examples}."),),),
    ),
    "OPS016": Template(
        mark("{table}: {count} pairs that should differ are equal to the cent."),
        ((mark("One was probably copied: {examples}."),),),
    ),
    "OPS017": Template(
        mark("{table}: data from {units} equal those of the month before."),
        ((mark("They are probably a copy of the old file."),),),
    ),
    "OPS018": Template(
        mark("{table}: published growth differs from computed growth."),
        ((mark("Published / computed: {examples}."),),),
    ),
    "OPS019": Template(
        mark("{table}: a jump far beyond the usual."),
        ((mark("{units}: {examples} against the month before."),),),
    ),
}
TEMPLATES |= {
    "OPS020": Template(
        mark("{metric}: the target was revised from {old} to {new} on {approved_on}."),
        ((mark("The period had ended on {ended}."),),),
    ),
    "OPS021": Template(
        mark("{group}: units have joined or left it since the periods it is compared with."),
        ((mark("Regrouped: {units}. Each period counts its units as they were then."),),),
    ),
}
OTHER = Template(mark("{metric}: {code}."))
SHARED = ("actual", "target", "variance")
RATIOS = ("attainment", "year_attainment", "time_progress", "threshold")
POINTS = ("gap",)
COUNTS = ("rows", "count", "row")
DAYS = ("due", "overdue", "approved_on", "ended")


LABELS: dict[str, Callable[[Reader, str], str]] = {
    "units": Reader.unit,
    "group": Reader.unit,
    "tables": Reader.table,
    "table": Reader.table,
}


@dataclass(frozen=True)
class Figure:
    """A number in a sentence: as it is read, as it is, and the key of its record."""

    text: str
    value: float
    key: str

    def __str__(self) -> str:
        return self.text

    def __html__(self) -> str:
        return str(
            element(
                "data",
                self.text,
                value=repr(self.value),
                class_=unbroken(self.text),
                data_key=self.key,
            )
        )


def record_key(metric: str, measure: str, unit: str, period: str) -> str:
    """Key that binds a shown figure to its record."""
    return f"{metric}|{measure}|{unit}|{period}"


def sentence(finding: Finding, provenance: Mapping[str, Any], locale: str) -> Markup:
    """Sentence of `finding` as HTML, its lead in bold; all text from data is escaped.

    Parameters
    ----------
    finding : Finding
    provenance : mapping
        Of the Result that holds the finding.
    locale : str
        ``zh`` or ``en``.
    """
    reader = Reader(provenance, locale)
    lead, details, values = _parts(finding, reader)
    shown = [fill_html(part, values) for part in (lead, *details)]
    return join([element("b", shown[0]), *shown[1:]], "" if reader.words.wide else " ")


def plain_sentence(finding: Finding, provenance: Mapping[str, Any], locale: str) -> str:
    """Sentence of `finding` as plain text, for alternative text and the command line."""
    reader = Reader(provenance, locale)
    lead, details, values = _parts(finding, reader)
    shown = [fill(part, values, str) for part in (lead, *details)]
    return ("" if reader.words.wide else " ").join(shown)


def _parts(finding: Finding, reader: Reader) -> tuple[str, list[str], dict[str, object]]:
    """Lead and details in the reader's language, with the values for their places."""
    template = TEMPLATES.get(finding.code, OTHER)
    values = _values(finding, reader)
    lead = chosen(finding.title, reader.locale) or reader.words(template.lead)
    choices = ([reader.words(d) for d in detail] for detail in template.details)
    details = (next((d for d in choice if _complete(d, values)), "") for choice in choices)
    return lead, [detail for detail in details if detail], values


def _complete(template: str, values: Mapping[str, object]) -> bool:
    return all(values.get(place) not in (None, "") for place in PLACEHOLDER.findall(template))


def _values(finding: Finding, reader: Reader) -> dict[str, object]:
    evidence = finding.evidence
    shared = reader.format(finding.metric, (evidence.get(name) for name in SHARED[:2]))
    values: dict[str, object] = {"metric": subject(finding, reader), "code": finding.code}
    for measure, value in evidence.items():
        found = number(value)
        if found is not None:
            values[measure] = _figure(finding, measure, found, shared, reader)
        elif isinstance(value, str):
            # A table without units is the whole company's.
            named = value or (finding.unit if measure == "units" else "")
            values[measure] = _names(measure, named, reader)
    return values


def subject(finding: Finding, reader: Reader) -> str:
    """What a finding is about: the metric, with the unit where it is not the report's own."""
    words, metric = reader.words, reader.metric(finding.metric)
    if not finding.metric:
        return words("Data")
    if finding.unit == str(reader.provenance.get("unit", finding.unit)):
        return metric
    return words("{metric} of {unit}", metric=metric, unit=reader.unit(finding.unit))


def _figure(
    finding: Finding, name: str, value: float, shared: NumberFormat, reader: Reader
) -> Figure:
    about = finding.metric or str(finding.evidence.get("table", ""))
    key = record_key(about, name, finding.unit, finding.period)
    if name in POINTS:
        return Figure(points(reader.locale).text(abs(value)), value, key)
    if name in RATIOS:
        return Figure(percent(reader.locale).text(value), value, key)
    if name in COUNTS:
        return Figure(count(reader.locale).text(value), value, key)
    if name == "variance":
        style = difference_format(reader.definition(finding.metric), shared, value)
        return Figure(style.text(value, signed=True), value, key)
    style = shared if name in SHARED else reader.format(finding.metric, [value])
    return Figure(style.text(value), value, key)


def _names(name: str, value: str, reader: Reader) -> str:
    """Ids in `value`, comma joined, by their labels."""
    if name in DAYS:
        year = int(str(reader.provenance.get("period", "0"))[:4])
        return day(dt.date.fromisoformat(value), reader.locale, year=year)
    label = LABELS.get(name)
    if label is None:
        return value
    return reader.listed(label(reader, key.strip()) for key in value.split(",") if key.strip())


def clauses(parts: Iterable[object], reader: Reader) -> Markup:
    """Clauses joined to one statement by the comma of the language, without a full stop."""
    return join(parts, "，" if reader.words.wide else ", ")
