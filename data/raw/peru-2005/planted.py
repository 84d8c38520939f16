"""What is true in the synthetic survey of `peru-2005`, so that what an evaluation finds can be held against it.

`TRUE_EFFECTS` is the table: the mean effect of the programme over the six pilot districts. Above it stands what it is
made of: for each question the expected share (or mean) before the start, the trend of all districts alike, and the
effect, of which a pilot district gets `STRENGTH` times as much. `generate` draws answers around these.
"""

from __future__ import annotations

from dataclasses import dataclass

STRENGTH = (1.5, 1.2, 1.0, 0.9, 0.8, 0.6) + (0.0,) * 6  # of the effect, by district; the mean over pilot districts is 1
PRINTED = {  # (2003, 2005), Chilca in the press release of 2005-04-25: pilot district 1 is made to show them
    "very_insecure": (0.27, 0.08),
    "more_or_less_safe": (0.36, 0.49),
    "street_robbery": (0.38, 0.25),
}


@dataclass(frozen=True)
class Share:
    """A question whose share `yes` is planted; `base`, `trend` and `effect` are shares.

    `temper` is +1 where worried people say yes more often, -1 where less often. `yes` and `no` are the answers offered
    on either side, each drawn alike often.
    """

    base: float
    trend: float
    effect: float
    temper: int = 0
    yes: tuple[str, ...] = ("yes",)
    no: tuple[str, ...] = ("no",)
    refused: float = 0.005
    dont_know: float = 0.01


@dataclass(frozen=True)
class Mean:
    """A question answered with a whole number from `low` to `high`; `base`, `trend`, `effect` in its own points."""

    base: float
    trend: float
    effect: float
    low: int = 1
    high: int = 7
    refused: float = 0.01
    dont_know: float = 0.02


_SAFE = ("very safe", "fairly safe")
_UNSAFE = ("a bit unsafe", "very unsafe")

# column of the file -> what is planted in it; `perceived_safety` and the victimisation block are composed below
QUESTIONS: dict[str, Share | Mean] = {
    "alone_after_dark": Share(0.34, 0.01, 0.10, -1, _SAFE, _UNSAFE, dont_know=0.02),
    "alone_by_day": Share(0.71, 0.01, 0.04, -1, _SAFE, _UNSAFE),
    "home_at_night": Share(0.64, 0.00, 0.00, -1, _SAFE, _UNSAFE),
    "likely_victim": Share(
        0.48, -0.02, -0.06, +1, ("very likely", "likely"), ("unlikely", "very unlikely"), 0.005, 0.05
    ),
    "avoids_going_out": Share(0.52, -0.01, 0.00, +1),
    "trust_police": Mean(3.10, 0.05, 0.40),
    "police_work": Share(
        0.27, 0.01, 0.10, -1, ("very good", "good"), ("neither good nor bad", "bad", "very bad"), dont_know=0.03
    ),
    "trust_municipality": Mean(3.30, 0.00, 0.00),
    "bribe_asked": Share(0.09, -0.01, 0.00, refused=0.015),
    "knows_committee": Share(0.12, 0.02, 0.25, dont_know=0.02),
    "took_part": Share(0.06, 0.00, 0.05),
    "sees_patrols": Share(0.28, 0.02, 0.12, 0, ("daily", "weekly"), ("monthly", "less often or never"), dont_know=0.02),
    "television": Share(0.78, 0.02, 0.00),
    "health_visit": Share(0.57, 0.01, 0.00),
    "water_hours": Mean(13.0, 0.50, 0.00, low=0, high=24, refused=0.0),
    "trust_armed_forces": Mean(3.90, 0.00, 0.00),
}
VERY_INSECURE = Share(0.25, -0.025, -0.11, +1)  # the release's -19 points in pilot district 1 are trend + 1.5 x effect
MORE_OR_LESS_SAFE = Share(0.37, 0.01, 0.08)
VERY_SAFE = 0.2  # of those who are neither very insecure nor more or less safe
CRIMES = {  # independent of each other
    "robbery": Share(0.31, -0.04, -0.06),
    "theft": Share(0.14, -0.01, 0.00),
    "burglary": Share(0.08, 0.00, 0.00),
    "assault_threat": Share(0.07, 0.00, 0.00),
}
REPORTED = Share(0.22, 0.00, 0.08)  # among victims
# among those who reported
SATISFIED = Share(0.36, 0.00, 0.00, 0, ("very satisfied", "satisfied"), ("dissatisfied", "very dissatisfied"))
REPEATS = 0.4  # incidents of a victim beyond one for each kind of crime, on average


def _derived() -> dict[str, float]:
    """Effects on what is composed of several questions: products of independent shares, averaged over districts.

    Not linear in `STRENGTH`, nor free of the level, so pilot district 1 enters with its own share of robberies.
    """
    sums: dict[str, dict[bool, float]] = {}
    for d, strength in enumerate(STRENGTH):
        for sign, late in ((-1, 0), (+1, 1)):
            crimes = {
                name: (PRINTED["street_robbery"][0] if d == 0 and name == "robbery" else c.base)
                + late * (c.trend + strength * c.effect)
                for name, c in CRIMES.items()
            }
            none = 1.0
            for share in crimes.values():
                none *= 1.0 - share
            reported = REPORTED.base + late * (REPORTED.trend + strength * REPORTED.effect)
            expected = {
                "any_crime": 1.0 - none,
                "incidents": sum(crimes.values()) + REPEATS * (1.0 - none),
                "victim_and_reported": (1.0 - none) * reported,
                "reported_and_satisfied": (1.0 - none) * reported * SATISFIED.base,
            }
            for name, value in expected.items():
                arms = sums.setdefault(name, {True: 0.0, False: 0.0})
                arms[strength > 0] += sign * value / 6
    return {name: round(arms[True] - arms[False], 6) for name, arms in sums.items()}


# indicator of evaluation.yaml -> mean effect over the six pilot districts, in shares (0.08 is 8 points) or scale points
TRUE_EFFECTS: dict[str, float] = {
    # perception
    "feels_safe": round(MORE_OR_LESS_SAFE.effect - VERY_SAFE * (MORE_OR_LESS_SAFE.effect + VERY_INSECURE.effect), 6),
    "more_or_less_safe": MORE_OR_LESS_SAFE.effect,
    "very_insecure": VERY_INSECURE.effect,
    "safe_after_dark": QUESTIONS["alone_after_dark"].effect,
    "safe_by_day": QUESTIONS["alone_by_day"].effect,
    "safe_at_home": QUESTIONS["home_at_night"].effect,
    "likely_victim": QUESTIONS["likely_victim"].effect,
    "avoids_going_out": QUESTIONS["avoids_going_out"].effect,
    # victimisation
    "street_robbery": CRIMES["robbery"].effect,
    "theft": CRIMES["theft"].effect,
    "burglary": CRIMES["burglary"].effect,
    "assault_threat": CRIMES["assault_threat"].effect,
    # reporting
    "reported_last": REPORTED.effect,
    "satisfied_response": SATISFIED.effect,
    # trust
    "trust_police": QUESTIONS["trust_police"].effect,
    "police_good_work": QUESTIONS["police_work"].effect,
    "trust_municipality": QUESTIONS["trust_municipality"].effect,
    "bribe_asked": QUESTIONS["bribe_asked"].effect,
    # participation
    "knows_committee": QUESTIONS["knows_committee"].effect,
    "took_part": QUESTIONS["took_part"].effect,
    "sees_patrols": QUESTIONS["sees_patrols"].effect,
    # placebo
    "television": QUESTIONS["television"].effect,
    "health_visit": QUESTIONS["health_visit"].effect,
    "water_hours": QUESTIONS["water_hours"].effect,
    "trust_armed_forces": QUESTIONS["trust_armed_forces"].effect,
    # any_crime, incidents, victim_and_reported, reported_and_satisfied
    **_derived(),
}
