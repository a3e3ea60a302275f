"""Naming: ids for columns, metrics and units, made of what the file calls them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from opsnb.data.expressions import measure
from opsnb.errors import OpsnbError

WORDS: dict[str, str] = {
    "营业收入": "revenue", "销售收入": "revenue", "主营业务收入": "revenue", "收入": "revenue",
    "销售额": "sales_amount", "成交额": "sales_amount", "金额": "amount", "销售": "sales",
    "订单": "order", "订单号": "order_id", "单号": "doc_id", "编号": "code", "编码": "code",
    "数量": "quantity", "销量": "sales_volume", "产量": "output", "产值": "output_value",
    "件数": "pieces", "次数": "times", "笔数": "items", "单价": "unit_price", "价格": "price",
    "成本": "cost", "费用": "expense", "支出": "spending", "毛利": "gross_profit",
    "利润": "profit", "净利润": "net_profit", "税": "tax", "折扣": "discount", "退货": "returns",
    "回款": "collections", "应收": "receivable", "应付": "payable", "预算": "budget",
    "目标": "target", "计划": "plan", "实际": "actual", "完成": "done", "完成率": "attainment",
    "库存": "inventory", "余额": "balance", "人数": "headcount", "员工": "staff",
    "客户": "customer", "供应商": "supplier", "产品": "product", "产品线": "product_line",
    "商品": "item", "品类": "category", "类别": "category", "类型": "type", "分类": "category",
    "品牌": "brand", "渠道": "channel", "型号": "model", "规格": "spec", "项目": "project",
    "科目": "account", "区域": "region", "大区": "region", "地区": "area", "省份": "province",
    "省": "province", "城市": "city", "部门": "department", "单位": "unit", "事业部": "division",
    "分公司": "branch", "子公司": "subsidiary", "公司": "company", "门店": "store",
    "店铺": "shop", "工厂": "plant", "车间": "workshop", "班组": "team", "仓库": "warehouse",
    "日期": "date", "时间": "time", "年份": "year", "年度": "year", "年": "year", "月份": "month",
    "月": "month", "季度": "quarter", "日": "day", "周": "week", "财年": "fiscal_year",
    "会计年度": "fiscal_year", "会计期间": "period", "期间": "period", "下单": "ordered",
    "交付": "delivery", "交货": "delivery", "发货": "shipping", "承诺": "promised",
    "投诉": "complaints", "满意度": "satisfaction", "得分": "score", "评分": "score",
    "合格": "good", "不良": "defects", "返工": "rework", "逾期": "overdue", "率": "rate",
    "占比": "share", "业务员": "salesperson", "负责人": "owner", "备注": "note", "名称": "name",
    "序号": "number", "能耗": "energy", "用电量": "electricity", "工时": "hours",
    "出勤": "attendance", "华东": "east", "华南": "south", "华北": "north", "华中": "central",
    "西南": "southwest", "西北": "northwest", "东北": "northeast", "东区": "east",
    "南区": "south", "西区": "west", "北区": "north", "中区": "central", "海外": "overseas",
    "国内": "domestic", "总部": "headquarters", "北京": "beijing", "上海": "shanghai",
    "广州": "guangzhou", "深圳": "shenzhen", "杭州": "hangzhou", "南京": "nanjing",
    "成都": "chengdu", "武汉": "wuhan", "西安": "xian", "重庆": "chongqing", "天津": "tianjin",
    "苏州": "suzhou", "青岛": "qingdao", "沈阳": "shenyang", "广东": "guangdong",
    "江苏": "jiangsu", "浙江": "zhejiang", "山东": "shandong", "四川": "sichuan",
    "期末": "closing", "期初": "opening", "月末": "month_end", "在册": "registered",
    "累计": "to_date", "同比": "yoy", "环比": "mom", "占": "share", "一": "1", "二": "2",
    "三": "3", "四": "4", "五": "5", "线上": "online", "线下": "offline", "直销": "direct",
    "经销": "dealer", "财务": "finance", "生产": "production", "采购": "purchasing",
    "研发": "rnd", "市场": "marketing", "人力资源": "hr", "物流": "logistics", "售后": "service",
}  # fmt: skip
LONGEST = max(map(len, WORDS))
IGNORED = re.compile(r"[（(【\[].*?[）)】\]]")
UNIT_OF_MEASURE = re.compile(r"[（(【\[]\s*(?:单位[:：]?)?\s*([^（()）\]】]{1,8}?)\s*[）)】\]]")


def has_chinese(text: str) -> bool:
    """Whether a text has Chinese characters."""
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


def in_words(text: str) -> str:
    """Id made of a text, its Chinese by the words that are known; empty if too little is.

    >>> in_words("销售金额（元）"), in_words("Order ID"), in_words("龘靐")
    ('sales_amount', 'order_id', '')
    """
    bare = unicodedata.normalize("NFKD", IGNORED.sub("", text))
    parts: list[str] = []
    known, unknown, place = 0, 0, 0
    while place < len(bare):
        letter = bare[place]
        if not has_chinese(letter):
            parts.append(letter if letter.isascii() and letter.isalnum() else "_")
            place += 1
            continue
        for length in range(min(LONGEST, len(bare) - place), 0, -1):
            word = WORDS.get(bare[place : place + length])
            if word:
                parts.append(f"_{word}_")
                known += length
                place += length
                break
        else:
            unknown += 1
            place += 1
    if unknown > known:
        return ""
    name = re.sub(r"_+", "_", "".join(parts)).strip("_").lower()
    first = re.match(r"[0-9_]+", name)
    if first:  # an id begins with a letter: 一车间 is workshop_1
        rest, digits = name[first.end() :], first[0].strip("_")
        name = f"{rest}_{digits}" if rest else ""
    return name[:40].strip("_")


def spoken(text: str) -> str:
    """Words of a text, as a label in English; the text itself where too few are known.

    >>> spoken("销售金额（元）"), spoken("龘靐")
    ('Sales amount', '龘靐')
    """
    found = in_words(text).replace("_", " ")
    return found.capitalize() if has_chinese(text) and found else text


def named(text: str, taken: Collection[str], fallback: str) -> str:
    """Id for a text that nothing in `taken` has.

    >>> named("金额", ["amount"], "column")
    'amount_2'
    """
    base = in_words(text) or fallback
    if not _can_stand(base):
        base = f"{base}_value"  # a word of SQL's own, such as order or null
    name, number = base, 1
    lowered = {one.casefold() for one in taken}
    while name.casefold() in lowered:
        number += 1
        name = f"{base}_{number}"
    return name


def _can_stand(name: str) -> bool:
    """Whether a name can stand in an expression as it is."""
    try:
        measure(f"sum({name})", [name], "")
    except OpsnbError:
        return False
    return True


def measured_in(header: str) -> str:
    """Unit of measure that a header tells in brackets; empty if none.

    >>> measured_in("金额（万元）"), measured_in("Amount [USD]"), measured_in("Region")
    ('万元', 'USD', '')
    """
    found = UNIT_OF_MEASURE.search(header)
    return found[1] if found else ""
