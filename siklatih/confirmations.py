"""What was said to proposals of names: in returns that came back, and in ``config/people.yaml``.

::

    confirmed: {"3f2a9c81d04e": 2026-10-20}    # code from `siklatih status`: the day from which it counts
    refused: {}

No name stands there, and a code tells nothing by itself. The agency's word wins over a sender's, a later
answer over an earlier one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from siklatih.errors import MendError
from siklatih.people import NO, YES, NameAnswer
from siklatih.replays import FileOutcome
from siklatih.yaml_files import read_yaml

_CODE = re.compile(r"[0-9a-f]{12}")
_KINDS = {"confirmed": YES, "refused": NO}
CONFIG = "config"


def collect_answers(files: Sequence[FileOutcome], path: Path, on: date | None) -> list[NameAnswer]:
    """Return the answers that count, one a code, by code.

    Args:
        files: the files that count; those that are returns bring their senders' answers.
        path: ``config/people.yaml``; none if it is not there.
        on: the day (local) to which the past is shown; None for now.

    Raises:
        MendError: the configuration is malformed.
    """
    found: dict[str, NameAnswer] = {}
    for file in sorted(files, key=lambda file: (file.modified_at, file.manifest.file_sha)):
        for code, answer in file.manifest.name_answers.items():
            found[code] = NameAnswer(code, answer, file.manifest.file_sha)
    found |= {answer.code: answer for answer in load_answers(path, on)}
    return [found[code] for code in sorted(found)]


def load_answers(path: Path, on: date | None = None) -> list[NameAnswer]:
    """Read the agency's own answers that counted on a day; all of them for None."""
    if not path.exists():
        return []
    try:
        content = read_yaml(path) or {}
        if not isinstance(content, dict) or not content.keys() <= _KINDS.keys():
            raise ValueError("confirmed and refused are all that stands in it")
        answers = {}
        for kind, answer in _KINDS.items():
            for code, since in (content.get(kind) or {}).items():
                if not isinstance(code, str) or not _CODE.fullmatch(code):
                    raise ValueError("a code has 12 signs (0-9, a-f) between quotation marks")
                if type(since) is not date:
                    raise ValueError(f"{code} has no day such as 2026-10-20")
                if code in answers:
                    raise ValueError(f"{code} is both confirmed and refused")
                answers[code] = (NameAnswer(code, answer, CONFIG), since)
    except (AttributeError, ValueError) as error:
        what = str(error)
        raise MendError(
            "people_config",
            en=f"The answers to proposed names cannot be used: {what}. Copy the lines that `siklatih status` "
            "shows.",
            id_=f"Jawaban usulan nama tidak dapat dipakai: {what}. Salin baris yang ditampilkan "
            "`siklatih status`.",
            file=path.name,
        ) from error
    return [answer for answer, since in answers.values() if on is None or since <= on]
