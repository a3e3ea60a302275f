"""The demonstration company, put where the commands find it."""

from __future__ import annotations

import shutil
from pathlib import Path

from opsnb import demo
from opsnb.shipped import shipped


def make(folder: Path, seed: int | None = None) -> Path:
    """Generate data and ledgers in `folder`, and the settings where they are missing.

    Nothing is done where the same company is there already.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted((shipped("params") / "demo").glob("*.yaml")):
        if not (folder / path.name).exists():
            shutil.copy(path, folder / path.name)
    seed = demo.SEED if seed is None else seed
    if not demo.is_current(folder, seed=seed):
        demo.generate(folder, seed=seed)
    return folder
