"""Known advisories about what is locked: pip-audit where it reaches its data, else a statement.

Without advisories nothing is known of them; what is known then is that pip installed exactly what
requirements.lock names, whose hashes it has checked. An advisory about a locked package fails.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

LOCK = Path(__file__).parents[1] / "requirements.lock"
PATIENCE = 180


def main() -> int:
    """Look the locked packages up; 1 where there is an advisory about one."""
    with tempfile.TemporaryDirectory() as folder:
        place, told = Path(folder) / "venv", Path(folder) / "told.json"
        try:
            venv.create(place, with_pip=True)
            _run(str(place / "bin/pip"), "install", "--quiet", "pip-audit")
            words = ("-r", str(LOCK), "--require-hashes", "--disable-pip", "-f", "json")
            _run(str(place / "bin/pip-audit"), *words, "-o", str(told), may_fail=True)
            found = json.loads(told.read_text(encoding="utf-8"))["dependencies"]
        except (OSError, ValueError, KeyError, subprocess.SubprocessError) as error:
            print(f"audit: pip-audit could not be run ({type(error).__name__})")
            found = []
    known = [one for one in found if "skip_reason" not in one]
    if not known:
        print("audit: no advisories could be reached; pip has checked the hashes of what is locked")
        return 0
    faults = [(one["name"], one["version"], v["id"]) for one in known for v in one["vulns"]]
    print(f"audit: {len(known)} of {len(found)} packages looked up, {len(faults)} advisories")
    for name, version, advisory in faults:
        print(f"audit: {name} {version}: {advisory}")
    return 1 if faults else 0


def _run(*words: str, may_fail: bool = False) -> None:
    done = subprocess.run(words, capture_output=True, timeout=PATIENCE, check=False)  # noqa: S603
    if done.returncode and not may_fail:
        raise subprocess.CalledProcessError(done.returncode, words)


if __name__ == "__main__":
    sys.exit(main())
