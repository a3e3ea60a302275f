"""A chapter of a company's own: its first notebook, and its first module, where nothing was."""

from __future__ import annotations

from pathlib import Path

from opsnb.company import Company, own, topics
from opsnb.company.labels import Label
from opsnb.errors import ParameterError
from opsnb.metrics.catalogue import Catalogue
from opsnb.proposal import chapter
from opsnb.reports import REPORTS


def new_report(company: Company, name: str, title: Label, metric: str, analysis: str = "") -> Path:
    """Write ``reports/<name>.ipynb`` into the company's folder, and return it.

    Parameters
    ----------
    metric : str
        Metric that it begins with; the company's first where it is empty.
    analysis : str
        Module of the company's own that it shows.

    Raises
    ------
    ParameterError
        The file is there already, or the name is that of a shipped report.
    SettingsError
        The name is none that a file can have.
    UnknownNameError
        There is no such metric or module.
    """
    metric = metric or next(iter(company.metrics))
    _check(company, name, metric)
    if analysis:
        own.module(company.folder, analysis)
    text = chapter.notebook(company, title, metric, analysis)
    return _write(company.folder / own.FOLDER / f"{name}.ipynb", text)


def new_analysis(company: Company, name: str, title: Label) -> Path:
    """Write ``reports/<name>.py`` into the company's folder, and return it.

    Raises
    ------
    ParameterError
        The file is there already.
    SettingsError
        The name is none that a module can have.
    """
    own.check_name(name)
    return _write(company.folder / own.FOLDER / f"{name}.py", chapter.module(name, title))


def new_topic(
    company: Company, name: str, title: Label, metric: str, since: str, control: str = ""
) -> list[Path]:
    """Write the notebook of a special topic and its options, and return both files.

    Parameters
    ----------
    metric, since, control : str
        What was changed, the first month after it, and what was not; see
        :func:`opsnb.analyses.before_after`.

    Raises
    ------
    ParameterError, SettingsError, PeriodError, UnknownNameError
        As :func:`new_report`; `since` is no month.
    """
    _check(company, name, metric)
    month = company.period(since)
    if month.kind != "month":
        raise ParameterError(f"since {since!r}", expected="a month, such as 2026-06")
    if control and not control.startswith("unit:"):
        Catalogue(company).definition(control)
    told = {"metric": metric, "since": str(month), "control": control}
    folder = company.folder / own.FOLDER
    made = {
        folder / f"{name}.ipynb": chapter.topic(company, name, title, told),
        folder / f"{name}{topics.SUFFIX}": chapter.topic_options(company),
    }
    there = [path for path in made if path.exists()]
    if there:
        raise ParameterError(f"{there[0]} is there already", expected="another name")
    return [_write(path, text) for path, text in made.items()]


def _check(company: Company, name: str, metric: str) -> None:
    own.check_name(name)
    if name in {report.name for report in REPORTS}:
        raise ParameterError(f"{name!r} is a shipped report", expected="a name of its own")
    Catalogue(company).definition(metric)


def _write(path: Path, text: str) -> Path:
    """Write a file that is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise ParameterError(f"{path} is there already", expected="another name") from None
    return path
