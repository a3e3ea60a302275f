"""Numbers and dates as people write them: read exactly, or not at all, and counted either way."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsnb.company import SourceColumn, Table
from opsnb.data.engine import DuckDB
from opsnb.data.sources import load
from opsnb.errors import SettingsError
from opsnb.period import FiscalYear, Period

FEW = settings(max_examples=25)  # each writes and reads a file
ALL = ["thousands", "full_width", "percent", "wan", "parentheses"]
FULL = str.maketrans("0123456789.,-%()", "０１２３４５６７８９．，－％（）")


@pytest.fixture(scope="module")
def engine():
    made = DuckDB()
    yield made
    made.close()


@pytest.fixture(scope="module")
def read_texts(engine, tmp_path_factory):
    """Texts of one column, read as a type; what was loaded, and the values."""
    folder = tmp_path_factory.mktemp("texts")

    def read_texts(texts, kind, **more):
        lines = ['"{}"'.format(text.replace('"', '""')) for text in texts]
        (folder / "a.csv").write_text("\n".join(["x", *lines]) + "\n", encoding="utf-8", newline="")
        spec = {"type": kind} | more
        table = Table(path="a.csv", label="T", columns={"x": spec})
        loaded = load(engine, "t", table, folder)
        found = engine.connection.execute("SELECT x FROM t ORDER BY _record").fetchall()
        return loaded, [value for (value,) in found]

    return read_texts


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12.5%", "0.125"),
        ("12.5 %", "0.125"),
        ("-3%", "-0.03"),
        ("1,234.50", "1234.50"),
        ("-12,345,678", "-12345678"),
        ("１２．５", "12.5"),
        ("１，２３４", "1234"),
        ("１２．５％", "0.125"),
        ("3.2万", "32000"),
        ("3.2万元", "32000"),
        ("1.5亿", "150000000"),
        ("1.5 亿元", "150000000"),
        ("1,234.5万", "12345000"),
        ("(1,234)", "-1234"),
        ("（1,234.5）", "-1234.5"),
        ("(3.2万)", "-32000"),
        ("−5", "-5"),
        ("–5.5", "-5.5"),
        ("+7", "7"),
        (" 8 ", "8"),
        ("1e3", "1000"),
        ("0", "0"),
    ],
)
def test_what_is_written_in_a_habit_is_read(read_texts, text, value):
    loaded, (found,) = read_texts([text], "decimal(4)", notation=ALL)
    assert (found, loaded.unparsed) == (Decimal(value), 0)


@pytest.mark.parametrize(
    "text",
    [
        "1,23", "12,34,567", "1,2345", ",123", "1,234,", "1.2.3", "%", "万", "亿", "()", "(", "5)",
        "(5", "--5", "(-5)", "-(5)", "3万5", "5%%", "5万%", "3万亿", "1.5亿万", "5 6", "五", "a",
        "nan", "inf", "￥5",
    ],
)  # fmt: skip
def test_what_is_not_whole_in_its_habit_is_missing_and_counted(read_texts, text):
    for kind in ("decimal(4)", "number", "integer"):
        loaded, found = read_texts([text], kind, notation=ALL)
        assert (found, loaded.unparsed) == ([None], 1)
        (bad,) = loaded.examples
        assert (bad.file, bad.row, bad.column, bad.value) == ("a.csv", 2, "x", text)


@pytest.mark.parametrize("text", ["1,234", "１２", "5%", "3万", "(5)", "−5"])
def test_a_habit_that_is_not_declared_is_not_read(read_texts, text):
    loaded, found = read_texts([text], "decimal(2)")
    assert (found, loaded.unparsed) == ([None], 1)


@pytest.mark.parametrize("kind", ["integer", "decimal(0)"])
def test_a_number_that_is_not_whole_is_no_integer(read_texts, kind):
    loaded, found = read_texts(["5%", "1.23456万", "12345%"], kind, notation=ALL)
    assert (found, loaded.unparsed) == ([None, None, None], 3)
    assert read_texts(["100%", "1.2345万"], kind, notation=ALL)[1] == [1, 12345]


def grouped(value):
    return f"{value:,}"


def in_parentheses(value):
    return f"({-value:,})" if value < 0 else f"{value:,}"


WRITERS = {
    "thousands": grouped,
    "full_width": lambda value: str(value).translate(FULL),
    "percent": lambda value: f"{value * 100}%",
    "wan": lambda value: f"{value / 10_000:f}万",
    "parentheses": in_parentheses,
}
AMOUNTS = st.lists(st.decimals(-(10**9), 10**9, places=2), min_size=1, max_size=20)


@FEW
@given(AMOUNTS, st.sampled_from(sorted(WRITERS)))
def test_a_number_written_in_a_habit_is_read_back_exactly(read_texts, amounts, habit):
    texts = [WRITERS[habit](amount) for amount in amounts]
    loaded, found = read_texts(texts, "decimal(2)", notation=[habit, "thousands"])
    assert (found, loaded.unparsed) == (amounts, 0)


@FEW
@given(AMOUNTS)
def test_habits_do_not_change_what_is_written_plainly(read_texts, amounts):
    plainly = [str(amount) for amount in amounts]
    with_habits = read_texts(plainly, "decimal(2)", notation=ALL)
    assert with_habits[1] == amounts
    assert with_habits[0].recognised == {}


@FEW
@given(st.lists(st.text("0123456789,.%万亿()-−１，（ e+", max_size=8), min_size=1, max_size=30))
def test_no_text_is_read_as_zero_that_holds_another_digit(read_texts, texts):
    loaded, found = read_texts(texts, "number", notation=ALL)
    lost = sum(
        1 for text, value in zip(texts, found, strict=True) if value is None and text.strip()
    )
    assert loaded.unparsed == lost
    for text, value in zip(texts, found, strict=True):
        if value == 0:
            assert not set("123456789１") & set(text.split("e")[0]) or "e-" in text


MISSING = ["-", "N/A", "——"]


def test_words_for_no_value_are_missing_and_counted(read_texts):
    texts = ["-", " - ", "N/A", "——", "5", "", "-5"]
    loaded, found = read_texts(texts, "integer", missing=MISSING)
    assert found == [None] * 4 + [5, None, -5]
    assert (loaded.unparsed, loaded.recognised) == (0, {"missing x": 4})


def test_words_for_no_value_that_are_not_declared_are_counted_as_lost(read_texts):
    loaded, found = read_texts(["-", "N/A", "n/a"], "integer", missing=["N/A"])
    assert found == [None] * 3
    assert (loaded.unparsed, loaded.recognised) == (2, {"missing x": 1})
    assert [bad.value for bad in loaded.examples] == ["-", "n/a"]


def test_words_for_no_value_in_a_text(read_texts):
    loaded, found = read_texts(["-", " - ", " a ", ""], "text", missing=["-"])
    assert found == [None, None, " a ", None]
    assert loaded.recognised == {"missing x": 2}


def test_what_was_read_by_a_habit_is_counted(read_texts):
    texts = ["1,234", "5%", "7", "junk", "-", ""]
    loaded, _ = read_texts(texts, "number", notation=["thousands", "percent"], missing=["-"])
    assert loaded.recognised == {"notation x": 2, "missing x": 1}
    assert loaded.unparsed == 1


@pytest.mark.parametrize(
    ("form", "text", "value"),
    [
        ("%Y年%m月%d日", "2026年10月31日", dt.date(2026, 10, 31)),
        ("%Y年%m月%d日", "2026年1月5日", dt.date(2026, 1, 5)),
        ("%Y年%m月", "2026年10月", dt.date(2026, 10, 1)),
        ("%Y%m%d", "20261031", dt.date(2026, 10, 31)),
        ("%Y%m", "202610", dt.date(2026, 10, 1)),
        ("%d.%m.%Y", "31.10.2026", dt.date(2026, 10, 31)),
        ("%m/%d/%Y", "10/31/2026", dt.date(2026, 10, 31)),
        ("%Y-%m", " 2026-10 ", dt.date(2026, 10, 1)),
        (None, "2026-10-31", dt.date(2026, 10, 31)),
        ("%Y-%m-%d", "2026-02-30", None),
        ("%Y年%m月%d日", "2026-10-31", None),
        ("%Y年%m月", "2026年13月", None),
        ("%Y%m%d", "0099123199", None),
    ],
)
def test_dates_by_their_form(read_texts, form, text, value):
    more = {"format": form} if form else {}
    loaded, found = read_texts([text], "date", **more)
    assert (found, loaded.unparsed) == ([value], int(value is None))


@pytest.mark.parametrize(
    ("parts", "row", "value"),
    [
        ({"year": "y", "month": "m"}, "2026年,10月,", dt.date(2026, 10, 1)),
        ({"year": "y", "month": "m", "day": "d"}, "2026,1,5日", dt.date(2026, 1, 5)),
        ({"year": 2026, "month": "m"}, ",10月,", dt.date(2026, 10, 1)),
        ({"year": "y", "month": "m"}, "2026,13,", None),
        ({"year": "y", "month": "m"}, "2026,,", None),
        ({"year": "y", "month": "m"}, "2026,1—2月,", None),
        ({"year": "y", "month": "m", "day": "d"}, "2026,2,30", None),
        ({"year": "y", "month": "m"}, "26,10,", None),
    ],
)
def test_dates_over_several_columns(load_files, parts, row, value):
    columns = {"day": {"type": "date", "parts": parts}, "y": "text"}
    loaded, rows = load_files({"a.csv": f"y,m,d\n{row}\n"}, columns)
    assert (rows[0][0], loaded.unparsed) == (value, int(value is None))
    if value is None:
        (bad,) = loaded.examples
        assert bad.column == "/".join(p for p in parts.values() if isinstance(p, str))
        assert bad.value.split() == [cell for cell in row.split(",") if cell]


def test_dates_over_several_columns_that_are_all_blank_are_missing(load_files):
    columns = {"day": {"type": "date", "parts": {"year": "y", "month": "m"}}}
    loaded, rows = load_files({"a.csv": "y,m,z\n, ,1\n"}, columns)
    assert (rows, loaded.unparsed) == ([(None,)], 0)


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"type": "text", "notation": ["percent"]}, "notation belongs to numbers"),
        ({"type": "integer", "format": "%Y"}, "belong to dates"),
        ({"type": "number", "notation": ["wann"]}, "'wan'"),
        ({"type": "date", "format": "%Y", "parts": {"year": "y", "month": "m"}}, "either"),
    ],
)
def test_settings_that_make_no_sense_are_refused(write_company, tmp_path, spec, words):
    from opsnb.company import Company

    folder = write_company(
        tmp_path, metrics={"n": {"table": "t", "measure": "count(*)"}},
        sources={"t": {"columns": {"day": "date", "x": spec}}}, data={},
    )  # fmt: skip
    with pytest.raises(SettingsError, match=words):
        _ = Company(folder).tables


@pytest.mark.parametrize("start", [1, 4, 7, 10])
@pytest.mark.parametrize("named_by", ["end", "start"])
@pytest.mark.parametrize("kind", ["month", "quarter"])
def test_months_and_quarters_of_fiscal_years(load_files, start, named_by, kind):
    """Against `Period`, which counts fiscal years for the rest of the package."""
    fiscal = FiscalYear(start, named_by)
    months = [Period.month_of(dt.date(2025 + i // 12, i % 12 + 1, 1), fiscal) for i in range(36)]
    if kind == "month":
        rows = [(month.fiscal_year, month.start.month, month.start) for month in months]
    else:
        ends = [month for month in months if month.quarter.end == month.end]
        rows = [(month.fiscal_year, str(month.quarter)[-1], month.start) for month in ends]
    lines = [f"FY{str(year)[-2:]},{number}" for year, number, _ in rows]
    parts = {
        "year": "y", kind: "n", "century": 2000,
        "fiscal_year": {"start": start, "named_by": named_by},
    }  # fmt: skip
    content = "y,n\n" + "\n".join(lines) + "\n"
    loaded, found = load_files({"a.csv": content}, {"day": {"type": "date", "parts": parts}})
    assert [day for (day,) in found] == [start for *_, start in rows]
    assert loaded.unparsed == 0


@pytest.mark.parametrize(
    ("kind", "text", "month"),
    [
        ("month", "三月", 3), ("month", "十二", 12), ("month", "十一月", 11), ("month", "Mar", 3),
        ("month", "SEPTEMBER", 9), ("month", "3月", 3), ("month", "03", 3),
        ("month", "十三月", None),
        ("month", "Marchx", None), ("quarter", "Q2", 6), ("quarter", "第三季度", 9),
        ("quarter", "四季度", 12), ("quarter", "1季度", 3), ("quarter", "Q5", None),
        ("quarter", "Q0", None), ("month", "0", None), ("quarter", "Q1-Q2", None),
    ],
)  # fmt: skip
def test_months_and_quarters_by_name(load_files, kind, text, month):
    columns = {"day": {"type": "date", "parts": {"year": 2026, kind: "n"}}}
    loaded, rows = load_files({"a.csv": f"n,x\n{text},\n"}, columns)
    assert rows == [(dt.date(2026, month, 1) if month else None,)]
    assert loaded.unparsed == int(month is None)


@pytest.mark.parametrize("parts", [{"year": 2026}, {"year": 2026, "month": "m", "quarter": "q"}, {"year": 2026, "quarter": "q", "day": "d"}])  # fmt: skip # noqa: E501
def test_parts_that_make_no_date_are_refused(parts):
    with pytest.raises(ValueError, match="among its parts"):
        SourceColumn(type="date", parts=parts)


@pytest.mark.parametrize(
    ("habits", "text", "value"),
    [
        (["decimal_comma"], "3,50", "3.50"),
        (["decimal_comma"], "-0,5", "-0.50"),
        (["decimal_comma"], "35", "35.00"),
        (["decimal_comma"], "1.234,5", None),
        (["decimal_comma"], "1.5", None),
        (["decimal_comma", "thousands"], "1.234,5", "1234.50"),
        (["decimal_comma", "thousands"], "1.234", "1234.00"),
        (["decimal_comma", "thousands"], "1.23", None),
        (["decimal_comma", "percent"], "12,5%", "0.13"),
        (["thousands"], "3,50", None),
    ],
)
def test_a_comma_before_the_decimals(load_files, habits, text, value):
    columns = {"x": {"type": "number", "notation": habits}}
    loaded, rows = load_files({"a.csv": f'x,y\n"{text}",\n'}, columns)
    if value is None:
        assert (rows, loaded.unparsed) == ([(None,)], 1)
        return
    assert rows[0][0] == pytest.approx(float(value), abs=0.0051)
    assert loaded.recognised == ({} if text == "35" else {"notation x": 1})
