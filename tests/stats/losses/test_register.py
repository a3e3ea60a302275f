"""Bad registers and treatments: what is wrong, in which row and column, and what was meant."""

import math

import numpy as np
import pandas as pd
import pytest

from opsnb.data.ledgers.risks import RiskRow, TreatmentRow
from opsnb.errors import OpsnbError, ParameterError
from opsnb.stats.losses import register, simulate, treatments

GOOD = {"risk_id": "R1", "frequency": 0.5, "loss_low": 10.0, "loss_high": 90.0}
PERT = {"loss_low": None, "loss_high": None, "loss_min": 1, "loss_mode": 2, "loss_max": 3}
POINTS = {"frequency": None, "freq_low": 1, "freq_mode": 2, "freq_high": 3}
SOME = {"loss_low": None, "loss_high": None}
TREATMENT = {"treatment_id": "T1", "risk_id": "R1", "status": "effective"}


def frame(*rows):
    return pd.DataFrame(rows, index=[f"row {i}" for i in range(len(rows))])


def refused(*rows, treated=None):
    with pytest.raises(OpsnbError) as found:
        simulate(frame(*rows), trials=10, treatments=treated)
    return str(found.value)


@pytest.mark.parametrize(
    ("changed", "column", "message"),
    [
        ({"loss_low": 90.0}, "loss_high", "loss_high 90 is not above loss_low 90"),
        ({"loss_low": 91.0}, "loss_high", "loss_high 90 is not above loss_low 91"),
        ({"loss_low": 0.0}, "loss_low", "0 is out of range; expected a number above 0"),
        ({"loss_high": None}, "loss_high", "the cell is empty"),
        ({"loss_high": math.inf}, "loss_high", "inf is no finite number"),
        ({"frequency": 0.0}, "frequency", "0 is out of range; expected a number above 0"),
        ({"frequency": -1.0}, "frequency", "-1 is out of range"),
        ({"frequency": math.nan}, "frequency", "nothing is given"),
        ({"frequency": "0,5"}, "frequency", "'0,5' is no finite number"),
        ({"frequency": True}, "frequency", "True is no finite number"),
        (POINTS | {"frequency": 1.0}, "freq_low", "both frequency and freq_low, freq_mode"),
        (POINTS | {"freq_low": -1}, "freq_low", "-1 is out of range; expected a number from 0"),
        (POINTS | {"freq_mode": 4}, "freq_high", "freq_high 3 is not above freq_mode 4"),
        (POINTS | {"freq_mode": math.nan}, "freq_mode", "the cell is empty"),
        (PERT | {"loss_mode": 0}, "loss_mode", "loss_mode 0 is not above loss_min 1"),
        (PERT | {"loss_mode": 1, "loss_max": 1}, "loss_max", "loss_min and loss_max are both 1"),
        (PERT | {"loss_low": 1.0}, "loss_min", "both loss_low and loss_min"),
        (SOME, "loss_low", "nothing is given; expected either loss_low, loss_high or loss_min"),
        (SOME | {"losses": []}, "losses", "no loss was observed"),
        (SOME | {"losses": [1.0, -2.0]}, "losses", "loss 2 is -2"),
        (SOME | {"losses": [1.0, math.nan]}, "losses", "loss 2 is nan"),
        (SOME | {"losses": "12"}, "losses", "'12' is no list of numbers"),
        ({"risk_id": None}, "risk_id", "the cell is empty"),
        ({"risk_id": "total"}, "risk_id", "'total' stands for the whole register"),
        ({"category": "markt"}, "category", "unknown category 'markt'; known: market, .*'market'"),
        ({"group_cv": 0.5}, "group_cv", "group_cv without a group"),
        ({"group": "g"}, "group_cv", "no row of group 'g' gives it"),
        ({"group": "g", "group_cv": -0.1}, "group_cv", "-0.1 is out of range"),
    ],
)
def test_a_fault_of_a_risk_is_named(changed, column, message):
    good = GOOD | {"risk_id": "R0"}
    found = refused(good, GOOD | changed)
    assert found.startswith(f"risks, row row 1, column {column}: ")
    assert pd.Series([found]).str.contains(message, regex=True)[0], found


def test_ids_stand_once():
    assert "row row 1, column risk_id: 'R1' stands twice (row row 0)" in refused(GOOD, GOOD)


def test_a_group_has_one_variation():
    rows = [GOOD | {"risk_id": r, "group": "g", "group_cv": cv} for r, cv in (("A", 0.5), ("B", 1))]
    assert "column group_cv: 1 for group 'g', 0.5 in row row 0" in refused(*rows)


def test_a_group_s_variation_may_stand_in_one_row():
    rows = [
        GOOD | {"risk_id": r, "group": "g", "group_cv": cv} for r, cv in (("A", 0.5), ("B", None))
    ]
    assert [risk.group_cv for risk in register.read(frame(*rows))] == [0.5, 0.5]
    alone = [row | {"group_cv": 0} for row in rows]
    assert [risk.group for risk in register.read(frame(*alone))] == ["", ""]


def test_a_misspelt_column_is_named():
    row = {"risk_id": "R1", "freqency": 0.5, "loss_low": 10.0, "loss_high": 90.0}
    assert "and no column 'frequency'" in refused(row)
    row = {"riskid": "R1", "frequency": 0.5, "loss_low": 10.0, "loss_high": 90.0}
    assert "no column 'risk_id'; known: riskid" in refused(row)


def test_a_register_without_risks_is_refused():
    with pytest.raises(OpsnbError, match="the register is empty"):
        simulate(pd.DataFrame(columns=["risk_id", "frequency", "loss_low", "loss_high"]))


@pytest.mark.parametrize(
    ("changed", "column", "message"),
    [
        ({"risk_id": "R11"}, "risk_id", "unknown risk 'R11'; known: R1; did you mean 'R1'?"),
        ({"status": "efective"}, "status", "did you mean 'effective'?"),
        ({"status": None}, "status", "the cell is empty"),
        ({"treatment_id": ""}, "treatment_id", "the cell is empty"),
        (
            {"effect_frequency": 1.1},
            "effect_frequency",
            "1.1 is out of range; expected a number fr",
        ),
        ({"effect_severity": -0.1}, "effect_severity", "-0.1 is out of range"),
        ({"share": 2.0}, "share", "2 is out of range; expected a number from 0 to 1"),
        ({"limit": 5.0}, "share", "an insurance without its share"),
        ({"deductible": 5.0}, "share", "an insurance without its share"),
        ({"share": 0.5, "limit": -1.0}, "limit", "-1 is out of range"),
        ({"cost": math.inf}, "cost", "inf is no finite number"),
    ],
)
def test_a_fault_of_a_treatment_is_named(changed, column, message):
    found = refused(GOOD, treated=frame(TREATMENT | changed))
    assert found.startswith(f"treatments, row row 0, column {column}: ")
    assert message in found


def test_treatments_stand_once():
    assert "'T1' stands twice" in refused(GOOD, treated=frame(TREATMENT, TREATMENT))


@pytest.mark.parametrize(
    "options",
    [
        {"trials": 0}, {"trials": 1.5}, {"trials": True}, {"seed": -1}, {"seed": "1"},
        {"level": ()}, {"level": (0.9, 1.0)}, {"level": (0.0,)}, {"level": (0.9, 0.9)},
        {"level": (math.nan,)}, {"workers": 0},
    ],
)  # fmt: skip
def test_an_option_out_of_range_is_refused(options):
    with pytest.raises(ParameterError, match=next(iter(options))):
        simulate(frame(GOOD), **options)


def test_numpy_s_numbers_are_numbers():
    row = GOOD | {"frequency": np.float32(0.5), "loss_low": np.int64(10)}
    found = simulate(frame(row), trials=np.int64(10), seed=np.int64(1), level=np.array([0.995]))
    assert "var_99.5" in found.summary


def test_the_words_are_those_of_the_ledgers():
    def words(row, column):
        return row.model_fields[column].annotation.__args__

    assert words(RiskRow, "category") == register.CATEGORIES
    assert words(TreatmentRow, "status") == treatments.STATUSES
    columns = {
        *register.FREQUENCY,
        *register.FREQUENCY_PERT,
        *register.LOSS_90,
        *register.LOSS_PERT,
    }
    assert columns < set(RiskRow.model_fields)
