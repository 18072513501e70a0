"""Delimited text before it is parsed: zero bytes, the longest line, cells in a line."""

from __future__ import annotations

import codecs

from siklatih.errors import MendError
from siklatih.limits import Limits

_SEPARATORS = (b",", b";", b"\t")
_WIDE = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def looks_like_delimited(head: bytes) -> bool:
    """Tell whether a file's head is text, be it with stray zero bytes; pictures and old workbooks are not."""
    if head[:2] in _WIDE or b"\x00" not in head or _is_unmarked(head):
        return bool(head)
    rest = head.replace(b"\x00", b"")
    if any(byte < 32 and byte not in b"\t\n\r" for byte in set(rest)):
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(rest)  # the head may end within a character
    except UnicodeDecodeError:
        return False
    return bool(rest)


def _is_unmarked(head: bytes) -> bool:
    """Tell whether this is UTF-16 without a mark: as a rule every second byte is zero, and none between."""
    low, high = head[::2], head[1::2]
    for letters, zeros in ((low, high), (high, low)):
        if b"\n" in letters and 0 not in letters and 10 * zeros.count(0) > 7 * len(zeros):
            return True
    return False


class TextScan:
    """Feed blocks of a text; raises at the first line that breaks a bound."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        # a shorter line can break neither bound, so that most lines are only measured
        self._short = min(limits.line_bytes + 1, limits.line_cells)
        self._line = 1
        self._length = 0
        self._separators = [0] * len(_SEPARATORS)
        self._decoder: codecs.IncrementalDecoder | None = None
        self._begun = False
        self._has_lines = True
        self._return_kept = b""

    def feed(self, block: bytes) -> None:
        """Look at the next block.

        Raises:
            MendError: a zero byte, a line too long, or too many cells in a line.
        """
        if not block:
            return
        if not self._begun:
            self._begin(block)
        if self._decoder is not None:
            block = self._decoder.decode(block).encode("utf-8", errors="replace")
        block = self._return_kept + block
        self._return_kept = b"\r" if block.endswith(b"\r") else b""
        block = block[: len(block) - len(self._return_kept)].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        zero = block.find(b"\x00")
        if zero >= 0:
            raise _zero_byte(self._line + block.count(b"\n", 0, zero))
        if self._has_lines:
            self._lines(block.split(b"\n"))

    def _begin(self, block: bytes) -> None:
        self._begun = True
        coding = _WIDE.get(block[:2])
        if coding is not None:
            self._decoder = codecs.getincrementaldecoder(coding)(errors="replace")
        elif block.removeprefix(codecs.BOM_UTF8).lstrip()[:1] in (b"{", b"["):
            self._has_lines = False  # JSON stands on one line as a rule

    def _lines(self, pieces: list[bytes]) -> None:
        self._extend(pieces[0])
        if len(pieces) == 1:
            return
        middle = pieces[1:-1]
        if middle and max(map(len, middle)) >= self._short:
            for piece in middle:
                self._next_line()
                self._extend(piece)
        else:
            self._line += len(middle)
        self._next_line()
        self._extend(pieces[-1])

    def _next_line(self) -> None:
        self._line += 1
        self._length = 0
        self._separators = [0] * len(_SEPARATORS)

    def _extend(self, piece: bytes) -> None:
        self._length += len(piece)
        if self._length > self._limits.line_bytes:
            raise _line_too_long(self._line, self._limits.line_bytes)
        for index, separator in enumerate(_SEPARATORS):
            self._separators[index] += piece.count(separator)
        if max(self._separators) >= self._limits.line_cells:
            raise _too_many_cells(self._line, self._limits.line_cells)


def _zero_byte(line: int) -> MendError:
    return MendError(
        "nul_bytes",
        en="The text holds zero bytes from this line on: it was cut off while being copied, or is UTF-16 "
        "without a mark. Export it again as UTF-8 and copy it whole.",
        id_="Teks memuat bita nol mulai baris ini: penyalinannya terputus, atau berkas ini UTF-16 tanpa "
        "penanda. Ekspor ulang sebagai UTF-8 dan salin seutuhnya.",
        row=line,
    )


def _line_too_long(line: int, limit: int) -> MendError:
    return MendError(
        "line_too_long",
        en=f"This line is longer than {limit} bytes: line ends are lost, or the file is no table. "
        "Export it again.",
        id_=f"Baris ini lebih panjang dari {limit} bita: akhir baris hilang, atau berkas ini bukan tabel. "
        "Ekspor ulang.",
        row=line,
    )


def _too_many_cells(line: int, limit: int) -> MendError:
    return MendError(
        "line_too_many_cells",
        en=f"This line has more than {limit} cells. Export the file again, or split its columns.",
        id_=f"Baris ini memuat lebih dari {limit} sel. Ekspor ulang, atau bagi kolom-kolomnya.",
        row=line,
    )
