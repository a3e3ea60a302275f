"""Metrics proposed for what was looked at: sums, stocks, counts, and ratios of these."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from opsnb.proposal.naming import named, spoken
from opsnb.proposal.roles import CUSTOMER_NAMES, ORDER_NAMES, Looked, Seen
from opsnb.proposal.said import say
from opsnb.proposal.text import comments, line

if TYPE_CHECKING:
    from opsnb.proposal.company import Source
    from opsnb.proposal.targets import Planned

MONEY = re.compile(
    r"金额|收入|销售额|成本|费用|利润|毛利|支出|回款|预算|产值|余额|应收|应付|库存|元|价值|"
    r"amount|revenue|sales|profit|cost|expens|spend|value|balance|payment|price|inventory",
    re.IGNORECASE,
)
REVENUE = re.compile(
    r"收入|销售额|成交额|销售金额|金额|revenue|sales|amount|turnover", re.IGNORECASE
)
PROFIT = re.compile(r"毛利|利润|profit", re.IGNORECASE)
COST = re.compile(r"成本|\bcost|cogs", re.IGNORECASE)
QUANTITY = re.compile(r"数量|销量|产量|件数|quantity|qty|units|volume", re.IGNORECASE)
YUAN = {
    "元": 1,
    "百元": 100,
    "千元": 1000,
    "万元": 10_000,
    "百万元": 1_000_000,
    "亿元": 100_000_000,
}
CURRENCIES = re.compile(r"CNY|RMB|USD|EUR|GBP|JPY|HKD")
ENGLISH = {
    "件": "pieces", "人": "people", "台": "sets", "套": "sets", "吨": "tons", "个": "units",
    "次": "times", "单": "orders", "家": "outlets", "小时": "hours", "天": "days", "笔": "items",
    "户": "households", "千瓦时": "kWh", "度": "kWh", "平方米": "m²", "万件": "10,000 pieces",
}  # fmt: skip
PEOPLE = re.compile(r"人数|员工|headcount|employees|staff", re.IGNORECASE)


@dataclass(frozen=True)
class Wanted:
    """A metric that is proposed.

    Attributes
    ----------
    id : str
    spec : mapping
        As ``metrics.yaml`` has it.
    told : mapping key -> str
        Comments beside keys.
    table : str
    column : str
        Name in the file of the column that is summed; empty for any other.
    scale : int
        By which the file's numbers are multiplied.
    """

    id: str
    spec: Mapping[str, Any]
    told: Mapping[str, str]
    table: str
    column: str = ""
    scale: int = 1


def wanted(table: str, seen: Looked, taken: Sequence[str]) -> list[Wanted]:
    """Metrics of a table, those first that a report would show first."""
    chinese = seen.is_chinese
    found: list[Wanted] = []
    if not seen.of("date", "part"):
        return []  # it is only looked up

    def ids() -> list[str]:
        return [*taken, *(one.id for one in found)]

    columns = sorted(seen.of("flow", "stock"), key=lambda c: (c.role, not _is_money(c)))
    for one in columns:
        found += [_sum(table, seen, one, ids(), chinese)]
    orders = next((c for c in seen.of("id") if ORDER_NAMES.search(c.source)), None)
    customers = next(
        (c for c in seen.of("id", "dimension") if CUSTOMER_NAMES.search(c.source)), None
    )
    for column, zh, en in ((orders, "订单数", "Orders"), (customers, "客户数", "Customers")):
        if column is not None and seen.repeats:
            unit = {"zh": "个", "en": en.lower()}
            spec = _counted(zh, en, unit, table, f"count(distinct {column.name})")
            found.append(Wanted(named(en.lower(), ids(), "count"), spec, {}, table))
    if not found:
        found += [_mean(table, one, ids(), chinese) for one in seen.of("price")]
    if not found:
        spec = _counted("记录数", "Records", {"zh": "条", "en": "rows"}, table, "count(*)")
        found.append(Wanted(named("records", ids(), "records"), spec, {}, table))
    return found + _ratios(table, found, ids())


def _counted(zh: str, en: str, unit: Mapping[str, str], table: str, measure: str) -> dict[str, Any]:
    return _named(zh, en) | {
        "unit": unit, "better": "higher", "table": table, "measure": measure
    }  # fmt: skip


def _sum(table: str, seen: Looked, column: Seen, taken: Sequence[str], chinese: bool) -> Wanted:
    title = column.source
    if column.source == "value" and seen.layout.wide:  # the table's own name says what it holds
        stem = seen.grid.name.rpartition(".")[0]
        title = seen.layout.title or seen.layout.wide.kind or stem
    said = column.measured_in or Seen(title, "", column.written, column.role).measured_in
    bare = re.sub(r"[（(【\[].*?[）)】\]]", "", title).strip() or title
    bare = re.sub(r"^(?:19|20)\d{2}\s*年?(?:度)?各?", "", bare) or bare
    scale = YUAN.get(said, 1)
    unit: Any = {"zh": said, "en": ENGLISH.get(said, said)} if said else None
    told = {"better": say("better", chinese=chinese)}
    if said in YUAN or CURRENCIES.fullmatch(said):
        unit = "CNY" if said in YUAN or said == "RMB" else said
        if scale != 1:
            told["measure"] = say("scaled", chinese=chinese, unit=said)
    elif unit is None:
        unit = _unit(bare, chinese)
        told["unit"] = say("measured_in", chinese=chinese)
    by = f" * {scale}" if scale != 1 else ""
    spec = _named(bare, spoken(bare)) | {
        "unit": unit, "better": "lower" if column.is_better_low else "higher",
        "table": table, "measure": f"sum({column.name}){by}",
    }  # fmt: skip
    if column.role == "stock":
        spec["over_time"] = "mean" if PEOPLE.search(bare) else "last"
        told["over_time"] = say("stock", chinese=chinese)
    fallback = column.name if column.name != "value" else "total"
    return Wanted(named(bare, taken, fallback), spec, told, table, column.source, scale)


def _mean(table: str, column: Seen, taken: Sequence[str], chinese: bool) -> Wanted:
    bare = re.sub(r"[（(【\[].*?[）)】\]]", "", column.source).strip() or column.source
    spec = _named(bare, spoken(bare)) | {
        "unit": _unit(bare, chinese), "better": "higher", "table": table,
        "measure": f"avg({column.name})",
    }  # fmt: skip
    told = {"better": say("better", chinese=chinese), "unit": say("measured_in", chinese=chinese)}
    return Wanted(named(bare, taken, column.name), spec, told, table)


def _is_money(column: Seen) -> bool:
    return bool(MONEY.search(column.source)) and not QUANTITY.search(column.source)


def _unit(title: str, chinese: bool) -> Any:
    if PEOPLE.search(title):
        return {"zh": "人", "en": "people"}
    if QUANTITY.search(title):
        return {"zh": "件", "en": "pieces"}
    if MONEY.search(title):
        return "CNY" if chinese else "USD"
    return {"zh": "个", "en": "units"}


def _named(zh: str, en: str) -> dict[str, Any]:
    return {"label": {"zh": zh, "en": en}}


def _ratios(table: str, found: Sequence[Wanted], taken: Sequence[str]) -> list[Wanted]:
    """Margin, where revenue and profit or cost are there; revenue an order."""
    sums = [one for one in found if one.column]

    def first(pattern: re.Pattern[str], *others: re.Pattern[str]) -> Wanted | None:
        return next((one for one in sums if pattern.search(one.column)
                     and not any(other.search(one.column) for other in others)), None)  # fmt: skip

    revenue, profit, cost = first(REVENUE, PROFIT, COST), first(PROFIT), first(COST)
    out: list[Wanted] = []
    if revenue and (profit or cost):
        numerator = profit.id if profit else named("gross_profit", taken, "gross_profit")
        if not profit and cost:
            spec = _named("毛利", "Gross profit") | {
                "unit": revenue.spec["unit"], "better": "higher", "kind": "derived",
                "expression": f"{revenue.id} - {cost.id}",
            }  # fmt: skip
            out.append(Wanted(numerator, spec, {}, table))
        label = profit.spec["label"]["zh"] if profit else "毛利"
        spec = _named(f"{label}率", "Margin") | {
            "unit": "ratio", "better": "higher", "kind": "ratio",
            "numerator": numerator, "denominator": revenue.id,
        }  # fmt: skip
        out.append(Wanted(named("margin", [*taken, numerator], "margin"), spec, {}, table))
    orders = next((one for one in found if one.id.startswith("orders")), None)
    if revenue and orders:
        spec = _named("客单价", "Average order value") | {
            "unit": revenue.spec["unit"], "better": "higher", "kind": "ratio",
            "numerator": revenue.id, "denominator": orders.id,
        }  # fmt: skip
        out.append(Wanted(named("average_order_value", taken, "value"), spec, {}, table))
    return out


def lines(
    found: Sequence[Wanted], tables: Mapping[str, tuple[Source, Looked]], planned: Planned,
    chinese: bool,
) -> list[str]:  # fmt: skip
    """Lines of ``metrics.yaml``, with a comment for each column that is no metric."""
    out = []
    for name, (_, seen) in tables.items():
        notes = [
            say(role, chinese=chinese, name=column.source)
            for role in ("ratio", "price", "computed", "plan")
            for column in seen.of(role) if (name, column.source) not in planned.told
        ]  # fmt: skip
        notes += [
            say("plans", chinese=chinese, name=column, metric=metric)
            for (table, column), metric in planned.told.items() if table == name
        ]  # fmt: skip
        out += comments(2, notes)
        for one in (one for one in found if one.table == name):
            out += ["", f"  {one.id}:"]
            out += [line(4, key, value, one.told.get(key, "")) for key, value in one.spec.items()]
    return out
