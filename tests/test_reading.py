"""The reading process: nobody's name gets out of it, and a file that kills it is refused, not the run."""

from __future__ import annotations

import csv
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook

from siklatih.identity import Pseudonymiser
from siklatih.reading import Reader, ReadOutcome
from siklatih.settings import CHECKOUT

KEY = bytes(range(32))
NIP, NAME, ADDRESS = "198001012006041001", "Rangga Contohwan", "rangga.contohwan@example.org"
MOODLE = (
    "Course\tPelatihan\nGroup\tP01-A1\n\n"
    "Last name\tFirst name\tID number\tEmail address\t12 Aug 2026 08.00AM All students\n"
    f"Contohwan\tRangga\t{NIP}\t{ADDRESS}\tP (2/2)\n"
)


def reader(*, megabytes: int = 1024, seconds: int = 30) -> Reader:
    return Reader(key=KEY, config=CHECKOUT / "config", memory_bytes=megabytes << 20, seconds=seconds)


def read_one(open_reader: Reader, folder: Path, content: bytes, name: str) -> ReadOutcome:
    path = folder / name
    path.write_bytes(content)
    out = folder / f"{name}-out"
    out.mkdir()
    return open_reader.read(path, name, out)


def stakeholders(folder: Path) -> bytes:
    book = Workbook()
    book.active.title = "stakeholders"
    book.active.append(["email", "name", "audience", "scope_kind", "scope_code", "language", "active_from"])
    book.active.append([ADDRESS, NAME, "leaders", "city", "city", "id", "2026-01-01"])
    book.save(folder / "s.xlsx")
    return (folder / "s.xlsx").read_bytes()


def far_cell(folder: Path) -> bytes:
    """One stray cell in the last corner of the sheet: a few kilobytes that ask for half a terabyte."""
    book = Workbook()
    book.active.title = "stakeholders"
    book.active.append(["email"])
    book.active["XFD1048576"] = "x"
    book.save(folder / "far.xlsx")
    return (folder / "far.xlsx").read_bytes()


def test_identifiers_leave_the_process_as_pseudonyms_only(tmp_path: Path) -> None:
    with reader() as opened:
        outcome = read_one(opened, tmp_path, MOODLE.encode(), "a.txt")
    (part,) = outcome.parts
    written = b"".join(path.read_bytes() for path in part.csv.parent.iterdir())
    assert NIP.encode() not in written
    assert ADDRESS.encode() not in written
    with part.csv.open(encoding="utf-8", newline="") as handle:
        (row,) = list(csv.DictReader(handle))
    assert row["nip_key"] == Pseudonymiser(KEY).nip(NIP)
    assert row["email_key"] == Pseudonymiser(KEY).email(ADDRESS)
    assert row["row_no"] == "5"
    assert outcome.identities == {}


def test_only_stakeholders_addresses_are_handed_to_the_vault(tmp_path: Path) -> None:
    with reader() as opened:
        outcome = read_one(opened, tmp_path, stakeholders(tmp_path), "b.xlsx")
    assert outcome.identities == {Pseudonymiser(KEY).email(ADDRESS): ADDRESS}
    assert NAME not in repr(outcome)
    assert ADDRESS not in repr(outcome)


def test_a_stray_cell_far_away_is_a_refusal_and_the_next_file_is_read(tmp_path: Path) -> None:
    with reader() as opened:
        first = read_one(opened, tmp_path, far_cell(tmp_path), "f.xlsx")
        second = read_one(opened, tmp_path, MOODLE.encode(), "a.txt")
    assert first.refusal is not None
    assert first.refusal.code in ("reader_died", "sheet_too_large")
    assert first.parts == ()
    assert len(second.parts) == 1


def large_moodle() -> bytes:
    head = MOODLE.splitlines()
    return ("\n".join([*head[:4], *([head[4]] * 400_000)]) + "\n").encode()


def test_a_file_that_takes_too_long_is_refused_and_the_next_is_read(tmp_path: Path) -> None:
    with reader(seconds=1) as opened:
        slow = read_one(opened, tmp_path, large_moodle(), "slow.txt")
        next_ = read_one(opened, tmp_path, MOODLE.encode(), "a.txt")
    assert slow.refusal is not None
    assert slow.refusal.code in ("reader_slow", "reader_died")  # the clock, or the limit of processor time
    assert len(next_.parts) == 1


def test_a_file_that_takes_too_much_memory_is_refused_and_the_next_is_read(tmp_path: Path) -> None:
    with reader(megabytes=220) as opened:
        large = read_one(opened, tmp_path, large_moodle(), "large.txt")
        next_ = read_one(opened, tmp_path, MOODLE.encode(), "a.txt")
    assert large.refusal is not None
    assert large.refusal.code == "reader_died"
    assert len(next_.parts) == 1


def children_of(process: int) -> list[int]:
    listed = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split()
    return [int(child) for child in listed]


def kill_when_there(find: Callable[[], list[int]], killed: list[int]) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        for process in find():
            os.kill(process, signal.SIGKILL)
            killed.append(process)
            return
        time.sleep(0.002)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux's /proc to find the child")
def test_a_child_killed_while_it_reads_is_a_refusal_of_its_file(tmp_path: Path) -> None:
    killed: list[int] = []
    with reader() as opened:
        process = opened._process
        assert process is not None
        read_one(opened, tmp_path, MOODLE.encode(), "warm.txt")
        killer = threading.Thread(target=kill_when_there, args=(lambda: children_of(process.pid), killed))
        killer.start()
        hit = read_one(opened, tmp_path, large_moodle(), "hit.txt")
        killer.join()
        after = read_one(opened, tmp_path, MOODLE.encode(), "after.txt")
    assert len(killed) == 1
    assert hit.refusal is not None
    assert hit.refusal.code == "reader_died"
    assert len(after.parts) == 1
