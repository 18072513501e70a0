"""Comparing training methods: random-effects meta-regression on the gains of their programmes (DOMAIN 7.9).

Tests differ between programmes, so only standardised gains are compared, one a programme, and programmes of
one method differ among themselves. Errors are those of Knapp and Hartung (2003) with t on k-p degrees of
freedom; the variance between programmes is estimated by restricted likelihood (Viechtbauer 2005).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.optimize import brentq

from siklatih.cross_products import Floats
from siklatih.effects import detectable_difference
from siklatih.regression import Coefficient, coefficient
from siklatih.rule_kinds import EvidenceRule


@dataclass(frozen=True)
class ProgrammeEffect:
    """The standardised gain of one programme, and the variance of its sampling error (more than 0)."""

    programme_code: str
    method: str
    estimate: float
    variance: float


@dataclass(frozen=True)
class MethodContrast:
    """First method minus second, in standard deviations, and the smallest difference that could be seen."""

    first: str
    second: str
    difference: Coefficient
    detectable: float

    @property
    def is_distinguished(self) -> bool:
        """Whether the interval excludes no difference; otherwise the methods are not told apart yet."""
        return self.difference.low > 0 or self.difference.high < 0


@dataclass(frozen=True)
class MethodComparison:
    """All pairs of methods that have programmes enough; ``too_few`` holds the others with their number.

    ``between`` is the variance between programmes of a method, ``means`` the mean gain of each method.
    """

    contrasts: tuple[MethodContrast, ...]
    means: tuple[Coefficient, ...]
    between: float
    too_few: dict[str, int]


def compare_methods(effects: Sequence[ProgrammeEffect], rule: EvidenceRule) -> MethodComparison:
    """Compare methods by the gains of their programmes over the rolling quarters of the rule.

    Several pairs are one family for Benjamini and Hochberg (1995); their p is not yet adjusted.

    Raises:
        ValueError: a programme stands there twice.
    """
    if len({effect.programme_code for effect in effects}) < len(effects):
        raise ValueError("one effect a programme")
    counts = Counter(effect.method for effect in effects)
    methods = sorted(name for name, count in counts.items() if count >= rule.programmes_a_method_least)
    too_few = {name: count for name, count in sorted(counts.items()) if name not in methods}
    if not methods:
        return MethodComparison((), (), float("nan"), too_few)
    used = sorted((effect for effect in effects if effect.method in methods), key=lambda e: e.programme_code)
    design = np.array([[float(effect.method == name) for name in methods] for effect in used])
    found = meta_regression(
        np.array([effect.estimate for effect in used]),
        np.array([effect.variance for effect in used]),
        design,
    )
    contrasts = []
    for first, second in combinations(range(len(methods)), 2):
        weights = np.zeros(len(methods))
        weights[first], weights[second] = 1.0, -1.0
        difference = found.combine(f"{methods[first]} - {methods[second]}", weights)
        seen = detectable_difference(
            difference.error,
            found.degrees,
            power=float(rule.power),
            confidence=1 - float(rule.significance),
        )
        contrasts.append(MethodContrast(methods[first], methods[second], difference, float(seen)))
    means = tuple(found.combine(name, row) for name, row in zip(methods, np.eye(len(methods)), strict=True))
    return MethodComparison(tuple(contrasts), means, found.between, too_few)


@dataclass(frozen=True)
class MetaFit:
    """Coefficients with their covariance after Knapp and Hartung, and the variance between the units."""

    estimates: Floats
    covariance: Floats
    between: float
    degrees: int

    def combine(self, name: str, weights: Floats) -> Coefficient:
        """Return a combination of the coefficients with its interval."""
        error = float(np.sqrt(weights @ self.covariance @ weights))
        return coefficient(name, float(weights @ self.estimates), error, self.degrees)


def meta_regression(estimates: Floats, variances: Floats, design: Floats) -> MetaFit:
    """Fit estimates (k) with known sampling variances on a design (k, p) of full rank, k > p."""
    between = _between(estimates, variances, design)
    weights = 1 / (variances + between)
    bread = np.linalg.inv(design.T @ (weights[:, None] * design))
    fitted = bread @ design.T @ (weights * estimates)
    degrees = len(estimates) - design.shape[1]
    residuals = estimates - design @ fitted
    spread = float(weights @ residuals**2) / degrees
    return MetaFit(fitted, spread * bread, between, degrees)


def _between(estimates: Floats, variances: Floats, design: Floats) -> float:
    """Variance between units: root of the score of the restricted likelihood, or 0 if that is at the edge."""

    def score(between: float) -> float:
        weights = 1 / (variances + between)
        weighted = weights[:, None] * design
        projection = np.diag(weights) - weighted @ np.linalg.solve(design.T @ weighted, weighted.T)
        moved = projection @ estimates
        return float(moved @ moved - np.trace(projection))

    if score(0.0) <= 0:
        return 0.0
    high = float(np.var(estimates)) + float(variances.max())
    while score(high) > 0:
        high *= 2
    return float(brentq(score, 0.0, high, xtol=1e-14, rtol=1e-14))
