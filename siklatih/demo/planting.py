"""How a defect is planted: the file is written, and noted with what must become of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from siklatih.demo.exports import put
from siklatih.demo.inbox import Folders
from siklatih.demo.population import Person
from siklatih.demo.training import Batch
from siklatih.demo.world import World, handed_in

Planted = list[dict[str, Any]]


@dataclass
class Planter:
    """Writes defective files of the last cycle below one provider's folder, and notes what was planted."""

    folders: Folders
    world: World
    provider: str
    skipped: int  # spare people that other defects use
    planted: Planted = field(default_factory=list)

    @property
    def batch(self) -> Batch:
        """A batch of the last cycle to which files are filed."""
        return self.world.batches_of(self.world.cycles[-1])[0]

    def spare(self, count: int) -> list[Person]:
        """People who are not in that batch, so that nothing said about them changes a figure."""
        free = [
            p
            for p in self.world.population.people
            if p.index not in self.batch.status and p.exit_date is None
        ]
        return free[self.skipped : self.skipped + count]

    def write(self, name: str, content: bytes, *, filed: bool = True) -> Path:
        """Write a file into the batch's folder, or where no folder tells the batch."""
        cycle = self.world.cycles[-1]
        path = self.folders.place(cycle, self.provider, f"{self.batch.code}/{name}" if filed else name)
        put(path, content, self.when)
        return path

    @property
    def when(self) -> datetime:
        """When the files are handed in."""
        return handed_in(self.world.cycles[-1])

    def row(self, path: Path, dataset: str, row_no: int, rule: str, kind: str) -> None:
        """Note a row that a rule must put aside."""
        self._note(path, kind, "quarantined", dataset=dataset, row_no=row_no, rule=f"{dataset}.{rule}")

    def refused(self, name: str, content: bytes, code: str, kind: str) -> None:
        """Write and note a file that must be refused whole."""
        self._note(self.write(name, content), kind, "refused", rule=code)

    def _note(self, path: Path, kind: str, expected: str, **facts: Any) -> None:
        file = path.relative_to(self.folders.inbox).as_posix()
        self.planted.append({"kind": kind, "file": file, "expected": expected, **facts})


def swapped(content: bytes, old: str, new: str, encoding: str = "utf-8") -> bytes:
    """Put another text in the one place where a text stands; ``ValueError`` if it stands elsewhere too."""
    before, after = old.encode(encoding), new.encode(encoding)
    if content.count(before) != 1:
        raise ValueError("the text to replace does not stand in exactly one place")
    return content.replace(before, after)
