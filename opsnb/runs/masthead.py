"""What stands over and under a report: who, what, when, how far it may be trusted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

from opsnb.display.dates import day, span
from opsnb.display.numbers import chosen
from opsnb.display.words import Words, mark
from opsnb.errors import OpsnbError, ParameterError

STATES = {
    "draft": mark("Draft"),
    "reviewed": mark("Reviewed"),
    "published": mark("Published"),
    "superseded": mark("Superseded"),
}


class Meta(TypedDict, total=False):
    """What is known of a run; what is absent is not shown."""

    run_id: str
    created_at: str
    state: str
    reviewer: str
    digest: str
    closing: Mapping[str, str]
    """How the month stands, where the company closes months; see `opsnb.runs.closing`."""
    below: Mapping[str, str]
    """Way to the report of each unit below, by its id."""


@dataclass(frozen=True)
class Fact:
    """One entry of the provenance strip; `mark` says how it is set."""

    term: str
    text: str
    mark: str = ""


@dataclass(frozen=True)
class Masthead:
    """Names of a report in one language, from the provenance of its results."""

    provenance: Mapping[str, Any]
    words: Words

    def label(self, *path: str) -> str:
        """Label at `path` of the provenance in the reader's language; empty when there is none."""
        found: Any = self.provenance
        for key in path:
            found = found.get(key) if isinstance(found, Mapping) else None
        return chosen(found, self.words.locale)

    @property
    def company(self) -> str:
        """Name of the company."""
        return self.label("company", "name")

    @property
    def period(self) -> str:
        """Name of the period."""
        return self.label("period_label") or str(self.provenance.get("period") or "")

    @property
    def unit(self) -> str:
        """Name of the business unit."""
        unit = str(self.provenance.get("unit") or "")
        return self.label("units", unit, "label") or unit

    @property
    def branch(self) -> str:
        """Name of the unit where the report is of a part of the company, else empty."""
        units = self.provenance.get("units") or {}
        entry = units.get(self.provenance.get("unit")) or {}
        return self.unit if entry.get("parent") else ""

    @property
    def classification(self) -> str:
        """密级 with its term, or empty."""
        level = self.label("company", "classification")
        return self.words("Classification: {level}", level=level) if level else ""

    def strip(self, meta: Meta) -> list[Fact]:
        """Facts of the provenance strip, in reading order."""
        words = self.words
        state = state_of(meta)
        facts = [
            Fact(words("Status"), words(STATES[state]), f"state {state}"),
            Fact(words("Reviewer"), meta.get("reviewer") or ""),
            Fact(words("Digest"), short_digest(meta), "digest"),
            Fact(words("Period and cut-off"), self._days()),
            Fact(words("Unit"), self.unit),
            self._coverage(),
            self._finality(meta.get("closing")),
            Fact(words("Run"), meta.get("run_id") or ""),
        ]
        return [fact for fact in facts if fact.text]

    def below(self, meta: Meta) -> list[tuple[str, str]]:
        """Name of each unit below that has a report, and the way to it."""
        ways = meta.get("below") or {}
        return [(self.label("units", unit, "label") or unit, way) for unit, way in ways.items()]

    def _days(self) -> str:
        start, end = (_day(self.provenance.get(key)) for key in ("start", "end"))
        if start is None or end is None:
            return ""
        days = span(start, end, self.words.locale)
        as_of = _day(self.provenance.get("as_of"))
        if as_of is None:
            return days
        cut_off = day(as_of, self.words.locale, year=end.year)
        return self.words("{period}, data up to {as_of}", period=days, as_of=cut_off)

    def _coverage(self) -> Fact:
        sources = self.provenance.get("sources") or {}
        filled = sum(bool(source.get("rows_in_period")) for source in sources.values())
        text = self.words("{n} of {total} sources have data", n=filled, total=len(sources))
        mark = "" if filled == len(sources) else "soft"
        return Fact(self.words("Data coverage"), text if sources else "", mark)

    def _finality(self, closing: Mapping[str, str] | None) -> Fact:
        closed = self.provenance.get("closed") if closing is None else closing["state"] == "closed"
        if closed is None:
            return Fact("", "")
        text = self.words("Final") if closed else self.words("Provisional")
        if closing is not None and closing["state"] != "open":
            text = self._stands(closing)
        return Fact(self.words("Nature of the data"), text, "" if closed else "soft")

    def _stands(self, closing: Mapping[str, str]) -> str:
        """How a month stands that was closed or reopened."""
        words, at = self.words, _day(closing["at"])
        end = _day(self.provenance.get("end"))
        when = day(at, words.locale, year=(end or at).year) if at else ""
        match closing["state"]:
            case "altered":
                return words("Changed after it was closed on {day}, not reopened", day=when)
            case "reopened":
                return words("Reopened {day}: {reason}", day=when, reason=closing["reason"])
        if closing["by"]:
            return words("Final, closed {day} by {who}", day=when, who=closing["by"])
        return words("Final, closed {day}", day=when)


def meta_of(manifest: Mapping[str, Any], state: str = "draft", reviewer: str = "") -> Meta:
    """What the strip says of a run, from its manifest and how it stands."""
    meta = Meta(
        run_id=manifest["run_id"],
        created_at=manifest["created_at"],
        state=state,
        reviewer=reviewer,
        digest=manifest["content_digest"],
    )
    if manifest.get("closing"):
        meta["closing"] = manifest["closing"]
    return meta


def state_of(meta: Meta) -> str:
    """State of a report, draft unless it was reviewed.

    Raises
    ------
    ParameterError
    """
    state = meta.get("state") or "draft"
    if state not in STATES:
        raise ParameterError(f"state {state!r} does not exist", given=state, choices=STATES)
    return state


def short_digest(meta: Meta) -> str:
    """First twelve hexadecimal digits of the digest, in fours.

    >>> short_digest({"digest": "7c1f09e2a94eaaaa"})
    'sha256 7c1f·09e2·a94e'
    """
    digest = (meta.get("digest") or "").removeprefix("sha256:")
    return f"sha256 {digest[:4]}·{digest[4:8]}·{digest[8:12]}" if digest else ""


def _day(value: object) -> dt.date | None:
    if value is None:
        return None
    try:
        return dt.date.fromisoformat(str(value)[:10])
    except ValueError as error:
        raise OpsnbError(f"{value!r} is not a date", expected="2026-10-31") from error


def moment(value: str) -> str:
    """Date and minute of an ISO time, as it was recorded, with the offset it names.

    >>> moment("2026-11-05T08:31:22+00:00"), moment("2026-11-05T16:31:22+08:00")
    ('2026-11-05 08:31 UTC', '2026-11-05 16:31 UTC+08:00')
    """
    try:
        moment = dt.datetime.fromisoformat(value)
    except ValueError:
        return value
    return f"{moment:%Y-%m-%d %H:%M} {moment.tzname() or ''}".strip()
