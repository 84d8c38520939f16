"""The inverse-covariance index of each family (Anderson 2008): one answer for many indicators.

It standardises and weights the answers of each respondent, so that it is computed from respondents, not from cells.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from fewdistricts.design import Design
from fewdistricts.estimates import contrasts
from fewdistricts.estimates.estimate import Estimate
from fewdistricts.estimates.items import Item
from fewdistricts.estimates.measure import Survey
from fewdistricts.estimates.needs import families_with_index
from fewdistricts.inference import index, wls
from fewdistricts.survey.disclosure import Cell, suppressed_in

EQUAL = "equal"
"""`variant_of` of an index whose members count alike, because their covariance allows nothing else."""


def rows(survey: Survey, hidden: frozenset[Cell]) -> Iterator[Estimate]:
    """The difference in change of each family's index, by the headline rule."""
    design = survey.design
    if not families_with_index(design):
        return
    survey = survey.respondents
    indices = index_items(design, survey, hidden)
    if not indices:
        return
    extended = Survey(design, survey.data.assign(**{item.column: built.values for item, built in indices}))
    for item, built in indices:
        answer = contrasts.answer(extended.measure(item))
        if answer is not None:
            yield replace(answer, estimand="index", variant_of=EQUAL if built.equal else "")


def index_items(
    design: Design, survey: Survey, hidden: frozenset[Cell] = frozenset()
) -> list[tuple[Item, index.Index]]:
    """One item a family with two or more indicators that have a better direction and are asked of everyone, with the
    index itself.

    A district with a suppressed cell of a member has no index.
    """
    data = survey.data
    bases = {base.id for base in design.baselines(design.comparisons)}
    is_comparison = data["district"].isin([d.id for d in design.comparisons]).to_numpy()
    reference = is_comparison & data["wave"].isin(bases).to_numpy()
    if not reference.any():
        return []
    everyone = np.ones(len(data))
    weight = wls.normalised(everyone, survey.weight, data["district"].to_numpy(), data["wave"].to_numpy())
    out = []
    for family, members in families_with_index(design).items():
        answers = np.column_stack([data[i.id].to_numpy(float) for i in members])
        gone = suppressed_in(hidden, *(i.id for i in members))
        answers[data["district"].isin(gone).to_numpy()] = np.nan
        built = index.index(answers, [i.better for i in members], weight, reference)
        if not built.status:
            out.append((Item(f"index_{family}", f"index_{family}", "sd", family), built))
    return out
