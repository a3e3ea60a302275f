"""OPS006: rows name units that nobody knows. It applies to every table."""

from opsnb.findings.rules import unknown_units


def test_it_fires_with_the_rows_and_some_of_the_names(table_case, is_about_the_case):
    unknown = {name: i for i, name in enumerate("gfedcba", start=1)}
    finding = unknown_units(table_case(unknown=unknown))
    is_about_the_case(finding, "OPS006")
    assert finding.severity == "grey"
    assert finding.evidence == {"table": "sales", "rows": 28, "values": "a, b, c, d, e"}


def test_rows_without_any_unit_have_no_name(table_case):
    assert unknown_units(table_case(unknown={"": 3, "x": 1})).evidence["values"] == "x"
    assert unknown_units(table_case(unknown={"": 3})).evidence == {"table": "sales", "rows": 3}


def test_it_does_not_fire_when_all_are_known(table_case):
    assert unknown_units(table_case()) is None
