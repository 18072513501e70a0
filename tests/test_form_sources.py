"""Each form tool on exports made by hand: what is read, what is passed over, and what is refused."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from forms import ADDRESS, NAME, REACTION, WORDINGS, answers, csv_bytes, read, refusal, xlsx_bytes

# --- Google Forms


GOOGLE = [
    ["Stempel waktu", "Alamat email", "Kode angkatan", *WORDINGS, "Saran dan masukan"],
    ["05/08/2026 9:12:33", ADDRESS, "P01-A1", *["Setuju"] * 10, f"Terima kasih, {NAME}"],
    ["13/08/2026 10:00:01", ADDRESS, "P01-A1", *["5"] * 10, ""],
]


def test_google_forms_is_read_with_the_heading_of_any_language(tmp_path: Path) -> None:
    source, part = read(tmp_path, csv_bytes(GOOGLE))
    assert (source, part.dataset) == ("Google Forms", "responses")
    assert part.lines == {"heading": 1, "data": 2}
    assert len(part.rows) == 20
    assert answers(part)[2, "sat1"] == "4"
    assert answers(part)[3, "sat1"] == "5"
    assert {row.values["batch_code"] for row in part.rows} == {"P01-A1"}
    assert [part.rows[0].values["submitted_at"], part.rows[-1].values["submitted_at"]] == [
        "2026-08-05 09:12:33",
        "2026-08-13 10:00:01",
    ]
    kept = {value for row in part.rows for value in row.values.values()}
    assert not any(ADDRESS in str(value) or NAME in str(value) for value in kept)


def test_google_forms_straight_from_the_form_tells_its_zone(tmp_path: Path) -> None:
    rows = [["Timestamp", *WORDINGS], ["2026/08/05 9:12:33 AM GMT+8", *["4"] * 10]]
    _, part = read(tmp_path, csv_bytes(rows))
    assert part.rows[0].values["submitted_at"] == "2026-08-05 08:12:33"


def test_google_forms_matrix_questions_stand_for_their_rows(tmp_path: Path) -> None:
    rows = [
        ["Timestamp", *(f"Penilaian [{words}]" for words in WORDINGS)],
        ["2026/08/05 9:12:33", *["4"] * 10],
    ]
    _, part = read(tmp_path, csv_bytes(rows))
    assert [row.values["item_code"] for row in part.rows] == [item.code for item in REACTION.items]


def test_google_forms_saved_as_a_workbook_gives_the_same_rows(tmp_path: Path) -> None:
    sheet = [
        GOOGLE[0],
        [datetime.fromisoformat("2026-08-05 09:12:33"), *GOOGLE[1][1:]],
        [datetime.fromisoformat("2026-08-13 10:00:01"), *GOOGLE[2][1:3], *[5] * 10, None],
    ]
    source, part = read(tmp_path, xlsx_bytes(tmp_path, {"Form Responses 1": sheet, "Rekap": [["x"]]}))
    _, text = read(tmp_path, csv_bytes(GOOGLE))
    assert source == "Google Forms"
    assert part.rows == text.rows


@pytest.mark.parametrize(("delimiter", "bom"), [(";", b"\xef\xbb\xbf"), ("\t", b"")])
def test_google_forms_saved_again_elsewhere_is_read(tmp_path: Path, delimiter: str, bom: bytes) -> None:
    source, part = read(tmp_path, bom + csv_bytes(GOOGLE, delimiter=delimiter))
    assert (source, len(part.rows)) == ("Google Forms", 20)


def test_google_forms_whose_dates_tell_no_order_is_refused(tmp_path: Path) -> None:
    error = refusal(tmp_path, csv_bytes([GOOGLE[0], GOOGLE[1]]))
    assert (error.code, error.row) == ("ambiguous_dates", 2)


def test_google_forms_with_an_unknown_question_is_refused_by_its_column(tmp_path: Path) -> None:
    rows = [[*row[:3], NAME, *row[3:]] for row in GOOGLE]
    error = refusal(tmp_path, csv_bytes(rows))
    assert (error.code, error.row, error.column) == ("unknown_question", 1, "D")


def test_a_table_that_only_begins_with_moments_is_refused_as_no_questionnaire(tmp_path: Path) -> None:
    assert refusal(tmp_path, b"waktu,nilai\n2026-08-05 09:12:33,1\n").code == "unknown_form"


def test_google_forms_with_a_line_cut_short_is_refused_with_its_line(tmp_path: Path) -> None:
    rows = [*GOOGLE[:2], ["", *GOOGLE[2][1:]], GOOGLE[2][:4]]
    assert refusal(tmp_path, csv_bytes([GOOGLE[0], *rows[1:2], rows[3]])).row == 3


@pytest.mark.parametrize("content", [
    b"waktu,nilai\nkemarin,1\n",
    b"2026-08-05 09:12:33,1\n2026-08-05 09:12:34,1\n",  # no heading
    b"waktu,nilai\n",
    b"waktu\n2026-08-05 09:12:33\n",
])  # fmt: skip
def test_other_tables_are_not_taken_for_google_forms(tmp_path: Path, content: bytes) -> None:
    assert refusal(tmp_path, content).code == "unrecognised"
