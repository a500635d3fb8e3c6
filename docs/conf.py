"""How the documentation is built: `make docs`. No page needs the network."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from stammkunde import __version__  # noqa: E402  the path comes first

project = "Stammkunde"
author = "The Stammkunde developers"
copyright = "The Stammkunde developers, Apache-2.0"  # noqa: A001  Sphinx wants this name
version = release = __version__
language = "en"

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
nitpicky = False

myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_default_options = {"members": True, "show-inheritance": True}
napoleon_google_docstring = False
napoleon_numpy_docstring = True
napoleon_use_rtype = False

html_theme = "furo"
html_title = f"Stammkunde {__version__}"
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True}
