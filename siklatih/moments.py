"""Means and variances of many slices at once, from exact sums.

Arrays in, arrays out: the arguments are broadcast, one cell a slice. Sums that are integers or ``Decimal``
stay exact until the last division, however large the level of the scores (DOMAIN 7.3); floats are taken as
they are. What is not defined for a slice (nobody there, one person has no variance) is ``nan`` in its cell
and leaves the other cells alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import localcontext
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

_DIGITS = 100  # products of sums of a whole province's scores, with room to spare


@dataclass(frozen=True)
class Moments:
    """Number, mean and sample variance of each slice; n < 1 has no mean, n < 2 no variance."""

    n: FloatArray
    mean: FloatArray
    variance: FloatArray

    @property
    def squared_error(self) -> FloatArray:
        """Squared standard error of the mean."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.variance / self.n)


@dataclass(frozen=True)
class PairMoments:
    """Moments of pairs: before, after, their covariance, and after minus before by itself."""

    before: Moments
    after: Moments
    covariance: FloatArray
    change: Moments

    @property
    def correlation(self) -> FloatArray:
        """Pearson's r; ``nan`` where nobody differs from anybody before or after."""
        product = self.before.variance * self.after.variance
        return divided(self.covariance, np.sqrt(product))


def divided(above: ArrayLike, below: ArrayLike) -> FloatArray:
    """Divide cell by cell; ``nan`` where the divisor is not above zero."""
    top, bottom = np.broadcast_arrays(np.asarray(above, dtype=float), np.asarray(below, dtype=float))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(bottom > 0, top / bottom, np.nan)


def moments(n: ArrayLike, total: ArrayLike, squares: ArrayLike) -> Moments:
    """Return the moments of one variable.

    Args:
        n: persons.
        total: sum of the values.
        squares: sum of the squared values.
    """
    count, one, two = _exact(n), _exact(total), _exact(squares)
    return _moments(count, one, two)


def pair_moments(
    n: ArrayLike,
    sum_x: ArrayLike,
    sum_xx: ArrayLike,
    sum_y: ArrayLike,
    sum_yy: ArrayLike,
    sum_xy: ArrayLike,
) -> PairMoments:
    """Return the moments of pairs, x before and y after, from their sums and cross-products."""
    count = _exact(n)
    x, xx, y, yy, xy = (_exact(cells) for cells in (sum_x, sum_xx, sum_y, sum_yy, sum_xy))
    with localcontext(prec=_DIGITS):
        change, changes = y - x, xx + yy - 2 * xy
    return PairMoments(
        _moments(count, x, xx),
        _moments(count, y, yy),
        _second(count, x, y, xy),
        # by itself: from three rounded variances a change that is the same for all would seem to vary
        _moments(count, change, changes, scale=xx + yy),
    )


def _exact(values: ArrayLike) -> NDArray[Any]:
    """Integers and decimals as Python objects, which neither overflow nor round; no sum at all is zero."""
    cells = np.asarray(values)
    if cells.dtype.kind in "biu":
        return cells.astype(object)
    if cells.dtype.kind == "O":
        return np.where(np.equal(cells, np.array(None)), 0, cells)
    return cells.astype(float)


def _moments(
    n: NDArray[Any], total: NDArray[Any], squares: NDArray[Any], scale: NDArray[Any] | None = None
) -> Moments:
    variance = _second(n, total, total, squares, squares if scale is None else scale)
    count = np.broadcast_to(np.asarray(n, dtype=float), variance.shape)
    return Moments(count, divided(np.asarray(total, dtype=float), count), variance)


def _second(
    n: NDArray[Any], one: NDArray[Any], two: NDArray[Any], products: NDArray[Any], scale: Any = None
) -> FloatArray:
    with localcontext(prec=_DIGITS):
        above = np.asarray(n * products - one * two)
        below = np.asarray(n * (n - 1), dtype=float)
    numbers = np.asarray(above, dtype=float)
    if above.dtype != object and scale is not None:
        # floats only: what is left of a difference of two equal numbers is rounding, not spread
        numbers = np.where(numbers <= 8 * np.finfo(float).eps * n * scale, 0.0, numbers)
    return divided(numbers, below)
