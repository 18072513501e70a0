"""What the reader of spreadsheets does not tell of an old `.xls`: hidden rows, errors, how days count.

An `.xls` is a small file system (OLE) in which one stream holds records (BIFF). Only what is needed of both
is read here; anything out of order is a ``ValueError``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

from siklatih.sources.sheet_marks import Marks

_END = 0xFFFFFFFA  # sector numbers from here on are marks, not sectors
_BOF, _EOF, _BOUNDSHEET, _DATEMODE, _FILEPASS = 0x0809, 0x000A, 0x0085, 0x0022, 0x002F
_ROW, _COLINFO, _BOOLERR, _FORMULA = 0x0208, 0x007D, 0x0205, 0x0006
_ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!",
    0x2A: "#N/A",
}  # fmt: skip


def xls_marks(path: Path, names: Sequence[str]) -> tuple[dict[str, Marks], bool]:
    """Return the marks of each sheet and whether days count from 1904; ``names`` in the workbook's order.

    Raises:
        ValueError: the file is not what its beginning says.
    """
    try:
        stream = _stream(path.read_bytes())
        starts: list[int] = []
        date1904 = False
        for kind, data in _records(stream, 0):
            if kind == _BOUNDSHEET:
                starts.append(struct.unpack_from("<I", data)[0])
            elif kind == _DATEMODE:
                date1904 = data[0] == 1
        return {
            name: _sheet_marks(stream, start) for name, start in zip(names, starts, strict=False)
        }, date1904
    except (struct.error, IndexError) as error:
        raise ValueError("a broken file of records") from error


def is_locked(path: Path) -> bool:
    """Tell whether the records are encrypted; ``ValueError`` if there are none."""
    try:
        return any(kind == _FILEPASS for kind, _ in _records(_stream(path.read_bytes()), 0))
    except (struct.error, IndexError) as error:
        raise ValueError("a broken file of records") from error


def _records(stream: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    """Yield (kind, data) from a BOF to its EOF, without what charts within a sheet hold."""
    depth = 0
    while start + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, start)
        depth += (kind == _BOF) - (kind == _EOF)
        if depth <= 0:
            return
        if depth == 1:
            yield kind, stream[start + 4 : start + 4 + length]
        start += 4 + length


def _sheet_marks(stream: bytes, start: int) -> Marks:
    marks = Marks()
    for kind, data in _records(stream, start):
        if kind == _ROW:
            row, flags = struct.unpack_from("<H10xH", data)
            if flags & 0x20:
                marks.hidden_rows.append(range(row, row + 1))
        elif kind == _COLINFO:
            first, last, flags = struct.unpack_from("<HH4xH", data)
            if flags & 1:
                marks.hidden_columns.append(range(first, last + 1))
        elif kind in (_BOOLERR, _FORMULA):
            row, column = struct.unpack_from("<HH", data)
            code = _error_code(kind, data)
            if code is not None:
                marks.errors[row, column] = _ERRORS.get(code, "#N/A")
    return marks


def _error_code(kind: int, data: bytes) -> int | None:
    if kind == _BOOLERR:
        return data[6] if data[7] else None
    # a formula's result is a number, unless it ends like this and begins with what it is
    return data[8] if data[12:14] == b"\xff\xff" and data[6] == 2 else None


def _stream(content: bytes) -> bytes:
    """Return the stream of records out of an OLE container."""
    shift, small_shift = struct.unpack_from("<HH", content, 30)
    if shift not in (9, 12) or small_shift != 6:
        raise ValueError("unknown sector size")
    size = 1 << shift
    (directory_start, _, cutoff, small_start) = struct.unpack_from("<IIII", content, 48)
    fat = _table(content, size)
    entries = list(_entries(_chain(content, size, size, fat, directory_start)))
    # the first of a name: what is embedded in the workbook may hold one of the same name
    found = {name: (start, length) for name, kind, start, length in reversed(entries) if kind == 2}
    for name in ("workbook", "book"):
        if name not in found:
            continue
        start, length = found[name]
        if length >= cutoff:
            return _chain(content, size, size, fat, start)[:length]
        root = next(begin for _, kind, begin, _ in entries if kind == 5)
        small_fat = _numbers(_chain(content, size, size, fat, small_start))
        return _chain(_chain(content, size, size, fat, root), 0, 64, small_fat, start)[:length]
    raise ValueError("no stream of that name")


def _table(content: bytes, size: int) -> tuple[int, ...]:
    """Return the table of which sector follows which; its own sectors are listed in the header and beyond."""
    listed = list(struct.unpack_from("<109I", content, 76))
    following = struct.unpack_from("<I", content, 68)[0]
    while following < _END and len(listed) < len(content):
        numbers = struct.unpack_from(f"<{size // 4}I", content, (following + 1) * size)
        listed += numbers[:-1]
        following = numbers[-1]
    return _numbers(
        b"".join(content[(sector + 1) * size : (sector + 2) * size] for sector in listed if sector < _END)
    )


def _numbers(content: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(content) // 4}I", content[: len(content) // 4 * 4])


def _chain(content: bytes, first: int, size: int, following: Sequence[int], sector: int) -> bytes:
    pieces: list[bytes] = []
    while sector < _END:
        if len(pieces) > len(following):
            raise ValueError("sectors that follow each other in a circle")
        pieces.append(content[first + sector * size : first + (sector + 1) * size])
        sector = following[sector]
    return b"".join(pieces)


def _entries(directory: bytes) -> Iterator[tuple[str, int, int, int]]:
    """Yield (name, kind, first sector, length) of what a container holds; kind 2 is a stream, 5 the root."""
    for at in range(0, len(directory) - 127, 128):
        length = struct.unpack_from("<H", directory, at + 64)[0]
        name = directory[at : at + max(0, length - 2)].decode("utf-16-le", errors="replace").casefold()
        start, size = struct.unpack_from("<II", directory, at + 116)
        yield name, directory[at + 66], start, size
