"""Great Expectations on DuckDB: it decides pass or fail and counts; DuckDB says which rows.

Two things were measured with great-expectations 1.24 and duckdb-engine 0.17. The SQL engine closes
the connection before it fetches, so DuckDB returns nothing unless its dialect is listed as one whose
connections persist (``_keep_connection_open``). And the ids of failing rows are capped or missing,
so they are fetched by running the check's own condition; both counts must agree, else the fault is
ours and is raised as such.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from siklatih.checks import Check, quoted
from siklatih.settings import quiet_libraries

if TYPE_CHECKING:
    import duckdb


class _Dialect(str):
    """Looks like the enumeration's members where Great Expectations compares them."""

    value = "duckdb"


def _keep_connection_open() -> None:
    from great_expectations.execution_engine import sqlalchemy_execution_engine as engine  # noqa: PLC0415

    dialects: Any = engine._PERSISTED_CONNECTION_DIALECTS
    if "duckdb" not in {getattr(dialect, "value", dialect) for dialect in dialects}:
        engine._PERSISTED_CONNECTION_DIALECTS = type(dialects)([*dialects, _Dialect("duckdb")])


def build_suite(name: str, checks: Sequence[Check]) -> Any:
    """Return the ``ExpectationSuite`` of the checks; each expectation's meta names its rule."""
    quiet_libraries()
    import great_expectations as gx  # noqa: PLC0415  (3.5 s: only where it is needed)

    # this module sets its own level, to tell of every temporary folder
    logging.getLogger("great_expectations.data_context.types.base").setLevel(logging.WARNING)
    expectations = []
    for check in checks:
        kind, arguments = check.expectation
        made = getattr(gx.expectations, kind)
        expectations.append(made(**arguments, severity=check.severity, meta={"rule": check.rule}))
    return gx.ExpectationSuite(name=name, expectations=expectations)


def _validate(
    con: duckdb.DuckDBPyConnection, name: str, table: str, checks: Sequence[Check]
) -> dict[str, int]:
    """Run the suite; return rule -> number of bad rows."""
    suite = build_suite(name, checks)
    import duckdb_engine  # noqa: PLC0415
    import great_expectations as gx  # noqa: PLC0415

    _keep_connection_open()
    context: Any = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    source = context.data_sources.add_sql(
        name=name,
        connection_string="duckdb:///:memory:",  # the creator below lends our own connection instead
        kwargs={"creator": lambda: duckdb_engine.ConnectionWrapper(con.cursor())},
    )
    batch = source.add_table_asset(name, table_name=table).add_batch_definition_whole_table("all").get_batch()
    # no cell values in results: they would be people's
    try:
        outcome = batch.validate(
            suite, result_format={"result_format": "BASIC", "partial_unexpected_count": 0}
        )
    finally:
        source.get_execution_engine().close()  # before the connection that was lent
    counts: dict[str, int] = {}
    for result in outcome.results:
        rule = result.expectation_config.meta["rule"]
        if _raised(result.exception_info):
            raise RuntimeError(f"expectation {rule} could not be evaluated")
        found = result.result.get("unexpected_count", result.result.get("observed_value"))
        counts[rule] = int(found or 0)
        if result.success != (counts[rule] == 0):
            raise RuntimeError(f"expectation {rule}: success {result.success} with {counts[rule]} bad rows")
    return counts


def _raised(info: Any) -> bool:
    """An expectation that errors counts as failed too; it must never pass for bad data."""
    if not info:
        return False
    if "raised_exception" in info:
        return bool(info["raised_exception"])
    return any(part.get("raised_exception", True) for part in info.values())


def bad_rows(
    con: duckdb.DuckDBPyConnection, table: str, checks: Sequence[Check], into: str
) -> dict[str, int]:
    """Check a table and note the bad rows.

    Args:
        con: connection that holds ``table``, with ``file_sha``, ``part_no`` and ``emit_no``.
        table: the table to check.
        checks: what to check; no checks, no suite.
        into: existing table (file_sha, part_no, emit_no, column_name, rule, severity) to add to.

    Returns:
        rule -> number of bad rows, as Great Expectations counted them.

    Raises:
        RuntimeError: Great Expectations and DuckDB disagree, which is our fault and not the data's.
    """
    if not checks:
        return {}
    counts = _validate(con, f"suite_{table}", table, checks)
    for check in checks:
        before = _count(con, into)
        con.execute(
            f"insert into {quoted(into)} "
            "select file_sha, part_no, emit_no, $column_name, $rule, $severity from ("
            f"select file_sha, part_no, emit_no, ({check.bad_when}) as is_bad from {quoted(table)}"
            ") where is_bad",
            {
                "column_name": check.column,
                "rule": check.rule,
                "severity": check.severity,
                **check.parameters,
            },
        )
        found = _count(con, into) - before
        if found != counts[check.rule]:
            raise RuntimeError(f"{check.rule}: {counts[check.rule]} bad rows counted, {found} found")
    return counts


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    row = con.execute(f"select count(*) from {quoted(table)}").fetchall()[0]
    return int(row[0])
