"""Which ledgers there are: their rows, what identifies a row, and Chinese names of the columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from opsnb.data.ledgers import risks, rows
from opsnb.settings import Strict

COMMON = {
    "指标": "metric", "单位": "unit", "期间": "period", "月份": "period", "原因": "cause",
    "措施": "measure", "来源": "source", "说明": "note", "备注": "note", "状态": "status",
    "责任人": "owner", "部门": "department", "证据": "evidence", "日期": "date",
    "数值": "value", "风险编号": "risk_id", "指标编号": "kri_id",
}  # fmt: skip


@dataclass(frozen=True)
class Ledger:
    """One kind of ledger.

    Attributes
    ----------
    model : type of Strict
        What a row holds.
    key : tuple of str
        Columns that two rows may not share; all of them when empty.
    heads : mapping
        Chinese name of a column -> its name, besides those all ledgers share.
    """

    model: type[Strict]
    key: tuple[str, ...] = ()
    heads: Mapping[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        """Names of its columns."""
        return list(self.model.model_fields)

    @property
    def chinese(self) -> dict[str, str]:
        """Chinese name -> name of its columns."""
        known = {**COMMON, **self.heads}
        return {zh: name for zh, name in known.items() if name in self.columns}


LEDGERS: dict[str, Ledger] = {
    "units": Ledger(
        rows.UnitRow,
        ("unit", "opened"),
        {
            "编码": "unit", "单位编码": "unit", "名称": "label", "单位名称": "label",
            "英文名称": "label_en", "上级": "parent", "上级单位": "parent", "启用日期": "opened",
            "开业日期": "opened", "停用日期": "closed", "关闭日期": "closed", "别名": "aliases",
        },
    ),
    "targets": Ledger(
        rows.TargetRow,
        ("metric", "unit", "period", "scenario", "version"),
        {"目标值": "value", "目标": "value", "方案": "scenario", "版本": "version",
         "批准日期": "approved_on"},
    ),
    "benchmarks": Ledger(
        rows.BenchmarkRow,
        ("metric", "unit", "period", "source", "percentile"),
        {"标杆值": "value", "分位": "percentile", "分位数": "percentile"},
    ),
    "rebases": Ledger(rows.RebaseRow, ("metric", "unit", "date")),
    "notes": Ledger(
        rows.NoteRow, (), {"作者": "author", "填报人": "author", "填报时数值": "value"}
    ),
    "actions": Ledger(
        rows.ActionRow,
        ("id",),
        {"编号": "id", "问题代码": "finding", "行动": "action", "行动措施": "action",
         "措施": "action", "责任部门": "owner", "截止日期": "deadline", "完成期限": "deadline"},
    ),
    "risks": Ledger(
        risks.RiskRow,
        ("risk_id", "assessed_on"),
        {
            "编号": "risk_id", "类别": "category", "风险事件": "event", "事件": "event",
            "后果": "consequence", "责任部门": "department", "分组": "group",
            "组变异系数": "group_cv", "年频次": "frequency", "年频次下限": "freq_low",
            "最可能年频次": "freq_mode", "年频次上限": "freq_high", "损失下限": "loss_low",
            "损失上限": "loss_high", "最小损失": "loss_min", "最可能损失": "loss_mode",
            "最大损失": "loss_max", "可能性": "likelihood", "影响程度": "impact", "影响": "impact",
            "应对": "response", "应对策略": "response", "复核日期": "review_on",
            "事件英文": "event_en", "评估日期": "assessed_on",
        },
    ),
    "treatments": Ledger(
        risks.TreatmentRow,
        ("treatment_id",),
        {"编号": "treatment_id", "措施编号": "treatment_id", "频次降幅": "effect_frequency",
         "损失降幅": "effect_severity", "分担比例": "share", "免赔额": "deductible",
         "赔偿限额": "limit", "费用": "cost", "成本": "cost", "完成期限": "deadline",
         "截止日期": "deadline", "生效日期": "effective_on"},
    ),
    "kris": Ledger(
        risks.KriRow,
        ("kri_id",),
        {"编号": "kri_id", "方向": "better", "黄色": "yellow", "橙色": "orange", "红色": "red",
         "依据": "basis", "应对": "response", "应对措施": "response", "名称": "label",
         "英文名称": "label_en", "计量单位": "measured_in", "回落幅度": "band",
         "有效月数": "valid_months", "黄色应对": "response_yellow", "橙色应对": "response_orange",
         "红色应对": "response_red"},
    ),
    "readings": Ledger(risks.ReadingRow, ("kri_id", "period"), {"编号": "kri_id"}),
    "appetite": Ledger(
        risks.AppetiteRow,
        ("loss",),
        {"损失": "loss", "年损失": "loss", "概率": "probability", "概率上限": "probability",
         "依据": "basis", "批准日期": "approved_on"},
    ),
    "incidents": Ledger(
        risks.IncidentRow,
        ("incident_id",),
        {"编号": "incident_id", "事件编号": "incident_id", "损失": "loss"},
    ),
}  # fmt: skip
