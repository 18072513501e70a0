"""Who was at which session, written in the format in which the batch takes attendance."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import numpy as np

from siklatih.demo.exports import put
from siklatih.demo.formats import Formats, ListForm
from siklatih.demo.inbox import Folders
from siklatih.demo.training import Batch, Session
from siklatih.demo.writers.meetings import Connection, Meeting
from siklatih.demo.writers.moodle_attendance import (
    Listed,
    Register,
    attendance_ods,
    attendance_text,
    attendance_xlsx,
)
from siklatih.demo.writers.teams_attendance import TeamsShape, teams_bytes
from siklatih.demo.writers.zkteco_attlog import Punch, attlog_bytes
from siklatih.demo.writers.zoom_participants import ZoomShape, zoom_bytes

_REMARKS = ("hujan", "macet di jembatan", "surat tugas menyusul")


def write_attendance(rng: np.random.Generator, folders: Folders, batch: Batch, formats: Formats) -> None:
    """Write the files that tell who was there: a list of the batch, or one of each meeting."""
    if formats.attendance is ListForm.TERMINAL:
        path = folders.batch_place(batch, "mesin", f"attlog-{batch.code}.dat", formats)
        put(path, attlog_bytes(_punches(rng, batch)), datetime.combine(batch.ends, datetime.max.time()))
    elif formats.attendance is not None:
        _write_list(rng, folders, batch, formats)
    for session, shape in zip(batch.sessions, formats.meetings, strict=formats.attendance is None):
        _write_meeting(rng, folders, batch, session, shape, formats)


def _write_list(rng: np.random.Generator, folders: Folders, batch: Batch, formats: Formats) -> None:
    when = datetime.combine(batch.ends, datetime.min.time()) + timedelta(hours=17)
    register = _register(rng, batch, with_remarks=formats.language == "id")
    if formats.attendance is ListForm.MOODLE_TEXT:
        content = attendance_text(register, language=formats.language)
    elif formats.attendance is ListForm.MOODLE_XLS:
        content = attendance_xlsx(register, when, language=formats.language)
    else:
        content = attendance_ods(register, when, language=formats.language)
    ending = formats.attendance.value if formats.attendance else ""
    put(folders.place(batch.cycle, "lms", f"attendance-{batch.code}.{ending}"), content, when)


def _register(rng: np.random.Generator, batch: Batch, *, with_remarks: bool) -> Register:
    """Late is present; excused and absent are not."""
    people = [p for p in batch.trained if batch.status[p.index] != "withdrawn"]
    marks: dict[tuple[int, int], str] = {}
    for at, person in enumerate(people):
        for place, session in enumerate(batch.sessions):
            here = batch.present[person.index, session.code]
            marks[at, place] = (
                ("L" if rng.random() < 0.08 else "P") if here else ("E" if rng.random() < 0.3 else "A")
            )
    late = [key for key, mark in marks.items() if mark == "L"]
    remarks = {key: _REMARKS[number % 3] for number, key in enumerate(late)} if with_remarks else {}
    listed = []
    for person in people:
        given, _, family = person.name.partition(" ")
        listed.append(Listed(family, given, person.nip_on(batch.ends), person.email))
    starts = [session.starts for session in batch.sessions]
    return Register(batch.programme.name, batch.code, listed, starts, marks, remarks)


def _punches(rng: np.random.Generator, batch: Batch) -> list[Punch]:
    """Before the first session of the day that a person attends, and after the last; often twice, and at noon.

    A day has no more than two sessions, so from the first punch to the last nobody seems present who was not.
    """
    found = []
    for day in sorted({session.starts.date() for session in batch.sessions}):
        for person in batch.trained:
            attended = [s for s in _on(batch, day) if batch.present.get((person.index, s.code), False)]
            if not attended:
                continue
            moments = [
                attended[0].starts - timedelta(seconds=int(rng.integers(30, 1200))),
                attended[-1].ends + timedelta(seconds=int(rng.integers(5, 900))),
            ]
            if rng.random() < 0.2:
                moments.append(moments[0] + timedelta(seconds=3))  # did it take?
            if len(attended) > 1 and rng.random() < 0.6:
                moments.append(attended[0].ends + timedelta(seconds=int(rng.integers(5, 600))))
            # many press nothing else when they leave
            found += [Punch(person.terminal_number, moment, int(rng.random() < 0.1)) for moment in moments]
    return sorted(found, key=lambda one: (one.moment, one.user))


def _on(batch: Batch, day: date) -> Iterator[Session]:
    return (session for session in batch.sessions if session.starts.date() == day)


def _write_meeting(
    rng: np.random.Generator,
    folders: Folders,
    batch: Batch,
    session: Session,
    shape: ZoomShape | TeamsShape,
    formats: Formats,
) -> None:
    number = str(session.meeting)
    tool, name = ("zoom", f"participants_{number}.csv") if isinstance(shape, ZoomShape) else (
        "teams", f"kehadiran-{session.code}.csv")  # fmt: skip
    slack = timedelta(minutes=10)
    meeting = Meeting(
        meeting_id=number,
        topic=batch.programme.name,
        host=f"Panitia {batch.code}",
        host_email=f"panitia.{batch.code.lower()}@example.org",
        starts=session.starts - slack,
        ends=session.ends + slack,
        connections=_connections(rng, batch, session, shape),
    )
    content = zoom_bytes(meeting, shape) if isinstance(shape, ZoomShape) else teams_bytes(meeting, shape)
    names_its_meeting = shape in (ZoomShape.BLOCK, ZoomShape.BLANK_LINE)
    path = (
        folders.place(batch.cycle, tool, name)
        if names_its_meeting
        else folders.batch_place(batch, tool, name, formats)
    )
    put(path, content, session.ends + timedelta(hours=1))


def _connections(
    rng: np.random.Generator, batch: Batch, session: Session, shape: ZoomShape | TeamsShape
) -> list[Connection]:
    """Present is at least three quarters of the time, often in two pieces, overlapping where the tool shows it."""
    found = []
    length = (session.ends - session.starts).total_seconds()
    for person in batch.trained:
        here = batch.present.get((person.index, session.code), False)
        if not here and rng.random() < 0.5:
            continue
        share = rng.uniform(0.82, 1.0) if here else rng.uniform(0.05, 0.6)
        joined = session.starts - timedelta(seconds=int(rng.integers(0, 300)))
        left = session.starts + timedelta(seconds=int(share * length))
        if shape is ZoomShape.WAITING_ROOM and rng.random() < 0.3:
            early = joined - timedelta(seconds=int(rng.integers(20, 240)))
            found.append(Connection(person.name, person.email, early, joined, waiting=True))
        if here and rng.random() < 0.3:
            middle = session.starts + timedelta(seconds=int(length / 2))
            until = middle + timedelta(seconds=-15 if shape is TeamsShape.EVENTS_2020 else 90)
            found.append(Connection(person.name, person.email, joined, until))
            joined = middle
        found.append(Connection(person.name, person.email, joined, left))
    return found
