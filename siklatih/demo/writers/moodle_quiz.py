"""Moodle's quiz grades as CSV: a line an attempt, the maximum in the heading, an average at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum

_INDONESIAN_MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November", "Desember",
)  # fmt: skip
_ENGLISH_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_WORDS = {
    "en": ("First name", "Institution", "Department", "Email address", "State", "Started on", "Completed", "Time taken", "Grade", "Q.", "Finished", "In progress", "Overall average"),
    "id": ("Nama depan", "Lembaga", "Departemen", "Alamat email", "Keadaan", "Dimulai pada", "Selesai", "Waktu yang digunakan", "Nilai", "P.", "Selesai", "Sedang berlangsung", "Rata-rata keseluruhan"),
}  # fmt: skip


class QuizLayout(Enum):
    """What a site shows of people: the title of the first column, and what stands in the others."""

    SURNAME = "Surname"
    LAST_NAME = "Last name"
    WITH_OFFICE = "Surname, with institution and department"
    NUMBER_AS_FIRST_NAME = "Surname, and the employee number as first name"


@dataclass(frozen=True)
class Attempt:
    """One attempt, to the second; one that is not ``completed`` has no grade.

    ``answers`` are the points of each question, None without an answer.
    """

    family: str
    given: str
    number: str
    email: str
    began: datetime
    completed: datetime | None
    answers: Sequence[Decimal | None]
    institution: str = ""
    department: str = ""

    @property
    def grade(self) -> Decimal | None:
        """The points of all questions."""
        if self.completed is None:
            return None
        return sum((points for points in self.answers if points is not None), Decimal(0))


def quiz_bytes(
    questions: Sequence[Decimal],
    attempts: Sequence[Attempt],
    layout: QuizLayout = QuizLayout.SURNAME,
    *,
    language: str = "en",
) -> bytes:
    """Return the grades, UTF-8 and LF. ``questions`` are their most points; they add up to the grade's."""
    first, institution, department, email, *times, grade, question, _, _, _ = _WORDS[language]
    surname = "Last name" if layout is QuizLayout.LAST_NAME else "Surname"
    person = [surname if language == "en" else "Nama akhir", first]
    person += [institution, department] if layout is QuizLayout.WITH_OFFICE else []
    marks = [f"{grade}/{_points(sum(questions, Decimal(0)), language)}"]
    marks += [f"{question} {n} /{_points(most, language)}" for n, most in enumerate(questions, start=1)]
    lines = [[*person, email, *times, *marks], *(_line(one, layout, language) for one in attempts)]
    graded = [one for one in attempts if one.grade is not None]
    if graded:
        lines.append(_average(graded, len(questions), len(person) + 1 + len(times), language))
    return "".join(",".join(map(_quoted, line)) + "\n" for line in lines).encode()


def _line(one: Attempt, layout: QuizLayout, language: str) -> list[str]:
    *_, finished, running, _ = _WORDS[language]
    name = [one.family, one.given]
    if layout is QuizLayout.NUMBER_AS_FIRST_NAME:
        name = [" ".join(dict.fromkeys((one.given, one.family))), one.number]
    if layout is QuizLayout.WITH_OFFICE:
        name += [one.institution, one.department]
    ended, taken, grade = "-", "-", "-"
    if one.completed is not None and one.grade is not None:
        ended = _moment(one.completed, language)
        taken = _duration(int((one.completed - one.began).total_seconds()), language)
        grade = _points(one.grade, language)
    answers = ["-" if points is None else _points(points, language) for points in one.answers]
    state = finished if one.completed else running
    return [*name, one.email, state, _moment(one.began, language), ended, taken, grade, *answers]


def _average(graded: Sequence[Attempt], questions: int, before: int, language: str) -> list[str]:
    columns = [[one.grade or Decimal(0) for one in graded]]
    columns += [[one.answers[place] or Decimal(0) for one in graded] for place in range(questions)]
    means = [_points(sum(column, Decimal(0)) / len(graded), language) for column in columns]
    return [_WORDS[language][-1], *[""] * (before - 1), *means]


def _points(value: Decimal, language: str) -> str:
    text = f"{value:.2f}"
    return text.replace(".", ",") if language == "id" else text


def _moment(moment: datetime, language: str) -> str:
    if language == "id":
        return f"{moment.day} {_INDONESIAN_MONTHS[moment.month - 1]} {moment.year}  {moment:%H:%M}"
    month = _ENGLISH_MONTHS[moment.month - 1]
    return f"{moment.day} {month} {moment.year}  {moment.hour % 12 or 12}:{moment:%M %p}"


def _duration(seconds: int, language: str) -> str:
    """The two largest units, as Moodle writes durations."""
    units = (("day", "hari"), ("hour", "jam"), ("min", "menit"), ("sec", "detik"))
    counts = (seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60, seconds % 60)
    if language == "id":
        parts = [f"{count} {name}" for count, (_, name) in zip(counts, units, strict=True) if count]
        return " ".join(parts[:2]) or "0 detik"
    parts = [
        f"{count} {name}{'' if count == 1 else 's'}"
        for count, (name, _) in zip(counts, units, strict=True)
        if count
    ]
    return " ".join(parts[:2]) or "0 secs"


def _quoted(cell: str) -> str:
    """Quotation marks where PHP puts them: around what holds a blank, a delimiter or a mark."""
    if any(mark in cell for mark in ' ,"\n\t\\'):
        return '"' + cell.replace('"', '""') + '"'
    return cell
