"""A meeting whose ID stands in no session plan is filed by its days and people, or waits; it is never dropped."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from desks import ADDRESSES, NAMES, ONE, TWO, Desk, Session, master
from forms import csv_bytes

DAY = date(2026, 8, 3)
PLANNED, SPACED = "P01-A1", "P01-A2"
DAYS = {PLANNED: (DAY, DAY), SPACED: (DAY + timedelta(days=7), DAY + timedelta(days=7))}


def session(code: str, batch: str, meeting: str | None) -> Session:
    day = DAYS[batch][0]
    return code, batch, datetime.combine(day, time(8)), datetime.combine(day, time(12)), meeting


def zoom(meeting: str, day: date) -> bytes:
    """An export with the meeting's block; two were there all the time."""
    form = "%m/%d/%Y %I:%M:%S %p"
    joined, left = (datetime.combine(day, time(hour)).strftime(form) for hour in (8, 12))
    block = [
        "Meeting ID",
        "Topic",
        "Start Time",
        "End Time",
        "User Email",
        "Duration (Minutes)",
        "Participants",
    ]
    heading = ["Name (Original Name)", "User Email", "Join Time", "Leave Time", "Duration (Minutes)", "Guest"]
    people = [[NAMES[nip], ADDRESSES[nip], joined, left, 240, "No"] for nip in (ONE, TWO)]
    return csv_bytes([block, [meeting, "Kelas", joined, left, "", 240, 2], [""] * 7, heading, *people])


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path / "state")
    sessions = [session("S1", PLANNED, None), session("S2", SPACED, "897 5877 6502")]
    made.hand_in("bkpsdm/induk.xlsx", master(DAYS, sessions))
    return made


def present(desk: Desk, code: str) -> int:
    asked = "select count(*) from core.fct_attendance where session_code = ? and status = 'P'"
    return int(desk.ask(asked, code)[0][0])


def test_a_meeting_that_no_plan_names_is_filed_by_its_day_and_people(desk: Desk) -> None:
    sha = desk.drop("zoom/a.csv", zoom("850 1234 5678", DAY))
    desk.run()
    assert desk.ask("select batch_code, how from quality.filings where file_sha = ?", sha) == [
        (PLANNED, "match")
    ]
    assert present(desk, "S1") == 2


def test_a_meeting_that_fits_no_batch_waits_and_a_persons_word_files_it(desk: Desk) -> None:
    sha = desk.drop("zoom/a.csv", zoom("850 1234 5678", DAY + timedelta(days=2)))
    desk.run()
    assert desk.fates(sha) == {"quarantined": 2}
    ((rule, message),) = desk.ask(
        "select distinct rule, message_id from quality.quarantine join quality.rules using (dataset, rule) "
        "where file_sha = ?", sha,
    )  # fmt: skip
    assert rule == "presence.meeting_id.unfiled"
    assert "jadwal sesi" in message
    assert desk.ask("select batch_code from quality.filings where file_sha = ?", sha) == [(None,)]
    desk.say(sha, batch=PLANNED)
    desk.build()
    assert desk.fates(sha) == {"accepted": 2}


def test_a_plan_that_writes_the_id_with_spaces_means_the_same_meeting(desk: Desk) -> None:
    sha = desk.drop("zoom/a.csv", zoom("89758776502", DAYS[SPACED][0]))
    desk.run()
    assert desk.ask("select count(*) from quality.filings where file_sha = ?", sha) == [(0,)]
    assert present(desk, "S2") == 2
