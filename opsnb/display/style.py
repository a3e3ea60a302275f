"""The stylesheet of the components, as the page includes it and as a notebook needs it."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from opsnb.display.svg import STYLES
from opsnb.display.tokens import DARK, LIGHT, SIZES, declarations

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
SPACE = re.compile(r"\s+")
OWN = re.compile(r"(?:^|(?<=[{},]))\.opsnb(?![-\w])")
TIGHT = re.compile(r"\s*([{};,>])\s*|(?<=[a-z]): ")


@cache
def components() -> str:
    """CSS of the components, without comments and spare spaces."""
    return _tight("components.css").removesuffix("}") + f"{strokes()}}}"


def strokes() -> str:
    """Rules of the classes that groups of drawings have, inside that of the fragments."""
    return "".join(f"& .{name}{{{style}}}" for style, name in STYLES.items())


@cache
def risk() -> str:
    """CSS of what only results about risk show."""
    return _tight("risk.css")


def _tight(name: str) -> str:
    return nested(tight((resources.files("opsnb") / "templates" / name).read_text("utf-8")))


def nested(css: str) -> str:
    """The same rules with the class of all fragments said once.

    >>> nested(".opsnb a,.opsnb b{color:red}@media print{.opsnb a{color:black}}")
    '.opsnb{& a,& b{color:red}@media print{& a{color:black}}}'
    """
    return f".opsnb{{{OWN.sub('&', css)}}}"


def tight(css: str) -> str:
    """Style sheet without comments and spare spaces.

    >>> tight("a, b { color: red; }  /* c */")
    'a,b{color:red}'
    """
    text = SPACE.sub(" ", COMMENT.sub("", css))
    return TIGHT.sub(lambda found: found[1] or ":", text).replace(";}", "}").strip()


@cache
def notebook(*, about_risk: bool = False) -> str:
    """CSS for a fragment that stands outside the page: its tokens, ground and type as well.

    JupyterLab's dark theme is followed, not the system's: the notebook around it decides.
    """
    ground = "background:var(--paper);color:var(--ink);font-size:16px;line-height:1.65"
    dark = 'body[data-jp-theme-light="false"] .opsnb'
    return (
        f".opsnb{{{declarations(LIGHT | SIZES)};{ground};padding:8px 16px 16px}}"
        f"{dark}{{{declarations(DARK)}}}"
        f"{components()}{risk() if about_risk else ''}"
    )
