"""Histories that are short, broken or odd: never an exception, and the page says what is wrong."""

import numpy as np
import pytest

import opsnb
from opsnb.analyses import accountability, backtest, forecast, outlook, second_opinion
from opsnb.analyses.histories import history
from opsnb.display import html
from opsnb.display.forecasts import CODES
from opsnb.display.words import translate
from opsnb.period import Period
from opsnb.stats.forecast.flags import CODES as ENGINE_CODES

LAST = Period.parse("2025-09")


def company(write_company, folder, values):
    """Company of one unit whose last months hold `values`; None is a month without rows."""
    months = LAST.back(len(values))
    rows = [(m.end, v) for m, v in zip(months, values, strict=True) if v is not None]
    rows = rows or [(LAST.end, "")]
    return write_company(
        folder,
        metrics={"revenue": {"table": "sales", "measure": "sum(amount)"}},
        sources={"sales": {"columns": {"day": "date", "amount": "decimal(2)"}}},
        data={"sales": "day,amount\n" + "".join(f"{d},{v}\n" for d, v in rows)},
        ledgers={"targets": "metric,unit,period,value\nrevenue,all,2025,1000\n"},
        as_of="2025-10-08",
    )


GOOD = [float(100 + 10 * (k % 12) + k) for k in range(40)]
CASES = {
    **{f"n = {n}": (GOOD[:n], "short") for n in range(1, 24)},
    "gaps": ([v if k % 5 else None for k, v in enumerate(GOOD)], "gaps"),
    "zeros": ([0.0 if k in (7, 20) else v for k, v in enumerate(GOOD)], ""),
    "sparse": ([0.0 if k % 3 else 9.0 for k in range(40)], "sparse"),
    "constant": ([50.0] * 40, "constant"),
    "negative": ([v - 180 for v in GOOD], "negative"),
    "huge": ([v * 1e12 for v in GOOD], ""),
    "shift": ([v if k < 28 else 9 * v for k, v in enumerate(GOOD)], ""),
    "outlier": ([v if k != 30 else 60 * v for k, v in enumerate(GOOD)], "outlier"),
    "incomplete": ([*GOOD[:-1], 3.0], "partial"),
    "all missing": ([""], "empty"),
}


@pytest.mark.parametrize("name", CASES)
def test_it_is_forecast_and_said(write_company, tmp_path, name):
    values, code = CASES[name]
    workbook = opsnb.open(company(write_company, tmp_path, values), "2025-09")
    made = forecast(workbook)
    flags = str(made.frame["flag"].iloc[0]).split(",")
    assert not code or code in flags
    means = made.part("issued").frame["forecast"]
    ends = made.part("issued_intervals").frame
    if code == "empty":
        assert means.isna().all()
        assert set(made.part("issued").reasons.values()) == {"too few points"}
    else:
        assert np.isfinite(means).all()
        assert (ends["lower"] <= ends["upper"]).all()
    if min([v for v in values if v not in (None, "")] or [0]) >= 0:
        assert not (ends["lower"] < 0).any()
    for locale in ("zh", "en"):
        shown = html(made, locale)
        for flag in filter(None, flags if code != "empty" else []):
            assert translate(locale)(CODES[flag]) in shown.replace("&#39;", "'")


@pytest.mark.parametrize("name", ["n = 1", "n = 14", "gaps", "constant", "all missing", "sparse"])
def test_every_section_stands_for_it(write_company, tmp_path, name):
    workbook = opsnb.open(company(write_company, tmp_path, CASES[name][0]), "2025-09")
    for result in (
        outlook(workbook, drawn="revenue", history=tmp_path / "none"),
        accountability(workbook, outputs=tmp_path / "none"),
        backtest(workbook),
        second_opinion(workbook),
    ):
        for locale in ("zh", "en"):
            shown = html(result, locale)
            assert "nan" not in shown.lower().replace("finance", "")
            assert len(shown) > 50


def test_every_code_of_the_engine_has_words():
    assert set(CODES) == set(ENGINE_CODES)


def test_two_months_in_one_are_no_value(write_company, tmp_path):
    workbook = opsnb.open(company(write_company, tmp_path, GOOD), "2025-09")
    past = history(workbook)
    assert np.isfinite(past.values["revenue", past.root]).sum() == len(GOOD)
    assert past.begun == len(past.months) - len(GOOD)
