"""Rendering of a notebook that was executed elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

from opsnb.errors import OpsnbError, ParameterError
from opsnb.reports import REPORTS
from opsnb.runs.parameters import check
from opsnb.runs.store import write_atomically


def render_file(notebook: Path, locale: str | None = None, output: Path | None = None) -> Path:
    """Write the page of an executed notebook, and return where.

    The parameters that papermill injected are checked as those of a run are: papermill itself
    lets an unknown one pass, and the report is then another than was asked for.

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

    try:
        node = json.loads(notebook.read_text(encoding="utf-8"))
    except FileNotFoundError:
        names = [path.name for path in notebook.parent.glob("*.ipynb")]
        raise OpsnbError(f"no file {notebook}", given=notebook.name, choices=names) from None
    except (UnicodeDecodeError, json.JSONDecodeError):
        raise OpsnbError("not a notebook", where=str(notebook), expected="an .ipynb file") from None
    if locale not in (None, "zh", "en"):
        raise ParameterError(f"unknown locale {locale!r}", given=locale, choices=("zh", "en"))
    _check_parameters(node)
    page = render(node, locale=locale)
    own = page.locale == page.results[0].provenance.get("locale")
    target = output or notebook.with_suffix(".html" if own else f".{page.locale}.html")
    write_atomically(target, page.html)
    return target


def _check_parameters(node: dict[str, object]) -> None:
    """Parameters injected by papermill belong to the report whose notebook it is."""
    metadata = node.get("metadata")
    papermill = metadata.get("papermill", {}) if isinstance(metadata, dict) else {}
    name = Path(str(papermill.get("input_path", ""))).stem
    for report in REPORTS:
        if report.name == name:
            defaults = {"company": ""}
            check(report, defaults | dict(papermill.get("parameters", {})))
