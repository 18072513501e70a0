"""Files damaged at random are refused with a reason, or read to the last line; they never break the reader.

``make fuzz`` damages 20,000 files; the slow suite a sample. A failure names the number of the file, with
which ``damaged_file`` makes the same one again.
"""

from __future__ import annotations

import csv
import io
import os
import random
import re
import shutil
import sys
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from cities import City
from mutations import mutate
from parts import written_rows
from python_calamine import CalamineWorkbook

from siklatih.contracts import load_contracts
from siklatih.errors import MendError
from siklatih.guard import inspect
from siklatih.limits import Limits
from siklatih.quality import PartToCheck, check_dataset
from siklatih.reading import Reader, ReadOutcome, ReadPart
from siklatih.settings import CHECKOUT
from siklatih.sources import recognise_file
from siklatih.sources.protocol import HEAD_BYTES, SourceFile

FILES = int(os.environ.get("SIKLATIH_FUZZ_FILES", "600"))
SEED = os.environ.get("SIKLATIH_FUZZ_SEED", "20261123")
BATCH = 300  # files between two runs of the checks, so that their parts fit on the disk
KINDS = {"data", "heading", "blank", "total", "incomplete", "repeat"}
PERSON = re.compile(r"@|\d{18}")
ONE_ROW_A_LINE = {"Agency workbook", "Zoom participants"}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600 + FILES // 4)]


def seeds(city: City) -> dict[str, bytes]:
    """A file of every kind that the city writes: each source's, and each name without its numbers."""
    found: dict[str, bytes] = {}
    for path in sorted(city.inbox.rglob("*")):
        if not path.is_file() or path.stat().st_size == 0:
            continue
        content = path.read_bytes()
        kind = f"{path.parent.name}/{re.sub(r'[0-9].*', '', path.stem)}{path.suffix}"
        try:
            # the city plants files that end the process that parses them; this process is the tests' own
            inspect(path, len(content), content[:HEAD_BYTES], Limits())
            source, _ = recognise_file(SourceFile(path, path.name, len(content), content[:HEAD_BYTES]))
        except MendError:
            continue
        found.setdefault(f"{source.NAME}: {kind}", content)
    return found


def damaged_file(number: int, pool: dict[str, bytes]) -> tuple[str, bytes]:
    """The file of that number, and what it was."""
    chance = random.Random(f"{SEED}-{number}")
    sources = sorted({name.partition(":")[0] for name in pool})
    seed = chance.choice([name for name in sorted(pool) if name.startswith(sources[number % len(sources)])])
    done, content = mutate(pool[seed], chance)
    return f"{number}: {seed}, {done}", content


def text_of(content: bytes) -> str:
    """The text of a file that was read: by its mark, else UTF-8, else Windows-1252."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252")


def lines_in(source: str | None, part: ReadPart, content: bytes) -> int | None:
    """How many lines the file has, counted apart from the source; None if that cannot be told."""
    if source == "Agency workbook" and content.startswith((b"PK", b"\xd0\xcf")):
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = [name for name in book.sheet_names if part.place == f"lembar {name}"]
        return len(book.get_sheet_by_name(names[0]).to_python(skip_empty_area=False))
    if source == "Moodle attendance" and not content.startswith(b"PK"):
        return len(text_of(content).removesuffix("\n").split("\n"))
    if source in ("Zoom participants", "LimeSurvey"):
        text = text_of(content)
        comma = source == "Zoom participants" or text.split("\n", 1)[0].count(";") < 3
        return sum(1 for _ in csv.reader(io.StringIO(text, newline=""), delimiter="," if comma else ";"))
    return None


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
    expected = lines_in(source, part, content)
    if expected is not None and total != expected:
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
    faults = [refusal.code] if refusal.code in ("reader_died", "reader_slow") else []
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
    pool = seeds(city)
    assert {name.partition(":")[0] for name in pool} >= {
        "Agency workbook", "LimeSurvey", "Moodle attendance", "Zoom participants",
    }  # fmt: skip
    faults: list[str] = []
    answers: Counter[str] = Counter()
    with Reader(key=bytes(32), config=CHECKOUT / "config", memory_bytes=2 << 30, seconds=60) as reader:
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
