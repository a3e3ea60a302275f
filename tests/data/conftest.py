"""Files of any kind, read as a table declares them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from opsnb.company import Table
from opsnb.data.engine import DuckDB
from opsnb.data.sources import Loaded, load

COLUMNS = {"day": "date", "x": "integer"}


@pytest.fixture(scope="session")
def engine():
    made = DuckDB()
    yield made
    made.close()


@pytest.fixture
def read(engine, tmp_path):
    """Read a text, or bytes, as a table; answer with what was loaded and the table."""

    def read(content, columns=COLUMNS, **more):
        (tmp_path / "a.csv").write_bytes(
            content if isinstance(content, bytes) else content.encode()
        )
        table = Table(path="a.csv", label="a", date="day", columns=columns, **more)
        loaded = load(engine, "t", table, tmp_path)
        names = ", ".join(f'"{name}"' for name in columns)
        rows = engine.connection.execute(f"SELECT {names} FROM t").fetchall()  # noqa: S608
        return loaded, rows

    return read


@pytest.fixture
def load_files(tmp_path: Path) -> Callable[..., tuple[Loaded, list[tuple[Any, ...]]]]:
    """Write files into a data folder, read them, and answer with what was loaded and the rows."""

    def load_files(
        files: Mapping[str, bytes | str | Callable[[Path], None]],
        columns: Mapping[str, Any],
        **more: Any,
    ) -> tuple[Loaded, list[tuple[Any, ...]]]:
        folder = tmp_path / "data"
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if callable(content):
                content(path)
            else:
                path.write_bytes(content.encode() if isinstance(content, str) else content)
        given = {"path": next(iter(files))} if "url" not in more else {}
        table = Table(**{"label": "T", "columns": columns} | given | more)
        folder.mkdir(exist_ok=True)
        engine = DuckDB()
        try:
            loaded = load(engine, "t", table, folder)
            names = ", ".join(f'"{name}"' for name in [*columns, *table.derive])
            query = f"SELECT {names} FROM t ORDER BY _file, _record"  # noqa: S608
            rows = engine.connection.execute(query).fetchall()
            left = engine.connection.execute(
                "SELECT table_name FROM information_schema.tables WHERE table_name <> 't'"
            ).fetchall()
            assert not left
            return loaded, rows
        finally:
            engine.close()

    return load_files
