"""OPS009: rows whose key another table does not have. It applies to every table."""

from opsnb.findings.rules import unmatched


def test_it_fires_with_all_rows_and_the_tables(table_case, is_about_the_case):
    finding = unmatched(table_case(unmatched={"customers": 3, "products": 4}))
    is_about_the_case(finding, "OPS009")
    assert finding.severity == "grey"
    assert finding.evidence == {"table": "sales", "rows": 7, "tables": "customers,products"}


def test_it_does_not_fire_when_every_key_is_found(table_case):
    assert unmatched(table_case()) is None
