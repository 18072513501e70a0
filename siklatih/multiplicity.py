"""Many tests at once: adjusted chances, and intervals of effects that are shown because they were selected.

A family is the tests declared together beforehand (DOMAIN 7.17: cycle x level). A test without a p-value
(NaN) is no member: it stays NaN and does not count.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import stats

from siklatih.arrays import Array, Numbers, floats
from siklatih.intervals import CONFIDENCE, Intervals


def benjamini_hochberg(p: Numbers) -> Array:
    """Return the p-values of one family adjusted for the false-discovery rate (Benjamini, Hochberg 1995)."""
    given = floats(p)
    known = np.isfinite(given)
    adjusted = np.full_like(given, np.nan)
    if known.any():
        adjusted[known] = stats.false_discovery_control(given[known], method="bh")
    return adjusted


def holm(p: Numbers) -> Array:
    """Return the p-values of one family adjusted for any false positive at all (Holm 1979)."""
    given = floats(p)
    known = np.isfinite(given)
    adjusted = np.full_like(given, np.nan)
    order = np.argsort(given[known], kind="stable")
    stepwise = given[known][order] * np.arange(len(order), 0, -1)
    within = np.empty_like(stepwise)
    within[order] = np.minimum(np.maximum.accumulate(stepwise), 1.0)
    adjusted[known] = within
    return adjusted


def fcr_intervals(
    estimates: Numbers,
    errors: Numbers,
    selected: npt.NDArray[np.bool_],
    *,
    degrees: Numbers = np.inf,
    confidence: float = CONFIDENCE,
) -> Intervals:
    """Return intervals of the selected effects that keep the false-coverage rate (Benjamini, Yekutieli 2005).

    Of m estimates R were selected: each gets a t interval at level 1 - R (1 - confidence) / m. What was not
    selected has NaN limits. Estimates without a finite standard error do not count in m.
    """
    value, error = floats(estimates), floats(errors)
    known = np.isfinite(value) & np.isfinite(error)
    chosen = np.asarray(selected, dtype=bool) & known
    family = max(int(known.sum()), 1)
    tail = (1 - confidence) * int(chosen.sum()) / family / 2
    # t with infinite degrees is the normal distribution
    factor = stats.t.isf(tail, floats(degrees)) if chosen.any() else np.nan
    half = np.where(chosen, factor * error, np.nan)
    return Intervals(value, value - half, value + half)
