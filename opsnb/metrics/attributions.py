"""Attributions: what ``metrics.yaml`` declares, as metrics to measure and columns that are there.

A quantity, or a side of any ratio, that is an aggregate and no metric of its own becomes one here,
called ``revenue.quantity``; no metric of the company can be called so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from opsnb.company import Label, Metric
from opsnb.data.expressions import is_name
from opsnb.errors import SettingsError, UnknownNameError

if TYPE_CHECKING:
    from opsnb.metrics.catalogue import Catalogue

SIDES = ("numerator", "denominator")
PLAIN = Label(zh="", en="")


def hidden(metrics: Mapping[str, Metric]) -> dict[str, Metric]:
    """Metrics that attributions need beside the company's own."""
    found = {}
    for name, metric in metrics.items():
        for key, text in _texts(metric):
            if not is_name(text) and metric.table is not None:
                found[f"{name}.{key}"] = Metric(
                    label=metric.label, unit=PLAIN, better="higher", table=metric.table,
                    measure=text, filter=metric.filter,
                )  # fmt: skip
    return found


def part(metrics: Mapping[str, Metric], name: str, key: str) -> str:
    """Metric that measures the quantity, numerator or denominator of the metric `name`."""
    text = dict(_texts(metrics[name]))[key]
    return text.strip() if is_name(text) else f"{name}.{key}"


def check(catalogue: Catalogue) -> None:
    """Refuse an attribution or driver that names what is not there, or does not add up.

    Raises
    ------
    SettingsError, UnknownNameError
        With file and line, and the nearest name.
    """
    for name, metric in catalogue.company.metrics.items():
        _check_drivers(catalogue, name, metric)
        if metric.attribution is not None:
            _check_shape(catalogue, name, metric)
            _check_parts(catalogue, name, metric)
            _check_columns(catalogue, name, metric)


def _texts(metric: Metric) -> Iterator[tuple[str, str]]:
    """Parts that a metric is taken apart by, by key, as the settings give them."""
    declared = metric.attribution
    if metric.kind == "ratio":
        yield from ((side, str(getattr(metric, side))) for side in SIDES)
    if declared is not None and declared.item is not None and declared.quantity is not None:
        yield "quantity", declared.quantity


def _check_drivers(catalogue: Catalogue, name: str, metric: Metric) -> None:
    known = [other for other in catalogue.company.metrics if other != name]
    for i, driver in enumerate(metric.drivers):
        if driver not in known:
            what = "itself" if driver == name else f"the unknown metric {driver!r}"
            raise UnknownNameError(
                f"metric {name!r}: drivers names {what}",
                where=catalogue.company.place("metrics.yaml", "metrics", name, "drivers", i),
                given=driver,
                choices=known,
            )


def _check_shape(catalogue: Catalogue, name: str, metric: Metric) -> None:
    declared, where = metric.attribution, catalogue.place(name, "attribution")
    if declared is None:
        return
    if metric.kind == "cumulative" or metric.over_time != "sum":
        what = "is cumulative" if metric.kind == "cumulative" else "is a stock"
        raise SettingsError(f"metric {name!r} {what} and has an attribution", where=where,
                            expected="one of a flow or a ratio")  # fmt: skip
    if metric.kind == "ratio":
        spare = [key for key in ("quantity", "dimensions") if getattr(declared, key)]
        if spare or declared.item is None:
            raise SettingsError(
                f"metric {name!r} is a ratio, which is attributed by the rate and weight of items",
                where=where,
                expected="the key item alone",
            )
    elif not catalogue.is_additive(name):
        raise SettingsError(
            f"metric {name!r} does not add up over items, and has an attribution",
            where=where,
            expected="one of sums, counts or their differences",
        )
    elif declared.quantity and metric.table is None and not is_name(declared.quantity):
        raise SettingsError(
            f"metric {name!r} reads no table of its own, and its quantity is an aggregate",
            where=_place(catalogue, name, "quantity"),
            expected="a metric",
        )
    elif declared.item is not None and declared.quantity is None:
        raise SettingsError(
            f"metric {name!r}: an attribution by item needs the key quantity", where=where
        )


def _check_parts(catalogue: Catalogue, name: str, metric: Metric) -> None:
    for key, text in _texts(metric):
        where = _place(catalogue, name, key)
        measured = part(catalogue.company.metrics, name, key)
        if is_name(text) and measured not in catalogue.company.metrics:
            raise UnknownNameError(
                f"metric {name!r}: {key} names the unknown metric {measured!r}",
                where=where,
                given=measured,
                choices=catalogue.company.metrics,
                expected="a metric, or an aggregate such as sum(quantity)",
            )
        if not catalogue.is_additive(measured):
            raise SettingsError(
                f"metric {name!r}: its {key} does not add up over items, and it has an attribution",
                where=where,
                expected="sums, counts or their differences",
            )


def _check_columns(catalogue: Catalogue, name: str, metric: Metric) -> None:
    """Every column stands in every table that the metric and its parts are read from."""
    if (declared := metric.attribution) is None:
        return
    measured = [name, *(part(catalogue.company.metrics, name, key) for key, _ in _texts(metric))]
    tables = dict.fromkeys(table for one in measured for table in catalogue.tables(one))
    wanted = [("item", declared.item)] if declared.item else []
    wanted += [("dimensions", column) for column in declared.dimensions]
    for table in tables:
        columns = catalogue.company.columns(table)
        for key, column in wanted:
            if column not in columns:
                raise UnknownNameError(
                    f"metric {name!r}: table {table!r} has no column {column!r}",
                    where=_place(catalogue, name, key),
                    given=column,
                    choices=columns,
                )


def _place(catalogue: Catalogue, name: str, key: str) -> str:
    at = (name, key) if key in SIDES else (name, "attribution", key)
    return catalogue.company.place("metrics.yaml", "metrics", *at)
