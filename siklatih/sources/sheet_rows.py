"""A sheet's rows as rows of a dataset: every row is data, heading, total or blank, and none is lost."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import zip_longest
from types import MappingProxyType

from siklatih.contracts import Column, Contract
from siklatih.errors import MendError
from siklatih.sources.date_columns import DateColumn, FileDates
from siklatih.sources.dates import DateParser
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
from siklatih.sources.scores import PAIR, without_highest
from siklatih.sources.tables import Sheet, is_blank
from siklatih.sources.values import canonical

_TOTAL = re.compile(r"((sub|grand)?[ -]?total|jumlah|rata[ -]?rata|rerata)( .*)?:?", re.DOTALL)
_TOTAL_INITIALS = frozenset("sgtjr")
_WIDEST = 200  # a row with more cells is looked at cell by cell
HIDDEN = " (tersembunyi)"  # behind the place of a sheet that was read although it is hidden
_TIMED = ("date", "datetime")
_MEASURES = ("decimal", "integer")
_EQUAL_KINDS = frozenset((bool, int, float))
_Line = tuple[int, Sequence[object]]


def read_sheet(
    sheet: Sheet,
    contract: Contract,
    exported_at: datetime | None,
    given: Mapping[str, str | None] = MappingProxyType({}),
    *,
    dates: FileDates,
) -> Part:
    """Read a sheet that holds a dataset; ``MendError`` refuses it with the row and column at fault.

    ``given`` are values of every row that stand in no cell, ``dates`` what all sheets of the file show.
    """
    place = f"lembar {sheet.name}" if sheet.name else "table"
    part = Part(contract.dataset, f"{place}{HIDDEN}" if sheet.hidden else place, exported_at)
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
    read = _read_columns(lines, columns, date1904=sheet.date1904)
    timed = [DateColumn(column.name, cells) for column, cells in read if column.kind in _TIMED]
    part.rows += _rows(lines, read, given, dates.parser([number for number, _ in lines], timed))
    _note(sheet, columns, part)
    return part


def _data(sheet: Sheet, head: Head, columns: Columns, part: Part) -> list[_Line]:
    """Return the rows of data, and count every row of the sheet."""
    repeated = _repeated(sheet, head, columns)
    widths = frozenset(width for width in range(_WIDEST) if _is_whole(sheet, width, columns))
    lines: list[_Line] = []
    for index, (number, cells) in enumerate(sheet.rows):
        # below the heading, a number given to a row nobody filled in makes no data of it
        passed_over = columns.ordinal if index > head.last else ()
        if index > head.last + 1 and cells and 0 not in passed_over and _is_plain(head, cells[0]):
            pass
        elif all(is_blank(cell) or at in passed_over for at, cell in enumerate(cells)):
            part.count("blank")
            continue
        elif index <= head.last or _is_heading(head, index, cells):
            part.count("heading")
            continue
        elif _is_total(columns, cells):
            part.count("total")
            continue
        part.count("data")
        if repeated or len(cells) not in widths:
            cells = _whole(sheet, number, cells, columns, repeated)  # noqa: PLW2901
        lines.append((number, cells))
    return lines


def _is_plain(head: Head, cell: object) -> bool:
    """Tell from a row's first cell that it is data: no heading and no total begins so. Most rows are."""
    if not isinstance(cell, str):
        return False
    initial = cell[:1].casefold()
    if not (initial.isascii() and initial.isalnum()) or initial in _TOTAL_INITIALS:
        return False
    return not head.titles[0].startswith(initial)


def _is_whole(sheet: Sheet, width: int, columns: Columns) -> bool:
    """Tell whether a row of so many cells fits the heading whatever is in them."""
    long_enough = bool(sheet.name) or width > columns.known[-1][0]
    return long_enough and all(at in columns.titled for at in range(width))


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
    """Return the values that vertically merged cells repeat, by row number and column.

    A code, a date or a label holds for every row it spans; an amount or a score would be counted again.
    """
    known = {at for at, column in columns.known if column.key or column.kind not in _MEASURES}
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
) -> Sequence[object]:
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
    if not repeated:
        return cells
    return [
        repeated[number, at] if is_blank(cell) and (number, at) in repeated else cell
        for at, cell in enumerate(cells)
    ]


def _read_columns(
    lines: Sequence[_Line], columns: Columns, *, date1904: bool
) -> list[tuple[Column, Sequence[object]]]:
    """Return the cells of each column that is known, dates that lost their format as dates."""
    width = columns.known[-1][0] + 1 if columns.known else 0
    crosswise = [*zip_longest(*(cells[:width] for _, cells in lines))]
    crosswise += [(None,) * len(lines)] * (width - len(crosswise))
    read: list[tuple[Column, Sequence[object]]] = []
    for at, column in columns.known:
        cells: Sequence[object] = crosswise[at]
        if column.kind in _TIMED and are_serials(cells, date1904=date1904):
            cells = [from_serial(cell, date1904=date1904) for cell in cells]
        read.append((column, cells))
    return read


def _rows(
    lines: Sequence[_Line],
    read: Sequence[tuple[Column, Sequence[object]]],
    given: Mapping[str, str | None],
    dates: DateParser,
) -> list[Row]:
    """Read the cells column by column, every different one once."""
    try:
        values = [[*map(_Canonical(column, dates).__getitem__, _keys(cells))] for column, cells in read]
    except MendError:
        raise _first_fault(lines, read) from None
    names = [column.name for column, _ in read]
    score, highest = PAIR
    if score in names:
        at = names.index(score)
        most = values[names.index(highest)] if highest in names else [given.get(highest)] * len(lines)
        values[at] = without_highest(read[at][0], values[at], most)
    by_name = ({**given, **dict(zip(names, row, strict=True))} for row in zip(*values, strict=True))
    return [*map(Row, (number for number, _ in lines), by_name)]


class _Canonical(dict[object, str | None]):
    """What a column's cells are read as, filled in when asked for."""

    def __init__(self, column: Column, dates: DateParser) -> None:
        super().__init__()
        self._column, self._dates = column, dates

    def __missing__(self, key: object) -> str | None:
        value = canonical(self._column, key[1] if isinstance(key, tuple) else key, self._dates)
        self[key] = value
        return value


def _keys(cells: Sequence[object]) -> Iterable[object]:
    """Return what cells are remembered by: 1, 1.0 and True are equal, but not read alike."""
    kinds = set(map(type, cells))
    return zip(map(type, cells), cells, strict=True) if len(kinds & _EQUAL_KINDS) > 1 else cells


def _first_fault(lines: Sequence[_Line], read: Sequence[tuple[Column, Sequence[object]]]) -> MendError:
    """Return what is wrong with the first row that cannot be read."""
    for place, (number, _) in enumerate(lines):
        for column, cells in read:
            try:
                canonical(column, cells[place])
            except MendError as error:
                error.row = number
                return error
    raise AssertionError("a column could not be read, yet each of its cells can")


def _note(sheet: Sheet, columns: Columns, part: Part) -> None:
    """Say what was read although it is hidden: it is data as well, but its sender may not know of it."""
    hidden = {
        "hidden_sheet": int(sheet.hidden),
        "hidden_rows": sum(row.row_no in sheet.hidden_rows for row in part.rows) if sheet.hidden_rows else 0,
        "hidden_columns": sum(at in sheet.hidden_columns for at, _ in columns.known),
    }
    part.notes.update({name: count for name, count in hidden.items() if count})
