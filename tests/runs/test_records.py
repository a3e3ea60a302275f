"""results.parquet and findings.parquet, held against the notebook and a second derivation."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pandas as pd
import pyarrow.parquet as pq
import pytest

from opsnb.errors import OpsnbError
from opsnb.runs.records import write_records

# The list of EXECUTION's contract: what a query over all runs may rely on.
RUN = ["schema", "run_id", "created_at", "company", "report", "period", "unit"]
KEYS = ["result", "metric", "measure", "by", "target_period", "level"]
RESULTS = [*RUN, *KEYS, "value", "reason", "unit_of_measure", "key", "caveats"]
RUN_IDENTITY = dict.fromkeys(RUN[1:], "x")
NUMBERS = ("metric", "difference", "ratio", "points", "charted", "count", "number")


def test_columns_are_those_of_the_contract(first):
    schema = pq.read_schema(first.folder / "results.parquet")
    assert schema.names == RESULTS
    types = {field.name: str(field.type) for field in schema}
    assert types == dict.fromkeys(RESULTS, "string") | {
        "schema": "int32", "level": "double", "value": "double",
    }  # fmt: skip


def test_a_key_is_unique_within_its_result_and_names_its_parts(first):
    table = first.table("results")
    assert not table.duplicated(["result", "key"]).any()
    parts = ["metric", "measure", "unit", "period", "by", "target_period"]
    for row in table.sample(50, random_state=1).to_dict("records"):
        level = "" if math.isnan(row["level"]) else f"{row['level']:g}"
        assert row["key"] == "|".join([*(row[name] for name in parts), level])


def test_every_number_shown_is_recorded_and_no_other(first):
    """Rows that two results share (the history of scorecard and cards) are one row."""
    shown = set()
    for result in first.shown:
        for row, values in enumerate(result.frame.to_dict("records")):
            key = tuple(str(values[name]) for name in result.keys)
            for column in result.columns:
                if column.unit in NUMBERS:
                    reason = result.reasons.get((row, column.name))
                    value = None if reason else float(values[column.name])
                    shown.add((result.name, column.name, key, value, reason))
    table = first.table("results")
    table = table[table["result"] != "findings"]
    assert len(table) == len(shown)
    keys = ["result", "measure"]
    expected = pd.DataFrame([(r, m, v) for r, m, _, v, _ in shown], columns=[*keys, "value"])
    for how in ("size", "count", "sum"):
        left, right = (getattr(f.groupby(keys)["value"], how)() for f in (expected, table))
        pd.testing.assert_series_equal(left, right, rtol=1e-12)


def test_one_key_with_two_values_is_refused(first, tmp_path):
    result = first.shown[0].part("cards")
    column = result.frame.columns.get_loc("actual")
    other = result.frame.copy()
    other.iloc[0, column] += 1
    with pytest.raises(OpsnbError, match=r"result 'cards': revenue\|actual\|.* has two values"):
        write_records(tmp_path, [result, replace(result, frame=other)], RUN_IDENTITY)


def test_a_missing_value_has_a_reason_and_a_present_one_has_none(first):
    table = first.table("results")
    assert (table["value"].isna() == table["reason"].notna()).all()
    assert table["reason"].notna().any()


@pytest.fixture(scope="module")
def frame(little_lines):
    frame = pd.DataFrame(little_lines)
    return frame.assign(
        month=frame["day"].str[:7],
        amount=frame["amount"].astype(float),
        cost=frame["cost"].astype(float),
    )


def scorecard(run, metric, measure="actual"):
    table = run.table("results")
    row = table[
        (table["result"] == "scorecard")
        & (table["metric"] == metric)
        & (table["measure"] == measure)
    ]
    return row["value"].item()


def test_values_are_those_of_the_data(first, frame):
    october = frame[frame["month"] == "2026-10"]
    revenue = october["amount"].sum()
    assert scorecard(first, "revenue") == pytest.approx(revenue, rel=1e-12)
    assert scorecard(first, "orders") == october["order_id"].nunique()
    assert scorecard(first, "margin") == pytest.approx(1 - october["cost"].sum() / revenue)
    before = frame[frame["month"] == "2025-10"]["amount"].sum()
    assert scorecard(first, "revenue", "yoy") == pytest.approx(revenue / before - 1)
    assert scorecard(first, "revenue", "attainment") == pytest.approx(revenue / 2000)
    year = frame[frame["month"].between("2026-01", "2026-10")]
    assert scorecard(first, "revenue", "ytd") == pytest.approx(year["amount"].sum())


def test_units_and_history_are_those_of_the_data(first, frame):
    table = first.table("results")
    below = table[
        (table["result"] == "units")
        & (table["metric"] == "revenue")
        & (table["measure"] == "actual")
    ]
    october = frame[frame["month"] == "2026-10"].groupby("unit")["amount"].sum()
    assert below.set_index("unit")["value"].to_dict() == pytest.approx(october.to_dict())
    history = table[(table["result"] == "trend") & (table["measure"] == "value")]
    months = frame.groupby("month")["amount"].sum().iloc[-12:]
    assert history.set_index("period")["value"].to_dict() == pytest.approx(months.to_dict())


def test_findings_are_those_of_the_notebook(first):
    table = first.table("findings")
    shown = [(r.name, f.code, f.metric, f.severity) for r in first.shown for f in r.findings]
    columns = ["result", "code", "metric", "severity"]
    assert sorted(map(tuple, table[columns].to_numpy())) == sorted(shown)
    assert len(table) > 0
    for evidence in table["evidence"]:
        assert isinstance(json.loads(evidence), dict)
