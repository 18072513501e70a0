"""Delivery, up to the preview: each message is written as ``.eml`` and entered in the ledger.

Nothing here speaks to a mail server. Sending needs a person's approval and is another flow's work.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING

from siklatih.agency import Agency
from siklatih.cycle import Cycle
from siklatih.ledger import Ledger
from siklatih.state import State, write_whole
from siklatih.vault import Vault

if TYPE_CHECKING:
    import duckdb

_LOG = logging.getLogger(__name__)
COMPOSED_AUDIENCES = ("leaders",)  # those a report is composed for


@dataclass(frozen=True)
class Recipient:
    """A stakeholder who gets this edition; the address itself stays in the vault until it is needed."""

    email_key: str
    audience: str
    scope_kind: str
    scope_code: str
    language: str


@dataclass(frozen=True)
class MailText:
    """Subject and bodies of a message."""

    subject: str
    plain: str
    html: str


@dataclass(frozen=True)
class DeliveryReport:
    """Messages written, recipients whose address is not in the vault, and where the messages lie."""

    written: int
    without_address: int
    folder: Path


def recipients(con: duckdb.DuckDBPyConnection, on: date) -> list[Recipient]:
    """Return the stakeholders registered on that day for an audience that has a report."""
    rows = con.execute(
        "select distinct email_key, audience, scope_kind, scope_code, language from accepted.stakeholders "
        "where active_from <= $day and (active_to is null or active_to >= $day) "
        "and list_contains($audiences, audience) order by all",
        {"day": on, "audiences": list(COMPOSED_AUDIENCES)},
    ).fetchall()
    return [Recipient(*row) for row in rows]


def write_previews(
    state: State,
    ledger: Ledger,
    vault: Vault,
    agency: Agency,
    *,
    cycle: Cycle,
    edition: int,
    to: Sequence[Recipient],
    texts: Mapping[str, MailText],
    attachment: Path,
    now: datetime,
) -> DeliveryReport:
    """Write one message a recipient to ``outbox/preview/<cycle>/<edition>/``.

    Args:
        texts: audience -> text. ``attachment`` is the PDF. ``now`` (naive UTC) goes to the ledger only;
            the message itself is dated with the day its data were frozen, so the same edition gives
            the same bytes.
    """
    folder = state.outbox / "preview" / str(cycle) / str(edition)
    pdf = attachment.read_bytes()
    written = missing = 0
    for recipient in to:
        address = vault.open(recipient.email_key)
        if address is None:
            missing += 1
            _LOG.warning("a recipient of audience %s has no address in the vault", recipient.audience)
            continue
        message = compose(
            agency, cycle, edition, recipient, address, texts[recipient.audience], pdf, attachment.name
        )
        content = message.as_bytes(policy=SMTP)
        write_whole(folder / f"{recipient.audience}-{recipient.email_key[:16]}.eml", content)
        ledger.add_preview(
            cycle=str(cycle),
            edition=edition,
            recipient=address,
            audience=recipient.audience,
            message_sha=hashlib.sha256(content).hexdigest(),
            written_at=now,
        )
        written += 1
    return DeliveryReport(written, missing, folder)


def compose(
    agency: Agency,
    cycle: Cycle,
    edition: int,
    recipient: Recipient,
    address: str,
    text: MailText,
    pdf: bytes,
    pdf_name: str,
) -> EmailMessage:
    """Return the message: text and HTML as alternatives, the PDF attached, the same bytes every time."""
    user, _, domain = agency.sender.partition("@")
    identity = hashlib.sha256(
        f"{cycle} {edition} {recipient.audience} {recipient.email_key} ".encode() + pdf
    ).hexdigest()[:32]
    dated = datetime.combine(agency.frozen_on(cycle), time(0), tzinfo=UTC)
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(agency.unit_id, user, domain)
    message["To"] = address
    message["Subject"] = text.subject
    message["Date"] = format_datetime(dated)
    message["Message-ID"] = f"<{identity}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = "id"
    message.set_content(text.plain, cte="quoted-printable")
    message.add_alternative(text.html, subtype="html", cte="quoted-printable")
    message.add_attachment(pdf, maintype="application", subtype="pdf", filename=pdf_name)
    message.set_boundary(f"siklatih-{identity}-mixed")
    for part in message.walk():
        if part.get_content_type() == "multipart/alternative":
            part.set_boundary(f"siklatih-{identity}-alternative")
    return message
