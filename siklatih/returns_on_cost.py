"""Benefit against cost of many programmes at once (Phillips 2003; level 5).

Only where the isolation method allows it (DOMAIN 2.2): with a comparison group or a trend line. Saved hours
of civil servants are not cash. Money in rupiah; arrays in, arrays out, ``nan`` where there is no cost.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from siklatih.moments import FloatArray, divided

FACTORS = (1.0, 0.75, 0.5)


@dataclass(frozen=True)
class Returns:
    """Return on cost: ``ratio`` benefit / cost (BCR), ``roi`` in percent, ``payback`` in months.

    ``payback`` is ``inf`` where nothing comes back. ``sensitivity`` is the ROI at each of ``factors`` of the
    benefit, on the last axis; ``break_even`` the part of the benefit that must be real for a ROI of 0, above
    1 where even all of it does not suffice.
    """

    benefit: FloatArray
    ratio: FloatArray
    roi: FloatArray
    payback: FloatArray
    break_even: FloatArray
    factors: tuple[float, ...]
    sensitivity: FloatArray


def isolated_benefits(value: ArrayLike, share: ArrayLike, confidence: ArrayLike) -> FloatArray:
    """Return the conservative yearly benefit: value x share due to the training x confidence, summed.

    Args:
        value: what each person reports in a year, the people of a slice on the last axis.
        share: part of it due to the training, 0..1.
        confidence: how sure the person is, 0..1.

    Who reports nothing, or leaves one of the three out (``nan``), counts as zero benefit and not as missing
    (Phillips' fifth and sixth principle).
    """
    product = np.asarray(value, dtype=float) * np.asarray(share, dtype=float)
    return np.asarray(np.nansum(product * np.asarray(confidence, dtype=float), axis=-1))


def returns(benefit: ArrayLike, cost: ArrayLike, factors: tuple[float, ...] = FACTORS) -> Returns:
    """Return BCR, ROI and payback of a year's benefit, with what a smaller benefit would make of the ROI.

    Args:
        benefit: yearly benefit due to the training.
        cost: full cost: needs analysis, design, delivery, participants' time, travel, evaluation.
        factors: parts of the benefit for the sensitivity.
    """
    gained, spent = np.broadcast_arrays(np.asarray(benefit, dtype=float), np.asarray(cost, dtype=float))
    ratio = divided(gained, spent)
    with np.errstate(divide="ignore", invalid="ignore"):
        needed = np.where(gained > 0, np.where(spent > 0, spent, np.nan) / gained, np.inf)
    needed = np.where(np.isnan(ratio), np.nan, needed)
    scaled = 100 * (ratio[..., None] * np.asarray(factors) - 1)
    return Returns(gained, ratio, 100 * (ratio - 1), 12 * needed, needed, factors, scaled)
