"""Strict YAML: what stays text, what is refused, and that every refusal names its line."""

import time
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsnb.errors import SettingsError
from opsnb.settings import Day, Strict, parse_value, read_settings, read_yaml


class Inner(Strict):
    start: int = 1
    named_by: Literal["end", "start"] = "end"


class Outer(Strict):
    name: str
    share: float = 0.5
    when: Day | None = None
    year: Inner = Inner()
    unit: str | Inner = ""
    parts: dict[str, Inner] | None = None


@pytest.fixture
def read(tmp_path):
    """Read a text, or bytes, as settings."""

    def read(text, model=Outer):
        path = tmp_path / "company.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_settings(path, model) if model else read_yaml(path)[0]

    return read


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("yes", "yes"),
        ("True", "True"),
        ("true", True),
        ("false", False),
        ("007", "007"),
        ("0x1F", "0x1F"),
        ("2026-10-31", "2026-10-31"),
        ("2026-10", "2026-10"),
        ("1:30", "1:30"),
        ("12e", "12e"),
        ("._", "._"),
        (".nan", ".nan"),
        (".inf", ".inf"),
        ("24", 24),
        ("1_000", 1000),
        ("-0.5", -0.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("~", None),
        ("", None),
        ('"24"', "24"),
        ("!!str 24", "24"),
    ],
)
def test_only_what_is_meant_as_a_number_or_a_truth_value_becomes_one(read, written, value):
    found = read(f"key: {written}\n", None)["key"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("name: a\nyeer: {}\n", 2, ["'yeer'", "did you mean 'year'"]),
        ("name: a\nyear:\n  strat: 1\n", 3, ["'strat'", "did you mean 'start'"]),
        ("name: a\nparts:\n  x:\n    strat: 1\n", 4, ["'strat'", "did you mean 'start'"]),
        ("name: a\nunit: {strat: 1}\n", 2, ["'strat'", "did you mean 'start'"]),
        ("name: a\nunit: [1]\n", 2, ["unit:", "[1]"]),
        ("name: a\n\nyear: {start: soon}\n", 3, ["year.start", "'soon'"]),
        ("name: a\nyear: {named_by: ned}\n", 2, ["named_by", "did you mean 'end'"]),
        ("name: 7\n", 1, ["name", "7"]),
        ("name: true\n", 1, ["name", "True"]),
        ("name: a\nshare: 1e400\n", 2, ["share", "finite"]),
        ("name: a\nshare: nan\n", 2, ["share", "finite"]),
        ("name: a\nyear: 3\nname: b\n", 3, ["'name' stands twice", "line 1"]),
        ("name: a\nparts:\n  x: {}\n  x: {}\n", 4, ["'x' stands twice", "line 3"]),
        ("name: a\nunit: !!python/object/apply:os.system [ls]\n", 2, ["tag"]),
        ("name: !own x\n", 1, ["tag", "!own"]),
        ("name: !!binary aGk=\n", 1, ["tag"]),
        ("name: !!int seven\n", 1, ["'seven'"]),
        ("name: &a x\nunit: *a\n", 2, ["alias"]),
        ("name: &a [*a]\n", 1, ["alias"]),
        ("name: a\n<<: {share: 1}\n", 2, ["merge key"]),
        ("? {a: b}\n: x\n", 1, ["a key is a list or a mapping"]),
        ("name: a\n? [b]\n: x\n", 2, ["a key is a list or a mapping"]),
        ("name: a\n\tshare: 1\n", 2, ["'\\t'"]),
        ("name: a\n---\nname: b\n", 2, ["another document"]),
        ("name: [a\n", 2, ["expected"]),
        ("name: a\nunit: x\0y\n", 2, ["'\\x00'", "not allowed"]),
        (f"name: a\nshare: {'9' * 5000}\n", 2, ["number"]),
    ],
)
def test_a_fault_is_named_with_file_and_line(read, text, line, words):
    with pytest.raises(SettingsError) as caught:
        read(text)
    assert str(caught.value).startswith(f"company.yaml, line {line}: ")
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "holds no settings"),
        ("# nothing\n", "holds no settings"),
        ("- a\n- b\n", "holds no settings"),
        ("a word\n", "holds no settings"),
        ("share: 1\n", "key 'name' is missing"),
        (b"name: \xff\n", "byte 6 is not UTF-8"),
        ("name: " + "[" * 20_000 + "]" * 20_000, "nested too deeply"),
    ],
)
def test_a_fault_of_the_whole_file_names_the_file(read, text, words):
    with pytest.raises(SettingsError, match=r"^company\.yaml") as caught:
        read(text)
    assert words in str(caught.value)


def test_an_alias_bomb_is_refused_before_it_unfolds(read):
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)]
    start = time.perf_counter()
    with pytest.raises(SettingsError, match="line 2: an alias"):
        read("\n".join(rows), None)
    assert time.perf_counter() - start < 1


def test_a_file_that_is_missing_or_none_says_so(tmp_path):
    (tmp_path / "company.yaml").write_text("name: a\n")
    with pytest.raises(SettingsError, match=r"did you mean 'company\.yaml'"):
        read_settings(tmp_path / "compny.yaml", Outer)
    with pytest.raises(SettingsError, match="no folder"):
        read_settings(tmp_path / "nowhere" / "company.yaml", Outer)
    with pytest.raises(SettingsError, match="directory"):
        read_settings(tmp_path, Outer)


def test_a_byte_order_mark_is_no_part_of_the_first_key(read):
    assert read(b"\xef\xbb\xbfname: a\n").name == "a"


@pytest.mark.parametrize(
    "written",
    ["20261105", "1730764800", "'1730764800'", "2026-11-05T00:00:00", "2026-13-01", "2026-1-5"],
)
def test_a_day_is_written_in_one_way(read, written):
    """Pydantic alone would read 1730764800 as a day of 2024."""
    with pytest.raises(SettingsError, match=r"line 2: when: .* expected one such as 2026-10-31"):
        read(f"name: a\nwhen: {written}\n")
    assert read("name: a\nwhen: 2026-11-05\n").when.isoformat() == "2026-11-05"


def test_settings_are_frozen_and_know_their_keys(read):
    with pytest.raises(ValueError, match="frozen"):
        read("name: a\n").name = "b"


@pytest.mark.parametrize(
    ("text", "value"),
    [("[a, b]", ["a", "b"]), ("24", 24), ("2026-10", "2026-10"), ("[a", "[a"), ("*a", "*a")],
)
def test_one_value_reads_like_the_settings_and_else_as_text(text, value):
    assert parse_value(text) == value


@given(text=st.text(max_size=60) | st.text("ab:-[]{}&*!<>|?%@'\"#\n\t ", max_size=40))
def test_any_text_is_settings_or_a_settings_error(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    try:
        value, lines = read_yaml(path)
    except SettingsError:
        return
    assert isinstance(value, dict)
    assert all((key,) in lines for key in value)
