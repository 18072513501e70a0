"""Microsoft Forms: a workbook, or the CSV that Excel saved from it; five columns of its own stand first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Literal

from siklatih.demo.writers.forms import Form, Submission, csv_text, number_shown, words_shown, xlsx_bytes

_OWN = ("Start time", "Completion time", "Email", "Name")
_FILLING = timedelta(minutes=4)
Encoding = Literal["cp1252", "utf-8-sig"]


def microsoft_csv(
    form: Form,
    submissions: Sequence[Submission],
    *,
    encoding: Encoding = "cp1252",
    first: int = 0,
    words: bool = True,
) -> bytes:
    """Return the export saved as CSV, numbered after ``first``; seconds are lost, as ``8/5/26 14:03``.

    In Windows-1252 a letter that it lacks becomes ``?``, as Excel has it.
    """
    rows = list(_rows(form, submissions, "ID", first, words=words))
    for row in rows[1:]:
        row[1:3] = [_short(moment) for moment in row[1:3]]
    return csv_text(rows, end="\r\n").encode(encoding, errors="replace")


def microsoft_xlsx(
    form: Form,
    submissions: Sequence[Submission],
    *,
    when: datetime,
    first: int = 0,
    words: bool = True,
    modified: bool = False,
) -> bytes:
    """Return the export as the tool writes it; ``modified`` with the newer column ``Last modified time``."""
    rows = list(_rows(form, submissions, "Id" if modified else "ID", first, words=words))
    if modified:
        rows = [[*row[:5], "Last modified time" if n == 0 else None, *row[5:]] for n, row in enumerate(rows)]
    return xlsx_bytes({"Sheet1": rows}, when)


def _rows(
    form: Form, submissions: Sequence[Submission], number: str, first: int, *, words: bool
) -> Iterator[list[object]]:
    """Yield the heading, whose questions may end in a hard space, and a row a submission."""
    shown = words_shown if words else number_shown
    yield [number, *_OWN, *(f"{q.wording}\u00a0" if form.is_item(q) else q.wording for q in form.questions)]
    for index, one in enumerate(submissions, start=first + 1):
        started = one.sent - _FILLING if isinstance(one.sent, datetime) else one.sent
        cells = (shown(form, question, one) for question in form.questions)
        yield [index, started, one.sent, "anonymous", "", *cells]


def _short(moment: object) -> object:
    if not isinstance(moment, datetime):
        return moment or ""
    return f"{moment.month}/{moment.day}/{moment:%y} {moment.hour}:{moment:%M}"
