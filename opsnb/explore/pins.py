"""Pins: a view written out into ``pins.yaml``, where reports read it and people can edit it."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterator
from itertools import count

from opsnb.analyses.views import View, chosen
from opsnb.company import Company
from opsnb.company.pins import FILE, checked
from opsnb.errors import SettingsError
from opsnb.settings import read_yaml

HEAD = """\
# Views that reports show, in this order; each is made anew from the data of its month.
# A pin that is deleted here is gone from the next report.
schema: 1
pins:
"""


def pin(
    company: Company, view: View, unit: str, *, note: str = "", by: str = "", report: str = ""
) -> str:
    """Add a view to the company's ``pins.yaml``, and return the name that the pin was given.

    What stands in the file stays as it is; it is replaced at once or not at all.

    Parameters
    ----------
    company : Company
    view : View
    unit : str
        Unit whose reports show it.
    note, by : str
        What is to be seen, in words without figures; who says so.
    report : str
        Report that shows it, the monthly one by default.

    Raises
    ------
    SettingsError
        The file is not one that can be added to, or the note holds a figure.
    """
    path = company.folder / FILE
    before = path.read_text(encoding="utf-8") if path.exists() else HEAD
    known = Company(company.folder).pins
    name = _name(view, {one.name for one in known})
    lines = "\n".join(_lines(name, view, unit, note, by, report))
    text = f"{before.rstrip()}\n{lines}\n"
    beside = path.with_name(f".{FILE}.{os.getpid()}")
    folder = path.parent
    try:
        beside.write_text(text, encoding="utf-8")
        found = checked(*read_yaml(beside))
        if [one.name for one in found] != [*(one.name for one in known), name]:
            raise SettingsError(
                f"{FILE} does not end with its list of pins", where=str(folder),
                expected=f"these lines in it:\n{lines}",
            )  # fmt: skip
        beside.replace(path)
    except OSError as error:
        raise SettingsError(f"cannot be written: {error.strerror}", where=str(path)) from None
    finally:
        beside.unlink(missing_ok=True)
    return name


def _name(view: View, taken: set[str]) -> str:
    plain = f"{view.kind}-{view.metric}".lower()
    names = (plain if place == 1 else f"{plain}-{place}" for place in count(1))
    return next(name for name in names if name not in taken)


def _lines(name: str, view: View, unit: str, note: str, by: str, report: str) -> Iterator[str]:
    yield f"- name: {_text(name)}"
    yield f"  view: {view.kind}"
    yield f"  metric: {_text(view.metric)}"
    yield f"  unit: {_text(unit)}"
    if told := chosen(view):
        yield f"  options: {json.dumps(told, ensure_ascii=False)}"
    if note:
        yield f"  note: {_text(note)}"
    if by:
        yield f"  by: {_text(by)}"
    yield f"  on: {dt.date.today().isoformat()}"
    if report:
        yield f"  reports: [{_text(report)}]"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
