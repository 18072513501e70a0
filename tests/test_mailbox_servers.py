"""Mail servers that fail, refuse or encrypt in another way, and what that leaves behind."""

from __future__ import annotations

import logging
import ssl
from datetime import timedelta
from typing import Any

import pytest
from mail_offices import (
    ARRIVED,
    NEEDS_DOVECOT,
    NOW,
    Office,
    letter,
)
from mail_servers import free_port, smtp_server

from siklatih.errors import MendError, ServerAwayError
from siklatih.ledger_mail import DOUBT, FAILED, NONE, RETRY
from siklatih.mail.answering import AnswerReport
from siklatih.mail.command import take_in
from siklatih.settings import Settings

pytestmark = NEEDS_DOVECOT


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
