"""Text with delimiters: its encoding, decided or refused, and its records with line numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from siklatih.errors import MendError
from siklatih.sources.protocol import SourceFile

_DIGITS_LOST = ("e+", "E+")


def looks_like_text(head: bytes) -> bool:
    """Tell whether the head could be UTF-8 text: no zero bytes, no container or picture signature."""
    return (
        bool(head)
        and b"\x00" not in head
        and not head.startswith((b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff"))
    )


def decode(file: SourceFile) -> str:
    """Return the text of a UTF-8 file, with or without a byte order mark.

    Raises:
        MendError: the file is not UTF-8.
    """
    content = file.path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise MendError(
            "encoding",
            en="The file is not UTF-8 text. Export it again as UTF-8.",
            id_="Berkas ini bukan teks UTF-8. Ekspor ulang sebagai UTF-8.",
            row=line,
        ) from error


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
