"""Roles: what each column of a file is for, told by its name, its values and how they repeat."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from opsnb.proposal.grid import Grid
from opsnb.proposal.layout import TOTALS, Layout, Wide, totals
from opsnb.proposal.naming import has_chinese, measured_in, named
from opsnb.proposal.written import Written, month_named, written

Role = Literal[
    "date", "other date", "part", "calendar", "unit", "dimension", "id", "flow", "stock", "ratio",
    "price", "plan", "computed", "text", "empty",
]  # fmt: skip
UNIT_NAMES: tuple[str, ...] = (
    r"事业部|分公司|子公司|经营单位|业务单元|business.?unit|division|subsidiary|branch",
    r"大区|区域|片区|region|territory|area",
    r"单位|部门|机构|组织|department|dept|unit|office",
    r"工厂|车间|产线|plant|factory|site|line",
    r"门店|店铺|店名|分店|store|shop|outlet",
    r"省|省份|国家|country|province|market|segment|state",
)
"""Names of columns that say where a row belongs, the likeliest first."""
ID_NAMES = re.compile(
    r"(单|编|序|流水|客户|订单|发票|合同)\s*(号|码|ID)|编号|编码|代码|行号|^(id|line|row)$|[_\s-]id$|\bid\b|number|no\.|code|"
    r"postal|zip|邮编|电话|phone|身份证", re.IGNORECASE,
)  # fmt: skip
ORDER_NAMES = re.compile(r"订单|单号|order|invoice|发票|合同|ticket|工单", re.IGNORECASE)
CUSTOMER_NAMES = re.compile(r"客户|会员|买家|customer|client|member", re.IGNORECASE)
COMPUTED = re.compile(
    r"累计|同比|环比|去年同期|上年同期|上月|ytd|yoy|mom|cumulative|growth|prior|last.?year",
    re.IGNORECASE,
)
RATIO = re.compile(
    r"率|占比|比例|比重|百分比|percent|pct|ratio|\brate\b|share|margin|discount$", re.IGNORECASE
)
PRICE = re.compile(
    r"单价|均价|价格|\bprice\b|得分|评分|score|rating|平均|average|\bavg\b", re.IGNORECASE
)
STOCK = re.compile(
    r"库存|余额|结存|存量|人数|在册|编制|期末|月末|应收|应付|"
    r"headcount|employees|staff|balance|inventory|stock|positions|receivable|payable",
    re.IGNORECASE,
)
PLAN = re.compile(r"目标|计划|预算|指标值|target|plan|budget|quota", re.IGNORECASE)
WORSE = re.compile(
    r"成本|费用|支出|退货|退款|投诉|返工|不良|缺陷|报废|逾期|亏损|事故|能耗|应收|库存|"
    r"cost|expens|spend|return|refund|complaint|defect|scrap|overdue|loss|inventory|late",
    re.IGNORECASE,
)
LATE = re.compile(
    r"发货|交付|交货|承诺|到货|付款|更新|创建|ship|deliver|due|promis|paid|updated|created",
    re.IGNORECASE,
)
"""Names of dates that tell of what comes after the event itself."""
PARTS: dict[str, re.Pattern[str]] = {
    "year": re.compile(
        r"年|年份|年度|财年|会计年度|(fiscal|calendar)?[ _-]*year|fy", re.IGNORECASE
    ),
    "quarter": re.compile(r"季|季度|quarter|qtr", re.IGNORECASE),
    "month": re.compile(
        r"月|月份|会计月份|(fiscal|calendar)?[ _-]*month|period|会计期间|期间", re.IGNORECASE
    ),
    "day": re.compile(r"日|日期|天|day", re.IGNORECASE),
}
CALENDAR = re.compile(
    r"(^|[_\s-])(fiscal|calendar|report)?[_\s-]?(year|month|quarter|week|fy)($|[_\s-]?(no|num)?$)|"
    r"[年月周]$|季度$|财年|年份|月份", re.IGNORECASE,
)  # fmt: skip
"""Names of numbers that say when, not how much."""
FISCAL = re.compile(r"财年|会计|fiscal|\bfy", re.IGNORECASE)
YEARS = re.compile(r"(?:FY\s*|财年)?'?((?:19|20)?\d{2})\s*(?:年|年度|财年)?", re.IGNORECASE)
QUARTERS = re.compile(r"Q?[1-4]|第?[一二三四1-4]季度?", re.IGNORECASE)
MEASURES: tuple[tuple[Role, re.Pattern[str]], ...] = (
    ("computed", COMPUTED), ("ratio", RATIO), ("price", PRICE), ("plan", PLAN), ("stock", STOCK),
)  # fmt: skip
"""Roles of numbers by their names, the first that fits; any other is a flow."""
FEW, MANY, ROWS = 60, 300, 20
"""Units at most, different texts of a dimension at most, rows from which on a text can be an id."""


@dataclass(frozen=True)
class Seen:
    """A column, and what it seems to be for.

    Attributes
    ----------
    source : str
        Its name in the file.
    name : str
        Its id in the settings.
    part : str
        Of a date: year, quarter, month or day.
    values : tuple of str
        Different values of a text, up to :data:`MANY`.
    distinct : int
    filled : int
        Cells that are not empty.
    """

    source: str
    name: str
    written: Written
    role: Role
    part: str = ""
    values: tuple[str, ...] = ()
    distinct: int = 0
    filled: int = 0

    @property
    def measured_in(self) -> str:
        """Unit of measure in the column's name."""
        return measured_in(self.source)

    @property
    def is_better_low(self) -> bool:
        """Whether less of it is better."""
        return bool(WORSE.search(self.source)) and not re.search(
            r"利|profit|income", self.source, re.I
        )


@dataclass(frozen=True)
class Looked:
    """A file that was looked at.

    Attributes
    ----------
    grid : Grid
    layout : Layout
    columns : list of Seen
        In the order of the file; the months of a wide table are one, and their names another.
    totals : mapping column -> list of str
        Values that name totals, by the id of their column.
    repeats : bool
        Whether rows are single events rather than one a unit and month.
    fiscal_start : int
        First month of the fiscal year.
    notes : bool
        Whether some of the last rows hold a text and nothing else.
    """

    grid: Grid
    layout: Layout
    columns: list[Seen]
    totals: dict[str, list[str]] = field(default_factory=dict)
    repeats: bool = False
    fiscal_start: int = 1
    notes: bool = False

    def of(self, *roles: str) -> list[Seen]:
        """Columns of some roles."""
        return [column for column in self.columns if column.role in roles]

    def one(self, role: str) -> Seen | None:
        """First column of a role."""
        return next(iter(self.of(role)), None)

    @property
    def is_chinese(self) -> bool:
        """Whether the columns have Chinese names."""
        return any(has_chinese(name) for name in self.layout.names)


def look(grid: Grid, found: Layout, fiscal_start: int = 1) -> Looked:
    """Roles of the columns of a sheet, of a company whose year begins in `fiscal_start`."""
    wide = found.wide
    months = months_of(wide, found) if wide else []
    skipped = {name for name in found.names if wide and _is_wide(name, wide, found)}
    columns: list[Seen] = []
    notes = _note_rows(found)
    excluded = total_rows(found) | notes
    for name in dict.fromkeys(found.names):
        if not name or name in skipped or name in found.twins:
            continue
        values = [v for (row, _), v in zip(found.records, found.values(name), strict=True)
                  if row not in excluded]  # fmt: skip
        columns.append(_seen(name, values, [one.name for one in columns]))
    if wide:
        columns += _of_wide(wide, found, months, [one.name for one in columns], excluded)
    columns = _with_totals(_with_units(_with_dates(columns)))
    marked = {
        one.name: listed for one in columns if one.source in found.names
        if (listed := totals(found, one.source))
    }  # fmt: skip
    return Looked(
        grid, found, columns, marked, _repeats(columns, found, excluded), fiscal_start, bool(notes)
    )


def _with_totals(columns: list[Seen]) -> list[Seen]:
    """The same; a column that is called a total is a measure where there is no other."""
    if any(one.role in ("flow", "stock") for one in columns):
        return columns
    is_total = [bool(TOTALS.fullmatch(one.source.strip())) for one in columns]
    return [
        replace(one, role="flow") if total and one.role == "computed" else one
        for one, total in zip(columns, is_total, strict=True)
    ]


def total_rows(found: Layout) -> set[int]:
    """Rows that are totals, by a cell that says so."""
    return {
        row for row, cells in found.records if any(c and TOTALS.fullmatch(c.strip()) for c in cells)
    }


def _note_rows(found: Layout) -> set[int]:
    """Last rows that hold one or two texts and no number, below rows that are fuller."""
    if not found.records:
        return set()
    fullest = max(sum(cell is not None for cell in cells) for _, cells in found.records)
    out: set[int] = set()
    for row, cells in reversed(found.records):
        told = [cell for cell in cells if cell is not None]
        if fullest < 4 or len(told) > 2 or any(written([cell]).is_number for cell in told):
            break
        out.add(row)
    return out


def _seen(name: str, values: Sequence[str | None], taken: Sequence[str]) -> Seen:
    how = written(values, name)
    known = [value for value in values if value is not None and value not in how.missing]
    distinct = list(dict.fromkeys(known))
    role = _role(name.replace("_", " "), how, known, distinct)  # \b knows no underscore
    part = next((p for p, names in PARTS.items() if names.fullmatch(name.strip())), "")
    kept = tuple(distinct[:MANY]) if how.kind == "text" else ()
    return Seen(name, named(name, taken, f"column_{len(taken) + 1}"), how, role,
                part, kept, len(distinct), len(known))  # fmt: skip


def _role(name: str, how: Written, known: Sequence[str], distinct: Sequence[str]) -> Role:
    if how.kind == "empty":
        return "empty"
    if how.is_date:
        return "other date"
    if how.is_number:
        return _role_of_number(name, how, known, distinct)
    is_own = len(known) > ROWS and len(distinct) > 0.9 * len(known)
    if ID_NAMES.search(name) or is_own:
        return "id"
    return "dimension" if len(distinct) <= MANY else "text"


def _role_of_number(name: str, how: Written, known: Sequence[str], distinct: Sequence[str]) -> Role:
    is_whole = how.kind == "integer"
    if ID_NAMES.search(name) or (is_whole and _counts_up(distinct, known)):
        return "id"
    if is_whole and CALENDAR.search(name):
        return "calendar"
    if "percent" in how.notation:
        return "ratio"
    if TOTALS.fullmatch(name.strip()):
        return "computed"
    return next((role for role, names in MEASURES if names.search(name)), "flow")


def _counts_up(distinct: Sequence[str], known: Sequence[str]) -> bool:
    """Whether whole numbers are just those of the rows: 1, 2, 3 and so on."""
    if len(known) <= ROWS:
        return False
    try:
        numbers = [int(value.replace(",", "")) for value in distinct]
    except ValueError:
        return False
    return len(numbers) == len(known) and max(numbers) - min(numbers) == len(numbers) - 1


def _with_dates(columns: list[Seen]) -> list[Seen]:
    """The same with one date: a column, or several that make one."""
    whole = [one for one in columns if one.written.is_date]
    if whole:
        best = max(whole, key=lambda one: (one.filled, -bool(LATE.search(one.source))))
        return [replace(one, role="date") if one is best else one for one in columns]
    parts: dict[str, Seen] = {}
    for one in columns:
        if one.part and one.part not in parts and _is_part(one):
            parts[one.part] = one
    if "year" in parts and ("month" in parts or "quarter" in parts):
        if "month" in parts:
            parts.pop("quarter", None)
        else:
            parts.pop("day", None)
        return [replace(one, role="part") if parts.get(one.part) is one else one for one in columns]
    return columns


MONTH_NUMBER = re.compile(r"1[0-2]|0?[1-9]")
DAY_NUMBER = re.compile(r"(3[01]|[12]\d|0?[1-9])\s*日?")


def _is_part(one: Seen) -> bool:
    """Whether every value of a column is a part of a date, as its name says."""
    if one.written.kind != "text":
        return one.written.kind == "integer"
    return bool(one.values) and all(_tells(one.part, value.strip()) for value in one.values)


def _tells(part: str, text: str) -> bool:
    if part == "month" and month_named(text):
        return True
    patterns = {"year": YEARS, "quarter": QUARTERS, "month": MONTH_NUMBER, "day": DAY_NUMBER}
    return bool(patterns[part].fullmatch(text))


def _with_units(columns: list[Seen]) -> list[Seen]:
    """The same with one column that says where a row belongs."""
    for pattern in UNIT_NAMES:
        names = re.compile(pattern, re.IGNORECASE)
        fits = [
            one for one in columns
            if one.role in ("dimension", "id") and one.written.kind == "text"
            and names.search(one.source) and 2 <= one.distinct <= FEW
        ]  # fmt: skip
        if fits:
            best = min(fits, key=lambda one: (one.role == "id", one.distinct))
            return [replace(one, role="unit") if one is best else one for one in columns]
    return columns


def _is_wide(name: str, wide: Wide, found: Layout) -> bool:
    """Whether a column is one of the months, or of what else each month has."""
    head, _, rest = name.partition("/")
    return bool(month_named(head) or month_named(rest))


def months_of(wide: Wide, found: Layout) -> list[str]:
    """Columns that are months."""
    from fnmatch import fnmatchcase

    return [n for n in found.names if any(fnmatchcase(n, pattern) for pattern in wide.columns)]


def _of_wide(
    wide: Wide, found: Layout, months: Sequence[str], taken: Sequence[str], excluded: set[int]
) -> list[Seen]:
    """The month and the value that a wide table's columns become."""
    cells = [
        value for month in months
        for (row, _), value in zip(found.records, found.values(month), strict=True)
        if row not in excluded
    ]  # fmt: skip
    value = _seen("value", cells, taken)
    if value.written.kind == "empty":  # a form that nobody has filled in yet: numbers will come
        value = replace(value, written=replace(value.written, kind="number"))
    kind = wide.kind or found.title
    role = _role(
        kind, value.written, [c for c in cells if c], list(dict.fromkeys(filter(None, cells)))
    )
    if value.written.is_number:
        role = role if role in ("flow", "stock", "ratio", "price") else "flow"
    month = Seen("month", named("month", taken, "month"),
                 Written("date", format=wide.format), "date", "month")  # fmt: skip
    return [month, replace(value, role=role)]


def _repeats(columns: Sequence[Seen], found: Layout, excluded: set[int]) -> bool:
    """Whether several rows share their date, unit and dimensions, as single events do."""
    if any(one.role == "id" and one.distinct > 0.5 * max(one.filled, 1) for one in columns):
        return True
    keys = [one for one in columns if one.role in ("date", "part", "unit", "dimension")]
    places = [found.names.index(one.source) for one in keys if one.source in found.names]
    rows = [
        tuple(cells[at] for at in places) for row, cells in found.records if row not in excluded
    ]
    return len(set(rows)) < 0.95 * len(rows)
