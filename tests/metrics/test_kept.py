"""What was asked before is found again, as it is computed, and only as long as it holds."""

from __future__ import annotations

import os
import shutil

import numpy as np
import pandas as pd
import pytest

import opsnb
from opsnb.data import kept
from opsnb.errors import ChangedError, GateError
from opsnb.metrics.kept import pack_values, unpack_values
from opsnb.metrics.spans import Span
from opsnb.metrics.values import Values

SALES = """day,unit,kind,amount
2025-10-05,north,a,1.10
2026-09-05,north,a,2.20
2026-10-05,north,,3.30
2026-10-06,nowhere,b,4.40
2026-10-07,south,b,x
2026-10-08,south,"c ""q"", 甲",0.10
"""
PRICES = "kind,price\na,2\nb,3\n"
METRICS = {
    "amount": {"table": "sales", "measure": "sum(amount)"},
    "mean": {"table": "sales", "measure": "avg(amount)"},
    "worth": {"table": "priced", "measure": "sum(amount * price)"},
    "share": {"kind": "ratio", "numerator": "worth", "denominator": "amount", "unit": "ratio"},
    "year": {"kind": "cumulative", "metric": "amount", "to_date": "year"},
}


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("OPSNB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(kept, "code_hash", lambda: "this code")


@pytest.fixture
def folder(write_company, tmp_path):
    columns = {"day": "date", "unit": "text", "kind": "text", "amount": "decimal(2)"}
    return write_company(
        tmp_path / "c", metrics=METRICS,
        sources={
            "sales": {"columns": columns, "unit": "unit", "dimensions": ["kind"],
                      "checks": [{"unique": ["unit", "kind"]}, {"rows": "amount > 2"},
                                 {"refers": {"column": "kind", "table": "prices", "key": "kind"}},
                                 {"jump": {"column": "amount"}}]},
            "prices": {"columns": {"kind": "text", "price": "integer"}, "date": None},
            "priced": {"path": None, "base": "sales", "unit": "unit",
                       "joins": [{"table": "prices", "on": "kind"}]},
        },
        data={"sales": SALES, "prices": PRICES},
        ledgers={"units": "unit,label\nnorth,北\nsouth,南\n"},
    )  # fmt: skip


def everything(folder, period="2026-10", *, spans=None, by=((), ("kind",))):
    """All that is kept, and whether any table had to be read."""
    book = opsnb.open(folder, period)
    shared = book._shared
    spans = spans or [Span.of(book.period.shift(-months)) for months in (0, 1, 12)]
    metrics = list(book.company.metrics)
    found = {"tables": {name: book.load(name) for name in book.company.tables}}
    found["values"] = [book.values(metrics[:4] if dims else metrics, spans, by=dims)
                       for dims in by]  # fmt: skip
    found["coverage"] = {name: book.coverage(name) for name in book.company.fact_tables}
    found["rows"] = {name: shared.rows(name, spans[0]) for name in book.company.fact_tables}
    found["basis"] = book.basis(book.period)
    found["alerts"] = book.alerts
    try:
        book.check_gate()
    except GateError as error:
        found["gate"] = str(error)
    return found, shared.engine._opened is not None


def assert_same(one, other):
    for a, b in zip(one.pop("values"), other.pop("values"), strict=True):
        pd.testing.assert_frame_equal(a.frame, b.frame, check_exact=True)
        assert dict(a.reasons) == dict(b.reasons)
        assert list(a.reasons) == list(b.reasons)
        for name in a.frame:
            assert a.frame[name].to_numpy().tobytes() == b.frame[name].to_numpy().tobytes()
    assert one == other


@pytest.fixture(params=["hand", "demonstration"])
def any_folder(request, folder):
    if request.param == "hand":
        return folder
    return request.getfixturevalue("demonstration")


def test_what_is_found_is_what_is_computed(any_folder, monkeypatch):
    dims = ((), ("kind",)) if any_folder.name == "c" else ((),)
    first, is_read = everything(any_folder, by=dims)
    assert is_read
    again, is_read = everything(any_folder, by=dims)
    assert not is_read, "a table was read to answer what was asked before"
    monkeypatch.setenv("OPSNB_CACHE", "off")
    plain, is_read = everything(any_folder, by=dims)
    assert is_read
    assert_same(dict(again), dict(first))
    assert_same(again, plain)


def test_rows_are_there_when_somebody_asks(folder):
    everything(folder)
    book = opsnb.open(folder, "2026-10")
    assert book.load("priced").rows == 6
    assert book._shared.engine._opened is None
    (total,) = book.engine.query("select sum(amount) as x from sales")["x"]
    assert total == pytest.approx(1.1 + 2.2 + 3.3 + 4.4 + 0.1)
    (joined,) = book.engine.query("select sum(amount * price) as x from priced")["x"]
    assert joined == pytest.approx((1.1 + 2.2) * 2 + 4.4 * 3)


CHANGES = {
    "a row": lambda f: _edit(f / "data/sales.csv", "3.30", "3.31"),
    "what is looked up": lambda f: _edit(f / "data/prices.csv", "b,3", "b,4"),
    "a definition": lambda f: _edit(f / "metrics.yaml", "avg(amount)", "max(amount)"),
    "a unit": lambda f: _edit(f / "ledgers/units.csv", "south,南", "south,南\nnowhere,无"),
    "a type": lambda f: _edit(f / "sources.yaml", "decimal(2)", "decimal(1)"),
}


def _edit(path, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_changes_is_computed_anew(folder, change, monkeypatch):
    everything(folder)
    CHANGES[change](folder)
    found, is_read = everything(folder)
    assert is_read
    monkeypatch.setenv("OPSNB_CACHE", "off")
    assert_same(found, everything(folder)[0])


def test_a_file_that_was_only_touched_tells_its_new_time(folder):
    before, _ = everything(folder)
    os.utime(folder / "data/sales.csv", (1.7e9, 1.7e9))
    after, is_read = everything(folder)
    assert not is_read
    assert after["tables"]["sales"].modified.timestamp() == 1.7e9
    assert after["tables"]["priced"].modified >= before["tables"]["prices"].modified
    assert after["tables"]["sales"].files[0].sha256 == before["tables"]["sales"].files[0].sha256


def test_a_file_that_changes_before_its_rows_are_read_is_refused(folder):
    """What was answered so far, and what would be answered now, are of two files."""
    everything(folder)
    book = opsnb.open(folder, "2026-10")
    book.load("sales")
    _edit(folder / "data/sales.csv", "3.30", "9.99")
    with pytest.raises(ChangedError, match=r"sales\.csv"):
        book.values(["amount"], [Span.of(book.period.shift(-2))])
    with pytest.raises(ChangedError, match=r"sales\.csv"):
        book.engine.query("select * from sales")


def test_a_folder_that_is_moved_finds_the_same(folder, tmp_path):
    first, _ = everything(folder)
    moved = tmp_path / "elsewhere"
    shutil.copytree(folder, moved)
    found, is_read = everything(moved)
    assert not is_read
    assert found["rows"] == first["rows"]


def test_elements_that_are_no_texts_are_not_kept():
    index = pd.MultiIndex.from_tuples([("2026-10", "all", 1)], names=["span", "unit", "n"])
    with pytest.raises(TypeError):
        pack_values(Values(pd.DataFrame({"a": [1.0]}, index=index)))
    index = pd.MultiIndex.from_tuples(
        [("2026-10", "all", np.nan), ("2026-10", "all", "x")], names=["span", "unit", "n"]
    )
    values = Values(pd.DataFrame({"a": [1.0, -0.0]}, index=index))
    found = unpack_values(pack_values(values))
    pd.testing.assert_frame_equal(found.frame, values.frame)
    assert np.signbit(found.frame["a"].iloc[1])
