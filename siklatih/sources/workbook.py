"""The agency's own workbook (XLSX): one sheet a dataset, headings as in the contract.

A sheet ``meta`` names the workbook, its export time and its provider. Headings are the contract's
Indonesian titles or technical names, in any order, so a moved column never shifts data.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from siklatih.contracts import Column, Contract
from siklatih.errors import MendError
from siklatih.sources.protocol import Catalogue, Part, Recognition, Row, SourceFile
from siklatih.sources.values import canonical, column_letters

NAME = "Agency workbook"
_HELP_SHEETS = {"meta", "petunjuk", "daftar"}


def recognise(file: SourceFile) -> Recognition | None:
    """A ZIP container with a workbook in it; what the sheets are is decided on reading."""
    if not file.head.startswith(b"PK\x03\x04"):
        return None
    try:
        with zipfile.ZipFile(file.path) as container:
            names = set(container.namelist())
    except zipfile.BadZipFile:
        # its beginning is a container's: say so, rather than not knowing the file at all
        return Recognition(0.5, "a broken ZIP container")
    return Recognition(0.9, "a workbook") if "xl/workbook.xml" in names else None


def read(file: SourceFile, catalogue: Catalogue) -> Iterator[Part]:
    """Yield one part a sheet that is a dataset's; ``MendError`` if a sheet or a heading is not known."""
    from python_calamine import CalamineError, CalamineWorkbook, ZipError  # noqa: PLC0415

    try:
        book = CalamineWorkbook.from_path(str(file.path))
        sheets = {name: book.get_sheet_by_name(name) for name in book.sheet_names}
    except (CalamineError, ZipError, OSError) as error:
        raise _broken() from error
    meta = _meta(sheets["meta"].to_python(skip_empty_area=False)) if "meta" in sheets else {}
    exported_at = meta.get("exported_at")
    known = _by_title(catalogue.contracts)
    found = False
    for position, (name, sheet) in enumerate(sheets.items(), start=1):
        if name.casefold() in _HELP_SHEETS:
            continue
        contract = known.get(name.casefold())
        if contract is None:
            raise MendError(
                "unknown_sheet",
                en=f"Sheet number {position} is not a dataset. Use the template's sheet names.",
                id_=f"Lembar ke-{position} bukan set data. Pakai nama lembar dari templat.",
            )
        found = True
        yield _part(name, contract, sheet.to_python(skip_empty_area=False), exported_at)
    if not found:
        raise MendError(
            "no_data_sheet",
            en="The workbook has no sheet with data. Use the template.",
            id_="Buku kerja ini tidak memuat lembar data. Pakai templat.",
        )


def _broken() -> MendError:
    return MendError(
        "broken_workbook",
        en="The workbook is broken or was cut off. Save it again and send it once more.",
        id_="Buku kerja rusak atau terpotong. Simpan ulang, lalu kirim lagi.",
    )


def _by_title(contracts: Mapping[str, Contract]) -> dict[str, Contract]:
    return {
        title.casefold(): contract
        for contract in contracts.values()
        for title in (contract.dataset, contract.title_id)
    }


def _meta(rows: Sequence[Sequence[Any]]) -> dict[str, datetime]:
    for row in rows:
        if len(row) > 1 and row[0] == "exported_at":
            if isinstance(row[1], datetime):
                return {"exported_at": row[1]}
            if row[1] is None or str(row[1]).strip() == "":
                return {}  # left empty in the template
            try:
                return {"exported_at": datetime.fromisoformat(str(row[1]))}
            except ValueError as error:
                raise MendError(
                    "export_time",
                    en="The export time on the sheet “meta” cannot be read. Write it as YYYY-MM-DD HH:MM:SS.",
                    id_="Waktu ekspor pada lembar “meta” tidak terbaca. Tulis sebagai TTTT-BB-HH JJ:MM:DD.",
                ) from error
    return {}


def _part(
    sheet: str, contract: Contract, rows: Sequence[Sequence[Any]], exported_at: datetime | None
) -> Part:
    part = Part(contract.dataset, f"lembar {sheet}", exported_at)
    columns: list[tuple[int, Column]] | None = None
    for number, cells in enumerate(rows, start=1):
        if all(cell is None or str(cell).strip() == "" for cell in cells):
            part.count("blank")
        elif columns is None:
            columns = _columns(sheet, contract, cells, number)
            part.count("heading")
        else:
            part.count("data")
            part.rows.append(_row(number, cells, columns))
    if columns is None:
        raise MendError(
            "missing_heading",
            en=f"The sheet “{sheet}” has no heading row. Use the template.",
            id_=f"Lembar “{sheet}” tidak mempunyai baris judul. Pakai templat.",
        )
    return part


def _row(number: int, cells: Sequence[Any], columns: Sequence[tuple[int, Column]]) -> Row:
    values = {}
    for index, column in columns:
        try:
            values[column.name] = canonical(column, cells[index] if index < len(cells) else None)
        except MendError as error:
            error.row = number
            raise
    return Row(number, values)


def _columns(
    sheet: str, contract: Contract, headings: Sequence[Any], number: int
) -> list[tuple[int, Column]]:
    known = {
        title.casefold(): column for column in contract.columns for title in (column.name, column.title_id)
    }
    found: list[tuple[int, Column]] = []
    for index, heading in enumerate(headings):
        title = str(heading or "").strip().rstrip("*").strip()
        if not title or title.startswith("#"):  # `#` marks a column of the agency's own
            continue
        column = known.get(title.casefold())
        if column is None or column in [other for _, other in found]:
            raise MendError(
                "unknown_column",
                en=f"A heading on the sheet “{sheet}” is not known or stands twice. "
                "Use the template's headings, or begin it with # to have it passed over.",
                id_=f"Satu judul kolom pada lembar “{sheet}” tidak dikenal atau ganda. "
                "Pakai judul dari templat, atau awali dengan # agar dilewati.",
                row=number,
                column=column_letters(index),  # its text may be anything, a person's name too
            )
        found.append((index, column))
    present = {column.name for _, column in found}
    missing = [column for column in contract.columns if column.required and column.name not in present]
    if missing:
        titles = ", ".join(column.title_id for column in missing)
        raise MendError(
            "missing_column",
            en=f"The sheet “{sheet}” lacks the column {titles}. Add it as in the template.",
            id_=f"Lembar “{sheet}” tidak memuat kolom {titles}. Tambahkan seperti pada templat.",
            row=number,
            column=missing[0].name,
        )
    return found
