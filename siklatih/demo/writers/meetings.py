"""What meeting tools know of a meeting: who was connected, from when to when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Connection:
    """One connection, local times to the second.

    ``shown`` is the name somebody took in the meeting instead; ``waiting``: in the waiting room only.
    """

    name: str
    email: str | None
    joined: datetime
    left: datetime
    shown: str | None = None
    waiting: bool = False

    @property
    def seconds(self) -> int:
        """How long it lasted."""
        return int((self.left - self.joined).total_seconds())


@dataclass(frozen=True)
class Meeting:
    """A meeting from its host's start to the end, with its connections in the order of joining."""

    meeting_id: str
    topic: str
    host: str
    host_email: str
    starts: datetime
    ends: datetime
    connections: Sequence[Connection]
