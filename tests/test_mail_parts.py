"""What a header claims, which parts of a message are files, under which names, and who may send."""

from __future__ import annotations

from contextlib import suppress
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siklatih.errors import MendError
from siklatih.identity import is_code
from siklatih.mail import heads
from siklatih.mail.attachments import read_attachments, safe_name
from siklatih.mail.fetching import inbox_folder
from siklatih.mail.heads import batch_in, is_proven, parse_head, read_head
from siklatih.mail.senders import load_senders
from siklatih.settings import CHECKOUT
from siklatih.state import State


def sender_of(*values: str) -> str | None:
    return read_head(parse_head("".join(f"From: {value}\r\n" for value in values).encode() + b"\r\n")).sender


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a.b@example.org", "a.b@example.org"),
        ("<A.B@Example.ORG>", "a.b@example.org"),
        ("dr. Sekar, S.Sos <a@example.org>", "a@example.org"),
        ('"Sekar (OPD 12)" <a@example.org>', "a@example.org"),
        ('"b@example.org" <a@example.org>', "a@example.org"),
        ("a@example.org (Sekar b@example.org)", "a@example.org"),
        ("=?utf-8?q?Sekar?= <a@example.org>", "a@example.org"),
        ("a@example.org, b@example.org", None),
        ("a@example.org <b@example.org>", None),
        ("<@a.example.org:b@example.org>", None),
        ('"unbalanced <a@example.org>', None),
        ("(unbalanced <a@example.org>", None),
        ("a@example.org@example.org", None),
        ("a@localhost", None),
        ("Sekar", None),
        ("", None),
    ],
)
def test_from_is_one_address_for_every_reader_or_nobodys(value: str, expected: str | None) -> None:
    assert sender_of(value) == expected


def test_comments_are_dropped_as_deep_as_anybody_writes_them_and_no_deeper(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each level costs a pass over the header, and any stranger can send thousands."""
    passes: list[int] = []

    class Counted:
        def sub(self, into: str, text: str) -> str:
            passes.append(len(text))
            return comment.sub(into, text)

    comment = heads._COMMENT
    monkeypatch.setattr(heads, "_COMMENT", Counted())
    assert sender_of(f"a@example.org {'(' * 3}x{')' * 3}") == "a@example.org"
    passes.clear()
    assert sender_of(f"a@example.org {'(' * 9_000}x{')' * 9_000}") is None
    assert len(passes) < 10


def test_two_from_lines_are_nobodys() -> None:
    assert sender_of("a@example.org", "a@example.org") is None


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("[P01-A3] nilai", "P01-A3"),
        ("Re: Fwd: nilai angkatan P01-A3.", "P01-A3"),
        ("Batch: PKA_2026.3 attendance", "PKA_2026.3"),
        ("[EXTERNAL] [P01-A3] nilai", "P01-A3"),
        ("[P01-A3] dan [P01-A4]", None),
        ("[P01-A3] angkatan P01-A3", "P01-A3"),
        ("[EXTERNAL] nilai", None),
        ("angkatan kedua", None),
        ("[2026Q3] nilai", None),
        ("[../../etc1] x", None),
        ("[200013312024211001] x", None),
        ("[" + "A1" * 30 + "]", None),
        ("", None),
    ],
)
def test_a_batch_in_the_subject(subject: str, expected: str | None) -> None:
    assert batch_in(subject) == expected


def test_an_encoded_subject_is_read() -> None:
    head = read_head(parse_head(b"Subject: =?utf-8?B?W1AwMS1BM10gbmlsYWk=?=\r\n\r\n"))
    assert head.batch_code == "P01-A3"


@pytest.mark.parametrize(
    "charset",
    [b"ut\xff-8", b"tak-ada", b"idna", b"rot13", b"utf-8\0"],
    ids=range(5),
)
def test_a_subject_in_a_charset_that_there_is_not_stays_as_it_is(charset: bytes) -> None:
    head = read_head(
        parse_head(b"From: a@example.org\r\nSubject: [P01-A3] =?" + charset + b"?Q?=FF?=\r\n\r\n")
    )
    assert (head.sender, head.batch_code) == ("a@example.org", "P01-A3")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["mx.example.org; dmarc=pass header.from=example.org"], True),
        (["mx.example.org 1; spf=fail; dmarc=pass (p=none dis=none) header.from=Example.org"], True),
        (["MX.example.org;\r\n dmarc=pass\r\n header.from=example.org"], True),
        (["mx.example.org; dmarc=pass header.from=evil.example.org"], False),
        (["mx.example.org; dmarc=fail header.from=example.org"], False),
        (["mx.example.org; none"], False),
        (["mx.example.org; (dmarc=pass) spf=pass"], False),
        (['mx.example.org; x="; dmarc=pass"'], False),
        (["my.example.org; dmarc=pass"], False),
        (["my.example.org; dmarc=fail", "mx.example.org; dmarc=pass"], True),
        (["mx.example.org; dmarc=fail", "mx.example.org; dmarc=pass"], False),
        ([], False),
        ([";"], False),
    ],
)
def test_whether_a_host_vouches(lines: list[str], expected: bool) -> None:
    raw = "".join(f"Authentication-Results: {line}\r\n" for line in lines) + "\r\n"
    assert is_proven(parse_head(raw.encode()), "mx.example.org", "a@example.org") is expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Auto-Submitted: auto-generated", True),
        ("Auto-Submitted: Auto-Replied; owner-email=x", True),
        ("Auto-Submitted: no", False),
        ("Precedence: bulk", True),
        ("Precedence: Junk", True),
        ("Precedence: list", True),
        ("Precedence: first-class", False),
        ("List-Id: <pegawai.example.org>", True),
        ("Return-Path: <>", True),
        ("Return-Path: <a@example.org>", False),
        ("Content-Type: multipart/report; boundary=b", True),
        ("X-Nothing: x", False),
    ],
)
def test_what_no_person_wrote(line: str, expected: bool) -> None:
    assert read_head(parse_head(f"{line}\r\n\r\n".encode())).is_automatic is expected


def names(message: EmailMessage | bytes, most: int = 50, depth: int = 10) -> list[str]:
    raw = message if isinstance(message, bytes) else message.as_bytes()
    return [file.name for file in read_attachments(raw, most=most, depth=depth)]


def with_files(*given_names: str) -> EmailMessage:
    message = EmailMessage()
    message.set_content("isi")
    for number, name in enumerate(given_names):
        message.add_attachment(bytes([number]), maintype="application", subtype="x", filename=name)
    return message


def with_part(*lines: str, body: str = "AAEC") -> bytes:
    head = ["MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b", "", "--b"]
    text = ["Content-Type: text/plain", "", "isi", "--b"]
    return "\r\n".join([*head, *text, *lines, "", body, "--b--", ""]).encode()


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["Content-Disposition: attachment; filename*=utf-8''nilai%20%C3%A4.xlsx"], "nilai ä.xlsx"),
        (
            [
                "Content-Disposition: attachment; filename*0*=utf-8''ni%20;",
                " filename*1*=lai; filename*2=.xlsx",
            ],
            "ni lai.xlsx",
        ),
        (['Content-Disposition: attachment; filename="=?utf-8?Q?nilai_=C3=A4.xlsx?="'], "nilai ä.xlsx"),
        (['Content-Type: text/csv; name="=?iso-8859-1?B?bmlsYWkg5C5jc3Y=?="'], "nilai ä.csv"),
        (['Content-Disposition: attachment; filename="../../etc/passwd"'], "passwd"),
        (['Content-Disposition: attachment; filename="C:\\\\Data\\\\nilai.xlsx"'], "nilai.xlsx"),
        (['Content-Disposition: attachment; filename=".~$nilai.xlsx"'], "nilai.xlsx"),
        (["Content-Disposition: attachment"], "lampiran-1"),
        (["Content-Type: text/csv"], "lampiran-1.csv"),
        (["Content-Disposition: attachment; filename*0*=utf-8''a; filename*=b.csv"], "lampiran-1"),
        (["Content-Disposition: attachment; filename*=utf-8\0''a.csv"], "lampiran-1"),
        (["Content-Disposition: attachment; filename*=idna''a.csv"], "lampiran-1"),
        (["Content-Type: text/csv; name*0*=utf-8''a; name*=b.csv"], "lampiran-1.csv"),
        (["Content-Type: text/plain; name*=idna''attlog.txt"], "lampiran-1"),
        (['Content-Disposition: attachment; filename="=?tak-ada?Q?x?="'], "x"),
    ],
    ids=range(15),
)
def test_names_of_attachments(lines: list[str], expected: str) -> None:
    found = names(with_part(*lines, "Content-Transfer-Encoding: base64"))
    if "tak-ada" in lines[0]:
        assert len(found) == 1, "a name in an unknown encoding still names a file"
    else:
        assert found == [expected]


@pytest.mark.parametrize(
    ("given_names", "expected"),
    [
        (["a.xlsx", "a.xlsx"], ["a.xlsx", "2-a.xlsx"]),
        (["3-a.csv", "a.csv", "a.csv"], ["3-a.csv", "a.csv", "3-3-a.csv"]),
        (["lampiran-2", ""], ["lampiran-2", "2-lampiran-2"]),
    ],
)
def test_names_used_twice_are_told_apart(given_names: list[str], expected: list[str]) -> None:
    assert names(with_files(*given_names)) == expected


@given(st.lists(st.sampled_from(["a", "2-a", "3-a", "3-3-a", "4-a", "4-3-a", "A", ""]), max_size=8))
def test_no_two_attachments_of_a_message_bear_one_name(given_names: list[str]) -> None:
    assert len(set(names(with_files(*given_names)))) == len(given_names)


@given(st.text())
def test_a_safe_name_stays_in_its_folder_and_is_seen_by_landing(given_name: str) -> None:
    name = safe_name(given_name)
    assert "/" not in name
    assert "\0" not in name
    assert not name.startswith((".", "~$"))
    assert len(name.encode()) <= 180
    assert name == "" or Path("inbox", name).name == name


def test_what_mail_programs_add_is_no_attachment() -> None:
    message = EmailMessage()
    message.set_content("isi")
    message.add_alternative('<p>Salam <img src="cid:logo@example.org"></p>', subtype="html")
    html = message.get_payload()[1]
    html.add_related(b"\x89PNG", "image", "png", cid="<logo@example.org>", filename="logo.png")
    message.add_attachment(b"s", maintype="application", subtype="pkcs7-signature", filename="smime.p7s")
    message.add_attachment(b"v", maintype="text", subtype="vcard", filename="Sekar.vcf")
    assert names(message) == []
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="daftar-hadir.png")
    message.add_attachment(b"a;b", maintype="text", subtype="plain", filename="attlog.txt")
    assert names(message) == ["daftar-hadir.png", "attlog.txt"], "a photo that no text shows is a file"


def test_bounds_are_kept_to_the_last_attachment_and_level() -> None:
    message = EmailMessage()
    message.set_content("isi")
    message.add_attachment(b"1", maintype="application", subtype="x", filename="a.bin")
    assert names(message, most=1, depth=1) == ["a.bin"]
    outer = EmailMessage()
    outer.set_content("isi")
    outer.add_attachment(message)
    assert names(outer, depth=3) == ["a.bin"]
    with pytest.raises(MendError, match="mail_depth"):
        names(outer, depth=2)
    with pytest.raises(MendError, match="mail_parts"):
        names(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 100, most=2)


def test_a_tower_of_containers_is_answered_before_the_parser_gives_up() -> None:
    tower = "".join(
        f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n' for n in range(1500)
    ).encode()
    with pytest.raises(MendError, match="mail_depth"):
        read_attachments(tower, most=50, depth=10)


@given(
    st.binary(max_size=400),
    st.sampled_from([b"", b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"]),
)
def test_any_bytes_are_read_or_answered(content: bytes, start: bytes) -> None:
    raw = start + content
    head = read_head(parse_head(raw))
    assert head.sender is None or head.sender.count("@") == 1
    with suppress(MendError):
        assert all(file.name and "/" not in file.name for file in read_attachments(raw, most=3, depth=3))


def test_the_folder_of_a_message_is_not_taken_for_a_batch(tmp_path: Path) -> None:
    folder = inbox_folder(State(tmp_path), "0" * 64, "opd-12", None)
    assert not is_code(folder.name)
    assert is_code(inbox_folder(State(tmp_path), "0" * 64, "opd-12", "P1").parent.name)


def registered(tmp_path: Path, text: str) -> Path:
    (tmp_path / "mailbox.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def test_an_address_goes_before_its_domain(tmp_path: Path) -> None:
    senders = load_senders(
        registered(tmp_path, "senders:\n  example.org: opd-1\n  Diklat@Example.org: opd-2\n")
    )
    assert senders.provider_of("diklat@example.org") == "opd-2"
    assert senders.provider_of("siapa@EXAMPLE.org") == "opd-1"
    assert senders.provider_of("siapa@sub." + "example.org") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "senders: []\n",
        "senders:\n  diklat@example.org: 2026Q3\n",
        "senders:\n  diklat@example.org: ../opd\n",
        "senders:\n  diklat@example.org: 12\n",
        "senders:\n  diklat: opd-1\n",
        "senders:\n  diklat@example.org: opd-1\n  DIKLAT@example.org: opd-2\n",
    ],
)
def test_a_wrong_entry_is_counted_and_not_repeated(tmp_path: Path, text: str) -> None:
    with pytest.raises(MendError, match="mailbox_senders") as caught:
        load_senders(registered(tmp_path, text))
    assert "@" not in str(caught.value)


def test_without_a_file_nobody_is_registered(tmp_path: Path) -> None:
    with pytest.raises(MendError, match=r"mailbox\.example\.yaml"):
        load_senders(tmp_path)


def test_the_example_can_be_used(tmp_path: Path) -> None:
    text = (CHECKOUT / "config" / "mailbox.example.yaml").read_text(encoding="utf-8")
    assert load_senders(registered(tmp_path, text)).providers["kepegawaian@example.org"] == "opd-12"
    assert "config/mailbox.yaml" in (CHECKOUT / ".gitignore").read_text(encoding="utf-8").splitlines()
