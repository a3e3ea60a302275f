"""Notation: numbers and dates as people write them, turned into what SQL can cast.

Habits: thousands (``1,234``), full_width (``１２．５``), percent (``12.5%``), wan (``3.2万``,
``1.5亿``) and parentheses (``(1,234)`` for a negative). Each is recognised where the settings
declare it, and every value it touched is counted.
All functions build sqlglot trees over a column of text; nothing is read here.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlglot import exp

from opsnb.company.columns import Habit

WIDE = "０１２３４５６７８９．，－＋％（）"
NARROW = "0123456789.,-+%()"
MINUS = "−–—"
NUMBER = r"^[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?$"
GROUPED = r"^[-+]?\d{1,3}(,\d{3})+(\.\d+)?"
WIDE_DECIMAL = "DECIMAL(38, 12)"


def missing(text: exp.Expr, tokens: Sequence[str]) -> exp.Expr:
    """Text, or null where it is blank or one of the tokens that mean "no value"."""
    bare = exp.Nullif(this=exp.Trim(this=text.copy()), expression=exp.Literal.string(""))
    if not tokens:
        return bare
    listed = exp.In(
        this=exp.Trim(this=text.copy()), expressions=[exp.Literal.string(t) for t in tokens]
    )
    return exp.Case(ifs=[exp.If(this=exp.not_(listed), true=bare)])


def is_token(text: exp.Expr, tokens: Sequence[str]) -> exp.Expr:
    """Whether the text is one of the tokens."""
    return exp.In(
        this=exp.Trim(this=text.copy()), expressions=[exp.Literal.string(t) for t in tokens]
    )


def number(text: exp.Expr, habits: Collection[Habit]) -> exp.Expr:
    """Number as a wide decimal, or null where the text is none in the declared habits.

    A percent is divided by 100; 万 multiplies by 10^4 and 亿 by 10^8. Thousands are taken only
    where the groups are whole: ``1,23`` is not a number.
    """
    value = text.copy()
    if "full_width" in habits:
        value = _function("TRANSLATE", value, exp.Literal.string(WIDE), exp.Literal.string(NARROW))
    for sign in MINUS:
        value = exp.Replace(
            this=value, expression=exp.Literal.string(sign), replacement=exp.Literal.string("-")
        )
    scale: list[tuple[exp.Expr, str]] = []
    if "parentheses" in habits:
        negative = _matches(value, r"^\(.*\)$")
        inner = _replaced(value, r"^\((.*)\)$", r"-\1")
        value = exp.Case(ifs=[exp.If(this=negative, true=inner)], default=value.copy())
    stripped = value
    if "percent" in habits:
        scale.append((_matches(value, r"%\s*$"), "0.01"))
        stripped = _replaced(stripped, r"\s*%\s*$", "")
    if "wan" in habits:
        scale += [
            (_matches(value, r"万\s*元?\s*$"), "10000"),
            (_matches(value, r"亿\s*元?\s*$"), "100000000"),
        ]
        stripped = _replaced(stripped, r"\s*[万亿]\s*元?\s*$", "")
    if "thousands" in habits:
        grouped = exp.Replace(
            this=stripped.copy(),
            expression=exp.Literal.string(","),
            replacement=exp.Literal.string(""),
        )
        stripped = exp.Case(
            ifs=[exp.If(this=_matches(stripped, GROUPED), true=grouped)], default=stripped.copy()
        )
    cast = exp.TryCast(this=stripped, to=exp.DataType.build(WIDE_DECIMAL, dialect="duckdb"))
    if not scale:
        return cast
    factor = exp.Case(
        ifs=[exp.If(this=test, true=exp.Literal.number(times)) for test, times in scale],
        default=exp.Literal.number(1),
    )
    product = exp.Mul(this=cast, expression=exp.Paren(this=factor))
    return exp.TryCast(this=product, to=exp.DataType.build(WIDE_DECIMAL, dialect="duckdb"))


def uses_habit(text: exp.Expr) -> exp.Expr:
    """Whether the text is not a plain number."""
    return exp.not_(_matches(exp.Trim(this=text.copy()), NUMBER))


def date(text: exp.Expr, form: str | None, kind: str) -> exp.Expr:
    """Date or time stamp, ISO or of the form given with strptime's letters; null where it is none."""
    target = exp.DataType.build("TIMESTAMP" if kind == "datetime" else "DATE", dialect="duckdb")
    if form is None:
        return exp.TryCast(this=text.copy(), to=target)
    parsed = _function("TRY_STRPTIME", text.copy(), exp.Literal.string(form))
    return exp.TryCast(this=parsed, to=target)


def date_of_parts(year: exp.Expr, month: exp.Expr, day: exp.Expr | None) -> exp.Expr:
    """Date put together from columns that hold year, month and day, such as 2026年, 10月, 31."""
    parts = [
        _digits(year),
        _digits(month),
        exp.Literal.string("1") if day is None else _digits(day),
    ]
    padded = [
        _function("LPAD", part, exp.Literal.number(width), exp.Literal.string("0"))
        for part, width in zip(parts, (4, 2, 2), strict=True)
    ]
    joined: exp.Expr = padded[0]
    for part in padded[1:]:
        joined = exp.DPipe(
            this=exp.DPipe(this=joined, expression=exp.Literal.string("-")), expression=part
        )
    return exp.TryCast(this=joined, to=exp.DataType.build("DATE", dialect="duckdb"))


def _digits(text: exp.Expr) -> exp.Expr:
    """The digits of a text that holds one group of them; null otherwise."""
    one = _matches(text, r"^\D*\d+\D*$")
    inner = _function("REGEXP_EXTRACT", text.copy(), exp.Literal.string(r"\d+"))
    return exp.Case(ifs=[exp.If(this=one, true=inner)])


def _matches(text: exp.Expr, pattern: str) -> exp.Expr:
    return _function("REGEXP_MATCHES", text.copy(), exp.Literal.string(pattern))


def _replaced(text: exp.Expr, pattern: str, by: str) -> exp.Expr:
    return _function(
        "REGEXP_REPLACE", text.copy(), exp.Literal.string(pattern), exp.Literal.string(by)
    )


def _function(name: str, *arguments: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=list(arguments))
