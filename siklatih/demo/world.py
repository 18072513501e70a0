"""All that is so in the demo city, before it is written down."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from siklatih.cycle import Cycle
from siklatih.demo.formats import Formats
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
    formats: dict[str, Formats] = field(default_factory=dict)  # batch code -> in which formats its files come
    _staff: dict[Cycle, dict[str, set[int]]] = field(default_factory=dict)  # unit -> people, by cycle
    _done: dict[Cycle, set[int]] = field(default_factory=dict)  # finished a batch before the cycle

    def batches_of(self, cycle: Cycle) -> list[Batch]:
        """Batches that end in the cycle."""
        return [batch for batch in self.batches if batch.cycle == cycle]

    def trained_share(self, unit: ServiceUnit, cycle: Cycle) -> float:
        """Share of a service unit's people who had finished a batch before the cycle."""
        if cycle not in self._staff:
            staff: dict[str, set[int]] = {}
            for person in self.population.people:
                staff.setdefault(person.unit_on(cycle.start), set()).add(person.index)
            self._staff[cycle] = staff
            self._done[cycle] = {p.index for b in self.batches if b.ends < cycle.start for p in b.active}
        people = self._staff[cycle].get(unit.code, set())
        return len(people & self._done[cycle]) / len(people) if people else 0.0


def handed_in(cycle: Cycle) -> datetime:
    """When a cycle's files are handed in: a week after its end, in the morning."""
    return datetime.combine(cycle.end + timedelta(days=6), time(9))
