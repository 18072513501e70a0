"""From the inbox to ``accepted/``: land, read in a child process, check; only what is new.

A file that cannot be read is refused whole, with a reason; the run goes on with the others.
"""

from __future__ import annotations

import logging
import shutil
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from siklatih.archives import bounds_of
from siklatih.contracts import Contract, load_contracts
from siklatih.identity import Pseudonymiser
from siklatih.landing import LandingReport, given_name, land_inbox, original
from siklatih.ledger import Ledger
from siklatih.quality import PartOutcome, PartToCheck, check_dataset
from siklatih.reading import Reader, ReadOutcome
from siklatih.settings import Settings
from siklatih.state import State
from siklatih.store import Manifest, PartRecord, Store, method_digest
from siklatih.vault import Vault

_LOG = logging.getLogger(__name__)


@dataclass
class IngestReport:
    """What one ingest did. ``files_read`` and ``suites_run`` are 0 when nothing is new."""

    landing: LandingReport
    files_read: int = 0
    files_refused: int = 0
    suites_run: int = 0
    rows: int = 0
    refusals: dict[str, str] = field(default_factory=dict)  # file hash -> code
    still_withdrawn: dict[str, str] = field(default_factory=dict)  # sent again: file hash -> day withdrawn


def ingest(state: State, ledger: Ledger, settings: Settings, *, now: datetime, run_id: str) -> IngestReport:
    """Take in all that lies in the inbox. ``now`` is naive UTC. Must run under the state's lock."""
    key = settings.secret("pseudonym")
    state.prepare(Pseudonymiser(key).key_id)
    report = IngestReport(
        land_inbox(
            state,
            ledger,
            now=now,
            run_id=run_id,
            bounds=bounds_of(settings),
            quiet_seconds=settings.inbox_quiet_seconds,
        )
    )
    withdrawn = ledger.withdrawn()
    report.still_withdrawn = {
        sha: withdrawn[sha].said_at.date().isoformat() for sha in report.landing.again if sha in withdrawn
    }
    method = method_digest(settings.config, Pseudonymiser(key).key_id, bounds=settings.bounds)
    store = Store(state, method)
    new = [receipt.file_sha for receipt in ledger.receipts() if not store.has(receipt.file_sha)]
    if not new:
        return report
    work = state.scratch / "read"
    outcomes = _read(state, settings, key, new, work)
    report.files_read = len(outcomes)
    contracts = load_contracts(settings.config / "contracts")
    checked, report.suites_run = _check(contracts, outcomes, work)
    for file_sha, outcome in outcomes.items():
        manifest = _manifest(file_sha, outcome, checked)
        made = work / f"{file_sha}-made"
        made.mkdir()
        for part in manifest.parts:
            for suffix in ("", "-quarantine"):
                name = f"{file_sha}-{part.part_no}{suffix}.parquet"
                shutil.move(work / name, made / f"{part.part_no}{suffix}.parquet")
            report.rows += part.rows
        if manifest.returned_from is not None:  # before the outcome, which would not be read again
            ledger.add_replay(file_sha, manifest.returned_from, manifest.returned_cycle)
        store.keep(manifest, made)
        if manifest.refusal is not None:
            report.refusals[file_sha] = manifest.refusal["code"]
    report.files_refused = len(report.refusals)
    _LOG.info("read %d files, refused %d, %d rows", report.files_read, report.files_refused, report.rows)
    return report


def _read(
    state: State, settings: Settings, key: bytes, new: Sequence[str], work: Path
) -> dict[str, ReadOutcome]:
    outcomes = {}
    vault = Vault(state.vault, settings.secret("vault"))
    try:
        with Reader(
            key=key,
            config=settings.config,
            memory_bytes=settings.reader_memory_mb * 1024 * 1024,
            seconds=settings.reader_seconds,
            limits=settings.limits(),
        ) as reader:
            for file_sha in new:
                out = work / file_sha
                out.mkdir(parents=True)
                outcome = reader.read(original(state, file_sha), given_name(state, file_sha), out)
                vault.keep(outcome.identities)
                outcomes[file_sha] = outcome
    finally:
        vault.close()
    return outcomes


def _check(
    contracts: Mapping[str, Contract], outcomes: Mapping[str, ReadOutcome], work: Path
) -> tuple[dict[tuple[str, int], PartOutcome], int]:
    parts: dict[str, list[PartToCheck]] = defaultdict(list)
    for file_sha, outcome in outcomes.items():
        for number, part in enumerate(outcome.parts):
            parts[part.dataset].append(PartToCheck(file_sha, number, part.dataset, part.place, part.path))
    checked: dict[tuple[str, int], PartOutcome] = {}
    for dataset in sorted(parts):
        checked |= check_dataset(contracts[dataset], parts[dataset], work)
    return checked, len(parts)


def _manifest(
    file_sha: str, outcome: ReadOutcome, checked: Mapping[tuple[str, int], PartOutcome]
) -> Manifest:
    origin = (outcome.origin.get("original"), outcome.origin.get("cycle"))
    if outcome.refusal is not None:
        refusal = outcome.refusal.as_dict()
        return Manifest(file_sha, outcome.source, refusal, (), *origin, provider=outcome.provider)
    records = []
    for number, part in enumerate(outcome.parts):
        fate = checked[file_sha, number]
        exported = part.exported_at.isoformat(sep=" ") if part.exported_at else None
        records.append(
            PartRecord(
                part_no=number,
                dataset=part.dataset,
                place=part.place,
                exported_at=exported,
                lines=part.lines,
                rows=fate.rows,
                accepted=fate.accepted,
                quarantined=fate.quarantined,
                duplicate=fate.duplicate,
                warnings=fate.warnings,
                notes=part.notes,
            )
        )
    return Manifest(
        file_sha,
        outcome.source,
        None,
        tuple(records),
        *origin,
        provider=outcome.provider,
        name_answers=dict(outcome.answers),
    )
