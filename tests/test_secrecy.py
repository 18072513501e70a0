"""Names, numbers and addresses stay where they belong: a search through all the state holds, decoded."""

from __future__ import annotations

import email
import io
import logging
import sqlite3
from datetime import datetime
from email.policy import default
from pathlib import Path

import duckdb
import pytest
from cities import CYCLE, NOW, Built, City, run_city
from namelists import NAMES, NUMBERS, Office, answer
from scanner import Scanner, scan
from weasyprint import HTML

from siklatih.compose import compose_edition
from siklatih.identity import Pseudonymiser
from siklatih.ledger import Ledger
from siklatih.vault import Vault

# where they may be: what was received, what goes back to its sender, and the vault
EXEMPT = ("inbox", "landing", "returns")


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


def test_names_to_confirm_stay_in_the_vault_and_the_return(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Names of guests and of people written otherwise are compared in the build, and nothing of them is left."""
    caplog.set_level(logging.DEBUG)
    office = Office(tmp_path / "state")
    written = ["Rangga Contowan", "Sari Misalnia", "Tamu Dari Jauh"]
    office.list_names(*written)
    office.run()
    office.send_back(answer(Rangga="ya"))
    office.run()
    identities = {"names": [*NAMES, *written], "numbers": NUMBERS, "addresses": []}
    scanner = Scanner(City(office.state.inbox, {"identities": identities}))
    assert scan(scanner, office.state.home, exempt=EXEMPT) == []
    assert scanner.found_in(caplog.text) == set()
    assert len(caplog.text) > 500
    assert scan(scanner, office.state.home / "returns"), "control: the sender sees its own names"
    vault = Vault(office.state.vault, office.settings.secret("vault"))
    kept = Pseudonymiser(office.settings.secret("pseudonym")).name("Tamu Dari Jauh")
    assert vault.open(kept) == "Tamu Dari Jauh"
    vault.close()


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


def test_what_composes_cannot_send() -> None:
    """One module speaks SMTP: it hands over replies to senders. No edition's message reaches it."""
    root = Path(__file__).parent.parent
    texts = {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for folder in ("siklatih", "flows", "tasks")
        for path in (root / folder).rglob("*.py")
    }
    speaking = {name for name, text in texts.items() if "smtplib" in text or "aiosmtplib" in text}
    assert speaking == {"siklatih/mail/sending.py", "siklatih/mail/servers.py"}
    using = {name for name, text in texts.items() if "siklatih.mail.sending" in text}
    assert using == {"siklatih/mail/answering.py"}
    answering = {name for name, text in texts.items() if "siklatih.mail.answering" in text}
    assert answering == {"siklatih/mail/command.py", "tasks/mail.py", "flows/fetch_mailbox.py"}
    assert "siklatih.delivery" not in texts["siklatih/mail/answering.py"]


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
