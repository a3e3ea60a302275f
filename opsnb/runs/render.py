"""An executed notebook as one HTML page: no script, nothing asked for from outside.

The notebook alone is needed: its Results carry labels, definitions and sources with them. So
a notebook that was executed by anyone's papermill can be rendered, and archived, later.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from markupsafe import Markup, escape

from opsnb import display
from opsnb.display.numbers import chosen
from opsnb.display.words import translate
from opsnb.results import Result
from opsnb.runs.bindings import check_bindings, check_notes
from opsnb.runs.cells import (
    Block,
    Drawn,
    Fold,
    Node,
    Picture,
    Section,
    Shown,
    Story,
    bundles,
    read,
    refuse_unfinished,
)
from opsnb.runs.drawings import Drawings
from opsnb.runs.frame import counters, file, fragment
from opsnb.runs.masthead import STATES, Masthead, Meta, moment, short_digest, state_of
from opsnb.runs.narrative import Checker, check_cells
from opsnb.runs.prose import plain, unbroken
from opsnb.runs.records import recorded

FIGURE = 'data-no="figure"'  # the place that `display.number` fills
END = "</main>"
PARTS = ("masthead", "outline", "main")
UNITS = ("days", "workdays", "working days", "million", "billion", "thousand", "pp", "points")


@dataclass(frozen=True)
class Page:
    """A report in one language.

    Attributes
    ----------
    parts : mapping
        HTML of masthead, outline and main.
    title : str
        Of the document.
    locale : str
    results : tuple of Result
        In the order of the notebook.
    records : list of dict
        Every number of theirs, see :func:`opsnb.runs.records.recorded`.
    flags : tuple of str
        What an editor should mend, such as a figure that nothing was written about.
    meta : Meta
        What the provenance strip and the foot say of the run.
    """

    parts: Mapping[str, str]
    title: str
    locale: str
    results: tuple[Result, ...]
    records: list[dict[str, Any]]
    masthead: Masthead
    heading: str
    flags: tuple[str, ...] = ()
    meta: Meta = field(default_factory=Meta)

    def stamped(self, meta: Meta) -> Page:
        """Return the same page with what is now known of the run; the body is not drawn again."""
        state_of(meta)
        return replace(self, meta=meta)

    @property
    def body(self) -> str:
        """What the content digest covers: everything but the provenance strip and the foot."""
        return "".join(self.parts.values())

    @cached_property
    def html(self) -> str:
        """The whole file."""
        words = translate(self.locale)
        state = words(STATES[state_of(self.meta)])
        seal = [state, self.meta.get("reviewer"), short_digest(self.meta)]
        name = [self.masthead.company, self.heading]
        return file(
            "index.html.j2",
            self.locale,
            title=self.title,
            parts={name: Markup(html) for name, html in self.parts.items()},  # noqa: S704
            strip=self.masthead.strip(self.meta),
            below=self.masthead.below(self.meta),
            masthead=self.masthead,
            name=name,
            state=state,
            run_id=self.meta.get("run_id"),
            created=moment(self.meta.get("created_at") or ""),
            reviewed=state_of(self.meta) in ("reviewed", "published"),
            margins={
                "left": _short(_line(name), 56),
                "right": _short(self.masthead.classification, 32),
                "seal": _short(_line(seal), 56),
                "pages": counters(words("Page {page} of {pages}")),
            },
        )


def render(
    notebook: Node,
    *,
    locale: str | None = None,
    meta: Meta | None = None,
    drawings: Drawings | None = None,
) -> Page:
    """Page of an executed notebook.

    Parameters
    ----------
    notebook : NotebookNode or dict
    locale : str, optional
        Language of the page; by default that of the notebook's results.
    meta : Meta, optional
        run_id, created_at, state, reviewer and digest, where they are known.
    drawings : Drawings, optional
        What has been drawn of its results already.

    Raises
    ------
    RunError
        For a notebook that failed or did not run to its end.
    ClaimError
        A figure states no recorded number and carries no source.
    OpsnbError
        For a notebook without results, and for a Han character that no font holds.
    """
    refuse_unfinished(notebook)
    provenance = bundles(notebook)[0].get("provenance") or {}
    locale = locale or str(provenance.get("locale") or "zh")
    drawings = drawings or Drawings(locale)
    story = read(notebook, locale, drawings.opened)
    head = Masthead(provenance, story.words)
    title = story.title or escape(str(provenance.get("report") or head.company))
    scope = _line(part for part in (head.period, head.branch) if part not in plain(title))
    heading = _line([plain(title), scope])
    sections = _illustrated(story.sections, locale, drawings)
    provenances = [result.provenance for result in story.results]
    values = {"title": title, "scope": scope, "masthead": head, "sections": sections}
    records = recorded(story.results)
    check = lambda main: _check(notebook, story, records, main)  # noqa: E731
    return Page(
        parts=_parts(locale, provenances, values, check),
        title=" · ".join(part for part in (heading, head.company) if part),
        locale=locale,
        results=tuple(story.results),
        records=records,
        masthead=head,
        heading=heading,
        flags=tuple(_flags(sections)),
    ).stamped(meta or Meta())


def _parts(
    locale: str,
    provenances: Sequence[Mapping[str, Any]],
    values: Mapping[str, object],
    check: Callable[[str], None],
) -> dict[str, str]:
    """HTML of masthead, outline and main, its figures numbered and its units kept to numbers.

    Figures answer for themselves: each opens its popover.
    """
    units = _units(provenances[0])
    parts = {name: fragment(f"{name}.html.j2", locale, **values) for name in PARTS}
    check(parts["main"])
    main, popovers = display.bind(display.number(parts["main"], locale), provenances, locale)
    parts["main"] = main.replace(END, f"{popovers}{END}", 1)
    return {name: unbroken(html, units) for name, html in parts.items()}


def _check(notebook: Node, story: Story, records: list[dict[str, Any]], main: str) -> None:
    """Refuse a page with a figure that is not recorded, see `opsnb.runs.narrative`.

    Raises
    ------
    ClaimError
        Naming every such figure, where it stands, and the nearest record.
    """
    whole = display.merged([result.provenance for result in story.results])
    checker = Checker(records, whole)
    check_cells(checker, notebook["cells"])
    check_bindings(checker, main)
    for part in _notes(story.results):
        check_notes(checker, part.frame.to_dict("records"))
    checker.raise_faults()


def _notes(results: Iterable[Result]) -> Iterator[Result]:
    """Results, and parts of results, that hold notes of people."""
    for result in results:
        if result.name == "notes" and {"place", "stale"} <= set(result.frame.columns):
            yield result
        yield from _notes(result.parts)


def content_digest(notebook: Node, body: str, inputs: Mapping[str, str]) -> str:
    """sha256 over what a report says and what it was made of, whoever reviewed it and when.

    Parameters
    ----------
    notebook : NotebookNode or dict
        Executed; its Results are taken in their canonical form.
    body : str
        :attr:`Page.body`, which is without the provenance strip.
    inputs : mapping
        sha256 of each input, by name.
    """
    content = {"results": bundles(notebook), "body": body, "inputs": dict(inputs)}
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def status_page(  # noqa: PLR0913 - one argument a line of the page
    *,
    title: str,
    company: str,
    period: str,
    unit: str,
    what: str,
    when: str,
    todo: str = "",
    last_good: str | None = None,
    locale: str = "zh",
) -> str:
    """Page for the reader of a report that could not be made: no traceback, and what to do.

    Parameters
    ----------
    title, company, period, unit : str
        Names, as a report's own page gives them; who can be asked belongs to `company`.
    what : str
        One sentence; of a longer text only the first line is shown.
    when : str
        Since when.
    todo : str, optional
        What can be done, and by whom.
    last_good : str, optional
        Relative link to the last good report.
    """
    sentence = next(iter(what.strip().splitlines()), "")
    return file(
        "status.html.j2",
        locale,
        title=" · ".join(part for part in (title, period, company) if part),
        heading=title, company=company, period=period, unit=unit,
        what=sentence, when=when, todo=todo, last_good=last_good,
        margins={
            "left": _short(_line([company, title, period]), 56),
            "right": "", "seal": "", "pages": '""',
        },
    )  # fmt: skip


def _illustrated(sections: Iterable[Section], locale: str, drawings: Drawings) -> list[Section]:
    """Sections with their results drawn and their pictures numbered among all figures."""
    figures = 0

    def illustrated(block: Block) -> Block:
        nonlocal figures
        match block:
            case Shown(record):
                html = drawings.html(record, locale)
                figures += html.count(FIGURE)
                return Drawn(Markup(html))  # noqa: S704 (display escapes)
            case Picture():
                figures += 1
                return replace(block, number=figures)
            case Fold():
                return replace(block, blocks=[illustrated(inner) for inner in block.blocks])
        return block

    return [replace(s, blocks=[illustrated(block) for block in s.blocks]) for s in sections]


def _flags(sections: Iterable[Section]) -> Iterator[str]:
    for section in sections:
        for block in _flat(section.blocks):
            if isinstance(block, Picture) and not block.text:
                yield f"figure {block.number}: nothing is written about it"


def _flat(blocks: Iterable[Block]) -> Iterator[Block]:
    for block in blocks:
        yield block
        if isinstance(block, Fold):
            yield from block.blocks


def _units(provenance: Mapping[str, Any]) -> list[str]:
    """Words that must not break from the number before them."""
    units = (metric.get("unit") for metric in (provenance.get("metrics") or {}).values())
    return [*UNITS, *(chosen(unit, "en") for unit in units if unit)]


def _line(parts: Iterable[str | None]) -> str:
    return " ".join(part for part in parts if part)


def _short(text: str, most: int) -> str:
    """Text for one line of a margin, cut where it is too long for it."""
    return text if len(text) <= most else text[: most - 1] + "…"
