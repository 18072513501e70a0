"""The agency's own workbook: one sheet a dataset (XLSX, ODS, `.xls`), or one dataset as delimited text.

A sheet ``meta`` names the workbook, its export time and its provider. Headings are the contract's
Indonesian titles or technical names, in any order, so a moved column never shifts data. Delimited text has
no sheet names: its dataset is told by its headings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime

from siklatih.contracts import Contract
from siklatih.errors import MendError
from siklatih.identity import is_code
from siklatih.sources.borrowed import ADDED, OF_THE_TEMPLATE, refuse_borrowed
from siklatih.sources.choosing import choose_dataset, could_be_dataset, nearest_dataset
from siklatih.sources.containers import Kind, kind_of
from siklatih.sources.date_columns import FileDates, is_open
from siklatih.sources.dates import Order
from siklatih.sources.likeness import datasets_in_words
from siklatih.sources.nearest import in_words, nearest
from siklatih.sources.protocol import Catalogue, Part, Recognition, SourceFile
from siklatih.sources.returned import sheet_numbers
from siklatih.sources.sheet_rows import read_sheet
from siklatih.sources.tables import Book, Sheet, open_book, read_text
from siklatih.sources.tops import top_of_text

NAME = "Agency workbook"
HELP_SHEETS = {"meta", "petunjuk"}  # of the template, never data
_AS_CELLS = (
    " Or send them in the template's workbook, as dates.",
    " Atau kirim dalam buku kerja dari templat, sebagai tanggal.",
)


def recognise(file: SourceFile) -> Recognition | None:
    """A container with a workbook in it, or text with headings of ours; the rest is decided on reading."""
    kind = kind_of(file)
    if kind is not None:
        if kind is Kind.ARCHIVE:
            return None
        return Recognition(0.5 if kind is Kind.BROKEN else 0.9, f"a workbook: {kind.value}")
    if file.catalogue is None:
        return None
    if could_be_dataset(top_of_text(file), file.catalogue.contracts):
        return Recognition(0.45, "headings of a dataset")  # less sure than a source that knows its tool
    return None


def signs(file: SourceFile) -> Mapping[str, str]:
    """Return the titles that the dataset nearest to a text requires, as signs of it."""
    if file.catalogue is None:
        return {}
    contract = nearest_dataset(top_of_text(file), file.catalogue.contracts)
    return {
        column.title_id: f"{re.escape(column.title_id)}|{column.name}"
        for column in (contract.columns if contract else ())
        if column.required
    }


def read(file: SourceFile, catalogue: Catalogue) -> Iterator[Part]:
    """Yield one part a dataset; ``MendError`` if a sheet or a heading is not known."""
    kind = kind_of(file)
    if kind is None:
        sheet = read_text(file)
        yield read_sheet(
            sheet, choose_dataset(sheet, catalogue.contracts), None, dates=FileDates(hint=_AS_CELLS)
        )
        return
    book = open_book(file, kind)
    refuse_borrowed(book, ADDED | OF_THE_TEMPLATE)
    meta = book.sheet("meta") if "meta" in book.names else Sheet("meta", [])
    if provider := _provider(meta):
        file.said["provider"] = provider
    yield from _read_book(file, book, meta, catalogue)


def _read_book(file: SourceFile, book: Book, meta: Sheet, catalogue: Catalogue) -> Iterator[Part]:
    exported_at = _exported_at(meta)
    known = _by_title(catalogue.contracts)
    datasets = [name for name in book.names if name.strip().casefold() in known]
    dates = FileDates(
        # the template tells how to write a date, and its writers begin with the day where they do not follow
        usual=Order.DAY if "meta" in book.names else None,
        further=lambda: _date_texts(book, datasets),
        hint=_AS_CELLS,
    )
    found = False
    for name, position in sheet_numbers(book.names).items():
        contract = known.get(name.strip().casefold())
        if name.casefold() in HELP_SHEETS or (contract is None and name not in book.filled):
            continue  # Excel once made three sheets; those nobody used hold nothing
        if contract is None:
            raise _unknown_sheet(file, position, book.sheet(name), catalogue.contracts)
        found = True
        try:
            yield read_sheet(book.sheet(name), contract, exported_at, dates=dates)
        except MendError as error:
            error.place = f"lembar {name}"  # one of the contracts' titles: any other name was refused above
            raise
    if not found:
        raise MendError(
            "no_data_sheet",
            en="The workbook has no sheet with data. Use the template.",
            id_="Buku kerja ini tidak memuat lembar data. Pakai templat.",
        )


def _date_texts(book: Book, names: Iterable[str]) -> Iterator[str]:
    """Yield the dates that are text on any of these sheets: the order is one for the whole file."""
    for name in names:
        with suppress(MendError):  # reading the sheet refuses it
            for _, cells in book.sheet(name).rows:
                yield from (cell for cell in cells if isinstance(cell, str) and is_open(cell))


def _unknown_sheet(
    file: SourceFile, position: int, sheet: Sheet, contracts: Mapping[str, Contract]
) -> MendError:
    """Name the exports and datasets that come nearest: the workbook may be one that somebody has changed."""
    from siklatih.sources import all_sources  # noqa: PLC0415  (which finds this module)

    near_id, near_en = in_words(nearest(file, all_sources()))
    table_id, table_en = datasets_in_words([sheet], contracts)
    return MendError(
        "unknown_sheet",
        en=f"Sheet number {position} is not a dataset. {near_en}{table_en}Use the template's sheet names, or "
        "export again and do not change it.",
        id_=f"Lembar ke-{position} bukan set data. {near_id}{table_id}Pakai nama lembar dari templat, atau "
        "ekspor ulang tanpa mengubahnya.",
    )


def _by_title(contracts: Mapping[str, Contract]) -> dict[str, Contract]:
    return {
        title.casefold(): contract
        for contract in contracts.values()
        for title in (contract.dataset, contract.title_id)
    }


def _provider(meta: Sheet) -> str | None:
    """Return the code of who fills the workbook in; a name or a number of a person is no code."""
    for _, cells in meta.rows:
        if len(cells) > 1 and cells[0] == "provider" and is_code(given := str(cells[1] or "").strip()):
            return given
    return None


def _exported_at(meta: Sheet) -> datetime | None:
    for _, cells in meta.rows:
        if len(cells) > 1 and cells[0] == "exported_at":
            if isinstance(cells[1], datetime):
                return cells[1]
            if cells[1] is None or str(cells[1]).strip() == "":
                return None  # left empty in the template
            try:
                return datetime.fromisoformat(str(cells[1]))
            except ValueError as error:
                raise MendError(
                    "export_time",
                    en="The export time on the sheet “meta” cannot be read. Write it as YYYY-MM-DD HH:MM:SS.",
                    id_="Waktu ekspor pada lembar “meta” tidak terbaca. Tulis sebagai TTTT-BB-HH JJ:MM:DD.",
                ) from error
    return None
