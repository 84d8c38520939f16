"""The synthetic survey of `peru-2005`: a stand-in for microdata that were never published, with a known truth.

Two independent cross-sections (waves 2003 and 2005) of twelve districts. What is true is written down in this module
and nowhere estimated: `TRUE_EFFECTS` is what an evaluation of these data should find. A share is drawn from

    base + level of the district + trend (2005) + effect x STRENGTH of the pilot district (2005)
         + district-by-wave shock + stratum + block (PSU) + temper of the respondent,

each of the last four with mean zero and bounded by the room left to 0 and 1 (`_spread`), so nothing is ever clipped
and a planted effect is an exact difference in expected shares. A comparison of 2003 with 2005 in pilot districts alone
is off by the trend. Answers are missing completely at random.

Pilot district 1 carries the margins printed for Chilca in the press release of 2005-04-25 (`PRINTED`). Its expected
shares equal them; `simulate(calibrate=True)` then moves the cut points of two questions in that district's two waves
until the weighted shares come out as printed, so sampling and shocks remain in everything else.

The file is the same everywhere: raw 64-bit integers of PCG64 (whose stream numpy guarantees), sums of whole numbers or
exact in double precision, and otherwise only + - * / and comparisons, which IEEE 754 rounds alike on every processor.

    python -m evaluation.survey.synthetic      writes data/raw/peru-2005/survey.csv
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from evaluation import paths

SEED = 20050425
WAVES = ("2003", "2005")
DISTRICTS = tuple(f"{arm}-{k}" for arm in ("pilot", "comparison") for k in range(1, 7))
STRENGTH = (1.5, 1.2, 1.0, 0.9, 0.8, 0.6) + (0.0,) * 6  # of the effect, by district; the mean over pilot districts is 1
ADULTS = (
    21_600,
    14_300,
    33_800,
    9_700,
    18_200,
    27_500,
    19_400,
    12_100,
    36_300,
    10_900,
    23_700,
    16_800,
)  # weights add up to them
URBAN = 0.6  # share of each district's adults; the rest live in its periphery
PRINTED = {  # (2003, 2005), pilot district 1
    "very_insecure": (0.27, 0.08),
    "more_or_less_safe": (0.36, 0.49),
    "street_robbery": (0.38, 0.25),
}
REFUSED, DONT_KNOW = "-9", "-8"


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
CRIMES = {  # independent of each other
    "robbery": Share(0.31, -0.04, -0.06),
    "theft": Share(0.14, -0.01, 0.00),
    "burglary": Share(0.08, 0.00, 0.00),
    "assault_threat": Share(0.07, 0.00, 0.00),
}
REPORTED = Share(0.22, 0.00, 0.08)  # among victims
SATISFIED = Share(
    0.36, 0.00, 0.00, 0, ("very satisfied", "satisfied"), ("dissatisfied", "very dissatisfied")
)  # among them
REPEATS = 0.4  # incidents of a victim beyond one for each kind of crime, on average


def _derived() -> dict[str, float]:
    """Effects on what is composed of several questions: products of independent shares, averaged over districts."""
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


def _spread(share: np.ndarray, width: float, part: float, noise: np.ndarray) -> np.ndarray:
    """`share` moved by symmetric `noise` in [-1, 1], at most `width` and at most `part` of the room to 0 or 1.

    The mean stays `share`, and with `part` < 1 the result stays inside (0, 1).
    """
    return share + np.minimum(width, part * np.minimum(share, 1.0 - share)) * noise


def _cut(latent: np.ndarray, weight: np.ndarray, share: float) -> float:
    """The point below which the weighted share of `latent` comes nearest to `share` of all `weight`."""
    order = np.argsort(latent, kind="stable")
    below = np.concatenate([[0], np.cumsum(weight[order])])
    k = int(np.argmin(np.abs(below - share * weight.sum())))
    ends = np.concatenate([[latent.min() - 1.0], latent[order], [latent.max() + 1.0]])
    return float((ends[k] + ends[k + 1]) / 2.0)


class _Survey:
    """The respondents of one draw and the stream that answers for them."""

    def __init__(self, seed: int, interviews: int, shock: float) -> None:
        """`interviews` on average a district and wave (5 % either way); `shock` scales the district-by-wave shocks."""
        self._bits = np.random.PCG64(seed)
        self._shock = shock
        cells = [(d, w) for d in range(len(DISTRICTS)) for w in range(len(WAVES))]
        sizes = interviews + np.rint(interviews * 0.05 * self.noise(len(cells))).astype(int)
        district, wave, urban, block = [], [], [], []
        names: list[str] = []
        for (d, w), size in zip(cells, sizes, strict=True):
            for stratum, count in ((1, size // 2), (0, size - size // 2)):
                blocks = 10 + int(3 * self.uniform(1)[0])
                for i in range(count):
                    block.append(len(names) + i * blocks // count)
                    district.append(d)
                    wave.append(w)
                    urban.append(stratum)
                tag = f"{DISTRICTS[d][0].upper()}{DISTRICTS[d][-1]}-{WAVES[w][2:]}-{'u' if stratum else 'p'}"
                names += [f"{tag}{k + 1:02d}" for k in range(blocks)]
        self.district, self.wave, self.urban, self.block = map(np.array, (district, wave, urban, block))
        self.block_names = np.array(names)
        self.cell = self.district * len(WAVES) + self.wave
        self.n = len(district)
        self.hundredths = self._weights()
        self.female = (self.uniform(self.n) < 0.52).astype(int)
        self.temper = np.where(self.uniform(self.n) < np.where(self.female == 1, 0.6, 0.4), 1.0, -1.0)

    def uniform(self, n: int) -> np.ndarray:
        """n draws from [0, 1) with 32 bits each, so that sums of them are exact."""
        return (self._bits.random_raw(n) >> np.uint64(32)).astype(np.float64) / 2.0**32

    def noise(self, n: int) -> np.ndarray:
        """n draws from [-1, 1)."""
        return 2.0 * self.uniform(n) - 1.0

    def choose(self, answers: tuple[str, ...]) -> np.ndarray:
        """One of `answers` for each respondent, each alike often."""
        return np.array(answers, dtype=object)[(self.uniform(self.n) * len(answers)).astype(int)]

    def _weights(self) -> np.ndarray:
        """Adults in the household (1 to 4), grossed up to the adults of the stratum, in hundredths."""
        household = 1.0 + (self.uniform(self.n)[:, None] >= np.array([0.2, 0.65, 0.85])).sum(axis=1)
        stratum = self.cell * 2 + self.urban
        adults = np.array(ADULTS)[self.district] * np.where(self.urban == 1, URBAN, 1.0 - URBAN)
        return np.rint(100.0 * adults * household / np.bincount(stratum, household)[stratum]).astype(np.int64)

    def targets(self, share: Share, printed: tuple[float, float] | None = None) -> np.ndarray:
        """Expected shares (12, 2) before the shocks: base, level, trend and effect. Levels are within 5 points."""
        room = min(share.base, 1.0 - share.base)
        level = share.base + min(0.05, 0.25 * room) * self.noise(len(DISTRICTS))
        if printed:
            level[0] = printed[0]
        return np.column_stack([level, level + share.trend + share.effect * np.array(STRENGTH)])

    def probabilities(self, targets: np.ndarray, temper: int, block: float = 0.15) -> np.ndarray:
        """A probability for each respondent around the targets (12, 2): shock (sd .03), stratum, block, temper."""
        flat = _spread(targets.reshape(-1), 0.052 * self._shock, 0.35, self.noise(targets.size))[self.cell]
        flat = _spread(flat, 0.06, 0.2, np.where(self.urban == 1, URBAN - 1.0, URBAN))
        flat = _spread(flat, block, 0.8, self.noise(len(self.block_names))[self.block])
        return _spread(flat, 0.12, 0.5, temper * self.temper) if temper else flat

    def missing(self, refused: float, dont_know: float) -> np.ndarray:
        """ "" where there is an answer, else the code of the missing one."""
        u = self.uniform(self.n)
        return np.where(u < refused, REFUSED, np.where(u < refused + dont_know, DONT_KNOW, "")).astype(object)

    def below(
        self, p: np.ndarray, asked: np.ndarray, printed: tuple[float, float] | None, of: np.ndarray
    ) -> np.ndarray:
        """Who of `asked` says yes: a uniform draw below p.

        With `printed`, p is shifted in pilot district 1 until they are that weighted share of those whom `of` marks.
        """
        latent = self.uniform(self.n) - p
        yes = latent < 0.0
        for wave, share in enumerate(printed or ()):
            here = (self.district == 0) & (self.wave == wave)
            whole = int(self.hundredths[here & of].sum())
            candidates = here & asked
            of_candidates = share * whole / int(self.hundredths[candidates].sum())
            yes[here] = latent[here] < _cut(latent[candidates], self.hundredths[candidates], of_candidates)
        return yes & asked


def _answers(survey: _Survey, question: Share | Mean) -> np.ndarray:
    """Answers of one question as they stand in the file."""
    missing = survey.missing(question.refused, question.dont_know)
    if isinstance(question, Share):
        p = survey.probabilities(survey.targets(question), question.temper)
        yes = survey.uniform(survey.n) < p
        given = np.where(yes, survey.choose(question.yes), survey.choose(question.no))
    else:
        steps = question.high - question.low
        unit = Share((question.base - question.low) / steps, question.trend / steps, question.effect / steps)
        p = survey.probabilities(survey.targets(unit), 0, block=0.08)
        p = _spread(p, 0.35, 0.9, survey.noise(survey.n))  # people differ more than a sum of coin tosses
        points = (survey.uniform(survey.n * steps).reshape(survey.n, steps) < p[:, None]).sum(axis=1)
        given = (question.low + points).astype(str).astype(object)
    return np.where(missing != "", missing, given)


def _perceived_safety(survey: _Survey, calibrate: bool) -> np.ndarray:
    """Four answers: very insecure first, then more or less safe among the others, then the two that remain."""
    missing = survey.missing(0.005, 0.015)
    answered = missing == ""
    insecure = survey.targets(VERY_INSECURE, PRINTED["very_insecure"])
    safe = survey.targets(MORE_OR_LESS_SAFE, PRINTED["more_or_less_safe"]) / (1.0 - insecure)
    printed = PRINTED if calibrate else {}
    very = survey.below(
        survey.probabilities(insecure, VERY_INSECURE.temper), answered, printed.get("very_insecure"), answered
    )
    more = survey.below(survey.probabilities(safe, 0), answered & ~very, printed.get("more_or_less_safe"), answered)
    rest = np.where(survey.uniform(survey.n) < 0.2, "very safe", "a bit insecure")
    given = np.where(very, "very insecure", np.where(more, "more or less safe", rest)).astype(object)
    return np.where(answered, given, missing)


def _victimisation(survey: _Survey, calibrate: bool) -> dict[str, np.ndarray]:
    """The crimes of the last twelve months, how many, and what the victims did; one refusal covers the whole block."""
    missing = survey.missing(0.01, 0.005)
    answered = missing == ""
    crimes = {}
    for name, crime in CRIMES.items():
        printed = PRINTED["street_robbery"] if name == "robbery" else None
        p = survey.probabilities(survey.targets(crime, printed), 0)
        crimes[name] = survey.below(p, answered, printed if calibrate else None, answered)
    kinds = sum(crime.astype(int) for crime in crimes.values())
    victim = kinds > 0
    u = survey.uniform(survey.n)
    incidents = np.where(victim, kinds + (u < 0.3) + (u < 0.1), 0)  # .3 + .1 are REPEATS
    reported = victim & (survey.uniform(survey.n) < survey.probabilities(survey.targets(REPORTED), 0, block=0.1))
    pleased = survey.uniform(survey.n) < survey.probabilities(survey.targets(SATISFIED), 0, block=0.1)
    response = np.where(pleased, survey.choose(SATISFIED.yes), survey.choose(SATISFIED.no))
    columns = {name: np.where(crime, "yes", "no") for name, crime in crimes.items()}
    columns["victim"] = np.where(victim, "yes", "no")
    columns["incidents"] = incidents.astype(str)
    columns["reported"] = np.where(reported, "yes", np.where(victim, "no", "not a victim"))
    columns["satisfied"] = np.where(reported, response, np.where(victim, "did not report", "not a victim"))
    return {name: np.where(answered, values.astype(object), missing) for name, values in columns.items()}


def simulate(seed: int = SEED, interviews: int = 400, shock: float = 1.0, calibrate: bool = False) -> pd.DataFrame:
    """One survey, a row for each interview, answers as text just as they stand in the file.

    `interviews` is the mean number a district and wave, `shock` scales the district-by-wave shocks (sd .03 of a share
    at 1.0), and `calibrate` puts pilot district 1 on the printed margins, as the committed file has it.
    """
    survey = _Survey(seed, interviews, shock)
    education = np.array(["none or primary", "secondary", "higher"], dtype=object)
    ages = np.array(["18 to 29", "30 to 44", "45 to 59", "60 and over"], dtype=object)
    columns: dict[str, np.ndarray] = {
        "district": np.array(DISTRICTS, dtype=object)[survey.district],
        "wave": np.array(WAVES, dtype=object)[survey.wave],
        "stratum": np.where(survey.urban == 1, "urban", "periphery").astype(object),
        "psu": survey.block_names[survey.block].astype(object),
        "weight": np.array([f"{h // 100}.{h % 100:02d}" for h in survey.hundredths], dtype=object),
        "female": survey.female.astype(str).astype(object),
        "age_group": ages[(survey.uniform(survey.n)[:, None] >= np.array([0.33, 0.65, 0.87])).sum(axis=1)],
        "education": education[(survey.uniform(survey.n)[:, None] >= np.array([0.3, 0.76])).sum(axis=1)],
        "perceived_safety": _perceived_safety(survey, calibrate),
        **_victimisation(survey, calibrate),
    }
    columns |= {name: _answers(survey, question) for name, question in QUESTIONS.items()}
    return pd.DataFrame(columns)


def as_csv(frame: pd.DataFrame) -> str:
    """The text of the file: a header, one line an interview, line feeds."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(frame.columns)
    writer.writerows(frame.to_numpy().tolist())
    return text.getvalue()


def write(path: Path | None = None) -> Path:
    """Write the shipped survey (seed `SEED`, calibrated) and return where."""
    path = path or paths.raw("peru-2005") / "survey.csv"
    path.write_bytes(as_csv(simulate(calibrate=True)).encode("utf-8"))
    return path


if __name__ == "__main__":
    print(paths.shown(write()))
