"""The vault: the only place that can turn a keyed pseudonym back into what it stands for. Encrypted at rest.

Kept are the stakeholders' addresses, by which they are reached, names and numbers of the roster, which
stand on the lists that an office signs, names of lists that may have to be proposed, and whom a reply by
e-mail goes to, with the message it answers. Everything else can be read again from the originals in landing.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken

from siklatih.errors import MendError

_METADATA = sa.MetaData()
_IDENTITIES = sa.Table(
    "identities",
    _METADATA,
    sa.Column("pseudonym", sa.String(64), primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)


class Vault:
    """A table from pseudonym to sealed value."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._engine = sa.create_engine(f"sqlite:///{path}")
        _METADATA.create_all(self._engine)
        self._seal = Fernet(base64.urlsafe_b64encode(hashlib.sha256(key).digest()))

    def close(self) -> None:
        """Give the file back."""
        self._engine.dispose()

    def keep(self, identities: Mapping[str, str]) -> None:
        """Keep pseudonym -> value; ``MendError`` with the wrong key.

        Of two spellings that have one pseudonym the later in the order of characters stays, which is
        `Budi` rather than `BUDI`, whichever file came first.
        """
        known = self.open_all(identities)
        kept = [
            {"pseudonym": pseudonym, "sealed": self._seal.encrypt(value.encode())}
            for pseudonym, value in sorted(identities.items())
            if pseudonym not in known or value > known[pseudonym]
        ]
        if not kept:
            return
        with self._engine.begin() as connection:
            for one in kept:
                if one["pseudonym"] in known:
                    same = _IDENTITIES.c.pseudonym == one["pseudonym"]
                    connection.execute(sa.delete(_IDENTITIES).where(same))
            connection.execute(sa.insert(_IDENTITIES), kept)

    def open(self, pseudonym: str) -> str | None:
        """Return the value behind a pseudonym, or None; ``MendError`` with the wrong key."""
        return self.open_all([pseudonym]).get(pseudonym)

    def open_all(self, pseudonyms: Iterable[str]) -> dict[str, str]:
        """Return the values behind those pseudonyms that are known; ``MendError`` with the wrong key."""
        wanted = set(pseudonyms)
        with self._engine.connect() as connection:
            sealed = {
                row.pseudonym: row.sealed
                for row in connection.execute(sa.select(_IDENTITIES))
                if row.pseudonym in wanted
            }
        try:
            return {pseudonym: self._seal.decrypt(value).decode() for pseudonym, value in sealed.items()}
        except InvalidToken as error:
            raise MendError(
                "vault_key",
                en="The vault was sealed with another key. Set the old SIKLATIH_VAULT_KEY.",
                id_="Brankas disegel dengan kunci lain. Pasang SIKLATIH_VAULT_KEY yang lama.",
            ) from error
