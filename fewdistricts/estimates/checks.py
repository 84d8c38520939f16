"""What is asked of the answer once it is there: families, breakdown value, smallest detectable difference, variety.

Each reads district changes or the headline row; none changes an estimate.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from fewdistricts.design import Design, District
from fewdistricts.estimates import contrasts, individual
from fewdistricts.estimates.headline import Headline, headline, one_start, wave_weights
from fewdistricts.estimates.measure import Item, Measured, Survey
from fewdistricts.estimates.rows import pairs, people, row
from fewdistricts.inference import heterogeneity, index, multiple_testing, one_district, power, trends, wls
from fewdistricts.inference.linearization import Linear
from fewdistricts.inference.permutations import seed_of
from fewdistricts.inference.result import Inference
from fewdistricts.survey.disclosure import Cell, suppressed_in

Rows = Iterator[dict[str, Any]]


def adjust(
    design: Design,
    rows: list[dict[str, Any]],
    changes: dict[str, np.ndarray],
    pilots: list[District],
    comparisons: list[District],
) -> None:
    """Fill `p_adjusted` and `q_value` of the headline rows, family by family.

    `changes` (G,) of each item, pilots first. Only where several districts in both arms can be permuted; a suppressed
    or undefined headline takes no part.
    """
    head = headline(design)
    if head.kind != "pooled" or not one_start(design, pilots):
        return
    everyone = [*pilots, *comparisons]
    pilot = np.arange(len(everyone)) < len(pilots)
    weight, pair = people(design, everyone), pairs(everyone)
    answers = {r["indicator"]: r for r in rows if is_answer(r, head) and r["p_value"] == r["p_value"]}
    for family in dict.fromkeys(answer["family"] for answer in answers.values()):
        members = [name for name, answer in answers.items() if answer["family"] == family]
        stacked = np.column_stack([changes[m] for m in members])
        seed = seed_of(design.evaluation, family)
        adjusted = multiple_testing.step_down(stacked, pilot, weight, pair=pair, seed=seed)
        q_values = multiple_testing.sharpened_q([answers[m]["p_value"] for m in members])
        for member, p, q in zip(members, adjusted.p_adjusted, q_values, strict=True):
            answers[member].update(p_adjusted=float(p), q_value=float(q))


def is_answer(candidate: dict[str, Any], head: Headline) -> bool:
    """Whether a row answers for its indicator by the headline rule."""
    return (
        candidate["estimand"] == head.estimand
        and candidate["estimator"] == head.estimator
        and candidate["district"] == head.district
        and candidate["specification"] == "main"
        and candidate["wave"] == head.wave
    )


def of_answer(measured: Measured, answer: dict[str, Any], comparisons: np.ndarray) -> Rows:
    """Breakdown value and minimum detectable difference; `comparisons` (K,) are changes without the programme."""
    design, item = measured.survey.design, measured.item
    key = {name: answer[name] for name in ("district", "wave", "baseline_wave", "estimator")}
    half = (answer["ci_high"] - answer["ci_low"]) / 2
    broken = trends.breakdown(answer["estimate"], half, comparisons)
    for specification, value, unit in (
        ("pp", broken.value, item.unit),
        ("sd", broken.sd, "sd"),
        ("ratio", broken.ratio, "ratio"),
    ):
        status = answer["status"] or broken.status if value != value else ""
        said = Inference(estimate=value, n_districts=answer["n_districts"], status=status)
        yield row(item, design, said, estimand="breakdown", specification=specification, **key) | {"unit": unit}
    least = power.minimum_detectable(answer["se"], answer["df"], confidence=design.inference.confidence)
    status = answer["status"] or ("" if least == least else "no_df")
    said = Inference(estimate=least, se=answer["se"], se_type=answer["se_type"], df=answer["df"], status=status)
    yield row(item, design, said, estimand="mde", **key)


def effective(measured: Measured, districts: list[District], answer: dict[str, Any]) -> Rows:
    """The effective number of districts behind the individual regression."""
    design = measured.survey.design
    pilots = [d for d in districts if d.arm == "pilot"]
    said = individual.effective_districts(measured, districts, wave_weights(design, pilots[0]))
    key = {name: answer[name] for name in ("district", "wave", "baseline_wave")}
    yield row(measured.item, design, said, estimand="leverage", estimator="cr2", **key) | {"unit": "districts"}


def measured_alike(measured: Measured, answer: dict[str, Any], changes: Linear, pilots: int) -> Rows:
    """How much more a change varies in the smaller arm than in the larger one, as far as interviews make it.

    The ratio (s2 + mean(v) of the smaller arm) / (s2 + mean(v) of the larger), s2 the larger arm's shock variance. The
    pooled form takes it for 1. *Measured* at 5 %: from 1.5 on it rejects a true null in .07 (3 v 9) to .10 (2 v 20) of
    cases, at 3 in .13 to .21; below 1 the interval is too wide. Welch's form, and arms of one size, need no such row.
    """
    known = np.isfinite(changes.estimate)
    arms = [known & (np.arange(len(known)) < pilots), known & (np.arange(len(known)) >= pilots)]
    small, large = sorted(arms, key=lambda arm: int(arm.sum()))
    respondents = measured.survey.design.data.level == "respondent"
    if answer["se_type"] != "pooled" or small.sum() == large.sum() or not respondents:
        return
    d, v = changes.estimate, changes.variance
    shocks = one_district.shock_variance(d[large], v[large])
    least = shocks + float(v[large].mean())
    ratio = (shocks + float(v[small].mean())) / least if least > 0 else np.nan
    said = Inference(estimate=ratio, n_districts=int(known.sum()), status="" if ratio == ratio else "no_variance")
    key = {name: answer[name] for name in ("district", "wave", "baseline_wave", "estimator")}
    yield row(measured.item, measured.survey.design, said, estimand="variance_ratio", **key) | {"unit": "ratio"}


def between_pilots(measured: Measured, pilots: list[District], answer: dict[str, Any], changes: Linear) -> Rows:
    """Whether the pilot districts differ (Cochran's Q), and their differences pulled towards the common one.

    `changes` of the districts, pilots first. Tested on the pilots' changes: their differences to the comparison
    districts share those districts.
    """
    design, item, first = measured.survey.design, measured.item, len(pilots)
    respondents = design.data.level == "respondent"
    d, v = changes.estimate, changes.variance if respondents else np.zeros(len(changes.variance))
    found = heterogeneity.heterogeneity(d[:first], v[:first], d[first:], v[first:])
    key = {"wave": answer["wave"], "baseline_wave": answer["baseline_wave"]}
    said = Inference(
        estimate=found.q, df=found.df[0], p_value=found.p_value, p_type="f", n_districts=first, status=found.status
    )
    heading = row(item, design, said, district="pooled", estimand="heterogeneity", estimator="cochran_q", **key)
    yield heading | {"unit": "q"}
    if found.pooled is None or found.se is None:
        return
    share = people(design, [x for x in measured.survey.districts if x.arm == "comparison"])
    known = np.isfinite(d[first:])
    base = float(np.average(d[first:][known], weights=None if share is None else share[known]))
    for district, value, se in zip(pilots, found.pooled, found.se, strict=True):
        said = Inference(estimate=float(value) - base, se=float(se), se_type="partial_pooling", n_districts=first)
        own = {"district": district.id, "estimand": "heterogeneity", "estimator": "partial_pooling"}
        yield row(item, design, said, **own, **key)


def answered(measured: Measured) -> Rows:
    """The difference in change of an item by the headline rule alone, where there is a comparison group."""
    head = headline(measured.survey.design)
    if head.compares:
        yield next(r for r in contrasts.pooled(measured) if is_answer(r, head))


def index_items(design: Design, survey: Survey, hidden: frozenset[Cell] = frozenset()) -> list[tuple[Item, np.ndarray]]:
    """One item a family with two or more indicators that have a better direction and are asked of everyone.

    A district with a suppressed cell of a member has no index.
    """
    data = survey.data
    bases = {b.id for d in design.comparisons if (b := design.baseline(d))}
    arm = data["district"].isin([d.id for d in design.comparisons]).to_numpy()
    reference = arm & data["wave"].isin(bases).to_numpy()
    weight = wls.normalised(np.ones(len(data)), survey.weight, data["district"].to_numpy(), data["wave"].to_numpy())
    out = []
    for family in dict.fromkeys(i.family for i in design.indicators):
        members = [
            i for i in design.indicators
            if i.family == family and i.better != "none" and not i.conditional and i.role in ("primary", "secondary")
            and all(design.asked(i, w) for w in design.waves) and all(i.comparable.values())
        ]  # fmt: skip
        if len(members) < 2 or not reference.any():
            continue
        answers = np.column_stack([data[i.id].to_numpy(float) for i in members])
        answers[data["district"].isin(suppressed_in(hidden, *(i.id for i in members))).to_numpy()] = np.nan
        made = index.index(answers, [i.better for i in members], weight, reference)
        if not made.status:
            out.append((Item(f"index_{family}", f"index_{family}", "sd", family), made.values))
    return out


def indices(design: Design, survey: Survey, hidden: frozenset[Cell]) -> Rows:
    """The difference in change of each family's index, by the headline rule."""
    head = headline(design)
    found = index_items(design, survey, hidden) if head.compares else []
    if not found:
        return
    extended = Survey(design, survey.data.assign(**{item.column: values for item, values in found}))
    for item, _ in found:
        for one in answered(extended.measure(item)):
            yield one | {"estimand": "index"}
