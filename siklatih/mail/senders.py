"""Who may send: ``config/mailbox.yaml``, address or domain -> provider."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from siklatih.cycle import Cycle
from siklatih.errors import MendError
from siklatih.identity import is_code
from siklatih.yaml_files import read_yaml

FILE = "mailbox.yaml"
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", re.ASCII)
_DOMAIN = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", re.ASCII)


@dataclass(frozen=True)
class Senders:
    """Addresses and domains, in small letters, with the provider each stands for."""

    providers: Mapping[str, str]

    def provider_of(self, address: str) -> str | None:
        """Return whose address this is; an address of its own goes before its domain."""
        known = address.casefold()
        return self.providers.get(known) or self.providers.get(known.rpartition("@")[2])


def load_senders(config: Path) -> Senders:
    """Read the file.

    Raises:
        MendError: it is missing, or an entry cannot be used. Entries are counted, never repeated: they
            are people's addresses.
    """
    place = config / FILE
    if not place.exists():
        raise MendError(
            "mailbox_senders",
            en=f"Nobody is registered yet: copy config/mailbox.example.yaml to {place} and fill it in.",
            id_=f"Belum ada pengirim terdaftar: salin config/mailbox.example.yaml ke {place}, lalu isi.",
        )
    content = read_yaml(place)
    listed = content.get("senders") if isinstance(content, dict) else None
    if not isinstance(listed, dict):
        raise _wrong(0)
    found: dict[str, str] = {}
    for number, (sender, provider) in enumerate(listed.items(), start=1):
        if not _usable(sender, provider) or sender.casefold() in found:
            raise _wrong(number)
        found[sender.casefold()] = provider
    return Senders(found)


def _usable(sender: Any, provider: Any) -> bool:
    return (
        isinstance(sender, str)
        and (ADDRESS.fullmatch(sender) or _DOMAIN.fullmatch(sender)) is not None
        and isinstance(provider, str)
        and is_code(provider)  # it becomes a folder of the inbox
        and not Cycle.is_one(provider)  # the inbox would take it for a cycle's folder
    )


def _wrong(number: int) -> MendError:
    return MendError(
        "mailbox_senders",
        en=f"Entry {number} under `senders:` in config/{FILE} cannot be used. Write `address: provider` or "
        "`domain: provider`, each once, the provider in letters, digits, dots and dashes.",
        id_=f"Butir {number} di bawah `senders:` pada config/{FILE} tidak dapat dipakai. Tulis "
        "`alamat: pengirim` atau `domain: pengirim`, masing-masing sekali, kode pengirim berupa huruf, "
        "angka, titik, dan tanda hubung.",
    )
