"""Narrative with a claim check: a figure in prose is a recorded number, or carries its source.

A compiled figure names its record in ``data-key``; here the record must be there and round to what
is shown. A figure written by hand, in a markdown cell or a note, must state a recorded number at
its own rounding, or be written as ``[3 家](客户访谈)``. What a sentence speaks of (metric, unit,
period, kind of change) narrows the records down, so that a number that is right for something
else is not right here. What is no claim is told in `opsnb.claims`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from opsnb.claims import Claim, claims, dates
from opsnb.display.markup import undirected
from opsnb.errors import ClaimError
from opsnb.runs.prose import DIGIT, Passage, passages

SENTENCE = re.compile(r"[^。！？!?\n；;]*(?:[。！？!?；;\n]|(?<=[a-z0-9%])\.(?=\s|$)|$)")
CLAUSE = re.compile(r"[，,。；;：:（(]")
NEGATIVE = re.compile(
    r"[降减低少差缺亏负跌落]|\b(?:f[ae]ll|declin|decreas|drop|lower|less|short|gap|loss|lost|below|behind|down)"
)
ELSEWHEN = re.compile(
    r"上月|上年|去年|前年|同期|上季|年初|累计|以来|历史|最高|最低|曾|从|由|全年|预测|预计|平均|"
    r"\b(?:last|previous|prior|year|since|highest|lowest|peak|from|forecast|expected|average|"
    r"to date)\b"
)
CHANGES = {
    "yoy": re.compile(r"同比|\byoy\b|year[ -]on[ -]year|year[ -]over[ -]year", re.I),
    "mom": re.compile(r"环比|\bmom\b|month[ -]on[ -]month|month[ -]over[ -]month", re.I),
    "attainment": re.compile(r"完成率|达成率|\battainment\b", re.I),
}
LEVELS = frozenset(
    {
        "actual", "value", "target", "prior_year", "ytd", "ytd_target", "year_target",
        "attainment", "ytd_attainment", "year_attainment", "time_progress", "threshold",
    }
)  # fmt: skip
CURRENCIES = {"¥": "CNY", "$": "USD", "US$": "USD", "€": "EUR", "£": "GBP", "R$": "BRL",
              "HK$": "HKD", "JP¥": "JPY", "RMB": "CNY"}  # fmt: skip
COUNTED = "家个人次件台套条项名位吨户批倍岁辆只座处轮站天日周小分秒年月斤克米升度"
LATIN = "[A-Za-z0-9_]"  # what a Latin word may not go on with; a Han character ends it
SHOWN = 8
Labels = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Topic:
    """What a passage is about, where it is known: a note belongs to a metric and a unit."""

    metric: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Names:
    """Words for metrics, units and units of measure, in all languages, by id."""

    provenance: Mapping[str, Any]

    @cached_property
    def metrics(self) -> Labels:
        """Label -> metrics."""
        return _labels(self.provenance.get("metrics", {}))

    @cached_property
    def units(self) -> Labels:
        """Label -> business units."""
        return _labels(self.provenance.get("units", {}))

    @cached_property
    def numbered(self) -> list[str]:
        """Names that hold digits and are no figures: of metrics, units, tables and the company."""
        words = [*self.metrics, *self.units]
        for section in ("tables", "risks", "treatments"):
            words += _labels(self.provenance.get(section, {}))
        company = self.provenance.get("company") or {}
        words += [str(word) for word in (company.get("name") or {}).values()]
        words = [" ".join(undirected(word).split()) for word in words]  # as a page has them
        return sorted((word for word in words if DIGIT.search(word)), key=len, reverse=True)

    def unnumbered(self, text: str) -> str:
        """`text` with the digits of such names masked, so that they are no claims."""
        for word in self.numbered:
            text = text.replace(word, DIGIT.sub("_", word))
        return text

    @cached_property
    def measured(self) -> dict[str, set[str]]:
        """Word for a unit of measure -> its names in the records."""
        found: dict[str, set[str]] = {"天": {"days"}, "days": {"days"}, "day": {"days"}}
        for metric in self.provenance.get("metrics", {}).values():
            unit = metric.get("unit")
            if isinstance(unit, Mapping):
                for word in unit.values():
                    found.setdefault(str(word), set()).add(str(unit.get("en", "")))
        return found


def _labels(section: Mapping[str, Any]) -> Labels:
    """Ids by label; a label of one character is found in too many words."""
    found: dict[str, tuple[str, ...]] = {}
    for name, entry in section.items():
        for word in map(str, (entry.get("label") or {}).values()):
            if len(word) > 1:
                found[word] = (*found.get(word, ()), name)
    return found


def mentioned(text: str, labels: Labels) -> list[str]:
    """Ids whose labels stand in `text`, in its order; a label inside a longer one does not count.

    >>> mentioned("毛利率高于毛利", {"毛利": ("profit",), "毛利率": ("margin",)})
    ['margin', 'profit']
    >>> mentioned("Sales最高", {"Sale": ("one",), "Sales": ("all",)})
    ['all']
    """
    if not labels:
        return []
    words = "|".join(
        (rf"(?<!{LATIN}){re.escape(w)}(?!{LATIN})" if w.isascii() else re.escape(w))
        for w in sorted(labels, key=len, reverse=True)
    )
    folded: dict[str, tuple[str, ...]] = {}
    for word, names in labels.items():
        folded[word.casefold()] = (*folded.get(word.casefold(), ()), *names)
    found = re.finditer(words, text, re.I)
    return list(dict.fromkeys(name for match in found for name in folded[match[0].casefold()]))


@dataclass
class Checker:
    """Holds passages of prose against the records of a report.

    Parameters
    ----------
    records : sequence of mapping
        Rows of ``results.parquet``.
    provenance : mapping
        Labels of metrics and units, and the report's period.
    """

    records: Sequence[Mapping[str, Any]]
    provenance: Mapping[str, Any]
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.names = Names(self.provenance)
        self.known = [row for row in self.records if row["value"] is not None]

    def passage(self, passage: Passage, where: str, topic: Topic | None = None) -> None:
        """Check the figures of one paragraph, heading, item or cell; faults are kept."""
        about = topic or Topic()
        metrics, units = [about.metric] if about.metric else [], [about.unit] if about.unit else []
        masked = self.names.unnumbered(passage.text)  # of the same length
        for found in SENTENCE.finditer(passage.text):
            sentence = found[0]
            metrics = mentioned(sentence, self.names.metrics) or metrics
            units = mentioned(sentence, self.names.units) or units
            for claim in claims(masked[found.start() : found.end()]):
                self._claim(claim, _Context(sentence, claim, tuple(metrics), tuple(units)), where)

    def raise_faults(self) -> None:
        """Raise ClaimError for all that was found wrong."""
        if self.faults:
            more = len(self.faults) - SHOWN
            told = self.faults[:SHOWN] + ([f"and {more} more"] if more > 0 else [])
            raise ClaimError("; ".join(told))

    def stated(self, claim: Claim, context: _Context) -> bool:
        """Whether a record says what the claim says."""
        return any(claim.states(row["value"]) for row in self._candidates(claim, context))

    def _claim(self, claim: Claim, context: _Context, where: str) -> None:
        if self.stated(claim, context):
            return
        near = self._nearest(claim, context)
        self.faults.append(
            f"{where}: figure {claim.text!r} states no recorded number{near}; "
            f"expected a recorded number at its rounding, or its source, as [{claim.text}](source)"
        )

    def _nearest(self, claim: Claim, context: _Context) -> str:
        """Nearest record, of those that the sentence may mean, else of its kind."""
        narrow = list(self._candidates(claim, context))
        rows = narrow or [row for row in self.known if self._is_of_kind(claim, context, row)]
        if not rows:
            return ""
        row = min(rows, key=lambda row: claim.distance(row["value"]))
        unit = {"percent": " %", "points": " pp"}.get(claim.kind, "")
        scale = f" x 10^{claim.power}" if claim.power > 0 else ""
        return f"; the nearest is {row['key']} = {claim.shown(row['value'])}{unit or scale}"

    def _candidates(self, claim: Claim, context: _Context) -> Iterator[Mapping[str, Any]]:
        changes = [name for name, words in CHANGES.items() if words.search(context.clause)]
        period = "" if context.is_elsewhen(self.period) else self.period
        for row in self.known:
            if (
                self._is_of_kind(claim, context, row)
                and (not context.metrics or row["metric"] in context.metrics)
                and (not context.units or row["unit"] in context.units)
                and (not period or row["period"] in ("", period))
                and (not changes or any(name in row["measure"] for name in changes))
                and _is_of_sign(claim, context, row)
            ):
                yield row

    @cached_property
    def period(self) -> str:
        """Period of the report."""
        return str(self.provenance.get("period", ""))

    def _is_of_kind(self, claim: Claim, context: _Context, row: Mapping[str, Any]) -> bool:
        """Whether the record is of the claim's unit."""
        unit = str(row["unit_of_measure"] or "")
        if claim.kind in ("percent", "points"):
            return unit == {"percent": "ratio", "points": "points"}[claim.kind]
        is_money = len(unit) == 3 and unit.isalpha() and unit.isupper()
        if claim.kind == "money":
            code = CURRENCIES.get(claim.currency, claim.currency)
            return is_money and code in ("", unit)
        word = context.word_after(self.names.measured)
        if word:
            return unit in self.names.measured[word]
        if context.is_counted:
            return unit == "count"
        return unit not in ("ratio", "points")


@dataclass(frozen=True)
class _Context:
    """What stands around a claim."""

    sentence: str
    claim: Claim
    metrics: tuple[str, ...]
    units: tuple[str, ...]

    @cached_property
    def clause(self) -> str:
        """What stands before the claim, back to the comma or the figure before it."""
        before = self.sentence[: self.claim.start]
        return CLAUSE.split(before)[-1]

    @cached_property
    def after(self) -> str:
        return self.sentence[self.claim.end :].lstrip(" \u00a0")

    def word_after(self, words: Mapping[str, object]) -> str:
        """Unit of measure that follows the claim; empty without one that is known."""
        fits = (
            word
            for word in sorted(words, key=len, reverse=True)
            if word
            and re.match(re.escape(word) + (f"(?!{LATIN})" if word.isascii() else ""), self.after)
        )
        return next(fits, "")

    @property
    def is_counted(self) -> bool:
        """Whether something follows that is counted, of which no metric is told."""
        following = self.after[:1]
        return bool(following) and (
            following in COUNTED or (following.isascii() and following.isalpha())
        )

    def is_elsewhen(self, period: str) -> bool:
        """Whether the sentence speaks of another time than the report's period."""
        year, _, month = period.partition("-")
        own = {period, f"{year}年{int(month or 0)}月", f"{int(month or 0)}月"}
        others = [d for d in dates(self.sentence) if re.sub(r"\s", "", d) not in own]
        return bool(others) or bool(ELSEWHEN.search(self.sentence))

    @cached_property
    def is_negative(self) -> bool:
        """Whether the clause speaks of less."""
        around = CLAUSE.split(self.after)[0]
        return bool(NEGATIVE.search(self.clause + around))


def _is_of_sign(claim: Claim, context: _Context, row: Mapping[str, Any]) -> bool:
    """Whether the record goes in the direction of which the claim speaks."""
    value, said = float(row["value"]), claim.sign or claim.direction
    if not claim.sign and claim.direction and row["measure"] in LEVELS:
        return False
    if value == 0 or claim.number == 0:
        return True
    if said:
        return (value > 0) == (said > 0)
    return value > 0 or context.is_negative


def check_markdown(checker: Checker, source: str, where: str, topic: Topic | None = None) -> None:
    """Check the figures of a markdown text; a source that is empty is a fault too."""
    for passage in passages(source):
        checker.faults += [
            f"{where}: {text!r} has an empty source; expected one, as [{text}](source)"
            for text in passage.unsourced
        ]
        checker.passage(passage, where, topic)


def check_cells(checker: Checker, cells: Iterable[Mapping[str, Any]]) -> None:
    """Check what was written by hand in a notebook: markdown cells, and markdown as output."""
    for number, cell in enumerate(cells, start=1):
        if cell.get("cell_type") == "markdown":
            check_markdown(checker, _joined(cell.get("source")), f"cell {number}")
        for output in cell.get("outputs") or []:
            text = (output.get("data") or {}).get("text/markdown")
            if text is not None:
                check_markdown(checker, _joined(text), f"output of cell {number}")


def _joined(text: object) -> str:
    return "".join(map(str, text)) if isinstance(text, list | tuple) else str(text or "")
