"""What every figure of the demo city should be, from what was put into it. Only tests read this."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from siklatih.cycle import Cycle
from siklatih.demo.services import true_index
from siklatih.demo.sheets import months_later
from siklatih.demo.training import Batch, expected_gain, expected_spread
from siklatih.demo.world import World


def truth_of(world: World) -> dict[str, Any]:
    """Return true values by metric, slice and cycle, causal effects, and all identities."""
    values = [
        {"metric_id": metric, "cycle": str(cycle), "slice_kind": kind, "slice_code": code, "value": value}
        for cycle in world.cycles
        for metric, kind, code, value in _values(world, cycle)
    ]
    people = world.population.people
    return {
        "values": values,
        "effects": {p.code: {"points": p.effect, "applied": p.applied - 0.25} for p in world.programmes},
        "identities": {
            "names": [p.name for p in people],
            "numbers": [p.nip for p in people] + [p.later_nip[1] for p in people if p.later_nip],
            "addresses": [p.email for p in people],
        },
    }


def _slices(batch: Batch) -> Iterator[tuple[str, str]]:
    yield "city", "city"
    yield "programme", batch.programme.code
    yield "method", batch.programme.method
    if batch.programme.partner:
        yield "partner", batch.programme.partner


def _values(world: World, cycle: Cycle) -> Iterator[tuple[str, str, str, float]]:
    grouped: dict[tuple[str, str], list[Batch]] = defaultdict(list)
    for batch in world.batches_of(cycle):
        for slice_ in _slices(batch):
            grouped[slice_].append(batch)
    for (kind, code), batches in sorted(grouped.items()):
        yield from ((metric, kind, code, value) for metric, value in _of_batches(batches))
    due: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for batch in world.batches:
        if batch.follow_up and Cycle.of(months_later(batch.ends, 3)) == cycle:
            for slice_ in _slices(batch):
                due[slice_] += [batch.applies[p.index, "T3"] for p in batch.active]
    for (kind, code), applied in sorted(due.items()):
        yield "behaviour_applied_t3", kind, code, sum(applied) / len(applied)
    indices = []
    for unit in world.services:
        value = true_index(unit, 0.25 * world.trained_share(unit, cycle))
        indices.append(value)
        yield "ikm", "unit", unit.code, value
    yield "ikm", "city", "city", sum(indices) / len(indices)


def _of_batches(batches: list[Batch]) -> Iterator[tuple[str, float]]:
    people = [(batch, person) for batch in batches for person in batch.active]
    answered = sum(len(batch.responded) for batch in batches)
    yield "response_rate", answered / len(people)
    for name, items in (("relevance", ("rel1", "rel2", "rel3")), ("trainer", ("trn1", "trn2", "trn3"))):
        high = [sum(b.answers[p.index][item] for item in items) >= 4 * len(items) for b, p in people]
        yield f"reaction_{name}", sum(high) / len(high)
    here = [(batch.present[key], batch) for batch in batches for key in batch.present]
    yield "attendance_rate", sum(present for present, _ in here) / len(here)
    matched = [
        (sum(1 for p in b.trained if {(p.index, "pre"), (p.index, "post")} <= b.scores.keys()), b)
        for b in batches
    ]
    total = sum(n for n, _ in matched)
    alone = len(batches) == 1  # then the figure speaks for this batch only
    gain = sum(n * expected_gain(batch, this_batch=alone) for n, batch in matched) / total
    yield "learning_gain", gain
    spreads = [(n / total, *expected_spread(batch, this_batch=alone)) for n, batch in matched]
    variances = []
    for mean_at, var_at in ((1, 2), (3, 4)):
        centre = sum(row[0] * row[mean_at] for row in spreads)
        variances.append(sum(row[0] * (row[var_at] + (row[mean_at] - centre) ** 2) for row in spreads))
    yield "learning_effect", gain / (sum(variances) / 2) ** 0.5
