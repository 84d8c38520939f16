"""One item summed over the respondents of each cell: all that regressions with columns constant in a cell need.

The weighted numbers are of the rows with an answer and a weight above zero, the others of all rows with an answer.
Spreads are kept about the means of their cell, not as raw squares, so that nothing is lost where numbers are large
beside their spread.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from fewdistricts.inference.tally import Tally, each_alone


@dataclass(frozen=True)
class CellSums:
    """Shapes: C cells. w weights, y answers, m the weighted mean of a cell, wbar its mean weight."""

    n: np.ndarray  # answers with a weight above zero
    weight: np.ndarray  # sum of w
    mean: np.ndarray  # m, nan where nobody answered
    squares: np.ndarray  # sum of w (y - m)^2
    total: np.ndarray  # sum of y
    weight_squares: np.ndarray  # sum of (w - wbar)^2
    weight_total: np.ndarray  # sum of (w - wbar) y
    n_all: np.ndarray  # answers, whatever their weight
    mean_all: np.ndarray  # their mean, nan where there is none
    squares_all: np.ndarray  # sum of their squares about it

    def take(self, cells: np.ndarray) -> CellSums:
        """Some of the cells, in the order asked for."""
        return CellSums(**{field.name: getattr(self, field.name)[cells] for field in fields(self)})

    def scaled(self, factor: np.ndarray) -> CellSums:
        """The same with the weights of each cell multiplied by a factor (C,) above zero."""
        return replace(
            self,
            weight=self.weight * factor,
            squares=self.squares * factor,
            weight_squares=self.weight_squares * factor**2,
            weight_total=self.weight_total * factor,
        )

    def normalised(self, population: np.ndarray | None = None) -> CellSums:
        """The same with weights that sum to one in each cell, or to the population (C,) of its district."""
        with np.errstate(divide="ignore"):
            factor = np.where(self.n > 0, 1 / self.weight, 0.0)
        return self.scaled(factor if population is None else factor * population)

    def unweighted(self) -> CellSums:
        """The same with every weight one."""
        none = np.zeros(len(self.n))
        return CellSums(
            n=self.n_all,
            weight=self.n_all.astype(float),
            mean=self.mean_all,
            squares=self.squares_all,
            total=np.where(self.n_all > 0, self.n_all * self.mean_all, 0.0),
            weight_squares=none,
            weight_total=none,
            n_all=self.n_all,
            mean_all=self.mean_all,
            squares_all=self.squares_all,
        )


def cell_sums(y: np.ndarray, weight: np.ndarray, cell: np.ndarray, cells: int) -> CellSums:
    """Sums of `y` (N,; nan where there is no answer) with weights (N,) by `cell` (N,), codes below `cells`."""
    return summed_by_cell(each_alone(y, weight, cell), cell_of=np.arange(cells), cells=cells)


def summed_by_cell(answers: Tally, cell_of: np.ndarray, cells: int) -> CellSums:
    """The same of answers counted by units, of which `cell_of` says the cell."""
    y, n, n_all, w = answers.value, answers.n, answers.n_all, answers.weight
    cell = cell_of[answers.unit]

    def by_cell(values: np.ndarray) -> np.ndarray:
        return np.bincount(cell, values, minlength=cells)

    n_cell, n_all_cell, total_weight = by_cell(n), by_cell(n_all), by_cell(w)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(n_cell > 0, by_cell(w * y) / total_weight, np.nan)
        mean_weight = np.where(n_cell > 0, total_weight / n_cell, 0.0)
        mean_all = np.where(n_all_cell > 0, by_cell(n_all * y) / n_all_cell, np.nan)
    lean = n * (answers.mean_weight - mean_weight[cell])
    return CellSums(
        n=n_cell.astype(int),
        weight=total_weight,
        mean=mean,
        squares=by_cell(np.where(n > 0, w * (y - mean[cell]) ** 2, 0.0)),
        total=by_cell(n * y),
        weight_squares=by_cell(answers.weight_squares + lean * (answers.mean_weight - mean_weight[cell])),
        weight_total=by_cell(lean * y),
        n_all=n_all_cell.astype(int),
        mean_all=mean_all,
        squares_all=by_cell(np.where(n_all > 0, n_all * (y - mean_all[cell]) ** 2, 0.0)),
    )
