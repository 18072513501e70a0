"""The parent's side of reading: start the reading process, ask it for file after file.

A process that dies itself, not only the child that reads a file, is started again.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from siklatih.errors import MendError
from siklatih.limits import Limits
from siklatih.settings import CHECKOUT
from siklatih.sources.returned import TEXT_AGAIN


@dataclass(frozen=True)
class ReadPart:
    """A part as the child wrote it, CSV or Parquet: text, pseudonyms in place of identifiers."""

    dataset: str
    place: str
    exported_at: datetime | None
    path: Path
    lines: dict[str, int]
    rows: int
    notes: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class ReadOutcome:
    """What became of a file: parts, or a refusal; ``identities`` (pseudonym -> value) go to the vault."""

    source: str | None
    refusal: MendError | None
    parts: tuple[ReadPart, ...] = ()
    identities: dict[str, str] = field(default_factory=dict, repr=False)
    origin: Mapping[str, str | None] = field(default_factory=dict)  # ``original`` and ``cycle`` of a return
    provider: str | None = None  # who gave it, by a code in the file
    answers: Mapping[str, str] = field(default_factory=dict)  # of a return: code of a proposal -> ya or tidak


class Reader:
    """The reading process, for the length of a ``with`` block."""

    def __init__(
        self, *, key: bytes, config: Path, memory_bytes: int, seconds: int, limits: Limits | None = None
    ) -> None:
        self._settings = {
            "key": key.hex(),
            "config": str(config),
            "memory_bytes": memory_bytes,
            "seconds": seconds,
            "limits": asdict(limits or Limits()),
        }
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Reader:
        self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def _start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "siklatih.reader"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=CHECKOUT,
        )
        # through the pipe: an argument or a variable could be read by others
        answer = self._ask(self._settings)
        if answer != {"status": "ready"}:
            self._stop()
            if answer is not None and answer.get("status") == "refused":
                raise MendError.from_dict(answer["error"])  # a mapping or a contract is to be mended
            raise RuntimeError("the reading process does not start")  # no file is to blame

    def _stop(self) -> None:
        if self._process is None:
            return
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):  # what was not yet sent to a dead process
                    pipe.close()
        self._process.wait()
        self._process = None

    def _ask(self, request: dict[str, Any]) -> dict[str, Any] | None:
        """Return the answer to a request, or None if the process died over it."""
        if self._process is None or self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the reader is used outside its with block")
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            return None
        line = self._process.stdout.readline()
        if not line.endswith("\n"):
            return None
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _answer(self, path: Path, name: str, out: Path, **more: object) -> dict[str, Any]:
        """Ask for a file; if the process dies, start it again and ask once more."""
        answer = self._ask({"path": str(path), "name": name, "out": str(out), **more})
        if answer is not None:
            return answer
        self._stop()
        self._start()
        again = out / "again"  # a child of the dead process may still be writing into the first folder
        again.mkdir()
        answer = self._ask({"path": str(path), "name": name, "out": str(again), **more})
        if answer is not None:
            return answer
        self._stop()
        self._start()
        return {"status": "died", "in_time": True}

    def read(self, path: Path, name: str, out: Path) -> ReadOutcome:
        """Read one file into the empty folder ``out``. ``name`` is the file's name as a person knows it."""
        answer = self._answer(path, name, out)
        for left in (out, out / "again"):
            (left / TEXT_AGAIN).unlink(missing_ok=True)  # people are in it
        origin = answer.get("origin") or {}
        if answer["status"] == "died":
            return ReadOutcome(None, _died(in_time=answer["in_time"]))
        if answer["status"] == "failed":
            return ReadOutcome(None, _failed(answer["kind"], answer["place"]))
        if answer["status"] == "refused":
            error = MendError.from_dict(answer["error"])
            return ReadOutcome(answer["source"], error, origin=origin, provider=answer["provider"])
        parts = tuple(
            ReadPart(
                dataset=part["dataset"],
                place=part["place"],
                exported_at=datetime.fromisoformat(part["exported_at"]) if part["exported_at"] else None,
                path=Path(part["path"]),
                lines=part["lines"],
                rows=part["rows"],
                notes=part["notes"],
            )
            for part in answer["parts"]
        )
        return ReadOutcome(
            answer["source"],
            None,
            parts,
            answer["identities"],
            origin,
            provider=answer["provider"],
            answers=answer.get("answers", {}),
        )

    def draft(
        self, path: Path, name: str, out: Path, wanted: Mapping[str, str | int | None]
    ) -> dict[str, Any]:
        """Draft the mapping of a file; ``wanted`` and the answer are those of ``drafts.draft_mapping``.

        Raises:
            MendError: no mapping is needed, or none can be drafted.
        """
        answer = self._answer(path, name, out, draft=dict(wanted))
        if answer["status"] == "died":
            raise _died(in_time=answer["in_time"])
        if answer["status"] == "failed":
            raise _failed(answer["kind"], answer["place"])
        if answer["status"] == "refused":
            raise MendError.from_dict(answer["error"])
        drafted: dict[str, Any] = answer["draft"]
        return drafted


def _failed(kind: str, place: str) -> MendError:
    """A fault of ours, told from a file that is too large: nothing that its sender changes there helps."""
    return MendError(
        "reader_fault",
        en=f"The program failed at this file ({kind} in {place}). That is a fault of the program: report it "
        "with the file to whoever runs it. Data copied into a new template can be sent meanwhile.",
        id_=f"Program gagal membaca berkas ini ({kind} di {place}). Ini kesalahan program: laporkan beserta "
        "berkasnya kepada pengelola. Sementara itu data dapat disalin ke templat baru, lalu dikirim.",
    )


def _died(*, in_time: bool) -> MendError:
    if in_time:
        return MendError(
            "reader_died",
            en="Reading the file took more memory than allowed or broke off. A stray cell far away in a "
            "sheet does this: copy the data into a new template and send that.",
            id_="Membaca berkas ini memakan memori melebihi batas atau terhenti. Sel nyasar yang jauh di "
            "lembar dapat menyebabkannya: salin data ke templat baru, lalu kirim.",
        )
    return MendError(
        "reader_slow",
        en="Reading the file took longer than allowed. Split it and send the parts.",
        id_="Membaca berkas ini melebihi batas waktu. Bagi menjadi beberapa berkas, lalu kirim.",
    )
