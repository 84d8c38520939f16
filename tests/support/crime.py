"""The words for crime that a report on something else must not hold."""

from __future__ import annotations

import re

CRIME = re.compile(
    r"\b(?:crim|victim|polic|robber|theft|delit|delinc|víctim|robos?\b|denunci|vitim|vítim|políc|roubo|furto|denúnci)",
    re.IGNORECASE,
)
