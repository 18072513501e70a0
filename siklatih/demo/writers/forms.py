"""Forms and submissions as the tools' writers take them, and what the writers share."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from siklatih.instruments import Instrument
from siklatih.workbooks import workbook_bytes

OFFSET = timedelta(hours=7)  # WIB; the tools that write universal time are this much behind
Language = Literal["id", "en"]
Sheets = Mapping[str, Sequence[Sequence[object]]]


@dataclass(frozen=True)
class Question:
    """A column of a form. ``name`` is an item's code, a fact's column, or the name of a text nobody reads.

    Args:
        name: the technical name.
        wording: what the form asks.
        survey_code: what LimeSurvey calls it.
        group: the group it stands in; empty outside groups.
    """

    name: str
    wording: str
    survey_code: str
    group: str = ""


@dataclass(frozen=True)
class Submission:
    """One person's form. ``None`` as ``sent`` was never sent; a text is written as it stands.

    Args:
        facts: column of the dataset -> value, such as the batch's code.
        answers: item code -> the number as given; a reversed item is not turned.
        sent: when it was sent (WIB, naive).
        texts: name of a text question -> what was written.
        choices: what was ticked where several could be.
    """

    facts: Mapping[str, str]
    answers: Mapping[str, int]
    sent: datetime | str | None
    texts: Mapping[str, str] = field(default_factory=dict)
    choices: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Form:
    """A questionnaire as one form asks it, question by question in the order of its columns."""

    instrument: Instrument
    questions: tuple[Question, ...]
    language: Language = "id"

    def without(self, *names: str) -> Form:
        """The form with these questions left out, as an earlier version of it may be."""
        return replace(self, questions=tuple(q for q in self.questions if q.name not in names))

    def turned(self, by: int) -> Form:
        """The form with its columns moved, the first ``by`` of them to the end."""
        return replace(self, questions=self.questions[by:] + self.questions[:by])

    def asking(self, question: Question) -> Form:
        """The form with one more question."""
        return replace(self, questions=(*self.questions, question))

    def is_item(self, question: Question) -> bool:
        """Tell whether a question is one of the instrument's items."""
        return any(item.code == question.name for item in self.instrument.items)


def form_of(instrument: Instrument, language: Language = "id", *texts: Question) -> Form:
    """Return the form that asks an instrument's facts, its items, and these further texts."""
    codes = {column: code for code, column in instrument.questions.items()}
    facts = [
        Question(fact.column, _worded(fact.names, language), codes.get(fact.column, fact.column))
        for fact in instrument.facts
    ]
    items = [
        Question(
            item.code, item.wording_en if language == "en" else item.wording_id, item.question, item.subscale
        )
        for item in instrument.items
    ]
    return Form(instrument, (*facts, *items, *texts), language)


def _worded(names: Sequence[str], language: Language) -> str:
    """A fact's names are its column, its code, then its wordings: Indonesian, English, variants."""
    return names[min(2 if language == "id" else 3, len(names) - 1)]


def number_shown(form: Form, question: Question, submission: Submission) -> str:
    """Return what stands in a cell: an answer as its number, a fact or a text as it is; empty if none."""
    if form.is_item(question):
        answer = submission.answers.get(question.name)
        return "" if answer is None else str(answer)
    return submission.facts.get(question.name, submission.texts.get(question.name, ""))


def words_shown(form: Form, question: Question, submission: Submission) -> str:
    """Return the same, with an answer as the word of its scale; the number where it has none."""
    if not form.is_item(question) or question.name not in submission.answers:
        return number_shown(form, question, submission)
    item = form.instrument.item(question.name)
    labels = item.labels or form.instrument.labels
    words = labels.get(form.language) or labels.get("id", ())
    place = submission.answers[question.name] - item.scale[0]
    return words[place] if 0 <= place < len(words) else str(submission.answers[question.name])


def iso(moment: datetime | str | None, mark: str = " ") -> str:
    """Return a moment as ``2026-08-05 14:03:11``; a text stays as it is, none is empty."""
    return moment.isoformat(sep=mark, timespec="seconds") if isinstance(moment, datetime) else moment or ""


def universal(moment: datetime | str | None) -> str:
    """Return the moment in universal time, as ``2026-08-05T07:03:11``."""
    return iso(moment - OFFSET if isinstance(moment, datetime) else moment, "T")


def csv_text(
    rows: Sequence[Sequence[object]], *, delimiter: str = ",", quoted: bool = False, end: str = "\n"
) -> str:
    """Return rows as delimited text; ``quoted`` sets every cell between quotation marks."""
    out = io.StringIO(newline="")
    writer = csv.writer(
        out,
        delimiter=delimiter,
        quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL,
        lineterminator=end,
    )
    writer.writerows(rows)
    return out.getvalue()


def xlsx_bytes(sheets: Sheets, when: datetime) -> bytes:
    """Return a workbook as if saved at ``when``; a text is a text, whatever it begins with."""
    from openpyxl import Workbook  # noqa: PLC0415

    book = Workbook()
    book.remove(book.active)
    book.properties.created = when
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for line, row in enumerate(rows, start=1):
            for place, value in enumerate(row, start=1):
                if value is None or value == "":
                    continue
                cell = sheet.cell(line, place, value if not isinstance(value, str) else None)
                if isinstance(value, str):
                    cell.value, cell.data_type = value, "s"
    return workbook_bytes(book, when)
