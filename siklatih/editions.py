"""Editions: numbered, frozen sets of reports with a manifest of hashes.

The same content never makes a second edition; other content makes the next number and leaves the
old one as it was.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from siklatih.cycle import Cycle
from siklatih.ledger import Ledger
from siklatih.state import State, publish_folder, write_whole


@dataclass(frozen=True)
class Edition:
    """A frozen edition: its number, its folder and whether this run made it."""

    cycle: Cycle
    number: int
    folder: Path
    is_new: bool


def content_digest(files: Mapping[str, bytes]) -> str:
    """Return the hash of all files, by name."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name} {hashlib.sha256(files[name]).hexdigest()}\n".encode())
    return digest.hexdigest()


def freeze(
    state: State,
    ledger: Ledger,
    *,
    cycle: Cycle,
    number: int,
    files: Mapping[str, bytes],
    facts: Mapping[str, str],
    now: datetime,
    run_id: str,
) -> Edition:
    """Write the files and their manifest to ``editions/<cycle>/<number>/``, then enter the ledger.

    Args:
        files: name -> content. ``facts``: what goes into the manifest besides the hashes (inputs,
            versions); never a clock or a run id. ``now`` (naive UTC) and ``run_id`` go to the ledger only.
    """
    manifest = {
        "cycle": str(cycle),
        "edition": number,
        "files": {name: hashlib.sha256(files[name]).hexdigest() for name in sorted(files)},
        **dict(sorted(facts.items())),
    }
    made = state.scratch / f"edition-{cycle}-{number}"
    shutil.rmtree(made, ignore_errors=True)
    for name, content in files.items():
        write_whole(made / name, content)
    write_whole(made / "manifest.json", (json.dumps(manifest, indent=1) + "\n").encode())
    folder = state.editions / str(cycle) / str(number)
    publish_folder(made, folder)
    ledger.add_edition(str(cycle), number, content_digest(files), now, run_id)
    return Edition(cycle, number, folder, is_new=True)


def adopt_orphans(state: State, ledger: Ledger, *, cycle: Cycle, now: datetime, run_id: str) -> None:
    """Enter editions that a killed run had put in place but not yet written in the ledger."""
    known = {row.number for row in ledger.editions(str(cycle))}
    folder = state.editions / str(cycle)
    numbers = sorted(int(path.name) for path in folder.glob("*") if path.name.isdigit())
    for number in numbers:
        if number in known:
            continue
        manifest = json.loads((folder / str(number) / "manifest.json").read_text(encoding="utf-8"))
        files = {name: (folder / str(number) / name).read_bytes() for name in manifest["files"]}
        ledger.add_edition(str(cycle), number, content_digest(files), now, run_id)


def place_for(ledger: Ledger, cycle: Cycle, inputs_sha: str, state: State) -> tuple[int, bool]:
    """Return the edition's number for these inputs, and whether it exists already.

    An edition is the same when it was composed from the same inputs; its number is printed in it,
    so its own bytes cannot tell.
    """
    numbers = [row.number for row in ledger.editions(str(cycle))]
    for number in reversed(numbers):
        place = state.editions / str(cycle) / str(number) / "manifest.json"
        if json.loads(place.read_text(encoding="utf-8"))["inputs"] == inputs_sha:
            return number, True
    return max(numbers, default=0) + 1, False
