"""The figures stated elsewhere, paired over waves: nothing of the survey at hand enters them."""

from __future__ import annotations

from dataclasses import dataclass

from fewdistricts.design import Indicator
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.text.wording import Words
from fewdistricts.inference.power import needed_n

DESIGN_EFFECTS = (1.0, 1.5, 2.0)


@dataclass(frozen=True)
class PublishedChange:
    """A published figure before and after, and the interviews a wave needed to tell the change from none."""

    place: str
    indicator: Indicator
    before: float
    after: float
    unit: str
    source: str
    needed: tuple[int | None, ...]
    synthetic_equal: bool


def published_rows(results: Results, words: Words) -> list[PublishedChange]:
    """Every published indicator that is stated for two waves, in the order of declaration."""
    design = results.design
    order = [w.id for w in design.waves]
    stated: dict[tuple[str, str], dict[str, tuple[float, str]]] = {}
    for figure in design.published:
        if figure.estimand in (None, "level"):
            key = (words.text(figure.place), figure.indicator)
            stated.setdefault(key, {})[figure.wave] = (figure.value, words.text(figure.source))
    out = []
    for (place, name), by_wave in stated.items():
        waves = sorted(by_wave, key=order.index)
        if len(waves) < 2:
            continue
        (before, source), (after, _) = by_wave[waves[0]], by_wave[waves[-1]]
        indicator = design.indicator(name)
        confidence = design.inference.confidence
        needed = (
            tuple(needed_n(before, after, deff, confidence) for deff in DESIGN_EFFECTS) if indicator.is_share else ()
        )
        twin = bool(design.synthetic) and _synthetic_twin(results, indicator, {waves[0]: before, waves[-1]: after})
        out.append(PublishedChange(place, indicator, before, after, indicator.unit_of, source, needed, twin))
    return out


def _synthetic_twin(results: Results, indicator: Indicator, published: dict[str, float]) -> bool:
    """Whether a synthetic district was made with these very margins, at the precision published."""
    for district in results.design.pilots:
        rows = {wave: results.level(district.id, wave, indicator) for wave in published}
        if all(r is not None and r.defined and round(r.estimate, 2) == round(published[w], 2) for w, r in rows.items()):
            return True
    return False
