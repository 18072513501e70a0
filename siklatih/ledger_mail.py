"""The ledger's part on mail: messages taken in, their files, and what became of each reply.

It stands in the same database as the rest. A sender is known by the pseudonym of the address; the address
itself is in the vault.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

_METADATA = sa.MetaData()

# States of a reply. A row is `writing` before the server is spoken to about it; found so later, the run
# died meanwhile, and nobody knows whether the reply went out.
NONE, WRITING, SENT, FAILED, RETRY, DOUBT = "none", "writing", "sent", "failed", "retry", "in_doubt"
NOT_OWED = "not_owed"  # to what a machine or a list sent
AGAIN = "again"  # failed or in doubt, and a person wants it sent after all

MAILS = sa.Table(
    "mails",
    _METADATA,
    sa.Column("message_key", sa.String(64), primary_key=True),
    sa.Column("provider", sa.String(80), nullable=False),
    sa.Column("sender_key", sa.String(64), nullable=False),
    sa.Column("batch_code", sa.String(40)),
    sa.Column("problem", sa.String(40)),  # why nothing of it landed
    sa.Column("arrived_at", sa.DateTime, nullable=False),
    sa.Column("received_at", sa.DateTime, nullable=False),
    sa.Column("reply", sa.String(12), nullable=False),
    sa.Column("reply_code", sa.Integer),  # what the server answered last
    sa.Column("reply_at", sa.DateTime),
)
MAIL_FILES = sa.Table(
    "mail_files",
    _METADATA,
    sa.Column("message_key", sa.String(64), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("file_sha", sa.String(64), nullable=False),
)
MAIL_SIGHTINGS = sa.Table(
    "mail_sightings",  # messages of the mailbox that have been dealt with, whether or not they were moved
    _METADATA,
    sa.Column("mailbox", sa.String(16), primary_key=True),
    sa.Column("uid_validity", sa.BigInteger, primary_key=True),
    sa.Column("uid", sa.BigInteger, primary_key=True),
    sa.Column("outcome", sa.String(12), nullable=False),
    sa.Column("message_key", sa.String(64)),
    sa.Column("seen_at", sa.DateTime, nullable=False),
)


@dataclass(frozen=True)
class Sighting:
    """A message at its place in the mailbox, and what became of it. Times are naive UTC."""

    mailbox: str
    uid_validity: int
    uid: int
    outcome: str
    message_key: str | None
    seen_at: datetime


@dataclass(frozen=True)
class Mail:
    """A registered sender's message. ``files``: hashes of its attachments, in their order."""

    message_key: str
    provider: str
    sender_key: str
    batch_code: str | None
    problem: str | None
    arrived_at: datetime
    received_at: datetime
    reply: str
    files: tuple[str, ...]


class MailLedger:
    """Reads and writes the ledger's tables on mail; every method is one transaction."""

    def __init__(self, place: Path | str) -> None:
        self._engine = sa.create_engine(f"sqlite:///{place}" if isinstance(place, Path) else place)
        _METADATA.create_all(self._engine)

    def close(self) -> None:
        """Give the database back."""
        self._engine.dispose()

    def sightings(self, mailbox: str, uid_validity: int) -> dict[int, str]:
        """Return UID -> outcome of the messages dealt with at this place."""
        query = sa.select(MAIL_SIGHTINGS.c.uid, MAIL_SIGHTINGS.c.outcome).where(
            MAIL_SIGHTINGS.c.mailbox == mailbox, MAIL_SIGHTINGS.c.uid_validity == uid_validity
        )
        with self._engine.connect() as connection:
            return {row.uid: row.outcome for row in connection.execute(query)}

    def knows(self, message_key: str) -> bool:
        """Tell whether this message has been taken in, wherever in the mailbox it lay."""
        query = sa.select(MAILS.c.message_key).where(MAILS.c.message_key == message_key)
        with self._engine.connect() as connection:
            return connection.execute(query).first() is not None

    def add(self, sighting: Sighting, mail: Mail | None = None) -> None:
        """Enter that a message was dealt with, and the message itself if it was taken in."""
        with self._engine.begin() as connection:
            connection.execute(sa.insert(MAIL_SIGHTINGS).values(**vars(sighting)))
            if mail is not None:
                fields = {name: value for name, value in vars(mail).items() if name != "files"}
                connection.execute(sa.insert(MAILS).values(**fields))
                for number, file_sha in enumerate(mail.files, start=1):
                    row = {"message_key": mail.message_key, "number": number, "file_sha": file_sha}
                    connection.execute(sa.insert(MAIL_FILES).values(**row))

    def mails(self, *replies: str) -> list[Mail]:
        """Return messages, all or those whose reply is in one of these states, in order of arrival."""
        query = sa.select(MAILS).order_by(MAILS.c.received_at, MAILS.c.arrived_at, MAILS.c.message_key)
        if replies:
            query = query.where(MAILS.c.reply.in_(replies))
        files = sa.select(MAIL_FILES).order_by(MAIL_FILES.c.message_key, MAIL_FILES.c.number)
        with self._engine.connect() as connection:
            hashes: dict[str, list[str]] = {}
            for row in connection.execute(files):
                hashes.setdefault(row.message_key, []).append(row.file_sha)
            return [
                Mail(
                    **{
                        name: value
                        for name, value in row._mapping.items()
                        if name not in ("reply_code", "reply_at")
                    },
                    files=tuple(hashes.get(row.message_key, ())),
                )
                for row in connection.execute(query)
            ]

    def note_reply(self, message_key: str, reply: str, at: datetime, code: int | None = None) -> None:
        """Enter what became of a reply."""
        with self._engine.begin() as connection:
            connection.execute(
                sa.update(MAILS)
                .where(MAILS.c.message_key == message_key)
                .values(reply=reply, reply_at=at, reply_code=code)
            )

    def doubt_what_was_being_written(self, at: datetime) -> int:
        """Enter that nobody knows of the replies that a run was writing when it died; return how many."""
        with self._engine.begin() as connection:
            done = connection.execute(
                sa.update(MAILS).where(MAILS.c.reply == WRITING).values(reply=DOUBT, reply_at=at)
            )
            return done.rowcount

    def counts(self) -> dict[str, int]:
        """Return state of the reply -> messages."""
        query = sa.select(MAILS.c.reply, sa.func.count().label("mails")).group_by(MAILS.c.reply)
        with self._engine.connect() as connection:
            return {row.reply: row.mails for row in connection.execute(query)}

    def keys_beginning(self, start: str, replies: Sequence[str]) -> list[str]:
        """Return the messages whose key begins so and whose reply is in one of these states."""
        query = sa.select(MAILS.c.message_key).where(
            MAILS.c.message_key.startswith(start, autoescape=True), MAILS.c.reply.in_(replies)
        )
        with self._engine.connect() as connection:
            return list(connection.execute(query).scalars())
