import pytest

from opsnb.errors import ParameterError
from opsnb.reports import report
from opsnb.runs.parameters import build, check, papermill_values

MONTHLY = report("monthly_operations")


def test_what_is_given_stands_above_the_file_and_a_setting_above_both(company):
    params = build(MONTHLY, str(company), {"period": "2026-09", "unit": None, "locale": None})
    assert params.company == str(company)  # the file says params/little
    assert (params.period, params.unit, params.locale) == ("2026-09", "all", None)
    assert params.key_metrics == ["revenue", "margin"]
    assert params.trend_months == 12
    settings = ["trend_months=24", "key_metrics=[orders]", "unit = north", "period=2026-08"]
    params = build(MONTHLY, str(company), {"period": "2026-09"}, settings)
    assert (params.trend_months, params.key_metrics) == (24, ["orders"])
    assert (params.unit, params.period) == ("north", "2026-08")


def test_a_company_without_a_file_has_the_defaults(company):
    (company / "monthly_operations.yaml").unlink()
    params = build(MONTHLY, str(company), {})
    assert params == MONTHLY.params(company=str(company))


def test_text_that_looks_like_a_number_stays_text(company):
    """papermill's -p makes 001 the number 1; here a unit keeps its zeros."""
    assert build(MONTHLY, str(company), {}, ["unit=001"]).unit == "001"
    assert build(MONTHLY, str(company), {"unit": "001"}).unit == "001"


def test_what_papermill_is_told_can_be_told_again(company):
    params = build(MONTHLY, str(company), {"period": "2026-09"})
    assert check(MONTHLY, papermill_values(params)) == params


@pytest.mark.parametrize(
    ("values", "form"),
    [
        ({"period": 202610}, "text, such as 2026-10"),
        ({"period": 2026}, "text, such as '2026'"),
        ({"period": 2026.1}, "text, such as 2026-10"),
        ({"unit": 1}, "a valid string"),
        ({"trend_months": "24"}, "a valid integer"),
        ({"trend_months": True}, "a valid integer"),
        ({"metrics": "revenue"}, "a valid list"),
        ({"metrics": [1]}, "a valid string"),
    ],
)
def test_a_value_of_another_type_is_not_turned_into_the_right_one(values, form):
    with pytest.raises(ParameterError) as raised:
        check(MONTHLY, {"company": "demo"} | values)
    assert raised.value.expected.startswith(form)
    assert raised.value.exit_code == 2


def test_a_missing_parameter_is_named():
    with pytest.raises(ParameterError, match="parameter 'company' is missing"):
        check(MONTHLY, {})
