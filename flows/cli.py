"""The console script ``siklatih``: commands that start flows, on top of the library's own.

Prefect, Great Expectations and pandas are imported only inside the commands that need them.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from siklatih import commands
from siklatih.errors import CONFIGURATION, MendError, PassingError, ServerAwayError
from siklatih.settings import quiet_libraries
from siklatih.terminal import NOBODY_READS, nobody_reads, one_line, replace_unknown_signs

SERVER_SECONDS = 180  # the first start makes Prefect's database: 18 s seen, and Prefect gives up after 20


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        0 it worked; 1 a person must mend something, standard error says what; 2 wrong usage, or the
        configuration cannot be used, and whatever keeps ``check`` from a verdict (1 is one of its verdicts);
        75 (``EX_TEMPFAIL``) another run held the state too long, or a mail server is away: the same
        command may work later; 141 whoever read the output has closed it.
    """
    replace_unknown_signs()
    try:
        code = _main(arguments)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        if not nobody_reads():
            raise
        return NOBODY_READS


def _main(arguments: Sequence[str] | None) -> int:
    parser = commands.parser()
    chosen = parser.parse_args(arguments)
    quiet_libraries()
    try:
        commands.check_settings()
        if chosen.command == "run":
            return run(chosen)
        if chosen.command == "demo":
            return demo(chosen)
        return commands.run(chosen)
    except MendError as error:
        sys.stderr.write(f"{one_line(str(error))}\n")
        return 2 if chosen.command == "check" or error.code in CONFIGURATION else 1
    except ServerAwayError as error:
        sys.stderr.write(f"{error}\n")
        return 75
    except PassingError:
        sys.stderr.write(
            "[busy] Proses lain masih menulis ke folder data ini; coba lagi nanti. / "
            "Another run is still writing to this state folder; try again later.\n"
        )
        return 75


def run(chosen: argparse.Namespace) -> int:
    """Run the quarterly cycle in this process; no server needs to be running."""
    as_of = commands.check_run(chosen)  # before Prefect's half minute of starting
    from flows.quarterly import quarterly_cycle  # noqa: PLC0415

    for name in ("prefect.flow_runs", "prefect.task_runs"):
        logging.getLogger(name).addFilter(no_trace_of_ours)
    with patience():
        composed = quarterly_cycle(cycle=chosen.cycle, as_of=as_of)
    commands.show_places(composed)
    return 0


def patience() -> AbstractContextManager[Any]:
    """Let Prefect's own server take its time to start, unless somebody has set how long."""
    from prefect.settings import (  # noqa: PLC0415
        PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS,
        temporary_settings,
    )

    return temporary_settings(set_defaults={PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS: SERVER_SECONDS})


def no_trace_of_ours(record: logging.LogRecord) -> bool:
    """Keep Prefect from printing the stack of an error that says all in its message; ``main`` prints it."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, MendError | PassingError)


def demo(chosen: argparse.Namespace) -> int:
    """Write the demo city, then run its last cycle."""
    commands.make_city(chosen)
    chosen.as_of = None
    return run(chosen)


if __name__ == "__main__":
    sys.exit(main())
