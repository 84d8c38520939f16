"""Levels and changes of the arms: means of their districts, with their sampling error."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fewdistricts.design import Design
from fewdistricts.estimates import contrasts
from fewdistricts.estimates.arms import arm_weights, take, without_sampling
from fewdistricts.estimates.estimate import Estimate
from fewdistricts.estimates.followed_waves import comparisons_of
from fewdistricts.estimates.headline import headline
from fewdistricts.estimates.measure import Measured
from fewdistricts.estimates.rows import row
from fewdistricts.inference import intervals
from fewdistricts.inference import linearization as lin
from fewdistricts.inference.result import Inference


def levels(measured: Measured) -> Iterator[Estimate]:
    """The level of each arm at every wave."""
    design, item = measured.survey.design, measured.item
    deff = intervals.median_deff(measured.levels)
    for arm, members in contrasts.behind(measured)[0].items():
        if not members:
            continue
        for wave in design.waves:
            key = {"district": arm, "wave": wave.id, "estimand": "level", "estimator": "taylor"}
            status = measured.missing_because(wave.id)
            if status:
                yield row(item, design, Inference(status=status), **key)
                continue
            cells = take(measured.levels, [measured.level(d.id, wave.id) for d in members])
            mean = lin.combined(cells, arm_weights(design, members)[None, :])
            confidence = design.inference.confidence
            inference = intervals.level_rows(mean, share=item.unit == "share", deff=deff, confidence=confidence)[0]
            yield row(item, design, of_districts(inference, len(members), design), **key)


def changes(measured: Measured) -> Iterator[Estimate]:
    """The change of each arm over every pair of waves that all of its districts are followed over."""
    design, item = measured.survey.design, measured.item
    for arm, members in contrasts.behind(measured)[0].items():
        own = [comparisons_of(design, d) for d in members]
        shared = set(own[0]).intersection(*own) if own else set()
        for later, base in (pair for pair in (own or [[]])[0] if pair in shared):
            key = {"district": arm, "wave": later, "baseline_wave": base, "estimand": "change", "estimator": "taylor"}
            status = measured.missing_because(later, base)
            if status:
                yield row(item, design, Inference(status=status), **key)
                continue
            own_changes = take(measured.changes, [measured.change(d.id, later, base) for d in members])
            mean = lin.combined(own_changes, arm_weights(design, members)[None, :])
            inference = intervals.difference_rows(mean, confidence=design.inference.confidence)[0]
            yield row(item, design, of_districts(inference, len(members), design), **key)


def over_waves(measured: Measured) -> Iterator[Estimate]:
    """Levels and changes `after` and `before`: where the headline is a mean of waves, or bases differ by district."""
    design, item = measured.survey.design, measured.item
    head, confidence = headline(design), design.inference.confidence
    if ("before" not in (head.baseline_wave, head.wave) and head.wave != "after") or head.kind == "levels":
        return
    arms, weights = contrasts.behind(measured)
    pilots = [d for d in measured.survey.districts if d.arm == "pilot" and d.id in weights]
    sides = {side: weights | contrasts.followed(design, pilots, arms["comparison"], side) for side in (1, -1)}
    deff = intervals.median_deff(measured.levels)
    for arm, members in arms.items():
        if not members:
            continue
        waves = sorted({w for d in members for w in weights[d.id]})
        why = measured.missing_because(*waves)
        share = arm_weights(design, members)[None, :]
        for name, sign in ((head.wave, 1), (head.baseline_wave, -1)):
            terms = [
                {measured.level(d.id, w): abs(v) for w, v in sides[sign][d.id].items() if v * sign > 0} for d in members
            ]
            mean = lin.combined(measured.contrast(terms), share)
            inference = intervals.level_rows(mean, share=item.unit == "share", deff=deff, confidence=confidence)[0]
            inference = Inference(status=why) if why else of_districts(inference, len(members), design)
            if name in ("after", "before"):
                yield row(item, design, inference, district=arm, wave=name, estimand="level", estimator="taylor")
        terms = [{measured.level(d.id, w): v for w, v in weights[d.id].items()} for d in members]
        mean = lin.combined(measured.contrast(terms), share)
        inference = intervals.difference_rows(mean, confidence=confidence)[0]
        inference = Inference(status=why) if why else of_districts(inference, len(members), design)
        key = {"district": arm, "wave": head.wave, "baseline_wave": head.baseline_wave, "estimand": "change"}
        yield row(item, design, inference, estimator="taylor", **key)


def of_districts(inference: Inference, districts: int, design: Design) -> Inference:
    """The mean of so many districts, without a standard error where nothing was sampled."""
    return replace(without_sampling(inference, design), n_districts=districts)
