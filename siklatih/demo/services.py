"""Citizens' ratings, service outcomes, appraisals and needs of the demo city."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from statistics import NormalDist

import numpy as np

from siklatih.cycle import Cycle
from siklatih.demo.population import Person

ELEMENTS = (
    "requirements", "procedure", "duration", "tariff", "product", "staff_competence", "staff_behaviour",
    "complaint_handling", "facilities",
)  # fmt: skip
_SPREAD = (0.45**2 + 0.5**2) ** 0.5


@dataclass(frozen=True)
class ServiceUnit:
    """A unit's true mean on each element (the scale's middle lies at 2.5)."""

    code: str
    means: tuple[float, ...]


def make_services(rng: np.random.Generator, codes: list[str]) -> list[ServiceUnit]:
    """Return the service units with their true means."""
    return [
        ServiceUnit(code, tuple(float(m) for m in rng.normal(3.15, 0.12) + rng.normal(0, 0.12, 9)))
        for code in codes
    ]


def true_index(unit: ServiceUnit, lift: float) -> float:
    """The unit's expected IKM: ratings are a rounded normal, cut to 1 to 4."""
    total = 0.0
    for mean in lifted(unit, lift):
        normal = NormalDist(mean, _SPREAD)
        total += 1 + sum(1 - normal.cdf(step + 0.5) for step in (1, 2, 3))
    return 25 * total / 9


def lifted(unit: ServiceUnit, lift: float) -> list[float]:
    """Means with training's lift on what staff can change; tariff and facilities stay."""
    moved = {"staff_competence", "staff_behaviour", "procedure", "duration"}
    return [m + (lift if e in moved else 0.0) for e, m in zip(ELEMENTS, unit.means, strict=True)]


def survey(rng: np.random.Generator, unit: ServiceUnit, lift: float, n: int) -> np.ndarray:
    """Return n x 9 ratings from 1 to 4; 0 where a citizen left the element out."""
    person = rng.normal(0, 0.45, (n, 1))
    ratings = np.array(lifted(unit, lift)) + person + rng.normal(0, 0.5, (n, 9))
    whole: np.ndarray = np.clip(np.floor(ratings + 0.5), 1, 4).astype(int)
    whole[rng.random((n, 9)) < 0.01] = 0
    return whole


def outcomes(rng: np.random.Generator, month: date, trend: float) -> tuple[int, int, int, float]:
    """Return services, complaints, complaints settled on time, median minutes."""
    services = int(rng.integers(400, 900)) + 10 * month.month
    complaints = int(rng.poisson(services * 0.012 * trend))
    return services, complaints, int(rng.binomial(complaints, 0.8)), round(float(rng.normal(34, 3)), 1)


LEVELS = ("below", "meets", "above")


def appraisal(rng: np.random.Generator) -> tuple[str, str, str]:
    """Return work result, work behaviour and the predicate that follows (PermenPANRB 6/2022)."""
    result = str(rng.choice(LEVELS, p=[0.03, 0.85, 0.12]))
    behaviour = str(rng.choice(LEVELS, p=[0.02, 0.86, 0.12]))
    return result, behaviour, predicate(result, behaviour)


def predicate(result: str, behaviour: str) -> str:
    """The predicate of the matrix."""
    if behaviour == "below":
        return "very_poor" if result == "below" else "poor"
    if result == "below":
        return "needs_improvement"
    return "very_good" if result == behaviour == "above" else "good"


def needs(rng: np.random.Generator, person: Person, day: date) -> list[tuple[object, ...]]:
    """Return rows of needs: self and supervisor on two competences; supervisors see larger gaps."""
    rows: list[tuple[object, ...]] = []
    for competence in sorted({int(k) for k in rng.integers(1, 13, 2)}):
        level = int(rng.integers(1, 4))
        importance = int(rng.integers(3, 6)) if competence in (2, 5) else int(rng.integers(2, 5))
        cause = str(rng.choice(["competence", "tools", "workload"], p=[0.7, 0.2, 0.1]))
        for rater, shown in (("self", min(5, level + 1)), ("supervisor", level)):
            rows.append((person.nip_on(day), f"K{competence:02}", rater, day, shown, importance, cause))
    return rows


def following(cycles: list[Cycle], cycle: Cycle) -> float:
    """Share of the way from the first cycle to the last."""
    return cycles.index(cycle) / max(1, len(cycles) - 1)
