"""Annual losses: the figure of exceedance against the appetite, and tables of what lies behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from opsnb.display import figures
from opsnb.display.markup import element, join
from opsnb.display.numbers import NumberFormat, count, percent
from opsnb.display.reader import Reader, number, records
from opsnb.display.risk_curve import Curve, CurveData, exceedance
from opsnb.display.risk_matrix import empty
from opsnb.display.risk_words import (
    LOSS,
    STAGE,
    amount_cell,
    amounts,
    bound,
    chance_cell,
    key,
    risk_name,
    round_amount,
    settings,
)
from opsnb.display.table import Group, Head, Row, Table, number_place, render
from opsnb.results import Result

NAME = "risk-losses"
TOTAL = "total"
MEASURES = ("mean", "var_90", "var_first", "es_first", "var_99", "es_99")
Records = Sequence[Mapping[str, Any]]


def risk_losses(result: Result, reader: Reader) -> Markup:
    """Figure, appetite, losses by stage and by risk, and the check of the engines."""
    rows = records(result)
    if not rows:
        return empty(reader)
    parts = {part.name: records(part) for part in result.parts}
    limits = parts.get("risk_limits", [])
    return join(
        [
            _figure(rows, parts.get("risk_curve", []), limits, reader),
            _stages(rows, reader),
            _tails(rows, reader),
            engines(reader, parts.get("risk_check", [])),
        ]
    )


def message(rows: Records, limits: Records, reader: Reader) -> Markup:
    """Whether the appetite is kept, and where it is not."""
    words = reader.words
    worst = _worst(limits)
    if worst is None:
        total = _total(rows)
        style = reader.format(LOSS, [total["var_first"]])
        shown = bound(style.text(total["var_first"]), key(total, "var_first", "risk_id", "stage"))
        if limits:
            return words.html("The losses keep within the appetite")
        return words.html("A year's loss stays below {loss} but in bad years", loss=shown)
    return words.html(
        "Losses over {loss} are likelier than the appetite allows: {p}, not {limit}",
        loss=bound(round_amount(worst["loss"], reader), key(worst, "loss", "point")),
        p=_bound_chance(worst, "p_residual", reader),
        limit=_bound_chance(worst, "appetite", reader),
    )


def _bound_chance(row: Mapping[str, Any], column: str, reader: Reader) -> Markup:
    """Probability of an appetite's point with one decimal, so that close ones differ."""
    return bound(percent(reader.locale).text(row[column]), key(row, column, "point"))


def _worst(limits: Records) -> Mapping[str, Any] | None:
    """Point of the appetite that is passed by most; None where none is."""
    passed = [row for row in limits if row["p_residual"] > row["appetite"]]
    return max(passed, key=lambda row: row["p_residual"] / row["appetite"], default=None)


def _total(rows: Records, stage: str = "residual") -> Mapping[str, Any]:
    return next(row for row in rows if row["risk_id"] == TOTAL and row["stage"] == stage)


def _figure(rows: Records, curve: Records, limits: Records, reader: Reader) -> Markup:
    words, head, said = reader.words, f"{NAME}-t", f"{NAME}-d"
    caption = element(
        "figcaption",
        element("h3", message(rows, limits, reader), id=head),
        element("p", number_place("figure", NAME), words(
            "Probability that a year's loss of all quantified risks passes each amount"
        ), class_="sub"),
    )  # fmt: skip
    both = (
        figures.svg_of(exceedance(data(curve, limits, reader), canvas), class_=css, role="img",
                       aria_labelledby=f"{head} {said}")
        for canvas, css in ((figures.WIDE, "vw"), (figures.NARROW, "vn"))
    )  # fmt: skip
    total = _total(rows)
    style = amounts([total], MEASURES, reader)
    level = percent(reader.locale, 0).text(float(settings(reader, "risk").get("level", 0.95)))
    reading = words.html(
        "After treatment a year costs {mean} on average; in one year of ten more than {var90}; the "
        "worst years beyond {level} cost {es} on average.",
        mean=bound(style.text(total["mean"]), key(total, "mean", "risk_id", "stage")),
        var90=bound(style.text(total["var_90"]), key(total, "var_90", "risk_id", "stage")),
        es=bound(style.text(total["es_first"]), key(total, "es_first", "risk_id", "stage")),
        level=level,
    )
    say = element("div", element("p", reading, id=said), *_appetite(limits, reader), class_="say")
    drawing = element("div", *both, class_="cv")
    return element("figure", caption, drawing, element("div", say, class_="side"), id=NAME,
                   class_="fig")  # fmt: skip


def _appetite(limits: Records, reader: Reader) -> list[Markup]:
    """The points of the appetite, each kept or passed."""
    words = reader.words
    if not limits:
        return [element("p", words("No appetite is kept to compare with (ledger appetite)."))]
    lines = []
    for row in limits:
        passed = row["p_residual"] > row["appetite"]
        verdict = element("b", words("passed"), class_="bad") if passed else words("kept")
        lines.append(
            element(
                "p",
                words.html(
                    "Over {loss}: {p}, appetite ≤ {limit}, {verdict}",
                    loss=bound(round_amount(row["loss"], reader), key(row, "loss", "point")),
                    p=_bound_chance(row, "p_residual", reader),
                    limit=_bound_chance(row, "appetite", reader),
                    verdict=verdict,
                ),
            )
        )
    basis = dict.fromkeys(str(row["basis"]) for row in limits)
    source = words("Source of the appetite: {basis}.", basis=reader.listed(basis))
    return [*lines, element("p", element("small", source))]


def data(curve: Records, limits: Records, reader: Reader) -> CurveData:
    """Numbers and labels of the figure."""
    words = reader.words
    curves = []
    for stage, name in STAGE.items():
        own = [row for row in curve if row["stage"] == stage]
        if own:
            losses = tuple(float(row["loss"]) for row in own)
            chances = tuple(float(row["exceedance"]) for row in own)
            curves.append(Curve(losses, chances, words(name), stage))
    worst, noted = _worst(limits), None
    if worst is not None:
        share = percent(reader.locale)
        noted = (
            float(worst["loss"]),
            float(worst["p_residual"]),
            (
                words("Over {loss}", loss=round_amount(worst["loss"], reader)),
                words("Residual {p}", p=share.text(worst["p_residual"])),
                words("Appetite ≤ {p}", p=share.text(worst["appetite"])),
            ),
        )
    edges = [10.0**power * step for power in range(2, 13) for step in (1, 3)]
    ticks = tuple((v, reader.format(LOSS, [v]).text(v).replace(".00", "").replace(".0", ""))
                  for v in edges)  # fmt: skip
    points = tuple((float(row["loss"]), float(row["appetite"])) for row in limits)
    heads = (words("Probability that a year's loss passes it"), words("Loss (log scale)"))
    return CurveData(tuple(curves), points, words("Appetite"), noted, ticks, heads)


def _stages(rows: Records, reader: Reader) -> Markup:
    """All risks together at each stage."""
    words = reader.words
    totals = [row for row in rows if row["risk_id"] == TOTAL]
    style = amounts(totals, MEASURES, reader)
    heads = (Head(words("All risks"), "text"), *_heads(reader, style))
    body = tuple(
        Row(
            words(STAGE[str(row["stage"])]),
            tuple(amount_cell(row, name, style, "risk_id", "stage") for name in MEASURES),
        )
        for row in totals
    )
    caption = words("Annual losses before treatment, after what is effective, and after the plan")
    table = Table(caption, heads, (Group(body),), "scroll", "rl", "risk-stages")
    return element("div", render(table, words), class_="after")


def _heads(reader: Reader, style: NumberFormat) -> tuple[Head, ...]:
    words, share = reader.words, percent(reader.locale, 0)
    first = share.text(float(settings(reader, "risk").get("level", 0.95)))
    return (
        Head(words("Mean"), note=style.unit),
        Head("VaR", note=share.text(0.9)),
        Head("VaR", note=first),
        Head("ES", note=first),
        Head("VaR", note=share.text(0.99)),
        Head("ES", note=share.text(0.99)),
    )


def _tails(rows: Records, reader: Reader) -> Markup:
    """Each risk after treatment, and its share of the worst years."""
    words = reader.words
    own = [row for row in rows if row["stage"] == "residual" and row["risk_id"] != TOTAL]
    own.sort(key=lambda row: -(number(row["tail_share"]) or 0.0))
    style = amounts(own, MEASURES, reader)
    heads = (
        Head(words("Risk"), "text"),
        Head(words("Share of the worst years"), note=words("worst 1 in 100")),
        Head(words("No loss in a year")),
        *_heads(reader, style),
    )
    body = tuple(
        Row(
            risk_name(str(row["risk_id"]), reader),
            (
                chance_cell(row, "tail_share", reader, "risk_id", "stage"),
                chance_cell(row, "p_zero", reader, "risk_id", "stage"),
                *(amount_cell(row, name, style, "risk_id", "stage") for name in MEASURES),
            ),
        )
        for row in own
    )
    caption = words("Losses by risk after treatment, by their share of the worst years")
    table = Table(caption, heads, (Group(body),), "scroll", "rl", "risk-tails")
    return element("div", render(table, words), class_="after")


def engines(reader: Reader, check: Records = ()) -> Markup:
    """How far the two engines are apart, and what was simulated."""
    words, told = reader.words, settings(reader, "risk")
    if "apart" not in told:
        return Markup("")
    one = NumberFormat(reader.locale, 0, 1)
    trials = count(reader.locale).text(float(told.get("trials", 100_000)))
    parts = [
        words(
            "{trials} simulated years. The second engine (FFT) differs from the first by at most "
            "{n} standard errors over all risks, stages and figures.",
            trials=trials, n=one.number(float(told["apart"])),
        )
    ]  # fmt: skip
    mean = [r for r in check if r["stage"] == "residual" and r["statistic"] == "mean"]
    if mean:
        style = reader.format(LOSS, [mean[0]["simulated"], mean[0]["fft"]])
        style = NumberFormat(style.locale, style.power, style.decimals + 1, style.before,
                             style.after)  # fmt: skip
        parts.append(
            words(
                "Mean of all after treatment: simulated {one}, FFT {other}, {n} standard errors "
                "apart.",
                one=style.text(mean[0]["simulated"]), other=style.text(mean[0]["fft"]),
                n=one.number(abs(mean[0]["difference"])),
            )
        )  # fmt: skip
    return element("p", ("" if words.wide else " ").join(parts), class_="note")


def limit_line(limits: Records, reader: Reader) -> Markup | None:
    """Whether the appetite is kept, in one sentence; None without one."""
    if not limits:
        return None
    words, worst = reader.words, _worst(limits)
    if worst is None:
        return element("p", words("The losses keep within the appetite."), class_="note")
    text = words.html(
        "Losses over {loss} a year have a chance of {p}; the appetite allows {limit}.",
        loss=bound(round_amount(worst["loss"], reader), key(worst, "loss", "point")),
        p=_bound_chance(worst, "p_residual", reader),
        limit=_bound_chance(worst, "appetite", reader),
    )
    return element("p", text, class_="note")
