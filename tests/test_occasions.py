"""Quiz grades name no occasion: it follows from when they were handed in, within their batch."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest
from desks import ADDRESSES, ONE, THREE, TWO, Desk, master

from siklatih.settings import CHECKOUT
from siklatih.waiting import waiting_files, waiting_parts

SQL = (CHECKOUT / "sql" / "checks" / "chk_occasion.sql").read_text(encoding="utf-8")
MORNING, NOON, NEXT = ("2026-08-26 08:00", "2026-08-26 11:00"), ("2026-08-26 13:00", "2026-08-26 16:00"), (
    "2026-08-27 08:00", "2026-08-27 11:00")  # fmt: skip


def occasion(
    taken_at: str, *sessions: tuple[str, str], days: tuple[str, str] = ("2026-08-26", "2026-08-27")
) -> str | None:
    con = duckdb.connect()
    try:
        for schema in ("accepted", "quality"):
            con.execute(f"create schema {schema}")
        con.execute(
            "create table accepted.sessions (batch_code varchar, starts_at timestamp, ends_at timestamp)"
        )
        con.execute("create table accepted.batches (batch_code varchar, starts_on date, ends_on date)")
        con.execute("insert into accepted.batches values ('B', ?, ?)", days)
        for session in sessions:
            con.execute("insert into accepted.sessions values ('B', ?, ?)", session)
        con.execute(
            "create table quality.to_time as select 'f' as file_sha, 0 as part_no, 1 as emit_no, 'B' as batch_code, "
            "cast(? as timestamp) as taken_at",
            [taken_at],
        )
        found = con.execute(f"select occasion from ({SQL})").fetchall()
        return found[0][0] if found else None
    finally:
        con.close()


@pytest.mark.parametrize(("taken_at", "expected"), [
    ("2026-08-20 20:00", "pre"), ("2026-08-26 08:25", "pre"), ("2026-08-26 11:00", "pre"),
    ("2026-08-26 11:01", None), ("2026-08-26 16:00", None), ("2026-08-27 07:59", None),
    ("2026-08-27 08:00", "post"), ("2026-09-03 09:00", "post"),
])  # fmt: skip
def test_before_is_until_the_first_session_ends_and_after_from_the_beginning_of_the_last(
    taken_at: str, expected: str | None
) -> None:
    assert occasion(taken_at, MORNING, NOON, NEXT) == expected


@pytest.mark.parametrize(
    ("taken_at", "expected"), [("2026-08-26 09:30", "pre"), ("2026-08-26 09:31", "post")]
)
def test_a_single_session_is_divided_in_its_middle(taken_at: str, expected: str) -> None:
    assert occasion(taken_at, MORNING) == expected


@pytest.mark.parametrize(("taken_at", "expected"), [
    ("2026-08-26 23:00", "pre"), ("2026-08-27 12:00", None), ("2026-08-28 08:00", "post"),
])  # fmt: skip
def test_a_batch_without_a_plan_goes_by_its_first_and_last_day(taken_at: str, expected: str | None) -> None:
    assert occasion(taken_at, days=("2026-08-26", "2026-08-28")) == expected


def test_a_batch_of_one_day_without_a_plan_tells_nothing() -> None:
    assert occasion("2026-08-26 08:00", days=("2026-08-26", "2026-08-26")) is None


def quiz(*attempts: tuple[str, str]) -> bytes:
    """Grades as Moodle exports them: number and moment of handing in."""
    lines = [
        '"Last name","First name","ID number","Email address",State,Started,Completed,Duration,Grade/100.00'
    ]
    lines += [
        f'Contoh,Orang,{nip},{ADDRESSES[nip]},Finished,"{moment}","{moment}","5 mins",80.00'
        for nip, moment in attempts
    ]
    return "\n".join([*lines, ""]).encode()


def test_a_test_that_nobody_can_place_waits_to_be_mended_though_its_batch_is_known(tmp_path: Path) -> None:
    """It is in one half of the daily list, and a file of no batch in the other."""
    desk = Desk(tmp_path / "state")
    days = {"B-1": (date(2026, 8, 26), date(2026, 8, 27)), "B-2": (date(2026, 9, 2), date(2026, 9, 2))}
    plan = [
        (f"S-{begin.day}", "B-1", begin, begin.replace(hour=16), None)
        for begin in (datetime(2026, 8, 26, 8), datetime(2026, 8, 27, 8))  # noqa: DTZ001  (local)
    ]
    desk.hand_in("2026Q3/bkpsdm/induk.xlsx", master(days, plan))
    between = desk.drop(
        "lms/B-1/kuis.csv",
        quiz(
            (ONE, "20 August 2026  8:00 AM"),
            (TWO, "26 August 2026  9:00 PM"),
            (THREE, "30 August 2026  8:00 AM"),
        ),
    )
    unplanned = desk.drop(
        "lms/B-2/kuis.csv", quiz((ONE, "2 September 2026  8:00 AM"), (TWO, "2 September 2026  4:00 PM"))
    )
    lost = desk.drop("lms/kuis-lama.csv", quiz((ONE, "5 March 2019  8:00 AM")))
    warehouse = desk.run().warehouse
    assert waiting_files(warehouse) == sorted([("lms", between, 1, None), ("lms", unplanned, 2, None)])
    assert [part.file_sha for part in waiting_parts(warehouse)] == [lost]
    ((wrong_id, wrong_en),) = desk.ask(
        "select message_id, message_en from quality.rules where rule = 'test_scores.occasion.unfiled'"
    )
    for cause_id, cause_en in (
        ("kosong", "blank"),
        ("di antara", "between"),
        ("jadwal sesi", "session plan"),
    ):
        assert cause_id in wrong_id
        assert cause_en in wrong_en
