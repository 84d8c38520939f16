"""The pilot districts one by one: partially pooled where that is estimated, beside their own figures."""

from __future__ import annotations

from textwrap import fill

import seaborn

from fewdistricts.design import District, Indicator
from fewdistricts.exhibits.display import Cell, Column, Grid
from fewdistricts.exhibits.figures import style as house
from fewdistricts.exhibits.figures.common import Drawn, hover, in_full, interval_row, mark, most_lines, title_width
from fewdistricts.exhibits.results import MOST, Results, Row
from fewdistricts.exhibits.tables.common import contrast_cells, contrast_name, method_of
from fewdistricts.exhibits.text.findings import alike, apart
from fewdistricts.exhibits.text.wording import Words


def districts(results: Results, words: Words) -> Drawn | None:
    """Each pilot (and neighbouring) district's contrast on the primary outcomes."""
    every = (*results.design.pilots, *results.design.neighbours)
    members = [d for d in every if results.changes and results.design.followups(d)]
    if not members or len(members) > MOST:
        return None
    indicators = results.primary[:4]
    names = [fill(words.text(d.name), 26) for d in members]
    titles = [fill(words.text(i.label), title_width(len(indicators))) for i in indicators]
    height = 0.55 + 0.14 * most_lines(titles) + max(0.23, 0.135 * most_lines(names)) * len(members)
    canvas, axes = house.canvas(height, len(indicators), 1, sharey=True)
    rows: list[list[Cell] | str] = []
    sentences = []
    pooled = bounded = False
    for panel, indicator, title in zip(axes, indicators, titles, strict=False):
        for y, district in enumerate(members):
            own, best = results.own(district, indicator), partial(results, district, indicator)
            lead = best if best is not None else own
            if lead is None or not lead.defined:
                continue
            colour, marker = house.COLOUR[district.arm], house.MARKER[district.arm]
            whose = f"{words.text(indicator.label)}, {words.text(district.name)}"
            if best is not None and own is not None and own.defined:
                pooled = True
                scale = 100 if own.unit == "share" else 1
                place = own.estimate * scale, y + 0.28
                mark(panel, *place, house.GREY_INK, marker, size=18, width=1, face="white")
                hover(panel, *place, f"{whose}, {words.label('words', 'own_estimate')}: {in_full(words, own)}")
            at = y - (0.1 if best is not None else 0)
            interval_row(panel, at, lead, colour, marker, text=f"{whose}: {in_full(words, lead)}")
            values = {"label": words.text(indicator.label), "district": words.text(district.name)}
            bounded |= lead.bounded
            cells = contrast_cells(words, lead)
            rows.append([values["label"], values["district"], *cells, contrast_cells(words, own)[0]])
            values["difference"] = words.difference(lead.estimate, lead.unit, *lead.ends)
            values["interval"] = words.interval(*lead.ends, lead.unit)
            sentences.append(words.label("figure", "districts", "sentence", **values))
        panel.axvline(0, color=house.INK, linewidth=0.8, zorder=0)
        panel.set_title(title, fontsize=9)
        panel.set_yticks(range(len(members)), names)
        panel.set_ylim(len(members) - 0.5, -0.5)
        house.difference_axis(panel, words, indicator, ticks=4)
        seaborn.despine(ax=panel, left=True)
    w = words.labels("words")
    confidence = words.share(results.design.inference.confidence, 0)
    interval = words.label("words", "interval", confidence=confidence)
    heads = [Column(w["indicator"]), Column(w["district"]), Column(contrast_name(results, words), "decimal")]
    grid = Grid([*heads, Column(interval, "center"), Column(w["own_estimate"], "decimal")], rows)
    estimator = results.own_estimator if results.headline.compares else "taylor"
    meaning: dict[str, object] = {
        "sentences": " ".join(sentences),
        "method": method_of(results, words, "partial_pooling" if pooled else estimator) if bounded else "",
        "confidence": confidence,
        "pooled": pooled,
        "alike": alike(results),
        "apart": apart(results),
    }
    return Drawn(canvas, grid, meaning)


def partial(results: Results, district: District, indicator: Indicator) -> Row | None:
    """The partially pooled contrast of a district, if it is estimated."""
    rows = results.of("heterogeneity", estimator="partial_pooling", district=district.id, indicator=indicator.id)
    return next((row for row in rows if row.defined), None)
