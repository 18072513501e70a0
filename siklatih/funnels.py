"""Funnel limits: which units lie outside what chance gives at their size (Spiegelhalter 2005)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from siklatih.arrays import Array, Numbers, floats, quotient
from siklatih.intervals import Intervals

WARNING, ALARM = 0.95, 0.998


@dataclass(frozen=True)
class Dispersion:
    """How much more the units of a family scatter than chance, shape (...).

    Attributes:
        phi: multiplies the sampling variances; 1 at least. NaN with fewer than two units.
        raw_phi: mean square of the winsorised z, also below 1.
        tau2: is added to the sampling variances instead; 0 at least.
    """

    phi: Array
    raw_phi: Array
    tau2: Array


def z_scores(y: Numbers, variance: Numbers, target: Numbers) -> Array:
    """Return (y - target) / sqrt(variance), shape (..., k); NaN where the variance is not positive."""
    spread = floats(variance)
    below = np.sqrt(np.where(spread > 0, spread, np.nan))
    return (floats(y) - floats(target)[..., None]) / below


def dispersion(y: Numbers, variance: Numbers, target: Numbers, *, winsorise: float = 0.1) -> Dispersion:
    """Estimate the overdispersion of families of units, shape (..., k).

    The z are first drawn in to their ``winsorise`` and 1 - ``winsorise`` quantiles, so that the units sought
    do not widen the limits that should find them. phi is the mean of z²; tau² follows from it by moments
    (Spiegelhalter 2005, sections 5 and 6).
    """
    z = z_scores(y, variance, target)
    known = np.isfinite(z)
    units = known.sum(-1)
    some = units > 1
    shown = np.where(some[..., None], z, 0.0)  # quantiles of nothing would warn
    low, high = np.nanquantile(shown, [winsorise, 1 - winsorise], axis=-1)
    drawn_in = np.where(known, np.clip(shown, low[..., None], high[..., None]), 0.0)
    raw = np.where(some, quotient((drawn_in**2).sum(-1), units), np.nan)
    weight = known / np.where(known, floats(variance), 1.0)
    total = weight.sum(-1)
    spare = total - quotient((weight**2).sum(-1), total)
    tau2 = np.where(some, np.maximum(quotient(units * raw - (units - 1), spare), 0.0), np.nan)
    return Dispersion(np.maximum(raw, 1.0), raw, tau2)


def funnel_limits(
    target: Numbers,
    variance: Numbers,
    *,
    level: float = WARNING,
    phi: Numbers = 1.0,
    tau2: Numbers = 0.0,
    within: tuple[float, float] = (-np.inf, np.inf),
) -> Intervals:
    """Return the limits around the target for units of the given sampling variances.

    Args:
        target: the value aimed at, or the family's mean.
        variance: sampling variance at each size: theta (1 - theta) / n for a share, sigma² / n for a mean.
        level: 0.95 warns, 0.998 alarms.
        phi: overdispersion that multiplies the variance.
        tau2: overdispersion that is added; give one of the two.
        within: range of the scale (0 and 1 for a share), at which limits stop.
    """
    z = float(stats.norm.ppf(0.5 + level / 2))
    centre = floats(target)
    half = z * np.sqrt(floats(phi) * floats(variance) + floats(tau2))
    low, high = np.clip(centre - half, *within), np.clip(centre + half, *within)
    return Intervals(np.broadcast_to(centre, low.shape), low, high)


def share_variance(target: Numbers, n: Numbers) -> Array:
    """Return theta (1 - theta) / n, the sampling variance of a share at the target; NaN at n = 0."""
    theta = floats(target)
    return quotient(theta * (1 - theta), n)
