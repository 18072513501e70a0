"""Cross checks, at every build over all accepted rows: who is meant, does it exist, which row wins.

Nothing here depends on the order in which files arrived. A dataset is settled after those it refers
to, so a row never leans on a row that was itself put aside. Corrections win by natural key: the later
version (export time in the file, else the file's own time) supersedes; equal versions with different
content go to quarantine, both, except where both may be true (``overlapping``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from siklatih.checks import Check, file_checks, item_of, quoted
from siklatih.contracts import Contract
from siklatih.cross_checks import cross_checks
from siklatih.expectations import bad_rows
from siklatih.filing import NEEDS as FILING_NEEDS
from siklatih.filing import FilingHints, file_parts, prepare_filing, tell_occasions
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
from siklatih.replays import FileOutcome, age_untouched_rows, note_released, part_versions
from siklatih.warehouse import create_accepted

if TYPE_CHECKING:
    import duckdb


def settle(
    con: duckdb.DuckDBPyConnection,
    contracts: Mapping[str, Contract],
    files: Sequence[FileOutcome],
    hints: FilingHints | None = None,
    answers: Sequence[NameAnswer] = (),
) -> int:
    """Fill ``accepted.*`` and ``quality.*`` from the outcomes of file checks.

    Args:
        con: an empty database.
        contracts: all of them.
        files: all files received; those that were withdrawn are counted only.
        hints: what is known about files that do not name their batch.
        answers: what was said to proposals of names, one a code.

    Returns:
        The number of suites run.
    """
    create_accepted(con, contracts, "loaded")
    create_accepted(con, contracts, "accepted")
    _create_quality(con)
    prepare_filing(con, hints or FilingHints())
    prepare_people(con, answers)
    _load(con, contracts, files)
    age_untouched_rows(
        con, contracts, files
    )  # against withdrawn files, too: other rows stay as old as before
    _set_withdrawn_aside(con, contracts, files)
    suites = 0
    for dataset in settling_order(contracts):
        suites += _settle_dataset(con, contracts, contracts[dataset])
        note_people(con, dataset)
    _summarise(con, files)
    note_released(con, files)
    note_matches(con)
    con.execute("drop schema loaded cascade")
    return suites


def settling_order(contracts: Mapping[str, Contract]) -> list[str]:
    """Return the datasets, each after those it refers to; the roster comes before all that name people."""
    needs: dict[str, set[str]] = {}
    for name, contract in sorted(contracts.items()):
        needs[name] = {column.references.split(".")[0] for column in contract.columns if column.references}
        if name != "roster" and contract.identifiers:
            needs[name].add("roster")
        if contract.filed is not None:
            needs[name] |= set(FILING_NEEDS) & set(contracts)
        needs[name].discard(name)
    return list(TopologicalSorter({name: sorted(found) for name, found in needs.items()}).static_order())


def _create_quality(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("create schema quality")
    con.execute(
        "create table quality.quarantine (file_sha VARCHAR, part_no BIGINT, emit_no BIGINT, row_no BIGINT, "
        "dataset VARCHAR, place VARCHAR, column_name VARCHAR, rule VARCHAR, severity VARCHAR, "
        "item_code VARCHAR)"
    )
    con.execute(
        "create table quality.rules (dataset VARCHAR, rule VARCHAR, severity VARCHAR, message_id VARCHAR, "
        "message_en VARCHAR, remedy_id VARCHAR, remedy_en VARCHAR)"
    )
    con.execute(
        "create table quality.parts (file_sha VARCHAR, part_no BIGINT, dataset VARCHAR, place VARCHAR, "
        "version_at TIMESTAMP, read BIGINT, quarantined BIGINT, duplicate BIGINT, withdrawn BIGINT)"
    )
    con.execute(
        "create table quality.row_fate (file_sha VARCHAR, part_no BIGINT, emit_no BIGINT, fate VARCHAR)"
    )


def _load(
    con: duckdb.DuckDBPyConnection, contracts: Mapping[str, Contract], files: Sequence[FileOutcome]
) -> None:
    paths: dict[str, list[str]] = {}
    bad: list[str] = []
    versions = part_versions(files)
    for file in files:
        for part in file.manifest.parts:
            con.execute(
                "insert into quality.parts values ($file_sha, $part_no, $dataset, $place, "
                "$version, $read, $quarantined, $duplicate, $withdrawn)",
                {
                    "file_sha": file.manifest.file_sha,
                    "part_no": part.part_no,
                    "dataset": part.dataset,
                    "place": part.place,
                    "version": versions[file.manifest.file_sha, part.part_no],
                    "read": part.rows,
                    "quarantined": 0 if file.is_withdrawn else part.quarantined,
                    "duplicate": 0 if file.is_withdrawn else part.duplicate,
                    "withdrawn": part.rows if file.is_withdrawn else 0,
                },
            )
            paths.setdefault(part.dataset, []).append(str(file.folder / f"{part.part_no}.parquet"))
            if (part.quarantined or part.warnings) and not file.is_withdrawn:
                bad.append(str(file.folder / f"{part.part_no}-quarantine.parquet"))
    for dataset, parquet in sorted(paths.items()):
        stored = ", ".join(quoted(column.stored_name) for column in contracts[dataset].columns)
        con.execute(
            f"insert into loaded.{quoted(dataset)} select {stored}, rows.file_sha, rows.part_no, "
            "rows.row_no, rows.emit_no, parts.version_at, null from read_parquet($paths) as rows "
            "join quality.parts as parts using (file_sha, part_no)",
            {"paths": parquet},
        )
    if bad:
        con.execute(
            "insert into quality.quarantine select file_sha, part_no, emit_no, row_no, dataset, place, "
            "column_name, rule, severity, item_code from read_parquet($paths)",
            {"paths": bad},
        )


def _set_withdrawn_aside(
    con: duckdb.DuckDBPyConnection, contracts: Mapping[str, Contract], files: Sequence[FileOutcome]
) -> None:
    """Take the rows of withdrawn files away, so that they neither count nor supersede what does."""
    for file in files:
        if file.is_withdrawn:
            for dataset in sorted({part.dataset for part in file.manifest.parts}):
                table = f"loaded.{quoted(contracts[dataset].dataset)}"
                con.execute(f"delete from {table} where file_sha = $sha", {"sha": file.manifest.file_sha})


def _settle_dataset(
    con: duckdb.DuckDBPyConnection, contracts: Mapping[str, Contract], contract: Contract
) -> int:
    checks = cross_checks(con, contracts, contract)
    _explain(con, contract.dataset, [*file_checks(contract), *checks])
    if not con.execute(f"select 1 from loaded.{quoted(contract.dataset)} limit 1").fetchall():
        return 0
    file_parts(con, contract, sure_person(contract), sure_joins(contract))
    tell_occasions(con, contract)
    people, joins = add_people(con, contract)
    dataset = quoted(contract.dataset)
    stored = ", ".join(f"rows.{quoted(column.stored_name)}" for column in contract.columns)
    origin = "rows.file_sha, rows.part_no, rows.row_no, rows.emit_no, rows.version_at"
    con.execute(
        f"create table candidates as select {stored}, {origin}, {people} "
        f"from loaded.{dataset} as rows {joins}"
    )
    note_named(con, contract)
    con.execute(
        "create table bad (file_sha VARCHAR, part_no BIGINT, emit_no BIGINT, column_name VARCHAR, "
        "rule VARCHAR, severity VARCHAR)"
    )
    bad_rows(con, "candidates", checks, into="bad")
    _decide(con, contract)
    con.execute(
        f"insert into accepted.{dataset} select {stored}, {origin}, rows.person_key from candidates as rows "
        "join decided using (file_sha, part_no, emit_no) where decided.fate = 'accepted'"
    )
    con.execute(
        "insert into quality.quarantine select bad.file_sha, bad.part_no, bad.emit_no, rows.row_no, "
        f"$dataset, parts.place, bad.column_name, bad.rule, bad.severity, {item_of(contract, 'rows')} "
        "from bad "
        "join candidates as rows using (file_sha, part_no, emit_no) "
        "join quality.parts as parts using (file_sha, part_no)",
        {"dataset": contract.dataset},
    )
    con.execute("insert into quality.row_fate select file_sha, part_no, emit_no, fate from decided")
    for table in ("candidates", "bad", "decided"):
        con.execute(f"drop table {table}")
    return int(bool(checks))


def _explain(con: duckdb.DuckDBPyConnection, dataset: str, checks: Sequence[Check]) -> None:
    """Keep what each rule says and asks, so that a row put aside can be explained from the warehouse."""
    rows = [(dataset, check.rule, check.severity, *check.message, *check.remedy) for check in checks]
    columns = {f"c{place}": list(column) for place, column in enumerate(zip(*rows, strict=True))}
    con.execute(
        "insert into quality.rules select " + ", ".join(f"unnest(${name})" for name in columns), columns
    )


def _decide(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """Give each candidate its fate: quarantined, superseded, duplicate or accepted."""
    has_person = contract.dataset != "roster" and "nip" in {c.name for c in contract.columns}
    given = ", ".join(["person_key", *(quoted(column.stored_name) for column in contract.person_columns)])
    key = [
        "coalesce(person_key, nip_key)"
        if has_person and name == "nip_key"
        else (f"coalesce({given})" if name == "person_key" else quoted(name))
        for name in contract.key
    ]
    content = ", ".join(quoted(column.stored_name) for column in contract.columns)
    con.execute(
        "create table decided as with good as ("
        f"select file_sha, part_no, emit_no, version_at, row({', '.join(key)}) as natural_key, "
        f"row({content}) as content from candidates where not exists (select 1 from bad "
        "where bad.severity = 'critical' and bad.file_sha = candidates.file_sha "
        "and bad.part_no = candidates.part_no and bad.emit_no = candidates.emit_no)), "
        "ranked as (select *, max(version_at) over (partition by natural_key) as latest from good), "
        "winners as (select natural_key, count(distinct content) as contents "
        "from ranked where version_at = latest group by natural_key), "
        "judged as (select ranked.*, winners.contents = 1 or cast($is_overlapping as boolean) as is_clear, "
        "bool_or(version_at = latest) over (partition by ranked.natural_key, ranked.content) as is_same, "
        "row_number() over (partition by ranked.natural_key, ranked.version_at, ranked.content "
        "order by ranked.file_sha, ranked.part_no, ranked.emit_no) as place "
        "from ranked join winners on winners.natural_key = ranked.natural_key) "
        "select file_sha, part_no, emit_no, case "
        "when version_at = latest and not is_clear then 'quarantined' "
        "when version_at = latest and place = 1 then 'accepted' "
        "when is_clear and is_same then 'duplicate' "
        "else 'superseded' end as fate from judged "
        "union all select distinct file_sha, part_no, emit_no, 'quarantined' from bad "
        "where severity = 'critical'",
        {"is_overlapping": contract.overlapping},
    )
    con.execute(
        "insert into bad select file_sha, part_no, emit_no, $column_name, $rule, 'critical' from decided "
        "where fate = 'quarantined' and not exists (select 1 from bad where bad.severity = 'critical' "
        "and bad.file_sha = decided.file_sha and bad.part_no = decided.part_no "
        "and bad.emit_no = decided.emit_no)",
        {
            "column_name": ", ".join(column.name for column in contract.columns if column.key),
            "rule": f"{contract.dataset}.key.conflict",
        },
    )


def _summarise(con: duckdb.DuckDBPyConnection, files: Sequence[FileOutcome]) -> None:
    """One line a part: read = accepted + quarantined + duplicate + superseded + withdrawn + erased."""
    con.execute(
        "create table quality.files (file_sha VARCHAR, provider VARCHAR, source VARCHAR, "
        "is_withdrawn BOOLEAN, refused_code VARCHAR, refused_place VARCHAR, refused_row BIGINT, "
        "refused_column VARCHAR, refused_id VARCHAR, refused_en VARCHAR)"
    )
    for file in files:
        refusal = file.manifest.refusal or {}
        con.execute(
            "insert into quality.files values "
            "($file_sha, $provider, $source, $is_withdrawn, $code, $place, $row, $column, $id_, $en)",
            {
                "file_sha": file.manifest.file_sha,
                "provider": file.provider,
                "source": file.manifest.source,
                "is_withdrawn": file.is_withdrawn,
                **{name: refusal.get(name) for name in ("code", "place", "row", "column", "id_", "en")},
            },
        )
    con.execute(
        "create table quality.file_summary as "
        "select files.file_sha, files.provider, files.source, parts.dataset, parts.place, "
        "coalesce(parts.read, 0) as read, "
        "count(*) filter (fate.fate = 'accepted') as accepted, "
        "coalesce(parts.quarantined, 0) + count(*) filter (fate.fate = 'quarantined') as quarantined, "
        "coalesce(parts.duplicate, 0) + count(*) filter (fate.fate = 'duplicate') as duplicate, "
        "count(*) filter (fate.fate = 'superseded') as superseded, "
        "coalesce(parts.withdrawn, 0) as withdrawn, cast(0 as BIGINT) as erased, files.refused_code "
        "from quality.files as files left join quality.parts as parts using (file_sha) "
        "left join quality.row_fate as fate using (file_sha, part_no) "
        "group by files.file_sha, files.provider, files.source, parts.dataset, parts.place, parts.part_no, "
        "parts.read, parts.quarantined, parts.duplicate, parts.withdrawn, files.refused_code "
        "order by files.file_sha, parts.part_no"
    )
