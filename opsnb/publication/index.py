"""Index pages: what a leader can open, by month, of the company and of each unit alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from markupsafe import Markup

from opsnb.company import Company
from opsnb.data.ledgers import units as units_of
from opsnb.display.icons import icon
from opsnb.display.markup import element
from opsnb.display.table import Cell, Group, Head, Row, Table, render
from opsnb.display.words import Words, mark, translate
from opsnb.period import Period
from opsnb.reports import titles
from opsnb.runs.frame import file
from opsnb.runs.store import write_atomically
from opsnb.standing import Entry, published
from opsnb.units import Units

INDEX = "index.html"
Titles = Mapping[str, Mapping[str, str]]
CHANGED = mark("{n} indicators are others than in the publication before")


def write_indexes(company: Company, root: Path, entries: Iterable[Entry]) -> Path:
    """Write the index of each unit, then that of the company, and return the latter."""
    standing = list(published(entries).values())
    for unit in sorted({str(e["unit"]) for e in entries if e["act"] == "publish"}):
        own = [entry for entry in standing if entry["unit"] == unit]
        (root / unit).mkdir(parents=True, exist_ok=True)
        write_atomically(root / unit / INDEX, page(company, own, unit))
    write_atomically(root / INDEX, page(company, standing))
    return root / INDEX


def is_current(company: Company, root: Path, entries: Iterable[Entry]) -> bool:
    """Whether the company's index is of what stands."""
    path, standing = root / INDEX, published(entries).values()
    return path.is_file() and path.read_text(encoding="utf-8") == page(company, standing)


def page(company: Company, standing: Iterable[Entry], unit: str = "") -> str:
    """Index of what stands; of one unit with links from its own folder."""
    locale = company.profile.locale
    words, tree, named = translate(locale), units_of(company), titles(company)
    name = company.profile.name.to_dict()[locale]
    label = tree[unit].label[locale] if unit else ""
    months: dict[str, list[Entry]] = {}
    for entry in standing:
        months.setdefault(str(entry["period"]), []).append(entry)
    sections = [
        (
            Period.parse(month).label(locale),
            _table(months[month], tree, words, named, f"{unit}/" if unit else ""),
        )
        for month in sorted(months, reverse=True)
    ]
    heading = words("Published reports")
    level = company.profile.classification
    return file(
        "published.html.j2", locale,
        title=" · ".join(part for part in (heading, label, name) if part),
        heading=heading, company=name, unit=label, sections=sections,
        classification=level.to_dict()[locale] if level else "",
        margins={"left": f"{name} {heading}"[:56], "right": "", "seal": "", "pages": '""'},
    )  # fmt: skip


def _table(entries: list[Entry], tree: Units, words: Words, named: Titles, below: str) -> Markup:
    heads = (
        Head(words("Report"), "text"),
        Head(words("Unit"), "text"),
        Head(words("Headline"), "text"),
        Head(words("What changed"), "text"),
        Head(words("Status"), "text"),
    )
    order = sorted(entries, key=lambda e: (e["unit"] != tree.root, e["unit"], e["report"]))
    rows = tuple(_row(entry, tree, words, named, below) for entry in order)
    caption = words("{n} reports", n=str(len(rows)))
    return render(Table(caption, heads, (Group(rows),), "stack", "pb px"), words)


def _changes(entry: Entry, words: Words) -> str:
    """What is another than in the publication before."""
    changed = entry["changed"]
    if not entry["before"]:
        return words("First publication")
    if changed is None:
        return words("The publication before cannot be read")
    return words(CHANGED, n=str(changed)) if changed else words("No indicator has changed")


def _row(entry: Entry, tree: Units, words: Words, named: Titles, below: str) -> Row:
    way = str(entry["file"]).removeprefix(below)
    name, locale = str(entry["report"]), words.locale
    title = named[name][locale] if name in named else name  # its notebook may be gone
    link = element("a", title, href=way)
    said = str(entry["headline"]) or words("No rule found anything to report.")
    level = str(entry["severity"])
    shown = Markup("{} {}").format(icon(level, words), said)
    what = _changes(entry, words)
    unit = tree[str(entry["unit"])].label[locale]
    state = element("span", words("Published"), class_="state published")
    signed = words("{who}, {day}", who=entry["reviewer"], day=str(entry["at"])[:10])
    cells = (unit, shown, what, Markup("{} {}").format(state, signed))
    return Row(link, tuple(Cell(content) for content in cells))
