"""``company.yaml``: who the company is, how its year runs, and what day a report believes it is."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field, model_validator

from opsnb.company.labels import Label, UnitId
from opsnb.company.risk import RiskSettings
from opsnb.period import FiscalYear, Period
from opsnb.settings import Day, Strict


class FiscalYearSettings(Strict):
    """First month of the year, and whether the year is named by its start or its end."""

    start: int = Field(default=1, ge=1, le=12)
    named_by: Literal["end", "start"] = "end"


class Root(Strict):
    """The unit above all others: the whole company."""

    id: UnitId = "all"
    label: Label = Label(zh="全公司", en="Whole company")


class Thresholds(Strict):
    """Attainment (1 = target met) below which a metric is warned of."""

    yellow: float = 1.0
    orange: float = 0.95
    red: float = 0.85

    @model_validator(mode="after")
    def _ordered(self) -> Thresholds:
        if not self.yellow >= self.orange >= self.red:
            raise ValueError(
                f"thresholds {self.yellow}, {self.orange}, {self.red} are out of order; "
                "expected yellow >= orange >= red"
            )
        return self


class Profile(Strict):
    """Contents of ``company.yaml``."""

    schema_version: Literal[1] = Field(alias="schema")
    id: UnitId
    name: Label
    department: Label = Label(zh="计划运营部", en="Planning and Operations")
    classification: Label = Label(zh="内部", en="Internal")
    locale: Literal["zh", "en"] = "zh"
    currency: str = Field(default="CNY", pattern=r"^[A-Z]{3}$")
    calendar: str = "cn"
    fiscal_year: FiscalYearSettings = FiscalYearSettings()
    as_of: Day
    close_day: int = Field(default=5, ge=1, le=28)
    data: str = "data"
    scenario: str = Field(default="target", min_length=1)
    root: Root = Root()
    thresholds: Thresholds = Thresholds()
    risk: RiskSettings = RiskSettings()

    @property
    def fiscal(self) -> FiscalYear:
        """Fiscal year as `Period` wants it."""
        return FiscalYear(self.fiscal_year.start, self.fiscal_year.named_by)

    @property
    def last_closed(self) -> Period:
        """Latest month that is closed on `as_of`."""
        month = Period.month_of(self.as_of, self.fiscal).prior
        return month if self.is_closed(month) else month.prior

    def is_closed(self, period: Period) -> bool:
        """Whether `as_of` has reached the close day of the month after `period`."""
        return self.as_of >= period.end + dt.timedelta(days=self.close_day)
