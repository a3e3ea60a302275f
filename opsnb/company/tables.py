"""``sources.yaml``: the tables of a company, where each comes from, its columns and its checks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from opsnb.company.checks import ROW_KINDS, Check
from opsnb.company.columns import Habit, SourceColumn
from opsnb.company.labels import Label, Name, Wording, check_name
from opsnb.errors import suggest
from opsnb.period import Period
from opsnb.settings import FaultsError, Strict

SUFFIXES = {
    ".csv": "csv", ".txt": "csv", ".tsv": "csv", ".xlsx": "excel", ".xlsm": "excel",
    ".xls": "excel", ".ods": "excel", ".parquet": "parquet",
}  # fmt: skip
EXCEL_KEYS = ("sheet", "fill_down")
CSV_KEYS = ("delimiter", "encoding")
TIMEOUT = 60


def _check_column(value: str) -> str:
    try:
        return check_name(value)
    except ValueError as error:
        raise ValueError(f"{error}; the name in the file goes under the key from") from None


Fault = tuple[tuple[str | int, ...], str]


def _check_role(value: str) -> str:
    try:
        return check_name(value)
    except ValueError as error:
        raise ValueError(f"{error}, as it stands under columns and not as in the file") from None


ColumnName = Annotated[str, AfterValidator(_check_column)]
RoleName = Annotated[str, AfterValidator(_check_role)]
"""Name of a column that says when or where."""

PARSED = Check(parsed=True)
"""Check of every dated table that is read."""


class Unpivot(Strict):
    """Columns of the file, such as months, turned into rows.

    Attributes
    ----------
    columns : list of str
        Names in the file; a ``*`` stands for any text.
    name, value : str
        Columns (as in the file) that take the name and the cell.
    without : str
        Text that is cut off the names, such as ``/实际`` below months of a header in two rows.
    """

    columns: tuple[str, ...] = Field(min_length=1)
    name: str = "name"
    value: str = "value"
    without: str = ""


class Join(Strict):
    """Columns of another table, looked up by key.

    Attributes
    ----------
    table : str
    on : mapping
        Column here -> column there; one name stands for both.
    columns : mapping
        New column -> column there; a list keeps the names. All columns when left out.
    aggregate : mapping
        New column -> SQL aggregate over the rows there that share the key: for tables that have
        several rows a key, such as reviews of an order.
    """

    table: Name
    on: dict[Name, Name] = Field(min_length=1)
    columns: dict[Name, Name] | None = None
    aggregate: dict[Name, str] | None = None

    @field_validator("on", mode="before")
    @classmethod
    def _same_name(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {value: value}
        return {name: name for name in value} if isinstance(value, list) else value

    @field_validator("columns", mode="before")
    @classmethod
    def _same_names(cls, value: Any) -> Any:
        return {name: name for name in value} if isinstance(value, list) else value

    @model_validator(mode="after")
    def _either(self) -> Join:
        if self.columns is not None and self.aggregate is not None:
            raise ValueError("a join takes columns or aggregate, not both")
        return self


class Due(Strict):
    """When the data of a month must be there: this day of the next month."""

    day: int = Field(ge=1, le=28)


class Table(Strict):
    """One table: from a file, a database, or other tables.

    Attributes
    ----------
    path : str
        File in the company's data folder; ``*`` stands for any text but a slash, so that one table
        may come from several files.
    url, relation : str
        SQLAlchemy URL (secrets as ``${env:NAME}``), and table or view.
    watermark : str
        Column of the relation that grows with every new row: only rows from its highest known
        value on are fetched.
    timeout : int
        Seconds that the database may take to answer.
    in_place : bool
        The rows stay in the database, which computes the metrics itself; its columns must be of
        the declared types. Without it the rows are read.
    base, joins
        Another table to start from, and what is looked up.
    sheet, header, fill_down, unpivot
        Of an Excel sheet, or of any wide file.
    date, unit : str
        Columns that say when and where a row belongs; without `unit` rows belong to the root;
        without `date` the table is only looked up.
    labels : mapping
        Column -> how it and its values are called, where the report names them.
    derive : mapping
        New column -> SQL expression over the columns of one row.
    where : str
        Condition on a row; the others (totals below a sheet, say) are left out and counted.
    every : {"month", "quarter", "half", "year"}
        How often data come: those of a quarter stand in its last month, and nobody misses them in
        the other two. Of the company's own fiscal year.
    sparse : bool
        Rows are events, of which a small unit may have none in a month: none is not a delivery
        that is missing.
    ahead : bool
        Rows of days to come are meant, as in a plan.
    due, required, checks
        The collection calendar, and what must hold before the numbers are believed.
    """

    label: Label
    owner: Label = Label(zh="", en="")
    path: str | None = None
    url: str | None = None
    relation: str | None = None
    watermark: str | None = None
    timeout: int = Field(default=TIMEOUT, ge=1, le=3600)
    in_place: bool = False
    base: Name | None = None
    joins: tuple[Join, ...] = ()
    delimiter: str | None = Field(default=None, pattern=r"^[^\"\r\n0-9A-Za-z]$")
    encoding: Literal["utf-8", "gb18030"] | None = None
    sheet: str | None = None
    header: tuple[int, ...] = (1,)
    fill_down: tuple[str, ...] = ()
    unpivot: Unpivot | None = None
    missing: tuple[str, ...] = ()
    notation: tuple[Habit, ...] = ()
    columns: dict[ColumnName, SourceColumn] = Field(default_factory=dict)
    derive: dict[ColumnName, str] = Field(default_factory=dict)
    where: str | None = None
    date: RoleName | None = None
    unit: RoleName | None = None
    dimensions: tuple[RoleName, ...] = ()
    labels: dict[Name, Wording] = Field(default_factory=dict)
    every: Literal["month", "quarter", "half", "year"] = "month"
    sparse: bool = False
    ahead: bool = False
    due: Due | None = None
    required: bool = False
    checks: tuple[Check, ...] = ()

    @field_validator("header", mode="before")
    @classmethod
    def _one_row(cls, value: Any) -> Any:
        return (value,) if isinstance(value, int) else value

    @model_validator(mode="after")
    def _whole(self) -> Table:
        self._check_origin()
        _refuse_twins("columns", [*self.columns, *self.derive])
        if self.base is None:
            self.check_roles({**dict.fromkeys(self.derive), **self.columns})
        self._check_checks()
        self._check_in_place()
        if min(self.header) < 1 or list(self.header) != sorted(set(self.header)):
            raise ValueError(
                f"key 'header': {list(self.header)} is out of order; expected rows from 1 on"
            )
        return self

    def _check_origin(self) -> None:
        given = [name for name in ("path", "url", "base") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(
                f"a table has one of path, url or base; this one has {', '.join(given) or 'none'}"
            )
        if self.base is None and not self.columns:
            raise ValueError("key 'columns' is missing")
        if self.base is not None and self.columns:
            raise ValueError("a table with a base takes its columns from there; use derive")
        if (self.url is None) != (self.relation is None):
            raise ValueError("url and relation go together")
        for key in ("watermark", "timeout"):
            if self.url is None and key in self.model_fields_set:
                raise ValueError(f"key {key!r} belongs to a database; this table is {self.kind}")
        if self.path is not None:
            self._check_path(PurePosixPath(self.path))
        for key in (*EXCEL_KEYS, *CSV_KEYS):
            wanted = "excel" if key in EXCEL_KEYS else "csv"
            if getattr(self, key) and self.kind != wanted:
                raise ValueError(
                    f"key {key!r} belongs to {wanted} files; this table is {self.kind}"
                )

    @property
    def gate(self) -> tuple[Check, ...]:
        """Declared checks, and that the values of dated rows could be read, declared or not."""
        if self.date is None or self.base is not None or self.in_place:
            return self.checks
        if any(check.parsed for check in self.checks):
            return self.checks
        return (*self.checks, PARSED)

    def _check_checks(self) -> None:
        timed = next((c.kind for c in self.checks if c.kind not in ROW_KINDS), None)
        if self.date is None and timed is not None:
            raise ValueError(f"a check of kind {timed!r} compares months; this table has no date")

    def _check_in_place(self) -> None:
        """Refuse what needs the rows themselves, where they stay in a database."""
        if not self.in_place:
            return
        if self.url is None:
            raise ValueError("in_place belongs to tables of a database, which have a url")
        if self.watermark is not None:
            raise ValueError(
                "key watermark fetches rows; those of a table in_place are not fetched"
            )
        spare = [key for key in ("unpivot", "missing", "notation") if getattr(self, key)]
        for name, column in self.columns.items():
            keys = ("format", "parts", "notation", "missing")
            spare += [f"{key} of column {name}" for key in keys if getattr(column, key)]
        if spare:
            raise ValueError(f"key {spare[0]} reads text; a table in_place has typed columns")
        rows = next((check.kind for check in self.checks if check.kind in ROW_KINDS), None)
        if rows is not None:
            raise ValueError(
                f"a check of kind {rows!r} looks at single rows; a table in_place gives sums only"
            )

    def _check_path(self, path: PurePosixPath) -> None:
        if path.is_absolute() or ".." in path.parts:
            raise ValueError(
                f"key 'path': {self.path!r} leaves the data folder; expected a file inside it"
            )
        if path.suffix.lower() not in SUFFIXES:
            known = ", ".join(SUFFIXES)
            raise ValueError(
                f"key 'path': {self.path!r} has no known ending; expected one of {known}"
            )

    def check_roles(self, known: Mapping[str, SourceColumn | None]) -> None:
        """Refuse a date, unit or dimension that is no column, or of the wrong type.

        Raises
        ------
        ValueError
        """
        roles = [("date", self.date), ("unit", self.unit)]
        for role, name in (
            *roles,
            *(("dimensions", d) for d in self.dimensions),
            *(("labels", name) for name in self.labels),
        ):
            if name is not None and name not in known:
                nearest = suggest(name, known)
                hint = f"; did you mean {nearest!r}?" if nearest else ""
                raise ValueError(
                    f"key {role!r} names column {name!r}, which is not among the columns{hint}"
                )
        for role, name, kinds in (
            ("date", self.date, ("date", "datetime")),
            ("unit", self.unit, ("text",)),
        ):
            column = known.get(name) if name else None
            if column is not None and column.type not in kinds:
                found = f"column {name!r} of type {column.type!r}"
                raise ValueError(f"key {role!r} names {found}; expected {kinds[0]}")

    def brings(self, period: Period) -> bool:
        """Whether data come in this month: those of a quarter do in its last month only."""
        return self.every == "month" or getattr(period, self.every).end == period.end

    @property
    def kind(self) -> Literal["csv", "excel", "parquet", "database", "joined"]:
        """Where it comes from."""
        if self.base is not None:
            return "joined"
        if self.path is None:
            return "database"
        return SUFFIXES[PurePosixPath(self.path).suffix.lower()]  # type: ignore[return-value]


class Sources(Strict):
    """Contents of ``sources.yaml``."""

    schema_version: Literal[1] = Field(alias="schema")
    tables: dict[Name, Table] = Field(min_length=1)

    @model_validator(mode="after")
    def _whole(self) -> Sources:
        _refuse_twins("tables", self.tables)
        # What stands on a table that is not there cannot be judged before it is.
        if faults := list(self._order_faults()) or list(self._other_faults()):
            raise FaultsError(faults)
        return self

    def _order_faults(self) -> Iterator[Fault]:
        """Tables that build on one that does not stand before them."""
        before: list[str] = []
        for name, table in self.tables.items():
            below = [(("base",), table.base)] if table.base else []
            joined = [(("joins", i, "table"), join.table) for i, join in enumerate(table.joins)]
            for at, other in (*below, *joined):
                if other not in before:
                    nearest = suggest(other, before)
                    hint = f"; did you mean {nearest!r}?" if nearest else ""
                    what = f"table {name!r} builds on {other!r}, which does not stand before it"
                    yield ("tables", name, *at), what + hint
                elif self.tables[other].in_place:
                    what = f"table {name!r} builds on {other!r}, whose rows stay in a database"
                    yield ("tables", name, *at), f"{what}; expected a view there that joins them"
            before.append(name)

    def _other_faults(self) -> Iterator[Fault]:
        """Checks that refer to what is not there, and roles of columns that are not there."""
        for name, table in self.tables.items():
            yield from self._reference_faults(name)
            if table.base is not None:
                try:
                    table.check_roles(dict.fromkeys(self.columns_of(name)))
                except ValueError as error:
                    yield ("tables", name), str(error)

    def _reference_faults(self, name: str) -> Iterator[Fault]:
        for place, check in enumerate(self.tables[name].checks):
            refers, at = check.refers, ("tables", name, "checks", place, "refers")
            if refers is None:
                continue
            if refers.table not in self.tables:
                what = f"table {name!r} refers to table"
                yield (*at, "table"), _unknown(what, refers.table, self.tables)
            elif self.tables[refers.table].in_place:
                what = f"table {name!r} refers to {refers.table!r}, whose rows stay in a database"
                yield (*at, "table"), what
            elif refers.key not in (known := self.columns_of(refers.table)):
                what = f"table {name!r} refers to column"
                yield (*at, "key"), _unknown(what, refers.key, known)

    def columns_of(self, name: str) -> list[str]:
        """Columns of a table: its own, those it looks up, and those derived."""
        table = self.tables[name]
        if table.base is None:
            return [*table.columns, *table.derive]
        found = self.columns_of(table.base)
        for join in table.joins:
            there = self.columns_of(join.table)
            if join.aggregate is not None:
                found += list(join.aggregate)
            elif join.columns is not None:
                found += list(join.columns)
            else:
                found += [c for c in there if c not in join.on.values() and c not in found]
        return [*found, *table.derive]


def _unknown(what: str, given: str, known: Iterable[str]) -> str:
    """Name that does not exist, with the nearest that does."""
    nearest = suggest(given, known)
    return f"{what} {given!r}, which is not there" + (
        f"; did you mean {nearest!r}?" if nearest else ""
    )


def _refuse_twins(what: str, names: Iterable[str]) -> None:
    """SQL does not tell ``Amount`` from ``amount``: one would stand for the other in silence."""
    seen: dict[str, str] = {}
    for name in names:
        other = seen.get(name.casefold())
        if other is not None:
            raise ValueError(
                f"{what} {other!r} and {name!r} differ in capital letters alone, "
                "which SQL does not tell apart"
            )
        seen[name.casefold()] = name
