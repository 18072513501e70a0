"""The table CHECKINOUT of a terminal's software, as it leaves the database or a spreadsheet."""

from __future__ import annotations

from pathlib import Path

import pytest

from siklatih.checking import check_files
from siklatih.errors import MendError
from siklatih.settings import Settings
from siklatih.sources import recognise_file, zkteco_checkinout
from siklatih.sources.protocol import HEAD_BYTES, Catalogue, Part, SourceFile

HEADING = "USERID,CHECKTIME,CHECKTYPE,VERIFYCODE,SENSORID,Memoinfo,WorkCode,sn,UserExtFmt"
PUNCHES = [
    "101,2026-08-26 07:28:51,I,1,101,,0,3434140800012,0",
    "102,2026-08-26 07:44:09,I,1,101,,0,3434140800012,0",
    "101,2026-08-26 16:05:12,O,1,101,,0,3434140800012,0",
]


def text(*lines: str) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode()


def read(tmp_path: Path, content: bytes) -> Part:
    path = tmp_path / "tabel.csv"
    path.write_bytes(content)
    file = SourceFile(path, path.name, len(content), content[:HEAD_BYTES])
    source, _ = recognise_file(file)
    assert source.NAME == zkteco_checkinout.NAME
    (part,) = source.read(file, Catalogue({}, {}))
    assert part.dataset == "presence"
    return part


def test_a_row_a_punch(tmp_path: Path) -> None:
    part = read(tmp_path, text(HEADING, *PUNCHES, ""))
    assert [(row.row_no, dict(row.values)) for row in part.rows] == [
        (number, {"terminal_number": user, "joined_at": f"2026-08-26 {time}", "punch": key, "device": "3434140800012"})
        for number, user, time, key in (
            (2, "101", "07:28:51", "I"), (3, "102", "07:44:09", "I"), (4, "101", "16:05:12", "O"),
        )
    ]  # fmt: skip
    assert part.lines == {"heading": 1, "data": 3, "blank": 1}


@pytest.mark.parametrize("change", [
    lambda content: content.replace(b",", b";"),
    lambda content: content.replace(b",", b"\t"),
    lambda content: b"\xef\xbb\xbf" + content,
    lambda content: content.replace(b"USERID", b'"UserID"').replace(b"101,2026", b'"101",2026'),
    lambda content: content.replace(b"2026-08-26", b"26/08/2026"),
    lambda content: content.replace(b"2026-08-26", b"8/26/2026").replace(b"16:05:12", b"4:05:12 PM"),
])  # fmt: skip
def test_as_databases_and_spreadsheets_write_it(tmp_path: Path, change: object) -> None:
    plain = read(tmp_path, text(HEADING, *PUNCHES))
    assert read(tmp_path, change(text(HEADING, *PUNCHES))).rows == plain.rows


def test_the_number_at_the_terminal_is_taken_where_the_table_of_users_was_joined(tmp_path: Path) -> None:
    part = read(tmp_path, text("Badgenumber,CHECKTYPE,CHECKTIME,USERID", "7001,I,2026-08-26 07:28:51,101"))
    assert part.rows[0].values["terminal_number"] == "7001"


def test_a_blank_number_at_the_terminal_is_nobodys_and_not_the_databases_own(tmp_path: Path) -> None:
    lines = [
        "Badgenumber,CHECKTYPE,CHECKTIME,USERID",
        "7001,I,2026-08-26 07:28:51,101",
        ",I,2026-08-26 07:30:02,7001",
    ]
    part = read(tmp_path, text(*lines))
    assert [row.values["terminal_number"] for row in part.rows] == ["7001", None]
    (verdict,) = check_files([tmp_path / "tabel.csv"], Settings(home=tmp_path / "state"), write_return=False)
    assert (verdict.accepted, verdict.put_aside) == (1, 1)
    assert [fault.row for fault, _ in verdict.problems] == [3]


def test_a_whole_employee_number_is_known_as_one(tmp_path: Path) -> None:
    part = read(tmp_path, text("USERID,CHECKTIME,CHECKTYPE", "198001012006041001,2026-08-26 07:28:51,I"))
    assert part.rows[0].values["nip"] == "198001012006041001"


def test_a_line_cut_short_is_refused_with_its_number(tmp_path: Path) -> None:
    with pytest.raises(MendError) as caught:
        read(tmp_path, text(HEADING, PUNCHES[0], "101,2026-08-26"))
    assert (caught.value.code, caught.value.row) == ("broken_csv", 3)


def test_a_stray_carriage_return_in_the_first_line_is_no_heading(tmp_path: Path) -> None:
    with pytest.raises(MendError) as caught:
        read(tmp_path, text(HEADING.replace("USERID", "USER\rID"), *PUNCHES))
    assert caught.value.code == "unrecognised"


def test_dates_that_can_be_read_in_two_ways_are_refused_with_both(tmp_path: Path) -> None:
    with pytest.raises(MendError) as caught:
        read(tmp_path, text(HEADING, PUNCHES[0].replace("2026-08-26", "04/05/2026")))
    assert (caught.value.code, caught.value.row) == ("ambiguous_dates", 2)


def test_what_the_contract_does_not_take_is_put_aside(tmp_path: Path) -> None:
    """A user without a number, a moment nobody can read, and a punch without a key, which is one all the same."""
    path = tmp_path / "tabel.csv"
    rows = [
        "x7,2026-08-26 07:28:51,I,,,,,,", "101,kemarin,I,,,,,,", "102,2026-08-26 07:44:09,,,,,,,",
    ]  # fmt: skip
    path.write_bytes(text(HEADING, *rows))
    (verdict,) = check_files([path], Settings(home=tmp_path / "state"), write_return=False)
    assert (verdict.accepted, verdict.put_aside) == (1, 2)
    assert {fault.row: fault.rule for fault, _ in verdict.problems} == {
        2: "presence.terminal_number.identifier", 3: "presence.joined_at.type",
    }  # fmt: skip
