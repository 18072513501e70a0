"""Files to warehouse: planted defects are caught, nothing is lost, order and threads do not matter."""

from __future__ import annotations

import io
import json
import random
import shutil
from collections import Counter
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
import yaml
from cities import CYCLE, NOW, Built, City, make_city, run_city
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from siklatih.agency import load_agency
from siklatih.build import build, table_hashes
from siklatih.errors import MendError
from siklatih.ingest import IngestReport, ingest
from siklatih.landing import original
from siklatih.ledger import Ledger
from siklatih.report.leaders import Report, leaders_report
from siklatih.settings import CHECKOUT, Settings
from siklatih.state import State
from siklatih.store import method_digest


def step(state: State, settings: Settings, *, late: timedelta = timedelta(0)) -> IngestReport:
    """Ingest once more."""
    with state.lock():
        ledger = Ledger(state.ledger)
        try:
            return ingest(state, ledger, settings, now=NOW + late, run_id="again")
        finally:
            ledger.close()


def rebuild(state: State, settings: Settings, **options: object) -> Path:
    """Build once more; return the warehouse."""
    with state.lock():
        ledger = Ledger(state.ledger)
        try:
            return build(state, ledger, settings, cycle=CYCLE, **options).warehouse  # type: ignore[arg-type]
        finally:
            ledger.close()


def defects(city: City, expected: str) -> list[dict[str, object]]:
    return [defect for defect in city.truth["defects"] if defect["expected"] == expected]


def test_at_least_fifteen_kinds_of_defect_are_planted(city: City) -> None:
    assert len({defect["kind"] for defect in city.truth["defects"]}) >= 15
    assert any("XFD1048576" in defect["kind"] for defect in city.truth["defects"])


def test_each_broken_file_is_refused_for_its_reason_and_no_other_file_is(built: Built, city: City) -> None:
    with built.warehouse() as con:
        refused = dict(
            con.execute(
                "select file_sha, refused_code from quality.files where refused_code is not null"
            ).fetchall()
        )
    assert refused == {city.sha(d["file"]): d["rule"] for d in defects(city, "refused")}


def test_each_bad_row_is_caught_by_its_rule_and_nothing_else_is_quarantined(built: Built, city: City) -> None:
    with built.warehouse() as con:
        caught = con.execute(
            "select file_sha, dataset, row_no, rule from quality.quarantine where severity = 'critical'"
        ).fetchall()
    planted = [
        (city.sha(str(d["file"])), d["dataset"], d["row_no"], d["rule"]) for d in defects(city, "quarantined")
    ]
    assert Counter(caught) == Counter(planted)
    assert len(planted) >= 15


def test_rows_given_twice_and_rows_corrected_are_told_apart(built: Built, city: City) -> None:
    for fate in ("duplicate", "superseded"):
        for defect in defects(city, fate):
            with built.warehouse() as con:
                found = con.execute(
                    f"select sum({fate}) from quality.file_summary where dataset = $dataset",
                    {"dataset": defect["dataset"]},
                ).fetchall()[0][0]
            assert found == defect["count"]


def test_every_file_reconciles(built: Built) -> None:
    with built.warehouse() as con:
        summary = con.execute("select * from quality.file_summary").fetchall()
        wrong = con.execute(
            "select count(*) from quality.file_summary "
            "where read <> accepted + quarantined + duplicate + superseded + withdrawn + erased"
        ).fetchall()[0][0]
        read = con.execute("select sum(read) from quality.file_summary").fetchall()[0][0]
    assert summary
    assert wrong == 0
    assert read == built.report.rows


def test_source_lines_are_accounted_for(built: Built) -> None:
    """Every line of a file and row of a sheet is data, heading or blank; data lines become rows."""
    counted = 0
    for path in built.state.accepted.rglob("manifest.json"):
        manifest = json.loads(path.read_text(encoding="utf-8"))
        totals = lines_of(original(built.state, manifest["file_sha"])) if manifest["parts"] else {}
        for part in manifest["parts"]:
            counted += 1
            total = totals[part["place"].removeprefix("lembar ")] if len(totals) > 1 else totals.popitem()[1]
            assert sum(part["lines"].values()) == total, (manifest["source"], part["place"], part["lines"])
            if not manifest_is_wide(part) and manifest["source"] != "Microsoft Teams attendance":
                assert part["lines"]["data"] == part["rows"], (manifest["source"], part["place"])
    assert counted > 100


def lines_of(path: Path) -> dict[str, int]:
    """Lines of a text file, or rows of each sheet of a workbook, counted apart from our readers."""
    content = path.read_bytes()
    if not content.startswith(b"PK"):
        return {"table": len(text_of(content).splitlines())}
    if content[30:38] == b"mimetype":
        ods = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return {
            name: len(ods.get_sheet_by_name(name).to_python(skip_empty_area=False))
            for name in ods.sheet_names
            if name != "meta"
        }
    book = load_workbook(io.BytesIO(content), read_only=True)
    return {
        sheet.title: sum(1 for _ in sheet.iter_rows())
        for sheet in book.worksheets
        if sheet.title.lower() != "meta"
    }


def text_of(content: bytes) -> str:
    if content.startswith(b"\xff\xfe"):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252")


def manifest_is_wide(part: dict[str, object]) -> bool:
    """Reaction forms and Moodle's tables hold several answers or sessions in one line (Teams' joining and
    leaving are two lines of one connection)."""
    return part["dataset"] in ("responses", "attendance")


def test_every_quarantined_row_is_returned_with_rule_and_remedy(built: Built, city: City) -> None:
    text = (built.state.returns / str(CYCLE) / "quarantine.csv").read_text(encoding="utf-8-sig")
    lines = text.strip().splitlines()
    assert len(lines) - 1 == len(defects(city, "quarantined")) + len(defects(city, "refused"))
    for defect in defects(city, "quarantined"):
        found = [line for line in lines if f",{defect['row_no']}," in line and str(defect["rule"]) in line]
        assert found, defect["kind"]
        assert all(cell for cell in found[0].rsplit(",", 4)[1:])


def test_a_second_run_reads_no_file_and_runs_no_file_check(built: Built) -> None:
    again = step(built.state, built.settings)
    assert (again.landing.new, again.landing.hashed, again.files_read, again.suites_run) == (0, 0, 0, 0)


def test_two_runs_from_empty_on_one_and_two_threads_give_the_same_tables(
    built: Built, tmp_path: Path
) -> None:
    other = run_city(make_city(tmp_path), tmp_path / "state", threads=1)
    first, second = table_hashes(built.state.warehouse()), table_hashes(other.state.warehouse())
    assert len(first) > 70
    assert [table for table in first if first[table] != second.get(table)] == []
    assert first.keys() == second.keys()
    reports = [report_of(run.state.warehouse()) for run in (built, other)]
    assert reports[0].files.keys() == {"leaders.html", "leaders.pdf", "leaders.json"}
    assert reports[0].files == reports[1].files
    assert reports[0].mail == reports[1].mail


def report_of(warehouse: Path) -> Report:
    con = duckdb.connect(str(warehouse), read_only=True)
    try:
        config = CHECKOUT / "config"
        agency = load_agency(config / "agency.yaml")
        return leaders_report(con, checkout=CHECKOUT, config=config, cycle=CYCLE, edition=1, agency=agency)
    finally:
        con.close()


FEW = (
    "2026Q3/opd-12/baris-cacat.xlsx",
    "2026Q3/opd-ulang",
    "2026Q3/bkpsdm/pelatihan.xlsx",
    "2026Q3/bkpsdm/nilai.xlsx",
    "2026Q3/bkpsdm/jadwal.ods",
)


@pytest.fixture(scope="module")
def few(city: City, tmp_path_factory: pytest.TempPathFactory) -> City:
    """Master data, the last quarter's administration and the defective rows: enough for every kind of row."""
    place = tmp_path_factory.mktemp("few") / "inbox"
    chosen = [path for name in FEW for path in _files(city.inbox / name)]
    chosen.append(next(city.inbox.glob("*/bkpsdm/data-induk.xlsx")))
    chosen += (
        sorted(path for path in (city.inbox / "2026Q3" / "lms").rglob("*") if path.is_file())[:2]
        + sorted((city.inbox / "2026Q3").rglob("*.csv"))[:2]
    )
    for path in chosen:
        target = place / path.relative_to(city.inbox)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    return City(place, city.truth)


def _files(place: Path) -> list[Path]:
    return [place] if place.is_file() else sorted(path for path in place.rglob("*") if path.is_file())


def arrive(few: City, home: Path, portions: list[list[Path]]) -> dict[str, str]:
    """Ingest the files in so many portions, build after each, and return the last tables' hashes."""
    state, settings = State(home), Settings(home=home, demo_seed=1)
    for number, portion in enumerate(portions):
        for path in portion:
            target = state.inbox / path.relative_to(few.inbox)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)
        step(state, settings, late=timedelta(hours=number))
    return table_hashes(rebuild(state, settings))


def shuffled(few: City, seed: int) -> list[list[Path]]:
    """Cut the files, in any order, into two to four portions."""
    rng = random.Random(seed)
    files = sorted(path for path in few.inbox.rglob("*") if path.is_file())
    rng.shuffle(files)
    cuts = sorted(rng.sample(range(1, len(files)), k=rng.randint(1, 3)))
    return [files[a:b] for a, b in zip([0, *cuts], [*cuts, len(files)], strict=True)]


@pytest.mark.slow
def test_any_order_of_arrival_gives_the_same_warehouse(few: City, tmp_path: Path) -> None:
    at_once = arrive(few, tmp_path / "at-once", [sorted(p for p in few.inbox.rglob("*") if p.is_file())])
    assert arrive(few, tmp_path / "shuffled", shuffled(few, 2)) == at_once


@pytest.mark.slow
def test_twelve_more_orders_of_arrival(few: City, tmp_path: Path) -> None:
    at_once = arrive(few, tmp_path / "at-once", [sorted(p for p in few.inbox.rglob("*") if p.is_file())])
    for seed in range(10, 22):
        assert arrive(few, tmp_path / str(seed), shuffled(few, seed)) == at_once


@pytest.mark.slow
def test_after_a_change_of_a_contract_nothing_stale_is_used(few: City, tmp_path: Path) -> None:
    config = tmp_path / "config"
    shutil.copytree(CHECKOUT / "config", config)
    run = run_city(few, tmp_path / "state", config=config)
    with run.warehouse() as con:
        before = con.execute("select count(*) from accepted.test_scores").fetchall()[0][0]
    path = config / "contracts" / "test_scores.yaml"
    contract = yaml.safe_load(path.read_text(encoding="utf-8"))
    column = next(c for c in contract["schema"][0]["properties"] if c["name"] == "score")
    column["logicalTypeOptions"] = {"minimum": 60}
    path.write_text(yaml.safe_dump(contract, allow_unicode=True), encoding="utf-8")

    with pytest.raises(MendError, match="not_read"):
        rebuild(run.state, run.settings)
    again = step(run.state, run.settings)
    assert again.files_read > 0
    rebuild(run.state, run.settings)
    with run.warehouse() as con:
        after, lowest = con.execute("select count(*), min(score) from accepted.test_scores").fetchall()[0]
    assert 0 < after < before
    assert lowest >= 60


@pytest.mark.parametrize(
    "changed", ["siklatih/sources/zoom_participants.py", "siklatih/reader.py", "siklatih/checks.py"]
)
def test_a_change_of_a_reader_or_a_rule_gives_outcomes_another_address(changed: str, tmp_path: Path) -> None:
    shutil.copytree(
        CHECKOUT / "siklatih", tmp_path / "siklatih", ignore=shutil.ignore_patterns("__pycache__")
    )
    before = method_digest(CHECKOUT / "config", "key", tmp_path)
    assert before == method_digest(CHECKOUT / "config", "key")
    with (tmp_path / changed).open("a") as file:
        file.write("# changed\n")
    assert method_digest(CHECKOUT / "config", "key", tmp_path) != before
    assert method_digest(CHECKOUT / "config", "another key") != before
    assert method_digest(CHECKOUT / "config", "key", bounds="others") != before


@pytest.mark.slow
def test_as_of_builds_what_was_known_then_into_a_file_of_its_own(few: City, tmp_path: Path) -> None:
    files = sorted(p for p in few.inbox.rglob("*") if p.is_file())
    late = [p for p in files if p.name == "nilai.xlsx"]
    early = tmp_path / "early"
    expected = arrive(few, early, [[p for p in files if p not in late]])
    home = tmp_path / "both"
    arrive(few, home, [[p for p in files if p not in late], late])
    state, settings = State(home), Settings(home=home, demo_seed=1)
    warehouse = rebuild(state, settings, as_of=NOW + timedelta(minutes=30))
    assert warehouse != state.warehouse()
    assert table_hashes(warehouse) == expected
    assert table_hashes(state.warehouse()) != expected
