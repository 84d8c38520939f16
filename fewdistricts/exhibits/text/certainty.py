"""How far a finding can be trusted: the checks that it withstands and those that it fails, read from rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf, isnan, nan
from operator import itemgetter

from fewdistricts.design import Indicator
from fewdistricts.estimates.adjustment import read_jointly
from fewdistricts.estimates.verdicts import of_row
from fewdistricts.exhibits.results import Results, Row
from fewdistricts.exhibits.text.by_verdict import quoted
from fewdistricts.exhibits.text.wording import WHOLE, Words, escape
from fewdistricts.inference.power import POWER


def excludes_zero(row: Row | None) -> bool:
    """Whether an interval lies wholly on one side of zero."""
    return row is not None and row.bounded and (row.ci_low > 0 or row.ci_high < 0)


@dataclass(frozen=True)
class Checks:
    """Checks of a finding whose interval excludes zero: how many could be made, and why it fails some."""

    made: int
    failed: list[str]


def checks(results: Results, words: Words, indicator: Indicator) -> Checks:
    """Joint interval, baseline levels, sampling error: each as far as the estimates have it."""
    row, verdict = results.answer(indicator), results.verdict(indicator)
    if row is None or not excludes_zero(row) or not results.headline.compares:
        return Checks(0, [])
    made, failed = 0, []
    if read_jointly(results.design) and not isnan(row.ci_low_joint):
        made += 1
        if not verdict.direction or row.ci_low_joint <= 0 <= row.ci_high_joint:
            failed.append(words.label("certainty", "joint"))
    for key, other in (
        ("baseline", results.variant(indicator, "baseline_adjusted")),
        ("sampling", results.answer(indicator, "taylor")),
    ):
        if other is None or other is row or not other.bounded:
            continue
        made += 1
        if not excludes_zero(other):
            interval = other.link(words.interval_of(other))
            failed.append(words.label("certainty", key, interval=interval))
    return Checks(made, failed)


def certainty_sentence(results: Results, words: Words, indicator: Indicator) -> str:
    """What the checks say of a finding, beginning with a space; nothing where none could be made."""
    adjusted = results.variant(indicator, "baseline_adjusted")
    hinted = results.verdict(indicator).suggestive and not excludes_zero(results.answer(indicator))
    if hinted and adjusted is not None:
        interval = adjusted.link(words.interval_of(adjusted))
        return words.label("certainty", "hint", interval=interval)
    wider = _wider(results, words, indicator)
    tried = checks(results, words, indicator)
    if not tried.made:
        return wider
    if not tried.failed:
        return words.label("certainty", "robust") + wider
    caution = words.label("certainty", "caution", checks=words.listed(tried.failed))
    return caution + wider + few_draws(results, words, indicator)


def _wider(results: Results, words: Words, indicator: Indicator) -> str:
    """The joint interval where the outcome's own would earn another verdict, beginning with a space.

    Not where it holds zero and the other does not: that is one of the checks.
    """
    row, verdict = results.answer(indicator), results.verdict(indicator)
    if row is None or not row.bounded or isnan(row.ci_low_joint):
        return ""
    alone = of_row(results.design, indicator, replace(row, ci_low_joint=nan))
    is_a_check = results.headline.compares and alone.direction != verdict.direction
    if alone.kind == verdict.kind or is_a_check:
        return ""
    interval = row.link(words.interval(*results.ends_read(row), row.unit))
    return words.label("certainty", "wider", interval=interval)


def few_draws(results: Results, words: Words, indicator: Indicator) -> str:
    """That a lottery of few possible outcomes could not tell its clearest result from chance, beginning with a space.

    The interval of the outcome leaves out zero with the smallest p that the lottery can give, and the joint test of
    several primary outcomes does not: then the verdict is not what the interval beside it suggests.
    """
    row, alpha = results.answer(indicator), 1 - results.design.inference.confidence
    if row is None or row.estimator != "permutation" or not excludes_zero(row) or not row.p_adjusted > alpha:
        return ""
    if results.verdict(indicator).direction or row.p_value > row.p_floor * (1 + 1e-9):
        return ""
    floor, p = row.link(words.p(row.p_floor)), row.link(words.p(row.p_adjusted))
    values = {"floor": floor, "p": p, "alpha": words.number(alpha, 2)}
    return words.label("certainty", "few_draws", **values)


def harm(results: Results, indicator: Indicator, own: bool = False) -> float:
    """The largest worsening that the interval read holds, in the unit of the row; 0 where none that matters.

    With `own` it is that of the outcome's own interval, which stands beside its estimate.

    An interval without an end, as a lottery among few districts may give, holds everything: it names no outcome to look
    into.
    """
    row = results.answer(indicator)
    if row is None or not row.bounded or indicator.better == "none" or indicator.worthwhile is None:
        return 0.0
    low, high = row.ends if own else results.ends_read(row)
    worst = -low if indicator.better == "higher" else high
    if row.unit == "share":
        worst = min(worst, WHOLE)
    return worst if indicator.worthwhile <= worst < inf else 0.0


def power_range(results: Results, words: Words) -> str:
    """How often the smallest change that matters would have been detected, from the least to the most often."""
    if not results.headline.compares:
        return ""
    chances = [(results.verdict(indicator).power, indicator) for indicator in results.primary]
    powers = [each for each in chances if not isnan(each[0])]
    if not powers:
        return ""
    least, most = min(powers, key=itemgetter(0)), max(powers, key=itemgetter(0))
    if least[0] >= POWER:
        return ""
    low, high = (_power(results, words, indicator) for _, indicator in (least, most))
    apart = words.share(least[0], 0) != words.share(most[0], 0)
    enough = most[0] >= POWER  # for some outcome: then it is not "only"
    return words.label("sentence", "power_range", low=low, high=high if apart else "", enough=enough)


def _power(results: Results, words: Words, indicator: Indicator) -> str:
    """How often the smallest change that matters is found, with its row where this design was simulated."""
    chance = results.verdict(indicator).power
    text = words.share(chance, 0)
    rows = results.simulated_power(indicator).values()
    return next((row.link(text) for row in rows if row.estimate == chance), text)


def power_list(results: Results, words: Words) -> str:
    """How often the smallest change that matters is told from zero, and by how much it then looks too large."""
    if not results.headline.compares:
        return ""
    shown = []
    for indicator in results.primary:
        verdict = results.verdict(indicator)
        if not isnan(verdict.power) and not isnan(verdict.exaggeration):
            factor = words.number(verdict.exaggeration, 1)
            values = {"power": _power(results, words, indicator), "factor": factor, "one": words.is_one(factor)}
            label = escape(words.text(indicator.label))
            shown.append(words.label("sentence", "with_power", label=label, **values))
    return "; ".join(shown)


def imbalance(results: Results, words: Words) -> str:
    """Primary outcomes on which the pilot districts were clearly worse off before the start, quoted."""
    worse = []
    rows = {row.indicator: row for row in results.of("balance", variant="main")}
    for indicator in results.primary:
        row = rows.get(indicator.id)
        if row is None or not excludes_zero(row) or indicator.better == "none":
            continue
        if (row.estimate < 0) == (indicator.better == "higher"):
            worse.append(indicator)
    return quoted(worse, words)


def divergence(results: Results, words: Words) -> str:
    """How far the groups would have had to diverge for other reasons, beside the most that one district did."""
    if results.many_in_each_arm:
        return ""
    rows = {(row.indicator, row.variant): row for row in results.of("breakdown") if row.defined}
    out = []
    for indicator in results.primary:
        size, ratio = rows.get((indicator.id, "pp")), rows.get((indicator.id, "ratio"))
        if size is None or ratio is None or not excludes_zero(results.answer(indicator)) or ratio.estimate <= 0:
            continue
        needed = words.short(size.link(words.magnitude(size.estimate, size.unit)), size.unit, indicator)
        largest = words.magnitude(size.estimate / ratio.estimate, size.unit)
        label = escape(words.text(indicator.label))
        out.append(words.label("sentence", "divergence", label=label, needed=needed, largest=largest))
    return words.label("sentence", "divergences", outcomes="; ".join(out)) if out else ""


def in_time(results: Results, words: Words) -> dict[str, str]:
    """The primary outcomes as if the programme had begun one wave earlier, and those that moved before it had."""
    shown, moved = [], []
    for indicator in results.primary:
        row = results.in_time(indicator)
        if row is None or not row.bounded:
            continue
        label = escape(words.text(indicator.label))
        shown.append(words.label("sentence", "with_interval", label=label, **words.linked(row, indicator)))
        if excludes_zero(row):
            moved.append(indicator)
    return {"in_time": "; ".join(shown), "in_time_moved": quoted(moved, words)}
