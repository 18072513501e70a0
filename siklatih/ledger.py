"""The ledger: what must never be forgotten or repeated. SQLAlchemy, so that it can be PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

_METADATA = sa.MetaData()

RECEIPTS = sa.Table(
    "receipts",
    _METADATA,
    sa.Column("file_sha", sa.String(64), primary_key=True),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("provider", sa.String(80), nullable=False),
    sa.Column("modified_at", sa.DateTime, nullable=False),
    sa.Column("received_at", sa.DateTime, nullable=False),
    sa.Column("run_id", sa.String(80), nullable=False),
)
SIGHTINGS = sa.Table(
    "sightings",  # a path already seen with this size and time need not be hashed again
    _METADATA,
    sa.Column("path_sha", sa.String(64), primary_key=True),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("modified_ns", sa.BigInteger, nullable=False),
    sa.Column("file_sha", sa.String(64), nullable=False),
)
FOLDERS = sa.Table(
    "folders",  # folders that may name the batch of a file which does not name it itself
    _METADATA,
    sa.Column("file_sha", sa.String(64), primary_key=True),
    sa.Column("code", sa.String(40), primary_key=True),
    sa.Column("received_at", sa.DateTime, nullable=False),
)
FILINGS = sa.Table(
    "filings",  # what a person said about a file: never changed, only said again
    _METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("file_sha", sa.String(64), nullable=False),
    sa.Column("batch_code", sa.String(40)),
    sa.Column("provider", sa.String(80)),
    sa.Column("filed_at", sa.DateTime, nullable=False),
)
WITHDRAWALS = sa.Table(
    "withdrawals",  # that a file must not count, or counts again: never changed, only said again
    _METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("file_sha", sa.String(64), nullable=False),
    sa.Column("is_withdrawn", sa.Boolean, nullable=False),
    sa.Column("reason", sa.String(300), nullable=False),
    sa.Column("said_by", sa.String(80)),
    sa.Column("said_at", sa.DateTime, nullable=False),
)
EDITIONS = sa.Table(
    "editions",
    _METADATA,
    sa.Column("cycle", sa.String(6), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("content_sha", sa.String(64), nullable=False),
    sa.Column("composed_at", sa.DateTime, nullable=False),
    sa.Column("run_id", sa.String(80), nullable=False),
)
DELIVERIES = sa.Table(
    "deliveries",
    _METADATA,
    sa.Column("cycle", sa.String(6), primary_key=True),
    sa.Column("edition", sa.Integer, primary_key=True),
    sa.Column("recipient", sa.String(320), primary_key=True),
    sa.Column("audience", sa.String(40), primary_key=True),
    sa.Column("message_sha", sa.String(64), nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("written_at", sa.DateTime, nullable=False),
)

REPLAYS = sa.Table(
    "replays",  # a mended return and the file it answers
    _METADATA,
    sa.Column("file_sha", sa.String(64), primary_key=True),
    sa.Column("original_sha", sa.String(64), nullable=False),
    sa.Column("cycle", sa.String(6), nullable=True),  # none where `siklatih check` made the return
)


@dataclass(frozen=True)
class Receipt:
    """One file received. Times are naive UTC; ``modified_at`` is the earliest the file was seen with."""

    file_sha: str
    size: int
    provider: str
    modified_at: datetime
    received_at: datetime
    run_id: str


class Ledger:
    """Reads and writes the ledger; every method is one transaction."""

    def __init__(self, place: Path | str) -> None:
        url = f"sqlite:///{place}" if isinstance(place, Path) else place
        self._engine = sa.create_engine(url)
        _METADATA.create_all(self._engine)

    def close(self) -> None:
        """Give the database back."""
        self._engine.dispose()

    def receipts(self, as_of: datetime | None = None) -> list[Receipt]:
        """Return what had been received by ``as_of`` (naive UTC), by hash."""
        query = sa.select(RECEIPTS).order_by(RECEIPTS.c.file_sha)
        if as_of is not None:
            query = query.where(RECEIPTS.c.received_at <= as_of)
        with self._engine.connect() as connection:
            return [Receipt(**row._mapping) for row in connection.execute(query)]

    def add_receipt(self, receipt: Receipt) -> None:
        """Enter a file; the same bytes seen earlier keep the first receipt and the earliest file time."""
        with self._engine.begin() as connection:
            known = connection.execute(
                sa.select(RECEIPTS).where(RECEIPTS.c.file_sha == receipt.file_sha)
            ).first()
            if known is None:
                connection.execute(sa.insert(RECEIPTS).values(**vars(receipt)))
            elif receipt.modified_at < known.modified_at:
                connection.execute(
                    sa.update(RECEIPTS)
                    .where(RECEIPTS.c.file_sha == receipt.file_sha)
                    .values(modified_at=receipt.modified_at, provider=receipt.provider)
                )

    def add_folder(self, file_sha: str, code: str, received_at: datetime) -> None:
        """Remember in which folder a file lay; the same folder again changes nothing."""
        same = sa.and_(FOLDERS.c.file_sha == file_sha, FOLDERS.c.code == code)
        with self._engine.begin() as connection:
            if connection.execute(sa.select(FOLDERS).where(same)).first() is None:
                connection.execute(
                    sa.insert(FOLDERS).values(file_sha=file_sha, code=code, received_at=received_at)
                )

    def folders(self, as_of: datetime | None = None) -> list[tuple[str, str]]:
        """Return (file hash, folder), as known by ``as_of`` (naive UTC)."""
        query = sa.select(FOLDERS).order_by(FOLDERS.c.file_sha, FOLDERS.c.code)
        if as_of is not None:
            query = query.where(FOLDERS.c.received_at <= as_of)
        with self._engine.connect() as connection:
            return [(row.file_sha, row.code) for row in connection.execute(query)]

    def add_filing(
        self, file_sha: str, *, batch_code: str | None, provider: str | None, filed_at: datetime
    ) -> None:
        """Enter what a person said about a file; None leaves that open."""
        with self._engine.begin() as connection:
            connection.execute(
                sa.insert(FILINGS).values(
                    file_sha=file_sha, batch_code=batch_code, provider=provider, filed_at=filed_at
                )
            )

    def filings(self, as_of: datetime | None = None) -> Sequence[sa.Row[Any]]:
        """Return what persons said by ``as_of``, first to last."""
        query = sa.select(FILINGS).order_by(FILINGS.c.number)
        if as_of is not None:
            query = query.where(FILINGS.c.filed_at <= as_of)
        with self._engine.connect() as connection:
            return connection.execute(query).all()

    def add_withdrawal(
        self, file_sha: str, *, is_withdrawn: bool, reason: str, said_by: str | None, said_at: datetime
    ) -> None:
        """Enter that a file must not count, or that it counts again."""
        with self._engine.begin() as connection:
            connection.execute(
                sa.insert(WITHDRAWALS).values(
                    file_sha=file_sha,
                    is_withdrawn=is_withdrawn,
                    reason=reason,
                    said_by=said_by,
                    said_at=said_at,
                )
            )

    def withdrawn(self, as_of: datetime | None = None) -> dict[str, sa.Row[Any]]:
        """Return file -> what was said last, for files that do not count as of ``as_of`` (naive UTC)."""
        query = sa.select(WITHDRAWALS).order_by(WITHDRAWALS.c.number)
        if as_of is not None:
            query = query.where(WITHDRAWALS.c.said_at <= as_of)
        with self._engine.connect() as connection:
            latest = {row.file_sha: row for row in connection.execute(query)}
        return {sha: row for sha, row in sorted(latest.items()) if row.is_withdrawn}

    def sightings(self) -> dict[str, tuple[int, int, str]]:
        """Return path hash -> (size, modified_ns, file_sha)."""
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(SIGHTINGS))
            return {row.path_sha: (row.size, row.modified_ns, row.file_sha) for row in rows}

    def add_sightings(self, rows: Iterable[tuple[str, int, int, str]]) -> None:
        """Remember (path hash, size, modified_ns, file_sha)."""
        with self._engine.begin() as connection:
            for path_sha, size, modified_ns, file_sha in rows:
                connection.execute(sa.delete(SIGHTINGS).where(SIGHTINGS.c.path_sha == path_sha))
                connection.execute(
                    sa.insert(SIGHTINGS).values(
                        path_sha=path_sha, size=size, modified_ns=modified_ns, file_sha=file_sha
                    )
                )

    def editions(self, cycle: str) -> Sequence[sa.Row[Any]]:
        """Return a cycle's editions (number, content_sha, composed_at, run_id), first to last."""
        query = sa.select(EDITIONS).where(EDITIONS.c.cycle == cycle).order_by(EDITIONS.c.number)
        with self._engine.connect() as connection:
            return connection.execute(query).all()

    def add_replay(self, file_sha: str, original_sha: str, cycle: str | None) -> None:
        """Enter a mended return and the file it answers; entering it again changes nothing."""
        with self._engine.begin() as connection:
            known = sa.select(REPLAYS).where(REPLAYS.c.file_sha == file_sha)
            if connection.execute(known).first() is None:
                row = {"file_sha": file_sha, "original_sha": original_sha, "cycle": cycle}
                connection.execute(sa.insert(REPLAYS).values(**row))

    def replays(self) -> dict[str, tuple[str, str | None]]:
        """Return mended file -> (original, the cycle whose return it was)."""
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(REPLAYS).order_by(REPLAYS.c.file_sha))
            return {row.file_sha: (row.original_sha, row.cycle) for row in rows}

    def add_edition(
        self, cycle: str, number: int, content_sha: str, composed_at: datetime, run_id: str
    ) -> None:
        """Enter a frozen edition."""
        with self._engine.begin() as connection:
            connection.execute(
                sa.insert(EDITIONS).values(
                    cycle=cycle,
                    number=number,
                    content_sha=content_sha,
                    composed_at=composed_at,
                    run_id=run_id,
                )
            )

    def add_preview(
        self,
        *,
        cycle: str,
        edition: int,
        recipient: str,
        audience: str,
        message_sha: str,
        written_at: datetime,
    ) -> None:
        """Enter a message that was written but not sent; writing it again changes nothing."""
        same = sa.and_(
            DELIVERIES.c.cycle == cycle,
            DELIVERIES.c.edition == edition,
            DELIVERIES.c.recipient == recipient,
            DELIVERIES.c.audience == audience,
        )
        with self._engine.begin() as connection:
            if connection.execute(sa.select(DELIVERIES).where(same)).first() is None:
                connection.execute(
                    sa.insert(DELIVERIES).values(
                        cycle=cycle,
                        edition=edition,
                        recipient=recipient,
                        audience=audience,
                        message_sha=message_sha,
                        state="preview",
                        written_at=written_at,
                    )
                )

    def deliveries(self, cycle: str) -> Sequence[sa.Row[Any]]:
        """Return a cycle's messages, by edition and recipient."""
        query = (
            sa.select(DELIVERIES)
            .where(DELIVERIES.c.cycle == cycle)
            .order_by(DELIVERIES.c.edition, DELIVERIES.c.recipient, DELIVERIES.c.audience)
        )
        with self._engine.connect() as connection:
            return connection.execute(query).all()
