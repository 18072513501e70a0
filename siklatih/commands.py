"""The commands that need no flow: their arguments, and what they print.

Nothing heavy is imported here: ``--help``, ``template`` and ``status`` must answer at once.
"""

from __future__ import annotations

import argparse
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from siklatih.contracts import load_contracts
from siklatih.cycle import Cycle
from siklatih.errors import MendError
from siklatih.settings import get_settings
from siklatih.state import State

if TYPE_CHECKING:
    from siklatih.compose import Composed


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    top = argparse.ArgumentParser(
        prog="siklatih", description="Evaluasi pelatihan ASN / training evaluation for civil servants"
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    demo = commands.add_parser("demo", help="make an invented city and run its last cycle")
    demo.add_argument("--cycle", default="2026Q3", help="the city's last cycle (default 2026Q3)")
    demo.add_argument("--small", action="store_true", help="a city of some 300 people, for a quick look")
    run_ = commands.add_parser("run", help="run the quarterly cycle")
    run_.add_argument("cycle", metavar="CYCLE", help="such as 2026Q3, or previous")
    run_.add_argument("--as-of", metavar="TIME", help="use only what was received by then, with zone (ISO)")
    commands.add_parser("status", help="what has been received, composed and previewed")
    template = commands.add_parser("template", help="write the workbook template of a dataset")
    template.add_argument("dataset", metavar="DATASET")
    template.add_argument("--to", metavar="FILE", help="where to write (default <dataset>.xlsx)")
    return top


def run(chosen: argparse.Namespace) -> int:
    """Run ``status`` or ``template``."""
    return {"status": status, "template": template}[chosen.command](chosen)


def template(chosen: argparse.Namespace) -> int:
    """Write the workbook that an agency fills in for one dataset."""
    from siklatih.templates import write_template  # noqa: PLC0415  (openpyxl)

    contracts = load_contracts(get_settings().config / "contracts")
    contract = contracts.get(chosen.dataset)
    if contract is None:
        known = ", ".join(sorted(contracts))
        raise MendError(
            "unknown_dataset",
            en=f"There is no dataset of that name. Known: {known}.",
            id_=f"Tidak ada set data dengan nama itu. Yang ada: {known}.",
        )
    place = Path(chosen.to or f"{contract.dataset}.xlsx")
    write_template(contract, place, datetime(2026, 1, 1))  # noqa: DTZ001  (a template has no age)
    sys.stdout.write(f"{place}\n")
    return 0


def status(_chosen: argparse.Namespace) -> int:
    """Say what has been received, composed and previewed."""
    from siklatih.ledger import Ledger  # noqa: PLC0415

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
        for folder in sorted(state.editions.glob("*")):
            for edition in ledger.editions(folder.name):
                messages = [d for d in ledger.deliveries(folder.name) if d.edition == edition.number]
                sys.stdout.write(
                    f"{folder.name} edisi / edition {edition.number}: "
                    f"{len(messages)} pratinjau / previews, {folder / str(edition.number)}\n"
                )
    finally:
        ledger.close()
    return 0


def make_city(chosen: argparse.Namespace) -> None:
    """Write the demo city's files into the inbox; the truth about it goes beside the state, for tests."""
    from siklatih.demo.city import Size, write_city  # noqa: PLC0415

    settings = get_settings()
    if settings.demo_seed is None:
        raise MendError(
            "demo_seed",
            en="Set SIKLATIH_DEMO_SEED (any number) and SIKLATIH_HOME (an empty folder), or run `make demo`.",
            id_="Tetapkan SIKLATIH_DEMO_SEED (bilangan apa saja) dan SIKLATIH_HOME (folder kosong), "
            "atau jalankan `make demo`.",
        )
    state = State(settings.home)
    started = time.perf_counter()
    size = Size.SMALL if chosen.small else Size.FULL
    write_city(state.inbox, seed=settings.demo_seed, size=size, last_cycle=Cycle.parse(chosen.cycle))
    count = sum(1 for path in state.inbox.rglob("*") if path.is_file())
    sys.stdout.write(f"kota contoh / demo city: {count} berkas / files")
    sys.stdout.write(f" ({time.perf_counter() - started:.0f} s)\n")


def check_run(chosen: argparse.Namespace) -> datetime | None:
    """Look at what a run needs before anything heavy starts; return ``--as-of`` as a time with its zone.

    Raises:
        MendError: the cycle or the time cannot be read, or a key is missing.
    """
    if chosen.cycle != "previous":
        Cycle.parse(chosen.cycle)
    for purpose in ("pseudonym", "vault"):
        get_settings().secret(purpose)
    if chosen.as_of is None:
        return None
    try:
        as_of = datetime.fromisoformat(chosen.as_of)
    except ValueError:
        as_of = None
    if as_of is None or as_of.tzinfo is None:
        raise MendError(
            "as_of_form",
            en="Write --as-of as an ISO time with its time zone, such as 2026-10-15T05:00+07:00.",
            id_="Tulis --as-of sebagai waktu ISO beserta zona waktu, misalnya 2026-10-15T05:00+07:00.",
        )
    return as_of


def show_places(composed: Composed) -> None:
    """Print where the results are."""
    home = composed.folder.parent.parent.parent
    for label, place in (
        ("HTML", composed.folder / "leaders.html"),
        ("PDF", composed.folder / "leaders.pdf"),
        ("surel / e-mails", composed.preview_folder),
        ("karantina / quarantined rows", home / "returns" / composed.cycle / "quarantine.csv"),
    ):
        sys.stdout.write(f"{label:30} {place}\n")
