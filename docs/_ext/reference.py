"""Directives that write the reference from the code: commands, settings, findings; and formulas.

Formulas are shown as they are written, in a monospaced block: no script, no font from elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


class Commands(SphinxDirective):
    """Every verb of the command line with its help, as the command line itself prints it."""

    def run(self) -> list[nodes.Node]:
        """Sections, one a verb."""
        import typer
        from typer.main import get_command

        from opsnb.cli import app

        group: Any = get_command(app)
        context = typer.Context(group, info_name="opsnb")
        return [_section(name, _help(verb, name, context)) for name, verb in _verbs(group)]


def _verbs(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    for name, verb in sorted(group.commands.items()):
        full = f"{before}{name}"
        if hasattr(verb, "commands"):
            yield from _verbs(verb, f"{full} ")
        else:
            yield full, verb


def _help(verb: Any, name: str, context: Any) -> str:
    import typer

    own = typer.Context(verb, info_name=name, parent=context, max_content_width=88)
    text: str = verb.get_help(own)
    return text


class Findings(SphinxDirective):
    """Every finding that a report can have: its code, and its sentence in both languages."""

    def run(self) -> list[nodes.Node]:
        """One table."""
        from opsnb.display.sentences import TEMPLATES
        from opsnb.display.words import translate

        zh = translate("zh")
        rows = [
            (code, template.lead, zh(template.lead)) for code, template in sorted(TEMPLATES.items())
        ]
        return [_table(("Code", "Sentence", "中文"), rows)]


class Settings(SphinxDirective):
    """Keys of a settings file, from the model that checks it."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """One table a model, those it holds after it."""
        from importlib import import_module

        module, _, name = self.arguments[0].rpartition(".")
        found: list[nodes.Node] = []
        seen: set[str] = set()
        self._model(getattr(import_module(module), name), found, seen)
        return found

    def _model(self, model: Any, found: list[nodes.Node], seen: set[str]) -> None:
        if model.__name__ in seen:
            return
        seen.add(model.__name__)
        rows = []
        for name, field in model.model_fields.items():
            default = "needed" if field.is_required() else repr(_plain(field))
            rows.append((field.alias or name, _type(field.annotation), default))
        about = (model.__doc__ or "").strip().splitlines()[0]
        section = _section(model.__name__, "", self.arguments[0])
        section += nodes.paragraph(text=about)
        section += _table(("Key", "Value", "Default"), rows)
        found.append(section)
        for field in model.model_fields.values():
            for inner in _models(field.annotation):
                self._model(inner, found, seen)


def _plain(field: Any) -> object:
    value = field.get_default(call_default_factory=True)
    return value if not hasattr(value, "model_fields") else "..."


def _models(annotation: Any) -> Iterator[Any]:
    from typing import get_args

    from pydantic import BaseModel

    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


def _type(annotation: Any) -> str:
    text = annotation.__name__ if isinstance(annotation, type) else str(annotation)
    for prefix in ("typing.", "opsnb.company.", "pydantic.", "datetime."):
        text = text.replace(prefix, "")
    return text if len(text) < 90 else text[:87] + "..."


def _section(title: str, text: str, within: str = "") -> nodes.section:
    section = nodes.section(ids=[nodes.make_id(f"{within} {title}")])
    section += nodes.title(text=title)
    if text:
        section += nodes.literal_block(text, text, language="text")
    return section


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> nodes.table:
    table, group = nodes.table(), nodes.tgroup(cols=len(heads))
    for _ in heads:
        group += nodes.colspec(colwidth=1)
    head, body = nodes.thead(), nodes.tbody()
    head += _row(heads)
    for row in rows:
        body += _row(row)
    group += head
    group += body
    table += group
    return table


def _row(cells: tuple[str, ...]) -> nodes.row:
    row = nodes.row()
    for cell in cells:
        entry = nodes.entry()
        entry += nodes.paragraph(text=cell)
        row += entry
    return row


def _math(self: Any, node: nodes.Element) -> None:
    text = self.encode(node.astext())
    self.body.append(f'<code class="formula">{text}</code>')
    raise nodes.SkipNode


def _block(self: Any, node: nodes.Element) -> None:
    text = self.encode(node.astext())
    self.body.append(f'<pre class="formula">{text}</pre>')
    raise nodes.SkipNode


def _bars(
    app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]
) -> None:
    """Take the bars of absolute values for what they are: no substitutions are meant."""
    for place, line in enumerate(lines):
        if "`" not in line and ">>>" not in line:
            lines[place] = line.replace("|", "\\|")


ACCESSIBLE = (
    ('class="caption" role="heading"', 'class="caption" role="heading" aria-level="3"'),
    ("<h3>Navigation</h3>", "<h2>Navigation</h2>"),
    ("<pre>", '<pre tabindex="0">'),
    ('<table class="docutils', '<table tabindex="0" class="docutils'),
)
"""What the theme leaves to be mended for who reads by keyboard or by ear."""


def _finish(app: Sphinx, error: Exception | None) -> None:
    """Mend the pages, and put the fonts for what they show beside them, as a report has them."""
    from opsnb.display.fonts import font_faces

    out = Path(app.outdir)
    if error is None and app.builder.format == "html":
        pages = ""
        for page in sorted(out.rglob("*.html")):
            text = page.read_text("utf-8")
            for old, new in ACCESSIBLE:
                text = text.replace(old, new)
            page.write_text(text, "utf-8")
            pages += text
        (out / "_static/fonts.css").write_text(font_faces(pages), "utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directives."""
    app.add_directive("opsnb-commands", Commands)
    app.add_directive("opsnb-findings", Findings)
    app.add_directive("opsnb-settings", Settings)
    app.connect("build-finished", _finish)
    app.connect("autodoc-process-docstring", _bars)
    app.add_html_math_renderer("plain", (_math, None), (_block, None))
    return {"parallel_read_safe": True}
