"""Files that people name: whether such a one is a file at all, and can be opened."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from siklatih.errors import MendError


def facts_of(path: Path) -> os.stat_result:
    """Return what the system says of a file.

    Raises:
        MendError: it is a folder, a pipe or a device, or cannot be opened.
    """
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):  # opening a pipe would wait for somebody who writes into it
            raise _no_file()
        with path.open("rb"):
            return facts
    except OSError as error:
        raise cannot_open(error) from error


def cannot_open(error: OSError) -> MendError:
    """Return the refusal of a file that the system does not open."""
    return MendError(
        "cannot_open",
        en=f"The file cannot be opened ({error.strerror}). Check its name and your permissions.",
        id_=f"Berkas tidak dapat dibuka ({error.strerror}). Periksa nama dan hak aksesnya.",
    )


def _no_file() -> MendError:
    return MendError(
        "cannot_open",
        en="The file cannot be opened: it is a folder, a pipe or a device. Save its content as a file and "
        "name that.",
        id_="Berkas tidak dapat dibuka: ini folder, pipa, atau perangkat. Simpan isinya sebagai berkas, lalu "
        "sebutkan berkas itu.",
    )
