"""The page as an nbconvert exporter: ``jupyter nbconvert --to opsnb executed.ipynb``.

A thin adapter to :mod:`opsnb.runs.render`, which does not need nbconvert.
"""

from __future__ import annotations

from typing import Any

from nbconvert.exporters import Exporter, TemplateExporter
from traitlets import Unicode, default

from opsnb.runs.frame import TEMPLATES
from opsnb.runs.render import render


class OpsnbExporter(TemplateExporter):
    """Export an executed notebook as the page that ``opsnb render`` writes."""

    export_from_notebook = "opsnb"
    output_mimetype = "text/html"
    locale = Unicode("", help="Language of the page; that of the results when empty.").tag(
        config=True
    )

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".html"

    @default("template_name")
    def _template_name_default(self) -> str:
        return "opsnb"

    @default("extra_template_basedirs")
    def _extra_template_basedirs_default(self) -> list[str]:
        return [str(TEMPLATES.parent)]

    def from_notebook_node(
        self, nb: Any, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Page of notebook `nb`, after the preprocessors that the user configured.

        Raises
        ------
        RunError, OpsnbError
            As :func:`opsnb.runs.render.render`.
        """
        processed, resources = Exporter.from_notebook_node(self, nb, resources, **kw)
        return render(processed, locale=self.locale or None).html, resources
