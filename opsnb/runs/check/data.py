"""Steps about the data: tables as they were read, the period, and the declared checks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opsnb.company import Check, Table
from opsnb.data.checks import Coverage
from opsnb.data.sources import Loaded
from opsnb.errors import OpsnbError
from opsnb.period import Period
from opsnb.runs.check.steps import State, Step, counted, fault, waiting
from opsnb.workbook import Workbook

SHOWN = 6
DAYS = ("date", "datetime")
SERIAL = re.compile(r"\d{5}(\.\d+)?")


def steps(workbook: Workbook, broken: set[str]) -> Iterator[Step]:
    """One step a table, and one for the period; tables that cannot be read go to `broken`."""
    for name, table in workbook.company.tables.items():
        others = [*filter(None, [table.base]), *(join.table for join in table.joins)]
        if waits := [other for other in dict.fromkeys(others) if other in broken]:
            broken.add(name)
            yield waiting("tables", name, waits)
            continue
        try:
            yield _table(workbook, name, table)
        except OpsnbError as error:
            broken.add(name)
            yield fault("tables", name, error)
    yield _period(workbook, broken)


def _table(workbook: Workbook, name: str, table: Table) -> Step:
    loaded = workbook.load(name)
    coverage = workbook.coverage(name) if table.date else None
    doubts = [*_lost(loaded), *_absent(workbook.period, table, coverage), *_ahead(coverage)]
    lines = [_read(loaded), *_months(loaded, table), *_recognised(loaded), *doubts]
    state: State = "note" if doubts else "ok"
    if loaded.rows == 0 or (table.required and coverage is not None and coverage.is_missing):
        state = "not ready"
    return Step("tables", name, state, tuple(lines), _facts(loaded, coverage))


def _read(loaded: Loaded) -> str:
    text = f"{loaded.path}: {counted(loaded.rows, 'row')}"
    return f"{text}, {loaded.excluded:,} left out by where" if loaded.excluded else text


def _months(loaded: Loaded, table: Table) -> list[str]:
    if not loaded.months:
        return [] if table.date is None else ["no row has a date"]
    first, last = loaded.months[0], loaded.months[-1]
    lines = [f"months {Period(first)} to {Period(last)}"]
    if loaded.is_january_combined:
        lines.append("January and February come together: 11 periods a year")
    elif table.every == "month":
        gaps = [str(Period(m)) for m in range(first, last) if m not in loaded.months]
        if gaps:
            lines.append(f"without rows inside: {_some(gaps)}")
    return lines


def _recognised(loaded: Loaded) -> list[str]:
    met = [f"{what} {times:,} times" for what, times in loaded.recognised.items()]
    return [f"read as declared: {', '.join(met)}"] if met else []


def _lost(loaded: Loaded) -> list[str]:
    """What the table lacks because it could not be read or matched."""
    lines = []
    if loaded.unparsed:
        lines.append(
            f"{counted(loaded.unparsed, 'value')} not of the column's type, hence missing:"
        )
        lines += [
            f"  {bad.file}, row {bad.row}, column {bad.column}: {bad.value!r}, "
            f"expected {bad.expected}"
            for bad in loaded.examples
        ]
        if any(bad.expected in DAYS and SERIAL.fullmatch(bad.value) for bad in loaded.examples):
            lines.append("  a number may be a day as Excel counts it: format: serial")
    if loaded.without_date:
        lines.append(f"{counted(loaded.without_date, 'row')} without a date, of no period")
    if loaded.merged:
        lines.append(f"{counted(loaded.merged, 'merged cell')} below the header")
    for other, rows in loaded.unmatched.items():
        lines.append(f"{counted(rows, 'row')} without a match in {other}")
    return lines


def _ahead(coverage: Coverage | None) -> list[str]:
    if coverage is None or not coverage.ahead:
        return []
    rows = counted(coverage.ahead, "row")
    return [f"{rows} of days to come, up to {coverage.latest}; ahead: true if they are meant"]


def _absent(period: Period, table: Table, coverage: Coverage | None) -> list[str]:
    """What the period lacks."""
    if coverage is None or not coverage.expected:
        return []
    lines = []
    due = f", due {coverage.due}" + (" (late)" if coverage.overdue else "") if coverage.due else ""
    needed = "; it is required" if table.required else ""
    if coverage.rows == 0:
        lines.append(f"no rows in {period}{due}{needed}")
    elif coverage.missing:
        lines.append(f"nothing in {period} from {_some(coverage.missing)}{due}{needed}")
    if coverage.unknown:
        rows = counted(sum(coverage.unknown.values()), "row")
        names = _some(sorted(coverage.unknown))
        lines.append(f"{rows} in {period} of units that ledgers/units does not know: {names}")
    return lines


def _some(names: list[str] | tuple[str, ...]) -> str:
    """The first names, quoted where they are blank."""
    shown = [name or "(empty)" for name in names[:SHOWN]]
    rest = len(names) - SHOWN
    return ", ".join(shown) + (f" and {rest} more" if rest > 0 else "")


def _facts(loaded: Loaded, coverage: Coverage | None) -> dict[str, object]:
    facts: dict[str, object] = {
        "path": loaded.path,
        "rows": loaded.rows,
        "months": [str(Period(month)) for month in loaded.months],
        "unparsed": loaded.unparsed,
        "without_date": loaded.without_date,
        "excluded": loaded.excluded,
        "recognised": dict(loaded.recognised),
        "unmatched": dict(loaded.unmatched),
    }
    if coverage is not None:
        facts |= {
            "rows_in_period": coverage.rows,
            "missing_units": list(coverage.missing),
            "unknown_units": dict(coverage.unknown),
            "due": coverage.due.isoformat() if coverage.due else None,
            "late": coverage.overdue and coverage.is_missing,
            "ahead": coverage.ahead,
        }
    return facts


def _period(workbook: Workbook, broken: set[str]) -> Step:
    """Whether there is anything to report on."""
    period, title = workbook.period, str(workbook.period)
    facts = [name for name in workbook.company.fact_tables if name not in broken]
    if broken and not any(workbook.coverage(name).rows for name in facts):
        return waiting("period", title, sorted(broken))
    try:
        if not broken:
            workbook.check_ready()
    except OpsnbError as error:
        return fault("period", title, error)
    filled = sum(workbook.coverage(name).rows > 0 for name in facts)
    closed = "closed" if workbook.company.profile.is_closed(period) else "not closed yet"
    tables = counted(len(workbook.company.fact_tables), "table")
    have = "has" if len(workbook.company.fact_tables) == 1 else "have"
    return Step("period", title, "ok", (f"{closed}; {filled} of {tables} {have} rows in it",))


def check_steps(workbook: Workbook, broken: set[str]) -> Iterator[Step]:
    """One step a declared check."""
    for name, table in workbook.company.tables.items():
        for place, check in enumerate(table.checks):
            title = f"{name}: {_named(check)}"
            needs = [name, *([check.refers.table] if check.refers else [])]
            waits = [table for table in needs if table in broken]
            yield (
                waiting("checks", title, waits) if waits else _checked(workbook, name, place, title)
            )


def _checked(workbook: Workbook, table: str, place: int, title: str) -> Step:
    try:
        alert = workbook.alert(table, place)
    except OpsnbError as error:
        return fault("checks", title, error)
    if alert is None:
        return Step("checks", title, "ok", ("holds",))
    state: State = "not ready" if alert.severity == "error" else "note"
    dated = workbook.company.tables[table].date is not None
    when = f"in {workbook.period}, {alert.total:,} up to then" if dated else "in the whole table"
    said = f"does not hold: {alert.count:,} {when}"
    lines = [said, *(f"  {example}" for example in alert.examples)]
    facts = {
        "severity": alert.severity,
        "count": alert.count,
        "total": alert.total,
        "units": list(alert.units),
        "examples": list(alert.examples),
    }
    return Step("checks", title, state, tuple(lines), facts)


def _named(check: Check) -> str:
    """Kind of the check, and what tells it from others of the kind."""
    detail = getattr(check, check.kind)
    if check.label is not None:
        what = check.label.en
    elif isinstance(detail, str):
        what = detail
    elif isinstance(detail, tuple):
        what = ", ".join(detail)
    else:
        names = ("columns", "value", "column")
        found = next(getattr(detail, name) for name in names if hasattr(detail, name))
        what = found if isinstance(found, str) else ", ".join(found)
        what += f", {detail.left}" if hasattr(detail, "left") else ""
    return f"{check.kind} ({what})"
