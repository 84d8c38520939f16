"""The synthetic survey of `peru-2005`: a stand-in for microdata that were never published, with a known truth.

Two independent cross-sections (waves 2003 and 2005) of twelve districts. What is true is written down in `planted`:
`planted.TRUE_EFFECTS` is what an evaluation of these data should find. A share is drawn from

    base + level of the district + trend (2005) + effect x STRENGTH of the pilot district (2005)
         + district-by-wave shock + stratum + block (PSU) + temper of the respondent,

each of the last four with mean zero and bounded by the room left to 0 and 1 (`_spread`), so nothing is ever clipped
and a planted effect is an exact difference in expected shares. A comparison of 2003 with 2005 in pilot districts alone
is off by the trend. Answers are missing completely at random.

Pilot district 1 carries the margins printed for Chilca in the press release of 2005-04-25 (`planted.PRINTED`). Its
expected shares equal them; `simulate(calibrate=True)` then moves the cut points of two questions in that district's
two waves until the weighted shares come out as printed, so sampling and shocks remain in everything else.

The file is the same everywhere: raw 64-bit integers of PCG64 (whose stream numpy guarantees), sums of whole numbers or
exact in double precision, and otherwise only + - * / and comparisons, which IEEE 754 rounds alike on every processor.

    python data/raw/peru-2005/generate.py      writes survey.csv and truth.csv beside this file
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pandas as pd
from planted import (
    CRIMES,
    MORE_OR_LESS_SAFE,
    PRINTED,
    QUESTIONS,
    REPORTED,
    SATISFIED,
    STRENGTH,
    TRUE_EFFECTS,
    VERY_INSECURE,
    VERY_SAFE,
    Mean,
    Share,
)

SEED = 20050425
WAVES = ("2003", "2005")
DISTRICTS = tuple(f"{arm}-{k}" for arm in ("pilot", "comparison") for k in range(1, 7))
# adults of each district: what the weights of a wave add up to
ADULTS = (21600, 14300, 33800, 9700, 18200, 27500, 19400, 12100, 36300, 10900, 23700, 16800)
URBAN = 0.6  # share of each district's adults; the rest live in its periphery
REFUSED, DONT_KNOW = "-9", "-8"


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
        self.female = (self.uniform(self.n) < 0.5).astype(int)
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
        periphery = np.where(self.urban == 1, URBAN - 1.0, URBAN) * (temper or 1)  # worse off; weighted mean zero
        flat = _spread(flat, 0.06, 0.2, periphery)
        flat = _spread(flat, block, 0.8, self.noise(len(self.block_names))[self.block])
        return _spread(flat, 0.12, 0.5, temper * self.temper) if temper else flat

    def missing(self, refused: float, dont_know: float) -> np.ndarray:
        """The code of a missing answer, or nothing where there is one."""
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
    rest = np.where(survey.uniform(survey.n) < VERY_SAFE, "very safe", "a bit insecure")
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
    return pd.DataFrame(columns, dtype=object)


def as_csv(frame: pd.DataFrame) -> str:
    """The text of the file: a header, one line an interview, line feeds."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(frame.columns)
    writer.writerows(frame.to_numpy().tolist())
    return text.getvalue()


def truth() -> str:
    """The text of truth.csv: for each indicator the mean effect over the pilot districts."""
    lines = [f"{name},{effect:.10g}" for name, effect in TRUE_EFFECTS.items()]
    return "\n".join(["indicator,effect", *lines, ""])


def write(folder: Path) -> None:
    """Writes the shipped survey (seed `SEED`, calibrated) and its truth into a folder."""
    (folder / "survey.csv").write_bytes(as_csv(simulate(calibrate=True)).encode("utf-8"))
    (folder / "truth.csv").write_bytes(truth().encode("utf-8"))


if __name__ == "__main__":
    write(Path(__file__).parent)
