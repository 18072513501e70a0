"""The two families of error: what a person must mend, and what may pass.

Messages are in Indonesian and English and never hold a name, an employee number or an address:
they point at the file, row, column and rule, and say what to do.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

# codes of faults in the configuration that reading needs: no file is to blame, and none can be read
CONFIGURATION = frozenset(
    {"attendance_marks", "config_file", "contract", "instrument", "mapping", "mapping_open"}
)


class SiklatihError(Exception):
    """Anything this library raises on purpose."""


@dataclass(eq=False)
class MendError(SiklatihError):
    """Something a person must mend; trying again would fail again.

    Args:
        code: short stable name of the fault, such as ``missing_column``.
        en: what is wrong and what to do, in English.
        id_: the same in Indonesian.
        file: the file's name or hash, if a file is at fault.
        row: the row a person sees in that file, counted from 1.
        column: the column's name.
        rule: the contract's rule.
        place: the part of the file, such as ``lembar Nilai tes``, where it has several.
    """

    code: str
    en: str
    id_: str
    file: str | None = None
    row: int | None = None
    column: str | None = None
    rule: str | None = None
    place: str | None = None

    def __str__(self) -> str:
        place = ", ".join(
            f"{label} {value}"
            for label, value in (
                ("file", self.file),
                ("row", self.row),
                ("column", self.column),
                ("rule", self.rule),
            )
            if value is not None
        )
        where = f" ({place})" if place else ""
        return f"[{self.code}] {self.id_} / {self.en}{where}"

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as plain values, for a process boundary or a ledger row."""
        return asdict(self)

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> MendError:
        """Rebuild the error that ``as_dict`` wrote."""
        return cls(**fields)


class PassingError(SiklatihError):
    """Something that may pass by itself, such as a lock held by another run; worth a retry."""


@dataclass(eq=False)
class ServerAwayError(PassingError):
    """A server that cannot be reached or broke off; it may be back soon.

    Args:
        code: short stable name, such as ``imap_away``.
        en: what happened and what to look at if it does not pass, in English.
        id_: the same in Indonesian.
    """

    code: str
    en: str
    id_: str

    def __str__(self) -> str:
        return f"[{self.code}] {self.id_} / {self.en}"
