"""One item and the covariates, multiplied and summed over the respondents of each cell: all that a regression needs
whose other columns are constant within a cell.

With v_i = (1, x_i, y_i) of a respondent, a cell keeps the sums of v v', w v v' and w^2 v v'. From them follow the
coefficients by weighted least squares, and in coordinates of an orthonormal basis of V and W V, which a root of their
Gram matrix gives, everything that inference by cluster asks of the rows of X, W X and the residuals (`clusters`):

    [V, W V]'[V, W V] = B'B,   V is B_1 and W V is B_2 in these coordinates.

Respondents who left a covariate out are summed apart, a part for each set of covariates that was answered, so that
whoever leaves a covariate out of the regression may take them in. Covariates and answers are less a centre of their
cell: what squares lose where numbers are large beside their spread is not lost.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fewdistricts.inference.absorbed import solve
from fewdistricts.inference.clusters import Cluster, Regression, answered

ROUNDING = 1e-12
"""What a square may be of its own size and still be zero."""


@dataclass(frozen=True)
class CrossSums:
    """Sums over the respondents of a part. Shapes: P parts, m columns of covariates, v = m + 2."""

    cell: np.ndarray  # (P,) of each part
    known: np.ndarray  # (P, m) whether its respondents answered a column; where not, its products are zero
    n: np.ndarray  # (P,)
    products: np.ndarray  # (P, 3, v, v) of v v', weighted by 1, w and w^2
    centre: np.ndarray  # (P, m + 1) what covariates and answer are less, the same in all parts of a cell


def cross_sums(y: np.ndarray, x: np.ndarray, weight: np.ndarray, cell: np.ndarray) -> CrossSums:
    """Products of `y` (N,) and the covariates `x` (N, m) by `cell` (N,); nan where there is no answer."""
    used = answered(y, weight)
    y, x, weight, cell = y[used], x[used], weight[used], cell[used]
    known = np.isfinite(x)
    part = _parts(cell, known)
    order = np.argsort(part, kind="stable")
    y, x, weight, cell, known, part = (values[order] for values in (y, x, weight, cell, known, part))
    centre = _centres(np.column_stack([np.where(known, x, 0.0), y]), np.column_stack([known, np.ones(len(y))]), cell)
    v = np.column_stack([np.ones(len(y)), np.where(known, x - centre[:, :-1], 0.0), y - centre[:, -1]])
    powers = weight[:, None] ** np.arange(3)
    n = np.bincount(part)
    first = np.cumsum(n) - n
    products = np.zeros((len(n), 3, v.shape[1], v.shape[1]))
    for k, (start, count) in enumerate(zip(first, n, strict=True)):
        rows = slice(start, start + count)
        products[k] = (powers[rows].T[:, None, :] * v[rows].T) @ v[rows]
    return CrossSums(
        cell=cell[first].astype(int),
        known=known[first],
        n=n,
        products=products,
        centre=centre[first],
    )


def _parts(cell: np.ndarray, known: np.ndarray) -> np.ndarray:
    """The part of each row (N,), numbered in order of its cell and of what it answered (N, m)."""
    part = _renumbered(cell)
    for column in known.T[~known.all(axis=0)]:
        part = _renumbered(2 * part + column)
    return part


def _renumbered(code: np.ndarray) -> np.ndarray:
    """Codes (N,) from 0 without gaps, in the same order."""
    return (np.cumsum(np.bincount(code) > 0) - 1)[code]


def _centres(values: np.ndarray, known: np.ndarray, cell: np.ndarray) -> np.ndarray:
    """The mean of the known values of each column (N, k) in the row's cell; 0 where there is none."""
    total = np.column_stack([np.bincount(cell, column) for column in values.T])
    count = np.column_stack([np.bincount(cell, column) for column in known.T])
    return (total / np.maximum(count, 1))[cell]


@dataclass(frozen=True)
class Products:
    """Cells summed over the respondents who answered all covariates of a regression. Shapes: C cells, k covariates."""

    n: np.ndarray  # (C,)
    products: np.ndarray  # (C, 3, k + 2, k + 2), as in `CrossSums`
    centre: np.ndarray  # (C, k + 1)

    def scaled(self, factor: np.ndarray) -> Products:
        """The same with the weights of each cell multiplied by a factor (C,)."""
        powers = factor[:, None] ** np.arange(3)
        return Products(self.n, self.products * powers[:, :, None, None], self.centre)

    def take(self, cells: np.ndarray) -> Products:
        """Some of the cells, in the order asked for."""
        return Products(self.n[cells], self.products[cells], self.centre[cells])

    @property
    def weight(self) -> np.ndarray:
        """Sums of the weights (C,)."""
        return self.products[:, 1, 0, 0]


def complete(sums: CrossSums, cells: np.ndarray, columns: np.ndarray) -> Products:
    """The respondents of some cells who answered the covariates at `columns`, in order of `cells`."""
    entries = np.concatenate([[0], 1 + columns, [sums.products.shape[-1] - 1]])
    whole = np.asarray(sums.known[:, columns].all(axis=1))
    size = len(entries)
    n = np.zeros(len(cells), dtype=int)
    products = np.zeros((len(cells), 3, size, size))
    centre = np.zeros((len(cells), size - 1))
    for k, cell in enumerate(cells):
        mine = np.flatnonzero(sums.cell == cell)
        if not mine.size:
            continue
        centre[k] = sums.centre[mine[0]][np.append(columns, sums.centre.shape[1] - 1)]
        mine = mine[whole[mine]]
        n[k] = sums.n[mine].sum()
        products[k] = sums.products[mine].sum(axis=0)[:, entries][:, :, entries]
    return Products(n, products, centre)


def varying(cells: Products) -> np.ndarray:
    """Which covariates (k,) vary within some cell."""
    held = cells.n > 0
    sums = cells.products[held, 0, 0, 1:-1]
    squares = np.diagonal(cells.products[held, 0], axis1=1, axis2=2)[:, 1:-1]
    about_mean = squares - sums**2 / cells.n[held, None]
    return np.any(about_mean > ROUNDING * squares, axis=0)


def regress_products(cells: Products, z: np.ndarray, cluster: np.ndarray) -> Regression | None:
    """Weighted least squares on an effect for each cluster, the covariates, and columns `z` (C, q) of the cells.

    Clustered by `cluster` (C,); the same as of the respondents, with a dummy for each. None without full rank.
    """
    held = np.flatnonzero(cells.n)
    labels, code = np.unique(np.asarray(cluster)[held], return_inverse=True)
    products, centre, z = cells.products[held], cells.centre[held].copy(), z[held]
    # less their overall mean: what the effects take up keeps its digits
    centre[:, :-1] -= np.average(centre[:, :-1], axis=0, weights=cells.n[held])
    weight = products[:, 1, 0, 0]
    mean = centre + products[:, 1, 0, 1:] / weight[:, None]
    roots = _root(_about_mean(products[:, 1]), ROUNDING)
    within = roots[roots.any(axis=2)]
    solved = solve(
        mean[:, -1],
        np.column_stack([mean[:, :-1], z]),
        code,
        weight,
        within=(within[:, -1], np.column_stack([within[:, :-1], np.zeros((len(within), z.shape[1]))])),
    )
    if solved is None:
        return None
    coefficients, bread = solved
    of_cells = _coordinates(products, centre, z)
    clusters = []
    for k in range(len(labels)):
        x, wx, y = (np.concatenate(part[code == k]) for part in of_cells)
        columns = np.flatnonzero(np.abs(x[:, 1:]).any(axis=0))
        used = np.concatenate([[0], 1 + columns])
        places = np.concatenate([[k], len(labels) + columns])
        residual = y - x[:, used] @ coefficients[places]
        clusters.append(Cluster(columns=places, x=x[:, used], wx=wx[:, used], residual=residual))
    squares = products[:, 1, -1, -1] + 2 * centre[:, -1] * products[:, 1, 0, -1] + weight * centre[:, -1] ** 2
    size = float(np.sqrt(squares.sum() / weight.sum()))
    return Regression(coefficients, bread, tuple(clusters), int(cells.n.sum()), size)


def _about_mean(products: np.ndarray) -> np.ndarray:
    """Products (C, k + 1, k + 1) of covariates and answer about their weighted means, from those of v."""
    first = products[:, 0, 1:]
    return products[:, 1:, 1:] - first[:, :, None] * first[:, None, :] / products[:, :1, :1]


def _root(gram: np.ndarray, zero: float) -> np.ndarray:
    """B (C, k, k) with B'B the Gram matrices (C, k, k), their columns brought to one size first.

    Directions whose squares are below `zero` of the largest are left out: what columns that make up one another leave.
    Their rows are zero.
    """
    size = np.sqrt(np.maximum(np.diagonal(gram, axis1=1, axis2=2), 0.0))
    scale = np.where(size > 0, size, 1.0)
    values, vectors = np.linalg.eigh(gram / (scale[:, :, None] * scale[:, None, :]))
    kept = values > zero * np.maximum(values[:, -1:], 0.0)
    return np.sqrt(np.where(kept, values, 0.0))[:, :, None] * vectors.mT * scale[:, None, :]


def _coordinates(products: np.ndarray, centre: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """X and W X (C, r, 1 + k + q) of the cells, and their answers (C, r), in coordinates that span V and W V."""
    plain, weighted, squared = np.moveaxis(products, 1, 0)
    root = _root(np.block([[plain, weighted], [weighted, squared]]), np.finfo(float).eps)
    v, wv = np.split(root, 2, axis=2)
    return _columns(v, centre, z), _columns(wv, centre, z), v[:, :, -1] + centre[:, -1:] * v[:, :, 0]


def _columns(v: np.ndarray, centre: np.ndarray, z: np.ndarray) -> np.ndarray:
    """The columns of X: one, the covariates, and those of the cell."""
    one = v[:, :, :1]
    return np.concatenate([one, v[:, :, 1:-1] + one * centre[:, None, :-1], one * z[:, None, :]], axis=2)
