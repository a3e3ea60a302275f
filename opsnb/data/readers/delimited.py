"""CSV: any delimiter, UTF-8 with or without a mark, GB18030 where it is declared."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from sqlglot import exp

from opsnb.company import Table
from opsnb.data.engine import DuckDB
from opsnb.data.readers.text import RECORD, Found, create, field
from opsnb.data.sql import literal, table_named
from opsnb.errors import SourceError

UTF8 = "a file saved as UTF-8, or the key encoding: gb18030"


def read_csv(engine: DuckDB, table: Table, path: Path, view: str, name: str) -> Found:
    """CSV through DuckDB's own reader; another encoding than UTF-8 is written anew first."""
    if table.encoding == "gb18030":
        path = _as_utf8(engine, path, name)
    delimiter = table.delimiter or ("\t" if path.suffix.lower() == ".tsv" else ",")
    header = _csv_header(path, table, delimiter, name)
    relation = engine.connection.read_csv(
        re.sub(r"([*?\[])", r"[\1]", str(path)),  # DuckDB would read a pattern
        header=table.header == (1,),
        skiprows=0 if table.header == (1,) else max(table.header),
        sep=delimiter,
        quotechar='"',
        escapechar='"',
        strict_mode=True,
        auto_detect=False,
        columns={field(place): "VARCHAR" for place in range(len(header))},
    )
    relation.create_view(f"{view} raw", replace=True)
    number = exp.Add(this=exp.Window(this=exp.RowNumber()), expression=literal(max(table.header)))
    select = exp.select(exp.Star(), exp.alias_(number, RECORD)).from_(table_named(f"{view} raw"))
    create(engine, view, select, "VIEW")
    return Found(header)


def _csv_header(path: Path, table: Table, delimiter: str, name: str) -> list[str]:
    """Names of the columns: the header rows, cell by cell."""
    where = f"{path.name}, line {min(table.header)} (table {name!r})"
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, delimiter=delimiter, strict=True)
            rows = list(islice(reader, max(table.header)))
    except UnicodeDecodeError as error:
        raise SourceError(f"byte {error.start} is not UTF-8", where=where, expected=UTF8) from None
    except csv.Error as error:
        raise SourceError(f"the header cannot be read: {error}", where=where) from None
    chosen = [rows[i - 1] for i in table.header if i <= len(rows)]
    if not chosen or not any(chosen[0]):
        raise SourceError("the file is empty", where=where, expected="a header line")
    width = max(len(row) for row in chosen)
    padded = [row + [""] * (width - len(row)) for row in chosen]
    return ["/".join(dict.fromkeys(filter(None, cells))) for cells in zip(*padded, strict=True)]


def _as_utf8(engine: DuckDB, path: Path, name: str) -> Path:
    """Copy in UTF-8, kept as long as the engine."""
    target = engine.scratch / f"{hashlib.sha256(str(path).encode()).hexdigest()[:16]}-{path.name}"
    try:
        with (
            path.open(encoding="gb18030", newline="") as source,
            target.open("w", encoding="utf-8", newline="") as copy,
        ):
            while chunk := source.read(1 << 20):
                copy.write(chunk)
    except UnicodeDecodeError as error:
        raise SourceError(
            f"byte {error.start} is not GB18030",
            where=f"{path.name} (table {name!r})",
            expected="encoding: utf-8?",
        ) from None
    return target


def fault(error: Exception, files: Sequence[str], name: str) -> SourceError:
    """Fault of DuckDB's CSV reader in our words."""
    text = str(error)
    line = re.search(r"[Ll]ine:? (\d+)", text)
    path = next((file for file in files if Path(file).name in text), files[0])
    place = f"{path}, line {line[1]}" if line else path
    where = f"{place} (table {name!r})"
    if "unicode" in text.lower() or "utf-8" in text.lower():
        return SourceError("the text is not UTF-8", where=where, expected=UTF8)
    counts = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", text)
    if counts:
        return SourceError(
            f"the record has {counts[2]} fields",
            where=where,
            expected=f"{counts[1]}, as the header has",
        )
    if "unterminated quote" in text.lower():
        return SourceError("a quotation mark is opened and never closed", where=where)
    if "maximum line size" in text.lower():
        return SourceError("the record is longer than 2,000,000 bytes", where=where)
    if "invalid state" in text:
        return SourceError(
            "the lines end in different ways, or a quotation mark is out of place",
            where=where, expected="line ends of one kind, and quotation marks around whole values",
        )  # fmt: skip
    return SourceError(f"the record cannot be read: {text.splitlines()[0]}", where=where)
