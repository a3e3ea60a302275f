"""CSV: any delimiter, UTF-8 with or without a mark, GB18030 where it is declared."""

from __future__ import annotations

import csv
import re
from itertools import islice
from pathlib import Path

from opsnb.company import Table
from opsnb.data.engine import DuckDB
from opsnb.data.readers.encoding import as_utf8
from opsnb.data.readers.text import Text, field
from opsnb.errors import SourceError

UTF8 = "a file saved as UTF-8, or the key encoding: gb18030"


def read_csv(engine: DuckDB, table: Table, path: Path, view: str, name: str) -> Text:
    """CSV through DuckDB's own reader; another encoding than UTF-8 is written anew first.

    The view reads the file anew, record for record in their order. A number that a query gives to
    each of them would make the reader serial, so that they are counted where they are kept.
    """
    where = f"{path.name}, line {min(table.header)} (table {name!r})"
    if table.encoding == "gb18030":
        path = as_utf8(engine, path, name)
    delimiter = table.delimiter or ("\t" if path.suffix.lower() == ".tsv" else ",")
    header = _csv_header(path, table, delimiter, where)
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
    relation.create_view(view, replace=True)
    return Text(header, where, first=max(table.header) + 1)


def _csv_header(path: Path, table: Table, delimiter: str, where: str) -> list[str]:
    """Names of the columns: the header rows, cell by cell."""
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


def fault(error: Exception, path: str, name: str) -> SourceError:
    """Fault of DuckDB's CSV reader in our words."""
    text = str(error)
    line = re.search(r"[Ll]ine:? (\d+)", text)
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
