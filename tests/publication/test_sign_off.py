"""Reviews bound to content, publications that stand, are verified and are withdrawn."""

import datetime as dt
import json
import re
import shutil
from pathlib import Path

import pytest

from opsnb import journal
from opsnb.company import Company
from opsnb.data.ledgers import units as units_of
from opsnb.errors import OpsnbError, ParameterError
from opsnb.publication import publish as publishing
from opsnb.publication.publish import publish, rollback
from opsnb.publication.reviews import intact, journal_of, review
from opsnb.publication.verify import verify
from opsnb.reports import MonthlyOperationsParams, report
from opsnb.runs.closing import close
from opsnb.runs.perform import perform
from opsnb.standing import APPROVE, REJECT, published, standing
from opsnb.workbook import Workbook

NOW = dt.datetime(2026, 11, 6, 9, 30, tzinfo=dt.UTC)
FONT = re.compile(rb"base64,[A-Za-z0-9+/=]+")


@pytest.fixture(scope="module")
def made(tmp_path_factory, make_little):
    """The little company with a run of the whole and one of a unit."""
    folder = tmp_path_factory.mktemp("signed")
    company = make_little(folder / "little")
    for unit in ("all", "north"):
        run(company, folder / "outputs", unit=unit)
    return folder


def run(company, outputs, *, period="2026-10", unit="all"):
    values = {"trend_metric": "revenue", "trend_months": 12, "period": period, "unit": unit}
    params = MonthlyOperationsParams(company=str(company), **values)
    return perform(report("monthly_operations"), params, outputs).folder


@pytest.fixture
def place(made, tmp_path):
    """Copy of all that, which a test may change."""
    shutil.copytree(made, tmp_path / "place")
    return tmp_path / "place"


@pytest.fixture
def company(place):
    return Company(place / "little")


@pytest.fixture
def outputs(place):
    return place / "outputs"


def latest(outputs, unit="all", period="2026-10"):
    folder = outputs / f"little/{period}/monthly_operations/{unit}"
    return folder / json.loads((folder / "latest.json").read_text())["run_id"]


def approve(outputs, *units):
    for unit in units:
        review(latest(outputs, unit), outputs, APPROVE, "张三", "", NOW)


def pages(outputs):
    root = outputs / "published/little"
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def test_a_run_that_was_left_alone_is_intact(outputs):
    found = intact(latest(outputs))
    assert (
        found.digest
        == json.loads((latest(outputs) / "manifest.json").read_text())["content_digest"]
    )


@pytest.mark.parametrize("name", ["report.html", "results.parquet", "notebook.ipynb"])
def test_any_change_voids_the_review(outputs, company, name):
    approve(outputs, "all", "north")
    path = latest(outputs) / name
    path.write_bytes(path.read_bytes().replace(b"e", b"f", 1))
    with pytest.raises(OpsnbError, match="is not what the run has left"):
        intact(latest(outputs))
    left = publish(company, "2026-10", outputs, "", NOW).left
    assert "is not what the run has left" in left["monthly_operations/all"]


def test_a_manifest_that_was_made_to_fit_is_found_by_the_content(outputs):
    """Who changes a number and all hashes of files has still another content digest."""
    folder = latest(outputs)
    path, manifest = folder / "notebook.ipynb", json.loads((folder / "manifest.json").read_text())
    text = path.read_text(encoding="utf-8")
    owner = next(m for m in re.findall(r'"zh": "([^"]+)"', text))
    path.write_text(text.replace(owner, owner + "x"), encoding="utf-8")
    for item in manifest["outputs"]:
        if item["path"] == path.name:
            item["sha256"] = publishing.hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(OpsnbError, match="altered"):
        intact(folder)


def test_a_review_names_its_author_and_a_rejection_its_reason(outputs):
    with pytest.raises(ParameterError, match="who stands for it"):
        review(latest(outputs), outputs, APPROVE, " ", "", NOW)
    with pytest.raises(ParameterError, match="says why"):
        review(latest(outputs), outputs, REJECT, "张三", "", NOW)


def test_only_what_is_approved_is_published(outputs, company):
    with pytest.raises(ParameterError, match="not reviewed"):
        publish(company, "2026-10", outputs, "", NOW)
    approve(outputs, "all")
    review(latest(outputs, "north"), outputs, REJECT, "李四", "原因未写", NOW)
    made = publish(company, "2026-10", outputs, "王五", NOW)
    assert len(made.made) == 1
    assert "rejected by 李四" in made.left["monthly_operations/north"]
    html = (outputs / "published/little" / made.made[0]).read_text(encoding="utf-8")
    assert "已发布" in html
    assert "张三 2026-11-06" in html
    assert "草稿" not in html
    index = made.index.read_text(encoding="utf-8")
    assert made.made[0] in index
    assert "首次发布" in index
    assert verify(company, outputs) == []


def test_a_later_run_that_nobody_has_seen_is_not_published(outputs, company, place):
    approve(outputs, "all", "north")
    publish(company, "2026-10", outputs, "", NOW)
    before = pages(outputs)
    run(place / "little", outputs)
    again = publish(company, "2026-10", outputs, "", NOW)
    assert "is not reviewed" in again.left["monthly_operations/all"]
    assert pages(outputs) == before  # what stood still stands
    assert verify(company, outputs) == []


def change(place):
    with (place / "little/data/lines.csv").open("a") as file:
        file.write("late,2026-10-09,north,nut,50.00,20.00\n")


def test_another_version_supersedes_and_can_be_rolled_back(outputs, company, place):
    approve(outputs, "all", "north")
    first = publish(company, "2026-10", outputs, "", NOW)
    was = first.index.read_bytes()
    change(place)
    for unit in ("all", "north"):
        run(place / "little", outputs, unit=unit)
    approve(outputs, "all", "north")
    second = publish(company, "2026-10", outputs, "", NOW)
    assert len(second.made) == 2
    index = second.index.read_text(encoding="utf-8")
    assert "个指标有变动" in index
    assert not [name for name in first.made if name in index]
    assert verify(company, outputs) == []
    with pytest.raises(ParameterError, match="who does it and why"):
        rollback(company, "2026-10", outputs, "张三", "", NOW)
    stands = rollback(company, "2026-10", outputs, "张三", "补录有误", NOW)
    assert sorted(stands) == sorted(first.made)
    assert second.index.read_bytes() == was
    assert verify(company, outputs) == []
    assert rollback(company, "2026-10", outputs, "张三", "全部撤回", NOW) == []
    assert "目前没有已发布的报告" in second.index.read_text(encoding="utf-8")


def test_a_rollback_that_was_interrupted_is_completed_and_withdraws_once(
    outputs, company, place, monkeypatch
):
    approve(outputs, "all", "north")
    first = publish(company, "2026-10", outputs, "", NOW)
    was = first.index.read_bytes()
    change(place)
    for unit in ("all", "north"):
        run(place / "little", outputs, unit=unit)
    approve(outputs, "all", "north")
    publish(company, "2026-10", outputs, "", NOW)

    def crash(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("opsnb.publication.publish.write_indexes", crash)
        with pytest.raises(KeyboardInterrupt):
            rollback(company, "2026-10", outputs, "张三", "补录有误", NOW)
    assert verify(company, outputs) != []
    stands = rollback(company, "2026-10", outputs, "张三", "补录有误", NOW)
    assert sorted(stands) == sorted(first.made)
    assert first.index.read_bytes() == was
    assert verify(company, outputs) == []
    acts = [entry["act"] for entry in journal.read(journal_of(outputs, "little"))]
    assert acts.count("rollback") == 2  # one a report


def test_a_crash_between_two_reports_leaves_the_former_publication(outputs, company, place, dying):
    approve(outputs, "all", "north")
    first = publish(company, "2026-10", outputs, "", NOW)
    was = {name: (outputs / "published/little" / name).read_bytes() for name in pages(outputs)}
    change(place)
    for unit in ("all", "north"):
        run(place / "little", outputs, unit=unit)
    approve(outputs, "all", "north")
    dying(lambda: publish(company, "2026-10", outputs, "", NOW))
    for name, content in was.items():
        assert (outputs / "published/little" / name).read_bytes() == content
    assert [f for f in verify(company, outputs) if "index.html" not in f] == []
    again = publish(company, "2026-10", outputs, "", NOW)
    assert (len(again.made), len(again.kept)) == (1, 1)
    assert verify(company, outputs) == []
    assert first.index.read_bytes() != was["index.html"]


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda root, page: page.write_bytes(page.read_bytes() + b" "), "was altered"),
        (lambda root, page: page.unlink(), "is missing"),
        (lambda root, page: (root / "extra.html").write_text("x"), "nobody has published it"),
        (lambda root, page: (root / "index.html").write_text("x"), "not of what stands now"),
        (lambda root, page: (root / "north/index.html").unlink(), "is missing"),
    ],
)
def test_verify_finds_what_was_altered(outputs, company, call, place, spoil, told):
    approve(outputs, "all", "north")
    made = publish(company, "2026-10", outputs, "", NOW)
    root = outputs / "published/little"
    spoil(root, root / made.made[0])
    (fault,) = verify(company, outputs)
    assert told in fault
    done = call("verify", "--company", place / "little", "--output", outputs)
    assert done.code == 1
    assert told in done.out
    if "extra" not in fault:
        publish(company, "2026-10", outputs, "", NOW)
        assert verify(company, outputs) == []  # and publishing mends it


def test_what_was_withdrawn_is_not_published_again_unseen(outputs, company):
    approve(outputs, "all", "north")
    first = publish(company, "2026-10", outputs, "", NOW)
    rollback(company, "2026-10", outputs, "李四", "有误", NOW)
    with pytest.raises(ParameterError, match="withdrawn by 李四"):
        publish(company, "2026-10", outputs, "", NOW)
    review(latest(outputs), outputs, APPROVE, "王五", "", NOW)
    again = publish(company, "2026-10", outputs, "", NOW)
    assert "withdrawn by 李四" in again.left["monthly_operations/north"]
    assert not set(again.made) & set(first.made)  # another strip, another page
    assert "王五" in (outputs / "published/little" / again.made[0]).read_text(encoding="utf-8")
    assert verify(company, outputs) == []


def test_a_month_that_changed_after_its_closing_is_not_published(outputs, company, place):
    close(Workbook.open(place / "little", "2026-10"), outputs, "张三", NOW)
    change(place)
    run(place / "little", outputs)
    approve(outputs, "all", "north")
    left = publish(company, "2026-10", outputs, "", NOW).left
    assert "changed after it was closed" in left["monthly_operations/all"]


def test_where_the_publication_before_is_damaged_it_says_so(outputs, company, place):
    approve(outputs, "all", "north")
    publish(company, "2026-10", outputs, "", NOW)
    (latest(outputs) / "results.parquet").unlink()
    change(place)
    run(place / "little", outputs)
    approve(outputs, "all")
    made = publish(company, "2026-10", outputs, "", NOW)
    assert "上次发布的内容无法读取" in made.index.read_text(encoding="utf-8")


def test_verify_finds_an_altered_review(outputs, company):
    approve(outputs, "all")
    publish(company, "2026-10", outputs, "", NOW)
    path = journal_of(outputs, "little")
    path.write_text(path.read_text(encoding="utf-8").replace("张三", "李四", 1), encoding="utf-8")
    (fault,) = verify(company, outputs)
    assert "reviews.jsonl, line 2" in fault


def test_a_unit_s_publication_holds_nothing_of_another(outputs, company):
    approve(outputs, "all", "north")
    publish(company, "2026-10", outputs, "", NOW)
    tree = units_of(company)
    others = {unit.id: unit.label for unit in tree if unit.id not in ("north", tree.root)}
    assert others
    own = outputs / "published/little/north"
    files = [path for path in own.rglob("*") if path.is_file()]
    assert len(files) == 2
    for path in files:
        shown = FONT.sub(b"", path.read_bytes()).decode()
        assert tree["north"].label["zh"] in shown
        for unit, label in others.items():
            for word in (label["zh"], label["en"], f"|{unit}|", f"-{unit}"):
                assert word not in shown, (path, word)
            assert unit not in path.relative_to(own).as_posix()


def test_published_files_name_no_place_of_the_machine(outputs, company, place):
    approve(outputs, "all", "north")
    publish(company, "2026-10", outputs, "", NOW)
    for path in (outputs / "published").rglob("*.html"):
        shown = FONT.sub(b"", path.read_bytes()).decode()
        for secret in (str(place), str(place.parent), str(Path.home())):
            assert secret not in shown, (path, secret)
        assert "<script" not in shown
        assert "default-src 'none'" in shown


def test_a_run_says_how_it_stands(outputs, company, place, call):
    def state(folder):
        done = call("render", folder, "--locale", "en", "--to", place / "x.html")
        assert done.code == 0
        html = (place / "x.html").read_text(encoding="utf-8")
        return re.search(r'class="state ([a-z]+)"', html)[1]

    first = latest(outputs)
    assert state(first) == "draft"
    approve(outputs, "all")
    assert state(first) == "reviewed"
    publish(company, "2026-10", outputs, "", NOW)
    assert state(first) == "published"
    change(place)
    run(place / "little", outputs)
    approve(outputs, "all")
    publish(company, "2026-10", outputs, "", NOW)
    assert (state(first), state(latest(outputs))) == ("superseded", "published")
    review(latest(outputs), outputs, REJECT, "李四", "有误", NOW)
    assert state(latest(outputs)) == "published"  # it stands until it is withdrawn
    rollback(company, "2026-10", outputs, "李四", "有误", NOW)
    assert (state(first), state(latest(outputs))) == ("published", "superseded")


def test_a_copy_of_a_run_elsewhere_is_a_draft(outputs):
    manifest = json.loads((latest(outputs) / "manifest.json").read_text())
    assert standing(Path("/run"), manifest) == ("draft", "")


def test_the_commands_do_the_same(outputs, place, call):
    run_id = latest(outputs).name
    words = ("--output", outputs)
    assert call("review", run_id, "--by", "张三", *words).code == 2
    done = call("review", run_id, "--approve", "--by", "张三", *words)
    assert done.out.startswith(f"{run_id} approved by 张三")
    made = call("publish", "2026-10", "--company", place / "little", *words, "--json")
    assert len(json.loads(made.out)["made"]) == 1
    assert call("verify", "--company", place / "little", *words).code == 0
    back = call("rollback", "2026-10", "--company", place / "little", "--by", "张三",
                "--reason", "撤回", *words)  # fmt: skip
    assert back.out.strip() == "nothing stands now"
    acts = [entry["act"] for entry in journal.read(journal_of(outputs, "little"))]
    assert acts == ["approve", "publish", "rollback"]
    assert published(journal.read(journal_of(outputs, "little"))) == {}
