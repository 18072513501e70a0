"""Sheets of the agency's workbooks: (columns, rows) by dataset."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import zip_longest

import numpy as np

from siklatih.cycle import Cycle
from siklatih.demo import services
from siklatih.demo.formats import ListForm
from siklatih.demo.training import Batch
from siklatih.demo.world import World
from siklatih.demo.writers.zoom_participants import ZoomShape

Sheet = tuple[Sequence[str], Sequence[tuple[object, ...]]]
_COMPETENCES = (
    "Pelayanan publik", "Penanganan pengaduan", "Analisis data", "Pengadaan barang dan jasa",
    "Pengelolaan arsip", "Manajemen proyek", "Komunikasi", "Integritas", "Penganggaran", "Keamanan informasi",
    "Kepemimpinan", "Perekat bangsa",
)  # fmt: skip
_POSITIONS = {"executor": 2, "supervisor": 3, "administrator": 3, "jpt": 4, "functional": 3}
_COSTS = (("preparation", 6), ("trainers", 14), ("venue", 8), ("materials", 4), ("evaluation", 2))
_TARGETS = {
    "pns_20jp_share": 0.3, "jp_per_person": 12, "attendance_rate": 0.9, "response_rate": 0.8,
    "reaction_relevance": 0.75, "learning_effect": 0.6, "learning_gain": 8, "behaviour_applied_t3": 0.55,
    "ikm": 80, "cost_per_jp_person": 60000, "decisions_followed": 0.9,
}  # fmt: skip


def master(world: World) -> dict[str, Sheet]:
    """Master data, given once: units, catalogue, partners, trainers, targets, stakeholders."""
    start = world.cycles[0].start
    years = sorted({cycle.year for cycle in world.cycles})
    used = world.programmes
    return {
        "units": (
            ("unit_code", "valid_from", "unit_name", "parent_code", "unit_type"),
            [(u.code, start, u.name, u.parent, u.kind) for u in world.population.units],
        ),
        "competences": (
            ("competence_code", "position_type", "competence_name", "kind", "standard_level"),
            [
                (f"K{i + 1:02}", position, name, "technical" if i < 6 else "managerial", level)
                for i, name in enumerate(_COMPETENCES)
                for position, level in _POSITIONS.items()
            ],
        ),
        "programmes": (
            ("programme_code", "programme_name", "method", "jp_form", "competence_code", "need_source",
             "jp_designed", "partner_code", "partner_role"),
            [
                (p.code, p.name, p.method, "technical", p.competence, p.need_source, p.jp, p.partner,
                 "codesigned" if p.partner else None)
                for p in used
            ],
        ),
        "objectives": (
            ("programme_code", "objective_number", "objective_text", "activity", "assessment", "bloom_level"),
            [
                (p.code, n, f"Peserta mampu menerapkan bagian {n} dari {p.name}", "latihan kasus", "tes", "apply")
                for p in used
                for n in (1, 2)
            ],
        ),
        "materials": (
            ("material_code", "programme_code", "material_title", "reviewed_on", "cites_superseded"),
            [(f"B-{p.code}", p.code, f"Modul {p.name}", start, p.effect == 0) for p in used],
        ),
        "partners": (
            ("partner_code", "partner_name", "partner_type", "agreement_number", "agreement_until"),
            [
                (f"M{i + 1:02}", f"Lembaga Mitra {i + 1}", ("university", "ngo", "company")[i % 3],
                 f"PKS-{i + 1:03}/2024", date(years[-1] + 1, 12, 31))
                for i in range(world.partners)
            ],
        ),
        "trainers": (
            ("trainer_code", "trainer_name", "trainer_type", "partner_code"),
            [
                (f"T{i:03}", world.population.people[i].name,
                 ("widyaiswara", "lecturer", "practitioner", "it_expert", "ngo", "official")[i % 6], None)
                for i in range(1, 26)
            ],
        ),
        "targets": (
            ("metric_id", "year", "target"),
            [(metric, year, target) for metric, target in _TARGETS.items() for year in years],
        ),
        "stakeholders": (
            ("email", "name", "audience", "scope_kind", "scope_code", "language", "active_from"),
            [
                (f"{office}@example.org", None, "leaders", "city", "city", "id", start)
                for office in ("walikota", "sekda")
            ]
            + [
                (f"kepala.{code.lower()}@example.org", None, "office_head", "unit", code, "id", start)
                for code in world.population.offices
            ],
        ),
    }  # fmt: skip


def roster(world: World, cycle: Cycle) -> Sheet:
    """Everybody in the first cycle; later only the lines that are new."""
    first = cycle == world.cycles[0]
    rows: list[tuple[object, ...]] = []
    for p in world.population.people:
        lines: list[tuple[date, str, str, str | None, str]] = [
            (since, unit, p.nip, None, p.status) for since, unit in p.places
        ]
        if p.later_nip:
            since, number = p.later_nip
            lines = [line for line in lines if line[0] < since]
            lines.append((since, p.unit_on(since), number, p.nip, "PNS"))
        for since, unit, number, previous, status in lines:
            new = first if since == world.cycles[0].start else cycle.start <= since < cycle.end
            if not new:
                continue
            contract = p.contract_start if status == "PPPK" else None
            rows.append(
                (number, since, previous, p.name, p.email, p.terminal_number, status, unit, p.position, p.grade, p.sex,
                 p.hired, contract, p.exit_date if first else None, p.supervisor)
            )  # fmt: skip
    return (
        ("nip", "valid_from", "previous_number", "name", "email", "terminal_number", "status", "unit_code", "position_type",
         "grade", "sex", "hire_date", "contract_start", "exit_date", "supervisor_number"),
        rows,
    )  # fmt: skip


def training(
    rng: np.random.Generator, world: World, cycle: Cycle, batches: Sequence[Batch]
) -> dict[str, Sheet]:
    """Batches, sessions, enrolments, costs and decisions of a cycle.

    The plan names the meeting of a Zoom session and the terminal where one stands; Teams has no number.
    """
    costs = []
    for batch in batches:
        people = len(batch.trained)
        for kind, weight in _COSTS:
            planned = 45_000 * weight * people * batch.programme.jp // 34 // 1000 * 1000
            costs.append((batch.code, kind, "budget", planned, int(planned * rng.uniform(0.85, 1.02))))
    return {
        "batches": (
            ("batch_code", "programme_code", "starts_on", "ends_on", "assignment", "capacity", "follow_up_planned"),
            [
                (b.code, b.programme.code, b.starts, b.ends, b.assignment, len(b.trained) + 2,
                 "ya" if b.follow_up else "tidak")
                for b in batches
            ],
        ),
        "sessions": (
            ("session_code", "batch_code", "starts_at", "ends_at", "jp", "trainer_code", "meeting_id",
             "terminal_code"),
            [
                (s.code, b.code, s.starts, s.ends, s.jp, s.trainer,
                 s.meeting if isinstance(shape, ZoomShape) else None,
                 "TERM-1" if world.formats[b.code].attendance is ListForm.TERMINAL else None)
                for b in batches
                for s, shape in zip_longest(b.sessions, world.formats[b.code].meetings)
            ],
        ),
        "enrolments": (
            ("batch_code", "nip", "arm", "enrolled_on", "status"),
            [
                (b.code, p.nip_on(b.ends), arm, b.starts - timedelta(days=14), b.status[p.index])
                for b in batches
                for arm, people in (("trained", b.trained), ("comparison", b.comparison))
                for p in people
            ],
        ),
        "costs": (("batch_code", "cost_type", "funded_by", "planned_amount", "actual_amount"), costs),
        "decisions": decisions(world, cycle),
    }  # fmt: skip


def decisions(world: World, cycle: Cycle) -> Sheet:
    """Decisions taken on the report before, with the state they reached by the end of this cycle."""
    index = world.cycles.index(cycle)
    rows: list[tuple[object, ...]] = []
    if index > 0:
        before = cycle.shift(-1)
        due = cycle.end - timedelta(days=20)
        rows = [
            (f"D-{before}-1", str(before), "Tambah latihan kasus pada program pengadaan",
             "Bidang Pengembangan Kompetensi", due, "done", due - timedelta(days=9), 0, None,
             "latihan kasus dipakai sejak angkatan berikutnya"),
            (f"D-{before}-2", str(before), "Wajibkan umpan balik atasan tiga bulan setelah pelatihan",
             "Kepala BKPSDM", due, "running" if index % 2 else "approved", due - timedelta(days=30), 0, None, None),
            (f"D-{before}-3", str(before), "Susun ulang modul yang mengutip aturan lama",
             "Manajer program", cycle.end + timedelta(days=30), "running", due, 15_000_000, None, None),
        ]  # fmt: skip
    return (
        ("decision_code", "cycle", "title", "owner", "due_on", "status", "status_on", "cost_amount", "reason",
         "outcome"),
        rows,
    )  # fmt: skip


def scores(batches: Sequence[Batch]) -> Sheet:
    """Test scores of participants and comparison persons of these batches."""
    rows: list[tuple[object, ...]] = []
    for batch in batches:
        for person in batch.trained + batch.comparison:
            for occasion, session in (("pre", batch.sessions[0]), ("post", batch.sessions[-1])):
                score = batch.scores.get((person.index, occasion))
                if score is not None:
                    taken = session.starts if occasion == "pre" else session.ends
                    rows.append(
                        (batch.code, person.nip_on(batch.ends), occasion, f"TES-{batch.programme.code}", "1",
                         taken, score, 100, 60)
                    )  # fmt: skip
    return (
        ("batch_code", "nip", "occasion", "instrument_code", "instrument_version", "taken_at", "score",
         "max_score", "passing_score"),
        rows,
    )  # fmt: skip


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


def behaviour(world: World, cycle: Cycle) -> Sheet:
    """Ratings whose wave matured in the cycle."""
    rows: list[tuple[object, ...]] = []
    for batch in world.batches:
        for (index, wave, rater), ratings in batch.ratings.items():
            due = batch.starts if wave == "T0" else months_later(batch.ends, int(wave[1]))
            if not cycle.start <= due < cycle.end:
                continue
            number = world.population.people[index].nip_on(batch.ends)
            rows += [
                (batch.code, number, rater, wave, n, rating, due) for n, rating in enumerate(ratings, start=1)
            ]
    return (
        ("batch_code", "nip", "rater", "wave", "behaviour_number", "rating", "rated_on"),
        rows,
    )


def appraisals(rng: np.random.Generator, world: World, cycle: Cycle) -> Sheet:
    """Periodic appraisals of everybody still there at the cycle's end."""
    end = cycle.end - timedelta(days=1)
    rows: list[tuple[object, ...]] = [
        (person.nip_on(end), cycle.start, end, *services.appraisal(rng))
        for person in world.population.people
        if person.exit_date is None or person.exit_date > end
    ]
    return (
        ("nip", "period_start", "period_end", "work_result", "work_behaviour", "predicate"),
        rows,
    )


def outcomes(rng: np.random.Generator, world: World, cycle: Cycle) -> Sheet:
    """Services and complaints of each service unit in the cycle's three months."""
    rows: list[tuple[object, ...]] = []
    for unit in world.services:
        for back in range(3):
            month = date(cycle.year, cycle.start.month + back, 1)
            trend = 1 - 0.3 * world.trained_share(unit, cycle)
            rows.append((unit.code, month, *services.outcomes(rng, month, trend)))
    return (
        ("unit_code", "month", "services", "complaints", "complaints_on_time", "median_minutes"),
        rows,
    )


def needs(rng: np.random.Generator, world: World, cycle: Cycle) -> dict[str, Sheet]:
    """The yearly needs survey, in the third quarter, with some interviews."""
    if cycle.quarter != 3:
        return {}
    day = cycle.start + timedelta(days=40)
    sample = [p for p in world.population.people if p.index % 10 == 0 and p.exit_date is None]
    rows = [row for person in sample for row in services.needs(rng, person, day)]
    talks = [
        (f"W-{cycle}-{i + 1:02}", f"tema-{int(rng.integers(1, 6))}", "1", day, unit,
         f"K{int(rng.integers(1, 13)):02}", "ya" if rng.random() < 0.7 else "tidak")
        for i, unit in enumerate(world.population.offices[:12])
    ]  # fmt: skip
    return {
        "needs": (
            ("nip", "competence_code", "rater", "assessed_on", "actual_level", "importance", "cause"), rows
        ),
        "interviews": (
            ("interview_id", "theme_code", "coder", "interviewed_on", "unit_code", "competence_code",
             "is_training_need"),
            [tuple(talk) for talk in talks],
        ),
    }  # fmt: skip
