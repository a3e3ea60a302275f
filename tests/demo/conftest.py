"""Generated companies, one a seed, read once with pandas."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd
import pytest
import yaml

from opsnb.demo import SEED, generate

PARAMS = Path(__file__).parents[2] / "params/demo"
DATES = {
    "order_lines": ["order_date", "promised_date", "delivered_date"],
    "surveys": ["answered_on"],
    "inventory": ["counted_on"],
    "expenses": ["posted_on"],
    "headcount": ["counted_on"],
}


@dataclass(frozen=True)
class Generated:
    """One generated company; frames carry their month in `month`."""

    root: Path
    seed: int
    lines: int

    def table(self, name):
        dates = DATES[name]
        frame = pd.read_csv(self.root / f"data/{name}.csv", parse_dates=dates)
        return frame.assign(month=frame[dates[0]].dt.strftime("%Y-%m"))

    @cached_property
    def order_lines_as_filed(self):
        return self.table("order_lines")

    @cached_property
    def order_lines(self):
        return self.order_lines_as_filed.drop_duplicates()

    @cached_property
    def surveys(self):
        return self.table("surveys")

    @cached_property
    def inventory(self):
        return self.table("inventory")

    @cached_property
    def expenses(self):
        return self.table("expenses")

    @cached_property
    def headcount(self):
        return self.table("headcount")

    @cached_property
    def targets(self):
        return pd.read_csv(self.root / "ledgers/targets.csv", dtype=str)

    def attainment(self, metric, actual):
        """Actual (region, month) over the first target."""
        first = self.targets.query("metric == @metric and version == '1'")
        target = first.set_index(["unit", "period"])["value"].astype(float)
        return (actual / target.reindex(actual.index)).unstack(0)


@pytest.fixture(scope="session")
def build(tmp_path_factory):
    """Generate a company once for its seed and size."""
    made = {}

    def company(seed, lines):
        key = seed, lines
        if key not in made:
            root = generate(tmp_path_factory.mktemp(f"demo-{seed}-{lines}"), seed=seed, lines=lines)
            made[key] = Generated(root, seed, lines)
        return made[key]

    return company


@pytest.fixture(scope="session", params=[(SEED, 300_000), (1, 60_000), (2, 60_000), (3, 60_000)])
def company(request, build):
    """Return the company as shipped, and three others of fewer lines."""
    return build(*request.param)


@pytest.fixture(scope="session")
def small(build):
    """Return a small company, for what does not depend on size."""
    return build(SEED, 20_000)


@pytest.fixture(scope="session")
def params():
    """Return the folder of the settings that the demonstration company is shipped with."""
    return PARAMS


@pytest.fixture(scope="session")
def declared():
    """Return the tables as sources.yaml declares them."""
    return yaml.safe_load((PARAMS / "sources.yaml").read_text(encoding="utf-8"))["tables"]


@pytest.fixture(scope="session")
def metrics():
    """Return the metrics of metrics.yaml."""
    return yaml.safe_load((PARAMS / "metrics.yaml").read_text(encoding="utf-8"))["metrics"]
