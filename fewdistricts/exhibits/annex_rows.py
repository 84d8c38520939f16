"""Which rows of the estimates the annex lists: every row that an exhibit or a sentence of the report shows.

`levels` are listed side by side, a line for an arm or a district; `others` one under the other. What is not listed is
in estimates.csv only, and numbers made of it carry no link.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fewdistricts.design import District
from fewdistricts.estimates.catalogue import ESTIMANDS
from fewdistricts.exhibits.results import MOST, Results, Row

ARMS = ("pilot", "comparison")
MOST_LINES = 400  # of single districts: beyond it only those of the primary outcomes are listed


@dataclass(frozen=True)
class Line:
    """Levels of an arm or district before and after, and its contrast: an arm's change, a district's own difference."""

    indicator: str
    district: str
    answer: str = ""
    before: Row | None = None
    after: Row | None = None
    contrast: Row | None = None

    @property
    def rows(self) -> list[Row]:
        """The rows that the line holds."""
        return [row for row in (self.before, self.after, self.contrast) if row is not None]


def listed(results: Results) -> list[Row]:
    """Every row that the annex lists."""
    return [row for line in levels(results) for row in line.rows] + others(results)


def levels(results: Results) -> list[Line]:
    """Arms, then single districts, indicator by indicator, each followed by the distribution of its answers."""
    lines = []
    primary = {i.id for i in results.primary}
    districts = members(results)
    few = len(districts) * len(results.design.indicators) <= MOST_LINES
    distributed = list(answers(results))
    for indicator in results.design.indicators:
        lines += [_of_arm(results, arm, indicator.id) for arm in ARMS]
        lines += [line for line in distributed if line.indicator == indicator.id]
        if few or indicator.id in primary:
            for d in districts:
                base, last = results.design.baseline(d), results.design.followups(d)[-1]
                assert base is not None
                before, after = (results.level(d.id, wave.id, indicator) for wave in (base, last))
                contrast = results.own(d, indicator)
                lines.append(Line(indicator.id, d.id, before=before, after=after, contrast=contrast))
    for item in composition(results):
        lines += [_of_arm(results, arm, item) for arm in ARMS]
    return [line for line in lines if line.rows]


def members(results: Results) -> list[District]:
    """The districts that the report looks at one by one."""
    design = results.design
    chosen = dict.fromkeys(d.id for d in (*design.pilots, *design.neighbours, *design.report_districts))
    shown = [design.district(d) for d in chosen]
    shown = [d for d in shown if design.followups(d) and design.baseline(d)]
    return shown if len(shown) <= MOST else []


def composition(results: Results) -> list[str]:
    """The covariates, or their categories, in order of the table."""
    own = {i.id for i in results.design.indicators}
    return list(dict.fromkeys(r.indicator for r in results.of("level") if r.indicator not in own))


def waves(results: Results) -> tuple[str, str]:
    """The earlier and later wave that levels are shown at."""
    head, ids = results.headline, [w.id for w in results.design.waves]
    balanced = [r.wave for r in results.of("balance")]
    before = head.baseline_wave if head.baseline_wave in ids else (balanced or ids)[0]
    return before, head.wave if head.wave in ids else ids[-1]


def _of_arm(results: Results, arm: str, indicator: str) -> Line:
    before, after = waves(results)
    levels = [results.level(arm, wave, indicator) for wave in (before, after)]
    if before == after:
        levels[0] = None
    change = results.change(arm, after, before, indicator)
    return Line(indicator, arm, before=levels[0], after=levels[1], contrast=change)


def answers(results: Results) -> Iterator[Line]:
    """The distribution of answers in each arm, indicator by indicator, the answers in the order of the question."""
    before, after = waves(results)
    found = {(r.indicator, r.district, r.variant_of, r.wave): r for r in results.of("distribution")}
    keys = dict.fromkeys(key[:3] for key in found)
    for indicator in results.design.indicators:
        own = [key for key in keys if key[0] == indicator.id]
        order = list(indicator.answers) if indicator.is_share else [key[2] for key in own]
        for _, district, answer in sorted(own, key=lambda key: order.index(key[2])):
            ends = [found.get((indicator.id, district, answer, wave)) for wave in (before, after)]
            yield Line(indicator.id, district, answer, before=ends[0], after=ends[1])


def others(results: Results) -> list[Row]:
    """The answers, of the primary outcomes by every method, and all that is asked of them."""
    primary, head = {i.id for i in results.primary}, results.headline
    held = {row.row_id for line in levels(results) for row in line.rows}
    single = {d.id for d in members(results)}
    many = len(results.design.districts) > MOST

    def shown(row: Row) -> bool:
        if many and row.variant == "without":
            return False
        if row.estimand == head.estimand and row.district == head.district:
            said = row.estimator == head.estimator and row.variant in ("main", "of_all")
            return row.indicator in primary or said
        if row.estimand in ("breakdown", "event_study"):
            return row.indicator in primary
        if row.estimand == "heterogeneity":
            return row.indicator in primary and row.estimator == "cochran_q"
        if row.estimand == "variance_ratio":
            return row.indicator in primary
        if row.estimand == "did":
            asked = row.indicator in primary and row.estimator in ("placebo_rank", results.own_estimator)
            return asked and row.district in single
        return row.estimand in ("mde", "index", "balance", "composition")

    found = [row for row in results.rows if shown(row) and row.row_id not in held]
    order = list(dict.fromkeys(row.indicator for row in found))
    return sorted(found, key=lambda row: (order.index(row.indicator), *_rank(results, row)))


def _rank(results: Results, row: Row) -> tuple[int, bool]:
    """The answer by the headline rule first, then by other methods, then what is asked of it, then single districts."""
    head = results.headline
    kinds = [head.estimand, *ESTIMANDS]
    place = kinds.index(row.estimand)
    return place, (row.estimator, row.variant) != (head.estimator, "main")
