"""What commands print: a line stays one, what cannot be shown is replaced, a reader may stop anywhere."""

from __future__ import annotations

import io
import os
import select
import sys
import unicodedata
from contextlib import suppress

NOBODY_READS = 141  # as a shell reports a process that a closed pipe ended


def one_line(text: str) -> str:
    """Write out what is no sign to be seen, such as a line's end or ESC: a file's name may hold anything."""
    return "".join(
        sign
        if sign.isprintable() or unicodedata.category(sign) == "Zs"
        else sign.encode("unicode_escape").decode("ascii")
        for sign in text
    )


def replace_unknown_signs() -> None:
    """Let standard output write ``?`` for a sign that its encoding lacks."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def nobody_reads() -> bool:
    """Tell whether output goes into a pipe that was closed; if so, what is still to be written is dropped."""
    closed = False
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # a stream without a descriptor is no pipe
            if _is_closed(stream.fileno()):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
                closed = True
    return closed


def _is_closed(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, 0)
    return any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0))
