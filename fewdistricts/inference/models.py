"""What inference by cluster needs of a fitted statsmodels model: its data, weights, names and clusters.

Any `OLS` or `WLS` result will do, fitted by formula or from arrays. Rows that the formula or `missing="drop"` left out
are left out of the clusters too, by the labels of the rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from fewdistricts.errors import InputError, Problem, nearest
from fewdistricts.inference.clusters import ZERO, Regression, fit, regression
from fewdistricts.text import some

MOST_NAMES = 12


@dataclass(frozen=True)
class FittedModel:
    """A least-squares model as it was fitted. Shapes: N rows, k columns."""

    y: np.ndarray  # (N,)
    x: np.ndarray  # (N, k)
    weight: np.ndarray | None  # (N,), None for ordinary least squares
    names: tuple[str, ...]  # (k,)
    labels: pd.Index | None  # (N,) labels of the rows, where the model knows them
    frame: pd.DataFrame | None  # what a formula was fitted to

    def column(self, term: str) -> int:
        """The position of a coefficient; InputError naming the nearest one."""
        if term in self.names:
            return self.names.index(term)
        raise InputError(Problem("term", repr(term), some(self.names, MOST_NAMES), nearest(term, self.names)))


def read_model(result: Any) -> FittedModel:
    """The model behind a statsmodels result.

    Parameters
    ----------
    result
        What `OLS(...).fit()` or `WLS(...).fit()` returned.

    Raises
    ------
    InputError
        For anything else: another class of model, or a model that was not fitted.
    """
    from statsmodels.regression.linear_model import WLS

    model = getattr(result, "model", None)
    if not isinstance(model, WLS) or not hasattr(result, "normalized_cov_params"):
        kind = type(result).__name__
        if model is not None:
            kind += f" of {type(model).__name__}"
        remedy = "fit it by statsmodels' ols or wls"
        if isinstance(result, WLS):
            kind, remedy = "a model that is not fitted", "call .fit() first"
        raise InputError(Problem("fit", kind, "the result of an OLS or WLS model", remedy))
    y = np.asarray(model.endog, float)
    weights = np.asarray(model.weights, float)
    weighted = weights.ndim == 1 and len(weights) == len(y)
    return FittedModel(
        y=y,
        x=np.asarray(model.exog, float),
        weight=weights if weighted else None,
        names=tuple(str(name) for name in model.exog_names),
        labels=model.data.row_labels,
        frame=getattr(model.data, "frame", None),
    )


def clusters_of(model: FittedModel, groups: Any) -> np.ndarray:
    """The cluster of each row of a model.

    Parameters
    ----------
    model : FittedModel
    groups : str, Series or array
        A column of the data that the formula was fitted to; or a Series, matched to the rows by its index where that
        is possible; or one value a row, of all rows or of those that the model used.

    Returns
    -------
    ndarray (N,)

    Raises
    ------
    InputError
        Without groups, for an unknown column, another length, or a row without a group.
    """
    if groups is None:
        allowed = "a column of the data, or one value a row"
        raise InputError(Problem("groups", "none", allowed, "for example groups='district'"))
    if isinstance(groups, str):
        groups = _column_of_frame(model, groups)
    values = _matched(model, groups)
    missing = np.flatnonzero(pd.isna(values))
    if len(missing):
        row = missing[0] if model.labels is None else model.labels[missing[0]]
        found = f"{len(missing)} rows without a group, the first is row {row}"
        raise InputError(Problem("groups", found, "a group in every row that the model uses"))
    return values


def _column_of_frame(model: FittedModel, name: str) -> pd.Series:
    if model.frame is None:
        found = f"the name {name!r}, but the model was fitted to arrays"
        raise InputError(Problem("groups", found, "one value a row", "give the column itself"))
    if name not in model.frame.columns:
        columns = [str(column) for column in model.frame.columns]
        raise InputError(Problem("groups", repr(name), ", ".join(columns[:MOST_NAMES]), nearest(name, columns)))
    return model.frame[name]


def _matched(model: FittedModel, groups: Any) -> np.ndarray:
    """Groups in the order of the model's rows."""
    used = len(model.y)
    labels = model.labels
    if isinstance(groups, pd.Series) and labels is not None and _tells_apart(groups.index, labels):
        return groups.loc[labels].to_numpy()
    values = np.asarray(groups)
    if values.ndim != 1:
        raise InputError(Problem("groups", f"an array of shape {values.shape}", f"one value a row, shape ({used},)"))
    if len(values) == used:
        return values
    whole = model.frame
    if whole is not None and len(values) == len(whole) and whole.index.is_unique and labels is not None:
        return values[whole.index.get_indexer(labels)]
    remedy = ""
    if used < len(values):
        remedy = "rows with missing values were left out: give a Series whose index tells the rows apart"
    raise InputError(Problem("groups", f"{len(values)} values", f"{used}, one for each row of the model", remedy))


def _tells_apart(index: pd.Index, labels: pd.Index) -> bool:
    """Whether an index names every row of a model, each once."""
    return bool(index.is_unique and labels.isin(index).all())


def regression_of(result: Any, term: str, groups: Any) -> tuple[Regression, int]:
    """A fitted model in coordinates of its clusters, and the position of a coefficient in it.

    Columns that are combinations of others are left out first; InputError if `term` itself is one.
    """
    model = read_model(result)
    column = model.column(term)
    cluster = clusters_of(model, groups)
    kept = _independent(model, column)
    fitted = fit(model.y, model.x[:, kept], cluster, model.weight)
    if fitted is None:
        remedy = "take a column out of the formula"
        raise InputError(Problem("term", f"{term!r} is not identified", "a column that others do not make up", remedy))
    return regression(fitted), kept.index(column)


def _independent(model: FittedModel, column: int) -> list[int]:
    """Columns that span all others than `column`, and `column` itself last."""
    x = model.x if model.weight is None else model.x[model.weight > 0]
    if np.linalg.matrix_rank(x) == x.shape[1]:
        return list(range(x.shape[1]))
    basis = np.zeros((len(x), 0))
    kept: list[int] = []
    for k in [*(k for k in range(x.shape[1]) if k != column), column]:
        rest = x[:, k] - basis @ (basis.T @ x[:, k])
        rest -= basis @ (basis.T @ rest)
        if np.linalg.norm(rest) > ZERO * np.linalg.norm(x[:, k]):
            kept.append(k)
            basis = np.column_stack([basis, rest / np.linalg.norm(rest)])
        elif k == column:
            kept.append(k)
    return kept
