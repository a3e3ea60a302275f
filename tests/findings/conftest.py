"""Cases that a rule sees, made of a few numbers."""

import datetime as dt
import math

import pytest

from opsnb.company import Metric, Thresholds
from opsnb.data.checks import Coverage
from opsnb.data.readers import SourceFile
from opsnb.data.sources import Loaded, Unparsed
from opsnb.findings.rules import MetricCase, TableCase

COLUMNS = ("actual", "target", "variance", "attainment", "ytd", "year_target", "year_attainment")


@pytest.fixture
def metric_case():
    """Make a case of a metric; what is not given has no value."""

    def metric_case(
        *, better="higher", missing=None, progress=0.8, remaining=50, revision=None, moved=(),
        standing=None, **row
    ):  # fmt: skip
        definition = {"label": "x", "unit": "CNY", "better": better, "owner": "销售部"}
        definition |= {"table": "t", "measure": "sum(a)"}
        if better == "band":
            definition["band"] = [1, 2]
        cells = dict.fromkeys(COLUMNS, math.nan) | row
        return MetricCase(
            name="revenue",
            metric=Metric.model_validate(definition),
            row=cells | {"unit": "north", "period": "2026-10"},
            thresholds=Thresholds(yellow=1.0, orange=0.95, red=0.85),
            time_progress=progress,
            remaining_workdays=remaining,
            missing=missing or {},
            revision=revision,
            moved=moved,
            standing=standing,
        )

    return metric_case


@pytest.fixture
def table_case():
    """Make a case of a table."""

    def table_case(*, unknown=None, examples=(), ahead=0, looked_up=False, **more):
        loaded = Loaded(
            name="sales",
            files=(SourceFile("sales.csv", "", dt.datetime(2026, 11, 1, tzinfo=dt.UTC)),),
            rows=10,
            examples=tuple(Unparsed("sales.csv", *example) for example in examples),
            **({"without_date": 0, "unparsed": 0} | more),
        )
        latest = dt.date(2027, 1, 1) if ahead else None
        coverage = Coverage(10, missing=(), unknown=unknown or {}, ahead=ahead, latest=latest)
        found = None if looked_up else coverage
        return TableCase(loaded, found, "销售部", "north", "2026-10", "2026-11-05")

    return table_case


@pytest.fixture
def is_about_the_case():
    """Check what every finding about the case says of itself."""

    def is_about_the_case(finding, code):
        assert finding.code == code
        assert (finding.unit, finding.period, finding.owner) == ("north", "2026-10", "销售部")
        assert finding.metric == ("" if "table" in finding.evidence else "revenue")
        for value in finding.evidence.values():
            assert not isinstance(value, float) or math.isfinite(value)

    return is_about_the_case
