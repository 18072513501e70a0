"""SurveyMonkey: CSV with two heading rows, in a single-byte encoding.

A question of several rows has its wording over the first of them, blanks after it, and the rows below.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby

from siklatih.demo.writers.forms import Form, Question, Submission, csv_text, number_shown, words_shown

_OWN = (
    "Respondent ID", "Collector ID", "Start Date", "End Date", "IP Address", "Email Address", "First Name",
    "Last Name", "Custom Data 1",
)  # fmt: skip
_FIRST_NUMBER = 114_500_000_000


def surveymonkey_csv(
    form: Form,
    submissions: Sequence[Submission],
    *,
    first: int = 0,
    words: bool = True,
    encoding: str = "cp1252",
) -> bytes:
    """Return the export, numbered after ``first``; a letter that the encoding lacks becomes ``?``."""
    upper, lower = list(_OWN), [""] * len(_OWN)
    for over, below in _headings(form):
        upper.append(over)
        lower.append(below)
    shown = words_shown if words else number_shown
    rows: list[list[object]] = [list(upper), list(lower)]
    for number, one in enumerate(submissions, start=_FIRST_NUMBER + first + 1):
        started = one.sent - timedelta(minutes=5) if isinstance(one.sent, datetime) else one.sent
        own = [number, "431200771", _clock(started), _clock(one.sent), "", "", "", "", ""]
        rows.append([*own, *(shown(form, question, one) for question in form.questions)])
    return csv_text(rows, end="\r\n").encode(encoding, errors="replace")


def _headings(form: Form) -> list[tuple[str, str]]:
    """Return the two headings of each column; neighbours of one group are the rows of one question."""
    found = []
    for (is_item, group), asked in groupby(form.questions, lambda q: (form.is_item(q), q.group)):
        block: list[Question] = list(asked)
        if is_item and len(block) > 1:
            stem = f"Seberapa setuju Anda tentang {group.replace('_', ' ')}?"
            found += [(stem if n == 0 else "", q.wording) for n, q in enumerate(block)]
        else:
            found += [(q.wording, "Response" if is_item else "Open-Ended Response") for q in block]
    return found


def _clock(moment: datetime | str | None) -> str:
    return moment.strftime("%m/%d/%Y %I:%M:%S %p") if isinstance(moment, datetime) else moment or ""
