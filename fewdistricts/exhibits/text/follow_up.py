"""What page one of a baseline says of the follow-up: how large a difference it could detect."""

from __future__ import annotations

from math import isnan

from fewdistricts.exhibits.follow_up import detectable_of_primaries, plans_a_follow_up
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.tables.plan import shock_text
from fewdistricts.exhibits.text.wording import Words, escape


def facts(results: Results, words: Words) -> dict[str, str]:
    """`could_detect`: each primary outcome with the range over the declared shocks, and the ends of these shocks."""
    shown = []
    if plans_a_follow_up(results):
        for indicator, basis, sizes in detectable_of_primaries(results):
            defined = [size for size in sizes if not isnan(size)]
            if not defined:
                continue
            low, high = (words.magnitude(size, basis.unit) for size in (min(defined), max(defined)))
            size = words.label("interval", low=low, high=high) if low != high else low
            values = {"label": escape(words.text(indicator.label)), "matters": ""}
            if indicator.worthwhile is not None:
                values["matters"] = words.magnitude(indicator.worthwhile, basis.unit)
            values["size"] = words.short(size, basis.unit, indicator)
            shown.append(words.label("sentence", "could_detect", **values))
    least, most = min(results.design.plan.shocks), max(results.design.plan.shocks)
    return {
        "could_detect": "; ".join(shown),
        "smallest_shock": shock_text(words, least) if least else "",
        "largest_shock": shock_text(words, most) if most > least else "",
    }
