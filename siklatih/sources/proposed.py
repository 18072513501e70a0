"""The sheet ``Usulan nama`` of a return: is this name that participant? What its sender answered.

A proposal has a code that is made from pseudonyms; only codes and answers are read, never a name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from siklatih.errors import MendError
from siklatih.sources.protocol import SourceFile
from siklatih.sources.returned import PROPOSAL_SHEET

HEADINGS = (
    "kode / code",
    "angkatan / batch",
    "nama dalam berkas / name in the file",
    "peserta yang diusulkan / proposed participant",
    "baris / rows",
    "jawaban / answer (ya, tidak)",
)
ANSWER_COLUMN = "F"
ANSWERS = {"ya": "ya", "y": "ya", "yes": "ya", "tidak": "tidak", "tdk": "tidak", "no": "tidak"}
_ANSWER = len(HEADINGS) - 1
_CODE = re.compile(r"[0-9a-f]{12}")


def read_answers(file: SourceFile) -> dict[str, str]:
    """Return code -> ``ya`` or ``tidak`` of a return; empty where nothing was asked or answered.

    Raises:
        MendError: an answer or a code is none, or one name was given to two participants.
    """
    from python_calamine import CalamineError, CalamineWorkbook, ZipError  # noqa: PLC0415

    try:
        book = CalamineWorkbook.from_path(str(file.path))
        if PROPOSAL_SHEET not in book.sheet_names:
            return {}
        rows = book.get_sheet_by_name(PROPOSAL_SHEET).to_python(skip_empty_area=False)
    except (CalamineError, ZipError, OSError):
        return {}  # reading the rest says so, in words
    return _answers([[str(cell).strip() for cell in row] for row in rows])


def _answers(rows: Sequence[Sequence[str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    given: dict[tuple[str, ...], str] = {}
    started = False
    for number, cells in enumerate(rows, start=1):
        if cells and cells[0] == HEADINGS[0]:
            started = True
            continue
        said = cells[_ANSWER].casefold() if started and len(cells) > _ANSWER else ""
        if not said:
            continue
        if said not in ANSWERS:
            raise _answer_fault(number)
        code, answer = cells[0], ANSWERS[said]
        if not _CODE.fullmatch(code) or found.get(code, answer) != answer:
            raise _code_fault(number)
        name = (cells[1], cells[2].casefold())
        if answer == "ya" and given.setdefault(name, code) != code:
            raise _twice_fault(number)
        found[code] = answer
    return found


def _answer_fault(row: int) -> MendError:
    return MendError(
        "name_answer",
        en=f"On the sheet “{PROPOSAL_SHEET}” an answer is neither ya nor tidak. Choose one from the list in "
        "the cell, or leave it empty, and send the file again.",
        id_=f"Pada lembar “{PROPOSAL_SHEET}” ada jawaban selain ya atau tidak. Pilih dari daftar di sel itu, "
        "atau kosongkan, lalu kirim ulang.",
        row=row,
        column=ANSWER_COLUMN,
        place=f"lembar {PROPOSAL_SHEET}",
    )


def _code_fault(row: int) -> MendError:
    return MendError(
        "name_code",
        en=f"On the sheet “{PROPOSAL_SHEET}” a code was changed or stands twice with different answers. "
        "Change answers only: take the sheet as it was returned, answer again, and send the file again.",
        id_=f"Pada lembar “{PROPOSAL_SHEET}” ada kode yang diubah, atau muncul dua kali dengan jawaban "
        "berbeda. Ubah jawaban saja: pakai lembar seperti saat dikembalikan, jawab lagi, lalu kirim ulang.",
        row=row,
        column="A",
        place=f"lembar {PROPOSAL_SHEET}",
    )


def _twice_fault(row: int) -> MendError:
    return MendError(
        "name_twice",
        en=f"On the sheet “{PROPOSAL_SHEET}” one name was given to two participants. Answer ya to one of "
        "them at most, and send the file again.",
        id_=f"Pada lembar “{PROPOSAL_SHEET}” satu nama diberikan kepada dua peserta. Jawab ya paling banyak "
        "untuk satu peserta, lalu kirim ulang.",
        row=row,
        column=ANSWER_COLUMN,
        place=f"lembar {PROPOSAL_SHEET}",
    )
