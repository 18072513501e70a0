"""Google Forms: CSV straight from the form, or from its spreadsheet; the first heading is localised."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from siklatih.demo.writers.forms import Form, Submission, csv_text, number_shown, words_shown

_TIME = {"id": "Stempel waktu", "en": "Timestamp"}


def google_csv(
    form: Form,
    submissions: Sequence[Submission],
    *,
    words: bool = True,
    grid: bool = False,
    zone: bool = False,
) -> bytes:
    """Return the export in the language of the form.

    Args:
        form: what was asked; in Indonesian the day stands first, in English the month.
        submissions: the answers.
        words: scales of words (a grid, multiple choice); else linear scales of numbers.
        grid: the items are rows of grids, one a group, headed ``Grid [row]``.
        zone: straight from the form: every cell quoted, and moments as ``2026/08/05 9:12:33 AM GMT+7``.
    """
    headings = [
        f"{q.group.replace('_', ' ').capitalize()} [{q.wording}]" if grid and form.is_item(q) else q.wording
        for q in form.questions
    ]
    shown = words_shown if words else number_shown
    rows: list[list[object]] = [[_TIME[form.language], *headings]]
    rows += [
        [
            _clock(one.sent, form.language, zone=zone),
            *(shown(form, question, one) for question in form.questions),
        ]
        for one in submissions
    ]
    return csv_text(rows, quoted=zone, end="\n" if zone else "\r\n").encode()


def _clock(moment: datetime | str | None, language: str, *, zone: bool) -> str:
    if not isinstance(moment, datetime):
        return moment or ""
    time = f"{moment:%M:%S}"
    if zone:
        half = "AM" if moment.hour < 12 else "PM"
        return f"{moment:%Y/%m/%d} {(moment.hour - 1) % 12 + 1}:{time} {half} GMT+7"
    day = f"{moment:%d/%m/%Y}" if language == "id" else f"{moment.month}/{moment.day}/{moment.year}"
    return f"{day} {moment.hour}:{time}"
