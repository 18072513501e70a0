"""What stands in the state folder: received, waiting, composed; and a person's word about a file."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from siklatih.mail.replies import show_mails
from siklatih.settings import CHECKOUT, get_settings
from siklatih.state import State
from siklatih.terminal import one_line

if TYPE_CHECKING:
    from siklatih.ledger import Ledger

SHOWN = 50  # proposals listed; the returns hold them all


def show_status(_chosen: argparse.Namespace) -> int:
    """Say what has been received, composed and previewed."""
    from siklatih.ledger import Ledger  # noqa: PLC0415  (SQLAlchemy)

    state = State(get_settings().home)
    if not state.ledger.exists():
        sys.stdout.write("Belum ada data / nothing received yet. Mulai / start: siklatih run CYCLE\n")
        return 0
    ledger = Ledger(state.ledger)
    try:
        receipts = ledger.receipts()
        latest = max((receipt.received_at for receipt in receipts), default=None)
        when = "-" if latest is None else latest.isoformat(sep=" ", timespec="minutes") + " UTC"
        sys.stdout.write(f"berkas diterima / files received: {len(receipts)} (terakhir / last: {when})\n")
        _say_waiting(state)
        for folder in sorted(state.editions.glob("*")):
            for edition in ledger.editions(folder.name):
                messages = [d for d in ledger.deliveries(folder.name) if d.edition == edition.number]
                sys.stdout.write(
                    f"{folder.name} edisi / edition {edition.number}: "
                    f"{len(messages)} pratinjau / previews, {folder / str(edition.number)}\n"
                )
        _show_waiting(state)
        _show_withdrawn(ledger)
        show_mails(state)
        _show_proposals(state)
    finally:
        ledger.close()
    return 0


def _say_waiting(state: State) -> None:
    """Say what waits to be mended, as of the last build."""
    if not state.warehouse().exists():
        return
    import duckdb  # noqa: PLC0415

    sql = (CHECKOUT / "sql" / "checks" / "chk_waiting.sql").read_text(encoding="utf-8")
    con = duckdb.connect(str(state.warehouse()), read_only=True)
    try:
        ((rows, rows_back, files, files_back),) = con.execute(sql).fetchall()
    except (duckdb.CatalogException, duckdb.BinderException):
        return  # built by an earlier version that did not count this: the next build says
    finally:
        con.close()
    sys.stdout.write(
        f"menunggu perbaikan / waiting to be mended: {rows} baris / rows, "
        f"{files} berkas ditolak / files refused (sudah kembali / came back: {rows_back}, {files_back})\n"
    )


def _show_waiting(state: State) -> None:
    """List the files that wait for somebody to say where they belong, with the nearest batches."""
    if not state.warehouse().exists():
        return
    import duckdb  # noqa: PLC0415

    from siklatih.waiting import waiting_parts  # noqa: PLC0415

    try:
        parts = waiting_parts(state.warehouse())
    except (duckdb.CatalogException, duckdb.BinderException):
        return  # built by an earlier version that did not know this: the next build says
    for part in parts:
        nearest = ", ".join(part.nearest) or "-"
        if part.unknown is not None:
            nearest += f"; {part.unknown} tidak dikenal / not known"
        sys.stdout.write(
            f"belum terarsip / unfiled: {part.file_sha[:12]} {part.dataset}, {part.rows} baris / rows; "
            f"terdekat / nearest: {nearest}\n"
        )


def _show_withdrawn(ledger: Ledger) -> None:
    """List the files that do not count, with the reason; the same bytes sent again do not count either."""
    for sha, said in ledger.withdrawn().items():
        by = f" ({said.said_by})" if said.said_by else ""
        sys.stdout.write(
            f"ditarik / withdrawn: {sha[:12]} {said.said_at:%Y-%m-%d}{by}: {one_line(said.reason)}\n"
        )


def _show_proposals(state: State) -> None:
    """List the names to confirm, as lines for ``config/people.yaml``, and answers there that fit nothing."""
    if not state.warehouse().exists():
        return
    import duckdb  # noqa: PLC0415

    con = duckdb.connect(str(state.warehouse()), read_only=True)
    try:
        found = con.execute(
            "select code, batch_code, any_value(file_sha order by file_sha), max(likeness), sum(row_count) "
            "from quality.name_proposals group by code, batch_code order by batch_code, code"
        ).fetchall()
        unused = con.execute(
            "select code from quality.name_answers where origin = 'config' "
            "and code not in (select code from quality.answered_names) order by code"
        ).fetchall()
    except duckdb.CatalogException:
        return  # built before names were proposed: the next build says
    finally:
        con.close()
    if found:
        sys.stdout.write(
            f"usulan nama / names to confirm: {len(found)}. Namanya ada di returns/, lembar Usulan nama. / "
            "The names stand in returns/, sheet Usulan nama.\n"
        )
    for code, batch, sha, like, rows in found[:SHOWN]:
        sys.stdout.write(
            f'  "{code}": {_now():%Y-%m-%d}  # {batch}, {sha[:12]}, {rows} baris / rows, '
            f"kemiripan / likeness {like}\n"
        )
    for (code,) in unused:
        sys.stdout.write(f"config/people.yaml: {code} tidak cocok dengan apa pun / fits nothing\n")


def file_received(chosen: argparse.Namespace) -> int:
    """Enter a person's word about a received file; the next build uses it."""
    from siklatih.waiting import ledger_to_write, say  # noqa: PLC0415

    with ledger_to_write() as ledger:
        found = say(ledger, chosen.sha, batch=chosen.batch, provider=chosen.provider, now=_now())
    sys.stdout.write(f"{found[:12]}: dicatat, berlaku pada build berikut / noted, used by the next build\n")
    return 0


def withdraw_received(chosen: argparse.Namespace) -> int:
    """Enter that a received file must not count, or counts again; the next build uses it."""
    from siklatih.waiting import ledger_to_write, withdraw  # noqa: PLC0415

    with ledger_to_write() as ledger:
        found = withdraw(
            ledger, chosen.sha, reason=chosen.reason, said_by=chosen.by, undo=chosen.undo, now=_now()
        )
    what = "berlaku lagi / counts again" if chosen.undo else "ditarik / withdrawn"
    sys.stdout.write(f"{found[:12]}: {what}, mulai build berikut / from the next build on\n")
    return 0


def _now() -> datetime:
    return datetime.now(tz=UTC).replace(tzinfo=None)
