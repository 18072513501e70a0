"""Checking files before they are sent: recognition, reading and file checks; nothing is landed or kept.

It needs no state folder and no key: pseudonyms are made with a random key that is forgotten at the end,
in a temporary folder that goes with it. What depends on other files is not checked, and is said so.
"""

from __future__ import annotations

import hashlib
import secrets
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING

from siklatih.archives import ArchiveBounds, bounds_of, unpack
from siklatih.checks import file_checks
from siklatih.contracts import Contract
from siklatih.errors import MendError
from siklatih.limits import MEGABYTE
from siklatih.named_files import cannot_open, facts_of
from siklatih.quality import PartOutcome, PartToCheck, check_dataset
from siklatih.reading import Reader, ReadOutcome
from siklatih.returning.faults import Fault, Faults, Titles, items_in, own_name, refusal_fault
from siklatih.returning.files import load_titles, return_bytes
from siklatih.settings import Settings
from siklatih.state import write_whole
from siklatih.workbooks import EARLIEST

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class Verdict:
    """How a file fares.

    ``name`` is its path, within an archive ``archive.zip!member``. ``unchecked`` names columns that refer
    to datasets kept elsewhere. ``passed_over`` counts the archive's members that no person means; the first
    member's verdict tells.
    """

    name: str
    source: str | None
    refusal: MendError | None
    problems: tuple[tuple[Fault, str], ...] = ()  # each with its columns' titles
    rows: int = 0
    accepted: int = 0
    put_aside: int = 0
    duplicates: int = 0
    unchecked: tuple[str, ...] = ()
    answer: Path | None = None
    answer_fault: MendError | None = None
    is_marked: bool = True  # False: the return holds the list only
    passed_over: int = 0
    is_empty: bool = False  # read, and nothing found in it

    @property
    def code(self) -> int:
        """The exit code: 0 all is well, 1 rows would be put aside, 2 the file would be refused."""
        return 2 if self.refusal is not None else 1 if self.put_aside else 0


@dataclass(frozen=True)
class _Given:
    """A file to be checked.

    Args:
        name: how it is called in the verdict.
        place: where its bytes lie.
        model: the path beside which its return is written, and after which that is named.
        when: its own time, or its archive's.
    """

    name: str
    place: Path
    model: Path
    when: datetime = EARLIEST
    passed_over: int = 0


@dataclass(frozen=True)
class _Read:
    """A file as the reading process answered for it; without a hash where it could not be opened."""

    given: _Given
    file_sha: str
    outcome: ReadOutcome


def check_files(paths: Sequence[Path], settings: Settings, *, write_return: bool) -> Iterator[Verdict]:
    """Check files and yield a verdict on each, in the order given; on an archive one for each member.

    Args:
        paths: the files; one that cannot be opened counts as refused.
        settings: limits of reading, and the folder of contracts.
        write_return: write ``<name>-perbaikan.xlsx`` beside each file with something to mend.
    """
    titles = load_titles(settings.config)
    with tempfile.TemporaryDirectory(prefix="siklatih-") as folder:
        files = list(_read(paths, settings, Path(folder)))
        checked = _check(titles.contracts, files, Path(folder))
        for number, file in enumerate(files):
            yield _verdict(file, number, checked, Path(folder), titles, write_return=write_return)


def _read(paths: Sequence[Path], settings: Settings, folder: Path) -> Iterator[_Read]:
    with Reader(
        key=secrets.token_bytes(32),
        config=settings.config,
        memory_bytes=settings.reader_memory_mb * MEGABYTE,
        seconds=settings.reader_seconds,
        limits=settings.limits(),
    ) as reader:
        for number, path in enumerate(paths):
            members = folder / f"{number}-members"
            members.mkdir()
            try:
                given = _given(path, members, bounds_of(settings))
            except (MendError, OSError) as error:
                yield _not_opened(_Given(str(path), path, path), error)
                continue
            for inner, file in enumerate(given):
                out = folder / f"{number}-{inner}-read"
                out.mkdir()
                yield _read_one(file, reader, out)


def _given(path: Path, members: Path, bounds: ArchiveBounds) -> list[_Given]:
    """Return the file itself, or what the archive holds, unpacked as landing would unpack it."""
    when = datetime.fromtimestamp(facts_of(path).st_mtime, tz=UTC).replace(tzinfo=None, microsecond=0)
    unpacked = unpack(path, members, bounds)
    if not unpacked.members:
        # a name or a folder may change meanwhile: read by an absolute path, the reader runs elsewhere
        return [_Given(str(path), path.resolve(), path, when)]
    return [
        _Given(
            f"{path}!{name}",
            place,
            path.with_name(f"{own_name(f'{path.stem}-{PureWindowsPath(name).name}')}.zip"),
            when,
            0 if number else unpacked.passed_over,
        )
        for number, (name, place) in enumerate(unpacked.members)
    ]


def _read_one(file: _Given, reader: Reader, out: Path) -> _Read:
    try:
        content_sha = _sha(file.place)
        return _Read(file, content_sha, reader.read(file.place, Path(file.name).name, out))
    except OSError as error:
        return _not_opened(file, error)


def _sha(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _not_opened(file: _Given, error: MendError | OSError) -> _Read:
    refusal = error if isinstance(error, MendError) else cannot_open(error)
    return _Read(file, "", ReadOutcome(None, refusal))


def _check(
    contracts: Mapping[str, Contract], files: Sequence[_Read], folder: Path
) -> dict[tuple[str, int], PartOutcome]:
    """Run the file checks, one suite a dataset; a file is known by its number: two may be the same bytes."""
    parts: dict[str, list[PartToCheck]] = defaultdict(list)
    for number, file in enumerate(files):
        for part_no, part in enumerate(file.outcome.parts):
            parts[part.dataset].append(PartToCheck(str(number), part_no, part.dataset, part.place, part.path))
    checked: dict[tuple[str, int], PartOutcome] = {}
    for dataset in sorted(parts):
        checked |= check_dataset(contracts[dataset], parts[dataset], folder)
    return checked


def _verdict(
    file: _Read,
    number: int,
    checked: Mapping[tuple[str, int], PartOutcome],
    folder: Path,
    titles: Titles,
    *,
    write_return: bool,
) -> Verdict:
    refusal = file.outcome.refusal
    fates = [checked[str(number), part_no] for part_no, _ in enumerate(file.outcome.parts)]
    if refusal is not None:
        problems = [refusal_fault(refusal)]
    else:
        stems = [folder / f"{number}-{part_no}" for part_no, fate in enumerate(fates) if fate.quarantined]
        problems = row_problems(titles.contracts, stems)
    answer, answer_fault = None, None
    given = file.given
    unmarked: list[str] = []
    if write_return and problems and file.file_sha:
        when = max(given.when, EARLIEST)
        source = file.outcome.source
        faults = Faults(file.file_sha, when, None, refusal is not None, problems, source=source)
        try:
            answer = _answer(given.model, return_bytes(given.place, faults, titles, unmarked=unmarked.append))
        except OSError as error:
            answer_fault = _not_written(error)
    return Verdict(
        name=given.name,
        source=file.outcome.source,
        refusal=refusal,
        problems=tuple((problem, titles.shown(problem)) for problem in problems),
        rows=sum(fate.rows for fate in fates),
        accepted=sum(fate.accepted for fate in fates),
        put_aside=sum(fate.quarantined for fate in fates),
        duplicates=sum(fate.duplicate for fate in fates),
        unchecked=_unchecked(titles.contracts, file.outcome),
        answer=answer,
        answer_fault=answer_fault,
        is_marked=not unmarked,
        passed_over=given.passed_over,
        is_empty=refusal is None and not any(fate.rows for fate in fates) and not file.outcome.answers,
    )


def row_problems(contracts: Mapping[str, Contract], stems: Sequence[Path]) -> list[Fault]:
    """Return the rows put aside, with what their rules say, in the order of the file.

    Args:
        stems: the parts' ``-quarantine.parquet`` without that ending.
    """
    import duckdb  # noqa: PLC0415

    if not stems:
        return []
    con: duckdb.DuckDBPyConnection = duckdb.connect(":memory:")
    try:
        rows = con.execute(
            "select part_no, row_no, dataset, place, column_name, rule, "
            "string_agg(distinct item_code, ',' order by item_code) as items from read_parquet($paths) "
            "where severity = 'critical' group by all order by all",
            {"paths": [f"{stem}-quarantine.parquet" for stem in stems]},
        ).fetchall()
    finally:
        con.close()
    said = {
        (dataset, check.rule): check
        for dataset in {row[2] for row in rows}
        for check in file_checks(contracts[dataset])
    }
    return [
        Fault(dataset, place, row, column, rule, check.message, check.remedy, items_in(items))
        for _, row, dataset, place, column, rule, items in rows
        for check in (said[dataset, rule],)
    ]


def _unchecked(contracts: Mapping[str, Contract], outcome: ReadOutcome) -> tuple[str, ...]:
    """Titles of the columns whose rows must exist elsewhere: master data, and people on the roster."""
    found = []
    for dataset in dict.fromkeys(part.dataset for part in outcome.parts):
        contract = contracts[dataset]
        found += [
            column.title_id
            for column in contract.columns
            if column.references is not None or (column.name == "nip" and dataset != "roster")
        ]
    return tuple(dict.fromkeys(found))


def _answer(path: Path, content: bytes) -> Path:
    """Write the return beside the file; one that is there already, perhaps half mended, is never replaced."""
    number = 1
    while True:
        place = path.with_name(f"{path.stem}-perbaikan{'' if number == 1 else f'-{number}'}.xlsx")
        if not place.exists():
            write_whole(place, content)
            return place
        if place.read_bytes() == content:
            return place
        number += 1


def _not_written(error: OSError) -> MendError:
    return MendError(
        "cannot_write",
        en=f"The return cannot be written beside the file ({error.strerror}). Copy the file to a folder "
        "of your own, or use --no-return.",
        id_=f"Berkas perbaikan tidak dapat ditulis di samping berkas ini ({error.strerror}). Salin berkas ke "
        "folder sendiri, atau pakai --no-return.",
    )
