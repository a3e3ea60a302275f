"""Files written whole or not at all."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv

from opsnb.demo.chance import Ints


@contextmanager
def written_whole(path: Path) -> Iterator[IO[bytes]]:
    """File beside `path` that takes its place when the block ends, and is gone if it fails."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with beside.open("wb") as file:
            yield file
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def write_table(path: Path, columns: Mapping[str, Any]) -> None:
    """Write columns (numpy or arrow arrays) as CSV with a header."""
    table = pa.table(dict(columns))
    options = pa.csv.WriteOptions(include_header=False, quoting_style="none")
    with written_whole(path) as file:
        file.write((",".join(table.column_names) + "\n").encode())
        pa.csv.write_csv(table, file, options)


def write_rows(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write rows of text as CSV with a header."""
    with written_whole(path) as file:
        lines = _Lines(file)
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


class _Lines:
    """Writer of text to a binary file, as UTF-8."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file

    def write(self, text: str) -> int:
        return self.file.write(text.encode("utf-8"))


def money(cents: Ints) -> Any:
    """Decimals of two places from cents."""
    words = np.empty((len(cents), 2), dtype="<i8")  # low and high half of 128 bits
    words[:, 0] = cents
    words[:, 1] = cents >> 63
    kind = pa.decimal128(18, 2)
    return pa.Array.from_buffers(kind, len(cents), [None, pa.py_buffer(words)])


def dates(days: npt.NDArray[np.datetime64]) -> Any:
    """Dates; not-a-time becomes empty."""
    return pa.array(days.astype("datetime64[D]"))


def names(labels: Sequence[str], places: Ints) -> Any:
    """Label of each place."""
    return pa.array(labels).take(pa.array(places))


def numbered(prefix: Any, number: Ints, width: int) -> Any:
    """Prefix followed by a number with leading zeros.

    >>> import numpy as np
    >>> numbered("S", np.array([7]), 3).to_pylist()
    ['S007']
    """
    import pyarrow.compute as pc

    digits = pc.utf8_lpad(pa.array(number).cast(pa.string()), width=width, padding="0")
    return pc.binary_join_element_wise(prefix, digits, "")
