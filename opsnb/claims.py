"""Claims: figures as people write them in prose, in Chinese and in English, read exactly.

``1.17 亿元``, ``3,450.6万``, ``¥120.00 million``, ``−4.2 %``, ``2.1 个百分点``, ``１２３``: a claim
says a number and how finely it was rounded. What is no claim is passed over: dates and times,
ordinals, numbers of lists, figures, tables and pages, names that hold digits, addresses
(:data:`EXEMPT`). Numbers spelt out in words are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Literal

Kind = Literal["percent", "points", "money", "plain"]
EXACT = Context(prec=400, rounding=ROUND_HALF_UP)
NARROW = str.maketrans(
    "０１２３４５６７８９％．－＋−﹣￥\u00a0\u202f\u2009", "0123456789%.-+--¥   "
)
WIDE_COMMA = re.compile(r"(?<=[０-９])，(?=[０-９]{3}(?![０-９]))")
SCALES = {
    "万亿": 12, "百亿": 10, "十亿": 9, "亿": 8, "千万": 7, "百万": 6, "万": 4, "千": 3,
    "trillion": 12, "billion": 9, "bn": 9, "million": 6, "mn": 6, "thousand": 3,
    "B": 9, "M": 6, "K": 3, "k": 3,
}  # fmt: skip
UNITS: dict[str, tuple[Kind, int]] = {
    "个百分点": ("points", -2), "百分点": ("points", -2), "个点": ("points", -2),
    "percentage points": ("points", -2), "percentage point": ("points", -2), "pp": ("points", -2),
    "个基点": ("points", -4), "基点": ("points", -4), "bp": ("points", -4),
    "percent": ("percent", -2), "per cent": ("percent", -2), "%": ("percent", -2),
    "‰": ("percent", -3), "成": ("percent", -1),
    "元": ("money", 0), "yuan": ("money", 0), "RMB": ("money", 0),
}  # fmt: skip
CODES = "CNY|RMB|USD|EUR|GBP|JPY|HKD|BRL|AUD|CAD|CHF|SGD|INR|KRW"
CURRENCY = rf"(?:US|HK|JP|R)?[$¥€£]|(?:{CODES})(?![A-Za-z])"


def _words(words: Iterable[str]) -> str:
    """Alternatives, longest first; a Latin word does not go on."""
    ends = {True: "(?![A-Za-z])", False: ""}
    ordered = sorted(words, key=len, reverse=True)
    return "|".join(re.escape(w) + ends[w[-1].isascii() and w[-1].isalpha()] for w in ordered)


NUMBER = re.compile(
    rf"(?P<sign>(?<![0-9A-Za-z%)）])[-+])?\s?(?P<currency>{CURRENCY})?\s?"
    r"(?P<digits>(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)"
    rf"\s?(?P<scale>{_words(SCALES)})?\s?(?P<unit>{_words(UNITS)})?"
)
MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|"
    r"Sep(?:t|tember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
DASH = r"\s*[-–—~～至到、和与/]\s*"
DATES = (
    r"(?:19|20)\d{2}\s*-?\s*[QqHh][1-4]\b|\b[QqHh][1-4](?:\s+(?:19|20)\d{2})?\b",
    rf"(?:19|20)\d{{2}}\s*(?:[-/.]\d{{1,2}}(?:[-/.]\d{{1,2}})?(?!\d|%|[.,]\d)|财?年(?:度)?)"
    rf"(?:\s*\d{{1,2}}(?:{DASH}\d{{1,2}})?\s*月(?:\s*\d{{1,2}}\s*[日号])?)?",
    rf"\d{{1,2}}\s*(?:月\s*)?(?:{DASH}\d{{1,2}}\s*)*月(?:\s*\d{{1,2}}(?:{DASH}\d{{1,2}})?\s*[日号])?",
    r"(?<!\d)\d{1,2}\s*[日号](?!均)",
    r"(?<!\d)\d{1,2}:\d{2}(?::\d{2})?(?!\d)",
    rf"{MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+\d{{4}})?(?!\d|%)",
    rf"\d{{1,2}}(?:st|nd|rd|th)?(?:\s*[-–—]\s*\d{{1,2}})?\s+(?:of\s+)?{MONTH}(?:,?\s+\d{{4}})?",
    rf"{MONTH},?\s+\d{{4}}",
    r"\b(?:in|of|since|by|from|until|to|FY|year|during|than|vs\.?|before|after|and)\s*"
    r"(?:19|20)\d{2}\b(?!\s*[%万亿个元]|[.,]\d)",
    r"(?:近|过去|最近|未来|今后|前|后|上|下|每)\s*\d+\s*个?(?:月|年|周|天|日|季度|期)",
    r"\b(?:last|past|next|previous|first|final|trailing|every|within)\s+\d+[\s-]+"
    r"(?:month|year|week|day|quarter|period)s?\b",
)
EXEMPT = re.compile(
    "|".join(
        (
            r"https?://\S+|\S+@\S+\.\w+|[\w.-]+\.(?:csv|xlsx?|html?|pdf|ya?ml|parquet|ipynb)\b",
            *DATES,
            r"第\s*\d+(?:\s*[-–—至到、]\s*\d+)*|\b\d+(?:st|nd|rd|th)\b",
            r"(?:[图表注]|附[表图录件]|章节|步骤|方案|\b(?i:Figure|Fig|Table|Annex|Appendix|Section|"
            r"Chapter|Page|Note|Step|Item|Option|No)\.?)\s*\d+(?:[.-]\d+)*(?!\s*[%万亿元]|\.\d)",
            r"^\s*[(（]?\d{1,2}[)）.、](?!\d)|^\s*\d{1,2}(?:\.\d{1,2})+(?=\s+[^\s%‰万亿千百元个成pm])|(?<=[；;。:：\n])\s*[(（]?\d{1,2}[)）、](?!\d)",
            rf"(?<![A-Za-z])(?!(?:{CODES})\s?\d)[A-Za-z][A-Za-z_]*[-+_/ ]?(?<! )\d[\w.-]*\w|"
            rf"(?<![A-Za-z])(?!(?:{CODES})\s?\d)[A-Za-z_]+[-+_/]?\d",
            r"(?<![\d.])\d+(?:[ACDEFGHIJLNO-Z](?![A-Za-z]))",
        )
    ),
    re.M,
)
RANGE = re.compile(r"\s*[-–—~～至到]\s*")
MANNER = r"(?:了|约|近|将近|大约|逾|超过|by|of|about|nearly|some|almost|over)?"
UP = re.compile(
    r"(?:增长|上升|提高|增加|上涨|提升|增|升|涨|高出|多出|高|多|\b(?:rose|rises|increased|grew|grows|up|"
    rf"gained|higher|climbed|increase|growth|rise))\s*{MANNER}\s*$"
)
DOWN = re.compile(
    r"(?:下降|减少|降低|下滑|回落|下跌|缩减|降|减|跌|低|少|落后|\b(?:fell|falls|declined|decreased|dropped|"
    rf"down|lower|lost|decrease|decline|drop|fall))\s*{MANNER}\s*$"
)


@dataclass(frozen=True)
class Claim:
    """A figure in a text.

    Attributes
    ----------
    text : str
        As it is written.
    start, end : int
        Where it stands.
    number : Decimal
        Without its sign, in units of ten to `power`.
    power, decimals : int
    sign : int
        −1 or 1 where one is written, else 0.
    kind : {"percent", "points", "money", "plain"}
    currency : str
        Sign or code before it; empty without one.
    direction : int
        1 after a word such as *rose*, −1 after one such as *fell*, else 0.
    """

    text: str
    start: int
    end: int
    number: Decimal
    power: int
    decimals: int
    sign: int = 0
    kind: Kind = "plain"
    currency: str = ""
    direction: int = 0

    def states(self, value: float) -> bool:
        """Whether `value`, its sign apart, is what the claim says, at the claim's rounding.

        >>> claim = next(claims("1.17 亿元"))
        >>> claim.states(116_812_345), claim.states(116_499_999)
        (True, False)
        """
        exact = EXACT.scaleb(Decimal(repr(abs(float(value)))), -self.power)
        return exact.quantize(Decimal(1).scaleb(-self.decimals), context=EXACT) == self.number

    def distance(self, value: float) -> float:
        """How far `value`, its sign apart, is from the claim, relative to the larger."""
        said = float(self.number.scaleb(self.power))
        return abs(abs(value) - said) / (max(abs(value), said) or 1.0)

    def shown(self, value: float) -> str:
        """`value` on the claim's scale, two digits finer."""
        exact = EXACT.scaleb(Decimal(repr(float(value))), -self.power)
        return str(exact.quantize(Decimal(1).scaleb(-self.decimals - 2), context=EXACT))


def narrowed(text: str) -> str:
    """`text` with full-width digits and signs as ASCII, character by character.

    >>> narrowed("１，２３４．５％")
    '1,234.5%'
    """
    return WIDE_COMMA.sub(",", text).translate(NARROW)


def claims(text: str) -> Iterator[Claim]:
    """Figures of `text`, in order.

    >>> [c.text for c in claims("2026年10月营业收入 1.17 亿元，同比增长 9.6%，见图 3。")]
    ['1.17 亿元', '9.6%']
    """
    plain = narrowed(text)
    spared = [match.span() for match in EXEMPT.finditer(plain)]
    found: list[Claim] = []
    for match in NUMBER.finditer(plain):
        first, last = match.span("digits")
        if not any(start <= first and last <= end for start, end in spared):
            found.append(_claim(match, text, plain))
    for place, claim in enumerate(found):
        after = found[place + 1] if place + 1 < len(found) else None
        yield _in_range(claim, after, plain)


def figure(text: str) -> Claim | None:
    """First number of a text that is known to be one; None without any."""
    plain = narrowed(text)
    match = NUMBER.search(plain)
    return _claim(match, text, plain) if match else None


def dates(text: str) -> list[str]:
    """Dates and spans of time that `text` names.

    >>> dates("9月为 1.37 亿元，近 12 个月最高。")
    ['9月', '近 12 个月']
    """
    return [match[0].strip() for match in re.finditer("|".join(DATES), narrowed(text))]


def _claim(match: re.Match[str], text: str, plain: str) -> Claim:
    digits = match["digits"].replace(",", "")
    kind, power = UNITS.get(match["unit"] or "", ("plain", 0))
    if match["currency"]:
        kind = "money"
    before = plain[max(0, match.start() - 24) : match.start()]
    start = match.start() + len(match[0]) - len(match[0].lstrip())
    shown = text[start : match.end()].rstrip()
    return Claim(
        text=shown,
        start=start,
        end=start + len(shown),
        number=Decimal(digits),
        power=power + SCALES.get(match["scale"] or "", 0),
        decimals=len(digits.partition(".")[2]),
        sign={"-": -1, "+": 1}.get(match["sign"] or "", 0),
        kind=kind,
        currency=match["currency"] or "",
        direction=bool(UP.search(before)) - bool(DOWN.search(before)),
    )


def _in_range(here: Claim, after: Claim | None, plain: str) -> Claim:
    """The first figure of a range takes scale and unit of the second: 10—12 %."""
    if after is None or here.kind != "plain" or here.power:
        return here
    if not RANGE.fullmatch(plain[here.end : after.start]):
        return here
    return replace(here, kind=after.kind, power=after.power, currency=after.currency)
