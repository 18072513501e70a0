"""Which draft a file gets: of a form, of a table, or none, because the file is read as it stands.

What is certain is settled; everything else is left open, and a mapping with something open cannot be used.
"""

from __future__ import annotations

from collections.abc import Iterable

from siklatih.drafting.forms import form_draft
from siklatih.drafting.tables import find_table, table_draft
from siklatih.drafting.text import Draft
from siklatih.errors import MendError
from siklatih.forms import FormTable, UnmatchedFormError, asked_columns
from siklatih.sources import recognise_file
from siklatih.sources.likeness import looks_like_heading, titles_known
from siklatih.sources.protocol import Catalogue, SourceFile
from siklatih.wording import readings

_CERTAIN = 0.99  # a tool that is as sure of its file does not give it up to a mapping
_WEAK = 0.6


def draft_mapping(
    file: SourceFile,
    catalogue: Catalogue,
    *,
    dataset: str | None = None,
    instrument: str | None = None,
    heading: int | None = None,
) -> Draft:
    """Draft the mapping of a file.

    Args:
        dataset: the dataset it holds, where a person knows; else that whose columns come nearest.
        instrument: likewise the questionnaire.
        heading: the row of the heading as a person sees it; else the row that looks like one.

    Raises:
        MendError: the file is read without a mapping, cannot be opened, or no row of it is a heading.
    """
    _check_names(dataset, instrument, catalogue)
    form = None if dataset or heading else _form(file, catalogue, asked=instrument is not None)
    if form is not None:
        return form_draft(form, catalogue, instrument)
    if instrument is not None:
        raise MendError(
            "no_form",
            en="This file is no export of a form tool. Leave out --instrument, or name a --dataset.",
            id_="Berkas ini bukan ekspor alat formulir. Hilangkan --instrument, atau sebut --dataset.",
        )
    sheet, at = find_table(file, catalogue, heading)
    return table_draft(sheet, at, catalogue, dataset)


def _check_names(dataset: str | None, instrument: str | None, catalogue: Catalogue) -> None:
    if dataset is not None and dataset not in catalogue.contracts:
        known = _listed(catalogue.contracts)
        raise MendError(
            "unknown_dataset",
            en=f"There is no dataset of that name. Known: {known}.",
            id_=f"Tidak ada set data dengan nama itu. Yang ada: {known}.",
        )
    if instrument is not None and instrument not in catalogue.instruments:
        known = _listed(catalogue.instruments)
        raise MendError(
            "unknown_instrument",
            en=f"There is no questionnaire of that name. Known: {known}.",
            id_=f"Tidak ada angket dengan nama itu. Yang ada: {known}.",
        )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _form(file: SourceFile, catalogue: Catalogue, *, asked: bool) -> FormTable | None:
    """Return the form's table if a form tool wrote the file and its questions are not known."""
    sure = 0.0
    try:
        source, known = recognise_file(file)
        sure = known.confidence
        list(source.read(file, catalogue))
    except UnmatchedFormError as error:
        table = error.table
        if table is None or asked or sure >= _WEAK or _knows_an_item(table, catalogue):
            return table
        return None if looks_like_heading(table.headings, titles_known(catalogue.contracts)) else table
    except MendError as error:
        if sure >= _CERTAIN or (not sure and error.code not in ("unrecognised", "ambiguous")):
            raise
        return None
    raise MendError(
        "already_read",
        en=f"This file is read as it stands ({source.NAME}); no mapping is needed. To draft one all the "
        "same, name a --dataset.",
        id_=f"Berkas ini sudah terbaca apa adanya ({source.NAME}); pemetaan tidak diperlukan. Bila tetap "
        "ingin membuat draf, sebut --dataset.",
    )


def _knows_an_item(table: FormTable, catalogue: Catalogue) -> bool:
    known = {
        words
        for one in catalogue.instruments.values()
        for words, target in one.wordings().items()
        if target.kind == "item"
    }
    return any(words in known for index in asked_columns(table) for words in readings(table.headings[index]))
