"""What is kept is the same to the bit, and nothing that is damaged is believed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsnb.data import kept as values
from opsnb.data.cache import Cache
from opsnb.data.kept import Content, kept, pack_frame, unpack_frame

ODD = np.array([0.0, -0.0, np.nan, np.inf, -np.inf, 5e-324, 1 / 3, 1e308])


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("OPSNB_CACHE", str(tmp_path / "kept"))
    monkeypatch.setattr(values, "code_hash", lambda: "this code")
    return tmp_path / "kept"


class Maker:
    """Counts how often a value is made."""

    def __init__(self, value):
        self.value, self.made = value, 0

    def __call__(self):
        self.made += 1
        return self.value


def ask(make, *parts, kind="test"):
    return kept(
        kind, parts, make, lambda value: Content(None, {"x": value}), lambda c: c.arrays["x"]
    )


def test_it_is_made_once_and_the_same_to_the_bit():
    make = Maker(ODD)
    first, second = ask(make, 1, "a"), ask(make, 1, "a")
    assert make.made == 1
    assert first.tobytes() == second.tobytes() == ODD.tobytes()
    assert second.dtype == ODD.dtype


PARTS = [
    (1,), (1.0,), ("1",), (b"1",), (True,), (None,), ((1, 2),), (1, 2), (12,), ("1, 2",),
    ("a", "b"), ("ab",), ("a", "", "b"), (b"a\0b",), (b"a", b"b"), (b"a\0", b"b"), (b"a", b"\0b"),
    (np.array([1, 2]),), (np.array([1.0, 2.0]),), (np.array([[1, 2]]),),
    (np.array(["a", None], dtype=object),), (np.array(["a", "None"], dtype=object),),
    (pd.DataFrame({"a": [1]}),), (pd.DataFrame({"a": [1.0]}),), (pd.DataFrame({"b": [1]}),),
    (pd.DataFrame({"a": ["1"]}),), (pd.DataFrame({"a": [1]}, index=[7]),),
    (pd.DataFrame({"a": [np.arange(3000)]}),),
    (pd.DataFrame({"a": [np.r_[:1500, 0, 1501:3000]]}),),
]  # fmt: skip


def test_whatever_differs_is_another_value(monkeypatch):
    for place, parts in enumerate(PARTS):
        assert ask(Maker(np.array([place])), *parts) == place
    for place, parts in enumerate(PARTS):
        assert ask(Maker(None), *parts) == place, parts
    assert ask(Maker(np.array([-1])), 1, kind="another") == -1
    monkeypatch.setattr(values, "code_hash", lambda: "other code")
    assert ask(Maker(np.array([-2])), 1) == -2


@pytest.mark.parametrize("length", [0, 1, 50, 200, -1, -30])
def test_a_file_cut_short_is_made_again(folder, length, monkeypatch):
    """Even where the cache itself vouches for it."""
    ask(Maker(ODD), 1)
    (rows,) = folder.glob("*.parquet")
    rows.write_bytes(rows.read_bytes()[:length])
    again = Maker(ODD)
    assert ask(again, 1).tobytes() == ODD.tobytes()
    assert again.made == 1
    entry = Cache(folder).find
    damaged = folder.parent / "damaged"
    damaged.write_bytes(next(folder.glob("*.parquet")).read_bytes()[:length])

    def vouched(self, key):
        found = entry(key)
        return found and type(found)(damaged, found.about)

    monkeypatch.setattr(Cache, "find", vouched)
    again = Maker(ODD)
    assert ask(again, 1).tobytes() == ODD.tobytes()
    assert again.made == 1


@given(st.data())
def test_a_file_changed_anywhere_is_never_believed(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("kept")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPSNB_CACHE", str(folder))
        patch.setattr(values, "code_hash", lambda: "this code")
        ask(Maker(ODD), 1)
        path = data.draw(st.sampled_from(sorted(folder.iterdir())))
        content = bytearray(path.read_bytes())
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] ^= data.draw(st.integers(1, 255))
        path.write_bytes(bytes(content))
        assert ask(Maker(ODD), 1).tobytes() == ODD.tobytes()


def test_where_nothing_can_be_kept_it_is_made_each_time(folder, monkeypatch):
    make = Maker(ODD)

    def refuse(_value):
        raise TypeError

    for _ in range(2):
        kept("test", [1], make, refuse, lambda content: content)
    assert make.made == 2
    monkeypatch.setattr(values, "code_hash", lambda: "")
    ask(make, 1), ask(make, 1)
    assert make.made == 4
    monkeypatch.setattr(values, "code_hash", lambda: "this code")
    monkeypatch.setenv("OPSNB_CACHE", "off")
    ask(make, 1), ask(make, 1)
    assert make.made == 6
    assert not folder.exists() or not list(folder.iterdir())
    folder.parent.joinpath("file").write_text("")
    monkeypatch.setenv("OPSNB_CACHE", str(folder.parent / "file"))
    ask(make, 1), ask(make, 1)
    assert make.made == 8


def test_code_written_since_the_process_began_is_not_spoken_for(monkeypatch):
    monkeypatch.undo()
    once = values.code_hash.__wrapped__
    newest = max(path.stat().st_mtime for path in values.PACKAGE.rglob("*.py"))
    monkeypatch.setattr(values, "BORN", newest + values.SETTLED + 1)
    assert once()
    monkeypatch.setattr(values, "BORN", newest + values.SETTLED - 1)
    assert once() == ""


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"a": ODD, "b": list("abcdefgh"), "c": range(8), "d": [True, False] * 4}),
        pd.DataFrame({"t": pd.date_range("2026-01-31", periods=3), "x": ["", "甲", "\0"]}),
        pd.DataFrame({"a": pd.Series([], dtype="float32"), "b": pd.Series([], dtype=object)}),
        pd.DataFrame(index=range(3)),
    ],
)
def test_a_frame_comes_back_as_it_went(frame):
    make = Maker(frame)

    def ask_frame():
        return kept("frame", [1], make, lambda value: pack_frame("f", value),
                    lambda content: unpack_frame("f", content))  # fmt: skip

    ask_frame()
    pd.testing.assert_frame_equal(ask_frame(), frame, check_exact=True)
    assert make.made == 1
    with pytest.raises(TypeError):
        pack_frame("f", pd.DataFrame({"a": ["x", 1]}))
