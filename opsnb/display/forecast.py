"""Forecast: where the year ends, and for each metric the fan chart, its months and its parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup

from opsnb.display import figures
from opsnb.display.fan import FanData, fan
from opsnb.display.forecasts import INNER, OUTER, Forecast, Record, chance, forecasts
from opsnb.display.icons import icon
from opsnb.display.markup import anchor, element, join
from opsnb.display.numbers import percent
from opsnb.display.odds import odds_note
from opsnb.display.reader import Reader, number, records
from opsnb.display.sentences import clauses
from opsnb.display.states import caveats
from opsnb.display.strata import Stratum, strata
from opsnb.display.table import Cell, Group, Head, Row, Table, bare, number_place, render
from opsnb.display.trend import ticks
from opsnb.display.words import mark
from opsnb.keys import record_key
from opsnb.results import NotApplicable, Result

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BASIS = {
    "sum": mark("It is the sum of the units' forecasts, in every simulated future."),
    "own": mark("It is made from the metric's own history; its units do not add up."),
}
STRIP = 102
"""Pixels of a strip."""
LEAST = 0.05
"""Percent, below which season or calendar do not matter all year."""
NEAR = 4
"""Months around that of the report that have no other label."""


def forecast(result: Result, reader: Reader) -> Markup:
    """Table of the year's ends, then a figure and its parts for each of the key metrics."""
    found = forecasts(result, reader)
    if not found:
        return element("p", reader.words("There are no metrics to show."), class_="note")
    drawn = [one for one in found if str(one.row.get("key", "yes")) == "yes"]
    shown = [_figure(one, reader) for one in drawn if one.is_known]
    rest = [one for one in drawn if not one.is_known]
    notes = [
        element("p", reader.words.html("{metric}: no forecast, there is no value to learn from.",
                                       metric=reader.metric(one.metric)), class_="note")
        for one in rest
    ]  # fmt: skip
    width = [part for part in result.parts if part.name == "scale"]
    return join(
        [
            year_table(found, reader, dict(_levels(result))),
            odds_note(result, reader),
            *shown,
            *notes,
            *(_widths(part, reader) for part in width),
            caveats(result.findings, result.notes, reader),
        ]
    )


def _levels(result: Result) -> list[tuple[str, str]]:
    """Warning level of each metric whose target is in doubt."""
    return [(f.metric, f.severity) for f in result.findings if f.code == "OPS070"]


def year_table(found: Sequence[Forecast], reader: Reader, levels: dict[str, str]) -> Markup:
    """Every metric that has a year's end: to date, forecast, target, odds and run rates."""
    words = reader.words
    told = [one for one in found if number(one.row["year_forecast"]) is not None]
    left = [one for one in found if one not in told]
    body = tuple(_year_row(one, levels.get(one.metric, ""), reader) for one in told)
    heads = (
        Head(words("Metric"), "text"),
        Head(words("YTD")),
        Head(words("Full-year forecast"), css="a"),
        Head(words("80 % interval")),
        Head(words("Full-year target")),
        Head(words("P(target met)")),
        Head(words("Required"), note=words("a remaining workday")),
        Head(words("Expected"), note=words("a remaining workday")),
    )
    year = str(found[0].row["year"])
    caption = words("Where {year} ends, as of {period}", year=reader.period(year),
                    period=reader.period(found[0].period))  # fmt: skip
    table = render(Table(caption, heads, (Group(body),), "scroll", "dr", "year-ends"), words)
    return join([table if told else None, _left(left, reader)])


def _year_row(one: Forecast, level: str, reader: Reader) -> Row:
    words, style = reader.words, one.year_style
    name = join([reader.metric(one.metric), element("small", style.unit, class_="u"),
                 icon(level, words) if level else None], " ")  # fmt: skip
    ends = one.interval(str(one.row["year"]), INNER, style)
    p_met = number(one.row["p_met"])
    odds = chance(reader, p_met or 0.0)
    rate = reader.format(one.metric, [one.row["required_run_rate"], one.row["expected_run_rate"]])

    def cell(name: str, shown: object, css: str = "") -> Cell:
        value = one.row[name]
        if isinstance(value, NotApplicable):
            return Cell(reason=value.reason)
        return Cell(shown, key=one.key(name), css=css)

    def bare(name: str) -> str:
        value = number(one.row[name])
        return "" if value is None else style.number(value)

    def daily(name: str) -> str:
        value = number(one.row[name])
        return "" if value is None else rate.text(value)

    return Row(
        name,
        (
            cell("to_date", bare("to_date")),
            cell("year_forecast", bare("year_forecast")),
            Cell(ends) if ends else Cell(reason="too few points"),
            cell("year_target", bare("year_target")),
            cell("p_met", "" if p_met is None else odds.text(p_met),
                 "hot" if level == "orange" else ""),
            cell("required_run_rate", daily("required_run_rate")),
            cell("expected_run_rate", daily("expected_run_rate")),
        ),
        anchor("year", one.metric),
    )  # fmt: skip


def _left(left: Sequence[Forecast], reader: Reader) -> Markup:
    """Metrics without a year's end, by the reason."""
    reasons: dict[str, list[str]] = {}
    for one in left:
        reasons.setdefault(one.reason("year_forecast"), []).append(reader.metric(one.metric))
    said = {
        "not meaningful for this metric": mark(
            "No year's end: {metrics}. Ratios, averages and distinct counts of months do not add "
            "up to the year's."
        ),
        "the year is over": mark("The year is over: {metrics}."),
        "some units have no data in this period": mark(
            "No year's end, since some units have no data in this period: {metrics}."
        ),
    }
    other = mark("No year's end, too little is known: {metrics}.")
    return join(
        element("p", reader.words(said.get(reason, other), metrics=reader.listed(names)),
                class_="note")
        for reason, names in reasons.items()
    )  # fmt: skip


def _widths(part: Result, reader: Reader) -> Markup:
    """What the intervals' widths were set to, for the company and month."""
    rows = records(part)
    shown = [
        element("span", f"{float(row['width']):.2f}", class_="n",
                data_key=record_key("", "width", "", reader.provenance.get("period", ""), "", "",
                                    float(row["level"])))
        for row in rows
    ]  # fmt: skip
    said = reader.words.html(
        "Widths of all intervals of the company in this month, against the shipped ones: {inner} "
        "at 80 %, {outer} at 95 %, from {n} series.",
        inner=shown[0], outer=shown[1], n=int(rows[0]["series"]),
    )  # fmt: skip
    return element("p", said, class_="note")


def message(one: Forecast, reader: Reader) -> Markup:
    """What the figure says: where the year ends and how likely the target is, or next month."""
    words, style = reader.words, one.style
    name = reader.metric(one.metric)
    if number(one.row["year_forecast"]) is not None:
        year = one.summary("year_forecast", one.year_style)
        parts = [words.html("{metric}: full-year forecast {figure}", metric=name, figure=year)]
        p_met = number(one.row["p_met"])
        if p_met is not None:
            odds = one.summary("p_met", chance(reader, p_met))
            parts.append(words.html("chance of the target {figure}", figure=odds))
        return clauses(parts, reader)
    first = one.ahead[0]
    month = str(first["target_period"])
    value = number(first["forecast"])
    key = record_key(one.metric, "forecast", one.unit, one.period, "", month)
    figure = element("span", style.text(value or 0.0), class_="n", data_key=key)
    parts = [words.html("{metric}: {figure} expected in {period}", metric=name, figure=figure,
                        period=reader.period(month))]  # fmt: skip
    return clauses(parts, reader)


def subtitle(one: Forecast, reader: Reader) -> str:
    """Measure, unit, time, and how to read the lines."""
    words = reader.words
    parts = [
        reader.metric(one.metric),
        one.style.unit,
        reader.unit(one.unit),
        f"{reader.period(str(one.past[0]['period']))}—{reader.period(one.months[-1])}",
        words("solid actual, dashed forecast, hatched band 80 %, plain band 95 %"),
        words("grey without calendar effects") if _is_adjusted(one) else "",
        words("dotted steps target") if any(_plan(one)) else "",
    ]
    return ("，" if words.wide else ", ").join(part for part in parts if part)


def _is_adjusted(one: Forecast) -> bool:
    return any(number(row["value"]) != number(row["calendar_adjusted"]) for row in one.past)


def _plan(one: Forecast) -> list[float | None]:
    return [number(row["plan"]) for row in one.past] + [one.plans.get(m) for m in one.months]


def _figure(one: Forecast, reader: Reader) -> Markup:
    name = anchor("forecast", one.metric, one.unit)
    head, said = f"{name}-t", f"{name}-d"
    caption = element(
        "figcaption",
        element("h3", message(one, reader), id=head),
        element("p", number_place("figure", name), subtitle(one, reader), class_="sub"),
    )
    drawn = drawing(one, reader, f"{head} {said}", spoken(one, reader, said))
    left = element("div", drawn, *_made_of(one, reader), class_="side")
    side = element("div", months_table(one, reader), reading(one, reader), class_="side")
    return element("figure", caption, left, side, id=name, class_="fig")


def drawing(
    one: Forecast, reader: Reader, labelled_by: str, told: Markup, last: Record | None = None
) -> Markup:
    """Fan chart twice, for wide and for narrow places, and its sentence for those who hear it."""
    both = (
        figures.svg_of(fan(fan_data(one, reader, narrow=narrow, last=last), canvas), class_=css,
                       role="img", aria_labelledby=labelled_by)
        for narrow, canvas, css in ((False, figures.WIDE, "vw"), (True, figures.NARROW, "vn"))
    )  # fmt: skip
    return element("div", *both, told, class_="cv")


def spoken(one: Forecast, reader: Reader, name: str) -> Markup:
    """Next month and its interval, as the alternative text says it."""
    month = one.months[0]
    said = reader.words.html("{period}: {figure}, 80 % interval {interval}.",
                             period=reader.period(month), figure=one.mean(month),
                             interval=one.interval(month, INNER, one.style) or "")  # fmt: skip
    return element("p", said.striptags(), id=name, class_="vh")


def fan_data(
    one: Forecast, reader: Reader, *, narrow: bool = False, last: Record | None = None
) -> FanData:
    """Numbers and labels of the fan chart."""
    words, h = reader.words, len(one.months)
    shown = one.past[-13:] if narrow else one.past
    past = [number(row["value"]) for row in shown]
    start = past[-1]
    blank: list[float | None] = [None] * (len(past) - 1)

    def ahead(values: Sequence[float | None]) -> tuple[float, ...]:
        return one.scaled([*blank, start, *values])

    def ends(level: float, side: str) -> list[float | None]:
        return [number(one.ends[month, level][side]) for month in one.months]

    mean = [number(row["forecast"]) for row in one.ahead]
    final = mean[-1]
    label = "" if final is None else one.style.number(final)
    plan = _plan(one)[-len(shown) - h :]
    before = None
    if last is not None:
        told = [number(last[f"last_{name}"]) for name in ("forecast", "lower", "upper")]
        scaled = [one.style.scaled(value) for value in told if value is not None]
        before = (scaled[0], scaled[1], scaled[2]) if len(scaled) == 3 else None
    periods = [str(row["period"]) for row in shown] + one.months
    adjusted = [number(row["calendar_adjusted"]) for row in shown]
    return FanData(
        figures.Line(one.scaled([*past, *[None] * h]), ""),
        figures.Line(one.scaled([*adjusted, *[None] * h]), ""),
        figures.Line(one.scaled(plan), words("Target") if plan[-1] is not None else ""),
        figures.Line(ahead(mean), label),
        (figures.Line(ahead(ends(INNER, "lower")), "80 %"),
         figures.Line(ahead(ends(INNER, "upper")), "")),
        (figures.Line(ahead(ends(OUTER, "lower")), ""),
         figures.Line(ahead(ends(OUTER, "upper")), "95 %")),
        before,
        _ticks(periods, len(shown) - 1, reader, narrow=narrow),
        (words("actual"), words("forecast")),
    )  # fmt: skip


def _ticks(
    periods: list[str], now: int, reader: Reader, *, narrow: bool
) -> tuple[figures.Tick, ...]:
    """Januaries with their year, the month of the report, and the last."""
    found = {tick.place: tick for tick in ticks(periods, reader, narrow=narrow)}
    (present,) = ticks([periods[now]], reader, narrow=True)
    last = found.pop(len(periods) - 1)
    found = {place: tick for place, tick in found.items() if abs(place - now) > NEAR}
    found[last.place] = figures.Tick(last.place, last.label)
    found[now] = figures.Tick(now, present.label, strong=True)
    return tuple(sorted(found.values(), key=lambda tick: tick.place))


def months_table(one: Forecast, reader: Reader, most: int = 12) -> Markup:
    """Months ahead with both intervals, and the year's end."""
    words, style, year = reader.words, one.style, str(one.row["year"])
    heads = (
        Head(words("Month"), "text"),
        Head(words("Forecast"), note=style.unit, css="a"),
        Head(words("80 % interval")),
        Head(words("95 % interval")),
    )
    rows = [
        Row(reader.period(month), (
            Cell(one.mean(month)),
            *(Cell(one.interval(month, level, style)) for level in (INNER, OUTER)),
        ))
        for month in one.months[:most]
    ]  # fmt: skip
    total = number(one.row["year_forecast"])
    groups = [Group(tuple(rows))]
    if total is not None:
        whole = one.year_style
        cells = (
            Cell(one.summary("year_forecast", whole)),
            *(Cell(one.interval(year, level, whole)) for level in (INNER, OUTER)),
        )
        groups.append(Group((Row(reader.period(year), cells),)))
    caption = words("Forecast of {metric} by month", metric=reader.metric(one.metric))
    name = anchor("months", one.metric, one.unit)
    return render(Table(caption, heads, tuple(groups), "scroll", "ut fct", name), words)


def _made_of(one: Forecast, reader: Reader) -> list[Markup]:
    """Strips of what the forecast is made of."""
    name = anchor("made-of", one.metric, one.unit)
    if not one.components:
        return []
    caption = reader.words("What the forecast of {metric} is made of",
                           metric=reader.metric(one.metric))  # fmt: skip
    both = (
        figures.svg_of(_strips(one, reader, width, narrow=narrow), class_=css, role="img",
                       aria_label=caption)
        for narrow, width, css in ((False, figures.WIDE.width, "vw"),
                                   (True, figures.NARROW.width, "vn"))
    )  # fmt: skip
    sub = element("p", number_place("figure", name), caption, class_="sub", id=name)
    return [element("div", sub, *both, class_="cv")]


def _strips(one: Forecast, reader: Reader, width: int, *, narrow: bool) -> Figure:
    words = reader.words
    rows = one.components[-25:] if narrow else one.components
    periods = [str(row["target_period"]) for row in rows]
    now = periods.index(one.period)
    adjusted = {str(r["period"]): number(r["calendar_adjusted"]) for r in one.past}
    share = percent(reader.locale)
    shares = (
        Stratum(words(name), tuple(share.scaled(row[column]) for row in rows), bars=True)
        for name, column in ((mark("Season, %"), "season"), (mark("Calendar, %"), "calendar"))
    )
    strips = (
        Stratum(words("Trend, {unit}", unit=one.style.unit),
                one.scaled([number(row["trend"]) for row in rows]),
                behind=one.scaled([adjusted.get(period) for period in periods])),
        *(strip for strip in shares if max(map(abs, strip.values)) >= LEAST),
    )  # fmt: skip
    canvas = figures.Canvas(width, STRIP * len(strips) + figures.BOTTOM)
    return strata(strips, now, _ticks(periods, now, reader, narrow=narrow), canvas)


def reading(one: Forecast, reader: Reader) -> Markup:
    """What stands behind the forecast, in sentences."""
    words, lines = reader.words, []
    if number(one.row["slope"]) is not None:
        slope = one.summary("slope", percent(reader.locale), signed=True)
        lines.append(words.html("The trend moves by {figure} a year.", figure=slope))
    rates = [one.row[name] for name in ("required_run_rate", "expected_run_rate")]
    if all(number(rate) is not None for rate in rates):
        style = reader.format(one.metric, rates)
        lines.append(
            words.html(
                "The year's target takes {required} every remaining workday, {expected} is "
                "expected.",
                required=one.summary("required_run_rate", style),
                expected=one.summary("expected_run_rate", style),
            )
        )
    lines.append(words.html(BASIS[str(one.row["basis"])]))
    if one.flags:
        stop = "；" if words.wide else "; "
        lines.append(words.html("To be read with care: {flags}.", flags=stop.join(one.flags)))
    return element("div", *(element("p", line) for line in lines), class_="say")


def forecast_units(result: Result, reader: Reader) -> Markup:
    """The unit and those right below it, which add up where their metric does."""
    groups: dict[str, list[Record]] = {}
    for row in records(result):
        groups.setdefault(str(row["metric"]), []).append(row)
    if not groups:
        return element("p", reader.words("There are no units below this one."), class_="note")
    return element("div", *(_units(metric, rows, reader) for metric, rows in groups.items()),
                   class_="un")  # fmt: skip


def _units(metric: str, rows: Sequence[Record], reader: Reader) -> Markup:
    words = reader.words
    names = ("next_month", "months_ahead", "part_year")
    styles = [reader.format(metric, [row[name] for row in rows]) for name in names]
    heads = (
        Head(words("Unit"), "text"),
        Head(words("Next month"), note=styles[0].unit),
        Head(words("Months ahead"), note=styles[1].unit),
        Head(words("Full year"), note=styles[2].unit),
    )

    def cell(row: Record, name: str, place: int) -> Cell:
        value = row[name]
        if isinstance(value, NotApplicable):
            return Cell(reason=value.reason)
        by = {"part": str(row["part"])}
        key = record_key(metric, name, str(row["unit"]), str(row["period"]), by)
        return Cell(styles[place].number(float(value)), key=key)

    body = [
        Row(reader.unit(str(row["part"])), tuple(cell(row, n, i) for i, n in enumerate(names)))
        for row in rows
    ]
    whole = (Group(tuple(body[1:])), Group(tuple(body[:1])))
    caption = words("Forecast of {metric} by unit", metric=reader.metric(metric))
    name = anchor("forecast-units", metric)
    title = element("h3", reader.metric(metric))
    table, _ = bare(Table(caption, heads, whole, "fit", "ut fct", name))
    return element("div", title, render(table, words))
