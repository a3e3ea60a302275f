"""A company small enough to be checked by hand, and the commands that tests call."""

from __future__ import annotations

import csv
import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from opsnb.cli import main
from opsnb.demo import generate

# How long one example takes says nothing on a shared machine.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

MONTHS = [f"{2025 + i // 12}-{i % 12 + 1:02d}" for i in range(22)]  # to October 2026
UNITS = ("north", "south")
COMPANY = """\
schema: 1
id: little
name: {zh: 小公司, en: Little}
locale: zh
calendar: none
as_of: 2026-11-05
root: {id: all, label: {zh: 全部, en: Everything}}
"""
SOURCES = """\
schema: 1
tables:
  lines:
    path: lines.csv
    label: {zh: 订单行, en: Lines}
    date: day
    unit: unit
    dimensions: [product]
    columns:
      order_id: text
      day: date
      unit: text
      product: text
      amount: decimal(2)
      cost: decimal(2)
"""
METRICS = """\
schema: 1
metrics:
  revenue:
    label: {zh: 收入, en: Revenue}
    unit: CNY
    better: higher
    table: lines
    measure: sum(amount)
  orders:
    label: {zh: 订单数, en: Orders}
    unit: {zh: 单, en: orders}
    better: higher
    table: lines
    measure: count(distinct order_id)
  margin:
    label: {zh: 毛利率, en: Margin}
    unit: ratio
    better: higher
    kind: ratio
    table: lines
    numerator: sum(amount - cost)
    denominator: sum(amount)
"""
PARAMETERS = """\
company: params/little
key_metrics: [revenue, margin]
trend_metric: revenue
trend_months: 12
"""


def lines() -> list[dict[str, str]]:
    """Order lines: two a month, unit and product, of which two make an order."""
    return [
        {
            "order_id": f"{month}-{unit}-{number}",
            "day": f"{month}-{5 + number:02d}",
            "unit": unit,
            "product": product,
            "amount": f"{100 * (place + 1) + 10 * i + number}.25",
            "cost": f"{80 * (place + 1) + 7 * i}.05",
        }
        for i, month in enumerate(MONTHS)
        for place, unit in enumerate(UNITS)
        for number in (1, 2)
        for product in ("bolt", "nut")
    ]


def write_csv(path: Path, rows: list[dict[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def make_company(folder: Path) -> Path:
    """Write the little company to `folder`."""
    folder.mkdir(parents=True)
    texts = {"company": COMPANY, "sources": SOURCES, "metrics": METRICS}
    for name, text in (texts | {"monthly_operations": PARAMETERS}).items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    write_csv(folder / "data/lines.csv", lines())
    labels = {"north": ("北区", "North"), "south": ("南区", "South")}
    units = [{"unit": unit, "label": zh, "label_en": en} for unit, (zh, en) in labels.items()]
    write_csv(folder / "ledgers/units.csv", units)
    targets = [
        {"metric": "revenue", "unit": unit, "period": month, "value": str(value)}
        for month in MONTHS[12:]
        for unit, value in (("all", 2000), ("north", 600), ("south", 1400))
    ]
    write_csv(folder / "ledgers/targets.csv", targets)
    return folder


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Tables that tests read are kept in a folder of their own."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPSNB_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="session")
def make_little() -> Callable[[Path], Path]:
    """Write the little company to a folder that is not there yet."""
    return make_company


@pytest.fixture(scope="session")
def little_lines() -> list[dict[str, str]]:
    """Rows of the little company's one table."""
    return lines()


@pytest.fixture
def company(tmp_path: Path) -> Path:
    """Folder of a little company that a test may change."""
    return make_company(tmp_path / "params/little")


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def last_line(self) -> str:
        return self.out.splitlines()[-1]


class Call:
    """Calls the command line in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *arguments: object) -> Done:
        before = {told: signal.getsignal(told) for told in (signal.SIGINT, signal.SIGTERM)}
        self.capsys.readouterr()
        try:
            with pytest.raises(SystemExit) as left:
                main([str(argument) for argument in arguments])
        finally:
            for told, handler in before.items():
                signal.signal(told, handler)
        text = self.capsys.readouterr()
        code = left.value.code
        return Done(code if isinstance(code, int) else 0, text.out, text.err)


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    return Call(capsys)


def command(name: str) -> str:
    """Path of a command of this environment."""
    found = shutil.which(name, path=os.pathsep.join([str(Path(sys.executable).parent), os.defpath]))
    assert found, f"{name} is not installed beside {sys.executable}"
    return found


@pytest.fixture(scope="session")
def start() -> Any:
    """Start a command of this environment as a process of its own."""

    def start(name: str, *arguments: object, **options: Any) -> subprocess.Popen[str]:
        words = [command(name), *map(str, arguments)]
        pipe = subprocess.PIPE
        return subprocess.Popen(words, stdout=pipe, stderr=pipe, text=True, **options)

    return start


@pytest.fixture(scope="session")
def shell(start: Any) -> Any:
    """Run a command of this environment as a process of its own, to its end."""

    def run(name: str, *arguments: object, **options: Any) -> Done:
        process = start(name, *arguments, **options)
        out, err = process.communicate(timeout=240)
        return Done(process.returncode, out, err)

    return run


def write_settings(
    folder: Path,
    *,
    metrics: dict[str, dict[str, Any]],
    sources: dict[str, dict[str, Any]],
    data: dict[str, str | bytes],
    ledgers: dict[str, str] | None = None,
    **profile: Any,
) -> Path:
    """Write a company from dicts; what a definition leaves out is filled in.

    `data` and `ledgers` hold the text of their files by name, without ``.csv``.
    """
    given = {"schema": 1, "id": "tiny", "name": "Tiny", "calendar": "none", "as_of": "2026-11-05"}
    filled = {"label": "x", "unit": "CNY", "better": "higher"}
    texts: dict[str, str] = {
        "company": json.dumps(given | profile, indent=1),
        "sources": json.dumps(
            {
                "schema": 1,
                "tables": {
                    name: {"path": f"{name}.csv", "label": "x", "date": "day"} | table
                    for name, table in sources.items()
                },
            },
            indent=1,
            ensure_ascii=False,
        ),
        "metrics": json.dumps(
            {"schema": 1, "metrics": {name: filled | metric for name, metric in metrics.items()}},
            indent=1,
            ensure_ascii=False,
        ),
    }
    for inner in ("data", "ledgers"):
        (folder / inner).mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    files = {f"data/{name}.csv": content for name, content in data.items()}
    files |= {f"ledgers/{name}.csv": content for name, content in (ledgers or {}).items()}
    for path, content in files.items():
        given_bytes = content.encode() if isinstance(content, str) else content
        (folder / path).write_bytes(given_bytes)
    return folder


@pytest.fixture(scope="session")
def write_company() -> Any:
    """Return the function that writes a company from dicts."""
    return write_settings


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the demonstration company with few order lines; not to be changed."""
    folder = tmp_path_factory.mktemp("demonstration") / "demo"
    shutil.copytree(
        Path(__file__).parents[1] / "params/demo",
        folder,
        ignore=shutil.ignore_patterns("data", "ledgers"),
    )
    return generate(folder, lines=10_000)


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def free_port() -> int:
    """Port on which nobody listens."""
    return unused_port()


@dataclass(frozen=True)
class Server:
    """A PostgreSQL on loopback, whose user is ``me``."""

    port: int
    password: str

    def connect(self) -> Any:
        """Open a connection that commits as it goes."""
        import psycopg

        place = {"host": "127.0.0.1", "port": self.port, "dbname": "postgres", "user": "me"}
        return psycopg.connect(**place, password=self.password, autocommit=True)


def postgresql_programs() -> Path | None:
    """Folder of PostgreSQL's programs, or None."""
    places = [shutil.which("pg_ctl"), *sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))]
    found = [Path(place).resolve() for place in places if place]
    whole = [path.parent for path in found if (path.parent / "initdb").exists()]
    return whole[-1] if whole else None


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """Start a PostgreSQL that lives as long as the tests."""
    needed = os.environ.get("OPSNB_REQUIRE_ENGINES") == "1"
    programs = postgresql_programs()
    if programs is None or importlib.util.find_spec("psycopg") is None:
        assert not needed, "PostgreSQL or psycopg is not installed"
        pytest.skip("no PostgreSQL here")
    home = Path(tempfile.mkdtemp(prefix="opsnb-pg-"))  # pytest's own folder is its user's alone
    data, server = home / "data", Server(unused_port(), "s3:c@r/e%t")
    as_user: dict[str, Any] = {}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        as_user = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        shutil.chown(home, "nobody", "nogroup")
    password = home / "password"
    password.write_text(server.password)
    password.chmod(0o644)

    def run(program: str, *words: object) -> None:
        line = [programs / program, "-D", data, *map(str, words)]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
        subprocess.run(line, check=True, timeout=60, cwd=home, **quiet, **as_user)

    secret = ("-A", "scram-sha-256", "--pwfile", password)
    run("initdb", "-U", "me", *secret, "-E", "UTF8", "--locale=C")
    options = f"-p {server.port} -h 127.0.0.1 -k {home} -c fsync=off"
    run("pg_ctl", "-w", "-l", home / "log", "-o", options, "start")
    try:
        yield server
    finally:
        run("pg_ctl", "-m", "immediate", "stop")
        shutil.rmtree(home)
