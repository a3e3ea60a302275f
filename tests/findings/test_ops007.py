"""OPS007: values that are not of their column's type. It applies to every table."""

from opsnb.findings.rules import unparsed


def test_it_fires_with_the_first_of_them(table_case, is_about_the_case):
    examples = [(7, "金额", "1,000", "decimal(2)"), (9, "x", "?", "integer")]
    finding = unparsed(table_case(unparsed=1234, examples=examples))
    is_about_the_case(finding, "OPS007")
    assert finding.severity == "grey"
    assert finding.evidence == {
        "table": "sales",
        "count": 1234,
        "file": "sales.csv",
        "row": 7,
        "column": "金额",
        "value": "1,000",
        "expected": "decimal(2)",
    }


def test_it_does_not_fire_when_all_parsed(table_case):
    assert unparsed(table_case()) is None


def test_of_a_table_that_is_only_looked_up_it_is_no_news_of_the_month(table_case):
    assert (
        unparsed(
            table_case(looked_up=True, unparsed=1, examples=[(7, "x", "?", "integer")])
        ).severity
        == "info"
    )
