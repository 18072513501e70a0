"""The real case: counts after the pipeline against counts taken straight from the files with pandas."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import duckdb
import pandas as pd
import pytest
from cities import NOW

from siklatih.agency import load_agency
from siklatih.build import build
from siklatih.cycle import Cycle
from siklatih.identity import nip_fault
from siklatih.ingest import ingest
from siklatih.ledger import Ledger
from siklatih.report.leaders import leaders_report
from siklatih.settings import CHECKOUT, Settings
from siklatih.state import State

pytestmark = pytest.mark.timeout(300)
CYCLE = Cycle.parse("2014Q2")
SOME = ("AAA", "EEE", "GGG")  # eight presentations of three modules; all seven in the slow suite


@dataclass(frozen=True)
class Case:
    """The tables, read with pandas, and the warehouse built from the converted files."""

    modules: tuple[str, ...]
    info: pd.DataFrame
    registration: pd.DataFrame
    results: pd.DataFrame
    assessments: pd.DataFrame
    home: Path

    def one(self, sql: str) -> tuple[int, ...]:
        con = duckdb.connect(str(self.home / "warehouse.duckdb"), read_only=True)
        try:
            return tuple(con.execute(sql).fetchall()[0])
        finally:
            con.close()


def example(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("oulad_convert", root / "examples" / "oulad" / "convert.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def make_case(shared: Path, root: Path, home: Path, modules: tuple[str, ...]) -> Case:
    source = shared / "data" / "oulad"
    state, settings = State(home), Settings(home=home, demo_seed=1)
    example(root).convert(source, state.inbox, modules=modules)
    with state.lock():
        ledger = Ledger(state.ledger)
        try:
            ingest(state, ledger, settings, now=NOW, run_id="test")
            build(state, ledger, settings, cycle=CYCLE)
        finally:
            ledger.close()

    def table(name: str) -> pd.DataFrame:
        frame = pd.read_csv(source / name)
        return frame[frame.code_module.isin(modules)] if modules and "code_module" in frame else frame

    assessments = table("assessments.csv")
    results = table("studentAssessment.csv.gz")
    results = results[results.id_assessment.isin(assessments.id_assessment)]
    return Case(
        modules, table("studentInfo.csv.gz"), table("studentRegistration.csv.gz"), results, assessments, home
    )


@pytest.fixture(scope="module")
def case(shared: Path, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Case:
    return make_case(shared, root, tmp_path_factory.mktemp("oulad") / "state", SOME)


def check_counts(case: Case) -> None:
    registered = case.registration
    undated = int(registered.date_registration.isna().sum())
    fresh = case.results[case.results.is_banked == 0]
    expected = {
        "units": (case.info.region.nunique(), 0),
        "roster": (case.info.id_student.nunique(), 0),
        "programmes": (registered.code_module.nunique(), 0),
        "batches": (len(registered[["code_module", "code_presentation"]].drop_duplicates()), 0),
        "enrolments": (len(registered) - undated, undated),
        "test_scores": (int(fresh.score.notna().sum()), int(fresh.score.isna().sum())),
    }
    for dataset, (accepted, quarantined) in expected.items():
        found = case.one(
            "select sum(read), sum(accepted), sum(quarantined), sum(duplicate), sum(superseded) "
            f"from quality.file_summary where dataset = '{dataset}'"
        )
        assert found == (accepted + quarantined, accepted, quarantined, 0, 0), dataset
    assert undated > 0
    assert fresh.score.isna().any()


def test_rows_accepted_and_put_aside_are_those_pandas_counts(case: Case) -> None:
    check_counts(case)


def test_a_student_of_several_modules_is_one_person(case: Case) -> None:
    assert len(case.registration) > case.registration.id_student.nunique()
    assert case.one("select count(distinct person_key) from core.dim_person_period") == (
        case.info.id_student.nunique(),
    )
    dated = case.registration[case.registration.date_registration.notna()]
    assert case.one("select count(distinct person_key) from core.fct_enrolment") == (
        dated.id_student.nunique(),
    )


def test_withdrawals_by_module_are_those_of_the_tables(case: Case) -> None:
    merged = case.registration.merge(case.info, on=["code_module", "code_presentation", "id_student"])
    dated = merged[merged.date_registration.notna()]
    left = dated[dated.date_unregistration.notna() | (dated.final_result == "Withdrawn")]
    for module, count in left.groupby("code_module").size().items():
        found = case.one(
            "select count(*) from core.fct_enrolment as e join core.dim_batch as b using (batch_code) "
            f"where b.programme_code = '{module}' and e.status = 'withdrawn'"
        )
        assert found == (count,)


def test_mean_scores_by_presentation_are_those_of_the_tables(case: Case) -> None:
    merged = case.results[case.results.is_banked == 0].merge(case.assessments, on="id_assessment")
    for (module, presentation), score in (
        merged.groupby(["code_module", "code_presentation"]).score.mean().items()
    ):
        found = case.one(
            f"select avg(score) from accepted.test_scores where batch_code = '{module}-{presentation}'"
        )
        assert found[0] == pytest.approx(score, abs=1e-9)


def test_every_file_reconciles(case: Case) -> None:
    assert case.one(
        "select count(*) from quality.file_summary "
        "where read <> accepted + quarantined + duplicate + superseded + withdrawn + erased"
    ) == (0,)


def test_what_the_tables_do_not_have_is_said_to_be_missing(case: Case, root: Path) -> None:
    con = duckdb.connect(str(case.home / "warehouse.duckdb"), read_only=True)
    try:
        report = leaders_report(
            con,
            checkout=CHECKOUT,
            config=CHECKOUT / "config",
            cycle=CYCLE,
            edition=1,
            agency=load_agency(CHECKOUT / "config" / "agency.yaml"),
        )
    finally:
        con.close()
    text = re.sub(r"\s+", " ", report.files["leaders.html"].decode())
    for dataset in (
        "presensi",
        "nilai tes",
        "jawaban angket",
        "survei kepuasan masyarakat",
        "biaya pelatihan",
    ):
        assert f"belum tersedia: perlu {dataset} dari" in text
    assert [row["now"] for row in json.loads(report.files["leaders.json"])["indicators"] if row["now"]] == []


def test_invented_numbers_are_valid_and_one_a_student(
    case: Case, root: Path, shared: Path, tmp_path: Path
) -> None:
    con = example(root)._open(shared / "data" / "oulad", SOME)
    rows = con.execute("select id_student, nip from people").fetchall()
    con.close()
    assert len({nip for _, nip in rows}) == len(rows) == case.info.id_student.nunique()
    assert [nip for _, nip in rows if nip_fault(nip) is not None] == []


def test_the_same_tables_give_the_same_files(shared: Path, root: Path, tmp_path: Path) -> None:
    source = shared / "data" / "oulad"
    first = example(root).convert(source, tmp_path / "a", modules=("AAA",))
    second = example(root).convert(source, tmp_path / "b", modules=("AAA",))
    assert len(first) == 3
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    shutil.rmtree(tmp_path / "a")


@pytest.mark.slow
def test_all_seven_modules(shared: Path, root: Path, tmp_path: Path) -> None:
    whole = make_case(shared, root, tmp_path / "state", ())
    assert len(whole.registration) == 32593
    check_counts(whole)
