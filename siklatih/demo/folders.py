"""Which file of the demo city lies in which folder, and what is on its sheets."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import numpy as np

from siklatih.cycle import Cycle
from siklatih.demo import sheets
from siklatih.demo.attending import write_attendance
from siklatih.demo.exports import write_limesurvey
from siklatih.demo.inbox import Folders
from siklatih.demo.quizzes import write_quizzes
from siklatih.demo.services import ELEMENTS, survey
from siklatih.demo.surveying import write_reaction
from siklatih.demo.training import Batch
from siklatih.demo.world import World, handed_in

_TEXT_FORMS = ("comma", "semicolon", "tab", "windows")


def write_cycle(rng: np.random.Generator, folders: Folders, world: World, cycle: Cycle) -> None:
    """Write all files of one cycle."""
    batches = world.batches_of(cycle)
    _administration(rng, folders, world, cycle, batches)
    _survey(rng, folders, world, cycle)
    for batch in batches:
        formats = world.formats[batch.code]
        write_reaction(rng, folders, batch, formats)
        write_attendance(rng, folders, batch, formats)
        write_quizzes(rng, folders, batch, formats)


def _administration(
    rng: np.random.Generator, folders: Folders, world: World, cycle: Cycle, batches: list[Batch]
) -> None:
    """The agency's workbooks: XLSX, the session plan as ODS, and four as text that take their forms in turn."""
    master = sheets.master(world) if cycle == world.cycles[0] else {}
    folders.workbook(cycle, "data-induk.xlsx", {**master, "roster": sheets.roster(world, cycle)})
    training = sheets.training(rng, world, cycle, batches)
    in_workbook = ("batches", "enrolments", "decisions")
    folders.workbook(cycle, "pelatihan.xlsx", {name: training[name] for name in in_workbook})
    folders.workbook(cycle, "jadwal.ods", {"sessions": training["sessions"]})
    with_sheets = [batch for batch in batches if world.formats[batch.code].quiz is None]
    folders.workbook(cycle, "nilai.xlsx", {"test_scores": sheets.scores(with_sheets)})
    folders.workbook(cycle, "kebutuhan.xlsx", sheets.needs(rng, world, cycle))
    as_text = (
        ("biaya.csv", "costs", training["costs"], "bkpsdm"),
        ("perilaku.csv", "behaviour_ratings", sheets.behaviour(world, cycle), "bkpsdm"),
        ("kinerja.csv", "appraisals", sheets.appraisals(rng, world, cycle), "bkpsdm"),
        ("layanan.csv", "service_outcomes", sheets.outcomes(rng, world, cycle), "ortala"),
    )
    turn = world.cycles.index(cycle)
    for place, (name, dataset, sheet, provider) in enumerate(as_text):
        form = _TEXT_FORMS[(place + turn) % len(_TEXT_FORMS)]
        folders.text(cycle, name, dataset, sheet, form, provider)


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
    write_limesurvey(path, instrument, responses, when=handed_in(cycle))  # each survey numbers from 1
