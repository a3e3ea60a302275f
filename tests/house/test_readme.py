"""What the READMEs tell a reader to do can be done, and both say the same."""

from __future__ import annotations

import math
import re
import shlex
from pathlib import Path

import openpyxl
import pytest
import sqlalchemy
import typer

import opsnb
from opsnb import analyses, errors
from opsnb.cli import app
from opsnb.company.checks import KINDS
from opsnb.data.ledgers import LEDGERS
from opsnb.runs.run import EXIT
from opsnb.workbook import Workbook

READMES = ("README.md", "README.zh-CN.md")
BLOCK = re.compile(r"^(?:`([^`\n]+)`\n)?```(\w+)\n(.*?)^```$", re.M | re.S)


def blocks(readme: Path, language: str) -> list[tuple[str, str]]:
    """Name and text of the fenced blocks of a language; the name stands on the line before."""
    found = BLOCK.findall(readme.read_text(encoding="utf-8"))
    return [(name, text) for name, kind, text in found if kind == language]


def commands(readme: Path) -> list[list[str]]:
    """Words of every command line."""
    lines = [line for _, text in blocks(readme, "sh") for line in text.splitlines() if line]
    return [shlex.split(line) for line in lines]


def example(readme: Path) -> dict[str, str]:
    """Files of the example company."""
    found = [*blocks(readme, "yaml"), *blocks(readme, "csv")]
    return {name: text for name, text in found if name}


@pytest.fixture(params=READMES)
def readme(request: pytest.FixtureRequest, root: Path) -> Path:
    return root / str(request.param)


def test_verbs_are_in_the_makefile(readme: Path, root: Path) -> None:
    targets = re.findall(r"^([a-z]+):", (root / "Makefile").read_text(encoding="utf-8"), re.M)
    asked = [words[1] for words in commands(readme) if words[0] == "make"]
    assert {"report", "test"} <= set(asked) <= set(targets)


def test_commands_are_understood(readme: Path) -> None:
    """Verbs, arguments and options, as the command line itself reads them."""
    group = typer.main.get_command(app)
    asked = [words[3:] for words in commands(readme) if words[:3] == ["python", "-m", "opsnb"]]
    assert {words[0] for words in asked} == set(group.commands)  # type: ignore[attr-defined]
    for words in asked:
        verb = group.commands[words[0]]  # type: ignore[attr-defined]
        while hasattr(verb, "commands"):  # such as: new report
            words = words[1:]  # noqa: PLW2901
            verb = verb.commands[words[0]]
        verb.make_context(words[0], words[1:])  # raises for what it does not know


@pytest.mark.parametrize("verb", ["run", "export"])
def test_options_are_all_told(readme: Path, verb: str) -> None:
    """In the table of the section that shows the command."""
    command = typer.main.get_command(app).commands[verb]  # type: ignore[attr-defined]
    known = {name for item in command.params for name in item.opts if name.startswith("--")}
    sections = re.split(r"^## ", readme.read_text(encoding="utf-8"), flags=re.M)
    (section,) = (s for s in sections if f"-m opsnb {verb} " in s and "\n| `--" in s)
    cells = re.findall(r"^\| (`--[^|]*)\|", section, re.M)
    told = [name for cell in cells for name in re.findall(r"`(--[a-z-]+)", cell)]
    assert sorted(told) == sorted(known - {"--help"})


def test_exit_codes_are_all_told(readme: Path) -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    known = {kind.exit_code for kind in kinds if issubclass(kind, errors.OpsnbError)}
    told = re.findall(r"^\| (\d) \|", readme.read_text(encoding="utf-8"), re.M)
    assert set(map(int, told)) == known | set(EXIT.values())


def test_files_named_in_commands_are_there(readme: Path, root: Path) -> None:
    for words in commands(readme):
        for word in words:
            if re.fullmatch(r"(requirements|notebooks/|params/demo/).*\.\w+", word):
                assert (root / word).is_file(), word


def test_both_say_the_same(root: Path) -> None:
    english, chinese = (root / name for name in READMES)
    assert commands(english) == commands(chinese)
    assert sections(english) == sections(chinese)
    for language in ("yaml", "csv"):
        pairs = zip(blocks(english, language), blocks(chinese, language), strict=True)
        for (name, text), (other, words) in pairs:
            assert (name, bare(text)) == (other, bare(words))


def sections(readme: Path) -> int:
    return len(re.findall(r"^#+ ", readme.read_text(encoding="utf-8"), re.M))


def bare(text: str) -> list[str]:
    """Lines without their comments."""
    return [re.sub(r"\s+# .*", "", line) for line in text.splitlines()]


@pytest.fixture
def company(readme: Path, tmp_path: Path) -> Path:
    """The example company, written as the README says."""
    for name, text in example(readme).items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "params" / "acme"


def test_the_example_is_a_company(company: Path) -> None:
    workbook = opsnb.open(company)
    card = analyses.scorecard(workbook)
    value = card.frame.set_index("metric")
    assert str(workbook.period) == "2026-02"
    assert value.at["revenue", "actual"] == pytest.approx(1350 + 760)
    assert value.at["revenue", "target"] == 2000
    assert value.at["revenue", "ytd"] == pytest.approx(1200 + 800 + 1350 + 760)
    assert value.at["return_rate", "actual"] == pytest.approx((45 + 10) / (1350 + 760))
    assert [unit.id for unit in workbook.units] == ["all", "north", "south"]


def test_the_example_needs_no_ledgers(company: Path) -> None:
    for path in (company / "ledgers").iterdir():
        path.unlink()
    card = analyses.scorecard(opsnb.open(company))
    assert card.cell(0, "actual") == pytest.approx(1350 + 760)
    assert card.cell(0, "target").reason == "no target"


def test_a_metric_is_added_by_one_entry(company: Path, readme: Path) -> None:
    (entry,) = (text for name, text in blocks(readme, "yaml") if not name)
    with (company / "metrics.yaml").open("a", encoding="utf-8") as file:
        file.write(entry)
    card = analyses.scorecard(opsnb.open(company))
    assert card.metrics == ["revenue", "return_rate", "average_sale"]
    assert card.cell(2, "actual") == pytest.approx((1350 + 760) / 2)


ORDERS = {
    "orders_2026-01.csv": """订单号,日期,门店,金额,折扣率
A1,2026年1月5日,s1,"1,200.50",5%
A2,2026年1月9日,s2,1.2万,-
""",
    "orders_2026-02.csv": """订单号,日期,门店,金额,折扣率
B1,2026年2月3日,s1,"10,000.00",10%
B2,2026年2月4日,老二店,800.00,暂无
B3,2026年2月11日,s3,0.9万,60%
B4,2026年2月20日,s2,-,0%
合计,,,"19,800.00",
""",
}
STORES = [["门店名录"], ["大区", "门店", None], [None, "编码", "名称"], ["东部", "s1", "一店"]]
STORES += [[None, "s2", "二店"], ["西部", "s3", "三店"]]
RENTS = [["门店", "2026-01", "2026-02"], ["s1", "1,000", "1,100"], ["s2", "2,000", 2000]]
RETURNS = [("B1", "400.00"), ("B1", "100.50"), ("B3", "90.00")]


@pytest.fixture
def retail(company: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The company with every kind of source, its files as the README describes them."""
    folder = company.parent / "retail"
    data = folder / "data"
    data.mkdir()
    profile = (company / "company.yaml").read_text(encoding="utf-8")
    (folder / "company.yaml").write_text(profile.replace("acme", "retail"), encoding="utf-8")
    for name, text in ORDERS.items():
        (data / name).write_text(text, encoding="gb18030")
    excel(data / "门店.xlsx", "名录", STORES, ("A2:A3", "B2:C2", "A4:A5"))
    excel(data / "租金.xlsx", "Sheet1", RENTS)
    url = f"sqlite:///{data / 'service.db'}"
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE returns (order_id TEXT, returned TEXT)")
        connection.exec_driver_sql("INSERT INTO returns VALUES (?, ?)", RETURNS)
    engine.dispose()
    monkeypatch.setenv("SERVICE_DATABASE", url)
    return folder


def excel(path: Path, name: str, rows: list[list[object]], merged: tuple[str, ...] = ()) -> None:
    """Write a workbook of two sheets, of which one matters."""
    book = openpyxl.Workbook()
    book.active.title = name
    for row in rows:
        book.active.append(row)
    for cells in merged:
        book.active.merge_cells(cells)
    book.create_sheet("说明").append(["x"])
    book.save(path)


@pytest.fixture
def workbook(retail: Path) -> Workbook:
    return opsnb.open(retail, "2026-02")


def test_every_kind_of_source_is_read_as_declared(workbook: Workbook) -> None:
    query = workbook.engine.query
    workbook.load("sales")
    stores = query("SELECT shop, region FROM stores ORDER BY shop")
    assert stores.to_numpy().tolist() == [["s1", "东部"], ["s2", "东部"], ["s3", "西部"]]
    sales = query("SELECT order_id, shop, region, amount, list_amount, returned FROM sales")
    found = {row[0]: row[1:] for row in sales.to_numpy().tolist()}
    assert list(found) == ["A1", "A2", "B1", "B2", "B3", "B4"]
    assert found["A1"][:3] == ["s1", "东部", 1200.5]
    assert found["A1"][3] == pytest.approx(1200.5 / 0.95)
    assert found["A2"][2] == 12_000
    assert found["B1"][4] == 500.5
    assert found["B2"][:2] == ["s2", "东部"]  # by the alias in the ledger
    assert math.isnan(found["B4"][2])
    orders = workbook.load("orders")
    assert (orders.excluded, orders.unparsed) == (1, 0)
    workbook.load("rents")
    rents = query("SELECT shop, month, rent FROM rents ORDER BY shop, month")
    assert rents["rent"].tolist() == [1000, 1100, 2000, 2000]
    assert rents["month"].dt.strftime("%Y-%m").tolist() == ["2026-01", "2026-02"] * 2


def test_metrics_and_ledgers_are_what_they_say(workbook: Workbook) -> None:
    card = analyses.scorecard(workbook)
    value = card.frame.set_index("metric")
    assert value.at["revenue", "actual"] == pytest.approx(10_000 + 800 + 9_000)
    assert value.at["return_rate", "actual"] == pytest.approx(590.5 / 19_800)
    assert value.at["large_orders", "actual"] == 1
    assert value.at["rent", "actual"] == 3100
    assert value.at["revenue", "target"] == 28_000
    assert value.at["return_rate", "target"] == 0.05
    (late,) = (f for f in card.findings if f.code == "OPS020")
    assert (late.evidence["old"], late.evidence["new"]) == (30_000, 28_000)
    west = analyses.scorecard(workbook.for_unit("west"), ["revenue"])
    assert west.cell(0, "actual") == 800 + 9_000
    assert [f.evidence["units"] for f in west.findings if f.code == "OPS021"] == []  # no January
    east = analyses.scorecard(workbook.for_unit("east"), ["revenue"])
    assert east.cell(0, "mom_difference") == pytest.approx(10_000 - 1200.5 - 12_000)
    assert [f.evidence["units"] for f in east.findings if f.code == "OPS021"] == ["s2"]


def test_a_warning_is_told_and_an_error_blocks(workbook: Workbook, retail: Path) -> None:
    workbook.check_gate()
    assert [(a.kind, a.count) for a in workbook.alerts] == [("range", 1)]
    path = retail / "data/orders_2026-02.csv"
    path.write_text(ORDERS[path.name].replace("B2,", "B1,"), encoding="gb18030")
    with pytest.raises(errors.GateError, match="unique") as caught:
        opsnb.open(retail, "2026-02").check_gate()
    assert caught.value.exit_code == 3


def test_every_check_and_ledger_is_told(readme: Path) -> None:
    text = readme.read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+): ", text, re.M) == list(KINDS)
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*\w.*) \|$", text, re.M))
    for name, ledger in LEDGERS.items():
        fields = ledger.model.model_fields
        assert re.findall(r"`(\w+)`", rows[name]) == list(fields)
        required = [column for column, field in fields.items() if field.is_required()]
        assert re.findall(r"\*\*`(\w+)`\*\*", rows[name]) == required
