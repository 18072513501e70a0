"""An agency with a mailbox at real servers, messages to it, and what its replies hold."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from mail_servers import DOVECOT, PASSWORD, USER, Dovecot, Smtp

from siklatih.contracts import load_contracts
from siklatih.demo.exports import write_workbook
from siklatih.ledger import Ledger
from siklatih.ledger_mail import Mail, MailLedger
from siklatih.mail.answering import AnswerReport
from siklatih.mail.command import take_in
from siklatih.mail.fetching import FetchReport
from siklatih.settings import CHECKOUT, Settings
from siklatih.state import State

NEEDS_DOVECOT = [
    pytest.mark.skipif(not DOVECOT.exists(), reason="no dovecot: apt-get install dovecot-imapd"),
    pytest.mark.timeout(240),
]
CONTRACTS = load_contracts(CHECKOUT / "config" / "contracts")
ARRIVED = datetime(2026, 10, 14, 2, 0)  # noqa: DTZ001
NOW = datetime(2026, 10, 15, 3, 0)  # noqa: DTZ001
SENDER, OWN = "kepegawaian@example.org", "siklatih@example.org"
COSTS = ("batch_code", "cost_type", "funded_by", "planned_amount", "actual_amount")
NOTHING = b"\0\1\2"  # lands, and is refused as no known kind
XLSX = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")
SENDERS = f"senders:\n  {SENDER}: opd-12\n  diklat@example.org: opd-07\n"


@dataclass
class Office:
    """An agency with a mailbox, its state folder, and the servers it uses."""

    imap: Dovecot
    smtp: Smtp
    settings: Settings
    folder: Path

    @property
    def state(self) -> State:
        return State(self.settings.home)

    def run(self, now: datetime = NOW) -> tuple[FetchReport, AnswerReport]:
        return take_in(self.settings, now=now, run_id="test")

    def set(self, **changes: Any) -> None:
        self.settings = self.settings.model_copy(update=changes)

    def mails(self) -> list[Mail]:
        ledger = MailLedger(self.state.ledger)
        try:
            return ledger.mails()
        finally:
            ledger.close()

    def replies(self) -> list[str]:
        return [mail.reply for mail in self.mails()]

    def landed(self) -> dict[str, str]:
        """File hash -> provider, as received."""
        ledger = Ledger(self.state.ledger)
        try:
            return {receipt.file_sha: receipt.provider for receipt in ledger.receipts()}
        finally:
            ledger.close()

    def answer(self) -> EmailMessage:
        """The one reply that was sent."""
        (message,) = self.smtp.received.parsed()
        return message

    def workbook(self, name: str, *amounts: object) -> bytes:
        """A workbook of costs; a negative amount breaks a rule."""
        path = self.folder / name
        rows = [(f"B-{n}", "travel", "budget", 500, amount) for n, amount in enumerate(amounts, start=1)]
        write_workbook(path, CONTRACTS, {"costs": (COSTS, rows)}, when=ARRIVED, provider="opd-12")
        return path.read_bytes()


def open_office(imap: Dovecot, smtp: Smtp, place: Path) -> Office:
    """Make an agency below a folder, with an empty mailbox at these servers."""
    imap.empty()
    smtp.received.messages.clear()
    smtp.received.faults.clear()
    config = place / "config"
    shutil.copytree(CHECKOUT / "config", config)
    (config / "mailbox.yaml").write_text(SENDERS)
    settings = Settings(
        _env_file=None,
        home=place / "state",
        config=config,
        demo_seed=1,
        imap_host="127.0.0.1",
        imap_port=imap.tls_port,
        imap_user=USER,
        imap_password=PASSWORD,
        imap_ca_file=imap.certificate,
        smtp_host="127.0.0.1",
        smtp_port=smtp.port,
        smtp_ca_file=imap.certificate,
        smtp_sender=OWN,
        mail_seconds=3,
    )
    (place / "files").mkdir()
    return Office(imap, smtp, settings, place / "files")


def letter(
    *files: tuple[str, bytes], sender: str = f"Dra. Sekar Wulandari <{SENDER}>", **headers: str
) -> EmailMessage:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = OWN
    message["Subject"] = headers.pop("subject", "Biaya pelatihan")
    message["Message-ID"] = headers.pop("message_id", "<satu@example.org>")
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content("Yth. tim data,\n\nterlampir berkasnya.\n")
    for name, content in files:
        maintype, subtype = XLSX if name.endswith("xlsx") else ("application", "octet-stream")
        message.add_attachment(content, maintype=maintype, subtype=subtype, filename=name)
    return message


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def plain(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def workbooks(message: EmailMessage) -> dict[str, bytes]:
    return {str(part.get_filename()): part.get_content() for part in message.iter_attachments()}
