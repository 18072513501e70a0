"""Who is meant by a row: by number, address or number at terminals, else by name among those enrolled.

A name is looked up only among the people enrolled in the row's batch, in any arm. Without a batch, or
where two of the batch bear it, a name means nobody. A number, address or terminal number that means
somebody wins over the name. A name that is written otherwise counts once somebody confirmed it.
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

YES, NO = "ya", "tidak"
CODE_CHARACTERS = 12
_WAYS = {"nip": "number", "email": "address", "terminal": "terminal"}  # kind -> how a person was known
_CHECKS = CHECKOUT / "sql" / "checks"
_AFTER = {
    "roster": ("person_identity", "person_names"),
    "enrolments": ("enrolled_names",),
    "sessions": ("meeting_batches",),
}
_TABLES = {
    "person_identity": "kind VARCHAR, pseudonym VARCHAR, person_key VARCHAR",
    "person_names": "person_key VARCHAR, name_key VARCHAR",
    "enrolled_names": "batch_code VARCHAR, name_key VARCHAR, person_key VARCHAR, people BIGINT",
    "meeting_batches": "meeting_id VARCHAR, day DATE, batch_code VARCHAR",
    "name_answers": "code VARCHAR, answer VARCHAR, origin VARCHAR",
    "names_given": "batch_code VARCHAR, name_key VARCHAR",
    "answered_names": "batch_code VARCHAR, name_key VARCHAR, person_key VARCHAR, "
    "code VARCHAR, answer VARCHAR",
    "people_named": "file_sha VARCHAR, part_no BIGINT, emit_no BIGINT, dataset VARCHAR, batch_code VARCHAR, "
    "person_ref VARCHAR, way VARCHAR",
    "unmatched_names": "file_sha VARCHAR, part_no BIGINT, dataset VARCHAR, batch_code VARCHAR, "
    "name_key VARCHAR, row_count BIGINT",
}
_PASSING = ("meeting_batches", "names_given", "people_named")
# a name of which exactly one person was confirmed; of two it still means nobody
_CONFIRMED = (
    "(select batch_code, name_key, min(person_key) as person_key from quality.answered_names "
    f"where answer = '{YES}' group by batch_code, name_key having count(distinct person_key) = 1)"
)


@dataclass(frozen=True)
class NameAnswer:
    """What somebody said to a proposal: ``ya`` or ``tidak``. ``origin`` is ``config`` or a file's hash."""

    code: str
    answer: str
    origin: str


def prepare_people(con: duckdb.DuckDBPyConnection, answers: Sequence[NameAnswer]) -> None:
    """Create the tables of people in ``quality``, with the answers to proposals, one a code."""
    con.execute(
        "create macro proposal_code(batch_code, name_key, person_key) as "
        f"left(sha256(batch_code || ' ' || name_key || ' ' || person_key), {CODE_CHARACTERS:d})"
    )
    for table, columns in _TABLES.items():
        con.execute(f"create table quality.{table} ({columns})")
    for answer in answers:
        con.execute("insert into quality.name_answers values ($code, $answer, $origin)", vars(answer))


def note_people(con: duckdb.DuckDBPyConnection, dataset: str) -> None:
    """Fill what follows from a dataset just settled: the roster, the enrolments or the sessions."""
    for table in _AFTER.get(dataset, ()):
        con.execute(f"insert into quality.{table} " + _sql(table))


def add_people(con: duckdb.DuckDBPyConnection, contract: Contract) -> tuple[str, str]:
    """Return SQL that adds to ``rows`` of a dataset whom they mean.

    Args:
        con: the build's database; names that were confirmed are looked up now, the rows being filed.
        contract: the dataset.

    Returns:
        (columns, joins): ``person_key``, ``row_batch``, ``way`` and ``is_conflict`` (two of the
        identifiers mean two people), and the joins that the columns need.
    """
    if contract.dataset == "roster" or not contract.person_columns:
        return sure_person(contract) + " as person_key", ""
    batch, joins = _row_batch(contract)
    found = {column.name: f"by_{column.name}.person_key" for column in _sure(contract)}
    ways = {column.name: _WAYS[column.kind] for column in _sure(contract)}
    joins += sure_joins(contract)
    if _name(contract) is not None and "batch_code" in _names(contract):
        _look_up_answers(con, contract, batch, joins)
        for way in ("name", "confirmed"):
            found[way], ways[way] = f"by_{way}.person_key", way
        joins += (
            " left join quality.enrolled_names as by_name on by_name.people = 1 "
            f"and by_name.batch_code = {batch} and by_name.name_key = rows.name_key "
            f"left join {_CONFIRMED} as by_confirmed "
            f"on by_confirmed.batch_code = {batch} and by_confirmed.name_key = rows.name_key"
        )
    if not found:
        return "cast(null as VARCHAR) as person_key", ""
    cases = " ".join(f"when {person} is not null then '{ways[by]}'" for by, person in found.items())
    person = f"coalesce({', '.join(found.values())}, cast(null as VARCHAR))"
    others = " or ".join(f"coalesce({other} <> {person}, false)" for other in found.values())
    columns = (
        f"{person} as person_key, {batch} as row_batch, case {cases} end as way, {others} as is_conflict"
    )
    return columns, joins


def sure_person(contract: Contract) -> str:
    """SQL of the person known by number, address or terminal number; needs ``sure_joins``."""
    if contract.dataset == "roster":
        return "cast(null as VARCHAR)"
    found = [f"by_{column.name}.person_key" for column in _sure(contract)]
    return f"coalesce({', '.join([*found, 'cast(null as VARCHAR)'])})"


def sure_joins(contract: Contract) -> str:
    """SQL that joins ``rows`` to the persons behind their numbers and addresses."""
    if contract.dataset == "roster":
        return ""
    return "".join(
        f" left join quality.person_identity as by_{column.name} on by_{column.name}.kind = '{column.kind}' "
        f"and by_{column.name}.pseudonym = rows.{quoted(column.stored_name)}"
        for column in _sure(contract)
    )


def note_named(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """Keep, of the table ``candidates``, whom its rows name and how they were known, and unknown names."""
    if contract.dataset == "roster" or "nip" not in _names(contract):
        return
    given = ", ".join(quoted(column.stored_name) for column in contract.person_columns)
    con.execute(
        "insert into quality.people_named select file_sha, part_no, emit_no, $dataset, row_batch, "
        f"coalesce(person_key, {given}), way from candidates where coalesce(person_key, {given}) is not null",
        {"dataset": contract.dataset},
    )
    if _name(contract) is not None:
        con.execute(
            "insert into quality.unmatched_names select file_sha, part_no, $dataset, row_batch, name_key, "
            "count(*) from candidates where person_key is null and name_key is not null "
            "and row_batch in (select batch_code from accepted.batches) "
            "group by file_sha, part_no, row_batch, name_key",
            {"dataset": contract.dataset},
        )


def note_matches(con: duckdb.DuckDBPyConnection) -> None:
    """Create ``quality.matches`` once all rows have their fate, and drop what was only needed on the way."""
    con.execute("create table quality.matches as " + _sql("matches"))
    for table in _PASSING:
        con.execute(f"drop table quality.{table}")


def _look_up_answers(con: duckdb.DuckDBPyConnection, contract: Contract, batch: str, joins: str) -> None:
    """Find the names of a dataset, now filed, that answers are about."""
    ((answers,),) = con.execute("select count(*) from quality.name_answers").fetchall()
    if not answers:
        return
    con.execute("delete from quality.names_given")
    con.execute(
        f"insert into quality.names_given select distinct {batch}, rows.name_key "
        f"from loaded.{quoted(contract.dataset)} as rows {joins} "
        f"where rows.name_key is not null and {batch} is not null"
    )
    con.execute(
        "insert into quality.answered_names from (" + _sql("answered_names") + ") "
        "except from quality.answered_names"
    )


def _row_batch(contract: Contract) -> tuple[str, str]:
    """SQL of a row's batch, and its joins: what the row says, else the batch of its meeting."""
    if "batch_code" not in _names(contract):
        return "cast(null as VARCHAR)", ""
    said = f"nullif(rows.batch_code, '{UNFILED}')"
    if "meeting_id" not in _names(contract) or contract.moment is None:
        return said, ""
    moment = quoted(contract.moment.name)
    return f"coalesce({said}, of_meeting.batch_code, of_day.batch_code)", (
        " left join quality.meeting_batches as of_meeting on of_meeting.day is null "
        "and of_meeting.meeting_id = replace(rows.meeting_id, ' ', '') "
        "left join quality.meeting_batches as of_day "
        "on of_day.meeting_id = replace(rows.meeting_id, ' ', '') "
        f"and of_day.day = cast(rows.{moment} as DATE)"
    )


def _sure(contract: Contract) -> list[Column]:
    return [column for column in contract.person_columns if column.kind in _WAYS]


def _name(contract: Contract) -> Column | None:
    return next((column for column in contract.person_columns if column.kind == "name"), None)


def _names(contract: Contract) -> set[str]:
    return {column.name for column in contract.columns}


def _sql(table: str) -> str:
    return (_CHECKS / f"chk_{table}.sql").read_text(encoding="utf-8")
