"""What must hold for any register: order of stages, sums, streams, and agreement of the engines."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsnb.stats.losses import events, register, simulate, simulation, treatments, trials
from opsnb.stats.losses.severity import Lognormal

FEW = 3_000
LOSSES = ["loss_low", "loss_high", "loss_min", "loss_mode", "loss_max"]
MONEY = ["mean", "mean_error", "sd", "var_90", "es_90", "var_99", "es_99", "tail_loss"]


def of(result, stage="inherent"):
    rows = result.summary
    return rows[rows["stage"] == stage].drop(columns="stage").set_index("risk_id")


def without(frame, *risks):
    return frame[~frame["risk_id"].isin(risks)]


@pytest.fixture(scope="module")
def result(mixed, treated):
    return simulate(mixed, treatments=treated, trials=200_000, seed=4)


def test_columns_are_as_described(result, mixed):
    levels = [f"{kind}_{q}" for q in (90, 95, 99) for kind in ("var", "es")]
    first = ["stage", "risk_id", "mean", "mean_error", "sd", "p_zero"]
    assert result.summary.columns.tolist() == [*first, *levels, "tail_loss", "tail_share"]
    assert result.summary["stage"].unique().tolist() == ["inherent", "residual", "target"]
    for _, rows in result.summary.groupby("stage"):
        assert rows["risk_id"].tolist() == [*sorted(mixed["risk_id"]), "total"]


def test_the_engines_agree(result):
    assert result.check["difference"].abs().max() < 4.5
    assert result.check["difference"].std() < 1.5
    assert len(result.check) == 3 * 8 * 8


@pytest.mark.parametrize("wrong", ["severity", "counts"])
def test_the_check_notices_a_wrong_engine(monkeypatch, mixed, wrong):
    if wrong == "severity":
        drawn = Lognormal.sample
        monkeypatch.setattr(Lognormal, "sample", lambda *given: 1.05 * drawn(*given))
    else:
        monkeypatch.setattr(events, "shock", lambda *_, size, **__: np.ones(size))
    check = simulate(mixed, trials=200_000).check
    assert check["difference"].abs().max() > 8


def test_moments_are_what_numpy_finds(result):
    for stage, totals in result.totals.items():
        row = of(result, stage).loc["total"]
        assert row["mean"] == pytest.approx(totals.mean(), rel=1e-12)
        assert row["sd"] == pytest.approx(totals.std(), rel=1e-12)
        for q in (90, 95, 99):
            exact = np.quantile(totals, q / 100, method="inverted_cdf")
            assert row[f"var_{q}"] == exact
            worst = totals[-round(totals.size * (1 - q / 100)) :]
            assert row[f"es_{q}"] == pytest.approx(worst.mean(), rel=1e-12)


def test_shares_of_the_tail_add_up_to_it(result):
    for stage in result.totals:
        rows = of(result, stage)
        parts = rows.drop(index="total")
        assert parts["tail_loss"].sum() == pytest.approx(rows.at["total", "es_99"], rel=1e-12)
        assert parts["tail_share"].sum() == pytest.approx(1, rel=1e-12)
        assert rows.at["total", "tail_share"] == 1


def test_shares_of_the_tail_are_means_over_the_worst_trials(mixed):
    plan = plan_of(mixed)
    losses = trials.annual(plan, 0)
    rows = np.array([losses[risk.risk_id][trials.UNTREATED] for risk in plan.risks])
    worst = np.argsort(rows.sum(axis=0))[-FEW // 100 :]
    found = of(simulate(mixed, trials=FEW))["tail_loss"].drop("total")
    np.testing.assert_allclose(found, rows[:, worst].mean(axis=1), rtol=1e-12)


def plan_of(risks, treated=None, seed=0, size=FEW):
    known = register.read(risks)
    found = [] if treated is None else treatments.read(treated, known)
    return trials.Plan(known, treatments.stages(found), {}, size, seed, 0.1, 0.01)


SHARE = st.floats(0, 1)
TREATED = st.lists(
    st.fixed_dictionaries(
        {
            "risk_id": st.sampled_from(["R1", "R2", "R4", "R7"]),
            "status": st.sampled_from(treatments.STATUSES),
            "effect_frequency": SHARE,
            "effect_severity": SHARE,
            "share": SHARE,
            "deductible": st.floats(0, 200),
            "limit": st.floats(0, 500),
        }
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=40)
@given(treated=TREATED, seed=st.integers(0, 9))
def test_no_treatment_raises_a_loss_in_any_trial(mixed, treated, seed):
    frame = pd.DataFrame(treated).assign(treatment_id=range(len(treated)))
    plan = plan_of(mixed, frame, seed, 500)
    losses = trials.annual(plan, 0)
    for risk in plan.risks:
        stages = [losses[risk.risk_id][plan.terms(stage, risk)] for stage in plan.stages]
        assert (stages[0] >= stages[1]).all()
        assert (stages[1] >= stages[2]).all()
        assert (stages[2] >= 0).all()


def test_treatments_do_not_move_the_inherent_loss(result, mixed):
    alone = simulate(mixed, trials=200_000, seed=4)
    pd.testing.assert_frame_equal(of(result), of(alone))
    assert alone.benefit.empty
    assert alone.summary["stage"].unique().tolist() == ["inherent"]


@settings(max_examples=6)
@given(gone=st.sets(st.sampled_from(["R1", "R3", "R4", "R6"]), min_size=1), seed=st.integers(0, 99))
def test_a_risk_s_own_losses_do_not_depend_on_the_others(mixed, gone, seed):
    kept = without(mixed, *gone)
    whole = of(simulate(mixed, trials=FEW, seed=seed)).drop(columns=["tail_loss", "tail_share"])
    part = of(simulate(kept, trials=FEW, seed=seed)).drop(columns=["tail_loss", "tail_share"])
    pd.testing.assert_frame_equal(part.drop("total"), whole.loc[kept["risk_id"].tolist()])


@settings(max_examples=6)
@given(order=st.permutations(range(7)), seed=st.integers(0, 99))
def test_the_order_of_the_rows_does_not_matter(mixed, treated, order, seed):
    one = simulate(mixed, treatments=treated, trials=FEW, seed=seed)
    other = simulate(mixed.iloc[order], treatments=treated, trials=FEW, seed=seed)
    ids = mixed["risk_id"].iloc[order].tolist()
    assert other.summary["risk_id"].tolist() == [*ids, "total"] * 3
    for name, keys in {"summary": [], "check": ["statistic"]}.items():
        frames = [getattr(x, name).set_index(["stage", "risk_id", *keys]) for x in (one, other)]
        pd.testing.assert_frame_equal(*(frame.sort_index() for frame in frames))
    for name in ("exceedance", "benefit"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))


@settings(max_examples=6)
@given(factor=st.floats(1e-6, 1e6), seed=st.integers(0, 99))
def test_losses_scale_with_the_currency(mixed, factor, seed):
    scaled = mixed.assign(**{name: mixed[name] * factor for name in LOSSES})
    scaled["losses"] = [
        [x * factor for x in some] if isinstance(some, list) else some for some in mixed["losses"]
    ]
    one, other = (simulate(frame, trials=FEW, seed=seed) for frame in (mixed, scaled))
    np.testing.assert_allclose(of(other)[MONEY], of(one)[MONEY] * factor, rtol=1e-9)
    np.testing.assert_allclose(of(other)["p_zero"], of(one)["p_zero"])
    money = ~one.check["statistic"].eq("p_zero")
    np.testing.assert_allclose(
        other.check["fft"][money], factor * one.check["fft"][money], rtol=1e-6
    )


def test_the_engines_agree_on_a_group_of_drawn_frequencies_with_a_strong_shock():
    points = {
        "freq_low": [1.0, 0.0, 4.0],
        "freq_mode": [3.0, 1.0, 12.0],
        "freq_high": [9.0, 8.0, 36.0],
    }
    frame = pd.DataFrame(points).assign(risk_id=list("ABC"), loss_low=1.0, loss_high=50.0)
    found = simulate(frame.assign(group="g", group_cv=1.5), trials=60_000)
    assert found.check["difference"].abs().max() < 4.5


def test_the_number_of_workers_does_not_matter(mixed, treated):
    one, *others = [
        simulate(mixed, treatments=treated, trials=200_000, workers=workers)
        for workers in (1, 2, 5)
    ]
    for other in others:
        for name in ("summary", "exceedance", "check", "benefit"):
            pd.testing.assert_frame_equal(
                getattr(one, name), getattr(other, name), check_exact=True
            )


def test_what_was_not_kept_is_simulated_again(monkeypatch, mixed, treated):
    one = simulate(mixed, treatments=treated, trials=150_000)
    calls = []
    drawn = simulation.simulated
    monkeypatch.setattr(simulation, "SLACK", 0.1)
    monkeypatch.setattr(
        simulation, "simulated", lambda *given: calls.append(given[-1]) or drawn(*given)
    )
    other = simulate(mixed, treatments=treated, trials=150_000)
    assert calls[:2] == [0.1, 0.4]
    pd.testing.assert_frame_equal(one.summary, other.summary)


@pytest.mark.parametrize("seed", [0, 1])
def test_another_seed_gives_other_losses(mixed, seed):
    one, other = (of(simulate(mixed, trials=FEW, seed=s))["mean"] for s in (seed, seed + 7))
    assert (one != other).all()


def test_two_risks_alike_but_for_their_ids_are_independent():
    frame = pd.DataFrame({"risk_id": ["A", "B"], "frequency": 5.0, "loss_low": 1, "loss_high": 9})
    plan = plan_of(frame, size=60_000)
    losses = trials.annual(plan, 0)
    one, other = (losses[name][trials.UNTREATED] for name in "AB")
    assert abs(np.corrcoef(one, other)[0, 1]) < 4 / np.sqrt(60_000)


def test_many_events_a_year_are_drawn_in_parts(monkeypatch, mixed):
    monkeypatch.setattr(events, "BLOCK", 1000)
    frame = mixed.assign(frequency=mixed["frequency"] * 20)
    assert simulate(frame, trials=20_000).check["difference"].abs().max() < 4.5


def test_exceedance_is_the_share_of_trials_with_a_larger_loss(result):
    for stage, totals in result.totals.items():
        curve = result.exceedance[result.exceedance["stage"] == stage]
        assert curve["loss"].iloc[0] == 0
        assert curve["loss"].is_monotonic_increasing
        for loss, probability in zip(curve["loss"], curve["probability"], strict=True):
            assert probability == pytest.approx((totals > loss).mean(), abs=1e-12)
        assert result.probability(300.0, stage) == pytest.approx((totals > 300).mean(), abs=1e-12)
    wide = result.exceedance.pivot(index="loss", columns="stage", values="probability")
    assert (wide["inherent"] >= wide["residual"]).all()
    assert (wide["residual"] >= wide["target"]).all()


@pytest.mark.parametrize("count", [1, 2, 9, 65_536, 65_537])
def test_any_number_of_trials_works(count):
    frame = pd.DataFrame({"risk_id": ["A"], "frequency": 1.0, "loss_low": 1, "loss_high": 9})
    found = simulate(frame, trials=count)
    assert found.totals["inherent"].size == count
    assert np.isfinite(found.summary.drop(columns=["stage", "risk_id", "tail_share"])).all(
        axis=None
    )


def test_a_risk_that_never_strikes_in_the_trials_has_no_share():
    frame = pd.DataFrame({"risk_id": ["A"], "frequency": 1e-9, "loss_low": 1, "loss_high": 9})
    found = simulate(frame, trials=1000)
    assert of(found)["tail_share"].isna().all()
    assert (of(found)[MONEY] == 0).all(axis=None)
    assert found.exceedance["probability"].tolist() == [0]
