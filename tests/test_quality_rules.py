"""Each kind of rule with 5,000 bad rows: the count, the rows named, and that the good rows pass.

Great Expectations' SQL results cap or lose row numbers, so every kind is shown at a size where that bites.
"""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb
import pytest

from siklatih.checks import Check, file_checks
from siklatih.contracts import Contract, load_contracts
from siklatih.cross_checks import cross_checks
from siklatih.expectations import bad_rows
from siklatih.quality import PartToCheck, check_dataset
from siklatih.reader import stored_columns
from siklatih.settings import CHECKOUT
from siklatih.warehouse import create_accepted

CONTRACTS = load_contracts(CHECKOUT / "config" / "contracts")
BAD, GOOD = 5000, 50
Values = Mapping[str, str | None]


def key(number: int) -> str:
    """A pseudonym as the reader would have made it."""
    return f"{number:032x}"


def person(number: int) -> dict[str, str]:
    return {"nip_key": key(number)}


# dataset -> a good row, by number; identifiers already are pseudonyms
GOOD_ROWS: dict[str, Callable[[int], dict[str, str | None]]] = {
    "roster": lambda n: {**person(n), "valid_from": "2026-01-01", "name_key": key(n), "status": "PNS", "unit_code": "OPD-01",
                         "position_type": "executor"},
    "units": lambda n: {"unit_code": f"OPD-{n}", "valid_from": "2026-01-01", "unit_name": "Dinas", "unit_type": "office"},
    "competences": lambda n: {"competence_code": f"K{n}", "position_type": "executor", "competence_name": "x",
                              "kind": "technical", "standard_level": "3"},
    "needs": lambda n: {**person(n), "competence_code": "K01", "rater": "self", "assessed_on": "2026-01-01",
                        "actual_level": "3", "importance": "3"},
    "interviews": lambda n: {"interview_id": f"W{n}", "theme_code": "T1", "coder": "1", "interviewed_on": "2026-01-01",
                             "unit_code": "OPD-01", "is_training_need": "true"},
    "programmes": lambda n: {"programme_code": f"P{n}", "programme_name": "x", "method": "class", "jp_form": "technical",
                             "need_source": "none", "jp_designed": "20"},
    "objectives": lambda n: {"programme_code": f"P{n}", "objective_number": "1", "objective_text": "x", "activity": "x",
                             "assessment": "x"},
    "materials": lambda n: {"material_code": f"B{n}", "programme_code": "P01", "material_title": "x",
                            "cites_superseded": "false"},
    "partners": lambda n: {"partner_code": f"M{n}", "partner_name": "x", "partner_type": "ngo"},
    "trainers": lambda n: {"trainer_code": f"T{n}", "trainer_name_key": key(n), "trainer_type": "lecturer"},
    "batches": lambda n: {"batch_code": f"P01-A{n}", "programme_code": "P01", "starts_on": "2026-01-01",
                          "ends_on": "2026-01-02", "assignment": "lottery", "capacity": "30", "follow_up_planned": "true"},
    "sessions": lambda n: {"session_code": f"S{n}", "batch_code": "P01-A1", "starts_at": "2026-01-01 08:00:00",
                           "ends_at": "2026-01-01 10:00:00", "jp": "2"},
    "enrolments": lambda n: {"batch_code": "P01-A1", **person(n), "arm": "trained", "enrolled_on": "2026-01-01",
                             "status": "completed"},
    "attendance": lambda n: {"batch_code": "P01-A1", "session_starts_at": "2026-01-01 08:00:00", **person(n), "status": "P"},
    "test_scores": lambda n: {"batch_code": "P01-A1", **person(n), "occasion": "pre", "instrument_code": "T",
                              "instrument_version": "1", "taken_at": "2026-01-01 08:00:00", "score": "50", "max_score": "100"},
    "responses": lambda n: {"instrument_code": "reaction", "batch_code": "P01-A1", "response_code": str(n), "item_code": "rel1",
                            "instrument_version": "1", "submitted_at": "2026-01-01 08:00:00", "answer": "4"},
    "behaviour_ratings": lambda n: {"batch_code": "P01-A1", **person(n), "rater": "self", "wave": "T3",
                                    "behaviour_number": "1", "rating": "4", "rated_on": "2026-01-01"},
    "appraisals": lambda n: {**person(n), "period_start": "2026-01-01", "period_end": "2026-03-31", "work_result": "meets",
                             "work_behaviour": "meets", "predicate": "good"},
    "service_survey": lambda n: {"response_code": str(n), "unit_code": "UPL-01", "surveyed_on": "2026-01-01", "mode": "paper",
                                 "requirements": "4"},
    "service_outcomes": lambda n: {"unit_code": f"UPL-{n}", "month": "2026-01-01", "services": "10", "complaints": "1",
                                   "complaints_on_time": "1"},
    "costs": lambda n: {"batch_code": f"P01-A{n}", "cost_type": "venue", "funded_by": "budget", "planned_amount": "1",
                        "actual_amount": "1"},
    "targets": lambda n: {"metric_id": f"m{n}", "year": "2026", "target": "1"},
    "decisions": lambda n: {"decision_code": f"D{n}", "cycle": "2026Q1", "title": "x", "owner": "x", "due_on": "2026-01-01",
                            "status": "proposed", "status_on": "2026-01-01"},
    "stakeholders": lambda n: {"email_key": key(n), "audience": "leaders", "scope_kind": "city", "scope_code": "city",
                               "language": "id", "active_from": "2026-01-01"},
    "presence": lambda n: {"meeting_id": "1", **person(n), "joined_at": "2026-01-01 08:00:00", "left_at": "2026-01-01 09:00:00"},
}  # fmt: skip

# row rules -> what turns a good row into one that breaks it
ROW_RULES: dict[str, dict[str, str | None]] = {
    "appraisals.predicate_not_matrix": {"predicate": "poor"},
    "appraisals.period_reversed": {"period_end": "2025-12-31"},
    "attendance.person_missing": {"nip_key": None},
    "batches.ends_before_start": {"ends_on": "2025-12-31"},
    "objectives.not_aligned": {"activity": None},
    "presence.left_before_joined": {"left_at": "2026-01-01 07:00:00"},
    "presence.person_missing": {"nip_key": None},
    "roster.exit_before_start": {"exit_date": "2025-12-31"},
    "roster.contract_start_missing": {"status": "PPPK"},
    "service_outcomes.on_time_above_all": {"complaints_on_time": "2"},
    "service_outcomes.not_first_of_month": {"month": "2026-01-02"},
    "sessions.ends_before_start": {"ends_at": "2026-01-01 08:00:00"},
    "stakeholders.active_reversed": {"active_to": "2025-12-31"},
    "test_scores.score_above_max": {"score": "101"},
    "units.validity_reversed": {"valid_to": "2026-01-01"},
}  # fmt: skip
UNREADABLE = {
    "integer": "3,5x",
    "decimal": "tiga",
    "date": "31-02-2026",
    "datetime": "kemarin",
    "boolean": "mungkin",
}


def breaking(contract: Contract, check: Check) -> dict[str, str | None]:
    """Return what makes a good row break just this rule, found from the contract."""
    if check.rule in ROW_RULES:
        return ROW_RULES[check.rule]
    _, name, kind = check.rule.split(".")
    if kind == "conflict":
        return {}
    column = contract.column(name)
    if kind == "required":
        return {column.stored_name: None}
    if kind == "identifier":
        return {column.stored_name: None, column.fault_name: "length"}
    if kind == "type":
        return {column.stored_name: UNREADABLE[column.kind]}
    if kind == "values":
        return {column.stored_name: "entah"}
    if kind == "pattern":
        return {column.stored_name: "???"}
    assert kind == "range"
    if column.maximum is not None:
        return {column.stored_name: str(int(column.maximum) + 1)}
    return {column.stored_name: str(int(column.minimum or 0) - (0 if column.exclusive_minimum else 1))}


def part_of(contract: Contract, rows: list[Values], place: Path, sha: str = "f" * 64) -> PartToCheck:
    """Write rows as the reader writes them; row numbers are emit numbers plus 10."""
    names = stored_columns(contract)
    with place.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["emit_no", "row_no", *names])
        for number, row in enumerate(rows, start=1):
            assert set(row) <= set(names)
            writer.writerow([number, number + 10, *(row.get(name) for name in names)])
    return PartToCheck(sha, 0, contract.dataset, "table", place)


def faults(folder: Path, sha: str = "f" * 64) -> dict[str, set[int]]:
    """Rule -> row numbers put into quarantine (or warned about)."""
    rows = duckdb.sql(
        "select rule, row_no from read_parquet($path)",
        params={"path": str(folder / f"{sha}-0-quarantine.parquet")},
    ).fetchall()
    found: dict[str, set[int]] = {}
    for rule, row_no in rows:
        found.setdefault(rule, set()).add(row_no)
    return found


def all_checks() -> list[tuple[str, Check]]:
    return [(dataset, check) for dataset, contract in CONTRACTS.items() for check in file_checks(contract)]


@pytest.mark.parametrize("dataset", sorted(CONTRACTS))
def test_every_rule_of_a_contract_is_shown_failing(dataset: str, tmp_path: Path) -> None:
    """One good row, and for each rule one row made to break it: each is caught by that rule."""
    contract = CONTRACTS[dataset]
    good = GOOD_ROWS[dataset]
    checks = file_checks(contract)
    rows: list[Values] = [good(1)]
    wanted: dict[str, set[int]] = {}
    for number, check in enumerate(checks, start=2):
        wanted[check.rule] = {len(rows) + 11}
        broken = {**good(number), **breaking(contract, check)}
        rows.append(broken)
        if check.rule.endswith(".key.conflict"):
            wanted[check.rule].add(len(rows) + 11)
            rows.append({**broken, **_other(contract)})
    outcome = check_dataset(contract, [part_of(contract, rows, tmp_path / "rows.csv")], tmp_path)
    caught = faults(tmp_path)
    for rule, numbers in wanted.items():
        assert numbers <= caught.get(rule, set()), (rule, caught.get(rule))
    assert 11 not in set().union(*caught.values())
    done = outcome["f" * 64, 0]
    assert done.rows == done.accepted + done.quarantined + done.duplicate
    assert done.accepted >= 1


def _other(contract: Contract) -> dict[str, str | None]:
    """Something outside the key that differs, so that two rows are not the same row twice."""
    for column in contract.columns:
        if column.key or column.is_identifier:
            continue
        if column.kind in ("date", "datetime"):
            return {column.stored_name: "2026-01-03" if column.kind == "date" else "2026-01-01 09:30:00"}
        if column.values:
            return {column.stored_name: column.values[-1].value}
        if column.kind in ("integer", "decimal"):
            return {column.stored_name: "2"}
        if column.kind in ("text", "code"):
            return {column.stored_name: "other"}
    raise AssertionError(contract.dataset)


# one rule of each kind, and each type where the type matters
KINDS = [
    "test_scores.score.required", "test_scores.score.type", "batches.capacity.type", "batches.starts_on.type",
    "sessions.starts_at.type", "batches.follow_up_planned.type", "test_scores.nip.identifier",
    "stakeholders.email.identifier", "trainers.trainer_name.required", "batches.assignment.values", "costs.actual_amount.range",
    "sessions.jp.range", "competences.standard_level.range", "decisions.cycle.pattern", "test_scores.score_above_max",
    "objectives.not_aligned", "test_scores.key.conflict", "attendance.key.conflict",
]  # fmt: skip


@pytest.mark.parametrize("rule", KINDS)
def test_five_thousand_bad_rows_are_all_named(rule: str, tmp_path: Path) -> None:
    dataset = rule.split(".", maxsplit=1)[0]
    contract = CONTRACTS[dataset]
    check = next(check for check in file_checks(contract) if check.rule == rule)
    good = GOOD_ROWS[dataset]
    rows: list[Values] = [good(number) for number in range(1, GOOD + 1)]
    for number in range(BAD if not rule.endswith("conflict") else BAD // 2):
        broken = {**good(GOOD + 1 + number), **breaking(contract, check)}
        rows.append(broken)
        if rule.endswith("conflict"):
            rows.append({**broken, **_other(contract)})
    assert len(rows) == GOOD + BAD
    outcome = check_dataset(contract, [part_of(contract, rows, tmp_path / "rows.csv")], tmp_path)["f" * 64, 0]
    assert faults(tmp_path)[rule] == set(range(GOOD + 11, GOOD + BAD + 11))
    assert outcome.rows == GOOD + BAD
    if check.severity == "critical":
        assert (outcome.accepted, outcome.quarantined, outcome.warnings) == (GOOD, BAD, 0)
    else:
        assert (outcome.accepted, outcome.quarantined, outcome.warnings) == (GOOD + BAD, 0, BAD)


def candidates(dataset: str, rows: list[Values]) -> duckdb.DuckDBPyConnection:
    """A connection with ``accepted.*``, and the rows as candidates of a build."""
    con = duckdb.connect()
    create_accepted(con, CONTRACTS, "accepted")
    create_accepted(con, CONTRACTS, "loaded")
    con.execute(f"create table candidates as select * from accepted.{dataset}")
    con.execute(
        "create table bad (file_sha VARCHAR, part_no BIGINT, emit_no BIGINT, column_name VARCHAR, rule VARCHAR, severity VARCHAR)"
    )
    for number, row in enumerate(rows, start=1):
        names = ", ".join(row)
        con.execute(
            f"insert into candidates (file_sha, part_no, emit_no, row_no, {names}) values ('f', 0, $number, $number, "
            + ", ".join(f"${name}" for name in row)
            + ")",
            {"number": number, **row},
        )
    return con


@pytest.mark.parametrize(("rule", "broken"), [
    ("test_scores.batch_code.reference", {"batch_code": "P99-A9", "person_key": "p"}),
    ("test_scores.nip.reference", {"person_key": None}),
])  # fmt: skip
def test_five_thousand_rows_that_lean_on_nothing_are_all_named(
    rule: str, broken: dict[str, str | None]
) -> None:
    good = GOOD_ROWS["test_scores"]
    con = candidates("test_scores", [{**good(number), "person_key": "p"} for number in range(GOOD)])
    con.execute("insert into accepted.batches (batch_code) values ('P01-A1')")
    con.execute(
        "create table more as select candidates.* replace ($batch as batch_code, $person as person_key, "
        "numbers.n as emit_no, numbers.n as row_no) from candidates, range(1000, 6000) as numbers(n) "
        "where candidates.row_no = 1",
        {"batch": broken.get("batch_code", "P01-A1"), "person": broken["person_key"]},
    )
    con.execute("insert into candidates select * from more")
    checks = cross_checks(con, CONTRACTS, CONTRACTS["test_scores"])
    counts = bad_rows(con, "candidates", checks, into="bad")
    assert counts[rule] == BAD
    named = {
        row[0] for row in con.execute("select emit_no from bad where rule = $rule", {"rule": rule}).fetchall()
    }
    assert named == set(range(1000, 6000))


def test_a_reference_to_a_dataset_that_was_never_given_is_not_checked() -> None:
    con = candidates("test_scores", [{**GOOD_ROWS["test_scores"](1), "person_key": "p"}])
    assert [check.rule for check in cross_checks(con, CONTRACTS, CONTRACTS["test_scores"])] == [
        "test_scores.nip.reference"
    ]


def _numbers(values: int = 10) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("create table candidates as select 'f' as file_sha, 0 as part_no, range as emit_no, range as x "
                "from range($values)", {"values": values})  # fmt: skip
    con.execute(
        "create table bad (file_sha VARCHAR, part_no BIGINT, emit_no BIGINT, column_name VARCHAR, rule VARCHAR, severity VARCHAR)"
    )
    return con


def check(bad_when: str, kind: str, arguments: dict[str, object]) -> Check:
    return Check("t.x.test", "x", "critical", bad_when, (kind, arguments), ("", ""), ("", ""))


def test_a_disagreement_is_our_fault_and_raised() -> None:
    wrong = check("x > 7", "ExpectColumnValuesToBeBetween", {"column": "x", "max_value": 5})
    with pytest.raises(RuntimeError, match="4 bad rows counted, 2 found"):
        bad_rows(_numbers(), "candidates", [wrong], into="bad")


def test_an_expectation_that_cannot_be_evaluated_never_counts_as_bad_data() -> None:
    wrong = check(
        "false",
        "UnexpectedRowsExpectation",
        {"unexpected_rows_query": "select * from {batch} where nothing_of_that_name"},
    )
    with pytest.raises(RuntimeError, match="could not be evaluated"):
        bad_rows(_numbers(), "candidates", [wrong], into="bad")


def test_the_repair_of_the_sql_engine_is_still_needed() -> None:
    """When this fails, Great Expectations and duckdb-engine work by themselves: drop the repair."""
    program = """
import duckdb, siklatih.expectations as e
from siklatih.checks import Check
e._keep_connection_open = lambda: None
con = duckdb.connect()
con.execute("create table candidates as select 'f' as file_sha, 0 as part_no, range as emit_no, range as x from range(10)")
con.execute("create table bad (file_sha VARCHAR, part_no BIGINT, emit_no BIGINT, column_name VARCHAR, rule VARCHAR, severity VARCHAR)")
check = Check("t.x.r", "x", "critical", "x > 5", ("ExpectColumnValuesToBeBetween", {"column": "x", "max_value": 5}), ("", ""), ("", ""))
print(e.bad_rows(con, "candidates", [check], into="bad"))
"""
    without = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=CHECKOUT, check=False
    )
    repaired = program.replace("e._keep_connection_open = lambda: None\n", "")
    with_it = subprocess.run(
        [sys.executable, "-c", repaired], capture_output=True, text=True, cwd=CHECKOUT, check=False
    )
    assert without.returncode != 0
    assert "{'t.x.r': 4}" in with_it.stdout
