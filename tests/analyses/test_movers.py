"""The page names the units whose change on the year before is best and worst."""

import re

import pytest

import opsnb
from opsnb.analyses import units
from opsnb.display import html

SAID = re.compile(
    r"同比最好的是(\S+?)（.*?data-key=\"([^\"]+)\".*?最差的是(\S+?)（.*?data-key=\"([^\"]+)\""
)


@pytest.mark.parametrize(
    ("metric", "column", "falls"),
    [("revenue", "yoy", False), ("gross_margin", "yoy_difference", False), ("inventory", "yoy", 1)],
)
def test_best_and_worst_are_those_of_the_frame(demonstration, metric, column, falls):
    """Of inventory less is better; North has not delivered its own, and is neither."""
    workbook = opsnb.open(demonstration, "2026-10")
    result = units(workbook, [metric])
    change = result.frame.set_index("unit")[column].dropna()
    ends = [change.idxmax(), change.idxmin()]
    best, worst = ends[::-1] if falls else ends
    page = html(result, "zh")
    found = SAID.search(page)
    names = {unit.id: unit.label["zh"] for unit in workbook.units}
    assert (found[1], found[3]) == (names[best], names[worst])
    assert found[2].startswith(f"{metric}|{column}|{best}|2026-10")
    assert found[4].startswith(f"{metric}|{column}|{worst}|2026-10")
    if metric == "inventory":
        assert "north" not in (best, worst)
