"""The City of Philadelphia's money, as published, with the faults that are in it, against pandas.

The fiscal year runs from July to June; subtotals stand beside their parts; obligations come by
quarter. What is wrong in the files is found here a second time, by pandas.
"""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import opsnb
from opsnb.analyses import scorecard
from opsnb.company import Company
from opsnb.dataset import Dataset
from opsnb.metrics.spans import Span
from opsnb.period import Period
from opsnb.results import NotApplicable

COMPANY = Path(__file__).parent / "philadelphia"
FOLDER = Path(__file__).parents[3] / "shared/data/philadelphia"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the data are not beside the checkout")

MONTHS = ["2015-06", "2016-06", "2018-02", "2019-06", "2020-04", "2020-06", "2021-05"]
TAXES = {"taxes": "all_taxes", "real_estate_tax": "real_estate", "wage_tax": "wage"}


@pytest.fixture(scope="module")
def workbook():
    return opsnb.open(COMPANY, "2021-03")


@pytest.fixture(scope="module")
def collections():
    return pd.read_csv(FOLDER / "city-collections-monthly-vs-budget.csv")


@pytest.fixture(scope="module")
def obligations():
    frame = pd.read_csv(FOLDER / "department-obligations.csv", dtype={"dept_code": str})
    return frame.assign(month=frame["as_of_date"].str[:7])


def of(month):
    return Span.of(Period.parse(month))


@pytest.fixture(scope="module")
def alerts():
    """Alerts of one kind in a month."""
    dataset = Dataset(Company.find(COMPANY))

    def alerts(month, table, kind):
        checks, period = dataset.company.tables[table].checks, dataset.company.period(month)
        places = [place for place, check in enumerate(checks) if check.kind == kind]
        found = [dataset.alert(table, place, period) for place in places]
        return [alert for alert in found if alert]

    return alerts


def measured(rows: pd.DataFrame) -> dict[str, float]:
    """Metrics of one month of collections, by pandas."""
    total = rows[rows["kind"] == "total"].set_index("name")
    whole = total.loc["all_taxes"]
    told = rows[rows["kind"].isin(["current", "prior"])].groupby("kind")["month_actual"].sum()
    named = rows[rows["group"] != "tax"].set_index("name")["month_actual"]
    found = {metric: total.at[name, "month_actual"] for metric, name in TAXES.items()}
    found |= {
        "nontax": named["total_local_nontax_revenue"],
        "other_governments": named["total_revenue_other_govts"],
        "collected_late": told["prior"] / told.sum(),
        "collected_to_date": whole["ytd_actual"],
        "budget": whole["ytd_actual"] + whole["budget_requirement"],
    }
    found["revenue"] = found["taxes"] + found["nontax"] + found["other_governments"]
    found["budget_collected"] = found["collected_to_date"] / found["budget"]
    return found


def test_the_published_figures(workbook):
    june, april, before = of("2019-06"), of("2020-04"), of("2019-04")
    names = ["taxes", "collected_to_date", "budget_collected"]
    values = workbook.values(names, [june, april, before])
    assert values.value("collected_to_date", june, "city") == 3_597_698_385
    assert f"{values.value('budget_collected', june, 'city'):.4f}" == "1.0441"
    assert values.value("taxes", april, "city") == 287_533_230


def test_a_year_earlier_as_published_then_and_as_published_now(workbook, collections):
    """April 2020 gives 639,701,199 for April 2019; April 2019 itself gave 55,481 less."""
    whole = collections[collections["name"] == "all_taxes"].set_index("report_month")
    then = workbook.values(["taxes"], [of("2019-04")]).value("taxes", of("2019-04"), "city")
    now = whole.at["2020-04", "month_prior_year"]
    assert now == 639_701_199
    assert then == whole.at["2019-04", "month_actual"] == now - 55_481


@pytest.mark.parametrize("month", MONTHS)
def test_collections_are_those_of_pandas(workbook, collections, month):
    expected = measured(collections[collections["report_month"] == month])
    values = workbook.values(list(expected), [of(m) for m in MONTHS])
    for metric, value in expected.items():
        assert values.value(metric, of(month), "city") == pytest.approx(value), metric


def test_subtotals_are_not_counted_twice(workbook, collections):
    """All rows of taxes together are more than three times what was collected."""
    month = collections[collections["report_month"] == "2019-06"]
    everything = month.loc[month["group"] == "tax", "month_actual"].sum()
    taxes = workbook.values(["taxes"], [of("2019-06")]).value("taxes", of("2019-06"), "city")
    parts = month[(month["kind"] == "total") & month["name"].isin(["wage_city", "wage_pica"])]
    wage = workbook.values(["wage_tax"], [of("2019-06")]).value("wage_tax", of("2019-06"), "city")
    assert everything > 3 * taxes
    assert wage == parts["month_actual"].sum()


def test_the_fiscal_year_to_date_begins_in_july(workbook, collections):
    span = Span.to_date(opsnb.open(COMPANY, "2021-05").period)
    assert str(span) == "2020-07..2021-05"
    whole = collections[collections["name"] == "all_taxes"]
    year = whole[whole["fiscal_year"] == 2021]
    assert len(year) == 11
    values = workbook.values(["taxes", "collected_to_date"], [span])
    assert values.value("taxes", span, "city") == year["month_actual"].sum()
    # A year to date is a stock: that of the last month, not the sum of all.
    last = whole.loc[whole["report_month"] == "2021-05", "ytd_actual"].item()
    assert values.value("collected_to_date", span, "city") == last
    assert workbook.company.period("2021").start.isoformat() == "2020-07-01"


def departments(tree, unit):
    """The department and those counted in it."""
    return [u.id for u in tree if unit in tree.ancestors(u.id)]


@pytest.mark.parametrize("month", ["2015-03", "2019-12", "2021-03"])
def test_obligations_of_every_department_are_those_of_pandas(workbook, obligations, month):
    rows = obligations[obligations["month"] == month]
    ytd = rows[rows["time_period"] == "YTD"]
    sums = ytd.groupby(["variable", "dept_code"])["total"].sum()
    values = workbook.values(["obligations", "obligations_target"], [of(month)])
    cells = 0
    for unit in workbook.units:
        below = departments(workbook.units, unit.id)
        for metric, name in (("obligations", "Actual"), ("obligations_target", "Target Budget")):
            there = sums[name].reindex(below).dropna()
            found = values.value(metric, of(month), unit.id)
            if there.empty:
                assert isinstance(found, NotApplicable), (unit.id, metric)
            else:
                assert found == there.sum(), (unit.id, metric)
                cells += 1
    assert cells >= 2 * rows["dept_code"].nunique()


def test_a_target_that_is_not_published_is_missing_and_not_zero(workbook, obligations):
    june = obligations[obligations["month"] == "2019-06"]
    assert not (june["time_period"] == "YTD").any()
    values = workbook.values(["obligations", "obligations_target"], [of("2019-06")])
    assert (
        values.value("obligations", of("2019-06"), "city")
        == june.loc[june["variable"] == "Actual", "total"].sum()
    )
    target = values.value("obligations_target", of("2019-06"), "city")
    assert target == NotApplicable("no data in this period")


def test_rows_whose_percentage_is_not_that_of_its_parts(alerts, collections):
    """32 rows are off by more than 0.1 point, ten times the file's last digit."""
    parts = collections["ytd_actual"] + collections["budget_requirement"]
    percent = 100 * collections["ytd_actual"] / parts.where(parts != 0)
    bad = (percent - collections["pct_budgeted"]).abs() > 0.1
    assert bad.sum() == 32
    assert list(collections.loc[bad, "report_month"].unique())[-1] == "2020-06"
    months = collections.loc[bad, "report_month"].value_counts()
    # Line of the file: the header is 1, and pandas counts rows from 0.
    lines = collections.index[bad & (collections["report_month"] == "2020-06")] + 2
    (found,) = [a for a in alerts("2020-06", "collections", "rows") if len(a.metrics) == 1]
    assert (found.count, found.total) == (months["2020-06"], 32)
    assert [example.rpartition("row ")[2] for example in found.examples] == [
        str(line) for line in lines[:3]
    ]


def test_rows_whose_change_is_not_that_of_its_parts(alerts, collections):
    """Whole dollars: three rounded amounts may be off by one; 43 rows are off by more."""
    change = collections["ytd_actual"] - collections["ytd_prior_year"]
    gap = (change - collections["net_change"]).abs()
    bad = gap > 1
    assert bad.sum() == 43
    assert gap[bad].min() > 10_000  # no rounding is that large, whatever the tolerance
    (found,) = [a for a in alerts("2020-06", "collections", "rows") if len(a.metrics) == 2]
    inside = (bad & (collections["report_month"] == "2020-06")).sum()
    assert (found.count, found.total) == (inside, 43)


def test_totals_that_are_not_the_sum_of_their_parts(alerts, collections):
    """Of 83 months and ten sums each, two: a tax in June 2016, non-tax revenue in June 2020."""
    (tax,) = alerts("2016-06", "collections", "totals")
    month = collections[collections["report_month"] == "2016-06"]
    pica = month[month["name"] == "wage_pica"].set_index("kind")["month_actual"].fillna(0)
    shown = f"wage_pica {pica['total']:,.2f} / {pica['current'] + pica['prior']:,.2f}"
    assert tax.examples == (shown,)
    (nontax,) = alerts("2020-06", "collections", "totals")
    month = collections[
        (collections["report_month"] == "2020-06") & (collections["group"] == "nontax")
    ]
    is_total = month["name"] == "total_local_nontax_revenue"
    sums = [month.loc[rows, "month_actual"].sum() for rows in (is_total, ~is_total)]
    assert nontax.examples == (f"{sums[0]:,.2f} / {sums[1]:,.2f}",)
    assert (tax.total, nontax.total) == (1, 1)


def test_growth_on_a_year_that_was_restated(alerts, collections):
    """Growth on last year as it is published now, beside growth on last year as it was then."""
    whole = collections[collections["name"] == "all_taxes"].set_index("report_month")
    actual, prior = whole["month_actual"], whole["month_prior_year"]
    ago = pd.Series({f"{int(m[:4]) + 1}{m[4:]}": v for m, v in actual.items()}).reindex(
        actual.index
    )
    gap = 100 * (actual / prior - actual / ago).abs()
    bad = list(gap.index[gap > 0.5])
    assert bad == ["2016-06", "2019-06"]
    for n, month in enumerate(bad, start=1):
        (found,) = alerts(month, "collections", "growth")
        told = 100 * (actual[month] / prior[month] - 1)
        counted = 100 * (actual[month] / ago[month] - 1)
        assert found.examples == (f"{told:.1f} % / {counted:.1f} %",)
        assert found.total == n
    assert alerts("2020-04", "collections", "growth") == []


def test_quarters_whose_actual_is_the_target_to_the_dollar(alerts, obligations):
    ytd = obligations[obligations["time_period"] == "YTD"]
    table = ytd.pivot_table(index=["month", "dept_code"], columns="variable", values="total")
    given = table[(table["Actual"] != 0) | (table["Target Budget"] != 0)]
    equal = given["Actual"] == given["Target Budget"]
    copied = equal.groupby("month").all()
    assert copied.sum() > len(copied) / 2  # in most quarters
    so_far = 0
    for month, is_copied in copied.items():
        if month > "2021-05":  # after the day the reports believe in, but not after the file
            break
        found = alerts(month, "obligations", "equal")
        assert len(found) == is_copied, month
        if is_copied:
            so_far += equal[month].sum()
            assert (found[0].count, found[0].total) == (equal[month].sum(), so_far)


def test_the_quarter_that_repeats_the_one_before(alerts, obligations):
    keys = ["dept_code", "variable", "time_period"]
    quarters = {m: q.set_index(keys)["total"].sort_index() for m, q in obligations.groupby("month")}
    months = sorted(quarters)
    same = [now for before, now in pairwise(months) if quarters[before].equals(quarters[now])]
    assert same == ["2019-12"]  # the second quarter of fiscal 2020 is the first
    (found,) = alerts("2019-12", "obligations", "stale")
    assert (found.count, found.total, found.examples) == (1, 1, ("= 2019-09",))
    assert alerts("2019-09", "obligations", "stale") == []
    assert alerts("2020-03", "obligations", "stale") == []


def test_nobody_misses_a_quarter_s_data_in_the_months_between(obligations):
    dataset = Dataset(Company.find(COMPANY))
    between, end = (
        dataset.coverage("obligations", dataset.company.period(month))
        for month in ("2019-05", "2019-06")
    )
    assert (between.rows, between.missing, between.is_missing) == (0, (), False)
    gone = set(obligations.loc[obligations["month"] == "2019-03", "dept_code"]) - set(
        obligations.loc[obligations["month"] == "2019-06", "dept_code"]
    )
    assert set(end.missing) == {unit for unit in gone if not dataset.units.children(unit)}


@pytest.fixture(scope="module")
def reported(shell, tmp_path_factory):
    """Folder and page of the report for April 2020, made by the command."""
    outputs = tmp_path_factory.mktemp("philadelphia")
    done = shell(
        "opsnb", "run", "monthly_operations", "--company", COMPANY, "--period", "2020-04",
        "--output", outputs,
    )  # fmt: skip
    assert (done.code, done.err) == (0, "")
    folder = Path(done.last_line)
    return folder, (folder / "report.html").read_text(encoding="utf-8")


def test_recorded_values_are_those_of_pandas(reported, collections):
    folder, _ = reported
    table = pd.read_parquet(folder / "results.parquet")
    card = table[table["result"] == "scorecard"].set_index(["metric", "measure"])
    now, before, last = (
        measured(collections[collections["report_month"] == month])
        for month in ("2020-04", "2019-04", "2020-03")
    )
    for metric, value in now.items():
        assert card.at[(metric, "actual"), "value"] == pytest.approx(value), metric
        difference = value - before[metric]
        assert card.at[(metric, "yoy_difference"), "value"] == pytest.approx(difference), metric
    assert card.at[("taxes", "mom"), "value"] == pytest.approx(now["taxes"] / last["taxes"] - 1)
    year = collections[
        (collections["fiscal_year"] == 2020) & (collections["report_month"] <= "2020-04")
    ]
    total = year.loc[year["name"] == "all_taxes", "month_actual"].sum()
    assert card.at[("taxes", "ytd"), "value"] == total
    absent = card.loc[("obligations", "actual")]
    assert np.isnan(absent["value"])
    assert absent["reason"] == "the data do not come every month"


def test_the_page_shows_the_published_figures_and_the_doubt(reported):
    folder, page = reported
    assert "April 2020" in page
    assert "287.53" in page
    assert "in doubt" in page
    checks = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["checks"]
    (found,) = checks[0]["alerts"]
    assert (found["check"], found["count"]) == ("rows", 1)


@pytest.mark.parametrize("unit", ["20", "11"])
def test_a_department_is_told_what_is_known_of_it_and_what_is_doubted(unit):
    workbook = opsnb.open(COMPANY, "2019-12", unit)
    result = scorecard(workbook, key_metrics=["taxes", "obligations"])
    told = ["obligations", "obligations_target", "obligations_of_target"]
    assert list(result.frame["metric"]) == told
    assert result.notes == ("Metrics that are known for the whole only are left out.",)
    # All departments repeat the quarter before and meet the target to the dollar: so does this one.
    about = {(finding.metric, finding.code) for finding in result.findings}
    assert about == {(metric, "OPS017") for metric in told} | {
        (metric, "OPS016") for metric in told if metric != "obligations_target"
    }
