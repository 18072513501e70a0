"""A received file can be withdrawn: it no longer counts, nothing is lost, and it can be undone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from cities import CYCLE, NOW
from desks import HANDED_IN, Desk
from openpyxl import load_workbook

from flows.cli import main
from siklatih.build import table_hashes
from siklatih.errors import MendError
from siklatih.landing import original
from siklatih.ledger import Ledger

COSTS = ("batch_code", "cost_type", "funded_by", "planned_amount", "actual_amount")
FIRST, SECOND = "2026Q3/opd-12/a.xlsx", "2026Q3/opd-12/b.xlsx"


def costs(**amounts: object) -> dict[str, object]:
    rows = [(batch.replace("_", "-"), "travel", "budget", 500, amount) for batch, amount in amounts.items()]
    return {"costs": (COSTS, rows)}


def amounts(desk: Desk, warehouse: Path | None = None) -> dict[str, int]:
    found = desk.ask("select batch_code, actual_amount from accepted.costs order by all", warehouse=warehouse)
    return {batch: int(amount) for batch, amount in found}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "state")


def test_what_a_withdrawn_file_superseded_is_back_and_as_of_shows_either_state(desk: Desk) -> None:
    first = desk.hand_in(FIRST, costs(B_1=400, B_2=600))
    alone = desk.run()
    tables = table_hashes(alone.warehouse)
    second = desk.hand_in(SECOND, costs(B_1=450, B_3=7), when=HANDED_IN + timedelta(hours=5))
    both = desk.run(day=1)
    assert amounts(desk) == {"B-1": 450, "B-2": 600, "B-3": 7}
    assert desk.fates(first) == {"accepted": 1, "superseded": 1}

    desk.withdraw(second, day=2)
    without = desk.build()
    assert amounts(desk) == {"B-1": 400, "B-2": 600}
    assert (desk.fates(first), desk.fates(second)) == ({"accepted": 2}, {"withdrawn": 2})
    counted = {name: sha for name, sha in table_hashes(without.warehouse).items() if "quality" not in name}
    assert counted == {name: sha for name, sha in tables.items() if "quality" not in name}
    assert original(desk.state, second).exists(), "the landing stays"

    before = desk.build(as_of=1)
    assert amounts(desk, before.warehouse) == {"B-1": 450, "B-2": 600, "B-3": 7}
    assert desk.fates(second, before.warehouse) == {"accepted": 2}

    desk.withdraw(second, day=3, undo=True, reason="ternyata benar")
    again = desk.build()
    assert amounts(desk) == {"B-1": 450, "B-2": 600, "B-3": 7}
    assert amounts(desk, desk.build(as_of=2).warehouse) == {"B-1": 400, "B-2": 600}
    assert len({alone.inputs_sha, both.inputs_sha, without.inputs_sha}) == 3
    assert again.inputs_sha == before.inputs_sha == both.inputs_sha


def test_faults_and_doubles_of_a_withdrawn_file_no_longer_wait(desk: Desk) -> None:
    sha = desk.hand_in(FIRST, {"costs": (COSTS, [*costs(B_1=-1)["costs"][1], *costs(B_2=6, )["costs"][1] * 2])})  # type: ignore[index]  # fmt: skip
    refused = desk.drop("2026Q3/opd-12/c.bin", bytes(range(1, 255)))
    desk.run()
    assert desk.fates(sha) == {"accepted": 1, "quarantined": 1, "duplicate": 1}
    assert len(desk.answers()) == 2
    listed = desk.state.returns / str(CYCLE) / "quarantine.csv"
    assert len(listed.read_text(encoding="utf-8-sig").splitlines()) == 3

    desk.withdraw(sha)
    desk.withdraw(refused)
    desk.build()
    assert desk.fates(sha) == {"withdrawn": 3}
    assert desk.answers() == []
    assert len(listed.read_text(encoding="utf-8-sig").splitlines()) == 1
    assert desk.ask("select count(*) from quality.quarantine") == [(0,)]
    desk.withdraw(sha, day=2, undo=True)
    desk.build()
    assert desk.answers() == [f"a-{sha[:8]}.xlsx"]


def test_a_mended_return_of_a_withdrawn_file_counts_by_itself_and_stays_as_new_as_it_was(desk: Desk) -> None:
    first = desk.hand_in(FIRST, costs(B_1=400, B_2=-7))
    desk.run()
    desk.hand_in(SECOND, costs(B_1=450), when=HANDED_IN + timedelta(hours=5))
    mended = mend(desk, desk.answers()[0], "E3", 7)
    desk.run(day=1)
    assert amounts(desk) == {"B-1": 450, "B-2": 7}
    desk.withdraw(first, day=2)
    desk.build()
    assert amounts(desk) == {"B-1": 450, "B-2": 7}, "a row that nobody touched does not undo what came later"
    assert desk.fates(first) == {"withdrawn": 2}
    assert desk.fates(mended) == {"accepted": 1, "superseded": 1}


def test_withdrawing_the_return_makes_the_first_file_wait_again(desk: Desk) -> None:
    desk.hand_in(FIRST, costs(B_1=400, B_2=-7))
    desk.run()
    (answer,) = desk.answers()
    mended = mend(desk, answer, "E3", 7)
    desk.run(day=1)
    assert desk.answers() == []
    desk.withdraw(mended, day=2)
    desk.build()
    assert desk.answers() == [answer]
    assert amounts(desk) == {"B-1": 400}


def mend(desk: Desk, answer: str, cell: str, value: object) -> str:
    """Mend an answer's cell as a person would, a day later, and hand it in; return its hash."""
    book = load_workbook(desk.state.returns / str(CYCLE) / answer)
    book["Biaya pelatihan"][cell] = value
    made = desk.home.parent / "made.xlsx"
    book.save(made)
    return desk.drop("2026Q3/opd-12/betul.xlsx", made.read_bytes(), when=HANDED_IN + timedelta(hours=24))


def test_the_same_bytes_sent_again_stay_withdrawn_and_that_is_said(desk: Desk) -> None:
    sha = desk.hand_in(FIRST, costs(B_1=400))
    other = desk.hand_in(SECOND, costs(B_2=400))
    assert desk.take_in().still_withdrawn == {}
    desk.withdraw(sha, day=1)
    for name in (FIRST, SECOND):
        desk.drop(name.replace("opd-12", "opd-13"), (desk.state.inbox / name).read_bytes())
    report = desk.take_in(day=2)
    assert report.still_withdrawn == {sha: "2026-10-16"}
    assert set(report.landing.again) == {sha, other}
    assert desk.take_in(day=3).still_withdrawn == {}, "told once, when it came"
    desk.build()
    assert desk.fates(sha) == {"withdrawn": 1}


def test_the_ledger_keeps_every_word_and_no_number_or_address(desk: Desk) -> None:
    sha = desk.hand_in(FIRST, costs(B_1=400))
    desk.take_in()
    desk.withdraw(sha[:8].upper(), reason="milik  198001012006041001, kata rangga@example.org")
    desk.withdraw(sha, day=2, undo=True, reason="ternyata benar")
    ledger = Ledger(desk.state.ledger)
    try:
        assert ledger.withdrawn() == {}
        (said,) = ledger.withdrawn(NOW + timedelta(days=1)).values()
        assert (said.file_sha, said.reason, said.said_by) == (
            sha, "milik [NIP], kata [surel]", "pengelola data",
        )  # fmt: skip
    finally:
        ledger.close()
    assert b"19800101" not in desk.state.ledger.read_bytes()


@pytest.mark.parametrize(
    ("sha", "undo", "reason", "code"),
    [
        ("0" * 12, False, "x", "unknown_file"),
        ("", False, "x", "unknown_file"),
        (None, False, "  ", "reason"),
        (None, False, "x" * 301, "reason"),
        (None, True, "x", "not_withdrawn"),
    ],
)
def test_what_cannot_be_withdrawn(desk: Desk, sha: str | None, undo: bool, reason: str, code: str) -> None:
    known = desk.hand_in(FIRST, costs(B_1=400))
    desk.take_in()
    with pytest.raises(MendError) as caught:
        desk.withdraw(known if sha is None else sha, undo=undo, reason=reason)
    assert caught.value.code == code


def test_the_command_withdraws_and_status_says_so(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sha = desk.hand_in(FIRST, costs(B_1=400))
    desk.take_in()
    monkeypatch.setenv("SIKLATIH_HOME", str(desk.home))
    monkeypatch.setenv("SIKLATIH_DEMO_SEED", "1")
    assert main(["withdraw", sha[:10], "--reason", "salah kirim", "--by", "pengelola data"]) == 0
    assert "ditarik / withdrawn" in capsys.readouterr().out
    assert main(["status"]) == 0
    assert f"ditarik / withdrawn: {sha[:12]}" in (said := capsys.readouterr().out)
    assert said.rstrip().endswith("(pengelola data): salah kirim")
    assert main(["withdraw", sha, "--undo", "--reason", "benar"]) == 0
    assert main(["status"]) == 0
    assert "withdrawn" not in capsys.readouterr().out.split("counts again")[-1].split("\n", 1)[-1]
    assert main(["withdraw", sha, "--undo", "--reason", "benar"]) == 1
    assert "[not_withdrawn]" in capsys.readouterr().err
