"""Differences of means of many slices at once: two groups, before and after, difference-in-differences.

A slice in which a group has fewer than two persons keeps its estimate; its error, limits and p are ``nan``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from siklatih.effects import Effects, group_effects, pooled_variance
from siklatih.intervals import Intervals, TTests, t_tests
from siklatih.moments import FloatArray, Moments, PairMoments, divided
from siklatih.proportions import newcombe


def paired_t(pairs: PairMoments) -> TTests:
    """Return the mean change of persons with the paired t interval (Student 1908)."""
    change = pairs.change
    return t_tests(change.mean, np.sqrt(change.squared_error), change.n - 1)


def contrast(groups: Sequence[Moments], weights: Sequence[float]) -> TTests:
    """Return a weighted sum of independent means with Welch's interval (Welch 1947; Satterthwaite 1946).

    With weights 1 and -1 it is Welch's t; with four groups of different people (trained after and before,
    comparison after and before) and weights 1, -1, -1, 1 the difference-in-differences of repeated surveys.
    """
    parts = [weight**2 * group.squared_error for group, weight in zip(groups, weights, strict=True)]
    estimate = sum(weight * group.mean for group, weight in zip(groups, weights, strict=True))
    squared = np.asarray(sum(parts))
    below = sum(divided(part**2, group.n - 1) for group, part in zip(groups, parts, strict=True))
    return t_tests(np.asarray(estimate), np.sqrt(squared), divided(squared**2, np.asarray(below)))


def welch(treated: Moments, control: Moments) -> TTests:
    """Return treated minus control with Welch's interval (Welch 1947): variances may differ."""
    return contrast((treated, control), (1, -1))


def student(treated: Moments, control: Moments) -> TTests:
    """Return treated minus control with the pooled interval (Student 1908): variances are taken as equal."""
    error = np.sqrt(pooled_variance(treated, control) * (divided(1, treated.n) + divided(1, control.n)))
    return t_tests(treated.mean - control.mean, error, treated.n + control.n - 2)


def difference_in_differences(treated: PairMoments, control: PairMoments) -> TTests:
    """Return the difference of mean changes, with Welch's interval over the changes of persons.

    Two periods, the same persons in both: the same as regression with fixed effects of persons (Angrist and
    Pischke 2009, section 5.2). Right where persons were assigned one by one; where batches or units were,
    ``cluster_contrasts.cluster_differences``.
    """
    return welch(treated.change, control.change)


@dataclass(frozen=True)
class Sensitivity:
    """How large a difference in trend between the groups would undo an effect, in points.

    ``erases``: what alone would produce the estimate. ``doubts``: what would bring 0 into the interval; 0
    where it is there already. ``times_earlier``: ``doubts`` over the difference in trend seen before the
    training, of the same length of time; ``inf`` where none was seen, ``nan`` where none was measured.
    """

    erases: FloatArray
    doubts: FloatArray
    times_earlier: FloatArray


def sensitivity(effect: Intervals, earlier_difference: ArrayLike = np.nan) -> Sensitivity:
    """Return the sensitivity figure printed with grade B (DOMAIN 7.4; Rambachan and Roth 2023)."""
    nearer = np.maximum(effect.low, -np.asarray(effect.high))
    doubts = np.where(np.isnan(nearer), np.nan, np.maximum(nearer, 0.0))
    earlier = np.abs(np.asarray(earlier_difference, dtype=float))
    with np.errstate(divide="ignore", invalid="ignore"):
        times = np.where(earlier == 0, np.where(doubts > 0, np.inf, 0.0), doubts / earlier)
    return Sensitivity(np.abs(effect.estimate), doubts, np.where(np.isnan(doubts), np.nan, times))


def baseline_differences(treated: Moments, control: Moments) -> Effects:
    """Return the standardised difference before the training; grade B needs |g| <= 0.25 (DOMAIN 7.4).

    Pooled, with Hedges' correction (What Works Clearinghouse 2022).
    """
    return group_effects(treated, control, "pooled")


def attrition_differences(
    lost_treated: ArrayLike, n_treated: ArrayLike, lost_control: ArrayLike, n_control: ArrayLike
) -> Intervals:
    """Return the share lost among the trained minus that among the others, with Newcombe's interval.

    A share: grade B needs at most 0.10 either way (DOMAIN 7.4).
    """
    return newcombe(lost_treated, n_treated, lost_control, n_control)
