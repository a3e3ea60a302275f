"""Rendering of a notebook that was executed before: by papermill, or in a run of ours."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from opsnb.errors import OpsnbError, ParameterError, RunError
from opsnb.reports import REPORTS
from opsnb.runs.parameters import check
from opsnb.runs.store import MANIFEST, write_atomically

LOCALES = ("zh", "en")


def render_file(notebook: Path, locale: str | None = None, to: Path | None = None) -> Path:
    """Write the page of an executed notebook, and return where.

    The parameters that papermill injected are checked as those of a run are: papermill itself
    lets an unknown one pass, and the report is then another than was asked for.

    Parameters
    ----------
    notebook : Path
    locale : {"zh", "en"}, optional
        The notebook's own by default.
    to : Path, optional
        File to write; beside the notebook by default, ``<name>.en.html`` in another language.

    Raises
    ------
    ParameterError
        An unknown or mistyped parameter, or an unknown locale.
    RunError
        The notebook failed or did not run to its end.
    OpsnbError
        The file is no notebook, or holds no results.
    """
    from opsnb.runs.render import render

    check_locale(locale)
    node = read_notebook(notebook)
    _check_parameters(node)
    page = render(node, locale=locale)
    own = page.locale == page.results[0].provenance.get("locale")
    target = to or notebook.with_suffix(".html" if own else f".{page.locale}.html")
    write_atomically(target, page.html)
    return target


def render_run(folder: Path, locale: str | None = None, to: Path | None = None) -> Path:
    """Write the page of a finished run in `locale`, and return where.

    The run's own page is never written again: in its own language it is only named. Another
    language stands beside it as ``report.en.html``, with the run's id and digest.

    Raises
    ------
    ParameterError
        An unknown locale.
    RunError
        The run failed.
    """
    from opsnb.runs.masthead import meta_of
    from opsnb.runs.render import render
    from opsnb.standing import standing

    check_locale(locale)
    run = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    if run["status"] != "done":
        raise RunError(f"run {run['run_id']} {run['status']}", expected="one that is done")
    own = locale in (None, run["parameters"]["locale"])
    if own and to is None:
        return folder / "report.html"
    meta = meta_of(run, *standing(folder, run))
    page = render(read_notebook(folder / "notebook.ipynb"), locale=locale, meta=meta)
    target = to or folder / f"report.{page.locale}.html"
    write_atomically(target, page.html)
    return target


def check_locale(locale: str | None) -> None:
    """Refuse a locale that no page can be in.

    Raises
    ------
    ParameterError
    """
    if locale is not None and locale not in LOCALES:
        raise ParameterError(f"unknown locale {locale!r}", given=locale, choices=LOCALES)


def read_notebook(notebook: Path) -> dict[str, Any]:
    """Notebook as plain dictionaries.

    Raises
    ------
    OpsnbError
        There is no such file, or it is no notebook.
    """
    try:
        node = json.loads(notebook.read_text(encoding="utf-8"))
    except FileNotFoundError:
        names = [path.name for path in notebook.parent.glob("*.ipynb")]
        raise OpsnbError(f"no file {notebook}", given=notebook.name, choices=names) from None
    except (UnicodeDecodeError, json.JSONDecodeError):
        node = None
    if not isinstance(node, dict):
        raise OpsnbError("not a notebook", where=str(notebook), expected="an .ipynb file")
    return node


def _check_parameters(node: dict[str, Any]) -> None:
    """Parameters injected by papermill belong to the report whose notebook it is."""
    metadata = node.get("metadata")
    papermill = metadata.get("papermill", {}) if isinstance(metadata, dict) else {}
    name = Path(str(papermill.get("input_path", ""))).stem
    for report in REPORTS:
        if report.name == name:
            defaults = {"company": ""}
            check(report, defaults | dict(papermill.get("parameters", {})))
