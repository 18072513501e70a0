"""``attlog.dat`` of a ZKTeco terminal: TAB, LF, no heading, the user's number right-justified to nine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Punch:
    """A finger on the terminal; ``state`` is the key pressed: 0 in, 1 out, 4 and 5 the same for overtime."""

    user: str
    moment: datetime
    state: int = 0
    device: int = 1


def attlog_bytes(punches: Sequence[Punch]) -> bytes:
    """Return the log, in the order given, which is the order in which the terminal wrote."""
    return "".join(
        f"{one.user:>9}\t{one.moment:%Y-%m-%d %H:%M:%S}\t{one.device}\t{one.state}\t0\t0\n" for one in punches
    ).encode()
