"""What a unit is given names no other unit: neither page nor workbook, whatever the report."""

import datetime as dt
import io
import re
import shutil
import zipfile
from pathlib import Path

import pytest

from opsnb.company import Company
from opsnb.data.ledgers import units as units_of
from opsnb.errors import ParameterError
from opsnb.publication.publish import publish
from opsnb.publication.reviews import review
from opsnb.reports import REPORTS
from opsnb.runs import apart
from opsnb.runs.export import Exported, export_xlsx
from opsnb.standing import APPROVE

FONT = re.compile(rb"base64,[A-Za-z0-9+/=]+")
UNIT = "east"
NOW = dt.datetime(2026, 11, 6, 9, 30, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def runs(demonstration, tmp_path_factory):
    outputs = tmp_path_factory.mktemp("audience")
    found = {}
    for report in REPORTS:
        values = {"company": str(demonstration), "period": "2026-10", "unit": UNIT, "locale": "zh"}
        ended = apart.apart(apart.Job(report.name, values, str(outputs), str(outputs)))
        assert ended.exit_code == 0, ended.message
        found[report.name] = outputs / "demo/2026-10" / report.name / UNIT / ended.folder
    return found


def others(company):
    """Words by which other units than this one, and those above it, would be named."""
    tree = units_of(Company(company))
    own = {UNIT, *tree.ancestors(UNIT)}
    words = {word for unit in tree if unit.id not in own for word in unit.label.values()}
    return words | {f"|{unit.id}|" for unit in tree if unit.id not in own}


@pytest.mark.slow
def test_a_warning_that_nobody_owns_keeps_a_report_from_being_published(demonstration, tmp_path):
    folder, outputs = tmp_path / "demo", tmp_path / "outputs"
    shutil.copytree(demonstration, folder)
    path = folder / "company.yaml"
    text = path.read_text(encoding="utf-8").replace("hold: never", "hold: orange")
    path.write_text(text, encoding="utf-8")
    values = {"company": str(folder), "period": "2026-10", "unit": "all", "locale": "zh"}
    ended = apart.apart(apart.Job("risk_assessment", values, str(outputs), str(outputs.parent)))
    assert ended.exit_code == 4
    review(Path(ended.folder), outputs, APPROVE, "张三", "", NOW)
    with pytest.raises(ParameterError, match="without action, owner and deadline"):
        publish(Company(folder), "2026-10", outputs, "", NOW)


@pytest.mark.slow
@pytest.mark.parametrize("report", [report.name for report in REPORTS])
def test_a_unit_s_report_names_no_other(runs, demonstration, report):
    words = others(demonstration)
    assert "华南" in words
    page = FONT.sub(b"", (runs[report] / "report.html").read_bytes()).decode()
    with zipfile.ZipFile(io.BytesIO(export_xlsx(Exported.of(runs[report])).read_bytes())) as book:
        sheets = "".join(book.read(name).decode() for name in book.namelist() if ".xml" in name)
    for word in sorted(words):
        assert word not in page, word
        assert word not in sheets, word
