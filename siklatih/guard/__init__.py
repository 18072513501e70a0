"""What a file must pass before any parser sees it, in the child that reads it.

Parsers trust what a file says about itself: its unpacked size, how far its cells reach, how often one is
repeated. This pass believes only what it counts, at less than the cost of parsing.
"""

from __future__ import annotations

from pathlib import Path

from siklatih.errors import MendError
from siklatih.guard.container import encrypted, inspect_container
from siklatih.guard.pictures import refuse_picture
from siklatih.guard.text import TextScan, looks_like_delimited
from siklatih.limits import MEGABYTE, Limits

_BLOCK = 1 << 18
_CONTAINERS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # old workbooks, and new ones under a password
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")


def inspect(path: Path, size: int, head: bytes, limits: Limits) -> None:
    """Refuse a file that breaks a bound, and pictures whatever their size.

    Args:
        path: where it lies.
        size: its size in bytes.
        head: its beginning.
        limits: the bounds.

    Raises:
        MendError: the file breaks one of the bounds, or is a picture or a PDF; nothing of it was parsed.
    """
    refuse_picture(head)
    if size > limits.file_bytes:
        raise MendError(
            "file_too_large",
            en=f"The file is larger than {limits.file_bytes / MEGABYTE:g} MB. Split it and send the parts.",
            id_=f"Berkas ini lebih besar dari {limits.file_bytes / MEGABYTE:g} MB. Bagi menjadi beberapa "
            "berkas, lalu kirim.",
        )
    if head.startswith(_CONTAINERS):
        inspect_container(path, size, limits)
    elif head.startswith(_COMPOUND):
        if _ENCRYPTED_STREAM in path.read_bytes():
            raise encrypted()
    elif looks_like_delimited(head):
        scan = TextScan(limits)
        with path.open("rb") as handle:
            while block := handle.read(_BLOCK):
                scan.feed(block)
