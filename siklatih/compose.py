"""Compose: from a warehouse to a frozen edition and the previews of its messages."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

import siklatih
from siklatih.agency import load_agency
from siklatih.cycle import Cycle
from siklatih.delivery import recipients, write_previews
from siklatih.editions import adopt_orphans, freeze, place_for
from siklatih.ledger import Ledger
from siklatih.report.leaders import leaders_report
from siklatih.settings import CHECKOUT, Settings
from siklatih.state import State
from siklatih.vault import Vault


@dataclass(frozen=True)
class Composed:
    """The edition of a run: where it lies, and what a person wants to see first."""

    cycle: str
    number: int
    is_new: bool
    folder: Path
    previews: int
    preview_folder: Path
    key_figures: tuple[tuple[str, str], ...]


def report_digest(settings: Settings) -> str:
    """Return the hash of all code, SQL, templates and configuration that a report depends on."""
    digest = hashlib.sha256(siklatih.__version__.encode())
    for folder, pattern in (
        (CHECKOUT / "siklatih", "**/*.py"),
        (CHECKOUT / "sql", "**/*.sql"),
        (CHECKOUT / "reports" / "templates", "**/*"),
        (settings.config, "**/*.yaml"),
    ):
        for path in sorted(item for item in folder.glob(pattern) if item.is_file()):
            digest.update(path.relative_to(folder).as_posix().encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def compose_edition(
    state: State,
    ledger: Ledger,
    settings: Settings,
    *,
    cycle: Cycle,
    warehouse: Path,
    inputs_sha: str,
    now: datetime,
    run_id: str,
) -> Composed:
    """Compose the leaders' report, freeze the edition, write the previews. Must run under the lock.

    The same inputs give the edition that is already there. ``now`` (naive UTC) and ``run_id`` go to
    the ledger only.
    """
    agency = load_agency(settings.config / "agency.yaml")
    adopt_orphans(state, ledger, cycle=cycle, now=now, run_id=run_id)
    method = report_digest(settings)
    basis = hashlib.sha256(f"{inputs_sha} {method}".encode()).hexdigest()
    number, exists = place_for(ledger, cycle, basis, state)
    con = duckdb.connect(str(warehouse), read_only=True)
    try:
        report = leaders_report(
            con, checkout=CHECKOUT, config=settings.config, cycle=cycle, edition=number, agency=agency
        )
        to = recipients(con, agency.frozen_on(cycle))
    finally:
        con.close()
    if not exists:
        freeze(
            state,
            ledger,
            cycle=cycle,
            number=number,
            files=report.files,
            facts={"inputs": basis, "version": siklatih.__version__, "method": method},
            now=now,
            run_id=run_id,
        )
    folder = state.editions / str(cycle) / str(number)
    vault = Vault(state.vault, settings.secret("vault"))
    try:
        delivered = write_previews(
            state,
            ledger,
            vault,
            agency,
            cycle=cycle,
            edition=number,
            to=to,
            texts={"leaders": report.mail},
            attachment=folder / "leaders.pdf",
            now=now,
        )
    finally:
        vault.close()
    return Composed(
        str(cycle), number, not exists, folder, delivered.written, delivered.folder, report.key_figures
    )
