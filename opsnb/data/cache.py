"""Cache: tables that were read, kept so that what has not changed is not read again.

An entry is two files: ``<key>.json``, which says what the table is, and the rows in
``<sha256>.parquet``, named after their content. Both appear whole or not at all, and neither is
ever changed, so that any number of processes may use one folder. What is damaged, or half gone,
is as if it were not there. The folder is its user's alone: it holds the company's data.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache as once
from pathlib import Path
from typing import Any

VARIABLE = "OPSNB_CACHE"
OFF = "off"
LIMIT = 2 << 30
"""Bytes that the folder may hold; what was not used for longest goes first."""
PART = 0.01
"""Share of the limit that may be kept before somebody looks at all files again."""
LEFT_OVER = 86_400.0
"""Seconds after which a file that is still being written belongs to nobody."""
ROWS, ABOUT, UNFINISHED = ".parquet", ".json", ".part"
SEEN = ".seen"
"""What reports were made of; see ``opsnb.runs.unchanged``."""
PARSERS = ("casts.py", "notation.py", "excel.py", "faults.py", "sql.py", "readers/*.py")
"""Modules, below ``opsnb/data``, that decide what is read from a file."""


_kept_since: dict[Path, int] = {}


@dataclass(frozen=True)
class Entry:
    """Rows that are kept, and what is known of them."""

    rows: Path
    about: Mapping[str, Any]


@dataclass(frozen=True)
class Cache:
    """Folder of tables that were read.

    Parameters
    ----------
    folder : Path or None
        None keeps nothing, and finds nothing.
    limit : int
        Bytes that the folder may hold.
    """

    folder: Path | None
    limit: int = LIMIT

    @classmethod
    def here(cls) -> Cache:
        """The user's own; ``OPSNB_CACHE`` names another folder, or says ``off``."""
        given = os.environ.get(VARIABLE, "")
        if given.casefold() == OFF:
            return cls(None)
        if given:
            return cls(Path(given))
        from platformdirs import user_cache_path

        return cls(user_cache_path("opsnb", appauthor=False) / "tables")

    def find(self, key: str) -> Entry | None:
        """Entry under `key`, its rows found undamaged."""
        if self.folder is None:
            return None
        path = self.folder / f"{key}{ABOUT}"
        try:
            content = json.loads(path.read_bytes())
            about, rows = content["about"], self.folder / f"{content['rows']}{ROWS}"
            if content["check"] != _check(key, content["rows"], about):
                return None
            with rows.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != content["rows"]:
                    return None
            for used in (path, rows):
                os.utime(used)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return Entry(rows, about)

    def keep(
        self, key: str, write: Callable[[Path], None], about: Mapping[str, Any]
    ) -> Path | None:
        """Rows that `write` puts into a file, kept under `key`; None where that cannot be done."""
        if self.folder is None:
            return None
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self._unfinished() as rows, self._unfinished() as entry:
                write(rows)
                with rows.open("rb") as file:
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
                content = {"rows": digest, "about": about, "check": _check(key, digest, about)}
                entry.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
                size = rows.stat().st_size + entry.stat().st_size
                kept = rows.replace(self.folder / f"{digest}{ROWS}")
                entry.replace(self.folder / f"{key}{ABOUT}")
        except OSError:
            return None
        self._grown(self.folder, size)
        return kept

    def forget(self, key: str) -> None:
        """Let there be nothing under `key`."""
        if self.folder is not None:
            (self.folder / f"{key}{ABOUT}").unlink(missing_ok=True)

    @contextlib.contextmanager
    def _unfinished(self) -> Iterator[Path]:
        """File that is gone afterwards, unless it was given its name."""
        handle, name = tempfile.mkstemp(dir=self.folder, suffix=UNFINISHED)
        os.close(handle)
        try:
            yield Path(name)
        finally:
            Path(name).unlink(missing_ok=True)

    def _grown(self, folder: Path, size: int) -> None:
        """Prune, if this process has not looked yet, or has kept more than a part of the limit."""
        grown = _kept_since.get(folder, self.limit) + size
        if grown >= self.limit * PART:
            self.prune()
            grown = 0
        _kept_since[folder] = grown

    def prune(self) -> None:
        """Remove what was not used for longest until the limit holds, and what nobody finished."""
        now, held = time.time(), 0
        for path, state in sorted(self._files(), key=lambda item: -item[1].st_mtime):
            held += state.st_size
            abandoned = path.suffix == UNFINISHED and now - state.st_mtime > LEFT_OVER
            if abandoned or (held > self.limit and path.suffix != UNFINISHED):
                path.unlink(missing_ok=True)

    def clear(self) -> int:
        """Remove everything; the number of bytes that were held."""
        held = 0
        for path, state in self._files():
            held += state.st_size
            path.unlink(missing_ok=True)
        return held

    @property
    def size(self) -> int:
        """Bytes that are held."""
        return sum(state.st_size for _, state in self._files())

    def _files(self) -> Iterable[tuple[Path, os.stat_result]]:
        """Files of the folder that are ours."""
        if self.folder is None or not self.folder.is_dir():
            return
        for path in self.folder.iterdir():
            if path.suffix in (ROWS, ABOUT, UNFINISHED, SEEN):
                with contextlib.suppress(FileNotFoundError):
                    yield path, path.stat()


def key_of(*parts: object) -> str:
    """Key of what is told by `parts`, as this version of the readers reads it."""
    text = json.dumps([parser_version(), *parts], ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


@once
def parser_version() -> str:
    """Hash of the modules that read, and of the libraries below them."""
    from importlib.metadata import version

    folder = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted(path for pattern in PARSERS for path in folder.glob(pattern)):
        digest.update(path.read_bytes())
    for library in ("duckdb", "python-calamine", "sqlglot"):
        digest.update(f"{library} {version(library)};".encode())
    return digest.hexdigest()


def _check(key: str, rows: str, about: Mapping[str, Any]) -> str:
    """Hash by which a damaged entry is told."""
    text = json.dumps([key, rows, about], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
