"""Files that do not name their batch: who files them, what waits, and what a person's word does."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from datetime import UTC, timedelta
from pathlib import Path

import duckdb
import pytest
from cities import CYCLE, NOW, City

from flows.cli import main
from siklatih.build import build, table_hashes
from siklatih.errors import MendError
from siklatih.ingest import ingest
from siklatih.landing import land_inbox
from siklatih.ledger import Ledger
from siklatih.settings import Settings
from siklatih.state import State, message_folder
from siklatih.waiting import say, waiting_parts


@dataclass
class Place:
    """A state of its own with the small city's master data and lists, to which files are added."""

    state: State
    settings: Settings

    def drop(self, folder: str, name: str, content: bytes) -> None:
        path = self.state.inbox / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (1_790_000_000, 1_790_000_000))

    def take_in(self, *, late: int = 0) -> None:
        """Ingest, ``late`` days after the first time."""
        with self.state.lock():
            ledger = Ledger(self.state.ledger)
            try:
                ingest(self.state, ledger, self.settings, now=NOW + timedelta(days=late), run_id="t")
            finally:
                ledger.close()

    def run(self, *, late: int = 0, as_of: int | None = None) -> Path:
        """Ingest and build, ``late`` days after the first time."""
        self.take_in(late=late)
        with self.state.lock():
            ledger = Ledger(self.state.ledger)
            try:
                known_by = None if as_of is None else NOW + timedelta(days=as_of)
                return build(self.state, ledger, self.settings, cycle=CYCLE, as_of=known_by).warehouse
            finally:
                ledger.close()

    def say(self, sha: str, *, late: int = 1, **words: str | None) -> None:
        ledger = Ledger(self.state.ledger)
        try:
            words = {"batch": None, "provider": None} | words
            say(ledger, sha, now=NOW + timedelta(days=late), **words)  # type: ignore[arg-type]
        finally:
            ledger.close()


def rows(warehouse: Path, query: str) -> list[tuple[object, ...]]:
    con = duckdb.connect(str(warehouse), read_only=True)
    try:
        return con.execute(query).fetchall()
    finally:
        con.close()


def list_of(city: City) -> tuple[Path, str]:
    """The latest list as text with several people, and the batch it names."""
    for path in sorted(city.inbox.rglob("lms/*.txt"), reverse=True):
        lines = path.read_text(encoding="utf-8").split("\n")
        if len(lines) > 12:
            return path, lines[1].split("\t")[1].strip()
    raise AssertionError("no list with enough people")


def years_before(content: bytes) -> bytes:
    """The same list, long before any batch."""
    changed = re.sub(rb" 202[0-9] ", b" 2019 ", content)
    assert changed != content
    return changed


def without_group(path: Path) -> bytes:
    lines = path.read_text(encoding="utf-8").split("\n")
    lines[1] = "Group\t"
    return "\n".join(lines).encode()


@pytest.fixture(scope="module")
def without_list(city: City, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state with master data, plans and lists that name their batch, but for the one that the tests add."""
    home = tmp_path_factory.mktemp("filing") / "state"
    state = State(home)
    for path in [*city.inbox.glob("*/bkpsdm/*"), *city.inbox.glob("*/lms/*.txt")]:
        if path != list_of(city)[0]:
            target = state.inbox / path.relative_to(city.inbox)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)
    Place(state, Settings(home=home, demo_seed=1)).take_in()
    return home


@pytest.fixture
def place(without_list: Path, tmp_path: Path) -> Place:
    """A copy of that state, to do with as a test likes."""
    home = tmp_path / "state"
    shutil.copytree(without_list, home, copy_function=shutil.copy2)
    return Place(State(home), Settings(home=home, demo_seed=1))


FILED = "select batch_code, how from quality.filings order by all"
MARKS = "select * exclude (file_sha) from accepted.attendance where batch_code = '{}' order by all"


def test_a_list_is_filed_by_its_days_and_people_like_the_list_that_names_its_batch(
    place: Place, city: City, built: object
) -> None:
    path, batch = list_of(city)
    place.drop("2026Q3/lms", "daftar.txt", without_group(path))
    warehouse = place.run()
    assert rows(warehouse, FILED) == [(batch, "match")]
    whole = built.state.warehouse()  # type: ignore[attr-defined]
    columns = "batch_code, session_starts_at, person_key, status"
    query = f"select {columns} from accepted.attendance where batch_code = '{batch}' order by all"
    assert rows(warehouse, query) == rows(whole, query) != []
    assert rows(warehouse, "select count(*) from quality.quarantine where rule like '%unfiled'") == [(0,)]
    assert waiting_parts(warehouse) == []


def test_people_of_another_batch_on_the_same_days_do_not_fit(place: Place, city: City) -> None:
    """Dates alone would fit; the people are not enrolled, so the file waits and its batch is only named."""
    path, batch = list_of(city)
    lines = without_group(path).decode().split("\n")
    others = others_of(city, batch)[1].read_text(encoding="utf-8").split("\n")
    width = len(lines[3].split("\t"))
    strangers = ["\t".join((line.split("\t")[:4] + lines[4].split("\t")[4:])[:width]) for line in others[4:8]]
    place.drop("2026Q3/lms", "daftar.txt", "\n".join([*lines[:4], *strangers, ""]).encode())
    warehouse = place.run()
    assert rows(warehouse, FILED) == [(None, None)]
    (waiting,) = waiting_parts(warehouse)
    assert batch in waiting.nearest
    assert 1 <= len(waiting.nearest) <= 3


def test_what_waits_is_put_aside_whole_and_says_what_to_do(
    place: Place, city: City, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, _ = list_of(city)
    content = years_before(without_group(path))  # years before any batch
    place.drop("2026Q3/lms", "daftar.txt", content)
    warehouse = place.run()
    (waiting,) = waiting_parts(warehouse)
    assert waiting.nearest == ()
    summary = rows(
        warehouse,
        f"select read, accepted, quarantined from quality.file_summary where file_sha = '{waiting.file_sha}'",
    )
    assert summary == [(waiting.rows, 0, waiting.rows)]
    rules = rows(
        warehouse, f"select distinct rule from quality.quarantine where file_sha = '{waiting.file_sha}'"
    )
    assert rules == [("attendance.batch_code.unfiled",)]
    returned = (place.state.returns / str(CYCLE) / "quarantine.csv").read_text(encoding="utf-8-sig")
    assert "siklatih file" in returned
    monkeypatch.setenv("SIKLATIH_HOME", str(place.state.home))
    monkeypatch.setenv("SIKLATIH_DEMO_SEED", "1")
    from siklatih.settings import get_settings  # noqa: PLC0415

    get_settings.cache_clear() if hasattr(get_settings, "cache_clear") else None
    assert main(["status"]) == 0
    assert f"unfiled: {waiting.file_sha[:12]} attendance" in capsys.readouterr().out


def test_the_folder_names_the_batch(place: Place, city: City) -> None:
    path, batch = list_of(city)
    content = years_before(without_group(path))
    place.drop(f"lms/{batch}", "daftar.txt", content)
    warehouse = place.run()
    assert rows(warehouse, FILED) == [(batch, "folder")]
    assert rows(
        warehouse,
        "select distinct provider from quality.files where refused_code is null and file_sha in (select file_sha from quality.filings)",
    ) == [("lms",)]


def test_the_same_bytes_in_two_batches_folders_say_nothing(place: Place, city: City) -> None:
    path, batch = list_of(city)
    content = years_before(without_group(path))
    other, _ = others_of(city, batch)
    place.drop(f"lms/{batch}", "daftar.txt", content)
    place.drop(f"lms/{other}", "daftar.txt", content)
    assert rows(place.run(), FILED) == [(None, None)]


def others_of(city: City, batch: str) -> tuple[str, Path]:
    """Another batch and its list, of whichever cycle."""
    for path in sorted(city.inbox.rglob("lms/*.txt")):
        lines = path.read_text(encoding="utf-8").split("\n")
        code = lines[1].split("\t")[1].strip()
        if code != batch and len(lines) > 10:
            return code, path
    raise AssertionError("one batch only")


@pytest.mark.slow
def test_a_persons_word_files_what_waits_and_as_of_shows_either_state(place: Place, city: City) -> None:
    path, batch = list_of(city)
    place.drop("2026Q3/lms", "daftar.txt", years_before(without_group(path)))
    (waiting,) = waiting_parts(place.run())
    place.say(waiting.file_sha[:10], batch=batch, provider="lpmp", late=2)
    warehouse = place.run(late=2)
    assert rows(warehouse, FILED) == [(batch, "word")]
    assert rows(warehouse, f"select provider from quality.files where file_sha = '{waiting.file_sha}'") == [
        ("lpmp",)
    ]
    before = place.run(late=3, as_of=1)
    assert rows(before, FILED) == [(None, None)]


def test_a_code_in_the_file_is_never_overruled(place: Place, city: City) -> None:
    path, batch = list_of(city)
    place.drop(f"lms/{others_of(city, batch)[0]}", "daftar.txt", path.read_bytes())
    warehouse = place.run()
    assert rows(warehouse, FILED) == []
    assert rows(warehouse, MARKS.format(batch)) != []


@pytest.mark.slow
def test_a_session_plan_that_comes_later_files_what_was_waiting(
    place: Place, city: City, tmp_path: Path
) -> None:
    """Whatever the order of arrival, the tables are the same."""
    path, batch = list_of(city)
    place.drop("2026Q3/lms", "daftar.txt", without_group(path))
    at_once = place.run()
    late = Place(State(tmp_path / "late"), Settings(home=tmp_path / "late", demo_seed=1))
    late.drop("2026Q3/lms", "daftar.txt", without_group(path))
    assert rows(late.run(), FILED) == [(None, None)]
    shutil.copytree(place.state.inbox, late.state.inbox, copy_function=shutil.copy2, dirs_exist_ok=True)
    filed = late.run(late=1)
    assert rows(filed, FILED) == [(batch, "match")]
    assert table_hashes(filed) == table_hashes(at_once)


@pytest.mark.parametrize(
    ("sha", "words", "code"),
    [
        ("0" * 64, {"batch": "a b"}, "code_form"),
        ("0" * 64, {"provider": "x" * 41}, "code_form"),
        ("0" * 64, {"batch": "P01"}, "unknown_file"),
        ("abc", {"batch": "P01"}, "unknown_file"),
        ("%%%%%%%%", {"batch": "P01"}, "unknown_file"),
    ],
)
def test_a_word_that_cannot_be_right_is_refused(
    tmp_path: Path, sha: str, words: dict[str, str], code: str
) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    try:
        with pytest.raises(MendError) as caught:
            say(ledger, sha, now=NOW, **{"batch": None, "provider": None, **words})
    finally:
        ledger.close()
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("folder", "waits"),
    [("a", 1), ("a/P01-A1", 1), (f"a/{message_folder('0a' * 32)}", 0), ("a/mail-0a", 1)],
)
def test_a_file_still_being_copied_waits_but_not_a_messages(tmp_path: Path, folder: str, waits: int) -> None:
    state = State(tmp_path / "state")
    state.prepare("test")
    path = state.inbox / folder / "b.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"half")
    changed = NOW.replace(tzinfo=UTC).timestamp() - 3
    os.utime(path, (changed, changed))
    ledger = Ledger(state.ledger)
    try:
        with state.lock():
            first = land_inbox(state, ledger, now=NOW, run_id="t", quiet_seconds=10)
            minute = NOW + timedelta(seconds=60)
            later = land_inbox(state, ledger, now=minute, run_id="t", quiet_seconds=10)
    finally:
        ledger.close()
    assert (first.seen, first.new, first.unsettled) == (1, 1 - waits, waits)
    assert (later.seen, later.new, later.unsettled) == (1, waits, 0)
