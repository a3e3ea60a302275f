"""The ledgers of risk that the company keeps by hand: register, treatments, indicators, limits.

What is planted in them stands in :data:`PLANTED`; readings and incidents, which a seed draws, in
:mod:`opsnb.demo.indicators`.
"""

from __future__ import annotations

from dataclasses import dataclass

from opsnb.period import Period

Row = tuple[str, ...]


@dataclass(frozen=True)
class Planted:
    """One thing that is known to be in the ledgers of risk.

    Attributes
    ----------
    id : str
    subject : str
        Id of the indicator, treatment or risk.
    first : Period
        Month whose report is the first to say so.
    zh, en : str
    """

    id: str
    subject: str
    first: Period
    zh: str
    en: str


PLANTED: tuple[Planted, ...] = (
    Planted(
        "breach_ahead",
        "K02",
        Period.parse("2026-10"),
        "在制品积压天数逐月上升，约三个月后越过红线，而当月仍在橙线以下。",
        "Days of work in progress rise month by month and reach the red level in about three "
        "months; this month they are still below the orange one.",
    ),
    Planted(
        "season_only",
        "K03",
        Period.parse("2026-10"),
        "逾期应收占比近三个月上升，看似将越过红线，实为每年秋季的季节性高峰。",
        "The share of overdue receivables has risen for three months as if it were to reach the "
        "red level, but this is the peak of every autumn.",
    ),
    Planted(
        "no_effect",
        "T03",
        Period.parse("2026-10"),
        "设备预防性维护登记为自2025年11月生效、停机减少六成，但停机次数没有下降。",
        "Preventive maintenance is recorded as effective from November 2025 with 60% fewer "
        "stoppages, but there are as many as before.",
    ),
    Planted(
        "expired_review",
        "R05",
        Period.parse("2026-07"),
        "出口管制风险应于2026年6月30日前复核，至今未复核。",
        "The risk of export controls was to be reviewed by 30 June 2026 and has not been.",
    ),
)

RISKS_HEADER: Row = (
    "risk_id", "category", "cause", "event", "event_en", "consequence", "owner", "department",
    "group", "group_cv", "frequency", "freq_low", "freq_mode", "freq_high", "loss_low",
    "loss_high", "loss_min", "loss_mode", "loss_max", "likelihood", "impact", "response",
    "review_on", "source", "assessed_on",
)  # fmt: skip


def _risk(risk_id: str, **cells: str) -> Row:
    return tuple({"risk_id": risk_id, **cells}.get(name, "") for name in RISKS_HEADER)


def risks() -> list[Row]:
    """Rows of the register; two risks were judged anew in October 2026."""
    receivables = {
        "category": "credit", "cause": "下游行业资金紧张，账期放宽", "event": "大客户回款违约",
        "event_en": "Large customers default", "consequence": "坏账与现金流缺口",
        "owner": "财务部", "department": "财务部", "group": "行情", "group_cv": "0.5",
        "loss_low": "800000", "loss_high": "6000000", "response": "transfer",
        "review_on": "2027-03-31", "source": "应收账款清单",
    }  # fmt: skip
    controls = {
        "category": "policy", "cause": "出口管制与关税政策变化", "event": "出口管制与关税上调",
        "event_en": "Export controls and tariffs", "consequence": "海外订单取消或毛利受损",
        "owner": "销售部", "department": "销售部", "loss_low": "500000",
        "loss_high": "4000000", "response": "avoid", "review_on": "2026-06-30",
        "source": "政策跟踪简报",
    }  # fmt: skip
    return [
        _risk("R01", category="operation", cause="轴承由一家供应商独供", event="关键物料断供",
              event_en="Key material runs out", consequence="产线停产、交付延误",
              owner="采购部", department="采购部", freq_low="0.1", freq_mode="0.3",
              freq_high="0.9", loss_low="1500000", loss_high="12000000", response="reduce",
              review_on="2026-12-31", source="供应商评估报告"),
        _risk("R02", frequency="0.4", **receivables),
        _risk("R02", frequency="0.7", assessed_on="2026-10-12", **receivables),
        _risk("R03", category="market", cause="制造业投资放缓", event="变频器需求下滑",
              event_en="Demand for drives falls", consequence="收入与产能利用率下降",
              owner="销售部", department="销售部", group="行情", frequency="0.35",
              loss_low="1500000", loss_high="12000000", response="accept",
              review_on="2027-01-31", source="行业景气调查"),
        _risk("R04", category="competition", cause="竞争对手扩产", event="竞争对手降价抢单",
              event_en="Competitors cut prices", consequence="价格与份额受压", owner="销售部",
              department="销售部", freq_low="0.5", freq_mode="1", freq_high="2",
              loss_min="200000", loss_mode="800000", loss_max="3000000", response="accept",
              review_on="2027-01-31", source="投标记录"),
        _risk("R05", frequency="0.5", **controls),
        _risk("R05", frequency="0.3", assessed_on="2026-10-20", **controls),
        _risk("R06", category="technology", cause="办公网与生产网未完全隔离",
              event="网络勒索攻击", event_en="Ransomware", consequence="停产与数据丢失",
              owner="信息部", department="信息部", frequency="0.15", loss_low="1000000",
              loss_high="15000000", response="reduce", review_on="2026-11-30",
              source="渗透测试报告"),
        _risk("R07", category="operation", cause="关键设备老化", event="产线非计划停机",
              event_en="Unplanned stoppages", consequence="产出损失与加班费",
              owner="生产部", department="生产部", frequency="12", loss_low="30000",
              loss_high="300000", response="reduce", review_on="2026-12-31",
              source="停机记录"),
        _risk("R08", category="finance", cause="铜价波动", event="铜价超预算上涨",
              event_en="Copper above budget", consequence="毛利率下降", owner="采购部",
              department="采购部", freq_low="0.5", freq_mode="1", freq_high="2.5",
              loss_min="300000", loss_mode="1000000", loss_max="4000000", response="reduce",
              review_on="2026-12-31", source="采购台账"),
        _risk("R09", category="legal", cause="批次性质量缺陷", event="产品召回与诉讼",
              event_en="Recall and litigation", consequence="赔偿与信誉损失",
              owner="质量部", department="质量部", frequency="0.08", loss_low="2000000",
              loss_high="20000000", response="transfer", review_on="2027-02-28",
              source="法务意见书"),
        _risk("R10", category="operation", cause="薪酬竞争力下降", event="核心人员流失",
              event_en="Key people leave", consequence="研发与客户关系受损",
              owner="人力资源部", department="人力资源部", likelihood="3", impact="2",
              response="reduce", review_on="2027-01-31", source="年度盘点"),
        _risk("R11", category="legal", cause="环保标准提高", event="环保合规处罚",
              event_en="Environmental penalties", consequence="罚款与限产", owner="生产部",
              department="生产部", likelihood="2", impact="3", response="avoid",
              review_on="2027-01-31", source="合规自查"),
    ]  # fmt: skip


TREATMENTS_HEADER: Row = (
    "treatment_id", "risk_id", "measure", "owner", "deadline", "status", "effective_on",
    "effect_frequency", "effect_severity", "share", "deductible", "limit", "cost", "evidence",
)  # fmt: skip


def treatments() -> list[Row]:
    """Rows of what is done; T03 has no effect, and T07 no evidence."""
    return [
        ("T01", "R01", "引入第二货源并提高安全库存", "采购部", "2026-12-20", "ongoing", "",
         "0.5", "", "", "", "", "300000", ""),
        ("T02", "R02", "信用保险", "财务部", "", "effective", "2025-01-01", "", "", "0.8",
         "300000", "4000000", "350000", "保单2025-017"),
        ("T03", "R07", "设备预防性维护", "生产部", "", "effective", "2025-11-01", "0.6", "", "",
         "", "", "200000", "验收单2025-11"),
        ("T04", "R06", "异地备份与应急演练", "信息部", "", "effective", "2024-06-01", "", "0.5",
         "", "", "", "150000", "演练报告2024-06"),
        ("T05", "R08", "铜材套期保值", "采购部", "", "effective", "2026-07-01", "", "0.4", "",
         "", "", "120000", "董事会决议2026-12号"),
        ("T06", "R03", "开拓新能源行业客户", "销售部", "2027-06-30", "proposed", "", "0.3", "",
         "", "", "", "600000", ""),
        ("T07", "R09", "出厂全检", "质量部", "2026-12-31", "effective", "2026-08-01", "0.5", "",
         "", "", "", "180000", ""),
        ("T08", "R04", "老客户价格保护", "销售部", "", "ended", "", "0.2", "", "", "", "", "0",
         "协议到期"),
    ]  # fmt: skip


KRIS_HEADER: Row = (
    "kri_id", "label", "label_en", "metric", "measured_in", "unit", "risk_id", "better",
    "yellow", "orange", "red", "band", "basis", "response", "response_orange", "response_red",
    "owner",
)  # fmt: skip


def kris() -> list[Row]:
    """Rows of the indicators; two of them are metrics of the company."""
    return [
        ("K01", "单一来源物料占比", "Single-source material", "", "%", "all", "R01", "lower",
         "30%", "38%", "45%", "1%", "2024年断供复盘", "每月复核货源清单", "启动第二货源认证",
         "24小时内报总经理，启用第二货源", "采购部"),
        ("K02", "在制品积压天数", "Days of work in progress", "", "天", "all", "R01", "lower",
         "36", "43.5", "45", "0.5", "库容上限反推", "按周跟踪在制品", "月内提交压降方案",
         "停止投料评审，报总经理", "生产部"),
        ("K03", "逾期应收占比", "Overdue receivables", "", "%", "all", "R02", "lower", "7%",
         "8%", "9%", "0.2%", "近36个月分位数", "逐户催收", "超60天上报", "停止对逾期客户发货",
         "财务部"),
        ("K04", "", "", "gross_margin", "", "all", "R08", "higher", "27.5%", "26.5%", "25%",
         "0.3%", "年度预算底线", "跟踪铜价与单位成本", "提交降本方案", "报总经理，暂停低毛利接单",
         "财务部"),
        ("K05", "", "", "on_time_delivery", "", "south", "R01", "higher", "93%", "90%", "85%",
         "0.5%", "客户合同违约线", "每周排产跟踪", "启用外协产能", "报总经理，逐单交付计划",
         "生产部"),
        ("K06", "超期未修复漏洞", "Overdue vulnerabilities", "", "个", "all", "R06", "lower",
         "5", "10", "20", "1", "安全等级要求", "按期修复", "限期两周修复", "断网隔离", "信息部"),
        ("K07", "计划外停机", "Unplanned downtime", "", "小时", "all", "R07", "lower", "28",
         "34", "40", "1", "设备能力测算", "按现行计划", "安排专项检修", "停线大修", "生产部"),
    ]  # fmt: skip


APPETITE_HEADER: Row = ("loss", "probability", "basis", "owner", "approved_on")
ACTIONS_HEADER: Row = (
    "id", "finding", "metric", "kri_id", "risk_id", "unit", "period", "action", "owner",
    "deadline", "status",
)  # fmt: skip


def appetite() -> list[Row]:
    """Rows of the limit that the board has set."""
    basis = "董事会2026年风险偏好声明"
    return [
        (loss, probability, basis, "董事会", "2025-12-20")
        for loss, probability in (
            ("5000000", "80%"), ("10000000", "40%"), ("20000000", "5%"), ("40000000", "1%"),
        )
    ]  # fmt: skip


def actions() -> list[Row]:
    """Rows of what is under way because of indicators and risks."""
    return [
        ("A01", "", "", "K05", "", "south", "2026-09", "启用第二家外协厂，逾期订单每日排产",
         "生产部", "2026-11-30", "ongoing"),
        ("A02", "", "", "K02", "", "all", "2026-10", "分工序清理积压，月内压降至36天",
         "生产部", "2026-12-15", "open"),
        ("A03", "", "", "K04", "", "all", "2026-09", "锁定四季度铜价并评估电机提价",
         "财务部", "2026-12-10", "ongoing"),
        ("A04", "RSK005", "", "", "", "all", "2026-10", "提请董事会审议风险偏好与应对预算",
         "计划运营部", "2026-12-05", "open"),
    ]  # fmt: skip
