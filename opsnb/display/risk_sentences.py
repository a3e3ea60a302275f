"""What warnings of risk say: lead and details by code, as messages of the catalogue."""

from __future__ import annotations

from opsnb.display.words import mark

DUE = (mark("It is to be done by {deadline}."),)
LEADS: dict[str, tuple[str, tuple[tuple[str, ...], ...]]] = {
    "RSK001": (
        mark("{metric}: {level}, at or beyond the {colour} level of {limit}."),
        (DUE,),
    ),
    "RSK002": (
        mark("{metric}: the chance of reaching the {towards} level of {limit} within {horizon} "
             "months is {probability}."),
        (
            (mark("Now it is {level}; likely from the month {months} on."),
             mark("Now it is {level}.")),
            DUE,
        ),
    ),
    "RSK003": (
        mark("{metric}: no current value."),
        ((mark("The last is of {latest_month}."), mark("There has never been one.")),),
    ),
    "RSK004": (
        mark("{metric}: {level}, calmer, but {colour} until it has been so for {run} months."),
        (DUE,),
    ),
    "RSK005": (
        mark("The chance of losing more than {loss} in a year is {probability}; the appetite "
             "allows {appetite}."),
        (DUE,),
    ),
    "RSK006": (
        mark("“{treatment}” is recorded as effective against “{risk}”, but incidents contradict "
             "it."),
        (
            (mark("{after} in {months_after} months since, {before} in {months_before} months "
                  "before; a fall of {claim} was claimed."),),
            DUE,
        ),
    ),
    "RSK007": (
        mark("“{treatment}” is recorded as effective against “{risk}” without evidence."),
        ((mark("It does not count."),),),
    ),
    "RSK008": (mark("“{risk}”: its review was due on {due}."), (DUE,)),
    "RSK009": (
        mark("{metric}: nobody has taken on the warning {warning}."),
        ((mark("The ledger of actions has no action, owner and deadline for it."),),),
    ),
    "RSK010": (
        mark("“{risk}”: nobody has taken on the warning {warning}."),
        ((mark("The ledger of actions has no action, owner and deadline for it."),),),
    ),
    "RSK011": (
        mark("“{risk}” is rated high, and nothing is effective or under way against it."),
        ((mark("It costs {loss} a year on average."),), DUE),
    ),
    "RSK012": (
        mark("“{risk}”: its judged frequency is {side} what {count} incidents leave plausible."),
        (),
    ),
    "RSK013": (
        mark("The two engines of the simulation do not agree."),
        ((mark("They are {distance} standard errors apart."),), DUE),
    ),
    "RSK014": (mark("“{treatment}” against “{risk}” was to be done by {due}."), ()),
    "RSK015": (
        mark("Losses went beyond the value at risk in {beyond} of {years} years."),
        (DUE,),
    ),
}  # fmt: skip
RATIOS = ("probability", "appetite", "claim")
COUNTS = (
    "horizon",
    "months",
    "after",
    "before",
    "months_after",
    "months_before",
    "beyond",
    "years",
)
PLAIN = ("distance",)
DAYS = ("deadline",)
COLOURS = {"yellow": mark("yellow"), "orange": mark("orange"), "red": mark("red")}
