"""ZIP containers before they are parsed: their directory, and every member's real bytes.

Nothing that the directory says is believed: members are unpacked here, in pieces, and counted.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from siklatih.errors import MendError
from siklatih.guard.text import TextScan
from siklatih.guard.xml_exact import BOOK, RELATIONS, MarkupScan
from siklatih.limits import MEGABYTE, Limits

_BLOCK = 1 << 16
_PIECE = 1 << 18
_END = struct.Struct("<4s4H2LH")
_LOCAL = struct.Struct("<4s5H3L2H")
_XML = (".xml", ".rels")
_TEXT = (".csv", ".tsv", ".txt")
_SHEET = b"sheetData"  # a workbook's parser takes cells from any member that holds this
_MANIFEST, _ENCRYPTED = "meta-inf/manifest.xml", b"encryption-data"  # of an ODS under a password
_ENTRY = 512  # generous: bytes of the directory for each member


@dataclass(frozen=True)
class Member:
    """A member as the directory describes it; ``name`` has its slashes and letters evened out."""

    number: int
    name: str
    method: int
    packed: int
    declared: int
    checksum: int
    offset: int


def inspect_container(path: Path, size: int, limits: Limits) -> None:
    """Check the directory, then unpack and scan every member.

    Raises:
        MendError: the container is broken or breaks a bound.
    """
    with path.open("rb") as handle:
        members = _members(path, handle, size, limits)
        markup = MarkupScan(limits)
        # Under a password all is scrambled but the manifest, which says so and stands last; and a sheet's
        # number is known from the other two, wherever they stand.
        for member in sorted(members, key=lambda one: one.name not in (_MANIFEST, BOOK, RELATIONS)):
            _scan(handle, member, markup, limits)


def _scan(handle: BinaryIO, member: Member, markup: MarkupScan, limits: Limits) -> None:
    if member.name == _MANIFEST and _holds(unpacked(handle, member), _ENCRYPTED):
        raise encrypted()
    if member.name.endswith(_XML):
        markup.scan(lambda: unpacked(handle, member), member.name)
        return
    if member.name.endswith(_TEXT):
        text = TextScan(limits)
        for piece in unpacked(handle, member):
            text.feed(piece)
    elif _holds(unpacked(handle, member), _SHEET):
        markup.scan(lambda: unpacked(handle, member), member.name)


def _holds(pieces: Iterable[bytes], word: bytes) -> bool:
    """Tell whether the bytes hold a word; all of them are unpacked either way, and so counted."""
    found, tail = False, b""
    for piece in pieces:
        found = found or word in tail + piece
        tail = piece[-len(word) :]
    return found


def _members(path: Path, handle: BinaryIO, size: int, limits: Limits) -> list[Member]:
    """Read the directory; what it says of names, numbers and sizes must keep the bounds."""
    count, start = _end_record(handle, size, limits)
    try:
        with zipfile.ZipFile(path) as container:
            entries = container.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError, struct.error) as error:
        raise broken() from error
    if len(entries) != count:
        raise broken()
    members = []
    for number, entry in enumerate(entries, start=1):
        if entry.flag_bits & 0x41:
            raise encrypted()
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _unknown_method(number)
        members.append(
            Member(
                number,
                _plain_name(entry.orig_filename, number),
                entry.compress_type,
                entry.compress_size,
                entry.file_size,
                entry.CRC,
                entry.header_offset,
            )
        )
    _check_twice(members)
    _check_sizes(members, limits)
    _check_places(members, start)
    return members


def _end_record(handle: BinaryIO, size: int, limits: Limits) -> tuple[int, int]:
    """Read the number of members and where the directory starts; nothing may follow it."""
    if size < _END.size:
        raise broken()
    handle.seek(size - _END.size)
    signature, disk, start_disk, here, count, length, start, comment = _END.unpack(handle.read(_END.size))
    if signature != b"PK\x05\x06" or comment or disk or start_disk or here != count:
        raise broken()
    if count > limits.members or length > limits.members * _ENTRY:
        raise _too_many_members(limits.members)
    if start + length != size - _END.size:
        raise broken()
    return count, start


def _plain_name(name: str, number: int) -> str:
    plain = name.replace("\\", "/").casefold()
    if plain.startswith("/") or ".." in plain.split("/") or ":" in plain or not plain.isprintable():
        raise MendError(
            "member_name",
            en=f"Part {number} of the container has a name that points outside it. No spreadsheet program "
            "writes this: do not open the file, and ask its sender for a new one.",
            id_=f"Bagian ke-{number} wadah berkas ini bernama jalur ke luar. Program lembar kerja tidak "
            "menulisnya: jangan buka berkas ini, dan minta berkas baru kepada pengirim.",
        )
    return plain


def _check_twice(members: list[Member]) -> None:
    seen: set[str] = set()
    for member in members:
        if member.name in seen:
            raise MendError(
                "member_twice",
                en=f"Part {member.number} of the container stands in it twice, so that programs may read "
                "different data. Open the file, save it under a new name and send that.",
                id_=f"Bagian ke-{member.number} wadah berkas ini ganda sehingga isinya dapat terbaca "
                "berbeda. Buka berkas, simpan dengan nama baru, lalu kirim.",
            )
        seen.add(member.name)


def _check_sizes(members: list[Member], limits: Limits) -> None:
    for member in members:
        if member.declared > limits.member_bytes:
            raise too_large("member_too_large", limits.member_bytes)
        if member.declared > MEGABYTE and member.declared > limits.ratio * member.packed:
            raise MendError(
                "packed_too_tightly",
                en=f"Part {member.number} of the container unpacks to more than {limits.ratio} times its "
                "size. Delete empty rows and columns that are only coloured, save again and send that.",
                id_=f"Bagian ke-{member.number} wadah berkas ini mengembang lebih dari {limits.ratio} kali. "
                "Hapus baris dan kolom kosong yang hanya berwarna, simpan ulang, lalu kirim.",
            )
    if sum(member.declared for member in members) > limits.unpacked_bytes:
        raise too_large("unpacked_too_large", limits.unpacked_bytes)


def _check_places(members: list[Member], end: int) -> None:
    """Members must lie one behind the other: shared bytes would unpack many times over."""
    for member in sorted(members, key=lambda one: -one.offset):
        if member.offset + _LOCAL.size + member.packed > end:
            raise broken()
        end = member.offset


def unpacked(handle: BinaryIO, member: Member) -> Iterator[bytes]:
    """Yield a member's real bytes in pieces.

    Raises:
        MendError: they are more or fewer than declared, or broken.
    """
    real, checksum = 0, 0
    try:
        for piece in _inflated(handle, member):
            real += len(piece)
            checksum = zlib.crc32(piece, checksum)
            if real > member.declared:
                raise _untrue_size(member)
            yield piece
    except (zlib.error, struct.error) as error:
        raise broken() from error
    if real != member.declared:
        raise _untrue_size(member)
    if checksum != member.checksum:
        raise broken()


def _inflated(handle: BinaryIO, member: Member) -> Iterator[bytes]:
    handle.seek(member.offset)
    signature, *_, name, extra = _LOCAL.unpack(handle.read(_LOCAL.size))
    if signature != b"PK\x03\x04":
        raise broken()
    position = member.offset + _LOCAL.size + name + extra
    left = member.packed
    inflater = None if member.method == zipfile.ZIP_STORED else zlib.decompressobj(-zlib.MAX_WBITS)
    while left:
        handle.seek(position)  # pieces of members may be asked for in turns
        block = handle.read(min(_BLOCK, left))
        if not block:
            raise broken()
        position += len(block)
        left -= len(block)
        if inflater is None:
            yield block
            continue
        while block:
            piece = inflater.decompress(block, _PIECE)
            block = inflater.unconsumed_tail
            yield piece
        if inflater.unused_data:
            raise broken()
    if inflater is not None:
        yield inflater.flush()
        if not inflater.eof:
            raise broken()


def broken() -> MendError:
    """The container cannot be read as one."""
    return MendError(
        "broken_workbook",
        en="The workbook is broken or was cut off. Save it again and send it once more.",
        id_="Buku kerja rusak atau terpotong. Simpan ulang, lalu kirim lagi.",
    )


def encrypted() -> MendError:
    """The file is under a password."""
    return MendError(
        "encrypted",
        en="The file is protected by a password. Save it without one and send that.",
        id_="Berkas ini dilindungi kata sandi. Simpan tanpa kata sandi, lalu kirim.",
    )


def too_large(code: str, limit: int) -> MendError:
    """The container unpacks to more than allowed, in one member or in all."""
    return MendError(
        code,
        en=f"The workbook unpacks to more than {limit / MEGABYTE:g} MB. Split it into several workbooks.",
        id_=f"Buku kerja ini mengembang lebih dari {limit / MEGABYTE:g} MB. Bagi menjadi beberapa "
        "buku kerja.",
    )


def _too_many_members(limit: int) -> MendError:
    return MendError(
        "too_many_members",
        en=f"The container holds more than {limit} parts. Copy the data into a new template and send that.",
        id_=f"Wadah berkas ini memuat lebih dari {limit} bagian. Salin data ke templat baru, lalu kirim.",
    )


def _unknown_method(number: int) -> MendError:
    return MendError(
        "container_method",
        en=f"Part {number} of the container is packed in a way spreadsheet programs do not use. Open the "
        "file, save it as XLSX and send that.",
        id_=f"Bagian ke-{number} wadah berkas ini dimampatkan dengan cara yang tidak dipakai program lembar "
        "kerja. Buka berkas, simpan sebagai XLSX, lalu kirim.",
    )


def _untrue_size(member: Member) -> MendError:
    return MendError(
        "declared_size",
        en=f"Part {member.number} of the container has another size than the file says. Do not open it; "
        "ask its sender for a new export.",
        id_=f"Ukuran bagian ke-{member.number} wadah berkas ini berbeda dari yang dinyatakan. Jangan buka "
        "berkas ini; minta ekspor baru kepada pengirim.",
    )
