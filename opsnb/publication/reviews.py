"""Reviews: who stands for which content, in a journal that is only added to.

``outputs/<company>/reviews.jsonl`` holds every approval, rejection, publication and withdrawal. An
approval is bound to the content digest of a run: if what the run has left gives another digest, or
another file than its manifest names, nobody has approved it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opsnb import journal
from opsnb.errors import OpsnbError, ParameterError
from opsnb.runs.store import MANIFEST, sha256
from opsnb.standing import FILE, PLACE, REJECT

if TYPE_CHECKING:
    from opsnb.runs.render import Page


@dataclass(frozen=True)
class Intact:
    """A run that is as it was left.

    Attributes
    ----------
    folder : Path
    manifest : mapping
    page : Page
        Rendered anew from its notebook.
    """

    folder: Path
    manifest: Mapping[str, Any]
    page: Page

    @property
    def digest(self) -> str:
        """Content digest."""
        return str(self.manifest["content_digest"])

    @property
    def place(self) -> tuple[str, ...]:
        """Period, report and unit."""
        return tuple(str(self.manifest[name]) for name in PLACE)


def journal_of(outputs: Path, company: str) -> Path:
    """Journal of a company's reviews and publications."""
    return outputs / company / FILE


def intact(folder: Path) -> Intact:
    """Run in `folder`, its files and its content found as it has left them.

    Raises
    ------
    OpsnbError
        A file is another, is missing, or the content gives another digest.
    """
    from opsnb.runs.again import read_notebook
    from opsnb.runs.manifest import input_hashes
    from opsnb.runs.render import content_digest, render

    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if manifest["status"] != "done":
            ended = f"the run {manifest['status']}"
            raise OpsnbError(ended, where=str(folder), expected="a good one")
        for item in manifest["outputs"]:
            path = folder / item["path"]
            if not path.is_file() or sha256(path) != item["sha256"]:
                raise OpsnbError(
                    "is not what the run has left; the review is void", where=str(path)
                )
        notebook = read_notebook(folder / "notebook.ipynb")
        page = render(notebook, locale=manifest["parameters"]["locale"])
        digest = content_digest(notebook, page.body, input_hashes(manifest["inputs"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OpsnbError(f"the run cannot be read: {error!r}", where=str(folder)) from None
    if digest != manifest["content_digest"]:
        raise OpsnbError(
            "the content is not that of the digest; it was altered, or made by another version",
            where=str(folder),
        )
    return Intact(folder, manifest, page)


def review(
    folder: Path, outputs: Path, verdict: str, by: str, note: str, now: dt.datetime
) -> dict[str, Any]:
    """Record that `by` approves or rejects a run.

    Raises
    ------
    ParameterError
        Nobody is named, or a rejection gives no reason.
    OpsnbError
        The run is not as it was left.
    """
    if not by.strip():
        raise ParameterError("a review names who stands for it", where="--by")
    if verdict == REJECT and not note.strip():
        raise ParameterError("a rejection says why", where="--note")
    run = intact(folder)
    entry = entry_of(verdict, run.manifest, by.strip(), now) | {"note": note.strip()}
    return journal.append(journal_of(outputs, str(run.manifest["company"])), entry)


def entry_of(act: str, manifest: Mapping[str, Any], by: str, now: dt.datetime) -> dict[str, Any]:
    """What every entry says."""
    about = {name: manifest[name] for name in ("run_id", *PLACE)}
    at = now.astimezone(dt.UTC).isoformat(timespec="seconds")
    digest = manifest["content_digest"]
    return {"schema": 1, "act": act, **about, "digest": digest, "by": by, "at": at}
