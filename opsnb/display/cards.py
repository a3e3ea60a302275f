"""KPI cards: value, against target, against last year, the last months, the state in a word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from opsnb.display.markup import NBSP, anchor, element, join
from opsnb.display.measures import DIFFERENCE, MetricRow
from opsnb.display.reader import Reader
from opsnb.display.reasons import reason_text
from opsnb.display.sparkline import Band, bands, sparkline
from opsnb.display.states import States
from opsnb.display.verdicts import Verdict, icon_pair, verdicts
from opsnb.display.words import Words, mark
from opsnb.results import Result

COLUMNS = (6, 5, 4)


@dataclass(frozen=True)
class Charts:
    """What the control charts say of the metrics: verdicts, and limits for the small lines."""

    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    bands: Mapping[str, Band] = field(default_factory=dict)

    @classmethod
    def of(cls, result: Result) -> Charts:
        """Those in the parts of `result`."""
        return cls(verdicts(result), bands(result))

    def tone(self, metric: str) -> str:
        """Whether the last point of a metric is a good or a bad signal."""
        found = self.verdicts.get(metric)
        return found.tone if found else ""


def cards(
    rows: Sequence[MetricRow],
    states: States,
    history: Mapping[str, list[float | None]],
    reader: Reader,
    charts: Charts | None = None,
) -> Markup:
    """Cards of `rows` in one grid; nothing without rows."""
    if not rows:
        return Markup("")
    known = charts or Charts()
    items = [_card(row, states, history.get(row.metric, []), known, reader) for row in rows]
    return element("ul", *items, class_="cards", style=f"--n:{columns(len(rows))}")


def columns(n: int) -> int:
    """Columns for `n` cards: one row up to six, else the number that leaves the fewest gaps.

    >>> [columns(n) for n in (1, 4, 6, 8, 10)]
    [3, 4, 6, 4, 5]
    """
    return max(n, 3) if n <= COLUMNS[0] else min(COLUMNS, key=lambda c: -n % c)


def _card(
    row: MetricRow,
    states: States,
    history: list[float | None],
    charts: Charts,
    reader: Reader,
) -> Markup:
    words, verdict = reader.words, charts.verdicts.get(row.metric)
    whole = not states.incomplete(row.metric, row.unit)
    severity = states.severity(row.metric, row.unit)
    judged = row.number("attainment") is not None
    tag = states.tag(row.metric, row.unit, words)
    return element(
        "li",
        element("h4", reader.metric(row.metric), tag),
        _value(row, words),
        _target(row, words),
        _changes(row, words),
        sparkline(
            history,
            row.style,
            words,
            whole=whole,
            band=charts.bands.get(row.metric),
            tone=charts.tone(row.metric),
        ),
        element(
            "p",
            states.icon(row.metric, row.unit, words, judged=judged),
            icon_pair(verdict, words) if verdict else None,
            class_="ics",
        ),
        class_=f"card s-{severity or ('info' if judged else 'grey')}",
        id=anchor("card", row.metric, row.unit),
    )


def _value(row: MetricRow, words: Words) -> Markup:
    value = row.number("actual")
    if value is None:
        reason = reason_text(row.reason("actual") or "no data in this period", words)
        return element("p", reason, class_="v none")
    shown = element(
        "data",
        row.style.before + row.text("actual", bare=True),
        value=repr(value),
        data_key=row.key("actual"),
    )
    unit = element("span", row.style.after) if row.style.after else None
    return element("p", shown, unit, class_="v")


def _target(row: MetricRow, words: Words) -> Markup:
    if row.number("target") is None:
        return element("p", _none(words, row.reason("target") or "no target"), class_="r")
    details = []
    if row.number("variance") is not None:
        details.append(_figure(row, "variance"))
    if row.number("attainment") is not None:
        details.append(words.html("reached {figure}", figure=_figure(row, "attainment")))
    first = words.html("Target {target}", target=_figure(row, "target", bare=not row.is_ratio))
    return _two_lines(first, details, words)


def _changes(row: MetricRow, words: Words) -> Markup:
    """Growth on the year before, adjusted with the raw one below it, and on the month before."""
    why = {row.reason(row.change(name)) for name in ("yoy", "mom")}
    if len(why) == 1 and (reason := why.pop()):
        both = ("、" if words.wide else ", ").join((words("YoY"), words("MoM")))
        line = words.html("{name} {figure}", name=both, figure=_none(words, reason))
        return _two_lines(line, (), words)
    lines, adjusted = [], row.number("yoy_adjusted") is not None
    for name, label in (("yoy", mark("YoY")), ("mom", mark("MoM"))):
        column = "yoy_adjusted" if name == "yoy" and adjusted else row.change(name)
        shown = (
            _none(words, row.reason(column) or "no data in this period")
            if row.number(column) is None
            else _figure(row, column)
        )
        lines.append(words.html("{name} {figure}", name=words(label), figure=shown))
    if turn := row.turn(words):
        lines.insert(1, Markup.escape(turn))
    if adjusted:
        raw = _figure(row, row.change("yoy"))
        lines.insert(1, words.html("raw {figure}", figure=raw))
    return _two_lines(lines[0], lines[1:], words)


def _two_lines(first: Markup, details: Sequence[object], words: Words) -> Markup:
    small = element("small", join(details, "，" if words.wide else ", ")) if details else None
    return element("p", first, small, class_="r")


def _figure(row: MetricRow, column: str, *, bare: bool = False) -> Markup:
    """Figure bound to its record; percentage points in their short form."""
    text = row.text(column, bare=bare)
    if row.is_ratio and column in DIFFERENCE:
        text = row.text(column, bare=True) + NBSP + row.reader.words("pt")
    return element("span", text, data_key=row.key(column))


def _none(words: Words, reason: str) -> Markup:
    return element("span", reason_text(reason, words), class_="na")
