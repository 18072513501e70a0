"""The main job without a scheduler: accepted rows to warehouse, warehouse to figures."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from siklatih.agency import load_agency
from siklatih.confirmations import collect_answers
from siklatih.contracts import load_contracts
from siklatih.cycle import Cycle
from siklatih.errors import MendError
from siklatih.filing import FilingHints
from siklatih.identity import Pseudonymiser
from siklatih.instruments import load_instruments
from siklatih.ledger import Ledger, Receipt
from siklatih.metrics import measure, read_catalogue
from siklatih.people import NameAnswer
from siklatih.proposals import Opener, propose
from siklatih.replays import FileOutcome
from siklatih.returning.files import write_file_returns
from siklatih.returns import write_returns
from siklatih.settings import CHECKOUT, Settings
from siklatih.settling import settle
from siklatih.state import State
from siklatih.store import Store, method_digest
from siklatih.vault import Vault
from siklatih.warehouse import as_plain, build_layers, load_settings_tables, read_models, swap_in

_LOG = logging.getLogger(__name__)
CYCLES_SHOWN = 8


@dataclass(frozen=True)
class BuildReport:
    """What was built. ``inputs_sha`` names the files and the method the warehouse came from."""

    warehouse: Path
    inputs_sha: str
    files: int
    rows_read: int
    rows_accepted: int
    rows_quarantined: int
    figures: int


def build(
    state: State, ledger: Ledger, settings: Settings, *, cycle: Cycle, as_of: datetime | None = None
) -> BuildReport:
    """Build the warehouse from all files received (by ``as_of``, naive UTC) and measure eight cycles.

    The same files give the same table contents, in whatever order they came. Must run under the lock.

    Raises:
        MendError: a received file has not been read by the present contracts and readers; leaving it out
            in silence would lose its rows.
    """
    key_id = Pseudonymiser(settings.secret("pseudonym")).key_id
    method = method_digest(settings.config, key_id, bounds=settings.bounds)
    store = Store(state, method)
    receipts = ledger.receipts(as_of)
    unread = sum(1 for receipt in receipts if not store.has(receipt.file_sha))
    if unread:
        raise MendError(
            "not_read",
            en=f"{unread} received files have not been read by the present contracts. Run the ingest first.",
            id_=f"{unread} berkas yang diterima belum dibaca menurut kontrak kini. Jalankan ingest dahulu.",
        )
    said = ledger.filings(as_of)
    hints = FilingHints(
        tuple((word.file_sha, word.batch_code) for word in said if word.batch_code),
        tuple(ledger.folders(as_of)),
    )
    withdrawn = ledger.withdrawn(as_of)
    words = {word.file_sha: word.provider for word in said if word.provider}
    files = [_outcome(store, receipt, words.get(receipt.file_sha), withdrawn) for receipt in receipts]
    inputs = hashlib.sha256(method.encode())
    for file in files:
        inputs.update(f"{file.manifest.file_sha} {file.modified_at.isoformat()} {file.provider}\n".encode())
    for file_sha, code in (*hints.words, *hints.folders):
        inputs.update(f"{file_sha} in {code}\n".encode())
    for file_sha in withdrawn:
        inputs.update(f"{file_sha} withdrawn\n".encode())
    on = None if as_of is None else as_of.replace(tzinfo=UTC).astimezone(ZoneInfo(settings.zone)).date()
    counted = [file for file in files if not file.is_withdrawn]
    answers = collect_answers(counted, settings.config / "people.yaml", on)
    for answer in answers:
        inputs.update(f"name {answer.code} {answer.answer}\n".encode())
    target = state.warehouse(None if as_of is None else as_of.isoformat())
    cycles = [cycle.shift(-back) for back in range(CYCLES_SHOWN - 1, -1, -1)]
    vault = Vault(state.vault, settings.secret("vault"))
    try:
        swap_in(
            target,
            settings.threads,
            lambda con: _fill(con, settings, files, hints, answers, vault.open_all, cycles),
        )
        if as_of is None:  # a look at the past must not overwrite what senders are to mend now
            write_returns(state, target, cycle)
            received = {receipt.file_sha: receipt.modified_at for receipt in receipts}
            write_file_returns(
                state,
                target,
                cycle,
                config=settings.config,
                received=received,
                vault=vault,
            )
    finally:
        vault.close()
    return _report(target, inputs.hexdigest(), len(files))


def _outcome(store: Store, receipt: Receipt, word: str | None, withdrawn: Collection[str]) -> FileOutcome:
    sha = receipt.file_sha
    manifest = store.manifest(sha)
    # a workbook may have been copied from another office's, so a person's word corrects what it says
    provider = word or manifest.provider or receipt.provider
    return FileOutcome(manifest, store.place(sha), provider, receipt.modified_at, sha in withdrawn)


def _fill(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    files: Sequence[FileOutcome],
    hints: FilingHints,
    answers: Sequence[NameAnswer],
    open_names: Opener,
    cycles: Sequence[Cycle],
) -> None:
    con.execute("create macro cycle_of(day) as strftime(day, '%Y') || 'Q' || quarter(day)")
    agency = load_agency(settings.config / "agency.yaml")
    items = [
        {
            "instrument_code": instrument.code,
            "instrument_version": instrument.version,
            "item_code": item.code,
            "subscale": item.subscale,
            "scale_min": item.scale[0],
            "scale_max": item.scale[1],
            "is_reversed": item.reversed,
        }
        for _, instrument in sorted(load_instruments(settings.config / "instruments").items())
        if instrument.dataset == "responses"
        for item in instrument.items
    ]
    load_settings_tables(con, items=items, rules=agency.rules)
    settle(con, load_contracts(settings.config / "contracts"), files, hints, answers)
    propose(con, open_names)
    build_layers(con, read_models())
    measure(con, read_catalogue(CHECKOUT / "sql" / "metrics"), cycles)


def _report(warehouse: Path, inputs_sha: str, files: int) -> BuildReport:
    con = duckdb.connect(str(warehouse), read_only=True)
    try:
        counts = con.execute(
            "select coalesce(sum(read), 0), coalesce(sum(accepted), 0), coalesce(sum(quarantined), 0) "
            "from quality.file_summary"
        ).fetchall()[0]
        figures = con.execute("select count(*) from metrics.metric_values").fetchall()[0]
    finally:
        con.close()
    _LOG.info("built from %d files: %d rows, %d accepted, %d quarantined", files, *counts)
    read, accepted, quarantined = (int(count) for count in counts)
    return BuildReport(warehouse, inputs_sha, files, read, accepted, quarantined, int(figures[0]))


def table_hashes(warehouse: Path) -> dict[str, str]:
    """Return the hash of every table's content, rows ordered; for comparing two warehouses."""
    con = duckdb.connect(str(warehouse), read_only=True)
    try:
        tables = con.execute(
            "select table_schema, table_name from information_schema.tables order by 1, 2"
        ).fetchall()
        hashes = {}
        for schema, table in tables:
            digest = hashlib.sha256()
            rows = con.execute(f'select * from "{schema}"."{table}" order by all').fetchall()
            for row in rows:
                digest.update("\x1f".join(as_plain(cell) for cell in row).encode() + b"\n")
            hashes[f"{schema}.{table}"] = digest.hexdigest()
        return hashes
    finally:
        con.close()
