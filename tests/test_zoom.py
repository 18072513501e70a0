"""Zoom participants in the shapes that real exports have; the common shape is in test_sources."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.cli import main
from siklatih.contracts import load_contracts
from siklatih.errors import MendError
from siklatih.instruments import load_instruments
from siklatih.settings import CHECKOUT
from siklatih.sources import recognise_file
from siklatih.sources.protocol import HEAD_BYTES, Catalogue, Part, SourceFile

CATALOGUE = Catalogue(
    load_contracts(CHECKOUT / "config" / "contracts"), load_instruments(CHECKOUT / "config" / "instruments")
)
NAME, ADDRESS = "Rangga Contohwan", "rangga.contohwan@example.org"
BLOCK = (
    "Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants",
    "897 5877 6500,Kelas,08/12/2026 07:50:00 AM,08/12/2026 11:10:00 AM,host@example.org,200,3",
)
HEADING = "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest,In Waiting Room"
LINE = f"{NAME},{ADDRESS},08/12/2026 08:00:00 AM,08/12/2026 12:30:00 PM,270,No,No"


def read(tmp_path: Path, *lines: str, mark: str = "\ufeff") -> Part:
    path = tmp_path / "berkas"
    path.write_bytes((mark + "".join(line + "\r\n" for line in lines)).encode())
    content = path.read_bytes()
    file = SourceFile(path, path.name, len(content), content[:HEAD_BYTES])
    source, _ = recognise_file(file)
    assert source.NAME == "Zoom participants"
    (part,) = source.read(file, CATALOGUE)
    assert part.dataset == "presence"
    return part


def refusal(tmp_path: Path, *lines: str) -> MendError:
    with pytest.raises(MendError) as caught:
        read(tmp_path, *lines)
    assert NAME.split(maxsplit=1)[0] not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(("above", "meeting", "row"), [
    ((*BLOCK, ",,,,,,"), "89758776500", 5),
    ((*BLOCK, ""), "89758776500", 5),
    (BLOCK, "89758776500", 4),
    ((), None, 2),
    (tuple(line.partition(",")[2] for line in BLOCK), None, 4),  # a block that has no ID
])  # fmt: skip
def test_with_and_without_what_may_stand_above(
    tmp_path: Path, above: tuple[str, ...], meeting: str | None, row: int
) -> None:
    part = read(tmp_path, *above, HEADING, LINE)
    assert [(one.row_no, one.values["meeting_id"]) for one in part.rows] == [(row, meeting)]
    assert part.rows[0].values["left_at"] == "2026-08-12 12:30:00"
    assert sum(part.lines.values()) == len(above) + 2


def test_time_in_the_waiting_room_is_not_presence(tmp_path: Path) -> None:
    part = read(tmp_path, *BLOCK, HEADING, LINE[:-2] + "Yes", LINE)
    assert [row.row_no for row in part.rows] == [5]
    assert part.lines == {"heading": 3, "incomplete": 1, "data": 1}


def test_columns_may_stand_in_any_order_and_be_spelt_otherwise(tmp_path: Path) -> None:
    part = read(
        tmp_path,
        "Join time,Leave time,Email,Duration (minutes),Recording disclaimer response,Name (original name)",
        f'08/12/2026 01:00:00 PM,08/12/2026 01:05:10 PM,{ADDRESS},6,OK,"Rangga ({NAME})"',
    )
    assert part.rows[0].values == {
        "meeting_id": None,
        "name": NAME,
        "email": ADDRESS,
        "joined_at": "2026-08-12 13:00:00",
        "left_at": "2026-08-12 13:05:10",
    }


@pytest.mark.parametrize("above", [(*BLOCK, ",,,,,,"), ()])
def test_unique_users_are_refused_with_what_to_do(tmp_path: Path, above: tuple[str, ...]) -> None:
    heading = "Name (Original Name),User Email,Total Duration (Minutes),Guest"
    error = refusal(tmp_path, *above, heading, f"{NAME},{ADDRESS},60,No")
    assert (error.code, error.row) == ("missing_column", len(above) + 1)
    assert "unique users" in error.en


def test_a_number_above_twelve_shows_another_order(tmp_path: Path) -> None:
    part = read(tmp_path, HEADING, LINE.replace("08/12", "13/08"))
    assert part.rows[0].values["joined_at"] == "2026-08-13 08:00:00"


def test_a_number_above_twelve_decides_though_the_days_lie_far_apart(tmp_path: Path) -> None:
    part = read(tmp_path, HEADING, LINE.replace("08/12", "05/08"), LINE.replace("08/12", "13/08"))
    assert [row.values["joined_at"] for row in part.rows] == ["2026-08-05 08:00:00", "2026-08-13 08:00:00"]
    american = read(tmp_path, HEADING, LINE.replace("08/12", "08/05"), LINE.replace("08/12", "08/13"))
    assert [row.values for row in american.rows] == [row.values for row in part.rows]


def test_days_above_twelve_in_both_places_are_refused(tmp_path: Path) -> None:
    error = refusal(tmp_path, HEADING, LINE.replace("08/12", "13/08"), LINE.replace("08/12", "08/13"))
    assert (error.code, error.row) == ("mixed_dates", 2)


def test_a_meeting_over_midnight_shows_another_order(tmp_path: Path) -> None:
    line = f"{NAME},{ADDRESS},04/05/2026 11:50:00 PM,05/05/2026 12:10:00 AM,20,No,No"
    assert read(tmp_path, HEADING, line).rows[0].values["joined_at"] == "2026-05-04 23:50:00"


def test_a_clock_of_24_hours_is_not_american_so_the_file_must_show_its_order(tmp_path: Path) -> None:
    line = f"{NAME},{ADDRESS},08/12/2026 08:00:00,08/12/2026 13:30:00,330,No,No"
    error = refusal(tmp_path, HEADING, line)
    assert (error.code, error.row) == ("ambiguous_dates", 2)
    shown = read(tmp_path, HEADING, line.replace("/12/", "/13/"))
    assert shown.rows[0].values["left_at"] == "2026-08-13 13:30:00"
    iso = read(tmp_path, HEADING, line.replace("08/12/2026", "2026-12-08"))
    assert iso.rows[0].values["left_at"] == "2026-12-08 13:30:00"


def test_a_line_separator_inside_a_name_is_no_line(tmp_path: Path) -> None:
    part = read(tmp_path, HEADING, LINE.replace(NAME, "Rangga\u2028Contohwan"), LINE)
    assert [row.row_no for row in part.rows] == [2, 3]


def test_a_heading_inside_a_quoted_cell_is_no_heading(tmp_path: Path) -> None:
    assert (
        refusal(tmp_path, '"Topic', "Name (Original Name),Duration (Minutes)", '"').code == "missing_column"
    )


@pytest.mark.parametrize("rounded", ["8.97588E+10", '"8,97588E+10"'])
def test_a_meetings_id_that_a_spreadsheet_has_rounded_is_refused_with_its_cell(
    tmp_path: Path, rounded: str
) -> None:
    block = BLOCK[1].replace("897 5877 6500", rounded)
    error = refusal(tmp_path, BLOCK[0], block, "", HEADING, LINE)
    assert (error.code, error.row, error.column) == ("id_scientific", 2, "A")


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        (NAME, NAME),
        (f"HP saya ({NAME})", NAME),
        (f"Sekar (Dinas) ({NAME})", NAME),
        (f"{NAME} (Guest)", NAME),
        (f"{NAME} (Tamu)", NAME),
        (f"{NAME} (Co-host, me)", NAME),
        (f"{NAME} (she/her)", NAME),
        (f"HP saya ({NAME}) (Host)", NAME),
        (f"HP saya ({NAME} (Guest))", NAME),
        (f"HP saya ({NAME} (Dinas))", f"{NAME} (Dinas)"),
        (f"{NAME} ( )", NAME),
        (f"{NAME} (-) ()", NAME),
        ("=cmd()", "=cmd"),
        (f"{NAME})", f"{NAME})"),
        (f"HP ({NAME}", f"HP ({NAME}"),
        (f"){NAME}(", f"){NAME}("),
        ("()", None),
        ("(Guest)", None),
        ("", None),
    ],
)
def test_the_original_name_is_the_last_in_brackets_that_is_one(
    tmp_path: Path, cell: str, name: str | None
) -> None:
    part = read(tmp_path, HEADING, LINE.replace(NAME, f'"{cell}"'))
    assert part.rows[0].values["name"] == name


def test_who_has_no_name_is_put_aside_and_merged_with_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SIKLATIH_HOME", str(tmp_path / "state"))
    path = tmp_path / "rapat.csv"
    nobody = LINE.replace(NAME, "()").replace(ADDRESS, "")
    dash = nobody.replace("()", "-").replace("12:30", "12:31")
    path.write_text("\n".join([HEADING, nobody, dash, LINE.replace(ADDRESS, "")]) + "\n")
    assert main(["check", "--no-return", str(path)]) == 1
    out = capsys.readouterr().out
    assert "diterima / accepted: 1; disisihkan / put aside: 2" in out
    assert "baris / row 2" in out
    assert "baris / row 3" in out
