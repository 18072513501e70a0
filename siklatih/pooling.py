"""Random-effects pooling: how far units differ beyond chance, and their mean with an honest interval.

Estimates and their sampling variances have shape (..., k), one family of k units a row. A unit without an
estimate, or without a positive variance, is left out; a family of fewer than two gives NaN.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from siklatih.arrays import Array, Numbers, floats, quotient
from siklatih.intervals import CONFIDENCE, Intervals


@dataclass(frozen=True)
class Pooled:
    """A family's pooled mean.

    Attributes:
        mean: the mean with its limits, shape (...).
        error: standard error of the mean.
        tau2: variance between units.
        q: heterogeneity statistic of the fixed-effect mean; i2: its share beyond chance, 0..1.
        units: number of units used.
    """

    mean: Intervals
    error: Array
    tau2: Array
    q: Array
    i2: Array
    units: npt.NDArray[np.intp]


def known_units(y: Numbers, variance: Numbers) -> tuple[Array, Array, npt.NDArray[np.bool_]]:
    """Return estimates and variances with 0 and 1 in place of what is left out, and which are known."""
    value, spread = np.broadcast_arrays(floats(y), floats(variance))
    known = np.isfinite(value) & np.isfinite(spread) & (spread > 0)
    return np.where(known, value, 0.0), np.where(known, spread, 1.0), known


def dersimonian_laird(y: Numbers, variance: Numbers) -> Array:
    """Return tau² by moments (DerSimonian and Laird 1986), shape (...)."""
    value, spread, known = known_units(y, variance)
    weight = known / spread
    _, q = _mean_and_q(value, weight)
    total = weight.sum(-1)
    degrees = known.sum(-1) - 1
    found = quotient(q - degrees, total - quotient((weight**2).sum(-1), total))
    return np.where(degrees >= 1, np.maximum(found, 0.0), np.nan)


def paule_mandel(y: Numbers, variance: Numbers) -> Array:
    """Return tau² at which Q equals its degrees of freedom (Paule and Mandel 1982), shape (...).

    By Newton's steps from zero, which never overshoot (DerSimonian and Kacker 2007).
    """
    value, spread, known = known_units(y, variance)
    degrees = known.sum(-1) - 1
    tau2 = np.where(degrees >= 1, 0.0, np.nan)
    for _ in range(200):
        weight = known / (spread + tau2[..., None])
        mean, q = _mean_and_q(value, weight)
        slope = (weight**2 * (value - mean[..., None]) ** 2).sum(-1)
        step = np.maximum(quotient(q - degrees, slope), 0.0)
        step = np.where(np.isfinite(step), step, 0.0)
        tau2 = tau2 + step
        if (step <= 1e-12 * np.where(np.isfinite(tau2), tau2, 0.0)).all():
            break
    return tau2


def _mean_and_q(value: Array, weight: Array) -> tuple[Array, Array]:
    mean = quotient((weight * value).sum(-1), weight.sum(-1))
    return mean, floats((weight * (value - mean[..., None]) ** 2).sum(-1))


def knapp_hartung(
    y: Numbers, variance: Numbers, *, tau2: Numbers | None = None, confidence: float = CONFIDENCE
) -> Pooled:
    """Return the random-effects mean with t limits on k-1 degrees (Hartung and Knapp 2001).

    Args:
        y: estimates (..., k).
        variance: their sampling variances.
        tau2: variance between units, shape (...); by default Paule and Mandel's.
    """
    value, spread, known = known_units(y, variance)
    units = known.sum(-1)
    between = paule_mandel(y, variance) if tau2 is None else floats(tau2)
    degrees = np.where(units > 1, units - 1.0, np.nan)
    _, q = _mean_and_q(value, known / spread)
    weight = known / (spread + between[..., None])
    mean, scatter = _mean_and_q(value, weight)
    mean = np.where(units > 1, mean, np.nan)
    error = np.sqrt(quotient(scatter / degrees, weight.sum(-1)))
    half = stats.t.ppf(0.5 + confidence / 2, degrees) * error
    i2 = np.where(q > degrees, quotient(q - degrees, q), np.where(units > 1, 0.0, np.nan))
    return Pooled(Intervals(mean, mean - half, mean + half), error, between, q, i2, units)


@dataclass(frozen=True)
class MetaRegression:
    """Coefficients with limits, shape (p,), their covariance, tau² and degrees of freedom k - p."""

    coefficients: Intervals
    covariance: Array
    tau2: float
    degrees: int

    def contrast(self, weights: Numbers, *, confidence: float = CONFIDENCE) -> tuple[Intervals, float]:
        """Return a weighted sum of coefficients, and the size that 80 % of studies like this would detect."""
        weight = floats(weights)
        value = floats(weight @ self.coefficients.estimate)
        error = np.sqrt(weight @ self.covariance @ weight)
        if self.degrees < 1:
            return Intervals(value, floats(np.nan), floats(np.nan)), float("nan")
        factor = float(stats.t.ppf(0.5 + confidence / 2, self.degrees))
        detectable = (factor + float(stats.t.ppf(0.8, self.degrees))) * float(error)
        return Intervals(value, value - factor * error, value + factor * error), detectable


def meta_regression(y: Numbers, variance: Numbers, design: Numbers) -> MetaRegression:
    """Regress one family's estimates on a design matrix (k, p), random effects, t limits.

    tau² by the method of Paule and Mandel with p coefficients, covariance and t on k - p degrees after Knapp
    and Hartung (2003). NaN throughout when k <= p or the columns depend on each other.
    """
    value, spread, known = known_units(y, variance)
    x = floats(design)[known]
    value, spread = value[known], spread[known]
    k, p = x.shape
    if k <= p or np.linalg.matrix_rank(x) < p:
        missing = np.full(p, np.nan)
        return MetaRegression(
            Intervals(missing, missing, missing), np.full((p, p), np.nan), float("nan"), max(k - p, 0)
        )
    tau2 = 0.0
    for _ in range(200):
        weight = 1 / (spread + tau2)
        inverse = np.linalg.inv((x * weight[:, None]).T @ x)
        beta = inverse @ (x.T @ (weight * value))
        left = weight * (value - x @ beta)
        scatter = float(left @ (left / weight))
        step = (scatter - (k - p)) / float(left @ left) if left.any() else 0.0
        if step <= 1e-12 * tau2 or step <= 0:
            break
        tau2 += step
    covariance = inverse * scatter / (k - p)
    half = float(stats.t.ppf(0.5 + CONFIDENCE / 2, k - p)) * np.sqrt(np.diagonal(covariance))
    return MetaRegression(Intervals(beta, beta - half, beta + half), covariance, tau2, k - p)
