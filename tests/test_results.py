"""Results: nothing missing without a reason, nothing lost on the way through JSON."""

import json
from dataclasses import replace

import jsonschema
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsnb.results import REASONS, Column, Finding, NotApplicable, Result

NAMES = st.text("abcdef_", min_size=1, max_size=4)
SCHEMA = {
    "$defs": {
        "result": {
            "type": "object",
            "additionalProperties": False,
            "required": ["schema", "name", "columns", "data", "reasons", "findings", "provenance"],
            "properties": {
                "schema": {"const": 1},
                "name": {"type": "string"},
                "columns": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["name", "dtype", "unit"],
                        "properties": {
                            "name": {"type": "string"},
                            "dtype": {"enum": ["float", "int", "bool", "text"]},
                            "unit": {"type": "string"},
                        },
                    },
                },
                "data": {
                    "type": "array",
                    "items": {
                        "type": "array",
                        "items": {"type": ["number", "string", "boolean", "null"]},
                    },
                },
                "reasons": {"type": "object", "additionalProperties": {"enum": list(REASONS)}},
                "findings": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["code", "severity", "metric", "unit", "period", "evidence"],
                        "properties": {
                            "code": {"type": "string", "pattern": r"^OPS\d{3}$"},
                            "severity": {"enum": ["info", "yellow", "orange", "red", "grey"]},
                            "evidence": {
                                "type": "object",
                                "additionalProperties": {"type": ["number", "string", "null"]},
                            },
                        },
                    },
                },
                "notes": {"type": "array", "items": {"type": "string"}},
                "parts": {"type": "array", "items": {"$ref": "#/$defs/result"}},
                "provenance": {"type": "object"},
            },
        }
    },
    "$ref": "#/$defs/result",
}
FINDING = Finding("OPS001", "red", "revenue", "all", "2026-10", {"actual": 1.5, "units": "a,b"})


def result(values, unit="metric", **more):
    """One column of numbers beside a key; every gap gets a reason."""
    frame = pd.DataFrame({"metric": [f"m{i}" for i in range(len(values))], "value": values})
    gaps = {(i, "value"): REASONS[0] for i in np.flatnonzero(frame["value"].isna())}
    columns = (Column("metric", "key"), Column("value", unit))
    return Result("sample", frame, columns, gaps, **more)


def round_trip(given_result):
    text = json.dumps(given_result.to_bundle(), allow_nan=False, ensure_ascii=False)
    bundle = json.loads(text)
    jsonschema.validate(bundle, SCHEMA)
    return Result.from_bundle(bundle)


@st.composite
def results(draw, depth=1):
    rows = draw(st.integers(0, 4))
    kinds = {
        "float": (st.floats(allow_infinity=False), "float64"),
        "int": (st.integers(-(2**63), 2**63 - 1) | st.none(), "Int64"),
        "bool": (st.booleans() | st.none(), "boolean"),
        "text": (st.text(max_size=5) | st.none(), "object"),
    }
    frame, columns, reasons = pd.DataFrame(index=range(rows)), [], {}
    for name in draw(st.lists(NAMES, min_size=1, max_size=4, unique=True)):
        kind = draw(st.sampled_from(sorted(kinds)))
        values, dtype = kinds[kind]
        cells = draw(st.lists(values, min_size=rows, max_size=rows))
        frame[name] = pd.Series(cells, dtype=dtype, index=range(rows))
        columns.append(Column(name, "text" if kind == "text" else "count"))
        if kind != "text":
            for row in np.flatnonzero(frame[name].isna()):
                reasons[int(row), name] = draw(st.sampled_from(REASONS))
    parts = tuple(draw(st.lists(results(depth=depth - 1), max_size=2))) if depth else ()
    evidence = draw(st.dictionaries(NAMES, st.floats(allow_nan=False, allow_infinity=False)))
    return Result(
        draw(NAMES),
        frame,
        tuple(columns),
        reasons,
        findings=(replace(FINDING, evidence=evidence),),
        notes=tuple(draw(st.lists(NAMES, max_size=2))),
        parts=parts,
        provenance={"unit": "all", "rows": draw(st.integers(0, 9))},
    )


@given(results())
def test_a_result_comes_back_from_json_as_it_was(given_result):
    back = round_trip(given_result)
    assert_equal(back, given_result)
    assert back.digest() == given_result.digest()


def assert_equal(left, right):
    pd.testing.assert_frame_equal(left.frame, right.frame, check_exact=True)
    for name in ("name", "columns", "reasons", "findings", "notes", "provenance"):
        assert getattr(left, name) == getattr(right, name)
    for one, other in zip(left.parts, right.parts, strict=True):
        assert_equal(one, other)


@given(
    values=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=5),
    other=st.floats(allow_nan=False, allow_infinity=False),
    data=st.data(),
)
def test_the_digest_changes_with_any_value(values, other, data):
    row = data.draw(st.integers(0, len(values) - 1))
    changed = [*values]
    changed[row] = other
    same = result(values).digest() == result(changed).digest()
    assert same is (repr(values[row]) == repr(other))


def test_the_digest_knows_reasons_findings_and_provenance():
    plain = result([None, 1.0])
    others = [
        replace(plain, reasons={(0, "value"): "no target"}),
        replace(plain, findings=(FINDING,)),
        replace(plain, findings=(replace(FINDING, evidence={"actual": 1.25}),)),
        replace(plain, provenance={"unit": "north"}),
        replace(plain, name="other"),
        replace(plain, parts=(plain,)),
        result([1.0, None]),
        result([None, 1.0], unit="ratio"),
    ]
    assert len({plain.digest(), *(other.digest() for other in others)}) == len(others) + 1


@pytest.mark.parametrize("unit", ["metric", "difference", "ratio", "points", "count"])
def test_a_missing_number_needs_a_reason(unit):
    frame = pd.DataFrame({"metric": ["a", "b"], "value": [1.0, None]})
    columns = (Column("metric", "key"), Column("value", unit))
    with pytest.raises(ValueError, match="row 1, column value is missing without a reason"):
        Result("sample", frame, columns)
    made = Result("sample", frame, columns, {(1, "value"): "no target"})
    assert made.cell(1, "value") == NotApplicable("no target")
    assert made.cell(0, "value") == 1.0


def test_a_reason_belongs_to_a_gap_and_is_a_known_one():
    frame = pd.DataFrame({"value": [1.0, None]})
    columns = (Column("value", "metric"),)
    for spare in [(0, "value"), (2, "value"), (1, "vaule")]:
        with pytest.raises(ValueError, match="a reason, but no gap"):
            Result("sample", frame, columns, {(1, "value"): "no target", spare: "no target"})
    with pytest.raises(ValueError, match="unknown reason 'because'"):
        Result("sample", frame, columns, {(1, "value"): "because"})
    with pytest.raises(ValueError, match="unknown reason"):
        NotApplicable("because")


@pytest.mark.parametrize("infinity", [float("inf"), float("-inf"), np.float64("inf")])
def test_infinity_never_enters(infinity):
    with pytest.raises(ValueError, match="column value holds infinity"):
        result([1.0, infinity])
    for value in (infinity, float("nan")):
        with pytest.raises(ValueError, match="not JSON compliant"):
            result([1.0], findings=(replace(FINDING, evidence={"x": value}),)).to_bundle()
        with pytest.raises(ValueError, match="not JSON compliant"):
            result([1.0], provenance={"x": [value]}).to_bundle()


def test_columns_are_those_of_the_frame_each_once():
    frame = pd.DataFrame({"a": [1.0], "b": [2.0]})
    a, b = Column("a", "count"), Column("b", "count")
    for columns in [(a,), (b, a), (a, b, b)]:
        with pytest.raises(ValueError, match="columns"):
            Result("sample", frame, columns)
    twice = pd.DataFrame([[1.0, 2.0]], columns=["a", "a"])
    with pytest.raises(ValueError, match="columns"):
        Result("sample", twice, (a, a))


def test_numbers_of_numpy_and_days_become_plain():
    frame = pd.DataFrame(
        {
            "i": np.array([2**62 + 1], dtype="int64"),
            "b": np.array([True]),
            "d": pd.to_datetime(["2026-10-31"]),
            "f": np.array([0.1], dtype="float64"),
        }
    )
    columns = (Column("i", "count"), Column("b", "text"), Column("d", "date"), Column("f", "ratio"))
    finding = replace(FINDING, evidence={"n": np.int64(3), "x": np.float64(0.5)})
    bundle = Result("sample", frame, columns, findings=(finding,)).to_bundle()
    assert bundle["data"] == [[2**62 + 1, True, "2026-10-31 00:00:00", 0.1]]
    assert [type(value) for value in bundle["data"][0]] == [int, bool, str, float]
    assert json.loads(json.dumps(bundle["findings"][0]["evidence"])) == {"n": 3, "x": 0.5}


def test_a_record_of_another_schema_is_refused():
    bundle = result([1.0]).to_bundle() | {"schema": 2}
    with pytest.raises(ValueError, match="result schema 2, this version reads 1"):
        Result.from_bundle(bundle)


def test_keys_metrics_and_parts_are_found():
    part = replace(result([1.0]), name="history")
    made = replace(result([1.0, 2.0]), parts=(part,))
    assert made.keys == ("metric",)
    assert made.metrics == ["m0", "m1"]
    assert made.part("history") is part
    with pytest.raises(KeyError, match="nothing"):
        made.part("nothing")
