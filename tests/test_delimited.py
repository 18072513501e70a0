"""Text with delimiters: encodings are told by their bytes or refused, delimiters by the lines they make even."""

from __future__ import annotations

from pathlib import Path

import pytest

from siklatih.contracts import load_contracts
from siklatih.errors import MendError
from siklatih.instruments import load_instruments
from siklatih.settings import CHECKOUT
from siklatih.sources import recognise_file
from siklatih.sources.delimited import decode, sniff_delimiter
from siklatih.sources.protocol import HEAD_BYTES, Catalogue, Part, SourceFile

CATALOGUE = Catalogue(
    load_contracts(CHECKOUT / "config" / "contracts"), load_instruments(CHECKOUT / "config" / "instruments")
)
TEXT = "kode;nama\r\nA-1;Pelatihan “Dasar” – André\r\n"


def file_with(tmp_path: Path, content: bytes) -> SourceFile:
    path = tmp_path / "berkas"
    path.write_bytes(content)
    return SourceFile(path, path.name, len(content), content[:HEAD_BYTES], CATALOGUE)


def refusal(tmp_path: Path, content: bytes) -> MendError:
    with pytest.raises(MendError) as caught:
        decode(file_with(tmp_path, content))
    assert caught.value.en != caught.value.id_
    return caught.value


@pytest.mark.parametrize("content", [
    TEXT.encode("utf-8"),
    TEXT.encode("utf-8-sig"),
    TEXT.encode("utf-16"),
    b"\xff\xfe" + TEXT.encode("utf-16-le"),
    b"\xfe\xff" + TEXT.encode("utf-16-be"),
    TEXT.encode("cp1252"),
])  # fmt: skip
def test_one_text_is_read_from_every_encoding_that_can_be_told(tmp_path: Path, content: bytes) -> None:
    assert decode(file_with(tmp_path, content)) == TEXT


@pytest.mark.parametrize(("content", "row"), [
    (TEXT.encode("utf-16-le"), 1),  # UTF-16 without its mark: every second byte is zero
    (TEXT.encode("utf-16-be"), 1),
    (b"\xff\xfe" + TEXT.encode("utf-16-le")[:-1], 2),  # cut off in the middle of a letter
    (b"\xff\xfe\x00\x00" + TEXT.encode("utf-32-le"), 1),
    (b"a;b\nc;d\x81\n", 2),  # a byte Windows-1252 leaves undefined
    (b"a;b\nc;d\ne\xe9\x02;f\n", 3),  # control characters: not text of Windows-1252
    (TEXT.encode("utf-8-sig") + b"\xe9\n", 3),  # the mark says UTF-8
    (TEXT.encode("utf-8") + b"A-2;Ren\xe9\n", 3),  # partly UTF-8: as Windows-1252 its letters would change
    (b"a;b\nc\x00;d\n", 2),
])  # fmt: skip
def test_text_that_cannot_be_told_is_refused_with_its_line(tmp_path: Path, content: bytes, row: int) -> None:
    error = refusal(tmp_path, content)
    assert (error.code, error.row) == ("encoding", row)


@pytest.mark.parametrize(("text", "delimiter"), [
    ("a,b,c\n1,2,3\n", ","),
    ("a;b;c\n1,5;2,5;3,5\n", ";"),  # decimal commas are as even as the delimiter, but give fewer cells
    ("a\tb\n1,5\t2\n1\t2\n", "\t"),
    ('"a";"b"\n"x, y";"z"\n', ";"),
    ("Laporan, kota, 2026\na;b\n1;2\n3;4\n", ";"),
    ("sep=;\na,b;c\n1,2;3\n", ";"),
    ("satu kolom\nsaja\n", None),
    ("", None),
])  # fmt: skip
def test_the_delimiter_is_the_one_that_makes_lines_even(text: str, delimiter: str | None) -> None:
    assert sniff_delimiter(text) == delimiter


ZOOM = (
    "Meeting ID,Topic\r\n897 5877 6500,Kelas André\r\n,\r\n"
    "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes)\r\n"
    "Contoh,,08/12/2026 08:00:00 AM,08/12/2026 09:00:00 AM,60\r\n"
)
MOODLE = (
    "Course\tPelatihan André\nGroup\tP01-A1\n\nID number\t12 Aug 2026 08.00AM All students\n"
    "198001012006041001\tP (2/2)\n"
)


def limesurvey() -> str:
    used = CATALOGUE.instruments["reaction"]
    asked = [*used.questions, *(item.question for item in used.items)]
    heading = ["id", "submitdate", "lastpage", "startlanguage", *asked]
    line = ["7", "2026-08-05 10:00:00", "2", "é"] + ["P01-A1"] * len(used.questions)
    line += ["A4"] * len(used.items)
    return ";".join(heading) + "\r\n" + ";".join(line) + "\r\n"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize(("text", "name", "rows"), [
    (ZOOM, "Zoom participants", 1),
    (MOODLE, "Moodle attendance", 1),
    (limesurvey(), "LimeSurvey", len(CATALOGUE.instruments["reaction"].items)),
])  # fmt: skip
def test_every_source_of_text_takes_every_encoding(
    tmp_path: Path, text: str, name: str, rows: int, encoding: str
) -> None:
    file = file_with(tmp_path, text.encode(encoding))
    source, _ = recognise_file(file)
    parts: list[Part] = list(source.read(file, CATALOGUE))
    assert (source.NAME, len(parts), len(parts[0].rows)) == (name, 1, rows)
