"""Defects in lists of Zoom and Teams, each beside a good row."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from siklatih.demo.planting import Planter, swapped
from siklatih.demo.writers.meetings import Connection, Meeting
from siklatih.demo.writers.teams_attendance import TeamsShape, teams_bytes
from siklatih.demo.writers.zoom_participants import ZoomShape, zoom_bytes

_UTF16 = "utf-16-le"


def plant_in_meetings(planter: Planter) -> None:
    """Write and note defective lists of both tools."""
    _zoom(planter)
    _zoom_refused(planter)
    _teams(planter)
    _teams_refused(planter)


def _meeting(planter: Planter, *, day: datetime | None = None, later: int = 0) -> Meeting:
    """Five people who came in time and stayed, each from a second of their own, ``later`` in another file."""
    starts = (day or planter.batch.sessions[0].starts) + timedelta(seconds=later)
    ends = starts + timedelta(hours=3)
    people = planter.spare(5)
    connections = [
        Connection(p.name, p.email, starts + timedelta(seconds=11 * n), ends - timedelta(seconds=7 * n))
        for n, p in enumerate(people, start=1)
    ]
    host = f"Panitia {planter.provider}"
    return Meeting("89900112233", "Uji, coba", host, "panitia.uji@example.org", starts, ends, connections)


def _zoom(planter: Planter) -> None:
    meeting = _meeting(planter)
    _, late, unread, stayed, nobody = meeting.connections
    content = zoom_bytes(meeting, ZoomShape.BLOCK)

    def clock(moment: datetime) -> str:
        return moment.strftime("%m/%d/%Y %I:%M:%S %p")

    content = swapped(content, clock(late.left), clock(late.joined - timedelta(minutes=30)))
    content = swapped(content, clock(unread.joined), "jam setengah sembilan")
    content = swapped(content, clock(stayed.left), "")
    content = swapped(content, f"{nobody.name},{nobody.email}", ",")
    path = planter.write("participants_cacat.csv", content)
    for row_no, rule, kind in (
        (6, "left_before_joined", "Zoom: left before joined"),
        (7, "joined_at.type", "Zoom: a time that cannot be read"),
        (8, "left_missing", "Zoom: no time of leaving"),
        (9, "person_missing", "Zoom: nobody is named"),
    ):
        planter.row(path, "presence", row_no, rule, kind)
    alone = _meeting(planter, day=datetime(2019, 3, 5, 8))  # noqa: DTZ001  (local; years before any batch)
    content = zoom_bytes(
        Meeting("", "", "", "", alone.starts, alone.ends, alone.connections[:1]), ZoomShape.ALONE
    )
    path = planter.write("participants_lama.csv", content, filed=False)
    planter.row(path, "presence", 2, "meeting_id.unfiled", "Zoom: a meeting of no batch")


def _zoom_refused(planter: Planter) -> None:
    meeting = _meeting(planter)
    unique = zoom_bytes(meeting, ZoomShape.UNIQUE_USERS)
    planter.refused("participants_unik.csv", unique, "missing_column", "Zoom: unique users")
    content = zoom_bytes(meeting, ZoomShape.BLOCK)
    name = meeting.connections[1].name
    shifted = swapped(content, f"{name},", f"{name},S.Sos.,")
    planter.refused("participants_geser.csv", shifted, "broken_csv", "Zoom: a line out of step")
    quoted = swapped(content, f"{name},", f'"{name}, S.Sos.",')
    cut = quoted[: quoted.index(f'"{name}'.encode()) + 8]
    planter.refused("participants_terpotong.csv", cut, "broken_csv", "Zoom: cut off within a name")
    cycle = planter.world.cycles[-1]
    open_day = datetime.combine(cycle.start.replace(month=cycle.start.month + 1, day=5), time(9))
    ambiguous = zoom_bytes(_meeting(planter, day=open_day), ZoomShape.ALONE)
    ambiguous = ambiguous.replace(b" AM", b"").replace(b" PM", b"")
    planter.refused("participants_ambigu.csv", ambiguous, "ambiguous_dates", "Zoom: day or month first")
    unmarked = content.decode().encode(_UTF16)
    planter.refused("participants_utf16.csv", unmarked, "nul_bytes", "Zoom: UTF-16 without its mark")


def _english(moment: datetime, year: str) -> str:
    return f"{moment.month}/{moment.day}/{moment.strftime(year)}, {moment.hour % 12 or 12}:{moment:%M:%S %p}"


def _teams(planter: Planter) -> None:
    meeting = _meeting(planter, later=100)
    _, late, unread, stayed, _ = meeting.connections
    content = teams_bytes(meeting, TeamsShape.PARTS_2022)
    second, third = content.split("3. In-Meeting".encode(_UTF16))
    before = _english(late.joined - timedelta(minutes=30), "%y")
    third = swapped(third, _english(late.left, "%y"), before, _UTF16)
    third = swapped(third, _english(unread.joined, "%y"), "setengah sembilan", _UTF16)
    path = planter.write("kehadiran-2022.csv", second + "3. In-Meeting".encode(_UTF16) + third)
    heading = 9 + 1 + len(meeting.connections) + 1 + 1 + 1 + 1  # lines of the parts above, and three headings
    planter.row(path, "presence", heading + 3, "left_before_joined", "Teams 2022: left before joined")
    planter.row(path, "presence", heading + 4, "joined_at.type", "Teams 2022: a time that cannot be read")
    meeting = _meeting(planter, later=200)
    stayed = meeting.connections[3]
    content = teams_bytes(meeting, TeamsShape.REPORT_2021)
    content = swapped(content, _english(stayed.left, "%Y"), "", _UTF16)
    path = planter.write("kehadiran-2021.csv", content)
    planter.row(path, "presence", 12, "left_missing", "Teams 2021: no time of leaving")
    meeting = _meeting(planter, later=300)
    _, late, _, stayed, _ = meeting.connections
    content = teams_bytes(meeting, TeamsShape.EVENTS_2020)
    joined = f"{late.name}\tJoined\t{_english(late.joined, '%Y')}\n"
    content = swapped(content, joined, "", _UTF16)
    content = swapped(content, _english(stayed.joined, "%Y"), "setengah sembilan", _UTF16)
    content = swapped(content, f"{stayed.name}\tLeft\t{_english(stayed.left, '%Y')}\n", "", _UTF16)
    path = planter.write("kehadiran-2020.csv", content)
    planter.row(path, "presence", 6, "joined_at.required", "Teams 2020: left without having joined")
    planter.row(path, "presence", 9, "joined_at.type", "Teams 2020: a time that cannot be read")
    planter.row(path, "presence", 9, "left_at.type", "Teams 2020: nor when that person left")


def _teams_refused(planter: Planter) -> None:
    meeting = _meeting(planter)
    content = teams_bytes(meeting, TeamsShape.REPORT_2021)
    name = meeting.connections[1].name
    shifted = swapped(content, f"{name}\t", f"{name}\tS.Sos.\t", _UTF16)
    planter.refused("kehadiran-geser.csv", shifted, "broken_table", "Teams: a line out of step")
    planter.refused("kehadiran-terpotong.csv", content[:-31], "encoding", "Teams: cut off within a letter")
    planter.refused("kehadiran-tanpa-tanda.csv", content[2:], "nul_bytes", "Teams: UTF-16 without its mark")
    cycle = planter.world.cycles[-1]
    open_day = datetime.combine(cycle.start.replace(month=cycle.start.month + 1, day=6), time(8))
    text = teams_bytes(_meeting(planter, day=open_day), TeamsShape.REPORT_2021).decode("utf-16")
    ambiguous = b"\xff\xfe" + text.replace(" AM", "").replace(" PM", "").encode(_UTF16)
    planter.refused("kehadiran-ambigu.csv", ambiguous, "ambiguous_dates", "Teams: day or month first")
