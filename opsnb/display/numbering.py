"""Numbers of figures and tables, given once the whole page is there.

A fragment does not know what stands before it. Views leave an empty place where a number
belongs, and links that name what they point to; :func:`number` fills both.
"""

from __future__ import annotations

import re

from markupsafe import escape

from opsnb.display.words import mark, translate

PLACE = re.compile(r'<span class="no" data-no="(figure|table)" data-for="([^"]*)"></span>')
LINK = re.compile(r'(<a href=")[^"]*(" class="ref") data-refs="([^"]*)">[^<]*</a>')
WORDS = {"figure": mark("Figure {n}"), "table": mark("Table {n}")}


def number(html: str, locale: str) -> str:
    """Page with its figures and tables numbered in reading order, and its links resolved.

    Parameters
    ----------
    html : str
        All fragments of a page, in order.
    locale : str

    Returns
    -------
    str
        A link takes the number of the first of its targets that is on the page; one without
        any is removed.
    """
    words, counts = translate(locale), {"figure": 0, "table": 0}
    numbers: dict[str, str] = {}

    def fill(place: re.Match[str]) -> str:
        kind, name = place[1], place[2]
        counts[kind] += 1
        label = words(WORDS[kind], n=counts[kind])
        numbers.setdefault(name, label)
        return f'<span class="no">{escape(label)}</span>'

    def resolve(link: re.Match[str]) -> str:
        for name, _, target in (ref.partition("#") for ref in link[3].split()):
            if name in numbers and f' id="{target}"' in numbered:
                return f"{link[1]}#{target}{link[2]}>{escape(numbers[name])}</a>"
        return ""

    numbered = PLACE.sub(fill, html)
    return LINK.sub(resolve, numbered)
