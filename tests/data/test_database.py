"""Databases through SQLAlchemy: SQLite here, PostgreSQL on loopback; secrets are never shown."""

import datetime as dt
import hashlib
import pickle
import socket
import sqlite3
import threading
import time
import traceback
from decimal import Decimal
from urllib.parse import quote

import pytest

from opsnb.data import increments
from opsnb.data.readers import database
from opsnb.data.readers.urls import resolve
from opsnb.errors import SettingsError, SourceError

COLUMNS = {
    "day": {"type": "date", "from": "日期"}, "unit": "text", "n": "integer", "x": "decimal(2)",
}  # fmt: skip
SECRET = "s3:c@r/e%t"  # noqa: S105 - of a server that lives as long as the tests
ROWS = [(dt.date(2026, 10, 1), "east", 1, Decimal("1.25")), (None, None, None, None)]


@pytest.fixture
def sqlite(tmp_path):
    """URL of a database with the relations sales and wide."""
    path = tmp_path / "base.db"
    base = sqlite3.connect(path)
    base.execute('CREATE TABLE sales ("日期" TEXT, unit TEXT, n INTEGER, x NUMERIC, more BLOB)')
    rows = [("2026-10-01", "east", 1, 1.25), (None,) * 4]
    base.executemany("INSERT INTO sales VALUES (?, ?, ?, ?, NULL)", rows)
    base.execute("CREATE VIEW small AS SELECT * FROM sales WHERE n = 1")
    base.execute('CREATE TABLE wide (unit TEXT, "1月" INTEGER, "2月" INTEGER)')
    base.execute("INSERT INTO wide VALUES ('east', 10, 20)")
    base.commit()
    base.close()
    return f"sqlite:///{path}"


def test_a_table_and_a_view(load_files, sqlite):
    loaded, rows = load_files({}, COLUMNS, url=sqlite, relation="sales", date="day")
    assert rows == ROWS
    assert (loaded.rows, loaded.unparsed, loaded.without_date) == (2, 0, 1)
    assert load_files({}, COLUMNS, url=sqlite, relation="small")[1] == ROWS[:1]


def test_months_as_columns(load_files, sqlite):
    columns = {"unit": "text", "month": "text", "n": "integer"}
    spec = {"columns": ["*月"], "name": "month", "value": "n"}
    _, rows = load_files({}, columns, url=sqlite, relation="wide", unpivot=spec)
    assert sorted(rows) == [("east", "1月", 10), ("east", "2月", 20)]


def test_the_hash_is_that_of_the_rows_in_any_order(load_files, sqlite, tmp_path):
    first = load_files({}, COLUMNS, url=sqlite, relation="sales")[0]
    base = sqlite3.connect(tmp_path / "base.db")
    base.execute("CREATE TABLE turned AS SELECT * FROM sales ORDER BY n DESC")
    base.execute("CREATE TABLE other AS SELECT * FROM sales WHERE n = 1")
    base.commit()
    base.close()
    turned, other = (
        load_files({}, COLUMNS, url=sqlite, relation=name)[0] for name in ("turned", "other")
    )
    assert first.sha256 == turned.sha256 != other.sha256
    assert len(first.sha256) == len(hashlib.sha256().hexdigest())


def test_what_is_not_there_is_named(load_files, sqlite):
    with pytest.raises(SourceError, match=r"no relation 'sale'"):
        load_files({}, COLUMNS, url=sqlite, relation="sale")
    with pytest.raises(SourceError, match=r"no column 'untis'.*'unit'"):
        load_files({}, {"untis": "text"}, url=sqlite, relation="sales")
    with pytest.raises(SourceError, match="does not answer"):
        load_files({}, COLUMNS, url="sqlite:////nowhere/at/all.db", relation="sales")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:hunter2@host/base",
        "postgresql+psycopg://me:x${env:OPSNB_TEST_SECRET}@host/base",
        "mysql://host/base?password=hunter2",
    ],
)
def test_a_password_in_the_url_is_refused_and_not_repeated(url, monkeypatch):
    monkeypatch.setenv("OPSNB_TEST_SECRET", SECRET)
    with pytest.raises(SettingsError, match="a password stands in the URL") as caught:
        resolve(url, "table 't'")
    assert "hunter2" not in str(caught.value)
    assert SECRET not in str(caught.value)


def test_a_variable_that_is_not_set_is_named(monkeypatch):
    monkeypatch.delenv("OPSNB_TEST_SECRET", raising=False)
    with pytest.raises(
        SettingsError, match="the environment variable OPSNB_TEST_SECRET is not set"
    ):
        resolve("postgresql://me:${env:OPSNB_TEST_SECRET}@host/base", "table 't'")


def test_a_secret_may_hold_any_character(monkeypatch):
    monkeypatch.setenv("OPSNB_TEST_SECRET", SECRET)
    url, shown, _ = resolve("postgresql://me:${env:OPSNB_TEST_SECRET}@host:5433/base", "t")
    assert (url.username, url.password, url.host, url.port) == ("me", SECRET, "host", 5433)
    assert (url.database, url.drivername) == ("base", "postgresql+psycopg")
    assert shown == "postgresql://me:***@host:5433/base"
    monkeypatch.setenv("OPSNB_TEST_URL", "postgresql://me:hunter2@host/base")
    url, shown, _ = resolve("${env:OPSNB_TEST_URL}", "t")
    assert (url.password, shown) == ("hunter2", "***")


def everything_said(error):
    chain = "".join(traceback.format_exception(error))
    return chain + str(error) + repr(error) + repr(vars(error)) + repr(pickle.dumps(error))


@pytest.mark.parametrize("password", [SECRET, "hunter2 x"])
def test_a_database_that_does_not_answer_tells_no_secret(
    load_files, free_port, monkeypatch, password
):
    pytest.importorskip("psycopg")
    monkeypatch.setenv("OPSNB_TEST_SECRET", password)
    url = f"postgresql://me:${{env:OPSNB_TEST_SECRET}}@127.0.0.1:{free_port}/base"
    with pytest.raises(SourceError, match="the database does not answer") as caught:
        load_files({}, COLUMNS, url=url, relation="sales")
    assert password not in everything_said(caught.value)
    assert "me:***@127.0.0.1" in str(caught.value)


def test_what_was_loaded_holds_no_secret(load_files, sqlite, monkeypatch):
    path = sqlite.removeprefix("sqlite:///")
    monkeypatch.setenv("OPSNB_TEST_SECRET", path)
    url = "sqlite:///${env:OPSNB_TEST_SECRET}"
    loaded, rows = load_files({}, COLUMNS, url=url, relation="sales")
    assert rows == ROWS
    assert path not in repr(loaded)
    assert loaded.path == "sqlite:///*** sales"


@pytest.fixture
def silent():
    """Port of a server that takes connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_server_that_never_answers_is_waited_for_as_long_as_declared(load_files, silent):
    pytest.importorskip("psycopg")
    url = f"postgresql://me@127.0.0.1:{silent}/base"
    begun = time.monotonic()
    with pytest.raises(SourceError, match="has not answered within 2 seconds; expected") as caught:
        load_files({}, COLUMNS, url=url, relation="sales", timeout=2)
    assert 1 < time.monotonic() - begun < 30
    assert f"127.0.0.1:{silent}" in str(caught.value)


def test_a_driver_that_hangs_is_left_behind(load_files, sqlite, monkeypatch):
    """Not every driver can be told how long to wait."""
    free = threading.Event()
    monkeypatch.setattr(database, "_connected", lambda *_: free.wait(60))
    try:
        with pytest.raises(SourceError, match="within 1 second"):
            load_files({}, COLUMNS, url=sqlite, relation="sales", timeout=1)
    finally:
        free.set()


@pytest.fixture(scope="module")
def postgres(postgres_server):
    """URL, without its scheme and password, of a database that holds the relation ops.sales."""
    with postgres_server.connect() as base:
        base.execute("CREATE SCHEMA ops")
        base.execute('CREATE TABLE ops.sales ("日期" date, unit text, n bigint, x numeric(18, 4))')
        base.cursor().executemany("INSERT INTO ops.sales VALUES (%s, %s, %s, %s)", ROWS)
    return f"me:${{env:OPSNB_TEST_SECRET}}@127.0.0.1:{postgres_server.port}/postgres"


@pytest.mark.engines
@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg"])
def test_postgresql(load_files, postgres, monkeypatch, scheme):
    monkeypatch.setenv("OPSNB_TEST_SECRET", SECRET)
    url = f"{scheme}://{postgres}"
    loaded, rows = load_files({}, COLUMNS, url=url, relation="ops.sales", date="day")
    assert rows == ROWS
    assert (loaded.rows, loaded.unparsed, loaded.without_date) == (2, 0, 1)
    assert SECRET not in repr(loaded)


@pytest.mark.engines
def test_postgresql_refuses_a_wrong_password_without_telling_it(load_files, postgres, monkeypatch):
    monkeypatch.setenv("OPSNB_TEST_SECRET", "wrong:@/%word")
    with pytest.raises(SourceError, match="password authentication failed") as caught:
        load_files({}, COLUMNS, url=f"postgresql://{postgres}", relation="ops.sales")
    assert "wrong:@/%word" not in everything_said(caught.value)


@pytest.mark.engines
def test_postgresql_has_no_such_relation(load_files, postgres, monkeypatch):
    monkeypatch.setenv("OPSNB_TEST_SECRET", SECRET)
    with pytest.raises(SourceError, match="no relation 'sales'"):
        load_files({}, COLUMNS, url=f"postgresql://{postgres}", relation="sales")


@pytest.mark.engines
def test_postgresql_that_takes_too_long_is_named_and_stopped(load_files, postgres, monkeypatch):
    import psycopg

    monkeypatch.setenv("OPSNB_TEST_SECRET", SECRET)
    where = f"postgresql://{postgres}".replace("${env:OPSNB_TEST_SECRET}", quote(SECRET, safe=""))
    with psycopg.connect(where, autocommit=True) as base:
        base.execute(
            "CREATE VIEW ops.slow AS SELECT '2026-10-01'::date AS \"日期\", 'a' AS unit, "
            "1 AS n, 1.0 AS x FROM (SELECT pg_sleep(60)) AS s"
        )
        with pytest.raises(SourceError, match=r"ops\.slow .*has not answered within 1 second"):
            load_files({}, COLUMNS, url=f"postgresql://{postgres}", relation="ops.slow", timeout=1)
        running = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%slow%' AND pid <> pg_backend_pid() AND state = 'active'"  # noqa: E501
        for _ in range(100):
            if base.execute(running).fetchone() == (0,):
                break
            time.sleep(0.1)
        else:
            pytest.fail("the query goes on")


@pytest.mark.engines
@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("bigint", ["1", "2", "3"]),
        ("date", ["2026-10-01", "2026-10-02", "2026-10-03"]),
        ("timestamp", ["2026-10-01 09:00", "2026-10-01 09:00:00.000001", "2026-10-02"]),
        ("timestamptz", ["2026-10-25 00:30Z", "2026-10-25 01:30Z", "2026-10-25 01:30:00.5Z"]),
        ("numeric(18, 4)", ["1.0001", "1.0002", "9"]),
        ("text", ["B", "a", "华"]),
    ],
)
def test_postgresql_from_a_watermark_on(load_files, postgres, monkeypatch, kind, values):
    """Of each type: the highest value is fetched again, what is below it is not."""
    import psycopg

    monkeypatch.setenv("OPSNB_TEST_SECRET", SECRET)
    where = f"postgresql://{postgres}".replace("${env:OPSNB_TEST_SECRET}", quote(SECRET, safe=""))
    found = []
    original = increments.fetch
    monkeypatch.setattr(increments, "fetch", lambda *a: found.append(original(*a)) or found[-1])
    more = {"url": f"postgresql://{postgres}", "relation": "ops.grows", "watermark": "w"}
    with psycopg.connect(where, autocommit=True) as base:
        base.execute("SET timezone = 'Europe/Berlin'")
        base.execute("DROP TABLE IF EXISTS ops.grows")
        base.execute(f"CREATE TABLE ops.grows (n integer, w {kind})")
        for n, value in enumerate(values):
            base.execute("INSERT INTO ops.grows VALUES (%s, %s)", [n, value])
            _, rows = load_files({}, {"n": "integer"}, **more)
            assert sorted(rows) == [(i,) for i in range(n + 1)]
    assert [(len(one.rows), one.continues) for one in found] == [(1, False), (2, True), (2, True)]
