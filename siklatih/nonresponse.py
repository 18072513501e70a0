"""Who answered, what the silent could change, and weights; arrays in, arrays out, ``nan`` where undefined."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from siklatih.intervals import CONFIDENCE, Intervals
from siklatih.moments import FloatArray, divided

TRIM = 5.0  # times the median weight (DOMAIN 2.14)


@dataclass(frozen=True)
class ResponseRates:
    """AAPOR's six response rates as shares; ``eligible`` is e, the part of the unknown taken as eligible."""

    rr1: FloatArray
    rr2: FloatArray
    rr3: FloatArray
    rr4: FloatArray
    rr5: FloatArray
    rr6: FloatArray
    eligible: FloatArray


def response_rates(
    complete: ArrayLike,
    partial: ArrayLike,
    refused: ArrayLike = 0,
    no_contact: ArrayLike = 0,
    other: ArrayLike = 0,
    unknown: ArrayLike = 0,
    ineligible: ArrayLike = 0,
) -> ResponseRates:
    """Return response rates from counts of dispositions (AAPOR 2023, standard definitions; e by CASRO).

    A closed list of participants knows no unknown: its rate is RR2. ``nan`` where nobody was asked, RR3 and
    RR4 also where some are unknown and of nobody it is known whether they belonged.
    """
    full, part, no, away, rest, open_, out = _floats(
        complete, partial, refused, no_contact, other, unknown, ineligible
    )
    known = full + part + no + away + rest
    share = divided(known, known + out)
    likely = known + np.where(open_ > 0, share * open_, 0.0)
    either, asked = full + part, known + open_
    return ResponseRates(
        divided(full, asked),
        divided(either, asked),
        divided(full, likely),
        divided(either, likely),
        divided(full, known),
        divided(either, known),
        share,
    )


def mean_bounds(
    n: ArrayLike, total: ArrayLike, population: ArrayLike, lowest: ArrayLike, highest: ArrayLike
) -> Intervals:
    """Return the mean of those who answered, and the least and most the mean of all can be (Manski 1989).

    Args:
        n: those who answered.
        total: sum of their answers; for a share, of ones.
        population: all who were asked.
        lowest: the worst that a silent person could have answered; for a share 0.
        highest: the best; for a share 1.

    Bounds are no interval of chance: nothing is assumed of the silent. Where nobody answered the estimate
    is ``nan``, the bounds are the ends of the scale. ``nan`` where more answered than were asked.
    """
    answered, summed, everyone, worst, best = _floats(n, total, population, lowest, highest)
    silent = np.where(everyone >= answered, everyone - answered, np.nan)
    summed = np.where(answered > 0, summed, 0.0)
    return Intervals(
        divided(summed, answered),
        divided(summed + silent * worst, everyone),
        divided(summed + silent * best, everyone),
    )


def tipping_points(n: ArrayLike, total: ArrayLike, population: ArrayLike, target: ArrayLike) -> FloatArray:
    """Return the mean of the silent below which the mean of all falls under the target (DOMAIN 7.6).

    At or below the worst answer of the scale the target stands whoever is silent; above the best it is
    missed whatever they would say. ``nan`` where nobody is silent.
    """
    answered, summed, everyone, goal = _floats(n, total, population, target)
    summed = np.where(answered > 0, summed, 0.0)
    return divided(goal * everyone - summed, everyone - answered)


@dataclass(frozen=True)
class WeightedMeans(Intervals):
    """Weighted means: ``raw`` is the unweighted one, ``weights`` those of each stratum after trimming.

    ``design_effect`` is Kish's, ``effective`` the number of answers that it leaves, ``trimmed`` tells where
    a weight was cut, so that the mean is no longer that of the list.
    """

    raw: FloatArray
    weights: FloatArray
    design_effect: FloatArray
    effective: FloatArray
    trimmed: FloatArray


def weighted_means(
    population: ArrayLike,
    n: ArrayLike,
    mean: ArrayLike,
    sd: ArrayLike = np.nan,
    *,
    trim: float = TRIM,
    confidence: float = CONFIDENCE,
) -> WeightedMeans:
    """Return means weighted to the list by stratum (Cochran 1977, chapter 5; design effect of Kish 1965).

    Args:
        population: people of each stratum, the strata on the last axis; 0 where a slice has no such stratum.
        n: those of them who answered.
        mean: their mean.
        sd: their standard deviation; without it there are no limits, unless all of the stratum answered.
        trim: weights above this many times the median over respondents are cut.

    A stratum with people of whom nobody answered makes the slice ``nan``: it must be joined with another
    first. Weights mend what differs between strata only; within one the silent are taken to be as the others.
    """
    size, number, middle, spread = _floats(population, n, mean, sd)
    there = size > 0
    number = np.where(there, number, 0.0)
    middle = np.where(number > 0, middle, 0.0)
    weight = np.where(there, divided(size, number), 0.0)
    limit = trim * _median(weight, number)[..., None]
    cut = np.minimum(weight, limit)
    people, answers = (number * cut).sum(axis=-1), number.sum(axis=-1)
    estimate = divided((number * cut * middle).sum(axis=-1), people)
    share = divided(number * cut, people[..., None])
    unseen = np.where(there, 1 - divided(number, size), 0.0)
    parts = np.where(unseen > 0, share**2 * unseen * divided(spread**2, number), 0.0)
    half = float(stats.norm.ppf(0.5 + confidence / 2)) * np.sqrt(parts.sum(axis=-1))
    effect = divided(answers * (number * cut**2).sum(axis=-1), people**2)
    return WeightedMeans(
        estimate,
        estimate - half,
        estimate + half,
        divided((number * middle).sum(axis=-1), answers),
        cut,
        effect,
        divided(answers, effect),
        np.asarray((weight > limit).any(axis=-1)),
    )


def _median(weight: FloatArray, number: FloatArray) -> FloatArray:
    """Median weight over respondents: the least weight that half of them do not exceed."""
    order = np.argsort(weight, axis=-1)
    sorted_, counts = np.take_along_axis(weight, order, -1), np.take_along_axis(number, order, -1)
    reached = counts.cumsum(axis=-1) >= counts.sum(axis=-1, keepdims=True) / 2
    first = np.argmax(reached & (counts > 0), axis=-1)
    return np.take_along_axis(sorted_, first[..., None], -1)[..., 0]


def _floats(*cells: ArrayLike) -> tuple[FloatArray, ...]:
    return tuple(np.broadcast_arrays(*(np.asarray(cell, dtype=float) for cell in cells)))
