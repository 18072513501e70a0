"""Estimators: from the exact sums of one slice to a figure with the interval its population needs.

Rules for small numbers (DOMAIN 2.11): below 5 nothing is shown, from 5 to 9 no interval. Below 80 %
response the worst and best bounds are shown instead of an interval that assumes the silent are like
the others (DOMAIN 7.6).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from siklatih.inference import (
    Interval,
    PairedSums,
    effect_of_batches,
    effect_of_persons,
    gain_of_batches,
    gain_of_persons,
    response_bounds,
    service_index,
    standardised_gain,
    wilson_finite,
)

FEW = 10
FULL_RESPONSE = Decimal("0.8")


@dataclass(frozen=True)
class SumRow:
    """One row of exact sums: a slice, or a cluster (batch) of it."""

    category: str
    cluster_code: str
    n: int
    eligible: int
    sum_x: Decimal | None
    sum_xx: Decimal | None
    sum_y: Decimal | None
    sum_yy: Decimal | None
    sum_xy: Decimal | None


@dataclass(frozen=True)
class Estimate:
    """A figure. ``interval`` names the method, ``note`` says why something is not shown."""

    n: int
    eligible: int
    clusters: int
    estimate: float | None
    low: float | None = None
    high: float | None = None
    interval: str = "none"
    note: str = ""


Estimator = Callable[[Sequence[SumRow]], Estimate]


def apply(name: str, rows: Sequence[SumRow], minimum_n: int) -> Estimate:
    """Apply an estimator by name and the rules for small numbers; ``KeyError`` if there is none."""
    estimate = ESTIMATORS[name](rows)
    if estimate.n < minimum_n:
        return Estimate(estimate.n, estimate.eligible, estimate.clusters, None, note="too_few")
    if estimate.estimate is not None and not math.isfinite(estimate.estimate):
        return replace(estimate, estimate=None, low=None, high=None, interval="none", note="undefined")
    if estimate.interval not in ("none", "bounds") and (
        estimate.n < FEW or not (math.isfinite(estimate.low or 0) and math.isfinite(estimate.high or 0))
    ):
        return replace(estimate, low=None, high=None, interval="none", note="few")
    return estimate


def _totals(rows: Sequence[SumRow]) -> tuple[int, int, int]:
    clusters = len({row.cluster_code for row in rows if row.cluster_code})
    return sum(row.n for row in rows), sum(row.eligible for row in rows), clusters


def _total(rows: Sequence[SumRow], name: str) -> Decimal:
    return sum((getattr(row, name) or Decimal(0) for row in rows), Decimal(0))


def share_census(rows: Sequence[SumRow]) -> Estimate:
    """Share of all that were counted; a count of everybody has no sampling error."""
    n, eligible, clusters = _totals(rows)
    return Estimate(n, eligible, clusters, float(_total(rows, "sum_x") / n) if n else None)


def mean_census(rows: Sequence[SumRow]) -> Estimate:
    """Mean over all that were counted."""
    return share_census(rows)


def ratio_census(rows: Sequence[SumRow]) -> Estimate:
    """Ratio of two totals, x / y."""
    n, eligible, clusters = _totals(rows)
    below = _total(rows, "sum_y")
    return Estimate(n, eligible, clusters, float(_total(rows, "sum_x") / below) if below else None)


def share_finite(rows: Sequence[SumRow]) -> Estimate:
    """Share in a list of people of whom some answered."""
    n, eligible, clusters = _totals(rows)
    if n == 0:
        return Estimate(n, eligible, clusters, None, note="no_answers")
    successes = int(_total(rows, "sum_x"))
    population = max(n, eligible)
    if n < FULL_RESPONSE * population:
        found, method = response_bounds(successes, n, population), "bounds"
    else:
        found, method = wilson_finite(successes, n, population), "wilson_fpc"
    return Estimate(n, eligible, clusters, found.estimate, found.low, found.high, method)


def _batches(rows: Sequence[SumRow]) -> list[PairedSums]:
    found = []
    for row in rows:
        cells = (row.sum_x, row.sum_xx, row.sum_y, row.sum_yy, row.sum_xy)
        if row.n and None not in cells:
            found.append(PairedSums(row.n, *(cell for cell in cells if cell is not None)))
    return found


def _paired(
    rows: Sequence[SumRow],
    minimum_batches: int,
    over_batches: Callable[[Sequence[PairedSums]], Interval],
    over_persons: Callable[[PairedSums], Interval],
    methods: tuple[str, str],
) -> Estimate:
    n, eligible, clusters = _totals(rows)
    batches = _batches(rows)
    if n < 3:
        return Estimate(n, eligible, clusters, None, note="too_few")
    if len(batches) >= minimum_batches:
        found = over_batches(batches)
        return Estimate(n, eligible, clusters, found.estimate, found.low, found.high, methods[0])
    if n < FEW:  # no interval is shown below ten, so none is sought
        total = sum(batches[1:], batches[0])
        estimate = total.gain if over_persons is gain_of_persons else standardised_gain(total)
        return Estimate(n, eligible, clusters, estimate, note="few")
    found = over_persons(sum(batches[1:], batches[0]))
    note = "single_batch" if len(batches) == 1 else "few_batches"
    return Estimate(n, eligible, clusters, found.estimate, found.low, found.high, methods[1], note)


def paired_gain(rows: Sequence[SumRow]) -> Estimate:
    """Mean gain; interval over batches (future batches), or over persons for a single batch."""
    return _paired(rows, 2, gain_of_batches, gain_of_persons, ("t_batches", "t_persons"))


def paired_effect(rows: Sequence[SumRow]) -> Estimate:
    """Standardised gain g_av; jackknife over three batches or more, else Algina-Keselman over persons."""
    return _paired(rows, 3, effect_of_batches, effect_of_persons, ("jackknife_batches", "algina_keselman"))


def ikm(rows: Sequence[SumRow]) -> Estimate:
    """Citizens' satisfaction index from the pair sums of its elements."""
    sums = {}
    for row in rows:
        u, _, v = row.category.partition("|")
        if row.sum_x is None or row.sum_y is None or row.sum_xy is None:
            raise ValueError("a pair of elements without sums")
        sums[u, v] = (row.n, row.sum_x, row.sum_y, row.sum_xy)
    found, _ = service_index(sums)
    n = max(row.n for row in rows)
    return Estimate(n, n, 0, found.estimate, found.low, found.high, "ikm_covariance")


ESTIMATORS: dict[str, Estimator] = {
    "share_census": share_census,
    "mean_census": mean_census,
    "ratio_census": ratio_census,
    "share_finite": share_finite,
    "paired_gain": paired_gain,
    "paired_effect": paired_effect,
    "ikm": ikm,
}
