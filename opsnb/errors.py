"""One tree of errors; each says what is wrong, where, and what was expected instead.

The classes also derive from the builtin a caller would expect, so that ``except ValueError``
works. ``exit_code`` is what the command line ends with.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

NEAR, NEAR_OF_TWO = 0.55, 0.5
"""Share of characters that two names must have in common for one to be meant by the other."""
SEVERAL = 5


def suggest(given: str, choices: Iterable[str]) -> str | None:
    """Nearest of `choices` to `given`, or None when nothing is near.

    Of a name of two characters, as many Chinese ones are, one is enough.

    >>> suggest("revenu", ["revenue", "orders"]), suggest("华冬", ["华北区", "华东"])
    ('revenue', '华东')
    """
    table = {str(choice).casefold(): str(choice) for choice in choices}
    text = str(given).casefold()
    cutoff = NEAR_OF_TWO if len(text) == 2 and not text.isascii() else NEAR
    near = difflib.get_close_matches(text, list(table), n=SEVERAL, cutoff=cutoff)
    if not near:
        return None
    ratios = [difflib.SequenceMatcher(None, name, text).ratio() for name in near]
    alike = [name for name, ratio in zip(near, ratios, strict=True) if ratio == ratios[0]]
    # Of those as near, the one that begins alike: 华冬 is rather 华东 than 冬储.
    return table[next((name for name in alike if name[0] == text[0]), near[0])]


class OpsnbError(Exception):
    """What went wrong, where, and what was expected.

    Parameters
    ----------
    what : str
        The fault, as a sentence without a full stop.
    where : str, optional
        File, sheet, row, column or key.
    expected : str, optional
        The right form.
    given, choices
        With both, the nearest match of `given` among `choices` is named, and the choices listed.
    """

    exit_code = 1

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        expected: str | None = None,
        given: str | None = None,
        choices: Iterable[str] = (),
    ) -> None:
        self.what, self.where, self.expected = what, where, expected
        self.given, self.choices = given, tuple(str(choice) for choice in choices)
        self.nearest = suggest(given, self.choices) if given is not None else None
        super().__init__(self._message())

    def _message(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        if self.expected:
            text += f"; expected {self.expected}"
        elif self.choices:
            shown = ", ".join(self.choices[:12]) + (", ..." if len(self.choices) > 12 else "")
            text += f"; known: {shown}"
        if self.nearest:
            text += f"; did you mean {self.nearest!r}?"
        return text

    def __str__(self) -> str:
        return self._message()

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.__dict__.copy()))


def _rebuild(cls: type[OpsnbError], state: dict[str, object]) -> OpsnbError:
    error = cls(str(state["what"]))
    error.__dict__.update(state)
    error.args = (str(error),)
    return error


class PeriodError(OpsnbError, ValueError):
    """A period that is not written as 2026-10, 2026-Q3, 2026-H1 or 2026."""

    exit_code = 2


class SettingsError(OpsnbError, ValueError):
    """A company's settings do not hold; `where` names file and line.

    Attributes
    ----------
    others : tuple of SettingsError
        Further faults of the same file, for those who show all of them.
    """

    exit_code = 2
    others: tuple[SettingsError, ...] = ()


class ParameterError(OpsnbError, ValueError):
    """A report was called with an unknown, missing or mistyped parameter."""

    exit_code = 2


class UnknownNameError(OpsnbError, KeyError):
    """A metric, unit, report or column that does not exist."""

    exit_code = 2


class ExpressionError(OpsnbError, ValueError):
    """A measure, filter or expression that is not allowed or cannot be read."""

    exit_code = 2


class SourceError(OpsnbError, ValueError):
    """A source that cannot be read as declared: missing file, column, encoding."""

    exit_code = 2


class ChangedError(SourceError):
    """A file that was written while it was read; a moment later it may be whole."""

    exit_code = 3


class NotReadyError(OpsnbError):
    """The data of the period are not there yet; nothing was run."""

    exit_code = 3


class GateError(NotReadyError):
    """A check of severity error does not hold, or a required table is missing; nothing was run."""


class ClaimError(OpsnbError, ValueError):
    """A figure in prose that states no recorded number and carries no source."""

    exit_code = 1


class RunError(OpsnbError):
    """The notebook failed; the last good report is untouched."""

    exit_code = 1
