"""An engine, and a way to read a text as a table."""

import pytest

from opsnb.company import Table
from opsnb.data.engine import DuckDB
from opsnb.data.sources import load

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
