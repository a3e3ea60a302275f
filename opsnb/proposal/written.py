"""How values are written: what type, date format and notation a column of text has."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

NONE_WORDS = (
    "-", "--", "—", "——", "–", "/", "N/A", "n/a", "NA", "null", "NULL", "None", "无", "暂无", "缺",
    "#N/A", "#DIV/0!", "#REF!", "#VALUE!", "..", "...", "…", "*",
)  # fmt: skip
ENOUGH = 0.9
"""Share of a column's values that must be of a type for the column to be."""
WIDE = str.maketrans("０１２３４５６７８９．，－＋％（）", "0123456789.,-+%()")
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "january", "一月", "一月份"), ("feb", "february", "二月", "二月份"),
            ("mar", "march", "三月", "三月份"), ("apr", "april", "四月", "四月份"),
            ("may", "五月", "五月份"), ("jun", "june", "六月", "六月份"),
            ("jul", "july", "七月", "七月份"), ("aug", "august", "八月", "八月份"),
            ("sep", "sept", "september", "九月", "九月份"),
            ("oct", "october", "十月", "十月份"), ("nov", "november", "十一月", "十一月份"),
            ("dec", "december", "十二月", "十二月份"),
        ),
        start=1,
    )
    for name in names
}  # fmt: skip
Y, M, D = r"(?P<y>(?:19|20)\d{2})", r"(?P<m>1[0-2]|0?[1-9])", r"(?P<d>3[01]|[12]\d|0?[1-9])"
TIME = r"[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?"
NAMES = r"(?P<n>[A-Za-z]{3})"
FORMATS: tuple[tuple[str, str | None], ...] = (
    (rf"{Y}-(?P<m>1[0-2]|0[1-9])-(?P<d>3[01]|[12]\d|0[1-9])", None),
    (rf"{Y}-(?P<m>1[0-2]|0[1-9])", "%Y-%m"),
    (rf"{Y}-{M}-{D}", "%Y-%m-%d"),
    (rf"{Y}/{M}/{D}", "%Y/%m/%d"),
    (rf"{Y}\.{M}\.{D}", "%Y.%m.%d"),
    (rf"{Y}年{M}月{D}日", "%Y年%m月%d日"),
    (rf"{Y}年{M}月", "%Y年%m月"),
    (rf"{Y}/{M}", "%Y/%m"),
    (rf"{Y}\.(?P<m>1[0-2]|0[1-9])", "%Y.%m"),
    (rf"{Y}(?P<m>1[0-2]|0[1-9])(?P<d>3[01]|[12]\d|0[1-9])", "%Y%m%d"),
    (rf"{Y}(?P<m>1[0-2]|0[1-9])", "%Y%m"),
    (rf"{D}\.{M}\.{Y}", "%d.%m.%Y"),
    (rf"{D}/{M}/{Y}", "%d/%m/%Y"),
    (rf"{M}/{D}/{Y}", "%m/%d/%Y"),
    (rf"{D}-{M}-{Y}", "%d-%m-%Y"),
    (rf"{NAMES}[- ]{Y}", "%b %Y"),
    (rf"{D} {NAMES} {Y}", "%d %b %Y"),
)
"""Pattern of a date as a whole, and strptime's letters for it; None is ISO, which needs none."""
COMPILED = tuple((re.compile(pattern, re.IGNORECASE), form) for pattern, form in FORMATS)
STAMP = re.compile(rf"(?:19|20)\d{{2}}-\d{{2}}-\d{{2}}{TIME}(?:[+-]\d{{2}}:?\d{{2}}|Z)?")
PLAIN = re.compile(r"[-+−]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?")
GROUPED = re.compile(r"[-+−]?\d{1,3}(?:,\d{3})+(?:\.\d*)?")
COMMA = re.compile(r"[-+−]?\d+,\d+|[-+−]?\d{1,3}(?:\.\d{3})+(?:,\d+)?")
SCALED = re.compile(r"(.*?)\s*(万|亿)元?")
LEADING_ZERO = re.compile(r"0\d+")
SERIAL = re.compile(r"[34]\d{4}")
TRUTHS = ({"true", "false"}, {"t", "f"}, {"yes", "no"})
DATE_WORDS = re.compile(r"日期|时间|日$|date|day|time", re.IGNORECASE)


@dataclass(frozen=True)
class Written:
    """How the values of a column are written.

    Attributes
    ----------
    kind : {"date", "datetime", "integer", "decimal", "number", "boolean", "text", "empty"}
    digits : int
        After the point, of a decimal.
    format : str or None
        Of a date.
    notation : tuple of str
    missing : tuple of str
        Words that stand for no value.
    odd : tuple of str
        Values that are not of the kind, the first few.
    doubt : str
        What could have been read otherwise.
    """

    kind: str
    digits: int = 0
    format: str | None = None
    notation: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    odd: tuple[str, ...] = ()
    doubt: str = ""

    @property
    def is_number(self) -> bool:
        """Whether the values are numbers."""
        return self.kind in ("integer", "decimal", "number")

    @property
    def is_date(self) -> bool:
        """Whether the values are days or moments."""
        return self.kind in ("date", "datetime")

    @property
    def type(self) -> str:
        """Type as ``sources.yaml`` has it."""
        if self.kind == "decimal":
            return f"decimal({self.digits})"
        return "text" if self.kind == "empty" else self.kind


def written(values: Sequence[str | None], name: str = "") -> Written:
    """How a column's values are written.

    >>> written(["1,200", "(350)", "-"], "金额").notation
    ('thousands', 'parentheses')
    >>> written(["2026年3月", "2026年12月"]).format
    '%Y年%m月'
    >>> written(["007", "012"]).kind
    'text'
    """
    known = [value.strip() for value in values if value is not None and value.strip()]
    words = tuple(word for word in NONE_WORDS if word in known)
    told = [value for value in known if value not in words]
    if not told:
        return Written("empty", missing=words)
    if {value.lower() for value in told} in TRUTHS and {v.lower() for v in told} == TRUTHS[0]:
        return Written("boolean", missing=words)
    for find in (_date, _number):
        found = find(told, name, words)
        if found is not None:
            return found
    return Written("text")


def _date(told: Sequence[str], name: str, words: tuple[str, ...]) -> Written | None:
    if _share(told, STAMP.fullmatch) >= ENOUGH:
        midnight = all(re.search(r"[ T]0?0:00(:00)?(\.0+)?$", value) for value in told)
        return Written("date" if midnight else "datetime", missing=words,
                       odd=_odd(told, STAMP.fullmatch))  # fmt: skip
    shares = [(_share(told, pattern.fullmatch), pattern, form) for pattern, form in COMPILED]
    best = max(share for share, _, _ in shares)
    if best >= ENOUGH:
        fits = [(pattern, form) for share, pattern, form in shares if share == best]
        pattern, form = fits[0]
        if form in ("%Y%m%d", "%Y%m", "%Y.%m") and not _may_be_date(told, form, name):
            return None
        forms = {form for _, form in fits}
        doubt = "%m/%d/%Y" if {"%d/%m/%Y", "%m/%d/%Y"} <= forms else ""
        return Written("date", format=form, missing=words, odd=_odd(told, pattern.fullmatch),
                       doubt=doubt)  # fmt: skip
    if DATE_WORDS.search(name) and _share(told, SERIAL.fullmatch) >= ENOUGH:
        return Written("date", format="serial", missing=words, odd=_odd(told, SERIAL.fullmatch))
    return None


def _may_be_date(told: Sequence[str], form: str, name: str) -> bool:
    """Whether digits alone are months or days rather than numbers: the name says so."""
    return bool(DATE_WORDS.search(name) or re.search(r"年月|月份|期间|period|month", name, re.I))


def _number(told: Sequence[str], name: str, words: tuple[str, ...]) -> Written | None:
    if _share(told, LEADING_ZERO.fullmatch) > 0.02:
        return None  # a code: its zeros would be lost
    habits: Counter[str] = Counter()
    digits, good, is_exact, largest = 0, 0, True, 0.0
    odd: list[str] = []
    comma = _has_decimal_comma(told)
    for value in told:
        read = _one(value, comma=comma)
        if read is None:
            odd.append(value)
            continue
        good += 1
        habits.update(read.habits)
        digits = max(digits, read.digits)
        is_exact &= read.is_exact
        largest = max(largest, abs(read.value))
    if good / len(told) < ENOUGH:
        return None
    notation = tuple(habit for habit in (
        "thousands", "decimal_comma", "full_width", "percent", "wan", "parentheses",
    ) if habits[habit])  # fmt: skip
    if not is_exact or digits > 6 or largest >= 1e12:
        kind = "number"
    else:
        kind = "decimal" if digits else "integer"
    return Written(kind, digits, None, notation, words, tuple(dict.fromkeys(odd))[:3])


@dataclass(frozen=True)
class _Number:
    value: float
    digits: int
    habits: tuple[str, ...]
    is_exact: bool


def _one(value: str, *, comma: bool) -> _Number | None:
    """One text as a number, and by which habits."""
    habits: list[str] = []
    text = value.translate(WIDE)
    if text != value:
        habits.append("full_width")
    scale, shift = 1.0, 0
    if match := re.fullmatch(r"\((.*)\)", text):
        text = f"-{match[1]}"
        habits.append("parentheses")
    if text.endswith("%"):
        text, scale, shift = text[:-1].strip(), 0.01, 2
        habits.append("percent")
    elif match := SCALED.fullmatch(text):
        text, scale, shift = match[1], 1e4 if match[2] == "万" else 1e8, -4
        habits.append("wan")
    if comma and COMMA.fullmatch(text):
        habits.append("decimal_comma")
        habits += ["thousands"] if "." in text else []
        text = text.replace(".", "").replace(",", ".")
    elif GROUPED.fullmatch(text):
        habits.append("thousands")
        text = text.replace(",", "")
    if not PLAIN.fullmatch(text):
        return None
    number = float(text.replace("−", "-"))
    after = text.partition(".")[2] if "." in text else ""
    is_exact = "e" not in text.lower()
    digits = max(len(after.rstrip("0")) + shift, 0) if after or shift > 0 else 0
    return _Number(number * scale, digits, tuple(habits), is_exact)


def _has_decimal_comma(told: Sequence[str]) -> bool:
    """Whether the comma stands before decimals: no number with it has whole groups of three."""
    with_comma = [v for v in told if "," in v and not GROUPED.fullmatch(v)]
    fits = [v for v in with_comma if COMMA.fullmatch(v)]
    return bool(fits) and len(fits) == len(with_comma) and not any(
        PLAIN.fullmatch(v) and "." in v for v in told
    )  # fmt: skip


def _share(told: Sequence[str], holds: Callable[[str], object]) -> float:
    return sum(holds(value) is not None for value in told) / len(told)


def _odd(told: Sequence[str], holds: Callable[[str], object]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(v for v in told if holds(v) is None))[:3]


@dataclass(frozen=True)
class Month:
    """A header that names a month: its year where it has one, and how it is written."""

    year: int | None
    month: int
    format: str | None


def month_named(text: str | None) -> Month | None:
    """Month that a header names, alone.

    >>> month_named("2026年3月"), month_named("3月").month, month_named("合计")
    (Month(year=2026, month=3, format='%Y年%m月'), 3, None)
    """
    if text is None:
        return None
    bare = text.strip()
    for pattern, form in COMPILED:
        match = pattern.fullmatch(bare)
        if match and "y" in match.re.groupindex:
            found = match.groupdict()
            name = (found.get("n") or "").lower()
            number = int(found["m"]) if found.get("m") else MONTHS.get(name)
            if number:
                return Month(int(found["y"]), number, form)
    if match := re.fullmatch(rf"{M}月(?:份)?", bare):
        return Month(None, int(match["m"]), None)
    number = MONTHS.get(bare.lower().rstrip("."))
    return Month(None, number, None) if number else None


def value_of(text: str | None, how: Written) -> float | None:
    """Number that a text of such a column stands for; None where it is none.

    >>> value_of("1,200", written(["1,200"])), value_of("-", written(["-", "3"]))
    (1200.0, None)
    """
    if text is None or text.strip() in how.missing:
        return None
    read = _one(text.strip(), comma="decimal_comma" in how.notation)
    return None if read is None else read.value
