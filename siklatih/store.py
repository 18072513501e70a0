"""``accepted/``: outcomes of file checks, addressed by everything they depend on.

The address is the hash of the file, the contracts, the instruments, the code that reads and checks,
and the key's id. A change in any of them gives another address, so nothing stale is ever used and
nothing is read or checked twice, with or without Prefect.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from siklatih.errors import MendError
from siklatih.marks import MARKS_FILE
from siklatih.settings import CHECKOUT
from siklatih.state import State, publish_folder, write_whole
from siklatih.yaml_files import config_bytes

_CODE = (
    "siklatih/checks.py",
    "siklatih/contracts.py",
    "siklatih/expectations.py",
    "siklatih/filing.py",
    "siklatih/form_faults.py",
    "siklatih/forms.py",
    "siklatih/identity.py",
    "siklatih/instruments.py",
    "siklatih/mappings.py",
    "siklatih/marks.py",
    "siklatih/named_files.py",
    "siklatih/part_files.py",
    "siklatih/quality.py",
    "siklatih/reader.py",
    "siklatih/table_mappings.py",
    "siklatih/wording.py",
    "siklatih/yaml_files.py",
)


@dataclass(frozen=True)
class PartRecord:
    """A part of a file and how it fared (counts of rows as the reader emitted them).

    ``notes`` counts what was read although its sender may not see it, such as hidden rows.
    """

    part_no: int
    dataset: str
    place: str
    exported_at: str | None
    lines: dict[str, int]
    rows: int
    accepted: int
    quarantined: int
    duplicate: int
    warnings: int
    notes: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Manifest:
    """What is kept about one file: refused with a reason, or its parts."""

    file_sha: str
    source: str | None
    refusal: dict[str, Any] | None
    parts: tuple[PartRecord, ...] = field(default_factory=tuple)
    returned_from: str | None = None  # the file whose mended return this is
    returned_cycle: str | None = None
    provider: str | None = None  # who gave it, by a code in the file
    name_answers: dict[str, str] = field(default_factory=dict)  # what it says to proposals: code -> ya, tidak


def method_digest(config: Path, key_id: str, code: Path = CHECKOUT, *, bounds: str = "") -> str:
    """Return the hash of all that an outcome depends on besides the file; ``bounds`` may refuse it."""
    files = [
        *sorted((config / "contracts").glob("*.yaml")),
        *sorted((config / "instruments").glob("*.yaml")),
        *sorted((config / "mappings").glob("*.yaml")),
        *sorted(config.glob(MARKS_FILE)),
        *(code / name for name in _CODE),
        *sorted((code / "siklatih" / "guard").glob("*.py")),
        *sorted((code / "siklatih" / "sources").glob("*.py")),
    ]
    digest = hashlib.sha256(f"{key_id} {bounds}".encode())
    for path in files:
        digest.update(path.name.encode())
        digest.update(hashlib.sha256(config_bytes(path)).digest())
    return digest.hexdigest()


class Store:
    """The folder ``accepted/`` under one method."""

    def __init__(self, state: State, method: str) -> None:
        self._state = state
        self._method = method

    def place(self, file_sha: str) -> Path:
        """Return the folder of a file's outcome."""
        address = hashlib.sha256(f"{file_sha}{self._method}".encode()).hexdigest()
        return self._state.accepted / address[:2] / address

    def has(self, file_sha: str) -> bool:
        """Tell whether the file's outcome is known under this method."""
        return (self.place(file_sha) / "manifest.json").exists()

    def manifest(self, file_sha: str) -> Manifest:
        """Read a file's outcome."""
        content = json.loads((self.place(file_sha) / "manifest.json").read_text(encoding="utf-8"))
        parts = tuple(PartRecord(**part) for part in content.pop("parts"))
        return Manifest(parts=parts, **content)

    def keep(self, manifest: Manifest, made: Path) -> None:
        """Publish a finished folder with its manifest."""
        content = asdict(manifest)
        write_whole(made / "manifest.json", json.dumps(content, ensure_ascii=False, indent=1).encode())
        publish_folder(made, self.place(manifest.file_sha))


def refusal_of(manifest: Manifest) -> MendError | None:
    """Return the reason a file was refused whole, if it was."""
    return None if manifest.refusal is None else MendError.from_dict(manifest.refusal)
