"""Moodle quiz grades as English and Indonesian sites write them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from siklatih.contracts import load_contracts
from siklatih.errors import MendError
from siklatih.instruments import load_instruments
from siklatih.settings import CHECKOUT
from siklatih.sources import recognise_file
from siklatih.sources.protocol import HEAD_BYTES, Catalogue, Part, SourceFile

CATALOGUE = Catalogue(
    load_contracts(CHECKOUT / "config" / "contracts"), load_instruments(CHECKOUT / "config" / "instruments")
)
NIP, SECOND = "198001012006041001", "198505052010012002"
NAME, ADDRESS = "Rangga Contohwan", "rangga.contohwan@example.org"
HEADING = (
    'Surname,"First name",Institution,Department,"ID number","Email address",State,"Started on",Completed,'
    '"Time taken",Grade/10.00,"Q. 1 /1.00","Q. 2 /9.00"'
)
LINE = (
    f'Contohwan,Rangga,,,{NIP},{ADDRESS},Finished,"1 November 2017  12:51 PM","1 November 2017  1:38 PM",'
    '"47 mins 28 secs",8.50,1.00,7.50'
)
UNFINISHED = (
    f'Misalwati,Sekar,,,{SECOND},sekar@example.org,"In progress","1 November 2017  12:55 PM",-,-,-,1.00,-'
)
AVERAGE = '"Overall average",,,,,,,,,,8.50,1.00,7.50'
INDONESIAN = (
    '"Nama belakang","Nama depan","Alamat email",Status,Dimulai,Selesai,Durasi,"Nilai/100,00","P. 1 /100,00"',
    (
        f'Contohwan,{NIP},{ADDRESS},Selesai,"12 Agustus 2026  08:30 AM","12 Agustus 2026  09:00 AM",'
        '"29 menit 3 detik","62,50","62,50"'
    ),
    (
        f'Misalwati,"{SECOND[:8]} {SECOND[8:14]} {SECOND[14]} {SECOND[15:]}",sekar@example.org,Selesai,'
        '"12 Agustus 2026  01:00 PM","12 Agustus 2026  01:30 PM","30 menit","100,00","100,00"'
    ),
    '"Rata-rata keseluruhan",,,,,,,"81,25","81,25"',
)


def opened(tmp_path: Path, *lines: str) -> tuple[str, list[Part]]:
    path = tmp_path / "berkas"
    path.write_bytes("".join(line + "\n" for line in lines).encode())
    content = path.read_bytes()
    file = SourceFile(path, path.name, len(content), content[:HEAD_BYTES])
    source, _ = recognise_file(file)
    return source.NAME, list(source.read(file, CATALOGUE))


def read(tmp_path: Path, *lines: str) -> Part:
    source, (part,) = opened(tmp_path, *lines)
    assert (source, part.dataset) == ("Moodle quiz", "test_scores")
    assert sum(part.lines.values()) == len(lines)
    return part


def refusal(tmp_path: Path, *lines: str) -> MendError:
    with pytest.raises(MendError) as caught:
        opened(tmp_path, *lines)
    error = caught.value
    assert error.en != error.id_
    assert not any(word in str(error).casefold() for word in NAME.casefold().split())
    assert "@" not in str(error)
    assert not re.search(r"\d{6,}|\d[eE]\+?\d", str(error))
    return error


def test_a_graded_attempt_is_a_score(tmp_path: Path) -> None:
    part = read(tmp_path, "\ufeff" + HEADING, LINE, UNFINISHED, AVERAGE)
    assert [row.row_no for row in part.rows] == [2]
    assert part.rows[0].values == {
        "batch_code": None,
        "nip": NIP,
        "email": ADDRESS,
        "name": NAME,
        "occasion": None,
        "instrument_code": part.rows[0].values["instrument_code"],
        "instrument_version": "1",
        "taken_at": "2017-11-01 13:38:00",
        "score": "8.50",
        "max_score": "10.00",
    }
    assert part.lines == {"heading": 1, "data": 1, "incomplete": 1, "total": 1}


def test_an_indonesian_site_with_the_number_in_the_first_name(tmp_path: Path) -> None:
    part = read(tmp_path, *INDONESIAN)
    assert [
        (row.row_no, row.values["nip"], row.values["score"], row.values["max_score"], row.values["taken_at"])
        for row in part.rows
    ] == [
        (2, NIP, "62.50", "100.00", "2026-08-12 09:00:00"),
        (3, SECOND, "100.00", "100.00", "2026-08-12 13:30:00"),
    ]
    assert part.lines == {"heading": 1, "data": 2, "total": 1}


def test_a_test_is_known_by_what_its_questions_give_in_any_language(tmp_path: Path) -> None:
    """The same questions before and after the training are one test, whatever the quiz was called."""
    code = read(tmp_path, HEADING, LINE).rows[0].values["instrument_code"]
    assert re.fullmatch(r"KUIS-[0-9a-f]{8}", str(code))
    other_words = HEADING.replace("Grade/10.00", '"Nilai/10,0"').replace('"Q. 1 /1.00"', '"P. 1 /1,0"')
    assert read(tmp_path, other_words, LINE).rows[0].values["instrument_code"] == code
    other_questions = HEADING.replace("/1.00", "/2.00").replace("/9.00", "/8.00")
    assert read(tmp_path, other_questions, LINE).rows[0].values["instrument_code"] != code


def test_a_file_saved_again_with_semicolons(tmp_path: Path) -> None:
    semicolons = (line.replace(",", ";") for line in (HEADING, LINE, UNFINISHED, AVERAGE))
    part = read(tmp_path, *semicolons)
    assert part.rows[0].values["score"] == "8.50"


def test_who_never_began_is_incomplete(tmp_path: Path) -> None:
    part = read(tmp_path, HEADING, LINE, f"Misalwati,Sekar,,,{SECOND},sekar@example.org,-,-,-,-,-,-,-")
    assert part.lines == {"heading": 1, "data": 1, "incomplete": 1}


def test_a_number_that_is_too_short_is_left_for_the_contract(tmp_path: Path) -> None:
    part = read(tmp_path, HEADING, LINE.replace(NIP, NIP[:-1]))
    assert part.rows[0].values["nip"] == NIP[:-1]


def test_a_person_without_a_number_is_left_for_the_contract(tmp_path: Path) -> None:
    part = read(tmp_path, HEADING, LINE, LINE.replace(NIP, ""))
    assert [row.values["nip"] for row in part.rows] == [NIP, None]


def test_a_grade_that_is_no_number_is_left_for_the_contract(tmp_path: Path) -> None:
    part = read(tmp_path, HEADING, LINE.replace(",8.50,", ',"Not yet graded",'))
    assert part.rows[0].values["score"] == "Not yet graded"


def test_the_address_tells_who_it_is_where_there_is_no_number(tmp_path: Path) -> None:
    (row,) = read(tmp_path, HEADING, LINE.replace(NIP, "")).rows
    assert (row.values["nip"], row.values["email"]) == (None, ADDRESS)


def test_a_file_without_any_number_or_address_is_refused(tmp_path: Path) -> None:
    line = LINE.replace(NIP, "").replace(ADDRESS, "")
    assert refusal(tmp_path, HEADING, line).code == "missing_column"


def test_a_number_whose_digits_were_lost_is_refused_with_its_line(tmp_path: Path) -> None:
    error = refusal(tmp_path, HEADING, LINE, LINE.replace(NIP, "1.98001E+17"))
    assert (error.code, error.row) == ("nip_scientific", 3)


def test_a_line_out_of_step_is_refused_with_its_number(tmp_path: Path) -> None:
    error = refusal(tmp_path, HEADING, LINE, LINE.replace("Contohwan,", "Contohwan,S.T.,"))
    assert (error.code, error.row) == ("broken_csv", 3)


def test_decimal_commas_that_split_the_grades_are_refused(tmp_path: Path) -> None:
    """Grade and heading split alike, so that 62,50 of 100,00 would be read as 62 of 100."""
    bare = [line.replace('"', "") for line in INDONESIAN]
    error = refusal(tmp_path, *bare)
    assert (error.code, error.row, error.column) == ("split_decimals", 1, "I")
    overall = [line.rpartition(",")[0].rpartition(",")[0] for line in bare[:2]]  # no column a question
    assert overall[0].endswith("Nilai/100,00")
    assert refusal(tmp_path, *overall).code == "split_decimals"
    points = [line.replace('"Nilai/100,00"', "Nilai/100") for line in INDONESIAN[:1]]
    assert refusal(tmp_path, points[0].replace('"P. 1 /100,00"', "P. 1 /100,00")).column == "J"


def test_a_quiz_nobody_answered_is_read_as_nothing(tmp_path: Path) -> None:
    part = read(tmp_path, HEADING)
    assert (part.rows, part.lines) == ([], {"heading": 1})


def test_other_tables_with_a_slash_and_a_number_are_not_taken(tmp_path: Path) -> None:
    assert refusal(tmp_path, "a,b,c,d,e,f,Nilai/10", "1,2,3,4,5,6,7").code == "unrecognised"
    assert refusal(tmp_path, "a,b,Nilai/10", "1,2,3").code == "unrecognised"


def test_dates_that_could_be_two_days_are_refused(tmp_path: Path) -> None:
    line = LINE.replace("1 November 2017  12:51 PM", "1/11/2017 12:51").replace(
        "1 November 2017  1:38 PM", "1/11/2017 13:38"
    )
    error = refusal(tmp_path, HEADING, line)
    assert (error.code, error.row) == ("ambiguous_dates", 2)
