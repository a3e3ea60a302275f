"""URLs of databases, their secrets filled in from the environment; no secret leaves this file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from opsnb.errors import SettingsError

if TYPE_CHECKING:
    from sqlalchemy import URL

SECRET = re.compile(r"\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}")
DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
"""Drivers that the extras install, where SQLAlchemy's default is another."""


def resolve(text: str, where: str) -> tuple[URL, str, list[str]]:
    """URL with its secrets, the same as it may be shown, and what may not be shown.

    Raises
    ------
    SettingsError
        A secret stands in the URL itself, its variable is not set, or it is no URL.
    """
    import sqlalchemy
    from sqlalchemy.exc import ArgumentError

    names = list(dict.fromkeys(SECRET.findall(text)))
    for name in names:
        if name not in os.environ:
            raise SettingsError(f"the environment variable {name} is not set", where=where)
    marks = {f"opsnbsecret{i}x": os.environ[name] for i, name in enumerate(names)}
    try:
        if SECRET.fullmatch(text):
            url = sqlalchemy.make_url(os.environ[names[0]])
        else:
            # Parsed first and filled afterwards: a secret may hold @, : or / as it is.
            marked = SECRET.sub(lambda m: f"opsnbsecret{names.index(m[1])}x", text)
            url = sqlalchemy.make_url(marked)
            _check_bare(url, marks, where)
            url = _filled(url, marks)
    except ArgumentError:
        raise SettingsError(
            "the URL cannot be read", where=where, expected="one such as postgresql://host/database"
        ) from None
    url = url.set(drivername=DRIVERS.get(url.drivername, url.drivername))
    secrets = [*marks.values(), *([str(url.password)] if url.password else [])]
    return url, SECRET.sub("***", text), secrets


def _check_bare(url: URL, marks: dict[str, str], where: str) -> None:
    given = [url.password, *(v for k, v in url.query.items() if "password" in k.lower())]
    if any(value and str(value) not in marks for value in given):
        raise SettingsError(
            "a password stands in the URL", where=where, expected="${env:NAME} in its place"
        )


def _filled(url: URL, marks: dict[str, str]) -> URL:
    def fill(text: str) -> str:
        for mark, value in marks.items():
            text = text.replace(mark, value)
        return text

    parts = ("username", "password", "host", "database")
    found = {part: fill(str(getattr(url, part))) for part in parts if getattr(url, part)}
    query = {
        k: fill(v) if isinstance(v, str) else tuple(map(fill, v)) for k, v in url.query.items()
    }
    return url.set(**found, query=query)  # type: ignore[arg-type]


def masked(text: str, secrets: Iterable[str]) -> str:
    """Text without the secrets, however they are written in it."""
    for secret in sorted({s for s in secrets if s}, key=len, reverse=True):
        for form in (secret, quote(secret, safe=""), quote_plus(secret)):
            text = text.replace(form, "***")
    return text
