"""The fonts a page carries with it: one woff2 subset per family, of the characters it uses.

A machine without Chinese fonts would show boxes, and nobody would know but the reader. So a
Han character that no embedded font holds is an error; any other falls back to the system.

Drawing a glyph anew through a pen drops its hints and subroutines, so a subset is built from
outlines alone, without fontTools' subsetter (0.3 s instead of 0.7 s for 500 characters). Outlines
and finished subsets are kept in the user's cache folder, which may be deleted at any time.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import hashlib
import html
import importlib.metadata
import importlib.resources
import io
import json
import os
import re
import struct
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opsnb.errors import OpsnbError

PACKAGE, DISTRIBUTION = "pylopdf_fonts_zh_cn", "pylopdf-fonts-zh-cn"
BUILD = 1  # to be raised when the same characters give other bytes
KEPT = 200  # finished subsets in the cache
UNITS = 1000  # per em, in both fonts
HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")

Outlines = dict[str, tuple[int, bytes]]  # character: advance, Type 2 charstring without its width


@dataclass(frozen=True)
class Family:
    """A font family as CSS names it, and the file it is drawn from."""

    name: str
    file: str
    ascent: int
    descent: int


SANS = Family("Noto Sans SC", "NotoSansSC-Regular.otf", 1160, 288)
SERIF = Family("Noto Serif SC", "NotoSerifSC-Regular.otf", 1151, 286)


def font_faces(page: str, *, styles: str = "") -> str:
    """``@font-face`` rules with everything `page` shows, to be put in front of its styles.

    Parameters
    ----------
    page : str
        HTML of the body.
    styles : str, optional
        CSS whose ``content:`` strings are shown too.

    Raises
    ------
    OpsnbError
        For a Han character without a glyph, named by its code point.
    """
    shown, headings = characters(page, styles)
    text, heads = subset(SANS, shown), subset(SERIF, headings)
    missing = sorted(c for c in shown - text.holds if HAN.match(c))
    if missing:
        named = ", ".join(f"{c} (U+{ord(c):04X})" for c in missing[:8])
        raise OpsnbError(
            f"no embedded font has a glyph for {named}",
            where="page",
            expected="characters that Noto Sans SC holds",
        )
    return "".join(font.face for font in (text, heads) if font.holds)


_TAG = re.compile(r"<[^>]*>")
_UNSEEN = re.compile(r"<(style|script|title)\b.*?</\1>", re.S)
_HEADING = re.compile(r"<h[12]\b.*?</h[12]>|(?<=<figcaption>)<h3\b.*?</h3>", re.S)
_SHOWN = re.compile(r"attr\(((?:data|aria)-[\w-]+)\)")
_CONTENT = re.compile(r"content:([^;}]*)")
_STRING = re.compile(r'"([^"]*)"')
_ESCAPE = re.compile(r"\\([0-9a-fA-F]{1,6})\s?")


def characters(page: str, styles: str = "") -> tuple[frozenset[str], frozenset[str]]:
    r"""Characters that `page` shows, and those among them that stand in headings.

    >>> html = '<h1>月报</h1><p data-l="差" data-key="否">1&lt;2</p>'
    >>> shown, headings = characters(html, 'p{content:attr(data-l)}a{content:"页"}')
    >>> "".join(sorted(shown)), "".join(sorted(headings))
    ('12<差报月页', '报月')
    """
    body = _UNSEEN.sub("", page)
    names = "|".join(sorted(set(_SHOWN.findall(styles))))
    labels = "".join(re.findall(rf'\s(?:{names})="([^"]*)"', body)) if names else ""
    strings = "".join(s for rule in _CONTENT.findall(styles) for s in _STRING.findall(rule))
    strings = _ESCAPE.sub(lambda m: chr(int(m[1], 16)), strings)
    shown = html.unescape(_TAG.sub("", body) + labels) + strings
    headings = html.unescape(_TAG.sub("", "".join(_HEADING.findall(body))))
    return _printable(shown), _printable(headings)


def _printable(text: str) -> frozenset[str]:
    return frozenset(c for c in set(text) if c.isprintable() or c == "\N{NO-BREAK SPACE}")


@dataclass(frozen=True)
class Subset:
    """A woff2 font and the characters it holds."""

    family: Family
    woff2: bytes
    holds: frozenset[str]

    @property
    def face(self) -> str:
        """``@font-face`` rule with the font inside."""
        data = base64.b64encode(self.woff2).decode()
        return (
            f'@font-face{{font-family:"{self.family.name}";font-display:block;'
            f'src:url(data:font/woff2;base64,{data})format("woff2")}}'
        )


def subset(family: Family, wanted: Iterable[str]) -> Subset:
    """Font with those of the `wanted` characters that `family` holds.

    The same characters give the same bytes, whatever is in the cache.
    """
    wanted = sorted(set(wanted))
    key = hashlib.sha256(f"{_version()}|{family.name}|{''.join(wanted)}".encode()).hexdigest()
    path = _cache("subsets") / f"{key}.json"
    kept = _read(path)
    if kept is not None:
        return Subset(family, base64.b64decode(kept["woff2"]), frozenset(kept["holds"]))
    drawn = _outlines(family, wanted)
    made = Subset(family, _woff2(_tables(family, drawn)), frozenset(drawn))
    record = {"woff2": base64.b64encode(made.woff2).decode(), "holds": "".join(sorted(drawn))}
    _write(path, record)
    _prune(path.parent)
    return made


def _outlines(family: Family, wanted: Iterable[str]) -> Outlines:
    """Outlines of `wanted`, from the cache and, where it lacks one, from the font itself."""
    path = _cache("outlines") / f"{family.file}-{_version()}.json"
    known: dict[str, Any] = _read(path) or {}
    unknown = [c for c in wanted if c not in known]
    if unknown:
        known |= _draw(family, unknown)
        _write(path, known)
    rows = ((c, known[c]) for c in wanted)
    return {c: (row[0], base64.b64decode(row[1])) for c, row in rows if row}


def _draw(family: Family, wanted: Iterable[str]) -> dict[str, tuple[int, str] | None]:
    """Advance and charstring (base64) of each character; None for one the font does not hold."""
    from fontTools.pens.t2CharStringPen import T2CharStringPen
    from fontTools.ttLib import TTFont

    source = importlib.resources.files(PACKAGE) / family.file
    drawn: dict[str, tuple[int, str] | None] = {}
    with importlib.resources.as_file(source) as path, TTFont(path, lazy=True) as font:
        names, glyphs = font.getBestCmap(), font.getGlyphSet()
        for character in wanted:
            name = names.get(ord(character))
            if name is None:
                drawn[character] = None
                continue
            pen = T2CharStringPen(None, None)
            glyphs[name].draw(pen)
            outline = pen.getCharString()
            outline.compile()
            drawn[character] = (glyphs[name].width, base64.b64encode(outline.bytecode).decode())
    return drawn


def _tables(family: Family, drawn: Mapping[str, tuple[int, bytes]]) -> dict[str, bytes]:
    """Tables of an OpenType font with these outlines, compiled."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.misc.psCharStrings import T2CharString, encodeIntT2
    from fontTools.ttLib import TTFont

    usual = Counter(width for width, _ in drawn.values()).most_common(1)[0][0] if drawn else UNITS
    names = {c: f"u{ord(c):X}" for c in sorted(drawn)}
    strings, metrics = {".notdef": T2CharString(bytecode=b"\x0e")}, {".notdef": (usual, 0)}
    for character, name in names.items():
        width, outline = drawn[character]
        prefix = b"" if width == usual else encodeIntT2(width)
        strings[name] = T2CharString(bytecode=prefix + outline)
        metrics[name] = (width, 0)
    builder = FontBuilder(UNITS, isTTF=False)
    builder.font.recalcBBoxes = False  # the slowest step, and browsers do not read the boxes
    builder.font.recalcTimestamp = False
    builder.updateHead(created=0, modified=0)
    builder.setupGlyphOrder([".notdef", *names.values()])
    builder.setupCharacterMap({ord(c): name for c, name in names.items()})
    private = {"defaultWidthX": usual, "nominalWidthX": 0}
    builder.setupCFF(family.name.replace(" ", ""), {}, strings, private)
    builder.setupHorizontalMetrics(metrics)
    builder.setupHorizontalHeader(ascent=family.ascent, descent=-family.descent)
    builder.setupNameTable({"familyName": family.name, "styleName": "Regular"})
    builder.setupOS2(
        sTypoAscender=880,
        sTypoDescender=-120,
        usWinAscent=family.ascent,
        usWinDescent=family.descent,
    )
    builder.setupPost(keepGlyphNames=False)
    buffer = io.BytesIO()
    builder.font.save(buffer)
    built = TTFont(io.BytesIO(buffer.getvalue()))
    return {tag: built.reader[tag] for tag in sorted(built.reader.keys())}


def _woff2(tables: Mapping[str, bytes]) -> bytes:
    """WOFF2 file of `tables`, none of them transformed.

    fontTools writes the same at brotli's quality 11, which takes three times as long as 10 for
    half a per cent fewer bytes. https://www.w3.org/TR/WOFF2/#FileStructure
    """
    import brotli  # type: ignore[import-untyped]
    from fontTools.ttLib.woff2 import woff2KnownTags

    directory = b""
    for tag, data in tables.items():
        known = tag in woff2KnownTags
        flags = woff2KnownTags.index(tag) if known else 63
        directory += bytes([flags]) + (b"" if known else tag.encode()) + _base128(len(data))
    packed: bytes = brotli.compress(b"".join(tables.values()), mode=brotli.MODE_FONT, quality=10)
    plain = 12 + 16 * len(tables) + sum(len(data) + 3 & ~3 for data in tables.values())
    length = 48 + len(directory) + len(packed)
    padding = b"\0" * (-length % 4)
    header = struct.pack(
        ">4s4sIHHIIHHIIIII",
        b"wOF2", b"OTTO", length + len(padding), len(tables), 0, plain, len(packed),
        1, 0, 0, 0, 0, 0, 0,
    )  # fmt: skip
    return header + directory + packed + padding


def _base128(number: int) -> bytes:
    """UIntBase128 of the WOFF2 format: seven bits a byte, the last without the high bit."""
    digits = [number & 127]
    while number := number >> 7:
        digits.append(number & 127 | 128)
    return bytes(reversed(digits))


@functools.cache
def _version() -> str:
    """Versions that the bytes of a subset depend on."""
    drawn_by = (importlib.metadata.version(name) for name in (DISTRIBUTION, "fonttools", "brotli"))
    return "-".join((str(BUILD), *drawn_by))


def _cache(kind: str) -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("opsnb", appauthor=False) / "fonts" / kind


def _read(path: Path) -> dict[str, Any] | None:
    """Record at `path`; None when there is none or it does not read."""
    try:
        record = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) else None


def _write(path: Path, record: Mapping[str, Any]) -> None:
    """Put `record` at `path` whole or not at all; a cache that cannot be written is no error."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".new")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(record, file, ensure_ascii=True)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def _prune(folder: Path) -> None:
    """Delete all but the newest subsets."""
    with contextlib.suppress(OSError):
        files = sorted(folder.glob("*.json"), key=lambda file: file.stat().st_mtime)
        for file in files[:-KEPT]:
            file.unlink(missing_ok=True)
