"""China's retail sales, which come as 11 periods a year, with a monthly price beside them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import opsnb
from opsnb.analyses import scorecard, trend
from opsnb.company import Company
from opsnb.dataset import Dataset
from opsnb.errors import NotReadyError
from opsnb.metrics.spans import Span
from opsnb.period import Period

COMPANY = Path(__file__).parent / "retail"
FOLDER = Path(__file__).parents[3] / "shared/data/macro"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the data are not beside the checkout")
SALES, PUBLISHED = "社会消费品零售总额_亿元", "同比_%"
LARGE, LARGE_PUBLISHED = "限额以上企业零售额_亿元", "限额以上同比_%"


@pytest.fixture(scope="module")
def retail():
    """The file by month; January and February stand in February."""
    frame = pd.read_csv(FOLDER / "china_retail_monthly.csv", encoding="utf-8-sig")
    months = [f"{row.年}-{row.止月:02d}" for row in frame.itertuples()]
    return frame.set_index(pd.Index(months))


@pytest.fixture(scope="module")
def brent():
    frame = pd.read_csv(FOLDER / "brent-monthly.csv")
    return frame.set_index(frame["Date"].str[:7])["Price"]


def card(month):
    """Scorecard of a month, by metric, with reasons where there is no value."""
    result = scorecard(opsnb.open(COMPANY, month))
    frame = result.frame.set_index("metric").astype(object)
    for (row, column), reason in result.reasons.items():
        frame.iat[row, frame.columns.get_loc(column)] = reason
    return frame, result


def year_ago(series):
    ago = pd.Series({f"{int(m[:4]) + 1}{m[4:]}": v for m, v in series.items()})
    return ago.reindex(series.index)


def test_the_file_is_recognised_as_eleven_periods_a_year(retail):
    assert list(retail["起月"].value_counts().sort_index())[:2] == [7, 7]  # no 2 among them
    loaded = opsnb.open(COMPANY, "2018-05").load("retail")
    assert loaded.is_january_combined
    assert loaded.rows == len(retail) == 70
    assert loaded.extent == (12 * 2012, 12 * 2018 + 4)
    assert not opsnb.open(COMPANY, "2018-05").load("brent").is_january_combined


def test_every_period_is_that_of_the_file(retail):
    workbook = opsnb.open(COMPANY, "2018-05")
    spans = [Span.of(Period.parse(month)) for month in retail.index]
    values = workbook.values(["sales", "large_sales", "large_share"], spans)
    for span, (month, row) in zip(spans, retail.iterrows(), strict=True):
        assert values.value("sales", span, "all") == pytest.approx(1e8 * row[SALES]), month
        assert values.value("large_sales", span, "all") == pytest.approx(1e8 * row[LARGE]), month
        share = row[LARGE] / row[SALES]
        assert values.value("large_share", span, "all") == pytest.approx(share), month


@pytest.mark.parametrize("month", ["2016-02", "2018-02"])
def test_february_compares_two_months_with_two_months(retail, month):
    frame, result = card(month)
    now, ago = retail.at[month, SALES], year_ago(retail[SALES])[month]
    assert frame.at["sales", "actual"] == pytest.approx(1e8 * now)
    assert frame.at["sales", "yoy"] == pytest.approx(now / ago - 1)
    assert frame.at["sales", "ytd"] == pytest.approx(1e8 * now)
    assert frame.at["sales", "mom"] == "no data in the prior period"
    assert result.notes == ("January and February come as one figure, which stands in February.",)


def test_march_is_not_compared_with_two_months(retail, brent):
    frame, _ = card("2018-03")
    assert frame.at["sales", "mom"] == "the prior period is two months"
    year = retail.loc["2018-02":"2018-03", SALES].sum()
    assert frame.at["sales", "ytd"] == pytest.approx(1e8 * year)
    # A ratio of two months may be compared with that of one, and a price comes every month.
    share = retail[LARGE] / retail[SALES]
    points = share["2018-03"] - share["2018-02"]
    assert frame.at["large_share", "mom_difference"] == pytest.approx(points)
    assert frame.at["brent", "mom"] == pytest.approx(brent["2018-03"] / brent["2018-02"] - 1)
    april, _ = card("2018-04")
    growth = retail.at["2018-04", SALES] / retail.at["2018-03", SALES] - 1
    assert april.at["sales", "mom"] == pytest.approx(growth)


def test_january_says_why_it_has_no_value_of_its_own(brent):
    frame, result = card("2018-01")
    for metric in ("sales", "large_sales", "large_share", "sales_of_twelve_months"):
        assert frame.at[metric, "actual"] == "January comes together with February", metric
        assert frame.at[metric, "ytd"] == "January comes together with February", metric
    assert frame.at["brent", "actual"] == brent["2018-01"]
    assert [f.code for f in result.findings if f.metric != "brent"] == []  # nothing is missing
    shown = trend(opsnb.open(COMPANY, "2018-05"), "sales", 24)
    januaries = shown.frame.index[shown.frame["period"].str.endswith("-01")]
    assert {shown.reasons[row, "value"] for row in januaries} == {
        "January comes together with February"
    }


def test_january_alone_is_refused_with_that_reason(tmp_path):
    """Without the price there is nothing to report on."""
    sources = (COMPANY / "sources.yaml").read_text(encoding="utf-8").partition("\n  brent:")[0]
    metrics = (COMPANY / "metrics.yaml").read_text(encoding="utf-8").partition("\n  brent:")[0]
    company = (COMPANY / "company.yaml").read_text(encoding="utf-8")
    for name, text in (
        ("sources", sources),
        ("metrics", metrics),
        ("company", company.replace("../../../../shared/data/macro", str(FOLDER))),
    ):
        (tmp_path / f"{name}.yaml").write_text(text + "\n", encoding="utf-8")
    with pytest.raises(NotReadyError, match="January comes together with February") as refused:
        opsnb.open(tmp_path, "2018-01")
    assert refused.value.expected == "2018-02"


def test_twelve_months_are_eleven_figures(retail):
    span = Span.of(Period.parse("2018-05"))
    values = opsnb.open(COMPANY, "2018-05").values(["sales_of_twelve_months"], [span])
    year = retail.loc["2017-06":"2018-05", SALES]
    assert len(year) == 11
    found = values.value("sales_of_twelve_months", span, "all")
    assert found == pytest.approx(1e8 * year.sum())


@pytest.mark.parametrize(
    ("metric", "value", "published", "times"),
    [("sales", SALES, PUBLISHED, 14), ("large_sales", LARGE, LARGE_PUBLISHED, 40)],
)
def test_growth_as_published_and_as_computed(retail, metric, value, published, times):
    computed = 100 * (retail[value] / year_ago(retail[value]) - 1)
    gap = (computed - retail[published]).abs().dropna()
    bad = gap > 0.5
    assert (len(gap), bad.sum()) == (59, times)
    dataset, seen = Dataset(Company.find(COMPANY)), 0
    place = {"sales": 1, "large_sales": 2}[metric]
    for month in gap.index:
        found = dataset.alert("retail", place, Period.parse(month))
        alerts = [found] if found else []
        assert len(alerts) == bad[month], month
        if bad[month]:
            seen += 1
            shown = f"{retail.at[month, published]:.1f} % / {computed[month]:.1f} %"
            assert alerts[0].examples == (shown,)
            assert alerts[0].total == seen
    assert alerts[0].evidence["compared"] == 59


@pytest.fixture(scope="module", params=["2018-01", "2018-02"])
def reported(request, shell, tmp_path_factory):
    """Month, folder and page of a report made by the command."""
    outputs = tmp_path_factory.mktemp("retail")
    done = shell(
        "opsnb", "run", "monthly_operations", "--company", COMPANY, "--period", request.param,
        "--output", outputs,
    )  # fmt: skip
    assert (done.code, done.err) == (0, "")
    folder = Path(done.last_line)
    return request.param, folder, (folder / "report.html").read_text(encoding="utf-8")


def test_the_page_and_its_records(reported, retail, brent):
    month, folder, page = reported
    assert "1、2月数据合并为一个数，列在2月。" in page
    table = pd.read_parquet(folder / "results.parquet")
    records = table[table["result"] == "scorecard"].set_index(["metric", "measure"])
    sales = records.loc[("sales", "actual")]
    assert records.at[("brent", "actual"), "value"] == brent[month]
    checks = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["checks"]
    if month == "2018-01":
        assert np.isnan(sales["value"])
        assert sales["reason"] == "January comes together with February"
        assert "并入2月" in page
        assert checks[0]["alerts"] == []
    else:
        assert sales["value"] == pytest.approx(1e8 * retail.at[month, SALES])
        assert f"{retail.at[month, SALES]:,.2f}" in page
        assert "9.7 % / 5.4 %" in re.sub(r"<[^>]+>|\u00a0", " ", page)
        assert [alert["check"] for alert in checks[0]["alerts"]] == ["growth", "growth"]
