"""Moodle quiz grades, exported as CSV in any display language: one row an attempt.

The columns are known by the heading of the grade, such as ``Grade/10.00`` or ``Nilai/10,00``: before it
stand the state, when the attempt began and ended, and the time taken. The employee number is the ID
number, else a number of 18 digits in another column that describes the person (some sites put it in the
first name); the e-mail address and the name are read as well. Batch and occasion are not in the file, nor
is the quiz's name: a test is known by the maximum of each of its questions, so the same questions asked
before and after the training, in two quizzes, are one test.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256

from siklatih.contracts import Contract
from siklatih.errors import MendError
from siklatih.identity import normalise_nip
from siklatih.sources.dates import DateParser, Span, date_parser
from siklatih.sources.delimited import blank_to_none, decode, head_text, looks_like_text, records, text_lines
from siklatih.sources.durations import is_duration, seconds_of
from siklatih.sources.protocol import Catalogue, Part, Recognition, Row, SourceFile
from siklatih.sources.values import canonical, column_letters

NAME = "Moodle quiz"
SIGNS = {
    "Last name": "last name|surname|nama akhir|nama belakang",
    "First name": "first name|nama depan",
    "Started on": "started on|started|dimulai( pada)?",
    "Completed": "completed|selesai",
    "Time taken": "time taken|waktu yang diambil|waktu pengerjaan",
    "Grade/10.00": r"[^\d/]+/ ?\d{1,6}([.,]\d+)?",
}
_GRADE = re.compile(r"[^\d/]+/ ?(\d{1,6}(?:[.,]\d+)?)")
_QUESTION = re.compile(r"/ ?(\d{1,6}(?:[.,]\d+)?)$")
_NUMBER = re.compile(r"\d{18}")
_ID_TITLES = {"id number", "idnumber", "nomor id", "nomor identitas", "nip"}
_BEFORE = 4  # state, began, ended and time taken stand before the grade
_PERSON = 2  # at least last and first name stand before those
_NOTHING = ("", "-")
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


@dataclass(frozen=True)
class _Columns:
    width: int
    grade: int
    maximum: str
    number: int | None
    test: str

    def span(self, cells: Sequence[str]) -> Span:
        """When the attempt began and ended, and how long it took."""
        began, ended, taken = (cells[self.grade - back] for back in (3, 2, 1))
        return Span(began, ended, seconds_of(taken))

    def is_average(self, cells: Sequence[str]) -> bool:
        """A line that sums up has its title and grades, and nothing about a person or an attempt."""
        return all(cell in _NOTHING for cell in cells[1 : self.grade]) and bool(cells[0])


def recognise(file: SourceFile) -> Recognition | None:
    """The heading of a grade with its maximum; below it, a date and the time taken stand before the grade."""
    if not looks_like_text(file.head):
        return None
    lines = _first_lines(file)
    delimiter = _delimiter(lines[0]) if lines else None
    if delimiter is None:
        return None
    heading, *below = _cells(lines, delimiter) or [[]]
    columns = _columns(heading)
    if columns is None:
        return None
    filled = [cells for cells in below if len(cells) == len(heading) and not columns.is_average(cells)]
    if filled and not any(_is_attempt(columns, cells) for cells in filled):
        return None
    return Recognition(1.0, "a grade with its maximum behind the times of an attempt")


def read(file: SourceFile, catalogue: Catalogue) -> Iterator[Part]:
    """Yield one part: a row for every graded attempt; what has no grade is counted as incomplete."""
    text = decode(file)
    delimiter = _delimiter(_first_lines(file)[0]) or ","
    part = Part("test_scores", "table")
    columns: _Columns | None = None
    attempts: list[tuple[int, list[str]]] = []
    for line, found in records(text, delimiter):
        cells = [cell.strip() for cell in found]
        if not any(cells):
            part.count("blank")
        elif columns is None:
            columns = _columns(cells)
            if columns is None:
                raise _no_grade(line)
            _check_whole(cells, columns, line)
            part.count("heading")
        elif len(cells) != columns.width:
            raise _out_of_step(line)
        elif columns.is_average(cells):
            part.count("total")
        elif cells[columns.grade] in _NOTHING:
            part.count("incomplete")
        else:
            part.count("data")
            attempts.append((line, cells))
    if columns is not None:
        part.rows += _rows(catalogue.contracts["test_scores"], columns, attempts)
    yield part


def _first_lines(file: SourceFile) -> list[str]:
    return text_lines(head_text(file.head))[:50]


def _cells(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    """Split the first lines, as far as needed to know the file; what is broken is told on reading."""
    try:
        return [[cell.strip() for cell in cells] for cells in csv.reader(lines, delimiter=delimiter)]
    except csv.Error:
        return []


def _delimiter(line: str) -> str | None:
    for delimiter in (",", ";", "\t"):
        if any(_columns(cells) for cells in _cells([line], delimiter)):
            return delimiter
    return None


def _columns(heading: Sequence[str]) -> _Columns | None:
    for index, cell in enumerate(heading):
        found = _GRADE.fullmatch(cell.strip())
        if found is not None and index >= _BEFORE + _PERSON:
            titles = [" ".join(title.split()).casefold() for title in heading[: index - _BEFORE]]
            number = next((place for place, title in enumerate(titles) if title in _ID_TITLES), None)
            return _Columns(len(heading), index, _number_in(found[1]), number, _test_code(heading[index:]))
    return None


def _check_whole(heading: Sequence[str], columns: _Columns, line: int) -> None:
    """Refuse ``Nilai/10,00`` that a comma without quotes has split: the grades would lose their decimals."""
    split = next((at for at in range(columns.grade + 1, len(heading)) if heading[at].isdecimal()), None)
    if split is not None:
        raise MendError(
            "split_decimals",
            en="The decimal commas of the grades split them into two columns, for the cells lost their "
            "quotation marks. Export the grades from Moodle again and do not save them with another program.",
            id_="Koma desimal memecah nilai menjadi dua kolom karena tanda kutip selnya hilang. Ekspor ulang "
            "nilainya dari Moodle, tanpa disimpan ulang di program lain.",
            row=line,
            column=column_letters(split),
        )


def _number_in(text: str) -> str:
    return text.replace(",", ".")


def _test_code(marks: Sequence[str]) -> str:
    """A code of the test's own from the maxima of the grade and its questions, in any language's words."""
    found = [_QUESTION.search(mark.strip()) for mark in marks]
    maxima = [f"{Decimal(_number_in(one[1])):.4f}" for one in found if one is not None]
    return f"KUIS-{sha256(' '.join(maxima).encode()).hexdigest()[:8]}"


def _is_attempt(columns: _Columns, cells: Sequence[str]) -> bool:
    taken = cells[columns.grade - 1]
    span = columns.span(cells)
    began = span.start or ""
    return (began in _NOTHING or any(letter.isdecimal() for letter in began)) and (
        taken in _NOTHING or is_duration(taken)
    )


def _rows(contract: Contract, columns: _Columns, attempts: Sequence[tuple[int, list[str]]]) -> Iterator[Row]:
    spans = [columns.span(cells) for _, cells in attempts]
    lines = [line for line, _ in attempts]
    parser = date_parser([span.start for span in spans], spans=spans, rows=lines)
    numbers = [_number(contract, columns, line, cells) for line, cells in attempts]
    people = [_person(columns, cells, number) for (_, cells), number in zip(attempts, numbers, strict=True)]
    if attempts and not any(person["nip"] or person["email"] for person in people):
        raise _no_number()
    for (line, cells), person in zip(attempts, people, strict=True):
        yield Row(line, {**person, **_values(contract, columns, cells, parser)})


def _person(columns: _Columns, cells: Sequence[str], number: str | None) -> dict[str, str | None]:
    """Return who made the attempt; the first two columns are the last and the first name."""
    given = cells[: columns.grade - _BEFORE]
    last, first = given[:2]
    words = [word for word in (first, last) if word and not _NUMBER.fullmatch(normalise_nip(word))]
    return {
        "nip": number,
        "email": next((cell for cell in given if _ADDRESS.fullmatch(cell)), None),
        "name": " ".join(words) or None,
    }


def _values(
    contract: Contract, columns: _Columns, cells: Sequence[str], parser: DateParser
) -> dict[str, str | None]:
    span = columns.span(cells)  # a score came to be when the attempt ended
    return {
        "batch_code": None,
        "occasion": None,
        "instrument_code": columns.test,
        "instrument_version": "1",
        "taken_at": parser.canonical(span.end if (span.end or "") not in _NOTHING else span.start),
        "score": canonical(contract.column("score"), cells[columns.grade]),
        "max_score": columns.maximum,
    }


def _number(contract: Contract, columns: _Columns, line: int, cells: Sequence[str]) -> str | None:
    """Return the employee number: what the ID number says, else 18 digits elsewhere."""
    person = cells[: columns.grade - _BEFORE]
    known = []
    for at, cell in enumerate(person):
        try:
            known.append(canonical(contract.column("nip"), cell))
        except MendError as error:  # a spreadsheet has rounded it
            error.row, error.column = line, column_letters(at)
            raise
    if columns.number is not None and known[columns.number] not in (None, "-"):
        return known[columns.number]
    found = (digits for cell in known if _NUMBER.fullmatch(digits := normalise_nip(cell or "")))
    return blank_to_none(next(found, ""))


def _no_grade(line: int) -> MendError:
    return MendError(
        "missing_column",
        en="The first line is not the heading of quiz grades, such as Grade/10.00. Export the grades again.",
        id_="Baris pertama bukan judul nilai kuis, seperti Grade/10.00. Ekspor ulang nilainya.",
        row=line,
    )


def _no_number() -> MendError:
    return MendError(
        "missing_column",
        en="No column holds employee numbers or e-mail addresses. Let Moodle show them, and export again.",
        id_="Tidak ada kolom yang memuat NIP atau surel. Atur Moodle agar menampilkannya, lalu ekspor ulang.",
        row=1,
    )


def _out_of_step(line: int) -> MendError:
    return MendError(
        "broken_csv",
        en="This line has another number of cells than the heading. Export the file again.",
        id_="Baris ini tidak sama jumlah selnya dengan judul. Ekspor ulang berkasnya.",
        row=line,
    )


def cells_of(rows: Mapping[int, Sequence[object]], row: int, column: str, _known: Catalogue) -> list[int]:
    """Return where a column of the contract stands: before the grade, the times; before them, the person."""
    texts = {
        number: ["" if cell is None else str(cell).strip() for cell in cells]
        for number, cells in rows.items()
    }
    columns = next((found for _, cells in sorted(texts.items()) if (found := _columns(cells))), None)
    if columns is None:
        return []
    person = texts.get(row, [])[: columns.grade - _BEFORE]
    known = {
        "score": columns.grade,
        "max_score": columns.grade,
        "taken_at": columns.grade - 2,
        "occasion": columns.grade - 2,
        "nip": columns.number,
        "email": next((at for at, cell in enumerate(person) if _ADDRESS.fullmatch(cell)), None),
        "name": 0,
    }
    if columns.number is None:
        known["nip"] = next(
            (at for at, cell in enumerate(person) if _NUMBER.fullmatch(normalise_nip(cell))), known["email"]
        )
    place = known.get(column)
    return [] if place is None else [place]
