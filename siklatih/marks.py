"""Marks of attendance that are not the contract's letters: what a tool's mark means, from configuration."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from siklatih.contracts import Column
from siklatih.errors import MendError
from siklatih.yaml_files import read_yaml

MARKS_FILE = "attendance_marks.yaml"  # in the folder of configuration
Marks = Mapping[str, Mapping[str, str]]  # source -> mark in small letters -> status of the contract


def load_marks(path: Path, status: Column) -> Marks:
    """Read what marks mean; without the file only the contract's own letters are known.

    Args:
        path: the file, see ``MARKS_FILE``.
        status: the column whose values the marks stand for.

    Raises:
        MendError: the file is malformed, a meaning is no value of the column, or a mark is one of its values
            and stands for another.
    """
    if not path.exists():
        return {}
    try:
        content = read_yaml(path) or {}
        return {str(source): _meanings(marks, status) for source, marks in content.items()}
    except (AttributeError, ValueError) as error:
        raise MendError(
            "attendance_marks",
            en=f"The marks of attendance cannot be used: {error}. Write one line a mark, such as H: P.",
            id_=f"Huruf presensi tidak dapat dipakai: {error}. Tulis satu baris tiap huruf, misalnya H: P.",
            file=path.name,
        ) from error


def _meanings(marks: Mapping[object, object], status: Column) -> dict[str, str]:
    allowed = {value.value for value in status.values}
    found: dict[str, str] = {}
    for mark, meaning in marks.items():
        if meaning not in allowed:
            raise ValueError(f"{mark}: {meaning} is none of {', '.join(sorted(allowed))}")
        if str(mark).upper() in allowed - {meaning}:
            raise ValueError(f"{mark}: the letter means itself")
        found[str(mark).casefold()] = str(meaning)
    return found
