"""Zoom's list of participants: comma, CRLF, a 12-hour clock in US order, minutes rounded up."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from enum import Enum

from siklatih.demo.writers.meetings import Connection, Meeting


class ZoomShape(Enum):
    """How the list begins and which columns it has."""

    BLOCK = "a block about the meeting above a line of commas"
    BLANK_LINE = "the same above an empty line"
    ALONE = "no block"
    WAITING_ROOM = "no block, and a column about the waiting room"
    UNIQUE_USERS = "a line a person with all minutes, and no times"


def zoom_bytes(meeting: Meeting, shape: ZoomShape) -> bytes:
    """Return the exported list. With ``UNIQUE_USERS`` nobody can tell when people were there."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    if shape in (ZoomShape.BLOCK, ZoomShape.BLANK_LINE):
        writer.writerows(_block(meeting))
        writer.writerow([] if shape is ZoomShape.BLANK_LINE else [""] * 7)
    if shape is ZoomShape.UNIQUE_USERS:
        writer.writerows(_people(meeting))
    else:
        writer.writerows(_connections(meeting, waiting=shape is ZoomShape.WAITING_ROOM))
    return out.getvalue().encode()


def _block(meeting: Meeting) -> list[Sequence[object]]:
    names = (
        "Meeting ID",
        "Topic",
        "Start Time",
        "End Time",
        "User Email",
        "Duration (Minutes)",
        "Participants",
    )
    number = meeting.meeting_id
    spaced = f"{number[:3]} {number[3:7]} {number[7:]}" if len(number) > 7 else number
    people = len({(one.name, one.email) for one in meeting.connections})
    length = int((meeting.ends - meeting.starts).total_seconds())
    facts = (
        spaced, meeting.topic, _clock(meeting.starts), _clock(meeting.ends), meeting.host_email, _minutes(length), people,
    )  # fmt: skip
    return [names, facts]


def _connections(meeting: Meeting, *, waiting: bool) -> list[Sequence[object]]:
    last = "In Waiting Room" if waiting else "Recording Consent"
    name = "Name (original name)" if waiting else "Name (Original Name)"
    rows: list[Sequence[object]] = [
        (name, "User Email", "Join Time", "Leave Time", "Duration (Minutes)", "Guest", last)
    ]
    for one in meeting.connections:
        if one.waiting and not waiting:
            continue  # such lists do not show who was never let in
        fact = ("Yes" if one.waiting else "No") if waiting else ""
        rows.append(
            (_name(one), one.email or "", _clock(one.joined), _clock(one.left), _minutes(one.seconds), "Yes", fact)
        )  # fmt: skip
    return rows


def _people(meeting: Meeting) -> list[Sequence[object]]:
    seconds: dict[tuple[str, str], int] = {}
    for one in meeting.connections:
        who = (_name(one), one.email or "")
        seconds[who] = seconds.get(who, 0) + one.seconds
    heading = ("Name (Original Name)", "User Email", "Total Duration (Minutes)", "Guest")
    return [heading, *((*who, _minutes(total), "Yes") for who, total in seconds.items())]


def _name(one: Connection) -> str:
    return f"{one.shown} ({one.name})" if one.shown else one.name


def _minutes(seconds: int) -> int:
    return -(-seconds // 60)


def _clock(moment: datetime) -> str:
    return moment.strftime("%m/%d/%Y %I:%M:%S %p")
