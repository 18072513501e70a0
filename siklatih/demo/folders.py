"""Which file of the demo city lies in which folder, and what is on its sheets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path

import numpy as np

from siklatih.contracts import Contract
from siklatih.cycle import Cycle
from siklatih.demo import sheets
from siklatih.demo.exports import write_limesurvey, write_moodle, write_workbook, write_zoom
from siklatih.demo.services import ELEMENTS, survey
from siklatih.demo.training import Batch
from siklatih.demo.world import World, handed_in
from siklatih.instruments import Instrument


@dataclass(frozen=True)
class Folders:
    """Where to write, and what the files must look like."""

    inbox: Path
    contracts: Mapping[str, Contract]
    instruments: Mapping[str, Instrument]

    def place(self, cycle: Cycle, provider: str, name: str) -> Path:
        """``inbox/<cycle>/<provider>/<name>``."""
        return self.inbox / str(cycle) / provider / name

    def workbook(
        self, cycle: Cycle, name: str, content: Mapping[str, sheets.Sheet], provider: str = "bkpsdm"
    ) -> None:
        """Write a workbook of the cycle; sheets without rows are left out."""
        filled = {dataset: sheet for dataset, sheet in content.items() if sheet[1]}
        if filled:
            write_workbook(
                self.place(cycle, provider, name),
                self.contracts,
                filled,
                when=handed_in(cycle),
                provider=provider,
            )


def write_cycle(rng: np.random.Generator, folders: Folders, world: World, cycle: Cycle) -> None:
    """Write all files of one cycle."""
    first = cycle == world.cycles[0]
    master = sheets.master(world) if first else {}
    folders.workbook(cycle, "data-induk.xlsx", {**master, "roster": sheets.roster(world, cycle)})
    batches = world.batches_of(cycle)
    folders.workbook(cycle, "pelatihan.xlsx", sheets.training(rng, world, cycle, batches))
    folders.workbook(cycle, "nilai.xlsx", {"test_scores": sheets.scores(batches)})
    folders.workbook(cycle, "perilaku.xlsx", {"behaviour_ratings": sheets.behaviour(world, cycle)})
    folders.workbook(cycle, "kinerja.xlsx", {"appraisals": sheets.appraisals(rng, world, cycle)})
    folders.workbook(
        cycle, "layanan.xlsx", {"service_outcomes": sheets.outcomes(rng, world, cycle)}, "ortala"
    )
    folders.workbook(cycle, "kebutuhan.xlsx", sheets.needs(rng, world, cycle))
    _survey(rng, folders, world, cycle)
    for batch in batches:
        _reaction(rng, folders, cycle, batch)
        if batch.sessions[0].meeting:
            _meetings(rng, folders, cycle, batch)
        else:
            _attendance(rng, folders, cycle, batch)


def _survey(rng: np.random.Generator, folders: Folders, world: World, cycle: Cycle) -> None:
    responses = []
    for unit in world.services:
        ratings = survey(rng, unit, 0.25 * world.trained_share(unit, cycle), world.respondents)
        for row in ratings:
            day = cycle.start + timedelta(days=int(rng.integers(0, 85)))
            facts = {"UNIT": unit.code, "MODE": "online" if rng.random() < 0.5 else "paper"}
            answers = {element: int(value) for element, value in zip(ELEMENTS, row, strict=True)}
            responses.append((facts, answers, datetime.combine(day, time(10, int(rng.integers(0, 60))))))
    path = folders.place(cycle, "ortala", "results-survey201.csv")
    instrument = folders.instruments["service_survey"]
    write_limesurvey(path, instrument, responses, when=handed_in(cycle), first=1000 * hash_cycle(cycle))


def hash_cycle(cycle: Cycle) -> int:
    """Response numbers go on from survey to survey, so that no two share one."""
    return (cycle.year - 2000) * 4 + cycle.quarter


def _reaction(rng: np.random.Generator, folders: Folders, cycle: Cycle, batch: Batch) -> None:
    evening = datetime.combine(batch.ends, time(16))
    responses: list[tuple[dict[str, str], dict[str, int], datetime | None]] = [
        ({"BATCH": batch.code}, batch.answers[index], evening + timedelta(minutes=int(rng.integers(0, 600))))
        for index in sorted(batch.responded)
    ]
    if responses:
        facts, answers, _ = responses[0]
        responses.append((facts, {item: answers[item] for item in ("rel1", "rel2")}, None))  # never sent
        path = folders.place(cycle, "survei", f"results-survey-{batch.code}.csv")
        write_limesurvey(path, folders.instruments["reaction"], responses, when=evening + timedelta(days=3))


def _attendance(rng: np.random.Generator, folders: Folders, cycle: Cycle, batch: Batch) -> None:
    people = [p for p in batch.trained if batch.status[p.index] != "withdrawn"]
    numbers = {p.index: p.nip_on(batch.ends) for p in people}
    marks = {}
    for person in people:
        for session in batch.sessions:
            here = batch.present[person.index, session.code]
            mark = ("L" if rng.random() < 0.08 else "P") if here else ("E" if rng.random() < 0.3 else "A")
            marks[numbers[person.index], session.starts] = mark
    write_moodle(
        folders.place(cycle, "lms", f"attendance-{batch.code}.txt"),
        course=batch.programme.name,
        group=batch.code,
        people=[(p.name, numbers[p.index]) for p in people],
        sessions=[session.starts for session in batch.sessions],
        marks=marks,
        when=datetime.combine(batch.ends, time(17)),
    )


def _meetings(rng: np.random.Generator, folders: Folders, cycle: Cycle, batch: Batch) -> None:
    """Present is at least three quarters of the time, often in two overlapping pieces."""
    for session in batch.sessions:
        lines = []
        length = (session.ends - session.starts).total_seconds()
        for person in batch.trained:
            here = batch.present.get((person.index, session.code), False)
            if not here and rng.random() < 0.5:
                continue
            share = rng.uniform(0.82, 1.0) if here else rng.uniform(0.05, 0.6)
            joined = session.starts - timedelta(seconds=int(rng.integers(0, 300)))
            left = session.starts + timedelta(seconds=int(share * length))
            if here and rng.random() < 0.3:
                middle = session.starts + timedelta(seconds=int(length / 2))
                lines.append((person.name, person.email, joined, middle + timedelta(seconds=90)))
                joined = middle
            lines.append((person.name, person.email, joined, left))
        write_zoom(
            folders.place(cycle, "zoom", f"participants_{session.meeting}.csv"),
            meeting=str(session.meeting),
            topic=batch.programme.name,
            start=session.starts,
            end=session.ends,
            connections=lines,
        )
