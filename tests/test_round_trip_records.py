"""Whatever is so, written in any tool's format, is read back equal, and every line of the file accounted for."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from parts import rows_of as rows_wherever
from random_records import LETTERS, WINDOWS_LETTERS, meetings, punches, quizzes, registers, rows_of, values_of

from siklatih.contracts import Column, load_contracts
from siklatih.demo.writers.agency_workbook import TEXT_FORMS, ods_workbook_bytes, text_bytes, xlsx_bytes
from siklatih.demo.writers.meetings import Meeting
from siklatih.demo.writers.moodle_attendance import (
    Register,
    attendance_ods,
    attendance_text,
    attendance_xlsx,
)
from siklatih.demo.writers.moodle_quiz import Attempt, QuizLayout, quiz_bytes
from siklatih.demo.writers.teams_attendance import TeamsShape, teams_bytes
from siklatih.demo.writers.zkteco_attlog import Punch, attlog_bytes
from siklatih.demo.writers.zoom_participants import ZoomShape, zoom_bytes
from siklatih.errors import MendError
from siklatih.instruments import load_instruments
from siklatih.settings import CHECKOUT
from siklatih.sources import recognise_file
from siklatih.sources.protocol import HEAD_BYTES, Catalogue, Part, SourceFile

CONTRACTS = load_contracts(CHECKOUT / "config" / "contracts")
CATALOGUE = Catalogue(CONTRACTS, load_instruments(CHECKOUT / "config" / "instruments"))
WHEN = datetime(2026, 10, 7, 9)  # noqa: DTZ001  (the clock of a spreadsheet is local)
LISTED_ROWS = 4  # course, group, a blank line, the heading


def tries(count: int) -> Any:
    """So many examples, the same ones on every machine."""
    return settings(
        max_examples=count,
        derandomize=True,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


def read(content: bytes) -> tuple[str, list[Part]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "berkas"  # a name that tells nothing
        path.write_bytes(content)
        file = SourceFile(path, path.name, len(content), content[:HEAD_BYTES], CATALOGUE)
        source, _ = recognise_file(file)
        return source.NAME, list(source.read(file, CATALOGUE))


def read_one(content: bytes, source: str, dataset: str) -> Part:
    found, (part,) = read(content)
    assert (found, part.dataset) == (source, dataset)
    return part


def connected(meeting: Meeting, *, names: bool = True) -> list[tuple[str, str | None, str, str]]:
    return [(one.name, one.email, str(one.joined), str(one.left)) for one in meeting.connections]


def presence(part: Part) -> list[tuple[str | None, ...]]:
    return [
        tuple(row.values[name] for name in ("name", "email", "joined_at", "left_at")) for row in part.rows
    ]


@tries(50)
@given(meetings(), st.sampled_from([shape for shape in ZoomShape if shape is not ZoomShape.UNIQUE_USERS]))
def test_a_zoom_meeting_is_read_back_in_every_shape(meeting: Meeting, shape: ZoomShape) -> None:
    content = zoom_bytes(meeting, shape)
    part = read_one(content, "Zoom participants", "presence")
    assert presence(part) == connected(meeting)
    has_block = shape in (ZoomShape.BLOCK, ZoomShape.BLANK_LINE)
    assert {row.values["meeting_id"] for row in part.rows} == {meeting.meeting_id if has_block else None}
    above = 4 if has_block else 1
    assert [row.row_no for row in part.rows] == [above + n for n in range(1, len(meeting.connections) + 1)]
    assert part.lines == {
        "heading": 3 if has_block else 1,
        "data": len(part.rows),
        **({"blank": 1} if has_block else {}),
    }
    assert zoom_bytes(meeting, shape) == content


@tries(20)
@given(meetings(), st.data())
def test_who_waited_or_took_another_name_at_zoom_is_told_apart(meeting: Meeting, data: st.DataObject) -> None:
    from dataclasses import replace  # noqa: PLC0415

    changed = [
        replace(one, waiting=data.draw(st.booleans()), shown=data.draw(st.none() | st.just("HP, 2")))
        for one in meeting.connections
    ]
    content = zoom_bytes(replace(meeting, connections=changed), ZoomShape.WAITING_ROOM)
    part = read_one(content, "Zoom participants", "presence")
    inside = [one for one in changed if not one.waiting]
    assert presence(part) == connected(replace(meeting, connections=inside))
    assert part.lines.get("incomplete", 0) == len(changed) - len(inside)


@tries(5)
@given(meetings())
def test_a_list_of_unique_users_tells_no_times_and_is_refused(meeting: Meeting) -> None:
    with pytest.raises(MendError) as refused:
        read(zoom_bytes(meeting, ZoomShape.UNIQUE_USERS))
    assert (refused.value.code, refused.value.row) == ("missing_column", 1)


@tries(50)
@given(meetings(), st.sampled_from([shape for shape in TeamsShape if shape is not TeamsShape.EVENTS_2020]))
def test_a_teams_meeting_is_read_back_in_every_shape_and_language(
    meeting: Meeting, shape: TeamsShape
) -> None:
    content = teams_bytes(meeting, shape)
    assert content.startswith(b"\xff\xfe")
    part = read_one(content, "Microsoft Teams attendance", "presence")
    host = (meeting.host, meeting.host_email, str(meeting.starts), str(meeting.ends))
    assert presence(part) == [host, *connected(meeting)]
    lines = content[2:].decode("utf-16-le").split("\n")[:-1]
    assert sum(part.lines.values()) == len(lines)
    assert part.lines["data"] == len(part.rows)
    for row in part.rows:
        assert lines[row.row_no - 1].split("\t")[0].strip() == row.values["name"]
    assert teams_bytes(meeting, shape) == content


@tries(40)
@given(meetings(addresses=False, rejoin_only_later=True))
def test_the_events_of_a_teams_meeting_are_read_back_as_connections(meeting: Meeting) -> None:
    content = teams_bytes(meeting, TeamsShape.EVENTS_2020)
    part = read_one(content, "Microsoft Teams attendance", "presence")
    host = (meeting.host, None, str(meeting.starts), str(meeting.ends))
    assert sorted(map(str, presence(part))) == sorted(map(str, [host, *connected(meeting)]))
    lines = content[2:].decode("utf-16-le").split("\n")[:-1]
    assert part.lines == {"heading": 1, "data": len(lines) - 1}


def marks(register: Register, *, number: bool = True) -> list[tuple[Any, ...]]:
    """What a list says, as rows: (line, name, number, address, batch, session, status)."""
    return [
        (
            LISTED_ROWS + at + 1,
            " ".join(dict.fromkeys((person.given, person.family))),
            person.number if number else None,
            person.email,
            register.group,
            str(register.sessions[place]),
            register.marks[at, place],
        )
        for at, person in enumerate(register.people)
        for place in range(len(register.sessions))
        if (at, place) in register.marks
    ]


COLUMNS = ("name", "nip", "email", "batch_code", "session_starts_at", "status")


def listed(part: Part) -> list[tuple[Any, ...]]:
    return [(row.row_no, *(row.values[name] for name in COLUMNS)) for row in part.rows]


@tries(50)
@given(registers(), st.sampled_from(("text", "xlsx", "ods")), st.sampled_from(("en", "id")))
def test_a_moodle_list_is_read_back_as_text_xlsx_and_ods(
    register: Register, kind: str, language: str
) -> None:
    write = {
        "text": lambda: attendance_text(register, language=language),
        "xlsx": lambda: attendance_xlsx(register, WHEN, language=language),
        "ods": lambda: attendance_ods(register, WHEN, language=language),
    }[kind]
    part = read_one(write(), "Moodle attendance", "attendance")
    # a spreadsheet makes numbers of the employee numbers, whose last digits are lost: the address remains
    assert listed(part) == marks(register, number=kind == "text")
    assert part.lines == {"heading": 3, "blank": 1, "data": len(register.people)}
    assert write() == write()


@tries(50)
@given(quizzes(), st.sampled_from(list(QuizLayout)), st.sampled_from(("en", "id")))
def test_quiz_grades_are_read_back_whatever_the_site_shows(
    quiz: tuple[list[Decimal], list[Attempt]], layout: QuizLayout, language: str
) -> None:
    questions, attempts = quiz
    content = quiz_bytes(questions, attempts, layout, language=language)
    part = read_one(content, "Moodle quiz", "test_scores")
    by_number = layout is QuizLayout.NUMBER_AS_FIRST_NAME
    graded = [(line, one) for line, one in enumerate(attempts, start=2) if one.completed is not None]
    assert [
        (row.row_no, row.values["nip"], row.values["email"], row.values["taken_at"], Decimal(str(row.values["score"])))
        for row in part.rows
    ] == [
        (line, one.number if by_number else None, one.email, str(one.completed.replace(second=0)), one.grade)
        for line, one in graded
    ]  # fmt: skip
    assert {Decimal(str(row.values["max_score"])) for row in part.rows} == {sum(questions)}
    unfinished = len(attempts) - len(graded)
    assert part.lines == {
        "heading": 1,
        "data": len(graded),
        "total": 1,
        **({"incomplete": unfinished} if unfinished else {}),
    }


@tries(50)
@given(punches())
def test_punches_of_a_terminal_are_read_back(log: list[Punch]) -> None:
    part = read_one(attlog_bytes(log), "ZKTeco attlog", "presence")
    assert [
        (row.row_no, row.values.get("nip") or row.values.get("terminal_number"), row.values["joined_at"], row.values["punch"])
        for row in rows_wherever(part)
    ] == [(line, one.user, str(one.moment), str(one.state)) for line, one in enumerate(log, start=1)]  # fmt: skip
    assert part.lines == {"data": len(log)}


def plain(column: Column, value: Any) -> Any:
    """A value as it is compared: numbers and moments by their value, all else as the reader writes it."""
    if value is None:
        return None
    if column.kind in ("integer", "decimal"):
        return Decimal(str(value))
    if column.kind == "datetime":  # midnight may be written as a day
        return value if isinstance(value, datetime) else datetime.fromisoformat(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else value


def assert_equal(dataset: str, part: Part, rows: list[dict[str, Any]]) -> None:
    columns = CONTRACTS[dataset].columns
    found = [{c.name: plain(c, row.values.get(c.name)) for c in columns} for row in part.rows]
    assert found == [{c.name: plain(c, row[c.name]) for c in columns} for row in rows]


FORMS = ["xlsx", "ods", *TEXT_FORMS]


def as_file(dataset: str, rows: list[dict[str, Any]], form: str) -> bytes:
    columns = [column.name for column in CONTRACTS[dataset].columns]
    table = [values_of(CONTRACTS[dataset], row) for row in rows]
    if form in TEXT_FORMS:
        return text_bytes(CONTRACTS[dataset], columns, table, TEXT_FORMS[form])
    write = xlsx_bytes if form == "xlsx" else ods_workbook_bytes
    return write(CONTRACTS, {dataset: (columns, table)}, when=WHEN, provider="opd")


@pytest.mark.parametrize("form", FORMS)
@tries(30)
@given(data=st.data())
def test_rows_of_any_contract_are_read_back_from_any_workbook(form: str, data: st.DataObject) -> None:
    dataset = data.draw(st.sampled_from(sorted(CONTRACTS)))
    windows = form in TEXT_FORMS and TEXT_FORMS[form].encoding == "cp1252"
    rows = data.draw(rows_of(CONTRACTS[dataset], WINDOWS_LETTERS if windows else LETTERS))
    assume(rows)
    content = as_file(dataset, rows, form)
    part = read_one(content, "Agency workbook", dataset)
    assert_equal(dataset, part, rows)
    assert [row.row_no for row in part.rows] == list(range(2, len(rows) + 2))
    assert part.lines == {"heading": 1, "data": len(rows)}
    assert as_file(dataset, rows, form) == content
    if form in ("xlsx", "ods"):
        assert part.exported_at == WHEN


@tries(5)
@given(data=st.data())
def test_a_workbook_of_several_datasets_is_read_back_part_by_part(data: st.DataObject) -> None:
    datasets = ("roster", "enrolments", "sessions", "test_scores", "costs", "units")
    rows: Mapping[str, list[dict[str, Any]]] = {
        name: data.draw(rows_of(CONTRACTS[name]).filter(bool)) for name in datasets
    }
    sheets = {
        name: ([c.name for c in CONTRACTS[name].columns], [values_of(CONTRACTS[name], row) for row in found])
        for name, found in rows.items()
    }
    for write in (xlsx_bytes, ods_workbook_bytes):
        source, parts = read(write(CONTRACTS, sheets, when=WHEN, provider="opd"))
        assert source == "Agency workbook"
        assert [part.dataset for part in parts] == list(datasets)
        for part in parts:
            assert_equal(part.dataset, part, rows[part.dataset])
