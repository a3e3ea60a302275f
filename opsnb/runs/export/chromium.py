"""A page as PDF, printed by the Chromium that is there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from opsnb.errors import OpsnbError

SETTING = "OPSNB_CHROMIUM"
PROGRAMS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
)
OLDEST = 131  # the first that prints page numbers from the margins of @page
SECONDS = 120
VERSION = re.compile(r"\b(\d+)\.\d+\.\d+")
QUIET = (
    "--headless",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--host-resolver-rules=MAP * ~NOTFOUND",  # the page asks for nothing, nor does the browser
    "--no-pdf-header-footer",
    "--generate-pdf-document-outline",
)


class ChromiumError(OpsnbError):
    """No PDF, for want of a browser that makes it; a setting can name one."""

    exit_code = 2


def found(environment: Mapping[str, str] = os.environ) -> str:
    """Program that prints: the one that ``OPSNB_CHROMIUM`` names, else the first on the path.

    Raises
    ------
    ChromiumError
        There is none, or it is too old to number pages.
    """
    named = environment.get(SETTING)
    choices = (named,) if named else PROGRAMS
    path = environment.get("PATH")
    program = next(filter(None, (shutil.which(name, path=path) for name in choices)), None)
    if program is None:
        raise ChromiumError(
            f"no Chromium: {named} is no program" if named else "no Chromium on the path",
            where="PDF",
            expected=f"Chromium or Chrome {OLDEST} or later, on the path or named by {SETTING}",
        )
    _refuse_old(program)
    return program


def _refuse_old(program: str) -> None:
    told = _call([program, "--version"]).stdout
    version = VERSION.search(told)
    if version is None or int(version[1]) < OLDEST:
        raise ChromiumError(
            f"{program} is {told.strip() or 'of an unknown version'}",
            where="PDF",
            expected=f"version {OLDEST} or later, which numbers pages",
        )


def printed(page: Path, program: str) -> bytes:
    """PDF of the file `page`: A4 as its style says, tagged, with an outline of its headings.

    Raises
    ------
    ChromiumError
        With the last line that the browser said.
    """
    with tempfile.TemporaryDirectory(prefix="opsnb-") as folder:
        target = Path(folder) / "report.pdf"
        command = [program, *QUIET, f"--user-data-dir={folder}/profile", *_unconfined()]
        told = _call([*command, f"--print-to-pdf={target}", page.resolve().as_uri()])
        content = target.read_bytes() if target.is_file() else b""
    if told.returncode != 0 or not content.startswith(b"%PDF"):
        said = (told.stderr.strip().splitlines() or [f"exit code {told.returncode}"])[-1]
        raise ChromiumError(f"{program} made no PDF: {said}", where=str(page))
    return content


def _unconfined() -> list[str]:
    """Chromium refuses its sandbox to root, as whom containers run."""
    return ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []


def _call(command: list[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(  # noqa: S603 the program was looked up, and no shell reads the rest
            command, capture_output=True, text=True, errors="replace", timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise ChromiumError(f"{command[0]} took more than {SECONDS} s", where="PDF") from None
    except OSError as error:
        raise ChromiumError(f"{command[0]} did not start: {error.strerror}", where="PDF") from None
