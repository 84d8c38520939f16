"""A small evaluation of two pilot and two comparison towns, with the characters that markup would trip over."""

from __future__ import annotations

import numpy as np
import pandas as pd

YAML = """\
title: {en: Night patrols in two towns, es: Patrullas nocturnas en dos ciudades}
intervention:
  name: {en: Night patrols, es: Patrullas nocturnas}
  start: 2004-01
  description: {en: "Patrols & walks, <by night> #every *day*.", es: "Patrullas y rondas, <de noche> #cada *día*."}
data:
  kind: KIND
  source: {en: Interviews on foot., es: Entrevistas a pie.}
  files: [{path: survey.csv}]
  columns: {district: town, wave: year, weight: weight, psu: block, respondent: id}
  missing: {refused: [-9]}
waves:
  - {id: "2003", label: {en: Spring 2003, es: Primavera 2003}, fieldwork: [2003-10, 2003-10]}
  - {id: "2005", label: {en: Spring 2005, es: Primavera 2005}, fieldwork: [2005-10, 2005-10]}
districts:
  - {id: north, name: {en: North $x$, es: Norte $x$}, arm: pilot}
  - {id: south, name: {en: South, es: Sur}, arm: pilot}
  - {id: east, name: {en: East, es: Este}, arm: comparison}
  - {id: west, name: {en: West, es: Oeste}, arm: comparison}
indicators:
  - id: safe
    label: {en: Feels safe, es: Se siente seguro}
    column: safe
    yes: [1]
    no: [0]
    better: higher
    role: primary
    worthwhile: 0.05
  - {id: trust, label: {en: Trust, es: Confianza}, column: trust, scale: [1, 7], better: higher, family: trust}
  - {id: radio, label: {en: Radio, es: Radio}, column: radio, yes: [1], no: [0], role: placebo, family: placebo}
notebooks: {districts: pilot}
report: {languages: [en, es], date: 2005-12-01, authors: [A. Author], districts: none}
"""


def survey() -> pd.DataFrame:
    """40 interviews a town and year; weights of 1 and 2; a refusal now and then."""
    rng = np.random.default_rng(7)
    size = 4 * 2 * 40
    town = np.repeat(["north", "south", "east", "west"], 80)
    year = np.tile(np.repeat(["2003", "2005"], 40), 4)
    treated = np.isin(town, ["north", "south"]) & (year == "2005")
    safe = (rng.random(size) < 0.4 + 0.2 * treated).astype(int)
    return pd.DataFrame(
        {
            "town": town,
            "year": year,
            "weight": rng.integers(1, 3, size),
            "id": [f"RESP7Q{k:04}" for k in range(size)],
            "block": [f"BLK9Z{k:02}" for k in np.tile(np.arange(size // 4) // 4, 4)],
            "safe": np.where(rng.random(size) < 0.03, -9, safe),
            "trust": rng.integers(1, 8, size),
            "radio": (rng.random(size) < 0.7).astype(int),
        }
    )
