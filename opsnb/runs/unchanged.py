"""Whether a report that was made is still that of what lies there, without reading any of it.

A record names every file behind a report with its hash, and with its size, times and inode as
they were when it was hashed. A file that still has these is taken for unchanged; any other is
hashed again, and so is one that was younger than `RACY` when it was hashed, since it could have
been written once more within the same tick of the clock. So a changed file is never taken for
unchanged, nor a touched one for changed.

It is asked before anything else is imported, and itself imports next to nothing.
"""

from __future__ import annotations

import hashlib
import os
import sys
import time

TYPE_CHECKING = False  # typing is not imported for it
if TYPE_CHECKING:
    from collections.abc import Callable

BORN = time.time_ns()
"""When this process began to read its own code."""
RACY = 2_000_000_000
"""Nanoseconds that the clocks of file systems may be coarse: FAT counts in two seconds."""
HEAD = "opsnb unchanged 1"
SUFFIX = ".seen"
PACKAGE = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
OUTPUTS = "outputs"
TAKES_VALUE = {
    "--company": "company",
    "--period": "period",
    "--unit": "unit",
    "--locale": "locale",
    "--set": "set",
    "--output": "output",
    "--cell-timeout": "cell_timeout",
}
TEMPORARY = (".", "~$")
UNSTABLE = "-"
"""Stands for the state of a file that was too young when it was hashed."""


class Told:
    """What was made: the run's folder, its page, and the answer as JSON."""

    def __init__(self, folder: str, page: str, text: str) -> None:
        self.folder, self.page, self.text = folder, page, text


def answered(words: list[str]) -> bool:
    """Whether the words ask for a report that is there unchanged; then it has been named."""
    asked = read(words[1:]) if words[:1] == ["run"] else None
    told = find(key(os.getcwd(), *asked[:-1])) if asked else None
    if asked is None or told is None:
        return False
    sys.stdout.write(f"{told.text}\n" if asked[-1] else f"{told.page}\n{told.folder}\n")
    return True


def read(
    words: list[str],
) -> tuple[str, str, str | None, str | None, str | None, list[str], str, bool] | None:
    """Report, company, period, unit, locale, settings, outputs, and whether JSON is asked for.

    None where the words are not those of a plain ``opsnb run``: somebody else reads them then.
    """
    given: dict[str, str] = {}
    settings: list[str] = []
    reports: list[str] = []
    as_json, place = False, 0
    while place < len(words):
        name, sign, value = words[place].partition("=")
        place += 1
        if name == "--json" and not sign:
            as_json = True
        elif name in TAKES_VALUE:
            if not sign:
                if place == len(words):
                    return None
                value, place = words[place], place + 1
            settings += [value] if name == "--set" else []
            given[TAKES_VALUE[name]] = value
        elif words[place - 1].startswith("-"):
            return None
        else:
            reports.append(words[place - 1])
    if len(reports) != 1 or "company" not in given:
        return None
    period, unit, locale = (given.get(name) for name in ("period", "unit", "locale"))
    output = given.get("output", OUTPUTS)
    return reports[0], given["company"], period, unit, locale, settings, output, as_json


def key(cwd: str, *parts: object) -> str:
    """Name of a record: of what is asked in a folder, of this package and this Python."""
    told = [HEAD, cwd, PACKAGE, sys.executable, *parts]
    return hashlib.sha256(repr(told).encode("utf-8", "surrogateescape")).hexdigest()


def folder() -> str | None:
    """Folder of the records, beside the tables that are kept; None where nothing is."""
    given = os.environ.get("OPSNB_CACHE", "")
    if given.casefold() == "off":
        return None
    if given:
        return given
    if sys.platform == "darwin":
        return os.path.expanduser("~/Library/Caches/opsnb/tables")
    base = os.environ.get("XDG_CACHE_HOME", "")
    base = base if base.strip() else os.path.expanduser("~/.cache")
    return os.path.join(base, "opsnb", "tables")


def find(name: str) -> Told | None:
    """What was made, where everything behind it is as it was then."""
    place = folder()
    if place is None:
        return None
    path = os.path.join(place, name + SUFFIX)
    try:
        with open(path, encoding="utf-8", errors="surrogateescape", newline="\n") as file:
            head, told, *lines = checked(file.read())
        if head != HEAD:
            return None
        now = [line for line in map(again, lines) if line is not None]
        if len(now) != len(lines):
            return None
        if now != lines:
            write(path, [head, told, *now])
        return Told(*told.split("\t"))
    except (OSError, ValueError):
        return None


def checked(text: str) -> list[str]:
    """Lines of a record that is whole.

    Raises
    ------
    ValueError
    """
    body, _, digest = text.rpartition("\n")
    if digest != _hash(body):
        raise ValueError("a record that is damaged")
    return body.split("\n")


def write(path: str, lines: list[str]) -> None:
    """Replace a record in one step; one that cannot be written is not there."""
    body = "\n".join(lines)
    partial = f"{path}.{os.getpid()}.part"
    try:
        with open(partial, "w", encoding="utf-8", errors="surrogateescape", newline="\n") as file:
            file.write(f"{body}\n{_hash(body)}")
        os.replace(partial, path)
    except OSError:
        if os.path.exists(partial):
            os.unlink(partial)


def _hash(body: str) -> str:
    return hashlib.sha256(body.encode("utf-8", "surrogateescape")).hexdigest()


def again(line: str) -> str | None:
    """Line of a record as it is now, its state brought up to date; None where it holds no more."""
    kind, expected, state, path = line.split("\t")
    if kind in ("file", "tree"):
        is_file = kind == "file"
        if state != UNSTABLE and state == (_state(os.stat(path)) if is_file else _tree_state(path)):
            return line
        now = line_of_file(path) if is_file else line_of_tree(path)
        return now if now.split("\t")[1] == expected else None
    found = {
        "real": lambda: os.path.realpath(path),
        "none": lambda: "there" if os.path.lexists(path) else "-",
        "names": lambda: names(path, deep=state == "deep"),
        "earlier": lambda: earlier(path, state),
        "environment": environment,
    }[kind]()
    return line if found == expected else None


def line_of_file(path: str, digest_of: Callable[[str], str] | None = None) -> str:
    """Line that describes a file as it is.

    Parameters
    ----------
    digest_of : callable, optional
        What knows the sha256 of a file; it is read if nothing does.

    Raises
    ------
    OSError
    """
    now, before = time.time_ns(), os.stat(path)
    digest = (digest_of or file_hash)(path)
    return _line("file", digest, _settled(_state(before), _age(before), now), path)


def line_of_tree(path: str) -> str:
    """Line that describes the files below a folder."""
    now = time.time_ns()
    state, youngest = _tree_state(path), max((_age(s) for _, s in _tree(path)), default=0)
    return _line("tree", tree_hash(path), _settled(state, youngest, now), path)


def line_of_names(path: str, *, deep: bool) -> str:
    """Line that says which files are in a folder, or (`deep`) anywhere below it."""
    return _line("names", names(path, deep=deep), "deep" if deep else "flat", path)


def line_of_earlier(path: str, month: str) -> str:
    """Line that says which months before this one have a folder."""
    return _line("earlier", earlier(path, month), month, path)


def line_of_none(path: str) -> str:
    """Line that says that a file is not there."""
    return _line("none", "-", "-", path)


def line_of_real(path: str, target: str) -> str:
    """Line that says where a path leads."""
    return _line("real", target, "-", path)


def line_of_environment() -> str:
    """Line that says which Python and which packages there are."""
    return _line("environment", environment(), "-", "-")


def _line(*parts: str) -> str:
    if any(c in part for part in parts for c in "\t\n\r"):
        raise ValueError("a path that cannot be recorded")
    return "\t".join(parts)


def _settled(state: str, age: int, now: int) -> str:
    return state if age < now - RACY else UNSTABLE


def _state(found: os.stat_result) -> str:
    return f"{found.st_size} {found.st_mtime_ns} {found.st_ctime_ns} {found.st_ino}"


def _age(found: os.stat_result) -> int:
    return max(found.st_mtime_ns, found.st_ctime_ns)


def is_younger(path: str, moment: int) -> bool:
    """Whether a file, or one below a folder, may have been written after `moment` (nanoseconds)."""
    if os.path.isdir(path):
        return any(_age(found) >= moment - RACY for _, found in _tree(path))
    return _age(os.stat(path)) >= moment - RACY


def file_hash(path: str) -> str:
    """sha256 of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def tree_hash(path: str) -> str:
    """Hash of the names and contents of all files below a folder, but for Python's own caches."""
    found = hashlib.sha256()
    for name, _ in _tree(path):
        found.update(f"{name}\n{file_hash(os.path.join(path, name))}\n".encode())
    return found.hexdigest()


def _tree_state(path: str) -> str:
    found = hashlib.sha256()
    for name, state in _tree(path):
        found.update(f"{name}\n{_state(state)}\n".encode())
    return found.hexdigest()


def _tree(path: str) -> list[tuple[str, os.stat_result]]:
    """Files below a folder, in the order of their names."""
    return sorted((name, entry.stat()) for name, entry in _below(path) if "__pycache__" not in name)


def _below(path: str, prefix: str = "") -> list[tuple[str, os.DirEntry[str]]]:
    found: list[tuple[str, os.DirEntry[str]]] = []
    with os.scandir(path) as entries:
        for entry in entries:
            name = f"{prefix}{entry.name}"
            if entry.is_dir():
                if entry.name != "__pycache__":
                    found += _below(entry.path, f"{name}/")
            else:
                found.append((name, entry))
    return found


def names(path: str, *, deep: bool) -> str:
    """Hash of the names of the files in a folder, or below it; ``-`` where there is no folder."""
    if not os.path.isdir(path):
        return "-"
    found = [name for name, _ in _below(path)] if deep else os.listdir(path)
    kept = sorted(n for n in found if not n.rpartition("/")[2].startswith(TEMPORARY))
    return hashlib.sha256("\n".join(kept).encode("utf-8", "surrogateescape")).hexdigest()


def earlier(path: str, month: str) -> str:
    """Months before `month` that have a folder, with bars between."""
    found = os.listdir(path) if os.path.isdir(path) else []
    return "|".join(sorted(n for n in found if len(n) == len(month) and n < month)) or "-"


def environment() -> str:
    """Hash of Python's version and of the names, hence versions, of all installed packages."""
    found = hashlib.sha256(f"{sys.version}\n{sys.prefix}\n".encode())
    here = os.getcwd()
    for place in sys.path:
        if place in ("", here) or not os.path.isdir(place):
            continue
        kept = sorted(n for n in os.listdir(place) if n.endswith((".dist-info", ".egg-info")))
        if kept:
            found.update("\n".join([place, *kept]).encode("utf-8", "surrogateescape"))
    return found.hexdigest()
