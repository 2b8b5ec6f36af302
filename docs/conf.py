"""How Sphinx builds the documentation: strict, so that what it links to exists."""

import tomllib
from pathlib import Path

import hallway

_PYPROJECT = Path(__file__).parent.parent / "pyproject.toml"

project = "Hallway"
author = "The Hallway authors"
copyright = "The Hallway authors"
version = release = tomllib.loads(_PYPROJECT.read_text(encoding="utf-8"))["project"]["version"]

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"Hallway {version}"

# `[a link](page.md#a-heading)` works down to third-level headings.
myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence", "deflist"]

# Docstrings mark code as Markdown does.
default_role = "code"
# The order in a module is the order in which it wants to be read.
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented_params"
# Short names in signatures: `Caller`, not `hallway.access.callers.Caller`.
python_use_unqualified_type_names = True

# What `hallway` itself hands out must be found; a type from further inside, or of another project, need not be.
nitpick_ignore_regex = [("py:.*", r"(?!hallway\.\w+$).*")]

# The package hands out its names when they are first asked for; autodoc sees only those that are there.
for _name in getattr(hallway, "__all__", ()):
    setattr(hallway, _name, getattr(hallway, _name))
