"""How the site is built: sphinx-build -W docs site. Nothing in it comes from outside."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import gapmap

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

project = "gapmap"
author = "The gapmap authors"
copyright = "2026, the gapmap authors"
release = gapmap.__version__
language = "en-GB"

extensions = ["myst_nb", "numpydoc", "sphinx.ext.autodoc", "sphinx.ext.autosummary"]
html_theme = "furo"
html_title = "gapmap"
html_static_path: list[str] = []
html_copy_source = False
exclude_patterns = ["reference/tables-generated.md"]

# GAPMAP_RUN_NOTEBOOKS=1 runs the notebooks, so that the site shows what they show.
nb_execution_mode = "force" if os.environ.get("GAPMAP_RUN_NOTEBOOKS") else "off"
nb_execution_timeout = 300
nb_execution_raise_on_error = True
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence", "deflist"]
suppress_warnings = ["mystnb.unknown_mime_type", "myst.xref_missing"]

autosummary_generate = False
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False
nitpicky = False


def setup(app: Any) -> None:
    """Before each build, bring in what stands elsewhere: the notebooks and the vocabulary."""
    from tables import page

    (HERE / "reference" / "tables-generated.md").write_text(page(), encoding="utf-8", newline="\n")
    shutil.rmtree(HERE / "notebooks", ignore_errors=True)
    shutil.copytree(HERE.parent / "notebooks", HERE / "notebooks")
