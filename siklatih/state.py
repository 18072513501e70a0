"""The state folder: where things lie, how they are written whole, and the one lock of all writers."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from siklatih.errors import MendError, PassingError

_OF_A_MESSAGE = re.compile(r"mail-[0-9a-f]{40}")


@dataclass(frozen=True)
class State:
    """The folder that holds everything the pipeline keeps (``SIKLATIH_HOME``)."""

    home: Path

    @property
    def inbox(self) -> Path:
        """Where files arrive: ``inbox/<cycle>/<provider>/``."""
        return self.home / "inbox"

    @property
    def landing(self) -> Path:
        """Untouched originals, named by their SHA-256."""
        return self.home / "landing"

    @property
    def returns(self) -> Path:
        """What goes back to the providers."""
        return self.home / "returns"

    @property
    def accepted(self) -> Path:
        """Outcomes of file checks, addressed by content."""
        return self.home / "accepted"

    @property
    def editions(self) -> Path:
        """Numbered, frozen reports."""
        return self.home / "editions"

    @property
    def outbox(self) -> Path:
        """Messages: ``outbox/preview/`` until a person approves."""
        return self.home / "outbox"

    @property
    def scratch(self) -> Path:
        """Half-made things; nobody reads them, the next run removes them."""
        return self.home / "scratch"

    @property
    def ledger(self) -> Path:
        """The SQLite file of the ledger."""
        return self.home / "ledger.sqlite"

    @property
    def vault(self) -> Path:
        """The encrypted file of identities."""
        return self.home / "vault.sqlite"

    def warehouse(self, as_of: str | None = None) -> Path:
        """The warehouse, or the one that holds what was known at ``as_of`` (ISO, made a file name)."""
        suffix = "" if as_of is None else f"@{as_of.replace(':', '')}"
        return self.home / f"warehouse{suffix}.duckdb"

    def prepare(self, key_id: str) -> None:
        """Make the folders, and refuse a key other than the one the state was made with."""
        for folder in (self.inbox, self.landing, self.returns, self.accepted, self.editions, self.outbox):
            folder.mkdir(parents=True, exist_ok=True)
        note = self.home / "key.id"
        if not note.exists():
            write_whole(note, key_id.encode())
        elif note.read_text(encoding="ascii") != key_id:
            raise MendError(
                "key_changed",
                en="This state folder was made with another pseudonym key. Set the old key, "
                "or use an empty folder and land the originals again.",
                id_="Folder data ini dibuat dengan kunci pseudonim lain. Pasang kunci lama, "
                "atau pakai folder kosong lalu muat kembali berkas aslinya.",
            )

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the one lock of all writers; the system frees it when the process dies.

        Raises:
            PassingError: another run holds it.
        """
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "lock").open("a") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise PassingError("another run is writing to this state folder") from error
            shutil.rmtree(self.scratch, ignore_errors=True)
            self.scratch.mkdir()
            yield


def sync_folder(folder: Path) -> None:
    """Make a rename in the folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_file(path: Path) -> None:
    """Make a file's content survive a power cut."""
    with path.open("rb") as handle:
        os.fsync(handle.fileno())


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees all of it or none of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_bytes(content)
    sync_file(temporary)
    temporary.replace(path)
    sync_folder(path.parent)


def message_folder(message_key: str) -> str:
    """Return the name of the inbox's folder for a message's files; it is too long to be taken for a batch."""
    return f"mail-{message_key[:40]}"


def is_message_folder(name: str) -> bool:
    """Tell whether a folder is one for a message's files: these are published whole."""
    return _OF_A_MESSAGE.fullmatch(name) is not None


def publish_folder(made: Path, place: Path) -> None:
    """Move a finished folder to its place in one step; what already lies there stays."""
    for item in sorted(made.rglob("*")):
        if item.is_file():
            sync_file(item)
    sync_folder(made)
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.exists():
        shutil.rmtree(made)
        return
    made.replace(place)
    sync_folder(place.parent)
