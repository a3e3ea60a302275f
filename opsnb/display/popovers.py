"""Popovers: what a number means and where it comes from, opened by the number itself.

A fragment binds a figure to its record by ``data-key`` and knows nothing of the page. Once all
fragments are there, :func:`bind` turns every such figure into a button and adds one popover for
each metric and measure, which its figures share. No script is needed; a browser without popovers
shows plain figures, and the annex says the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from markupsafe import Markup, escape

from opsnb.display.markup import element, join
from opsnb.display.measure_names import MEASURES, SAME, MeasureName, formula
from opsnb.display.numbers import chosen, count
from opsnb.display.reader import Reader
from opsnb.display.words import PLACEHOLDER, fill_html, mark
from opsnb.keys import subject

FIGURE = re.compile(r'(<(td|span|data)\b[^>]* data-key="([^"]+)"[^>]*>)([^<]+)(</\2>)')
DIGITS = 8  # of a sha256; the annex has more
WHOLE_YEAR = "ytd"
BASE = "actual"
CHECKS: dict[str, str] = {
    "unique": mark("no row twice"),
    "range": mark("values in range"),
    "rows": mark("rows consistent"),
    "refers": mark("references known"),
    "parsed": mark("all values read"),
    "totals": mark("totals agree"),
    "equal": mark("copies differ"),
    "stale": mark("not a copy of last month"),
    "growth": mark("published growth agrees"),
    "jump": mark("no jump"),
}


def bind(html: str, provenances: Iterable[Mapping[str, Any]], locale: str) -> tuple[str, Markup]:
    """Page whose figures are buttons, and the popovers that they open.

    Parameters
    ----------
    html : str
        All fragments of a page, in order.
    provenances : iterable of mapping
        Of its results: definitions and sources are taken from all of them.
    locale : str
    """
    answers = Answers(Reader(merged(provenances), locale))

    def button(found: re.Match[str]) -> str:
        start, _, key, text, end = found.groups()
        name = answers.name(unescape(key))
        if not name:
            return found[0]
        # Terse, for there are hundreds: an id needs no quotes, and the popover tells the rest.
        bare = start.replace(f' data-key="{key}"', "", 1)
        return f"{bare}<button popovertarget={name}>{text}</button>{end}"

    shown = FIGURE.sub(button, html)
    return shown, answers.html()


def merged(provenances: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """First of the provenances, with the definitions and sources of all."""
    whole: dict[str, Any] = {}
    for one in provenances:
        for name, content in one.items():
            if name in ("metrics", "sources", "tables", "owners", "risks", "treatments"):
                whole[name] = {**content, **whole.get(name, {})}
            else:
                whole.setdefault(name, content)
    return whole


@dataclass
class Answers:
    """Popovers of one page, numbered as they are first asked for."""

    reader: Reader
    names: dict[tuple[str, str], str] = field(default_factory=dict)
    files: dict[str, Markup | None] = field(default_factory=dict)

    def name(self, key: str) -> str:
        """Id of the popover for the number of `key`; empty where nothing is known of it."""
        about, measure = subject(key)
        if not (self.reader.definition(about) or self._source(about)):
            return ""
        pair = (about, SAME.get(measure, measure))
        return self.names.setdefault(pair, f"p{len(self.names) + 1}")

    def html(self) -> Markup:
        """All popovers."""
        return join(self._popover(*pair, name) for pair, name in self.names.items())

    def _popover(self, about: str, measure: str, name: str) -> Markup:
        words, reader = self.reader.words, self.reader
        known = MEASURES.get(measure, MeasureName(measure.replace("_", " ").capitalize()))
        is_metric = bool(reader.definition(about))
        title = reader.metric(about) if is_metric else reader.table(about)
        label = words(known.label)
        close = element("button", words("Close"), popovertarget=name)
        told = self._told(about, measure) if is_metric else self._of_table(about)
        facts = _pairs(told, reader)
        sql = self._sql(about, measure)
        return element(
            "dialog", close, element("dl", *facts), sql, popover=True, id=name,
            aria_label=f"{title} {label}",  # the stylesheet shows it as the title
        )  # fmt: skip

    def _told(self, metric: str, measure: str) -> dict[str, object]:
        """What a popover tells; of what is computed from the metric's value, that alone.

        Meaning, sources, checks and owner stand in the popover of the value, which it leads to.
        """
        told = self.facts(metric, measure)
        whole, known = self.names.get((metric, BASE)), MEASURES.get(measure)
        if measure == BASE or whole is None or (known and not known.measured):
            return told
        way = element("button", self.reader.words(MEASURES[BASE].label), popovertarget=whole)
        own = formula(measure, self.reader.definition(metric))
        leads = BASE in PLACEHOLDER.findall(self.reader.words(own)) if own else False
        return {
            mark("Formula"): told[mark("Formula")] if own else "",
            mark("Meaning and source"): "" if leads else way,  # the formula leads there itself
        }

    def facts(self, metric: str, measure: str = "actual") -> dict[str, object]:
        """What is told of a measure of a metric, by the term it stands under."""
        known = MEASURES.get(measure, MeasureName(measure.replace("_", " ").capitalize()))
        reader, definition = self.reader, self.reader.definition(metric)
        tables = definition.get("tables", []) if known.measured else []
        lines = [line for table in tables if (line := self._file(table)) is not None]
        lines += [self._targets()] if known.planned else []
        return {
            mark("Meaning"): chosen(definition.get("description"), reader.locale),
            mark("Formula"): self._formula(metric, measure, known),
            mark("Source"): join(lines, "") if lines else "",
            mark("Checks"): self._checked(definition.get("checks"), tables) if tables else "",
            mark("Owner"): reader.owner(str(definition.get("owner", ""))),
        }

    def _of_table(self, table: str) -> dict[str, object]:
        source = self._source(table)
        return {
            mark("Source"): self._file(table) or "",
            mark("Checks"): self._checked(source.get("checks"), [table]),
            mark("Owner"): self.reader.owner(str(source.get("owner", ""))),
        }

    def _formula(self, metric: str, measure: str, known: MeasureName) -> Markup:
        """Formula of the measure, its parts leading to theirs; else that of the metric."""
        definition, words = self.reader.definition(metric), self.reader.words
        text = formula(measure, definition)
        if not text:
            own = str(definition.get("formula", "")) if known.measured else ""
            own = element("code", own) if own else ""
            to_date = words("from the start of the year") if measure == WHOLE_YEAR else None
            return join([own, to_date], " ")
        template = words(text)
        parts = {name: self._part(metric, name) for name in PLACEHOLDER.findall(template)}
        return fill_html(template, parts)

    def _part(self, metric: str, measure: str) -> Markup:
        label = self.reader.words(MEASURES[measure].label)
        target = self.names.get((metric, measure))
        return element("button", label, popovertarget=target) if target else escape(label)

    def _source(self, table: str) -> Mapping[str, Any]:
        found = self.reader.provenance.get("sources", {}).get(table)
        return found if isinstance(found, Mapping) else {}

    def _file(self, table: str) -> Markup | None:
        """File of a table, its hash, and its rows in the period."""
        if table not in self.files:
            self.files[table] = self._file_of(table)
        return self.files[table]

    def _file_of(self, table: str) -> Markup | None:
        source, words = self._source(table), self.reader.words
        if not source:
            return None
        digest = element("code", str(source.get("sha256", ""))[:DIGITS])
        rows = source.get("rows_in_period")
        told = "" if rows is None else words("{n} rows", n=count(self.reader.locale).text(rows))
        return element("div", join([str(source.get("path", "")), digest, told], " "))

    def _targets(self) -> Markup:
        """File of the ledger of targets and its hash."""
        ledger = self.reader.provenance.get("ledgers", {}).get("targets")
        if not ledger:
            return element("div", self.reader.words("ledger of targets"))
        digest = element("code", str(ledger["sha256"])[:DIGITS])
        return element("div", join([str(ledger["path"]), digest], " "))

    def _checked(self, checks: object, tables: Iterable[str]) -> str:
        """Which checks hold, which do not and how often, and who has not delivered."""
        words, reader = self.reader.words, self.reader
        found = checks if isinstance(checks, list) else []
        good = [words(CHECKS.get(c["kind"], c["kind"])) for c in found if not c["count"]]
        bad = [
            words("{check} ({n})", check=words(CHECKS.get(c["kind"], c["kind"])), n=c["count"])
            for c in found
            if c["count"]
        ]
        away = [u for table in tables for u in self._source(table).get("missing", [])]
        parts = [words("hold: {checks}", checks=reader.listed(dict.fromkeys(good)))] if good else []
        parts += [words("do not hold: {checks}", checks=reader.listed(bad))] if bad else []
        absent = reader.listed(reader.unit(unit) for unit in dict.fromkeys(away))
        parts += [words("no data from {units}", units=absent)] if away else []
        return ("；" if words.wide else "; ").join(parts) or words("none declared")

    def _sql(self, metric: str, measure: str) -> Markup | None:
        name = {"actual": "sql", WHOLE_YEAR: "sql_ytd"}.get(measure, "")
        sql = self.reader.definition(metric).get(name)
        if not sql:
            return None
        # In text, quotation marks need no escape, which is five bytes each.
        text = str(escape(sql)).replace("&#34;", '"').replace("&#39;", "'")
        code = element("pre", element("code", Markup(text)))  # noqa: S704 (escaped above)
        return element("details", element("summary", "SQL"), code)


def _pairs(facts: Mapping[str, object], reader: Reader) -> list[Markup]:
    # The end tags of dt and dd may be left out.
    pair = Markup("<dt>{}<dd>{}")
    return [pair.format(reader.words(term), shown) for term, shown in facts.items() if shown]
