"""How Sphinx builds the site: `make docs`. No page loads anything from another host, and the build needs no network."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import ramba
from tools import site

project = "Ramba"
author = "The Ramba developers"
copyright = "2026, the Ramba developers"
version = release = ramba.__version__

extensions = [
    "myst_nb",  # with myst_parser
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "sphinx_copybutton",
    "sphinx_design",
]
source_suffix = {".md": "myst-nb", ".rst": "restructuredtext"}
exclude_patterns = ["_build", "decisions/template.md", "**/README.md"]
root_doc = "index"

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
nb_execution_mode = "force"  # of the pages that are notebooks; others have no cells
nb_execution_in_temp = True
nb_execution_timeout = 120
nb_execution_raise_on_error = True
nb_execution_show_tb = True
nb_merge_streams = True
suppress_warnings = ["myst.header"]  # pages of one's own kind begin where they like

autosummary_generate = True
autodoc_typehints = "none"  # numpydoc's sections say it
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False
copybutton_prompt_text = r">>> |\.\.\. "
copybutton_prompt_is_regexp = True

html_theme = "pydata_sphinx_theme"
html_title = "Ramba"
html_static_path = ["_static"]
html_css_files = ["ramba.css"]
html_favicon = "_static/mark.svg"
html_context = {"default_mode": "auto"}  # light or dark, as the reader's system has it
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "logo": {
        "image_light": "_static/logo-light.svg",
        "image_dark": "_static/logo-dark.svg",
        "alt_text": "Ramba",
    },
    "navbar_align": "left",
    "navbar_end": ["theme-switcher"],
    "show_prev_next": True,
    "footer_start": ["copyright"],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
    "navigation_with_keys": True,
}
highlight_language = "none"  # of blocks that name none: commands, outputs
pygments_style = "a11y-high-contrast-light"


def setup(app: object) -> None:
    """Links that leave the folder of the pages lead to the page that includes the file."""
    app.connect("source-read", site.redirect_links)
