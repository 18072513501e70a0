"""The cycle: a quarter of the agency's year, with half-open bounds in its time zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from siklatih.errors import MendError

_ROMAN = ("I", "II", "III", "IV")
_PATTERN = re.compile(r"^(\d{4})Q([1-4])$")


@dataclass(frozen=True, order=True)
class Cycle:
    """One quarter, such as ``2026Q3`` (Triwulan III Tahun 2026)."""

    year: int
    quarter: int

    @classmethod
    def parse(cls, text: str) -> Cycle:
        """Read ``2026Q3``; raises ``MendError`` for anything else."""
        found = _PATTERN.match(text)
        if found is None:
            raise MendError(
                "cycle_form",
                en="A cycle is written as year, Q and quarter, such as 2026Q3.",
                id_="Siklus ditulis sebagai tahun, Q, dan triwulan, misalnya 2026Q3.",
            )
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def is_one(cls, text: str) -> bool:
        """Tell whether a text is written as a cycle."""
        return _PATTERN.match(text) is not None

    @classmethod
    def of(cls, day: date) -> Cycle:
        """Return the cycle a local day lies in."""
        return cls(day.year, (day.month - 1) // 3 + 1)

    @classmethod
    def resolve(cls, text: str, scheduled: datetime, zone: str) -> Cycle:
        """Turn ``previous`` or a written cycle into a cycle.

        Args:
            text: ``previous`` (the quarter before the scheduled start) or ``2026Q3``.
            scheduled: when the run was meant to start, with a time zone. A late run
                thus still means the quarter its schedule meant.
            zone: the agency's time zone, such as ``Asia/Pontianak``.
        """
        if text != "previous":
            return cls.parse(text)
        return cls.running(scheduled, zone).shift(-1)

    @classmethod
    def running(cls, scheduled: datetime, zone: str) -> Cycle:
        """Return the cycle that runs at a moment (with a time zone) in the agency's time zone."""
        if scheduled.tzinfo is None:
            raise ValueError("the scheduled start needs a time zone")
        return cls.of(scheduled.astimezone(ZoneInfo(zone)).date())

    @property
    def start(self) -> date:
        """First day."""
        return date(self.year, 3 * self.quarter - 2, 1)

    @property
    def end(self) -> date:
        """First day of the next cycle (exclusive bound)."""
        return self.shift(1).start

    @property
    def roman(self) -> str:
        """The quarter as official letters write it: I to IV."""
        return _ROMAN[self.quarter - 1]

    def shift(self, quarters: int) -> Cycle:
        """Return the cycle so many quarters later (negative: earlier)."""
        index = self.year * 4 + self.quarter - 1 + quarters
        return Cycle(index // 4, index % 4 + 1)

    def __str__(self) -> str:
        return f"{self.year}Q{self.quarter}"
