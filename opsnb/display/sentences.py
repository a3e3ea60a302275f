"""Findings as sentences: a lead that says the fact, and details that say its size.

Sentences are compiled from a finding's evidence by the template of its code. Each figure in
the HTML carries the key of its record (`opsnb.keys`) in ``data-key``, and its exact value, so
that it can be traced to the record. A detail whose evidence is missing is left out; nothing is
made up for it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from opsnb.display import risk_sentences
from opsnb.display.dates import day
from opsnb.display.markup import element, join, unbroken
from opsnb.display.numbers import NumberFormat, chosen, count, difference_format, percent, points
from opsnb.display.reader import Reader, number
from opsnb.display.signals import NAMES, SCALED, growth_format, is_growth, named
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
            (mark("The month is {stable}."),),
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
CHARTED = (
    mark("Now {point}, {bound} {limit}, centre line {center}."),
    mark("Adjusted for the calendar {adjusted}, {bound} {limit}, centre line {center}."),
    mark("Growth on the year before {growth_point}, {bound} {growth_limit}, centre line "
         "{growth_center}."),
    mark("Change on the year before {change_point}, {bound} {change_limit}, centre line "
         "{change_center}."),
    mark("Now {point}, centre line {center}."),
    mark("Adjusted for the calendar {adjusted}, centre line {center}."),
    mark("Growth on the year before {growth_point}, centre line {growth_center}."),
    mark("Change on the year before {change_point}, centre line {change_center}."),
)  # fmt: skip
KIND = (mark("It is {variation}, not chance."),)
TEMPLATES |= {
    "OPS022": Template(
        mark("{table}: {rows} rows are dated after {as_of}, the day of the report."),
        ((mark("The latest is {latest}."),),),
    ),
    "OPS023": Template(
        mark("{table}: {count} rows of the period hold values that could not be read."),
        ((mark("They are missing in the figures."),), (PLACE,)),
    ),
    "OPS030": Template(
        mark("{metric} is {side} its control limit."),
        (CHARTED, (mark("For {run} months in a row."),), KIND),
    ),
    "OPS031": Template(mark("{metric} has {moved} {run} times in a row."), (CHARTED, KIND)),
    "OPS032": Template(
        mark("{metric}: two of the last three months lie close to the {bound}."),
        (CHARTED, KIND),
    ),
    "OPS033": Template(
        mark("{metric} has been {side} its centre line for {run} months."), (CHARTED, KIND)
    ),
    "OPS040": Template(
        mark("{metric}: {total} on a year ago, most of it {effect}, {contribution}."),
        ((mark("There {item} alone makes {part}."),),),
    ),
    "OPS041": Template(
        mark("{metric}: the whole changed by {total} against all of its parts, by mix."),
        (
            (
                mark("Every value of {all_rise} rises; their changed weights make {mix}."),
                mark("Every value of {all_fall} falls; their changed weights make {mix}."),
            ),
        ),
    ),
    "OPS042": Template(
        mark("By {dimension}, {power} of the change of {metric} lies in {number} of them."),
        ((mark("The first is {item}, {part}."),),),
    ),
    "OPS043": Template(
        mark("{metric}: {contribution} of a change of {total} is unexplained."),
        ((mark("Amounts without a quantity, or without the item, belong to no effect."),),),
    ),
    "OPS044": Template(mark("Against the whole: {item} ({dimension}), {part}.")),
    "OPS045": Template(
        mark("{metric} moves with {driver}: correlation {correlation}."),
        (
            (mark("{driver} is ahead by {lag} months."),),
            (mark("It stands out among {tried} attempts."),),
        ),
    ),
    "OPS046": Template(
        mark("Prices make {contribution} of the change of {metric}."),
        ((mark("Of that {item} makes {part}."),),),
    ),
    "OPS047": Template(
        mark("{metric}: {total} on a year ago; {item} ({dimension}) alone makes {part}.")
    ),
}
TEMPLATES |= {
    "OPS070": Template(
        mark("{metric}: the year's target is likely missed, the chance of reaching it is {p_met}."),
        ((mark("Full-year forecast {year_forecast}, target {year_target}."),),),
    ),
    "OPS071": Template(
        mark("{metric}: two methods disagree on the months ahead."),
        (
            (
                mark(
                    "Mean {ahead}, its 80 % interval {ahead_lower} to {ahead_upper}; by the second "
                    "method {second}."
                ),
            ),
        ),
    ),
    "OPS072": Template(
        mark("Issued intervals were too narrow: those of {column} % held {held}."),
        ((mark("{inside} of {checked} values of the next month; {promised} were promised."),),),
    ),
    "OPS073": Template(
        mark("{unread} records of earlier reports cannot be read and are left out."),
        ((mark("Among them: {files}."),),),
    ),
}
TEMPLATES |= {
    "OPS074": Template(
        mark("Since earlier reports {restated_count} of their numbers have changed."),
        (
            (mark("{restated_published} of them stand published; months: {restated_months}."),),
            (mark("Not defined any more: {gone}."),),
        ),
    ),
    "OPS075": Template(
        mark("{metric} is defined otherwise than in {redefined_months} earlier reports."),
        ((mark("What they said, the last time for {latest_month}, cannot be compared."),),),
    ),
    "OPS076": Template(
        mark("{unread} earlier reports are not what their runs left and are not compared."),
        ((mark("Among them: {files}."),),),
    ),
}
TEMPLATES |= {code: Template(*parts) for code, parts in risk_sentences.LEADS.items()}
ONE = {
    "OPS006": mark("{table}: {rows} row names a unit that nobody knows."),
    "OPS007": mark("{table}: {count} value is not of its column's type."),
    "OPS008": mark("{table}: {rows} row has no date."),
    "OPS009": mark("{table}: {rows} row has no match in {tables}."),
    "OPS010": mark("{table}: {count} merged cell stands below the header."),
    "OPS011": mark("{table}: {count} row stands more than once."),
    "OPS012": mark("{table}: {count} value lies outside its range."),
    "OPS013": mark("{table}: {count} row contradicts itself."),
    "OPS014": mark("{table}: {count} row refers to nothing that is known."),
    "OPS015": mark("{table}: {count} total differs from the sum of its parts."),
    "OPS016": mark("{table}: {count} pair that should differ is equal to the cent."),
    "OPS023": mark("{table}: {count} row of the period holds a value that could not be read."),
    "OPS022": mark("{table}: {rows} row is dated after {as_of}, the day of the report."),
}
"""Leads where a single row or value is meant; Chinese has the same for one and for many."""
DECLARED = mark("Check: {title}.")
"""Detail of a declared check that has a name of its own."""
OTHER = Template(mark("{metric}: {code}."))
SHARED = ("actual", "target", *SCALED, "variance")
RATIOS = (
    "attainment", "ytd_attainment", "year_attainment", "time_progress", "threshold",
    "yoy", "mom", "ytd_yoy", "power", "p_met", "held", "promised", *risk_sentences.RATIOS,
)  # fmt: skip
DIFFERENCES = ("variance", "total", "contribution", "part", "rate", "mix")
PLAIN = ("correlation", *risk_sentences.PLAIN)
POINTS = ("gap",)
COUNTS = (
    "rows", "count", "row", "number", "lag", "tried", "run", "inside", "checked", "unread",
    "restated_count", "restated_months", "restated_published", "redefined_months",
    *risk_sentences.COUNTS,
)  # fmt: skip
DAYS = ("due", "overdue", "approved_on", "ended", "as_of", "latest", *risk_sentences.DAYS)
DOUBTED = tuple(f"OPS{number:03d}" for number in range(11, 20))


LABELS: dict[str, Callable[[Reader, str], str]] = {
    "units": Reader.unit,
    "group": Reader.unit,
    "tables": Reader.table,
    "table": Reader.table,
    "driver": Reader.metric,
    "dimension": Reader.column,
    "all_rise": Reader.column,
    "all_fall": Reader.column,
    "risk": Reader.risk,
    "treatment": Reader.treatment,
    "latest_month": Reader.period,
    **dict.fromkeys(
        ("colour", "towards"), lambda reader, colour: reader.words(risk_sentences.COLOURS[colour])
    ),
    "effect": lambda reader, effect: effect_name(effect, reader),
}
EFFECTS: dict[str, str] = {
    "volume": mark("volume"),
    "mix": mark("mix"),
    "price": mark("price"),
    "new": mark("new items"),
    "lost": mark("lost items"),
    "rate": mark("the parts' own change"),
    "others": mark("others"),
}


def effect_name(effect: str, reader: Reader) -> str:
    """Effect in running text; an element that stands for one, as it is."""
    return reader.words(EFFECTS[effect]) if effect in EFFECTS else effect.removeprefix("=")


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
    first, rest, values = _parts(finding, reader)
    shown = [fill_html(part, values) for part in (first, *rest)]
    return join([element("b", shown[0]), *shown[1:]], "" if reader.words.wide else " ")


def lead(finding: Finding, reader: Reader) -> Markup:
    """The fact of `finding`, as HTML."""
    first, _, values = _parts(finding, reader)
    return fill_html(first, values)


def details(finding: Finding, reader: Reader) -> Markup:
    """The size of the fact of `finding`, as HTML."""
    _, rest, values = _parts(finding, reader)
    return join((fill_html(part, values) for part in rest), "" if reader.words.wide else " ")


def plain_sentence(finding: Finding, provenance: Mapping[str, Any], locale: str) -> str:
    """Sentence of `finding` as plain text, for alternative text and the command line."""
    reader = Reader(provenance, locale)
    first, rest, values = _parts(finding, reader)
    shown = [fill(part, values, str) for part in (first, *rest)]
    return ("" if reader.words.wide else " ").join(shown)


def _parts(finding: Finding, reader: Reader) -> tuple[str, list[str], dict[str, object]]:
    """Lead and details in the reader's language, with the values for their places."""
    template = TEMPLATES.get(finding.code, OTHER)
    values = _values(finding, reader)
    lead = _lead(finding, template, reader)
    choices = ([reader.words(d) for d in detail] for detail in template.details)
    details = (next((d for d in choice if _complete(d, values)), "") for choice in choices)
    told = [detail for detail in details if detail]
    if finding.code in DOUBTED and values["title"]:
        told.insert(0, reader.words(DECLARED))
    return lead, told, values


def _lead(finding: Finding, template: Template, reader: Reader) -> str:
    """Title of the finding, or the sentence of its code."""
    title, evidence = chosen(finding.title, reader.locale), finding.evidence
    if title and finding.code not in DOUBTED:
        return title
    single = evidence.get("rows", evidence.get("count")) == 1
    return reader.words(ONE.get(finding.code, template.lead) if single else template.lead)


def _complete(template: str, values: Mapping[str, object]) -> bool:
    return all(values.get(place) not in (None, "") for place in PLACEHOLDER.findall(template))


def _values(finding: Finding, reader: Reader) -> dict[str, object]:
    evidence = finding.evidence
    shared = reader.format(finding.metric, (evidence.get(name) for name in SHARED[:-1]))
    values: dict[str, object] = {"metric": subject(finding, reader), "code": finding.code}
    values["title"] = chosen(finding.title, reader.locale)
    for measure, value in evidence.items():
        found = number(value)
        if found is not None:
            values[measure] = _figure(finding, measure, found, shared, reader)
        elif isinstance(value, str):
            # A table without units is the whole company's.
            named = value or (finding.unit if measure == "units" else "")
            values[measure] = _names(measure, named, reader)
    if isinstance(item := evidence.get("item"), str):
        values["item"] = reader.element(str(evidence.get("dimension", "")), item)
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
    text = _shown(finding, name, abs(value) if name in POINTS else value, shared, reader)
    return Figure(text, value, finding.key(name))


def _shown(finding: Finding, name: str, value: float, shared: NumberFormat, reader: Reader) -> str:
    """Number of the evidence called `name` as it is read; what differs or changes has a sign."""
    locale = reader.locale
    unsigned = {POINTS: points, RATIOS: percent, COUNTS: count}
    for names, style in unsigned.items():
        if name in names:
            return style(locale).text(value)
    if is_growth(name):
        return growth_format(finding.metric, reader).text(value, signed=True)
    if name in PLAIN:
        return NumberFormat(locale, 0, 2).text(value, signed=True)
    if name in DIFFERENCES:
        sizes = [abs(n) for k in DIFFERENCES if (n := number(finding.evidence.get(k))) is not None]
        scale = difference_format(reader.definition(finding.metric), shared, max(sizes))
        return scale.text(value, signed=True)
    return (shared if name in SHARED else reader.format(finding.metric, [value])).text(value)


def _names(name: str, value: str, reader: Reader) -> str:
    """Ids in `value`, comma joined, by their labels."""
    if name in DAYS:
        year = int(str(reader.provenance.get("period", "0"))[:4])
        return day(dt.date.fromisoformat(value), reader.locale, year=year)
    if name in NAMES:
        return named(name, value, reader)
    label = LABELS.get(name)
    if label is None:
        return value
    return reader.listed(label(reader, key.strip()) for key in value.split(",") if key.strip())


def clauses(parts: Iterable[object], reader: Reader) -> Markup:
    """Clauses joined to one statement by the comma of the language, without a full stop."""
    return join(parts, "，" if reader.words.wide else ", ")
