"""Changes: what one metric's change on the year before is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import pandas as pd

from opsnb.analyses import split
from opsnb.data.kept import Content, pack_frame, unpack_frame
from opsnb.findings.attribution import UNEXPLAINED, Element
from opsnb.metrics.attributions import part
from opsnb.metrics.spans import Span
from opsnb.stats.decompose import adtributor, price_volume_mix, rate_mix
from opsnb.workbook import Workbook

MANY = 60
"""Values of a dimension above which it is not combined with others."""
SHOWN = 3
"""Elements of a dimension that are told apart beside those that explain; the others are a row."""
ALONE = 0.1
"""Share of the change from which on one value of many is worth naming."""
ENOUGH = 0.67
"""Share of the change that must be explained to be called so."""
JOINED = " x "
ROUNDING = 1e-9
OTHERS = "others"
FRAMES = ("sources", "elements", "segments")
"""Frames of a change, by the names of their fields."""


@dataclass(frozen=True)
class Change:
    """A change taken apart.

    Attributes
    ----------
    effects : mapping effect -> float
        They sum to the change; what belongs to none is ``unexplained``.
    sources : DataFrame
        effect, dimension, item, value: each effect by the first dimension, else by item.
    elements : DataFrame
        dimension, item, actual, expected, contribution, explanatory_power, explains, others:
        of the most surprising dimension and combination, the largest elements, and one row that
        holds the `others`.
    segments : DataFrame
        Of a ratio: item, weight_before, weight_after, rate_before, rate_after, rate, mix.
    reversal : int
    """

    effects: dict[str, float]
    sources: pd.DataFrame = field(default_factory=pd.DataFrame)
    elements: pd.DataFrame = field(default_factory=pd.DataFrame)
    segments: pd.DataFrame = field(default_factory=pd.DataFrame)
    reversal: int = 0

    def source(self, effect: str) -> Element | None:
        """Largest part of an effect that goes its way; None where there is but one part."""
        if not len(self.sources) or effect == "volume":  # which moves all items alike
            return None
        rows = self.sources[self.sources["effect"] == effect]
        sign = 1.0 if self.effects[effect] >= 0 else -1.0
        if len(rows) < 2 or (rows["value"] * sign).max() <= 0:
            return None
        row = rows.iloc[int((rows["value"] * sign).to_numpy().argmax())]
        return Element(str(row["dimension"]), str(row["item"]), float(row["value"]))

    @property
    def explaining(self) -> list[Element]:
        """Elements that explain the change, where the fewest of many do, and enough of it."""
        if not len(self.elements):
            return []
        best: tuple[float, list[Element]] = (1.0, [])
        for _, rows in self.elements.groupby("dimension", sort=False):
            told = rows[rows["explains"]]
            whole = float(rows["contribution"].sum())
            if whole == 0 or float(told["contribution"].sum()) / whole < ENOUGH:
                continue
            share = len(told) / (len(rows[rows["others"] == 0]) + int(rows["others"].sum()))
            if share < best[0]:
                best = (share, _told(told))
        return best[1]

    @property
    def singles(self) -> list[Element]:
        """Elements of single dimensions that are told apart."""
        if not len(self.elements):
            return []
        alone = ~self.elements["dimension"].str.contains(JOINED, regex=False)
        return _told(self.elements[alone & (self.elements["others"] == 0)])


def _told(rows: pd.DataFrame) -> list[Element]:
    return [
        Element(str(row["dimension"]), str(row["item"]), float(row["contribution"]))
        for row in rows.to_dict("records")
    ]


def change(workbook: Workbook, name: str, span: Span, total: float) -> Change:
    """Change of a metric of the workbook's unit over a span, kept: a unit's is in two reports."""
    is_ratio = workbook.metric(name).kind == "ratio"
    keys = ("numerator", "denominator") if is_ratio else ("quantity",)
    declared = workbook.metric(name).attribution
    has_parts = declared is not None and declared.item is not None
    parts = [part(workbook.company.metrics, name, key) for key in keys if has_parts]
    make = lambda: (_ratio if is_ratio else _amount)(workbook, name, span, total)  # noqa: E731
    asked = [name, repr(span), total]
    return workbook.computed("change", [name, *parts], asked, make, _packed, _unpacked)


def _packed(found: Change) -> Content:
    frames = {name: pack_frame(name, getattr(found, name)) for name in FRAMES}
    told = {"effects": found.effects, "reversal": found.reversal}
    told |= {name: frame.told for name, frame in frames.items()}
    return Content(told, {k: v for frame in frames.values() for k, v in frame.arrays.items()})


def _unpacked(content: Content) -> Change:
    told, arrays = content.told, content.arrays
    frames = {name: unpack_frame(name, Content(told[name], arrays)) for name in FRAMES}
    return Change(told["effects"], **frames, reversal=told["reversal"])


def _amount(workbook: Workbook, name: str, span: Span, total: float) -> Change:
    """Change of an amount: price, volume and mix where quantities are declared, and elements."""
    declared = workbook.metric(name).attribution
    if declared is None:
        return Change({UNEXPLAINED: total})
    effects: dict[str, float] = {}
    sources = pd.DataFrame()
    if declared.item is not None:
        quantity = part(workbook.company.metrics, name, "quantity")
        by = [declared.item, *(d for d in declared.dimensions[:1] if d != declared.item)]
        sides = split.sides(workbook, [name, quantity], span, by)
        before, after = (_priced(side, declared.item, name, quantity) for side in sides)
        parts = _frame(price_volume_mix(before, after, by=True))
        effects = _effects(price_volume_mix(before, after))
        sources = _sources(parts, pd.concat(sides), by)
    elements = _elements(workbook, name, span, declared.dimensions)
    if not effects and len(elements):
        sources = _as_sources(elements)
        effects = dict(zip(sources["effect"], sources["value"], strict=True))
    return Change(_closed(effects, total), sources.reset_index(drop=True), elements)


def _ratio(workbook: Workbook, name: str, span: Span, total: float) -> Change:
    """Change of a ratio: the segments' own change, and their changed weights."""
    declared = workbook.metric(name).attribution
    if declared is None or declared.item is None:
        return Change({UNEXPLAINED: total})
    parts = [part(workbook.company.metrics, name, key) for key in ("numerator", "denominator")]
    sides = split.sides(workbook, parts, span, [declared.item])
    before, after = (rates(side, declared.item, *parts) for side in sides)
    found = rate_mix(before, after)
    means = (float(found.attrs["before"]), float(found.attrs["after"]))
    whole = means[1] - means[0]
    reversal = 0 if not found.attrs["reversal"] else (1 if whole < 0 else -1)
    segments = segments_of(before, after, means)
    sources = segments.melt("item", ["rate", "mix"], "effect", "value")
    effects = _effects(found)
    return Change(
        _closed(effects, total),
        sources.assign(dimension=declared.item).reset_index(drop=True),
        segments=segments,
        reversal=reversal,
    )


def beside(actual: pd.DataFrame, expected: pd.DataFrame, dimension: str) -> pd.DataFrame:
    """Elements of one dimension, actual beside expected; frames[dimension, value]."""
    return _shortened(adtributor(actual, expected, [dimension]))


def _priced(rows: pd.DataFrame, item: str, amount: str, quantity: str) -> pd.DataFrame:
    """Frame[item, quantity, price]; amounts without a quantity have no price, and are left over."""
    sums = rows.groupby(item, sort=True)[[amount, quantity]].sum()
    sums = sums[sums[quantity] != 0]
    return pd.DataFrame(
        {
            "item": list(sums.index),
            "quantity": sums[quantity].to_numpy(),
            "price": (sums[amount] / sums[quantity]).to_numpy(),
        }
    )


def _sources(parts: pd.DataFrame, rows: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Effects by dimension where every item has one value of it, else by item."""
    dimension = by[-1]
    places = rows.groupby(by[0])[dimension].agg(["nunique", "first"])
    if len(by) > 1 and (places["nunique"] == 1).all():
        parts = parts.assign(item=parts["item"].map(places["first"]))
    else:
        dimension = by[0]
    sums = parts.groupby(["effect", "item"], sort=False, as_index=False)["value"].sum()
    found: pd.DataFrame = sums[sums["value"] != 0].assign(dimension=dimension)
    return found


def _elements(workbook: Workbook, name: str, span: Span, dimensions: Sequence[str]) -> pd.DataFrame:
    """Largest elements of the most surprising dimension and of the most surprising pair.

    So also of a dimension of many values, such as customers, where one alone moves a tenth.
    """
    if not dimensions:
        return pd.DataFrame()
    sides = split.sides(workbook, [name], span, dimensions)
    before, after = (side.rename(columns={name: "value"}) for side in sides)
    values = pd.concat([before, after])
    few = [d for d in dimensions if values[d].nunique() <= MANY]
    many = [d for d in dimensions if d not in few]
    pairs = [pair for pair in combinations(few, 2) if not _is_nested(values, pair)]
    found = [adtributor(after, before, chosen) for chosen in (few, pairs) if chosen]
    firsts = [f[f["dimension"] == f["dimension"].iloc[0]] for f in found if len(f)]
    singly = (adtributor(after, before, [dimension]) for dimension in many)
    firsts += [f for f in singly if (f["explanatory_power"].abs() >= ALONE).any()]
    return pd.concat(map(_shortened, firsts), ignore_index=True) if firsts else pd.DataFrame()


def _is_nested(values: pd.DataFrame, pair: tuple[str, str]) -> bool:
    """Whether one says the other: their pairs are no more than the values of the finer one."""
    counts = [int(values[name].nunique()) for name in pair]
    return bool(values.groupby(list(pair)).ngroups <= max(counts))


def _shortened(found: pd.DataFrame) -> pd.DataFrame:
    """The `SHOWN` largest elements and all that explain, by size; one row holds the others."""
    columns = ["dimension", "item", "actual", "expected", "contribution", "explanatory_power",
               "explains"]  # fmt: skip
    found = found.assign(
        item=[JOINED.join(i) if isinstance(i, tuple) else str(i) for i in found["item"]],
        size=found["contribution"].abs(),
    )
    found = found.sort_values("size", ascending=False, kind="stable")[columns]
    kept = found["explains"] | (np.arange(len(found)) < SHOWN)
    if len(found) - kept.sum() == 1:
        kept[:] = True  # a row for the others tells no less than the other
    shown, rest = found[kept].assign(others=0), found[~kept]
    if not len(rest):
        return shown.reset_index(drop=True)
    sums = rest[["actual", "expected", "contribution", "explanatory_power"]].sum(min_count=1)
    held = {"dimension": found["dimension"].iloc[0], "item": "", "explains": False} | sums.to_dict()
    return pd.concat([shown, pd.DataFrame([held | {"others": len(rest)}])], ignore_index=True)


def _as_sources(elements: pd.DataFrame) -> pd.DataFrame:
    """Elements of the first dimension as effects of their own, where there are no others."""
    first = elements[elements["dimension"] == elements["dimension"].iloc[0]]
    effects = [OTHERS if others else f"={item}" for item, others in
               zip(first["item"], first["others"], strict=True)]  # fmt: skip
    columns = first[["dimension", "item", "contribution"]]
    found: pd.DataFrame = columns.rename(columns={"contribution": "value"}).assign(effect=effects)
    return found


def rates(rows: pd.DataFrame, item: str, numerator: str, denominator: str) -> pd.DataFrame:
    """Frame[segment, weight, rate]; segments without weight are left out."""
    sums = rows.groupby(item, sort=True)[[numerator, denominator]].sum()
    sums = sums[sums[denominator] > 0]
    return pd.DataFrame(
        {
            "segment": list(sums.index),
            "weight": sums[denominator].to_numpy(),
            "rate": (sums[numerator] / sums[denominator]).to_numpy(),
        }
    )


def segments_of(
    before: pd.DataFrame, after: pd.DataFrame, means: tuple[float, float]
) -> pd.DataFrame:
    """Segments in both periods; the mix of one is its gain of weight times its lead on the mean.

    The gains of weight sum to 0, so that leads on the mean sum to what rates themselves do.
    """
    parts = _frame(rate_mix(before, after, by=True)).pivot(
        index="item", columns="effect", values="value"
    )
    old, new = (side.set_index("segment").reindex(parts.index) for side in (before, after))
    w0, w1 = (s["weight"].fillna(0.0) / s["weight"].sum() for s in (old, new))
    mean = sum(means) / 2
    return pd.DataFrame(
        {
            "item": list(parts.index),
            "weight_before": w0.to_numpy(), "weight_after": w1.to_numpy(),
            "rate_before": old["rate"].to_numpy(), "rate_after": new["rate"].to_numpy(),
            "rate": parts["rate"].to_numpy(),
            "mix": (parts["mix"] - (w1 - w0) * mean).to_numpy(),
        }
    )  # fmt: skip


def _closed(effects: dict[str, float], total: float) -> dict[str, float]:
    """Effects and what they leave of the total; rounding is nothing."""
    left = total - sum(effects.values())
    gross = abs(total) + sum(map(abs, effects.values()))
    return effects | {UNEXPLAINED: 0.0 if abs(left) <= ROUNDING * gross else left}


def _frame(found: pd.Series | pd.DataFrame) -> pd.DataFrame:
    """The frame of a decomposition by item."""
    return found if isinstance(found, pd.DataFrame) else found.to_frame()


def _effects(found: pd.Series | pd.DataFrame) -> dict[str, float]:
    """The Series of a decomposition as numbers by effect."""
    return {str(k): float(v) for k, v in pd.Series(found.squeeze()).items()}
