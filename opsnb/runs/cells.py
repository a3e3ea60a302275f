"""An executed notebook as sections of blocks: what a reader is shown of it, in order.

Code, parameters, streams and tracebacks are never shown. Only a Result is trusted to become
HTML, and it is drawn anew from its record; any other output is a picture or plain text.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from markupsafe import Markup

from opsnb.display.words import Words, translate
from opsnb.errors import OpsnbError, RunError
from opsnb.results import MIME, Result
from opsnb.runs.prose import inline, paragraphs, pieces, plain

Node = Mapping[str, Any]  # a nbformat NotebookNode, or the same as plain dictionaries

PICTURES = ("image/svg+xml", "image/png", "image/jpeg")
WIDGET = "application/vnd.jupyter.widget-view+json"
REPR = re.compile(r"^\[?<[^<>]*(?: at 0x[0-9a-f]+|Axes:?[^<>]*| Axes)>", re.M)
PARAMETERS = frozenset({"parameters", "injected-parameters"})
UNFINISHED = frozenset({"pending", "running", "failed", "never begun"})
FOLD, OPTIONAL = "fold", "optional"
ALT_LENGTH = 160


@dataclass(frozen=True)
class Prose:
    """Paragraphs."""

    kind: ClassVar[str] = "prose"
    html: Markup


@dataclass(frozen=True)
class Heading:
    """A heading inside a section."""

    kind: ClassVar[str] = "heading"
    html: Markup


@dataclass(frozen=True)
class Shown:
    """The record of a Result, to be drawn by `display`."""

    kind: ClassVar[str] = "result"
    record: Mapping[str, Any]


@dataclass(frozen=True)
class Drawn:
    """A Result as `display` drew it."""

    kind: ClassVar[str] = "drawn"
    html: Markup


@dataclass(frozen=True)
class Picture:
    """A figure that an analyst drew.

    Parameters
    ----------
    id : str
    source : str
        Data URI.
    text : str
        What was written last before it; empty when nothing was.
    number : int
        Among all figures of the page.
    """

    kind: ClassVar[str] = "picture"
    id: str
    source: str
    text: str
    number: int = 0


@dataclass(frozen=True)
class Plain:
    """Any other output, as text."""

    kind: ClassVar[str] = "plain"
    text: str


@dataclass(frozen=True)
class Fold:
    """What stands under a heading that is folded."""

    kind: ClassVar[str] = "fold"
    html: Markup
    blocks: list[Block] = field(default_factory=list)


Block = Prose | Heading | Shown | Drawn | Picture | Plain | Fold


@dataclass(frozen=True)
class Section:
    """What stands under a heading of the second level; the first may have none.

    Parameters
    ----------
    optional : bool
        Whether it is left out where its results have no rows.
    """

    id: str
    html: Markup
    blocks: list[Block] = field(default_factory=list)
    optional: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands in it but results without rows and findings."""
        return all(
            isinstance(block, Shown) and not block.record["data"] and not block.record["findings"]
            for block in self.blocks
        )


@dataclass
class Story:
    """Title, sections and results of a notebook, filled cell by cell."""

    words: Words
    title: Markup = field(default_factory=Markup)
    sections: list[Section] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    pictures: int = 0
    fold: Fold | None = None
    said: str = ""  # what was last written, since the last figure
    opened: Callable[[Mapping[str, Any]], Result] = Result.from_bundle

    def markdown(self, cell: Node) -> None:
        """Take a markdown cell."""
        tags = _tags(cell)
        attachments = cell.get("attachments") or {}
        for level, text in pieces(_joined(cell.get("source"))):
            if level == 0:
                html = paragraphs(text, self.words.locale, attachments)
                self._put(Prose(html))
                self.said = plain(html)
            else:
                self._heading(level, inline(text, self.words.locale), tags)

    def output(self, output: Node) -> None:
        """Take one output of a code cell."""
        data = output.get("data") or {}
        if MIME in data:
            self.results.append(self.opened(data[MIME]))
            self._put(Shown(data[MIME]))
            self.said = ""
        elif mime := next((mime for mime in PICTURES if mime in data), None):
            self._picture(mime, _joined(data[mime]))
        elif "text/markdown" in data:
            self._put(Prose(paragraphs(_joined(data["text/markdown"]), self.words.locale, {})))
        elif WIDGET not in data:
            text = _joined(data.get("text/plain", "")).rstrip()
            if text and not REPR.match(text):
                self._put(Plain(text))

    def _heading(self, level: int, html: Markup, tags: frozenset[str]) -> None:
        self.fold, self.said = None, plain(html)
        if level == 1 and not self.title:
            self.title = html
        elif level <= 2:
            name = f"s{len(self.sections) + 1}"
            self.sections.append(Section(name, html, optional=OPTIONAL in tags))
        elif FOLD in tags:
            fold = Fold(html)
            self._put(fold)
            self.fold = fold
        else:
            self._put(Heading(html))

    def _picture(self, mime: str, data: str) -> None:
        self.pictures += 1
        if mime == "image/svg+xml":
            data = base64.b64encode(data.encode()).decode()
        source = f"data:{mime};base64,{''.join(data.split())}"
        said = self.said if len(self.said) <= ALT_LENGTH else self.said[:ALT_LENGTH] + "…"
        self._put(Picture(f"picture-{self.pictures}", source, said))
        self.said = ""

    def _put(self, block: Block) -> None:
        if self.fold is not None:
            self.fold.blocks.append(block)
            return
        if not self.sections:
            self.sections.append(Section("s1", Markup("")))
        self.sections[-1].blocks.append(block)


def read(
    notebook: Node,
    locale: str,
    opened: Callable[[Mapping[str, Any]], Result] = Result.from_bundle,
) -> Story:
    """Read an executed notebook in the language of `locale`; `opened` makes Results of records."""
    story = Story(translate(locale), opened=opened)
    for cell in notebook["cells"]:
        if PARAMETERS & _tags(cell):
            continue
        if cell.get("cell_type") == "markdown":
            story.markdown(cell)
        for output in cell.get("outputs") or []:
            story.output(output)
    story.sections = [s for s in story.sections if not (s.optional and s.is_empty)]
    return story


def bundles(notebook: Node) -> list[dict[str, Any]]:
    """Return the records of the Results in an executed notebook, in order.

    Raises
    ------
    OpsnbError
        If there are none, or it is not a notebook of version 4.
    """
    found = [
        output["data"][MIME]
        for cell in _cells(notebook)
        for output in cell.get("outputs") or []
        if MIME in (output.get("data") or {})
    ]
    if not found:
        raise OpsnbError(
            "the notebook shows no result of opsnb",
            expected=f"an executed notebook with an output of type {MIME}",
        )
    return found


def refuse_unfinished(notebook: Node) -> None:
    """Raise RunError for a notebook that failed or stopped half-way."""
    for number, cell in enumerate(_cells(notebook), start=1):
        for output in cell.get("outputs") or []:
            if output.get("output_type") == "error":
                fault = str(output.get("evalue", "")).splitlines() or [""]
                raise RunError(
                    f"the notebook failed: {output.get('ename', 'Error')}: {fault[0]}",
                    where=f"cell {number}",
                )
        told = (cell.get("metadata") or {}).get("papermill") or {}
        status = told.get("status")
        if status == "completed" and told.get("exception", False) is None:
            status = "never begun"  # after a kernel's death papermill calls the rest completed
        if cell.get("cell_type") == "code" and status in UNFINISHED:
            raise RunError(f"the notebook did not run to its end: {status}", where=f"cell {number}")


def _cells(notebook: Node) -> Iterator[Node]:
    cells = notebook.get("cells")
    if cells is None or notebook.get("nbformat") != 4:
        raise OpsnbError("not a notebook", expected="nbformat version 4")
    yield from cells


def _tags(cell: Node) -> frozenset[str]:
    return frozenset((cell.get("metadata") or {}).get("tags") or ())


def _joined(text: object) -> str:
    """Text that a notebook file may hold as a list of lines."""
    return "".join(map(str, text)) if isinstance(text, (list, tuple)) else str(text or "")
