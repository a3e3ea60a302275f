"""Planted truths of the demonstration company: how many the control charts find, over seeds.

Every seed makes a company with the same truths and other chance. A truth of the business counts
as found when the chart of one of its metrics, in its unit, flags the month in which it begins.
In months before the first truth every flag is false: their number is set beside the one that
the report prints as expected.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import opsnb
from opsnb.analyses.charting import Chart
from opsnb.analyses.control import charts
from opsnb.demo import generate
from opsnb.demo.truths import TRUTHS, Truth
from opsnb.period import Period
from opsnb.shipped import shipped
from opsnb.workbook import Workbook

SEEDS, LINES = 50, 60_000
QUIET = tuple(map(Period.parse, ("2025-11", "2026-03")))
"""Months without a truth; the second follows a Spring Festival."""
BUSINESS = tuple(truth for truth in TRUTHS if truth.kind == "business")
NORMAL_95 = 1.645


@dataclass(frozen=True)
class Score:
    """What the charts of one company found.

    Attributes
    ----------
    found : mapping truth -> bool
    flags : int
        Charts flagged in the quiet months.
    expected : float
        False flags to expect there.
    charts : int
        Drawn in the quiet months.
    """

    found: Mapping[str, bool]
    flags: int
    expected: float
    charts: int


def score(folder: Path) -> Score:
    """Score of the company in `folder`."""
    workbook = opsnb.open(folder, str(QUIET[-1]))
    found = {truth.id: any(map(_is_signal, _told(workbook, truth))) for truth in BUSINESS}
    quiet = [chart for month in QUIET for chart in _all(replace(workbook, period=month))]
    rates = [chart.standing.false_flags for chart in quiet if chart.standing.basis]
    return Score(found, sum(map(_is_signal, quiet)), sum(rates), len(rates))


def _told(workbook: Workbook, truth: Truth) -> Iterable[Chart]:
    """Charts in which a truth should show, of its first month."""
    here = replace(workbook, period=truth.first).for_unit(truth.unit)
    return charts(here, truth.metrics).values()


def _all(workbook: Workbook) -> Iterable[Chart]:
    units = [workbook.units.root, *workbook.units.children(workbook.units.root)]
    for unit in units:
        yield from charts(workbook.for_unit(unit), list(workbook.company.metrics)).values()


def _is_signal(chart: Chart) -> bool:
    return bool(chart.standing.signal)


def company(folder: Path, seed: int, lines: int = LINES) -> Path:
    """Demonstration company of a seed, written to `folder`."""
    ignored = shutil.ignore_patterns("data", "ledgers")
    shutil.copytree(shipped("params") / "demo", folder, ignore=ignored)
    return generate(folder, seed=seed, lines=lines)


def main() -> None:
    seeds = int(os.environ.get("OPSNB_BENCH_SEEDS", SEEDS))
    scores = []
    for seed in range(1, seeds + 1):
        with tempfile.TemporaryDirectory() as name:
            scores.append(score(company(Path(name) / "demo", seed)))
    show(scores)


def show(scores: list[Score]) -> None:
    """Print the shares found and the false flags beside those expected."""
    found = Counter(name for one in scores for name, is_found in one.found.items() if is_found)
    print(f"\n### Planted truths, {len(scores)} seeds of the demonstration company\n")
    print("| Truth | found in its month |\n|---|---:|")
    for truth in BUSINESS:
        print(f"| {truth.id} | {found[truth.id] / len(scores):.0%} |")
    print(f"| all | {sum(found.values()) / len(scores) / len(BUSINESS):.1%} |")
    flags, expected = (sum(getattr(one, name) for one in scores) for name in ("flags", "expected"))
    over = sum(one.flags > one.expected + NORMAL_95 * one.expected**0.5 for one in scores)
    drawn = sum(one.charts for one in scores) / len(scores)
    print(
        f"\nQuiet months: {drawn:.0f} charts a company, {flags / len(scores):.2f} flagged", end=", "
    )
    print(f"{expected / len(scores):.2f} expected; above the 95th percentile in {over} companies.")


if __name__ == "__main__":
    main()
