"""Answers counted: respondents of a sampling unit who gave the same answer, taken together.

Most questions have few answers, so that what is summed over respondents needs a few numbers of each answer in each
unit, and two million interviews become a few thousand rows. Where answers are many, each respondent is a row.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

_FIRST = 10_000
"""Respondents of whom some nearly always gave every answer that there is."""
_MOST = 32
"""Answers that are told apart one by one."""


@dataclass(frozen=True)
class Tally:
    """Answers of R groups of respondents; the weighted numbers are of those with a weight above zero."""

    value: np.ndarray  # (R,) the answer
    unit: np.ndarray  # (R,) cell or sampling unit
    n: np.ndarray  # (R,) answers with a weight above zero
    n_all: np.ndarray  # (R,) answers, whatever their weight
    weight: np.ndarray  # (R,) sum of weights
    weight_squares: np.ndarray  # (R,) sum of their squares about the mean weight of the group

    @property
    def mean_weight(self) -> np.ndarray:
        """Mean weight of each group (R,), zero where none is above zero."""
        return self.weight / np.maximum(self.n, 1)


def each_alone(values: np.ndarray, weight: np.ndarray, unit: np.ndarray) -> Tally:
    """Each answer (N,; nan where there is none) by itself."""
    given = np.isfinite(values)
    if not given.all():
        values, weight, unit = values[given], weight[given], unit[given]
    ones = np.ones(len(values), dtype=int)
    return Tally(values, unit, (weight > 0).astype(int), ones, weight, np.zeros(len(values)))


@dataclass(frozen=True)
class Weights:
    """Weights of at least zero of the respondents of some units, prepared once for all their answers."""

    weight: np.ndarray  # (N,)
    unit: np.ndarray  # (N,) codes below `units`
    units: int

    @cached_property
    def all_used(self) -> bool:
        """Whether every weight is above zero."""
        return bool((self.weight > 0).all())

    @cached_property
    def _centre(self) -> np.ndarray:
        """Mean of the weights above zero of each unit (P,): squares about it lose nothing where weights are large."""
        n = np.bincount(self.unit, self.weight > 0, minlength=self.units)
        return np.bincount(self.unit, self.weight, minlength=self.units) / np.maximum(n, 1)

    @cached_property
    def _squares(self) -> np.ndarray:
        """Squares of the weights about it (N,)."""
        return np.where(self.weight > 0, (self.weight - self._centre[self.unit]) ** 2, 0.0)

    def tally(self, values: np.ndarray) -> Tally:
        """The answers (N,; nan where there is none) by unit."""
        answers = few_answers(values, at_most=len(values) // max(self.units, 1))
        if answers is None:
            return each_alone(values, self.weight, self.unit)
        number, code = answers
        width = len(number) + 1  # the first of each unit is that of no answer
        group = self.unit * width + code

        def by_group(values: np.ndarray | None = None) -> np.ndarray:
            sums = np.bincount(group, values, minlength=self.units * width)
            return sums.reshape(self.units, width)[:, 1:].ravel()

        unit = np.repeat(np.arange(self.units), len(number))
        n_all, total = by_group(), by_group(self.weight)
        n = n_all if self.all_used else by_group(self.weight > 0).astype(int)
        lean = total - n * self._centre[unit]
        squares = by_group(self._squares) - lean**2 / np.maximum(n, 1)
        return Tally(np.tile(number, self.units), unit, n, n_all, total, np.maximum(squares, 0.0))


def few_answers(values: np.ndarray, at_most: int) -> tuple[np.ndarray, np.ndarray] | None:
    """The different answers (K,) and the place of each value (N,) among them from 1 on, 0 where it is nan.

    None where there are more than `at_most`, or than fit a byte.
    """
    given = np.count_nonzero(~np.isnan(values))
    for some in (values[:_FIRST], values):
        answers = np.unique(some[~np.isnan(some)])
        if len(answers) >= min(at_most, _MOST):
            return None
        code = np.zeros(len(values), dtype=np.int8)
        for place, answer in enumerate(answers.tolist(), start=1):
            code += (values == answer) * np.int8(place)
        if np.count_nonzero(code) == given:
            return answers, code
    return None
