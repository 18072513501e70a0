"""How near a table's titles come to what contracts call their columns: for refusals and drafts only."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from siklatih.contracts import Contract
from siklatih.sources.dates import is_moment
from siklatih.sources.headings import filled_rows
from siklatih.sources.tables import Sheet, is_blank
from siklatih.sources.values import plain_text
from siklatih.wording import fold, nearest

LIKE = 0.6  # from here on a likeness is worth naming
# what tables of offices are headed by, beside the contracts' own titles
USUAL = (
    "no", "nomor", "nama", "nip", "nik", "tanggal", "tgl", "bulan", "tahun", "periode", "opd", "instansi",
    "keterangan", "ket", "email", "e-mail", "surel", "skor", "score", "telepon", "alamat", "peserta", "aduan",
    "layanan", "pegawai", "perangkat daerah",
)  # fmt: skip
_ENOUGH = 2  # titles that look like ours before a row is taken for a heading
_TITLES = 60
_NO_TITLE = re.compile(r"@|\d{4}|\d[\d .,/:-]{5,}")  # addresses, numbers and days stand below headings
_Names = list[tuple[str, str]]


def names_of(contract: Contract) -> _Names:
    """Return everything a contract calls its columns, folded, each with the column's name."""
    return [
        (fold(name.replace("_", " ")), column.name)
        for column in contract.columns
        for name in (column.title_id, column.title_en, column.name)
    ]


def nearest_name(title: str, names: _Names) -> tuple[float, str | None]:
    """Return how like (0 to 1) a title is to the nearest of the names, and what that stands for.

    A name within a longer title counts for as much of it as it is: `NIP` is most of `NIP Baru`.
    """
    words = fold(title)
    best = nearest(words, names)
    tokens = set(words.split())
    for text, meaning in names:
        part = text.split()
        if part and tokens.issuperset(part):
            share = 1.0 if text == words else LIKE + 0.4 * len(part) / (len(tokens) + 1)
            if share > best[0]:
                best = share, meaning
    return best


def known_words(names: Iterable[str]) -> set[frozenset[str]]:
    """Return the words of each known title, to look for headings with."""
    return {frozenset(tokens) for name in names if (tokens := fold(name.replace("_", " ")).split())}


def looks_like_heading(cells: Sequence[object], known: set[frozenset[str]], enough: int = _ENOUGH) -> bool:
    """Tell whether a row is a heading beyond doubt: a row of people must never be taken for one."""
    texts = [plain_text(cell) for cell in cells if not is_blank(cell)]
    if not texts or any(_NO_TITLE.search(text) or is_moment(text) for text in texts):
        return False
    return _ours(texts, known) >= min(enough, len(texts))


def _ours(texts: Iterable[str], known: set[frozenset[str]]) -> int:
    """Count the texts at least half of whose words are a known title."""
    found = [frozenset(fold(text).split()) for text in texts]
    return sum(any(one <= words and 2 * len(one) >= len(words) for one in known) for words in found)


def likely_heading(sheet: Sheet, known: set[frozenset[str]]) -> int | None:
    """Return where the row stands that looks most like a heading; None if none does."""
    found = [at for at in filled_rows(sheet) if looks_like_heading(sheet.rows[at][1], known)]
    return max(found, key=lambda at: (_ours(map(plain_text, sheet.rows[at][1]), known), -at), default=None)


def titles_known(contracts: Mapping[str, Contract]) -> set[frozenset[str]]:
    """Return the words of all titles that contracts have."""
    return known_words(
        name
        for contract in contracts.values()
        for column in contract.columns
        for name in (column.name, column.title_id, column.title_en)
    )


def rank_datasets(titles: Sequence[str], contracts: Mapping[str, Contract]) -> list[Contract]:
    """Return the contracts, that first whose columns the titles come nearest to."""
    scored = []
    for contract in contracts.values():
        names = names_of(contract)
        near: dict[str, float] = {}
        for title in titles[:_TITLES]:
            likeness, column = nearest_name(title, names)
            if column is not None and likeness >= LIKE:
                near[column] = max(near.get(column, 0.0), likeness)
        required = [column.name for column in contract.columns if column.required]
        covered = sum(near.get(name, 0.0) for name in required) / len(required)
        used = sum(near.values()) / max(1, min(len(titles), _TITLES))
        scored.append((covered + used, contract.dataset))
    scored.sort(key=lambda entry: (-entry[0], entry[1]))
    return [contracts[dataset] for _, dataset in scored]


def datasets_in_words(sheets: Sequence[Sheet], contracts: Mapping[str, Contract]) -> tuple[str, str]:
    """Return how the two datasets are named that a table comes nearest to, in Indonesian and English.

    Each is a sentence with a blank behind it; both are empty if no row looks like a heading.
    """
    known = titles_known(contracts) | known_words(USUAL)
    for sheet in sheets:
        at = likely_heading(sheet, known)
        if at is not None:
            titles = [plain_text(cell) for cell in sheet.rows[at][1] if not is_blank(cell)]
            near = ", ".join(f"“{one.title_id}”" for one in rank_datasets(titles, contracts)[:2])
            return (
                f"Sebagai tabel paling mirip {near}: `siklatih map BERKAS` membuat draf pemetaannya. ",
                f"As a table it comes nearest to {near}: `siklatih map FILE` drafts its mapping. ",
            )
    return "", ""
