"""Differences between trained and others where batches or units, not persons, are the units of sampling.

Arrays in, arrays out. Every argument has the clusters on its last axis and slices on the others; a cluster
that a slice does not have has n = 0 there, so slices with few and with many clusters go in one call. With the
changes of persons as values it is the difference-in-differences of clusters.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from siklatih.intervals import CONFIDENCE, Intervals, TTests, t_tests
from siklatih.moments import FloatArray, divided

FEW_CLUSTERS = 10  # below, permutation instead (DOMAIN 7.1)


@dataclass(frozen=True)
class ClusterTests(Intervals):
    """Differences with limits and two-sided p; ``clusters`` counts those with anybody in them.

    ``permuted`` tells where limits and p come from permuting whole clusters.
    """

    p: FloatArray
    clusters: NDArray[np.int64]
    permuted: NDArray[np.bool_]


def cluster_differences(
    n_treated: ArrayLike, sum_treated: ArrayLike, n_control: ArrayLike, sum_control: ArrayLike
) -> ClusterTests:
    """Return treated minus control: CR2 with Satterthwaite degrees, below ten clusters by permutation.

    Args:
        n_treated: persons treated in each cluster.
        sum_treated: sum of their values (changes).
        n_control: persons not treated in each cluster.
        sum_control: sum of their values.

    Permutation needs clusters that are wholly treated or wholly not; else, and where CR2 is undefined,
    limits and p are ``nan``.
    """
    robust = cr2_differences(n_treated, sum_treated, n_control, sum_control)
    n1, s1, n0, s0 = _cells(n_treated, sum_treated, n_control, sum_control)
    exact = permuted_differences(n1 + n0, s1 + s0, n1 > 0)
    mixed = ((n1 > 0) & (n0 > 0)).any(axis=-1)
    clusters = np.asarray(((n1 + n0) > 0).sum(axis=-1))
    few = clusters < FEW_CLUSTERS

    def chosen(permuted: FloatArray, large: FloatArray) -> FloatArray:
        return np.where(few, np.where(mixed, np.nan, permuted), large)

    return ClusterTests(
        robust.estimate,
        chosen(exact.low, robust.low),
        chosen(exact.high, robust.high),
        chosen(exact.p, robust.p),
        clusters,
        few & ~mixed,
    )


def cr2_differences(
    n_treated: ArrayLike,
    sum_treated: ArrayLike,
    n_control: ArrayLike,
    sum_control: ArrayLike,
    confidence: float = CONFIDENCE,
) -> TTests:
    """Return treated minus control with CR2 errors and Satterthwaite degrees (Bell and McCaffrey 2002).

    Pustejovsky and Tipton (2018) with independence as the working model. For a difference of two means the
    general formula closes: only numbers and sums of each cluster enter. A cluster may hold both groups.
    Undefined (``nan``) where a group is in fewer than two clusters: nothing tells how clusters vary.
    """
    n1, s1, n0, s0 = _cells(n_treated, sum_treated, n_control, sum_control)
    one, zero = _side(n1, s1), _side(n0, s0)
    error = np.sqrt(((one.scores - zero.scores) ** 2).sum(axis=-1))
    diagonal = (one.diagonal + zero.diagonal) ** 2
    own = (one.leverage**2 + zero.leverage**2) ** 2
    squares = (
        diagonal.sum(axis=-1)
        - own.sum(axis=-1)
        + (one.leverage**2).sum(axis=-1) ** 2
        + (zero.leverage**2).sum(axis=-1) ** 2
        + 2 * (one.leverage * zero.leverage).sum(axis=-1) ** 2
    )
    trace = (one.diagonal + zero.diagonal).sum(axis=-1)
    return t_tests(one.mean - zero.mean, error, divided(trace**2, squares), confidence)


@dataclass(frozen=True)
class _Side:
    """One group's part: its mean, each cluster's adjusted score, and what the degrees of freedom need."""

    mean: FloatArray
    scores: FloatArray
    diagonal: FloatArray
    leverage: FloatArray


def _side(n: FloatArray, total: FloatArray) -> _Side:
    persons = n.sum(axis=-1, keepdims=True)
    mean = divided(total.sum(axis=-1, keepdims=True), persons)
    share = divided(n, persons)
    # a cluster that is the whole group fits itself: its residual is no residual, hence nan
    adjustment = np.sqrt(divided(1, 1 - share))
    scores = adjustment * divided(total - n * mean, persons)
    leverage = divided(share, np.sqrt(persons)) * adjustment
    return _Side(mean[..., 0], scores, divided(share, persons), leverage)


def permuted_differences(
    n: ArrayLike, total: ArrayLike, treated: ArrayLike, confidence: float = CONFIDENCE
) -> ClusterTests:
    """Return treated minus control, tested by every assignment of whole clusters (Fisher 1935; Gail 1996).

    Args:
        n: persons of each cluster.
        total: sum of their values.
        treated: whether the cluster was.

    Limits are the effects, the same for all persons, that the test does not reject; ``inf`` where so few
    assignments exist that none is rejected. ``nan`` from ten clusters on (too many to list here) and
    without two groups.
    """
    persons, sums, chosen = np.broadcast_arrays(*_cells(n, total), np.asarray(treated, dtype=bool))
    shape, width = persons.shape[:-1], persons.shape[-1]
    persons, sums, chosen = (cells.reshape(-1, width) for cells in (persons, sums, chosen))
    present = persons > 0
    clusters, number = present.sum(axis=1), (present & chosen).sum(axis=1)
    # those present first, the treated before the others: the first assignment is the real one
    order = np.argsort(np.where(present, np.where(chosen, 0, 1), 2), axis=1, kind="stable")
    persons, sums = np.take_along_axis(persons, order, 1), np.take_along_axis(sums, order, 1)
    found = np.full((4, len(persons)), np.nan)
    usable = (clusters < FEW_CLUSTERS) & (number > 0) & (number < clusters)
    for size, taken in sorted(set(zip(clusters[usable].tolist(), number[usable].tolist(), strict=True))):
        rows = usable & (clusters == size) & (number == taken)
        found[:, rows] = _permuted(persons[rows, :size], sums[rows, :size], taken, confidence)
    estimate, low, high, p = (cells.reshape(shape) for cells in found)
    return ClusterTests(estimate, low, high, p, clusters.reshape(shape), usable.reshape(shape))


def _permuted(n: FloatArray, total: FloatArray, taken: int, confidence: float) -> FloatArray:
    """Estimate, limits and p of slices that all have the same numbers of clusters, the treated first."""
    masks = assignments(n.shape[1], taken)
    truly = np.where(np.arange(n.shape[1]) < taken, n, 0.0)

    def difference(values: FloatArray) -> FloatArray:
        inside = (values @ masks.T) / (n @ masks.T)
        return np.asarray(inside - (values @ (1 - masks).T) / (n @ (1 - masks).T))

    # under a constant effect each assignment's difference is a - effect * b: it is as far out as the real
    # one (b = 1) just for the effects between two roots, so the limits are order statistics of the roots
    a, b = difference(total), difference(truly)
    real = a[:, :1]
    slack = 1e-9 * np.abs(total).sum(axis=1, keepdims=True) / n.sum(axis=1, keepdims=True)
    p = (np.abs(a) >= np.abs(real) - slack).mean(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        one = np.where(b > 1 - 1e-12, np.nan, (real - a) / (1 - b))
        two = np.where(b < -1 + 1e-12, np.nan, (real + a) / (1 + b))
    always = np.isnan(one) | np.isnan(two)
    lows = np.sort(np.where(always, -np.inf, np.minimum(one, two)), axis=1)
    highs = np.sort(np.where(always, np.inf, np.maximum(one, two)), axis=1)
    beyond = int((1 - confidence) * masks.shape[0] + 1e-9)
    return np.stack([real[:, 0], lows[:, beyond], highs[:, masks.shape[0] - 1 - beyond], p])


@lru_cache(maxsize=64)
def assignments(size: int, taken: int) -> FloatArray:
    """Return every choice of ``taken`` among ``size`` as rows of 1 and 0; the first row takes the first."""
    picked = np.array(list(combinations(range(size), taken)), dtype=np.int64).reshape(-1, taken)
    masks = np.zeros((len(picked), size))
    np.put_along_axis(masks, picked, 1.0, axis=1)
    masks.flags.writeable = False
    return masks


def _cells(*pairs: ArrayLike) -> list[FloatArray]:
    """Numbers and sums in turn, as floats; where nobody is there is no sum, whatever stands there."""
    cells = np.broadcast_arrays(*(np.asarray(cell, dtype=float) for cell in pairs))
    found = []
    for n, total in zip(cells[::2], cells[1::2], strict=True):
        there = n > 0
        found += [np.where(there, n, 0.0), np.where(there, total, 0.0)]
    return found
