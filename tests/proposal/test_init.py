"""Own data: files of shapes that nobody planned become companies whose figures are right."""

from __future__ import annotations

import csv
import datetime as dt
import sqlite3

import numpy as np
import openpyxl
import pandas as pd
import pytest
import yaml

import opsnb
from opsnb.metrics.spans import Span
from opsnb.runs.initial import Request, make

REGIONS = ("华东", "华南", "西区")
CHANCE = 7


def book(path, fill):
    workbook = openpyxl.Workbook()
    fill(workbook.active)
    workbook.save(path)
    return path


def opened(folder, *sources, **more):
    make(Request(folder, tuple(map(str, sources)), **more))
    return opsnb.open(folder, "last-closed")


def value(workbook, metric, unit=None, period=None):
    span = Span.of(period or workbook.period)
    return workbook.values([metric], [span]).value(metric, span, unit or workbook.unit)


def is_ready(call, folder):
    done = call("check", "--company", folder)
    assert done.code == 0, done.out
    assert "wrong" not in done.out


def test_months_in_columns_below_a_merged_title(tmp_path, call):
    chance = np.random.default_rng(CHANCE)
    cells = {(r, p): [round(chance.uniform(100, 300), 2) for _ in range(10)]
             for r in REGIONS for p in ("电机", "变频器")}  # fmt: skip

    def fill(sheet):
        sheet["A1"] = "2026年各区域营业收入（单位：万元）"
        sheet.merge_cells("A1:L1")
        sheet.append([])
        sheet.append(["区域", "产品线", *(f"{m}月" for m in range(1, 11)), "合计"])
        for (region, product), months in cells.items():
            sheet.append([region, product, *months, sum(months)])
        sheet.append(["合计", "", *([999] * 11)])
        sheet.append(["制表人：张三"])

    file = book(tmp_path / "宽表.xlsx", fill)
    workbook = opened(tmp_path / "wide", file)
    assert str(workbook.period) == "2026-10"
    assert (
        workbook.company.tables["wide"].header == (3,)
        if "wide" in workbook.company.tables
        else True
    )
    (metric,) = workbook.company.metrics
    october = 10_000 * sum(months[9] for months in cells.values())
    assert value(workbook, metric) == pytest.approx(october)
    east = 10_000 * sum(months[9] for (region, _), months in cells.items() if region == "华东")
    assert value(workbook, metric, "east") == pytest.approx(east)
    assert {unit.id for unit in workbook.units} == {"all", "east", "south", "west"}
    assert workbook.metric(metric).unit == "CNY"
    is_ready(call, tmp_path / "wide")
    text = (tmp_path / "wide/sources.yaml").read_text(encoding="utf-8")
    assert "合计行不计入：合计" in text
    assert "2026年各区域营业收入" in text


def test_a_date_in_three_columns_and_a_semicolon_file_in_gb18030(tmp_path, call):
    chance = np.random.default_rng(CHANCE)
    rows = []
    for i in range(440):
        month, day = i % 22, int(chance.integers(1, 28))
        region, customer = str(chance.choice(REGIONS)), f"客户{int(chance.integers(1, 40))}"
        amount, cost = (f"{chance.uniform(1000, top):,.2f}" for top in (90000, 1500))
        date = (2025 + month // 12, month % 12 + 1, day)
        rows.append((f"S{i:05}", *date, region, customer, i % 19, amount, cost, "5%"))
    file = tmp_path / "销售.csv"
    with file.open("w", encoding="gb18030", newline="") as out:
        writer = csv.writer(out, delimiter=";")
        writer.writerow(["订单号", "年", "月", "日", "销售区域", "客户名称", "数量",
                         "销售金额（元）", "成本（元）", "折扣率"])  # fmt: skip
        writer.writerows(rows)
    workbook = opened(tmp_path / "sales", file)
    mine = [row for row in rows if (row[1], row[2]) == (2026, 10)]
    amount, cost = (sum(float(row[at].replace(",", "")) for row in mine) for at in (7, 8))
    assert value(workbook, "sales_amount") == pytest.approx(amount)
    assert value(workbook, "gross_profit") == pytest.approx(amount - cost)
    assert value(workbook, "margin") == pytest.approx((amount - cost) / amount)
    assert value(workbook, "orders") == len(mine)
    assert value(workbook, "customers") == len({row[5] for row in mine})
    assert value(workbook, "sales_amount", "south") == pytest.approx(
        sum(float(row[7].replace(",", "")) for row in mine if row[4] == "华南")
    )
    is_ready(call, tmp_path / "sales")
    text = (tmp_path / "sales/metrics.yaml").read_text(encoding="utf-8")
    assert "折扣率 是比率，不能相加" in text  # said, and not summed


def test_a_panel_with_plans_beside_what_was_done(tmp_path, call):
    rows = [
        (dt.date(2025 + m // 12, m % 12 + 1, 1), unit, 900 + 7 * m + n, 1000 + n, 0.9, 1, 40 + m)
        for m in range(22)
        for n, unit in enumerate(("一车间", "二车间", "三车间"))
    ]

    def fill(sheet):
        sheet.append(
            [
                "月份",
                "部门",
                "实际产量（件）",
                "计划产量（件）",
                "完成率",
                "累计产量",
                "期末在册人数",
            ]
        )
        for row in rows:
            sheet.append(row)

    workbook = opened(tmp_path / "plant", book(tmp_path / "panel.xlsx", fill))
    last = [row for row in rows if row[0] == dt.date(2026, 10, 1)]
    output, heads = list(workbook.company.metrics)[:2]
    assert value(workbook, output) == sum(row[2] for row in last)
    assert value(workbook, heads) == sum(row[6] for row in last)
    assert workbook.metric(heads).over_time == "mean"
    card = opsnb.analyses.scorecard(workbook)
    row = card.frame.set_index("metric").loc[output]
    assert row["target"] == sum(row[3] for row in last)
    assert {unit.id for unit in workbook.units} == {"all", "workshop_1", "workshop_2", "workshop_3"}
    is_ready(call, tmp_path / "plant")


def test_fiscal_years_that_begin_in_july(tmp_path, call):
    months = ["Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan", "Feb", "Mar", "Apr", "May", "Jun"]
    file = tmp_path / "fiscal.csv"
    rows = [(f"FY{year}", month, unit, 1000 * year + 10 * at + n)
            for year in (2024, 2025, 2026) for at, month in enumerate(months)
            for n, unit in enumerate(("Fire", "Police", "Streets"))]  # fmt: skip
    with file.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["Fiscal Year", "Month", "Department", "Amount (USD)"])
        writer.writerows(rows)
    workbook = opened(tmp_path / "city", file, fiscal_start=7)
    assert str(workbook.period) == "2026-06"
    december = opsnb.period.Period.parse("2025-12")
    told = sum(row[3] for row in rows if row[:2] == ("FY2026", "Dec"))
    assert value(workbook, "amount", period=december) == told
    assert workbook.period.year.start == dt.date(2025, 7, 1)
    assert workbook.metric("amount").unit == "USD"
    is_ready(call, tmp_path / "city")


def test_a_header_in_two_rows_with_plan_and_actual_below_each_month(tmp_path, call):
    def fill(sheet):
        sheet["A1"] = "各分公司销售完成情况"
        sheet.merge_cells("A1:F1")
        sheet["A2"] = "分公司"
        sheet.merge_cells("A2:A3")
        for month in range(1, 9):
            at = 2 * month
            sheet.cell(2, at, f"{month}月")
            sheet.merge_cells(start_row=2, end_row=2, start_column=at, end_column=at + 1)
            sheet.cell(3, at, "计划")
            sheet.cell(3, at + 1, "实际")
        for n, unit in enumerate(("北京分公司", "上海分公司", "龘靐分公司")):
            sheet.cell(4 + n, 1, unit)
            for month in range(1, 9):
                sheet.cell(4 + n, 2 * month, 500)
                sheet.cell(4 + n, 2 * month + 1, 100 * month + n)

    file = book(tmp_path / "two.xlsx", fill)
    workbook = opened(tmp_path / "branches", file, year=2026)
    (metric,) = workbook.company.metrics
    assert str(workbook.period) == "2026-08"
    august = opsnb.period.Period.parse("2026-08")
    assert value(workbook, metric, period=august) == 3 * 800 + 0 + 1 + 2
    text = (tmp_path / "branches/sources.yaml").read_text(encoding="utf-8")
    assert "每月另有 计划" in text


def test_english_orders_with_american_dates(tmp_path, call):
    chance = np.random.default_rng(CHANCE)
    rows = []
    for i in range(400):
        day = dt.date(2024, 1, 1) + dt.timedelta(days=2 * i)
        rows.append((i + 1, f"O-{i // 2}", day, day + dt.timedelta(days=3), f"C{i % 70}",
                     str(chance.choice(("West", "East"))), round(chance.uniform(5, 900), 2), 0.2,
                     round(chance.uniform(-50, 200), 2)))  # fmt: skip
    file = tmp_path / "orders.csv"
    with file.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["Row ID", "Order ID", "Order Date", "Ship Date", "Customer ID", "Region",
                         "Sales", "Discount", "Profit"])  # fmt: skip
        writer.writerows(
            [*row[:2], f"{row[2]:%m/%d/%Y}", f"{row[3]:%m/%d/%Y}", *row[4:]] for row in rows
        )
    workbook = opened(tmp_path / "shop", file)
    assert workbook.locale == "en"
    mine = [row for row in rows if row[2].strftime("%Y-%m") == str(workbook.period)]
    assert mine
    assert value(workbook, "sales") == pytest.approx(sum(row[6] for row in mine))
    assert value(workbook, "orders") == len({row[1] for row in mine})
    assert value(workbook, "margin") == pytest.approx(
        sum(r[8] for r in mine) / sum(r[6] for r in mine)
    )
    is_ready(call, tmp_path / "shop")


def test_a_database(tmp_path, call, monkeypatch):
    path = tmp_path / "base.db"
    with sqlite3.connect(path) as base:
        base.execute("create table sales (day text, region text, amount real)")
        base.execute("create table other (x text)")
        base.executemany("insert into sales values (?, ?, ?)", [
            (f"2026-{m:02}-{d:02}", r, 10.5 * m + d) for m in range(1, 11) for d in (3, 17, 28)
            for r in ("north", "south")])  # fmt: skip
    url = f"sqlite:///{path}"
    done = call("init", tmp_path / "base", "--from", url)
    assert done.code == 2
    assert "--relation" in done.err
    assert "sales" in done.err
    assert call("init", tmp_path / "base", "--from", url, "--relation", "sales").code == 0
    workbook = opsnb.open(tmp_path / "base", "2026-09")
    assert value(workbook, "amount") == pytest.approx(2 * (3 * 94.5 + 48))
    is_ready(call, tmp_path / "base")


def test_what_does_not_add_up_is_not_added_up(demonstration, tmp_path, call):
    """The demonstration company's own order lines, as a newcomer would bring them."""
    opened(tmp_path / "co", demonstration / "data/order_lines.csv")
    made = yaml.safe_load((tmp_path / "co/metrics.yaml").read_text(encoding="utf-8"))["metrics"]
    sums = {spec["measure"] for spec in made.values() if str(spec.get("measure")).startswith("sum")}
    assert sums == {"sum(amount)", "sum(cost)", "sum(quantity)"}  # no list_price, no line
    theirs = opsnb.open(demonstration, "2026-10")
    mine = opsnb.open(tmp_path / "co", "2026-10")
    for own, known in (("amount", "revenue"), ("orders", "orders"), ("customers", "customers"),
                       ("gross_profit", "gross_profit")):  # fmt: skip
        assert value(mine, own) == pytest.approx(value(theirs, known))
    is_ready(call, tmp_path / "co")


def test_months_that_stand_twice_are_named_and_not_read(tmp_path, call):
    def fill(sheet):
        sheet.append(["区域", "2026年1月", "2026年2月", "2026年3月", "2026年3月", "2026年4月"])
        sheet.append(["甲区", 1, 2, 3, 30, 4])
        sheet.append(["乙区", 5, 6, 7, 70, 8])

    workbook = opened(tmp_path / "co", book(tmp_path / "twice.xlsx", fill))
    (metric,) = workbook.company.metrics
    assert value(workbook, metric, period=opsnb.period.Period.parse("2026-04")) == 12
    assert "列名重复，未读入：2026年3月" in (tmp_path / "co/sources.yaml").read_text("utf-8")


def test_several_files_make_one_company(tmp_path, call):
    for name, column in (("sales", "amount"), ("costs", "cost")):
        with (tmp_path / f"{name}.csv").open("w", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(["day", "region", column])
            writer.writerows((f"2026-{m:02}-28", "north", 5 * m) for m in range(1, 11))
    workbook = opened(tmp_path / "co", tmp_path / "sales.csv", tmp_path / "costs.csv")
    assert list(workbook.company.tables) == ["sales", "costs"]
    assert value(workbook, "amount") == value(workbook, "cost") == 50
    assert workbook.metric("cost").better == "lower"


def long_rows():
    """Forty thousand orders by day; the last month and its own region stand at the end."""
    days = [dt.date(2022, 1, 1) + dt.timedelta(days=n % 1765) for n in range(40_000)]
    days.sort()
    return [(f"O{n}", day.isoformat(), "south" if day.month == 10 and day.year == 2026 else "north",
             n % 97) for n, day in enumerate(days)]  # fmt: skip


def test_a_long_file_is_looked_at_to_its_end(tmp_path, call):
    rows = long_rows()
    with (tmp_path / "orders.csv").open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["order id", "day", "region", "amount"])
        writer.writerows(rows)
    workbook = opened(tmp_path / "co", tmp_path / "orders.csv")
    assert str(workbook.period) == "2026-10"
    assert {unit.id for unit in workbook.units} == {"all", "north", "south"}
    told = sum(row[3] for row in rows if row[1].startswith("2026-10"))
    assert value(workbook, "amount") == told
    assert "a sample of the file" in (tmp_path / "co/sources.yaml").read_text("utf-8")
    assert "unique" not in (tmp_path / "co/sources.yaml").read_text("utf-8")  # not all was seen
    is_ready(call, tmp_path / "co")


def test_so_are_a_long_relation_and_a_long_parquet_file(tmp_path):
    names = ["order_id", "day", "region", "amount"]
    rows = long_rows()
    path = tmp_path / "base.db"
    with sqlite3.connect(path) as base:
        base.execute("create table orders (order_id text, day text, region text, amount integer)")
        base.executemany("insert into orders values (?, ?, ?, ?)", rows)
    pd.DataFrame(rows, columns=names).to_parquet(tmp_path / "orders.parquet")
    for place, source in (("a", f"sqlite:///{path}"), ("b", tmp_path / "orders.parquet")):
        workbook = opened(tmp_path / place, source)
        assert str(workbook.period) == "2026-10"
        assert {unit.id for unit in workbook.units} == {"all", "north", "south"}


def test_nothing_that_is_there_is_written_over(tmp_path, call):
    (tmp_path / "a.csv").write_text("day,amount\n2026-01-31,5\n")
    assert call("init", tmp_path / "co", "--from", tmp_path / "a.csv").code == 0
    was = (tmp_path / "co/metrics.yaml").read_bytes()
    done = call("init", tmp_path / "co", "--from", tmp_path / "a.csv")
    assert done.code == 2
    assert "has settings already" in done.err
    assert (tmp_path / "co/metrics.yaml").read_bytes() == was
    shown = call("init", tmp_path / "other", "--from", tmp_path / "a.csv", "--show")
    assert "--- metrics.yaml" in shown.out
    assert not (tmp_path / "other").exists()


def test_an_empty_company_says_what_to_fill_in(tmp_path, call):
    assert call("init", tmp_path / "new").code == 0
    for name in ("company", "sources", "metrics", "monthly_operations"):
        assert yaml.safe_load((tmp_path / f"new/{name}.yaml").read_text(encoding="utf-8"))
    done = call("check", "--company", tmp_path / "new")
    assert done.code == 3  # settings are right; data are not there
    assert "sales.csv" in done.out


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("nothing.csv", b"", "nothing is in it"),
        ("names.csv", b"name,town\na,b\nc,d\n", "no column says when"),
        ("odd.dat", b"a,b\n", "no known ending"),
        ("odd.csv", b"\xff\xfe\x00\x81,b\n", "neither UTF-8 nor GB18030"),
        ("numbers.csv", b"1,2\n3,4\n5,6\n", "no row looks like a header"),
    ],
)
def test_what_cannot_be_proposed_is_refused_in_words(tmp_path, call, name, content, told):
    (tmp_path / name).write_bytes(content)
    done = call("init", tmp_path / "co", "--from", tmp_path / name)
    assert done.code in (2, 3)
    assert told in done.err
    assert not (tmp_path / "co").exists()


def test_a_file_that_is_not_there(tmp_path, call):
    done = call("init", tmp_path / "co", "--from", tmp_path / "gone.xlsx")
    assert "no such file" in done.err
