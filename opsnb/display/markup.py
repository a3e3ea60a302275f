"""HTML as values that are escaped by construction: text is data until it is Markup.

Everything a report shows may come from a user's file, so no fragment is glued from strings.
"""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup, escape

VOID = frozenset({"br", "hr", "col", "path", "circle", "rect", "use", "img"})
NBSP = "\u00a0"
LINE = 28  # characters that fit on a line of a phone, in any script
TURNS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def element(tag: str, *children: object, **attributes: object) -> Markup:
    """One element; children and attribute values are escaped unless they are Markup.

    Attribute names: ``class_`` for ``class``, ``data_key`` for ``data-key``, ``for_`` and so on.
    None and False leave an attribute out, True writes it bare; ``class_=""`` is left out.

    >>> str(element("p", "a < b", class_="note", hidden=True))
    '<p class="note" hidden>a &lt; b</p>'
    """
    opened = f"<{tag}{_attributes(attributes)}"  # tags and names stand in this package's code
    if tag in VOID:
        return Markup(f"{opened}/>")  # noqa: S704
    inner = "".join([escape(child) for child in children if child is not None])
    return Markup(f"{opened}>{inner}</{tag}>")  # noqa: S704


def _attributes(attributes: dict[str, object]) -> str:
    written = []
    for name, value in attributes.items():
        if value is None or value is False or (name == "class_" and not value):
            continue
        bare = name.rstrip("_").replace("_", "-")
        written.append(f" {bare}" if value is True else f' {bare}="{escape(value)}"')
    return "".join(written)


def join(children: Iterable[object], separator: str = "") -> Markup:
    """Children one after another, escaped where they are text; None is left out.

    >>> str(join(["a", None, "<"], " "))
    'a &lt;'
    """
    return escape(separator).join(escape(child) for child in children if child is not None)


def undirected(text: str) -> str:
    """`text` without the characters that turn the direction of what follows them.

    In a label they would turn the numbers behind it, too. Unicode's bidirectional algorithm,
    https://www.unicode.org/reports/tr9/, embeddings, overrides and isolates.

    >>> undirected("a\u202egnp.exe")
    'agnp.exe'
    """
    return text.translate(TURNS)


def unbroken(text: str) -> str:
    """Class of a figure whose text stays on one line; one longer than a line has none.

    >>> unbroken("1.12 million"), unbroken("9" * 60)
    ('n', '')
    """
    return "n" if len(text) <= LINE else ""


def anchor(*parts: str) -> str:
    """Id for an element from names; the same names give the same id.

    Letters of any script and digits stay, all else becomes a hyphen.

    >>> anchor("trend", "revenue", "all")
    'trend-revenue-all'
    >>> anchor("row", "<b>")
    'row--b-'
    """
    kept = ("".join(c if c.isalnum() or c in "_-" else "-" for c in part) for part in parts)
    return "-".join(kept)
