"""Results as figures, tables, sentences and icons: the only layer that formats a number.

A Result meets a `Reader` (locale and provenance: labels, definitions, words). `views` chooses
the view by the result's name; a view is a function (Result, Reader) -> Markup in a file of its
own: `messages` (headline, problems), `scorecard`, `trend`, `units`, `annex` (sources,
definitions), `generic` (all others). They share `measures` (rows with one number format each),
`states` (warning levels, what is incomplete), `sentences`, `table`, `cards`, `sparkline` and
`figures`. Text becomes HTML in `markup` only, which escapes it. What depends on the whole page,
the numbers of figures and tables and the links to them, is filled in by :func:`number`.

>>> from opsnb.display import html, bundle, register, sentence  # doctest: +SKIP
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from opsnb.display.markup import element
from opsnb.display.numbering import number
from opsnb.display.popovers import bind, merged
from opsnb.display.reader import Reader
from opsnb.display.sentences import plain_sentence, sentence
from opsnb.display.style import notebook
from opsnb.display.views import view
from opsnb.display.words import english, translate
from opsnb.keys import RECORDS, SHOW
from opsnb.results import MIME, Result

__all__ = [
    "bind",
    "bundle",
    "english",
    "html",
    "merged",
    "notice",
    "number",
    "plain",
    "plain_sentence",
    "register",
    "sentence",
    "source",
    "styled",
    "translate",
]


def html(result: Result, locale: str | None = None) -> str:
    """HTML fragment of `result`, without style: what the page shows.

    Parameters
    ----------
    result : Result
        The view is chosen by its name; a name without a view is shown as a table.
    locale : str, optional
        ``zh`` or ``en``; the result's own by default.
    """
    return str(view(result, Reader.of(result, locale)))


def plain(result: Result, locale: str | None = None) -> str:
    """Short text of `result`: its name, period and unit, and a line for each finding."""
    reader = Reader.of(result, locale)
    unit = reader.unit(str(result.provenance.get("unit", "")))
    lines = [" ".join(part for part in (result.name, reader.this_period, unit) if part)]
    lines += [plain_sentence(f, reader.provenance, reader.locale) for f in result.findings]
    return "\n".join(lines)


def bundle(result: Result) -> dict[str, Any]:
    """Mime bundle of `result`: HTML with its style, short text, and the record itself.

    The style stands before the fragment in ``<style data-opsnb>``, so that a page that has it
    already can leave it out.
    """
    return {"text/html": styled(html(result)), **_record(result)}


def styled(fragment: str) -> str:
    """Fragment with the style that it needs in a notebook."""
    about_risk = fragment.startswith(('<div class="opsnb v-risk', '<div class="opsnb v-kri'))
    return f"<style data-opsnb>{notebook(about_risk=about_risk)}</style>{fragment}"


def notice(text: str) -> str:
    """Fragment that says one thing, such as why there is nothing to show."""
    return str(element("div", element("p", text, class_="note"), class_="opsnb"))


def source(text: str) -> str:
    """Fragment that shows the source of a cell."""
    return str(element("pre", element("code", text)))


def register(shell: Any) -> None:
    """Let an IPython `shell` show each Result by its bundle."""
    formatter = shell.display_formatter.mimebundle_formatter
    formatter.for_type(Result, _formatted)


def _formatted(result: Result, include: object = None, exclude: object = None) -> Mapping[str, Any]:
    """Bundle of `result`; without HTML where whoever runs the notebook draws it himself."""
    return _record(result) if os.environ.get(SHOW) == RECORDS else bundle(result)


def _record(result: Result) -> dict[str, Any]:
    return {"text/plain": plain(result), MIME: result.to_bundle()}
