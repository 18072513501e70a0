"""The vault: the only place that can turn a keyed pseudonym back into an address. Encrypted at rest.

Only what someone must be reached by is kept: the stakeholders' addresses. Everything else can be
read again from the originals in landing.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
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
        """Keep pseudonym -> value; a pseudonym already there stays as it is."""
        with self._engine.begin() as connection:
            known = set(connection.execute(sa.select(_IDENTITIES.c.pseudonym)).scalars())
            new = [
                {"pseudonym": pseudonym, "sealed": self._seal.encrypt(value.encode())}
                for pseudonym, value in sorted(identities.items())
                if pseudonym not in known
            ]
            if new:
                connection.execute(sa.insert(_IDENTITIES), new)

    def open(self, pseudonym: str) -> str | None:
        """Return the value behind a pseudonym, or None; ``MendError`` with the wrong key."""
        query = sa.select(_IDENTITIES.c.sealed).where(_IDENTITIES.c.pseudonym == pseudonym)
        with self._engine.connect() as connection:
            sealed = connection.execute(query).scalar_one_or_none()
        if sealed is None:
            return None
        try:
            return self._seal.decrypt(sealed).decode()
        except InvalidToken as error:
            raise MendError(
                "vault_key",
                en="The vault was sealed with another key. Set the old SIKLATIH_VAULT_KEY.",
                id_="Brankas disegel dengan kunci lain. Pasang SIKLATIH_VAULT_KEY yang lama.",
            ) from error
