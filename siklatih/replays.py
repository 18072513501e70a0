"""Mended returns: which file each answers, why its rows win, and which rows no longer wait.

A mended return is a newer file, though it still bears the export time of the file it came from. So it
counts as newer than that one; but a row that nobody touched stays as old as it was, or it would undo a
correction that was sent in between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from siklatih.checks import quoted
from siklatih.contracts import Contract
from siklatih.store import Manifest, PartRecord

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class FileOutcome:
    """A file of this build: its outcome, where that lies, its provider, its own time, whether it counts."""

    manifest: Manifest
    folder: Path
    provider: str
    modified_at: datetime
    is_withdrawn: bool = False


def lineage(files: Sequence[FileOutcome]) -> dict[str, list[str]]:
    """Return file -> the files it came from, nearest first; only files that are there."""
    parents = {file.manifest.file_sha: file.manifest.returned_from for file in files}
    found = {}
    for sha, nearest in parents.items():
        chain: list[str] = []
        parent = nearest
        # what a sheet says may be anything, a circle too
        while parent is not None and parent in parents and parent != sha and parent not in chain:
            chain.append(parent)
            parent = parents[parent]
        found[sha] = chain
    return found


def part_versions(files: Sequence[FileOutcome]) -> dict[tuple[str, int], datetime]:
    """Return (file, part) -> the time that decides which of two rows is newer.

    It is the export time in the file, else the file's own time; a mended return is newer than what it
    came from, whatever clock its sender had.
    """
    chains = lineage(files)
    by_sha = {file.manifest.file_sha: file for file in files}
    versions: dict[tuple[str, int], datetime] = {}
    for sha in sorted(by_sha, key=lambda sha: (len(chains[sha]), sha)):
        for part in by_sha[sha].manifest.parts:
            earlier = [
                versions[parent, other.part_no]
                for parent in chains[sha]
                for other in by_sha[parent].manifest.parts
                if other.dataset == part.dataset and (parent, other.part_no) in versions
            ]
            version = _own_version(by_sha[sha], part)
            if earlier:
                version = max(version, by_sha[sha].modified_at, max(earlier) + timedelta(seconds=1))
            versions[sha, part.part_no] = version
    return versions


def _own_version(file: FileOutcome, part: PartRecord) -> datetime:
    return datetime.fromisoformat(part.exported_at) if part.exported_at else file.modified_at


def age_untouched_rows(
    con: duckdb.DuckDBPyConnection, contracts: Mapping[str, Contract], files: Sequence[FileOutcome]
) -> None:
    """Give rows of a mended return that are as they were the version they had."""
    chains = lineage(files)
    datasets = {file.manifest.file_sha: {part.dataset for part in file.manifest.parts} for file in files}
    for sha in sorted(chains, key=lambda sha: (len(chains[sha]), sha)):
        for dataset in sorted(datasets[sha]):
            original = next((parent for parent in chains[sha] if dataset in datasets[parent]), None)
            if original is None:
                continue
            stored = [quoted(column.stored_name) for column in contracts[dataset].columns]
            names = ", ".join(f"mine.{name}" for name in stored)
            columns = ", ".join(f"theirs.{name}" for name in stored)
            con.execute(
                f"update loaded.{quoted(dataset)} as mine set version_at = theirs.version_at "
                f"from loaded.{quoted(dataset)} as theirs where mine.file_sha = $mended "
                f"and theirs.file_sha = $original and row({names}) is not distinct from row({columns})",
                {"mended": sha, "original": original},
            )


def note_released(con: duckdb.DuckDBPyConnection, files: Sequence[FileOutcome]) -> None:
    """Fill ``quality.released``: the datasets of a file whose put-aside rows came back in a mended return.

    The return held them all: those that are still wrong in it are put aside again, as its own rows.
    """
    con.execute("create table quality.released (file_sha VARCHAR, dataset VARCHAR)")
    chains = lineage(files)
    released = {
        (parent, part.dataset)
        for file in files
        if file.manifest.refusal is None and not file.is_withdrawn
        for parent in chains[file.manifest.file_sha]
        for part in file.manifest.parts
    }
    for sha, dataset in sorted(released):
        con.execute(
            "insert into quality.released values ($file_sha, $dataset)", {"file_sha": sha, "dataset": dataset}
        )
