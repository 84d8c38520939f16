"""The theory of the programme held against the results: which steps moved as hoped, and where the chain breaks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from fewdistricts.design import Indicator
from fewdistricts.exhibits.results import Results, Row
from fewdistricts.exhibits.text.by_verdict import quoted
from fewdistricts.exhibits.text.wording import Words


@dataclass(frozen=True)
class Link:
    """An indicator of a step, with the row that answers for it."""

    indicator: Indicator
    row: Row | None
    direction: str
    """That of its verdict: `better`, `worse`, or empty where neither is clear."""

    @property
    def moved(self) -> bool:
        """Whether it clearly improved."""
        return self.direction == "better"

    @property
    def worsened(self) -> bool:
        """Whether it clearly got worse."""
        return self.direction == "worse"


Step = list[Link]


def steps(results: Results) -> list[Step]:
    """The steps of the declared theory, in order; none where none is declared."""
    named = results.design.intervention.theory
    chain = [[results.design.indicator(name) for name in step] for step in named]
    return [[_link(results, indicator) for indicator in step] for step in chain]


def _link(results: Results, indicator: Indicator) -> Link:
    return Link(indicator, results.answer(indicator), results.verdict(indicator).direction)


def broken_at(chain: list[Step]) -> int | None:
    """The number of the first step of which no indicator moved as hoped; None where each has one."""
    for number, step in enumerate(chain):
        if not any(link.moved for link in step):
            return number
    return None


def facts(results: Results, words: Words) -> dict[str, Any]:
    """What the chapters say of the theory: its steps, and where the chain holds and breaks."""
    chain = steps(results)
    compares = bool(chain) and results.headline.compares
    values = {"theory": bool(chain), "chain_reading": _reading(chain, words) if compares else []}
    values["theory_last"] = quoted(_indicators(chain[-1:]), words) if chain else ""
    return values


def _reading(chain: list[Step], words: Words) -> list[str]:
    """Sentences on the chain: how far it holds, where it breaks, what moved beyond the break."""
    at = broken_at(chain)
    if at is None:
        unmoved = quoted([link.indicator for step in chain for link in step if not link.moved], words)
        return [words.label("chain", "part" if unmoved else "whole", unmoved=unmoved)]
    broken = chain[at]
    outcomes = quoted(_indicators([broken]), words)
    sentences = []
    if at > 0:
        sentences.append(words.label("chain", "holds", last=quoted(_moved(chain[at - 1 : at]), words)))
    worsened = any(link.worsened for link in broken)
    sentences.append(words.label("chain", "against" if worsened else "unclear", outcomes=outcomes, first=at == 0))
    if at == len(chain) - 1:
        sentences.append(words.label("chain", "last"))
        return sentences
    beyond = quoted(_moved(chain[at + 1 :]), words)
    sentences.append(words.label("chain", "beyond" if beyond else "stops", outcomes=beyond))
    return sentences


def _indicators(chain: Iterable[Step]) -> list[Indicator]:
    return [link.indicator for step in chain for link in step]


def _moved(chain: Iterable[Step]) -> list[Indicator]:
    return [link.indicator for step in chain for link in step if link.moved]
