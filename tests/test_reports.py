import ast

import nbformat
import pytest

from opsnb.errors import UnknownNameError
from opsnb.reports import REPORTS, Params, report


def test_names_are_unique_and_lead_to_a_notebook():
    assert len({r.name for r in REPORTS}) == len(REPORTS)
    for known in REPORTS:
        assert known.notebook.is_file()
        assert report(known.name) is known
        assert set(known.title) == {"zh", "en"}


def test_unknown_report_names_the_nearest():
    with pytest.raises(UnknownNameError, match=r"did you mean 'monthly_operations'\?") as raised:
        report("monthly_operation")
    assert raised.value.exit_code == 2


@pytest.mark.parametrize("known", REPORTS, ids=lambda r: r.name)
def test_parameters_cell_is_what_the_report_takes(known):
    """Same names, in the same order, and the same defaults; the company is the notebook's own."""
    cells = nbformat.read(known.notebook, as_version=4).cells
    (cell,) = [cell for cell in cells if "parameters" in cell.metadata.get("tags", [])]
    given = {
        node.targets[0].id: ast.literal_eval(node.value) for node in ast.parse(cell.source).body
    }
    fields = known.params.model_fields
    assert list(given) == list(fields)
    for name, field in fields.items():
        if name != "company":
            assert given[name] == field.get_default(call_default_factory=True), name


@pytest.mark.parametrize("known", REPORTS, ids=lambda r: r.name)
def test_metrics_that_parameters_name_are_known_beforehand(known):
    """Every parameter about metrics is heard by metric_ids, so that none is checked too late."""
    names = [name for name in known.params.model_fields if "metric" in name]
    for name in names:
        value = "x" if known.params.model_fields[name].annotation is str else ["x"]
        params = known.params.model_validate({"company": "demo", name: value})
        assert list(params.metric_ids()) == ["x"], name


def test_parameters_are_frozen_and_strict():
    with pytest.raises(ValueError, match="Extra inputs"):
        Params.model_validate({"company": "demo", "perido": "2026-10"})
    with pytest.raises(ValueError, match="frozen"):
        Params(company="demo").period = "2026-10"
