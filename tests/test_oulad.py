"""The real case: counts after the pipeline against counts taken straight from the files with pandas."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

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
    courses: pd.DataFrame
    home: Path

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        con = duckdb.connect(str(self.home / "warehouse.duckdb"), read_only=True)
        try:
            return [tuple(row) for row in con.execute(sql).fetchall()]
        finally:
            con.close()

    def one(self, sql: str) -> tuple[Any, ...]:
        return self.rows(sql)[0]

    def enrolled(self) -> pd.DataFrame:
        """Registrations with a day, whether the student left, and the quarter in which the presentation ends."""
        keys = ["code_module", "code_presentation"]
        merged = self.registration.merge(self.info, on=[*keys, "id_student"]).merge(self.courses, on=keys)
        month = merged.code_presentation.str[4].map({"B": "-02-01", "J": "-10-01"})
        first = pd.to_datetime(merged.code_presentation.str[:4] + month)
        last = first + pd.to_timedelta(merged.module_presentation_length, unit="D")
        merged["cycle"] = last.dt.to_period("Q").astype(str)
        merged["left"] = merged.date_unregistration.notna() | (merged.final_result == "Withdrawn")
        return merged[merged.date_registration.notna()]


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
        modules=modules,
        info=table("studentInfo.csv.gz"),
        registration=table("studentRegistration.csv.gz"),
        results=results,
        assessments=assessments,
        courses=table("courses.csv"),
        home=home,
    )


@pytest.fixture(scope="module")
def case(shared: Path, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Case:
    return make_case(shared, root, tmp_path_factory.mktemp("oulad") / "state", SOME)


@pytest.fixture(scope="module")
def report(case: Case) -> dict[str, bytes]:
    return make_report(case)


def make_report(case: Case) -> dict[str, bytes]:
    con = duckdb.connect(str(case.home / "warehouse.duckdb"), read_only=True)
    try:
        return leaders_report(
            con,
            checkout=CHECKOUT,
            config=CHECKOUT / "config",
            cycle=CYCLE,
            edition=1,
            agency=load_agency(CHECKOUT / "config" / "agency.yaml"),
        ).files
    finally:
        con.close()


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


def check_statuses(case: Case) -> None:
    enrolled = case.enrolled()
    left = int(enrolled.left.sum())
    found = dict(case.rows("select status, count(*) from core.fct_enrolment group by status"))
    assert found == {"completed": len(enrolled) - left, "withdrawn": left}  # so nobody is a no-show
    early = enrolled[enrolled.date_unregistration < 0]
    assert 0 < len(early) < left  # they left before the first day, and count among the withdrawn


def check_metrics(case: Case) -> None:
    """The denominators of two metrics; there are no answers, so no figure stands on them."""
    stayed = case.enrolled()[lambda frame: ~frame.left]
    expected = {
        (cycle, "programme", module): len(group)
        for (cycle, module), group in stayed.groupby(["cycle", "code_module"])
        if cycle <= str(CYCLE)
    }
    for cycle, group in stayed[stayed.cycle <= str(CYCLE)].groupby("cycle"):
        expected[cycle, "city", "city"] = expected[cycle, "method", "elearning"] = len(group)
    assert (str(CYCLE), "city", "city") in expected
    for metric in ("reaction_relevance", "reaction_trainer"):
        found = case.rows(
            "select cycle, slice_kind, slice_code, eligible from metrics.metric_values "
            f"where metric_id = '{metric}'"
        )
        assert {tuple(place): eligible for *place, eligible in found} == expected, metric
    measured = case.one(
        "select count(*) from metrics.metric_values "
        "where metric_id <> 'match_rate' and (n > 0 or estimate is not null)"  # whom files name is known
    )
    assert measured == (0,)


def check_report(case: Case, report: dict[str, bytes]) -> None:
    ended = case.enrolled()[lambda frame: frame.cycle == str(CYCLE)]
    persons = ended[~ended.left].id_student.nunique()
    batches = len(ended[["code_module", "code_presentation"]].drop_duplicates())
    said = json.loads(report["leaders.json"])["lead"]["rest"]
    shown = f"{persons:,}".replace(",", ".")
    assert said == f"{shown} ASN mengikuti {batches} angkatan dari {ended.code_module.nunique()} program."


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


def test_whoever_left_has_withdrawn_and_nobody_is_a_no_show(case: Case) -> None:
    check_statuses(case)


def test_those_asked_by_programme_are_those_of_the_tables(case: Case) -> None:
    check_metrics(case)


def test_the_report_counts_the_persons_and_presentations_of_the_tables(
    case: Case, report: dict[str, bytes]
) -> None:
    check_report(case, report)


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


def test_what_the_tables_do_not_have_is_said_to_be_missing(report: dict[str, bytes]) -> None:
    text = re.sub(r"\s+", " ", report["leaders.html"].decode())
    for dataset in (
        "presensi",
        "nilai tes",
        "jawaban angket",
        "survei kepuasan masyarakat",
        "biaya pelatihan",
    ):
        assert f"belum tersedia: perlu {dataset} dari" in text
    assert [row["now"] for row in json.loads(report["leaders.json"])["indicators"] if row["now"]] == []


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


def test_the_document_gives_the_counts_of_the_tables(shared: Path, root: Path) -> None:
    source, keys = shared / "data" / "oulad", ["code_module", "code_presentation", "id_student"]
    info = pd.read_csv(source / "studentInfo.csv.gz")
    merged = pd.read_csv(source / "studentRegistration.csv.gz").merge(info, on=keys)
    results = pd.read_csv(source / "studentAssessment.csv.gz")
    results = results.merge(pd.read_csv(source / "assessments.csv"), on="id_assessment")
    dated, day = merged.date_registration.notna(), merged.date_unregistration
    left = day.notna() | (merged.final_result == "Withdrawn")
    fresh = results[results.is_banked == 0]
    scored = fresh[fresh.score.notna()].merge(merged, on=keys)
    early = scored[scored.date_unregistration < 0]
    handed_in = results[keys].drop_duplicates()
    # "2013B" < "2013J" < "2014B" < "2014J": the order of the terms is that of their codes
    begun = fresh.groupby(["id_student", "code_module"]).code_presentation.min().rename("begun")
    banked = results[results.is_banked == 1].join(begun, on=["id_student", "code_module"])
    earlier = int((banked.begun.fillna("9999") < banked.code_presentation).sum())
    stayed = merged[dated & ~left]
    silent = stayed.merge(handed_in, on=keys, how="left", indicator=True).query("_merge == 'left_only'")
    text = re.sub(r"\s+", " ", (root / "docs" / "oulad.md").read_text(encoding="utf-8"))
    for said in (
        f"{info.id_student.nunique():,} students, {len(merged):,} registrations",
        f"| enrolments | registrations | {len(merged):,} | {dated.sum():,} | {(~dated).sum()} |",
        f"| {len(fresh):,} | {fresh.score.notna().sum():,} | {fresh.score.isna().sum()} |",
        f"{len(stayed):,} completed, {(dated & left).sum():,} withdrawn, no no-show",
        f"{(~dated).sum()} registrations without a date",
        f"{scored.date_registration.isna().sum()} results of theirs",
        f"{fresh.score.isna().sum()} results without a score",
        f"{len(banked):,} banked results",
        f"For {earlier:,} of them the student has results of an earlier presentation",
        f"for the other {len(banked) - earlier} the tables hold nothing earlier",
        f"{(day.notna() & (merged.final_result == 'Fail')).sum()} registrations that failed",
        f"{(day.isna() & left).sum()} withdrawn without such a day",
        f"{(day < 0).sum():,} registrations given up before the first day",
        f"{(dated & (day < 0)).sum():,} of them have a date",
        f"{len(early)} results stand under {len(early[keys].drop_duplicates())} of them",
        f"{(stayed.final_result == 'Fail').sum():,} who stayed and failed",
        f"{len(silent):,} of those who stayed have no result at all, and {(silent.final_result == 'Pass').sum()} of these passed",
    ):
        assert said in text


@pytest.mark.slow
def test_all_seven_modules(shared: Path, root: Path, tmp_path: Path) -> None:
    whole = make_case(shared, root, tmp_path / "state", ())
    assert len(whole.registration) == 32593
    check_counts(whole)
    check_statuses(whole)
    check_metrics(whole)
    ended = whole.enrolled()[lambda frame: (frame.cycle == str(CYCLE)) & ~frame.left]
    assert ended.id_student.nunique() < len(ended)  # somebody holds two places, and is counted once
    check_report(whole, make_report(whole))
