"""Any other table, through a mapping of ``config/mappings``: its titles become ours, then it is read as ours.

A table is known by its titles alone. Titles that the mapping does not name refuse the file, for nobody
knows what stands below them; two mappings that fit equally well refuse it too, by their names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from siklatih.contracts import Contract
from siklatih.errors import MendError
from siklatih.sources.borrowed import ADDED, refuse_borrowed
from siklatih.sources.containers import kind_of
from siklatih.sources.date_columns import DateColumn, FileDates
from siklatih.sources.dates import DateParser, Order
from siklatih.sources.headings import (
    Head,
    Wanted,
    filled_rows,
    find_head,
    folded,
    is_passed_over,
    numbers_columns,
    titles_of,
)
from siklatih.sources.protocol import Catalogue, Part, Recognition, SourceFile
from siklatih.sources.returned import sheet_numbers
from siklatih.sources.sheet_rows import read_sheet
from siklatih.sources.tables import Sheet, is_blank, open_book, read_text
from siklatih.sources.tops import tops_of
from siklatih.sources.values import column_letters, plain_text
from siklatih.table_mappings import TableMapping
from siklatih.wording import collapse

NAME = "Mapped table"
_LISTED = 40
_OR_SAY = (
    " Or write `date_order: dmy` or `date_order: mdy` into the mapping.",
    " Atau tulis `date_order: dmy` atau `date_order: mdy` dalam pemetaannya.",
)


@dataclass(frozen=True)
class Fit:
    """A mapping whose columns are all there: where the heading is, and which titles it does not name."""

    mapping: TableMapping
    head: Head
    unnamed: tuple[int, ...]

    @property
    def rank(self) -> tuple[bool, int]:
        """How well it fits: whole, then by the titles that it names."""
        return not self.unnamed, sum(title in self.mapping.headings for title in self.head.titles)


def recognise(file: SourceFile) -> Recognition | None:
    """A heading that a mapping fits: a person's word, which goes before all but a tool that is certain."""
    if file.catalogue is None or not file.catalogue.tables:
        return None
    tops = tops_of(file)
    if any(top.name == "meta" or _is_own(top, file.catalogue.contracts) for top in tops):
        return None
    found = [fit for top in tops for fit in _fits_at_all(top, file.catalogue.tables)]
    if not found:
        return None
    best = max(found, key=lambda fit: fit.rank)
    reason = f"the titles of the mapping {best.mapping.code}"
    if best.unnamed:  # to be refused with its columns, where no other source knows the file
        return Recognition(0.46 if kind_of(file) is None else 0.91, reason)
    return Recognition(0.93 if best.mapping.ignores_others else 0.99, reason)


def read(file: SourceFile, catalogue: Catalogue) -> Iterator[Part]:
    """Yield one part a sheet; ``MendError`` if one fits no mapping, or more than one."""
    tables = {code: mapping for code, mapping in catalogue.tables.items() if not mapping.repeat}
    kind = kind_of(file)
    if kind is None:
        sheet = read_text(file)
        yield read_mapped(sheet, choose(sheet, tables) or _missing_fit())
        return
    book = open_book(file, kind)
    refuse_borrowed(book, ADDED)
    strange: list[int] = []
    ignores = False
    for name, position in sheet_numbers(book.names).items():
        if name not in book.filled:
            continue
        # the sheet's own name may be anything, and is not repeated: its number is
        sheet = replace(book.sheet(name), name=str(position))
        fit = choose(sheet, tables)
        if fit is None:
            strange.append(position)
            continue
        ignores = ignores or fit.mapping.ignores_sheets
        yield read_mapped(sheet, fit)
    if strange and not ignores:
        raise MendError(
            "unknown_sheet",
            en=f"Sheet number {strange[0]} fits no mapping in config/mappings. Delete the sheet, map it, or "
            "write `other_sheets: ignore` into the mapping of the others.",
            id_=f"Lembar ke-{strange[0]} tidak cocok dengan pemetaan mana pun di config/mappings. Hapus "
            "lembar itu, buat pemetaannya, atau tulis `other_sheets: ignore` pada pemetaan lembar lainnya.",
        )


def _missing_fit() -> Fit:
    raise MendError(
        "unknown_heading",
        en="The heading fits no mapping in config/mappings any more. Run `siklatih map FILE`.",
        id_="Judul kolom tidak cocok lagi dengan isi config/mappings. Jalankan `siklatih map BERKAS`.",
    )


def choose(sheet: Sheet, tables: Mapping[str, TableMapping]) -> Fit | None:
    """Return the mapping that fits a table best; None if none does.

    Raises:
        MendError: two fit equally well, or a heading of two rows is not known as a whole.
    """
    found = sorted(_fits(sheet, tables), key=lambda fit: fit.rank, reverse=True)
    if len(found) > 1 and found[0].rank == found[1].rank:
        names = ", ".join(fit.mapping.code for fit in found[:2])
        raise MendError(
            "ambiguous_mapping",
            en=f"Two mappings in config/mappings fit this table equally well ({names}). Have one of them "
            "name more of its titles, or delete one.",
            id_=f"Dua pemetaan di config/mappings sama cocoknya dengan tabel ini ({names}). Sebutkan lebih "
            "banyak judul kolom pada salah satunya, atau hapus salah satu.",
            row=sheet.rows[found[0].head.last][0],
        )
    return found[0] if found else None


def _fits_at_all(sheet: Sheet, tables: Mapping[str, TableMapping]) -> list[Fit]:
    found: list[Fit] = []
    for code, mapping in tables.items():
        if mapping.repeat:
            continue
        try:
            found += _fits(sheet, {code: mapping})
        except MendError:  # a heading of two rows that is half known: reading it says so
            found.append(Fit(mapping, Head(0, 0, ()), (0,)))
    return found


def _fits(sheet: Sheet, tables: Mapping[str, TableMapping]) -> Iterator[Fit]:
    for mapping in tables.values():
        head = find_head(sheet, mapping)
        if head is not None and not mapping.missing(head.titles):
            unnamed = tuple(
                at
                for at, title in enumerate(head.titles)
                if title not in mapping.headings and not is_passed_over(title)
            )
            yield Fit(mapping, head, () if mapping.ignores_others else unnamed)


def _is_own(sheet: Sheet, contracts: Mapping[str, Contract]) -> bool:
    """Tell whether a row has the titles of a dataset and no others: then it is the agency's own table."""
    wanted = [Wanted(contract) for contract in contracts.values()]
    return any(
        not one.missing(titles) and all(title in one.known or is_passed_over(title) for title in titles)
        for titles in (titles_of(sheet, index) for index in filled_rows(sheet))
        for one in wanted
    )


def read_mapped(sheet: Sheet, fit: Fit) -> Part:
    """Read a table through the mapping that fits it.

    Raises:
        MendError: a title is not named or stands twice, dates may be read in two ways, or the table itself
            is not as the agency's own must be.
    """
    try:
        if fit.unnamed:
            raise _unnamed(fit, sheet.rows[fit.head.last][0])
        ours, order = _as_ours(sheet, fit)
        dates = FileDates(told=order)
        part = read_sheet(ours, fit.mapping.contract, None, fit.mapping.given, dates=dates)
        _check_whole(sheet, fit.head, part)
    except MendError as error:
        error.place = f"lembar {sheet.name}" if sheet.name else None
        raise
    for _, cells in sheet.rows[: fit.head.last]:
        part.count("blank" if all(map(is_blank, cells)) else "heading")
    return part


def _check_whole(sheet: Sheet, head: Head, part: Part) -> None:
    """Refuse a line of text that ends before the last title: which cell is missing, nobody knows."""
    needed = max(at for at, title in enumerate(head.titles) if title) + 1
    data = {row.row_no for row in part.rows}
    short = (number for number, cells in sheet.rows if len(cells) < needed and number in data)
    number = next(short, None) if not sheet.name else None
    if number is not None:
        raise MendError(
            "broken_csv",
            en="This line has fewer cells than the heading. Export the file again.",
            id_="Jumlah sel baris ini kurang dari judul. Ekspor ulang berkasnya.",
            row=number,
        )


def _unnamed(fit: Fit, number: int) -> MendError:
    letters = [column_letters(at) for at in fit.unnamed]
    more = len(letters) - _LISTED
    listed = ", ".join(letters[:_LISTED])
    return MendError(
        "unknown_heading",
        en=f"The mapping {fit.mapping.code} does not name the titles of these columns: {listed}"
        f"{f' and {more} more' if more > 0 else ''}. Name each in config/mappings, as a column or as ignore, "
        "or write `others: ignore` there.",
        id_=f"Pemetaan {fit.mapping.code} tidak menyebut judul kolom ini: {listed}"
        f"{f' dan {more} lagi' if more > 0 else ''}. Sebutkan masing-masing di config/mappings, sebagai "
        "kolom atau ignore, atau tulis `others: ignore` di sana.",
        row=number,
        column=letters[0],
    )


def _as_ours(sheet: Sheet, fit: Fit) -> tuple[Sheet, Order]:
    """Return the table from its heading on, with our titles and the words and dates that a contract reads.

    Beside it stands the order of day and month that the dates were read in.

    A column that fills several of ours is written once more at the end for each further one.
    """
    mapping, head = fit.mapping, fit.head
    width = max(len(cells) for _, cells in sheet.rows)
    titles = [*head.titles, *[""] * (width - len(head.titles))]
    heading = [_our_title(title, mapping) for title in titles]
    if not sheet.name:  # of a text, what stands beyond the heading is no column that a mapping may ignore
        heading[len(head.titles) :] = [""] * (width - len(head.titles))
    copies = [(at, name) for at, title in enumerate(titles) for name in mapping.headings.get(title, ())[1:]]
    heading += [name for _, name in copies]
    change = _Change(sheet, fit, heading, [*range(width), *(at for at, _ in copies)])
    below, _ = sheet.rows[head.last]
    rows: list[tuple[int, Sequence[object]]] = [(below, heading)]
    for index, (number, cells) in enumerate(sheet.rows[head.last + 1 :]):
        if tuple(map(folded, cells)) == head.titles:
            rows.append((number, heading))  # repeated, as on every printed page
        elif index == 0 and numbers_columns(cells):
            rows.append((number, cells))
        else:
            rows.append((number, change.cells(cells)))
    spans = [span for span in sheet.merged if span[0][0] > below]
    spans += [
        ((top, width + place), (bottom, width + place))
        for place, (at, _) in enumerate(copies)
        for (top, left), (bottom, _) in spans
        if left == at
    ]
    return replace(sheet, rows=rows, merged=tuple(spans)), change.order


def _our_title(title: str, mapping: TableMapping) -> str:
    if title in mapping.headings:
        columns = mapping.headings[title]
        return columns[0] if columns else "#"
    if is_passed_over(title) and title:
        return title
    return "#" if mapping.ignores_others else title


class _Change:
    """How the cells of one table become what is read; ``sources``: where each of our columns is from."""

    def __init__(self, sheet: Sheet, fit: Fit, heading: Sequence[str], sources: Sequence[int]) -> None:
        contract, values = fit.mapping.contract, fit.mapping.values
        timed = {column.name for column in contract.columns if column.kind in ("date", "datetime")}
        self._sources = sources
        self._copies = sources[max(sources) + 1 :]
        self._words = {at: values[name] for at, name in enumerate(heading) if name in values}
        self._dates = [at for at, name in enumerate(heading) if name in timed]
        self._parser = self._date_parser(sheet, fit)

    def cells(self, cells: Sequence[object]) -> list[object]:
        """Return a row's cells as they are to be read; where a column has no cell there is none to copy."""
        changed = list(cells)
        if self._copies and not all(map(is_blank, cells)):
            changed += [None] * (len(self._sources) - len(self._copies) - len(changed))
            changed += [changed[at] for at in self._copies]
        for at, words in self._words.items():
            if at < len(changed) and not is_blank(changed[at]):
                changed[at] = words.get(collapse(plain_text(changed[at])).casefold(), changed[at])
        for at in self._dates:
            cell = changed[at] if at < len(changed) else None
            if isinstance(cell, str):
                changed[at] = self._parser.canonical(cell)
        return changed

    @property
    def order(self) -> Order:
        """Whether the day or the month stands first in dates."""
        return self._parser.order

    def _date_parser(self, sheet: Sheet, fit: Fit) -> DateParser:
        """Return the order that the mapping says, else that the table shows."""
        told = {"dmy": Order.DAY, "mdy": Order.MONTH}.get(fit.mapping.date_order or "")
        below = sheet.rows[fit.head.last + 1 :]
        columns = [
            DateColumn(column_letters(at), [cells[at] if at < len(cells) else None for _, cells in below])
            for at in sorted({self._sources[at] for at in self._dates})
        ]
        dates = FileDates(told=told, hint=_OR_SAY, short_years=True)
        return dates.parser([number for number, _ in below], columns)
