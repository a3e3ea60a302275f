import dataclasses
import datetime as dt
import json
import re
from urllib.parse import unquote

import pytest

from opsnb.errors import OpsnbError, ParameterError, UnknownNameError
from opsnb.runs.store import (
    Place,
    find_run,
    json_text,
    new_run_id,
    promote,
    workspace,
    write_atomically,
)

NOW = dt.datetime(2026, 11, 5, 8, 0, tzinfo=dt.UTC)


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path / "outputs", "demo", "2026-10", "monthly_operations", "all")


def finish(place, run_id):
    with workspace(place, run_id) as folder:
        (folder / "manifest.json").write_text("{}", encoding="utf-8")
        return promote(folder, place, run_id)


def test_ids_sort_by_time_and_are_not_given_twice():
    later = new_run_id(NOW + dt.timedelta(seconds=1))
    ids = {new_run_id(NOW) for _ in range(200)}
    assert len(ids) == 200
    assert all(run_id < later for run_id in ids)


def test_a_run_is_seen_whole_or_not_at_all(place):
    with workspace(place, "r1") as folder:
        (folder / "report.html").write_text("page", encoding="utf-8")
        assert not (place.folder / "r1").exists()
        assert folder.name.startswith(".")
        final = promote(folder, place, "r1")
    assert final == place.folder / "r1"
    assert [path.name for path in place.folder.iterdir()] == ["r1"]
    assert (final / "report.html").read_text(encoding="utf-8") == "page"


def test_what_is_left_unfinished_is_removed(place):
    def interrupted():
        with workspace(place, "r1") as folder:
            (folder / "report.html").write_text("half", encoding="utf-8")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(place.folder.iterdir()) == []


@pytest.mark.parametrize("depth", [0, 2])
def test_a_file_where_a_folder_should_be(place, depth):
    parts = ["outputs", "demo", "2026-10"]
    blocker = place.outputs.parent.joinpath(*parts[: depth + 1])
    blocker.parent.mkdir(parents=True, exist_ok=True)
    blocker.write_text("in the way", encoding="utf-8")
    with (
        pytest.raises(ParameterError, match="nothing can be made") as raised,
        workspace(place, "r"),
    ):
        pytest.fail("the block was entered")
    assert raised.value.exit_code == 2


def test_latest_is_replaced_in_one_step(place):
    assert place.latest() is None
    place.folder.mkdir(parents=True)
    for number in range(3):
        content = {"run_id": f"运行{number}", "page": f"运行{number}/report.html"}
        place.publish_latest(content)
        assert place.latest() == content
    assert sorted(path.name for path in place.folder.iterdir()) == ["latest.html", "latest.json"]


def test_a_door_leads_to_the_latest_page(place):
    north = dataclasses.replace(place, unit="华 北")
    assert place.door_of("华 北") is None
    north.folder.mkdir(parents=True)
    north.publish_latest({"run_id": "r1", "page": "r1/report.html"})
    north.publish_latest({"run_id": "r2", "page": "r2/report.html"})
    way = place.door_of("华 北")
    there = (place.folder / "run" / unquote(way)).resolve()
    assert there == (north.folder / "latest.html").resolve()
    text = there.read_text(encoding="utf-8")
    assert re.findall(r'(?:url=|href=")([^"]+)"', text) == ["r2/report.html"] * 2
    assert "<script" not in text


def test_a_write_that_fails_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    target = tmp_path / "latest.json"
    write_atomically(target, "good")
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(OSError, match="No space left"):
        write_atomically(target, "better")
    assert target.read_text(encoding="utf-8") == "good"
    assert [path.name for path in tmp_path.iterdir()] == ["latest.json"]


def test_json_is_readable_and_holds_no_nan():
    assert json.loads(json_text({"名": 1.5})) == {"名": 1.5}
    assert "名" in json_text({"名": 1})
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_text({"value": float("nan")})


def test_a_run_is_found_by_its_id_or_its_folder(place):
    runs = {
        run_id: finish(place, run_id) for run_id in ("20261105T080000-aa", "20261106T080000-bb")
    }
    for run_id, folder in runs.items():
        assert find_run(run_id, place.outputs) == folder
        assert find_run(run_id, place.outputs, "demo") == folder
        assert find_run(str(folder), place.outputs) == folder
    with pytest.raises(UnknownNameError, match=r"did you mean '20261106T080000-bb'\?"):
        find_run("20261106T080000-bc", place.outputs)
    with pytest.raises(UnknownNameError, match="no run"):
        find_run("20261105T080000-aa", place.outputs, "other")
    with pytest.raises(OpsnbError, match=r"expected a folder with manifest\.json"):
        find_run(str(place.folder), place.outputs)
