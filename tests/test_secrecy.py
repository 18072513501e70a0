"""Names, numbers and addresses stay where they belong: a search through all the state holds, decoded."""

from __future__ import annotations

import email
import io
import logging
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from datetime import datetime
from email.policy import default
from pathlib import Path

import duckdb
import pypdfium2
import pytest
from cities import CYCLE, NOW, Built, City, run_city
from weasyprint import HTML

from siklatih.compose import compose_edition
from siklatih.ledger import Ledger

# where they may be: what was received, what goes back to its sender, and the vault
EXEMPT = ("inbox", "landing", "returns")
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


@pytest.fixture(scope="module")
def composed(city: City, tmp_path_factory: pytest.TempPathFactory) -> tuple[Built, str]:
    """The small city with its edition and previews, and everything that was logged meanwhile."""
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        built = run_city(city, tmp_path_factory.mktemp("secret") / "state")
        ledger = Ledger(built.state.ledger)
        with built.state.lock():
            compose_edition(
                built.state,
                ledger,
                built.settings,
                cycle=CYCLE,
                warehouse=built.state.warehouse(),
                inputs_sha="test",
                now=NOW,
                run_id="test",
            )
        ledger.close()
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    return built, log.getvalue()


def test_nobody_is_found_outside_the_places_meant_for_it(composed: tuple[Built, str], city: City) -> None:
    built, log = composed
    scanner = Scanner(city)
    assert scan(scanner, built.state.home, exempt=EXEMPT) == []
    assert scanner.found_in(log) == set()
    assert len(log) > 1000


def test_the_same_search_finds_people_in_what_was_received(composed: tuple[Built, str], city: City) -> None:
    """Control: the scanner does see names, numbers and addresses, in workbooks and in text files."""
    built, _ = composed
    found = scan(Scanner(city), built.state.inbox)
    kinds = {kind for _, _, kinds in found for kind in kinds}
    assert kinds == {"number", "text"}
    suffixes = {Path(path).suffix for path, _, _ in found}
    assert {".xlsx", ".csv", ".txt"} <= suffixes


def test_the_search_sees_into_databases_parquet_pdf_and_mail(city: City, tmp_path: Path) -> None:
    """Control: a person planted in each kind of container is found there."""
    scanner = Scanner(city)
    name, number = city.truth["identities"]["names"][0], city.truth["identities"]["numbers"][0]
    con = duckdb.connect(str(tmp_path / "w.duckdb"))
    con.execute("create table people as select $name as name", {"name": name})
    con.execute(f"copy people to '{tmp_path / 'p.parquet'}' (format parquet)")
    con.close()
    lite = sqlite3.connect(tmp_path / "l.sqlite")
    lite.execute("create table people (nip text)")
    lite.execute("insert into people values (?)", (number,))
    lite.commit()
    lite.close()
    message = email.message.EmailMessage(policy=default)
    message["To"] = "office@example.org"
    message.set_content(f"Nama: {name}", cte="base64")
    (tmp_path / "m.eml").write_bytes(message.as_bytes())
    HTML(string=f"<p>{name}</p>").write_pdf(tmp_path / "d.pdf")
    assert {path for path, _, _ in scan(scanner, tmp_path)} == {
        "w.duckdb",
        "p.parquet",
        "l.sqlite",
        "m.eml",
        "d.pdf",
    }


def test_an_address_stands_only_in_its_own_message_and_ledger_row(composed: tuple[Built, str]) -> None:
    built, _ = composed
    addresses = {"walikota@example.org", "sekda@example.org"}
    messages = sorted(built.state.outbox.rglob("*.eml"))
    assert len(messages) == len(addresses)
    seen = set()
    for path in messages:
        message = email.message_from_bytes(path.read_bytes(), policy=default)
        to = str(message["To"])
        seen.add(to)
        body = path.read_text(encoding="utf-8", errors="replace").replace(f"To: {to}", "")
        assert not any(address in body for address in addresses)
    assert seen == addresses
    holders = [
        str(path.relative_to(built.state.home))
        for path in sorted(built.state.home.rglob("*"))
        if path.is_file()
        and path.relative_to(built.state.home).parts[0] not in (*EXEMPT, "outbox")
        and any(address.encode() in path.read_bytes() for address in addresses)
    ]
    assert holders == ["ledger.sqlite"]


def test_no_mail_server_is_spoken_to(composed: tuple[Built, str]) -> None:
    """The library that composes cannot send: nothing in it imports an SMTP client."""
    source = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("siklatih", "flows", "tasks")
        for path in (Path(__file__).parent.parent / folder).rglob("*.py")
    )
    assert "smtplib" not in source
    assert "aiosmtplib" not in source


def test_the_vault_holds_no_readable_address(composed: tuple[Built, str]) -> None:
    built, _ = composed
    content = b"".join(path.read_bytes() for path in built.state.home.glob("vault*"))
    assert content
    assert b"@example.org" not in content


def test_dates_of_messages_do_not_depend_on_the_clock(composed: tuple[Built, str]) -> None:
    built, _ = composed
    for path in built.state.outbox.rglob("*.eml"):
        message = email.message_from_bytes(path.read_bytes(), policy=default)
        assert message["Date"].datetime.date() == datetime(2026, 10, 14).date()  # noqa: DTZ001
