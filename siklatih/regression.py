"""Linear regression: classical, heteroscedasticity-robust and cluster-robust.

Robust errors over single rows (HC1, HC3) come from statsmodels. Errors over clusters are CR2 with
Satterthwaite degrees of freedom (Bell and McCaffrey 2002; Pustejovsky and Tipton 2018), which statsmodels
lacks. They are computed from the cross-products of the clusters alone, so that parts merge (DOMAIN 7.2, K).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy import linalg, stats

from siklatih.cross_products import CrossProducts, Floats, ShiftedSums, shifted_sums
from siklatih.intervals import CONFIDENCE

INTERCEPT = "intercept"
_COLLINEAR = 1e-10  # share of a column's variation that the columns before it leave
_FULL_LEVERAGE = 1e-9
_UNKNOWN = 1e-6  # share of a coefficient's variance that no residual tells of


class CollinearError(ValueError):
    """A column is a combination of others, so its coefficient is not determined."""


@dataclass(frozen=True)
class Coefficient:
    """An estimate with its standard error, 95 % limits and two-sided p, from t on ``degrees``."""

    name: str
    estimate: float
    error: float
    degrees: float
    low: float
    high: float
    p: float


@dataclass(frozen=True)
class Fit:
    """Coefficients in the order of the columns; ``covariance`` names how their errors were found."""

    coefficients: tuple[Coefficient, ...]
    covariance: str
    n: int
    clusters: int
    r_squared: float

    def __getitem__(self, name: str) -> Coefficient:
        return next(coefficient for coefficient in self.coefficients if coefficient.name == name)


def coefficient(name: str, estimate: float, error: float, degrees: float) -> Coefficient:
    """Return a coefficient with limits and p from t; all ``nan`` where the error is not determined."""
    if not (error > 0 and degrees > 0):
        return Coefficient(name, estimate, math.nan, math.nan, math.nan, math.nan, math.nan)
    half = float(stats.t.ppf(0.5 + CONFIDENCE / 2, degrees)) * error
    p = float(2 * stats.t.sf(abs(estimate) / error, degrees))
    return Coefficient(name, estimate, error, degrees, estimate - half, estimate + half, p)


def regress_rows(
    outcome: Sequence[float],
    columns: Mapping[str, Sequence[float]],
    covariance: Literal["nonrobust", "HC1", "HC3"] = "HC3",
) -> Fit:
    """Regress on rows, with an intercept; t on n-p degrees of freedom (MacKinnon and White 1985).

    Raises:
        CollinearError: a column is a combination of others.
    """
    import statsmodels.api as sm  # noqa: PLC0415  (takes over a second to import)

    design = np.column_stack([np.ones(len(outcome)), *columns.values()])
    _check_rank(design.T @ design, [INTERCEPT, *columns])
    fitted = sm.OLS(np.asarray(outcome, dtype=float), design).fit(cov_type=covariance, use_t=True)
    return from_statsmodels(fitted, [INTERCEPT, *columns], covariance)


def from_statsmodels(fitted: Any, names: Sequence[str], covariance: str) -> Fit:
    """Return a fitted model of statsmodels as ours, with t on its residual degrees of freedom."""
    degrees = float(fitted.df_resid)
    found = [
        coefficient(name, float(estimate), float(error), degrees)
        for name, estimate, error in zip(names, fitted.params, fitted.bse, strict=True)
    ]
    return Fit(tuple(found), covariance, int(fitted.nobs), 0, float(fitted.rsquared))


def regress_sums(clusters: Mapping[str, CrossProducts], names: Sequence[str], *, within: bool = False) -> Fit:
    """Regress on cross-products with classical errors; any split of the rows gives the same.

    Args:
        clusters: cross-products by cluster; without ``within`` it does not matter how rows are grouped.
        names: the covariates, in the order of the cross-products.
        within: a fixed effect for each cluster instead of one intercept.

    Raises:
        CollinearError: a column is a combination of others.
    """
    sums = shifted_sums(clusters, within=within)
    solved = _solve(sums, names)
    degrees = sums.n - len(sums.cross) - (len(clusters) if within else 0)
    residual = max(0.0, sums.yy - solved.explained)
    scale = residual / degrees if degrees > 0 else math.nan
    errors = np.sqrt(scale * (solved.contrasts**2).sum(axis=1))
    found = [
        coefficient(name, float(estimate), float(error), degrees)
        for name, estimate, error in zip(solved.names, solved.estimates, errors, strict=True)
    ]
    return Fit(tuple(found), "classical", sums.n, len(clusters), _share(solved.explained, sums.yy))


def regress_clusters(
    clusters: Mapping[str, CrossProducts], names: Sequence[str], *, within: bool = False
) -> Fit:
    """Regress on cross-products with errors over clusters: CR2, t on Satterthwaite degrees of freedom.

    The working model is independence with equal variance, as is usual. With X in orthonormal coordinates the
    adjustment (I - H_g)^(-1/2) of Bell and McCaffrey acts on the cluster's score through its p by p gram
    matrix alone, so rows are not needed. With ``within`` each cluster has a fixed effect; those drop out of
    adjustment and degrees of freedom (Pustejovsky and Tipton 2018, theorem 2).

    A coefficient of which one cluster alone determines a part, such as the effect of training in a single
    unit, has no error (``nan``). Below four degrees of freedom the
    approximation is poor; below ten clusters DOMAIN 7.1 asks for a permutation test.

    Raises:
        CollinearError: a column is a combination of others.
    """
    sums = shifted_sums(clusters, within=within)
    solved = _solve(sums, names)
    grams = solved.whiten @ sums.grams @ solved.whiten.T
    scores = sums.crosses @ solved.whiten.T - grams @ solved.coordinates
    values, vectors = np.linalg.eigh(grams)
    free = 1 - values
    # a direction that a cluster determines alone has no residual: the Moore-Penrose inverse leaves it out
    inverse = np.where(free > _FULL_LEVERAGE, 1 / np.maximum(free, _FULL_LEVERAGE), 0.0)
    adjust = (vectors * np.sqrt(inverse)[:, None, :]) @ vectors.transpose(0, 2, 1)
    adjusted = np.einsum("gij,gj->gi", adjust, scores)
    errors = np.sqrt(((adjusted @ solved.contrasts.T) ** 2).sum(axis=0))
    found = []
    for name, estimate, error, contrast in zip(
        solved.names, solved.estimates, errors, solved.contrasts, strict=True
    ):
        lengths = (values * inverse * (vectors.transpose(0, 2, 1) @ contrast) ** 2).sum(axis=1)
        loadings = np.einsum("gij,gj->gi", adjust, grams @ contrast)
        found.append(
            coefficient(name, float(estimate), float(error), _satterthwaite(lengths, loadings, contrast))
        )
    return Fit(tuple(found), "CR2", sums.n, len(clusters), _share(solved.explained, sums.yy))


def _satterthwaite(lengths: Floats, loadings: Floats, contrast: Floats) -> float:
    """Degrees of freedom 2 E² / Var of a variance that is a sum of squares with covariance P.

    Its mean is that of the working model, unless a cluster alone determines a part of the coefficient: what
    that cluster adds to the error is then unknown, and so are the degrees of freedom (``nan``).
    """
    covariance = np.diag(lengths) - loadings @ loadings.T
    expected = float(np.trace(covariance))
    if expected < (1 - _UNKNOWN) * float(contrast @ contrast):
        return math.nan
    return expected**2 / float((covariance**2).sum())


@dataclass(frozen=True)
class _Solved:
    """A solution in orthonormal coordinates Z = X W', Z'Z = 1.

    Args:
        whiten: W.
        coordinates: Z'y.
        contrasts: one row a coefficient, what it is of the coordinates.
    """

    names: tuple[str, ...]
    estimates: Floats
    whiten: Floats
    coordinates: Floats
    contrasts: Floats
    explained: float


def _solve(sums: ShiftedSums, names: Sequence[str]) -> _Solved:
    columns = ([] if sums.shift is None else [INTERCEPT]) + list(names)
    factor, scale = _check_rank(sums.gram, columns)
    whiten = linalg.solve_triangular(factor, np.diag(1 / scale), lower=True)
    coordinates = whiten @ sums.cross
    contrasts = np.eye(len(columns))
    offset = np.zeros(len(columns))
    if sums.shift is not None:  # back to columns that were not shifted
        contrasts[0, 1:] = -sums.shift[:-1]
        offset[0] = sums.shift[-1]
    contrasts = contrasts @ whiten.T
    explained = float(coordinates @ coordinates)
    if sums.shift is not None:  # what the intercept explains is no explanation
        explained -= float(sums.cross[0] ** 2 / sums.gram[0, 0])
    return _Solved(
        tuple(columns), contrasts @ coordinates + offset, whiten, coordinates, contrasts, explained
    )


def _check_rank(gram: Floats, names: Sequence[str]) -> tuple[Floats, Floats]:
    """Return the lower Cholesky factor of the gram matrix with unit diagonal, and the columns' lengths."""
    scale = np.sqrt(np.diag(gram))
    if not (scale > 0).all():
        raise CollinearError(names[int(np.argmin(scale))])
    factor, info = linalg.lapack.dpotrf(gram / np.outer(scale, scale), lower=1, clean=1)
    weak = np.flatnonzero(np.diag(factor) ** 2 < _COLLINEAR)
    if info > 0 or weak.size:
        raise CollinearError(names[int(info - 1 if info > 0 else weak[0])])
    return factor, scale


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else math.nan


def indicators(name: str, values: Sequence[str], base: str) -> dict[str, list[int]]:
    """Return a 0/1 column for each value but the base, named ``name=value``: fixed effects of a category."""
    others = sorted(set(values) - {base})
    return {f"{name}={other}": [int(value == other) for value in values] for other in others}
