"""What is said of a form that cannot be matched. Columns go by letters, for a heading may hold a name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from siklatih.errors import MendError
from siklatih.instruments import Instrument
from siklatih.sources.values import column_letters
from siklatih.wording import fold, nearest

_LISTED = 40
_WEIGHED = 10  # questions by which the nearest questionnaire is told
_MAP_EN = "Or have `siklatih map FILE` draft a mapping to review."
_MAP_ID = "Atau buat draf pemetaan dengan `siklatih map BERKAS`, lalu tinjau."


def unknown_question(
    instrument: Instrument, row: int, columns: Sequence[int], headings: Sequence[str]
) -> MendError:
    """Say which columns match no question, each with the item whose wording comes nearest."""
    near_en, near_id = _each(instrument, columns, headings)
    return MendError(
        "unknown_question",
        en=f"The questions in these columns are not known (in brackets the nearest item): {near_en}. "
        f"Nearest questionnaire: {instrument.code}. Add their wordings to it in config/instruments, or name "
        f"them in a mapping in config/mappings, also those to ignore. {_MAP_EN}",
        id_=f"Pertanyaan pada kolom ini tidak dikenal (dalam kurung butir terdekat): {near_id}. "
        f"Angket terdekat: {instrument.code}. Tambahkan bunyinya di config/instruments, atau sebutkan "
        f"dalam pemetaan di config/mappings, termasuk yang diabaikan. {_MAP_ID}",
        row=row,
        column=column_letters(columns[0]),
    )


def unknown_form(
    tool: str,
    row: int,
    columns: Sequence[int],
    headings: Sequence[str],
    instruments: Mapping[str, Instrument],
) -> MendError:
    """Say that the tool is known and the questionnaire is not, with the nearest item of each question."""
    instrument = nearest_instrument([headings[index] for index in columns], instruments)
    known = instrument.code if instrument else "-"
    near_en, near_id = _each(instrument, columns, headings)
    return MendError(
        "unknown_form",
        en=f"This is an export of {tool}, but its questions are those of no questionnaire. Nearest "
        f"questionnaire: {known}; columns, in brackets the nearest item: {near_en}. Add an "
        f"instrument in config/instruments or a mapping in config/mappings. {_MAP_EN}",
        id_=f"Ini ekspor {tool}, tetapi pertanyaannya bukan milik angket mana pun. Angket terdekat: {known}; "
        f"kolom, dalam kurung butir terdekat: {near_id}. Tambahkan angket di "
        f"config/instruments atau pemetaan di config/mappings. {_MAP_ID}",
        row=row,
    )


def _each(instrument: Instrument | None, columns: Sequence[int], headings: Sequence[str]) -> tuple[str, str]:
    """List columns by their letters with the item that comes nearest to each, in both languages."""
    names = item_names(instrument) if instrument else []
    listed = ", ".join(
        f"{column_letters(index)} ({nearest(fold(headings[index]), names)[1] or '-'})"
        for index in columns[:_LISTED]
    )
    more = len(columns) - _LISTED
    return (f"{listed} and {more} more", f"{listed} dan {more} lagi") if more > 0 else (listed, listed)


def item_names(instrument: Instrument) -> list[tuple[str, str]]:
    """Return everything a heading may call an item, folded, with the item's code."""
    return [(fold(name), item.code) for item in instrument.items for name in item.names]


def nearest_instrument(headings: Sequence[str], instruments: Mapping[str, Instrument]) -> Instrument | None:
    """Return the questionnaire whose items come nearest to the first headings; None if there is none."""
    words = [fold(heading) for heading in headings[:_WEIGHED]]

    def likeness(instrument: Instrument) -> float:
        names = item_names(instrument)
        return sum(nearest(one, names)[0] for one in words)

    return max(instruments.values(), key=likeness, default=None)


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
