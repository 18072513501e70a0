"""Citizens' satisfaction (SKM/IKM): index, bands and sample size, decided in exact arithmetic.

Source: PermenPANRB 14/2017 (in ``config/rules/skm.yaml``), DOMAIN 1.4 and 7.12. Means of elements are
fractions: in rounded decimals nine ninths are less than one, which moves an index off the edge of its band.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from siklatih.errors import MendError
from siklatih.inference import round_half_up
from siklatih.rule_kinds import Band, Sample, SkmRule, band_of


@dataclass(frozen=True)
class ServiceIndex:
    """An index (25 to 100): exact, and rounded as published, with its band."""

    exact: Fraction
    value: Decimal
    band: Band


def service_index(means: Mapping[str, Fraction], rule: SkmRule) -> ServiceIndex:
    """Return the index of the elements' means (1 to 4), each weighing the same.

    Raises:
        MendError: printed weights (0.11, 0.111) hold for nine elements only, and others were asked.
    """
    number = len(means)
    if rule.weights != "exact" and number != len(rule.elements):
        raise MendError(
            "skm_weights",
            en=f"The weight {rule.weights} is meant for {len(rule.elements)} elements; {number} were asked. "
            "Set weights: exact in config/rules.",
            id_=f"Bobot {rule.weights} berlaku untuk {len(rule.elements)} unsur; yang ditanyakan {number}. "
            "Tuliskan weights: exact pada config/rules.",
            rule=rule.id,
        )
    weight = Fraction(1, number) if rule.weights == "exact" else Fraction(rule.weights)
    return judge(Fraction(rule.factor) * weight * sum(means.values(), Fraction(0)), rule)


def judge(index: Fraction | Decimal, rule: SkmRule) -> ServiceIndex:
    """Return an index with its band, which is decided on the index rounded half up."""
    exact = Fraction(index)
    value = round_half_up(exact, rule.decimals)
    lowest = rule.bands[-1]  # with the weight 0.11 all ones give 24.75
    return ServiceIndex(exact, value, lowest if value < lowest.bound else band_of(value, rule.bands))


def element_means(totals: Mapping[str, tuple[int, Decimal | int]]) -> dict[str, Fraction]:
    """Return the mean (NRR) of each element from (answers, their sum); an element nobody answered is none."""
    return {name: Fraction(total) / n for name, (n, total) in totals.items() if n}


def priorities(means: Mapping[str, Fraction], rule: SkmRule) -> list[tuple[str, ServiceIndex]]:
    """Return the elements below the second-best band (B), the lowest first: what to improve."""
    judged = [(name, judge(Fraction(rule.factor) * mean, rule)) for name, mean in means.items()]
    low = [(name, index) for name, index in judged if index.band not in rule.bands[:2]]
    return sorted(low, key=lambda named: (named[1].exact, named[0]))


def possible_bands(low: float, high: float, rule: SkmRule) -> list[str]:
    """Return the letters of the bands that an interval reaches, the best first; several mean undecided."""
    ends = [judge(round_half_up(end, rule.decimals), rule).band for end in (high, low)]
    first, last = (rule.bands.index(band) for band in ends)
    return [band.letter for band in rule.bands[first : last + 1]]


def of_several_units(units: Sequence[tuple[Fraction | Decimal, int]]) -> tuple[Fraction, Fraction]:
    """Return the index of several units: by respondents, and as mean of units; from (index, respondents)."""
    respondents = sum(n for _, n in units)
    pooled = sum((Fraction(index) * n for index, n in units), Fraction(0)) / respondents
    return pooled, sum((Fraction(index) for index, _ in units), Fraction(0)) / len(units)


def common_elements(first: Sequence[str], second: Sequence[str], rule: SkmRule) -> list[str] | None:
    """Return the elements on which two periods are compared; None where too few break the series."""
    both = [name for name in rule.elements if name in first and name in second]
    return both if len(both) >= rule.least_common_elements else None


def sample_size(population: int, sample: Sample) -> tuple[int, Fraction]:
    """Return how many to ask out of a population, rounded to the nearest as the printed table, and unrounded.

    Source: Krejcie and Morgan 1970. ``population`` is 1 or more.
    """
    spread = Fraction(sample.chi_square) * Fraction(sample.share) * (1 - Fraction(sample.share))
    needed = spread * population / (Fraction(sample.margin) ** 2 * (population - 1) + spread)
    return int(round_half_up(needed, 0)), needed
