"""Answering: one reply to each message taken in, once its files have been landed and read.

The ledger's row says `writing` before the server is spoken to about a message. A run that dies meanwhile,
or a connection lost after the content, leaves a reply in doubt: it is never sent again by itself.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from zoneinfo import ZoneInfo

from siklatih.agency import Agency, load_agency
from siklatih.errors import MendError
from siklatih.ledger import Ledger
from siklatih.ledger_mail import AGAIN, DOUBT, FAILED, NONE, RETRY, SENT, WRITING, Mail, MailLedger
from siklatih.limits import MEGABYTE
from siklatih.mail.attachments import too_deep, too_large, too_many
from siklatih.mail.fetching import inbox_folder
from siklatih.mail.outcomes import Outcome, Outcomes
from siklatih.mail.sending import Post
from siklatih.mail.servers import Server
from siklatih.mail.words import Speaker, Told, subject
from siklatih.report.rendering import render
from siklatih.settings import CHECKOUT, Settings
from siklatih.state import State
from siklatih.vault import Vault

# Folded at 78 signs, Python encodes a longer Message-ID in the headers that refer to it, and they refer to
# nothing any more.
_POLICY = SMTP.clone(max_line_length=900)
_REFERENCES = 600  # signs of earlier messages' ids in one line
XLSX = "vnd.openxmlformats-officedocument.spreadsheetml.sheet"
UNANSWERED = (FAILED, DOUBT)  # those that a person may have answered after all
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class AnswerReport:
    """Counts of replies of one run; ``waiting``: a file of the message has not been read yet."""

    sent: int = 0
    to_retry: int = 0
    failed: int = 0
    in_doubt: int = 0
    waiting: int = 0


@dataclass(frozen=True)
class Envelope:
    """Whom a reply goes to, and the message it answers."""

    to: str
    message_id: str
    references: tuple[str, ...]


class _Writer:
    """Composes replies: what all of them have in common."""

    def __init__(
        self, state: State, ledger: Ledger, mails: MailLedger, settings: Settings, now: datetime
    ) -> None:
        self._state, self._settings, self._now = state, settings, now
        self._outcomes = Outcomes(state, ledger, settings, mails.mails())
        self._agency = load_agency(settings.config / "agency.yaml")
        self._problems = {
            error.code: error
            for error in (
                too_large(settings.mail_mb),
                too_many(settings.mail_attachments),
                too_deep(settings.mail_depth),
            )
        }

    def compose(self, mail: Mail, envelope: Envelope) -> bytes | None:
        """Return the reply, or None while a file of the message has not been read."""
        folder = inbox_folder(self._state, mail.message_key, mail.provider, mail.batch_code)
        outcomes = self._outcomes.of(mail, str(folder.relative_to(self._state.inbox)))
        if outcomes is None:
            return None
        attached = self._attachable(outcomes)
        problem = self._problems[mail.problem] if mail.problem else None
        text = self._text(mail, outcomes, problem, frozenset(outcome.place for outcome in attached))
        return reply_bytes(
            mail.message_key,
            envelope,
            subject(outcomes, problem),
            text,
            [outcome.answer for outcome in attached if outcome.answer is not None],
            agency=self._agency,
            sender=self._settings.smtp_sender or self._agency.sender,
            now=self._now,
        )

    def _attachable(self, outcomes: list[Outcome]) -> list[Outcome]:
        left, found = self._settings.mail_reply_mb * MEGABYTE, []
        for outcome in outcomes:
            size = len(outcome.answer[1]) if outcome.answer is not None else left + 1
            if size <= left:
                left -= size
                found.append(outcome)
        return found

    def _text(
        self,
        mail: Mail,
        outcomes: list[Outcome],
        problem: MendError | None,
        attached: frozenset[tuple[int, ...]],
    ) -> tuple[str, str]:
        zone = ZoneInfo(self._settings.zone)
        told = Told(
            outcomes=outcomes,
            problem=problem,
            arrived_on=mail.arrived_at.replace(tzinfo=UTC).astimezone(zone).date(),
            batch_code=mail.batch_code,
            attached=attached,
            sheets=self._outcomes.sheets,
        )
        speakers = (Speaker("id", self._agency.unit_id), Speaker("en", self._agency.unit_en))
        sections = [speaker.section(told) for speaker in speakers]
        context = {"sections": sections, "subject": subject(outcomes, problem)}
        templates = CHECKOUT / "reports" / "templates"
        plain, html = (render(templates, f"reply.{kind}.jinja", context) for kind in ("txt", "html"))
        return plain, html


def reply_bytes(
    message_key: str,
    envelope: Envelope,
    title: str,
    text: tuple[str, str],
    workbooks: list[tuple[str, bytes]],
    *,
    agency: Agency,
    sender: str,
    now: datetime,
) -> bytes:
    """Return a reply: text and HTML as alternatives, the returns attached; the same bytes every time.

    Args:
        text: plain and HTML.
        workbooks: name and content of each return.
        now: the reply's date (naive UTC).
    """
    user, _, domain = sender.partition("@")
    identity = hashlib.sha256(f"reply {message_key}".encode()).hexdigest()[:32]
    message = EmailMessage(policy=_POLICY)
    message["From"] = Address(agency.unit_id, user, domain)
    message["To"] = envelope.to
    message["Subject"] = title
    message["Date"] = format_datetime(now.replace(tzinfo=UTC, microsecond=0))
    message["Message-ID"] = f"<{identity}@{domain}>"
    if envelope.message_id:
        message["In-Reply-To"] = envelope.message_id
        message["References"] = " ".join([*_earlier(envelope), envelope.message_id])
    message["Auto-Submitted"] = "auto-replied"
    message["X-Auto-Response-Suppress"] = "All"  # Exchange sends no absence notes to such a message
    message["Content-Language"] = "id, en"
    plain, html = text
    message.set_content(plain, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    for name, content in workbooks:
        message.add_attachment(content, maintype="application", subtype=XLSX, filename=name)
    for part in message.walk():
        if part.is_multipart():
            part.set_boundary(f"siklatih-{identity}-{part.get_content_subtype()}")
    return message.as_bytes(policy=_POLICY)


def _earlier(envelope: Envelope) -> list[str]:
    """The last messages of the conversation whose ids fit into a line."""
    found: list[str] = []
    for known in reversed(envelope.references):
        if known != envelope.message_id and sum(map(len, found)) + len(known) <= _REFERENCES:
            found.append(known)
    return found[::-1]


def answer_mails(
    state: State, ledger: Ledger, mails: MailLedger, settings: Settings, server: Server, *, now: datetime
) -> AnswerReport:
    """Send the replies that are due. ``now`` is naive UTC. Must run under the state's lock.

    Raises:
        MendError: what the SMTP server says is for a person.
        ServerAwayError: the server is away before anything was said about a message.
    """
    counts: Counter[str] = Counter({DOUBT: mails.doubt_what_was_being_written(now)})
    due = mails.mails(NONE, RETRY, AGAIN)
    writer = _Writer(state, ledger, mails, settings, now) if due else None
    vault = Vault(state.vault, settings.secret("vault"))
    post = Post(server, settings.smtp_sender or "")
    try:
        for mail in due if writer is not None else ():
            envelope = _envelope(vault, mail)
            is_late = now - mail.received_at > timedelta(days=settings.mail_reply_days)
            if envelope is None or (is_late and mail.reply != AGAIN):
                mails.note_reply(mail.message_key, FAILED, now)
                counts[FAILED] += 1
                continue
            content = writer.compose(mail, envelope) if writer is not None else None
            if content is None:
                counts["waiting"] += 1
                continue
            counts[_send(post, mails, mail, envelope.to, content, now)] += 1
    finally:
        post.close()
        vault.close()
    report = AnswerReport(
        counts[SENT], counts[RETRY], counts[FAILED], counts[DOUBT], waiting=counts["waiting"]
    )
    if report.failed or report.in_doubt:
        _LOG.warning("%d replies failed, %d are in doubt", report.failed, report.in_doubt)
    _LOG.info("%d replies sent, %d to be tried again", report.sent, report.to_retry)
    return report


def _send(post: Post, mails: MailLedger, mail: Mail, to: str, content: bytes, now: datetime) -> str:
    post.make_ready()  # before the row: a server that is away leaves it as it was
    mails.note_reply(mail.message_key, WRITING, now)
    state, code = post.hand_over(to, content)
    mails.note_reply(mail.message_key, state, now, code)
    return state


def _envelope(vault: Vault, mail: Mail) -> Envelope | None:
    kept = vault.open_all([mail.sender_key, mail.message_key])
    if len(kept) < 2:
        _LOG.warning("a sender's address is not in the vault; the message stays unanswered")
        return None
    said = json.loads(kept[mail.message_key])
    return Envelope(kept[mail.sender_key], said["message_id"], tuple(said["references"]))


def answer_again(mails: MailLedger, start: str, *, now: datetime) -> str:
    """Have a failed or doubtful reply sent after all, by a person's word; return the message's key.

    Raises:
        MendError: no such message, or more than one.
    """
    found = mails.keys_beginning(start, UNANSWERED)
    if len(found) != 1 or len(start) < 8:
        raise MendError(
            "unknown_mail",
            en="Give the first 8 or more signs of the key of one message whose reply failed or is in doubt.",
            id_="Sebut 8 tanda pertama atau lebih dari kunci satu surel yang balasannya gagal atau "
            "diragukan.",
        )
    mails.note_reply(found[0], AGAIN, now)
    return found[0]
