"""Each kind of rule with 5,000 bad rows: the count, the rows named, and that the good rows pass.

Great Expectations' SQL results cap or lose row numbers, so every kind is shown at a size where that bites.
That each rule of each contract catches the row made to break it is shown in ``test_rules_of_contracts``.
"""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest

from siklatih import quality
from siklatih.checks import Check, file_checks
from siklatih.contracts import Contract, load_contracts
from siklatih.cross_checks import cross_checks
from siklatih.expectations import bad_rows
from siklatih.part_files import stored_columns
from siklatih.quality import PartToCheck, check_dataset
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
    "units": lambda n: {"unit_code": f"OPD-{n}", "valid_from": "2026-01-01", "unit_name": "Dinas", "unit_type": "office"},
    "competences": lambda n: {"competence_code": f"K{n}", "position_type": "executor", "competence_name": "x",
                              "kind": "technical", "standard_level": "3"},
    "programmes": lambda n: {"programme_code": f"P{n}", "programme_name": "x", "method": "class", "jp_form": "technical",
                             "need_source": "none", "jp_designed": "20"},
    "objectives": lambda n: {"programme_code": f"P{n}", "objective_number": "1", "objective_text": "x", "activity": "x",
                             "assessment": "x"},
    "trainers": lambda n: {"trainer_code": f"T{n}", "trainer_name_key": key(n), "trainer_type": "lecturer"},
    "batches": lambda n: {"batch_code": f"P01-A{n}", "programme_code": "P01", "starts_on": "2026-01-01",
                          "ends_on": "2026-01-02", "assignment": "lottery", "capacity": "30", "follow_up_planned": "true"},
    "sessions": lambda n: {"session_code": f"S{n}", "batch_code": "P01-A1", "starts_at": "2026-01-01 08:00:00",
                           "ends_at": "2026-01-01 10:00:00", "jp": "2"},
    "attendance": lambda n: {"batch_code": "P01-A1", "session_starts_at": "2026-01-01 08:00:00", **person(n), "status": "P"},
    "test_scores": lambda n: {"batch_code": "P01-A1", **person(n), "occasion": "pre", "instrument_code": "T",
                              "instrument_version": "1", "taken_at": "2026-01-01 08:00:00", "score": "50", "max_score": "100"},
    "costs": lambda n: {"batch_code": f"P01-A{n}", "cost_type": "venue", "funded_by": "budget", "planned_amount": "1",
                        "actual_amount": "1"},
    "decisions": lambda n: {"decision_code": f"D{n}", "cycle": "2026Q1", "title": "x", "owner": "x", "due_on": "2026-01-01",
                            "status": "proposed", "status_on": "2026-01-01"},
    "stakeholders": lambda n: {"email_key": key(n), "audience": "leaders", "scope_kind": "city", "scope_code": "city",
                               "language": "id", "active_from": "2026-01-01"},
    "presence": lambda n: {"meeting_id": str(n), **person(n), "joined_at": "2026-01-01 08:00:00", "left_at": "2026-01-01 09:00:00"},
}  # fmt: skip


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


def faults(folder: Path, sha: str = "f" * 64) -> dict[str, list[int]]:
    """Rule -> row numbers put into quarantine (or warned about), each as often as it is noted."""
    rows = duckdb.sql(
        "select rule, row_no from read_parquet($path) order by row_no",
        params={"path": str(folder / f"{sha}-0-quarantine.parquet")},
    ).fetchall()
    found: dict[str, list[int]] = {}
    for rule, row_no in rows:
        found.setdefault(rule, []).append(row_no)
    return found


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


# a rule of each kind, and each type where the type matters -> what makes a good row break it
KINDS: list[tuple[str, dict[str, str | None]]] = [
    ("test_scores.score.required", {"score": None}),
    ("trainers.trainer_name.required", {"trainer_name_key": None}),
    ("test_scores.score.type", {"score": "tiga"}),
    ("batches.capacity.type", {"capacity": "2.5"}),
    ("batches.starts_on.type", {"starts_on": "31-02-2026"}),
    ("sessions.starts_at.type", {"starts_at": "kemarin"}),
    ("batches.follow_up_planned.type", {"follow_up_planned": "mungkin"}),
    ("test_scores.nip.identifier", {"nip_key": None, "nip__fault": "birth_date"}),
    ("presence.terminal_number.identifier", {"terminal_number_key": None, "terminal_number__fault": "form"}),
    ("stakeholders.email.identifier", {"email_key": None, "email__fault": "form"}),
    ("batches.assignment.values", {"assignment": "entah"}),
    ("costs.actual_amount.range", {"actual_amount": "-0.0001"}),  # below a bound that may be reached
    ("sessions.jp.range", {"jp": "0"}),  # a bound that may not
    ("competences.standard_level.range", {"standard_level": "0"}),
    ("competences.standard_level.range", {"standard_level": "6"}),
    ("decisions.cycle.pattern", {"cycle": "TW1"}),
    ("test_scores.score_above_max", {"score": "100.0001"}),
    ("presence.person_missing", {"nip_key": None}),
    ("objectives.not_aligned", {"activity": None}),
    ("test_scores.key.conflict", {}),
    ("attendance.key.conflict", {}),  # the person is given by number, address or name
]  # fmt: skip
WARNS_ONLY = {"objectives.not_aligned"}


def test_the_table_has_every_kind_and_type_that_contracts_make() -> None:
    """A new kind of rule fails here until it is shown with 5,000 bad rows."""

    def kind(rule: str) -> tuple[str, ...]:
        dataset, *rest = rule.split(".")
        if len(rest) == 1:
            (rule_,) = (r for r in CONTRACTS[dataset].row_rules if r.rule_id == rest[0])
            return ("row rule", rule_.severity)
        if rest[-1] not in ("type", "identifier"):
            return (rest[-1],)
        return (rest[-1], CONTRACTS[dataset].column(rest[0]).kind)

    made = {kind(check.rule) for contract in CONTRACTS.values() for check in file_checks(contract)}
    # any text is a name, so no row a person writes breaks it; shown by hand in test_rules_of_contracts
    assert made - {("identifier", "name")} == {kind(rule) for rule, _ in KINDS}


def counting(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Listen to what Great Expectations counts while the real checks run."""
    heard: dict[str, int] = {}

    def listen(*args: Any, **named: Any) -> dict[str, int]:
        counts = bad_rows(*args, **named)
        heard.update(counts)
        return counts

    monkeypatch.setattr(quality, "bad_rows", listen)
    return heard


def accepted_lines(folder: Path, sha: str = "f" * 64) -> list[int]:
    rows = duckdb.sql(
        "select row_no from read_parquet($path) order by row_no",
        params={"path": str(folder / f"{sha}-0.parquet")},
    ).fetchall()
    return [row[0] for row in rows]


@pytest.mark.parametrize(("rule", "broken"), KINDS)
def test_five_thousand_bad_rows_are_all_named(
    rule: str, broken: dict[str, str | None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = rule.split(".", maxsplit=1)[0]
    contract = CONTRACTS[dataset]
    good = GOOD_ROWS[dataset]
    rows: list[Values] = [good(number) for number in range(1, GOOD + 1)]
    for number in range(BAD if not rule.endswith("conflict") else BAD // 2):
        bad = {**good(GOOD + 1 + number), **broken}
        rows.append(bad)
        if rule.endswith("conflict"):
            rows.append({**bad, **_other(contract)})
    assert len(rows) == GOOD + BAD
    counts = counting(monkeypatch)
    outcome = check_dataset(contract, [part_of(contract, rows, tmp_path / "rows.csv")], tmp_path)["f" * 64, 0]
    assert counts == {c.rule: BAD if c.rule == rule else 0 for c in file_checks(contract)}
    bad_lines = list(range(GOOD + 11, GOOD + BAD + 11))
    assert faults(tmp_path) == {rule: bad_lines}
    assert outcome.rows == outcome.accepted + outcome.quarantined + outcome.duplicate == GOOD + BAD
    if rule not in WARNS_ONLY:
        assert (outcome.accepted, outcome.quarantined, outcome.warnings) == (GOOD, BAD, 0)
        assert accepted_lines(tmp_path) == list(range(11, GOOD + 11))
    else:
        assert (outcome.accepted, outcome.quarantined, outcome.warnings) == (GOOD + BAD, 0, BAD)
        assert accepted_lines(tmp_path) == list(range(11, GOOD + BAD + 11))


def test_read_is_accepted_and_quarantined_and_duplicate_for_each_of_two_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Doubles are dropped within a file and never across files; neither file changes the other's outcome."""
    contract = CONTRACTS["test_scores"]
    good = GOOD_ROWS["test_scores"]
    first: list[Values] = [good(number) for number in range(1, GOOD + 1)]
    first += [good(1)] * BAD + [{**good(GOOD + 1 + number), "score": "-1"} for number in range(BAD)]
    second: list[Values] = [good(1), {**good(1), "score": "-1"}, {**good(1), "score": "-1"}]
    parts = [
        part_of(contract, first, tmp_path / "first.csv", "a" * 64),
        part_of(contract, second, tmp_path / "second.csv", "b" * 64),
    ]
    counts = counting(monkeypatch)
    outcome = check_dataset(contract, parts, tmp_path)
    assert counts["test_scores.score.range"] == BAD + 1
    one, two = outcome["a" * 64, 0], outcome["b" * 64, 0]
    assert (one.rows, one.accepted, one.quarantined, one.duplicate) == (GOOD + 2 * BAD, GOOD, BAD, BAD)
    # the good row and the bad one are two rows for one test, so both wait; the bad one's double is dropped
    assert (two.rows, two.accepted, two.quarantined, two.duplicate) == (3, 0, 2, 1)
    for part in (one, two):
        assert part.rows == part.accepted + part.quarantined + part.duplicate
    assert accepted_lines(tmp_path, "a" * 64) == list(range(11, GOOD + 11))
    assert faults(tmp_path, "b" * 64) == {
        "test_scores.key.conflict": [11, 12],
        "test_scores.score.range": [12],
    }


def test_rows_whose_number_cannot_be_read_are_no_doubles_of_each_other(tmp_path: Path) -> None:
    """Their empty pseudonyms are the same where the numbers in the cells may not be."""
    contract = CONTRACTS["test_scores"]
    row = {**GOOD_ROWS["test_scores"](1), "nip_key": None, "nip__fault": "length"}
    part = part_of(contract, [row] * 3, tmp_path / "rows.csv")
    outcome = check_dataset(contract, [part], tmp_path)["f" * 64, 0]
    assert (outcome.quarantined, outcome.duplicate) == (3, 0)


def candidates(dataset: str, rows: list[Values]) -> duckdb.DuckDBPyConnection:
    """A connection with ``accepted.*``, and the rows as candidates of a build."""
    con = duckdb.connect()
    create_accepted(con, CONTRACTS, "accepted")
    create_accepted(con, CONTRACTS, "loaded")
    con.execute(f"create table candidates as select *, false as is_conflict from accepted.{dataset}")
    con.execute(
        "create table bad (file_sha VARCHAR, part_no BIGINT, emit_no BIGINT, column_name VARCHAR, rule VARCHAR, severity VARCHAR)"
    )
    for number, row in enumerate(rows, start=1):
        names = ", ".join(row)
        con.execute(
            f"insert into candidates (file_sha, part_no, emit_no, row_no, is_conflict, {names}) "
            "values ('f', 0, $number, $number, false, " + ", ".join(f"${name}" for name in row) + ")",
            {"number": number, **row},
        )
    return con


@pytest.mark.parametrize(("rule", "broken", "severity"), [
    ("test_scores.batch_code.reference", {"batch_code": "P99-A9"}, "critical"),
    ("test_scores.nip.reference", {"person_key": None}, "critical"),
    ("units.parent_code.reference", {"parent_code": "OPD-99"}, "critical"),  # refers to its own dataset
    ("test_scores.occasion.unfiled", {"occasion": "?"}, "critical"),
    ("attendance.nip.reference", {"person_key": None}, "critical"),
    ("presence.nip.reference", {"person_key": None}, "warning"),  # guests are normal in meetings
    ("presence.person.conflict", {"is_conflict": "true"}, "warning"),
])  # fmt: skip
def test_five_thousand_rows_that_lean_on_nothing_are_all_named(
    rule: str, broken: dict[str, str | None], severity: str
) -> None:
    dataset = rule.split(".", maxsplit=1)[0]
    whose = {} if dataset == "units" else {"person_key": "p"}
    con = candidates(dataset, [{**GOOD_ROWS[dataset](number), **whose} for number in range(GOOD)])
    con.execute("insert into accepted.batches (batch_code) values ('P01-A1')")
    con.execute("insert into loaded.units (unit_code) values ('OPD-1')")
    if dataset == "presence":
        con.execute("insert into accepted.sessions (meeting_id) select distinct meeting_id from candidates")
    if dataset == "units":
        con.execute("update candidates set parent_code = 'OPD-1'")
    changed = ", ".join(f"${name} as {name}" for name in broken)
    con.execute(
        f"create table more as select candidates.* replace ({changed}, numbers.n as emit_no, numbers.n as row_no) "
        "from candidates, range(1000, 6000) as numbers(n) where candidates.row_no = 1",
        broken,
    )
    con.execute("insert into candidates select * from more")
    checks = cross_checks(con, CONTRACTS, CONTRACTS[dataset])
    counts = bad_rows(con, "candidates", checks, into="bad")
    assert counts == {check.rule: BAD if check.rule == rule else 0 for check in checks}
    noted = con.execute("select rule, severity, emit_no from bad order by emit_no").fetchall()
    assert noted == [(rule, severity, number) for number in range(1000, 6000)]


def test_a_row_without_any_person_is_left_to_the_file_check() -> None:
    """Where one of three ways to name a person is chosen, naming none is no unknown person."""
    row = {**GOOD_ROWS["attendance"](1), "nip_key": None, "person_key": None}
    con = candidates("attendance", [row])
    checks = cross_checks(con, CONTRACTS, CONTRACTS["attendance"])
    assert bad_rows(con, "candidates", checks, into="bad")["attendance.nip.reference"] == 0


def test_an_empty_reference_leans_on_nothing() -> None:
    con = candidates("units", [GOOD_ROWS["units"](1)])
    con.execute("insert into loaded.units (unit_code) values ('OPD-1')")
    checks = cross_checks(con, CONTRACTS, CONTRACTS["units"])
    assert bad_rows(con, "candidates", checks, into="bad") == {check.rule: 0 for check in checks}


def test_a_reference_to_a_dataset_that_was_never_given_is_not_checked() -> None:
    con = candidates("test_scores", [{**GOOD_ROWS["test_scores"](1), "person_key": "p"}])
    assert [check.rule for check in cross_checks(con, CONTRACTS, CONTRACTS["test_scores"])] == [
        "test_scores.batch_code.unfiled",
        "test_scores.occasion.unfiled",
        "test_scores.nip.reference",
        "test_scores.person.conflict",
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


@pytest.mark.parametrize(("bad_when", "limit", "told"), [
    ("x > 7", 5, "4 bad rows counted, 2 found"),
    ("x > 3", 5, "4 bad rows counted, 6 found"),
    ("x > 7", 9, "0 bad rows counted, 2 found"),  # Great Expectations is content; the rows must not just pass
    ("false", 5, "4 bad rows counted, 0 found"),
    ("cast(null as boolean)", 5, "4 bad rows counted, 0 found"),
])  # fmt: skip
def test_a_disagreement_is_our_fault_and_raised(bad_when: str, limit: int, told: str) -> None:
    wrong = check(bad_when, "ExpectColumnValuesToBeBetween", {"column": "x", "max_value": limit})
    with pytest.raises(RuntimeError, match=told):
        bad_rows(_numbers(), "candidates", [wrong], into="bad")


def test_where_both_agree_the_count_and_the_rows_come_back() -> None:
    con = _numbers()
    right = check("x > 5", "ExpectColumnValuesToBeBetween", {"column": "x", "max_value": 5})
    assert bad_rows(con, "candidates", [right], into="bad") == {"t.x.test": 4}
    assert con.execute("select emit_no from bad order by emit_no").fetchall() == [(6,), (7,), (8,), (9,)]


@pytest.mark.parametrize(("kind", "arguments"), [
    ("UnexpectedRowsExpectation", {"unexpected_rows_query": "select * from {batch} where nothing_of_that_name"}),
    ("ExpectColumnValuesToNotBeNull", {"column": "nothing_of_that_name"}),
    ("ExpectColumnValuesToBeBetween", {"column": "file_sha", "max_value": 5}),  # text is not below 5
    ("ExpectCompoundColumnsToBeUnique", {"column_list": ["x", "nothing_of_that_name"]}),
])  # fmt: skip
@pytest.mark.parametrize("bad_when", ["true", "false"])
def test_an_expectation_that_cannot_be_evaluated_never_counts_as_bad_data(
    kind: str, arguments: dict[str, object], bad_when: str
) -> None:
    con = _numbers()
    with pytest.raises(RuntimeError, match=r"expectation t\.x\.test could not be evaluated"):
        bad_rows(con, "candidates", [check(bad_when, kind, arguments)], into="bad")
    assert con.execute("select count(*) from bad").fetchall() == [(0,)]


def test_the_repair_of_the_sql_engine_is_still_needed() -> None:
    """When this fails, Great Expectations and duckdb-engine work by themselves: drop the repair."""
    program = """
import duckdb, siklatih.expectations as e
from siklatih.checks import Check
check = Check("t.x.r", "x", "critical", "x > 5", ("ExpectColumnValuesToBeBetween", {"column": "x", "max_value": 5}), ("", ""), ("", ""))
for repair in (lambda: None, e._keep_connection_open):
    e._keep_connection_open = repair
    con = duckdb.connect()
    con.execute("create table candidates as select 'f' as file_sha, 0 as part_no, range as emit_no, range as x from range(10)")
    con.execute("create table bad (file_sha VARCHAR, part_no BIGINT, emit_no BIGINT, column_name VARCHAR, rule VARCHAR, severity VARCHAR)")
    try:
        print(e.bad_rows(con, "candidates", [check], into="bad"))
    except RuntimeError as error:
        print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=CHECKOUT, check=False
    )
    assert done.returncode == 0, done.stderr
    # without the repair an error; with it the count, so the repair is all that was lacking
    assert done.stdout.splitlines() == ["expectation t.x.r could not be evaluated", "{'t.x.r': 4}"]
