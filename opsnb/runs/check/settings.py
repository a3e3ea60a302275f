"""Steps about what people have written: settings files and ledgers."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from opsnb.calendar import workdays
from opsnb.company import Company, Pin
from opsnb.company.pins import FILE as PINS
from opsnb.data.ledgers import LEDGERS
from opsnb.data.ledgers.files import ledger_files
from opsnb.dataset import Dataset
from opsnb.errors import OpsnbError
from opsnb.metrics.catalogue import Catalogue
from opsnb.reports import Params, Report, none, report
from opsnb.runs.check.steps import Step, counted, fault, waiting
from opsnb.runs.parameters import build
from opsnb.units import Unit, Units

NEEDED = ("company.yaml", "sources.yaml", "metrics.yaml")
"""Settings without which no data can be read."""


def steps(company: Company, report: Report) -> list[Step]:
    """One step a settings file, each judged for itself as far as that goes."""
    found = [
        _step("company.yaml", lambda: _profile(company)),
        _step("sources.yaml", lambda: counted(len(company.tables), "table")),
        _step("metrics.yaml", lambda: counted(len(company.metrics), "metric")),
    ]
    if all(step.state == "ok" for step in found[1:]):
        faults = Catalogue(company).faults() or _faults_between(company)
        if faults:
            found[2] = fault("settings", "metrics.yaml", *faults)
    name = f"{report.name}.yaml"
    if found[2].state != "ok":
        return [*found, waiting("settings", name, ["metrics.yaml"])]
    found.append(_step(name, lambda: _parameters(company, report)))
    if (company.folder / PINS).exists():
        found.append(_step(PINS, lambda: counted(len(_pins(company)), "view")))
    found += [
        Step("settings", str(error.where), "note", (f"no report: {error}",))
        for error in none(company)
    ]
    return found


def parameters(company: Company, report: Report) -> Params:
    """Parameters as the company's file gives them.

    Raises
    ------
    ParameterError
    """
    return build(report, str(company.folder), {})


def _step(title: str, look: Callable[[], str]) -> Step:
    try:
        return Step("settings", title, "ok", (look(),))
    except OpsnbError as error:
        return fault("settings", title, error)


def _profile(company: Company) -> str:
    profile = company.profile
    workdays(profile.last_closed, company.calendar)  # the calendar is there and can be read
    return (
        f"{profile.name.en} ({profile.id}), as of {profile.as_of}, "
        f"last closed month {profile.last_closed}"
    )


def _faults_between(company: Company) -> list[OpsnbError]:
    """Metrics that checks name and nobody knows."""
    try:
        Dataset(company).check()
    except OpsnbError as error:
        return [error]
    return []


def _pins(company: Company) -> tuple[Pin, ...]:
    """Pins, whose metrics, units and reports are there."""
    Dataset(company).check_pins()
    for pin in company.pins:
        for name in pin.reports:
            report(name, company)
    return company.pins


def _parameters(company: Company, report: Report) -> str:
    found, catalogue = parameters(company, report), Catalogue(company)
    for metric in found.metric_ids():
        catalogue.definition(metric)
    given = (company.folder / f"{report.name}.yaml").is_file()
    return f"period {found.period}, unit {found.unit}" if given else "not given: the defaults serve"


def ledger_steps(dataset: Dataset) -> Iterator[Step]:
    """One step a ledger that is kept, and one for those that are not.

    Where the units are wrong the root stands alone, so that the tables can still be read.
    """
    root = dataset.company.profile.root
    kept = {path.stem for path in ledger_files(dataset.company.folder / "ledgers")}
    try:
        units = dataset.units
        yield Step("ledgers", "units", "ok", (counted(sum(1 for _ in units), "unit"),))
    except OpsnbError as error:
        yield fault("ledgers", "units", error)
        dataset.units = Units([Unit(root.id, root.label.to_dict())])
        others = [name for name in LEDGERS if name in kept - {"units"}]
        yield from (waiting("ledgers", name, ["units"]) for name in others)
        return
    for name in LEDGERS:
        if name in kept - {"units"}:
            yield _ledger(dataset, name)
    spare = [name for name in LEDGERS if name not in kept | {"units"}]
    if spare:
        yield Step("ledgers", "not kept", "ok", (", ".join(spare),))


def _ledger(dataset: Dataset, name: str) -> Step:
    try:
        rows = len(dataset.ledger(name))
        if name == "targets":
            _ = dataset.targets
    except OpsnbError as error:
        return fault("ledgers", name, error)
    return Step("ledgers", name, "ok", (counted(rows, "row"),), {"rows": rows})
