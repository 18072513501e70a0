"""The draft of a table: its titles beside the columns of the dataset that it most likely holds."""

from __future__ import annotations

from collections.abc import Iterable

from siklatih.contracts import Contract
from siklatih.drafting.text import Draft, Entry, is_private, made_draft, no_heading
from siklatih.drafting.words import code_words, vocabulary_of
from siklatih.sources.containers import kind_of
from siklatih.sources.headings import Wanted, folded, is_passed_over
from siklatih.sources.likeness import (
    USUAL,
    known_words,
    likely_heading,
    names_of,
    nearest_name,
    rank_datasets,
    titles_known,
)
from siklatih.sources.protocol import Catalogue, SourceFile
from siklatih.sources.returned import sheet_numbers
from siklatih.sources.tables import Sheet, is_blank, open_book, read_text
from siklatih.sources.values import column_letters, plain_text


def find_table(file: SourceFile, catalogue: Catalogue, heading: int | None) -> tuple[Sheet, int]:
    """Return the first table with a heading, and where in its rows the heading stands.

    Raises:
        MendError: no row is one, or the file cannot be opened.
    """
    known = titles_known(catalogue.contracts) | known_words(USUAL)
    kind = kind_of(file)
    if kind is None:
        sheets: Iterable[Sheet] = [read_text(file)]
    else:
        book = open_book(file, kind)
        names = [name for name in sheet_numbers(book.names) if name in book.filled]
        sheets = (book.sheet(name) for name in names)
    for sheet in sheets:
        at = _row(sheet, heading) if heading is not None else likely_heading(sheet, known)
        if at is not None:
            return sheet, at
    raise no_heading()


def _row(sheet: Sheet, heading: int) -> int | None:
    at = next((at for at, (number, _) in enumerate(sheet.rows) if number == heading), None)
    return at if at is not None and not all(map(is_blank, sheet.rows[at][1])) else None


def table_draft(sheet: Sheet, at: int, catalogue: Catalogue, dataset: str | None) -> Draft:
    """Draft the mapping of a table whose heading stands at ``at``; ``MendError`` if it names no column."""
    titles = [
        (index, " ".join(plain_text(cell).split()))
        for index, cell in enumerate(sheet.rows[at][1])
        if not is_passed_over(folded(cell))
    ]
    shown = [title for _, title in titles if not is_private(title)]
    if not shown:
        raise no_heading()
    contract = catalogue.contracts[dataset or rank_datasets(shown, catalogue.contracts)[0].dataset]
    entries, settled = _entries(titles, contract)
    vocabulary = vocabulary_of(catalogue)
    below = [cells for _, cells in sheet.rows[at + 1 :]]
    words: dict[str, dict[str, str | None]] = {}
    hidden = []
    for name, index in settled.items():
        column = contract.column(name)
        if column.values:
            cells = [cells[index] for cells in below if index < len(cells)]
            words[name], left = code_words(column, cells, vocabulary)
            hidden += [f"{name}: {left} kata lain tidak disalin, bisa jadi nama / words not copied"] * bool(
                left
            )
    return made_draft(
        "dataset",
        contract.dataset,
        entries,
        words,
        comments=[*_facts(contract, settled), *hidden],
        choices={column.name: [value.value for value in column.values] for column in contract.columns},
    )


def _entries(titles: list[tuple[int, str]], contract: Contract) -> tuple[list[Entry], dict[str, int]]:
    """Return an entry a title, and the columns that are settled with where they stand."""
    names, known = names_of(contract), Wanted(contract).known
    entries: list[Entry] = []
    settled: dict[str, int] = {}
    for index, title in titles:
        letters = column_letters(index)
        exact = known.get(folded(title))
        if exact is not None and exact.name not in settled:
            settled[exact.name] = index
            entries.append(Entry(letters, title, exact.name))
        else:
            likeness, name = nearest_name(title, names)
            entries.append(Entry(letters, title, None, name, likeness))
    return entries, settled


def _facts(contract: Contract, settled: Iterable[str]) -> list[str]:
    filed = contract.filed.name if contract.filed is not None else None
    lacking = [
        column.name
        for column in contract.columns
        if column.required and column.name not in settled and column.name != filed
    ]
    columns = ", ".join(f"{column.name}{'*' if column.required else ''}" for column in contract.columns)
    found = [f"kolom / columns of {contract.dataset} (* wajib / required): {columns}"]
    if lacking:
        found.append(f"perlu judul atau constants / need a heading or constants: {', '.join(lacking)}")
    return found
