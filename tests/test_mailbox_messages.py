"""Which messages of the mailbox are taken in or answered, and how often; with a real server."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.policy import default

import pytest
from mail_offices import (
    ARRIVED,
    NEEDS_DOVECOT,
    NOTHING,
    NOW,
    OWN,
    SENDER,
    SENDERS,
    Office,
    letter,
    plain,
    sha,
    workbooks,
)
from mail_servers import Smtp, dovecot

from siklatih.ledger_mail import NOT_OWED
from siklatih.mail import fetching
from siklatih.mail.answering import AnswerReport
from siklatih.mail.heads import Head, read_head

pytestmark = NEEDS_DOVECOT


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


# --- what no parser was made for


def test_a_message_that_cannot_be_taken_apart_is_put_aside_and_the_next_one_is_taken(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    broken = letter(("Sekar.bin", NOTHING), message_id="<rusak@example.org>").as_bytes()
    broken = re.sub(rb'boundary="[^"]+"', b"boundary*0*=utf-8''Sekar; boundary*=b", broken)
    good = letter(("biaya.bin", NOTHING)).as_bytes()
    office.imap.deliver(broken, good, at=ARRIVED)
    fetched, answered = office.run()
    assert (fetched.seen, fetched.unreadable, fetched.taken, answered.sent) == (2, 1, 1, 1)
    assert office.answer()["In-Reply-To"] == "<satu@example.org>"
    assert (office.imap.count("INBOX"), office.imap.count("Siklatih-disisihkan")) == (0, 1)
    assert "put aside, for it cannot be parsed: TypeError" in caplog.text
    assert "Sekar" not in caplog.text
    assert office.run(NOW + timedelta(minutes=15))[0].seen == 0


def test_a_header_that_fails_in_a_way_nobody_foresaw_stops_no_run(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def read(message: Message) -> Head:
        if "rusak" in str(message["Message-ID"]):
            raise RuntimeError(message["From"])
        return read_head(message)

    monkeypatch.setattr(fetching, "read_head", read)
    broken = letter(sender="Sekar <orang@example.org>", message_id="<rusak@example.org>")
    office.imap.deliver(broken.as_bytes(), letter(("x.bin", NOTHING)).as_bytes(), at=ARRIVED)
    fetched, _ = office.run()
    assert (fetched.unreadable, fetched.taken) == (1, 1)
    assert "RuntimeError" in caplog.text
    assert "orang@" not in caplog.text


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
