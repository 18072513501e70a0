"""How the files of a message fared: what an ingest knows at once. Cross checks come with the next build."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from siklatih.archives import bounds_of, unpack
from siklatih.checking import row_problems
from siklatih.identity import Pseudonymiser
from siklatih.landing import original
from siklatih.ledger import Ledger, Receipt
from siklatih.ledger_mail import Mail
from siklatih.returning.faults import Fault, Faults, own_name, refusal_fault
from siklatih.returning.files import load_titles, return_bytes
from siklatih.settings import Settings
from siklatih.state import State
from siklatih.store import Manifest, Store, method_digest, refusal_of
from siklatih.workbooks import EARLIEST

_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,5}")


@dataclass(frozen=True)
class Outcome:
    """One file's verdict.

    Args:
        place: number of the attachment, and within an archive of the file.
        suffixes: endings of their names; nothing else of a name is told.
        source: what it was read as.
        is_known: the same file had been received before.
        is_refused: no row of it is used.
        rows: read; accepted, put aside and doubles are parts of them.
        problems: what is wrong, each with its columns' titles.
        answer: name and content of the return, if there is something to mend.
    """

    place: tuple[int, ...]
    suffixes: tuple[str, ...]
    source: str | None
    is_known: bool
    is_refused: bool
    rows: int
    accepted: int
    put_aside: int
    duplicates: int
    problems: tuple[tuple[Fault, str], ...]
    answer: tuple[str, bytes] | None


class Outcomes:
    """What is known about received files at this moment."""

    def __init__(self, state: State, ledger: Ledger, settings: Settings, mails: Sequence[Mail]) -> None:
        key_id = Pseudonymiser(settings.secret("pseudonym")).key_id
        self._state = state
        self._store = Store(state, method_digest(settings.config, key_id, bounds=settings.bounds))
        self._receipts: Mapping[str, Receipt] = {receipt.file_sha: receipt for receipt in ledger.receipts()}
        self._titles = load_titles(settings.config)
        self._bounds = bounds_of(settings)
        self._first: dict[str, tuple[str, int]] = {}  # file -> the first attachment that brought it
        for mail in mails:
            for number, file_sha in enumerate(mail.files, start=1):
                self._first.setdefault(file_sha, (mail.message_key, number))

    @property
    def sheets(self) -> frozenset[str]:
        """What a contract calls its sheet; any other name of a sheet is its sender's."""
        contracts = self._titles.contracts.values()
        return frozenset(name for contract in contracts for name in (contract.title_id, contract.dataset))

    def of(self, mail: Mail, folder: str) -> list[Outcome] | None:
        """Return the verdicts on a message's files, or None while one has not been landed and read.

        Args:
            folder: where its files lay in the inbox.
        """
        found = []
        for number, file_sha in enumerate(mail.files, start=1):
            members = self._members(file_sha)
            if members is None:
                return None
            again = self._first[file_sha] != (mail.message_key, number)
            for inner, sha in enumerate(members, start=1):
                place = (number,) if members == [file_sha] else (number, inner)
                found.append(self._outcome(sha, file_sha, mail, folder, place, again=again))
        return found

    def _members(self, file_sha: str) -> list[str] | None:
        """The files that were landed for an attachment: itself, or what it held; None if not yet."""
        if file_sha in self._receipts:
            members = [file_sha]
        else:
            place, scratch = original(self._state, file_sha), self._state.scratch / "members"
            if not place.exists():
                return None
            scratch.mkdir()
            try:
                members = [_sha(path) for _, path in unpack(place, scratch, self._bounds).members]
            finally:
                shutil.rmtree(scratch)
        read = members and all(sha in self._receipts and self._store.has(sha) for sha in members)
        return members if read else None

    def _outcome(
        self, sha: str, brought_by: str, mail: Mail, folder: str, place: tuple[int, ...], *, again: bool
    ) -> Outcome:
        manifest, receipt = self._store.manifest(sha), self._receipts[sha]
        given, is_elsewhere = self._sighted(sha, folder)
        names = (given or ["berkas"])[:1]
        if sha != brought_by:
            names = _within_archive(self._sighted(brought_by, folder)[0], given)
        problems = self._problems(manifest)
        answer = None
        if problems:
            when = max(receipt.modified_at, EARLIEST)
            faults = Faults(sha, when, None, manifest.refusal is not None, problems, source=manifest.source)
            label = "-".join(map(str, place))
            # never with a batch's list of names: whoever wrote ``From`` may not be who it says
            content = return_bytes(original(self._state, sha), faults, self._titles)
            answer = (f"{label}-{own_name(names[-1])}-perbaikan.xlsx", content)
        return Outcome(
            place=place,
            suffixes=tuple(map(_suffix, names)),
            source=manifest.source,
            is_known=again or (is_elsewhere and receipt.received_at < mail.received_at),
            is_refused=manifest.refusal is not None,
            rows=sum(part.rows for part in manifest.parts),
            accepted=sum(part.accepted for part in manifest.parts),
            put_aside=sum(part.quarantined for part in manifest.parts),
            duplicates=sum(part.duplicate for part in manifest.parts),
            problems=tuple((problem, self._titles.shown(problem)) for problem in problems),
            answer=answer,
        )

    def _problems(self, manifest: Manifest) -> list[Fault]:
        refusal = refusal_of(manifest)
        if refusal is not None:
            return [refusal_fault(refusal)]
        folder = self._store.place(manifest.file_sha)
        stems = [folder / str(part.part_no) for part in manifest.parts if part.quarantined]
        return row_problems(self._titles.contracts, stems)

    def _sighted(self, sha: str, folder: str) -> tuple[list[str], bool]:
        """The names this sender gave the file, never another's, and whether it also lay elsewhere."""
        content = json.loads(original(self._state, sha).with_suffix(".json").read_text(encoding="utf-8"))
        names = sorted(sighting["name"] for sighting in content["sightings"] if sighting["folder"] == folder)
        return names, len(names) < len(content["sightings"])


def _within_archive(archives: Sequence[str], given: Sequence[str]) -> list[str]:
    """Take a name as landing made it, ``archive!member``, apart; both may have such a mark of their own."""
    for archive in archives:
        for name in given:
            if name.startswith(f"{archive}!"):
                return [archive, name.removeprefix(f"{archive}!")]
    return ["berkas", "berkas"]


def _sha(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _suffix(name: str) -> str:
    suffix = PurePosixPath(name).suffix
    return suffix.casefold() if _SUFFIX.fullmatch(suffix) else ""
