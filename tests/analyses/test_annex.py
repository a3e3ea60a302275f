"""The annex: files and definitions behind the numbers."""

import hashlib

import duckdb

from opsnb.analyses import definitions, sources


def test_every_source_is_named_with_its_hash_and_rows(tiny, tiny_folder, cells):
    result = sources(tiny())
    assert result.frame["table"].tolist() == ["sales", "stock", "staff"]
    for row in result.frame.to_dict("records"):
        path = tiny_folder / "data" / row["path"]
        assert row["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        lines = path.read_text().splitlines()[1:]
        assert row["rows"] == len(lines)
        assert row["rows_in_period"] == sum(line.startswith("2026-03") for line in lines)
        assert row["owner"] == f"{row['table']}部"
    assert result.frame["units_missing"].tolist() == ["", "south", ""]
    assert sources(tiny(unit="north")).frame["units_missing"].tolist() == ["", "", ""]


def test_every_definition_has_a_formula_and_sql_that_runs(tiny, tiny_folder):
    workbook = tiny()
    result = definitions(workbook)
    assert result.metrics == list(workbook.company.metrics)
    rows = {row["metric"]: row for row in result.frame.to_dict("records")}
    assert rows["revenue"]["formula"] == "sum(amount)"
    assert rows["margin"]["tables"] == "sales"
    plain = duckdb.connect()
    plain.execute(f"CREATE TABLE sales AS FROM '{tiny_folder}/data/sales.csv'")
    assert plain.execute(rows["revenue"]["sql"]).fetchall() == [(156,)]
    of_north = definitions(tiny(unit="north"), ["revenue"]).frame["sql"].item()
    assert plain.execute(of_north).fetchall() == [(90,)]


def test_definitions_may_be_chosen(tiny):
    assert definitions(tiny(), ["stock", "revenue"]).metrics == ["stock", "revenue"]
