"""Whom a row means: number, address, terminal number, else a name among those enrolled in its batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siklatih.contracts import load_contracts
from siklatih.filing import FilingHints, file_parts, prepare_filing
from siklatih.people import (
    NameAnswer,
    add_people,
    note_matches,
    note_named,
    note_people,
    prepare_people,
    sure_joins,
    sure_person,
)
from siklatih.proposals import propose
from siklatih.settings import CHECKOUT
from siklatih.warehouse import create_accepted

CONTRACTS = load_contracts(CHECKOUT / "config" / "contracts")
# person: (name, address, number at terminals); a pseudonym here is the plain word, so that it can be read
PEOPLE = {
    "p1": ("sari contoh", "sari@example.org", "1"),
    "p2": ("sari contoh", None, "2"),  # namesake, enrolled elsewhere
    "p3": ("rangga contoh", "rangga@example.org", "3"),
    "p4": ("dewi misalnya", None, None),  # on the roster, enrolled nowhere
    "p5": ("budi teladan", None, None),
    "p6": ("budi teladan", None, None),  # namesake in the same batch
}
ENROLLED = [("B1", "p1", "trained"), ("B1", "p3", "comparison"), ("B2", "p2", "trained"),
            ("B3", "p5", "trained"), ("B3", "p6", "trained")]  # fmt: skip
DAY = datetime(2026, 8, 26, 8)  # noqa: DTZ001  (local)


def insert(con: duckdb.DuckDBPyConnection, table: str, *rows: dict[str, Any]) -> None:
    for row in rows:
        places = ", ".join(f"${name}" for name in row)
        con.execute(f"insert into {table} ({', '.join(row)}) values ({places})", row)


def agency(answers: Sequence[NameAnswer] = ()) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    create_accepted(con, CONTRACTS, "loaded")
    create_accepted(con, CONTRACTS, "accepted")
    con.execute("create schema quality")
    prepare_filing(con, FilingHints())
    prepare_people(con, answers)
    for key, (name, email, terminal) in PEOPLE.items():
        insert(
            con,
            "accepted.roster",
            {
                "nip_key": key,
                "valid_from": date(2025, 1, 1),
                "name_key": name,
                "email_key": email,
                "terminal_number_key": terminal,
            },
        )
    for code in ("B1", "B2", "B3"):
        insert(con, "accepted.batches", {"batch_code": code, "starts_on": DAY.date(), "ends_on": DAY.date()})
    for batch, key, arm in ENROLLED:
        insert(con, "accepted.enrolments", {"batch_code": batch, "person_key": key, "arm": arm})
    meetings = [("s1", "B1", "one", 26), ("s2", "B1", "shared", 26), ("s3", "B2", "shared", 27),
                ("s4", "B1", "clash", 26), ("s5", "B2", "clash", 26)]  # fmt: skip
    for code, batch, meeting, day in meetings:
        insert(
            con,
            "accepted.sessions",
            {
                "session_code": code,
                "batch_code": batch,
                "meeting_id": meeting,
                "starts_at": DAY.replace(day=day),
            },
        )
    for dataset in ("roster", "sessions", "enrolments"):
        note_people(con, dataset)
    return con


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    con = agency()
    yield con
    con.close()


def settle(con: duckdb.DuckDBPyConnection, dataset: str, *rows: dict[str, Any]) -> list[tuple[Any, ...]]:
    """(person, way, batch, conflict) of rows of one file, in their order."""
    for number, row in enumerate(rows, start=1):
        insert(con, f"loaded.{dataset}", {"file_sha": "f", "part_no": 0, "emit_no": number, **row})
    people, joins = add_people(con, CONTRACTS[dataset])
    con.execute(
        f"create or replace table candidates as select rows.* exclude (person_key), {people} "
        f"from loaded.{dataset} as rows {joins}"
    )
    note_named(con, CONTRACTS[dataset])
    return con.execute(
        "select person_key, way, row_batch, is_conflict from candidates order by file_sha, emit_no"
    ).fetchall()


def mark(name: str | None, batch: str | None = "B1", **more: Any) -> dict[str, Any]:
    return {"batch_code": batch, "name_key": name, "session_starts_at": DAY, **more}


def test_a_namesake_in_the_city_does_not_matter(con: duckdb.DuckDBPyConnection) -> None:
    found = settle(con, "attendance", mark("sari contoh"), mark("sari contoh", "B2"))
    assert [(row[0], row[1]) for row in found] == [("p1", "name"), ("p2", "name")]


def test_those_enrolled_for_comparison_are_known_too(con: duckdb.DuckDBPyConnection) -> None:
    assert settle(con, "attendance", mark("rangga contoh"))[0][:2] == ("p3", "name")


def test_a_guest_with_a_unique_name_on_the_roster_is_nobody(con: duckdb.DuckDBPyConnection) -> None:
    assert settle(con, "attendance", mark("dewi misalnya"))[0][:2] == (None, None)


def test_two_of_one_name_in_a_batch_are_nobody(con: duckdb.DuckDBPyConnection) -> None:
    assert settle(con, "attendance", mark("budi teladan", "B3"))[0][:2] == (None, None)


@pytest.mark.parametrize("batch", [None, "?", "B9"])
def test_without_a_batch_a_name_means_nobody(con: duckdb.DuckDBPyConnection, batch: str | None) -> None:
    assert settle(con, "attendance", mark("sari contoh", batch))[0][0] is None


def test_a_number_or_an_address_wins_and_a_conflict_is_noted(con: duckdb.DuckDBPyConnection) -> None:
    found = settle(
        con,
        "attendance",
        mark("sari contoh", nip_key="p4"),
        mark("rangga contoh", email_key="sari@example.org"),
        mark("sari contoh", nip_key="p1", email_key="sari@example.org"),
        mark("sari contoh", nip_key="unknown"),
        mark(None, nip_key="p1", email_key="rangga@example.org"),
    )
    assert found == [
        ("p4", "number", "B1", True),
        ("p1", "address", "B1", True),
        ("p1", "number", "B1", False),
        ("p1", "name", "B1", False),
        ("p1", "number", "B1", True),
    ]


def held(name: str | None, meeting: str, day: int = 26, **more: Any) -> dict[str, Any]:
    return {"meeting_id": meeting, "name_key": name, "joined_at": DAY.replace(day=day), **more}


def test_a_meetings_id_tells_the_batch(con: duckdb.DuckDBPyConnection) -> None:
    found = settle(
        con,
        "presence",
        held("sari contoh", "one"),
        held("sari contoh", "one", 28),
        held("sari contoh", "shared", 26),
        held("sari contoh", "shared", 27),
        held("sari contoh", "shared", 28),
        held("sari contoh", "clash"),
        held("sari contoh", "other"),
        held("sari contoh", "?", batch_code="B2"),
        held("sari contoh", "clash", terminal_number_key="3"),
    )
    assert [row[0] for row in found] == ["p1", "p1", "p1", "p2", None, None, None, "p2", "p3"]
    assert [row[2] for row in found[:4]] == ["B1", "B1", "B1", "B2"]
    assert found[-1][1] == "terminal"


def file_names(con: duckdb.DuckDBPyConnection, *names: str, **more: Any) -> list[tuple[Any, ...]]:
    """The batch that a list without a batch is filed to, and how its candidates fared."""
    contract = CONTRACTS["attendance"]
    for number, name in enumerate(names, start=1):
        row = {"file_sha": "f", "part_no": 0, "emit_no": number, **mark(name, "?"), **more}
        insert(con, "loaded.attendance", row)
    file_parts(con, contract, sure_person(contract), sure_joins(contract))
    return con.execute("select batch_code from quality.filings").fetchall()


def test_a_list_of_names_is_filed_where_they_are_enrolled(con: duckdb.DuckDBPyConnection) -> None:
    """A namesake enrolled elsewhere at the same time does not make two batches fit."""
    assert file_names(con, "sari contoh", "rangga contoh", "tamu satu") == [("B1",)]


def test_a_list_of_which_few_are_enrolled_is_not_filed(con: duckdb.DuckDBPyConnection) -> None:
    assert file_names(con, "sari contoh", "dewi misalnya", "budi teladan") == [(None,)]


def test_guests_alone_do_not_file_a_list(con: duckdb.DuckDBPyConnection) -> None:
    assert file_names(con, "tamu satu", "tamu dua") == [(None,)]


def opened(keys: Any) -> dict[str, str]:
    return {key: key for key in keys}


def proposals(con: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    con.execute("drop table if exists quality.name_proposals")
    propose(con, opened)
    return con.execute(
        "select name_key, batch_code, person_key from quality.name_proposals order by all"
    ).fetchall()


def test_near_names_are_proposed_within_the_batch_and_not_used(con: duckdb.DuckDBPyConnection) -> None:
    found = settle(
        con,
        "attendance",
        mark("drs. h. rangga contoh, s.kom."),
        mark("rangga contho"),
        mark("rangga contho", "B2"),
        mark("dewi misalnya"),
        mark("rangga contho", None),
        mark("budi teladan", "B3"),
    )
    assert {row[0] for row in found} == {None}
    assert proposals(con) == [
        ("budi teladan", "B3", "p5"),
        ("budi teladan", "B3", "p6"),
        ("drs. h. rangga contoh, s.kom.", "B1", "p3"),
        ("rangga contho", "B1", "p3"),
    ]


def code_of(con: duckdb.DuckDBPyConnection, name: str, person: str) -> str:
    ((code,),) = con.execute(
        "select distinct code from quality.name_proposals where name_key = $name and person_key = $person",
        {"name": name, "person": person},
    ).fetchall()
    return str(code)


@pytest.mark.parametrize(
    ("answers", "person", "left"),
    [
        ({"p5": "ya"}, "p5", []),
        ({"p5": "tidak"}, None, ["p6"]),
        ({"p5": "tidak", "p6": "ya"}, "p6", []),
        ({"p5": "ya", "p6": "ya"}, None, ["p5", "p6"]),
        ({"p5": "tidak", "p6": "tidak"}, None, []),
    ],
)
def test_an_answer_counts_for_the_name_in_that_batch(
    con: duckdb.DuckDBPyConnection, answers: dict[str, str], person: str | None, left: list[str]
) -> None:
    settle(con, "attendance", mark("budi teladan", "B3"))
    assert len(proposals(con)) == 2
    said = [NameAnswer(code_of(con, "budi teladan", key), said, "x") for key, said in answers.items()]
    later = agency(said)
    found = settle(later, "attendance", mark("budi teladan", "B3"), mark("budi teladan", "B1"))
    assert found[0][:2] == (person, person and "confirmed")
    assert found[1][0] is None, "of another batch nothing was said"
    assert [row[2] for row in proposals(later)] == left
    later.close()


def test_a_number_wins_over_a_confirmed_name(con: duckdb.DuckDBPyConnection) -> None:
    settle(con, "attendance", mark("rangga contho"))
    proposals(con)
    later = agency([NameAnswer(code_of(con, "rangga contho", "p3"), "ya", "x")])
    assert settle(later, "attendance", mark("rangga contho", nip_key="p1"))[0] == ("p1", "number", "B1", True)
    later.close()


def test_a_batch_of_strangers_is_not_compared(
    con: duckdb.DuckDBPyConnection, caplog: pytest.LogCaptureFixture
) -> None:
    con.execute(
        "insert into quality.unmatched_names select 'f', 0, 'presence', 'B1', 'rangga contho' || i, 1 from range(1001) as t(i)"
    )
    assert proposals(con) == []
    assert "too many unknown names" in caplog.text


def matches(con: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    note_matches(con)
    return con.execute("select * from quality.matches order by all").fetchall()


def test_rows_and_people_are_counted_by_the_way_they_were_known(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        "create table quality.row_fate (file_sha varchar, part_no bigint, emit_no bigint, fate varchar)"
    )
    con.execute("create table quality.released (file_sha varchar, dataset varchar)")
    con.execute("insert into quality.released values ('answered', 'attendance')")
    rows = [
        ("accepted", mark("sari contoh", nip_key="p1")),
        ("accepted", mark("sari contoh")),  # the same person, known by name in this row
        ("duplicate", mark("sari contoh", nip_key="p1")),
        ("superseded", mark("rangga contoh")),
        ("accepted", mark("rangga contoh")),
        ("quarantined", mark("orang lain")),
        ("quarantined", mark("orang lain")),
        ("quarantined", mark("rangga contoh")),  # known, put aside for another reason
        ("quarantined", mark("sudah dijawab", file_sha="answered")),
    ]
    settle(con, "attendance", *(row for _, row in rows))
    for number, (fate, row) in enumerate(rows, start=1):
        con.execute(
            "insert into quality.row_fate values ($sha, 0, $number, $fate)",
            {"sha": row.get("file_sha", "f"), "number": number, "fate": fate},
        )
    assert matches(con) == [
        ("attendance", "B1", "name", 2, 1),
        ("attendance", "B1", "none", 2, 1),
        ("attendance", "B1", "number", 1, 1),
    ]


NAMES = ["sari contoh", "rangga contoh", "rangga contho", "dewi misalnya", "budi teladan", "tamu"]
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["f1", "f2", "f3"]), st.sampled_from(NAMES), st.sampled_from(["B1", "B2", "B3", None])
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=ROWS, data=st.data())
def test_matching_does_not_depend_on_the_order_of_files(
    rows: list[tuple[str, str, str | None]], data: st.DataObject
) -> None:
    numbered = [
        {**mark(name, batch), "file_sha": sha, "emit_no": number}
        for number, (sha, name, batch) in enumerate(rows, start=1)
    ]
    found = []
    for order in (numbered, data.draw(st.permutations(numbered))):
        con = agency()
        found.append((settle(con, "attendance", *order), proposals(con)))
        con.close()
    assert found[0] == found[1]
