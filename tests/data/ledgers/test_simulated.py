"""The ledgers of risks and treatments are what the simulation reads."""

import pandas as pd
import pytest

from opsnb.data.ledgers import ledger, units
from opsnb.stats.losses import simulate

RISKS = """\
编号,类别,事件,责任人,分组,组变异系数,年频次,年频次下限,最可能年频次,年频次上限,损失下限,损失上限,最小损失,最可能损失,最大损失,应对
R1,市场,需求下滑,销售部,行情,0.5,0.5,,,,100,"1,000",,,,降低
R2,竞争,降价,销售部,行情,,,0.1,0.5,2,,,10,40,90,接受
R3,运营,停机,设备部,,,3,,,,5,50,,,,转移
"""
TREATMENTS = """\
措施编号,风险编号,状态,频次降幅,损失降幅,分担比例,免赔额,赔偿限额,费用
T1,R1,已生效,20%,,,,,5
T2,R3,已生效,,,80%,10,200,3
T3,R2,拟议,,50%,,,,1
"""


@pytest.fixture
def frames(company):
    made = company(risks=RISKS, treatments=TREATMENTS)
    return [ledger(made, name, units(made)) for name in ("risks", "treatments")]


def test_the_ledgers_are_simulated_as_they_are(frames):
    risks, treatments = frames
    found = simulate(risks, treatments=treatments, trials=50_000)
    assert found.check["difference"].abs().max() < 4.5
    mean = found.summary.pivot(index="risk_id", columns="stage", values="mean")
    assert (mean["residual"] < mean["inherent"])[["R1", "R3", "total"]].all()
    assert mean.at["R2", "residual"] == mean.at["R2", "inherent"]
    assert mean.at["R2", "target"] == pytest.approx(mean.at["R2", "inherent"] / 2)


def test_what_incidents_cost_may_be_the_severity(frames):
    risks = frames[0].assign(losses=pd.Series([None, None, [4.0, 9.0, 30.0]], dtype=object))
    risks.loc[2, ["loss_low", "loss_high"]] = float("nan")
    found = simulate(risks, trials=50_000).summary.set_index("risk_id")
    assert abs(found.at["R3", "mean"] - 3 * 43 / 3) < 4 * found.at["R3", "mean_error"]
