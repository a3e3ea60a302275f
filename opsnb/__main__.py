"""``python -m opsnb``."""

from opsnb.cli import main

main()
