"""The words of the report: English in the code, other languages in a gettext catalogue.

``words = translate("zh")`` gives a callable: ``words("Target {target}", target="4.10")``.
The catalogue is the text file ``locales/<language>/LC_MESSAGES/opsnb.po``; it is read when a
language is first asked for. English needs none. What a catalogue lacks is shown in English.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from markupsafe import Markup, escape

PLACEHOLDER = re.compile(r"\{(\w+)\}")


def mark(msgid: str) -> str:
    """Return `msgid` itself: it stands in a constant here and is translated where it is shown."""
    return msgid


HEADINGS: tuple[str, ...] = (
    mark("Monthly operations report"),
    mark("Messages of the month"),
    mark("KPI matrix"),
    mark("KPI completion"),
    mark("Exceptions"),
    mark("Trend"),
    mark("Units"),
    mark("Attribution"),
    mark("Drivers"),
    mark("Forecast"),
    mark("Forecast report"),
    mark("Forecast and year's end"),
    mark("Forecast by unit"),
    mark("Issued forecasts held to account"),
    mark("Backtest and calibration"),
    mark("Second opinion"),
    mark("Descriptive statistics"),
    mark("Benchmarks"),
    mark("Reported and restated"),
    mark("Risk"),
    mark("Risk assessment and early warning"),
    mark("Warnings"),
    mark("Indicators of risk"),
    mark("Risk matrix"),
    mark("Annual losses and appetite"),
    mark("Responses and their effect"),
    mark("Incidents and looking back"),
    mark("Register of risks"),
    mark("Problems and suggestions"),
    mark("Question"),
    mark("Data"),
    mark("Method and assumptions"),
    mark("Result"),
    mark("Control charts"),
    mark("Robustness"),
    mark("Options"),
    mark("Advice and decision"),
    mark("Pinned views"),
    mark("Annex"),
    mark("Data sources"),
    mark("Definitions"),
)


@dataclass(frozen=True)
class Words:
    """The catalogue of one language.

    Parameters
    ----------
    locale : str
        ``zh``, ``en``, ``zh_CN`` and the like.
    catalogue : mapping
        English message to message in this language.
    """

    locale: str
    catalogue: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __call__(self, msgid: str, /, **values: object) -> str:
        """Message in this language, its named places filled; an unknown place stays as it is."""
        return fill(self.catalogue.get(msgid, msgid), values, str)

    def html(self, msgid: str, /, **values: object) -> Markup:
        """Like the call, for HTML: the message and every value that is not Markup are escaped."""
        return fill_html(self.catalogue.get(msgid, msgid), values)

    @property
    def wide(self) -> bool:
        """Whether the script is written in full-width characters, without spaces."""
        return self.locale[:2] in ("zh", "ja")


def fill(template: str, values: Mapping[str, object], show: Callable[[object], str]) -> str:
    """Put `values` into the places ``{name}`` of `template`, and nothing else.

    Templates come from users too, so this is not ``str.format``: no attribute is looked up.

    >>> fill("{a} of {b}", {"a": 1}, str)
    '1 of {b}'
    """
    return PLACEHOLDER.sub(
        lambda place: show(values[place[1]]) if place[1] in values else place[0], template
    )


def fill_html(template: str, values: Mapping[str, object]) -> Markup:
    """Escape `template`, then put the escaped `values` into it."""
    text = fill(str(escape(template)), values, lambda value: str(escape(value)))
    return Markup(text)  # noqa: S704 all of it is escaped


@cache
def translate(locale: str) -> Words:
    """Words of `locale`.

    >>> translate("zh")("Units")
    '各单位'
    """
    return Words(locale, _catalogue(re.split(r"[-_]", locale)[0]))


@cache
def _catalogue(language: str) -> Mapping[str, str]:
    file = resources.files("opsnb") / "locales" / language / "LC_MESSAGES" / "opsnb.po"
    if not file.is_file():
        return {}
    from babel.messages.pofile import read_po

    with file.open("rb") as stream:
        messages = read_po(stream, locale=language)
    return {str(m.id): str(m.string) for m in messages if m.id and m.string}


@cache
def _english() -> Mapping[str, str]:
    catalogue = _catalogue("zh")
    back = {text: msgid for msgid, text in catalogue.items()}
    return back | {catalogue[heading]: heading for heading in HEADINGS if heading in catalogue}


def english(text: str) -> str:
    """English for a Chinese `text` that the catalogue knows, as notebooks' headings; else `text`.

    >>> english("趋势"), english("我的一章")
    ('Trend', '我的一章')
    """
    return _english().get(text.strip(), text)
