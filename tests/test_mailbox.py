"""Files that arrive by e-mail, with a real IMAP server (dovecot) and a real SMTP server on loopback."""

from __future__ import annotations

import hashlib
import io
import logging
import os
import shutil
import signal
import ssl
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from mail_servers import DOVECOT, PASSWORD, USER, Dovecot, Smtp, dovecot, free_port, smtp_server
from python_calamine import CalamineWorkbook

from siklatih.agency import load_agency
from siklatih.contracts import load_contracts
from siklatih.demo.exports import write_workbook
from siklatih.errors import MendError, ServerAwayError
from siklatih.landing import original
from siklatih.ledger import Ledger
from siklatih.ledger_mail import DOUBT, FAILED, NONE, NOT_OWED, RETRY, SENT, Mail, MailLedger
from siklatih.mail.answering import AnswerReport, Envelope, reply_bytes
from siklatih.mail.command import take_in
from siklatih.mail.fetching import FetchReport
from siklatih.mail.sending import Post
from siklatih.mail.servers import servers
from siklatih.settings import CHECKOUT, Settings
from siklatih.state import State

pytestmark = [
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


@pytest.fixture(scope="module")
def imap() -> Iterator[Dovecot]:
    with dovecot() as running:
        yield running


@pytest.fixture(scope="module")
def smtp(imap: Dovecot) -> Iterator[Smtp]:
    with smtp_server(imap.certificate) as running:
        yield running


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


@pytest.fixture
def office(imap: Dovecot, smtp: Smtp, tmp_path: Path) -> Office:
    imap.empty()
    smtp.received.messages.clear()
    smtp.received.faults.clear()
    config = tmp_path / "config"
    shutil.copytree(CHECKOUT / "config", config)
    (config / "mailbox.yaml").write_text(SENDERS)
    settings = Settings(
        _env_file=None,
        home=tmp_path / "state",
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
    (tmp_path / "files").mkdir()
    return Office(imap, smtp, settings, tmp_path / "files")


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


# --- what lands, and the reply


def test_a_workbook_lands_and_is_answered_once(office: Office) -> None:
    content = office.workbook("biaya.xlsx", 400, 300)
    office.imap.deliver(
        letter(("biaya.xlsx", content), References="<nol@example.org>").as_bytes(), at=ARRIVED
    )
    fetched, answered = office.run()
    assert (fetched.seen, fetched.taken, fetched.files, answered.sent) == (1, 1, 1, 1)
    assert office.landed() == {sha(content): "opd-12"}
    ledger = Ledger(office.state.ledger)
    assert [receipt.modified_at for receipt in ledger.receipts()] == [ARRIVED]
    assert ledger.folders() == [], "the message's own folder is no batch"
    ledger.close()
    assert (office.imap.count("INBOX"), office.imap.count("Siklatih-selesai")) == (0, 1)
    assert "\\Seen" not in office.imap.flags("Siklatih-selesai")[0]
    (sent,) = office.smtp.received.messages
    assert sent[:2] == (OWN, SENDER)
    answer = office.answer()
    assert answer["In-Reply-To"] == "<satu@example.org>"
    assert answer["References"] == "<nol@example.org> <satu@example.org>"
    assert (answer["Auto-Submitted"], answer["To"]) == ("auto-replied", SENDER)
    assert answer["Date"].datetime.replace(tzinfo=None) == NOW
    assert str(answer["Message-ID"]).endswith("@example.org>")
    text = plain(answer)
    assert "Lampiran 1 (.xlsx): Diterima." in text
    assert "Baris dibaca 2: diterima 2, disisihkan 0, ganda 0." in text
    assert text.index("diterima 2") < text.index("Rows read 2: accepted 2, put aside 0, doubles 0.")
    assert "Surel Anda tanggal 14 Oktober 2026" in text
    assert workbooks(answer) == {}
    again = office.run(NOW + timedelta(minutes=15))
    assert (again[0].seen, again[1].sent, len(office.smtp.received.messages)) == (0, 0, 1)
    assert office.replies() == [SENT]


def test_a_message_that_came_this_moment_is_answered_with_the_next_run(office: Office) -> None:
    office.imap.deliver(letter(("x.bin", NOTHING)).as_bytes(), at=NOW - timedelta(seconds=3))
    fetched, answered = office.run()
    assert (fetched.taken, answered.waiting, answered.sent) == (1, 1, 0)
    assert office.run(NOW + timedelta(minutes=15))[1].sent == 1


def test_a_reply_is_the_same_bytes_each_time_and_arrives_as_it_was_written(office: Office) -> None:
    long = f"<{'A' * 150}@{'b' * 60}.example.org>"
    text = (".titik\n..dua\nbiasa\n.\n", "<p>.titik</p>\n.\n")
    given = {
        "agency": load_agency(office.settings.config / "agency.yaml"),
        "sender": OWN,
        "now": NOW,
    }
    envelope = Envelope(SENDER, long, tuple(f"<{n}{'x' * 90}@example.org>" for n in range(20)))
    content, again = (
        reply_bytes("k", envelope, "Perihal", text, [("a.xlsx", b"1")], **given) for _ in range(2)
    )
    assert content == again
    post = Post(servers(office.settings)[1], OWN)
    post.make_ready()
    assert post.hand_over(SENDER, content) == (SENT, 250)
    post.close()
    assert office.smtp.received.messages[0][2] == content
    answer = office.answer()
    assert answer["In-Reply-To"] == long
    references = str(answer["References"]).split()
    assert references[-2:] == [envelope.references[-1], long]
    assert max(map(len, content.split(b"\r\n"))) < 998
    assert long.encode() in content
    assert plain(answer) == text[0]


def test_three_attachments_one_with_a_bad_row_and_one_refused(office: Office) -> None:
    good, bad = office.workbook("baik.xlsx", 1), office.workbook("Sekar Wulandari.xlsx", 1, -1)
    office.imap.deliver(
        letter(("baik.xlsx", good), ("Sekar Wulandari.xlsx", bad), ("catatan.bin", NOTHING)).as_bytes(),
        at=ARRIVED,
    )
    office.run()
    assert set(office.landed()) == {sha(good), sha(bad), sha(NOTHING)}
    answer = office.answer()
    text = plain(answer)
    assert "1 baik, 2 perlu diperbaiki / Checked: 1 fine, 2 to mend" in str(answer["Subject"])
    assert "Lampiran 1 (.xlsx): Diterima.\n" in text
    assert "Lampiran 2 (.xlsx): Diterima sebagian" in text
    assert "Attachment 2 (.xlsx): Accepted in part" in text
    assert "Biaya pelatihan, baris 3, kolom" in text
    assert "aturan costs.actual_amount" in text
    assert "Lampiran 3 (.bin): Ditolak: tidak ada baris yang dipakai." in text
    assert "Attachment 3 (.bin): Refused: no row of it is used." in text
    html = answer.get_body(("html",))
    assert html is not None
    assert "Lampiran 2 (.xlsx): Diterima sebagian" in html.get_content()
    found = workbooks(answer)
    assert sorted(found) == ["2-Sekar Wulandari-perbaikan.xlsx", "3-catatan-perbaikan.xlsx"]
    marked = CalamineWorkbook.from_filelike(io.BytesIO(found["2-Sekar Wulandari-perbaikan.xlsx"]))
    rows = marked.get_sheet_by_name("Perbaikan").to_python()
    assert rows[-1][:2] == ["Biaya pelatihan", 3.0]
    for words in (text, html.get_content(), str(answer["Subject"])):
        assert "Sekar" not in words
        assert "Wulandari" not in words


def test_a_mended_return_that_is_mailed_back_releases_what_it_answers(office: Office) -> None:
    office.imap.deliver(letter(("biaya.xlsx", office.workbook("biaya.xlsx", 1, -1))).as_bytes(), at=ARRIVED)
    office.run()
    (back,) = workbooks(office.answer()).values()
    office.smtp.received.messages.clear()
    mail = letter(("1-biaya-perbaikan.xlsx", back), message_id="<dua@example.org>")
    office.imap.deliver(mail.as_bytes(), at=ARRIVED + timedelta(hours=1))
    office.run(NOW + timedelta(hours=2))
    ledger = Ledger(office.state.ledger)
    assert set(ledger.replays()) == {sha(back)}
    ledger.close()


def test_a_forwarded_message_gives_its_attachments(office: Office) -> None:
    content = NOTHING
    inner = letter(("biaya.bin", content), sender="siapa@example.org", message_id="<dalam@example.org>")
    outer = letter(message_id="<luar@example.org>")
    outer.add_attachment(inner)
    office.imap.deliver(outer.as_bytes(), at=ARRIVED)
    office.run()
    assert office.landed() == {sha(content): "opd-12"}
    assert office.smtp.received.messages[0][1] == SENDER
    assert office.answer()["In-Reply-To"] == "<luar@example.org>"


def test_an_archive_is_answered_file_by_file(office: Office) -> None:
    box = io.BytesIO()
    good, bad = office.workbook("a.xlsx", 1), office.workbook("b.xlsx", -1)
    with zipfile.ZipFile(box, "w") as archive:
        archive.writestr("a.xlsx", good)
        archive.writestr("b.xlsx", bad)
    office.imap.deliver(letter(("kiriman.zip", box.getvalue())).as_bytes(), at=ARRIVED)
    office.run()
    assert set(office.landed()) == {sha(good), sha(bad)}
    text = plain(office.answer())
    assert "Lampiran 1 (.zip), berkas 1 (.xlsx): Diterima." in text
    assert "Lampiran 1 (.zip), berkas 2 (.xlsx): Diterima sebagian" in text
    assert list(workbooks(office.answer())) == ["1-2-b-perbaikan.xlsx"]


def test_a_message_without_a_file_is_told_what_to_send(office: Office) -> None:
    office.imap.deliver(letter().as_bytes(), at=ARRIVED)
    fetched, answered = office.run()
    assert (fetched.taken, fetched.files, answered.sent) == (1, 0, 1)
    text = plain(office.answer())
    assert "tidak memuat lampiran" in text
    assert "Attach the files themselves" in text
    assert "dalam kurung siku" in text


def test_a_photo_is_answered_with_the_workbook_to_type_it_into(office: Office) -> None:
    photo = b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(2000)
    office.imap.deliver(letter(("hadir.jpg", photo), subject="[P01-A3]").as_bytes(), at=ARRIVED)
    office.run()
    assert "Lampiran 1 (.jpg): Ditolak" in plain(office.answer())
    (book,) = workbooks(office.answer()).values()
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(book)).sheet_names
    assert "Perbaikan" in sheets
    assert CONTRACTS["attendance"].title_id in sheets


def test_the_subject_files_the_batch(office: Office) -> None:
    content = office.workbook("biaya.xlsx", 5)
    office.imap.deliver(letter(("biaya.xlsx", content), subject="Fwd: biaya [P01-A3]").as_bytes(), at=ARRIVED)
    office.run()
    ledger = Ledger(office.state.ledger)
    assert ledger.folders() == [(sha(content), "P01-A3")]
    ledger.close()
    assert "Angkatan menurut subjek surel: P01-A3" in plain(office.answer())


# --- who is not answered


def test_a_sender_nobody_registered_leaves_nothing_and_hears_nothing(office: Office) -> None:
    message = letter(("biaya.xlsx", office.workbook("biaya.xlsx", 5)), sender="orang@example.org")
    two = letter(sender=f"{SENDER}, orang@example.org")
    office.imap.deliver(message.as_bytes(), two.as_bytes(), at=ARRIVED)
    fetched, answered = office.run()
    assert (fetched.unknown, fetched.taken, answered) == (2, 0, AnswerReport())
    assert office.landed() == {}
    assert office.mails() == []
    assert list(office.state.inbox.rglob("*")) == []
    assert (office.imap.count("INBOX"), office.imap.count("Siklatih-disisihkan")) == (0, 2)
    assert office.smtp.received.messages == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-generated"},
        {"Return_Path": "<>"},
    ],
    ids=str,
)
def test_what_a_machine_sent_lands_and_is_never_answered(office: Office, headers: dict[str, str]) -> None:
    office.imap.deliver(letter(("x.bin", b"\0\1"), **headers).as_bytes(), at=ARRIVED)
    fetched, answered = office.run()
    assert (fetched.taken, len(office.landed()), answered) == (1, 1, AnswerReport())
    assert office.replies() == [NOT_OWED]
    assert office.smtp.received.messages == []


def test_our_own_reply_and_a_delivery_report_make_no_loop(office: Office) -> None:
    office.imap.deliver(letter(("biaya.xlsx", office.workbook("biaya.xlsx", -1))).as_bytes(), at=ARRIVED)
    office.run()
    reply = office.smtp.received.messages[0][2]
    office.smtp.received.messages.clear()
    config = office.settings.config / "mailbox.yaml"
    config.write_text(SENDERS + f"  {OWN}: opd-01\n")  # even if somebody registers it
    report = EmailMessage()
    report["From"], report["Message-ID"] = SENDER, "<lapor@example.org>"
    report.set_content("Tidak dapat diantar.")
    report.add_attachment(BytesParser(policy=default).parsebytes(reply))
    report.replace_header("Content-Type", 'multipart/report; report-type="delivery-status"')
    report.set_boundary("batas")
    before = office.landed()
    office.imap.deliver(reply, report.as_bytes(), at=ARRIVED)
    fetched, answered = office.run(NOW + timedelta(hours=1))
    assert (fetched.own, fetched.reports, fetched.taken, answered) == (1, 1, 0, AnswerReport())
    assert office.landed() == before
    assert office.smtp.received.messages == []


def test_a_host_that_must_vouch_for_the_sender(office: Office) -> None:
    office.set(mail_auth_host="mx.example.org")
    passed = "mx.example.org; spf=pass; dmarc=pass (p=reject) header.from=example.org"
    forged = letter(message_id="<palsu@example.org>")
    failed = letter(message_id="<gagal@example.org>", Authentication_Results="mx.example.org; dmarc=fail")
    failed["Authentication-Results"] = passed  # further down: it came with the message
    other = letter(message_id="<lain@example.org>", Authentication_Results=passed.replace("mx.", "my."))
    good = letter(message_id="<baik@example.org>", Authentication_Results=passed)
    office.imap.deliver(*(mail.as_bytes() for mail in (forged, failed, other, good)), at=ARRIVED)
    fetched, answered = office.run()
    assert (fetched.unproven, fetched.taken, answered.sent) == (3, 1, 1)
    assert office.answer()["In-Reply-To"] == "<baik@example.org>"


# --- the same again


def test_the_same_message_twice_and_after_the_mailbox_was_made_anew(office: Office) -> None:
    message = letter(("biaya.bin", NOTHING)).as_bytes()
    office.imap.deliver(message, message, at=ARRIVED)
    fetched, answered = office.run()
    assert (fetched.taken, fetched.doubles, answered.sent) == (1, 1, 1)
    office.imap.empty()
    with office.imap.session() as program:
        program.create("Baru")
    office.imap.deliver(message, at=ARRIVED, folder="Baru")
    office.set(imap_folder="Baru")  # other UIDs under another UIDVALIDITY
    fetched, answered = office.run(NOW + timedelta(hours=1))
    assert (fetched.seen, fetched.doubles, answered.sent) == (1, 1, 0)
    assert len(office.landed()) == 1


def test_the_same_attachment_in_two_messages_is_one_file_and_two_answers(office: Office) -> None:
    content = NOTHING
    for number in (1, 2):
        mail = letter(("biaya.bin", content), message_id=f"<{number}@example.org>")
        office.imap.deliver(mail.as_bytes(), at=ARRIVED + timedelta(minutes=number))
    _, answered = office.run()
    assert answered.sent == 2
    assert office.landed() == {sha(content): "opd-12"}
    said = {str(answer["In-Reply-To"]): plain(answer) for answer in office.smtp.received.parsed()}
    assert "sudah pernah diterima" not in said["<1@example.org>"]
    assert "sudah pernah diterima, jadi tidak dihitung dua kali" in said["<2@example.org>"]
    assert "had been received before" in said["<2@example.org>"]


def test_two_messages_under_one_id_are_both_taken(office: Office) -> None:
    """A program that uses a Message-ID twice must not make data disappear."""
    for content in (NOTHING, NOTHING * 2):
        mail = letter(("biaya.bin", content))
        office.imap.deliver(mail.as_bytes(), at=ARRIVED)
    fetched, answered = office.run()
    assert (fetched.taken, answered.sent, len(office.landed())) == (2, 2, 2)


# --- bounds


def test_a_message_that_is_too_large_is_not_fetched_and_says_so(office: Office) -> None:
    office.set(mail_mb=1)
    office.imap.deliver(letter(("x.bin", os.urandom(1_100_000))).as_bytes(), at=ARRIVED)
    fetched, _ = office.run()
    assert (fetched.taken, fetched.files, office.landed()) == (1, 0, {})
    text = plain(office.answer())
    assert "lebih besar daripada 1 MB" in text
    assert "larger than 1 MB" in text
    assert "not received" in str(office.answer()["Subject"])


def test_too_many_attachments_and_too_deep_a_nesting_are_answered(office: Office) -> None:
    office.set(mail_attachments=2, mail_depth=3)
    many = letter(*[(f"{n}.bin", bytes([n])) for n in range(3)], message_id="<banyak@example.org>")
    deep = letter(("x.bin", b"\0"), message_id="<dalam@example.org>")
    for _ in range(4):
        outer = letter(message_id="<dalam@example.org>")
        outer.add_attachment(deep)
        deep = outer
    office.imap.deliver(many.as_bytes(), deep.as_bytes(), at=ARRIVED)
    office.run()
    assert office.landed() == {}
    said = {str(answer["In-Reply-To"]): plain(answer) for answer in office.smtp.received.parsed()}
    assert "more than 2 attachments" in said["<banyak@example.org>"]
    assert "more than 3 levels deep" in said["<dalam@example.org>"]


def test_a_run_looks_at_so_many_messages_and_leaves_the_rest(office: Office) -> None:
    office.set(mail_run_messages=2)
    letters = [letter(message_id=f"<{n}@example.org>").as_bytes() for n in range(3)]
    office.imap.deliver(*letters, at=ARRIVED)
    assert (office.run()[0].left, office.run()[0].left) == (1, 0)
    assert len(office.mails()) == 3


def test_workbooks_beyond_the_bound_of_a_reply_are_not_attached(office: Office) -> None:
    office.set(mail_reply_mb=0)
    office.imap.deliver(letter(("biaya.xlsx", office.workbook("biaya.xlsx", -1))).as_bytes(), at=ARRIVED)
    office.run()
    assert workbooks(office.answer()) == {}
    assert "terlalu besar untuk surel; mintalah kepada BKPSDM" in plain(office.answer())


# --- a server without MOVE


def test_without_move_a_message_is_marked_and_not_taken_again(smtp: Smtp, office: Office) -> None:
    with dovecot("imap_capability = IMAP4rev1 UIDPLUS") as plain_imap:
        office.imap = plain_imap
        office.set(imap_port=plain_imap.tls_port, imap_ca_file=plain_imap.certificate)
        plain_imap.deliver(letter(("x.bin", b"\0")).as_bytes(), at=ARRIVED)
        assert office.run()[0].taken == 1
        assert plain_imap.count("INBOX") == 1
        assert "SiklatihSelesai" in plain_imap.flags("INBOX")[0]
        assert "\\Seen" not in plain_imap.flags("INBOX")[0]
        fetched, answered = office.run(NOW + timedelta(hours=1))
        assert (fetched.seen, answered.sent) == (0, 0)


# --- servers that fail


@pytest.mark.parametrize(
    ("step", "fault", "state"),
    [
        ("MAIL", "451 later", RETRY),
        ("RCPT", "450 greylisted", RETRY),
        ("RCPT", "550 no such user kepegawaian@example.org", FAILED),
        ("RCPT", "cut", RETRY),
        ("RCPT", "slow", RETRY),
        ("DATA", "451 try later", RETRY),
        ("DATA", "554 refused", FAILED),
        ("DATA", "cut", DOUBT),
        ("DATA", "slow", DOUBT),
    ],
)
def test_what_a_failing_smtp_server_leaves_behind(
    office: Office, step: str, fault: str, state: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    office.imap.deliver(letter().as_bytes(), at=ARRIVED)
    office.smtp.received.faults[step] = fault
    _, answered = office.run()
    assert office.replies() == [state]
    assert answered == AnswerReport(to_retry=state == RETRY, failed=state == FAILED, in_doubt=state == DOUBT)
    taken = len(office.smtp.received.messages)
    assert taken == (state == DOUBT)
    office.smtp.received.faults.clear()
    _, again = office.run(NOW + timedelta(hours=1))
    assert again.sent == (state == RETRY), "only what surely did not go out is sent again"
    assert len(office.smtp.received.messages) == 1 - (state == FAILED)
    assert "example.org" not in caplog.text


def test_a_reply_that_cannot_be_delivered_for_days_is_given_up(office: Office) -> None:
    office.imap.deliver(letter().as_bytes(), at=ARRIVED)
    office.smtp.received.faults["RCPT"] = "450 greylisted"
    office.run()
    office.run(NOW + timedelta(days=2))
    assert office.replies() == [RETRY]
    assert office.run(NOW + timedelta(days=4))[1].failed == 1
    assert office.replies() == [FAILED]


def test_an_smtp_server_that_is_down_leaves_the_row_as_it_was(office: Office) -> None:
    office.imap.deliver(letter().as_bytes(), at=ARRIVED)
    port = office.settings.smtp_port
    office.set(smtp_port=free_port())
    with pytest.raises(ServerAwayError, match="smtp_away"):
        office.run()
    assert office.replies() == [NONE]
    office.set(smtp_port=port)
    assert office.run(NOW + timedelta(hours=1))[1].sent == 1


def test_a_person_may_have_a_doubtful_reply_sent_again(office: Office) -> None:
    office.imap.deliver(letter().as_bytes(), at=ARRIVED)
    office.smtp.received.faults["DATA"] = "cut"
    office.run()
    office.smtp.received.faults.clear()
    (mail,) = office.mails()
    later = NOW + timedelta(days=9)
    with pytest.raises(MendError, match="unknown_mail"):
        take_in(office.settings, now=later, run_id="test", again="0" * 12)
    _, answered = take_in(office.settings, now=later, run_id="test", again=mail.message_key[:12])
    assert answered.sent == 1
    first, second = office.smtp.received.parsed()
    assert first["Message-ID"] == second["Message-ID"], "a mail program shows it once"


def test_a_wrong_password_is_for_a_person(office: Office) -> None:
    office.set(imap_password=Settings(_env_file=None, imap_password="salah").imap_password)
    with pytest.raises(MendError, match=r"imap_login.*SIKLATIH_IMAP_PASSWORD") as caught:
        office.run()
    assert "salah" not in str(caught.value)


def test_an_imap_server_that_is_down_may_come_back(office: Office) -> None:
    office.set(imap_port=free_port())
    with pytest.raises(ServerAwayError, match="imap_away"):
        office.run()


def test_certificates_that_nobody_trusts_are_refused(office: Office) -> None:
    office.set(imap_ca_file=None)
    with pytest.raises(MendError, match="imap_certificate"):
        office.run()
    office.set(imap_ca_file=office.imap.certificate, smtp_ca_file=None)
    office.imap.deliver(letter().as_bytes(), at=ARRIVED)
    with pytest.raises(MendError, match="smtp_certificate"):
        office.run()
    assert office.replies() == [NONE]
    assert office.smtp.received.messages == []


def test_encryption_is_as_the_settings_say_or_nothing_is_said(office: Office) -> None:
    port = office.settings.imap_port
    office.set(imap_port=office.imap.plain_port)
    with pytest.raises(MendError, match="imap_tls"):
        office.run()
    office.set(imap_host="mail.example.org", imap_tls="none")
    with pytest.raises(MendError, match="imap_plain"):
        office.run()
    office.set(imap_host="127.0.0.1", imap_port=office.imap.plain_port, imap_tls="starttls")
    assert office.run()[0].seen == 0
    office.set(imap_tls="none")
    assert office.run()[0].seen == 0
    office.set(imap_port=port, imap_tls="implicit", imap_folder="Tiada")
    with pytest.raises(MendError, match="imap_folder"):
        office.run()


def test_starttls_and_login_at_the_smtp_server(office: Office) -> None:
    from aiosmtpd.smtp import AuthResult  # noqa: PLC0415

    def known(server: Any, session: Any, envelope: Any, mechanism: str, said: Any) -> Any:
        return AuthResult(success=(said.login, said.password) == (b"siklatih", b"rahasia"), handled=False)

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(office.imap.certificate, office.imap.certificate.with_name("key.pem"))
    options = {
        "tls_context": context,
        "require_starttls": True,
        "authenticator": known,
        "auth_required": True,
    }
    with smtp_server(**options) as guarded:
        secret = Settings(_env_file=None, smtp_password="rahasia").smtp_password
        office.set(smtp_port=guarded.port, smtp_tls="starttls", smtp_user="siklatih")
        office.imap.deliver(letter().as_bytes(), at=ARRIVED)
        with pytest.raises(MendError, match="smtp_login"):
            office.run()
        assert office.replies() == [NONE]
        office.set(smtp_password=secret)
        assert office.run()[1].sent == 1
        assert len(guarded.received.messages) == 1


# --- secrets and crashes


def test_addresses_and_subjects_are_in_the_vault_only(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    mail = letter(("x.bin", b"\0"), subject="Nilai Sekar Wulandari")
    office.imap.deliver(mail.as_bytes(), at=ARRIVED)
    office.run()
    assert "example.org" not in caplog.text
    for path in office.state.home.rglob("*"):
        if path.is_file() and path.relative_to(office.state.home).parts[0] not in ("inbox", "landing"):
            content = path.read_bytes()
            assert SENDER.encode() not in content, path
            assert b"satu@example.org" not in content, path
            assert b"Sekar" not in content, path


KILLED = """
import os, signal, sys
from datetime import datetime, timedelta
from pathlib import Path
from siklatih import ledger_mail, vault
from siklatih.mail import answering, command, fetching, mailbox, sending
from siklatih.settings import Settings

home, config, ca, imap_port, smtp_port, step, when = sys.argv[1:]

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def around(holder, name):
    whole = getattr(holder, name)
    def stepped(*given, **named):
        if when == "before":
            die()
        made = whole(*given, **named)
        die()
        return made
    setattr(holder, name, stepped)

def note(self, key, reply, at, code=None, whole=ledger_mail.MailLedger.note_reply):
    if step == reply and when == "before":
        die()
    whole(self, key, reply, at, code)
    if step == reply:
        die()

places = {
    "publish": (fetching, "publish_folder"),
    "vault": (vault.Vault, "keep"),
    "row": (ledger_mail.MailLedger, "add"),
    "move": (mailbox.Mailbox, "put_away"),
    "ingest": (command, "ingest"),
    "hand": (sending.Post, "hand_over"),
}
if step in places:
    around(*places[step])
ledger_mail.MailLedger.note_reply = note
settings = Settings(
    _env_file=None, home=Path(home), config=Path(config), demo_seed=1, imap_host="127.0.0.1",
    imap_port=int(imap_port), imap_user=%r, imap_password=%r, imap_ca_file=Path(ca), smtp_host="127.0.0.1",
    smtp_port=int(smtp_port), smtp_ca_file=Path(ca), smtp_sender=%r, mail_seconds=10)
command.take_in(settings, now=datetime(2026, 10, 15, 3, 0), run_id="killed")
"""
STEPS = ("publish", "vault", "row", "move", "ingest", "writing", "hand", "sent")


QUICK = {("row", "after"), ("hand", "after")}  # the others are run by `make test-slow`


@pytest.mark.parametrize(
    ("step", "when"),
    [
        pytest.param(step, when, marks=[] if (step, when) in QUICK else [pytest.mark.slow])
        for step in STEPS
        for when in ("before", "after")
    ],
)
def test_killed_at_any_step_nothing_is_lost_landed_or_answered_twice(
    office: Office, step: str, when: str
) -> None:
    content = NOTHING
    office.imap.deliver(letter(("biaya.bin", content)).as_bytes(), at=ARRIVED)
    settings = office.settings
    places = (settings.home, settings.config, settings.imap_ca_file, settings.imap_port, settings.smtp_port)
    script = KILLED % (USER, PASSWORD, OWN)
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, places), step, when],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    office.run(NOW + timedelta(minutes=15))
    office.run(NOW + timedelta(minutes=30))
    assert office.landed() == {sha(content): "opd-12"}
    assert original(office.state, sha(content)).read_bytes() == content
    ledger = Ledger(office.state.ledger)
    assert [receipt.modified_at for receipt in ledger.receipts()] == [ARRIVED]
    ledger.close()
    (mail,) = office.mails()
    assert (office.imap.count("INBOX"), office.imap.count("Siklatih-selesai")) == (0, 1)
    in_doubt = (step, when) in {
        ("writing", "after"),
        ("hand", "before"),
        ("hand", "after"),
        ("sent", "before"),
    }
    went_out = step not in ("writing", "hand") or (step, when) in {("hand", "after"), ("writing", "before")}
    assert mail.reply == (DOUBT if in_doubt else SENT)
    assert len(office.smtp.received.messages) == went_out
    assert all("sudah pernah" not in plain(answer) for answer in office.smtp.received.parsed())


# --- the command and the flow


def environment(office: Office) -> dict[str, str]:
    """The settings as an operator gives them."""
    chosen = office.settings.model_dump(exclude_unset=True)
    chosen |= {"imap_password": PASSWORD, "home": office.settings.home}
    return {
        **{
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PREFECT_", "SIKLATIH_"))
        },
        **{f"SIKLATIH_{name.upper()}": str(value) for name, value in chosen.items()},
        "PREFECT_HOME": str(office.folder / "prefect"),
    }


def command(office: Office, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=CHECKOUT,
        env=environment(office) | more,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


def test_the_command_does_all_and_says_what_it_did(office: Office) -> None:
    office.imap.deliver(
        letter(("x.bin", NOTHING)).as_bytes(), letter(sender="orang@example.org").as_bytes(), at=ARRIVED
    )
    office.smtp.received.faults["DATA"] = "cut"
    done = command(office, "-m", "flows.cli", "mailbox")
    assert (done.returncode, done.stderr) == (0, "0 replies failed, 1 are in doubt\n")
    key = office.mails()[0].message_key
    assert done.stdout.splitlines() == [
        "surel / messages: 2; diterima / taken in: 1 (1 lampiran / attachments); ganda / doubles: 0",
        "disisihkan / put aside: 1 pengirim tak terdaftar / senders not registered, 0 tak terbukti / not proven, 0 laporan / reports",
        "balasan / replies: 0 terkirim / sent, 0 dicoba lagi / to be tried again, 0 menunggu / waiting",
        "surel diterima / messages received: 1; balasan belum terkirim / replies not yet sent: 0",
        f"balasan diragukan / in doubt: {key[:12]} opd-12, 2026-10-14 02:00 UTC",
    ]
    status = command(office, "-m", "flows.cli", "status")
    assert f"balasan diragukan / in doubt: {key[:12]} opd-12" in status.stdout
    office.smtp.received.faults.clear()
    again = command(office, "-m", "flows.cli", "mailbox", "--answer-again", key[:12])
    assert "balasan / replies: 1 terkirim / sent" in again.stdout


def test_the_command_says_what_to_mend_and_what_may_pass(office: Office) -> None:
    off = command(office, "-m", "flows.cli", "mailbox", SIKLATIH_IMAP_HOST="", SIKLATIH_SMTP_SENDER="x")
    assert off.returncode == 1
    assert "[mailbox_off]" in off.stderr
    assert "SIKLATIH_IMAP_HOST, SIKLATIH_SMTP_SENDER" in off.stderr
    away = command(office, "-m", "flows.cli", "mailbox", SIKLATIH_IMAP_PORT=str(free_port()))
    assert away.returncode == 75
    assert "[imap_away] Server IMAP tidak terjangkau" in away.stderr
    assert len(away.stderr.splitlines()) == 1
    assert PASSWORD not in off.stderr + away.stderr


FLOW = """
from flows.cli import patience
from flows.fetch_mailbox import fetch_mailbox
with patience():
    print(fetch_mailbox())
"""


@pytest.mark.slow
def test_the_flow_does_the_same_and_a_wrong_password_is_not_tried_again(office: Office) -> None:
    content = office.workbook("biaya.xlsx", 5)
    office.imap.deliver(letter(("biaya.xlsx", content)).as_bytes(), at=ARRIVED)
    done = command(office, "-c", FLOW)
    assert done.returncode == 0, done.stderr
    assert "AnswerReport(sent=1, to_retry=0, failed=0, in_doubt=0, waiting=0)" in done.stdout
    assert office.landed() == {sha(content): "opd-12"}
    assert office.replies() == [SENT]
    assert "example.org" not in done.stdout + done.stderr
    wrong = command(office, "-c", FLOW, SIKLATIH_IMAP_PASSWORD="salah")
    assert "[imap_login]" in wrong.stderr
    assert "Retry" not in wrong.stderr
