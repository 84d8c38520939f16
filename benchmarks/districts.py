"""An evaluation with as many districts as are asked for, seeded: `python -m benchmarks.districts N HOME [NOTEBOOKS]`.

Two waves; every tenth district is a pilot; respondents in 4 blocks a district and wave; six indicators, each a
family. Shares are moved by district, trend and, in pilots at the second wave, by `EFFECTS`. Districts are columns of
the data, as an evaluation of hundreds would have them. Nothing in it is about a real place.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

SEED, RESPONDENTS, BLOCKS, PILOT_EVERY = 18740, 20, 4, 10
TREND = 0.03
# share before and effect of the programme
EFFECTS = {
    "safe": (0.40, 0.10),
    "robbed": (0.30, -0.05),
    "burgled": (0.12, 0.0),
    "reported": (0.35, 0.05),
    "trusts_police": (0.30, 0.05),
    "television": (0.85, 0.0),
}
# no family has two indicators: its index would open the respondents
FAMILIES = {"safe": "perception", "robbed": "robbery", "burgled": "burglary", "reported": "reporting"}
PLACEBO = "television"

YAML = """\
title: {{en: "{n} districts", es: "{n} distritos"}}
intervention:
  name: {{en: A programme, es: Un programa}}
  start: 2004-01
  description: {{en: Invented., es: Inventado.}}
data:
  kind: synthetic
  source: {{en: Drawn by benchmarks/districts.py., es: Generado por benchmarks/districts.py.}}
  files: [{{path: survey.parquet}}]
  columns: {{district: district, wave: wave, weight: weight{units}}}
waves:
  - {{id: "2003", label: {{en: "2003", es: "2003"}}, fieldwork: [2003-10, 2003-10]}}
  - {{id: "2005", label: {{en: "2005", es: "2005"}}, fieldwork: [2005-03, 2005-03]}}
districts: {{column: district, arm: arm, name: name}}
indicators:
{indicators}
notebooks: {{districts: {notebooks}}}
report: {{languages: [{languages}], districts: none, date: 2005-04-25}}
"""
INDICATOR = """\
  - id: {id}
    label: {{en: {id}, es: {id}}}
    column: {id}
    yes: [1]
    better: {better}
    family: {family}
    role: {role}
"""


def survey(districts: int, interviews: int = RESPONDENTS) -> pd.DataFrame:
    """One row a respondent, so many a district and wave."""
    rng = np.random.Generator(np.random.PCG64(SEED))
    cells = districts * 2
    of = np.repeat(np.arange(cells), interviews)  # the cell of each respondent
    district, wave = of // 2, of % 2
    pilot = district % PILOT_EVERY == 0
    place = np.arange(len(of)) % interviews
    frame = pd.DataFrame(
        {
            "district": [f"district-{d + 1:04}" for d in district],
            "name": [f"District {d + 1}" for d in district],
            "arm": np.where(pilot, "pilot", "comparison"),
            "wave": np.where(wave == 0, "2003", "2005"),
            "weight": (50 + rng.integers(0, 50, len(of))).astype(float),
            "block": [f"block-{b + 1}" for b in place * BLOCKS // interviews],
        }
    )
    for name, (before, effect) in EFFECTS.items():
        own = rng.uniform(-0.05, 0.05, districts)[district]
        share = before + own + wave * (TREND * (name != PLACEBO) + effect * pilot)
        frame[name] = (rng.uniform(size=len(of)) < share).astype(int)
    return frame


def write(
    home: Path,
    districts: int,
    *,
    notebooks: str = "all",
    languages: str = "en",
    interviews: int = RESPONDENTS,
    units: bool = True,
) -> str:
    """Write the evaluation under a home (`EVALUATION_HOME`) and return its name.

    `interviews` of a district and wave, drawn in blocks, or one by one where `units` is false.
    """
    evaluation = declare(home, districts, notebooks=notebooks, languages=languages, units=units)
    survey(districts, interviews).to_parquet(home / "data" / "raw" / evaluation / "survey.parquet", index=False)
    return evaluation


def declare(home: Path, districts: int, *, notebooks: str = "all", languages: str = "en", units: bool = True) -> str:
    """Write its evaluation.yaml and return its name."""
    evaluation = f"districts-{districts}"
    raw = home / "data" / "raw" / evaluation
    raw.mkdir(parents=True, exist_ok=True)
    text = YAML.format(
        n=districts,
        indicators="".join(map(_indicator, EFFECTS)).rstrip(),
        notebooks=notebooks,
        languages=languages,
        units=", psu: block" if units else "",
    )
    (raw / "evaluation.yaml").write_text(text, encoding="utf-8")
    return evaluation


def _indicator(name: str) -> str:
    if name == PLACEBO:
        return INDICATOR.format(id=name, better="none", family="placebo", role="placebo")
    better = "lower" if name in ("robbed", "burgled") else "higher"
    role = "primary" if name == "safe" else "secondary"
    return INDICATOR.format(id=name, better=better, family=FAMILIES.get(name, "trust"), role=role)


if __name__ == "__main__":
    print(write(Path(sys.argv[2]), int(sys.argv[1]), notebooks=(sys.argv[3:] or ["pilot"])[0]))
