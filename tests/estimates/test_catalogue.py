"""The catalogue of estimators: each is made by the function that it names, shown where it says, and spoken of."""

from __future__ import annotations

import inspect
import sys

import numpy as np
import pandas as pd
import pytest
import surveys
from surveys import a_design, a_survey, monthly, peru, shares

from fewdistricts import languages
from fewdistricts.estimates import catalogue, contrasts, pipeline, simulation
from fewdistricts.estimates.catalogue import ESTIMANDS, ESTIMATORS
from fewdistricts.estimates.items import items
from fewdistricts.estimates.measure import Survey
from fewdistricts.exhibits.text.wording import Words
from fewdistricts.inference import rules

SEVERAL = {"a": "pilot", "b": "pilot", "c": "comparison", "d": "comparison"}
UNEVEN = {**SEVERAL, "e": "comparison"}
ALONE = {"a": "pilot", "c": "comparison"}
MANY = {f"d{k}": "pilot" if k < 5 else "comparison" for k in range(10)}
ONE = {"a": "pilot", **{f"c{k}": "comparison" for k in range(19)}}


def answers(districts, waves=2) -> pd.DataFrame:
    """Twenty answers in every cell, another number of them yes in each."""
    rng = np.random.default_rng(3)
    return a_survey(safe=shares(20, **{d: rng.integers(4, 16, waves).tolist() for d in districts}))


def matched() -> dict[str, dict[str, str]]:
    """Three pairs, each in a province of its own."""
    arms = {"pilot": "abc", "comparison": "def"}
    return {
        name: {"arm": arm, "pair": f"p{k}", "cluster": f"p{k}"}
        for arm, names in arms.items() for k, name in enumerate(names)
    }  # fmt: skip


def records():
    """A year of records of one pilot district and five others, ten months of it before the start."""
    return monthly(1, 5, 10, np.random.default_rng(5).normal(size=(6, 12)))


def contrast_of(design, data) -> contrasts.Contrast:
    return contrasts.over_pilots(Survey(design, data).measure(items(design)[0]))


def of_panel(districts=SEVERAL) -> pd.DataFrame:
    """Every fifth respondent is lost after the first wave."""
    sampling = {"sampling": "panel", "columns": {"respondent": "respondent"}}
    data = answers(districts)
    person = data["psu"].str.rpartition("/")[2].astype(int)
    data = data.assign(respondent=person.astype(str), female=(person % 2).astype(float))
    lost = (data["wave"] == "w2") & (person % 5 == 0)
    return pipeline.estimates(a_design(districts, data=sampling, covariates=["female"]), data[~lost])


def of_four_waves() -> pd.DataFrame:
    districts = {f"d{k}": "pilot" if k < 5 else "comparison" for k in range(10)}
    return pipeline.estimates(a_design(districts, waves=4, start="2006-01"), answers(districts, 4))


def of_two_groups() -> pd.DataFrame:
    sex = {"id": "sex", "label": "Sex", "column": "sex", "groups": {"women": [1], "men": [0]}}
    data = answers(SEVERAL)
    data["subgroup:sex"] = np.where(np.arange(len(data)) % 2, "women", "men")
    return pipeline.estimates(a_design(SEVERAL, subgroups=[sex]), data)


def beside_neighbours() -> pd.DataFrame:
    districts = {name: {"arm": arm, "population": 1000} for name, arm in SEVERAL.items()}
    districts["n"] = {"arm": "neighbour", "population": 500}
    cost = {"amount": 5000, "currency": "PEN", "covers": "Everything"}
    programme = {"name": "Patrols", "start": "2004-01", "description": "Patrols by night", "cost": cost}
    return pipeline.estimates(a_design(districts, intervention=programme), answers(districts))


def of_eight_waves(monkeypatch) -> pd.DataFrame:
    """Springs and autumns, four years of them before the start and two after it."""
    months = [f"{year}-{month}" for year in range(2000, 2006) for month in ("03", "09")]
    waves = [{"id": f"w{k + 1}", "label": month, "fieldwork": [month, month]} for k, month in enumerate(months)]
    monkeypatch.setattr(surveys, "WAVES", waves)
    return pipeline.estimates(a_design(SEVERAL, len(waves), "2004-01"), answers(SEVERAL, len(waves)))


def test_every_estimand_and_every_estimator_is_made():
    small = [pipeline.estimates(a_design(arms), answers(arms)) for arms in (ONE, UNEVEN)]
    small += [
        of_panel(),
        of_four_waves(),
        of_two_groups(),
        beside_neighbours(),
        pipeline.estimates(a_design(matched()), answers(matched())),
        pipeline.estimates(*records()),
    ]
    rows = pd.concat([peru().rows, *small])
    assert set(rows["estimand"]) == set(ESTIMANDS)
    assert set(rows["estimator"]) == set(ESTIMATORS)


@pytest.mark.parametrize("name", [name for name, entry in ESTIMATORS.items() if entry.estimate is not None])
def test_the_function_that_an_entry_names_computes_its_main_row(name, monkeypatch):
    """What `trace` says of a row: broken, the function takes the row with it."""
    entry = ESTIMATORS[name]
    districts = SEVERAL if "several" in entry.allowed else ONE
    districts = {"paired": matched(), "clustered": matched(), "variance_components": ONE}.get(name, districts)
    evaluation = records() if name == "synthetic_control" else (a_design(districts), answers(districts))
    variant, of, inference = next(entry.estimate(contrast_of(*evaluation)))
    assert (variant, of) == ("main", "")
    assert np.isfinite(inference.estimate)

    class BrokenError(Exception):
        pass

    def broken(*_, **__):
        raise BrokenError

    for module in [module for key, module in sys.modules.items() if key.startswith("fewdistricts.")]:
        for attribute, value in list(vars(module).items()):
            if value is entry.function:
                monkeypatch.setattr(module, attribute, broken)
    with pytest.raises(BrokenError):
        next(entry.estimate(contrast_of(*evaluation)))


def test_every_function_lives_in_the_inference_package_and_its_module_says_how():
    for estimand in ESTIMANDS:
        for estimator in ESTIMATORS:
            module = inspect.getmodule(catalogue.made_by(estimand, estimator))
            assert module is not None
            assert module.__name__.startswith("fewdistricts.inference.")
            assert module.__doc__


def test_every_variant_of_robustness_is_made(monkeypatch):
    made = set(peru().rows.query("estimand == 'att'")[["estimator", "variant"]].itertuples(index=False, name=None))
    single = pipeline.estimates(a_design(ONE), answers(ONE)).query("estimand == 'att'")
    made |= set(single[["estimator", "variant"]].itertuples(index=False, name=None))
    for districts in (SEVERAL, ALONE, MANY):
        rows = of_panel(districts).query("estimand == 'att'")
        made |= set(rows[["estimator", "variant"]].itertuples(index=False, name=None))
    made |= set(of_eight_waves(monkeypatch)[["estimator", "variant"]].itertuples(index=False, name=None))
    assert set(catalogue.robustness()) <= made


def test_methods_are_simulated_under_the_names_of_the_catalogue():
    simulated = set(pd.read_csv(simulation.TABLE)["method"])
    assert set(catalogue.simulated()) | {"wcu"} == simulated


@pytest.mark.parametrize("language", languages.available())
def test_words_of_the_glossary_and_of_the_simulation_are_there(language):
    words = Words(language)
    glossary = words.group("glossary")
    for entry in (*ESTIMATORS.values(), *ESTIMANDS.values()):
        assert not entry.glossary or entry.glossary in glossary
    for key in catalogue.simulated():
        assert words.label("simulation", "method", key)


@pytest.mark.parametrize("language", languages.available())
def test_the_interval_of_every_headline_has_its_sentence(language):
    for estimator in {*rules.OF_REASON.values(), "district_change", "variance_components", "taylor"}:
        assert Words(language).label("method", estimator, df="6")


def test_a_word_that_is_missing_is_no_accident(monkeypatch):
    """The check above can fail."""
    entry = catalogue.Estimand(glossary="no_such_word")
    monkeypatch.setitem(ESTIMANDS, "dummy", entry)
    with pytest.raises(AssertionError):
        test_words_of_the_glossary_and_of_the_simulation_are_there("en")
