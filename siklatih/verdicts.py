"""A verdict on a file in words: Indonesian first, counts, the first problems, and what was not checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from siklatih.terminal import one_line

if TYPE_CHECKING:
    from siklatih.checking import Verdict
    from siklatih.returning.faults import Fault

SHOWN = 5
_WORDS = {
    0: "baik, siap dikirim / all is well, ready to be sent",
    1: "ada baris yang akan disisihkan / rows would be put aside",
    2: "akan ditolak / would be refused",
}
_EMPTY = "tidak ditemukan satu baris data pun, periksa dulu / not one row of data was found, look at it first"


def say(verdict: Verdict, out: TextIO) -> None:
    """Print a verdict. No cell's text is in it, and so nobody's name or number.

    Names of files and sheets are, so each line is made sure to be one: none can say what we did not.
    """
    lines = [f"{verdict.name}: {_EMPTY if verdict.is_empty else _WORDS[verdict.code]}"]
    if verdict.source is not None:
        lines.append(f"  jenis / kind: {verdict.source}")
    if verdict.refusal is None and not verdict.is_empty:
        lines.append(
            f"  baris dibaca / rows read: {verdict.rows}; diterima / accepted: {verdict.accepted}; "
            f"disisihkan / put aside: {verdict.put_aside}; ganda / duplicates: {verdict.duplicates}"
        )
    lines += [f"  {_problem(*problem)}" for problem in verdict.problems[:SHOWN]]
    if len(verdict.problems) > SHOWN:
        more = len(verdict.problems) - SHOWN
        lines.append(f"  dan {more} masalah lain / and {more} more problems")
    if verdict.unchecked and not verdict.is_empty:
        names = ", ".join(verdict.unchecked)
        lines.append(f"  tidak diperiksa terhadap data induk / not checked against master data: {names}")
    if verdict.passed_over:
        lines.append(
            f"  {verdict.passed_over} berkas sistem di dalam arsip dilewati / "
            f"{verdict.passed_over} system files in the archive passed over"
        )
    if verdict.answer is not None:
        lines.append(f"  perbaikan / to mend: {verdict.answer}")
    if not verdict.is_marked:
        lines.append(
            "  sel berkas ini tidak dapat ditandai, perbaikan hanya memuat daftar / "
            "the cells of this file cannot be marked, what is to mend is listed only"
        )
    if verdict.answer_fault is not None:
        lines.append(f"  {verdict.answer_fault}")
    out.write("\n".join(map(one_line, lines)) + "\n")


def _problem(fault: Fault, titles: str) -> str:
    place = [fault.sheet] if fault.sheet else []
    place += [f"baris / row {fault.row}"] if fault.row is not None else []
    place += [f"kolom / column {titles}"] if titles else []
    return f"- {', '.join(place) or 'berkas / file'}: {fault.remedy[0]} / {fault.remedy[1]}"
