"""Indicators of risk over time: levels, breach probabilities and colours, month by month.

Each month is seen as it was then: the forecast starts from the values up to it, and the colour
follows from the colour of the month before.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from opsnb.stats.forecast import simulate_paths
from opsnb.stats.own_errors import Errors, past_errors, rearranged
from opsnb.stats.warning import Better, State, breach, months_to_breach, state

Array = npt.NDArray[np.float64]
FEWEST = 8
"""Values from which on a breach is foretold."""
PATHS = 1000
TENTH = 0.1


@dataclass(frozen=True)
class Rule:
    """How one indicator is judged.

    Attributes
    ----------
    thresholds : (yellow, orange, red)
        In its unit.
    band : float or None
        Distance on the good side of a threshold at which a colour may fall; by default a tenth of
        the way from yellow to red.
    valid_months : int
        Months for which a value counts, its own included.
    lower, upper : float
        Bounds that the indicator cannot pass; infinite where there are none.
    """

    better: Better
    thresholds: tuple[float, float, float]
    band: float | None = None
    valid_months: int = 1
    lower: float = -math.inf
    upper: float = math.inf

    @property
    def margin(self) -> float:
        """Band, in the indicator's unit."""
        if self.band is not None:
            return self.band
        return TENTH * abs(self.thresholds[2] - self.thresholds[0])


@dataclass(frozen=True)
class Watch:
    """One indicator as it was seen in the last months.

    Attributes
    ----------
    months : list of Timestamp
        Oldest first.
    levels : list of float
        Value that counted in each month; NaN where none did.
    p_red, p_orange : list of float
        Probabilities of a breach within the horizon, NaN where none is foretold.
    states : list of State
    chances : DataFrame
        month, p_any of the red threshold, seen from the last month; without rows where nothing is
        foretold.
    latest : Timestamp or None
        Month of the last value that is known.
    """

    months: list[pd.Timestamp]
    levels: list[float]
    p_red: list[float]
    p_orange: list[float]
    states: list[State]
    chances: pd.DataFrame
    latest: pd.Timestamp | None

    @property
    def months_to_breach(self) -> int | None:
        """First month by which red is at least as likely as not; None within the horizon."""
        return months_to_breach(self.chances) if len(self.chances) else None

    @property
    def changes(self) -> int:
        """How often the colour changed."""
        return sum(one != other for one, other in zip(self.states, self.states[1:], strict=False))


def watch(
    values: pd.DataFrame,
    rules: dict[str, Rule],
    months: list[pd.Timestamp],
    *,
    horizon: int = 6,
    p_warn: float = 0.5,
    down_periods: int = 2,
    paths: int = PATHS,
    seed: int = 0,
) -> dict[str, Watch]:
    """Indicators seen from each of `months`.

    Probabilities come from whole paths of the forecast engine, brought into line with the
    indicator's own past errors (:mod:`opsnb.stats.own_errors`).

    Parameters
    ----------
    values : DataFrame
        Monthly values: index first days of months, a column an indicator, NaN where missing.
    rules : mapping
        Of each column.
    months : list of Timestamp
        Consecutive months, oldest first; values after the last one are not looked at.
    horizon : int
        Months ahead.
    p_warn, down_periods
        As of :func:`opsnb.stats.warning.state`.
    paths, seed
        As of :func:`opsnb.stats.forecast.simulate_paths`. What is seen from a month depends on the
        indicator's values up to it alone, whatever else is watched and when.
    """
    seen = {
        (name, month): one
        for name, rule in rules.items()
        for month, one in zip(months, _known(values[name], months, rule), strict=True)
    }
    errors = past_errors({name: values[name].dropna() for name in rules}, horizon)
    ahead = _ahead(seen, rules, errors, horizon, paths, seed)
    return {
        name: _watched(name, rule, months, seen, ahead, p_warn, down_periods)
        for name, rule in rules.items()
    }


def paths_ahead(
    values: pd.DataFrame,
    rules: dict[str, Rule],
    month: pd.Timestamp,
    *,
    horizon: int = 6,
    paths: int = PATHS,
    seed: int = 0,
) -> dict[str, Array]:
    """Paths of the months after one: those whose breaches :func:`watch` counts in it.

    Parameters
    ----------
    values, rules, horizon, paths, seed
        As of :func:`watch`.
    month : Timestamp

    Returns
    -------
    dict
        Array (paths, horizon) by name, of the columns in which a value counts in the month and
        enough of them are known.
    """
    seen = {(name, month): _known(values[name], [month], rule)[0] for name, rule in rules.items()}
    errors = past_errors({name: values[name].dropna() for name in rules}, horizon)
    ahead = _ahead(seen, rules, errors, horizon, paths, seed)
    return {name: ahead[name, month] for name in rules if (name, month) in ahead}


@dataclass(frozen=True)
class _Seen:
    """Values known in a month, of the months `ds`; `level` counts in it, `age` months old."""

    ds: npt.NDArray[np.datetime64]
    y: Array
    level: float
    age: int


def _known(series: pd.Series, months: list[pd.Timestamp], rule: Rule) -> list[_Seen]:
    kept = series.dropna()
    ds, y = kept.index.to_numpy().astype("datetime64[M]"), kept.to_numpy(dtype=np.float64)
    found = []
    for month in months:
        here = np.datetime64(month, "M")
        count = int(np.searchsorted(ds, here, side="right"))
        age = int((here - ds[count - 1]).astype(int)) if count else 0
        counts = count > 0 and age < rule.valid_months
        found.append(_Seen(ds[:count], y[:count], float(y[count - 1]) if counts else math.nan, age))
    return found


def _ahead(
    seen: dict[tuple[str, pd.Timestamp], _Seen],
    rules: dict[str, Rule],
    errors: dict[str, Errors],
    horizon: int,
    paths: int,
    seed: int,
) -> dict[tuple[str, pd.Timestamp], Array]:
    """Paths of the months after each one in which a value counts."""
    usable = {
        key: one for key, one in seen.items() if not math.isnan(one.level) and one.y.size >= FEWEST
    }
    if not usable:
        return {}
    names = {f"{name}|{month:%Y-%m}": (name, month) for name, month in usable}
    panel = pd.DataFrame(
        {
            "unique_id": np.repeat(list(names), [one.y.size for one in usable.values()]),
            "ds": np.concatenate([one.ds for one in usable.values()]).astype("datetime64[ns]"),
            "y": np.concatenate([one.y for one in usable.values()]),
        }
    )
    lower: dict[object, float] = {label: rules[name].lower for label, (name, _) in names.items()}
    upper: dict[object, float] = {label: rules[name].upper for label, (name, _) in names.items()}
    oldest = max(one.age for one in usable.values())
    found = simulate_paths(
        panel, horizon + oldest, paths=paths, seed=seed, lower=lower, upper=upper
    )
    places = {str(label): place for place, label in enumerate(found.unique_id)}
    out = {}
    for label, key in names.items():
        age, rule = usable[key].age, rules[key[0]]
        plain = found.values[places[label]][:, age : age + horizon]
        known = errors.get(key[0])
        past = None if known is None else known.until(np.datetime64(key[1], "M"))
        found_paths = rearranged(plain, past, usable[key].level, label, seed)
        out[key] = np.clip(found_paths, rule.lower, rule.upper)
    return out


def _watched(
    name: str,
    rule: Rule,
    months: list[pd.Timestamp],
    seen: dict[tuple[str, pd.Timestamp], _Seen],
    ahead: dict[tuple[str, pd.Timestamp], Array],
    p_warn: float,
    down_periods: int,
) -> Watch:
    _, orange_at, red_at = rule.thresholds
    levels, reds, oranges, states = [], [], [], []
    previous: State | None = None
    for month in months:
        level, red, orange = seen[name, month].level, math.nan, math.nan
        if (name, month) in ahead:
            red = reached(ahead[name, month], red_at, rule.better)
            orange = reached(ahead[name, month], orange_at, rule.better)
        previous = state(
            level, red, orange, previous, better=rule.better, thresholds=rule.thresholds,
            band=rule.margin, p_warn=p_warn, down_periods=down_periods,
        )  # fmt: skip
        levels.append(level)
        reds.append(red)
        oranges.append(orange)
        states.append(previous)
    chances = pd.DataFrame({"month": [], "p_any": []})
    if (name, months[-1]) in ahead:
        chances = breach(ahead[name, months[-1]], red_at, better=rule.better)
    known = seen[name, months[-1]].ds
    latest = pd.Timestamp(known[-1]) if known.size else None
    return Watch(months, levels, reds, oranges, states, chances, latest)


def reached(paths: Array, threshold: float, better: Better) -> float:
    """Share of the `paths` that reach a threshold in any month: the last of `breach`."""
    over = paths >= threshold if better == "lower" else paths <= threshold
    return float(over.any(axis=1).mean())
