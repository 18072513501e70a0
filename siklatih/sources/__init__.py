"""One module a source. A new module here is a new source; nothing else needs to know it."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import cast

from siklatih.errors import MendError
from siklatih.sources.containers import Kind, kind_of
from siklatih.sources.likeness import datasets_in_words
from siklatih.sources.nearest import in_words, nearest
from siklatih.sources.protocol import Recognition, Source, SourceFile
from siklatih.sources.tops import tops_of

_OF_A_SOURCE = ("NAME", "recognise", "read")  # a module without one of these helps others


def all_sources() -> list[Source]:
    """Return every source module, by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    modules = [import_module(f"{__name__}.{name}") for name in names]
    return [
        cast("Source", module) for module in modules if all(hasattr(module, name) for name in _OF_A_SOURCE)
    ]


def source_named(name: str | None) -> Source | None:
    """Return the source of that name; None if there is none."""
    return next((source for source in all_sources() if name == source.NAME), None)


def recognise_file(file: SourceFile) -> tuple[Source, Recognition]:
    """Return the source that is surest of the file.

    Raises:
        MendError: the file is empty, an archive, no source knows it, or two are equally sure.
    """
    if file.size == 0:
        raise MendError(
            "empty_file",
            en="The file is empty. Export it again.",
            id_="Berkas ini kosong. Ekspor ulang.",
        )
    found = [(source, known) for source in all_sources() if (known := source.recognise(file)) is not None]
    found.sort(key=lambda pair: -pair[1].confidence)
    if not found and kind_of(file) is Kind.ARCHIVE:
        raise MendError(
            "archive",
            en="The file is a ZIP archive of other files. Unpack it and send the files inside one by one.",
            id_="Berkas ini arsip ZIP yang berisi berkas lain. Bongkar arsipnya, lalu kirim tiap berkas.",
        )
    if not found:
        raise _unrecognised(file)
    if len(found) > 1 and found[0][1].confidence == found[1][1].confidence:
        names = f"{found[0][0].NAME}, {found[1][0].NAME}"
        raise MendError(
            "ambiguous",
            en=f"The file could be one of several kinds ({names}). Export it again.",
            id_=f"Berkas ini dapat berarti beberapa jenis ({names}). Ekspor ulang.",
        )
    return found[0]


def _unrecognised(file: SourceFile) -> MendError:
    """Name the kinds that come nearest and what the file lacks, and for a table the nearest datasets.

    Where nothing is near, all kinds that are known are named.
    """
    sources = all_sources()
    near_id, near_en = in_words(nearest(file, sources))
    table_id, table_en = "", ""
    if file.catalogue is not None:
        table_id, table_en = datasets_in_words(tops_of(file), file.catalogue.contracts)
    names = ", ".join(source.NAME for source in sources)
    return MendError(
        "unrecognised",
        en=f"No known kind of export. {near_en or f'Known: {names}. '}{table_en}Export it again and do not "
        "change it, or use the agency's workbook.",
        id_=f"Bukan jenis ekspor yang dikenal. {near_id or f'Yang dikenal: {names}. '}{table_id}Ekspor ulang "
        "tanpa mengubahnya, atau pakai buku kerja instansi.",
    )
