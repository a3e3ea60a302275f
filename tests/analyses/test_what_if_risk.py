"""What if, and the risk: held against the register, the table of indicators, and moved limits."""

import shutil

import pytest

import opsnb
from opsnb import analyses
from opsnb.analyses import Assumptions, assessed, what_if
from opsnb.errors import ParameterError, UnknownNameError
from opsnb.stats.losses import expected

ROW = "K{n},,,revenue,,all,R03,higher,{yellow},{orange},{red},1000,预算,看,,,销售部\n"


@pytest.fixture(scope="module")
def watched(demonstration, tmp_path_factory):
    """Demonstration company with indicators on revenue, one at a limit and one at it / 1.05."""
    folder = tmp_path_factory.mktemp("watched") / "demo"
    shutil.copytree(demonstration, folder)
    path = folder / "ledgers/kris.csv"
    lines = path.read_text("utf-8")
    assert lines.splitlines()[0].endswith("response_red,owner")
    for n, red in ((91, 98_000_000.0), (92, 98_000_000.0 / 1.05)):
        lines += ROW.format(n=n, yellow=red + 2e6, orange=red + 1e6, red=red)
    path.write_text(lines, "utf-8")
    return folder


def odds(result, kri):
    frame = result.part("what_if_kri").frame
    return frame[frame["kri"] == kri].set_index("scenario")["p_red"]


def test_what_is_expected_is_what_the_table_of_indicators_says(watched):
    book = opsnb.open(watched, "2026-10")
    told = analyses.kri(book).frame.set_index("kri")["p_red"]
    found = what_if(book, "revenue")
    assert odds(found, "K91")["expected"] == told["K91"]
    assert odds(found, "K92")["expected"] == told["K92"]
    assert 0 < told["K92"] < told["K91"] < 1


def test_a_higher_price_is_a_lower_limit(watched):
    """Paths times 1.05 reach a limit where the paths reach the limit over 1.05."""
    found = what_if(opsnb.open(watched, "2026-10"), "revenue", Assumptions(price=0.05))
    plain = what_if(opsnb.open(watched, "2026-10"), "revenue")
    assert odds(found, "K91")["expected"] == odds(plain, "K91")["expected"]
    assert odds(found, "K91")["price"] < odds(found, "K91")["expected"]
    # another indicator of the same values is foretold by other draws: equal but for them
    assert odds(found, "K91")["price"] == pytest.approx(odds(plain, "K92")["expected"], abs=0.05)


def test_indicators_of_other_metrics_and_units_are_not_there(watched):
    book = opsnb.open(watched, "2026-10")
    assert not len(what_if(book, "operating_profit").part("what_if_kri").frame)
    assert not len(what_if(book.for_unit("east"), "revenue").part("what_if_kri").frame)


def test_a_treatment_brings_what_it_saves_less_its_cost(demonstration):
    """The fall of the exact expected loss, less the cost in the ledger, in twelfths."""
    book = opsnb.open(demonstration, "2026-10")
    found = what_if(book, "operating_profit", Assumptions(treatment="T01"))
    register = assessed(book)
    rows = register.treated
    status = rows["status"].mask(rows["treatment_id"] == "T01", "effective")
    after = rows.assign(status=status)
    totals = [
        table[table["stage"] == "residual"]["loss"].sum()
        for table in (expected(register.quantified, rows), expected(register.quantified, after))
    ]
    cost = float(rows.set_index("treatment_id")["cost"]["T01"])
    scenarios = found.frame.set_index("scenario")
    ahead = 2  # November and December
    assert scenarios.loc["treatment", "year_difference"] == pytest.approx(
        (totals[0] - totals[1] - cost) * ahead / 12
    )
    losses = found.part("what_if_losses").frame.set_index("scenario")
    assert losses.loc["expected", "loss_mean"] == pytest.approx(totals[0])
    assert losses.loc["treatment", "loss_change"] == pytest.approx(totals[1] - totals[0])
    assert losses.loc["treatment", "loss_var"] < losses.loc["expected", "loss_var"]


def test_what_a_treatment_cannot_do_is_said(demonstration):
    book = opsnb.open(demonstration, "2026-10")
    with pytest.raises(ParameterError, match=r"T02.*effective.*T01"):
        what_if(book, "revenue", Assumptions(treatment="T02"))
    with pytest.raises(UnknownNameError, match="no treatment 'T99'"):
        what_if(book, "revenue", Assumptions(treatment="T99"))
    with pytest.raises(ParameterError, match="whole company"):
        what_if(book.for_unit("east"), "revenue", Assumptions(treatment="T01"))
