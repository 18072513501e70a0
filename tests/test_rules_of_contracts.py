"""Every rule of every contract is broken by a row made for it, and by nothing else in that row.

The rows go the whole way: typed into the agency's workbook, read in the reading process, checked. What
breaks a rule is found from the contract; only rules over a whole row are broken by hand, in ``ROW_RULES``.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from siklatih.checks import Check, file_checks
from siklatih.contracts import Column, Contract, load_contracts
from siklatih.demo.exports import write_workbook
from siklatih.identity import Pseudonymiser
from siklatih.quality import PartToCheck, check_dataset
from siklatih.reading import Reader
from siklatih.settings import CHECKOUT

CONTRACTS = load_contracts(CHECKOUT / "config" / "contracts")
WHEN = datetime(2026, 10, 7, 9, 0)  # noqa: DTZ001
SHA = "f" * 64
KEY = bytes(32)
NO_NAME = "nama yang tidak terbaca"  # stands for a fault that no text of a person's name has
Cells = dict[str, str | None]  # column as the contract names it -> what a person typed

EXAMPLES = {
    "text": "Contoh",
    "date": "2026-01-01",
    "datetime": "2026-01-01 08:00:00",
    "boolean": "ya",
    "decimal": "1",
    "integer": "1",
}
PATTERNS = {r"^\d{4}Q[1-4]$": ("2026Q1", ["TW1", "2026Q5", "2026Q1 ", "x2026Q1", "2026q1"])}
# where the first value of each column does not make a row that agrees with itself
COHERENT: dict[str, Cells] = {
    "appraisals": {
        "work_result": "meets",
        "work_behaviour": "meets",
        "predicate": "good",
        "period_end": "2026-03-31",
    },
    "sessions": {"ends_at": "2026-01-01 10:00:00"},
    "units": {"valid_to": "2026-12-31"},
}
ROW_RULES: dict[str, list[Cells]] = {
    "appraisals.predicate_not_matrix": [
        {"predicate": "very_good"},
        {"work_result": "below", "work_behaviour": "below"},
        {"work_result": "above", "work_behaviour": "above"},
    ],
    "appraisals.period_reversed": [{"period_end": "2025-12-31"}],
    "attendance.person_missing": [{"nip": None, "email": None, "name": None}],
    "batches.ends_before_start": [{"ends_on": "2025-12-31"}],
    "objectives.not_aligned": [{"activity": None}, {"assessment": None}, {"activity": None, "assessment": None}],
    "presence.left_before_joined": [{"left_at": "2026-01-01 07:59:59"}],
    "test_scores.person_missing": [{"nip": None, "email": None, "name": None}],
    "presence.person_missing": [{"nip": None, "email": None, "name": None, "terminal_number": None}],
    "presence.left_missing": [{"left_at": None, "punch": None}],
    "roster.exit_before_start": [{"exit_date": "2025-12-31"}],
    "roster.contract_start_missing": [{"status": "PPPK", "contract_start": None}],
    "service_outcomes.on_time_above_all": [{"complaints": "1", "complaints_on_time": "2"}],
    "service_outcomes.not_first_of_month": [{"month": "2026-01-02"}, {"month": "2026-01-31"}],
    "sessions.ends_before_start": [{"ends_at": "2026-01-01 08:00:00"}, {"ends_at": "2026-01-01 07:00:00"}],
    "stakeholders.active_reversed": [{"active_to": "2025-12-31"}],
    "test_scores.score_above_max": [{"score": "1,5"}],
    "units.validity_reversed": [{"valid_to": "2026-01-01"}, {"valid_to": "2025-12-31"}],
}  # fmt: skip
# rows that cannot break the one rule without breaking the other
ALSO = {
    # the matrix gives one predicate, so one that does not exist is not the one it gives
    "appraisals.predicate.values": {"appraisals.predicate_not_matrix"},
    # fewer than no complaints is fewer than the complaints answered on time, which are not below none
    "service_outcomes.complaints.range": {"service_outcomes.on_time_above_all"},
    # a score that is good in itself is above a highest score of nothing
    "test_scores.max_score.range": {"test_scores.score_above_max"},
}
# what a person might type that is none of the kind; all must be put aside, none read as something else
UNREADABLE = {
    "integer": ["tiga", "1,5", "1.5", "0x1", "1_0"],
    "decimal": ["tiga", "500.000", "1_0", "nan", "inf"],
    "date": ["31/02/2026", "kemarin", "epoch", "infinity", "26-01-01", "2026-13-01", "2026-01-01 (BC)"],
    "datetime": ["31/02/2026 08:00", "kemarin", "epoch", "2026-01-01 25:00", "2026-01-01 08:00:00+07", "2026-01-01T01:00:00Z"],
    "boolean": ["mungkin", "2"],
    "nip": ["19800101200604100", "198002302006041001", "198001012006131001", "198001012006043001", "198001012006041000",
            "200001012006041001", "Orang Contoh"],
    "name": [NO_NAME],
    "terminal": ["27A", "-27", "2,7"],
    "email": ["bukan surel", "a@b", "a@@example.org", "a@example.org b@example.org"],
}  # fmt: skip


def good(contract: Contract, number: int) -> Cells:
    """A row with every column filled that breaks nothing; each number gives another key."""
    row = {column.name: _example(column, number) for column in contract.columns}
    return {**row, **COHERENT.get(contract.dataset, {})}


def _example(column: Column, number: int) -> str:
    if column.values:
        return column.values[0].value
    if column.pattern is not None:
        return PATTERNS[column.pattern][0]
    if column.kind == "nip":
        return f"19800101200604{1 + number // 999}{1 + number % 999:03}"
    if column.kind == "email":
        return f"orang.{number}@example.org"
    if column.kind == "terminal":
        return str(1 + number)
    if column.kind in ("code", "text", "name"):
        return f"Contoh {number}"
    if column.kind == "integer" and column.minimum is not None:
        return str(int(column.minimum) + int(column.exclusive_minimum))
    return EXAMPLES[column.kind]


def promised(contract: Contract) -> dict[str, str]:
    """Rule -> severity, from the contract alone: a rule that is no longer made must be missed here."""
    rules = {}
    for column in contract.columns:
        kinds = {
            "required": column.required,
            "identifier": column.kind in ("nip", "email", "name", "terminal"),
            "type": column.kind in ("integer", "decimal", "date", "datetime", "boolean"),
            "values": bool(column.values),
            "range": column.minimum is not None or column.maximum is not None,
            "pattern": column.pattern is not None,
        }
        rules |= {
            f"{contract.dataset}.{column.name}.{kind}": "critical" for kind, has in kinds.items() if has
        }
    rules |= {f"{contract.dataset}.{rule.rule_id}": rule.severity for rule in contract.row_rules}
    if not contract.overlapping:
        rules[f"{contract.dataset}.key.conflict"] = "critical"
    return rules


@pytest.mark.parametrize("dataset", sorted(CONTRACTS))
def test_every_rule_that_the_contract_promises_is_made(dataset: str) -> None:
    contract = CONTRACTS[dataset]
    assert {check.rule: check.severity for check in file_checks(contract)} == promised(contract)


def breaking(contract: Contract, check: Check) -> list[Cells]:
    """Each thing to change in a good row so that it breaks this rule."""
    if check.rule in ROW_RULES:
        return ROW_RULES[check.rule]
    _, name, kind = check.rule.split(".")
    column = contract.column(name)
    if kind == "required":
        return [{name: None}]
    if kind in ("identifier", "type"):
        return [{name: text} for text in UNREADABLE[column.kind]]
    if kind == "values":
        return [{name: "entah"}]
    if kind == "pattern":
        assert column.pattern is not None
        return [{name: text} for text in PATTERNS[column.pattern][1] if text == text.strip()]
    assert kind == "range", check.rule
    return [{name: text} for text in _outside(column)]


def _outside(column: Column) -> list[str]:
    found = []
    if column.minimum is not None:
        found.append(f"{column.minimum - (0 if column.exclusive_minimum else 1):f}")
    if column.maximum is not None:
        found.append(f"{column.maximum + 1:f}")
    return found


def conflicting(contract: Contract, row: Cells) -> Cells:
    """The same key, and something else that differs."""
    for column in contract.columns:
        if column.key or column.is_identifier or column.pattern:
            continue
        other = dict(row)
        if column.kind in ("text", "code") and not column.values:
            other[column.name] = "Lain"
        elif len(column.values) > 1 and not any(column.name in rule.columns for rule in contract.row_rules):
            other[column.name] = column.values[1].value
        elif column.kind == "boolean":
            other[column.name] = "tidak"
        elif column.kind in ("integer", "decimal") and (column.maximum is None or column.maximum >= 2):
            other[column.name] = "2"
        elif column.kind == "date" and column.required:
            other[column.name] = "2026-02-01"
        elif column.kind == "datetime" and not contract.row_rules:
            other[column.name] = "2026-01-01 09:30:00"
        else:
            continue
        return other
    raise AssertionError(contract.dataset)


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader(key=KEY, config=CHECKOUT / "config", memory_bytes=1 << 30, seconds=60) as opened:
        yield opened


def checked(
    contract: Contract, reader: Reader, rows: list[Cells], folder: Path
) -> tuple[dict[int, set[str]], set[int]]:
    """Rules that each line of the sheet broke, and the lines that were accepted; the heading is line 1."""
    names = [column.name for column in contract.columns]
    cells = [[row[name] for name in names] for row in rows]
    place = folder / "rows.xlsx"
    write_workbook(place, CONTRACTS, {contract.dataset: (names, cells)}, when=WHEN, provider="opd")
    out = folder / "read"
    out.mkdir()
    outcome = reader.read(place, place.name, out)
    assert outcome.refusal is None, outcome.refusal
    (part,) = outcome.parts
    _names_that_cannot_be_read(contract, part.path)
    found = check_dataset(contract, [PartToCheck(SHA, 0, part.dataset, part.place, part.path)], folder)[
        SHA, 0
    ]
    assert found.rows == len(rows) == found.accepted + found.quarantined + found.duplicate
    assert found.duplicate == 0
    broken: dict[int, set[str]] = {}
    for row_no, rule in _rows(folder / f"{SHA}-0-quarantine.parquet", "row_no, rule"):
        broken.setdefault(int(str(row_no)), set()).add(str(rule))
    return broken, {int(str(row[0])) for row in _rows(folder / f"{SHA}-0.parquet", "row_no")}


def _rows(place: Path, columns: str) -> list[tuple[object, ...]]:
    return duckdb.sql(f"select {columns} from read_parquet($path)", params={"path": str(place)}).fetchall()


def _names_that_cannot_be_read(contract: Contract, place: Path) -> None:
    """No text is a name that cannot be read, so that fault is written in the reader's place."""
    with place.open(encoding="utf-8", newline="") as handle:
        lines = list(csv.DictReader(handle))
    unreadable = Pseudonymiser(KEY).name(NO_NAME)
    for line in lines:
        for column in contract.identifiers:
            if line[column.stored_name] == unreadable:
                line[column.stored_name], line[column.fault_name] = "", "form"
    with place.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)


@pytest.mark.parametrize("dataset", sorted(CONTRACTS))
def test_each_rule_catches_the_row_made_to_break_it_and_no_other_does(
    dataset: str, reader: Reader, tmp_path: Path
) -> None:
    contract = CONTRACTS[dataset]
    rows = [good(contract, 0)]
    wanted: dict[int, tuple[str, Cells]] = {}
    warned = set()
    for check in file_checks(contract):
        if check.rule == f"{dataset}.key.conflict":
            row = good(contract, len(rows))
            rows += [row, conflicting(contract, row)]
            wanted |= {len(rows): (check.rule, {}), len(rows) + 1: (check.rule, {})}
            continue
        for change in breaking(contract, check):
            rows.append({**good(contract, len(rows)), **change})
            wanted[len(rows) + 1] = (check.rule, change)
            if promised(contract)[check.rule] == "warning":
                warned.add(len(rows) + 1)
    assert {rule for rule, _ in wanted.values()} == set(promised(contract))
    broken, accepted = checked(contract, reader, rows, tmp_path)
    wrong = {
        (rule, str(change)): broken.get(line, set())
        for line, (rule, change) in wanted.items()
        if broken.get(line, set()) != {rule} | ALSO.get(rule, set())
    }
    assert wrong == {}
    assert accepted == {2} | warned


def test_each_rule_says_what_is_wrong_and_what_to_do_in_two_languages() -> None:
    for contract in CONTRACTS.values():
        for check in file_checks(contract):
            for pair in (check.message, check.remedy):
                assert all(text.strip() for text in pair), check.rule
                assert pair[0] != pair[1], check.rule


def test_no_rule_by_hand_is_left_over() -> None:
    made = {check.rule for contract in CONTRACTS.values() for check in file_checks(contract)}
    assert set(ROW_RULES) == {
        f"{c.dataset}.{rule.rule_id}" for c in CONTRACTS.values() for rule in c.row_rules
    }
    assert set(ALSO) <= made
    assert set().union(*ALSO.values()) <= made


@pytest.mark.parametrize(("dataset", "name", "texts"), [
    ("competences", "standard_level", ["1", "5", "+3", "4.0", "4,0"]),
    ("costs", "actual_amount", ["0", "0.0001", "1e3", ".5", "5.", "12,75"]),
    ("batches", "ends_on", ["2026-1-5", "05/01/2026", "5-1-2026", "2026-01-05 08:30:00"]),
    ("test_scores", "taken_at", ["2026-01-01", "2026-01-01 8:00", "2026-01-01T08:00:00", "1/1/2026 08.00"]),
    ("batches", "follow_up_planned", ["ya", "Tidak", "TRUE", "0", "no"]),
])  # fmt: skip
def test_other_ways_to_write_a_good_value_pass(
    dataset: str, name: str, texts: list[str], reader: Reader, tmp_path: Path
) -> None:
    """The rules above would all hold too if nothing were ever accepted; bounds are part of the range."""
    contract = CONTRACTS[dataset]
    rows = [{**good(contract, number), name: text} for number, text in enumerate(texts)]
    broken, accepted = checked(contract, reader, rows, tmp_path)
    assert broken == {}
    assert len(accepted) == len(texts)
