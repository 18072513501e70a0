"""A mended return comes back: its rows count, those it answers no longer wait, and nothing newer is undone."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from cities import CYCLE, NOW, City
from openpyxl import Workbook, load_workbook

from siklatih.build import build, table_hashes
from siklatih.contracts import load_contracts
from siklatih.demo.exports import write_workbook
from siklatih.ingest import ingest
from siklatih.landing import original
from siklatih.ledger import Ledger
from siklatih.settings import CHECKOUT, Settings
from siklatih.sources import recognise_file
from siklatih.sources.delimited import decode
from siklatih.sources.protocol import HEAD_BYTES, SourceFile
from siklatih.sources.returned import as_text_again, return_mark
from siklatih.state import State

CONTRACTS = load_contracts(CHECKOUT / "config" / "contracts")
HANDED_IN = datetime(2026, 10, 9, 15, 0)  # noqa: DTZ001  (local)
COSTS = ("batch_code", "cost_type", "funded_by", "planned_amount", "actual_amount")


class Office:
    """A state folder into which files are handed, one after another."""

    def __init__(self, home: Path) -> None:
        self.state, self.settings = State(home), Settings(home=home, demo_seed=1)
        self._runs = 0

    @property
    def folder(self) -> Path:
        return self.state.inbox / str(CYCLE) / "opd-12"

    def hand_in(
        self, *sheets: dict[str, Any], names: tuple[str, ...] = ("a.xlsx",), when: datetime = HANDED_IN
    ) -> None:
        for name, sheet in zip(names, sheets, strict=True):
            write_workbook(self.folder / name, CONTRACTS, sheet, when=when, provider="opd-12")

    def run(self) -> None:
        self._runs += 1
        with self.state.lock():
            ledger = Ledger(self.state.ledger)
            try:
                now = NOW + timedelta(hours=self._runs)
                ingest(self.state, ledger, self.settings, now=now, run_id="test")
                build(self.state, ledger, self.settings, cycle=CYCLE)
            finally:
                ledger.close()

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        con = duckdb.connect(str(self.state.warehouse()), read_only=True)
        try:
            return con.execute(sql).fetchall()  # type: ignore[no-any-return]
        finally:
            con.close()

    def waiting(self) -> tuple[int, int, int, int]:
        (row,) = self.ask((CHECKOUT / "sql" / "checks" / "chk_waiting.sql").read_text(encoding="utf-8"))
        return row  # type: ignore[return-value]

    def answers(self) -> list[Path]:
        return sorted((self.state.returns / str(CYCLE)).glob("*.xlsx"))

    def mend(
        self, change: Callable[[Any], None], *, name: str = "a-betul.xlsx", answer: int = 0, hours: int = 24
    ) -> Path:
        """Open an answer as a person would, change it and hand it in ``hours`` after the first file."""
        book = load_workbook(self.answers()[answer])
        change(book)
        path = self.folder / name
        book.save(path)
        seconds = (HANDED_IN + timedelta(hours=hours)).replace(tzinfo=UTC).timestamp()
        os.utime(path, (seconds, seconds))
        return path

    def replays(self) -> dict[str, tuple[str, str | None]]:
        ledger = Ledger(self.state.ledger)
        try:
            return ledger.replays()
        finally:
            ledger.close()


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path / "state")


def cost(batch: str, amount: object) -> tuple[object, ...]:
    return (batch, "travel", "budget", 500, amount)


def amounts(office: Office) -> dict[str, int]:
    return {
        batch: int(amount)
        for batch, amount in office.ask("select batch_code, actual_amount from accepted.costs")
    }


def put(cell: str, value: object) -> Callable[[Any], None]:
    def change(book: Any) -> None:
        book["Biaya pelatihan"][cell] = value

    return change


def test_a_mended_row_counts_and_the_first_no_longer_waits(office: Office) -> None:
    office.hand_in({"costs": (COSTS, [cost("B-1", 400), cost("B-2", -7)])})
    office.run()
    assert (office.waiting(), amounts(office), office.replays()) == ((1, 0, 0, 0), {"B-1": 400}, {})
    first = office.answers()[0]
    office.mend(put("E3", 7))
    office.run()
    assert amounts(office) == {"B-1": 400, "B-2": 7}
    assert office.waiting() == (0, 1, 0, 0)
    assert office.answers() == [], f"{first.name} has been answered"
    ((mended, (answered, cycle)),) = office.replays().items()
    assert answered[:8] == first.stem[-8:]
    assert (mended != answered, cycle) == (True, "2026Q3")
    totals = "select sum(read), sum(accepted), sum(quarantined), sum(duplicate) from quality.file_summary"
    assert office.ask(totals) == [(4, 2, 1, 1)], "every row of both files keeps its fate"


@pytest.mark.slow
def test_a_return_that_is_still_wrong_is_answered_again_and_alone(office: Office) -> None:
    office.hand_in({"costs": (COSTS, [cost("B-1", -1), cost("B-2", -7)])})
    office.run()
    office.mend(put("E2", 1))
    office.run()
    assert (office.waiting(), amounts(office)) == ((1, 2, 0, 0), {"B-1": 1})
    (again,) = office.answers()
    assert again.name.startswith("a-betul-")
    office.mend(put("E3", 7), name="a-betul-2.xlsx", hours=48)
    office.run()
    assert (office.waiting(), amounts(office)) == ((0, 3, 0, 0), {"B-1": 1, "B-2": 7})
    assert len(office.replays()) == 2


@pytest.mark.parametrize("hours", [1, -30])
def test_a_changed_row_supersedes_whatever_the_clock_of_its_sender(hours: int, office: Office) -> None:
    """The return still bears the first export time, and a file's time is told in another zone."""
    office.hand_in({"costs": (COSTS, [cost("B-1", 400), cost("B-2", -7)])})
    office.run()
    office.mend(lambda book: (put("E2", 300)(book), put("E3", 7)(book))[0], hours=hours)
    office.run()
    assert amounts(office) == {"B-1": 300, "B-2": 7}
    assert office.waiting() == (0, 1, 0, 0)


def test_a_row_that_nobody_touched_does_not_undo_a_correction_sent_in_between(office: Office) -> None:
    office.hand_in({"costs": (COSTS, [cost("B-1", 400), cost("B-2", -7)])})
    office.run()
    office.hand_in(
        {"costs": (COSTS, [cost("B-1", 450)])}, names=("revisi.xlsx",), when=HANDED_IN + timedelta(hours=5)
    )
    office.mend(put("E3", 7), hours=24)
    office.run()
    assert amounts(office) == {"B-1": 450, "B-2": 7}


@pytest.mark.slow
def test_the_order_of_arrival_does_not_matter(office: Office, tmp_path: Path) -> None:
    office.hand_in({"costs": (COSTS, [cost("B-1", 400), cost("B-2", -7)])})
    office.run()
    office.mend(lambda book: (put("E2", 300)(book), put("E3", 7)(book))[0])
    office.run()
    other = Office(tmp_path / "other")
    for name in ("a-betul.xlsx", "a.xlsx"):
        other.folder.mkdir(parents=True, exist_ok=True)
        shutil.copy2(office.folder / name, other.folder / name)
        other.run()
    assert table_hashes(other.state.warehouse()) == table_hashes(office.state.warehouse())


def test_a_refused_file_no_longer_waits_once_its_return_is_read(office: Office) -> None:
    enrolments = ("batch_code", "nip", "arm", "enrolled_on", "status")
    row = ("B-1", "1.98001E+17", "trained", HANDED_IN.date(), "enrolled")
    office.hand_in({"enrolments": (enrolments, [row])})
    office.run()
    assert office.waiting() == (0, 0, 1, 0)
    office.mend(lambda book: book["Daftar peserta"].cell(2, 2, "1.98001E+17 "), name="masih.xlsx")
    office.run()
    assert office.waiting() == (0, 0, 2, 0), "the return was refused too, so both wait"
    number = "198001012006041001"
    office.mend(lambda book: book["Daftar peserta"].cell(2, 2, number), name="betul.xlsx", answer=1, hours=48)
    office.run()
    assert office.waiting()[2:] == (0, 2)
    assert office.waiting()[0] == 1, "the person is on no roster; now that can be said"


def test_a_row_deleted_in_the_return_no_longer_waits(office: Office) -> None:
    office.hand_in({"costs": (COSTS, [cost("B-1", 400), cost("B-1", 500)])})
    office.run()
    assert (office.waiting(), amounts(office)) == ((2, 0, 0, 0), {})
    office.mend(lambda book: book["Biaya pelatihan"].delete_rows(3))
    office.run()
    assert (office.waiting(), amounts(office)) == ((0, 2, 0, 0), {"B-1": 400})


def test_rows_of_a_sheet_left_out_of_the_return_go_on_waiting(office: Office) -> None:
    services = (
        ("unit_code", "month", "services", "complaints", "complaints_on_time"),
        [("U-1", HANDED_IN.date(), -1, 0, 0)],
    )
    office.hand_in({"costs": (COSTS, [cost("B-1", -1)]), "service_outcomes": services})
    office.run()
    before = office.waiting()[0]

    def change(book: Any) -> None:
        put("E2", 1)(book)
        del book["Hasil layanan bulanan"]

    office.mend(change)
    office.run()
    assert before == 2
    assert office.waiting()[:2] == (1, 1)


def test_a_row_that_referred_to_nothing_counts_once_its_code_is_mended(office: Office) -> None:
    """What only the build can see is marked, mended and released too."""
    day = HANDED_IN.date()
    batches = (
        (
            "batch_code",
            "programme_code",
            "starts_on",
            "ends_on",
            "assignment",
            "capacity",
            "follow_up_planned",
        ),
        [("B-1", "P-1", day, day, "lottery", 30, "tidak"), ("B-2", "P-1", day, day, "lottery", 30, "tidak")],
    )
    office.hand_in(
        {"batches": batches},
        {"costs": (COSTS, [cost("B-1", 400), cost("B-9", 7)])},
        names=("b.xlsx", "a.xlsx"),
    )
    office.run()
    assert office.ask("select row_no, rule from quality.quarantine") == [(3, "costs.batch_code.reference")]
    assert (office.waiting()[0], amounts(office)) == (1, {"B-1": 400})
    office.mend(put("A3", "B-2"))
    office.run()
    assert (office.waiting(), amounts(office)) == ((0, 1, 0, 0), {"B-1": 400, "B-2": 7})


def test_what_a_sheet_says_of_its_origin_is_not_trusted(office: Office) -> None:
    """Nonsense is no mark; a file that is not there, or itself, changes nothing."""
    office.hand_in({"costs": (COSTS, [cost("B-1", -1)])})
    office.run()
    for name, said in (("x.xlsx", "=1+1"), ("y.xlsx", "0" * 64)):

        def change(book: Any, said: str = said) -> None:
            book["Perbaikan"]["B1"] = said

        office.mend(change, name=name)
    office.run()
    assert [origin for origin, _ in office.replays().values()] == ["0" * 64]
    assert office.waiting()[:2] == (3, 0)


def file_at(path: Path) -> SourceFile:
    content = path.read_bytes()
    return SourceFile(path, path.name, len(content), content[:HEAD_BYTES])


def test_a_survey_mended_in_its_return_is_read_as_the_survey_it_was(office: Office, city: City) -> None:
    (defect,) = [d for d in city.truth["defects"] if d["kind"] == "answer outside the scale"]
    office.folder.mkdir(parents=True)
    shutil.copy2(city.inbox / defect["file"], office.folder / "survei.csv")
    office.run()
    assert office.waiting()[0] == 1
    path = office.mend(lambda book: book["data"].__setitem__("O2", 4), name="survei-betul.xlsx")
    office.run()
    assert office.waiting()[:2] == (0, 1)
    assert office.ask("select distinct source from quality.files") == [("LimeSurvey",)]
    facilities = office.ask("select facilities, row_no from accepted.service_survey order by row_no")
    assert facilities == [(4, 2), (None, 3)]
    assert return_mark(file_at(path)) is not None
    assert not list(office.state.scratch.rglob("returned.txt")), "people would be in it"


def test_text_comes_back_with_every_record_on_its_line(tmp_path: Path, office: Office) -> None:
    path = office.folder / "absensi.txt"
    path.parent.mkdir(parents=True)
    text = (
        "Course\tPelatihan\nGroup\tB-1\n\nLast name\tFirst name\tID number\t20 Jul 2026 8.00AM All students\n"
        "Contoh\tRangga\t198001012006041001\tP (2/2)\nContoh\tSari\t198001012006042002\tZ\n"
    )
    path.write_text(text, encoding="utf-8")
    office.run()
    (answer,) = office.answers()
    file = file_at(answer)
    mark = return_mark(file)
    assert mark is not None
    again = as_text_again(file, mark, tmp_path)
    assert decode(again).split() == text.split()
    assert recognise_file(again)[0].NAME == "Moodle attendance"
    lines = decode(again).splitlines()
    assert (lines[2], lines[4].split("\t")[2]) == ("", "198001012006041001")


def test_an_ordinary_workbook_and_a_broken_one_bear_no_mark(tmp_path: Path, office: Office) -> None:
    office.hand_in({"costs": (COSTS, [cost("B-1", 1)])})
    assert return_mark(file_at(office.folder / "a.xlsx")) is None
    broken = tmp_path / "b.xlsx"
    broken.write_bytes(b"PK\x03\x04")
    assert return_mark(file_at(broken)) is None
    own = Workbook()
    own.active.title = "Perbaikan"
    own.active.append(["catatan kami", "besok"])
    own.save(tmp_path / "c.xlsx")
    assert return_mark(file_at(tmp_path / "c.xlsx")) is None


def test_the_original_is_what_was_received_to_the_last_byte(office: Office) -> None:
    office.hand_in({"costs": (COSTS, [cost("B-1", -1)])})
    office.run()
    office.mend(put("E2", 1))
    office.run()
    for sha, (answered, _) in office.replays().items():
        assert original(office.state, answered).read_bytes() == (office.folder / "a.xlsx").read_bytes()
        assert original(office.state, sha).read_bytes() == (office.folder / "a-betul.xlsx").read_bytes()
