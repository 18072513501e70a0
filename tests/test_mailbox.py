"""Files that arrive by e-mail and the reply to them, with a real IMAP and a real SMTP server on loopback."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

from mail_offices import (
    ARRIVED,
    CONTRACTS,
    NEEDS_DOVECOT,
    NOTHING,
    NOW,
    OWN,
    SENDER,
    Office,
    letter,
    plain,
    sha,
    workbooks,
)
from python_calamine import CalamineWorkbook

from siklatih.agency import load_agency
from siklatih.ledger import Ledger
from siklatih.ledger_mail import SENT, MailLedger
from siklatih.mail.answering import Envelope, answer_mails, reply_bytes
from siklatih.mail.fetching import fetch_mails
from siklatih.mail.sending import Post
from siklatih.mail.servers import servers

pytestmark = NEEDS_DOVECOT


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


def test_a_message_that_came_this_moment_is_answered_at_once(office: Office) -> None:
    office.imap.deliver(letter(("x.bin", NOTHING)).as_bytes(), at=NOW - timedelta(seconds=3))
    fetched, answered = office.run()
    assert (fetched.taken, answered.waiting, answered.sent) == (1, 0, 1)


def test_what_has_not_been_read_yet_is_answered_with_the_next_run(office: Office) -> None:
    office.imap.deliver(letter(("x.bin", NOTHING)).as_bytes(), at=ARRIVED)
    imap, smtp = servers(office.settings)
    with office.state.lock():
        ledger, mails = Ledger(office.state.ledger), MailLedger(office.state.ledger)
        fetch_mails(office.state, mails, office.settings, imap, now=NOW)
        answered = answer_mails(office.state, ledger, mails, office.settings, smtp, now=NOW)
        ledger.close()
        mails.close()
    assert (answered.waiting, answered.sent) == (1, 0)
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


def test_a_mark_in_an_archives_name_is_not_taken_for_the_one_before_its_members(office: Office) -> None:
    box = io.BytesIO()
    bad = office.workbook("b.xlsx", -1)
    with zipfile.ZipFile(box, "w") as archive:
        archive.writestr("biaya! akhir.xlsx", bad)
    mail = letter(("kirim!an.zip", box.getvalue()), ("0.xlsx", bad))
    office.imap.deliver(mail.as_bytes(), at=ARRIVED)
    office.run()
    text = plain(office.answer())
    assert "Lampiran 1 (.zip), berkas 1 (.xlsx): Diterima sebagian" in text
    assert "Lampiran 2 (.xlsx): Diterima sebagian" in text
    found = list(workbooks(office.answer()))
    assert found == ["1-1-biaya! akhir-perbaikan.xlsx", "2-0-perbaikan.xlsx"]


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
