"""Readings of the indicators and incidents of the risks, drawn by a seed about planted courses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np

from opsnb.demo.chance import Floats, stream
from opsnb.demo.truths import LAST
from opsnb.period import Period

Row = tuple[str, ...]
FIRST = Period.parse("2021-11")
MONTHS = LAST.first - FIRST.first + 1
READINGS_HEADER: Row = ("kri_id", "period", "value", "source")
INCIDENTS_HEADER: Row = ("incident_id", "risk_id", "date", "loss", "note")
RECORDED_FROM = dt.date(2022, 1, 1)

RISING_FROM, RISE, STOCK, LAST_STOCK = 26, 0.9, 20.0, 42.7
"""Work in progress: months that it rises, days a month, level before, and level at the end."""
OVERDUE = (0.052, 0.052, 0.053, 0.053, 0.054, 0.055, 0.057, 0.061, 0.067, 0.073, 0.076, 0.062)
"""Share of overdue receivables from January to December: a peak in every November."""
STALE_FROM = Period.parse("2026-09")
"""Month from which nobody has reported vulnerabilities."""


def readings(seed: int) -> list[Row]:
    """Rows of the indicators that no metric measures."""
    months = [FIRST.shift(place) for place in range(MONTHS)]
    courses = {
        "K01": (_single_source(seed), ".4f", "采购系统"),
        "K02": (_work_in_progress(seed), ".1f", "生产日报"),
        "K03": (_overdue(seed, months), ".4f", "应收账龄表"),
        "K06": (_vulnerabilities(seed), ".0f", "漏洞台账"),
        "K07": (_downtime(seed), ".1f", "设备系统"),
    }
    return [
        (name, str(month), format(value, form), source)
        for name, (values, form, source) in courses.items()
        for month, value in zip(months, values.tolist(), strict=True)
        if name != "K06" or month < STALE_FROM
    ]


def _single_source(seed: int) -> Floats:
    noise = stream(seed, "kri_single_source").normal(0.0, 0.005, MONTHS)
    return np.linspace(0.27, 0.325, MONTHS) + noise


def _work_in_progress(seed: int) -> Floats:
    rng = stream(seed, "kri_work_in_progress")
    before = MONTHS - RISING_FROM
    rising = LAST_STOCK - RISE * np.arange(RISING_FROM - 1, -1, -1)
    calm = STOCK + rng.normal(0.0, 0.5, before)
    return np.concatenate([calm, rising + rng.normal(0.0, 0.2, RISING_FROM)])


def _overdue(seed: int, months: list[Period]) -> Floats:
    season = np.array([OVERDUE[month.start.month - 1] for month in months])
    return season + stream(seed, "kri_overdue").normal(0.0, 0.0008, MONTHS)


def _vulnerabilities(seed: int) -> Floats:
    return stream(seed, "kri_vulnerabilities").poisson(3.0, MONTHS).astype(np.float64)


def _downtime(seed: int) -> Floats:
    return 21.0 + stream(seed, "kri_downtime").normal(0.0, 1.5, MONTHS)


def incidents(seed: int) -> list[Row]:
    """Rows of what happened since incidents are recorded; stoppages came once every month."""
    found = sorted(_struck(seed))
    return [
        (f"I{place:03d}", risk, day.isoformat(), f"{loss:.0f}", note)
        for place, (day, risk, loss, note) in enumerate(found, start=1)
    ]


def _struck(seed: int) -> Iterator[tuple[dt.date, str, float, str]]:
    rng = stream(seed, "incidents")
    month = Period.month_of(RECORDED_FROM)
    while month <= LAST:
        day = month.start + dt.timedelta(days=int(rng.integers(0, 28)))
        yield day, "R07", _lognormal(rng, 30e3, 300e3), ""
        month = month.shift(1)
    span = (LAST.end - RECORDED_FROM).days
    rare = (
        ("R02", 3, 800e3, 6e6, "回款逾期转坏账"),
        ("R04", 5, 400e3, 2e6, "投标降价"),
        ("R08", 6, 500e3, 2.5e6, "铜价超预算"),
        ("R01", 1, 1.5e6, 12e6, "轴承断供三周"),
    )
    for risk, count, low, high, note in rare:
        for place in range(count):
            share = (place + rng.random()) / count
            day = RECORDED_FROM + dt.timedelta(days=int(share * span))
            yield day, risk, _lognormal(rng, low, high), note


def _lognormal(rng: np.random.Generator, low: float, high: float) -> float:
    """Loss whose 5 and 95 % are `low` and `high`."""
    mean, sd = np.log(low * high) / 2, np.log(high / low) / (2 * 1.6448536269514722)
    return float(np.exp(rng.normal(mean, sd)))
