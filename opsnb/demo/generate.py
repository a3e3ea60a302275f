"""Generate the demonstration company: data and ledgers, from a seed.

Nothing costly is imported until :func:`generate` runs.
"""

from __future__ import annotations

import json
from pathlib import Path

from opsnb.demo.truths import REFERENCE_LINES, SEED
from opsnb.errors import ParameterError

LINES = REFERENCE_LINES
FEWEST_LINES = 10_000
VERSION = 3
"""Of the generator: another version makes other files."""
STAMP = Path("data/.demo.json")
DATA = ("order_lines", "surveys", "inventory", "expenses", "headcount")
LEDGERS = (
    "units", "targets", "notes", "risks", "treatments", "kris", "readings", "incidents", "appetite",
    "actions",
)  # fmt: skip


def generate(directory: str | Path, *, seed: int = SEED, lines: int = LINES) -> Path:
    """Write ``data/*.csv`` and ``ledgers/*.csv`` of the company into `directory`.

    The same arguments give the same bytes. Files are replaced one by one, each whole; the
    record that :func:`is_current` reads is written last. Ledgers are replaced as well, with
    whatever was added to them by hand.

    Parameters
    ----------
    directory : str or Path
        Created when missing.
    seed : int
        Not negative.
    lines : int
        Order lines in about, at least 10,000. A company of fewer lines has the same revenue,
        regions, months and truths; its lines are larger.

    Returns
    -------
    Path
        `directory`.

    Raises
    ------
    ParameterError
    """
    _check(seed, lines)
    from opsnb.demo.tables import write_company
    from opsnb.demo.write import written_whole

    directory = Path(directory)
    stamp = directory / STAMP
    stamp.unlink(missing_ok=True)
    for folder in ("data", "ledgers"):
        (directory / folder).mkdir(parents=True, exist_ok=True)
    write_company(directory, seed, lines)
    sizes = {name: (directory / name).stat().st_size for name in _data_files()}
    record = {"seed": seed, "lines": lines, "version": VERSION, "files": sizes}
    with written_whole(stamp) as file:
        file.write(json.dumps(record, indent=1).encode() + b"\n")
    return directory


def is_current(directory: str | Path, *, seed: int = SEED, lines: int = LINES) -> bool:
    """Whether `directory` holds what :func:`generate` would write with the same arguments.

    Data files must have the sizes they were written with. Ledgers need only be there: they are
    kept by hand, and a note added to one is no reason to write them anew.
    """
    directory = Path(directory)
    try:
        record = json.loads((directory / STAMP).read_text(encoding="utf-8"))
        sizes = {name: (directory / name).stat().st_size for name in _data_files()}
    except (OSError, ValueError):
        return False
    same = {"seed": seed, "lines": lines, "version": VERSION, "files": sizes} == record
    return same and all((directory / f"ledgers/{name}.csv").is_file() for name in LEDGERS)


def _data_files() -> list[str]:
    return [f"data/{name}.csv" for name in DATA]


def _check(seed: int, lines: int) -> None:
    if seed < 0:
        raise ParameterError(f"seed {seed}", expected="a whole number, 0 or more")
    if lines < FEWEST_LINES:
        raise ParameterError(f"lines {lines}", expected=f"{FEWEST_LINES:,} or more")
