"""Which failures are worth another try: only those that may pass by themselves."""

from __future__ import annotations

from typing import Any

from siklatih.errors import PassingError

RETRIES = 5
RETRY_DELAYS = [5.0, 15.0, 30.0, 60.0, 120.0]


async def may_pass(_task: Any, _run: Any, state: Any) -> bool:
    """Tell Prefect whether the failure was a passing one; bad data never is."""
    return isinstance(await state.aresult(raise_on_failure=False), PassingError)
