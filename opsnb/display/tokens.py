"""The palette by name: ink and grey carry the page, colour means exception.

Figures are drawn in the light values, which stand for the names: the drawing is written with
``var(--name)``, so that one drawing serves light, dark and print.
"""

from __future__ import annotations

LIGHT: dict[str, str] = {
    "paper": "#fdfcf9",
    "ink": "#191d22",
    "ink2": "#444c55",
    "ink3": "#626b74",
    "rule": "#dcd8d0",
    "band": "#edeae3",
    "accent": "#1d4f80",
    "bad": "#b3231a",
    "good": "#0b6e63",
    "org": "#a84f00",
    "yel": "#765d00",
    "py": "#b3b8bd",
    "hot": "#faece8",
}
DARK: dict[str, str] = {
    "paper": "#14171a",
    "ink": "#ece8e0",
    "ink2": "#c0c5ca",
    "ink3": "#9ba3ab",
    "rule": "#343a40",
    "band": "#23282d",
    "accent": "#93bdec",
    "bad": "#ff8f80",
    "good": "#5fcdb9",
    "org": "#f3a556",
    "yel": "#e4c54b",
    "py": "#6b737b",
    "hot": "#2c1d1a",
}
SIZES: dict[str, str] = {
    "s0": "12.5px",
    "s1": "14px",
    "s2": "17px",
    "s3": "20px",
    "s4": "26px",
    "s5": "38px",
}


def declarations(values: dict[str, str]) -> str:
    """Tokens as CSS declarations.

    >>> declarations({"ink": "#000"})
    '--ink:#000'
    """
    return ";".join(f"--{name}:{value}" for name, value in values.items())
