"""The pilot districts one by one: partially pooled where that is estimated, beside their own figures."""

from __future__ import annotations

from textwrap import fill

from fewdistricts.design import District, Indicator
from fewdistricts.exhibits.display import Column, Grid, Rows
from fewdistricts.exhibits.figures import style
from fewdistricts.exhibits.figures.common import (
    Figure,
    axis_scale,
    hover,
    in_full,
    interval_row,
    lines_of_differences,
    mark,
    most_lines,
    titles_of,
    zero_line,
)
from fewdistricts.exhibits.results import MOST, Results, Row
from fewdistricts.exhibits.tables.common import contrast_cells, contrast_columns, method_of
from fewdistricts.exhibits.text.findings import alike, apart
from fewdistricts.exhibits.text.wording import Words

ABOVE, BELOW = 0.1, 0.28  # of a line: the partially pooled mark, and the district's own figure under it


def districts(results: Results, words: Words) -> Figure | None:
    """Each pilot (and neighbouring) district's contrast on the primary outcomes."""
    every = (*results.design.pilots, *results.design.neighbours)
    members = [d for d in every if results.changes and results.design.followups(d)]
    if not members or len(members) > MOST:
        return None
    indicators = results.primary[:4]
    names = [fill(words.name_of(d), 26) for d in members]
    titles = titles_of(indicators, words)
    height = 0.55 + 0.14 * most_lines(titles) + max(0.23, 0.135 * most_lines(names)) * len(members)
    canvas, axes = style.canvas(height, len(indicators), 1, sharey=True)
    rows: Rows = []
    sentences = []
    pooled = bounded = False
    for panel, indicator, title in zip(axes, indicators, titles, strict=False):
        label = words.text(indicator.label)
        for y, district in enumerate(members):
            own, best = results.own(district, indicator), partial(results, district, indicator)
            lead = own if best is None else best
            if lead is None or not lead.defined:
                continue
            name = words.name_of(district)
            colour, marker = style.COLOUR[district.arm], style.MARKER[district.arm]
            if best is not None and own is not None and own.defined:
                pooled = True
                place = own.estimate * axis_scale(own.unit), y + BELOW
                mark(panel, *place, style.GREY_INK, marker, size=18, width=1, face="white")
                hover(panel, *place, f"{label}, {name}, {words.label('words', 'own_estimate')}: {in_full(words, own)}")
            bounded |= lead.bounded
            at = y if best is None else y - ABOVE
            interval_row(panel, at, lead, colour, marker, text=f"{label}, {name}: {in_full(words, lead)}")
            rows.append([label, name, *contrast_cells(words, lead), contrast_cells(words, own)[0]])
            values = {"label": label, "district": name, **words.contrast_of(lead)}
            sentences.append(words.label("figure", "districts", "sentence", **values))
        zero_line(panel)
        panel.set_title(title, fontsize=9)
        lines_of_differences(panel, words, [indicator], names, (len(members) - 0.5, -0.5), ticks=4)
    w = words.labels("words")
    heads = [Column(w["indicator"]), Column(w["district"]), *contrast_columns(results, words, 0, 0)]
    heads.append(Column(w["own_estimate"], "decimal"))
    estimator = results.own_estimator if results.headline.compares else "taylor"
    if pooled:
        estimator = "partial_pooling"
    meaning: dict[str, object] = {
        "sentences": " ".join(sentences),
        "method": method_of(results, words, estimator) if bounded else "",
        "confidence": words.confidence(results.design),
        "pooled": pooled,
        "one_pilot": len(members) == 1,
        "alike": alike(results),
        "apart": apart(results),
    }
    return Figure(canvas, Grid(heads, rows), meaning)


def partial(results: Results, district: District, indicator: Indicator) -> Row | None:
    """The partially pooled contrast of a district, if it is estimated."""
    rows = results.of("heterogeneity", estimator="partial_pooling", district=district.id, indicator=indicator.id)
    return next((row for row in rows if row.defined), None)
