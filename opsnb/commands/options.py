"""Options that several verbs have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

OUTPUTS = Path("outputs")

Company = Annotated[str, typer.Option(help="The company's folder, or its name under params/.")]
Whose = Annotated[str, typer.Option(help="Company whose runs; all if left out.")]
Month = Annotated[str, typer.Argument(help="2026-10, or last-closed.", metavar="PERIOD")]
Output = Annotated[Path, typer.Option(help="Folder of the outputs.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of words.")]
