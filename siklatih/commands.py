"""The commands that need no flow: their arguments, and what they print.

Nothing heavy is imported here: ``--help``, ``template`` and ``status`` must answer at once.
"""

from __future__ import annotations

import argparse
import atexit
import os
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from siklatih.contracts import load_contracts
from siklatih.cycle import Cycle
from siklatih.errors import MendError
from siklatih.settings import get_settings
from siklatih.state import State, write_whole
from siklatih.status import file_received, show_status, withdraw_received

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
    commands.add_parser("status", help="what has been received, what waits to be mended, what was composed")
    check = commands.add_parser(
        "check",
        help="check files before they are sent; nothing is kept",
        description="Exit code: 0 all is well, 1 rows would be put aside, 2 a file would be refused.",
    )
    check.add_argument("files", metavar="FILE", nargs="+", type=Path)
    check.add_argument("--no-return", action="store_true", help="do not write <name>-perbaikan.xlsx")
    mailbox_ = commands.add_parser("mailbox", help="take in files that arrived by e-mail, and answer them")
    mailbox_.add_argument(
        "--answer-again", metavar="KEY", help="first release a reply that failed or is in doubt"
    )
    file_ = commands.add_parser("file", help="say to which batch a received file belongs, or who gave it")
    file_.add_argument("sha", metavar="SHA", help="the file's SHA-256, or its first 8 characters or more")
    file_.add_argument("--batch", metavar="CODE", help="the batch it belongs to")
    file_.add_argument("--provider", metavar="NAME", help="who gave it")
    withdraw = commands.add_parser(
        "withdraw", help="say that a received file must not count; nothing is deleted"
    )
    withdraw.add_argument("sha", metavar="SHA", help="the file's SHA-256, or its first 8 characters or more")
    withdraw.add_argument("--reason", metavar="TEXT", required=True, help="why; write no names or numbers")
    withdraw.add_argument("--by", metavar="ROLE", help="who says so, as a role: pengelola data")
    withdraw.add_argument("--undo", action="store_true", help="the file counts again")
    draft = commands.add_parser(
        "map",
        help="draft the mapping of a form or table that is not known, to be reviewed",
        description="Writes <code>.yaml.draft beside the file; nothing is put into the configuration.",
    )
    draft.add_argument("file", metavar="FILE", type=Path)
    draft.add_argument("--to", metavar="PATH", type=Path, help="where to write the draft")
    draft.add_argument("--heading", metavar="ROW", type=int, help="the row of the heading, of a table")
    kind = draft.add_mutually_exclusive_group()
    kind.add_argument("--dataset", metavar="NAME", help="the dataset that the table holds")
    kind.add_argument("--instrument", metavar="CODE", help="the questionnaire that the form asks")
    template = commands.add_parser("template", help="write the workbook template of a dataset")
    template.add_argument("dataset", metavar="DATASET")
    template.add_argument("--to", metavar="FILE", help="where to write (default <dataset>.xlsx)")
    template.add_argument(
        "--batch",
        metavar="CODE",
        help="attendance only: the sign-in sheet of a batch (PDF) and the workbook to type it into",
    )
    return top


def run(chosen: argparse.Namespace) -> int:
    """Run one of the commands that need no flow."""
    known = {
        "status": show_status,
        "file": file_received,
        "withdraw": withdraw_received,
        "template": template,
        "map": map_,
        "check": check,
        "mailbox": mailbox,
    }
    return known[chosen.command](chosen)


def mailbox(chosen: argparse.Namespace) -> int:
    """Fetch, ingest and answer, as the flow does; no server of Prefect's is needed."""
    from siklatih.mail.command import run_mailbox  # noqa: PLC0415  (Great Expectations)

    atexit.register(_end_quietly)
    return run_mailbox(chosen.answer_again)


def check(chosen: argparse.Namespace) -> int:
    """Check files as an ingest would, without landing them; say how each fares."""
    from siklatih.checking import check_files  # noqa: PLC0415  (Great Expectations)
    from siklatih.verdicts import say  # noqa: PLC0415

    atexit.register(_end_quietly)
    worst = 0
    for verdict in check_files(chosen.files, get_settings(), write_return=not chosen.no_return):
        say(verdict, sys.stdout)
        worst = max(worst, verdict.code)
    return worst


def map_(chosen: argparse.Namespace) -> int:
    """Draft the mapping of a file that is not known."""
    from siklatih.drafting.command import map_file  # noqa: PLC0415  (the reading process)

    return map_file(chosen)


def template(chosen: argparse.Namespace) -> int:
    """Write the workbook that an agency fills in for one dataset; for a batch its sign-in sheet as well."""
    from siklatih.templates import NO_AGE, template_book  # noqa: PLC0415  (openpyxl)
    from siklatih.workbooks import made_bytes  # noqa: PLC0415

    contracts = load_contracts(get_settings().config / "contracts")
    contract = contracts.get(chosen.dataset)
    if contract is None:
        known = ", ".join(sorted(contracts))
        raise MendError(
            "unknown_dataset",
            en=f"There is no dataset of that name. Known: {known}.",
            id_=f"Tidak ada set data dengan nama itu. Yang ada: {known}.",
        )
    if chosen.batch is not None:
        from siklatih.paper import paper_files  # noqa: PLC0415  (DuckDB, fonts)

        files = paper_files(get_settings(), contract, chosen.batch, chosen.to)
    else:
        files = {Path(chosen.to or f"{contract.dataset}.xlsx"): made_bytes(template_book(contract), NO_AGE)}
    for place in files:
        if place.exists():  # perhaps the one that somebody has filled in
            raise MendError(
                "exists",
                en=f"{place} is already there and stays as it is. Name another file with --to.",
                id_=f"{place} sudah ada dan dibiarkan. Sebut berkas lain dengan --to.",
            )
    for place, content in files.items():
        _write_new(place, content)
        sys.stdout.write(f"{place}\n")
    return 0


def _write_new(place: Path, content: bytes) -> None:
    try:
        write_whole(place, content)
    except OSError as error:
        raise MendError(
            "cannot_write",
            en=f"{place} cannot be written ({error.strerror}). Name another file with --to.",
            id_=f"{place} tidak dapat ditulis ({error.strerror}). Sebut berkas lain dengan --to.",
        ) from error


def _end_quietly() -> None:
    """Close standard error at the very end, where DuckDB's binding would list what others never gave back."""
    sys.stderr.flush()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def check_settings() -> None:
    """Read the settings once.

    Raises:
        MendError: one of them cannot be used. Its value is not repeated: it may be a secret.
    """
    from pydantic import ValidationError  # noqa: PLC0415

    try:
        get_settings()
    except ValidationError as error:
        names = ", ".join(
            sorted({"SIKLATIH_" + "_".join(map(str, fault["loc"])).upper() for fault in error.errors()})
        )
        raise MendError(
            "settings",
            en=f"This setting cannot be used: {names}. See .env.example.",
            id_=f"Pengaturan ini tidak dapat dipakai: {names}. Lihat .env.example.",
        ) from None


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
    last = Cycle.parse(chosen.cycle)
    _claim_for_demo(state, f"{settings.demo_seed} {size.name} {last}\n")
    write_city(state.inbox, seed=settings.demo_seed, size=size, last_cycle=last)
    count = sum(1 for path in state.inbox.rglob("*") if path.is_file())
    sys.stdout.write(f"kota contoh / demo city: {count} berkas / files")
    sys.stdout.write(f" ({time.perf_counter() - started:.0f} s)\n")


def _claim_for_demo(state: State, city: str) -> None:
    """Keep invented people out of a folder with real ones, and two cities apart: note whose folder it is."""
    note = state.home / "demo.city"
    if note.exists():
        is_ours = note.read_text(encoding="ascii") == city
    else:
        is_ours = not any(item.is_file() for item in state.home.rglob("*")) or _has_demo_key(state)
    if not is_ours:
        raise MendError(
            "not_the_demos",
            en=f"{state.home} already holds other data. Set SIKLATIH_HOME to an empty folder for this city.",
            id_=f"{state.home} sudah berisi data lain. "
            "Tetapkan SIKLATIH_HOME ke folder kosong untuk kota contoh ini.",
        )
    write_whole(note, city.encode())


def _has_demo_key(state: State) -> bool:
    from siklatih.identity import Pseudonymiser  # noqa: PLC0415

    key = state.home / "key.id"
    demo = Pseudonymiser(get_settings(pseudonym_key=None).secret("pseudonym"))
    return key.exists() and key.read_text(encoding="ascii") == demo.key_id


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
        if place.exists():
            sys.stdout.write(f"{label:30} {place}\n")
