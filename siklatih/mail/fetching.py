"""Fetching: from the mailbox into the inbox, where the ordinary landing takes the files.

For each message, in this order: its files in one folder of the inbox, at once; the sender's address in
the vault; the ledger's row; only then it is moved away on the server. Killed in between, the next run does
the same again under the same names, and the ledger's row keeps it from being done twice.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from siklatih.agency import load_agency
from siklatih.errors import MendError
from siklatih.identity import Pseudonymiser
from siklatih.ledger_mail import NONE, NOT_OWED, Mail, MailLedger, Sighting
from siklatih.limits import MEGABYTE
from siklatih.mail.attachments import Attachment, read_attachments, too_large
from siklatih.mail.heads import Head, is_proven, parse_head, read_head
from siklatih.mail.mailbox import HEAD_BYTES, Facts, Mailbox, open_mailbox
from siklatih.mail.senders import Senders, load_senders
from siklatih.mail.servers import Server
from siklatih.settings import Settings
from siklatih.state import State, message_folder, publish_folder
from siklatih.vault import Vault

TAKEN, DOUBLE, UNKNOWN, UNPROVEN, OWN, REPORT = "taken", "double", "unknown", "unproven", "own", "report"
UNREADABLE = "unreadable"
KEPT = (TAKEN, DOUBLE)  # the others are put aside
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class FetchReport:
    """Counts of messages: looked at, taken in (with how many files), and why others were not."""

    seen: int = 0
    taken: int = 0
    files: int = 0
    doubles: int = 0
    unknown: int = 0
    unproven: int = 0
    own: int = 0
    reports: int = 0
    unreadable: int = 0
    left: int = 0  # beyond what one run looks at


class _UnreadableError(Exception):
    """The parser of messages fails at this one in a way that nobody foresaw."""


@contextmanager
def _parsing() -> Iterator[None]:
    """Keep what a parser raises to its message. What it says may hold a part of that, so it is not repeated.

    Without this a single message would stop every run: it would still lie there at the next one.
    """
    try:
        yield
    except (MendError, MemoryError):  # for the sender; for the machine
        raise
    except Exception as error:
        raise _UnreadableError(type(error).__name__) from None


class _Fetch:
    """One run's fetching: the open mailbox and all that a message is judged by."""

    def __init__(
        self,
        box: Mailbox,
        state: State,
        mails: MailLedger,
        vault: Vault,
        settings: Settings,
        senders: Senders,
        now: datetime,
    ) -> None:
        self._box, self._state, self._mails, self._vault = box, state, mails, vault
        self._settings, self._senders, self._now = settings, senders, now
        self._names = Pseudonymiser(settings.secret("pseudonym"))
        own = (
            settings.smtp_sender,
            settings.imap_user,
            load_agency(settings.config / "agency.yaml").sender,
        )
        self._own = {address.casefold() for address in own if address}
        self.files = 0

    def deal_with(self, uid: int, facts: Facts) -> str | None:
        """Take in one message, or say why not; None if it is gone meanwhile. Enters it in the ledger."""
        raw = self._box.head(uid)
        if raw is None:
            return None
        try:
            judged = self._judge(uid, facts, raw)
        except _UnreadableError as error:
            _LOG.warning("a message was put aside, for it cannot be parsed: %s", error)
            judged = (UNREADABLE, None)
        if judged is None:
            return None
        outcome, mail = judged
        place = (self._box.name, self._box.uid_validity, uid)
        self._mails.add(Sighting(*place, outcome, mail.message_key if mail else None, self._now), mail)
        self.files += len(mail.files) if mail else 0
        return outcome

    def _judge(self, uid: int, facts: Facts, raw: bytes) -> tuple[str, Mail | None] | None:
        """Say what becomes of a message with this header, and take it in; None if it is gone meanwhile."""
        host = self._settings.mail_auth_host
        with _parsing():
            message = parse_head(raw)
            head = read_head(message)
            proven = not host or is_proven(message, host, head.sender or "")
        provider = self._senders.provider_of(head.sender) if head.sender and len(raw) < HEAD_BYTES else None
        if head.sender in self._own:
            return OWN, None
        if provider is None or head.sender is None:
            return UNKNOWN, None
        if not proven:
            return UNPROVEN, None
        if head.is_report:
            return REPORT, None  # it may carry our own reply back, with the workbook in it
        mail = self._take(uid, facts, head, head.sender, provider)
        if mail is None:
            return None
        return (DOUBLE, None) if self._mails.knows(mail.message_key) else (TAKEN, mail)

    def _take(self, uid: int, facts: Facts, head: Head, sender: str, provider: str) -> Mail | None:
        """Write a message's files into the inbox; None if the message is gone meanwhile."""
        attachments: list[Attachment] = []
        problem = None
        limit = self._settings.mail_mb * MEGABYTE
        content = self._box.whole(uid, limit + 1) if facts.size <= limit else b""
        if content is None:
            return None
        if facts.size > limit or len(content) > limit:
            problem = too_large(self._settings.mail_mb).code
        else:
            try:
                with _parsing():
                    attachments = read_attachments(
                        content, most=self._settings.mail_attachments, depth=self._settings.mail_depth
                    )
            except MendError as error:
                problem = error.code
        files = tuple(hashlib.sha256(attachment.content).hexdigest() for attachment in attachments)
        sender_key = self._names.email(sender)
        parts = (sender_key, head.message_id or head.seed, problem or "", *files)
        key = hashlib.sha256("\n".join(parts).encode(errors="replace")).hexdigest()
        arrived = min(facts.arrived_at, self._now)  # a clock that is ahead must not win corrections
        if attachments and not self._mails.knows(key):
            self._publish(key, provider, head.batch_code, attachments, arrived)
        self._vault.keep({sender_key: sender, key: _envelope(head)})
        reply = NOT_OWED if head.is_automatic else NONE
        return Mail(key, provider, sender_key, head.batch_code, problem, arrived, self._now, reply, files)

    def _publish(
        self,
        key: str,
        provider: str,
        batch_code: str | None,
        attachments: Sequence[Attachment],
        arrived: datetime,
    ) -> None:
        """Let all files of a message appear in the inbox at once, dated with its arrival."""
        made = self._state.scratch / "mail"
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir()
        moment = arrived.replace(tzinfo=UTC).timestamp()
        for attachment in attachments:
            path = made / attachment.name
            path.write_bytes(attachment.content)
            os.utime(path, (moment, moment))
        publish_folder(made, inbox_folder(self._state, key, provider, batch_code))


def inbox_folder(state: State, key: str, provider: str, batch_code: str | None) -> Path:
    """Return where a message's files lie."""
    folder = state.inbox / provider
    return (folder / batch_code if batch_code else folder) / message_folder(key)


def fetch_mails(
    state: State, mails: MailLedger, settings: Settings, server: Server, *, now: datetime
) -> FetchReport:
    """Take in what is new in the mailbox. ``now`` is naive UTC. Must run under the state's lock.

    Raises:
        MendError: the settings, the senders' file, or what the server says to them, are for a person.
        ServerAwayError: the server is away; what was taken in until then stays so.
    """
    senders = load_senders(settings.config)
    state.prepare(Pseudonymiser(settings.secret("pseudonym")).key_id)
    vault = Vault(state.vault, settings.secret("vault"))
    outcomes: Counter[str] = Counter()
    try:
        with open_mailbox(server, settings.imap_folder) as box:
            fetch = _Fetch(box, state, mails, vault, settings, senders, now)
            known = mails.sightings(box.name, box.uid_validity)
            lying = box.uids()
            new = [uid for uid in lying if uid not in known]
            for uid in lying if box.can_move else ():
                if uid in known:  # the run was killed before it could be moved
                    box.put_away(uid, _folder(settings, known[uid]))
            facts = box.facts(new[: settings.mail_run_messages])
            for uid, said in sorted(facts.items()):
                outcome = fetch.deal_with(uid, said)
                if outcome is not None:
                    outcomes[outcome] += 1
                    box.put_away(uid, _folder(settings, outcome))
    finally:
        vault.close()
    _LOG.info("%d messages taken in, %d put aside", outcomes[TAKEN], sum(outcomes.values()) - outcomes[TAKEN])
    return FetchReport(
        seen=sum(outcomes.values()),
        taken=outcomes[TAKEN],
        files=fetch.files,
        doubles=outcomes[DOUBLE],
        unknown=outcomes[UNKNOWN],
        unproven=outcomes[UNPROVEN],
        own=outcomes[OWN],
        reports=outcomes[REPORT],
        unreadable=outcomes[UNREADABLE],
        left=max(0, len(new) - settings.mail_run_messages),
    )


def _folder(settings: Settings, outcome: str) -> str:
    return settings.mail_done_folder if outcome in KEPT else settings.mail_aside_folder


def _envelope(head: Head) -> str:
    """What a reply refers to; it may name people, so it is kept in the vault."""
    return json.dumps({"message_id": head.message_id, "references": list(head.references)})
