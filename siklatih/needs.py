"""Scores of training needs: gaps weighed by importance. Kinds of evidence are never mixed (DOMAIN 7.14).

All take arrays, one element a competence or task, and return NaN where a part is missing.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import stats

from siklatih.arrays import Array, Numbers, floats, quotient


def mean_weighted_discrepancy(n: Numbers, importance: Numbers, competence: Numbers) -> Array:
    """Return MWDS: the mean of (importance - competence) x mean importance (Borich 1980).

    From sums over the ``n`` persons who gave both ratings; NaN without any.
    """
    mean = quotient(importance, n)
    return (mean - quotient(competence, n)) * mean


def priority_needs_index(expected: Numbers, actual: Numbers) -> Array:
    """Return the modified priority needs index, (expected - actual) / actual (Wongwanich 2005); NaN at 0."""
    return quotient(floats(expected) - floats(actual), actual)


def competence_priority(
    standard: Numbers, actual: Numbers, importance: Numbers, coverage: Numbers = 1.0
) -> Array:
    """Return max(0, standard - actual) x importance x coverage (DOMAIN 2.4).

    ``coverage`` is the share (0..1) of the target group that has a gap.
    """
    gap = np.maximum(0.0, floats(standard) - floats(actual))
    return gap * floats(importance) * floats(coverage)


def ranks(scores: Numbers) -> Array:
    """Return the place of each score, 1 the highest; equal scores share the better place; NaN has none."""
    return floats(stats.rankdata(-floats(scores), method="min", nan_policy="omit"))


def task_gap(importance: Numbers, performance: Numbers) -> Array:
    """Return mean importance less mean performance of a task, both 1..7 (Hennessy and Hicks 1996)."""
    return floats(importance) - floats(performance)


def task_remedy(by_organisation: Numbers, by_training: Numbers) -> npt.NDArray[np.str_]:
    """Return what would mend a task: ``training``, ``organisation``, ``either`` when equal (ibid.).

    Empty where one of the two mean ratings is missing.
    """
    organisation, training = np.broadcast_arrays(floats(by_organisation), floats(by_training))
    return np.select(
        [training > organisation, organisation > training, organisation == training],
        ["training", "organisation", "either"],
        default="",
    )


def quadrants(importance: Numbers, performance: Numbers) -> npt.NDArray[np.str_]:
    """Return the place of each task in the plane of importance and performance (Martilla and James 1977).

    Cut at the grand means, of which equal counts as high: ``act`` (important, done badly), ``keep``,
    ``low_priority``, ``overdone``. Empty where a rating is missing; missing ones do not move the cuts.
    """
    important, done = floats(importance), floats(performance)
    known = np.isfinite(important) & np.isfinite(done)
    if not known.any():
        return np.full(known.shape, "", dtype="<U12")
    # a mean that equals a rating up to rounding must not put it on the other side
    high = important >= important[known].mean() - 1e-9
    well = done >= done[known].mean() - 1e-9
    return np.select(
        [~known, high & ~well, high & well, ~high & ~well], ["", "act", "keep", "low_priority"], "overdone"
    )
