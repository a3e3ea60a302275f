"""A new company's folder: settings proposed for data, written where nothing was."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from opsnb.data.readers.look import relations, rows_of
from opsnb.errors import ParameterError
from opsnb.proposal import Proposal, empty, propose
from opsnb.proposal.company import Asked, Source
from opsnb.proposal.grid import of_rows, read
from opsnb.proposal.naming import in_words

URL = re.compile(r"[a-z][a-z0-9+]*://|\$\{env:")
SETTINGS = ("company.yaml", "sources.yaml", "metrics.yaml")


@dataclass(frozen=True)
class Request:
    """What is asked for.

    Attributes
    ----------
    folder : Path
    sources : tuple of str
        Files, or URLs of databases, ``${env:NAME}`` for one that stands in a variable.
    sheet, relation : str
    fiscal_start : int
    year : int or None
    """

    folder: Path
    sources: tuple[str, ...] = ()
    sheet: str = ""
    relation: str = ""
    fiscal_start: int = 1
    year: int | None = None


def make(request: Request, *, write: bool = True) -> Proposal:
    """Propose a company's folder, and write it.

    Raises
    ------
    ParameterError
        The folder has settings already, or a database no such relation.
    SourceError
        A source cannot be read.
    """
    there = [name for name in SETTINGS if (request.folder / name).exists()]
    if write and there:
        raise ParameterError(
            f"{request.folder} has settings already ({', '.join(there)})",
            expected="a new folder; --show prints what would be proposed",
        )
    asked = Asked(_id(request.folder), request.fiscal_start, request.year, _name(request.folder))
    if not request.sources:
        proposal, files = empty(asked), []
    else:
        found = [_source(text, request) for text in request.sources]
        proposal = propose([source for source, _ in found], asked)
        files = [file for _, file in found if file]
    if write:
        _write(request.folder, proposal, files)
    return proposal


def _source(text: str, request: Request) -> tuple[Source, Path | None]:
    if not URL.match(text):
        path = Path(text)
        return Source(read(path, request.sheet or None), path.name), path
    known = relations(text)
    relation = request.relation or (known[0] if len(known) == 1 else "")
    if relation not in known:
        raise ParameterError(
            f"no relation {relation!r}" if relation else "the database has several relations",
            where="--relation", given=relation, choices=known,
        )  # fmt: skip
    grid = of_rows(relation, *rows_of(text, relation))
    return Source(grid, url=text, relation=relation), None


def _write(folder: Path, proposal: Proposal, files: list[Path]) -> None:
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    for name, text in proposal.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for file in files:
        target = data / file.name
        if not (target.exists() and file.samefile(target)):
            shutil.copyfile(file, target)


def _id(folder: Path) -> str:
    """Id of a company, of its folder's name."""
    return in_words(folder.resolve().name)[:40] or "company"


def _name(folder: Path) -> str:
    """How the company is named in parameters: by its name under ``params``, else by its folder."""
    there = folder.resolve()
    return there.name if there.parent.name == "params" else str(folder)
