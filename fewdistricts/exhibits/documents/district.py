"""One district as its page speaks of it: its change, what compares, the best guess of its difference."""

from __future__ import annotations

from fewdistricts.design import District, Indicator, Wave
from fewdistricts.exhibits.figures.districts import partial
from fewdistricts.exhibits.results import Results, Row
from fewdistricts.exhibits.text.by_verdict import by_group, hedged
from fewdistricts.exhibits.text.findings import alike
from fewdistricts.exhibits.text.values import when
from fewdistricts.exhibits.text.verdicts import counted_districts
from fewdistricts.exhibits.text.wording import Words, escape

MOST_QUESTIONS = 3


class Subject:
    """A district between its last wave before the start and its last wave after it."""

    def __init__(self, results: Results, words: Words, district: District) -> None:
        self.results, self.words, self.district = results, words, district
        followups = results.design.followups(district) if results.changes else ()
        self.base: Wave | None = results.design.baseline(district)
        self.wave: Wave | None = followups[-1] if followups and self.base else None

    @property
    def compared(self) -> bool:
        """Whether the district's change is compared with that of comparison districts."""
        return bool(self.wave and self.results.headline.compares and self.district.arm != "comparison")

    @property
    def situation(self) -> str:
        """What the page can say: `comparison`, `level`, `alone`, `pooled`, `spread` or `sampling`."""
        if self.district.arm == "comparison":
            return "comparison"
        if not self.wave:
            return "level"
        if not self.compared:
            return "alone"
        if self.results.headline.kind == "pooled":
            return "pooled"
        return "spread" if self.results.own_estimator == "variance_components" else "sampling"

    def best(self, indicator: Indicator) -> Row | None:
        """The best guess of the district's difference: partially pooled, else its own, else that of all pilots."""
        pooled = partial(self.results, self.district, indicator)
        if pooled is not None and pooled.bounded:
            return pooled
        if self.situation == "pooled":
            return self.results.answer(indicator)
        return self.results.own(self.district, indicator) if self.compared else None

    @property
    def once(self) -> bool:
        """Whether there is a single wave."""
        return len(self.results.design.waves) == 1

    def verdict(self, indicators: list[Indicator]) -> str:
        """One sentence: in what the district shares, as far as the design can say."""
        words, situation = self.words, self.situation
        if situation in ("comparison", "level", "alone"):
            return words.label("brief", "verdict", situation, once=self.once)
        if situation != "pooled":
            return words.label("brief", "verdict", "single")
        groups = by_group(self.results, indicators)
        for key in ("better", "worse"):
            if groups[key]:
                return words.label("brief", "verdict", key, outcomes=hedged(self.results, groups[key], words))
        return words.label("brief", "verdict", "open")

    def may_be_attributed(self, indicators: list[Indicator]) -> bool:
        """Whether the page states a change that a reader could put down to the programme."""
        if not self.wave or self.district.arm == "comparison":
            return False
        groups = by_group(self.results, indicators)
        return self.situation != "pooled" or bool(groups["better"] or groups["worse"])

    def certainty(self, indicators: list[Indicator]) -> str:
        """One sentence on how sure that is, with the ranges of the outcomes."""
        words, results = self.words, self.results
        answers = [results.answer(indicator) for indicator in indicators]
        counts = [counted_districts(results, row) for row in answers if row is not None and row.bounded]
        usual = max(counts, default=(len(results.followed or results.design.pilots), len(results.others)))
        values = {
            "pilot_districts": words.counted("pilot", usual[0]),
            "alike": alike(results),
            "ranges": "; ".join(self._ranges(indicators, usual)),
            "respondents": results.design.data.level == "respondent",
            "once": self.once,
        }
        return words.label("brief", "certainty", self.situation, **values)

    def _ranges(self, indicators: list[Indicator], usual: tuple[int, int]) -> list[str]:
        """Outcome, best guess and interval; with the districts behind it where they are fewer than the `usual`."""
        words, ranges = self.words, []
        for indicator in indicators:
            row, answer = self.best(indicator), self.results.answer(indicator)
            if row is None or not row.bounded:
                continue
            number = words.difference_of(row)
            counts = counted_districts(self.results, answer) if answer is not None and answer.bounded else usual
            values = {
                "outcome": escape(words.text(indicator.label)),
                "difference": words.short(number, row.unit, indicator),
                "interval": words.interval_of(row),
                "districts": words.both(*counts) if self.situation == "pooled" and counts != usual else "",
            }
            ranges.append(words.label("brief", "range", **values))
        return ranges

    def questions(self, indicators: list[Indicator]) -> list[str]:
        """What a mayor should ask, by what the page leaves open."""
        words, situation = self.words, self.situation
        groups = by_group(self.results, indicators)
        still_open = groups["open"]
        few = len(self.results.design.comparisons) < 3
        rules = [
            ("target", situation == "level"),
            ("other", situation != "level"),
            ("compare", few),
            ("open", situation == "pooled" and bool(still_open)),
            ("worst", situation == "pooled" and bool(groups["better"])),
            ("again", situation != "comparison" and not few),
            ("lasting", self.district.arm == "pilot"),
        ]
        outcome = words.text(still_open[0].label) if still_open else ""
        keys = [key for key, applies in rules if applies][:MOST_QUESTIONS]
        return [words.label("brief", "ask", key, outcome=escape(outcome)) for key in keys]

    def interviews(self) -> str:
        """How many residents were interviewed, wave by wave; empty where interviews were not counted."""
        waves = [self.base, self.wave] if self.base else list(self.results.design.waves[-1:])
        met = [self._met(wave) for wave in waves if wave]
        return self.words.listed(sentence for sentence in met if sentence)

    def _met(self, wave: Wave) -> str:
        counts = self.results.counts("interviews")
        here = counts[(counts["district"] == self.district.id) & (counts["wave"] == wave.id)]["n"]
        if here.empty:
            return ""
        number = self.words.number(float(here.iloc[0]))
        return self.words.label("brief", "met", number=number, when=when(self.words, wave))
