"""Files as the tools write them: the agency's workbook, LimeSurvey, Moodle attendance, Zoom participants."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from siklatih.contracts import Contract
from siklatih.demo.writers.forms import Submission, form_of
from siklatih.demo.writers.limesurvey import limesurvey_csv
from siklatih.instruments import Instrument
from siklatih.workbooks import save_workbook

Rows = Sequence[Sequence[object]]


def stamp(path: Path, when: datetime) -> None:
    """Give a file the time its tool would have given it (WIB, UTC+7)."""
    seconds = (when - datetime(1970, 1, 1)).total_seconds() - 7 * 3600  # noqa: DTZ001  (local, naive)
    os.utime(path, (seconds, seconds))


def write_workbook(
    path: Path,
    contracts: Mapping[str, Contract],
    sheets: Mapping[str, tuple[Sequence[str], Rows]],
    *,
    when: datetime,
    provider: str,
) -> None:
    """Write the agency's workbook: dataset -> (columns, rows), under the contract's Indonesian headings."""
    from openpyxl import Workbook  # noqa: PLC0415

    book = Workbook(write_only=True)
    meta = book.create_sheet("meta")
    meta.append(["siklatih-workbook", "1"])
    meta.append(["exported_at", when.isoformat(sep=" ")])
    meta.append(["provider", provider])
    for dataset, (columns, rows) in sheets.items():
        sheet = book.create_sheet(contracts[dataset].title_id)
        sheet.append([contracts[dataset].column(name).title_id for name in columns])
        for row in rows:
            sheet.append(list(row))
    save_workbook(book, path, when)
    stamp(path, when)


def write_limesurvey(
    path: Path,
    instrument: Instrument,
    responses: Sequence[tuple[Mapping[str, str], Mapping[str, int], datetime | None]],
    *,
    when: datetime,
    first: int = 0,
) -> None:
    """Write a results CSV, numbered after ``first``: facts by question, answers by item code, time of submission (None: not sent).

    The answers are those of the truth, in which more is better; on a reversed item a person ticks the opposite.
    """
    reversed_items = {item.code for item in instrument.items if item.reversed}
    submissions = [
        Submission(
            {instrument.questions[question]: text for question, text in facts.items()},
            {
                code: 6 - value if code in reversed_items else value
                for code, value in answers.items()
                if value
            },
            submitted,
        )
        for facts, answers, submitted in responses
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(limesurvey_csv(form_of(instrument), submissions, first=first))
    stamp(path, when)


def write_moodle(
    path: Path,
    *,
    course: str,
    group: str,
    people: Sequence[tuple[str, str]],
    sessions: Sequence[datetime],
    marks: Mapping[tuple[str, datetime], str],
    when: datetime,
) -> None:
    """Write the attendance text: people are (name, ID number); marks by (ID number, session), ``?`` if none."""
    heading = ["Last name", "First name", "ID number"]
    heading += [f"{start:%d %b %Y %I.%M%p} All students" for start in sessions]
    lines = [f"Course\t{course}", f"Group\t{group}", ""]
    lines.append("\t".join([*heading, "P", "L", "E", "A", "Taken sessions", "Points", "Percentage"]))
    for name, number in people:
        given, _, family = name.partition(" ")
        found = [marks.get((number, start), "?") for start in sessions]
        counts = [sum(mark == status for mark in found) for status in "PLEA"]
        points = 2 * counts[0] + counts[1]
        cells = [f"{m} ({2 if m == 'P' else 1 if m == 'L' else 0}/2)" if m != "?" else m for m in found]
        share = f"{100 * points / max(1, 2 * len(found)):.1f}".replace(".", ",")
        summary = [*map(str, counts), str(len(found)), f"{points} / {2 * len(found)}", share]
        lines.append("\t".join([family, given, number, *cells, *summary]))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(("\n".join(lines) + "\n").encode())
    stamp(path, when)


def write_zoom(
    path: Path,
    *,
    meeting: str,
    topic: str,
    start: datetime,
    end: datetime,
    connections: Sequence[tuple[str, str, datetime, datetime]],
) -> None:
    """Write a participants CSV with its meeting block: (name, e-mail, joined, left), a line a connection."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(
        ["Meeting ID", "Topic", "Start Time", "End Time", "User Email", "Duration (Minutes)", "Participants"]
    )
    minutes = int((end - start).total_seconds() // 60)
    writer.writerow(
        [meeting, topic, _clock(start), _clock(end), "lms@example.org", minutes, len(connections)]
    )
    writer.writerow([""] * 7)
    writer.writerow(
        [
            "Name (Original Name)",
            "User Email",
            "Join Time",
            "Leave Time",
            "Duration (Minutes)",
            "Guest",
            "Recording Consent",
        ]
    )
    for name, email, joined, left in connections:
        rounded = -(-int((left - joined).total_seconds()) // 60)
        writer.writerow([name, email, _clock(joined), _clock(left), rounded, "No", ""])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(out.getvalue().encode())
    stamp(path, end + timedelta(hours=1))


def _clock(moment: datetime) -> str:
    return moment.strftime("%m/%d/%Y %I:%M:%S %p")
