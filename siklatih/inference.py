"""Intervals and effect sizes from sufficient statistics. Shares lie in 0..1, scores in their own unit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import numpy as np
from scipy import stats

from siklatih.intervals import CONFIDENCE, hedges_factors, noncentral_limits


@dataclass(frozen=True)
class Interval:
    """An estimate with its 95 % limits."""

    estimate: float
    low: float
    high: float


def wilson(successes: float, n: float, *, confidence: float = CONFIDENCE) -> Interval:
    """Return the Wilson interval of a share (Wilson 1927). ``n`` > 0, may be an effective number."""
    z = float(stats.norm.ppf(0.5 + confidence / 2))
    share = successes / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return Interval(share, max(0.0, centre - half), min(1.0, centre + half))


def wilson_finite(successes: int, n: int, population: int) -> Interval:
    """Return the Wilson interval for a finite list of which ``n`` of ``population`` were seen.

    The finite-population correction enlarges the effective number to n (N-1)/(N-n); with everyone seen
    nothing is uncertain and the interval is a point (Cochran 1977, section 3.2).
    """
    share = successes / n
    if n >= population:
        return Interval(share, share, share)
    effective = n * (population - 1) / (population - n)
    limits = wilson(share * effective, effective)
    # what was seen is certain: the unseen can move the share only so far
    low, high = successes / population, (successes + population - n) / population
    return Interval(share, max(limits.low, low), min(limits.high, high))


def response_bounds(successes: int, n: int, population: int) -> Interval:
    """Return the worst and best the whole list's share can be, whoever stayed silent (Manski 1989)."""
    return Interval(successes / n, successes / population, (successes + population - n) / population)


def hedges_factor(degrees: float) -> float:
    """Return the exact small-sample factor J (Hedges 1981); ``degrees`` > 1."""
    return float(hedges_factors(degrees))


@dataclass(frozen=True)
class PairedSums:
    """Exact sums of pairs: x before, y after."""

    n: int
    sum_x: Decimal
    sum_xx: Decimal
    sum_y: Decimal
    sum_yy: Decimal
    sum_xy: Decimal

    def __add__(self, other: PairedSums) -> PairedSums:
        return PairedSums(
            self.n + other.n,
            self.sum_x + other.sum_x,
            self.sum_xx + other.sum_xx,
            self.sum_y + other.sum_y,
            self.sum_yy + other.sum_yy,
            self.sum_xy + other.sum_xy,
        )

    def __sub__(self, other: PairedSums) -> PairedSums:
        return PairedSums(
            self.n - other.n,
            self.sum_x - other.sum_x,
            self.sum_xx - other.sum_xx,
            self.sum_y - other.sum_y,
            self.sum_yy - other.sum_yy,
            self.sum_xy - other.sum_xy,
        )

    @property
    def gain(self) -> float:
        """Mean of y - x."""
        return float((self.sum_y - self.sum_x) / self.n)

    @property
    def variances(self) -> tuple[float, float, float]:
        """Sample variances of x and of y, and their covariance; n > 1. Exact until the last division."""
        n = self.n
        return (
            float((self.sum_xx - self.sum_x * self.sum_x / n) / (n - 1)),
            float((self.sum_yy - self.sum_y * self.sum_y / n) / (n - 1)),
            float((self.sum_xy - self.sum_x * self.sum_y / n) / (n - 1)),
        )


def gain_of_persons(sums: PairedSums) -> Interval:
    """Return the mean gain with the paired t interval over persons (Student 1908); n > 1."""
    var_x, var_y, cov = sums.variances
    error = math.sqrt(max(0.0, var_x + var_y - 2 * cov) / sums.n)
    half = float(stats.t.ppf(0.5 + CONFIDENCE / 2, sums.n - 1)) * error
    return Interval(sums.gain, sums.gain - half, sums.gain + half)


def gain_of_batches(batches: Sequence[PairedSums]) -> Interval:
    """Return the mean gain over persons, with an interval for what future batches would show.

    The batches are the units of sampling: ratio estimator with t on J-1 degrees of freedom
    (Cochran 1977, section 2.11). Two batches or more.
    """
    total = sum(batches[1:], batches[0])
    number = len(batches)
    sizes = np.array([batch.n for batch in batches], dtype=float)
    gains = np.array([float(batch.sum_y - batch.sum_x) for batch in batches])
    residuals = gains - total.gain * sizes
    error = math.sqrt(number / (number - 1) * float(residuals @ residuals)) / sizes.sum()
    half = float(stats.t.ppf(0.5 + CONFIDENCE / 2, number - 1)) * error
    return Interval(total.gain, total.gain - half, total.gain + half)


def standardised_gain(sums: PairedSums) -> float:
    """Return g_av = J (n-1) x mean gain / sqrt((s_x² + s_y²)/2) (Cumming 2012; Hedges 1981); n > 2.

    ``nan`` when nobody differs from anybody.
    """
    var_x, var_y, _ = sums.variances
    spread = math.sqrt((var_x + var_y) / 2)
    return hedges_factor(sums.n - 1) * sums.gain / spread if spread > 0 else math.nan


def effect_of_persons(sums: PairedSums) -> Interval:
    """Return g_av with the Algina-Keselman (2003) interval: non-central t limits; n > 2."""
    var_x, var_y, cov = sums.variances
    n, difference = sums.n, var_x + var_y - 2 * cov
    if difference <= 0 or var_x + var_y <= 0:
        return Interval(standardised_gain(sums), math.nan, math.nan)
    t = sums.gain / math.sqrt(difference / n)
    scale = math.sqrt(2 * difference / (n * (var_x + var_y)))
    low, high = (float(limit) for limit in noncentral_limits(t, n - 1))
    factor = hedges_factor(n - 1)
    return Interval(standardised_gain(sums), factor * scale * low, factor * scale * high)


def effect_of_batches(batches: Sequence[PairedSums]) -> Interval:
    """Return g_av with the delete-one-batch jackknife, t on J-1 (Shao and Tu 1995); three batches or more."""
    total = sum(batches[1:], batches[0])
    estimate = standardised_gain(total)
    number = len(batches)
    without = np.array([standardised_gain(total - batch) for batch in batches])
    error = math.sqrt((number - 1) / number * float(((without - without.mean()) ** 2).sum()))
    half = float(stats.t.ppf(0.5 + CONFIDENCE / 2, number - 1)) * error
    return Interval(estimate, estimate - half, estimate + half)


def service_index(
    sums: dict[tuple[str, str], tuple[int, Decimal, Decimal, Decimal]],
) -> tuple[Interval, int]:
    """Return the IKM (25 to 100) with an interval, and the elements used (PermenPANRB 14/2017; exact 1/k).

    Args:
        sums: (u, v) -> (respondents who rated both, sum of u, sum of v, sum of u times v), for u <= v.

    The interval is t on n-1, from the covariance of the elements over respondents (DOMAIN 7.12).
    """
    elements = sorted({u for u, _ in sums})
    k = len(elements)
    counts = {u: sums[u, u][0] for u in elements}
    means = {u: sums[u, u][1] / counts[u] for u in elements}
    index = 25 * sum(means.values(), Decimal(0)) / k
    variance = Decimal(0)
    for (u, v), (n, sum_u, sum_v, sum_uv) in sums.items():
        spread = sum_uv - means[v] * sum_u - means[u] * sum_v + n * means[u] * means[v]
        variance += (1 if u == v else 2) * spread / (counts[u] * counts[v])
    n = max(counts.values())
    if n < 2:
        return Interval(float(index), math.nan, math.nan), k
    error = 25 / k * math.sqrt(max(0.0, float(variance)) * n / (n - 1))
    half = float(stats.t.ppf(0.5 + CONFIDENCE / 2, n - 1)) * error
    return Interval(float(index), max(25.0, float(index) - half), min(100.0, float(index) + half)), k


def round_half_up(value: float | Decimal | Fraction, places: int = 2) -> Decimal:
    """Round as the regulations do: halves go up. A fraction is rounded exactly."""
    if isinstance(value, Fraction):
        scaled = 2 * abs(value) * 10**places + 1
        units = scaled.numerator // (2 * scaled.denominator)
        return Decimal(-units if value < 0 else units).scaleb(-places)
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    return exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
