"""Exact and permutation tests of many small slices at once.

The values of a slice lie on the last axis, ``nan`` where it has fewer than the widest; slices of one size are
computed together. Statistics of class W (DOMAIN 7.2): they need the persons' own values and do not merge. A
p is ``nan`` for a slice without values, or without any that differ from zero where only those count.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from siklatih.cluster_contrasts import assignments
from siklatih.moments import FloatArray

EXACT_PAIRS = 20  # 2^19 sign patterns
EXACT_ASSIGNMENTS = 200_000  # two groups of ten have 184,756
DRAWS = 9_999
_CELLS = 4_000_000  # numbers held at a time
_ROUNDING = 1e-9  # sums that differ by less, relative to their size, are ties


@dataclass(frozen=True)
class PermutationTests:
    """Two-sided p, and whether every arrangement was listed (``exact``) or some were drawn."""

    p: FloatArray
    exact: NDArray[np.bool_]


def sign_flips(changes: ArrayLike, *, seed: int, draws: int = DRAWS) -> PermutationTests:
    """Test whether changes are symmetric about zero, by flipping their signs (Fisher 1935).

    Up to 20 pairs by all patterns; above, by ``draws`` patterns from ``seed``, the one seen counted among
    them (Phipson and Smyth 2010). A slice's p does not depend on the other slices in the call.
    """
    values, shape = _sorted_rows(changes)
    p, exact = np.full(len(values), np.nan), np.zeros(len(values), dtype=bool)
    for n, rows in _sizes(np.isfinite(values).sum(axis=1)):
        exact[rows] = n <= EXACT_PAIRS
        if n <= EXACT_PAIRS:
            step = max(1, _CELLS >> (n - 1))
            for part in np.array_split(rows, -(-len(rows) // step)):
                p[part] = _every_sign(values[part, :n])
        else:
            signs = np.random.default_rng([seed, n]).choice([-1.0, 1.0], (draws, n))
            for part in np.array_split(rows, -(-len(rows) * draws // _CELLS)):
                p[part] = _drawn(values[part, :n], signs)
    return PermutationTests(p.reshape(shape), exact.reshape(shape))


def _every_sign(changes: FloatArray) -> FloatArray:
    """Share of sign patterns whose sum is at least as far out; the first sign stays, the rest mirrors it.

    A pattern is a pattern of one half joined to one of the other: sums of halves are few, and are added.
    """
    half = (changes.shape[1] + 1) // 2
    first, second = changes[:, :half], changes[:, half:]
    left = first @ _signs(half)[: 1 << (half - 1)].T
    right = second @ _signs(second.shape[1]).T
    limit = _seen(changes)[:, None, None]
    return np.asarray((np.abs(left[:, :, None] + right[:, None, :]) >= limit).mean(axis=(1, 2)))


def _signs(n: int) -> FloatArray:
    bits = (np.arange(1 << n)[:, None] >> np.arange(n)[::-1]) & 1
    return np.asarray(1.0 - 2.0 * bits, dtype=float)


def _drawn(values: FloatArray, patterns: FloatArray) -> FloatArray:
    beyond = (np.abs(values @ patterns.T) >= _seen(values)[:, None]).sum(axis=1)
    return np.asarray((1 + beyond) / (1 + len(patterns)))


def _seen(values: FloatArray) -> FloatArray:
    return np.asarray(np.abs(values.sum(axis=1)) - _ROUNDING * np.abs(values).sum(axis=1))


def two_samples(one: ArrayLike, two: ArrayLike, *, seed: int, draws: int = DRAWS) -> PermutationTests:
    """Test the difference of two means by assigning people to the groups anew (Pitman 1937).

    By every assignment where there are at most 200,000, else by ``draws`` of them from ``seed``. The test
    is of the same distribution in both groups.
    """
    first, shape = _sorted_rows(one)
    second, other = _sorted_rows(two)
    if shape != other:
        raise ValueError(f"slices of {shape} and of {other}")
    p, exact = np.full(len(first), np.nan), np.zeros(len(first), dtype=bool)
    counts = [np.isfinite(values).sum(axis=1) for values in (first, second)]
    for m, with_m in _sizes(counts[0]):
        for n, at in _sizes(counts[1][with_m]):
            rows = with_m[at]
            every = comb(m + n, m) <= EXACT_ASSIGNMENTS
            masks = assignments(m + n, m) if every else _random_masks(m + n, m, seed, draws)
            for part in np.array_split(rows, -(-len(rows) * len(masks) // _CELLS)):
                pooled = np.hstack([first[part, :m], second[part, :n]])
                p[part] = _assigned(pooled, m, masks, every=every)
            exact[rows] = every
    return PermutationTests(p.reshape(shape), exact.reshape(shape))


def _random_masks(size: int, taken: int, seed: int, draws: int) -> FloatArray:
    rng = np.random.default_rng([seed, size, taken])
    return rng.permuted(np.tile(np.arange(size) < taken, (draws, 1)).astype(float), axis=1)


def _assigned(pooled: FloatArray, taken: int, masks: FloatArray, *, every: bool) -> FloatArray:
    # about the mean of all, the sum of one group says everything about the difference of the means
    centred = pooled - pooled.mean(axis=1, keepdims=True)
    seen = np.abs(centred[:, :taken].sum(axis=1)) - _ROUNDING * np.abs(pooled).sum(axis=1)
    beyond = (np.abs(centred @ masks.T) >= seen[:, None]).sum(axis=1)
    return np.asarray(beyond / len(masks) if every else (1 + beyond) / (1 + len(masks)))


@dataclass(frozen=True)
class SignedRanks:
    """Wilcoxon's V (sum of the ranks of rises), its two-sided p, and whether p is exact."""

    statistic: FloatArray
    p: FloatArray
    exact: NDArray[np.bool_]


def signed_ranks(changes: ArrayLike) -> SignedRanks:
    """Return Wilcoxon's signed-rank test (Wilcoxon 1945), as R's ``wilcox.test`` gives it.

    Exact below 50 changes without ties or zeros; else normal with correction for continuity and ties, the
    zeros left out. Changes that are equal must be equal as floats too: take them from exact scores. With
    ties and few pairs ``sign_flips`` is exact where this is not.
    """
    raw, shape = _sorted_rows(changes)
    zeros = (raw == 0).any(axis=1)
    values, _ = _sorted_rows(np.where(raw == 0, np.nan, raw))
    magnitudes = np.sort(np.abs(values), axis=1)
    tied = (np.diff(magnitudes, axis=1) == 0).any(axis=1)
    numbers = np.isfinite(values).sum(axis=1)
    clean = ~tied & ~zeros & (numbers < 50)
    found, p = np.full(len(values), np.nan), np.full(len(values), np.nan)
    for n, rows in _sizes(numbers):
        ranks = stats.rankdata(np.abs(values[rows, :n]), axis=1)
        found[rows] = (ranks * (values[rows, :n] > 0)).sum(axis=1)
        for method, chosen in (("exact", clean[rows]), ("asymptotic", ~clean[rows])):
            if chosen.any():
                picked = values[rows[chosen], :n]
                p[rows[chosen]] = stats.wilcoxon(picked, axis=1, method=method, correction=True).pvalue
    exact = clean & np.isfinite(p)
    return SignedRanks(found.reshape(shape), p.reshape(shape), exact.reshape(shape))


def mcnemar_exact(gained: ArrayLike, lost: ArrayLike) -> FloatArray:
    """Return the exact two-sided p that as many pass after as before (McNemar 1947).

    Args:
        gained: failed before, passed after.
        lost: passed before, failed after.

    ``nan`` where nobody changed.
    """
    up, down = np.broadcast_arrays(np.asarray(gained, dtype=float), np.asarray(lost, dtype=float))
    both = up + down
    p = np.minimum(1.0, 2 * stats.binom.cdf(np.minimum(up, down), both, 0.5))
    return np.where(both > 0, p, np.nan)


def _sorted_rows(values: ArrayLike) -> tuple[FloatArray, tuple[int, ...]]:
    """Slices as rows, what is missing last, and the shape of the slices."""
    cells = np.asarray(values, dtype=float)
    return np.sort(cells.reshape(-1, cells.shape[-1]), axis=1), cells.shape[:-1]


def _sizes(counts: NDArray[np.int64]) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Each size that occurs, and the rows that have it; slices of nobody are left out."""
    for size in np.unique(counts[counts > 0]).tolist():
        yield size, np.flatnonzero(counts == size)
