"""``siklatih map``: write the draft of a mapping beside the file, and say what to do with it."""

from __future__ import annotations

import argparse
import secrets
import sys
import tempfile
from pathlib import Path
from typing import Any

from siklatih.errors import MendError
from siklatih.named_files import facts_of
from siklatih.reading import Reader
from siklatih.settings import Settings, get_settings
from siklatih.state import write_whole
from siklatih.terminal import one_line


def map_file(chosen: argparse.Namespace) -> int:
    """Draft the mapping of a file; nothing that is there already is replaced.

    Raises:
        MendError: the file needs no mapping or none can be drafted, or the draft cannot be written there.
    """
    settings = get_settings()
    wanted = {"dataset": chosen.dataset, "instrument": chosen.instrument, "heading": chosen.heading}
    draft = _draft(chosen.file, settings, wanted)
    place = chosen.to or chosen.file.with_name(f"{draft['code']}.yaml.draft")
    _check_place(place, settings)
    try:
        write_whole(place, draft["text"].encode())
    except OSError as error:
        raise MendError(
            "cannot_write",
            en=f"{place} cannot be written ({error.strerror}). Name another file with --to.",
            id_=f"{place} tidak dapat ditulis ({error.strerror}). Sebut berkas lain dengan --to.",
        ) from error
    target = settings.config / "mappings" / f"{draft['code']}.yaml"
    sys.stdout.write(
        f"draf pemetaan / draft mapping: {one_line(str(place))}\n"
        f"  untuk / for: {draft['name']}; judul / headings: {draft['headings']}\n"
        f"  belum diputuskan / left open: {draft['open_headings']} judul / headings, "
        f"{draft['open_words']} kata / words\n"
        f'  1. Buka draf, ganti setiap "?" / Open the draft and replace every "?"\n'
        f"  2. Simpan sebagai / Save it as: {target}\n"
        f"  3. Periksa / Check: siklatih check {one_line(str(chosen.file))}\n"
    )
    return 0


def _draft(path: Path, settings: Settings, wanted: dict[str, str | int | None]) -> dict[str, Any]:
    facts_of(path)
    with (
        tempfile.TemporaryDirectory(prefix="siklatih-") as folder,
        Reader(
            key=secrets.token_bytes(32),
            config=settings.config,
            memory_bytes=settings.reader_memory_mb * 1024 * 1024,
            seconds=settings.reader_seconds,
            limits=settings.limits(),
        ) as reader,
    ):
        return reader.draft(path.resolve(), path.name, Path(folder), wanted)


def _check_place(place: Path, settings: Settings) -> None:
    if place.exists():  # perhaps one that somebody is reviewing
        raise MendError(
            "exists",
            en=f"{place} is already there and stays as it is. Name another file with --to.",
            id_=f"{place} sudah ada dan dibiarkan. Sebut berkas lain dengan --to.",
        )
    if place.suffix == ".yaml" and place.resolve().parent == (settings.config / "mappings").resolve():
        raise MendError(
            "not_reviewed",
            en="A draft is reviewed before it goes into config/mappings: nothing could be read meanwhile. "
            "Name another place with --to.",
            id_="Draf ditinjau dulu sebelum masuk config/mappings: selama itu tidak ada berkas yang terbaca. "
            "Sebut tempat lain dengan --to.",
        )
