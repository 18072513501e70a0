"""What is said of a form that cannot be matched. Columns go by letters, for a heading may hold a name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher

from siklatih.errors import MendError
from siklatih.instruments import Instrument
from siklatih.sources.values import column_letters
from siklatih.wording import fold

_LISTED = 10


def unknown_question(
    instrument: Instrument, row: int, columns: Sequence[int], headings: Sequence[str]
) -> MendError:
    """Say which columns match no question, each with the item whose wording comes nearest."""
    near = [(column_letters(index), _nearest(headings[index], instrument)) for index in columns[:_LISTED]]
    more_en = f" and {len(columns) - _LISTED} more" if len(columns) > _LISTED else ""
    more_id = f" dan {len(columns) - _LISTED} lagi" if len(columns) > _LISTED else ""
    return MendError(
        "unknown_question",
        en="The questions in these columns are not known (in brackets the nearest item): "
        f"{', '.join(f'{letters} ({item})' for letters, item in near)}{more_en}. "
        f"Nearest questionnaire: {instrument.code}. Add their wordings to it in config/instruments, or name "
        "them in a mapping in config/mappings, also those to ignore.",
        id_="Pertanyaan pada kolom ini tidak dikenal (dalam kurung butir terdekat): "
        f"{', '.join(f'{letters} ({item})' for letters, item in near)}{more_id}. "
        f"Angket terdekat: {instrument.code}. Tambahkan bunyinya di config/instruments, atau sebutkan "
        "dalam pemetaan di config/mappings, termasuk yang diabaikan.",
        row=row,
        column=near[0][0],
    )


def unknown_form(
    tool: str,
    row: int,
    columns: Sequence[int],
    headings: Sequence[str],
    instruments: Mapping[str, Instrument],
) -> MendError:
    """Say that the tool is known and the questionnaire is not."""
    letters = ", ".join(column_letters(index) for index in columns[:_LISTED])
    nearest = max(
        instruments.values(),
        key=lambda instrument: sum(_likeness(headings[index], instrument)[0] for index in columns[:_LISTED]),
        default=None,
    )
    known = nearest.code if nearest else "-"
    return MendError(
        "unknown_form",
        en=f"This is an export of {tool}, but its questions (columns {letters}) are those of no "
        f"questionnaire. Nearest questionnaire: {known}. Add an instrument in config/instruments or a "
        "mapping in config/mappings.",
        id_=f"Ini ekspor {tool}, tetapi pertanyaannya (kolom {letters}) bukan milik angket mana pun. "
        f"Angket terdekat: {known}. Tambahkan angket di config/instruments atau pemetaan di "
        "config/mappings.",
        row=row,
    )


def no_question(tool: str, row: int) -> MendError:
    """Say that a table has the tool's own columns only."""
    return MendError(
        "no_question",
        en=f"This export of {tool} has no column with a question. Export the form with its answers.",
        id_=f"Ekspor {tool} ini tidak memuat kolom pertanyaan. Ekspor formulir beserta jawabannya.",
        row=row,
    )


def ambiguous_form(tool: str, row: int, names: Sequence[str]) -> MendError:
    """Say that two questionnaires or mappings fit equally well."""
    listed = ", ".join(names)
    return MendError(
        "ambiguous_form",
        en=f"The questions of this export of {tool} fit two definitions equally well ({listed}). Name the "
        "form's headings in one mapping in config/mappings.",
        id_=f"Pertanyaan ekspor {tool} ini sama cocoknya dengan dua definisi ({listed}). Sebutkan judul "
        "kolomnya dalam satu pemetaan di config/mappings.",
        row=row,
    )


def asked_twice(row: int, columns: Sequence[int]) -> MendError:
    """Say which columns stand for the same question."""
    letters = ", ".join(column_letters(index) for index in columns[:_LISTED])
    return MendError(
        "question_twice",
        en=f"These columns stand for a question that is there twice: {letters}. Delete one of them, or "
        "have one ignored in a mapping in config/mappings.",
        id_=f"Kolom ini berisi pertanyaan yang muncul dua kali: {letters}. Hapus salah satunya, atau "
        "abaikan satu dalam pemetaan di config/mappings.",
        row=row,
        column=column_letters(columns[0]),
    )


def _nearest(heading: str, instrument: Instrument) -> str:
    return _likeness(heading, instrument)[1]


def _likeness(heading: str, instrument: Instrument) -> tuple[float, str]:
    """Return how like the nearest item's wording is to the heading, and the item's code."""
    words = fold(heading)[:300]
    return max(
        (
            (SequenceMatcher(None, fold(name), words, autojunk=False).ratio(), item.code)
            for item in instrument.items
            for name in item.names
        ),
        default=(0.0, "-"),
    )
