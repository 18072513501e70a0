"""Checks over all accepted rows: does what a row refers to exist, and is the person on the roster.

They run at every build, so the order in which files arrive never matters.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from siklatih.checks import Check, quoted, rows_check
from siklatih.contracts import UNFILED, Column, Contract
from siklatih.filing import unfiled

if TYPE_CHECKING:
    import duckdb

_UNKNOWN_NUMBER = ("orang ini tidak ada dalam daftar pegawai", "this person is not on the roster")
_MEND_NUMBER = (
    "Betulkan NIP, atau kirim daftar pegawai yang terbaru.",
    "Correct the employee number, or send the latest roster.",
)
_UNKNOWN_NAME = (
    "orang ini tidak dikenal dari NIP, surel, atau nomor mesin, dan namanya bukan nama satu peserta",
    "number, address or terminal number are nobody's, and the name is not that of one participant",
)
_GIVE_NUMBER = (
    "Isi atau betulkan NIP, surel, atau nama, atau kirim daftar pegawai dan daftar peserta yang terbaru.",
    "Give the employee number, correct number, address or name, or send the latest roster and enrolments.",
)
_NO_OCCASION = (
    (
        "berkas ini tidak menyebut saat tesnya, dan waktunya tidak menunjukkannya: kosong, di antara sesi "
        "pertama dan sesi terakhir, atau angkatan ini belum mempunyai jadwal sesi"
    ),
    (
        "this file does not say when the test was, and its time does not tell: it is blank, lies between the "
        "first and last session, or the batch has no session plan"
    ),
)


def cross_checks(
    con: duckdb.DuckDBPyConnection, contracts: Mapping[str, Contract], contract: Contract
) -> list[Check]:
    """Return the checks of one dataset against the others.

    A reference is checked only when the dataset it points to has been given at all: a report from
    the minimum set must not lose its programmes because nobody listed the partners.
    """
    checks = []
    for column in contract.columns:
        if column.references is None:
            continue
        dataset, _, target = column.references.partition(".")
        target = contracts[dataset].column(target or column.name).stored_name
        schema = "loaded" if dataset == contract.dataset else "accepted"
        given = con.execute(f"select count(*) from {schema}.{quoted(dataset)}").fetchall()[0]
        if given[0] == 0:
            continue
        name = quoted(column.stored_name)
        given_here = f"{name} is not null" + (f" and {name} <> '{UNFILED}'" if column.filed else "")
        condition = (
            f"{given_here} and {name} not in "
            f"(select {quoted(target)} from {schema}.{quoted(dataset)} where {quoted(target)} is not null)"
        )
        checks.append(_reference_check(contract, column, contracts[dataset], condition))
    if contract.filed is not None:
        checks.append(_filing_check(contract, contract.filed))
    if contract.dataset == "attendance":
        checks.append(_session_check(contract, contract.column("session_starts_at")))
    checks += [_occasion_check(contract, column) for column in contract.columns if column.timed]
    person = [column for column in contract.columns if column.name == "nip"]
    if person and contract.dataset != "roster":
        checks.append(_person_check(contract, person[0]))
    if contract.person_choice:
        checks.append(_conflict_check(contract))
    return checks


def _reference_check(contract: Contract, column: Column, other: Contract, condition: str) -> Check:
    return rows_check(
        f"{contract.dataset}.{column.name}.reference",
        column.name,
        condition,
        (
            f"{column.title_id} tidak dikenal dalam {other.title_id.lower()}",
            f"{column.title_en} is not known in {other.title_en.lower()}",
        ),
        (
            "Betulkan kodenya, atau kirim dahulu data induknya.",
            "Correct the code, or send the master data first.",
        ),
    )


def _filing_check(contract: Contract, column: Column) -> Check:
    """A row whose file names no batch, and for which none was found, waits."""
    condition = unfiled(column)
    meeting_id, meeting_en = "", ""
    if column.name != "batch_code":
        condition += " and batch_code is null"
        meeting_id = " maupun rapat yang ada dalam jadwal sesi"
        meeting_en = " and no meeting of the session plan"
    return rows_check(
        f"{contract.dataset}.{column.name}.unfiled",
        column.name,
        condition,
        (
            f"berkas ini tidak menyebut angkatannya{meeting_id}, dan tidak ada satu angkatan yang cocok",
            f"this file names no batch{meeting_en}, and no single batch fits",
        ),
        (
            "Letakkan berkas di folder bernama kode angkatan, atau jalankan `siklatih file`.",
            "Put the file into a folder named after the batch code, or run `siklatih file`.",
        ),
    )


def _session_check(contract: Contract, column: Column) -> Check:
    """A mark for a session that is not in the batch's plan would count for nothing, and nobody would know.

    Where a batch has no plan at all, its marks are kept: the plan may come later.
    """
    name = quoted(column.stored_name)
    condition = (
        "batch_code in (select sessions.batch_code from accepted.sessions as sessions) "
        f"and (batch_code, {name}) not in "
        "(select (sessions.batch_code, sessions.starts_at) from accepted.sessions as sessions)"
    )
    return rows_check(
        f"{contract.dataset}.{column.name}.reference",
        column.name,
        condition,
        (
            "tidak ada sesi angkatan ini yang mulai pada waktu itu",
            "no session of this batch starts at that time",
        ),
        (
            "Betulkan waktu mulai sesi, atau kirim dahulu jadwal sesi yang terbaru.",
            "Correct when the session starts, or send the latest session plan first.",
        ),
    )


def _occasion_check(contract: Contract, column: Column) -> Check:
    """A row of a known batch of which nobody can tell whether it came to be before or after the training."""
    condition = f"{quoted(column.stored_name)} = '{UNFILED}' and batch_code <> '{UNFILED}'"
    return rows_check(
        f"{contract.dataset}.{column.name}.unfiled",
        column.name,
        f"coalesce({condition}, false)",
        _NO_OCCASION,
        (
            "Kirim nilai ini dengan templat Nilai tes, dengan saat tes terisi.",
            "Send this score in the template for test scores, with the occasion filled in.",
        ),
    )


def _person_check(contract: Contract, column: Column) -> Check:
    """An unknown person is put aside; in meetings guests are normal and only counted."""
    is_meeting = contract.dataset == "presence"
    given = " or ".join(f"{quoted(found.stored_name)} is not null" for found in contract.person_columns)
    condition = "person_key is null" + (f" and ({given})" if contract.person_choice else "")
    return rows_check(
        f"{contract.dataset}.{column.name}.reference",
        column.name,
        condition,
        _UNKNOWN_NAME if contract.person_choice else _UNKNOWN_NUMBER,
        _GIVE_NUMBER if contract.person_choice else _MEND_NUMBER,
        "warning" if is_meeting else "critical",
    )


def _conflict_check(contract: Contract) -> Check:
    """A number of one person and the name of another: the number is believed, and the row is noted."""
    condition = "is_conflict"
    return rows_check(
        f"{contract.dataset}.person.conflict",
        contract.person_columns[0].name,
        condition,
        (
            "NIP, surel, nomor mesin, atau nama pada baris ini menunjuk orang yang berbeda",
            "number, address, terminal number or name in this row mean different people",
        ),
        (
            "Yang dipakai adalah NIP, lalu surel, lalu nomor mesin. Periksa milik siapa baris ini.",
            "The number is used, else the address, else the terminal number. Check whose row this is.",
        ),
        "warning",
    )
