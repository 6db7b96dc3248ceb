"""How the documentation is built: `make docs` writes build/docs."""

from worldwright.version import VERSION

project = "Worldwright"
release = VERSION
author = "The Worldwright authors"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
html_theme = "furo"
html_title = f"Worldwright {VERSION}"
exclude_patterns = ["*.ipynb"]
myst_heading_anchors = 3
# Links into the repository, and blocks of languages that Pygments does not know.
myst_url_schemes = ["http", "https", "mailto"]
suppress_warnings = ["misc.highlighting_failure"]
autodoc_typehints = "signature"
