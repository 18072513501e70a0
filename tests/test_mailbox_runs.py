"""Runs that take in mail: killed at any step, by the command, by the flow; and what they keep secret."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from mail_offices import (
    ARRIVED,
    NEEDS_DOVECOT,
    NOTHING,
    NOW,
    OWN,
    SENDER,
    Office,
    letter,
    plain,
    sha,
)
from mail_servers import PASSWORD, USER, free_port

from siklatih.landing import original
from siklatih.ledger import Ledger
from siklatih.ledger_mail import DOUBT, SENT
from siklatih.settings import CHECKOUT

pytestmark = NEEDS_DOVECOT


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
        "disisihkan / put aside: 1 pengirim tak terdaftar / senders not registered, 0 tak terbukti / not proven, 0 laporan / reports, 0 tak terbaca / not readable",
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
