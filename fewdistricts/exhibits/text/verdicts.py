"""Which sentence a result earns: the words of its verdict.

The verdict is made in `estimates.verdicts`; its kind is the key of the words in `texts/<language>/sentences.yaml`. No
sentence knows the word "significant", and none says "caused".
"""

from __future__ import annotations

from dataclasses import dataclass

from fewdistricts.design import Indicator
from fewdistricts.estimates.verdicts import Verdict
from fewdistricts.exhibits.results import Results, Row
from fewdistricts.exhibits.text.certainty import few_draws
from fewdistricts.exhibits.text.exclusions import without_figure
from fewdistricts.exhibits.text.wording import WHOLE, Words, decimals, escape
from fewdistricts.inference.power import POWER

OPEN = ("inconclusive", "harm_not_ruled_out", "unmoved")
"""The verdicts of a null: beside each stands the smallest difference that would have been found."""


@dataclass(frozen=True)
class Reading:
    """What may be said of one indicator: the contrast, the verdict and the verdict in a few words.

    `detectable` says, where the verdict is open, how large a difference would have been found; else it is empty.
    """

    contrast: str
    verdict: str
    short: str
    detectable: str = ""


def direction(row: Row) -> str:
    """Above, below or equal, at the precision printed."""
    digits = 3 if row.unit == "share" else decimals(row.unit, row.estimate, *row.ends)
    shown = round(row.estimate, digits)
    return "above" if shown > 0 else "below" if shown < 0 else "equal"


def contrast_sentence(words: Words, results: Results, row: Row | None) -> str:
    """Direction and size of the contrast, its interval and the number of districts."""
    if row is None or not row.defined:
        indicator = results.indicator_of(row) if row else None
        reason = without_figure(results, words, indicator, row)
        return words.label("sentence", "undefined", reason=reason)
    family = "did" if row.estimand in ("did", "att") else "change"
    unit = row.unit
    if not row.bounded:
        reason = words.label("status", row.status) if row.status not in ("", "no_df", "no_interval") else ""
        difference = row.link(words.with_unit(row.estimate, unit, *row.ends, of=results.indicator_of(row)))
        return words.label("sentence", f"{family}_no_interval", difference=difference, reason=reason)
    return words.label(
        "sentence",
        f"{family}_{direction(row)}",
        size=row.link(words.size(row.estimate, unit, *row.ends, of=results.indicator_of(row))),
        confidence=words.confidence(results.design),
        interval=row.link(words.interval(row.ci_low, row.ci_high, unit)),
        districts=words.both(*counted_districts(results, row)) if family == "did" else "",
    )


def of_all_sentence(words: Words, results: Results, indicator: Indicator) -> str:
    """The contrast of a share of a part of the respondents, counted among all of them; empty for other indicators."""
    row = results.answer(indicator, variant="of_all")
    if row is None:
        return ""
    contrast = contrast_sentence(words, results, row)
    return words.label("sentence", "of_all", contrast=contrast[0].lower() + contrast[1:])


def counted_districts(results: Results, row: Row) -> tuple[int, int]:
    """Pilot and comparison districts behind a row of a contrast or of a change: together its `n_districts`."""
    if row.estimand == "change":
        return int(row.n_districts), 0
    if row.estimand == "did":
        return 1, int(row.n_districts) - 1
    change = results.change("pilot", row.wave, row.baseline_wave, row.indicator, row.variant)
    pilots = int(change.n_districts) if change is not None and change.defined else len(results.followed)
    return pilots, int(row.n_districts) - pilots


def named(words: Words, results: Results, indicator: Indicator, row: Row | None) -> str:
    """An indicator with its difference and interval, and the districts behind it where they are not the answer's."""
    label = escape(words.text(indicator.label))
    if row is None or not row.defined:
        reason = without_figure(results, words, indicator, row)
        return words.label("sentence", "without_figure", label=label, reason=reason)
    values = {"label": label, **words.linked(row, indicator)}
    if not row.bounded:
        values["interval"] = words.label("status", "no_df")
    if row.estimand == "did" or not results.headline.compares:
        return words.label("sentence", "with_interval", **values)
    counts = counted_districts(results, row)
    if counts == (len(results.followed or results.design.pilots), len(results.others)):
        return words.label("sentence", "with_interval", **values)
    return words.label("sentence", "with_districts", **values, districts=words.both(*counts))


def reading(words: Words, results: Results, indicator: Indicator) -> Reading:
    """All that may be said of one indicator by the headline rule."""
    answer = results.answer(indicator)
    verdict = results.verdict(indicator)
    worthwhile = ""
    if indicator.worthwhile is not None:
        worthwhile = words.size(indicator.worthwhile, indicator.unit_of, of=indicator)
    sentence = words.label("verdict", verdict.kind, worthwhile=worthwhile, direction=verdict.direction)
    if verdict.suggestive:
        sentence = f"{sentence} {words.label('verdict', 'suggestive')}"
    sentence += few_draws(results, words, indicator)
    return Reading(
        contrast=contrast_sentence(words, results, answer),
        verdict=sentence,
        short=short(words, verdict, indicator),
        detectable=detectable_sentence(words, results, answer) if verdict.kind in OPEN else "",
    )


def plain(words: Words, verdict: Verdict, indicator: Indicator) -> str:
    """A verdict in a few words, without how firm it is."""
    worthwhile = indicator.worthwhile is not None
    return words.label("verdict_short", verdict.kind, direction=verdict.direction, worthwhile=worthwhile)


def short(words: Words, verdict: Verdict, indicator: Indicator) -> str:
    """A verdict in a few words, as tables have it."""
    in_short = plain(words, verdict, indicator)
    if not verdict.suggestive:
        return in_short
    return words.label("verdict_short", "suggestive", reading=in_short, direction=verdict.direction)


def detectable_sentence(words: Words, results: Results, row: Row | None) -> str:
    """How large a difference the test of this row would find; nothing where that is not known."""
    least = results.detectable(row) if row is not None else None
    if least is None or not least.defined:
        return ""
    size = least.link(words.size(least.estimate, least.unit, of=results.indicator_of(least)))
    beyond = least.unit == "share" and least.estimate > WHOLE
    return words.label("sentence", "detectable", size=size, power=words.share(POWER, 0), beyond=beyond)
