"""How the documentation is built: `make docs`. No page needs the network."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "src"), str(HERE / "_extensions")]

from stammkunde import __version__, clv, facts  # noqa: E402  the path comes first

for room in (facts, clv):  # they import on first use; autodoc wants to see their names at once
    for name in room.__all__:
        setattr(room, name, getattr(room, name))

project = "Stammkunde"
author = "The Stammkunde developers"
copyright = "The Stammkunde developers, Apache-2.0"  # noqa: A001  Sphinx wants this name
version = release = __version__
language = "en"

extensions = ["myst_parser", "sphinx.ext.autodoc", "sections", "help_text"]
exclude_patterns = ["_build", "_extensions"]
default_role = "code"  # `x` is code in our docstrings

myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3

autodoc_default_options = {"members": True}
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_typehints_format = "short"

html_theme = "furo"
html_title = f"Stammkunde {__version__}"
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True}
