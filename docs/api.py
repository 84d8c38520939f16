"""The reference of the programming interface, built by pdoc in build/docs/; a warning about our own modules ends it."""

from __future__ import annotations

import warnings
from pathlib import Path

import pdoc

import fewdistricts

MODULES = (
    "fewdistricts",
    "nbaccessible",
    "warmkernel",
    "!fewdistricts.run",
    "!fewdistricts.__main__",
    "!nbaccessible.__main__",
)
OTHERS = "ipykernel|jupyter_client|nbclient|nbconvert|papermill|traitlets"
"""Packages whose classes ours extend; their annotations are not ours to mend."""

if __name__ == "__main__":
    warnings.simplefilter("error", UserWarning)
    warnings.filterwarnings("ignore", message=rf"Error parsing type annotation .* for ({OTHERS})\.")
    for name in fewdistricts.__all__:  # imported when asked for, while pdoc looks only at what is there
        setattr(fewdistricts, name, getattr(fewdistricts, name))
    pdoc.render.configure(docformat="numpy")
    pdoc.pdoc(*MODULES, output_directory=Path("build/docs"))
