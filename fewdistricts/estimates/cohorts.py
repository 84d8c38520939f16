"""Districts by their starts: the levels of an item as group-time effects want them."""

from __future__ import annotations

import numpy as np

from fewdistricts.design import Design, District
from fewdistricts.estimates.arms import people, sampled
from fewdistricts.estimates.measure import Measured
from fewdistricts.inference import group_time


def cohort(design: Design, district: District) -> int:
    """The position of a pilot district's first wave after its start, -1 for one that never starts."""
    base = design.baseline(district)
    if district.arm != "pilot" or base is None or not design.followups(district):
        return -1
    return [w.id for w in design.waves].index(base.id) + 1


def uses_not_yet(design: Design) -> bool:
    """Whether districts that have not started yet serve as comparisons: as declared, or where all start."""
    declared = design.inference.comparisons
    return declared == "not_yet" or (declared == "automatic" and not design.comparisons)


def staggered(measured: Measured, districts: list[District]) -> group_time.Staggered:
    """Levels of districts over all waves; a cell that was not asked or not asked alike is missing."""
    design = measured.survey.design
    waves = [w.id for w in design.waves]
    places = np.array([[measured.level(d.id, w) for w in waves] for d in districts])
    unasked = np.array([bool(measured.missing_because(w, w)) for w in waves])
    level = np.where(unasked, np.nan, measured.levels.estimate[places])

    def sampling(contrast: np.ndarray) -> group_time.Sampled:
        terms = [
            {measured.level(d.id, w): float(c) for w, c in zip(waves, row_of, strict=True) if c}
            for d, row_of in zip(districts, contrast, strict=True)
        ]
        return sampled(measured.contrast(terms))

    return group_time.staggered(
        level,
        np.array([cohort(design, d) for d in districts]),
        people(design, districts),
        sampling if design.data.level == "respondent" else None,
        not_yet=uses_not_yet(design),
        confidence=design.inference.confidence,
    )
