"""Lists of attendance on paper: who is expected at which sessions of a batch, with names out of the vault.

Names and numbers are opened for these lists only: the sheet that people sign, and the workbook into which
it is typed. Neither is kept in the state folder but as an answer to its sender.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from siklatih.errors import MendError
from siklatih.settings import CHECKOUT, Settings
from siklatih.state import State
from siklatih.vault import Vault

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

NO_LIST = (
    "no_sessions",
    "no_participants",
    "names_not_kept",
)  # codes: the batch is there, its list is not yet
_SQL = CHECKOUT / "sql" / "lists"


@dataclass(frozen=True)
class Person:
    """Somebody who is expected; name and number are empty where the vault does not hold them."""

    name: str
    nip: str
    unit: str


@dataclass(frozen=True)
class BatchList:
    """A batch's sessions (start, end; local time) in their order, and its people by name."""

    batch_code: str
    programme: str
    sessions: tuple[tuple[datetime, datetime], ...]
    people: tuple[Person, ...]


def read_batch_list(con: duckdb.DuckDBPyConnection, vault: Vault, batch_code: str) -> BatchList:
    """Return who is expected at which sessions of a batch.

    Args:
        con: the warehouse.
        vault: where the roster's names and numbers are kept.
        batch_code: the batch.

    Raises:
        MendError: there is no such batch, it has no sessions or nobody is enrolled, or the vault holds none
            of their names.
    """
    sessions = _rows(con, "lst_sessions", batch_code)
    if not sessions:
        raise _unknown_batch()
    planned = tuple((starts_at, ends_at) for _, _, starts_at, ends_at in sessions if starts_at is not None)
    if not planned:
        raise _lacking("no_sessions", "sessions", "sesi")
    found = _rows(con, "lst_participants", batch_code)
    if not found:
        raise _lacking("no_participants", "enrolments", "kepesertaan")
    opened = vault.open_all(key for _, nip, name, _ in found for key in (nip, name) if key)
    if not opened:
        raise MendError(
            "names_not_kept",
            en="The vault holds no name of these people. Run `siklatih run CYCLE` once, so that it keeps "
            "those of the roster.",
            id_="Brankas belum memuat nama peserta ini. Jalankan `siklatih run CYCLE` sekali agar nama pada "
            "daftar pegawai tersimpan.",
        )
    people = [Person(opened.get(name, ""), opened.get(nip, ""), unit or "") for _, nip, name, unit in found]
    people.sort(key=lambda person: (not person.name, person.name.casefold(), person.nip))
    return BatchList(sessions[0][0], sessions[0][1], planned, tuple(people))


def open_batch_list(settings: Settings, batch_code: str) -> BatchList:
    """Return the list of a batch from the state folder's warehouse and vault.

    Raises:
        MendError: nothing was built yet, or as ``read_batch_list``.
    """
    import duckdb  # noqa: PLC0415  (other templates need none)

    state = State(settings.home)
    if not state.warehouse().exists():
        raise MendError(
            "no_warehouse",
            en="Nothing has been built yet, so no batch is known. Put the files into the inbox and run "
            "`siklatih run CYCLE` first.",
            id_="Belum ada data yang dibangun, jadi belum ada angkatan yang dikenal. Taruh berkas di inbox, "
            "lalu jalankan `siklatih run CYCLE` dahulu.",
        )
    con = duckdb.connect(str(state.warehouse()), read_only=True)
    vault = Vault(state.vault, settings.secret("vault"))
    try:
        return read_batch_list(con, vault, batch_code)
    finally:
        vault.close()
        con.close()


def batches_of_files(warehouse: Path) -> dict[str, str]:
    """Return file hash -> batch, where a person's word or the folder it lay in tells one that exists."""
    import duckdb  # noqa: PLC0415

    sql = (CHECKOUT / "sql" / "checks" / "chk_hinted_batches.sql").read_text(encoding="utf-8")
    con = duckdb.connect(str(warehouse), read_only=True)
    try:
        return dict(con.execute(sql).fetchall())
    finally:
        con.close()


def _rows(con: duckdb.DuckDBPyConnection, name: str, batch_code: str) -> list[tuple[Any, ...]]:
    sql = (_SQL / f"{name}.sql").read_text(encoding="utf-8")
    rows: list[tuple[Any, ...]] = con.execute(sql, {"batch_code": batch_code}).fetchall()
    return rows


def _unknown_batch() -> MendError:
    return MendError(
        "unknown_batch",
        en="No batch of this code is known. Check the code, or send the batch in the workbook and run again.",
        id_="Tidak ada angkatan dengan kode ini. Periksa kodenya, atau kirim angkatan itu dalam buku kerja, "
        "lalu jalankan lagi.",
    )


def _lacking(code: str, what_en: str, what_id: str) -> MendError:
    return MendError(
        code,
        en=f"No {what_en} of this batch are known. Send them in the workbook (`siklatih template {what_en}`) "
        "and run again.",
        id_=f"Data {what_id} angkatan ini belum ada. Kirim dalam buku kerja (`siklatih template {what_en}`), "
        "lalu jalankan lagi.",
    )
