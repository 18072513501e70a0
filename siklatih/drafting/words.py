"""Which words of cells a draft may repeat: only those made of the contracts' and questionnaires' own words.

Any other word may be somebody's name, whatever its column is called.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from siklatih.contracts import Column
from siklatih.drafting.text import is_private
from siklatih.forms import FormTable, answer_of
from siklatih.instruments import Instrument
from siklatih.sources.protocol import Catalogue
from siklatih.sources.tables import is_blank
from siklatih.sources.values import canonical, plain_text
from siklatih.wording import collapse, fold

# words of codes that stand in no contract
_CODES = """
    pegawai negeri sipil pemerintah dengan perjanjian kerja laki perempuan pria wanita hadir tidak sakit izin
    ijin alpa alfa tanpa keterangan terlambat dinas luar lulus mengundurkan diri aktif pensiun struktural
    pejabat tinggi pratama madya eselon administrasi guru kesehatan cukup kurang puas sekali sangat baik buruk
    setuju netral ragu ya yes no agree disagree neutral strongly satisfied very good poor fair male female
    present absent late excused
"""
_WORDS = 20  # a column with more different words is no column of codes


def vocabulary_of(catalogue: Catalogue) -> set[str]:
    """Return all words that a draft may repeat from cells."""
    texts = [_CODES]
    for contract in catalogue.contracts.values():
        for column in contract.columns:
            texts += [column.title_id, column.title_en]
            texts += [
                text for value in column.values for text in (value.value, value.label_id, value.label_en)
            ]
    for instrument in catalogue.instruments.values():
        for labels in (instrument.labels, *(item.labels for item in instrument.items)):
            texts += [word for words in labels.values() for word in words]
    return {word for text in texts for word in fold(text).split()}


def _may_be_repeated(text: str, vocabulary: set[str]) -> bool:
    words = fold(text).split()
    return bool(words) and vocabulary.issuperset(words) and not is_private(text)


def code_words(
    column: Column, cells: Sequence[object], vocabulary: set[str]
) -> tuple[dict[str, str | None], int]:
    """Return a column's words with their codes, None where open, and how many others are not repeated."""
    codes = {value.value for value in column.values}
    english = {value.label_en.casefold(): value.value for value in column.values}
    found: dict[str, str | None] = {}
    hidden: set[str] = set()
    for text in {collapse(plain_text(cell)): None for cell in cells if not is_blank(cell)}:
        code = canonical(column, text)
        code = code if code in codes else english.get(text.casefold())
        if code is not None or _may_be_repeated(text, vocabulary):
            found[text] = code
        else:
            hidden.add(text)
    if len(found) + len(hidden) <= _WORDS:
        return found, len(hidden)
    known: dict[str, str | None] = {text: code for text, code in found.items() if code is not None}
    return known, len(found) + len(hidden) - len(known)


def answer_words(
    table: FormTable, instrument: Instrument, items: Mapping[int, str], vocabulary: set[str]
) -> dict[str, str | None]:
    """Return the words of answers that have no number yet, by what they stand for: nothing, it is open."""
    found: dict[str, str | None] = {}
    for index, code in items.items():
        for text in {collapse(record.cells[index]): None for record in table.records}:
            answer = answer_of(text or None, instrument.item(code), instrument, None, table.headings[index])
            if answer == text and not text.isdigit() and _may_be_repeated(text, vocabulary):
                found[text] = None
    return found if len(found) <= _WORDS else {}
