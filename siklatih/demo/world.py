"""All that is so in the demo city, before it is written down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from siklatih.cycle import Cycle
from siklatih.demo.population import Population
from siklatih.demo.services import ServiceUnit
from siklatih.demo.training import Batch, Programme


@dataclass
class World:
    """The city over its cycles. ``respondents`` is the number of citizens asked a unit and quarter."""

    cycles: list[Cycle]
    population: Population
    programmes: list[Programme]
    batches: list[Batch]
    services: list[ServiceUnit]
    partners: int
    respondents: int

    def batches_of(self, cycle: Cycle) -> list[Batch]:
        """Batches that end in the cycle."""
        return [batch for batch in self.batches if batch.cycle == cycle]

    def trained_share(self, unit: ServiceUnit, cycle: Cycle) -> float:
        """Share of a service unit's people who had finished a batch before the cycle."""
        people = {p.index for p in self.population.people if p.unit_on(cycle.start) == unit.code}
        done = {p.index for batch in self.batches if batch.ends < cycle.start for p in batch.active}
        return len(people & done) / len(people) if people else 0.0


def handed_in(cycle: Cycle) -> datetime:
    """When a cycle's files are handed in: a week after its end, in the morning."""
    return datetime.combine(cycle.end + timedelta(days=6), time(9))
