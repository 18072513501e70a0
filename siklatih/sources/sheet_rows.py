"""A sheet's rows as rows of a dataset: every row is data, heading, total or blank, and none is lost."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from siklatih.contracts import Contract
from siklatih.errors import MendError
from siklatih.sources.headings import (
    Columns,
    Head,
    Wanted,
    data_without_heading,
    find_head,
    folded,
    numbers_columns,
    read_columns,
)
from siklatih.sources.moments import are_serials, from_serial
from siklatih.sources.protocol import Part, Row
from siklatih.sources.tables import Sheet, is_blank
from siklatih.sources.values import canonical

_TOTAL = re.compile(r"((sub|grand)?[ -]?total|jumlah|rata[ -]?rata|rerata)( .*)?:?", re.DOTALL)
_Line = tuple[int, list[object]]


def read_sheet(
    sheet: Sheet,
    contract: Contract,
    exported_at: datetime | None,
    given: Mapping[str, str | None] = MappingProxyType({}),
) -> Part:
    """Read a sheet that holds a dataset; ``MendError`` refuses it with the row and column at fault.

    ``given`` are values of every row that stand in no cell.
    """
    place = f"lembar {sheet.name}" if sheet.name else "table"
    part = Part(contract.dataset, f"{place} (tersembunyi)" if sheet.hidden else place, exported_at)
    wanted = Wanted(contract, given)
    head = find_head(sheet, wanted)
    if head is None:
        raise MendError(
            "missing_heading",
            en=f"There is no heading row on {sheet.label_en}. Use the template.",
            id_=f"Tidak ada baris judul pada {sheet.label_id}. Pakai templat.",
        )
    columns = read_columns(sheet, wanted, head)
    lines = _data(sheet, head, columns, part)
    _read_serials(sheet, columns, lines)
    part.rows += [_row(number, cells, columns, given) for number, cells in lines]
    _note(sheet, columns, part)
    return part


def _data(sheet: Sheet, head: Head, columns: Columns, part: Part) -> list[_Line]:
    """Return the rows of data, and count every row of the sheet."""
    repeated = _repeated(sheet, head, columns)
    lines: list[_Line] = []
    for index, (number, cells) in enumerate(sheet.rows):
        # below the heading, a number given to a row nobody filled in makes no data of it
        passed_over = columns.ordinal if index > head.last else ()
        if all(is_blank(cell) or at in passed_over for at, cell in enumerate(cells)):
            part.count("blank")
        elif index <= head.last or _is_heading(head, index, cells):
            part.count("heading")
        elif _is_total(columns, cells):
            part.count("total")
        else:
            part.count("data")
            lines.append((number, _whole(sheet, number, cells, columns, repeated)))
    return lines


def _is_heading(head: Head, index: int, cells: Sequence[object]) -> bool:
    """Tell whether a row repeats the heading, as on every printed page, or numbers its columns."""
    if index == head.last + 1 and numbers_columns(cells):
        return True
    return len(cells) == len(head.titles) and all(
        folded(cell) == title for cell, title in zip(cells, head.titles, strict=True)
    )


def _is_total(columns: Columns, cells: Sequence[object]) -> bool:
    """Tell whether a row sums up others: it begins with such a word, and what identifies a row is blank."""
    first = next(at for at, cell in enumerate(cells) if not is_blank(cell))
    if not _TOTAL.fullmatch(folded(cells[first])):
        return False
    others = [
        (column, is_blank(cells[at]) if at < len(cells) else True)
        for at, column in columns.known
        if at != first and column.required
    ]
    keys = [blank for column, blank in others if column.key]
    # where the first cell is the only key, a row that is complete is data, whatever its code is called
    return all(keys) if keys else any(blank for _, blank in others)


def _repeated(sheet: Sheet, head: Head, columns: Columns) -> dict[tuple[int, int], object]:
    """Return the values that vertically merged cells repeat, by row number and column."""
    known = {at for at, _ in columns.known}
    by_number = dict(sheet.rows)
    last = sheet.rows[head.last][0]
    found = {}
    for (top, left), (bottom, _) in sheet.merged:
        if bottom > top > last and left in known and left < len(by_number.get(top, ())):
            for number in range(top + 1, bottom + 1):
                found[number, left] = by_number[top][left]
    return found


def _whole(
    sheet: Sheet,
    number: int,
    cells: Sequence[object],
    columns: Columns,
    repeated: dict[tuple[int, int], object],
) -> list[object]:
    """Return a row with what merged cells repeat; refuse one that does not fit the heading."""
    for at, cell in enumerate(cells):
        if at not in columns.titled and not is_blank(cell):
            raise data_without_heading(sheet, number, at)
    if not sheet.name and len(cells) <= columns.known[-1][0]:
        raise MendError(
            "broken_csv",
            en="This line has fewer cells than the heading. Export the file again.",
            id_="Jumlah sel baris ini kurang dari judul. Ekspor ulang berkasnya.",
            row=number,
        )
    return [
        repeated[number, at] if is_blank(cell) and (number, at) in repeated else cell
        for at, cell in enumerate(cells)
    ]


def _read_serials(sheet: Sheet, columns: Columns, lines: Sequence[_Line]) -> None:
    """Turn a column of dates that lost their format into dates, only if every cell of it is one."""
    for at, column in columns.known:
        if column.kind not in ("date", "datetime"):
            continue
        if are_serials((cells[at] for _, cells in lines if at < len(cells)), date1904=sheet.date1904):
            for _, cells in lines:
                if at < len(cells):
                    cells[at] = from_serial(cells[at], date1904=sheet.date1904)


def _row(number: int, cells: Sequence[object], columns: Columns, given: Mapping[str, str | None]) -> Row:
    values = dict(given)
    for index, column in columns.known:
        try:
            values[column.name] = canonical(column, cells[index] if index < len(cells) else None)
        except MendError as error:
            error.row = number
            raise
    return Row(number, values)


def _note(sheet: Sheet, columns: Columns, part: Part) -> None:
    """Say what was read although it is hidden: it is data as well, but its sender may not know of it."""
    hidden = {
        "hidden_sheet": int(sheet.hidden),
        "hidden_rows": sum(row.row_no in sheet.hidden_rows for row in part.rows),
        "hidden_columns": sum(at in sheet.hidden_columns for at, _ in columns.known),
    }
    part.notes.update({name: count for name, count in hidden.items() if count})
