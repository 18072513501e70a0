"""How strong the evidence behind a figure is. Readers see the words; letters stay in the data.

Source: DOMAIN 7.4. A grade follows from recorded facts and is never typed in.
"""

from __future__ import annotations

from enum import StrEnum


class Grade(StrEnum):
    """A randomised, B comparison group, C trend, D before and after only, E opinion or after only."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"

    @property
    def words_id(self) -> str:
        """What readers see, in Indonesian."""
        return _WORDS[self][0]

    @property
    def words_en(self) -> str:
        """What readers see, in English."""
        return _WORDS[self][1]


_WORDS = {
    Grade.A: ("bukti sangat kuat", "very strong evidence"),
    Grade.B: ("bukti kuat", "strong evidence"),
    Grade.C: ("bukti sedang", "moderate evidence"),
    Grade.D: ("bukti lemah", "weak evidence"),
    Grade.E: ("pendapat", "opinion"),
}
