"""Documentation site: pages in Markdown, the reference from docstrings, schemas and verbs."""

import sys
from pathlib import Path

from opsnb import __version__

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_ext"))

pygments_style = "bw"
smartquotes = False  # their width is another in a Chinese font
project, author, release = "opsnb", "the opsnb developers", __version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "reference"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "decisions/README.md"]
myst_enable_extensions = ["dollarmath", "deflist"]
myst_heading_anchors = 3
napoleon_google_docstring = False
napoleon_use_rtype = False
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
add_module_names = False
suppress_warnings = ["ref.python"]  # such as: an attribute "path" of two classes

html_theme = "alabaster"
html_title = "opsnb"
html_static_path = ["_static"]
html_css_files = ["fonts.css", "opsnb.css"]
html_show_copyright = False
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_theme_options = {
    "description": "Reports for a planning and operations department",
    "fixed_sidebar": False,
    "show_powered_by": False,
    "font_family": '"Noto Sans SC", "PingFang SC", "Microsoft YaHei", system-ui, sans-serif',
    "head_font_family": '"Noto Serif SC", "Songti SC", Georgia, serif',
    "code_font_family": 'ui-monospace, "Cascadia Mono", Menlo, Consolas, "Noto Sans SC", monospace',
    "page_width": "1080px",
    "link": "#1f4e8c",
    "gray_1": "#5a626b",
    "gray_2": "#e6e2da",
}
html_math_renderer = "plain"
