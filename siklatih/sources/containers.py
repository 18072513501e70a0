"""What kind of container a file is, told by its content: XLSX, ODS, the old `.xls`, or a locked one."""

from __future__ import annotations

import zipfile
import zlib
from enum import Enum

from siklatih.sources.protocol import SourceFile

ZIP_SIGNATURE = b"PK\x03\x04"
OLE_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# what a damaged or odd ZIP makes the standard library raise
ZIP_FAULTS = (
    zipfile.BadZipFile, zlib.error, KeyError, RuntimeError, NotImplementedError, OSError, EOFError,
    ValueError,
)  # fmt: skip
_BEGINNING = 1 << 20
_ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"


class Kind(Enum):
    """Containers that are told apart."""

    XLSX = "XLSX"
    ODS = "ODS"
    XLS = "XLS"
    LOCKED = "locked by a password"
    BROKEN = "a broken ZIP container"
    ARCHIVE = "a ZIP archive of files"


def kind_of(file: SourceFile) -> Kind | None:
    """Return the kind of container a file is; None if it is none, or holds something else."""
    if file.head.startswith(ZIP_SIGNATURE):
        return _kind_of_zip(file)
    if file.head.startswith(OLE_SIGNATURE):
        return _kind_of_ole(file)
    return None


def _kind_of_zip(file: SourceFile) -> Kind | None:
    try:
        with zipfile.ZipFile(file.path) as container:
            names = set(container.namelist())
            if "xl/workbook.xml" in names:
                return Kind.XLSX
            if "mimetype" in names and _begin(container, "mimetype").startswith(_ODS_TYPE):
                manifest = "META-INF/manifest.xml"
                locked = manifest in names and b"encryption-data" in _begin(container, manifest)
                return Kind.LOCKED if locked else Kind.ODS
            return None if {"[Content_Types].xml", "mimetype"} & names else Kind.ARCHIVE
    except ZIP_FAULTS:
        # its beginning is a container's: say so, rather than not knowing the file at all
        return Kind.BROKEN


def _begin(container: zipfile.ZipFile, name: str) -> bytes:
    """Return a member's beginning; all of it could be more than there is memory."""
    with container.open(name) as member:
        return member.read(_BEGINNING)


def _kind_of_ole(file: SourceFile) -> Kind | None:
    """Streams are known by their names in the directory, which may lie anywhere in the file."""
    content = file.path.read_bytes()
    if _stream("EncryptedPackage") in content:
        return Kind.LOCKED
    return Kind.XLS if _stream("Workbook") in content or _stream("Book") in content else None


def _stream(name: str) -> bytes:
    return f"{name}\0".encode("utf-16-le")
