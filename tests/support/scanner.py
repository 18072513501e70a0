"""Search everything in a folder, decoded, for the people of a demo city."""

from __future__ import annotations

import email
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from email.policy import default
from pathlib import Path

import duckdb
import pypdfium2
from cities import City

NUMBER = re.compile(r"(?<!\d)\d{18}(?!\d)")


class Scanner:
    """Finds the demo's people in text: full names, 18-digit numbers, addresses."""

    def __init__(self, city: City) -> None:
        known = city.truth["identities"]
        self._numbers = set(known["numbers"])
        self._texts = {
            *(name.casefold() for name in known["names"]),
            *(a.casefold() for a in known["addresses"]),
        }
        parts = sorted(self._texts, key=len, reverse=True)
        self._any = re.compile("|".join(map(re.escape, parts)))

    def found_in(self, text: str) -> set[str]:
        """Return the kinds of identity found: ``number``, ``text``."""
        kinds = set()
        if any(number in self._numbers for number in NUMBER.findall(text)):
            kinds.add("number")
        if self._any.search(text.casefold()):
            kinds.add("text")
        return kinds


def texts_of(path: Path) -> Iterator[tuple[str, str]]:
    """Yield (place, text) of everything a file holds, decoded."""
    content = path.read_bytes()
    yield "name", path.name
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield name, archive.read(name).decode("utf-8", errors="replace")
    elif content[:4] == b"%PDF":
        yield from _pages(content)
    elif content[:15] == b"SQLite format 3":
        yield from _database(sqlite3.connect(path), "select name from sqlite_master where type = 'table'")
    elif path.suffix == ".duckdb":
        con = duckdb.connect(str(path), read_only=True)
        yield from _database(con, "select table_schema || '.' || table_name from information_schema.tables")
    elif content[:4] == b"PAR1":
        rows = duckdb.sql("select * from read_parquet($path)", params={"path": str(path)}).fetchall()
        yield "rows", "\n".join(map(repr, rows))
    elif path.suffix == ".eml":
        yield from _parts(content)
    else:
        yield "text", content.decode("utf-8", errors="replace")


def _pages(content: bytes) -> Iterator[tuple[str, str]]:
    with pypdfium2.PdfDocument(content) as pdf:
        for number, page in enumerate(pdf):
            yield f"page {number}", page.get_textpage().get_text_bounded()
        yield "metadata", repr(pdf.get_metadata_dict())


def _parts(content: bytes) -> Iterator[tuple[str, str]]:
    message = email.message_from_bytes(content, policy=default)
    yield "headers", "\n".join(f"{name}: {value}" for name, value in message.items() if name != "To")
    for part in message.walk():
        if part.get_content_maintype() == "text":
            yield part.get_content_type(), part.get_content()
        elif part.get_content_type() == "application/pdf":
            yield from _pages(part.get_content())


def _database(con: object, tables: str) -> Iterator[tuple[str, str]]:
    try:
        for (table,) in con.execute(tables).fetchall():  # type: ignore[attr-defined]
            rows = con.execute(f"select * from {table}").fetchall()  # type: ignore[attr-defined]
            yield table, "\n".join(map(repr, rows))
    finally:
        con.close()  # type: ignore[attr-defined]


def scan(scanner: Scanner, folder: Path, *, exempt: tuple[str, ...] = ()) -> list[tuple[str, str, set[str]]]:
    """Search all files below a folder; return what was found where."""
    found = []
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.relative_to(folder).parts[0] in exempt:
            continue
        for place, text in texts_of(path):
            kinds = scanner.found_in(text)
            if kinds:
                found.append((str(path.relative_to(folder)), place, kinds))
    return found
