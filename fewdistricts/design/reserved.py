"""Names that an evaluation may not give, since tables and rows have them for something else."""

from __future__ import annotations

from fewdistricts.design.blocks import ARMS

RESERVED_DISTRICTS = ("pooled", *ARMS)
RESERVED_WAVES = ("before", "after", "last", "average")
FRAME_COLUMNS = ("district", "wave", "weight", "stratum", "psu", "respondent", "fpc", "population")
"""Columns that every table of respondents has; no indicator or covariate may take their names."""
