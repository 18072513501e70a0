"""The swap: readers see the old warehouse or the new one, never half of it; order comes from the SQL."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from siklatih.state import State
from siklatih.warehouse import read_models, swap_in, tables_in


def filled(value: int, *, fail: bool = False):
    def fill(con: duckdb.DuckDBPyConnection) -> None:
        con.execute("create table t as select $value as x", {"value": value})
        if fail:
            raise RuntimeError("in the middle")

    return fill


def value_of(con: duckdb.DuckDBPyConnection) -> int:
    return int(con.execute("select x from t").fetchall()[0][0])


def test_a_reader_keeps_the_old_one_while_the_new_one_is_put_in_place(tmp_path: Path) -> None:
    target = tmp_path / "warehouse.duckdb"
    swap_in(target, 1, filled(1))
    reader = duckdb.connect(str(target), read_only=True)
    swap_in(target, 1, filled(2))
    assert value_of(reader) == 1
    reader.close()
    fresh = duckdb.connect(str(target), read_only=True)
    assert value_of(fresh) == 2
    fresh.close()


def test_a_build_that_fails_leaves_the_old_one_whole_and_the_next_one_works(tmp_path: Path) -> None:
    target = tmp_path / "warehouse.duckdb"
    swap_in(target, 1, filled(1))
    with pytest.raises(RuntimeError, match="in the middle"):
        swap_in(target, 1, filled(2, fail=True))
    con = duckdb.connect(str(target), read_only=True)
    assert value_of(con) == 1
    con.close()
    swap_in(target, 1, filled(3))
    con = duckdb.connect(str(target), read_only=True)
    assert value_of(con) == 3
    con.close()


def test_the_lock_admits_one_writer(tmp_path: Path) -> None:
    from siklatih.errors import PassingError  # noqa: PLC0415

    state = State(tmp_path / "state")
    with state.lock(), pytest.raises(PassingError), state.lock():
        pass
    with state.lock():
        pass


def sql(folder: Path, layer: str, name: str, text: str) -> None:
    (folder / layer).mkdir(parents=True, exist_ok=True)
    (folder / layer / f"{name}.sql").write_text(text, encoding="utf-8")


def test_models_come_after_what_they_read(tmp_path: Path) -> None:
    sql(tmp_path, "staging", "stg_b", "select * from staging.stg_a")
    sql(tmp_path, "staging", "stg_a", "select * from accepted.x")
    sql(tmp_path, "core", "dim_c", "with stg_b as (select 1) select * from staging.stg_b")
    assert [model.table for model in read_models(tmp_path)] == [
        "staging.stg_a",
        "staging.stg_b",
        "core.dim_c",
    ]


def test_files_that_read_each_other_are_named(tmp_path: Path) -> None:
    sql(tmp_path, "staging", "stg_a", "select * from staging.stg_b")
    sql(tmp_path, "staging", "stg_b", "select * from staging.stg_a")
    with pytest.raises(RuntimeError, match=r"stg_a.*stg_b"):
        read_models(tmp_path)


def test_tables_are_found_behind_with_and_in_subqueries() -> None:
    text = "with a as (select * from s.t1) select * from a where exists (select 1 from s.t2) union all select * from s.t3"
    assert tables_in(text) == {"s.t1", "s.t2", "s.t3"}
