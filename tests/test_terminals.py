"""Punches at terminals become attendance: from the first to the last of a day, whatever key was pressed."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from parts import rows_of

from siklatih.errors import MendError
from siklatih.identity import Pseudonymiser
from siklatih.settings import CHECKOUT
from siklatih.sources import recognise_file, zkteco_attlog
from siklatih.sources.protocol import HEAD_BYTES, Catalogue, SourceFile

STAGING = CHECKOUT / "sql" / "staging"
NOTHING = Catalogue({}, {})


def file_of(tmp_path: Path, content: bytes) -> SourceFile:
    path = tmp_path / "log"
    path.write_bytes(content)
    return SourceFile(path, path.name, len(content), content[:HEAD_BYTES])


def statuses(*punches: tuple[str, str], share: float = 0.75, single: int = 1) -> dict[tuple[str, str], str]:
    """What is recorded of persons at a morning (08-12) and an afternoon (13-16) session."""
    con = duckdb.connect()
    for schema in ("accepted", "staging", "config"):
        con.execute(f"create schema {schema}")
    con.execute(
        "create table accepted.presence (meeting_id varchar, batch_code varchar, person_key varchar, "
        "joined_at timestamp, left_at timestamp, punch varchar)"
    )
    con.execute(
        "create table accepted.sessions (session_code varchar, batch_code varchar, meeting_id varchar, "
        "starts_at timestamp, ends_at timestamp)"
    )
    con.execute(
        "insert into accepted.sessions values ('am', 'B1', null, '2026-08-26 08:00', '2026-08-26 12:00'), "
        "('pm', 'B1', null, '2026-08-26 13:00', '2026-08-26 16:00')"
    )
    con.execute(
        "create table accepted.attendance "
        "(batch_code varchar, person_key varchar, session_starts_at timestamp, status varchar)"
    )
    con.execute("create table config.rules (name varchar, value double)")
    con.execute(
        "insert into config.rules values ('present_share', $share), ('single_punch_present', $single)",
        {"share": share, "single": single},
    )
    for person, moment in punches:
        con.execute(
            "insert into accepted.presence values ('?', 'B1', $person, $moment, null, '0')",
            {"person": person, "moment": datetime.fromisoformat(f"2026-08-{moment}")},
        )
    con.execute("create view staging.stg_sessions as select * from accepted.sessions")
    for name in ("stg_meeting_minutes", "stg_terminal_stays", "stg_attendance"):
        con.execute(
            f"create table staging.{name} as " + (STAGING / f"{name}.sql").read_text(encoding="utf-8")
        )
    rows = con.execute("select person_key, session_code, status from staging.stg_attendance").fetchall()
    con.close()
    assert len({row[:2] for row in rows}) == len(rows)
    return {(person, session): status for person, session, status in rows}


def test_from_the_first_to_the_last_punch_of_the_day_counts() -> None:
    found = statuses(("a", "26 07:28:51"), ("a", "26 07:28:54"), ("a", "26 12:01:33"), ("a", "26 16:05:12"))
    assert found == {("a", "am"): "P", ("a", "pm"): "P"}


def test_who_left_at_noon_is_absent_in_the_afternoon() -> None:
    assert statuses(("a", "26 07:44:09"), ("a", "26 12:10:00")) == {("a", "am"): "P", ("a", "pm"): "A"}


@pytest.mark.parametrize(("share", "status"), [(0.5, "P"), (0.51, "A")])
def test_the_share_that_counts_as_present_is_configuration(share: float, status: str) -> None:
    found = statuses(("a", "26 10:00:00"), ("a", "26 12:30:00"), share=share)  # two hours of four
    assert found["a", "am"] == status


@pytest.mark.parametrize(("single", "status"), [(1, "P"), (0, "A")])
def test_what_a_single_punch_means_is_configuration(single: int, status: str) -> None:
    """A finger put twice within a minute is one punch."""
    once = statuses(("a", "26 07:44:09"), single=single)
    twice = statuses(("a", "26 07:44:09"), ("a", "26 07:44:12"), single=single)
    assert once == twice == {("a", "am"): status, ("a", "pm"): status}


def test_a_punch_of_another_day_tells_nothing() -> None:
    assert statuses(("a", "25 07:30:00"), ("a", "25 16:30:00")) == {}


def test_the_number_is_one_person_however_the_roster_pads_it() -> None:
    pseudonyms = Pseudonymiser(bytes(32))
    assert pseudonyms.replace("terminal", "00027") == pseudonyms.replace("terminal", "27")
    assert pseudonyms.terminal("27") != pseudonyms.terminal("270")
    assert pseudonyms.terminal("0") == pseudonyms.terminal("000")
    assert pseudonyms.replace("terminal", "27A") == (None, "form")


def test_a_line_that_is_no_punch_refuses_the_file_with_its_row(tmp_path: Path) -> None:
    lines = ["        1\t2026-08-26 07:12:05\t1\t0\t0\t0"] * 30 + ["        1\t2026-08-26 07:12"]
    file = file_of(tmp_path, "\n".join(lines).encode())
    source, _ = recognise_file(file)
    assert source.NAME == zkteco_attlog.NAME
    with pytest.raises(MendError) as refused:
        list(source.read(file, NOTHING))
    assert (refused.value.code, refused.value.row) == ("broken_table", 31)


def test_a_whole_employee_number_is_no_terminal_number(tmp_path: Path) -> None:
    file = file_of(
        tmp_path, b"199003122015031007\t2026-08-26 07:12:05\t1\t0\r\n\r\n  27\t2026-08-26 07:13:05\t1\t0\r\n"
    )
    (part,) = zkteco_attlog.read(file, NOTHING)
    assert [sorted(row.values) for row in rows_of(part)] == [
        ["joined_at", "nip", "punch"],
        ["joined_at", "punch", "terminal_number"],
    ]
    assert part.lines == {"data": 2, "blank": 1}


@pytest.mark.parametrize(
    "content", [b"1\t2\t3\n", b"nomor\twaktu\n1\t2026-08-26 07:12:05\t1\t0\n", b"", b"\xff\xfe"]
)
def test_other_tables_are_not_taken_for_punches(tmp_path: Path, content: bytes) -> None:
    assert zkteco_attlog.recognise(file_of(tmp_path, content)) is None
