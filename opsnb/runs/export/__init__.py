"""Exports: a finished run as a PDF to hand round and as a workbook to compute with."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opsnb.errors import RunError
from opsnb.runs.again import check_locale, read_notebook, render_run
from opsnb.runs.masthead import Meta, meta_of
from opsnb.runs.store import MANIFEST, write_atomically
from opsnb.standing import standing


@dataclass(frozen=True)
class Exported:
    """A finished run, as it is exported in one language."""

    folder: Path
    manifest: dict[str, Any]
    locale: str

    @classmethod
    def of(cls, folder: Path, locale: str | None = None) -> Exported:
        """Run in `folder`, in its own language unless another is given.

        Raises
        ------
        ParameterError
            An unknown locale.
        RunError
            The run failed.
        """
        check_locale(locale)
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if manifest["status"] != "done":
            raise RunError(
                f"run {manifest['run_id']} {manifest['status']}", expected="one that is done"
            )
        return cls(folder, manifest, locale or manifest["parameters"]["locale"])

    def path(self, suffix: str) -> Path:
        """``report.pdf``, or ``report.en.pdf`` in another language than the run's."""
        own = self.locale == self.manifest["parameters"]["locale"]
        return self.folder / (f"report.{suffix}" if own else f"report.{self.locale}.{suffix}")

    @property
    def meta(self) -> Meta:
        """What the provenance strip says of the run."""
        return meta_of(self.manifest, *standing(self.folder, self.manifest))


def export_pdf(run: Exported) -> Path:
    """Write ``report.pdf`` into the run's folder: its page on A4, by Chromium.

    Raises
    ------
    ChromiumError
        There is no Chromium, it is too old, or it made no PDF.
    """
    from opsnb.runs.export.chromium import found, printed

    program = found()
    target = run.path("pdf")
    with tempfile.TemporaryDirectory() as name:
        is_own = run.locale == run.manifest["parameters"]["locale"]
        anew = is_own and run.meta["state"] != "draft"  # its own page says what it was made as
        page = render_run(run.folder, run.locale, Path(name) / "report.html" if anew else None)
        write_atomically(target, printed(page, program))
    return target


def export_xlsx(run: Exported) -> Path:
    """Write ``report.xlsx`` into the run's folder: one sheet a result, the provenance first."""
    from opsnb.runs.export.workbook import workbook

    target = run.path("xlsx")
    write_atomically(target, workbook(read_notebook(run.folder / "notebook.ipynb"), run))
    return target
