"""The cache: what comes from it is what a fresh reading gives, and only what changed is read."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import duckdb
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opsnb.company import Table
from opsnb.data import cache as caches
from opsnb.data import parts
from opsnb.data.cache import Cache, key_of, parser_version
from opsnb.data.engine import DuckDB
from opsnb.data.sources import load
from opsnb.errors import SourceError

COLUMNS = {
    "day": {"type": "date", "from": "日期"},
    "unit": {"type": "text", "from": "单位"},
    "x": {"type": "decimal(2)", "from": "金额"},
    "n": {"type": "integer", "from": "数量"},
}
SPELLED = {"missing": ["-", "无"], "notation": ["thousands", "wan", "parentheses"]}
DIRTY = """日期,单位,金额,数量
2026-10-01,华东,"1,200.50",1
2026-10-02,华西,1.2万,x
bad,无,(5),-
2026-10-04,合计,一百,2.5
,,,
"""


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "kept")


@pytest.fixture
def read(tmp_path, cache):
    """Read a table of the data folder; answer with what was loaded, its columns and all rows."""

    def read(path, columns=COLUMNS, cache=cache, **more):
        table = Table(**{"path": path, "label": "T", "columns": columns, "date": "day"} | more)
        engine = DuckDB()
        try:
            loaded = load(engine, "t", table, tmp_path / "data", cache=cache)
            described = engine.connection.execute("DESCRIBE t").fetchall()
            return loaded, described, engine.connection.execute("SELECT * FROM t").fetchall()
        finally:
            engine.close()

    (tmp_path / "data").mkdir()
    return read


@pytest.fixture
def readings(monkeypatch):
    """Names of the files that were read anew, in order."""
    names = []

    def noted(engine, name, table, path, view):
        names.append(path.name)
        return original(engine, name, table, path, view)

    original = parts.read_file
    monkeypatch.setattr(parts, "read_file", noted)
    return names


def workbook(path):
    book = openpyxl.Workbook()
    for row in (
        ["月报", None, None, None],
        ["日期", "单位", "金额", "数量"],
        ["2026-10-01", "华东", 1.5, 1],
        [None, "华西", "一百", 2],
        ["2026-10-02", "华西", "1.2万", "二"],
    ):
        book.active.append(row)
    book.active.merge_cells("A3:A4")
    book.active.merge_cells("C3:C4")
    book.save(path)


def write(folder, name, content):
    path = folder / "data" / name
    if callable(content):
        content(path)
    else:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


WIDE = "单位,1月,2月\n华东,10,-\n华西,x,1.5万\n"
MONTHS = {
    "unit": {"type": "text", "from": "单位"},
    "day": {"type": "date", "parts": {"year": 2026, "month": "月"}},
    "n": {"type": "integer", "from": "数"},
}


def parquet(path):
    duckdb.sql("SELECT DATE '2026-10-01' AS day, 1.5 AS n UNION ALL SELECT NULL, 2").write_parquet(
        str(path)
    )


CASES = {
    "csv": ({"a.csv": DIRTY}, "a.csv", COLUMNS, SPELLED),
    "where": ({"a.csv": DIRTY}, "a.csv", COLUMNS, SPELLED | {"where": "unit <> '合计'"}),
    "derive": ({"a.csv": DIRTY}, "a.csv", COLUMNS, SPELLED | {"derive": {"y": "x * 2"}}),
    "gb18030": ({"a.csv": DIRTY.encode("gb18030")}, "a.csv", COLUMNS, {"encoding": "gb18030"}),
    "several": ({"a.csv": DIRTY, "b.csv": f"{DIRTY}2026-10-05,x,1,1\n"}, "*.csv", COLUMNS, SPELLED),
    "title": ({"a.csv": f"月报\n{DIRTY}"}, "a.csv", COLUMNS, SPELLED | {"header": 2}),
    "excel": ({"a.xlsx": workbook}, "a.xlsx", COLUMNS, SPELLED | {"header": 2}),
    "filled": (
        {"a.xlsx": workbook}, "a.xlsx", COLUMNS, SPELLED | {"header": 2, "fill_down": ["日期"]},
    ),
    "wide": (
        {"a.csv": WIDE}, "a.csv", MONTHS,
        SPELLED | {"unpivot": {"columns": ["*月"], "name": "月", "value": "数"}},
    ),
    "parquet": ({"a.parquet": parquet}, "a.parquet", {"day": "date", "n": "integer"}, {}),
    "empty": ({"a.csv": DIRTY.splitlines()[0]}, "a.csv", COLUMNS, SPELLED),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_is_kept_is_what_is_read(read, readings, tmp_path, case):
    """Loaded with every count and place, the types of the columns, and the rows in their order."""
    files, path, columns, more = CASES[case]
    for name, content in files.items():
        write(tmp_path, name, content)
    without = read(path, columns, Cache(None), **more)
    first = read(path, columns, **more)
    assert readings == [*files, *files]
    again = read(path, columns, **more)
    assert readings == [*files, *files]
    assert again == first == without
    if case not in ("gb18030", "empty"):
        assert again[0].unparsed > 0
        assert again[0].examples


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    st.lists(
        st.tuples(*[st.text(st.sampled_from("0129-,.%万x 无\"'\n"), max_size=6)] * 3), max_size=8
    )
)
def test_any_text_comes_back_as_it_was_read(read, cache, tmp_path, rows):
    quoted = [",".join('"{}"'.format(value.replace('"', '""')) for value in row) for row in rows]
    write(tmp_path, "a.csv", "\n".join(["day,t,n", *quoted]) + "\n")
    columns = {"day": "date", "t": "text", "n": "number"}
    assert read("a.csv", columns, **SPELLED) == read("a.csv", columns, **SPELLED)
    assert read("a.csv", columns, Cache(None), **SPELLED) == read("a.csv", columns, **SPELLED)


def test_of_several_files_only_the_changed_one_is_read_again(read, readings, tmp_path):
    for name in ("a.csv", "b.csv", "c.csv"):
        write(tmp_path, name, DIRTY)
        write(tmp_path, name, f"{DIRTY}2026-10-09,{name},1,1\n")
    read("*.csv")
    assert readings == ["a.csv", "b.csv", "c.csv"]
    write(tmp_path, "b.csv", f"{DIRTY}2026-10-10,b,2,2\n")
    found = read("*.csv")
    assert readings == ["a.csv", "b.csv", "c.csv", "b.csv"]
    assert found == read("*.csv", cache=Cache(None))


def test_a_file_of_another_name_and_time_is_the_same_file(read, readings, tmp_path):
    write(tmp_path, "a.csv", DIRTY)
    read("a.csv")
    (tmp_path / "data/a.csv").rename(tmp_path / "data/b.csv")
    os.utime(tmp_path / "data/b.csv", (1, 1))
    loaded = read("b.csv")[0]
    assert readings == ["a.csv"]
    assert loaded.path == "b.csv"
    assert {bad.file for bad in loaded.examples} == {"b.csv"}
    assert loaded.modified.timestamp() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"missing": ["x"]},
        {"notation": ["wan"]},
        {"columns": COLUMNS | {"n": {"type": "number", "from": "数量"}}},
        {"columns": COLUMNS | {"n": {"type": "integer", "from": "金额"}}},
        {"columns": dict(reversed(COLUMNS.items()))},
        {"delimiter": ","},
        {"header": [1, 2]},
    ],
    ids=str,
)
def test_another_definition_is_another_reading(change):
    base = {"path": "a.csv", "label": "T", "columns": COLUMNS, "date": "day"}
    file = parts.SourceFile("a.csv", "0", None)
    keys = {parts._key(Table(**base | more), file) for more in ({}, change)}
    assert len(keys) == 2
    same = {"label": "Other", "date": None, "where": "n > 1", "checks": [{"unique": ["n"]}]}
    assert parts._key(Table(**base | same), file) in keys


def test_another_version_of_the_readers_reads_again(read, readings, tmp_path, monkeypatch):
    write(tmp_path, "a.csv", DIRTY)
    read("a.csv")
    monkeypatch.setattr(caches, "parser_version", lambda: "another")
    read("a.csv")
    assert readings == ["a.csv", "a.csv"]


def test_the_version_covers_every_module_that_reads():
    """All of it that is imported below a reading, but settings, errors, engine and what keeps."""
    code = (
        "import sys; import opsnb.data.casts, opsnb.data.readers, opsnb.data.readers.database; "
        "print(*(m for m in sys.modules if m.startswith('opsnb.data.')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    folder = Path(caches.__file__).parent
    covered = {path for pattern in caches.PARSERS for path in folder.glob(pattern)}
    for module in done.stdout.split():
        path = folder / f"{module.removeprefix('opsnb.data.').replace('.', '/')}.py"
        if path.is_file() and path.name not in ("engine.py", "cache.py", "kept.py", "hashed.py"):
            assert path in covered
    assert len(parser_version()) == 64


def damage(path, how):
    content = path.read_bytes()
    if how == "gone":
        path.unlink()
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "cut":
        path.write_bytes(content[: len(content) // 2])
    else:
        middle = len(content) // 2
        path.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])


@pytest.mark.parametrize("how", ["gone", "empty", "cut", "one bit"])
@pytest.mark.parametrize("suffix", [".json", ".parquet"])
def test_what_is_damaged_is_read_again(read, readings, cache, tmp_path, suffix, how):
    write(tmp_path, "a.csv", DIRTY)
    first = read("a.csv", **SPELLED)
    (path,) = cache.folder.glob(f"*{suffix}")
    damage(path, how)
    assert read("a.csv", **SPELLED) == first
    assert readings == ["a.csv", "a.csv"]
    assert read("a.csv", **SPELLED) == first
    assert readings == ["a.csv", "a.csv"]


def test_rows_that_vanish_while_they_are_read_are_read_again(read, cache, tmp_path, monkeypatch):
    write(tmp_path, "a.csv", DIRTY)
    first = read("a.csv")
    found = Cache.find

    def vanishing(self, key):
        entry = found(self, key)
        if entry is not None:
            entry.rows.unlink()
        return entry

    monkeypatch.setattr(Cache, "find", vanishing)
    assert read("a.csv") == first


def test_a_folder_that_cannot_be_written_keeps_nothing_and_stops_nothing(read, tmp_path):
    (tmp_path / "file").write_text("")
    write(tmp_path, "a.csv", DIRTY)
    assert read("a.csv", cache=Cache(tmp_path / "file/kept")) == read("a.csv", cache=Cache(None))


def test_a_file_that_changes_while_it_is_read_is_refused_and_not_kept(
    read, cache, tmp_path, monkeypatch
):
    write(tmp_path, "a.csv", DIRTY)
    original = parts.read_file

    def changing(*arguments):
        found = original(*arguments)
        write(tmp_path, "a.csv", f"{DIRTY}2026-10-09,x,1,1\n")
        return found

    monkeypatch.setattr(parts, "read_file", changing)
    with pytest.raises(SourceError, match=r"a\.csv \(table 't'\): the file changed while"):
        read("a.csv")
    assert not list(cache.folder.iterdir())


def test_the_folder_is_its_users_alone(read, cache, tmp_path):
    write(tmp_path, "a.csv", DIRTY)
    read("a.csv")
    assert cache.folder.stat().st_mode & 0o077 == 0


def test_what_was_not_used_for_longest_goes_first(read, readings, tmp_path):
    for i in range(4):
        write(tmp_path, f"{i}.csv", f"{DIRTY}2026-10-09,x,{i},1\n")
        read(f"{i}.csv")
    kept = Cache(tmp_path / "kept")
    one = kept.size // 4
    for path in kept.folder.iterdir():
        os.utime(path, (time.time() - 100, time.time() - 100))
    read("1.csv")
    (kept.folder / "old.part").write_text("")
    os.utime(kept.folder / "old.part", (1, 1))
    Cache(kept.folder, limit=int(1.5 * one)).prune()
    assert one <= kept.size <= 1.5 * one
    assert not (kept.folder / "old.part").exists()
    del readings[:]
    read("1.csv")
    assert readings == []
    read("2.csv")
    assert readings == ["2.csv"]
    assert kept.clear() > 0
    assert kept.size == 0


def test_two_at_once_use_one_folder(read, cache, tmp_path):
    """Many readings of few files, while everything is removed again and again."""
    for i in range(3):
        write(tmp_path, f"{i}.csv", f"{DIRTY}2026-10-09,x,{i},1\n")
    expected = [read(f"{i}.csv", cache=Cache(None)) for i in range(3)]
    wrong = []

    def work():
        for turn in range(8):
            i = turn % 3
            if read(f"{i}.csv") != expected[i]:
                wrong.append(i)
            if turn == 5:
                cache.clear()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert not list(cache.folder.glob("*.part"))


def test_the_folder_is_named_or_switched_off_by_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("OPSNB_CACHE", str(tmp_path))
    assert Cache.here().folder == tmp_path
    monkeypatch.setenv("OPSNB_CACHE", "off")
    assert Cache.here().folder is None
    monkeypatch.delenv("OPSNB_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert Cache.here().folder.parts[-2:] == ("opsnb", "tables")
    assert Cache(None).find(key_of("x")) is None


def test_the_limit_holds_although_the_files_are_looked_at_seldom(tmp_path, monkeypatch):
    looked, real = [], Cache.prune
    monkeypatch.setattr(Cache, "prune", lambda self: looked.append(1) or real(self))
    cache = Cache(tmp_path / "many", limit=200_000)
    for number in range(600):
        content = f"{number}".encode().ljust(1000)
        assert cache.keep(f"k{number}", lambda path, content=content: path.write_bytes(content), {})
    assert cache.size <= 200_000 * (1 + caches.PART) + 2_000
    assert 100 < len(looked) <= 600 * 1_300 / (200_000 * caches.PART) + 2
    assert cache.find("k599") is not None
    assert cache.find("k0") is None
