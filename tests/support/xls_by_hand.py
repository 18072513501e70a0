"""The old `.xls` written by hand: records (BIFF8) in a small file system (OLE). No installed library does."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

ERRORS = {"#N/A": 0x2A, "#REF!": 0x17}
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


@dataclass(frozen=True)
class Day:
    """A cell that shows as a date: a serial number with the format of dates."""

    serial: float


@dataclass
class XlsSheet:
    """A sheet to write; rows and columns count from 0. ``merged``: first row, last row, first column, last."""

    rows: Sequence[Sequence[object]]
    hidden: bool = False
    hidden_rows: Sequence[int] = ()
    hidden_columns: Sequence[int] = ()
    merged: Sequence[tuple[int, int, int, int]] = ()
    extra: bytes = field(default=b"")


def record(kind: int, data: bytes = b"") -> bytes:
    """One record."""
    return struct.pack("<HH", kind, len(data)) + data


def _cell(row: int, column: int, value: object) -> bytes:
    place = struct.pack("<HH", row, column)
    if value is None:
        return b""
    if isinstance(value, Day):
        return record(0x0203, place + struct.pack("<Hd", 1, value.serial))
    if isinstance(value, int | float):
        return record(0x0203, place + struct.pack("<Hd", 0, value))
    if value in ERRORS:
        return record(0x0205, place + struct.pack("<HBB", 0, ERRORS[str(value)], 1))
    if isinstance(value, bytes):  # the result of a formula, eight bytes
        return record(0x0006, place + struct.pack("<H", 0) + value + struct.pack("<HIHB", 0, 0, 1, 0x16))
    text = str(value)
    return record(0x0204, place + struct.pack("<HHB", 0, len(text), 1) + text.encode("utf-16-le"))


def _sheet(sheet: XlsSheet) -> bytes:
    width = max((len(row) for row in sheet.rows), default=0)
    made = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0x0600))
    for column in sheet.hidden_columns:
        made += record(0x007D, struct.pack("<HHHHHH", column, column, 2560, 0, 1, 0))
    made += record(0x0200, struct.pack("<IIHHH", 0, len(sheet.rows), 0, width, 0))
    for row in sheet.hidden_rows:
        made += record(0x0208, struct.pack("<HHHHHHHH", row, 0, width, 255, 0, 0, 0x0120, 15))
    for row, cells in enumerate(sheet.rows):
        for column, value in enumerate(cells):
            made += _cell(row, column, value)
    if sheet.merged:
        ranges = b"".join(struct.pack("<HHHH", *one) for one in sheet.merged)
        made += record(0x00E5, struct.pack("<H", len(sheet.merged)) + ranges)
    return made + sheet.extra + record(0x000A)


def xls(
    sheets: Mapping[str, XlsSheet], *, date1904: bool = False, locked: bool = False, small: bool = False
) -> bytes:
    """Write a workbook."""
    head = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0x0600))
    if locked:
        head += record(0x002F, struct.pack("<HHH", 0, 1, 2))
    head += record(0x0042, struct.pack("<H", 1200)) + record(0x0022, struct.pack("<H", date1904))
    head += b"".join(record(0x00E0, struct.pack("<HH16x", 0, shape)) for shape in (0, 14))
    bodies = {name: _sheet(sheet) for name, sheet in sheets.items()}
    start = len(head) + sum(4 + 8 + 2 * len(name) for name in sheets) + 4
    for name, sheet in sheets.items():
        facts = struct.pack("<IBBBB", start, sheet.hidden, 0, len(name), 1)
        head += record(0x0085, facts + name.encode("utf-16-le"))
        start += len(bodies[name])
    return ole({"Workbook": head + record(0x000A) + b"".join(bodies.values())}, small=small)


def _entry(name: str, kind: int, child: int, following: int, start: int, size: int) -> bytes:
    letters = name.encode("utf-16-le")
    return (
        letters.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(letters) + 2, kind, 1, FREE, following, child)
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )


def ole(streams: Mapping[str, bytes], *, small: bool = False) -> bytes:
    """Write streams into a container of one table sector.

    Each stream is made long enough to have sectors of its own; or, ``small``, one lies in the small sectors
    that the root holds.
    """
    if small:
        ((name, content),) = streams.items()
        assert len(content) < 4096
        pieces = -(-len(content) // 64)
        body = content.ljust(-(-pieces * 64 // 512) * 512, b"\0")
        numbers = [*range(1, pieces), END]
        body += struct.pack("<128I", *numbers, *[FREE] * (128 - pieces))
        sectors = len(body) // 512
        table = [FAT, END, *range(3, 1 + sectors), END, END]
        entries = [_entry(name, 2, FREE, FREE, 0, len(content))]
        return _container(table, entries, body, root=(2, pieces * 64), small_table=1 + sectors)
    table = [FAT, END]
    entries, body = [], b""
    for number, (name, content) in enumerate(streams.items(), start=1):
        padded = content.ljust(max(4096, -(-len(content) // 512) * 512), b"\0")
        first, count = len(table), len(padded) // 512
        table += [*range(first + 1, first + count), END]
        following = number + 1 if number < len(streams) else FREE
        entries.append(_entry(name, 2, FREE, following, first, len(padded)))
        body += padded
    return _container(table, entries, body, root=(END, 0), small_table=None)


def _container(
    table: Sequence[int],
    entries: Sequence[bytes],
    body: bytes,
    *,
    root: tuple[int, int],
    small_table: int | None,
) -> bytes:
    assert len(table) <= 128, "more than one table sector"
    small = (END, 0) if small_table is None else (small_table, 1)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, *small, END, 0)
    header += struct.pack("<109I", 0, *[FREE] * 108)
    directory = (_entry("Root Entry", 5, 1, FREE, *root) + b"".join(entries)).ljust(512, b"\0")
    assert len(directory) == 512, "more than one directory sector"
    return header + struct.pack("<128I", *table, *[FREE] * (128 - len(table))) + directory + body
