"""The reading process: ``python -m siklatih.reader``, started once a run, forks once a file.

A file is parsed in a child with limits of memory and time, so its death is an answer about that file
and never the end of the run. The child replaces identifiers before it writes anything.

Requests and answers are JSON, one a line. The first request configures: key (hexadecimal), config
folder, limits of the child, bounds of a file; the answer says that the process is ready. Every other
request names a file: path, name, out (an empty folder); with ``draft`` a mapping is drafted, not a file read.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import select
import signal
import sys
import time
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import Any

# loaded before forking, so that no child loads them again; neither starts a thread by that
import duckdb
import python_calamine  # noqa: F401

from siklatih.contracts import Column, Contract, load_contracts
from siklatih.drafting.drafts import draft_mapping
from siklatih.errors import MendError
from siklatih.guard import inspect
from siklatih.identity import Pseudonymiser
from siklatih.instruments import load_instruments
from siklatih.limits import Limits
from siklatih.mappings import load_mappings
from siklatih.marks import MARKS_FILE, load_marks
from siklatih.named_files import cannot_open
from siklatih.part_files import PartWriter
from siklatih.sources import all_sources, recognise_file
from siklatih.sources.proposed import read_answers
from siklatih.sources.protocol import HEAD_BYTES, Catalogue, Source, SourceFile
from siklatih.sources.returned import LIST_ONLY, TEXT, as_text_again, return_mark
from siklatih.table_mappings import load_table_mappings

# whom the agency must be able to reach, and whose names stand on lists that it hands out
KEPT_IN_VAULT = {("stakeholders", "email"), ("roster", "nip"), ("roster", "name")}


def is_kept(contract: Contract, column: Column) -> bool:
    """Whether values of a column go to the vault: also names that may be all a row tells of its person."""
    return (contract.dataset, column.name) in KEPT_IN_VAULT or (
        contract.person_choice and column.kind == "name"
    )


def main() -> None:
    """Answer requests until the input ends."""
    settings = json.loads(sys.stdin.readline())
    try:
        catalogue = load_catalogue(Path(settings["config"]))
    except MendError as error:
        _say({"status": "refused", "error": error.as_dict()})
        return
    all_sources()
    pseudonyms = Pseudonymiser(bytes.fromhex(settings["key"]))
    _say({"status": "ready"})
    for line in sys.stdin:
        _say(_in_child(json.loads(line), catalogue, pseudonyms, settings))


def load_catalogue(config: Path) -> Catalogue:
    """Read what sources refer to; ``MendError`` names a malformed file."""
    contracts, instruments = load_contracts(config / "contracts"), load_instruments(config / "instruments")
    mappings = config / "mappings"
    return Catalogue(
        contracts,
        instruments,
        load_mappings(mappings, instruments),
        load_marks(config / MARKS_FILE, contracts["attendance"].column("status")),
        load_table_mappings(mappings, contracts),
    )


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _in_child(
    request: dict[str, Any], catalogue: Catalogue, pseudonyms: Pseudonymiser, settings: dict[str, Any]
) -> dict[str, Any]:
    """Fork, read the file there, and return its answer, or how it died."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        gc.disable()  # looking for garbage among a million cells takes longer than the child lives
        _limit(settings["memory_bytes"], settings["seconds"])
        try:
            with os.fdopen(writing, "w", encoding="utf-8") as out:
                json.dump(_answer_or_fault(request, catalogue, pseudonyms, settings), out)
        finally:
            # whatever happens, the child ends here and never answers requests of its parent's
            os._exit(0 if sys.exc_info()[0] is None else 1)
    os.close(writing)
    content, in_time = _drain(reading, time.monotonic() + settings["seconds"])
    if not in_time:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU:
        in_time = False  # the limit of processor time, which may be reached before the clock's
    if in_time and status == 0 and content:
        answer: dict[str, Any] = json.loads(content)
        return answer
    return {"status": "died", "in_time": in_time}


def _drain(reading: int, deadline: float) -> tuple[bytes, bool]:
    """Read until the child closes its end; False if it took too long."""
    content = bytearray()
    with os.fdopen(reading, "rb", buffering=0) as pipe:
        while True:
            ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                return bytes(content), False
            block = pipe.read(1 << 16)
            if not block:
                return bytes(content), True
            content += block


def _limit(memory_bytes: int, seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, sys.stderr.fileno())  # an abort prints what it chokes on; the parent says it better
    # requests and answers are not the child's: holding their pipe, it would hide that its parent died
    os.dup2(nothing, sys.stdin.fileno())
    os.dup2(nothing, sys.stdout.fileno())


def _answer_or_fault(
    request: dict[str, Any], catalogue: Catalogue, pseudonyms: Pseudonymiser, settings: dict[str, Any]
) -> dict[str, Any]:
    """Answer, or say where reading failed: its text is not repeated, it may hold a cell's.

    Memory that runs out is not caught: the parent sees that the child died.
    """
    try:
        with Path(request["path"]).open("rb"):
            pass
    except OSError as error:
        nothing = dict.fromkeys(("source", "origin", "provider"))
        return {"status": "refused", "error": cannot_open(error).as_dict(), **nothing}
    try:
        return _answer(request, catalogue, pseudonyms, Limits(**settings["limits"]))
    except (MemoryError, duckdb.OutOfMemoryException):
        raise
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(last.filename).name}:{last.lineno}"
        return {"status": "failed", "kind": type(error).__name__, "place": place}


def _answer(
    request: dict[str, Any], catalogue: Catalogue, pseudonyms: Pseudonymiser, limits: Limits
) -> dict[str, Any]:
    path = Path(request["path"])
    with path.open("rb") as handle:
        head = handle.read(HEAD_BYTES)
    file = SourceFile(path, request["name"], path.stat().st_size, head, catalogue)
    source = origin = None
    answers: dict[str, str] = {}
    try:
        inspect(path, file.size, file.head, limits)
        if "draft" in request:
            return {"status": "ok", "draft": asdict(draft_mapping(file, catalogue, **request["draft"]))}
        mark = return_mark(file)
        if mark is not None:
            origin = {"original": mark.original_sha, "cycle": mark.cycle}
            answers = read_answers(file)
            if mark.form == LIST_ONLY and answers:  # there is nothing else in it
                return {
                    "status": "ok", "source": None, "parts": [], "identities": {}, "origin": origin,
                    "answers": answers,
                }  # fmt: skip
            if mark.form == TEXT:
                file = as_text_again(file, mark, Path(request["out"]))
        found, _ = recognise_file(file)
        source = found.NAME
        written, identities = read_parts(found, file, Path(request["out"]), catalogue, pseudonyms)
    except MendError as error:
        refused = {"status": "refused", "source": source, "error": error.as_dict(), "origin": origin}
        return {**refused, "provider": file.said.get("provider")}
    return {
        "status": "ok",
        "source": source,
        "parts": written,
        "identities": identities,
        "origin": origin,
        "provider": file.said.get("provider"),
        "answers": answers,
    }


def read_parts(
    source: Source, file: SourceFile, out: Path, catalogue: Catalogue, pseudonyms: Pseudonymiser
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Read a file with its source and write its parts.

    Returns:
        What the parent is told of each part, and what goes to the vault (pseudonym -> value).

    Raises:
        MendError: the source refuses the file; nothing of it was written.
    """
    writer = PartWriter(pseudonyms, is_kept)
    parts = list(source.read(file, catalogue))
    written = []
    for number, part in enumerate(parts):
        path, rows = writer.write(out / str(number), part, catalogue.contracts[part.dataset])
        written.append(
            {
                "dataset": part.dataset,
                "place": part.place,
                "exported_at": part.exported_at.isoformat() if part.exported_at else None,
                "path": str(path),
                "lines": part.lines,
                "notes": part.notes,
                "rows": rows,
            }
        )
    return written, writer.identities


if __name__ == "__main__":
    main()
