"""Each form tool on exports made by hand: what is read, what is passed over, and what is refused."""

from __future__ import annotations

import csv
import shutil
from datetime import datetime
from pathlib import Path

import pytest
from forms import (
    ADDRESS,
    NAME,
    REACTION,
    SKM,
    WORDINGS,
    answers,
    csv_bytes,
    file_at,
    read,
    refusal,
    xlsx_bytes,
)

from flows.cli import main
from siklatih.reading import Reader
from siklatih.settings import CHECKOUT
from siklatih.sources import all_sources
from siklatih.sources.protocol import Part

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


def test_google_forms_with_a_time_that_somebody_spoilt_is_read_and_the_contract_judges(
    tmp_path: Path,
) -> None:
    rows = [*GOOGLE, ["kemarin sore", *GOOGLE[2][1:]]]
    source, part = read(tmp_path, csv_bytes(rows))
    assert source == "Google Forms"
    assert {row.values["submitted_at"] for row in part.rows if row.row_no == 4} == {"kemarin sore"}
    broken = csv_bytes(rows[:3] + rows[2:3]).replace(b"13/08", b"13\x81/08", 1)
    broken = broken.replace(b"Terima", "Términa".encode())
    error = refusal(tmp_path, broken)
    assert (error.code, error.row) == ("encoding", 3)


def test_google_forms_put_twice_into_one_file_are_the_same_answers(tmp_path: Path) -> None:
    """Two people of the same second stay two, in each export the same two."""
    twins = [*GOOGLE, GOOGLE[1]]
    once, both = read(tmp_path, csv_bytes(twins))[1], read(tmp_path, csv_bytes(twins * 2))[1]
    assert both.lines == {"heading": 1, "data": 6, "repeat": 1}
    codes = [{row.values["response_code"] for row in one.rows} for one in (once, both)]
    assert codes[0] == codes[1]
    assert len(codes[0]) == 3
    assert [row.values for row in both.rows] == [row.values for row in once.rows] * 2
    assert {row.row_no for row in both.rows} == {2, 3, 4, 6, 7, 8}


def test_google_forms_put_twice_counts_each_answer_once_when_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SIKLATIH_HOME", str(tmp_path / "state"))
    path = tmp_path / "jawaban.csv"
    path.write_bytes(csv_bytes(GOOGLE * 2))
    assert main(["check", "--no-return", str(path)]) == 0
    assert (
        "diterima / accepted: 20; disisihkan / put aside: 0; ganda / duplicates: 20"
        in capsys.readouterr().out
    )


def test_google_forms_put_thrice_with_one_answer_each_are_still_known(tmp_path: Path) -> None:
    source, part = read(tmp_path, csv_bytes([GOOGLE[0], GOOGLE[2]] * 3))
    assert (source, part.lines) == ("Google Forms", {"heading": 1, "data": 3, "repeat": 2})


def test_a_second_export_brings_the_mark_of_its_beginning_along(tmp_path: Path) -> None:
    content = csv_bytes(GOOGLE, quoted=True)
    _, part = read(tmp_path, content + b"\xef\xbb\xbf" + content)
    assert part.lines == {"heading": 1, "data": 4, "repeat": 1}


def test_a_second_export_whose_columns_moved_is_refused_with_its_line(tmp_path: Path) -> None:
    moved = [[row[0], *row[:0:-1]] for row in GOOGLE]
    error = refusal(tmp_path, csv_bytes([*GOOGLE, *moved]))
    assert (error.code, error.row) == ("another_heading", 4)
    error = refusal(tmp_path, csv_bytes([*GOOGLE, *[row[:-1] for row in GOOGLE]]))
    assert (error.code, error.row) == ("another_heading", 4)


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


# --- Microsoft Forms


MICROSOFT = [
    ["ID", "Start time", "Completion time", "Email", "Name", "Kode angkatan", *WORDINGS],
    ["7", "8/13/26 9:00", "8/13/26 9:04", "anonymous", "", "P01-A1", *["4 \u2014 Setuju"] * 10],
    ["9", "8/5/26 18:01", "8/5/26 18:05", ADDRESS, NAME, "P01-A1", *["5"] * 10],
]


def kept(part: Part) -> set[object]:
    return {value for row in part.rows for value in row.values.values()}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_microsoft_forms_is_read_in_whatever_excel_saved(tmp_path: Path, encoding: str) -> None:
    content = csv_bytes(MICROSOFT).decode().encode(encoding)
    assert (b"\x97" in content) == (encoding == "cp1252")
    source, part = read(tmp_path, content)
    assert (source, part.dataset, part.lines) == ("Microsoft Forms", "responses", {"heading": 1, "data": 2})
    assert len(part.rows) == 20
    assert (answers(part)[2, "rel1"], answers(part)[3, "rel1"]) == ("4", "5")
    assert [(row.values["response_code"], row.values["submitted_at"]) for row in part.rows[::10]] == [
        ("7 2026-08-13 09:04", "2026-08-13 09:04:00"),
        ("9 2026-08-05 18:05", "2026-08-05 18:05:00"),
    ]
    assert not any(ADDRESS in str(value) or NAME in str(value) for value in kept(part))


def test_microsoft_forms_workbook_has_headings_with_lines_and_unusual_spaces(tmp_path: Path) -> None:
    sheet = [
        [
            "Id", "Start time", "Completion time", "Email", "Name", "Last modified time",
            "Kode\u00a0angkatan", *(f"{n}. {words.replace(' ', chr(10), 1)}\u00a0" for n, words in enumerate(WORDINGS, 1)),
        ],
        [
            1, datetime.fromisoformat("2026-08-05 09:00:00"), datetime.fromisoformat("2026-08-05 09:04:10"),
            "anonymous", None, None, "P01-A1", *[4] * 10,
        ],
    ]  # fmt: skip
    source, part = read(tmp_path, xlsx_bytes(tmp_path, {"Sheet1": sheet}))
    assert source == "Microsoft Forms"
    assert {row.values["answer"] for row in part.rows} == {"4"}
    assert len(part.rows) == 10
    assert part.rows[0].values["response_code"] == "1 2026-08-05 09:04"
    assert part.rows[0].values["submitted_at"] == "2026-08-05 09:04:10"


def test_microsoft_forms_in_indonesian_with_semicolons(tmp_path: Path) -> None:
    rows = [["ID", "Waktu mulai", "Waktu penyelesaian", "Email", "Nama", *MICROSOFT[0][5:]]]
    rows.append(["7", "13/08/2026 09.00", "13/08/2026 09.04", "anonymous", "", "P01-A1", *["SS"] * 10])
    source, part = read(tmp_path, csv_bytes(rows, delimiter=";"))
    assert source == "Microsoft Forms"
    assert {row.values["answer"] for row in part.rows} == {"5"}
    assert part.rows[0].values["submitted_at"] == "2026-08-13 09:04:00"


def test_microsoft_forms_quiz_columns_are_passed_over(tmp_path: Path) -> None:
    quiz = [
        [*MICROSOFT[0][:5], "Total points", "Quiz feedback", WORDINGS[0], f"Points - {WORDINGS[0]}",
         f"Feedback - {WORDINGS[0]}", WORDINGS[1]],
        [*MICROSOFT[1][:5], "3", "", "4", "1", "bagus", "2"],
    ]  # fmt: skip
    _, part = read(tmp_path, csv_bytes(quiz))
    assert answers(part) == {(2, "rel1"): "4", (2, "rel2"): "2"}
    assert refusal(tmp_path, csv_bytes([[*quiz[0], "Points - lain"], [*quiz[1], "1"]])).column == "L"


def test_microsoft_forms_that_was_never_completed_is_no_answer(tmp_path: Path) -> None:
    rows = [*MICROSOFT, ["10", "8/14/26 9:00", "", "anonymous", "", "P01-A1", *["1"] * 10]]
    _, part = read(tmp_path, csv_bytes(rows))
    assert part.lines == {"heading": 1, "data": 2, "incomplete": 1}
    assert {row.row_no for row in part.rows} == {2, 3}


def test_microsoft_forms_start_times_may_tell_the_order_of_the_date(tmp_path: Path) -> None:
    row = ["1", "31/7/2026 23:59", "1/8/2026 0:03", *MICROSOFT[1][3:]]
    _, part = read(tmp_path, csv_bytes([MICROSOFT[0], row]))
    assert part.rows[0].values["submitted_at"] == "2026-08-01 00:03:00"
    assert refusal(tmp_path, csv_bytes([MICROSOFT[0], MICROSOFT[2]])).code == "ambiguous_dates"


def test_microsoft_forms_about_something_else_is_refused_as_such(tmp_path: Path) -> None:
    error = refusal(tmp_path, csv_bytes([[*MICROSOFT[0][:5], "Makan siang?"], [*MICROSOFT[1][:5], "Ya"]]))
    assert error.code == "unknown_form"
    assert "Microsoft Forms" in error.id_


def test_a_text_that_is_in_no_known_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    content = csv_bytes(MICROSOFT).replace(b"anonymous", b"anonym\x81\x97", 1)
    assert (refusal(tmp_path, content).code, refusal(tmp_path, content).row) == ("encoding", 2)


# --- SurveyMonkey


MONKEY = [
    ["Respondent ID", "Collector ID", "Start Date", "End Date", "IP Address", "Email Address", "First Name",
     "Last Name", "Custom Data 1", "Kode angkatan", "Pelatihan ini", *[""] * 8, WORDINGS[9]],
    [*[""] * 9, "Open-Ended Response", *WORDINGS[:9], "Response"],
    ["114", "5", "08/13/2026 09:00:00 AM", "08/13/2026 01:04:00 PM", "", ADDRESS, *NAME.split(), "", "P01-A1",
     *["Agree"] * 9, "Strongly agree"],
    ["115", "5", "08/13/2026 09:00:00 AM", "", "", "", "", "", "", "P01-A1", *["Agree"] * 9, ""],
]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252"])
def test_surveymonkey_joins_its_two_heading_rows(tmp_path: Path, encoding: str) -> None:
    content = csv_bytes(MONKEY).decode().replace("Pelatihan ini", "Pelatihan ini\u2026").encode(encoding)
    source, part = read(tmp_path, content)
    assert (source, part.dataset) == ("SurveyMonkey", "responses")
    assert part.lines == {"heading": 2, "data": 1, "incomplete": 1}
    assert answers(part) == {(3, item.code): "5" if item.code == "upd1" else "4" for item in REACTION.items}
    assert part.rows[0].values["response_code"] == "114"
    assert part.rows[0].values["submitted_at"] == "2026-08-13 13:04:00"
    assert part.rows[0].values["batch_code"] == "P01-A1"
    assert not any(word in str(value) for value in kept(part) for word in (ADDRESS, *NAME.split()))


def test_surveymonkey_as_a_workbook_gives_the_same_rows(tmp_path: Path) -> None:
    _, part = read(tmp_path, xlsx_bytes(tmp_path, {"Sheet": MONKEY}))
    assert part.rows == read(tmp_path, csv_bytes(MONKEY))[1].rows


def test_surveymonkey_put_twice_into_one_file_repeats_both_heading_rows(tmp_path: Path) -> None:
    _, part = read(tmp_path, csv_bytes(MONKEY * 2))
    assert part.lines == {"heading": 2, "data": 2, "incomplete": 2, "repeat": 2}
    assert [row.values for row in part.rows[:10]] == [row.values for row in part.rows[10:]]
    lower = [*MONKEY[1][:10], *reversed(WORDINGS[:9]), "Response"]
    error = refusal(tmp_path, csv_bytes([*MONKEY, MONKEY[0], lower, *MONKEY[2:]]))
    assert (error.code, error.row) == ("another_heading", 6)


def test_surveymonkey_row_of_a_matrix_that_nobody_knows_is_refused_by_its_column(tmp_path: Path) -> None:
    lower = [NAME if cell == WORDINGS[1] else cell for cell in MONKEY[1]]
    error = refusal(tmp_path, csv_bytes([MONKEY[0], lower, *MONKEY[2:]]))
    assert (error.code, error.row, error.column) == ("unknown_question", 1, "L")


def test_surveymonkey_with_one_heading_row_is_not_taken_for_it(tmp_path: Path) -> None:
    assert refusal(tmp_path, csv_bytes([MONKEY[0], *MONKEY[2:]])).code == "unrecognised"


# --- KoboToolbox


KOBO = [
    ["start", "end", "Kode angkatan", *(f"Penilaian/{words}" for words in WORDINGS), "Saran", "Saran/waktu",
     "Saran/tempat", "_id", "_uuid", "_submission_time", "_validation_status", "_notes", "_status",
     "_submitted_by", "__version__", "_tags", "_index"],
    ["2026-08-05T17:59:00.000+07:00", "2026-08-05T18:00:00.000+07:00", "P01-A1", *["Setuju"] * 10, "waktu tempat",
     "1", "1", "31", "aa-1", "2026-08-05T17:30:00", "Approved", "", "submitted_via_web", "", "v1", "", "1"],
    ["2026-08-05T17:59:00.000+07:00", "2026-08-05T18:00:00.000+07:00", "P01-A1", *["1"] * 10, "tempat", "0", "1",
     "32", "aa-2", "2026-08-05T17:31:00", "Not Approved", "", "submitted_via_web", "", "v1", "", "2"],
    ["2026-08-05T17:59:00.000+07:00", "2026-08-05T18:00:00.000+07:00", "P01-A1", *["5"] * 9, "", "", "", "",
     "33", "aa-3", "", "", "", "submitted_via_web", "", "v1", "", "3"],
]  # fmt: skip


@pytest.mark.parametrize("names", ["labels", "technical"])
def test_kobo_is_read_by_labels_or_technical_names(tmp_path: Path, names: str) -> None:
    rows = [list(row) for row in KOBO]
    if names == "technical":
        rows[0][2:13] = ["batch_code", *(f"nilai/{item.code}" for item in REACTION.items)]
    source, part = read(tmp_path, csv_bytes(rows, delimiter=";", quoted=True))
    assert (source, part.lines) == ("KoboToolbox", {"heading": 1, "data": 2, "incomplete": 1})
    assert len(part.rows) == 10 + 9
    assert {row.values["answer"] for row in part.rows if row.row_no == 2} == {"4"}
    first, last = part.rows[0].values, part.rows[-1].values
    assert (first["response_code"], last["response_code"]) == ("aa-1", "aa-3")
    # the time of sending is universal; where it lacks, the end of filling in stands for it
    assert (first["submitted_at"], last["submitted_at"]) == ("2026-08-06 00:30:00", "2026-08-05 18:00:00")
    assert first["batch_code"] == "P01-A1"


def test_kobo_workbook_counts_groups_that_repeat(tmp_path: Path) -> None:
    repeat = [["Nama anak", "_parent_table_name", "_parent_index"], ["x", "Survei", 1], ["y", "Survei", 1]]
    source, part = read(tmp_path, xlsx_bytes(tmp_path, {"Survei": KOBO, "anak": repeat}))
    assert (source, part.lines["repeat"]) == ("KoboToolbox", 3)
    assert part.rows == read(tmp_path, csv_bytes(KOBO, delimiter=";", quoted=True))[1].rows
    error = refusal(tmp_path, xlsx_bytes(tmp_path, {"Survei": KOBO, NAME: [["Catatan"], ["x"]]}))
    assert error.code == "unknown_sheet"


def test_kobo_columns_that_do_not_repeat_a_choice_are_questions(tmp_path: Path) -> None:
    rows = [list(row) for row in KOBO]
    rows[1][13] = "tempat"  # the summary says another thing than the column `Saran/waktu`
    error = refusal(tmp_path, csv_bytes(rows, delimiter=";", quoted=True))
    assert (error.code, error.column) == ("unknown_question", "O")


def test_kobo_choice_that_is_called_as_an_item_is_not_taken_for_it(tmp_path: Path) -> None:
    rows = [list(row) for row in KOBO]
    rows[0][14] = "Saran/sat1"
    rows[1][13], rows[1][14] = "sat1 tempat", "1"
    _, part = read(tmp_path, csv_bytes(rows, delimiter=";", quoted=True))
    assert answers(part)[2, "sat1"] == "4"


def test_kobo_citizens_survey_is_one_row_a_person(tmp_path: Path) -> None:
    rows = [
        ["Kode unit", "Cara survei", *(item.code for item in SKM.items), "_uuid", "_submission_time"],
        ["UPL-01", "Kertas", *["4"] * 8, "Dikelola dengan baik", "aa-1", "2026-08-05T17:30:00"],
    ]
    _, part = read(tmp_path, csv_bytes(rows, delimiter=";", quoted=True))
    (row,) = part.rows
    assert part.dataset == "service_survey"
    assert {row.values[item.code] for item in SKM.items} == {"4"}
    assert (row.values["mode"], row.values["surveyed_on"]) == ("paper", "2026-08-06")


def test_a_quoted_text_that_is_no_questionnaire_is_refused_as_that(tmp_path: Path) -> None:
    error = refusal(tmp_path, f'"nama";"nilai"\r\n"{NAME}";"3"\r\n'.encode())
    assert error.code == "unknown_form"


# --- ODK Central


ODK = [
    ["SubmissionDate", "meta-instanceID", "batch_code", *(f"nilai-{item.code}" for item in REACTION.items), "KEY",
     "SubmitterID", "SubmitterName", "AttachmentsPresent", "AttachmentsExpected", "Status", "ReviewState",
     "DeviceID", "Edits", "FormVersion"],
    ["2026-08-05T17:30:00.000Z", "uuid:1", "P01-A1", *["3"] * 10, "uuid:1", "5", NAME, "0", "0", "", "", "", "0", "1"],
    ["2026-08-05T17:31:00.000Z", "uuid:2", "P01-A1", *["5"] * 10, "uuid:2", "5", NAME, "0", "0", "", "rejected", "",
     "0", "1"],
]  # fmt: skip


def test_odk_is_read_without_its_groups_and_with_local_time(tmp_path: Path) -> None:
    source, part = read(tmp_path, csv_bytes(ODK))
    assert (source, part.lines) == ("ODK Central", {"heading": 1, "data": 1, "incomplete": 1})
    assert answers(part) == {(2, item.code): "3" for item in REACTION.items}
    assert part.rows[0].values["response_code"] == "uuid:1"
    assert part.rows[0].values["submitted_at"] == "2026-08-06 00:30:00"
    assert NAME not in kept(part)


def test_odk_of_an_older_server_lacks_most_of_its_own_columns(tmp_path: Path) -> None:
    old = [[*row[:13], row[13]] for row in ODK[:2]]
    _, part = read(tmp_path, csv_bytes(old))
    assert len(part.rows) == 10


def test_odk_with_a_question_nobody_knows_is_refused_by_its_column(tmp_path: Path) -> None:
    rows = [[*row[:2], "nilai-lain" if row is ODK[0] else "1", *row[2:]] for row in ODK]
    error = refusal(tmp_path, csv_bytes(rows))
    assert (error.code, error.column) == ("unknown_question", "C")


# --- LimeSurvey, beside what tests/test_sources.py asks of it


def test_limesurvey_passes_over_what_the_questionnaire_ignores_and_reads_facts_as_shown(
    tmp_path: Path,
) -> None:
    heading = ["id", "submitdate", "lastpage", "startlanguage", "seed", "SARAN", "MODE", "SKM[U1]", "UNIT"]
    row = ["4", "2026-08-05 09:12:33", "2", "id", "1", f'{NAME}; "lama"', "Kertas", "3", "UPL-01"]
    source, part = read(tmp_path, csv_bytes([heading, row], delimiter=";", quoted=True))
    assert (source, len(part.rows)) == ("LimeSurvey", 1)
    values = part.rows[0].values
    assert [values[name] for name in ("mode", "requirements", "unit_code")] == ["paper", "3", "UPL-01"]
    assert not any(NAME in str(value) for value in kept(part))


def test_limesurvey_put_twice_into_one_file_is_the_same_answers(tmp_path: Path) -> None:
    heading = ["id", "submitdate", "lastpage", "startlanguage", "seed", "MODE", "SKM[U1]", "UNIT"]
    row = ["4", "2026-08-05 09:12:33", "2", "id", "1", "Kertas", "3", "UPL-01"]
    content = b"\xef\xbb\xbf" + csv_bytes([heading, row], delimiter=";", quoted=True)
    _, part = read(tmp_path, content * 2)
    assert part.lines == {"heading": 1, "data": 2, "repeat": 1}
    assert part.rows[0].values == part.rows[1].values
    moved = [[*cells[:-2], cells[-1], cells[-2]] for cells in (heading, row)]
    error = refusal(tmp_path, content + csv_bytes(moved, delimiter=";", quoted=True))
    assert (error.code, error.row) == ("another_heading", 3)


ROUNDED = ["1.14524E+11", "1,14524E+11", "5E+11"]


@pytest.mark.parametrize("rounded", ROUNDED)
def test_ids_that_a_spreadsheet_has_rounded_refuse_the_file_with_their_cell(
    tmp_path: Path, rounded: str
) -> None:
    """Several people would have one ID, and count as one."""
    monkey = [*MONKEY, [rounded, *MONKEY[2][1:]]]
    kobo = [[cell for at, cell in enumerate(row) if KOBO[0][at] != "_uuid"] for row in KOBO]
    kobo[1] = [rounded if title == "_id" else cell for title, cell in zip(kobo[0], kobo[1], strict=True)]
    lime = [
        ["id", "submitdate", "lastpage", "startlanguage", "seed", "MODE", "SKM[U1]", "UNIT"],
        [rounded, "2026-08-05 09:12:33", "2", "id", "1", "Kertas", "3", "UPL-01"],
    ]
    google = [[*row[:2], rounded if at else row[2], *row[3:]] for at, row in enumerate(GOOGLE)]
    found = {
        "SurveyMonkey": (csv_bytes(monkey), 5, "A"),
        "SurveyMonkey as XLSX": (xlsx_bytes(tmp_path, {"Sheet": monkey}), 5, "A"),
        "Microsoft Forms": (csv_bytes([*MICROSOFT[:2], [rounded, *MICROSOFT[2][1:]]]), 3, "A"),
        "KoboToolbox": (csv_bytes(kobo, delimiter=";", quoted=True), 2, "Q"),
        "LimeSurvey": (csv_bytes(lime, delimiter=";", quoted=True), 2, "A"),
        "a batch's code": (csv_bytes(google), 2, "C"),
    }
    for tool, (content, row, column) in found.items():
        error = refusal(tmp_path, content)
        assert (tool, error.code, error.row, error.column) == (tool, "id_scientific", row, column)


def test_kobo_whose_rounded_number_identifies_nobody_is_read(tmp_path: Path) -> None:
    rows = [[ROUNDED[0] if cell == "31" else cell for cell in row] for row in KOBO]
    _, part = read(tmp_path, csv_bytes(rows, delimiter=";", quoted=True))
    assert part.rows[0].values["response_code"] == "aa-1"


# --- all of them


def exports(tmp_path: Path) -> dict[str, tuple[bytes, ...]]:
    return {
        "Google Forms": (csv_bytes(GOOGLE),),
        "Microsoft Forms": (csv_bytes(MICROSOFT), xlsx_bytes(tmp_path, {"Sheet1": MICROSOFT})),
        "SurveyMonkey": (csv_bytes(MONKEY), xlsx_bytes(tmp_path, {"Sheet": MONKEY})),
        "KoboToolbox": (csv_bytes(KOBO, delimiter=";", quoted=True), xlsx_bytes(tmp_path, {"Survei": KOBO})),
        "ODK Central": (csv_bytes(ODK),),
    }


def sure(path: Path) -> list[tuple[float, str]]:
    found = [
        (known.confidence, source.NAME)
        for source in all_sources()
        if (known := source.recognise(file_at(path)))
    ]
    return sorted(found, reverse=True)


def test_one_source_is_surest_of_each_export(tmp_path: Path) -> None:
    path = tmp_path / "any"
    for name, contents in exports(tmp_path).items():
        for content in contents:
            path.write_bytes(content)
            found = sure(path)
            assert found[0][1] == name
            assert len({confidence for confidence, _ in found}) == len(found)


def test_an_export_cut_off_anywhere_never_breaks_recognition_nor_ties(tmp_path: Path) -> None:
    path = tmp_path / "any"
    for contents in exports(tmp_path).values():
        for content in contents:
            for end in range(1, len(content), 41):
                path.write_bytes(content[:end])
                found = sure(path)
                assert len({confidence for confidence, _ in found}) == len(found)


def test_answers_do_not_depend_on_the_tool_that_asked(tmp_path: Path) -> None:
    """The same five answers to every item, by six roads."""
    contents = [
        csv_bytes([GOOGLE[0], GOOGLE[2]]),
        csv_bytes([MICROSOFT[0], ["9", "8/13/26 18:01", "8/13/26 18:05", *MICROSOFT[2][3:]]]),
        csv_bytes([KOBO[0], [*KOBO[3][:12], "5", *KOBO[3][13:]]], delimiter=";", quoted=True),
        csv_bytes([ODK[0], [*ODK[1][:3], *["5"] * 10, *ODK[1][13:]]]),
        csv_bytes([*MONKEY[:2], [*MONKEY[2][:10], *["Strongly agree"] * 10]]),
        xlsx_bytes(
            tmp_path, {"x": [MICROSOFT[0], ["9", "8/13/26 18:01", "8/13/26 18:05", *MICROSOFT[2][3:]]]}
        ),
    ]
    found = [
        {
            (row.values["item_code"], row.values["answer"], row.values["batch_code"])
            for row in read(tmp_path, content)[1].rows
        }
        for content in contents
    ]
    assert all(answered == found[0] for answered in found)
    assert len(found[0]) == 10


def test_the_reading_process_knows_the_mappings_of_its_configuration(tmp_path: Path) -> None:
    config = tmp_path / "config"
    for folder in ("contracts", "instruments"):
        shutil.copytree(CHECKOUT / "config" / folder, config / folder)
    (config / "mappings").mkdir()
    (config / "mappings" / "lama.yaml").write_text(
        'code: lama\ninstrument: reaction\nheadings: {"Puas?": {item: sat1}, "Kelas": {fact: batch_code}}\n',
        encoding="utf-8",
    )
    path = tmp_path / "berkas"
    path.write_bytes(
        csv_bytes([["Waktu", "Puas?", "Kelas"], ["2026/08/13 9:00:00 AM GMT+7", "SS", "P01-A1"]])
    )
    for place in ("with", "without"):
        (tmp_path / place).mkdir()
    limits = {"key": bytes(32), "memory_bytes": 2 << 30, "seconds": 30}
    with Reader(config=config, **limits) as reader:
        outcome = reader.read(path, "berkas", tmp_path / "with")
    assert (outcome.source, outcome.refusal) == ("Google Forms", None)
    (line,) = csv.DictReader(outcome.parts[0].path.open(encoding="utf-8"))
    assert (line["item_code"], line["answer"], line["batch_code"], line["row_no"]) == (
        "sat1",
        "5",
        "P01-A1",
        "2",
    )
    with Reader(config=CHECKOUT / "config", **limits) as reader:
        refused = reader.read(path, "berkas", tmp_path / "without").refusal
    assert refused is not None
    assert refused.code == "unknown_form"
