"""Gains as a description: of a group against what was left to learn, and of one person against chance."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from siklatih.intervals import CONFIDENCE
from siklatih.moments import FloatArray, divided


def hake_gains(mean_before: ArrayLike, mean_after: ArrayLike, maximum: ArrayLike) -> FloatArray:
    """Return <g>, the gain as a share of the gain that was possible (Hake 1998), from the groups' means.

    A description, not an effect: no interval and no bands (those come from physics classes). Averages
    first: the mean of persons' own g is another thing and misleads, since one person who falls from near
    the ceiling outweighs a whole group (before 90, 40, 95, after 85, 70, 60: mean -2.33, group -0.13).
    ``nan`` where the mean before is at the maximum: nothing was left to gain.
    """
    before = np.asarray(mean_before, dtype=float)
    return divided(np.asarray(mean_after, dtype=float) - before, np.asarray(maximum, dtype=float) - before)


def normalised_changes(before: ArrayLike, after: ArrayLike, maximum: ArrayLike) -> FloatArray:
    """Return c of each person (Marx and Cummings 2007): gain over the room above, loss over the room below.

    ``nan`` for those who tell nothing: twice at zero or twice at the maximum.
    """
    pre, post, top = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in (before, after, maximum)))
    change = np.where(post >= pre, divided(post - pre, top - pre), divided(post - pre, pre))
    stuck = (pre == post) & ((pre == 0) | (pre == top))
    return np.where(stuck, np.nan, np.where(pre == post, 0.0, change))


def reliable_changes(change: ArrayLike, sd_before: ArrayLike, reliability: ArrayLike) -> FloatArray:
    """Return RCI of each change (Jacobson and Truax 1991): beyond 1.96 it is more than error of measurement.

    ``nan`` where the instrument has no reliability between 0 and 1, or nobody differed before.
    """
    return divided(change, _difference_error(sd_before, reliability))


def reliable_change_threshold(
    sd_before: ArrayLike, reliability: ArrayLike, *, confidence: float = CONFIDENCE
) -> FloatArray:
    """Return the change, in points, from which a person's change is reliable (Jacobson and Truax 1991)."""
    return float(stats.norm.ppf(0.5 + confidence / 2)) * _difference_error(sd_before, reliability)


def _difference_error(sd_before: ArrayLike, reliability: ArrayLike) -> FloatArray:
    spread, known = np.asarray(sd_before, dtype=float), np.asarray(reliability, dtype=float)
    error = np.sqrt(np.where((known >= 0) & (known < 1), 2 * (1 - known), np.nan))
    return np.where(spread > 0, spread, np.nan) * error
