"""Quality of a test's items, from counts by total score (right or wrong items, all of them answered).

The counts are of persons with t items right, and of those who have item i right among them: they merge by
adding (DOMAIN 7.2, class M), and the upper and lower groups follow from them after merging.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siklatih.arrays import Array, floats, quotient, root


@dataclass(frozen=True)
class ItemCounts:
    """Counts by total score 0..k.

    Attributes:
        persons: number of persons with each total score, shape (..., k+1).
        right: number of them with each item right, shape (..., k+1, k).
    """

    persons: Array
    right: Array

    def __add__(self, other: ItemCounts) -> ItemCounts:
        return ItemCounts(self.persons + other.persons, self.right + other.right)

    @property
    def n(self) -> Array:
        """Persons, shape (...)."""
        return floats(floats(self.persons).sum(-1))

    @property
    def variance_of_total(self) -> Array:
        """Variance of the number right, divided by n: items and total then agree; NaN without persons."""
        persons = floats(self.persons)
        scores = np.arange(persons.shape[-1], dtype=float)
        mean = quotient(persons @ scores, self.n)
        return quotient((persons * (scores - mean[..., None]) ** 2).sum(-1), self.n)


def difficulty(counts: ItemCounts) -> Array:
    """Return the share with each item right, shape (..., k): the higher, the easier; NaN without persons."""
    return quotient(floats(counts.right).sum(-2), counts.n[..., None])


def kr20(counts: ItemCounts) -> Array:
    """Return the Kuder-Richardson formula 20, equal to Cronbach's alpha of the items (1937).

    NaN with fewer than two items or when all have the same total.
    """
    share = difficulty(counts)
    k = share.shape[-1]
    return quotient(k, k - 1) * (1 - quotient((share * (1 - share)).sum(-1), counts.variance_of_total))


def kr21(counts: ItemCounts) -> Array:
    """Return the Kuder-Richardson formula 21, which takes all items as equally difficult (1937)."""
    share = difficulty(counts)
    k = share.shape[-1]
    mean = share.sum(-1)
    return quotient(k, k - 1) * (1 - quotient(mean * (k - mean) / k, counts.variance_of_total))


def item_rest_correlation(counts: ItemCounts) -> Array:
    """Return the correlation of each item with the number right of the others, shape (..., k).

    The corrected point-biserial (Henrysson 1963). NaN where all or none have the item right, or where the
    others' total is the same for all.
    """
    right, n = floats(counts.right), counts.n[..., None]
    scores = np.arange(right.shape[-2], dtype=float)
    share = difficulty(counts)
    mean = share.sum(-1, keepdims=True)
    own = share * (1 - share)
    with_total = quotient((right * scores[:, None]).sum(-2), n) - share * mean
    rest = counts.variance_of_total[..., None] - 2 * with_total + own
    # sums of counts leave a rest of rounding where the others do not vary
    return quotient(with_total - own, root(own * np.where(rest > 1e-12, rest, 0.0)))


def upper_lower_difference(counts: ItemCounts, *, share: float = 0.27) -> Array:
    """Return the difficulty among the best less that among the weakest, shape (..., k) (Kelley 1939).

    The groups hold ``share`` of all persons each, at most half. Of those whose total score lies on the
    border every one counts in part, so that nobody is chosen by chance and order does not matter.
    """
    persons, right = floats(counts.persons), floats(counts.right)
    size = counts.n[..., None] * share
    each = quotient(right, persons[..., None])
    difference = np.zeros(right.shape[:-2] + right.shape[-1:])
    for sign, flipped in ((1.0, persons[..., ::-1]), (-1.0, persons)):
        before = np.cumsum(flipped, -1) - flipped
        taken = np.clip(size - before, 0.0, flipped)
        taken = taken[..., ::-1] if sign > 0 else taken
        known = np.where(taken[..., None] > 0, each, 0.0)
        difference = difference + sign * quotient((taken[..., None] * known).sum(-2), size)
    return difference
