"""The units ledger: a tree, and where each unit stood from when to when."""

import datetime as dt

import pytest

from opsnb.company import Company
from opsnb.data.ledgers import targets, units
from opsnb.errors import SettingsError
from opsnb.period import Period

UNITS = "unit,label,parent\nnorth,北区,\nn1,北一,north\n"


def test_an_absent_ledger_is_an_empty_one(company):
    made = company()
    assert [unit.id for unit in units(made)] == ["all"]
    assert targets(made, units(made)).value("revenue", "all", Period.parse("2026-10")) is None


@pytest.mark.parametrize(
    "content", ["unit,label\n", "unit,label", "\ufeffunit,label\r\n", "unit,label\n\n,\n"]
)
def test_a_ledger_without_rows_is_an_empty_one(company, content):
    assert [unit.id for unit in units(company(units=content))] == ["all"]


def test_units_are_read_with_labels_and_days(company):
    found = units(
        company(
            units="label_en,unit,label,opened,closed,parent\n"
            "North, north ,北区,2026-01-01,,\n,n1,北一,,2026-10-31,north\n"
        )
    )
    assert found["north"].label == {"zh": "北区", "en": "North"}
    assert found["n1"].label == {"zh": "北一", "en": "北一"}
    assert found["north"].opened == dt.date(2026, 1, 1)
    assert found["n1"].closed == dt.date(2026, 10, 31)
    assert found.ancestors("n1") == ["n1", "north", "all"]


@pytest.mark.parametrize(
    ("content", "place", "words"),
    [
        ("unit,label\n../../x,X\n", "row 2, column unit", "'../../x' is not an id"),
        ("unit,label\n..,X\n", "row 2, column unit", "'..' is not an id"),
        ("unit,label\n北,X\n", "row 2, column unit", "'北' is not an id"),
        (f"unit,label\n{'a' * 41},X\n", "row 2, column unit", "is not an id"),
        ("unit,label\n,X\n", "row 2, column unit", "the cell is empty"),
        ("unit,label\na,A\na,B\n", "row 3, column unit", "'a' stands twice; expected it in row 2"),
        ("unit,label\nall,X\n", "row 2, column unit", "as the root in company.yaml"),
        ("unit,label\n\n\na,A\n\na,B\n", "row 6, column unit", "expected it in row 4"),
        ("unit,label\na,\n", "row 2, column label", "the cell is empty"),
        ("unit,label,parent\na,A,b\n", "row 2, column parent", "unknown parent 'b'"),
        (UNITS + "n2,x,nroth\n", "row 4, column parent", "did you mean 'north'"),
        ("unit,label,opened\na,A,2026-13-01\n", "row 2, column opened", "is not a day"),
        ("unit,label,opened\na,A,1730764800\n", "row 2, column opened", "is not a day"),
        (
            "unit,label,opened,closed\na,A,2026-02-01,2026-01-31\n",
            "row 2, column closed",
            "before it opened",
        ),
        ("unit,label\na,A,x\n", "row 2", "the row has 3 cells; expected 2"),
        ("unit,label\na\n", "row 2", "the row has 1 cells; expected 2"),
        ("unit,labl\na,A\n", "row 1", "unknown column 'labl'"),
        ("unit\na\n", "row 1", "no column 'label'"),
        ("unit,label,label\na,A,B\n", "row 1", "column 'label' stands twice"),
        ("unit,label,\na,A,\n", "row 1", "unknown column ''"),
        ("", "row 1", "no column 'unit'"),
    ],
)
def test_a_fault_in_the_units_has_a_row_and_a_column(company, content, place, words):
    with pytest.raises(SettingsError) as caught:
        units(company(units=content))
    assert str(caught.value).startswith(f"units.csv, {place}: ")
    assert words in str(caught.value)


def test_units_in_a_circle_are_refused(company):
    with pytest.raises(SettingsError, match="a -> b -> a form a circle"):
        units(company(units="unit,label,parent\na,A,b\nb,B,a\n"))


def test_the_word_for_the_whole_company_is_no_unit(company, write_company, tmp_path):
    folder = write_company(
        tmp_path / "other",
        metrics={"revenue": {"table": "sales", "measure": "sum(amount)"}},
        sources={"sales": {"columns": {"day": "date", "amount": "number"}}},
        data={},
        ledgers={"units": "unit,label\nall,X\n"},
        root={"id": "group"},
    )
    with pytest.raises(SettingsError, match=r"row 2, column unit: 'all' stands for the whole"):
        units(Company(folder))


@pytest.mark.parametrize(
    "content",
    [
        'unit,label\na,"A\nb,B\n',
        b"unit,label\na,\xff\n",
        "unit,label\n" + "a" * 200_000 + ",A\n",
        'unit,label\na,"A"B\n',
    ],
    ids=["open quote", "not UTF-8", "long cell", "quote inside"],
)
def test_a_file_that_is_no_table_is_refused(company, content):
    """An open quotation mark would swallow the rows below it."""
    with pytest.raises(SettingsError, match=r"^units\.csv"):
        units(company(units=content))


MOVED = (
    "unit,label,parent,opened,closed\n"
    "north,北区,,,\nsouth,南区,,,\n"
    "w,西店,north,,2026-06-30\nw,西部店,south,2026-07-01,\n"
    "v,老店,north,2024-03-01,2026-04-30\n"
)


def month(text):
    return Period.parse(text).first


def test_a_unit_that_moved_has_a_row_for_each_place(company):
    found = units(company(units=MOVED))
    assert found.ancestors("w") == ["w", "south", "all"]
    assert found.ancestors("w", month("2026-06")) == ["w", "north", "all"]
    assert found.ancestors("w", month("2026-07")) == ["w", "south", "all"]
    assert found["w"].opened is None
    assert found["w"].label["zh"] == "西部店"
    assert found.aliases["西店"] == found.aliases["西部店"] == "w"
    assert found["v"].opened == dt.date(2024, 3, 1)
    assert found["v"].closed == dt.date(2026, 4, 30)


def test_the_order_of_the_rows_does_not_matter(company):
    header, *rows = MOVED.splitlines()
    turned = units(company(units="\n".join([header, *reversed(rows)])))
    assert turned.bridge == units(company(units=MOVED)).bridge


@pytest.mark.parametrize(
    ("rows", "place", "words"),
    [
        ("w,W,north,,2026-06-30\nw,W,south,2026-07-02,\n", "row 5, column opened", "has a gap"),
        ("w,W,north,,2026-06-30\nw,W,south,2026-06-30,\n", "row 5, column opened", "an overlap"),
        ("w,W,north,,2026-06-30\nw,W,south,2025-07-01,\n", "row 5, column opened", "2026-07-01"),
        ("w,W,north,,\nw,W,south,2026-07-01,\n", "row 5, column unit", "stands twice"),
        ("w,W,north,,2026-06-30\nw,W,south,,\n", "row 5, column unit", "opened the day after"),
        ("w,W,north,,2026-06-30\nw,W,suoth,2026-07-01,\n", "row 5, column parent", "'south'"),
        ("w,W,north,2026-07-01,2026-06-30\n", "row 4, column closed", "before it opened"),
        (
            "w,W,,,2026-06-30\nw,W,x,2026-07-01,\nx,X,w,,\n",
            "row 5, column parent",
            "w -> x -> w form a circle",
        ),
        (
            "w,W,x,,2026-06-30\nw,W,,2026-07-01,\nx,X,w,,\n",
            "row 4, column parent",
            "form a circle in 2026-06",
        ),
        (
            "c,C,,,2026-06-30\nw,W,c,,\n",
            "row 5, column closed",
            "unit 'w' is under 'c', which closed on 2026-06-30; expected 2026-06-30 or earlier",
        ),
        (
            "c,C,,2026-02-01,\nw,W,c,2026-01-31,\n",
            "row 5, column opened",
            "unit 'w' is under 'c', which opened on 2026-02-01",
        ),
    ],
)  # fmt: skip
def test_rows_over_time_follow_on_each_other(company, refused, rows, place, words):
    made = company(units="unit,label,parent,opened,closed\nnorth,N,,,\nsouth,S,,,\n" + rows)
    found = refused(units, made)
    assert found.startswith(f"units.csv, {place}: ")
    assert words in found


def test_what_is_opened_and_closed_with_its_parent_needs_no_days_of_its_own(company):
    rows = "c,C,,2026-02-01,2026-06-30\nw,W,c,,2026-06-30\n"
    assert units(company(units="unit,label,parent,opened,closed\n" + rows)).leaves("all") == ["w"]
