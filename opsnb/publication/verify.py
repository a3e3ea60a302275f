"""Verification: whether what is published is what was approved, to the byte."""

from __future__ import annotations

import hashlib
from pathlib import Path

from opsnb import journal
from opsnb.company import Company
from opsnb.errors import OpsnbError
from opsnb.publication.index import INDEX, page
from opsnb.publication.publish import folder_of
from opsnb.publication.reviews import journal_of
from opsnb.standing import APPROVE, PUBLISH, published


def verify(company: Company, outputs: Path) -> list[str]:
    """Everything that was altered, is missing or does not belong there; empty if nothing is."""
    root, path = folder_of(outputs, company.id), journal_of(outputs, company.id)
    try:
        entries = journal.read(path)
    except OpsnbError as error:
        return [str(error)]
    found, known = [], set()
    approved = {(e["run_id"], e["digest"]) for e in entries if e["act"] == APPROVE}
    for entry in (entry for entry in entries if entry["act"] == PUBLISH):
        file = root / str(entry["file"])
        known.add(file)
        if not file.is_file():
            found.append(f"{file}: is missing")
        elif hashlib.sha256(file.read_bytes()).hexdigest() != entry["sha256"]:
            found.append(f"{file}: was altered since it was published on {entry['at']}")
        if (entry["run_id"], entry["digest"]) not in approved:
            found.append(f"{file}: nobody has approved what was published")
    standing = list(published(entries).values())
    units = sorted({str(entry["unit"]) for entry in entries if entry["act"] == PUBLISH})
    for unit in ["", *units] if units else []:
        own = [entry for entry in standing if not unit or entry["unit"] == unit]
        file = root / unit / INDEX
        known.add(file)
        if not file.is_file():
            found.append(f"{file}: is missing; opsnb publish writes it")
        elif file.read_text(encoding="utf-8") != page(company, own, unit):
            found.append(f"{file}: is not of what stands now; opsnb publish writes it anew")
    there = (item for item in sorted(root.rglob("*")) if item.is_file() or item.is_symlink())
    found += [f"{item}: nobody has published it" for item in there if item not in known]
    return found
