"""Filing: to which batch a part belongs that does not say so itself.

A code in the file is always taken. Else it is the folder the file lay in, else the one batch that dates
and participants fit; a person's word about this very file corrects both of these guesses. It is decided
at every build over all accepted rows, so a session plan that arrives later files what was waiting. A
part that fits no batch, or more than one, waits: its rows are put aside, and the three nearest batches
are named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from siklatih.checks import quoted
from siklatih.contracts import UNFILED, Column, Contract
from siklatih.settings import CHECKOUT

if TYPE_CHECKING:
    import duckdb

NEEDS = ("batches", "sessions", "enrolments", "roster")  # what must be settled before anything is filed
_OCCASIONS_SQL = CHECKOUT / "sql" / "checks" / "chk_occasion.sql"
_CANDIDATES_SQL = CHECKOUT / "sql" / "checks" / "chk_filing.sql"
_LIVE = ("presence", "attendance")  # rows that arise while a session goes on, not days around it
DAYS_BEFORE, DAYS_AFTER, NEAREST = 7, 30, 3


@dataclass(frozen=True)
class FilingHints:
    """What is known about files, (file hash, batch code): a person's words, latest last, and folders."""

    words: tuple[tuple[str, str], ...] = ()
    folders: tuple[tuple[str, str], ...] = ()


def prepare_filing(con: duckdb.DuckDBPyConnection, hints: FilingHints) -> None:
    """Create the tables of filing, with what is known already."""
    con.execute("create table quality.filing_hints (file_sha VARCHAR, batch_code VARCHAR, how VARCHAR)")
    for how, known in (("word", dict(hints.words)), ("folder", _agreed(hints.folders))):
        for file_sha, batch_code in sorted(known.items()):
            con.execute(
                "insert into quality.filing_hints values ($sha, $code, $how)",
                {"sha": file_sha, "code": batch_code, "how": how},
            )
    con.execute(
        "create table quality.filings (file_sha VARCHAR, part_no BIGINT, dataset VARCHAR, row_count BIGINT, "
        "batch_code VARCHAR, how VARCHAR)"
    )
    con.execute(
        "create table quality.filing_candidates (file_sha VARCHAR, part_no BIGINT, batch_code VARCHAR, "
        "row_count BIGINT, rows_in_time BIGINT, people_known BIGINT, people_enrolled BIGINT, "
        "days_apart BIGINT, fits BOOLEAN)"
    )


def unfiled(column: Column, of: str = "") -> str:
    """SQL that is true for a row whose file names no batch and no meeting of the session plan.

    Args:
        column: the filed column of a contract.
        of: what stands before it, such as ``rows.``.
    """
    name = f"{of}{quoted(column.stored_name)}"
    if column.name != "meeting_id":
        return f"{name} = '{UNFILED}'"
    return (
        f"replace({name}, ' ', '') not in (select replace(planned.meeting_id, ' ', '') "
        "from accepted.sessions as planned where planned.meeting_id is not null)"
    )


def file_parts(con: duckdb.DuckDBPyConnection, contract: Contract, person: str, joins: str) -> None:
    """File the parts of one dataset: set ``batch_code`` of its loaded rows where a batch was found.

    Args:
        con: the build's database, with ``loaded``, ``quality`` and the accepted rows of ``NEEDS``.
        contract: a dataset with a filed column and a time.
        person: SQL of the key of the person whom ``rows`` mean by more than a name.
        joins: the joins that it needs.
    """
    if contract.filed is None or contract.moment is None:
        return
    table, waits = f"loaded.{quoted(contract.dataset)}", unfiled(contract.filed, "rows.")
    names = ", ".join(f"rows.{quoted(column.stored_name)}" for column in contract.identifiers) or "null"
    name_key = next(
        (f"rows.{quoted(c.stored_name)}" for c in contract.person_columns if c.kind == "name"), ""
    )
    con.execute(
        "create table quality.to_file as select rows.file_sha, rows.part_no, "
        f"rows.{quoted(contract.moment.name)} as happened_at, cast($is_live as boolean) as is_live, "
        f"coalesce({names}, cast(null as VARCHAR)) as person_ref, "
        f"{person} as person_key, {name_key or 'cast(null as VARCHAR)'} as name_key "
        f"from {table} as rows {joins} where {waits}",
        {"is_live": contract.dataset in _LIVE},
    )
    con.execute(
        "create table quality.fitting as " + _CANDIDATES_SQL.read_text(encoding="utf-8"),
        {"days_before": DAYS_BEFORE, "days_after": DAYS_AFTER},
    )
    con.execute(
        "insert into quality.filings "
        "with parts as (select file_sha, part_no, count(*) as row_count from quality.to_file group by all), "
        "said as (select file_sha, how, min(batch_code) as batch_code from quality.filing_hints "
        "where batch_code in (select batch_code from accepted.batches) group by file_sha, how), "
        "matched as (select file_sha, part_no, min(batch_code) as batch_code from quality.fitting "
        "where fits group by file_sha, part_no having count(*) = 1) "
        "select parts.file_sha, parts.part_no, $dataset, parts.row_count, "
        "coalesce(word.batch_code, folder.batch_code, matched.batch_code), "
        "case when word.batch_code is not null then 'word' when folder.batch_code is not null then 'folder' "
        "when matched.batch_code is not null then 'match' end from parts "
        "left join said as word on word.file_sha = parts.file_sha and word.how = 'word' "
        "left join said as folder on folder.file_sha = parts.file_sha and folder.how = 'folder' "
        "left join matched on matched.file_sha = parts.file_sha and matched.part_no = parts.part_no",
        {"dataset": contract.dataset},
    )
    con.execute(
        f"update {table} as rows set batch_code = filings.batch_code from quality.filings as filings "
        "where filings.dataset = $dataset and filings.file_sha = rows.file_sha "
        f"and filings.part_no = rows.part_no and filings.batch_code is not null and {waits}",
        {"dataset": contract.dataset},
    )
    con.execute(
        "insert into quality.filing_candidates select candidates.* from quality.fitting as candidates "
        "join quality.filings as filings using (file_sha, part_no) where filings.batch_code is null "
        "qualify row_number() over (partition by file_sha, part_no order by fits desc, people_enrolled desc, "
        "rows_in_time desc, days_apart, candidates.batch_code) <= $nearest",
        {"nearest": NEAREST},
    )
    con.execute("drop table quality.to_file")
    con.execute("drop table quality.fitting")


def tell_occasions(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """Tell whether tests were taken before or after the training, where their file does not say.

    Args:
        con: the build's database, with ``loaded``, filed, and the accepted rows of ``NEEDS``.
        contract: a dataset; only one with a timed column is looked at.
    """
    if not any(column.timed for column in contract.columns):
        return
    con.execute(
        "create table quality.to_time as select file_sha, part_no, emit_no, batch_code, taken_at "
        f"from loaded.{quoted(contract.dataset)} where occasion = $unfiled",
        {"unfiled": UNFILED},
    )
    con.execute("create table quality.occasions as " + _OCCASIONS_SQL.read_text(encoding="utf-8"))
    con.execute(
        f"update loaded.{quoted(contract.dataset)} as rows set occasion = found.occasion "
        "from quality.occasions as found where found.occasion is not null "
        "and found.file_sha = rows.file_sha and found.part_no = rows.part_no and found.emit_no = rows.emit_no"
    )
    con.execute("drop table quality.occasions")
    con.execute("drop table quality.to_time")


def _agreed(folders: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Files that lay in one batch's folder; the same bytes in two folders say nothing."""
    found: dict[str, set[str]] = {}
    for file_sha, code in folders:
        found.setdefault(file_sha, set()).add(code)
    return {file_sha: codes.pop() for file_sha, codes in found.items() if len(codes) == 1}
