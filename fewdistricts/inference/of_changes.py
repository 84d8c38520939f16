"""Inference for a frame of changes: one row a district, its change, and whether it is a pilot district.

A frame has the column `change` and says the arms by `pilot` (true or false) or by `arm` ("pilot", "comparison"; rows of
the arm "neighbour" are left out). `se` and `df` are the sampling error of each change, where there is one.
The index, or the column `district`, names the districts. `Study.changes` returns such a frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from fewdistricts.errors import InputError, Problem, nearest
from fewdistricts.inference import district_changes, multiple_testing, one_district, permutations, rules
from fewdistricts.inference.floor import floored
from fewdistricts.inference.presentation import Families, Result, check_confidence
from fewdistricts.inference.result import Inference
from fewdistricts.inference.sampling_error import design_error, sampling_error
from fewdistricts.inference.shock_components import shock_components

ARMS = ("pilot", "comparison")


@dataclass(frozen=True)
class Changes:
    """The districts of both arms, in the order of the frame. Shapes: G districts."""

    frame: pd.DataFrame  # (G, ...) the rows that count
    district: pd.Index  # (G,)
    change: np.ndarray  # (G,)
    pilot: np.ndarray  # (G,) bool

    def labels(self, name: str | None) -> np.ndarray | None:
        """A column of labels (G,), or None where none is named; InputError where a district has none."""
        if name is None:
            return None
        values = _column(self.frame, name)
        if values.isna().any():
            raise InputError(Problem(f"column {name!r}", "a district without a label", "a label in every row"))
        return values.to_numpy()

    def numbers(self, name: str) -> np.ndarray:
        """A column as floats (G,); InputError for what is no number."""
        values = _column(self.frame, name)
        if not pd.api.types.is_numeric_dtype(values):
            raise InputError(Problem(f"column {name!r}", str(values.dtype), "numbers"))
        return values.to_numpy(float)

    def weights(self, name: str | None) -> np.ndarray | None:
        """A column of numbers that are not negative (G,), or None where none is named."""
        return None if name is None else self.not_negative(name)

    def not_negative(self, name: str) -> np.ndarray:
        """A column as floats (G,), none of which may be below 0."""
        values = self.numbers(name)
        if (values < 0).any():
            raise InputError(Problem(f"column {name!r}", f"{values.min():g}", "0 or more"))
        return values

    def covariances(self, covariance: pd.DataFrame | None) -> np.ndarray | None:
        """Sampling covariances (G, G) in the order of the districts; InputError where one of them is missing."""
        if covariance is None:
            return None
        if not isinstance(covariance, pd.DataFrame):
            found = type(covariance).__name__
            raise InputError(Problem("covariance", found, "a DataFrame with a row and a column a district"))
        missing = [str(name) for name in self.district if name not in covariance.index or name not in covariance]
        if missing:
            raise InputError(
                Problem("covariance", f"nothing of {', '.join(missing[:20])}", "a row and a column a district")
            )
        return covariance.loc[self.district, self.district].to_numpy(float)

    def sampling(self) -> tuple[np.ndarray, np.ndarray]:
        """Sampling variances of the changes and their degrees of freedom, each (G,): 0 and inf where no column is."""
        variance, df = np.zeros(len(self.change)), np.full(len(self.change), np.inf)
        if "se" in self.frame:
            variance = self.not_negative("se") ** 2
        if "df" in self.frame:
            df = self.numbers("df")
        return variance, df


def read_changes(frame: pd.DataFrame, column: str = "change") -> Changes:
    """A frame of changes as arrays; InputError for what is missing or not of the kind it must be."""
    _check_frame(frame)
    change = _column(frame, column)
    if "pilot" in frame:
        pilot = frame["pilot"]
        unknown = [str(value) for value in pilot.unique() if value not in (True, False)]
        if unknown:
            raise InputError(Problem("column 'pilot'", ", ".join(unknown[:20]), "true or false in every row"))
        pilot = pilot.astype(bool)
    elif "arm" in frame:
        unknown = [str(arm) for arm in frame["arm"].unique() if arm not in (*ARMS, "neighbour")]
        if unknown:
            remedy = "name the arms so, or add a column 'pilot' of true and false"
            raise InputError(Problem("column 'arm'", ", ".join(unknown[:20]), " and ".join(ARMS), remedy))
        frame = frame[frame["arm"].isin(ARMS)]
        change, pilot = frame[column], frame["arm"] == "pilot"
    else:
        remedy = "add a column that tells the pilot districts from the others"
        raise InputError(Problem("changes", ", ".join(map(str, frame.columns)), "a column 'pilot' or 'arm'", remedy))
    if not pd.api.types.is_numeric_dtype(change):
        raise InputError(Problem(f"column {column!r}", str(change.dtype), "numbers"))
    district = pd.Index(frame["district"]) if "district" in frame else frame.index
    repeated = district[district.duplicated()]
    if len(repeated):
        remedy = "choose one indicator and one pair of waves"
        raise InputError(Problem("changes", f"district {repeated[0]!r} more than once", "one row a district", remedy))
    return Changes(frame, district, change.to_numpy(float), pilot.to_numpy(bool))


def _check_frame(frame: object) -> None:
    """InputError for what is no frame of changes."""
    if not isinstance(frame, pd.DataFrame):
        raise InputError(Problem("changes", f"a {type(frame).__name__}", "a DataFrame with one row a district"))


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    """A column of a frame of changes; InputError with the nearest name for an unknown one."""
    if name not in frame:
        columns = [str(each) for each in frame.columns]
        raise InputError(Problem("changes", f"no column {name!r}", ", ".join(columns), nearest(str(name), columns)))
    return frame[name]


def district_change(
    changes: pd.DataFrame,
    column: str = "change",
    *,
    pairs: str | None = None,
    weight: str | None = None,
    form: district_changes.Form | None = None,
    floor: bool = False,
    covariance: pd.DataFrame | None = None,
    confidence: float = 0.95,
) -> Result:
    """Difference in mean change of the arms, each district one observation; of pairs, each pair one.

    With few districts the number of districts is the sample size, whatever the number of interviews.

    Parameters
    ----------
    changes : DataFrame
        One row a district (see the module).
    column : str
        The column of changes.
    pairs : str, optional
        A column of labels: the t test is on the differences within pairs.
    weight : str, optional
        A column of populations; without it districts count equally.
    form : {"welch", "pooled"}, optional
        By default pooled variances while an arm has fewer than five districts, Welch's from five on.
    floor : bool
        Whether the standard error is never below the sampling error, the columns `se` and `df`: by chance a dozen
        changes may lie closer together than sampling allows.
    covariance : DataFrame, optional
        Sampling covariances of the changes, a row and a column a district, where districts share sampling units
        (`study.covariance`).
    confidence : float
        Of the interval.

    Returns
    -------
    Result

    References
    ----------
    Donald and Lang (2007), Review of Economics and Statistics 89.

    Examples
    --------
    >>> import fewdistricts as fd
    >>> import pandas as pd
    >>> changes = pd.DataFrame({"change": [1.0, 2, 3, 6, 7, 8], "arm": ["comparison"] * 3 + ["pilot"] * 3})
    >>> print(fd.inference.district_change(changes).summary())
    change: difference in mean change of districts, pooled variance (Donald and Lang 2007)
      estimate            5
      standard error      0.8165 (pooled)
      degrees of freedom  4
      95 % interval       2.733 to 7.267
      p                   0.0036 (t)
      districts           6
    """
    check_confidence(confidence)
    if form not in (None, "welch", "pooled"):
        raise InputError(Problem("form", repr(form), "'welch' or 'pooled'"))
    data = read_changes(changes, column)
    if floor:
        data.not_negative("se")
    weights = data.weights(weight)
    variance, df = data.sampling() if floor else (np.zeros(len(data.change)), np.full(len(data.change), np.inf))
    together = data.covariances(covariance) if floor else None
    if pairs is not None:
        inference = rules.by_rule(
            "paired", data.change, data.pilot, weights, variance=variance, df=df, covariance=together,
            pair=data.labels(pairs), confidence=confidence,
        )  # fmt: skip
        method = "mean difference within pairs of districts, paired t"
    else:
        inference = district_changes.district_change(data.change, data.pilot, weights, form=form, confidence=confidence)
        name = "Welch's variance" if inference.se_type == "welch" else "pooled variance"
        method = f"difference in mean change of districts, {name} (Donald and Lang 2007)"
        share = rules.shares(data.change, data.pilot, weights)
        coefficient = np.where(data.pilot, share, -share)
        sampling, sampling_df = design_error(coefficient, np.where(share > 0, variance, 0.0), df, together)
        fewest = float((share > 0).sum() - 2)
        inference = floored(inference, sampling, fewest_df=fewest, sampling_df=sampling_df, confidence=confidence)
    return Result(**vars(inference), method=method, term=column, confidence=confidence)


def permutation(
    changes: pd.DataFrame,
    column: str = "change",
    *,
    pairs: str | None = None,
    strata: str | None = None,
    covariates: Sequence[str] = (),
    weight: str | None = None,
    seed: int = 0,
    confidence: float = 0.95,
) -> Result:
    """How often another choice of pilot districts would show as large a difference, over every choice there is.

    It is the randomisation test where the pilots were drawn by lot, in the way that `pairs` or `strata` say; where they
    were not, a comparison with what other choices would have shown.

    Parameters
    ----------
    changes, column, weight, confidence
        As `district_change`.
    pairs, strata : str, optional
        A column of labels within which the pilots are assigned: pairs swap their arms, strata keep their numbers of
        pilot districts.
    covariates : sequence of str
        Columns of numbers that are held constant.
    seed : int
        Of the draws that are taken where there are more than 200,000 assignments.

    Returns
    -------
    Result
        `distribution` holds the statistic of every assignment (Welch's t; with pairs, strata, covariates or an arm of
        one the difference itself) and `observed` that of the actual one. `p_floor` is the smallest p there can be.

    References
    ----------
    Fisher (1935). Young (2019), QJE 134.

    Examples
    --------
    >>> import fewdistricts as fd
    >>> import pandas as pd
    >>> changes = pd.DataFrame({"change": [1.0, 2, 3, 6, 7, 8], "arm": ["comparison"] * 3 + ["pilot"] * 3})
    >>> test = fd.inference.permutation(changes)
    >>> print(f"p {test.p_value:.2f} of {len(test.distribution)} assignments, never below {test.p_floor:.2f}")
    p 0.10 of 20 assignments, never below 0.10
    """
    if pairs is not None and strata is not None:
        raise InputError(Problem("permutation", "pairs and strata", "one of them", "a pair is a stratum of two"))
    check_confidence(confidence)
    data = read_changes(changes, column)
    names = [covariates] if isinstance(covariates, str) else covariates
    beside = np.column_stack([data.numbers(name) for name in names]) if names else None
    known, test = permutations.permutation_test(
        data.change, data.pilot, data.weights(weight), data.labels(pairs), data.labels(strata), beside, seed=seed
    )
    how = "of districts"
    if pairs or strata:
        how = "within pairs" if pairs else "within strata"
    method = f"permutation {how} (Fisher 1935; Young 2019)"
    about: dict[str, Any] = {"method": method, "term": column, "confidence": confidence}
    if test is None:
        return Result(**vars(known), **about)
    distribution, observed = pd.Series(test.path.value(), name="statistic"), float(test.observed.value()[0])
    return Result(**vars(test.inference(known, confidence)), **about, distribution=distribution, observed=observed)


def _one_against(data: Changes, district: object) -> tuple[int, np.ndarray, float]:
    """The position of the one district, those of the others (K,), and the sign of the difference."""
    pilots, others = np.flatnonzero(data.pilot), np.flatnonzero(~data.pilot)
    if district is not None:
        names = [str(name) for name in data.district]
        if str(district) not in names:
            raise InputError(Problem("district", repr(district), ", ".join(names[:20]), nearest(str(district), names)))
        one = names.index(str(district))
        return one, others[others != one], 1.0
    if len(pilots) == 1:
        return int(pilots[0]), others, 1.0
    if len(others) == 1:
        return int(others[0]), pilots, -1.0
    found = f"{len(pilots)} pilot districts and {len(others)} others"
    example = f"for example {data.district[0]!r}" if len(data.district) else ""
    raise InputError(Problem("district", found, "the name of one district", example))


def variance_components(
    changes: pd.DataFrame,
    district: object = None,
    column: str = "change",
    *,
    weight: str | None = None,
    interviews: str | None = None,
    covariance: pd.DataFrame | None = None,
    confidence: float = 0.95,
) -> Result:
    """Difference in mean change of the arms, shocks and sampling error told apart; also of one district alone.

    Every district's change holds a shock, whose variance the spread of the changes shows, and sampling error of the
    known size `se`. With one pilot district the comparison districts alone show the shocks: cluster-robust variances
    cannot see the shock of a single one.

    Parameters
    ----------
    changes : DataFrame
        One row a district (see the module), with `se` and `df` of each change; without `se` there is no sampling error.
    district : str, optional
        One district to be held against the comparison districts; without it the arms are compared.
    column, weight, confidence
        As `district_change`.
    interviews : str, optional
        A column of the number of interviews: the sampling variances are then taken by one design effect for all
        districts. It steadies those that rest on two or three sampling units, as the estimates of a study do for one
        district; the standard error is never below that of the variances as they are given.
    covariance : DataFrame, optional
        As `district_change`.

    Returns
    -------
    Result
        Status `too_few_districts`: fewer than three others beside the one, or fewer than three districts in all.

    References
    ----------
    DerSimonian and Laird (1986); Fay and Herriot (1979); the combination is ours, its size is simulated.

    Examples
    --------
    >>> import fewdistricts as fd
    >>> import pandas as pd
    >>> changes = pd.DataFrame({"change": [1.0, 2, 3, 8], "arm": ["comparison"] * 3 + ["pilot"]})
    >>> print(fd.inference.variance_components(changes).summary())
    change: one district against the others, shocks and sampling error (variance components)
      estimate            6
      standard error      1.155 (variance_components)
      degrees of freedom  2
      95 % interval       1.032 to 10.97
      p                   0.0351 (t)
      districts           4
    >>> several = pd.DataFrame({"change": [1.0, 2, 3, 6, 8], "arm": ["comparison"] * 3 + ["pilot"] * 2, "se": 0.5})
    >>> result = fd.inference.variance_components(several)
    >>> print(f"{result.estimate:g} with a standard error of {result.se:.3f}")
    5 with a standard error of 1.054
    """
    check_confidence(confidence)
    data = read_changes(changes, column)
    variance, df = data.sampling()
    weights, together = data.weights(weight), data.covariances(covariance)
    if district is None and data.pilot.sum() > 1 and (~data.pilot).sum() > 1:
        if interviews is not None:
            variance = one_district.smoothed(variance, data.not_negative(interviews))
            if together is not None:
                together = one_district.smoothed_together(together, data.not_negative(interviews))
        found = shock_components(data.change, variance, df, data.pilot, weights, together, confidence=confidence)
        method = "both arms, shocks and sampling error (variance components)"
        return Result(**vars(found.inference), method=method, term=column, confidence=confidence)
    inference = _of_one(data, district, weights, interviews, together, confidence)
    method = "one district against the others, shocks and sampling error (variance components)"
    return Result(**vars(inference), method=method, term=column, confidence=confidence)


def _of_one(
    data: Changes,
    district: object,
    weight: np.ndarray | None,
    interviews: str | None,
    covariance: np.ndarray | None,
    confidence: float,
) -> Inference:
    """One district against the others that have a change, by variance components.

    By one design effect for all districts where `interviews` names their numbers; `weight` (G,) or None and
    `covariance` (G, G) or None in the order of the frame.
    """
    one, others, sign = _one_against(data, district)
    others = others[np.isfinite(data.change[others])]
    places = np.concatenate([[one], others])
    variance, df = (values[places] for values in data.sampling())
    together = None if covariance is None else covariance[np.ix_(places, places)]
    smooth, smooth_df, smooth_together = variance, float(df[0]), together
    if interviews is not None:
        counts = data.not_negative(interviews)[places]
        smooth = one_district.smoothed(variance, counts)
        if together is None:
            smooth_df = one_district.smoothed_df(variance, df, counts)
        else:
            smooth_together = one_district.smoothed_together(together, counts)
    inference = one_district.variance_components(
        sign * data.change[one],
        float(smooth[0]),
        smooth_df,
        sign * data.change[others],
        smooth[1:],
        None if weight is None else weight[others],
        smooth_together,
        confidence=confidence,
    )
    if interviews is None:
        return inference
    share = np.ones(len(others)) if weight is None else weight[others]
    coefficient = np.concatenate([[1.0], -share / share.sum()])
    error, _ = sampling_error(coefficient, variance, df, together)
    return floored(inference, error, fewest_df=len(others) - 1.0, confidence=confidence)


def placebo_rank(
    changes: pd.DataFrame,
    district: object = None,
    column: str = "change",
    *,
    weight: str | None = None,
    confidence: float = 0.95,
) -> Result:
    """The place of one district among all, each taken for the one pilot in turn.

    Parameters
    ----------
    changes, district, column, weight, confidence
        As `variance_components`.

    Returns
    -------
    Result
        `distribution` holds each district's difference from the mean of the others, `observed` that of the one. The
        p-value is never below one over the number of districts.

    References
    ----------
    Abadie, Diamond and Hainmueller (2010); Conley and Taber (2011).

    Examples
    --------
    >>> import fewdistricts as fd
    >>> import pandas as pd
    >>> changes = pd.DataFrame({"change": [1.0, 2, 3, 8], "arm": ["comparison"] * 3 + ["pilot"]})
    >>> fd.inference.placebo_rank(changes).p_value
    0.25
    """
    check_confidence(confidence)
    data = read_changes(changes, column)
    one, others, sign = _one_against(data, district)
    order = np.concatenate([[one], others])
    known = order[np.isfinite(data.change[order])]
    weights = data.weights(weight)
    shares = None if weights is None else weights[order]
    inference = one_district.placebo_rank(
        sign * data.change[one], sign * data.change[others], shares, confidence=confidence
    )
    differences = _each_against_the_rest(sign * data.change[known], None if weights is None else weights[known])
    return Result(
        **vars(inference),
        method="placebo rank: every district taken for the pilot in turn (Abadie, Diamond and Hainmueller 2010)",
        term=column,
        confidence=confidence,
        distribution=pd.Series(differences, index=data.district[known], name="difference"),
        observed=inference.estimate,
    )


def _each_against_the_rest(change: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
    """Each change less the mean of all the others (G,)."""
    w = np.ones(len(change)) if weight is None else weight
    rest = w.sum() - w
    with np.errstate(divide="ignore", invalid="ignore"):
        return change - (w @ change - w * change) / rest


def families(
    changes: pd.DataFrame,
    *,
    pairs: str | None = None,
    strata: str | None = None,
    weight: str | None = None,
    seed: int = 0,
) -> Families:
    """Several outcomes judged together, over the same assignments of districts.

    Step-down maxT within each family: the adjusted p of an outcome says how often the largest |t| of the outcomes not
    yet rejected would be as large by another choice of pilot districts. The sharpened q beside it bounds the share of
    false discoveries.

    Parameters
    ----------
    changes : DataFrame
        One row a district and outcome: `indicator`, `district`, `change`, `pilot` or `arm`, and `family` if there is
        more than one.
    pairs, strata, weight, seed
        As `permutation`.

    Returns
    -------
    Families
        Its table has a row an outcome. An outcome that lacks a district has no adjusted p; one pilot or comparison
        district allows none.

    References
    ----------
    Westfall and Young (1993). Benjamini, Krieger and Yekutieli (2006), as Anderson (2008).

    Examples
    --------
    >>> import fewdistricts as fd
    >>> import pandas as pd
    >>> changes = pd.DataFrame({
    ...     "indicator": ["robbery"] * 6 + ["theft"] * 6,
    ...     "district": list("abcdef") * 2,
    ...     "arm": (["comparison"] * 3 + ["pilot"] * 3) * 2,
    ...     "change": [1.0, 2, 3, 6, 7, 8, 2, 4, 3, 5, 3, 1],
    ... })
    >>> print(fd.inference.families(changes).summary())
    step-down maxT over the assignments of districts (Westfall and Young 1993), sharpened q (Anderson 2008)
      outcome  family  estimate       p  adjusted p       q
      robbery                 5  0.1000      0.1000  0.2500
      theft                   0  1.0000      1.0000  1.0000
    """
    _check_frame(changes)
    for name in ("indicator", "district", "change"):
        _column(changes, name)
    frame = changes if "family" in changes else changes.assign(family="")
    tables, floors = [], []
    for family, part in frame.groupby("family", sort=False):
        table = _family(str(family), part, pairs, strata, weight, seed)
        tables.append(table)
        floors.append(table.attrs["p_floor"])
    method = "step-down maxT over the assignments of districts (Westfall and Young 1993), sharpened q (Anderson 2008)"
    return Families(pd.concat(tables), method, min(floors, default=np.nan))


def _family(
    family: str, part: pd.DataFrame, pairs: str | None, strata: str | None, weight: str | None, seed: int
) -> pd.DataFrame:
    """A row an outcome of one family."""
    outcomes = list(dict.fromkeys(part["indicator"]))
    first = part.drop_duplicates("district").set_index("district", drop=False)
    data = read_changes(first)
    wide = part.pivot_table(index="district", columns="indicator", values="change", dropna=False)
    wide = wide.reindex(index=data.district, columns=outcomes)
    adjusted = multiple_testing.step_down(
        wide.to_numpy(float),
        data.pilot,
        data.weights(weight),
        pair=data.labels(pairs),
        stratum=data.labels(strata),
        seed=seed,
    )
    estimates = [
        district_changes.district_change(wide[name].to_numpy(float), data.pilot, data.weights(weight))
        for name in outcomes
    ]
    table = pd.DataFrame(
        {
            "family": family,
            "estimate": [each.estimate for each in estimates],
            "p_value": adjusted.p_value,
            "p_adjusted": adjusted.p_adjusted,
            "q_value": multiple_testing.sharpened_q(adjusted.p_value),
            "n_districts": [each.n_districts for each in estimates],
            "status": adjusted.status,
        },
        index=pd.Index(outcomes, name="indicator"),
    )
    table.attrs["p_floor"] = adjusted.p_floor
    return table
