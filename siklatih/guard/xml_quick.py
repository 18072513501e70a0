r"""Upper bounds of an XML member from its bytes alone, several times as fast as handlers of a parser.

Everything but brackets and quotation marks is dropped, so that a document becomes a string of ``<>`` (an
element begins), ``\x01>`` (it ends) and ``<\x02`` (it is empty). Whatever does not fit that, or comes near
a bound, raises ``Unsure``: ``siklatih.guard.xml_exact`` then counts exactly. This pass itself never refuses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from siklatih.limits import Limits

LAST_COLUMN, LAST_ROW = 16_384, 1_048_576
_BUFFER = 1 << 18
_NOISE = b"\"'!?:\x00"  # kept although they are no brackets: what they mean depends on where they stand
_KEPT = b"<>\x01\x02" + _NOISE
_DROPPED = bytes(byte for byte in range(256) if byte not in _KEPT)
_NOISE_IN_TAG = re.compile(rb"[<\x01][^<>\x01\x02]*[\"'!?]")
_ENDS_THEN_BEGINS = re.compile(rb"((?:\x01>)*)((?:<>)*)")
_DECLARATION = re.compile(rb"(?:\xef\xbb\xbf)?<\?xml\s[^<>?]*\?>\s*")
_UTF8 = re.compile(rb"encoding\s*=\s*[\"'](?:utf-8|us-ascii)[\"']", re.IGNORECASE)
_PREFIXED = re.compile(rb"<[^<>\s\"'=/]+:(?:c|v|is|si|t|r|row)[\s/>]")
_CELL = re.compile(rb"<c(?=[\s/>])")
_REFERENCE = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"(?: [st]="[0-9A-Za-z]+"){0,2}[/>]')


class Unsure(Exception):  # noqa: N818  (nothing is wrong: it must be looked at more closely)
    """Bytes alone do not tell; count exactly."""


class QuickScan:
    """Scan one member; what was counted stands in ``elements``."""

    def __init__(self, limits: Limits, *, strings: bool) -> None:
        self.elements = 0
        self._limits = limits
        self._strings = strings
        self._sheet = False
        self._open = 0
        self._columns: set[bytes] = set()
        self._rows = 9_999  # an upper bound of the rows seen, raised when a cell lies beyond it
        self._farthest = 0  # the last of rows that were read one by one
        self._string_count = 0
        # text is spread over six such blocks at most before one of them lies within it and shows it
        self._block = max(1, (limits.cell_chars + 1) // 6)

    def scan(self, pieces: Iterable[bytes]) -> None:
        """Count all of the member.

        Raises:
            Unsure: a bound may be broken.
        """
        kept, first = b"", True
        for piece in pieces:
            kept += piece
            if len(kept) < _BUFFER:
                continue
            cut = kept.rfind(b"<")  # a tag is never divided between two buffers
            if cut <= 0:
                raise Unsure
            self._buffer(kept[:cut], first=first)
            kept, first = kept[cut:], False
        self._buffer(kept, first=first)
        if self._open:
            raise Unsure
        if self._sheet:
            widest = max(map(column_number, self._columns), default=0)
            farthest = max(self._rows, self._farthest)
            if widest > LAST_COLUMN or farthest * widest > self._limits.sheet_cells:
                raise Unsure
        if self._string_count > self._limits.strings:
            raise Unsure

    def _buffer(self, buffer: bytes, *, first: bool) -> None:
        if first:
            declared = _DECLARATION.match(buffer)
            if declared is not None:
                if b"encoding" in declared[0] and not _UTF8.search(declared[0]):
                    raise Unsure
                buffer = buffer[declared.end() :]
        self._nesting(buffer)
        if not self._sheet:
            self._sheet = b"sheetData" in buffer
        if self._sheet:
            if self._strings:
                raise Unsure
            self._text(buffer, b"<c ")
            self._cells(buffer)
        elif self._strings:
            self._text(buffer, b"<si")
            self._string_count += buffer.count(b"<si")

    def _nesting(self, buffer: bytes) -> None:
        if b"\x01" in buffer or b"\x02" in buffer:
            raise Unsure
        skeleton = buffer.replace(b"/>", b"\x02").replace(b"</", b"\x01").translate(None, _DROPPED)
        if b":" in skeleton:
            if b"<:" in skeleton and _PREFIXED.search(buffer):
                raise Unsure
            skeleton = skeleton.replace(b":", b"")
        skeleton = skeleton.replace(b'""', b"")
        plain = skeleton.translate(None, _NOISE)
        if len(plain) != len(skeleton) and (b"\x00" in skeleton or _NOISE_IN_TAG.search(skeleton)):
            raise Unsure
        self.elements += plain.count(b"<")
        plain = plain.replace(b"<\x02", b"")
        levels = 1
        while len(shorter := plain.replace(b"<>\x01>", b"")) != len(plain):
            plain = shorter
            levels += 1
            if levels > self._limits.xml_depth:
                raise Unsure
        rest = _ENDS_THEN_BEGINS.fullmatch(plain)
        if rest is None:
            raise Unsure
        after = self._open - len(rest[1]) // 2 + len(rest[2]) // 2
        if len(rest[1]) // 2 > self._open or max(self._open, after) + levels > self._limits.xml_depth:
            raise Unsure
        self._open = after

    def _text(self, buffer: bytes, cell: bytes) -> None:
        """A block in which no cell begins, but text does or goes on throughout, may lie in a long text."""
        for start in range(0, len(buffer) - self._block + 1, self._block):
            end = start + self._block
            if buffer.find(cell, start, end) >= 0:
                continue
            if buffer.find(b"<", start, end) < 0 or any(
                buffer.find(text, start, end) >= 0 for text in (b"<t", b"<v")
            ):
                raise Unsure

    def _cells(self, buffer: bytes) -> None:
        columns = _within(self._rows).findall(buffer)
        if len(columns) != buffer.count(b"<c"):
            cells = len(_CELL.findall(buffer))
            if len(columns) != cells:
                found = _REFERENCE.findall(buffer)
                if len(found) != cells:
                    raise Unsure
                columns = [letters for letters, _ in found]
                last = max(int(row) for _, row in found)
                if last > LAST_ROW:
                    raise Unsure
                self._farthest = max(self._farthest, last)
                self._rows = max(self._rows, min(_rounded_up(last), 999_999))
        self._columns.update(columns)


@lru_cache
def _within(rows: int) -> re.Pattern[bytes]:
    """A cell's tag whose row is at most ``rows``, which is a digit followed by nines; nothing else in it."""
    first, nines = str(rows)[0], len(str(rows)) - 1
    digits = f"[1-{first}][0-9]{{{nines}}}|[1-9][0-9]{{0,{nines - 1}}}"
    return re.compile(rf'<c r="([A-Z]{{1,3}}+)(?:{digits})"(?: [st]="[0-9A-Za-z]++"){{0,2}}+[/>]'.encode())


def _rounded_up(row: int) -> int:
    """123456 becomes 199999."""
    size = int("1" + "0" * (len(str(row)) - 1))
    return (row // size + 1) * size - 1


def column_number(letters: bytes) -> int:
    """A is 1, XFD is 16384."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
