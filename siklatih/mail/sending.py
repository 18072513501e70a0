"""Handing a reply to the SMTP server, and knowing afterwards how far it got.

The steps are taken one by one, because what a lost connection means depends on where it was lost: before
the content nothing went out, after it nobody knows, and then nothing is sent again by itself.
"""

from __future__ import annotations

import logging
import re
import smtplib
from contextlib import suppress
from typing import Any

from siklatih.errors import MendError
from siklatih.ledger_mail import DOUBT, FAILED, RETRY, SENT
from siklatih.mail.servers import Server, failures_named

_LOG = logging.getLogger(__name__)
_LINE_WITH_DOT = re.compile(rb"(?m)^\.")
_LOST = (OSError, smtplib.SMTPException)


class Post:
    """The way to the SMTP server: connected when first needed, and again after a failure."""

    def __init__(self, server: Server, sender: str) -> None:
        self._server, self._sender = server, sender
        self._smtp: smtplib.SMTP | None = None

    def make_ready(self) -> None:
        """Connect and log in, unless that is done already.

        Raises:
            MendError: encryption, certificate or login are wrong.
            ServerAwayError: the server cannot be reached, or will not talk now.
        """
        if self._smtp is not None:
            return
        context = self._server.context()
        smtp: smtplib.SMTP | None = None
        try:
            with failures_named(self._server):
                smtp = self._connected(context)
                self._greet(smtp, context)
        except BaseException:
            if smtp is not None:
                smtp.close()
            raise
        self._smtp = smtp

    def hand_over(self, to: str, content: bytes) -> tuple[str, int | None]:
        """Give the server one message; ``make_ready`` must have been called.

        Args:
            to: the address.
            content: the message, lines ended by CRLF.

        Returns:
            State of the reply as in ``siklatih.ledger_mail``, and the server's code if it gave one.
        """
        if self._smtp is None:
            raise RuntimeError("a message is handed over before the server is ready")
        state, code = _hand_over(self._smtp, self._sender, to, content)
        if state != SENT:  # the next message gets a fresh connection
            self.close(is_lost=code is None)
        return state, code

    def close(self, *, is_lost: bool = False) -> None:
        """Leave the server; without a word if the connection is lost."""
        smtp, self._smtp = self._smtp, None
        if smtp is None:
            return
        if not is_lost:
            with suppress(*_LOST):  # whatever was to be done is done
                smtp.quit()
        smtp.close()

    def _connected(self, context: Any) -> smtplib.SMTP:
        host, port, seconds = self._server.host, self._server.port, self._server.seconds
        try:
            if self._server.tls == "implicit":
                return smtplib.SMTP_SSL(host, port, timeout=seconds, context=context)
            return smtplib.SMTP(host, port, timeout=seconds)
        except smtplib.SMTPConnectError as error:
            raise _said_no(self._server, error.smtp_code) from None

    def _greet(self, smtp: smtplib.SMTP, context: Any) -> None:
        try:
            smtp.ehlo_or_helo_if_needed()
            if self._server.tls == "starttls":
                smtp.starttls(context=context)
                smtp.ehlo()
            if self._server.user is not None:
                password = self._server.password
                smtp.login(self._server.user, password.get_secret_value() if password else "")
        except smtplib.SMTPServerDisconnected:
            raise
        except smtplib.SMTPNotSupportedError:
            raise self._server.without_tls() from None
        except smtplib.SMTPAuthenticationError as error:
            is_passing = error.smtp_code // 100 == 4
            raise (self._server.away() if is_passing else self._server.login_refused()) from None
        except smtplib.SMTPResponseException as error:
            raise _said_no(self._server, error.smtp_code) from None
        except smtplib.SMTPException:
            raise self._server.login_refused() from None  # no way of logging in that both sides know


def _hand_over(smtp: smtplib.SMTP, sender: str, to: str, content: bytes) -> tuple[str, int | None]:
    try:
        code, _ = smtp.mail(sender)
        if code // 100 == 2:
            code, _ = smtp.rcpt(to)
        if code // 100 != 2:
            return _refused(code), code
        code, _ = smtp.docmd("DATA")
        if code != 354:
            return _refused(code), code
    except _LOST:
        return RETRY, None
    try:
        smtp.send(_LINE_WITH_DOT.sub(b"..", content).removesuffix(b"\r\n") + b"\r\n.\r\n")
        code, _ = smtp.getreply()
    except _LOST:
        return DOUBT, None
    return (SENT if code // 100 == 2 else _refused(code)), code


def _refused(code: int) -> str:
    return RETRY if code // 100 == 4 else FAILED


def _said_no(server: Server, code: int) -> Exception:
    if code // 100 == 4:
        return server.away()
    return MendError(
        "smtp_refused",
        en=f"The SMTP server will not talk to this machine (code {code}). Check SIKLATIH_SMTP_HOST and "
        "whether it takes mail from here.",
        id_=f"Server SMTP tidak melayani mesin ini (kode {code}). Periksa SIKLATIH_SMTP_HOST dan apakah "
        "server itu menerima surel dari sini.",
    )
