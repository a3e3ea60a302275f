"""What a proposal says in its comments, in Chinese for Chinese files and in English for others."""

from __future__ import annotations

SAID: dict[str, tuple[str, str]] = {
    "head": (
        "由 {file} 推断，请核对。改后用 opsnb check 检查。",
        "Proposed from {file}; please correct it, then run opsnb check.",
    ),
    "rows": (
        "共看到 {rows} 行{more}；表头在第 {header} 行",
        "{rows} rows were looked at{more}; header in row {header}",
    ),
    "more": (
        "（文件更长，抽看其中一部分）",
        ", a sample of the file",
    ),
    "title": (
        "表头上方文字：{title}",
        "above the header: {title}",
    ),
    "sheets": (
        "工作簿还有其他工作表：{sheets}",
        "the workbook has other sheets: {sheets}",
    ),
    "wide": (
        "各月横排在列里，读入时转为一行一月",
        "months stand in columns; each becomes a row",
    ),
    "others": (
        "每月另有 {others} 各列，未读入；需要时另建一张表",
        "each month also has {others}, which is not read",
    ),
    "no_year": (
        "表头的月份没有年份：按 {year} 年读入，请核对",
        "the months have no year: read as {year}; please check",
    ),
    "twins": (
        "列名重复，未读入：{names}",
        "columns of one name are not read: {names}",
    ),
    "guess": (
        "也可能是 {other}（月/日或日/月），请核对",
        "may also be {other}; please check",
    ),
    "odd": (
        "有些值不合此类型，如 {values}",
        "some values are of another kind, such as {values}",
    ),
    "totals": (
        "合计行不计入：{values}",
        "rows of totals are left out: {values}",
    ),
    "notes": (
        "没有数的行（表尾说明）不计入",
        "rows without any number, such as notes, are left out",
    ),
    "unit": (
        "单位列：各值见 ledgers/units.csv",
        "says where a row belongs; see ledgers/units.csv",
    ),
    "no_unit": (
        "未找到单位列（如 区域、部门），全部数据属于全公司",
        "no column says where a row belongs, such as a region: all is the whole company's",
    ),
    "no_date": (
        "未找到日期列：没有日期的表只能供查找，无法出月报。请补充 date",
        "no column is a date: such a table is only looked up; please add date",
    ),
    "fiscal": (
        "年份列像是财年：请核对财年起始月（fiscal_year），此处按 {start} 月起",
        "the year looks like a fiscal one: please check where it begins, here in month {start}",
    ),
    "unused": (
        "未用",
        "not used",
    ),
    "ratio": (
        "{name} 是比率，不能相加：请写成 kind: ratio，给出 numerator 与 denominator",
        "{name} is a ratio, which does not add up: write it as kind: ratio, numerator, denominator",
    ),
    "price": (
        "{name} 是单价或均值，不能相加：请写成 总额 ÷ 数量",
        "{name} is a price or mean, which does not add up: write it as amount / quantity",
    ),
    "computed": (
        "{name} 是累计或同比类列，由程序自行计算，不必读入",
        "{name} is computed by the program itself: to date, or against last year",
    ),
    "plan": (
        "{name} 是目标或计划：月度目标请登记到 ledgers/targets.csv",
        "{name} is a plan: targets belong into ledgers/targets.csv",
    ),
    "plans": (
        "目标列 {name} 已写入 ledgers/targets.csv，作为 {metric} 的目标",
        "the plan {name} was written to ledgers/targets.csv as the target of {metric}",
    ),
    "better": (
        "higher、lower 或 band，请核对",
        "higher, lower or band; please check",
    ),
    "measured_in": (
        "计量单位未写明，请核对",
        "no unit of measure is named; please check",
    ),
    "scaled": (
        "文件以{unit}计，此处换算为元",
        "the file counts in {unit}",
    ),
    "stock": (
        "存量：取期末值，不跨月相加；人数等可改 mean",
        "a stock: the last value of a period; mean for heads",
    ),
    "currency": (
        "币种，请核对",
        "please check",
    ),
    "as_of": (
        "报告的时点：数据截至 {last}，据此推定",
        "day of the report: the data end in {last}",
    ),
    "calendar": (
        "cn 为中国节假日与调休；none 为不考虑",
        "cn knows China's holidays; none knows none",
    ),
    "empty": (
        "空列",
        "empty",
    ),
}


def say(key: str, *, chinese: bool, **values: object) -> str:
    """Comment in its language."""
    return SAID[key][0 if chinese else 1].format(**values)
