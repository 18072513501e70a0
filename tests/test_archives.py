"""A ZIP of files lands as its members, within bounds; beyond them it is left whole and refused."""

from __future__ import annotations

import io
import json
import os
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from siklatih.archives import ArchiveBounds
from siklatih.identity import Pseudonymiser
from siklatih.ingest import ingest
from siklatih.landing import LandingReport, given_name, land_inbox, original
from siklatih.ledger import Ledger
from siklatih.reading import Reader
from siklatih.settings import CHECKOUT, Settings
from siklatih.sources.containers import kind_of
from siklatih.sources.protocol import HEAD_BYTES, SourceFile
from siklatih.state import State
from siklatih.store import Store, method_digest

NOW = datetime(2026, 10, 15, 5, 0)  # noqa: DTZ001  (naive UTC, as the ledger keeps it)
COSTS = b"Kode angkatan;Jenis biaya;Sumber dana;Rencana;Realisasi\nP01-A1;Tenaga pelatih;APBD;100;90\n"


@pytest.fixture
def state(tmp_path: Path) -> State:
    state = State(tmp_path / "state")
    state.prepare("k1")
    return state


@pytest.fixture
def ledger(state: State) -> Iterator[Ledger]:
    ledger = Ledger(state.ledger)
    yield ledger
    ledger.close()


def archive(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as container:
        for name, content in members.items():
            container.writestr(name, content)
    return made.getvalue()


def land(state: State, ledger: Ledger, content: bytes, bounds: ArchiveBounds | None = None) -> LandingReport:
    path = state.inbox / "2026Q3" / "opd-12" / "kiriman.zip"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (1_000_000, 1_000_000))
    with state.lock():
        return land_inbox(state, ledger, now=NOW, run_id="r1", bounds=bounds)


def names(state: State, ledger: Ledger) -> list[str]:
    return sorted(given_name(state, receipt.file_sha) for receipt in ledger.receipts())


def test_members_land_as_files_of_the_same_provider_and_time(state: State, ledger: Ledger) -> None:
    content = archive({"biaya.csv": COSTS, "dalam/catatan.txt": b"x", "kosong/": b""})
    report = land(state, ledger, content)
    assert (report.seen, report.hashed, report.new) == (1, 1, 2)
    assert names(state, ledger) == ["kiriman.zip!biaya.csv", "kiriman.zip!dalam/catatan.txt"]
    assert {receipt.provider for receipt in ledger.receipts()} == {"opd-12"}
    assert {receipt.modified_at for receipt in ledger.receipts()} == {
        datetime(1970, 1, 12, 13, 46, 40)  # noqa: DTZ001
    }
    assert sorted(receipt.size for receipt in ledger.receipts()) == [1, len(COSTS)]
    contents = {original(state, receipt.file_sha).read_bytes() for receipt in ledger.receipts()}
    assert contents == {COSTS, b"x"}


def test_the_archive_itself_is_kept_but_not_read(state: State, ledger: Ledger) -> None:
    content = archive({"biaya.csv": COSTS})
    land(state, ledger, content)
    kept = [path for path in state.landing.rglob("*") if path.is_file() and path.suffix != ".json"]
    assert sorted(path.read_bytes() for path in kept) == sorted([content, COSTS])
    (archive_path,) = (path for path in kept if path.read_bytes() == content)
    noted = json.loads(archive_path.with_suffix(".json").read_text(encoding="utf-8"))
    assert noted["sightings"][0]["name"] == "kiriman.zip"
    assert archive_path.name not in {receipt.file_sha for receipt in ledger.receipts()}


def test_an_archive_is_not_unpacked_twice_and_a_member_known_already_is_one_file(
    state: State, ledger: Ledger
) -> None:
    loose = state.inbox / "2026Q3" / "opd-12" / "biaya.csv"
    loose.parent.mkdir(parents=True)
    loose.write_bytes(COSTS)
    content = archive({"biaya.csv": COSTS})
    report = land(state, ledger, content)
    assert (report.seen, report.new, len(ledger.receipts())) == (2, 1, 1)
    again = land(state, ledger, content)
    assert (again.seen, again.hashed, again.new) == (2, 0, 0)


def test_what_systems_put_beside_the_files_does_not_land(state: State, ledger: Ledger) -> None:
    content = archive(
        {
            "a/biaya.csv": COSTS,
            "a/": b"",
            "__MACOSX/a/._biaya.csv": b"1",
            "a/__MACOSX/c.csv": b"4",
            "a/.DS_Store": b"2",
            "a/~$b.xlsx": b"3",
        }
    )
    report = land(state, ledger, content)
    assert names(state, ledger) == ["kiriman.zip!a/biaya.csv"]
    assert report.passed_over == 4


def test_a_name_that_leads_out_of_the_archive_leads_nowhere(state: State, ledger: Ledger) -> None:
    land(state, ledger, archive({"../../../luar.csv": COSTS, "/mutlak.csv": b"x"}))
    assert names(state, ledger) == ["kiriman.zip!../../../luar.csv", "kiriman.zip!/mutlak.csv"]
    assert not list(state.home.parent.rglob("luar.csv"))


def test_an_archive_within_an_archive_is_not_unpacked(state: State, ledger: Ledger) -> None:
    land(state, ledger, archive({"lagi.zip": archive({"biaya.csv": COSTS})}))
    assert names(state, ledger) == ["kiriman.zip!lagi.zip"]


def encrypted(content: bytes) -> bytes:
    """Set the flag of encryption in the directory, which is where it is looked for."""
    at = content.rindex(b"PK\x01\x02") + 8
    return content[:at] + bytes([content[at] | 1]) + content[at + 1 :]


@pytest.mark.parametrize(("content", "bounds"), [
    (archive({f"{n}.csv": COSTS for n in range(4)}), ArchiveBounds(members=3)),
    (archive({"a.csv": COSTS, "b.csv": COSTS}), ArchiveBounds(total_bytes=2 * len(COSTS) - 1)),
    (archive({"a.csv": b"0" * 1_000_000}), ArchiveBounds(ratio=200)),  # grows a thousand times
    (encrypted(archive({"a.csv": COSTS})), ArchiveBounds()),
    (archive({"a.csv": COSTS}).replace(b"\x00a.csv", b"\x00b.csv", 1), ArchiveBounds()),  # says two names
    (archive({}), ArchiveBounds()),
    (archive({"a.csv": COSTS}, zipfile.ZIP_BZIP2), ArchiveBounds()),  # no office's program writes this
    (archive({"a.csv": COSTS}, zipfile.ZIP_STORED).replace(b"APBD", b"APBN"), ArchiveBounds()),  # damaged
])  # fmt: skip
def test_an_archive_beyond_the_bounds_or_locked_is_left_whole(
    state: State, ledger: Ledger, content: bytes, bounds: ArchiveBounds
) -> None:
    land(state, ledger, content, bounds)
    assert names(state, ledger) == ["kiriman.zip"]
    assert not list(state.scratch.iterdir())


def test_an_archive_whose_list_of_members_alone_is_too_long_is_left_whole(
    state: State, ledger: Ledger
) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as container:
        for number in range(70):
            member = zipfile.ZipInfo(f"{number}.csv")
            member.comment = bytes(65535)
            container.writestr(member, COSTS)
    land(state, ledger, made.getvalue())
    assert names(state, ledger) == ["kiriman.zip"]


def test_telling_what_a_container_is_takes_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(archive({"mimetype": bytes(64 << 20), "content.xml": b""}))
    tracemalloc.start()
    kind = kind_of(SourceFile(path, "x", path.stat().st_size, path.read_bytes()[:HEAD_BYTES]))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert kind is None
    assert peak < 8 << 20


def test_an_archive_at_its_bounds_is_unpacked(state: State, ledger: Ledger) -> None:
    content = archive({"a.csv": COSTS, "b.csv": COSTS + b"\n"})
    land(state, ledger, content, ArchiveBounds(members=2, total_bytes=2 * len(COSTS) + 1))
    assert len(ledger.receipts()) == 2


def test_what_is_hidden_in_a_member_is_data_and_stands_in_its_manifest(tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = "Biaya pelatihan"
    for line in COSTS.decode().splitlines():
        book.active.append(line.split(";"))
    book.active.row_dimensions[2].hidden = True
    made = io.BytesIO()
    book.save(made)
    state, settings = (
        State(tmp_path / "state"),
        Settings(home=tmp_path / "state", demo_seed=1, _env_file=None),
    )
    state.home.mkdir()
    state.inbox.mkdir()
    (state.inbox / "kiriman.zip").write_bytes(archive({"biaya.xlsx": made.getvalue()}))
    ledger = Ledger(state.ledger)
    with state.lock():
        report = ingest(state, ledger, settings, now=NOW, run_id="r1")
    (receipt,) = ledger.receipts()
    ledger.close()
    assert (report.files_read, report.files_refused, report.rows) == (1, 0, 1)
    key_id = Pseudonymiser(settings.secret("pseudonym")).key_id
    (part,) = (
        Store(state, method_digest(settings.config, key_id, bounds=settings.bounds))
        .manifest(receipt.file_sha)
        .parts
    )
    assert (part.accepted, part.lines, part.notes) == (1, {"heading": 1, "data": 1}, {"hidden_rows": 1})


def test_ingest_takes_the_bounds_from_the_settings(tmp_path: Path) -> None:
    state = State(tmp_path / "state")
    settings = Settings(home=state.home, demo_seed=1, archive_members=1, _env_file=None)
    state.home.mkdir()
    state.inbox.mkdir()
    (state.inbox / "kiriman.zip").write_bytes(archive({"a.csv": COSTS, "b.csv": COSTS + b"\n"}))
    ledger = Ledger(state.ledger)
    with state.lock():
        report = ingest(state, ledger, settings, now=NOW, run_id="r1")
    ledger.close()
    assert list(report.refusals.values()) == ["archive"]


def test_members_are_read_and_an_archive_left_whole_is_refused_with_the_remedy(
    state: State, ledger: Ledger, tmp_path: Path
) -> None:
    land(state, ledger, archive({"biaya.csv": COSTS}))
    (receipt,) = ledger.receipts()
    whole = tmp_path / "whole"
    whole.write_bytes(encrypted(archive({"a.csv": COSTS})))
    with Reader(key=bytes(32), config=CHECKOUT / "config", memory_bytes=2 << 30, seconds=30) as reader:
        outcomes = []
        for number, path in enumerate((original(state, receipt.file_sha), whole)):
            out = tmp_path / str(number)
            out.mkdir()
            outcomes.append(reader.read(path, "x", out))
    assert [part.dataset for part in outcomes[0].parts] == ["costs"]
    refused = outcomes[1].refusal
    assert refused is not None
    assert refused.code == "encrypted"  # seen before anything is unpacked
    assert "kata sandi" in refused.id_
