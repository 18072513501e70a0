"""Quiz grades name no occasion: it follows from when they were handed in, within their batch."""

from __future__ import annotations

import duckdb
import pytest

from siklatih.settings import CHECKOUT

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
