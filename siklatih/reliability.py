"""Reliability of a scale from the covariance matrix of its items. Reverse-coded items are turned before.

Every function takes covariance matrices of shape (..., k, k), one a slice, and returns NaN for a slice of
which the figure is not defined: fewer than two items (three where one is left out), fewer than two
respondents, or no variance in the sum (in an item, where items are standardised).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from siklatih.arrays import Array, Numbers, floats, quotient, root
from siklatih.inference import PairedSums
from siklatih.intervals import CONFIDENCE, Intervals

_ROUNDING = 1e-12  # of the magnitudes that were added

PairSums = Mapping[tuple[str, str], PairedSums]


@dataclass(frozen=True)
class ItemSums:
    """Sums over respondents who answered every item: they merge by adding (DOMAIN 7.2, class M).

    Attributes:
        n: respondents, shape (...).
        totals: sum of each item, shape (..., k).
        products: sum of each pair of items multiplied, shape (..., k, k).

    With integers or ``Decimal`` (arrays of dtype object) everything is exact until the last division.
    """

    n: npt.NDArray[Any]
    totals: npt.NDArray[Any]
    products: npt.NDArray[Any]

    def __add__(self, other: ItemSums) -> ItemSums:
        return ItemSums(self.n + other.n, self.totals + other.totals, self.products + other.products)

    @property
    def covariance(self) -> Array:
        """Sample covariances (..., k, k); NaN with fewer than two respondents."""
        n = np.asarray(self.n)[..., None, None]
        spread = n * self.products - self.totals[..., :, None] * self.totals[..., None, :]
        below = n * (n - 1)
        return quotient(spread, below)


def item_sums(items: Sequence[str], sums: PairSums) -> ItemSums:
    """Return the sums of one slice from its pair sums, in the order of ``items``.

    Args:
        items: the scale's items.
        sums: (u, v) -> sums of the pair, each pair once in either order, that of an item with itself too.

    Raises:
        ValueError: a pair is missing, or the pairs count different respondents (not complete cases).
    """
    k = len(items)
    totals = np.empty(k, dtype=object)
    products = np.empty((k, k), dtype=object)
    counts = set()
    for i, u in enumerate(items):
        for j, v in enumerate(items[i:], start=i):
            found = sums.get((u, v)) or sums.get((v, u))
            if found is None:
                raise ValueError(f"no sums for the pair {u}, {v}")
            counts.add(found.n)
            products[i, j] = products[j, i] = found.sum_xy
            if i == j:
                totals[i] = found.sum_x
    if len(counts) > 1:
        raise ValueError("the pairs count different respondents: sums of complete cases are needed")
    return ItemSums(np.array(counts.pop() if counts else 0), totals, products)


def pairwise_moments(items: Sequence[str], sums: PairSums) -> tuple[Array, Array]:
    """Return covariances and correlations that each rest on all who answered that pair.

    The default of psych and pingouin, for comparison with them only: the entries rest on different people,
    so no number of respondents belongs to the matrices and they need not be positive definite. Reports use
    complete cases (DOMAIN 7.2). A pair with fewer than two respondents is NaN.
    """
    k = len(items)
    covariance, correlation = np.full((k, k), np.nan), np.full((k, k), np.nan)
    for i, u in enumerate(items):
        for j, v in enumerate(items[i:], start=i):
            pair = sums.get((u, v)) or sums.get((v, u))
            if pair is None or pair.n < 2:
                continue
            var_x, var_y, shared = pair.variances
            covariance[i, j] = covariance[j, i] = shared
            correlation[i, j] = correlation[j, i] = quotient(shared, root(var_x * var_y))
    return covariance, correlation


def correlations(covariance: Numbers) -> Array:
    """Return the correlation matrices; NaN in the row and column of an item without variance."""
    given = floats(covariance)
    deviation = root(np.diagonal(given, axis1=-2, axis2=-1))
    return quotient(given, deviation[..., :, None] * deviation[..., None, :])


def mean_correlation(covariance: Numbers) -> Array:
    """Return the mean of the correlations between different items."""
    found = correlations(covariance)
    k = found.shape[-1]
    return quotient(found.sum((-2, -1)) - np.trace(found, axis1=-2, axis2=-1), k * (k - 1))


def cronbach_alpha(covariance: Numbers) -> Array:
    """Return alpha = k/(k-1) (1 - sum of item variances / variance of the sum) (Cronbach 1951).

    Below 0 when items run against each other; a reversed item left unturned looks like that.
    """
    given = floats(covariance)
    k = given.shape[-1]
    whole = given.sum((-2, -1))
    # what is left of a sum of exact opposites is rounding, not variance
    none = whole <= _ROUNDING * np.abs(given).sum((-2, -1))
    share = quotient(np.trace(given, axis1=-2, axis2=-1), np.where(none, 0.0, whole))
    return quotient(k, k - 1) * (1 - share)


def standardised_alpha(covariance: Numbers) -> Array:
    """Return alpha of the standardised items, k r / (1 + (k-1) r) with r the mean correlation."""
    return cronbach_alpha(correlations(covariance))


def feldt_interval(alpha: Numbers, n: Numbers, k: int, *, confidence: float = CONFIDENCE) -> Intervals:
    """Return alpha with its interval from F on n-1 and (n-1)(k-1) degrees of freedom (Feldt 1965).

    NaN limits with fewer than two respondents or items.
    """
    estimate, below = floats(alpha), floats(n) - 1
    below = np.where(below > 0, below, np.nan)
    above = below * (k - 1) if k > 1 else np.full_like(below, np.nan)
    tail = 0.5 - confidence / 2
    low = 1 - (1 - estimate) * stats.f.isf(tail, below, above)
    high = 1 - (1 - estimate) * stats.f.ppf(tail, below, above)
    return Intervals(estimate, floats(low), floats(high))


def alpha_if_deleted(covariance: Numbers) -> Array:
    """Return alpha of the scale without each item, shape (..., k); three items or more, else NaN."""
    given = floats(covariance)
    k = given.shape[-1]
    if k < 3:
        return np.full(given.shape[:-1], np.nan)
    left = [[i for i in range(k) if i != item] for item in range(k)]
    return np.stack([cronbach_alpha(given[..., rows, :][..., rows]) for rows in left], axis=-1)


def corrected_item_total(covariance: Numbers) -> Array:
    """Return the correlation of each item with the sum of the others, shape (..., k) (Henrysson 1963)."""
    given = floats(covariance)
    variance = np.diagonal(given, axis1=-2, axis2=-1)
    with_sum = given.sum(-1)
    rest = given.sum((-2, -1))[..., None] - 2 * with_sum + variance
    none = rest <= _ROUNDING * np.abs(given).sum((-2, -1))[..., None]
    return quotient(with_sum - variance, root(variance * np.where(none, 0.0, rest)))


def spearman_brown(reliability: Numbers, times: Numbers) -> Array:
    """Return the reliability of a test ``times`` as long (Spearman 1910; Brown 1910)."""
    found, longer = floats(reliability), floats(times)
    return quotient(longer * found, 1 + (longer - 1) * found)


def reliability_counts_as_indication(n: Numbers) -> npt.NDArray[np.bool_]:
    """Tell where so few answered (below 30) that a reliability is an indication only (DOMAIN 2.8)."""
    return floats(n) < 30
