"""Events of joining and leaving, as Teams listed them in 2020, paired into connections."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product

from siklatih.errors import MendError

_MOST_KINDS = 4
_KNOWN = {"joined": True, "joined before": True, "left": False}


@dataclass(frozen=True)
class Event:
    """What somebody did, at which moment and on which line; ``kind`` is in the tool's display language."""

    row_no: int
    name: str
    kind: str
    moment: datetime


@dataclass(frozen=True)
class Connection:
    """A connection on the line where it began; ``joined`` is None for who left without having joined."""

    row_no: int
    name: str
    joined: datetime | None
    left: datetime


def connections(events: Sequence[Event]) -> list[Connection]:
    """Pair the events of each name.

    Who has no Left stays until the last moment the file knows. A second Joined ends the connection before
    it; a Left with none open lengthens the one before it (a second device), so that nobody's time is
    counted twice or lost.
    """
    if not events:
        return []
    by_name: dict[str, list[Event]] = {}
    for event in sorted(events, key=lambda event: event.moment):
        by_name.setdefault(" ".join(event.name.split()).casefold(), []).append(event)
    joins = _joins(by_name)
    end = max(event.moment for event in events)
    found = [one for own in by_name.values() for one in _pairs(own, joins, end)]
    return sorted(found, key=lambda one: one.row_no)


def _pairs(own: Iterable[Event], joins: Mapping[str, bool], end: datetime) -> Iterator[Connection]:
    began: Event | None = None
    last: Connection | None = None
    for event in own:
        if joins[event.kind.casefold()]:
            if last is not None:
                yield last
            last = Connection(began.row_no, began.name, began.moment, event.moment) if began else None
            began = event
        elif began is not None:
            if last is not None:
                yield last
            last, began = Connection(began.row_no, began.name, began.moment, event.moment), None
        elif last is not None:
            last = Connection(last.row_no, last.name, last.joined, event.moment)
        else:
            yield Connection(event.row_no, event.name, None, event.moment)
    if last is not None:
        yield last
    if began is not None:
        yield Connection(began.row_no, began.name, began.moment, end)


def _joins(by_name: Mapping[str, Sequence[Event]]) -> dict[str, bool]:
    """Tell which kinds of event are joining: of English by its words, else by the order of events.

    Everybody joins first and then leaves and joins in turn; the one division of the kinds that breaks
    this least often is taken.
    """
    sequences = [[event.kind.casefold() for event in own] for own in by_name.values()]
    kinds = sorted({kind for own in sequences for kind in own})
    if all(kind in _KNOWN for kind in kinds):
        return {kind: _KNOWN[kind] for kind in kinds}
    if len(kinds) <= _MOST_KINDS:
        scored = sorted(
            (sum(_breaks(own, dict(zip(kinds, division, strict=True))) for own in sequences), division)
            for division in product((False, True), repeat=len(kinds))
        )
        if len(scored) == 1 or scored[0][0] < scored[1][0]:
            return dict(zip(kinds, scored[0][1], strict=True))
    raise MendError(
        "unknown_action",
        en="It is not clear which actions are joining and which leaving. Export with Teams set to English.",
        id_="Tidak jelas tindakan mana yang bergabung dan mana yang keluar. Ekspor dengan bahasa Teams "
        "diatur ke Inggris.",
        column="B",
    )


def _breaks(own: Sequence[str], joins: Mapping[str, bool]) -> int:
    inside, breaks = False, 0
    for kind in own:
        breaks += joins[kind] is inside
        inside = joins[kind]
    return breaks
