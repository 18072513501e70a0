"""The mailbox on its IMAP server: look without touching, fetch within bounds, move what is done.

Nothing is ever deleted or marked as read: fetching peeks, and a message is moved, or where the server
cannot move, marked with a keyword.
"""

from __future__ import annotations

import hashlib
import imaplib
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from siklatih.errors import MendError
from siklatih.mail.servers import Server, failures_named

HEAD_BYTES = 65536
KEYWORD = "SiklatihSelesai"
_LOG = logging.getLogger(__name__)
_UID = re.compile(rb"UID (\d+)")
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_DATE = re.compile(rb'INTERNALDATE "([^"]+)"')
_TRANSIENT = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]")
_AT_ONCE = 500


@dataclass(frozen=True)
class Facts:
    """What the server says about a message: bytes, and when it came in (naive UTC, whole seconds)."""

    size: int
    arrived_at: datetime


class Mailbox:
    """One folder of an open mailbox; made by ``open_mailbox``."""

    def __init__(self, connection: imaplib.IMAP4, server: Server, folder: str) -> None:
        self._imap = connection
        self._server = server
        with failures_named(server):
            status, _ = connection.select(_quoted(folder))
        if status != "OK":
            raise MendError(
                "imap_folder",
                en="The mailbox has no folder as in SIKLATIH_IMAP_FOLDER.",
                id_="Kotak surat tidak memiliki folder seperti pada SIKLATIH_IMAP_FOLDER.",
            )
        validity = connection.response("UIDVALIDITY")[1]
        if not validity or not validity[0]:
            raise server.away()  # a server must say it; without it no message can be told from another
        self.uid_validity = int(validity[0])
        with failures_named(server):  # after the login: before it, servers tell only half
            said = connection.capability()[1]
        self.can_move = any(b"MOVE" in part.upper().split() for part in said if part)
        named = f"{server.host}:{server.user}:{folder}"
        self.name = hashlib.sha256(named.encode()).hexdigest()[:16]

    def uids(self) -> list[int]:
        """Return the messages that lie here, oldest first."""
        found = self._ask("SEARCH", "UNDELETED")
        return sorted(int(number) for part in found if part for number in part.split())

    def facts(self, uids: Sequence[int]) -> dict[int, Facts]:
        """Return size and arrival of messages; one that is gone meanwhile is left out."""
        found: dict[int, Facts] = {}
        for start in range(0, len(uids), _AT_ONCE):
            wanted = ",".join(map(str, uids[start : start + _AT_ONCE]))
            for answer in self._ask("FETCH", wanted, "(UID RFC822.SIZE INTERNALDATE)"):
                line = answer if isinstance(answer, bytes) else b""
                uid, size, date = _UID.search(line), _SIZE.search(line), _DATE.search(line)
                if uid and size and date:
                    found[int(uid[1])] = Facts(int(size[1]), _utc(date[1].decode("ascii")))
        return found

    def head(self, uid: int) -> bytes | None:
        """Return a message's header, at most ``HEAD_BYTES`` of it; None if it is gone."""
        return self._literal(uid, f"BODY.PEEK[HEADER]<0.{HEAD_BYTES}>")

    def whole(self, uid: int, limit: int) -> bytes | None:
        """Return a message, at most ``limit`` bytes of it; None if it is gone."""
        return self._literal(uid, f"BODY.PEEK[]<0.{limit}>")

    def put_away(self, uid: int, folder: str) -> None:
        """Move a message; where that cannot be, mark it. The ledger knows it in either case."""
        if self.can_move:
            if self._done(self._imap.uid, "MOVE", str(uid), _quoted(folder)):
                return
            self._done(self._imap.create, _quoted(folder))
            self._done(self._imap.subscribe, _quoted(folder))
            if self._done(self._imap.uid, "MOVE", str(uid), _quoted(folder)):
                return
        if not self._done(self._imap.uid, "STORE", str(uid), "+FLAGS.SILENT", f"({KEYWORD})"):
            _LOG.warning("a message could be neither moved nor marked; it stays where it is")

    def _literal(self, uid: int, what: str) -> bytes | None:
        for answer in self._ask("FETCH", str(uid), f"(UID {what})"):
            if isinstance(answer, tuple):
                content: bytes = answer[1]
                return content
        return None

    def _ask(self, *command: str) -> list[Any]:
        with failures_named(self._server):
            status, found = self._imap.uid(*command)
        if status != "OK":
            raise self._server.away()
        return found

    def _done(self, command: Callable[..., tuple[str, Any]], *words: str) -> bool:
        with failures_named(self._server):
            try:
                return command(*words)[0] == "OK"
            except imaplib.IMAP4.abort:
                raise
            except imaplib.IMAP4.error:  # BAD: this server does not know the command, or not so
                return False


@contextmanager
def open_mailbox(server: Server, folder: str) -> Iterator[Mailbox]:
    """Open a folder of the mailbox for the length of a ``with`` block.

    Raises:
        MendError: certificate, login or folder are wrong.
        ServerAwayError: the server cannot be reached or breaks off.
    """
    context = server.context()
    with failures_named(server):
        if server.tls == "implicit":
            connection: imaplib.IMAP4 = imaplib.IMAP4_SSL(
                server.host, server.port, ssl_context=context, timeout=server.seconds
            )
        else:
            connection = imaplib.IMAP4(server.host, server.port, timeout=server.seconds)
    try:
        with failures_named(server):
            if server.tls == "starttls":
                _encrypt(connection, server, context)
            _log_in(connection, server)
        yield Mailbox(connection, server, folder)
    finally:
        with suppress(OSError, imaplib.IMAP4.error):  # whatever was to be done is done
            connection.logout()


def _encrypt(connection: imaplib.IMAP4, server: Server, context: Any) -> None:
    try:
        connection.starttls(ssl_context=context)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:
        raise server.without_tls() from None


def _log_in(connection: imaplib.IMAP4, server: Server) -> None:
    user = server.user or ""
    password = server.password.get_secret_value() if server.password else ""
    try:
        if "AUTH=PLAIN" in connection.capabilities:  # takes any letters; LOGIN is ASCII only
            connection.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
        else:
            connection.login(user, password)
    except imaplib.IMAP4.abort:
        raise
    except (imaplib.IMAP4.error, UnicodeEncodeError) as error:
        if any(code in str(error) for code in _TRANSIENT):
            raise server.away() from None
        raise server.login_refused() from None


def _quoted(folder: str) -> str:
    return f'"{folder}"'


def _utc(date: str) -> datetime:
    return parsedate_to_datetime(date.strip()).astimezone(UTC).replace(tzinfo=None, microsecond=0)
