import json
import subprocess
import sys

import pytest

from opsnb.demo import SEED, generate, is_current
from opsnb.demo.generate import LEDGERS
from opsnb.errors import ParameterError

FILES = [
    *(f"data/{n}.csv" for n in ("order_lines", "surveys", "inventory", "expenses", "headcount")),
    *(f"ledgers/{n}.csv" for n in LEDGERS),
]
LINES = 10_000


@pytest.fixture
def made(tmp_path):
    return generate(tmp_path / "company", seed=4, lines=LINES)


def test_writes_the_files_and_nothing_else(made):
    found = {str(p.relative_to(made)) for p in made.rglob("*") if p.is_file()}
    assert found == {*FILES, "data/.demo.json"}


def test_same_seed_gives_the_same_bytes(made, tmp_path):
    again = generate(tmp_path / "again", seed=4, lines=LINES)
    for name in [*FILES, "data/.demo.json"]:
        assert (made / name).read_bytes() == (again / name).read_bytes(), name


def test_another_seed_gives_other_data(made, tmp_path):
    other = generate(tmp_path / "other", seed=5, lines=LINES)
    for name in FILES[:5]:
        assert (made / name).read_bytes() != (other / name).read_bytes(), name
    for name in ("ledgers/units.csv", "ledgers/notes.csv"):
        assert (made / name).read_bytes() == (other / name).read_bytes(), name


def test_files_are_utf8_with_unix_lines(made):
    for name in FILES:
        raw = (made / name).read_bytes()
        assert raw.decode("utf-8").endswith("\n")
        assert b"\r" not in raw
        assert not raw.startswith(b"\xef\xbb\xbf")


def test_current_only_for_the_same_arguments(made):
    assert is_current(made, seed=4, lines=LINES)
    assert not is_current(made, seed=5, lines=LINES)
    assert not is_current(made, seed=4, lines=LINES + 1)
    assert not is_current(made)


@pytest.mark.parametrize("name", [*FILES, "data/.demo.json"])
def test_not_current_without_a_file(made, name):
    (made / name).unlink()
    assert not is_current(made, seed=4, lines=LINES)


@pytest.mark.parametrize("name", FILES[:5])
def test_not_current_when_a_data_file_has_another_size(made, name):
    with (made / name).open("ab") as file:
        file.write(b"\n")
    assert not is_current(made, seed=4, lines=LINES)


def test_a_note_added_by_hand_leaves_it_current(made):
    with (made / "ledgers/notes.csv").open("a", encoding="utf-8") as file:
        file.write("2026-10,east,revenue,原因,措施,某人\n")
    assert is_current(made, seed=4, lines=LINES)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"seed": 4}'])
def test_not_current_with_a_record_that_cannot_be_read(made, text):
    (made / "data/.demo.json").write_text(text)
    assert not is_current(made, seed=4, lines=LINES)


def test_not_current_for_another_version_of_the_generator(made):
    stamp = made / "data/.demo.json"
    stamp.write_text(json.dumps(json.loads(stamp.read_text()) | {"version": 0}))
    assert not is_current(made, seed=4, lines=LINES)


def test_an_interrupted_run_leaves_whole_files_and_is_not_current(made, monkeypatch):
    import pyarrow.csv

    before = {name: (made / name).read_bytes() for name in FILES}
    real = pyarrow.csv.write_csv

    def half(table, file, options):
        if "survey_id" in table.column_names:
            file.write(b"Q000001,2021")
            raise KeyboardInterrupt
        real(table, file, options)

    monkeypatch.setattr(pyarrow.csv, "write_csv", half)
    with pytest.raises(KeyboardInterrupt):
        generate(made, seed=5, lines=LINES)
    assert not is_current(made, seed=4, lines=LINES)
    assert not is_current(made, seed=5, lines=LINES)
    assert not list(made.rglob("*.tmp"))
    for name in FILES[1:]:  # the first was replaced, whole
        assert (made / name).read_bytes() == before[name]
    monkeypatch.undo()
    generate(made, seed=4, lines=LINES)
    assert {name: (made / name).read_bytes() for name in FILES} == before


@pytest.mark.parametrize("arguments", [{"lines": 9_999}, {"lines": 0}, {"seed": -1}])
def test_refuses_what_it_cannot_generate(tmp_path, arguments):
    with pytest.raises(ParameterError, match="expected"):
        generate(tmp_path / "none", **arguments)
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("seed", range(6))
def test_the_smallest_company_can_be_generated_from_any_seed(tmp_path, seed):
    generate(tmp_path, seed=seed, lines=LINES)
    assert is_current(tmp_path, seed=seed, lines=LINES)


def test_importing_the_package_imports_nothing_costly():
    code = "import sys, opsnb.demo; print({'numpy', 'pandas', 'pyarrow'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_the_shipped_company_is_the_default(build):
    assert is_current(build(SEED, 300_000).root)
