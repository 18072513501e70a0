"""Shrinkage of the units of a family towards their mean, with ranks that carry their uncertainty.

Estimates y and their sampling variances have shape (..., k); units left out are NaN. What the reports use is
``posterior``, which integrates over the variance between units; ``plug_in`` takes that variance as known and
covers too little with few units (DOMAIN 7.9). Below ten units the reports show a funnel only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from siklatih.arrays import Array, Numbers, floats, quotient
from siklatih.intervals import CONFIDENCE, Intervals
from siklatih.pooling import known_units

COARSE, FINE = 61, 61
_AT_ONCE = 1_000_000  # numbers held at once: families are taken in parts


@dataclass(frozen=True)
class Shrunken:
    """Shrunken units, shape (..., k): estimate, its spread and the weight B of the mean; the mean, (...)."""

    estimate: Array
    error: Array
    weight: Array
    mean: Array


def plug_in(y: Numbers, variance: Numbers, tau2: Numbers) -> Shrunken:
    """Return empirical-Bayes estimates B mu + (1 - B) y for a given tau² (Efron and Morris 1975).

    The spread sqrt((1 - B) variance) ignores that mu and tau² were estimated.
    """
    value, spread, known = known_units(y, variance)
    between = floats(tau2)[..., None]
    inverse = known / (spread + between)
    mean = quotient((inverse * value).sum(-1), inverse.sum(-1))
    weight = np.where(known, spread / (spread + between), np.nan)
    estimate = weight * mean[..., None] + (1 - weight) * value
    return Shrunken(estimate, np.sqrt((1 - weight) * spread), weight, mean)


@dataclass(frozen=True)
class Posterior:
    """Posterior of the units of one or many families on a grid of tau.

    Attributes:
        y, variance, known: the units, shape (..., k).
        tau, chance: grid of the standard deviation between units and its probabilities, shape (..., G).
        mean, mean_variance: of the common mean given tau, shape (..., G).
        units: posterior mean of each unit with its limits, shape (..., k).
    """

    y: Array
    variance: Array
    known: npt.NDArray[np.bool_]
    tau: Array
    chance: Array
    mean: Array
    mean_variance: Array
    units: Intervals


def posterior(
    y: Numbers, variance: Numbers, *, prior_scale: float, confidence: float = CONFIDENCE
) -> Posterior:
    """Integrate over tau with a half-normal prior and a flat one for the mean (Gelman 2006; Röver 2020).

    Args:
        y: estimates (..., k).
        variance: their sampling variances.
        prior_scale: scale of the half-normal prior in the unit of y, declared before looking: a difference
            between units that would be large (0.5 for standardised gains, 0.5 on a scale of 1 to 5).
        confidence: probability inside the limits, equal tails of the exact mixture.

    With one unit nothing is shrunken; a family without units is NaN.
    """
    value, spread, known = known_units(y, variance)
    shape, k = value.shape[:-1], value.shape[-1]
    rows_y, rows_v, rows_known = value.reshape((-1, k)), spread.reshape((-1, k)), known.reshape((-1, k))
    size = max(1, _AT_ONCE // (FINE * max(k, 1)))
    parts = []
    for first in range(0, len(rows_y), size):
        part = slice(first, first + size)
        parts.append(_of_part(rows_y[part], rows_v[part], rows_known[part], prior_scale, confidence))
    tau, chance, mean, mean_variance, estimate, low, high = (
        np.concatenate(columns).reshape((*shape, -1)) for columns in zip(*parts, strict=True)
    )
    units = Intervals(estimate, low, high)
    return Posterior(value, spread, known, tau, chance, mean, mean_variance, units)


def _of_part(
    y: Array, variance: Array, known: npt.NDArray[np.bool_], scale: float, confidence: float
) -> tuple[Array, ...]:
    # wide enough for the prior, and for units that differ far more than it expected
    centred = np.where(known, y - (y.sum(-1) / np.maximum(known.sum(-1), 1))[:, None], 0.0)
    widest = 8 * scale + 2 * np.abs(centred).max(-1, keepdims=True)
    tau = widest * np.concatenate([[0.0], np.geomspace(1e-5, 1, COARSE - 1)])
    for _ in range(2):  # the first look finds where the mass lies, the second is fine enough there
        tau, slope = _where_the_mass_is(tau, _log_density(tau, y, variance, known, scale)[0])
    log_density, mean, mean_variance = _log_density(tau, y, variance, known, scale)
    chance = slope * np.exp(log_density - log_density.max(-1, keepdims=True))
    chance[:, [0, -1]] /= 2  # trapezium
    chance /= chance.sum(-1, keepdims=True)
    shrink = variance[:, None, :] / (variance[:, None, :] + tau[:, :, None] ** 2)
    centre = shrink * mean[:, :, None] + (1 - shrink) * y[:, None, :]
    spread = np.sqrt((1 - shrink) * variance[:, None, :] + shrink**2 * mean_variance[:, :, None])
    estimate = (chance[:, :, None] * centre).sum(1)
    square = (chance[:, :, None] * (spread**2 + centre**2)).sum(1)
    deviation = np.sqrt(np.maximum(square - estimate**2, 1e-300))
    tail = 0.5 - confidence / 2
    low, high = (_quantile(p, chance, centre, spread, estimate, deviation) for p in (tail, 1 - tail))
    shown = [np.where(known, part, np.nan) for part in (estimate, low, high)]
    return tau, chance, mean, mean_variance, *shown


def _log_density(
    tau: Array, y: Array, variance: Array, known: npt.NDArray[np.bool_], scale: float
) -> tuple[Array, Array, Array]:
    """Log posterior density of tau up to a constant, and mean and variance of the common mean given tau."""
    total = variance[:, None, :] + tau[:, :, None] ** 2
    weight = known[:, None, :] / total
    sum_w = weight.sum(-1)
    mean = quotient((weight * y[:, None, :]).sum(-1), sum_w)
    scatter = (weight * (y[:, None, :] - mean[:, :, None]) ** 2).sum(-1)
    spread = (known[:, None, :] * np.log(total)).sum(-1)
    with np.errstate(divide="ignore"):
        likelihood = -0.5 * (spread + np.log(sum_w) + scatter)
    return likelihood - 0.5 * (tau / scale) ** 2, mean, quotient(1, sum_w)


def _where_the_mass_is(tau: Array, log_density: Array) -> tuple[Array, Array]:
    """Grid over the part of ``tau`` that matters, one old point wider on each side, and its spacing.

    Even in u where tau = c sinh(u): fine where the mass is, wide in the tail, and even about zero.
    """
    heavy = log_density > log_density.max(-1, keepdims=True) - 18
    heavy[~np.isfinite(log_density).all(-1)] = True  # no units: any grid will do, the result is NaN
    first = np.maximum(heavy.argmax(-1) - 1, 0)
    last = np.minimum(tau.shape[-1] - heavy[:, ::-1].argmax(-1), tau.shape[-1] - 1)
    rows = np.arange(len(tau))
    mass = np.where(heavy, np.exp(log_density - log_density.max(-1, keepdims=True)), 0.0)
    width = np.diff(tau, axis=-1, prepend=0.0) + np.diff(tau, axis=-1, append=tau[:, -1:])
    mass = np.nan_to_num(mass, nan=1.0) * width
    unit = np.maximum((mass * tau).sum(-1) / mass.sum(-1), tau[:, 1]) / 2
    start, end = np.arcsinh(tau[rows, first] / unit), np.arcsinh(tau[rows, last] / unit)
    u = np.linspace(start, end, FINE, axis=-1)
    return unit[:, None] * np.sinh(u), np.cosh(u)


def _quantile(
    p: float, chance: Array, centre: Array, spread: Array, estimate: Array, deviation: Array
) -> Array:
    """Quantile of each unit's mixture of normals: Newton's steps inside a bracket that only narrows."""
    rows, points, k = centre.shape
    chance = np.repeat(chance, k, axis=0)
    centre, spread = (part.swapaxes(1, 2).reshape((-1, points)) for part in (centre, spread))
    middle, scale = estimate.ravel(), deviation.ravel()
    x = middle + float(stats.norm.ppf(p)) * scale
    # Cantelli (1928): no quantile lies further out than this
    reach = scale * np.sqrt((1 - min(p, 1 - p)) / min(p, 1 - p))
    low, high = middle - reach, middle + reach
    units = np.arange(len(x))
    for _ in range(100):
        z = (x[units, None] - centre[units]) / spread[units]
        excess = np.einsum("ug,ug->u", chance[units], special.ndtr(z)) - p
        slope = np.einsum("ug,ug->u", chance[units] / spread[units], np.exp(-0.5 * z * z))
        low[units] = np.where(excess < 0, x[units], low[units])
        high[units] = np.where(excess < 0, high[units], x[units])
        new = x[units] - quotient(excess * np.sqrt(2 * np.pi), slope)
        inside = (new > low[units]) & (new < high[units])
        new = np.where(inside, new, (low[units] + high[units]) / 2)
        moved = np.abs(new - x[units]) > 1e-9 * scale[units]
        x[units] = new
        units = units[moved]
        if not len(units):
            break
    return x.reshape((rows, k))


def draw(found: Posterior, *, seed: int, draws: int = 10_000) -> Array:
    """Draw the units of one family together, shape (draws, k); the same seed gives the same draws."""
    rng = np.random.default_rng(seed)
    if found.y.ndim != 1 or not found.known.any():
        return np.full((draws, found.y.shape[-1]), np.nan)
    at = rng.choice(len(found.tau), size=draws, p=found.chance)
    mean = found.mean[at] + np.sqrt(found.mean_variance[at]) * rng.standard_normal(draws)
    shrink = found.variance / (found.variance + found.tau[at, None] ** 2)
    centre = shrink * mean[:, None] + (1 - shrink) * found.y
    units = centre + np.sqrt((1 - shrink) * found.variance) * rng.standard_normal(centre.shape)
    return np.where(found.known, units, np.nan)


def rank_intervals(draws: Numbers, *, confidence: float = CONFIDENCE) -> Intervals:
    """Return the median rank of each unit with its limits; rank 1 is the highest, all are whole numbers.

    ``draws`` has shape (draws, k), from a posterior (Goldstein and Spiegelhalter 1996). A unit of which any
    draw is missing has no rank and takes none from the others.
    """
    given = floats(draws)
    known = np.isfinite(given).all(0)
    limits = np.full((3, given.shape[-1]), np.nan)
    if known.any():
        order = np.argsort(-given[:, known], axis=-1, kind="stable")
        ranks = np.argsort(order, axis=-1, kind="stable") + 1
        tail = 0.5 - confidence / 2
        limits[:, known] = np.quantile(ranks, [0.5, tail, 1 - tail], axis=0, method="inverted_cdf")
    return Intervals(*limits)


def beta_binomial(
    successes: Numbers, n: Numbers, *, alpha: float, beta: float, confidence: float = CONFIDENCE
) -> Intervals:
    """Return shares shrunken by a Beta(alpha, beta) prior, with posterior limits of equal tails."""
    first, second = floats(successes) + alpha, floats(n) - floats(successes) + beta
    tail = 0.5 - confidence / 2
    limits = [floats(stats.beta.ppf(p, first, second)) for p in (tail, 1 - tail)]
    return Intervals(quotient(first, first + second), *limits)
