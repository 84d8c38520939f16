"""Every estimator and every estimand, once: what makes it, where it is shown, what it is called elsewhere.

Whatever lists them iterates these tables: the pipeline, the table of kinds of inference, the table of robustness, the
glossary, the simulation, `trace` and the data dictionary. A new estimator is a function of `fewdistricts.inference`,
its use in `estimators`, an entry here, a word in each language and a test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from fewdistricts.estimates import estimators
from fewdistricts.estimates.estimators import Contrast, Kind, Result
from fewdistricts.inference import (
    attrition_bounds,
    clusters,
    cost,
    district_changes,
    group_time,
    heterogeneity,
    index,
    leverage,
    linearization,
    one_district,
    own_design,
    paired_changes,
    partial_pooling,
    permutations,
    power,
    relative_magnitudes,
    rules,
    shock_components,
    subgroups,
    synthetic_control,
    trends,
    wild,
)

Variant = Literal[
    "main", "baseline_adjusted", "detrended", "seasonal", "raw_weights", "unweighted", "logit", "adjusted", "balanced",
    "response_weights", "lee_lower", "lee_upper", "without", "answer", "of_all", "magnitude",
    "pp", "sd", "ratio", "shock_ratio",
]  # fmt: skip
"""How a row departs from the main one; robustness is listed in this order."""


@dataclass(frozen=True, kw_only=True)
class Estimator:
    """A method."""

    function: Callable[..., Any]
    """What computes it; its module says how."""
    source: str
    allowed: tuple[Kind, ...] = ()
    """The kinds of design whose contrasts it estimates."""
    estimate: Callable[[Contrast], Iterator[Result]] | None = None
    """Its results for a contrast, of which the main one is first; None: it is part of another analysis."""
    side_by_side: bool = True
    """Whether it stands in the table of kinds of inference."""
    robustness: tuple[Variant, ...] = ()
    """Variants that stand in the table of robustness."""
    needs_sample: bool = False
    """Whether it says something only where respondents were sampled."""
    glossary: str = ""
    """The word of the glossary that explains it."""
    simulation: Mapping[str, str] = field(default_factory=dict)
    """Its names in simulation.csv, and the headings of its columns in docs/methods.md."""


# in the order in which kinds of inference are listed
ESTIMATORS: dict[str, Estimator] = {
    "district_change": Estimator(
        function=district_changes.district_change,
        source="Donald and Lang 2007",
        allowed=("several", "staggered"),
        estimate=estimators.district_change,
        robustness=("baseline_adjusted", "detrended", "seasonal", "balanced", "response_weights"),
        simulation={
            "district_change_welch": "change, Welch floored",
            "welch_unfloored": "change, Welch",
            "district_change_pooled": "change, pooled",
            "last": "last wave",
            "detrended": "without trends",
            "group_time": "by start",
            "baseline_adjusted": "baseline-adjusted",
            "primaries_single": "any of four primaries, singly",
            "primaries_joint": "any of four primaries, jointly",
        },
    ),
    "paired": Estimator(
        function=paired_changes.paired,
        source="de Chaisemartin and Ramirez-Cuellar 2024",
        allowed=("several",),
        estimate=estimators.paired,
        glossary="paired",
        simulation={"paired": "pairs"},
    ),
    "clustered": Estimator(
        function=rules.by_rule,
        source="Bell and McCaffrey 2002; Pustejovsky and Tipton 2018",
        allowed=("several",),
        estimate=estimators.clustered,
        glossary="cr2",
        simulation={"clustered": "clusters"},
    ),
    "cr2": Estimator(
        function=clusters.inference,
        source="Bell and McCaffrey 2002; Pustejovsky and Tipton 2018",
        allowed=("several",),
        estimate=estimators.cr2,
        robustness=("raw_weights", "unweighted", "adjusted"),
        needs_sample=True,
        glossary="cr2",
        simulation={"cr2": "CR2"},
    ),
    "cr1": Estimator(
        function=clusters.inference,
        source="Cameron and Miller 2015",
        allowed=("several",),
        estimate=estimators.cr1,
        side_by_side=False,
        robustness=("logit",),
        needs_sample=True,
        glossary="cr2",
        simulation={"cr1": "CR1"},
    ),
    "wcr": Estimator(
        function=wild.bootstrap,
        source="Roodman, MacKinnon, Nielsen and Webb 2019",
        allowed=("several",),
        estimate=estimators.wcr,
        needs_sample=True,
        glossary="wild",
        simulation={"wcr": "WCR"},
    ),
    "permutation": Estimator(
        function=permutations.permutation,
        source="Fisher 1935; Gerber and Green 2012",
        allowed=("several",),
        estimate=estimators.permutation,
        glossary="permutation",
        simulation={"permutation": "permutation"},
    ),
    "variance_components": Estimator(
        function=one_district.variance_components,
        source="DerSimonian and Laird 1986; Fay and Herriot 1979; Satterthwaite 1946",
        allowed=("several", "single"),
        estimate=estimators.variance_components,
        robustness=("balanced", "response_weights"),
        glossary="components",
        simulation={"variance_components": "variance components"},
    ),
    "placebo_rank": Estimator(
        function=one_district.placebo_rank,
        source="Abadie, Diamond and Hainmueller 2010",
        allowed=("single",),
        estimate=estimators.placebo_rank,
        glossary="rank",
        simulation={"placebo_rank": "placebo rank"},
    ),
    "ferman_pinto": Estimator(
        function=one_district.ferman_pinto,
        source="Ferman and Pinto 2019",
        allowed=("single",),
        estimate=estimators.ferman_pinto,
        simulation={"ferman_pinto": "Ferman-Pinto"},
    ),
    "synthetic_control": Estimator(
        function=synthetic_control.synthetic_control,
        source="Abadie, Diamond and Hainmueller 2010; Ferman and Pinto 2021",
        allowed=("single",),
        estimate=estimators.synthetic,
        glossary="synthetic_control",
        simulation={"synthetic_control": "synthetic control"},
    ),
    "taylor": Estimator(
        function=linearization.linear,
        source="Binder 1983; Lumley 2010",
        allowed=("several", "single"),
        estimate=estimators.taylor,
        robustness=("raw_weights", "balanced", "response_weights"),
        needs_sample=True,
        simulation={"sampling_only": "sampling only"},
    ),
    "lee": Estimator(
        function=attrition_bounds.lee_bounds,
        source="Lee 2009",
        side_by_side=False,
        robustness=("lee_lower", "lee_upper"),
        glossary="lee",
    ),
    "cochran_q": Estimator(function=heterogeneity.heterogeneity, source="Cochran 1954", side_by_side=False),
    "partial_pooling": Estimator(
        function=partial_pooling.partial_pooling,
        source="Morris 1983; Gelman 2006",
        side_by_side=False,
        glossary="partial",
        simulation={"partial_pooling": "partial pooling"},
    ),
    "pretrend": Estimator(function=trends.pretrend, source="Roth 2022", side_by_side=False),
    "relative_magnitudes": Estimator(
        function=relative_magnitudes.bounds, source="Rambachan and Roth 2023", side_by_side=False
    ),
}


@dataclass(frozen=True, kw_only=True)
class Estimand:
    """What is estimated."""

    function: Callable[..., Any] | None = None
    """What computes it, where that is not the estimator alone."""
    glossary: str = ""
    """The word of the glossary that explains it."""


# in the order in which the annex lists the rows of an indicator
ESTIMANDS: dict[str, Estimand] = {
    "level": Estimand(),
    "change": Estimand(),
    "att": Estimand(),
    "mde": Estimand(function=power.minimum_detectable, glossary="mde"),
    "breakdown": Estimand(function=trends.breakdown, glossary="breakdown"),
    "heterogeneity": Estimand(),
    "event_study": Estimand(function=group_time.event_study),
    "att_gt": Estimand(function=group_time.att_gt),
    "placebo": Estimand(),
    "did": Estimand(),
    "balance": Estimand(),
    "composition": Estimand(),
    "attrition": Estimand(),
    "index": Estimand(function=index.index),
    "distribution": Estimand(),
    "subgroup_difference": Estimand(function=subgroups.difference, glossary="subgroup"),
    "spillover": Estimand(),
    "cost": Estimand(function=cost.cost_per_point),
    "leverage": Estimand(function=leverage.effective_independent),
    "shocks": Estimand(function=shock_components.shock_components),
    "size": Estimand(function=own_design.rates),
    "coverage": Estimand(function=own_design.rates),
    "power": Estimand(function=own_design.rates),
}


def allowed(contrast: Contrast) -> dict[str, Estimator]:
    """The estimators that the design allows for a contrast."""
    return {
        name: estimator
        for name, estimator in ESTIMATORS.items()
        if estimator.estimate is not None and contrast.kind in estimator.allowed
    }


def side_by_side() -> list[str]:
    """The estimators in the table of kinds of inference, in its order."""
    return [name for name, estimator in ESTIMATORS.items() if estimator.side_by_side]


def robustness() -> list[tuple[str, Variant]]:
    """Estimator and variant of the rows in the table of robustness, in its order."""
    pairs = [(name, variant) for name, estimator in ESTIMATORS.items() for variant in estimator.robustness]
    order = get_args(Variant)
    return sorted(pairs, key=lambda pair: order.index(pair[1]))


def made_by(estimand: str, estimator: str) -> Callable[..., Any]:
    """The function that computes a kind of row."""
    return ESTIMANDS[estimand].function or ESTIMATORS[estimator].function


def simulated() -> dict[str, str]:
    """The names of methods in simulation.csv, with their headings."""
    return {key: heading for estimator in ESTIMATORS.values() for key, heading in estimator.simulation.items()}
