"""Restarted meetings, double exports and overlapping exports count once, and late files reach their own cycle.

One state takes in everything at once: each session, person and batch belongs to one case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from desks import ADDRESSES, NAMES, ONE, THREE, TWO, Desk, Session, master
from forms import REACTION, WORDINGS, csv_bytes

from siklatih.identity import Pseudonymiser

# every case has a batch of its own, on days of its own
DAYS = {
    "ZOOM": (date(2026, 7, 6), date(2026, 7, 7)),
    "TEAMS": (date(2026, 7, 20), date(2026, 7, 20)),
    "LOG-7": (date(2026, 7, 30), date(2026, 7, 30)),
    "LOG-8": (date(2026, 8, 31), date(2026, 8, 31)),
    "MOODLE": (date(2026, 9, 7), date(2026, 9, 9)),
    "SURVEY": (date(2026, 9, 14), date(2026, 9, 15)),
    "OLD": (date(2026, 2, 9), date(2026, 2, 10)),
}
DAY = timedelta(days=1)


def at(day: date, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day} {clock}")


def session(code: str, batch: str, day: date, begin: str, end: str, meeting: str | None = None) -> Session:
    return (code, batch, at(day, begin), at(day, end), meeting)


SESSIONS = [
    session("Z1", "ZOOM", date(2026, 7, 6), "08:00", "12:00", "89758776501"),
    session("Z2", "ZOOM", date(2026, 7, 7), "08:00", "12:00", "89758776502"),
    session("T1", "TEAMS", date(2026, 7, 20), "08:00", "12:00"),
    session("L7", "LOG-7", date(2026, 7, 30), "08:00", "12:00"),
    session("L8", "LOG-8", date(2026, 8, 31), "08:00", "12:00"),
    *(session(f"M{n}", "MOODLE", date(2026, 9, 6 + n), "08:00", "12:00") for n in (1, 2, 3)),
    session("S1", "SURVEY", date(2026, 9, 14), "08:00", "12:00"),
    session("O1", "OLD", date(2026, 2, 9), "08:00", "12:00"),
]


def zoom(meeting: str, day: date, spans: Sequence[tuple[str, str, str]], *, seconds: bool = True) -> bytes:
    """Participants of a meeting: (person, joined, left), a line a connection, on a 12-hour clock."""
    form = "%m/%d/%Y %I:%M:%S %p" if seconds else "%m/%d/%Y %I:%M %p"
    block = [
        "Meeting ID",
        "Topic",
        "Start Time",
        "End Time",
        "User Email",
        "Duration (Minutes)",
        "Participants",
    ]
    moments = [at(day, clock) for span in spans for clock in span[1:]]
    facts = [meeting, "Kelas", *(m.strftime(form) for m in (min(moments), max(moments))), "", 240, 3]
    heading = ["Name (Original Name)", "User Email", "Join Time", "Leave Time", "Duration (Minutes)", "Guest"]
    lines = []
    for nip, joined, left in spans:
        begin, end = at(day, joined), at(day, left)
        minutes = -(-int((end - begin).total_seconds()) // 60)
        lines.append([NAMES[nip], ADDRESSES[nip], begin.strftime(form), end.strftime(form), minutes, "No"])
    return csv_bytes([block, facts, [""] * 7, heading, *lines])


def teams(day: date, spans: Sequence[tuple[str, str, str]]) -> bytes:
    """An attendance report since 2022: (person, joined, left)."""

    def clock(text: str) -> str:
        moment = at(day, text)
        return f"{moment.month}/{moment.day}/{moment:%y}, {moment:%I:%M:%S %p}"

    def length(joined: str, left: str) -> str:
        seconds = int((at(day, left) - at(day, joined)).total_seconds())
        return f"{seconds // 3600}h {seconds // 60 % 60}m {seconds % 60}s"

    lines = [
        "1. Summary",
        "Meeting title\tKelas",
        f"Attended participants\t{len(spans)}",
        "",
        "2. Participants",
        "Name\tFirst Join\tLast Leave\tIn-Meeting Duration\tEmail\tParticipant ID (UPN)\tRole",
    ]
    lines += [
        f"{NAMES[n]}\t{clock(j)}\t{clock(e)}\t{length(j, e)}\t{ADDRESSES[n]}\t{ADDRESSES[n]}\tAttendee"
        for n, j, e in spans
    ]
    lines += ["", "3. In-Meeting Activities", "Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole"]
    lines += [
        f"{NAMES[n]}\t{clock(j)}\t{clock(e)}\t{length(j, e)}\t{ADDRESSES[n]}\tAttendee" for n, j, e in spans
    ]
    return b"\xff\xfe" + ("\n".join(lines) + "\n").encode("utf-16-le")  # fmt: skip


def attlog(punches: Sequence[tuple[int, str]]) -> bytes:
    """A terminal's log: (user's number, moment)."""
    return "".join(f"{user:>9}\t{moment}\t1\t0\t0\t0\n" for user, moment in punches).encode()


def moodle(batch: str, marks: dict[str, dict[str, str]]) -> bytes:
    """An attendance text: session's heading -> person -> mark."""
    lines = ["Course\tKelas", f"Group\t{batch}", ""]
    heading = ["Last name", "First name", "ID number", *marks, "P", "L", "E", "A"]
    lines.append("\t".join([*heading, "Taken sessions", "Points", "Percentage"]))
    for nip, name in NAMES.items():
        given, _, family = name.partition(" ")
        found = [f"{marks[one][nip]} (2/2)" if marks[one][nip] != "?" else "?" for one in marks]
        lines.append("\t".join([family, given, nip, *found, "0", "0", "0", "0", "1", "2 / 2", "100,0"]))
    return ("\n".join(lines) + "\n").encode()


def survey(numbers: Sequence[int], *, batch: str = "SURVEY", sent: str = "2026-09-15 16:00:00") -> bytes:
    """LimeSurvey's results up to a day."""
    heading = ["id", "submitdate", "lastpage", "startlanguage", "seed", "BATCH"]
    heading += [item.question for item in REACTION.items]
    lines = [[number, sent, "2", "id", "1", batch, *["A4"] * 10] for number in numbers]
    return csv_bytes([heading, *lines], delimiter=";", quoted=True)


def google(answers: Sequence[str]) -> bytes:
    """Google's answers up to a day; two people may well send the same in the same second."""
    heading = ["Stempel waktu", "Kode angkatan", *WORDINGS]
    return csv_bytes([heading, *([moment, "SURVEY", *["Netral"] * 10] for moment in answers)])


@dataclass
class Counted:
    """What was handed in, by case, and what came of it."""

    desk: Desk
    files: dict[str, str] = field(default_factory=dict)

    def drop(self, case: str, place: str, content: bytes, *, when: datetime) -> None:
        self.files[case] = self.desk.drop(place, content, when=when)

    def seconds(self, code: str) -> dict[str, int]:
        """Seconds a person was connected to a session, by name."""
        return self._by_person(
            "select person_key, cast(connected_seconds as bigint) from staging.stg_meeting_minutes "
            "where session_code = ?",
            code,
        )

    def marks(self, code: str) -> dict[str, str]:
        """What is recorded of each person at a session."""
        return self._by_person(
            "select person_key, coalesce(status, '-') from core.fct_attendance where session_code = ?", code
        )

    def _by_person(self, sql: str, code: str) -> dict[str, Any]:
        pseudonyms = Pseudonymiser(self.desk.settings.secret("pseudonym"))
        known = {pseudonyms.nip(nip): nip for nip in NAMES}
        rows = self.desk.ask(sql, code)
        assert len({row[0] for row in rows}) == len(rows)
        return {known[person]: value for person, value in rows}

    def fates(self, *cases: str) -> list[dict[str, int]]:
        return [self.desk.fates(self.files[case]) for case in cases]


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Counted:
    desk = Desk(tmp_path_factory.mktemp("overlaps") / "state")
    made = Counted(desk)
    desk.hand_in("bkpsdm/induk.xlsx", master(DAYS, SESSIONS))
    _meetings(made)
    _terminals(made)
    _moodle_and_surveys(made)
    desk.run()
    return made


def _meetings(made: Counted) -> None:
    day, id_ = date(2026, 7, 6), "897 5877 6501"
    before = zoom(id_, day, [(ONE, "07:55:00", "09:10:20"), (TWO, "08:00:00", "09:10:20")])
    after = zoom(id_, day, [(ONE, "09:20:20", "12:04:00"), (TWO, "11:30:00", "12:00:00")])
    made.drop("zoom, before", "2026Q3/zoom/a.csv", before, when=at(day, "09:15"))
    made.drop("zoom, after the restart", "2026Q3/zoom/b.csv", after, when=at(day, "13:00"))
    day, id_ = date(2026, 7, 7), "897 5877 6502"
    spans = [(ONE, "08:00:40", "11:30:20"), (ONE, "11:00:00", "11:59:30"), (TWO, "08:00:00", "10:00:30")]
    whole = [(ONE, "08:00:00", "11:30:00"), (ONE, "11:00:00", "11:59:00"), (TWO, "08:00:00", "10:00:00")]
    made.drop("zoom, seconds", "2026Q3/zoom/c.csv", zoom(id_, day, spans), when=at(day, "13:00"))
    minutes = zoom(id_, day, whole, seconds=False)
    made.drop("zoom, minutes", "2026Q3/zoom/d.csv", minutes, when=at(day, "13:00"))  # one moment for both
    day = date(2026, 7, 20)
    first = teams(day, [(ONE, "07:58:00", "09:00:10"), (TWO, "08:30:00", "09:00:10")])
    second = teams(day, [(ONE, "09:05:10", "12:00:00"), (TWO, "11:30:00", "12:10:00")])
    made.drop("teams, before", "2026Q3/teams/a.csv", first, when=at(day, "09:02"))
    made.drop("teams, after the restart", "2026Q3/teams/b.csv", second, when=at(day, "13:00"))
    again = teams(
        day, [(ONE, "09:05:10", "12:00:00"), (TWO, "11:30:00", "12:10:00"), (THREE, "08:00:00", "12:00:00")]
    )
    made.drop("teams, exported again", "2026Q3/teams/c.csv", again, when=at(day, "14:00"))  # fmt: skip


def _terminals(made: Counted) -> None:
    july = [
        (1, "2026-07-30 07:50:00"),
        (1, "2026-07-30 12:01:00"),
        (2, "2026-07-30 10:30:00"),
        (2, "2026-07-30 12:00:00"),
    ]
    august = [
        (1, "2026-08-31 07:55:00"),
        (1, "2026-08-31 12:05:00"),
        (3, "2026-08-31 08:00:00"),
        (3, "2026-08-31 09:00:00"),
    ]
    made.drop("log, first", "mesin/LOG-7/a.dat", attlog(july), when=at(date(2026, 8, 1), "08:00"))
    both = attlog([*july, *august])
    made.drop("log, both months", "mesin/LOG-8/b.dat", both, when=at(date(2026, 9, 1), "08:00"))  # fmt: skip


def _moodle_and_surveys(made: Counted) -> None:
    first = {
        "07 Sep 2026 08.00AM All students": {ONE: "P", TWO: "A", THREE: "P"},
        "08 Sep 2026 08.00AM All students": {ONE: "?", TWO: "?", THREE: "?"},
    }
    later = {
        "07 Sep 2026 08.00AM All students": {ONE: "P", TWO: "L", THREE: "P"},
        "08 Sep 2026 08.00AM All students": {ONE: "P", TWO: "P", THREE: "A"},
        "09 Sep 2026 08.00AM All students": {ONE: "E", TWO: "P", THREE: "P"},
    }
    day = date(2026, 9, 7)
    made.drop("moodle, first", "2026Q3/lms/a.txt", moodle("MOODLE", first), when=at(day, "13:00"))
    made.drop("moodle, later", "2026Q3/lms/b.txt", moodle("MOODLE", later), when=at(day + 2 * DAY, "13:00"))
    day = date(2026, 9, 15)
    for number, upto in enumerate(([1], [1, 2], [1, 2, 3])):
        place = f"2026Q3/survei/{number}.csv"
        made.drop(f"survey, day {number}", place, survey(upto), when=at(day + number * DAY, "20:00"))
    told = ["15/09/2026 16:10:33", "15/09/2026 16:10:33", "16/09/2026 07:00:00"]
    for number, until in enumerate((2, 3)):
        place = f"2026Q3/google/{number}.csv"
        made.drop(f"google, day {number}", place, google(told[:until]), when=at(day + number * DAY, "20:00"))
    late = survey([41, 42], batch="OLD", sent="2026-02-10 16:00:00")  # fmt: skip
    made.drop("late", "2026Q3/survei/susulan.csv", late, when=at(date(2026, 10, 9), "15:00"))
    early = survey([51], sent="2026-09-15 16:30:00")
    made.drop("in an old folder", "2026Q1/survei/baru.csv", early, when=at(date(2026, 10, 9), "15:00"))


def test_a_meeting_that_was_restarted_adds_up_without_the_pause(counted: Counted) -> None:
    """08:00 to 09:10:20 and 09:20:20 to 12:00 of four hours; the other came back for half an hour only."""
    assert counted.seconds("Z1") == {ONE: 4 * 3600 - 600, TWO: 4220 + 1800}
    assert counted.marks("Z1") == {ONE: "P", TWO: "A", THREE: "-"}
    assert counted.fates("zoom, before", "zoom, after the restart") == [{"accepted": 2}, {"accepted": 2}]


def test_a_meeting_exported_twice_with_another_rounding_counts_once(counted: Counted) -> None:
    assert counted.seconds("Z2") == {ONE: 3 * 3600 + 59 * 60 + 30, TWO: 2 * 3600 + 30}
    assert counted.marks("Z2") == {ONE: "P", TWO: "A", THREE: "-"}


def test_teams_restarted_and_exported_again_counts_once(counted: Counted) -> None:
    assert counted.seconds("T1") == {ONE: 4 * 3600 - 300, TWO: 1810 + 1800, THREE: 4 * 3600}
    assert counted.marks("T1") == {ONE: "P", TWO: "A", THREE: "P"}
    assert counted.fates("teams, after the restart", "teams, exported again") in (
        [{"accepted": 2}, {"accepted": 1, "duplicate": 2}],
        [{"duplicate": 2}, {"accepted": 3}],
    )


def test_logs_that_overlap_count_once_and_serve_each_batch(counted: Counted) -> None:
    """The later log, filed to a later batch, does not take the punches of July from the first batch."""
    assert counted.marks("L7") == {ONE: "P", TWO: "A", THREE: "-"}
    assert counted.marks("L8") == {ONE: "P", TWO: "-", THREE: "A"}


def test_a_list_exported_again_with_more_sessions_corrects_and_adds(counted: Counted) -> None:
    assert counted.marks("M1") == {ONE: "P", TWO: "L", THREE: "P"}
    assert counted.marks("M2") == {ONE: "P", TWO: "P", THREE: "A"}
    assert counted.marks("M3") == {ONE: "E", TWO: "P", THREE: "P"}
    assert counted.fates("moodle, first", "moodle, later") == [
        {"duplicate": 2, "superseded": 1},
        {"accepted": 9},
    ]


def test_a_survey_exported_daily_has_each_response_once(counted: Counted) -> None:
    asked = (
        "select count(distinct response_code), count(*) from core.fct_response where batch_code = 'SURVEY'"
    )
    assert counted.desk.ask(asked) == [(4 + 3, 10 * (4 + 3))]
    assert [sum(fate.values()) for fate in counted.fates("survey, day 0", "survey, day 1", "survey, day 2")] == [
        10, 20, 30,
    ]  # fmt: skip
    assert not any("quarantined" in fate for fate in counted.fates(*counted.files))


def test_a_late_file_reaches_its_own_cycle_whatever_folder_it_lies_in(counted: Counted) -> None:
    """One for 2026Q1 lies in the folder of 2026Q3, one for 2026Q3 in that of 2026Q1."""
    asked = "select distinct response_code, cycle from core.fct_response where batch_code {} order by all"
    assert counted.desk.ask(asked.format("= 'OLD'")) == [
        ("41 2026-02-10 16:00", "2026Q1"),
        ("42 2026-02-10 16:00", "2026Q1"),
    ]
    assert ("51 2026-09-15 16:30", "2026Q3") in counted.desk.ask(asked.format("<> 'OLD'"))


def test_a_late_file_changes_its_own_cycle_and_no_other(counted: Counted) -> None:
    figures = "select metric_id, cycle, * exclude (metric_id, cycle) from metrics.metric_values order by all"
    before = counted.desk.ask(figures)
    counted.desk.drop("2026Q4/survei/lagi.csv", survey([43], batch="OLD", sent="2026-02-11 08:00:00"))
    counted.desk.run(day=1)
    changed = {row[1] for row in set(before) ^ set(counted.desk.ask(figures))}
    assert changed == {"2026Q1"}
