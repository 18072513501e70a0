"""Control charts of single values (XmR), many series at once; arrays in, arrays out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from siklatih.moments import FloatArray

_NATURAL = 2.66  # 3 / d2, d2 = 1.128 of ranges of two
_RANGE = 3.267  # D4 of ranges of two
_SIDE, _RISE = 8, 6  # points in a row
_ROUNDING = 1e-12


@dataclass(frozen=True)
class ControlChart:
    """Limits of each series, and which points are a signal; a change without a signal is ordinary variation.

    ``outside``: beyond a limit. ``shifted``: the eighth point in a row (or later) on one side of the mean.
    ``drifting``: the sixth in a row (or later) that each rise, or each fall.
    """

    mean: FloatArray
    low: FloatArray
    high: FloatArray
    mean_range: FloatArray
    range_limit: FloatArray
    outside: NDArray[np.bool_]
    shifted: NDArray[np.bool_]
    drifting: NDArray[np.bool_]


def control_chart(values: ArrayLike) -> ControlChart:
    """Return the XmR chart of each series (Shewhart 1931; Wheeler 1993; runs as in Nelson 1984).

    Args:
        values: the months on the last axis, in order, ``nan`` where one is missing: it ends a run and gives
            no range to its neighbours.

    Limits are ``nan`` without two months that follow each other; at least one month must be given. A point
    on the mean ends a run on a side.
    """
    series = np.asarray(values, dtype=float)
    mean, ranges = _mean(series), np.abs(np.diff(series, axis=-1))
    spread = _mean(ranges)
    low, high = mean - _NATURAL * spread, mean + _NATURAL * spread
    # a mean of equal decimals may differ from them in the last digit, which is no signal
    slack = _ROUNDING * np.nan_to_num(np.abs(series)).max(axis=-1, keepdims=True)
    away = series - mean[..., None]
    with np.errstate(invalid="ignore"):
        outside = np.abs(away) > _NATURAL * spread[..., None] + slack
        sides = np.where(np.abs(away) > slack, np.nan_to_num(np.sign(away)), 0.0)
        steps = np.nan_to_num(np.sign(np.diff(series, axis=-1)))
    # the first point has no step: five steps one way are six points
    steps = np.concatenate([np.zeros((*series.shape[:-1], 1)), steps], axis=-1)
    shifted, drifting = _run(sides, _SIDE), _run(steps, _RISE - 1)
    return ControlChart(mean, low, high, spread, _RANGE * spread, outside, shifted, drifting)


def _mean(values: FloatArray) -> FloatArray:
    there = np.isfinite(values)
    count = there.sum(axis=-1)
    total = np.where(there, values, 0.0).sum(axis=-1)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan))


def _run(signs: FloatArray, length: int) -> NDArray[np.bool_]:
    """Where the last ``length`` signs, this one included, are all above or all below zero."""
    found = np.zeros(signs.shape, dtype=bool)
    if signs.shape[-1] >= length:
        windows = np.lib.stride_tricks.sliding_window_view(signs, length, axis=-1)
        found[..., length - 1 :] = np.abs(windows.sum(axis=-1)) == length
    return found
