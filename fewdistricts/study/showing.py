"""What a notebook shows with the public interface: coefficient tables, figures with a description, filled-in prose."""

from __future__ import annotations

import html
import math
import re
import warnings
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from fewdistricts.errors import InputError, Problem
from fewdistricts.exhibits import display
from fewdistricts.exhibits.display import Column, Grid, Output
from fewdistricts.exhibits.figures import style
from fewdistricts.inference.presentation import number, probability

PALETTE = dict(style.COLOUR)
"""Colours of the arms, for `palette=`: `pilot`, `comparison` and `neighbour` look alike in every figure."""

EFFECT = re.compile(r"C\((?P<name>[^)]+)\)\[")
"""The coefficient of one category, as a formula names it."""


def set_theme() -> None:
    """Let seaborn draw as the report does: its font, sizes and colours; and pandas print alike on every screen."""
    style.apply()
    pd.set_option("display.width", 100)
    pd.set_option("display.max_columns", 20)
    sns.set_palette(PALETTE.values())


def show(fit: Any, *, effects: bool = False) -> Output:
    """The coefficients of a statsmodels result as a table, without the clock of statsmodels' `summary()`.

    Parameters
    ----------
    fit
        A fitted statsmodels model with `params`, `bse`, `pvalues` and `conf_int()`.
    effects : bool
        Whether the effects of categories, `C(district)[...]`, are shown too; by default only their number is said.

    Returns
    -------
    Output
        It shows itself as the last expression of a cell.

    Raises
    ------
    InputError
        For what is no statsmodels result.

    Examples
    --------
    >>> import fewdistricts as fd
    >>> import statsmodels.formula.api as smf
    >>> from statsmodels.datasets import grunfeld
    >>> data = grunfeld.load_pandas().data
    >>> fit = smf.ols("invest ~ value + C(firm)", data).fit()
    >>> print(fd.show(fit).data["text/plain"].splitlines()[3].split()[:3])
    ['value', '0.1898', '0.01715']
    """
    wanted = ("params", "bse", "tvalues", "pvalues", "conf_int", "model")
    with warnings.catch_warnings():
        # a model with as many coefficients as rows has no standard errors, which the table says
        warnings.simplefilter("ignore", RuntimeWarning)
        if not all(hasattr(fit, name) for name in wanted):
            raise InputError(Problem("fit", f"a {type(fit).__name__}", "a fitted statsmodels model"))
        names = [str(name) for name in fit.model.exog_names]
        ends = [[float(end) for end in pair] for pair in _rows_of(fit.conf_int())]
        values = [_values(getattr(fit, name)) for name in wanted[:4]]
    hidden: dict[str, int] = {}
    rows: list[Any] = []
    columns = zip(names, *values, ends, strict=True)
    for name, estimate, se, t, p, (low, high) in columns:
        category = EFFECT.match(name)
        if category and not effects:
            hidden[category["name"]] = hidden.get(category["name"], 0) + 1
            continue
        rows.append([name, number(estimate), number(se), number(t), probability(p), number(low), number(high)])
    heads = ["coefficient", "estimate", "standard error", "t", "p", "95 % from", "to"]
    grid = Grid([Column(heads[0]), *(Column(head, "right") for head in heads[1:])], rows)
    return _table(grid, _caption(fit), _note(fit, hidden))


def _values(values: Any) -> list[float]:
    return [float(value) for value in values]


def _rows_of(ends: Any) -> Any:
    """Limits of intervals as rows: statsmodels gives a frame for formulas and an array otherwise."""
    return ends.to_numpy() if hasattr(ends, "to_numpy") else ends


def _caption(fit: Any) -> str:
    formula = getattr(fit.model, "formula", None) or fit.model.endog_names
    text = f"{type(fit.model).__name__}: {formula}; {int(fit.nobs):,} observations"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        rsquared = getattr(fit, "rsquared", math.nan)
    return text if math.isnan(rsquared) else f"{text}, R² {rsquared:.3f}"


def _note(fit: Any, hidden: dict[str, int]) -> str:
    kind = getattr(fit, "cov_type", "nonrobust")
    notes = [f"Standard errors as statsmodels computed them ({kind})."]
    for name, count in hidden.items():
        notes.append(f"Not shown: {count} {'effect' if count == 1 else 'effects'} of {name}.")
    return " ".join(notes)


def _table(grid: Grid, caption: str, note: str) -> Output:
    table = grid.as_html().replace("<table>", f"<table><caption>{html.escape(caption)}</caption>", 1)
    page = f"{table}<p>{html.escape(note)}</p>"
    text = "\n".join([caption, grid.as_text(), note])
    data = {display.TABLE: grid.content(), "text/html": page, "text/plain": text}
    return Output(data, {"kind": "table", "caption": caption, "note": note})


def figure(drawn: Axes | Figure | Any, *, alt: str, caption: str = "", stamp: str = "") -> Output:
    """A figure with its description for those who do not see it, the same bytes every time.

    Parameters
    ----------
    drawn : Axes, Figure or seaborn grid
        What a plotting function returned. The figure is closed, so that it is not shown twice.
    alt : str
        What the figure shows, in a sentence or two.
    caption : str, optional
        Printed below it.
    stamp : str, optional
        Printed in the figure itself, for example that its data are invented.

    Returns
    -------
    Output
        It shows itself as the last expression of a cell.

    Raises
    ------
    InputError
        Without a description, or for what is not a figure.

    Examples
    --------
    >>> import fewdistricts as fd
    >>> import matplotlib.pyplot as plt
    >>> _, axes = plt.subplots()
    >>> fd.figure(axes, alt="An empty panel.").data["text/plain"]
    'An empty panel.'
    """
    whole = drawn if isinstance(drawn, Figure) else getattr(drawn, "figure", None)
    if not isinstance(whole, Figure):
        raise InputError(Problem("figure", f"a {type(drawn).__name__}", "axes, a figure or a seaborn grid"))
    if not alt.strip():
        raise InputError(Problem("alt", "an empty text", "a sentence that says what the figure shows"))
    if not isinstance(whole.get_layout_engine(), ConstrainedLayoutEngine):
        whole.set_layout_engine("constrained")
    style.stamp(whole, stamp)
    # room at the left: on a page without the font, labels are longer than they were measured
    bottom = 0.15 / whole.get_figheight() if stamp else 0.0
    whole.get_layout_engine().set(rect=(0.08, bottom, 0.92, 1 - bottom))  # type: ignore[union-attr,call-arg]
    marked = f'<svg role="img" aria-label="{html.escape(alt)}" '
    drawing = display.svg(whole).replace("<svg ", marked, 1)
    plt.close(whole)
    page = display.image(drawing, alt)
    if caption:
        page = f'<figure style="margin: 0">{page}<figcaption>{html.escape(caption)}</figcaption></figure>'
    meaning = {"kind": "figure", "alt": alt, "caption": caption}
    return Output({"image/svg+xml": drawing, "text/html": page, "text/plain": alt}, meaning)


def markdown(text: str) -> Output:
    """Markdown with values already filled in, shown as prose.

    Examples
    --------
    >>> import fewdistricts as fd
    >>> fd.markdown("**12** districts").data["text/markdown"]
    '**12** districts'
    """
    if not isinstance(text, str):
        raise InputError(Problem("text", f"a {type(text).__name__}", "Markdown as text"))
    return display.prose(text)
