"""The console script ``siklatih``: commands that start flows, on top of the library's own.

Prefect, Great Expectations and pandas are imported only inside the commands that need them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from siklatih import commands
from siklatih.errors import MendError
from siklatih.settings import quiet_libraries


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 means it worked, 1 that a person must mend something, 2 wrong usage."""
    parser = commands.parser()
    chosen = parser.parse_args(arguments)
    quiet_libraries()
    try:
        if chosen.command == "run":
            return run(chosen)
        if chosen.command == "demo":
            return demo(chosen)
        return commands.run(chosen)
    except MendError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def run(chosen: argparse.Namespace) -> int:
    """Run the quarterly cycle in this process; no server needs to be running."""
    as_of = commands.check_run(chosen)  # before Prefect's half minute of starting
    from flows.quarterly import quarterly_cycle  # noqa: PLC0415

    composed = quarterly_cycle(cycle=chosen.cycle, as_of=as_of)
    commands.show_places(composed)
    return 0


def demo(chosen: argparse.Namespace) -> int:
    """Write the demo city, then run its last cycle."""
    commands.make_city(chosen)
    chosen.as_of = None
    return run(chosen)


if __name__ == "__main__":
    sys.exit(main())
