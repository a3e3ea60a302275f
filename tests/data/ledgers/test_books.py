"""Ledgers as files: CSV or Excel, English or Chinese; cells are read exactly or refused."""

import datetime as dt
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

import opsnb
from opsnb.data.ledgers import LEDGERS, book, ledger, units
from opsnb.data.ledgers.cells import LedgerDay, Number

NUMBER, DAY = TypeAdapter(Number), TypeAdapter(LedgerDay)
NOTES = "period,unit,metric,cause,measure,author\n"


@pytest.fixture
def read(company):
    """Write ledgers and read one of them."""

    def read(name, **given):
        made = company(**given)
        return ledger(made, name, units(made))

    return read


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1200", 1200), ("1,200", 1200), ("1,234,567.89", 1234567.89), ("-3.5", -3.5),
        ("95%", 0.95), ("7%", 0.07), ("-0.3%", -0.003), ("１，２００", 1200), ("９５％", 0.95),
        ("−12", -12), ("+5", 5), ("1e6", 1e6), ("1,200%", 12),
    ],
)  # fmt: skip
def test_a_number_is_what_a_person_means_to_the_last_digit(text, value):
    assert NUMBER.validate_python(text) == value


@pytest.mark.parametrize(
    "text",
    ["1,00", "1.200,00", ",5", "12,34", "1,2000", "2万", "(5)", "¥5", "5 %%", "ten", "nan", "inf",
     "1e999", "0x10", "1 200", "1_000", "--5", "%", "."],
)  # fmt: skip
def test_what_could_mean_something_else_is_no_number(text):
    with pytest.raises(ValidationError, match=r"expected a finite number such as 1200"):
        NUMBER.validate_python(text)


@given(st.decimals(-(10**9), 10**9, places=4), st.booleans(), st.booleans())
def test_a_written_number_is_read_back(value, grouped, percent):
    text = f"{value:,}" if grouped else str(value)
    expected = float(value / Decimal(100)) if percent else float(value)
    assert NUMBER.validate_python(text + "%" * percent) == expected


def test_a_day_has_its_year_first():
    for text in ("2026-10-31", "2026/10/31", "２０２６/10/31"):
        assert DAY.validate_python(text) == dt.date(2026, 10, 31)
    assert DAY.validate_python("2026/1/5") == dt.date(2026, 1, 5)
    for text in ("31/10/2026", "10-31-2026", "2026-10/31", "2026-02-30", "45961", "2026.10.31"):
        with pytest.raises(ValidationError, match="is not a day; expected one such as 2026-10-31"):
            DAY.validate_python(text)


@pytest.mark.parametrize("name", LEDGERS)
def test_an_absent_ledger_has_its_columns_and_no_rows(read, name):
    found = read(name)
    assert list(found.columns) == LEDGERS[name].columns
    assert found.empty


def test_columns_are_typed_whether_the_file_has_them_or_not(read):
    found = read("targets", targets='metric,unit,period,value\nrevenue,all,2026-10,"1,200"\n')
    assert found.dtypes.astype(str).to_dict() == {
        "metric": "str", "unit": "str", "period": "str", "scenario": "str", "version": "Int64",
        "value": "float64", "approved_on": "datetime64[s]",
    }  # fmt: skip
    assert found.loc[0].to_dict() | {"approved_on": None} == {
        "metric": "revenue", "unit": "all", "period": "2026-10", "scenario": "target",
        "version": 1, "value": 1200.0, "approved_on": None,
    }  # fmt: skip
    assert pd.isna(found.at[0, "approved_on"])


def test_columns_metrics_and_units_may_be_called_by_their_chinese_names(read):
    chinese = read(
        "targets",
        units="编码,名称\nnorth,北区\n",
        targets="指标,单位,期间,目标值,批准日期\n收入,北区,2026-10,1200,2026/1/5\n"
        "毛利率,all,2026-10,31.5%,\n",
    )
    english = read(
        "targets",
        units="unit,label\nnorth,北区\n",
        targets="metric,unit,period,value,approved_on\nrevenue,north,2026-10,1200,2026-01-05\n"
        "margin,all,2026-10,0.315,\n",
    )
    pd.testing.assert_frame_equal(chinese, english)


def test_chinese_names_of_columns_lead_to_columns_that_are_there():
    for definition in LEDGERS.values():
        assert set(definition.chinese.values()) <= set(definition.columns)
        assert set(definition.heads.values()) <= set(definition.columns)
        assert set(definition.key) <= set(definition.columns)
        assert not set(definition.chinese) & set(definition.columns)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("notes", "period,cuase\n", "notes.csv, row 1: unknown column 'cuase'.*mean 'cause'"),
        ("notes", "期间,原應\n", "notes.csv, row 1: unknown column '原應'"),
        ("notes", "期间,period,cause\n", r"column 'period' stands twice \(as 期间 and period\)"),
        ("notes", "原因\n", "notes.csv, row 1: no column 'period'"),
        ("notes", "期间,原因\n2026-10,\n", "notes.csv, row 2, column 原因: the cell is empty"),
        ("notes", NOTES + "2026-10,all,revnue,x,,\n", "row 2, column metric.*mean 'revenue'"),
        ("notes", NOTES + "2026-10,al,,x,,\n", "row 2, column unit: unknown unit 'al'.*'all'"),
        ("notes", NOTES + "2026-10,,毛利润率,x,,\n", "unknown metric '毛利润率'.*mean '毛利率'"),
        ("notes", NOTES + "2026-10,,Revenu,x,,\n", "unknown metric 'Revenu'.*mean 'revenue'"),
        ("notes", NOTES + "202610,all,,x,,\n", "row 2, column period.*expected 2026-10"),
        ("notes", NOTES + "2026-10,,,x,,\n2026-10,,,x,,\n", r"row 3: the note stands twice .row 2"),
        (
            "benchmarks",
            "metric,period,source,value,percentile\nmargin,2026,s,30%,75\n",
            "row 2, column percentile: Input should be less than or equal to 1",
        ),
        ("rebases", "metric,date,cause\nrevenue,2026-13-01,x\n", "row 2, column date.*not a day"),
        (
            "actions",
            "id,period,action,owner,deadline\n1,2026-10,x,y,2026-11-01\n",
            "row 2, column finding: neither a finding nor a metric",
        ),
        (
            "actions",
            "id,metric,period,action,owner,deadline,status\n1,revenue,2026-10,x,y,2026-11-01,donne\n",
            "row 2, column status: 'donne' is not known.*did you mean 'done'",
        ),
        (
            "actions",
            "编号,指标,期间,行动,责任人,截止日期\n1,收入,2026-10,x,y,2026-11-01\n"
            "1,收入,2026-11,x,y,2026-11-01\n",
            r"actions.csv, row 3, column 编号: the action stands twice \(row 2\): 1",
        ),
    ],
)  # fmt: skip
def test_a_fault_is_named_by_file_row_and_column(company, refused, name, text, message):
    made = company(**{name: text})
    found = refused(ledger, made, name, units(made))
    assert pd.Series([found]).str.contains(message, regex=True)[0], found


def test_an_unknown_ledger_is_refused_with_the_nearest(company, refused):
    made = company()
    assert "no ledger 'note'" in refused(ledger, made, "note", units(made))
    assert "did you mean 'notes'?" in refused(ledger, made, "note", units(made))


def test_a_file_that_is_no_ledger_is_refused_rather_than_overlooked(company, refused):
    made = company(target="metric,unit,period,value\n")
    assert refused(units, made).startswith("target.csv: no ledger 'target'")
    assert "did you mean 'targets'?" in refused(units, made)


def test_a_form_that_is_not_read_is_refused_with_those_that_are(company, refused):
    made = company()
    (made.folder / "ledgers/targets.xls").write_bytes(b"")
    assert refused(units, made).endswith("expected targets.csv or targets.xlsx")


def test_locks_of_an_open_spreadsheet_and_hidden_files_do_not_count(company):
    made = company(units="unit,label\na,A\n")
    for name in ("~$units.xlsx", "~$targets.xlsx", ".~lock.units.csv#", "._units.csv", "notes.md"):
        (made.folder / "ledgers" / name).write_bytes(b"\x00")
    assert [unit.id for unit in units(made)] == ["all", "a"]


def test_a_file_in_the_encoding_of_an_old_excel_is_refused_with_the_right_one(company, refused):
    made = company(units="unit,label\na,华东\n".encode("gb18030"))
    assert refused(units, made).endswith("expected a file saved as CSV UTF-8, or as .xlsx")


def test_excel_and_csv_hold_the_same(company, write_excel, read):
    text = (
        "指标,单位,期间,版本,目标值,批准日期\n"
        "收入,all,2026-10,1,1234567.89,2026-01-05\n毛利率,all,2026,2,0.315,\n"
    )
    by_csv = read("targets", targets=text)
    made = company()
    (made.folder / "ledgers/targets.csv").unlink()
    rows = [
        ["指标", "单位", "期间", "版本", "目标值", "批准日期", None],
        ["收入", " all ", dt.datetime(2026, 10, 1), 1, 1234567.89, dt.date(2026, 1, 5)],
        [],
        ["毛利率", "all", 2026, 2, 0.315, None],
    ]
    write_excel(made.folder / "ledgers/targets.xlsx", 别的=[["x"]], targets=rows)
    pd.testing.assert_frame_equal(ledger(made, "targets", units(made)), by_csv)


def test_without_a_sheet_of_its_name_the_first_is_read(company, write_excel, refused):
    made = company()
    path = made.folder / "ledgers/units.xlsx"
    write_excel(path, 单位=[["编码", "名称"], ["001", "华东"]], 说明=[["x"]])
    assert [unit.id for unit in units(made)] == ["all", "001"]
    write_excel(path, 单位=[["编码", "名称"], ["001", None]])
    where = "units.xlsx, first sheet, row 2, column 名称"
    assert refused(units, made) == f"{where}: the cell is empty"
    write_excel(path, units=[["编码", "名称"], ["../x", "华东"]])
    assert refused(units, made).startswith("units.xlsx, sheet 'units', row 2, column 编码: ")


def test_in_csv_the_first_of_a_month_is_no_month(company, refused):
    """Only Excel turns 2026-10 into a day by itself."""
    made = company(notes="period,cause\n2026-10-01,x\n")
    assert "row 2, column period" in refused(ledger, made, "notes", units(made))


def test_an_empty_file_and_what_is_no_workbook_are_refused(company, write_excel, refused):
    made = company(units="")
    assert refused(units, made).startswith("units.csv, row 1: no column 'unit'")
    (made.folder / "ledgers/units.csv").unlink()
    write_excel(made.folder / "ledgers/units.xlsx", units=[])
    assert refused(units, made).startswith("units.xlsx")
    (made.folder / "ledgers/units.xlsx").write_bytes(b"unit,label\n")
    assert refused(units, made).startswith("units.xlsx: not an Excel workbook")


def test_a_ledger_given_twice_is_refused(company, write_excel, refused):
    made = company(units="unit,label\n")
    write_excel(made.folder / "ledgers/units.xlsx", units=[["unit", "label"]])
    assert "'units' is given twice: units.csv and units.xlsx" in refused(units, made)


def test_all_stands_for_the_root_whatever_it_is_called(company):
    notes = "period,unit,cause\n2026-10,all,x\n2026-10,group,y\n2026-10,,z\n"
    made = company({"root": {"id": "group"}}, units="unit,label,parent\na,A,all\n", notes=notes)
    known = units(made)
    assert known.ancestors("a") == ["a", "group"]
    assert ledger(made, "notes", known)["unit"].tolist() == ["group"] * 3


def test_a_book_knows_what_was_written(company):
    made = company(targets='metric,unit,period,value\nmargin,all,2026-10,"95%"\n')
    found = book(made.folder / "ledgers", "targets")
    assert found.text(2, "value") == "95%"
    assert found.text(2, "version") == ""
    assert found.rows[2].value == 0.95


def test_a_workbook_gives_a_copy(company):
    made = company(notes="period,cause\n2026-10,x\n")
    (made.folder / "data/sales.csv").write_text("day,amount\n2026-10-01,1\n", encoding="utf-8")
    workbook = opsnb.open(made.folder, "2026-10")
    mine = workbook.ledger("notes")
    mine.loc[0, "cause"] = "y"
    assert workbook.ledger("notes")["cause"].tolist() == ["x"]
