"""``python -m opsnb``, and the command ``opsnb``."""

from __future__ import annotations

import sys


def main() -> None:
    """Name a report that has not changed at once; anything else is for the command line."""
    from opsnb.runs.unchanged import answered

    if not answered(sys.argv[1:]):
        from opsnb.cli import main as command

        command()


if __name__ == "__main__":
    main()
