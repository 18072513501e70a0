"""Landing: copy every file that arrived, name it by its SHA-256 and write a receipt.

The same bytes twice are one file. The members of a ZIP of files land one by one, named
``archive.zip!member``; the archive is kept beside them, without a receipt in the ledger. A file's own
name may hold a person's name, so it is kept in the receipt beside the original only, never in the ledger,
a message or a log.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from siklatih.archives import ArchiveBounds, unpack
from siklatih.cycle import Cycle
from siklatih.identity import is_code
from siklatih.ledger import Ledger, Receipt
from siklatih.state import State, is_message_folder, sync_file, sync_folder, write_whole

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class LandingReport:
    """Counts of one landing: files seen, new originals, files hashed, not opened, still being written.

    An archive is one file seen and hashed; each of its members may be a new original. ``again`` are the
    files that had been received before and arrived once more; ``passed_over`` counts members of archives
    that no person means, such as those below ``__MACOSX/``.
    """

    seen: int
    new: int
    hashed: int
    unreadable: int = 0
    unsettled: int = 0
    again: tuple[str, ...] = ()
    passed_over: int = 0


def original(state: State, file_sha: str) -> Path:
    """Return where an original lies."""
    return state.landing / file_sha[:2] / file_sha


def given_name(state: State, file_sha: str) -> str:
    """Return the name a person gave the file (of its earliest sighting); for that person's eyes only."""
    receipt = original(state, file_sha).with_suffix(".json")
    sightings = json.loads(receipt.read_text(encoding="utf-8"))["sightings"]
    return str(min(sightings, key=lambda s: (s["modified_at"], s["name"]))["name"])


def land_inbox(
    state: State,
    ledger: Ledger,
    *,
    now: datetime,
    run_id: str,
    quiet_seconds: int = 0,
    bounds: ArchiveBounds | None = None,
) -> LandingReport:
    """Land all files of the inbox. Must run under the state's lock.

    Args:
        state: the state folder.
        ledger: where receipts are kept.
        now: the time, naive UTC.
        run_id: the run's id.
        quiet_seconds: a file changed less long ago may still be being copied, and waits; a message's files
            do not, as they appear whole.
        bounds: of archives; default those of ``ArchiveBounds``.
    """
    known = ledger.sightings()
    receipts = {receipt.file_sha for receipt in ledger.receipts()}
    new_sightings: list[tuple[str, int, int, str]] = []
    again: set[str] = set()
    seen = new = hashed = unreadable = unsettled = passed_over = 0
    for path in sorted(state.inbox.rglob("*")):
        if not path.is_file() or path.name.startswith((".", "~$")):
            continue  # `~$` files are Excel's own locks
        seen += 1
        path_sha = hashlib.sha256(str(path.relative_to(state.inbox)).encode()).hexdigest()
        try:
            facts = path.stat()
            if known.get(path_sha, (None, None))[:2] == (facts.st_size, facts.st_mtime_ns):
                continue
            age = (now - _time_of(facts)).total_seconds()
            if 0 <= age < quiet_seconds and not is_message_folder(path.parent.name):
                unsettled += 1
                continue
            file_sha = _copy(state, path, facts)
        except (PermissionError, FileNotFoundError):
            unreadable += 1  # closed to us, or gone since it was listed: tried again at the next landing
            _LOG.warning("a file of provider %s could not be opened", _filed_under(state, path)[0])
            continue
        if file_sha is None:
            unsettled += 1
            continue
        hashed += 1
        modified_at = _time_of(facts)
        _note_sighting(state, file_sha, path, path.name, modified_at)
        provider, folder = _filed_under(state, path)
        landed, beside = _members(state, file_sha, path, modified_at, bounds or ArchiveBounds())
        passed_over += beside
        for sha in landed or [file_sha]:
            size = original(state, sha).stat().st_size
            ledger.add_receipt(Receipt(sha, size, provider, modified_at, now, run_id))
            if folder is not None:
                ledger.add_folder(sha, folder, now)
            if sha in receipts:
                again.add(sha)
            new += sha not in receipts
            receipts.add(sha)
        new_sightings.append((path_sha, facts.st_size, facts.st_mtime_ns, file_sha))
    ledger.add_sightings(new_sightings)
    return LandingReport(seen, new, hashed, unreadable, unsettled, tuple(sorted(again)), passed_over)


def _time_of(facts: os.stat_result) -> datetime:
    return datetime.fromtimestamp(facts.st_mtime, tz=UTC).replace(tzinfo=None, microsecond=0)


def _filed_under(state: State, path: Path) -> tuple[str, str | None]:
    """``inbox/[<cycle>/]<provider>/[<batch>/]...``: the folders say who gave the file, and for what."""
    folders = path.relative_to(state.inbox).parts[:-1]
    if folders and Cycle.is_one(folders[0]):
        folders = folders[1:]
    provider = folders[0] if folders else "unknown"
    named = len(folders) > 1 and is_code(folders[1])  # any other folder name stays out of the ledger
    return provider, folders[1] if named else None


def _members(
    state: State, archive_sha: str, path: Path, modified_at: datetime, bounds: ArchiveBounds
) -> tuple[list[str], int]:
    """Land what an archive holds, and count what is passed over; none if the file is no archive.

    Members take the archive's time.
    """
    folder = state.scratch / "archive"
    folder.mkdir()
    landed = []
    try:
        unpacked = unpack(original(state, archive_sha), folder, bounds)
        for name, place in unpacked.members:
            member_sha = _copy(state, place)
            if member_sha is not None:
                landed.append(member_sha)
                _note_sighting(state, member_sha, path, f"{path.name}!{name}", modified_at)
    finally:
        shutil.rmtree(folder)
    return landed, unpacked.passed_over


def _copy(state: State, path: Path, facts: os.stat_result | None = None) -> str | None:
    """Copy into landing while hashing, so that the name is the hash of the very bytes kept.

    None if the file is no longer as it was by ``facts``: somebody writes to it, so this may be half of it.
    """
    digest = hashlib.sha256()
    temporary = state.scratch / "landing.tmp"
    with path.open("rb") as source, temporary.open("wb") as target:
        while block := source.read(1 << 20):
            digest.update(block)
            target.write(block)
    if facts is not None:
        now = path.stat()
        if (now.st_size, now.st_mtime_ns) != (facts.st_size, facts.st_mtime_ns):
            temporary.unlink()
            return None
    file_sha = digest.hexdigest()
    place = original(state, file_sha)
    if place.exists():
        temporary.unlink()
        return file_sha
    sync_file(temporary)
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(temporary, place)
    place.chmod(0o440)
    sync_folder(place.parent)
    return file_sha


def _note_sighting(state: State, file_sha: str, path: Path, name: str, modified_at: datetime) -> None:
    receipt = original(state, file_sha).with_suffix(".json")
    sightings = json.loads(receipt.read_text(encoding="utf-8"))["sightings"] if receipt.exists() else []
    sighting = {
        "name": name,
        "folder": str(path.relative_to(state.inbox).parent),
        "modified_at": modified_at.isoformat(),
    }
    if sighting not in sightings:
        sightings.append(sighting)
        content = {"file_sha": file_sha, "sightings": sorted(sightings, key=lambda s: sorted(s.items()))}
        write_whole(receipt, json.dumps(content, ensure_ascii=False, indent=1).encode())
