"""Where the files that ship beside the package lie: notebooks, and the demonstration's settings."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def shipped(name: str) -> Path:
    """Folder `name` at the top of a checkout, or inside the installed package.

    >>> shipped("notebooks").name
    'notebooks'
    """
    checkout = PACKAGE.parent / name
    if (PACKAGE.parent / "pyproject.toml").is_file() and checkout.is_dir():
        return checkout
    return PACKAGE / "shipped" / name
