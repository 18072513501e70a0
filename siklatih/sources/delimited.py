"""Text with delimiters: its encoding, decided or refused, and its records with line numbers."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

from siklatih.errors import MendError
from siklatih.sources.protocol import SourceFile

DELIMITERS = (",", ";", "\t")
UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_NOT_TEXT = (b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"\xd0\xcf\x11\xe0", b"%PDF")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NAMED_DELIMITER = re.compile(r"sep=([,;\t])", re.IGNORECASE)  # Excel's own first line
_SNIFFED_LINES = 200


def looks_like_text(head: bytes) -> bool:
    """Tell whether the head could be text: no container or picture signature, zero bytes in UTF-16 only."""
    if not head or head.startswith(_NOT_TEXT):
        return False
    return head[:2] in _UTF16_MARKS or b"\x00" not in head


def head_text(head: bytes) -> str:
    """Return the head as text for recognition; what cannot be decoded is replaced, never refused."""
    encoding = _UTF16_MARKS.get(head[:2])
    if encoding is not None:
        return head[2:].decode(encoding, errors="replace")
    return head.removeprefix(UTF8_MARK).decode("utf-8", errors="replace")


def decode(file: SourceFile) -> str:
    """Return the text of a file in UTF-8, UTF-16 with its mark, or Windows-1252, without the mark.

    Windows-1252 gives every byte a letter, so it is taken only where the text could not be UTF-8, nothing in
    it is UTF-8 beyond ASCII, and what comes out is free of control characters.

    Raises:
        MendError: the encoding cannot be told, or the text is damaged.
    """
    content = file.path.read_bytes()
    encoding = _UTF16_MARKS.get(content[:2])
    body = content[2:] if encoding else content.removeprefix(UTF8_MARK)
    try:
        text = body.decode(encoding or "utf-8")
    except UnicodeDecodeError as error:
        before = body[: error.start].decode(encoding or "utf-8", errors="replace")
        if encoding or content.startswith(UTF8_MARK) or not body.decode("utf-8", errors="ignore").isascii():
            raise _not_text(before) from error
        try:
            text = body.decode("cp1252")
        except UnicodeDecodeError as other:
            raise _not_text(body[: other.start].decode("cp1252")) from other
        if found := _CONTROL.search(text):
            raise _not_text(text[: found.start()]) from error
    if "\x00" in text:  # UTF-16 without its mark, among others
        raise _not_text(text[: text.index("\x00")])
    return text


def _not_text(before: str) -> MendError:
    return MendError(
        "encoding",
        en="The file's text cannot be read from here on. Export it again as UTF-8.",
        id_="Teks berkas ini tidak terbaca mulai baris ini. Ekspor ulang sebagai UTF-8.",
        row=before.count("\n") + 1,
    )


def sniff_delimiter(text: str) -> str | None:
    """Return the delimiter that gives the most lines one same number of cells, 2 or more; None if none does.

    If two do so on equally many lines, the one that gives more cells wins. Excel's ``sep=`` line decides.
    """
    named = _NAMED_DELIMITER.fullmatch(text.partition("\n")[0].strip("\r"))
    if named is not None:
        return named[1]
    scores = []
    for delimiter in DELIMITERS:
        counts: Counter[int] = Counter()
        with suppress(MendError):  # what stands before a break counts; reading the file will refuse it
            counts.update(len(cells) for _, cells in islice(records(text, delimiter), _SNIFFED_LINES))
        counts = Counter({width: lines for width, lines in counts.items() if width >= 2})
        if counts:
            scores.append((*max((lines, width) for width, lines in counts.items()), delimiter))
    return max(scores)[2] if scores else None


def records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (line on which the record starts, its cells); an embedded newline does not count twice."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    try:
        for cells in reader:
            yield start, cells
            start = reader.line_num + 1
    except csv.Error as error:
        raise MendError(
            "broken_csv",
            en="The file is broken here: a quotation mark is not closed, or it was cut off. Export it again.",
            id_="Berkas rusak di sini: tanda kutip tidak ditutup, atau berkas terpotong. Ekspor ulang.",
            row=start,
        ) from error


def blank_to_none(text: str) -> str | None:
    """An empty or white cell is no value."""
    return text.strip() or None


def text_lines(text: str) -> list[str]:
    """Return the lines of a text that ends them with LF or CRLF, and with nothing else.

    ``str.splitlines`` also breaks at characters such as U+2028 or U+0085, which stand inside names.
    """
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    return lines[:-1] if lines[-1] == "" else lines
