"""Which files are answered, and where the answers lie: ``returns/<cycle>/<name>-<sha8>.xlsx``."""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from siklatih.contracts import load_contracts
from siklatih.cycle import Cycle
from siklatih.errors import MendError
from siklatih.guard import inspect
from siklatih.instruments import load_instruments
from siklatih.landing import given_name, original
from siklatih.limits import Limits
from siklatih.lookups import look_up
from siklatih.mappings import load_mappings
from siklatih.marks import MARKS_FILE, load_marks
from siklatih.returning.faults import Fault, Faults, Proposal, Titles, items_in, own_name, refusal_fault
from siklatih.returning.listing import add_list, is_to_be_typed
from siklatih.returning.ods_workbook import is_ods, ods_workbook
from siklatih.returning.own_workbook import own_workbook
from siklatih.returning.proposing import add_proposals
from siklatih.returning.text_table import text_table
from siklatih.signing import NO_LIST, BatchList, batches_of_files, read_batch_list
from siklatih.sources.protocol import HEAD_BYTES
from siklatih.sources.returned import LIST_ONLY, WORKBOOK
from siklatih.state import State, write_whole
from siklatih.table_mappings import load_table_mappings
from siklatih.vault import Vault
from siklatih.workbooks import EARLIEST, made_bytes

_LOG = logging.getLogger(__name__)
_ANSWER = re.compile(r".*-[0-9a-f]{8}\.xlsx", re.DOTALL)
# Refused without a row, but sound: the whole workbook helps. Any other may have brought the reader down.
_SOUND = {"unknown_sheet", "no_data_sheet", "export_time", "missing_heading"}


def load_titles(config: Path) -> Titles:
    """Read what columns may be called, and what marks in them mean."""
    contracts, instruments = load_contracts(config / "contracts"), load_instruments(config / "instruments")
    mappings = config / "mappings"
    return Titles(
        contracts,
        instruments,
        load_mappings(mappings, instruments),
        load_table_mappings(mappings, contracts),
        load_marks(config / MARKS_FILE, contracts["attendance"].column("status")),
    )


def _log_unmarked(kind: str) -> None:
    _LOG.warning(
        "berkas tidak dapat ditandai, hanya daftar yang dikembalikan / "
        "a file cannot be marked, only the list is returned (%s)",
        kind,
    )


def return_bytes(
    path: Path,
    faults: Faults,
    titles: Titles,
    batch: BatchList | None = None,
    unmarked: Callable[[str], None] = _log_unmarked,
) -> bytes:
    """Return the answer to a file: the file itself, marked, or where that cannot be, the list alone.

    A photo or a PDF is answered with the workbook into which its list is typed, for ``batch`` if it is known.
    ``unmarked`` is told the kind of error that kept the file from being marked.
    """
    if is_to_be_typed(faults):
        return _to_type(faults, titles, batch)
    whole = None
    marks = not faults.is_refused or any(f.row is not None or f.rule in _SOUND for f in faults.problems)
    if marks and _may_be_opened(path):
        with path.open("rb") as handle:
            is_container = handle.read(2) == b"PK"
        make = text_table
        if is_container:
            make = ods_workbook if is_ods(path) else own_workbook
        try:
            whole = make(path, faults, titles)
        except Exception as error:  # whatever is wrong with the file, the list can answer
            unmarked(type(error).__name__)
    return whole if whole is not None else _list_only(faults, titles)


def _may_be_opened(path: Path) -> bool:
    """Look before a parser of this process sees the file, as the reading child does before its own."""
    with path.open("rb") as handle:
        head = handle.read(HEAD_BYTES)
    try:
        inspect(path, path.stat().st_size, head, Limits())
    except MendError:
        return False
    return True


def _to_type(faults: Faults, titles: Titles, batch: BatchList | None) -> bytes:
    from siklatih.typed_lists import DATASET, typing_book  # noqa: PLC0415  (openpyxl)

    book = typing_book(titles.contracts[DATASET], batch)
    add_list(book, faults, titles, form=WORKBOOK, facts={})
    return made_bytes(book, faults.when)


def _list_only(faults: Faults, titles: Titles) -> bytes:
    from openpyxl import Workbook  # noqa: PLC0415

    book = Workbook()
    add_list(book, faults, titles, form=LIST_ONLY, facts={})
    book.remove(book.worksheets[1])
    add_proposals(book, faults.proposals)
    return made_bytes(book, faults.when)


def write_file_returns(
    state: State,
    warehouse: Path,
    cycle: Cycle,
    *,
    config: Path,
    received: Mapping[str, datetime],
    vault: Vault | None = None,
) -> list[Path]:
    """Write the answers to all files with something still to mend or to answer; the cycle's earlier ones go.

    Args:
        state: the state folder.
        warehouse: the warehouse whose quality tables say what is wrong.
        cycle: the cycle whose returns are written.
        config: the folder of contracts and questionnaires.
        received: file hash -> the file's own time, which the answer bears.
        vault: turns pseudonyms of names into names, which stand among proposals and in workbooks to type a
            batch's list into; without it those are blank and nothing is proposed.

    Returns:
        The files written, by file hash.
    """
    folder = state.returns / str(cycle)
    titles = load_titles(config)
    written = []
    found = _faults(warehouse, cycle, received, vault)
    batches = _batches(warehouse, found, vault) if vault is not None else {}
    for file_sha, faults in sorted(found.items()):
        content = return_bytes(original(state, file_sha), faults, titles, batches.get(file_sha))
        target = folder / f"{own_name(given_name(state, file_sha))}-{file_sha[:8]}.xlsx"
        write_whole(target, content)
        written.append(target)
    stale = [path for path in sorted(folder.glob("*.xlsx")) if _ANSWER.fullmatch(path.name)]
    for path in stale:
        if path not in written:
            path.unlink()
    _LOG.info("answered %d files", len(written))
    return written


def _batches(warehouse: Path, found: Mapping[str, Faults], vault: Vault) -> dict[str, BatchList]:
    """The lists for photos and PDF whose batch a person or a folder tells, where the batch has one."""
    known = batches_of_files(warehouse)
    wanted = {sha: known[sha] for sha, faults in found.items() if sha in known and is_to_be_typed(faults)}
    lists: dict[str, BatchList] = {}
    if not wanted:
        return lists
    con = duckdb.connect(str(warehouse), read_only=True)
    try:
        for sha, code in wanted.items():
            try:
                lists[sha] = read_batch_list(con, vault, code)
            except MendError as error:
                if error.code not in NO_LIST:
                    raise
                _LOG.info("no list of a photo's batch (%s): the blank workbook is returned", error.code)
    finally:
        con.close()
    return lists


def _faults(
    warehouse: Path, cycle: Cycle, received: Mapping[str, datetime], vault: Vault | None
) -> dict[str, Faults]:
    found: dict[str, list[Fault]] = defaultdict(list)
    refused: set[str] = set()
    for _, sha, dataset, place, row, column, rule, *said in returned_rows(warehouse):
        if dataset is None:
            refused.add(sha)
            error = MendError(rule, id_=said[0], en=said[1], row=row, column=column, place=place)
            found[sha].append(refusal_fault(error))
        else:
            message, remedy = (said[0] or rule, said[1] or rule), (said[2] or "", said[3] or "")
            items = items_in(said[4])
            found[sha].append(Fault(dataset, place, row, column, rule, message, remedy, items))
    sources = _sources(warehouse)
    asked = _proposals(warehouse, vault) if vault is not None else {}
    return {
        sha: Faults(
            sha,
            max(received[sha], EARLIEST),
            str(cycle),
            sha in refused,
            tuple(found[sha]),
            asked.get(sha, ()),
            source=sources[sha],
        )
        for sha in {**found, **asked}
    }


def _proposals(warehouse: Path, vault: Vault) -> dict[str, list[Proposal]]:
    """The names to ask about, by file, in words again: a return goes to whoever sent the names."""
    rows = look_up(warehouse, "chk_open_proposals")
    names = vault.open_all({key for row in rows for key in row[3:5]}) if rows else {}
    found: dict[str, list[Proposal]] = defaultdict(list)
    for sha, code, batch, name_key, like_key, count, _ in rows:
        found[sha].append(Proposal(code, batch, names[name_key], names[like_key], count))
    return found


def _sources(warehouse: Path) -> dict[str, str | None]:
    con = duckdb.connect(str(warehouse), read_only=True)
    try:
        return dict(con.execute("select file_sha, source from quality.files").fetchall())
    finally:
        con.close()


def returned_rows(warehouse: Path) -> Sequence[tuple[Any, ...]]:
    """Return what was put aside and waits, with rule and remedy (``chk_returned_rows``)."""
    return look_up(warehouse, "chk_returned_rows")
