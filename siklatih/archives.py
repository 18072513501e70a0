"""A ZIP of several files is how they travel, not what they are: its members are landed as files.

What is declared is bounded before a byte is unpacked; an archive beyond the bounds, locked or damaged is
left whole, and the reader refuses it with what to do.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from siklatih.limits import MEGABYTE
from siklatih.settings import Settings
from siklatih.sources.containers import ZIP_FAULTS, ZIP_SIGNATURE, Kind, kind_of
from siklatih.sources.protocol import HEAD_BYTES, SourceFile

_LEFT_OUT = (".", "~$")  # what systems and programs put beside the files a person means
_DAMAGE = tuple(fault for fault in ZIP_FAULTS if fault is not OSError)  # a full disk is no damage
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_LARGEST_DIRECTORY = 4 << 20
_END_SIGNATURE, _END_BYTES = b"PK\x05\x06", 22 + 65535
_ENCRYPTED = 0x1


@dataclass(frozen=True)
class ArchiveBounds:
    """How much an archive may declare: members, bytes of all, and how many times a member may grow."""

    members: int = 500
    total_bytes: int = 1 << 30
    ratio: int = 200


@dataclass(frozen=True)
class Unpacked:
    """What was in an archive.

    Args:
        members: (name within the archive, where it lies now), by name; empty if the file is not such an
            archive, or is left whole.
        passed_over: members that systems and programs put there, such as those below ``__MACOSX/``.
    """

    members: Sequence[tuple[str, Path]] = ()
    passed_over: int = 0


def unpack(path: Path, folder: Path, bounds: ArchiveBounds) -> Unpacked:
    """Unpack an archive of files into an empty folder."""
    with path.open("rb") as handle:
        file = SourceFile(path, path.name, path.stat().st_size, handle.read(HEAD_BYTES))
    if not file.head.startswith(ZIP_SIGNATURE) or _directory_bytes(file) > _LARGEST_DIRECTORY:
        return Unpacked()  # looking further into it is for the reader, whose memory is limited
    if kind_of(file) is not Kind.ARCHIVE:
        return Unpacked()
    try:
        with zipfile.ZipFile(path) as archive:
            files = [member for member in archive.infolist() if not member.is_dir()]
            members = [member for member in files if _is_meant(member)]
            if not _within(members, bounds):
                return Unpacked()
            written = sorted(
                (member.filename, _write(archive, member, folder / str(number)))
                for number, member in enumerate(members)
            )
            return Unpacked(written, len(files) - len(members))
    except _DAMAGE:
        return Unpacked()


def bounds_of(settings: Settings) -> ArchiveBounds:
    """Return the bounds that the settings give."""
    return ArchiveBounds(settings.archive_members, settings.archive_mb * MEGABYTE, settings.archive_ratio)


def _directory_bytes(file: SourceFile) -> int:
    """Return how long the list of members says it is; the list is read whole before it can be counted."""
    with file.path.open("rb") as handle:
        handle.seek(max(0, file.size - _END_BYTES))
        end = handle.read()
    at = end.rfind(_END_SIGNATURE)
    return int.from_bytes(end[at + 12 : at + 16], "little") if at >= 0 else 0


def _is_meant(member: zipfile.ZipInfo) -> bool:
    *folders, own_name = member.filename.split("/")
    return "__MACOSX" not in folders and not own_name.startswith(_LEFT_OUT)


def _within(members: list[zipfile.ZipInfo], bounds: ArchiveBounds) -> bool:
    return (
        0 < len(members) <= bounds.members
        and len({member.filename for member in members}) == len(members)
        and sum(member.file_size for member in members) <= bounds.total_bytes
        and not any(
            member.flag_bits & _ENCRYPTED
            or member.compress_type not in _METHODS
            or member.file_size > bounds.ratio * max(1, member.compress_size)
            for member in members
        )
    )


def _write(archive: zipfile.ZipFile, member: zipfile.ZipInfo, place: Path) -> Path:
    """Write a member under a name of ours, so that no name within the archive leads elsewhere."""
    with archive.open(member) as source, place.open("wb") as target:
        while block := source.read(1 << 20):  # never more than was declared
            target.write(block)
    return place
