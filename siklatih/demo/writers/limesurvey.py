"""LimeSurvey: results as CSV, UTF-8 with its mark, ``;``, every cell quoted, headings by question code."""

from __future__ import annotations

from collections.abc import Sequence

from siklatih.demo.writers.forms import Form, Submission, csv_text, iso, number_shown, words_shown

_OWN = ("id", "submitdate", "lastpage", "startlanguage", "seed")
_DATED = ("startdate", "datestamp", "ipaddr", "refurl")


def limesurvey_csv(
    form: Form,
    submissions: Sequence[Submission],
    *,
    first: int = 0,
    words: bool = False,
    dated: bool = False,
    delimiter: str = ";",
) -> bytes:
    """Return the export, numbered after ``first``.

    Args:
        form: what was asked.
        submissions: the answers; one without a moment was never sent.
        first: the number before the first response's.
        words: full answers instead of the codes A1 to A5 (five-point lists) or numbers.
        dated: with the columns of a survey that keeps times and addresses.
        delimiter: ``;``, or ``,`` where the exporter chose so.
    """
    heading = [*_OWN, *(_DATED if dated else ()), *(q.survey_code for q in form.questions)]
    rows: list[list[object]] = [heading]
    for number, one in enumerate(submissions, start=first + 1):
        sent = iso(one.sent)
        own = [number, sent, 2 if sent else 1, form.language, 1_000_000 + number]
        times = [sent, sent, "", ""] if dated else []
        rows.append([*own, *times, *_cells(form, one, words=words)])
    text = csv_text(rows, delimiter=delimiter, quoted=True, end="\r\n")
    return b"\xef\xbb\xbf" + text.encode() + b"\r\n"


def _cells(form: Form, one: Submission, *, words: bool) -> list[str]:
    cells = []
    for question in form.questions:
        if words:
            shown = words_shown(form, question, one)
        else:
            shown = number_shown(form, question, one)
            if shown and form.is_item(question) and form.instrument.item(question.name).scale == (1, 5):
                shown = f"A{shown}"
        cells.append(shown.replace("\r\n", "\n").replace("\r", "\n"))
    return cells
