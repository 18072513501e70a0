"""Microsoft Teams' attendance: UTF-16LE with its mark, TAB, LF, nothing quoted; three shapes since 2020."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import Enum

from siklatih.demo.writers.meetings import Connection, Meeting

_NBSP = "\u00a0"
_FRENCH = (
    "Résumé de la réunion", "Nombre total de participants", "Titre de la réunion", "Heure de début de la réunion",
    "Heure de fin de la réunion", "Nom complet", "Heure d'arrivée", "Heure de départ", "Durée", "E-mail", "Rôle",
    "Organisateur", "Participant",
)  # fmt: skip
_ENGLISH = (
    "Meeting Summary", "Total Number of Participants", "Meeting Title", "Meeting Start Time", "Meeting End Time",
    "Full Name", "Join Time", "Leave Time", "Duration", "Email", "Role", "Organizer", "Attendee",
)  # fmt: skip


class TeamsShape(Enum):
    """What Teams wrote over the years."""

    EVENTS_2020 = "who joined and left, without durations"
    REPORT_2021 = "a summary and one table, in English"
    REPORT_2021_FRENCH = "a summary and one table, in French"
    PARTS_2022 = "three numbered parts"


def teams_bytes(meeting: Meeting, shape: TeamsShape) -> bytes:
    """Return the exported list; the host comes first, and stays from the meeting's start to its end.

    The list of 2020 knows no addresses, and has no line for leaving of those who stayed to the end.
    """
    host = Connection(meeting.host, meeting.host_email, meeting.starts, meeting.ends)
    lines = _LINES[shape](meeting, [host, *meeting.connections])
    return b"\xff\xfe" + "".join("\t".join(line) + "\n" for line in lines).encode("utf-16-le")


Lines = list[Sequence[str]]


def _events(meeting: Meeting, connections: Sequence[Connection]) -> Lines:
    lines: Lines = [("Full Name", "User Action", "Timestamp")]
    for number, one in enumerate(connections):
        began = max(one.joined, meeting.starts)  # what was before is not known to the second
        action = "Joined before" if one.joined <= meeting.starts else "Joined"
        lines.append((one.name, action, _english(began, year="%Y")))
        if one.left < meeting.ends or number == 0:  # the list is downloaded by the host, at the end
            lines.append((one.name, "Left", _english(one.left, year="%Y")))
    return lines


def _report(meeting: Meeting, connections: Sequence[Connection]) -> Lines:
    return _summary_and_table(
        meeting, connections, _ENGLISH, lambda moment: _english(moment, year="%Y"), _short_duration
    )


def _french_report(meeting: Meeting, connections: Sequence[Connection]) -> Lines:
    def clock(moment: datetime) -> str:
        return moment.strftime("%d/%m/%Y à %H:%M:%S")

    def duration(seconds: int) -> str:
        return " ".join(f"{part[:-1]}{_NBSP}{part[-1]}" for part in _short_duration(seconds).split())

    return _summary_and_table(meeting, connections, _FRENCH, clock, duration)


def _summary_and_table(
    meeting: Meeting,
    connections: Sequence[Connection],
    words: Sequence[str],
    clock: Callable[[datetime], str],
    duration: Callable[[int], str],
) -> Lines:
    title, people, topic, starts, ends, *columns, organiser, attendee = words
    lines: Lines = [
        (title,),
        (people, str(len({one.name for one in connections}))),
        (topic, meeting.topic),
        (starts, clock(meeting.starts)),
        (ends, clock(meeting.ends)),
        (),
        columns,
    ]
    for number, one in enumerate(connections):
        role = attendee if number else organiser
        lines.append(
            (one.name, clock(one.joined), clock(one.left), duration(one.seconds), one.email or "", role)
        )
    return lines


def _parts(meeting: Meeting, connections: Sequence[Connection]) -> Lines:
    people: dict[tuple[str, str], list[Connection]] = {}
    for one in connections:
        people.setdefault((one.name, one.email or ""), []).append(one)
    length = int((meeting.ends - meeting.starts).total_seconds())
    average = sum(one.seconds for one in connections) // len(people)
    lines: Lines = [
        ("1. Summary",),
        ("Meeting title", meeting.topic),
        ("Attended participants", str(len(people))),
        ("Start time", _english(meeting.starts)),
        ("End time", _english(meeting.ends)),
        ("Meeting duration", _duration(length)),
        ("Average attendance time", _duration(average)),
        (),
        ("2. Participants",),
        ("Name", "First Join", "Last Leave", "In-Meeting Duration", "Email", "Participant ID (UPN)", "Role"),
    ]
    for number, ((name, email), own) in enumerate(people.items()):
        first, last = min(one.joined for one in own), max(one.left for one in own)
        total = _duration(sum(one.seconds for one in own))
        lines.append((name, _english(first), _english(last), total, email, email, _role(number)))
    lines += [
        (),
        ("3. In-Meeting Activities",),
        ("Name", "Join Time", "Leave Time", "Duration", "Email", "Role"),
    ]
    for number, one in enumerate(connections):
        times = (_english(one.joined), _english(one.left), _duration(one.seconds))
        lines.append((one.name, *times, one.email or "", _role(number)))
    return lines


_LINES: dict[TeamsShape, Callable[[Meeting, Sequence[Connection]], Lines]] = {
    TeamsShape.EVENTS_2020: _events,
    TeamsShape.REPORT_2021: _report,
    TeamsShape.REPORT_2021_FRENCH: _french_report,
    TeamsShape.PARTS_2022: _parts,
}


def _role(number: int) -> str:
    return "Attendee" if number else "Organizer"


def _english(moment: datetime, year: str = "%y") -> str:
    hour = moment.hour % 12 or 12
    return f"{moment.month}/{moment.day}/{moment.strftime(year)}, {hour}:{moment:%M:%S %p}"


def _duration(seconds: int) -> str:
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    parts = [f"{count}{unit}" for count, unit in ((hours, "h"), (minutes, "m"), (rest, "s")) if count]
    return " ".join(parts) or "0s"


def _short_duration(seconds: int) -> str:
    """Without the seconds from an hour on, as the reports of 2021 have it."""
    return _duration(seconds - seconds % 60 if seconds >= 3600 else seconds)
