"""Agreement of raters: two on categories, several on one target, experts on an item."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from siklatih.arrays import Array, Numbers, floats, quotient, root
from siklatih.intervals import CONFIDENCE, Intervals


@dataclass(frozen=True)
class Kappa:
    """Cohen's kappa of many tables: interval, standard error, and agreement seen and expected by chance."""

    interval: Intervals
    error: Array
    seen: Array
    expected: Array


def weights_of_agreement(categories: int, kind: str) -> Array:
    """Return the weight of each pair of categories, 1 on the diagonal.

    ``none`` counts exact agreement; ``linear`` and ``quadratic`` take the distance of ordered categories
    (Cohen 1968).
    """
    steps = np.arange(categories)
    distance = np.abs(steps[:, None] - steps[None, :]) / max(categories - 1, 1)
    kinds = {"none": distance == 0, "linear": 1 - distance, "quadratic": 1 - distance**2}
    return floats(kinds[kind])


def cohen_kappa(confusion: Numbers, *, weights: str = "none", confidence: float = CONFIDENCE) -> Kappa:
    """Return kappa from confusion matrices of shape (..., c, c), which merge by adding.

    Cohen (1960), weighted Cohen (1968); large-sample error of Fleiss, Cohen and Everitt (1969), limits kept
    within -1..1. NaN where chance alone would always agree: no ratings, or all in one category by both.
    """
    table = floats(confusion)
    n = table.sum((-2, -1))
    weight = weights_of_agreement(table.shape[-1], weights)
    share = quotient(table, n[..., None, None])
    rows, columns = share.sum(-1), share.sum(-2)
    seen = (weight * share).sum((-2, -1))
    expected = (weight * rows[..., :, None] * columns[..., None, :]).sum((-2, -1))
    apart = np.where(1 - expected > 1e-12, 1 - expected, 0.0)
    kappa = quotient(seen - expected, apart)
    # mean weight of each category against the other rater's margins
    of_row = (weight * columns[..., None, :]).sum(-1)
    of_column = (weight * rows[..., :, None]).sum(-2)
    chance = (of_row[..., :, None] + of_column[..., None, :]) * (1 - kappa)[..., None, None]
    spread = (share * (weight - chance) ** 2).sum((-2, -1))
    variance = spread - (kappa - expected * (1 - kappa)) ** 2
    error = quotient(root(np.maximum(variance, 0.0)), apart * root(n))
    half = float(stats.norm.ppf(0.5 + confidence / 2)) * error
    limits = Intervals(kappa, np.maximum(kappa - half, -1.0), np.minimum(kappa + half, 1.0))
    return Kappa(limits, error, seen, expected)


def raw_agreement(confusion: Numbers, *, confidence: float = CONFIDENCE) -> Intervals:
    """Return the share of exact agreement with the Wilson interval (1927); NaN without ratings."""
    table = floats(confusion)
    n = np.where(table.sum((-2, -1)) > 0, table.sum((-2, -1)), np.nan)
    agreed = np.trace(table, axis1=-2, axis2=-1)
    low, high = proportion_confint(agreed, n, alpha=1 - confidence, method="wilson")
    return Intervals(quotient(agreed, n), floats(low), floats(high))


def within_group_agreement(variance: Numbers, categories: int) -> Array:
    """Return r_wg = 1 - s² / ((A² - 1)/12) for A answer categories (James, Demaree and Wolf 1984).

    ``variance`` is the sample variance of the ratings of one target. Below 0 when raters differ more than
    chance would make them; NaN with one category.
    """
    return 1 - quotient(variance, (categories**2 - 1) / 12)


def aiken_v(
    total: Numbers, n: Numbers, categories: int, *, lowest: float = 1.0, confidence: float = CONFIDENCE
) -> Intervals:
    """Return Aiken's V (1985): ``total`` of ``n`` raters over ``categories`` whole steps from ``lowest``.

    Limits are the score interval of Penfield and Giacobbi (2004). NaN without raters or with one category.
    """
    number = np.where(floats(n) > 0, n, np.nan)
    steps = number * (categories - 1)
    value = quotient(floats(total) - number * lowest, steps)
    z = float(stats.norm.ppf(0.5 + confidence / 2))
    middle = 2 * steps * value + z * z
    half = z * np.sqrt(4 * steps * value * (1 - value) + z * z)
    below = 2 * (steps + z * z)
    return Intervals(value, quotient(middle - half, below), quotient(middle + half, below))


def aiken_chance(total: int, n: int, categories: int, *, lowest: int = 1) -> float:
    """Return the exact chance of ``total`` or more when all choose at random (Aiken 1985); NaN if none do."""
    if n < 1 or categories < 1:
        return float("nan")
    chance = np.ones(1)
    for _ in range(n):
        chance = np.convolve(chance, np.full(categories, 1 / categories))
    return min(1.0, float(chance[max(0, total - n * lowest) :].sum()))


def lawshe_cvr(essential: Numbers, n: Numbers) -> Array:
    """Return the content validity ratio (n_e - n/2) / (n/2) (Lawshe 1975); NaN without experts."""
    half = floats(n) / 2
    return quotient(floats(essential) - half, half)
