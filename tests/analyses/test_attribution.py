"""Attribution of a small company, by hand; of the demonstration, by what is planted in it."""

import shutil

import numpy as np
import pandas as pd
import pytest

import opsnb
from opsnb.analyses import attribution
from opsnb.demo import generate
from opsnb.demo.truths import truth

SALES = """day,unit,item,line,buyer,pieces,amount,cost
2025-03-31,north,bolt,metal,ann,1000,10000,8000
2025-03-31,south,nut,metal,bob,800,12000,9000
2025-03-31,south,cap,plastic,bob,500,10000,5000
2026-03-31,north,bolt,metal,ann,1000,11000,8800
2026-03-31,south,nut,metal,bob,700,10500,8000
2026-03-31,south,cap,plastic,bob,800,18400,9600
2026-02-15,south,cap,plastic,bob,1,20,10
2026-01-15,south,cap,plastic,bob,2,40,20
2025-02-15,south,cap,plastic,bob,3,45,10
"""
METRICS = {
    "revenue": {
        "table": "sales", "measure": "sum(amount)", "owner": "销售部",
        "attribution": {
            "item": "item", "quantity": "sum(pieces)", "dimensions": ["line", "unit", "buyer"],
        },
    },
    "profit": {
        "table": "sales", "measure": "sum(amount - cost)", "attribution": {"dimensions": ["line"]},
    },
    "margin": {
        "kind": "ratio", "numerator": "profit", "denominator": "revenue", "unit": "ratio",
        "attribution": {"item": "line"},
    },
    "plain": {"table": "sales", "measure": "sum(cost)"},
}  # fmt: skip
COLUMNS = ("day", "unit", "item", "line", "buyer", "pieces", "amount", "cost")
TARGETS = "metric,unit,period,value\n" + "".join(
    f"revenue,{unit},2026-03,{value}\n"
    for unit, value in (("all", 40000), ("north", 10500), ("south", 29500))
)


@pytest.fixture(scope="module")
def company(write_company, tmp_path_factory):
    kinds = dict.fromkeys(COLUMNS[1:5], "text") | dict.fromkeys(COLUMNS[5:], "decimal(2)")

    def company(sales=SALES, metrics=METRICS, **more):
        return write_company(
            tmp_path_factory.mktemp("split"),
            metrics=metrics,
            sources={"sales": {"unit": "unit", "columns": {"day": "date"} | kinds} | more},
            data={"sales": sales},
            ledgers={"units": "unit,label\nnorth,北区\nsouth,南区\n", "targets": TARGETS},
            calendar="cn",
            as_of="2026-04-05",
        )

    return company


@pytest.fixture(scope="module")
def found(company):
    return attribution(opsnb.open(company(), "2026-03"))


def effects(result, metric):
    rows = result.frame[result.frame["metric"] == metric]
    return rows.set_index("effect")["value"].to_dict()


def part(result, name, metric, **keys):
    frame = result.part(f"attribution_{name}").frame
    keep = frame["metric"] == metric
    for key, value in keys.items():
        keep &= frame[key] == value
    return frame[keep]


def test_price_volume_and_mix_are_the_published_ones(found):
    revenue = effects(found, "revenue")
    assert {k: round(v, 2) for k, v in revenue.items()} == {
        "volume": 2782.61, "mix": 1717.39, "price": 3400.0, "new": 0.0, "lost": 0.0,
        "unexplained": 0.0, "total": 7900.0,
    }  # fmt: skip
    shares = found.frame[found.frame["metric"] == "revenue"].set_index("effect")["share"]
    assert shares["total"] == pytest.approx(7900 / 32000)


def test_totals_stand_beside_target_and_last_year(found):
    totals = part(found, "totals", "revenue").set_index("scenario")["value"]
    assert totals.to_dict() == {"prior_year": 32000.0, "target": 40000.0, "actual": 39900.0}


def test_an_amount_without_quantities_is_split_by_its_dimension(found):
    """Profit: metal 2000 + 3000 -> 2200 + 2500, plastic 5000 -> 8800."""
    assert effects(found, "profit") == pytest.approx(
        {"=plastic": 3800.0, "=metal": -300.0, "unexplained": 0.0, "total": 3500.0}
    )


def test_a_ratio_is_split_into_rates_and_mix(found):
    rows = part(found, "segments", "margin").set_index("item")
    assert rows.loc["metal", "rate_before"] == pytest.approx(5000 / 22000)
    assert rows.loc["plastic", "weight_after"] == pytest.approx(18400 / 39900)
    margin = effects(found, "margin")
    assert margin["total"] == pytest.approx(13500 / 39900 - 10000 / 32000)
    assert rows["rate"].sum() == pytest.approx(margin["rate"])
    assert rows["mix"].sum() == pytest.approx(margin["mix"])
    assert margin["unexplained"] == 0


def test_elements_of_every_dimension_sum_to_the_change(found):
    rows = part(found, "elements", "revenue", base="prior_year")
    assert len(rows)
    for _, group in rows.groupby("dimension"):
        assert group["contribution"].sum() == pytest.approx(7900)
        assert group["explanatory_power"].sum() == pytest.approx(1)


def test_the_distance_to_target_is_told_by_unit(found):
    rows = part(found, "elements", "revenue", base="target").set_index("item")
    assert rows["contribution"].to_dict() == {"north": 500.0, "south": -600.0}


def test_units_have_their_own(company):
    north = attribution(opsnb.open(company(), "2026-03", "north"))
    assert effects(north, "revenue")["total"] == 1000
    assert effects(north, "revenue")["price"] == pytest.approx(1000)


def test_only_what_is_declared_is_taken_apart(found, company):
    assert found.metrics == ["revenue", "profit", "margin"]
    alone = attribution(opsnb.open(company(), "2026-03"), ["plain", "profit"])
    assert alone.metrics == ["profit"]
    bare = {"plain": METRICS["plain"]}
    nothing = attribution(opsnb.open(company(metrics=bare), "2026-03"))
    assert len(nothing.frame) == 0
    assert nothing.findings == ()


def test_january_waits_and_february_is_told_with_it(company):
    folder = company()
    january = attribution(opsnb.open(folder, "2026-01"), ["revenue"])
    assert january.cell(0, "value").reason == "January and February are compared together"
    february = attribution(opsnb.open(folder, "2026-02"), ["revenue"])
    assert february.frame["period"].unique().tolist() == ["2026-01..2026-02"]
    assert february.cell(0, "value").reason == "no data in the same period last year"
    whole = company(SALES + "2025-01-15,south,cap,plastic,bob,1,12,5\n")
    told = effects(attribution(opsnb.open(whole, "2026-02"), ["revenue"]), "revenue")
    assert told["total"] == pytest.approx((20 + 40) - (45 + 12))
    assert (told["volume"], told["mix"]) == pytest.approx((-57 / 4, 0))


def test_amounts_without_a_quantity_stay_unexplained_and_are_told(company):
    sales = SALES + "2026-03-31,south,fee,service,bob,0,9000,0\n"
    result = attribution(opsnb.open(company(sales), "2026-03"), ["revenue"])
    assert effects(result, "revenue")["unexplained"] == pytest.approx(9000)
    assert "OPS043" in {finding.code for finding in result.findings}


def test_what_has_no_item_is_an_item_without_a_name(company):
    sales = SALES + "2026-03-31,south,,,bob,10,900,0\n"
    result = attribution(opsnb.open(company(sales), "2026-03"), ["revenue"])
    assert effects(result, "revenue")["new"] == pytest.approx(900)
    assert effects(result, "revenue")["unexplained"] == 0


def test_a_reversal_is_named(company):
    """Both lines gain margin; the poor one outgrows the rich one."""
    sales = (
        "day,unit,item,line,buyer,pieces,amount,cost\n"
        "2025-03-31,north,a,rich,x,1,800,400\n2025-03-31,north,b,poor,x,1,200,180\n"
        "2026-03-31,north,a,rich,x,1,200,90\n2026-03-31,north,b,poor,x,1,800,700\n"
    )
    result = attribution(opsnb.open(company(sales), "2026-03"), ["margin"])
    (finding,) = [f for f in result.findings if f.code == "OPS041"]
    assert finding.evidence["all_rise"] == "line"
    assert finding.evidence["rate"] > 0 > finding.evidence["total"]


@pytest.fixture(scope="module")
def shipped(demonstration, tmp_path_factory):
    """Write the demonstration with so many order lines that a month has every large customer."""
    folder = tmp_path_factory.mktemp("planted") / "demo"
    ignored = shutil.ignore_patterns("data", "ledgers")
    return generate(shutil.copytree(demonstration, folder, ignore=ignored), lines=60_000)


@pytest.fixture(scope="module")
def planted(shipped):
    workbook = opsnb.open(shipped, "2026-10")
    return {unit: attribution(workbook.for_unit(unit)) for unit in ("all", "west")}


def finding(result, code, metric):
    return next(f for f in result.findings if (f.code, f.metric) == (code, metric))


def test_the_price_rise_is_named(planted):
    """Six per cent of what drives bring, at their reduced volume."""
    rise = truth("price_rise")
    told = finding(planted["all"], "OPS046", "revenue").evidence
    assert (told["dimension"], told["item"]) == (rise.dimension, rise.item)
    elements = part(planted["all"], "sources", "revenue", effect="price").set_index("item")["value"]
    assert elements.idxmax() == rise.item
    assert elements[rise.item] > 0.5 * elements.abs().sum()


def test_the_lost_dealer_is_named(planted):
    lost = truth("dealer_lost")
    for result in planted.values():
        rows = part(result, "elements", "revenue", dimension=lost.dimension).set_index("item")
        assert rows["contribution"].idxmin() == lost.item
        assert rows.loc[lost.item, "actual"] == 0
    assert finding(planted["all"], "OPS044", "revenue").evidence["item"] == lost.item


def test_the_cost_shock_is_named(planted):
    told = finding(planted["all"], "OPS040", "gross_margin").evidence
    assert told["effect"] == "rate"
    assert told["item"] == truth("cost_shock").item
    assert told["part"] < -0.02


def test_the_unit_that_lost_it_is_told_by_the_dealer(planted):
    told = finding(planted["west"], "OPS042", "revenue").evidence
    assert (told["dimension"], told["item"]) == ("customer_id", truth("dealer_lost").item)
    assert told["number"] == 1


def test_a_ratio_of_one_segment_is_not_split(planted):
    assert "satisfaction" not in planted["west"].metrics
    assert planted["west"].notes == ("A ratio that has one segment only is not split.",)


def test_the_dissatisfied_unit_is_named(planted):
    told = finding(planted["all"], "OPS040", "satisfaction").evidence
    assert told["item"] == truth("satisfaction_drop").unit


def test_everything_sums_to_what_pandas_makes_of_the_file(planted, shipped):
    lines = pd.read_csv(shipped / "data/order_lines.csv")
    month = lines["order_date"].str[:7]
    for unit, result in planted.items():
        own = lines if unit == "all" else lines[lines["region"] == unit]
        now, before = (own[month[own.index] == m]["amount"].sum() for m in ("2026-10", "2025-10"))
        told = effects(result, "revenue")
        assert told["total"] == pytest.approx(now - before)
        parts = [v for k, v in told.items() if k != "total"]
        assert np.sum(parts) == pytest.approx(told["total"])
        assert told["unexplained"] == 0
