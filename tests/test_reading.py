"""The reading process: nobody's name gets out of it, and a file that kills it is refused, not the run."""

from __future__ import annotations

import csv
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook

from siklatih.contracts import load_contracts
from siklatih.errors import MendError
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
    written = b"".join(path.read_bytes() for path in part.path.parent.iterdir())
    assert NIP.encode() not in written
    assert ADDRESS.encode() not in written
    with part.path.open(encoding="utf-8", newline="") as handle:
        (row,) = list(csv.DictReader(handle))
    assert row["nip_key"] == Pseudonymiser(KEY).nip(NIP)
    assert row["email_key"] == Pseudonymiser(KEY).email(ADDRESS)
    assert row["row_no"] == "5"
    (kept,) = outcome.identities.items()  # a name that nobody bears is to be compared with those enrolled
    assert kept == (row["name_key"], "Rangga Contohwan")


ZOOM = (
    "Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants\r\n"
    "897 5877 6500,Kelas,08/12/2026 07:50:00 AM,08/12/2026 11:10:00 AM,host@example.org,200,3\r\n"
    ",,,,,,\r\n"
    "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest,Recording Consent\r\n"
    f"Peserta 7 ({NAME}),{ADDRESS},08/12/2026 08:00:00 AM,08/12/2026 12:30:00 PM,271,No,\r\n"
)


def roster(folder: Path, nip: str) -> bytes:
    contract = load_contracts(CHECKOUT / "config" / "contracts")["roster"]
    cells = {"nip": nip, "name": NAME, "valid_from": "2026-01-01", "status": "PNS", "unit_code": "OPD-01"}
    book = Workbook()
    book.active.title = contract.title_id
    book.active.append([column.title_id for column in contract.columns])
    book.active.append([cells.get(column.name) for column in contract.columns])
    book.save(folder / "roster.xlsx")
    return (folder / "roster.xlsx").read_bytes()


def written_by(outcome: ReadOutcome) -> bytes:
    assert outcome.refusal is None, outcome.refusal
    return b"".join(path.read_bytes() for path in outcome.parts[0].path.parent.iterdir())


def no_person_in(content: bytes) -> bool:
    folded = content.decode("utf-8").casefold()
    return not any(word in folded for word in (NIP, NIP[:8], *NAME.casefold().split(), "example.org", "@"))


def rows_of(outcome: ReadOutcome) -> list[dict[str, str]]:
    (part,) = outcome.parts
    with part.path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_no_source_lets_a_number_name_or_address_into_what_it_writes(tmp_path: Path) -> None:
    """All bytes of all that is written for the four sources that hold people."""
    with reader() as opened:
        outcomes = {
            "attendance": read_one(opened, tmp_path, MOODLE.encode(), "a.txt"),
            "presence": read_one(opened, tmp_path, ZOOM.encode(), "z.csv"),
            "stakeholders": read_one(opened, tmp_path, stakeholders(tmp_path), "s-in.xlsx"),
            "roster": read_one(opened, tmp_path, roster(tmp_path, NIP), "r.xlsx"),
        }
    for dataset, outcome in outcomes.items():
        assert outcome.parts[0].dataset == dataset
        assert outcome.parts[0].rows == len(rows_of(outcome)) == 1
        assert no_person_in(written_by(outcome)), dataset
    keys = Pseudonymiser(KEY)
    assert rows_of(outcomes["presence"])[0]["name_key"] == keys.name(NAME)
    assert rows_of(outcomes["presence"])[0]["email_key"] == keys.email(ADDRESS)
    assert rows_of(outcomes["stakeholders"])[0]["email_key"] == keys.email(ADDRESS)
    assert rows_of(outcomes["roster"])[0]["name_key"] == keys.name(NAME)


@pytest.mark.parametrize("shown", [NIP, "19800101 200604 1 001", "19800101.200604.1-001", f" {NIP} "])
def test_one_person_has_one_pseudonym_in_all_files_however_it_is_written(tmp_path: Path, shown: str) -> None:
    with reader() as opened:
        moodle = read_one(opened, tmp_path, MOODLE.replace(NIP, shown).encode(), "a.txt")
        book = read_one(opened, tmp_path, roster(tmp_path, shown), "r.xlsx")
        zoom = read_one(opened, tmp_path, ZOOM.replace(ADDRESS, ADDRESS.upper()).encode(), "z.csv")
    keys = Pseudonymiser(KEY)
    assert rows_of(moodle)[0]["nip_key"] == rows_of(book)[0]["nip_key"] == keys.nip(NIP)
    assert rows_of(zoom)[0]["email_key"] == rows_of(moodle)[0]["email_key"] == keys.email(ADDRESS)


def test_another_key_gives_other_pseudonyms(tmp_path: Path) -> None:
    other = Reader(key=KEY[::-1], config=CHECKOUT / "config", memory_bytes=1 << 30, seconds=30)
    with other as opened:
        outcome = read_one(opened, tmp_path, MOODLE.encode(), "a.txt")
    assert rows_of(outcome)[0]["nip_key"] == Pseudonymiser(KEY[::-1]).nip(NIP) != Pseudonymiser(KEY).nip(NIP)


def test_a_number_that_cannot_be_right_leaves_only_the_reason(tmp_path: Path) -> None:
    wrong = NIP[:4] + "13" + NIP[6:]
    with reader() as opened:
        outcome = read_one(opened, tmp_path, MOODLE.replace(NIP, wrong).encode(), "a.txt")
    (row,) = rows_of(outcome)
    assert (row["nip_key"], row["nip__fault"]) == ("", "birth_date")
    assert wrong.encode() not in written_by(outcome)


@pytest.mark.parametrize("content", [
    MOODLE.replace("Contohwan\tRangga", "Contohwan\tRangga\tJunior"),
    MOODLE.replace("P (2/2)", "P (2/2)\tP (2/2)"),
    ZOOM.replace("Peserta 7", "Rangga, Peserta 7"),  # one cell more: the address would stand under a time
])  # fmt: skip
def test_a_line_out_of_step_puts_nobody_under_another_heading(tmp_path: Path, content: str) -> None:
    with reader() as opened:
        outcome = read_one(opened, tmp_path, content.encode(), "shifted")
    assert outcome.refusal is not None
    assert outcome.refusal.code in ("broken_table", "broken_csv")
    assert no_person_in(str(outcome.refusal).encode())
    assert list((tmp_path / "shifted-out").iterdir()) == []


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
    assert first.refusal.code == "sheet_too_large"
    assert "Sheet number 1 reaches to cell XFD1048576" in first.refusal.en  # a person learns where to look
    assert (first.refusal.row, first.refusal.column) == (1_048_576, "XFD")
    assert "lembar" in first.refusal.id_.casefold()
    assert first.parts == ()
    assert list((tmp_path / "f.xlsx-out").iterdir()) == []
    assert len(rows_of(second)) == 1


def large_moodle(lines: int = 400_000) -> bytes:
    head = MOODLE.splitlines()
    return ("\n".join([*head[:4], *([head[4]] * lines)]) + "\n").encode()


def test_a_file_that_takes_too_long_is_refused_and_the_next_is_read(tmp_path: Path) -> None:
    with reader(seconds=1) as opened:
        slow = read_one(opened, tmp_path, large_moodle(), "slow.txt")
        next_ = read_one(opened, tmp_path, MOODLE.encode(), "a.txt")
    assert slow.refusal is not None
    assert slow.refusal.code == "reader_slow"
    assert slow.refusal.en != slow.refusal.id_
    assert slow.parts == ()
    assert len(rows_of(next_)) == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a named pipe")
def test_a_file_whose_bytes_never_come_is_refused_and_the_next_is_read(tmp_path: Path) -> None:
    """It takes no processor time at all, as on a network disk that hangs: only the clock can end it."""
    os.mkfifo(tmp_path / "never")
    (tmp_path / "out").mkdir()
    began = time.monotonic()
    with reader(seconds=1) as opened:
        slow = opened.read(tmp_path / "never", "never", tmp_path / "out")
        took = time.monotonic() - began
        next_ = read_one(opened, tmp_path, MOODLE.encode(), "a.txt")
    assert slow.refusal is not None
    assert slow.refusal.code == "reader_slow"
    assert 1 <= took < 20
    assert len(rows_of(next_)) == 1


def test_a_file_that_takes_too_much_memory_is_refused_and_the_next_is_read(tmp_path: Path) -> None:
    with reader(megabytes=220) as opened:
        large = read_one(opened, tmp_path, large_moodle(), "large.txt")
        next_ = read_one(opened, tmp_path, MOODLE.encode(), "a.txt")
    assert large.refusal is not None
    assert large.refusal.code == "reader_died"
    assert len(next_.parts) == 1


@pytest.mark.parametrize(("fault", "code"), [
    ("KeyError('Rangga')", "reader_fault"),
    ("MemoryError()", "reader_died"),
    ("__import__('duckdb').OutOfMemoryException('Rangga')", "reader_died"),
    ("RecursionError('Rangga')", "reader_fault"),
])  # fmt: skip
def test_a_fault_of_the_program_is_not_said_to_be_one_of_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str, code: str
) -> None:
    """In a reading process whose guard fails at one file; what the fault says may be a cell's text."""
    (tmp_path / "sitecustomize.py").write_text(
        "import siklatih.guard as guard\nreal = guard.inspect\n"
        f"def inspect(path, *more):\n    if path.name == 'sial.txt':\n        raise {fault}\n"
        "    real(path, *more)\nguard.inspect = inspect\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{CHECKOUT}")
    with reader() as opened:
        hit = read_one(opened, tmp_path, MOODLE.encode(), "sial.txt")
        after = read_one(opened, tmp_path, MOODLE.encode(), "after.txt")
    assert hit.refusal is not None
    assert hit.refusal.code == code
    assert "Rangga" not in str(hit.refusal)
    assert ("sitecustomize.py:5" in hit.refusal.en) == (code == "reader_fault")
    assert ("memory" in hit.refusal.en) == (code == "reader_died")
    assert len(rows_of(after)) == 1


def test_a_file_that_is_gone_is_said_to_be_gone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with reader() as opened:
        outcome = opened.read(tmp_path / "tiada.csv", "tiada.csv", tmp_path / "out")
    assert outcome.refusal is not None
    assert outcome.refusal.code == "cannot_open"


def children_of(process: int) -> list[int]:
    listed = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split()
    return [int(child) for child in listed]


def kill_when_there(find: Callable[[], list[int]], how: signal.Signals, killed: list[int]) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        for process in find():
            time.sleep(0.05)  # in the middle: reading the large file takes a second
            os.kill(process, how)
            killed.append(process)
            return
        time.sleep(0.002)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux's /proc to find the child")
@pytest.mark.parametrize(("how", "code"), [
    (signal.SIGKILL, "reader_died"),
    (signal.SIGABRT, "reader_died"),  # so it dies when memory runs out inside the workbook's parser
    (signal.SIGXCPU, "reader_slow"),  # so the system says that its processor time is up
])  # fmt: skip
def test_a_child_killed_while_it_reads_is_a_refusal_of_its_file(
    tmp_path: Path, how: signal.Signals, code: str
) -> None:
    killed: list[int] = []
    with reader() as opened:
        process = opened._process
        assert process is not None
        read_one(opened, tmp_path, MOODLE.encode(), "warm.txt")
        killer = threading.Thread(
            target=kill_when_there, args=(lambda: children_of(process.pid), how, killed)
        )
        killer.start()
        hit = read_one(opened, tmp_path, large_moodle(), "hit.txt")
        killer.join()
        after = read_one(opened, tmp_path, MOODLE.encode(), "after.txt")
        assert children_of(process.pid) == []  # nobody is left behind
    assert len(killed) == 1
    assert hit.refusal is not None
    assert hit.refusal.code == code
    assert hit.parts == ()
    assert len(rows_of(after)) == 1


def kill_process(opened: Reader) -> int:
    process = opened._process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    return process.pid


def test_a_reading_process_killed_between_files_is_started_again(tmp_path: Path) -> None:
    with reader() as opened:
        first = read_one(opened, tmp_path, MOODLE.encode(), "a.txt")
        dead = kill_process(opened)
        second = read_one(opened, tmp_path, MOODLE.encode(), "b.txt")
        third = read_one(opened, tmp_path, MOODLE.encode(), "c.txt")
        assert opened._process is not None
        assert opened._process.pid != dead
    assert rows_of(first) == rows_of(second) == rows_of(third)
    assert second.parts[0].path.parent == tmp_path / "b.txt-out" / "again"  # apart from what a child left
    assert third.parts[0].path.parent == tmp_path / "c.txt-out"


def test_a_reading_process_killed_over_a_file_is_asked_once_more(tmp_path: Path) -> None:
    killed: list[int] = []
    with reader() as opened:
        process = opened._process
        assert process is not None
        find = lambda: [process.pid] if children_of(process.pid) else []  # noqa: E731
        killer = threading.Thread(target=kill_when_there, args=(find, signal.SIGKILL, killed))
        killer.start()
        hit = read_one(opened, tmp_path, large_moodle(30_000), "hit.txt")
        killer.join()
        after = read_one(opened, tmp_path, MOODLE.encode(), "after.txt")
    assert len(killed) == 1
    assert hit.refusal is None
    assert hit.parts[0].rows == 30_000
    assert hit.parts[0].path.parent.name == "again"
    assert len(rows_of(after)) == 1


def test_a_file_over_which_the_reading_process_dies_twice_is_refused(tmp_path: Path) -> None:
    killed: list[int] = []
    with reader() as opened:

        def busy() -> list[int]:
            process = opened._process
            if process is None or process.pid in killed or process.poll() is not None:
                return []
            return [process.pid] if children_of(process.pid) else []

        def kill_twice() -> None:
            kill_when_there(busy, signal.SIGKILL, killed)
            kill_when_there(busy, signal.SIGKILL, killed)

        killer = threading.Thread(target=kill_twice)
        killer.start()
        hit = read_one(opened, tmp_path, large_moodle(), "hit.txt")
        killer.join()
        after = read_one(opened, tmp_path, MOODLE.encode(), "after.txt")
    assert len(killed) == 2
    assert hit.refusal is not None
    assert hit.refusal.code == "reader_died"
    assert len(rows_of(after)) == 1


def test_a_reading_process_that_cannot_start_is_no_fault_of_a_file(tmp_path: Path) -> None:
    broken = Reader(key=KEY, config=tmp_path, memory_bytes=1 << 30, seconds=30, limits=None)
    broken._settings["key"] = "no key"
    with pytest.raises(RuntimeError, match="does not start"), broken:
        pass


@pytest.mark.parametrize(("place", "text", "code"), [
    ("contracts/roster.yaml", "{", "config_file"),
    ("contracts/roster.yaml", "schema: []", "contract"),
    ("mappings/simpeg.yaml", "dataset: roster", "mapping"),
    ("mappings/draft.yaml", 'dataset: roster\nheadings: {"NIP": "?"}', "mapping_open"),
])  # fmt: skip
def test_configuration_that_cannot_be_used_is_named_before_any_file_is_read(
    tmp_path: Path, place: str, text: str, code: str
) -> None:
    config = tmp_path / "config"
    shutil.copytree(CHECKOUT / "config", config)
    (config / place).write_text(text, encoding="utf-8")
    broken = Reader(key=KEY, config=config, memory_bytes=1 << 30, seconds=30)
    with pytest.raises(MendError) as caught, broken:
        pass
    assert (caught.value.code, caught.value.file) == (code, (config / place).name)
