"""Elements of XML members by their local names, and which member is which sheet."""

from __future__ import annotations

from typing import Protocol

from siklatih.errors import MendError


class Names(Protocol):
    """Handlers for elements by their local names."""

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, data: str) -> None:
        """Text within the element."""


class BookNames:
    """Find out which member is which sheet, to name the sheet in a refusal by its number."""

    def __init__(self) -> None:
        self._sheets: list[str] = []
        self._targets: dict[str, str] = {}

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """Note a sheet or a relationship; what lies outside the file is passed over."""
        not_a_sheet(name)
        if name == "sheet":
            self._sheets += [value for key, value in attributes.items() if key.endswith(":id")]
        elif name == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "").replace("\\", "/").casefold()
            self._targets[attributes.get("Id", "")] = target.lstrip("/").removeprefix("xl/")

    def end(self, name: str) -> None:
        """Nothing to do."""

    def text(self, data: str) -> None:
        """Nothing to do."""

    def sheet_number(self, member: str) -> int | None:
        """The sheet's place in the workbook, from 1."""
        targets = [self._targets.get(sheet) for sheet in self._sheets]
        plain = member.removeprefix("xl/")
        return targets.index(plain) + 1 if plain in targets else None


def bad_reference() -> MendError:
    """A place or a number of repetitions cannot be read."""
    return MendError(
        "cell_reference",
        en="A cell of the workbook does not say properly where it stands. Open it, save it again "
        "and send that.",
        id_="Satu sel buku kerja tidak menyatakan letaknya dengan benar. Buka, simpan ulang, lalu kirim.",
    )


def not_a_sheet(name: str) -> None:
    """Refuse cells in a member that holds something else."""
    if name == "sheetData":  # a parser pointed here would take cells that nobody has measured
        raise bad_reference()
