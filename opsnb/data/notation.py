"""Notation: numbers and dates as people write them, turned into what SQL can cast.

Habits: thousands (``1,234``), decimal_comma (``12,5``; with thousands ``1.234,5``), full_width
(``１２．５``), percent (``12.5%``), wan (``3.2万``, ``1.5亿``) and parentheses (``(1,234)`` for a
negative). Each is recognised where the settings declare it, and every value it touched is counted.
All functions build sqlglot trees over a column of text; nothing is read here.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlglot import exp

from opsnb.company.columns import SERIAL, Habit, Parts
from opsnb.data.sql import literal

WIDE = "０１２３４５６７８９．，－＋％（）"
NARROW = "0123456789.,-+%()"
MINUS = "−–—"
PLAIN = r"(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?"
NUMBER = rf"^[-+]?{PLAIN}$"
GROUPED = r"\d{1,3}(,\d{3})+(\.\d*)?"
PARENTHESES = r"^\((.*)\)$"
SCALES = {"percent": {"%": "0.01"}, "wan": {"万": "10000", "亿": "100000000"}}
NEVER, LAST_SERIAL = 60, 2_958_465.999
"""Days as Excel counts them: 29 February 1900, and the end of the year 9999."""
NUMERALS = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"]
ENGLISH = "january february march april may june july august september october november december"
MONTHS = [
    (zh, f"{zh}月", f"{zh}月份", en, en[:3], f"{en[:3]}.")
    for zh, en in zip(NUMERALS, ENGLISH.split(), strict=True)
]
QUARTERS = [
    (zh, f"{zh}季度", f"第{zh}季度", f"{zh}季") for zh in NUMERALS[:4]
]  # fmt: skip
WIDE_DECIMAL = "DECIMAL(38, 12)"


def missing(text: exp.Expr, tokens: Sequence[str]) -> exp.Expr:
    """Text, or null where it is blank or one of the tokens that mean "no value"."""
    bare = exp.Nullif(this=exp.Trim(this=text.copy()), expression=literal(""))
    if not tokens:
        return bare
    listed = exp.In(this=exp.Trim(this=text.copy()), expressions=[literal(t) for t in tokens])
    return exp.Case(ifs=[exp.If(this=exp.not_(listed), true=bare)])


def is_token(text: exp.Expr, tokens: Sequence[str]) -> exp.Expr:
    """Whether the text is one of the tokens."""
    return exp.In(this=exp.Trim(this=text.copy()), expressions=[literal(t) for t in tokens])


def number(text: exp.Expr, habits: Collection[Habit]) -> exp.Expr:
    """Number as a wide decimal, or null where the text is none in the declared habits.

    A percent is divided by 100; 万 multiplies by 10^4 and 亿 by 10^8. Thousands are taken only
    where the groups are whole: ``1,23`` and ``1,2345`` are no numbers. One text has one scale.
    """
    written = _in_ascii(text, habits)
    scales = {sign: by for habit in habits for sign, by in SCALES.get(habit, {}).items()}
    bare = _replaced(written, r"[,%万亿元\s]", "", everywhere=True)
    decimal = exp.DataType.build(WIDE_DECIMAL, dialect="duckdb")
    value: exp.Expr = exp.TryCast(this=bare, to=decimal)
    if scales:
        ifs = [
            exp.If(this=_function("CONTAINS", written, literal(sign)), true=exp.Literal.number(by))
            for sign, by in scales.items()
        ]
        factor = exp.Case(ifs=ifs, default=exp.Literal.number(1))
        value = exp.TryCast(this=exp.Mul(this=value, expression=exp.Paren(this=factor)), to=decimal)
    return exp.Case(ifs=[exp.If(this=_matches(written, _pattern(habits, scales)), true=value)])


def _in_ascii(text: exp.Expr, habits: Collection[Habit]) -> exp.Expr:
    """Text with plain signs, digits where full width is a habit, and a minus for parentheses."""
    wide, narrow = (WIDE, NARROW) if "full_width" in habits else ("", "")
    plain = literal(wide + MINUS), literal(narrow + "-" * len(MINUS))
    written = _function("TRANSLATE", text, *plain)
    if "decimal_comma" in habits:  # point and comma change places, so that the rest reads them
        written = _function("TRANSLATE", written, literal(".,"), literal(",."))
    return _replaced(written, PARENTHESES, r"-\1") if "parentheses" in habits else written


def _pattern(habits: Collection[Habit], scales: Collection[str]) -> str:
    """The whole of a number: sign, digits, scale."""
    digits = f"({GROUPED}|{PLAIN})" if "thousands" in habits else f"({PLAIN})"
    signs = "".join(sign for sign in scales if sign != "%")
    suffixes = [*(["%"] if "%" in scales else []), *([rf"[{signs}]\s*元?"] if signs else [])]
    scale = rf"(\s*({'|'.join(suffixes)}))?" if suffixes else ""
    return rf"^[-+]?{digits}{scale}$"


def uses_habit(text: exp.Expr, habits: Collection[Habit]) -> exp.Expr:
    """Whether the text is not a plain number."""
    plain = _matches(exp.Trim(this=text.copy()), NUMBER)
    if "decimal_comma" in habits:
        plain = exp.and_(plain, exp.not_(_function("CONTAINS", text, literal("."))))
    return exp.not_(exp.paren(plain))


def date(text: exp.Expr, form: str | None, kind: str) -> exp.Expr:
    """Date or time stamp, ISO or of a form in strptime's letters; null where it is none."""
    target = exp.DataType.build("TIMESTAMP" if kind == "datetime" else "DATE", dialect="duckdb")
    if form is None:
        return exp.TryCast(this=text.copy(), to=target)
    if form == SERIAL:
        return exp.TryCast(this=_of_serial(text), to=target)
    parsed = _function("TRY_STRPTIME", text.copy(), literal(form))
    return exp.TryCast(this=parsed, to=target)


def _of_serial(text: exp.Expr) -> exp.Expr:
    """Time stamp of a number of days as Excel counts them; null for what is no such number.

    Excel counts a 29 February 1900 that never was: day 60 is none, and those before it are one on.
    """
    days: exp.Expr = exp.TryCast(this=text.copy(), to=exp.DataType.build("DOUBLE"))
    inside = exp.Between(this=days.copy(), low=literal(1), high=literal(LAST_SERIAL))
    real = exp.not_(exp.EQ(this=_function("FLOOR", days), expression=literal(NEVER)))
    before = exp.If(this=exp.LT(this=days.copy(), expression=literal(NEVER)), true=literal(1))
    shifted = exp.Add(
        this=days.copy(), expression=exp.Paren(this=exp.Case(ifs=[before], default=literal(0)))
    )
    seconds = exp.cast(
        _function("ROUND", exp.Mul(this=exp.Paren(this=shifted), expression=literal(86400))),
        "bigint",
    )
    start = exp.cast(literal("1899-12-30"), "timestamp")
    moment = exp.Add(this=start, expression=_function("TO_SECONDS", seconds))
    return exp.Case(ifs=[exp.If(this=exp.and_(inside, real), true=moment)])


def date_of_parts(year: exp.Expr, month: exp.Expr, day: exp.Expr | None, parts: Parts) -> exp.Expr:
    """Date of columns that hold year, month and day, such as 2026年, 10月, 31."""
    number = _number_of(month, MONTHS)
    days = literal("1") if day is None else _digits(day)
    return _date(_calendar_year(year, number, parts), number, days)


def date_of_quarter(year: exp.Expr, quarter: exp.Expr, parts: Parts) -> exp.Expr:
    """First day of the last month of a quarter."""
    number, start = _number_of(quarter, QUARTERS), parts.fiscal_year.start
    ends = {str(q): (start + 3 * q - 2) % 12 + 1 for q in range(1, 5)}
    ifs = [_when(number, [text], exp.Literal.number(month)) for text, month in ends.items()]
    month = exp.Case(ifs=ifs)
    return _date(_calendar_year(year, month, parts), month, literal("1"))


def _date(year: exp.Expr, month: exp.Expr, day: exp.Expr) -> exp.Expr:
    padded = [
        _function("LPAD", exp.cast(part.copy(), "varchar"), literal(width), literal("0"))
        for part, width in ((year, 4), (month, 2), (day, 2))
    ]
    joined: exp.Expr = padded[0]
    for part in padded[1:]:
        joined = exp.DPipe(this=exp.DPipe(this=joined, expression=literal("-")), expression=part)
    return exp.TryCast(this=joined, to=exp.DataType.build("DATE", dialect="duckdb"))


def _year_of(text: exp.Expr, century: int | None) -> exp.Expr:
    """Year of a text; one of two digits lies in the declared century, or is none."""
    digits = _digits(text)
    year = exp.TryCast(this=digits, to=exp.DataType.build("INT"))
    if century is None:
        return year
    short = exp.LT(this=year.copy(), expression=literal(100))
    whole = exp.Add(this=year.copy(), expression=literal(century))
    return exp.Case(ifs=[exp.If(this=short, true=whole)], default=year.copy())


def _calendar_year(text: exp.Expr, month: exp.Expr, parts: Parts) -> exp.Expr:
    """Year of the calendar of a month that lies in a fiscal year."""
    year, start = _year_of(text, parts.century), parts.fiscal_year.start
    if start == 1:
        return year
    number = exp.TryCast(this=month.copy(), to=exp.DataType.build("INT"))
    inside = exp.GTE(this=number, expression=literal(start))
    first, second = (-1, 0) if parts.fiscal_year.named_by == "end" else (0, 1)
    ifs = [exp.If(this=inside, true=literal(first))]
    return exp.Add(
        this=exp.Paren(this=year),
        expression=exp.Paren(this=exp.Case(ifs=ifs, default=literal(second))),
    )


def _number_of(text: exp.Expr, names: Sequence[Sequence[str]]) -> exp.Expr:
    """Number of a month or quarter, written in digits or by name; as text, null otherwise."""
    bare = exp.Lower(this=exp.Trim(this=text.copy()))
    ifs = [_when(bare, words, literal(str(i))) for i, words in enumerate(names, start=1)]
    return exp.Coalesce(this=exp.Case(ifs=ifs), expressions=[_digits(text)])


def _when(value: exp.Expr, words: Sequence[str], then: exp.Expr) -> exp.If:
    listed = exp.In(this=value.copy(), expressions=[literal(word) for word in words])
    return exp.If(this=listed, true=then)


def _digits(text: exp.Expr) -> exp.Expr:
    """The digits of a text that holds one group of them; null otherwise."""
    one = _matches(text, r"^\D*\d+\D*$")
    inner = _function("REGEXP_EXTRACT", text.copy(), literal(r"\d+"))
    bare = _function("LTRIM", inner, literal("0"))
    return exp.Case(ifs=[exp.If(this=one, true=bare)])


def _matches(text: exp.Expr, pattern: str) -> exp.Expr:
    return _function("REGEXP_MATCHES", text.copy(), literal(pattern))


def _replaced(text: exp.Expr, pattern: str, by: str, *, everywhere: bool = False) -> exp.Expr:
    options = [literal("g")] if everywhere else []
    return _function("REGEXP_REPLACE", text, literal(pattern), literal(by), *options)


def _function(name: str, *arguments: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=[argument.copy() for argument in arguments])
