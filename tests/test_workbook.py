"""The workbook: what is refused when it is opened, what is read when, and what it tells."""

import json

import pytest

import opsnb
from opsnb.errors import (
    ExpressionError,
    NotReadyError,
    ParameterError,
    PeriodError,
    SettingsError,
    SourceError,
    UnknownNameError,
)
from opsnb.metrics.spans import Span
from opsnb.workbook import Workbook

COLUMNS = {"day": "date", "unit": "text", "a": "integer"}
DATA = "day,unit,a\n2026-08-05,n1,1\n2026-09-05,n2,2\n2026-10-05,n1,4\n2026-10-06,s,8\n"
UNITS = "unit,label,parent\nnorth,N,\nn1,N1,north\nn2,N2,north\ns,S,\n"


@pytest.fixture
def folder(write_company, tmp_path):
    """Write a company of two tables, with changes."""

    def folder(metrics=None, data=None, **more):
        return write_company(
            tmp_path / "tiny",
            metrics={"flow": {"table": "sales", "measure": "sum(a)"}} | (metrics or {}),
            sources={
                "sales": {"unit": "unit", "columns": COLUMNS},
                "costs": {"columns": {"day": "date", "a": "integer"}},
            },
            data={"sales": DATA, "costs": "day,a\n2026-10-05,1\n"} | (data or {}),
            ledgers={"units": UNITS},
            **more,
        )

    return folder


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"period": "2026-13"}, PeriodError, "expected 01 to 12"),
        ({"period": "202610"}, PeriodError, "expected 2026-10"),
        ({"period": "2026"}, ParameterError, "is a year; expected a month"),
        ({"period": "2026-Q3"}, ParameterError, "is a quarter; expected a month"),
        ({"unit": "nroth"}, UnknownNameError, "did you mean 'north'"),
        ({"unit": "../../x"}, UnknownNameError, "unknown unit"),
        ({"locale": "fr"}, ParameterError, "unknown locale 'fr'"),
    ],
)
def test_a_wrong_parameter_is_refused(folder, given, error, words):
    with pytest.raises(error, match=words) as caught:
        opsnb.open(folder(), **({"period": "2026-10"} | given))
    assert caught.value.exit_code == 2


def test_a_wrong_metric_is_refused_before_anything_is_read(folder):
    made = folder(metrics={"bad": {"table": "sales", "measure": "sum(b)"}})
    (made / "data/sales.csv").unlink()
    with pytest.raises(UnknownNameError, match=r"metrics\.yaml, line \d+: unknown column 'b'"):
        opsnb.open(made, "2026-10")


def test_tables_are_read_when_they_are_asked_for(folder):
    made = folder()
    (made / "data/costs.csv").unlink()
    workbook = Workbook.open(made, "2026-10")
    values = workbook.values(["flow"], [workbook.period])
    assert values.value("flow", Span.of(workbook.period), "all") == 12
    with pytest.raises(SourceError, match=r"no file costs\.csv"):
        workbook.load("costs")


def test_the_last_closed_month_and_the_locale_are_the_companys(folder):
    workbook = opsnb.open(folder(as_of="2026-11-04", locale="en"), "last-closed")
    assert (str(workbook.period), workbook.locale) == ("2026-09", "en")


def test_all_stands_for_the_root_whatever_it_is_called(folder):
    made = folder(root={"id": "group"})
    for unit in ("all", "group", None):
        workbook = opsnb.open(made, "2026-10", unit)
        assert workbook.unit == "group"
        value = workbook.values(["flow"], [workbook.period])
        assert value.value("flow", Span.of(workbook.period), "group") == 12


@pytest.mark.parametrize(
    ("data", "period", "unit", "words"),
    [
        ({"sales": "day,unit,a\n"}, "2026-10", "all", "the table is empty"),
        ({}, "2026-11", "all", "a month from 2026-08 to 2026-10"),
        ({}, "2026-07", "all", "a month from 2026-08 to 2026-10"),
        ({}, "2026-10", "n2", "no data for 'n2' in 2026-10"),
        ({"sales": "day,unit,a\n,n1,1\n", "costs": "day,a\nx,1\n"}, "2026-10", "all", "no data"),
    ],
)
def test_a_period_without_data_is_not_ready(folder, data, period, unit, words):
    made = folder(data=data)
    with pytest.raises(NotReadyError, match=words) as caught:
        opsnb.open(made, period, unit)
    assert str(Workbook.open(made, period, unit).period) == period, "it may still be looked into"
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("unit", ["all", "north", "n1", "s"])
def test_a_unit_with_rows_is_ready(folder, unit):
    assert opsnb.open(folder(), "2026-10", unit).unit == unit


def test_what_is_measured_is_kept_and_shared_between_units(folder):
    workbook = opsnb.open(
        folder(metrics={"n": {"table": "sales", "measure": "count(*)"}}), "2026-10"
    )
    both = workbook.values(["flow", "n"], [workbook.period])
    assert workbook.for_unit("n1").values(["n"], [workbook.period]).frame.equals(both.frame[["n"]])
    twice = workbook.values(["n", "n"], [workbook.period])
    assert list(twice.frame.columns) == ["n"]


def test_missing_units_are_those_below(folder):
    workbook = opsnb.open(folder(), "2026-10")
    assert workbook.missing_units("flow") == {"sales": ["n2"]}
    assert workbook.for_unit("north").missing_units("flow") == {"sales": ["n2"]}
    assert workbook.for_unit("s").missing_units("flow") == {}


def test_a_metric_that_cannot_be_computed_is_named(folder):
    made = folder(metrics={"bad": {"table": "sales", "measure": "sum(unit)"}})
    workbook = opsnb.open(made, "2026-10")
    with pytest.raises(ExpressionError, match="metric 'bad' cannot be computed"):
        workbook.values(["flow", "bad"], [workbook.period])


def test_provenance_names_who_when_and_which_files(folder):
    workbook = opsnb.open(folder(), "2026-10", "n1")
    told = workbook.provenance(["flow"])
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert told["sources"].keys() == {"sales"}
    source = told["sources"]["sales"]
    assert (source["rows"], source["rows_in_period"], source["unparsed"]) == (4, 2, 0)
    assert told["metrics"]["flow"]["formula"] == "sum(a)"
    assert (told["period"], told["unit"], told["root"]) == ("2026-10", "n1", "all")
    assert told["units"]["n1"]["parent"] == "north"
    assert (told["closed"], told["as_of"]) == (True, "2026-11-05")
    assert (told["time_progress"]["days"], told["time_progress"]["days_total"]) == (304, 365)


def test_a_company_without_its_files_is_refused(tmp_path):
    (tmp_path / "x").mkdir()
    with pytest.raises(SettingsError, match=r"company\.yaml"):
        opsnb.open(tmp_path / "x", "2026-10")
