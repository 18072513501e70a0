"""Exact cross-products of a regression (X'X, X'y, y'y), one set a cluster, so that parts merge.

Merge class K (DOMAIN 7.2): sums of one cluster's rows may lie in several parts, for they are added; what is
computed from them needs whole clusters. Sums are Decimals added without rounding (DOMAIN 7.3).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow, localcontext

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Exacts = NDArray[np.object_]
_EXACT = Context(prec=300, traps=[Inexact, InvalidOperation, Overflow, DivisionByZero])
_ROUGH = Context(prec=6)
_FINE = Context(prec=80)


@dataclass(frozen=True)
class CrossProducts:
    """Sums of products of the columns 1, x1 to xp, y over the rows of one cluster; square and symmetric."""

    sums: tuple[tuple[Decimal, ...], ...]

    @property
    def n(self) -> int:
        """Rows."""
        return int(self.sums[0][0])

    def __add__(self, other: CrossProducts) -> CrossProducts:
        with localcontext(_EXACT):
            return _from_array(_array(self) + _array(other))


def cross_products(
    rows: Iterable[tuple[str, Sequence[Decimal | int], Decimal | int]],
) -> dict[str, CrossProducts]:
    """Return the cross-products of each cluster.

    Args:
        rows: (cluster, values of the covariates, outcome). A row with a missing value is left out before.

    Raises:
        decimal.Inexact: a product has more than 300 digits.
    """
    grouped: dict[str, list[list[Decimal]]] = {}
    for cluster, covariates, outcome in rows:
        grouped.setdefault(cluster, []).append([Decimal(1), *map(Decimal, covariates), Decimal(outcome)])
    with localcontext(_EXACT):
        return {
            cluster: _from_array(table.T @ table)
            for cluster, table in ((key, np.array(lines, dtype=object)) for key, lines in grouped.items())
        }


def merge(parts: Iterable[Mapping[str, CrossProducts]]) -> dict[str, CrossProducts]:
    """Return the cross-products of all parts together; a cluster that lies in several is added up."""
    merged: dict[str, CrossProducts] = {}
    for part in parts:
        for cluster, sums in part.items():
            merged[cluster] = merged[cluster] + sums if cluster in merged else sums
    return merged


def total_of(clusters: Mapping[str, CrossProducts]) -> CrossProducts:
    """Return the sums over all clusters; one or more."""
    with localcontext(_EXACT):
        arrays = [_array(sums) for sums in clusters.values()]
        return _from_array(sum(arrays[1:], arrays[0]))


@dataclass(frozen=True)
class ShiftedSums:
    """The same sums as floats, each column shifted near its mean, so that nothing is lost by cancellation.

    Args:
        grams: X'X by cluster (clusters, p, p), in the order of the clusters' names.
        crosses: X'y by cluster (clusters, p).
        gram, cross, yy: the sums over all clusters; ``yy`` about the mean of y, or of its cluster.
        shift: what was subtracted from each column and from y, which stands last; None where each cluster's
            own means were (then X has no column of ones).
        n: rows.
    """

    grams: Floats
    crosses: Floats
    gram: Floats
    cross: Floats
    yy: float
    shift: Floats | None
    n: int


def shifted_sums(clusters: Mapping[str, CrossProducts], *, within: bool) -> ShiftedSums:
    """Shift the sums of clusters, exactly, and turn them into floats.

    Args:
        within: subtract each cluster's means (a fixed effect for every cluster) instead of one shift for all.
    """
    arrays = [_array(clusters[name]) for name in sorted(clusters)]
    with localcontext(_EXACT):
        total = sum(arrays[1:], arrays[0])
    shift = np.array([_ROUGH.divide(cell, total[0, 0]) for cell in total[0]], dtype=object)
    with localcontext(_EXACT):
        shifted = np.array([_shifted(array, shift) for array in arrays], dtype=object)
    with localcontext(_FINE):
        if within:
            used = shifted[:, 1:, 1:] - np.array([_of_means(array) for array in shifted], dtype=object)
        else:
            used = shifted
        total = used.sum(axis=0)
        yy = total[-1, -1] if within else total[-1, -1] - total[0, -1] ** 2 / total[0, 0]
    floats, whole = used.astype(np.float64), total.astype(np.float64)
    return ShiftedSums(
        grams=floats[:, :-1, :-1],
        crosses=floats[:, :-1, -1],
        gram=whole[:-1, :-1],
        cross=whole[:-1, -1],
        yy=float(yy),
        shift=None if within else shift[1:].astype(np.float64),
        n=sum(sums.n for sums in clusters.values()),
    )


def _shifted(array: Exacts, shift: Exacts) -> Exacts:
    """Sums of products after a number was subtracted from each column but the ones."""
    moved = shift.copy()
    moved[0] = Decimal(0)
    first = array[0]
    found: Exacts = (
        array - np.outer(moved, first) - np.outer(first, moved) + np.outer(moved, moved) * first[0]
    )
    return found


def _of_means(array: Exacts) -> Exacts:
    """What a cluster's means contribute to its sums."""
    found: Exacts = np.outer(array[0, 1:], array[0, 1:]) / array[0, 0]
    return found


def _array(sums: CrossProducts) -> Exacts:
    return np.array(sums.sums, dtype=object)


def _from_array(array: Exacts) -> CrossProducts:
    return CrossProducts(tuple(tuple(row) for row in array))
