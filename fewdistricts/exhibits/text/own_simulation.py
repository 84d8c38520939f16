"""What the simulation of this very design says in sentences."""

from __future__ import annotations

from typing import Any

from fewdistricts.design import Indicator
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.text.wording import Words, escape


def facts(results: Results, words: Words) -> dict[str, Any]:
    """`own_simulated`: a sentence for each primary outcome that was simulated."""
    lines = (_line(results, words, indicator) for indicator in results.primary)
    return {"own_simulated": [line for line in lines if line]}


def _line(results: Results, words: Words, indicator: Indicator) -> str:
    shocks = next(iter(results.of("shocks", indicator=indicator.id)), None)
    if shocks is None:
        return ""
    powers = results.simulated_power(indicator)
    values: dict[str, Any] = {"smallest": "", "power": "", "twice": ""}
    if indicator.worthwhile is not None and powers:
        values = {
            "smallest": words.size(indicator.worthwhile, shocks.unit, of=indicator),
            "power": powers[1.0].link(words.share(powers[1.0].estimate, 0)),
            "twice": powers[2.0].link(words.share(powers[2.0].estimate, 0)),
        }
    moved = shocks.link(words.size(shocks.estimate, shocks.unit, of=indicator)) if shocks.estimate > 0 else ""
    outcome = escape(words.text(indicator.label))
    return words.label("own_simulation", "line", outcome=outcome, moved=moved, **values)
