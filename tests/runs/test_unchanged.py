"""An unchanged report is told at once, and whatever changes behind it is seen."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from opsnb.cli import app
from opsnb.company import Company
from opsnb.data.cache import Cache
from opsnb.runs import remembered, unchanged
from opsnb.shipped import PACKAGE

REPORT = "monthly_operations"
TICK = 2.2  # seconds until a file that was written counts as settled


@dataclass(frozen=True)
class Place:
    """A checkout of our own, with a company, in which a report was made."""

    root: Path

    @property
    def environment(self) -> dict[str, str]:
        own = {"PYTHONPATH": str(self.root), "OPSNB_CACHE": str(self.root / "cache")}
        return {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | own

    def run(self, *words: object, program: tuple[str, ...] = ("-m", "opsnb")) -> str:
        done = subprocess.run(
            [sys.executable, *program, *map(str, words)],
            cwd=self.root, env=self.environment, capture_output=True, text=True, timeout=240,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def report(self, *words: object) -> dict[str, str]:
        return json.loads(self.run("run", REPORT, "--company", "params/little", "--json", *words))

    @property
    def is_known(self) -> bool:
        """Whether the report would be told without anything being read."""
        asked = (REPORT, "params/little", None, None, None, [], "outputs")
        code = (
            "import os; from opsnb.runs import unchanged as u; "
            f"print(u.find(u.key(os.getcwd(), *{asked!r})) is not None)"
        )
        return self.run(program=("-c", code)).strip() == "True"


@pytest.fixture(scope="module")
def place(tmp_path_factory, make_little) -> Place:
    root = tmp_path_factory.mktemp("checkout")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PACKAGE, root / "opsnb", ignore=ignored)
    shutil.copytree(PACKAGE.parent / "notebooks", root / "notebooks", ignore=ignored)
    (root / "pyproject.toml").write_text("", encoding="utf-8")
    company = make_little(root / "params/little")
    (company / "data").rename(company / "data-1")
    (company / "data").symlink_to("data-1")
    shutil.copy(PACKAGE / "calendars/cn.csv", company / "own.csv")
    profile = company / "company.yaml"
    text = profile.read_text(encoding="utf-8")
    profile.write_text(text.replace("calendar: none", "calendar: own.csv"), encoding="utf-8")
    sources = company / "sources.yaml"
    text = sources.read_text(encoding="utf-8")
    sources.write_text(text.replace("path: lines.csv", "path: line*.csv"), encoding="utf-8")
    time.sleep(TICK)
    found = Place(root)
    assert found.report()["status"] == "done"
    return found


def test_what_has_not_changed_is_told_at_once(place):
    made = place.report()
    assert made["status"] == "cached"
    assert place.is_known
    words = place.run("run", REPORT, "--company", "params/little").splitlines()
    assert words == [made["page"], made["folder"]]
    assert (place.root / made["page"]).is_file()


def test_nothing_heavy_is_imported_for_it(place):
    code = (
        f"import sys; sys.argv = ['opsnb', 'run', '{REPORT}', '--company', 'params/little']; "
        "from opsnb.__main__ import main; main(); print(*sys.modules)"
    )
    loaded = {name.split(".")[0] for name in place.run(program=("-c", code)).split()}
    assert "opsnb" in loaded
    assert not loaded & {"typer", "pandas", "duckdb", "numpy", "json", "yaml", "pathlib"}


def test_it_takes_a_hundredth_of_what_the_report_takes(place):
    """papermill and nbconvert take more than ten seconds; see benchmarks/batch.py."""
    assert place.report()["status"] == "cached"
    taken = []
    for _ in range(5):
        began = time.perf_counter()
        place.run("run", REPORT, "--company", "params/little")
        taken.append(time.perf_counter() - began)
    assert min(taken) < 0.2, taken


FILES = [
    "params/little/company.yaml",
    "params/little/sources.yaml",
    "params/little/metrics.yaml",
    "params/little/monthly_operations.yaml",
    "params/little/own.csv",
    "params/little/data/lines.csv",
    "params/little/ledgers/units.csv",
    "params/little/ledgers/targets.csv",
    "notebooks/monthly_operations.ipynb",
    "opsnb/runs/render.py",
    "opsnb/templates/components.css",
    "opsnb/locales/zh/LC_MESSAGES/opsnb.po",
    "opsnb/calendars/cn.csv",
]


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_changes_is_seen_and_one_that_is_touched_is_not(place, name):
    path = place.root / name
    was = path.read_bytes()
    assert place.is_known
    try:
        path.write_bytes(was + b"\n")
        assert not place.is_known
        swapped = bytes([was[0] ^ 1]) + was[1:]
        before = path.stat()
        path.write_bytes(swapped)
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert not place.is_known, "of the same size and time"
        path.unlink()
        assert not place.is_known
    finally:
        path.write_bytes(was)
    assert place.is_known, "another inode, but the same content"


@pytest.mark.parametrize(
    "name",
    [
        "params/little/data/lines_more.csv",
        "params/little/ledgers/notes.csv",
        "opsnb/analyses/new.py",
        "params/little/company.yaml",
    ],
)
def test_a_file_that_comes_or_goes_is_seen(place, name):
    path = place.root / name
    was = path.read_bytes() if path.exists() else None
    path.unlink() if was else path.write_text("x\n", encoding="utf-8")
    assert not place.is_known
    path.write_bytes(was) if was else path.unlink()
    assert place.is_known


def test_a_folder_by_another_name_is_seen(place):
    """What is asked is a path; where it leads may change."""
    company, other = place.root / "params/little", place.root / "params/other"
    company.rename(other)
    try:
        company.symlink_to(other)
        assert not place.is_known
        company.unlink()
    finally:
        other.rename(company)
    assert place.is_known


def test_data_that_are_switched_over_are_seen(place):
    """The folder of data may be a link that leads to those of the month."""
    data = place.root / "params/little/data"
    other = shutil.copytree(data.resolve(), data.with_name("data-2"))
    with (other / "lines.csv").open("a", encoding="utf-8") as file:
        file.write("z,2026-10-09,north,nut,1.00,1.00\n")
    try:
        data.unlink()
        data.symlink_to("data-2")
        assert not place.is_known
    finally:
        data.unlink()
        data.symlink_to("data-1")
    assert place.is_known


def test_a_run_of_an_earlier_month_is_seen(place):
    """A report holds the forecasts that were issued then to account."""
    month = place.root / "outputs/little/2026-09"
    for name in ("monthly_operations", "forecast"):
        latest = month / name / "all/latest.json"
        latest.parent.mkdir(parents=True)
        assert not place.is_known, "a month has come"
        latest.write_text("{}", encoding="utf-8")
        assert not place.is_known
        shutil.rmtree(month)
        assert place.is_known
    (place.root / "outputs/little/2026-11").mkdir()
    assert place.is_known, "a later month is no matter"


def test_another_python_package_is_seen(place):
    more = place.root / "more/pandas-9.dist-info"
    more.mkdir(parents=True)
    code = "from opsnb.runs import unchanged as u; print(u.environment())"
    was = place.run(program=("-c", code))
    changed = place.run(program=("-c", f"import sys; sys.path.append('more'); {code}"))
    assert was != changed
    more.rename(more.with_name("pandas-10.dist-info"))
    assert place.run(program=("-c", f"import sys; sys.path.append('more'); {code}")) != changed


def test_a_page_that_was_altered_and_another_latest_run_are_seen(place):
    made = place.report()
    folder = place.root / made["folder"]
    for name in ("report.html", "manifest.json", "results.parquet", "../latest.json"):
        path = folder / name
        was = path.read_bytes()
        path.write_bytes(was.replace(was[:1], b"?", 1))
        assert not place.is_known, name
        path.unlink()
        assert not place.is_known, name
        path.write_bytes(was)
        assert place.is_known, name
    (folder / "report.en.html").write_text("another language", encoding="utf-8")
    assert place.is_known, "what is put beside it is not of the run"


def test_a_report_that_is_forced_or_asked_otherwise_is_made(place):
    one = place.report()
    forced = place.report("--force")
    assert forced["status"] == "done"
    assert forced["folder"] != one["folder"]
    assert place.report()["folder"] == forced["folder"]
    other = place.report("--unit", "north")
    assert (other["status"], place.report("--unit", "north")["status"]) == ("done", "cached")
    assert other["folder"] != one["folder"]


def test_nothing_is_kept_where_nothing_shall_be(place):
    kept = set((place.root / "cache").iterdir())
    assert place.report("--no-cache")["status"] == "cached"
    assert set((place.root / "cache").iterdir()) == kept


def test_a_record_that_is_damaged_counts_for_nothing(place):
    assert place.is_known
    for path in (place.root / "cache").glob("*.seen"):
        was = path.read_bytes()
        for text in (was[:-70], was.replace(b"file\t", b"fila\t", 1), b"", b"\xff" * 9):
            path.write_bytes(text)
            assert unchanged_at(path) is None
        path.write_bytes(was)
    assert place.is_known


def unchanged_at(path: Path) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPSNB_CACHE", str(path.parent))
        return unchanged.find(path.stem)


def test_the_cache_clears_them_too(tmp_path):
    (tmp_path / "x.seen").write_text("x", encoding="utf-8")
    assert Cache(tmp_path).clear() == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("set_to", ["", "off", "/some/where"])
@pytest.mark.parametrize("base", ["", "/cache/base"])
def test_records_lie_beside_the_tables(monkeypatch, set_to, base):
    monkeypatch.setenv("OPSNB_CACHE", set_to)
    monkeypatch.setenv("XDG_CACHE_HOME", base)
    there = Cache.here().folder
    assert unchanged.folder() == (None if there is None else str(there))


def test_a_young_file_is_hashed_again_whatever_its_times(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"one")
    line = unchanged.line_of_file(str(path))
    assert line.split("\t")[2] == unchanged.UNSTABLE
    path.write_bytes(b"two")
    assert unchanged.again(line) is None
    os.utime(path, (1, 1))  # its mtime is old, but it was changed just now
    assert unchanged.line_of_file(str(path)).split("\t")[2] == unchanged.UNSTABLE


def test_a_settled_file_is_not_read(tmp_path, monkeypatch):
    path = tmp_path / "x"
    path.write_bytes(b"one")
    monkeypatch.setattr(unchanged, "RACY", -(10**18))
    line = unchanged.line_of_file(str(path))
    monkeypatch.setattr(unchanged, "file_hash", lambda _: pytest.fail("was read"))
    assert unchanged.again(line) == line


def test_a_source_in_a_database_is_always_asked(company, run_little, tmp_path, monkeypatch):
    monkeypatch.setenv("OPSNB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(unchanged, "BORN", time.time_ns() + 10**10)
    assert run_little(tmp_path / "o", company=company, name="file").status == "done"
    assert (tmp_path / "cache/file.seen").is_file()
    sources = company / "sources.yaml"
    text = sources.read_text(encoding="utf-8")
    database = company / "lines.db"
    fill(database, company / "data/lines.csv")
    new = f"url: sqlite:///{database}\n    relation: lines"
    sources.write_text(text.replace("path: lines.csv", new), encoding="utf-8")
    assert run_little(tmp_path / "o", company=company, name="database").status == "done"
    assert not (tmp_path / "cache/database.seen").exists()


def fill(database: Path, path: Path) -> None:
    import pandas as pd
    import sqlalchemy

    engine = sqlalchemy.create_engine(f"sqlite:///{database}")
    pd.read_csv(path, dtype=str).to_sql("lines", engine, index=False)
    engine.dispose()


def test_the_options_are_those_of_the_command():
    command = typer.main.get_command(app).commands["run"]  # type: ignore[attr-defined]
    options = {name for item in command.params for name in item.opts if name.startswith("--")}
    elsewhere = {"--json", "--force", "--no-cache"}
    assert set(unchanged.TAKES_VALUE) == options - elsewhere


WORDS = st.lists(
    st.sampled_from(
        ["r", "--company", "--company=c", "c", "--unit", "--set", "a=b", "--set=a=b", "--json",
         "--force", "--no-cache", "--output=o", "--period", "2026-10", "-x", "--", ""]
    ),
    max_size=8,
)  # fmt: skip


@given(WORDS)
def test_words_are_read_as_the_command_reads_them(words):
    """Or left to it."""
    mine = unchanged.read(words)
    if mine is None:
        return
    command = typer.main.get_command(app).commands["run"]  # type: ignore[attr-defined]
    theirs = command.make_context("run", list(words)).params
    assert not theirs["force"]
    assert not theirs["no_cache"]
    report, company, period, unit, locale, settings, output, as_json = mine
    assert (report, company, period, unit, locale) == tuple(
        theirs[name] for name in ("report", "company", "period", "unit", "locale")
    )
    assert settings == list(theirs["setting"] or [])
    assert (output, as_json) == (str(theirs["output"]), theirs["as_json"])


@pytest.mark.parametrize("given_as", ["little", "params/little"])
def test_a_company_is_looked_for_where_it_is_found(company, monkeypatch, given_as):
    monkeypatch.chdir(company.parents[1])
    found = Company.find(given_as).folder
    first = next(p for p in remembered.places(given_as) if (p / "company.yaml").is_file())
    assert first.resolve() == found
    assert re.search("little$", str(found))
