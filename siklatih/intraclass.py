"""Intraclass correlations: how far several ratings of the same targets agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from siklatih.arrays import Array, Numbers, floats, quotient
from siklatih.intervals import CONFIDENCE


@dataclass(frozen=True)
class RatingSums:
    """Sums over targets that every judge rated; whole targets merge by adding (DOMAIN 7.2, class K).

    Attributes:
        n: targets, shape (...).
        by_judge: sum of each judge's ratings, shape (..., k).
        squares: sum of all squared ratings, shape (...).
        by_target: sum over targets of the squared sum of their ratings, shape (...).

    With integers or ``Decimal`` (arrays of dtype object) the sums of squares are exact until the last step.
    """

    n: npt.NDArray[Any]
    by_judge: npt.NDArray[Any]
    squares: npt.NDArray[Any]
    by_target: npt.NDArray[Any]

    def __add__(self, other: RatingSums) -> RatingSums:
        return RatingSums(
            self.n + other.n,
            self.by_judge + other.by_judge,
            self.squares + other.squares,
            self.by_target + other.by_target,
        )


@dataclass(frozen=True)
class IntraclassCorrelation:
    """One form of the correlation, one element a slice: estimate, limits, F with its degrees and chance."""

    estimate: Array
    low: Array
    high: Array
    f: Array
    above: Array
    below: Array
    p: Array


def intraclass(sums: RatingSums, *, confidence: float = CONFIDENCE) -> dict[str, IntraclassCorrelation]:
    """Return the six correlations of Shrout and Fleiss (1979): ICC1, ICC2, ICC3, ICC1k, ICC2k, ICC3k.

    1: each target has judges of its own. 2: the judges are a sample of many. 3: these judges only. k: the
    mean of k judges. NaN with fewer than two targets or judges, or where targets and ratings do not vary.
    The limits of ICC3k hold where judge and target do not interact.
    """
    between, within, judges, rest, n, k = _mean_squares(sums)
    tail = 0.5 - confidence / 2
    one = _by_f(between, within, n - 1, n * (k - 1), tail)
    three = _by_f(between, rest, n - 1, (n - 1) * (k - 1), tail)
    below = between + (k - 1) * rest + quotient(k * (judges - rest), n)
    two = quotient(between - rest, below)
    two_mean = quotient(between - rest, between + quotient(judges - rest, n))
    low, high = _two_way_limits(two, (between, judges, rest), n, k, tail)
    limits = (low, high)
    of_two = [_of_the_mean(limit, k) for limit in limits]
    return {
        "ICC1": _form(quotient(between - within, between + (k - 1) * within), one, _single(one, k)),
        "ICC2": _form(two, three, limits),
        "ICC3": _form(quotient(between - rest, between + (k - 1) * rest), three, _single(three, k)),
        "ICC1k": _form(quotient(between - within, between), one, _mean(one)),
        "ICC2k": _form(two_mean, three, (of_two[0], of_two[1])),
        "ICC3k": _form(quotient(between - rest, between), three, _mean(three)),
    }


def _mean_squares(sums: RatingSums) -> tuple[Array, Array, Array, Array, Array, int]:
    """Mean squares between targets, within them, between judges, of the rest; targets; judges."""
    count = np.asarray(sums.n)
    by_judge = np.asarray(sums.by_judge)
    k = by_judge.shape[-1]
    grand = by_judge.sum(-1)
    # times n k: whole numbers stay whole
    total = count * k * sums.squares - grand**2
    targets = count * sums.by_target - grand**2
    of_judges = k * (by_judge**2).sum(-1) - grand**2
    n = np.where(floats(count) > 1, floats(count), np.nan)
    scale = n * k
    return (
        quotient(targets, scale * (n - 1)),
        quotient(total - targets, scale * n * (k - 1)),
        quotient(of_judges, scale * (k - 1)),
        quotient(total - targets - of_judges, scale * (n - 1) * (k - 1)),
        n,
        k,
    )


@dataclass(frozen=True)
class _Ratio:
    """F of two mean squares, and F divided by its two quantiles: limits of the true ratio."""

    f: Array
    above: Array
    below: Array
    low: Array
    high: Array


def _by_f(upper: Array, lower: Array, above: Array, below: Array, tail: float) -> _Ratio:
    f = quotient(upper, lower)
    degrees = np.where(below > 0, below, np.nan)
    low = f / stats.f.isf(tail, above, degrees)
    return _Ratio(f, floats(above), floats(degrees), low, f * stats.f.isf(tail, degrees, above))


def _single(ratio: _Ratio, k: int) -> tuple[Array, Array]:
    return quotient(ratio.low - 1, ratio.low + k - 1), quotient(ratio.high - 1, ratio.high + k - 1)


def _mean(ratio: _Ratio) -> tuple[Array, Array]:
    return 1 - quotient(1, ratio.low), 1 - quotient(1, ratio.high)


def _of_the_mean(single: Array, k: int) -> Array:
    return quotient(k * single, 1 + (k - 1) * single)


def _two_way_limits(
    estimate: Array, squares: tuple[Array, Array, Array], n: Array, k: int, tail: float
) -> tuple[Array, Array]:
    """Limits of ICC2 with Satterthwaite's degrees (Shrout and Fleiss 1979, equations 8 and 9)."""
    between, judges, rest = squares
    f = quotient(judges, rest)
    a = k * estimate * f
    b = n * (1 + (k - 1) * estimate) - k * estimate
    degrees = quotient((k - 1) * (n - 1) * (a + b) ** 2, (n - 1) * a**2 + b**2)
    degrees = np.where(degrees > 0, degrees, np.nan)
    upper = stats.f.isf(tail, n - 1, degrees)
    lower = stats.f.isf(tail, degrees, n - 1)
    mixed = k * judges + (k * n - k - n) * rest
    low = quotient(n * (between - upper * rest), upper * mixed + n * between)
    high = quotient(n * (lower * between - rest), mixed + n * lower * between)
    return low, high


def _form(estimate: Array, ratio: _Ratio, limits: tuple[Array, Array]) -> IntraclassCorrelation:
    p = floats(stats.f.sf(ratio.f, ratio.above, ratio.below))
    return IntraclassCorrelation(estimate, *limits, ratio.f, ratio.above, ratio.below, p)


def group_correlation(sizes: Numbers, totals: Numbers, squares: Numbers) -> Array:
    """Return the one-way correlation of members of the same group, groups of unequal size (Donner 1986).

    By analysis of variance, for the design effect of batches. Shapes (..., groups); a group of size 0 counts
    as absent. Negative when members differ more than strangers. NaN with fewer than two groups, or no group
    of two.
    """
    size, total, square = floats(sizes), floats(totals), floats(squares)
    groups, n = (size > 0).sum(-1), size.sum(-1)
    means = np.where(size > 0, quotient(total, size), 0.0)
    grand = quotient(total.sum(-1), n)
    between = quotient((size * (means - grand[..., None]) ** 2).sum(-1), groups - 1)
    within = quotient(square.sum(-1) - (size * means**2).sum(-1), n - groups)
    usual = quotient(n - quotient((size**2).sum(-1), n), groups - 1)
    return quotient(between - within, between + (usual - 1) * within)
