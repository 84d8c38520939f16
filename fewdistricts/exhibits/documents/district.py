"""One district as its page and its chapter speak of it: its change, what compares, its place among all."""

from __future__ import annotations

from collections.abc import Callable

from fewdistricts.design import District, Indicator, Wave
from fewdistricts.exhibits.results import Results, Row
from fewdistricts.exhibits.text import by_verdict as grouping
from fewdistricts.exhibits.text.by_verdict import quoted
from fewdistricts.exhibits.text.values import when
from fewdistricts.exhibits.text.verdicts import named
from fewdistricts.exhibits.text.wording import Words


class Subject:
    """A district between its last wave before the start and its last wave after it."""

    def __init__(self, results: Results, words: Words, district: District) -> None:
        self.results, self.words, self.district = results, words, district
        followups = results.design.followups(district)
        self.base: Wave | None = results.design.baseline(district)
        self.wave: Wave | None = followups[-1] if followups and self.base else None

    @property
    def compared(self) -> bool:
        """Whether the district's change stands beside that of comparison districts."""
        return bool(self.wave and self.results.headline.compares and self.district.arm != "comparison")

    @property
    def method(self) -> str:
        """The widest inference that one district allows, as labels.yaml names it."""
        if not self.wave:
            return "none"
        return self.results.own_estimator if self.compared else "change"

    def row(self, indicator: Indicator) -> Row | None:
        """What is said of an indicator: the difference in change, or the change where nothing compares."""
        if self.compared:
            return self.results.own(self.district, indicator)
        if self.wave and self.base:
            return self.results.change(self.district.id, self.wave, self.base, indicator)
        return None

    def interviews(self) -> str:
        """How many residents were met, wave by wave; empty where interviews were not counted."""
        return self.words.listed(said for wave in (self.base, self.wave) if wave and (said := self._met(wave)))

    def _met(self, wave: Wave) -> str:
        counts = self.results.counts("interviews")
        here = counts[(counts["district"] == self.district.id) & (counts["wave"] == wave.id)]["n"]
        if not len(here):
            return ""
        number = self.words.number(float(here.iloc[0]))
        return self.words.label("brief", "met", number=number, when=when(self.words, wave))

    def readings(self, indicators: list[Indicator], sized: bool = False) -> list[str]:
        """The outcomes by what can be said of them, one sentence for each kind of reading; `sized`: with figures."""
        if not self.wave:
            return []
        name: Callable[[Indicator], str] | None = None
        if sized:
            name = lambda i: named(self.words, self.results, i, self.row(i))  # noqa: E731
        kind = "compared" if self.compared else "alone"
        return grouping.sentences(self.words, indicators, self.row, "brief", kind, name=name)

    def ranks(self, indicators: list[Indicator]) -> dict[str, str] | None:
        """The district's place among all by how far its change departs from that of the others."""
        if not (self.compared and self.wave):
            return None
        placed = [(i, r) for i in indicators if (r := self._placed(i)) is not None]
        if not placed:
            return None
        words, first = self.words, placed[0][1]
        places: dict[int, list[Indicator]] = {}
        for i, r in placed:
            places.setdefault(round(r.p_value * r.n_districts), []).append(i)
        said = [
            words.label("brief", "rank", place=words.number(place), outcomes=quoted(members, words))
            for place, members in sorted(places.items())
        ]
        floor = first.link(words.p(first.p_floor))
        return {"of": words.number(first.n_districts), "places": "; ".join(said), "floor": floor}

    def _placed(self, indicator: Indicator) -> Row | None:
        assert self.wave
        row = self.results.did(self.district, self.wave, indicator, "placebo_rank")
        return row if row is not None and row.p_value == row.p_value else None
