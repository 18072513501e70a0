"""Shares and their differences of many slices at once. Shares lie in 0..1; of nobody they are ``nan``."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from siklatih.intervals import CONFIDENCE, Intervals
from siklatih.moments import FloatArray, divided


def wilson_intervals(successes: ArrayLike, n: ArrayLike, *, confidence: float = CONFIDENCE) -> Intervals:
    """Return shares with Wilson's interval (Wilson 1927)."""
    x, number = _floats(successes, n)
    number = np.where(number > 0, number, np.nan)
    low, high = proportion_confint(x, number, alpha=1 - confidence, method="wilson")
    return Intervals(x / number, np.asarray(low), np.asarray(high))


def newcombe(
    x_one: ArrayLike, n_one: ArrayLike, x_two: ArrayLike, n_two: ArrayLike, *, confidence: float = CONFIDENCE
) -> Intervals:
    """Return share one minus share two of different people (Newcombe 1998, hybrid score, method 10)."""
    a, m, b, n = _floats(x_one, n_one, x_two, n_two)
    m, n = np.where(m > 0, m, np.nan), np.where(n > 0, n, np.nan)
    low, high = confint_proportions_2indep(a, m, b, n, method="newcomb", alpha=1 - confidence)
    return Intervals(a / m - b / n, np.asarray(low), np.asarray(high))


def newcombe_paired(
    both: ArrayLike,
    gained: ArrayLike,
    lost: ArrayLike,
    neither: ArrayLike,
    *,
    confidence: float = CONFIDENCE,
) -> Intervals:
    """Return the share after minus the share before of the same people (Newcombe 1998, paired, method 10).

    Args:
        both: yes before and after.
        gained: no before, yes after.
        lost: yes before, no after.
        neither: no before and after.
    """
    a, b, c, d = _floats(both, gained, lost, neither)
    n = a + b + c + d
    after = wilson_intervals(a + b, n, confidence=confidence)
    before = wilson_intervals(a + c, n, confidence=confidence)
    cross = a * d - b * c
    # the correlation of two answers of the same person, drawn towards zero where they agree
    corrected = np.where(cross > 0, np.maximum(cross - n / 2, 0.0), cross)
    phi = np.nan_to_num(divided(corrected, np.sqrt((a + b) * (c + d) * (a + c) * (b + d))))

    def distance(one: FloatArray, two: FloatArray) -> FloatArray:
        return np.sqrt(np.maximum(one**2 - 2 * phi * one * two + two**2, 0.0))

    estimate = divided(b - c, n)
    below = distance(after.estimate - after.low, before.high - before.estimate)
    above = distance(after.high - after.estimate, before.estimate - before.low)
    return Intervals(estimate, estimate - below, estimate + above)


def rise_and_fall(table: ArrayLike) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return how many rose, how many fell, and how many there are, from tables of answers.

    Args:
        table: counts, the last two axes the answer before and the answer after in the order of the scale.
    """
    counts = np.asarray(table, dtype=float)
    risen, fallen = (triangle.sum(axis=(-2, -1)) for triangle in (np.triu(counts, 1), np.tril(counts, -1)))
    return risen, fallen, counts.sum(axis=(-2, -1))


def rise_minus_fall(
    risen: ArrayLike, fallen: ArrayLike, n: ArrayLike, *, confidence: float = CONFIDENCE
) -> Intervals:
    """Return P(rise) minus P(fall) of paired answers on an ordered scale (Bonett and Price 2012).

    Their adjusted interval, one added to each of the two counts, keeps its coverage where few change.
    """
    up, down, number = _floats(risen, fallen, n)
    number = np.where(number > 0, number, np.nan)
    p, q = (up + 1) / (number + 2), (down + 1) / (number + 2)
    half = _quantile(confidence) * np.sqrt((p + q - (p - q) ** 2) / (number + 2))
    return Intervals((up - down) / number, np.maximum(p - q - half, -1.0), np.minimum(p - q + half, 1.0))


def net_promoter(
    promoters: ArrayLike, detractors: ArrayLike, n: ArrayLike, *, confidence: float = CONFIDENCE
) -> Intervals:
    """Return NPS, -100 to 100, with the normal interval of a difference of shares (DOMAIN 2.6).

    ``nan`` limits where all answered alike: the formula would claim certainty.
    """
    up, down, number = _floats(promoters, detractors, n)
    number = np.where(number > 0, number, np.nan)
    p, q = up / number, down / number
    variance = (p + q - (p - q) ** 2) / number
    half = _quantile(confidence) * np.sqrt(np.where(variance > 0, variance, np.nan))
    return Intervals(100 * (p - q), 100 * (p - q - half), 100 * (p - q + half))


def top_two(histogram: ArrayLike) -> Intervals:
    """Return the share of the two best answers with Wilson's interval.

    Args:
        histogram: counts, the last axis the points of the scale from worst to best; without "do not know".
    """
    counts = np.asarray(histogram, dtype=float)
    return wilson_intervals(counts[..., -2:].sum(axis=-1), counts.sum(axis=-1))


def _floats(*cells: ArrayLike) -> tuple[FloatArray, ...]:
    return tuple(np.broadcast_arrays(*(np.asarray(cell, dtype=float) for cell in cells)))


def _quantile(confidence: float) -> float:
    return float(stats.norm.ppf(0.5 + confidence / 2))
