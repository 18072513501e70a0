"""The demo city: a made-up agency with two years of training, written as the files its tools export.

Deterministic from a seed. What is true about it (effects, defects, what every figure should be) goes
to a truth file that only tests read.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np

from siklatih.contracts import load_contracts
from siklatih.cycle import Cycle
from siklatih.demo.defects import plant_defects
from siklatih.demo.folders import write_cycle
from siklatih.demo.formats import choose_formats
from siklatih.demo.inbox import Folders
from siklatih.demo.population import make_population
from siklatih.demo.services import make_services
from siklatih.demo.training import make_batch, make_programmes
from siklatih.demo.truth import truth_of
from siklatih.demo.world import World
from siklatih.instruments import load_instruments
from siklatih.settings import CHECKOUT

CYCLES = 8


@dataclass(frozen=True)
class Scale:
    """How large a city is. ``batches`` is the number a cycle, as a share of the programmes."""

    people: int
    offices: int
    services: int
    programmes: int
    partners: int
    batches: float
    respondents: int


class Size(Enum):
    """FULL for the demo; SMALL for tests and seeds."""

    SMALL = Scale(320, 6, 4, 6, 4, 0.5, 30)
    FULL = Scale(5600, 40, 25, 30, 10, 0.55, 60)


def write_city(
    inbox: Path,
    *,
    seed: int,
    size: Size,
    last_cycle: Cycle,
    truth: Path | None = None,
    defects: bool = True,
) -> World:
    """Write all files below ``inbox/<cycle>/<provider>/``, and the truth to ``truth`` if named."""
    world = make_world(seed, size.value, last_cycle)
    config = CHECKOUT / "config"
    folders = Folders(inbox, load_contracts(config / "contracts"), load_instruments(config / "instruments"))
    rng = np.random.default_rng([seed, 9])
    for cycle in world.cycles:
        write_cycle(rng, folders, world, cycle)
    planted = plant_defects(folders, world) if defects else []
    if truth is not None:
        content: dict[str, Any] = {"seed": seed, **truth_of(world), "defects": planted}
        truth.parent.mkdir(parents=True, exist_ok=True)
        truth.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return world


def make_world(seed: int, scale: Scale, last_cycle: Cycle) -> World:
    """Return the city with everything that happened in it, before anything is written."""
    streams = [np.random.default_rng([seed, stream]) for stream in range(5)]
    cycles = [last_cycle.shift(-back) for back in range(CYCLES - 1, -1, -1)]
    population = make_population(
        streams[0],
        people=scale.people,
        offices=scale.offices,
        services=scale.services,
        start=cycles[0].start,
    )
    programmes = make_programmes(streams[1], programmes=scale.programmes, partners=scale.partners)
    numbers = dict.fromkeys((p.code for p in programmes), 0)
    batches = []
    plans: dict[int, list[int]] = {}
    for cycle in cycles:
        count = max(2, round(scale.batches * len(programmes)))
        plan = plans[cycle.quarter] = _seasonal_plan(
            streams[2], plans.get(cycle.quarter), count, len(programmes)
        )
        for index in plan:
            programme = programmes[index]
            numbers[programme.code] += 1
            ends = cycle.start + timedelta(days=int(streams[2].integers(12, 88)))
            seats = 120 if programme.method == "elearning" and scale.people > 1000 else 30
            batches.append(
                make_batch(
                    streams[3],
                    population,
                    programme,
                    f"{programme.code}-A{numbers[programme.code]}",
                    ends,
                    seats if scale.people > 1000 else 24,
                )
            )
    services = make_services(streams[4], population.services)
    return World(
        cycles,
        population,
        programmes,
        batches,
        services,
        scale.partners,
        scale.respondents,
        choose_formats(batches),
    )


def _seasonal_plan(
    rng: np.random.Generator, last_year: list[int] | None, count: int, programmes: int
) -> list[int]:
    """The programmes of a quarter: those of the same quarter last year, one of them replaced."""
    if last_year is None:
        return [int(index) for index in rng.choice(programmes, size=count, replace=False)]
    others = [index for index in range(programmes) if index not in last_year]
    return [*last_year[:-1], int(rng.choice(others))] if others else last_year
