"""Writing XLSX so that the same content gives the same bytes: fixed times inside the container."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openpyxl import Workbook

EARLIEST = datetime(1980, 1, 1)  # noqa: DTZ001  (a ZIP container knows no earlier time)


def save_workbook(book: Workbook, path: Path, when: datetime) -> None:
    """Save a workbook of ours as if made at ``when`` (local, naive)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(made_bytes(book, when))


def made_bytes(book: Workbook, when: datetime) -> bytes:
    """Return a workbook of ours as if made at ``when`` (local, naive; not before ``EARLIEST``)."""
    book.properties.creator = "Siklatih"
    book.properties.created = when
    return workbook_bytes(book, when)


def workbook_bytes(
    book: Workbook, when: datetime, mend: Callable[[zipfile.ZipFile], Mapping[str, bytes]] | None = None
) -> bytes:
    """Return a workbook as if saved at ``when``; its author stays who it was.

    Args:
        book: the workbook.
        when: the time written into the file (naive).
        mend: given the container as openpyxl wrote it, returns members to put in place of its own.
    """
    book.properties.modified = when
    loose, whole = io.BytesIO(), io.BytesIO()
    book.save(loose)
    stamp = (when.year, when.month, when.day, when.hour, when.minute, when.second)
    with zipfile.ZipFile(loose) as made, zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as fixed:
        mended = mend(made) if mend is not None else {}
        for name in made.namelist():
            content = mended.get(name) or made.read(name)
            if name == "docProps/core.xml":  # openpyxl writes the clock over `modified` while it saves
                content = _with_time(content, when)
            fixed.writestr(
                zipfile.ZipInfo(name, stamp), content, compress_type=zipfile.ZIP_DEFLATED, compresslevel=1
            )
    return whole.getvalue()


def _with_time(core: bytes, when: datetime) -> bytes:
    start = core.index(b">", core.index(b"<dcterms:modified")) + 1
    end = core.index(b"</dcterms:modified>")
    return core[:start] + f"{when.isoformat(timespec='seconds')}Z".encode() + core[end:]
