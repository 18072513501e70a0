"""Files damaged at random are refused with a reason, or read to the last line; they never break the reader.

``make fuzz`` damages 20,000 files; the slow suite a sample. A failure names the number of the file, with
which ``damaged_file`` makes the same one again.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import sys
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from cities import City
from counted_lines import lines_in
from mutations import mutate
from parts import written_rows
from seed_files import config_with_mappings, seed_files

from siklatih.contracts import load_contracts
from siklatih.quality import PartToCheck, check_dataset
from siklatih.reading import Reader, ReadOutcome, ReadPart
from siklatih.settings import CHECKOUT
from siklatih.sources import all_sources

FILES = int(os.environ.get("SIKLATIH_FUZZ_FILES", "600"))
SEED = os.environ.get("SIKLATIH_FUZZ_SEED", "20261123")
BATCH = 300  # files between two runs of the checks, so that their parts fit on the disk
KINDS = {"data", "heading", "blank", "total", "incomplete", "repeat"}
PERSON = re.compile(r"@|\d{18}")
ONE_ROW_A_LINE = {
    "Agency workbook", "Mapped table", "Moodle quiz", "ZKTeco attlog", "ZKTeco CHECKINOUT", "Zoom participants",
}  # fmt: skip

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600 + FILES // 4)]


def damaged_file(number: int, pool: dict[str, bytes]) -> tuple[str, bytes]:
    """The file of that number, and what it was."""
    chance = random.Random(f"{SEED}-{number}")
    sources = sorted({name.partition(":")[0] for name in pool})
    seed = chance.choice([name for name in sorted(pool) if name.startswith(sources[number % len(sources)])])
    done, content = mutate(pool[seed], chance)
    return f"{number}: {seed}, {done}", content


def faults_of_part(source: str | None, part: ReadPart, content: bytes) -> list[str]:
    """What of a part does not add up."""
    rows = written_rows(part.path)
    faults = []
    if len(rows) != part.rows or [row["emit_no"] for row in rows] != [str(n + 1) for n in range(len(rows))]:
        faults.append("rows that were emitted are not those that were written")
    if set(part.lines) - KINDS:
        faults.append(f"lines of an unknown kind: {set(part.lines) - KINDS}")
    data, total = part.lines.get("data", 0), sum(part.lines.values())
    places = [int(row["row_no"]) for row in rows]
    if places != sorted(places) or len(set(places)) > data or any(place < 1 for place in places):
        faults.append("rows do not stand in the lines they name")
    if source in ONE_ROW_A_LINE and (len(rows) != data or len(set(places)) != data):
        faults.append(f"{data} lines with data gave {len(rows)} rows")
    expected = lines_in(source, part.place, content)
    if total not in expected:
        faults.append(f"{total} of {expected} lines are accounted for")
    return faults


def faults_of(outcome: ReadOutcome, content: bytes) -> list[str]:
    """What of an answer is not as promised."""
    if outcome.refusal is None:
        return [
            *([] if outcome.parts else ["neither read nor refused"]),
            *(fault for part in outcome.parts for fault in faults_of_part(outcome.source, part, content)),
        ]
    refusal = outcome.refusal
    faults = [refusal.code] if refusal.code in ("reader_died", "reader_fault", "reader_slow") else []
    if refusal.en == refusal.id_ or not refusal.en.strip() or not refusal.id_.strip():
        faults.append("a refusal in one language")
    if PERSON.search(str(refusal)):
        faults.append("a refusal that may hold a person")
    return faults


def unaccounted(kept: dict[str, list[tuple[str, PartToCheck, int]]], out: Path) -> list[str]:
    """Check all parts as a run does; rows must be accepted, quarantined or doubles, each exactly once."""
    contracts = load_contracts(CHECKOUT / "config" / "contracts")
    faults = []
    for dataset, parts in sorted(kept.items()):
        fates = check_dataset(contracts[dataset], [part for _, part, _ in parts], out)
        for what, part, rows in parts:
            fate = fates[part.file_sha, part.part_no]
            if not fate.rows == rows == fate.accepted + fate.quarantined + fate.duplicate:
                faults.append(f"{what}: {rows} rows became {fate}")
    return faults


def test_damaged_files_are_answered_and_accounted_for(city: City, tmp_path: Path) -> None:
    config = config_with_mappings(tmp_path)
    pool = seed_files(city, config, tmp_path)
    assert {name.partition(":")[0] for name in pool} == {source.NAME for source in all_sources()} - {
        "Returned"
    }
    faults: list[str] = []
    answers: Counter[str] = Counter()
    with Reader(key=bytes(32), config=config, memory_bytes=2 << 30, seconds=60) as reader:
        for first in range(0, FILES, BATCH):
            place = tmp_path / "batch"
            place.mkdir()
            kept: dict[str, list[tuple[str, PartToCheck, int]]] = defaultdict(list)
            for number in range(first, min(first + BATCH, FILES)):
                what, content = damaged_file(number, pool)
                (place / "file").write_bytes(content)
                out = place / str(number)
                out.mkdir()
                outcome = reader.read(place / "file", "file", out)
                answers["read" if outcome.refusal is None else outcome.refusal.code] += 1
                faults += [f"{what}: {fault}" for fault in faults_of(outcome, content)]
                for part_no, part in enumerate(outcome.parts):
                    to_check = PartToCheck(str(number), part_no, part.dataset, part.place, part.path)
                    kept[part.dataset].append((what, to_check, part.rows))
            faults += unaccounted(kept, place)
            shutil.rmtree(place)
    sys.stdout.write(f"\n{FILES} damaged files of {len(pool)} kinds: {dict(answers.most_common())}\n")
    assert faults == []
    assert min(answers["read"], FILES - answers["read"]) > FILES // 20
