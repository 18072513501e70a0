"""Limits and small-sample factors of many slices at once; arrays in, arrays out, ``nan`` where undefined."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats
from scipy.optimize import elementwise

from siklatih.moments import FloatArray

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Intervals:
    """Estimates with their limits, one cell a slice."""

    estimate: FloatArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True)
class TTests(Intervals):
    """Estimates with t limits, and the two-sided test of no difference.

    Limits, t and p are ``nan`` where the standard error is not above zero: without spread, or with too few
    to measure it, nothing can be said of what another draw would show.
    """

    standard_error: FloatArray
    t: FloatArray
    degrees: FloatArray
    p: FloatArray


def t_tests(
    estimate: ArrayLike, standard_error: ArrayLike, degrees: ArrayLike, confidence: float = CONFIDENCE
) -> TTests:
    """Return t limits and tests (Student 1908); degrees of freedom above zero, need not be whole."""
    centre, error, freedom = np.broadcast_arrays(
        *(np.asarray(cells, dtype=float) for cells in (estimate, standard_error, degrees))
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        usable = (error > 0) & (freedom > 0)
        error, freedom = np.where(usable, error, np.nan), np.where(usable, freedom, np.nan)
        t = centre / error
        half = stats.t.ppf(0.5 + confidence / 2, freedom) * error
    p = 2 * stats.t.sf(np.abs(t), freedom)
    return TTests(centre, centre - half, centre + half, error, t, freedom, p)


def hedges_factors(degrees: ArrayLike) -> FloatArray:
    """Return the exact small-sample factor J (Hedges 1981); ``nan`` where ``degrees`` is not above 1."""
    freedom = np.asarray(degrees, dtype=float)
    freedom = np.where(freedom > 1, freedom, np.nan)
    return np.asarray(
        np.exp(special.gammaln(freedom / 2) - 0.5 * np.log(freedom / 2) - special.gammaln((freedom - 1) / 2))
    )


def noncentral_limits(
    t: ArrayLike, degrees: ArrayLike, confidence: float = CONFIDENCE
) -> tuple[FloatArray, FloatArray]:
    """Return the non-centralities for which t is the 97.5 % and the 2.5 % point (Steiger and Fouladi 1997).

    ``nan`` where t or its degrees are undefined, and beyond |t| of some 10,000, where the distribution
    function itself is not a number.
    """
    tail = 0.5 - confidence / 2
    at, freedom = np.broadcast_arrays(np.asarray(t, dtype=float), np.asarray(degrees, dtype=float))

    def solved(chance: float) -> FloatArray:
        def distance(nc: FloatArray, t: FloatArray, degrees: FloatArray) -> FloatArray:
            return np.asarray(stats.nct.cdf(t, degrees, nc)) - chance

        # the spread of a non-centrality estimate grows with t itself
        spread = np.sqrt(1 + at**2 / (2 * np.maximum(freedom, 1)))
        guess = at - stats.norm.ppf(chance) * spread
        return roots(distance, guess - spread / 4, guess + spread / 4, at, freedom)

    return solved(1 - tail), solved(tail)


def roots(
    function: Callable[..., FloatArray], low: ArrayLike, high: ArrayLike, *arguments: FloatArray
) -> FloatArray:
    """Return where ``function(x, *arguments)`` is zero, cell by cell, the bracket growing as needed.

    ``nan`` where an argument is, or no root is found.
    """
    left, right, *given = np.broadcast_arrays(np.asarray(low, float), np.asarray(high, float), *arguments)
    usable = np.isfinite(left) & np.isfinite(right)
    for cells in given:
        usable &= np.isfinite(cells)
    found = np.full(left.shape, np.nan)
    if not usable.any():
        return found
    picked = tuple(cells[usable] for cells in given)
    with np.errstate(all="ignore"):
        bracket = elementwise.bracket_root(function, left[usable], right[usable], args=picked)
        root = elementwise.find_root(function, bracket.bracket, args=picked)
    found[usable] = np.where(bracket.success & root.success, root.x, np.nan)
    return found
