"""Each source on files written by hand: rows, line numbers, accounting, and refusals that say what to do."""

from __future__ import annotations

import re
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from siklatih.contracts import load_contracts
from siklatih.errors import MendError
from siklatih.instruments import load_instruments
from siklatih.settings import CHECKOUT
from siklatih.sources import all_sources, recognise_file
from siklatih.sources.protocol import HEAD_BYTES, Catalogue, Part, SourceFile
from siklatih.templates import write_template

CATALOGUE = Catalogue(
    load_contracts(CHECKOUT / "config" / "contracts"), load_instruments(CHECKOUT / "config" / "instruments")
)
NIP = "198001012006041001"
NAME, ADDRESS = "Rangga Contohwan", "rangga.contohwan@example.org"
SKM = CATALOGUE.instruments["service_survey"]
REACTION = CATALOGUE.instruments["reaction"]


def file_at(path: Path) -> SourceFile:
    content = path.read_bytes()
    return SourceFile(path, path.name, len(content), content[:HEAD_BYTES], CATALOGUE)


def read(tmp_path: Path, content: bytes, name: str = "berkas") -> tuple[str, list[Part]]:
    """Write, recognise and read a file; return the source's name and the parts."""
    path = tmp_path / name
    path.write_bytes(content)
    file = file_at(path)
    source, _ = recognise_file(file)
    return source.NAME, list(source.read(file, CATALOGUE))


def refusal(tmp_path: Path, content: bytes, name: str = "berkas") -> MendError:
    """Read a file that must be refused; check that the message is clear and holds nobody."""
    with pytest.raises(MendError) as caught:
        read(tmp_path, content, name)
    error = caught.value
    assert error.en.strip()
    assert error.id_.strip()
    assert error.en != error.id_
    for text in (error.en, error.id_, str(error)):
        assert not any(word in text.casefold() for word in NAME.casefold().split())
        assert "@" not in text
        assert "example.org" not in text
        assert not re.search(r"\d{6,}", text)
        assert not re.search(r"\d[eE]\+?\d", text)  # a number whose digits were lost is still a cell
    return error


# --- LimeSurvey


def limesurvey(
    instrument: str = "reaction", *, delimiter: str = ";", bom: bool = True, cut: int | None = None
) -> bytes:
    """Two answers, one form never submitted, and the empty line LimeSurvey writes last."""
    used = CATALOGUE.instruments[instrument]
    questions = [*used.questions, *(item.question for item in used.items)]
    heading = ["id", "submitdate", "lastpage", "startlanguage", "seed", *questions]
    facts = {"BATCH": "P01-A1", "UNIT": "UPL-01", "MODE": "paper"}
    lines = [heading]
    for number, submitted in ((7, "2026-08-05 10:00:00"), (8, ""), (9, "2026-08-06 11:30:00")):
        answers = [facts.get(name, "") for name in used.questions] + [
            "A4" if instrument == "reaction" else "3"
        ] * len(used.items)
        lines.append([str(number), submitted, "2", "id", "123", *answers])
    if cut is not None:
        lines[-1] = lines[-1][:cut]
    text = "".join(delimiter.join(f'"{cell}"' for cell in line) + "\r\n" for line in lines) + "\r\n"
    return (b"\xef\xbb\xbf" if bom else b"") + text.encode()


@pytest.mark.parametrize(("delimiter", "bom"), [(";", True), (",", True), (";", False)])
def test_limesurvey_answers_become_rows_with_their_lines(tmp_path: Path, delimiter: str, bom: bool) -> None:
    source, (part,) = read(tmp_path, limesurvey(delimiter=delimiter, bom=bom), "foto.jpg")
    assert (source, part.dataset) == ("LimeSurvey", "responses")
    assert len(part.rows) == 2 * len(REACTION.items)
    assert {row.row_no for row in part.rows} == {2, 4}
    assert part.rows[0].values["batch_code"] == "P01-A1"
    assert {row.values["answer"] for row in part.rows} == {"4"}
    assert part.lines == {"heading": 1, "data": 2, "incomplete": 1, "blank": 1}


def test_the_citizens_survey_is_one_row_a_person(tmp_path: Path) -> None:
    _, (part,) = read(tmp_path, limesurvey("service_survey"))
    assert part.dataset == "service_survey"
    assert [row.row_no for row in part.rows] == [2, 4]
    assert part.rows[0].values["unit_code"] == "UPL-01"
    assert part.rows[0].values["surveyed_on"] == "2026-08-05"
    assert all(part.rows[0].values[item.code] == "3" for item in SKM.items)


def test_limesurvey_with_a_line_cut_short_is_refused_with_its_line(tmp_path: Path) -> None:
    error = refusal(tmp_path, limesurvey(cut=6))
    assert (error.code, error.row) == ("broken_csv", 4)


def test_limesurvey_with_a_question_nobody_knows_is_refused(tmp_path: Path) -> None:
    error = refusal(tmp_path, limesurvey().replace(b"REL[SQ001]", b"LAIN[SQ01]"))
    assert (error.code, error.column) == ("unknown_question", "G")
    assert "reaction" in error.en  # the questionnaire that comes nearest


@pytest.mark.parametrize("heading", [NAME, f"{NAME} {NIP}", ADDRESS, NIP])
def test_limesurvey_with_a_person_in_its_heading_is_refused_without_repeating_it(
    tmp_path: Path, heading: str
) -> None:
    error = refusal(tmp_path, limesurvey().replace(b"REL[SQ001]", heading.encode()))
    assert error.code == "unknown_question"


def test_limesurvey_whose_first_lines_ran_into_one_is_refused_without_repeating_answers(
    tmp_path: Path,
) -> None:
    whole = limesurvey().replace(b"P01-A1", NAME.encode())
    assert refusal(tmp_path, whole.replace(b'"\r\n"7"', b'";"7"')).code == "unknown_question"


def test_limesurvey_without_its_batch_question_leaves_the_batch_open(tmp_path: Path) -> None:
    """Its folder or a person may say it; a survey that needs its unit is refused by the question's name."""
    lines = [line.split(b";") for line in limesurvey().split(b"\r\n")]
    _, (part,) = read(tmp_path, b"\r\n".join(b";".join(line[:5] + line[6:]) for line in lines))
    assert {row.values["batch_code"] for row in part.rows} == {None}
    assert len(part.rows) == 2 * len(REACTION.items)
    lines = [line.split(b";") for line in limesurvey("service_survey").split(b"\r\n")]
    error = refusal(tmp_path, b"\r\n".join(b";".join(line[:5] + line[6:]) for line in lines))
    assert error.code == "unknown_question"
    assert "UNIT" in error.en  # ours, so it may be named


def test_limesurvey_with_a_question_twice_is_refused_and_no_answer_overwritten(tmp_path: Path) -> None:
    lines = [line and line + b";" + line.split(b";")[-1] for line in limesurvey().split(b"\r\n")]
    assert refusal(tmp_path, b"\r\n".join(lines)).code == "unknown_question"


def test_limesurvey_with_a_quotation_mark_left_open_is_refused_with_its_line(tmp_path: Path) -> None:
    content = limesurvey().replace(b'"9";', b'"9;')
    error = refusal(tmp_path, content)
    assert (error.code, error.row) == ("broken_csv", 4)


def test_limesurvey_keeps_the_line_a_record_starts_on_when_a_cell_has_lines_of_its_own(
    tmp_path: Path,
) -> None:
    content = limesurvey().replace(b'"123"', b'"1\n2\n3"')
    _, (part,) = read(tmp_path, content)
    assert {row.row_no for row in part.rows} == {2, 8}
    assert part.lines == {"heading": 1, "data": 2, "incomplete": 1, "blank": 1}


def test_limesurvey_without_any_answer_is_read_as_nothing(tmp_path: Path) -> None:
    _, (part,) = read(tmp_path, limesurvey().split(b"\r\n")[0] + b"\r\n\r\n")
    assert (part.rows, part.lines) == ([], {"heading": 1, "blank": 1})


def test_limesurvey_answers_that_are_no_code_are_left_for_the_contract(tmp_path: Path) -> None:
    _, (part,) = read(tmp_path, limesurvey().replace(b'"A4"', b'"3,5"', 1))
    assert [row.values["answer"] for row in part.rows[:2]] == ["3,5", "4"]


# --- Moodle


def moodle(*lines: str) -> bytes:
    head = ["Course\tPelatihan", "Group\tP01-A1", ""]
    return "\n".join([*head, *lines]).encode() + b"\n"


HEADING = "Last name\tFirst name\tID number\tEmail address\t12 Aug 2026 08.00AM All students\t12 Aug 2026 01.00PM All students\tP\tL\tE\tA\tTaken sessions\tPoints\tPercentage"


def test_moodle_marks_become_rows_and_a_question_mark_none(tmp_path: Path) -> None:
    line = f"Contohwan\tRangga\t{NIP}\t{ADDRESS}\tP (2/2)\t?\t1\t0\t0\t0\t1\t2 / 2\t100,0"
    source, (part,) = read(tmp_path, moodle(HEADING, line, line.replace("P (2/2)", "A (0/2)")), "x.csv")
    assert (source, part.dataset) == ("Moodle attendance", "attendance")
    assert [(row.row_no, row.values["status"], row.values["session_starts_at"]) for row in part.rows] == [
        (5, "P", "2026-08-12 08:00:00"),
        (6, "A", "2026-08-12 08:00:00"),
    ]
    assert part.rows[0].values["nip"] == NIP
    assert part.lines == {"heading": 3, "blank": 1, "data": 2}


def test_moodle_half_past_noon_is_afternoon(tmp_path: Path) -> None:
    line = f"Contohwan\tRangga\t{NIP}\t{ADDRESS}\t?\tL (1/2)\t0\t1\t0\t0\t1\t1 / 2\t50,0"
    _, (part,) = read(tmp_path, moodle(HEADING, line))
    assert part.rows[0].values["session_starts_at"] == "2026-08-12 13:00:00"


MARKS = f"Contohwan\tRangga\t{NIP}\t{ADDRESS}\tP (2/2)\t?\t1\t0\t0\t0\t1\t2 / 2\t100,0"


def test_moodle_is_read_with_a_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + moodle(HEADING, MARKS).replace(b"\n", b"\r\n")
    source, (part,) = read(tmp_path, content, "tugas.docx")
    assert source == "Moodle attendance"
    assert part.lines == {"heading": 3, "blank": 1, "data": 1}
    assert part.rows[0].row_no == 5


def test_moodle_points_may_have_decimal_commas(tmp_path: Path) -> None:
    line = MARKS.replace("P (2/2)", "L (1,5/2)").replace("?", "E (0,50/2,00)")
    _, (part,) = read(tmp_path, moodle(HEADING, line))
    assert [row.values["status"] for row in part.rows] == ["L", "E"]


@pytest.mark.parametrize("when", ["31 Feb 2026 08.00AM", "12 Foo 2026 08.00AM", "12 Aug 2026 13.00PM"])
def test_moodle_with_a_session_time_that_cannot_be_read_is_refused(tmp_path: Path, when: str) -> None:
    error = refusal(tmp_path, moodle(HEADING.replace("12 Aug 2026 08.00AM", when), MARKS))
    assert (error.code, error.row, error.column) == ("session_time", 4, "E")


@pytest.mark.parametrize("number", ["1,98001E+17", "1.98001E+17", "2E+17"])
def test_moodle_with_an_employee_number_in_scientific_notation_is_refused(
    tmp_path: Path, number: str
) -> None:
    error = refusal(tmp_path, moodle(HEADING, MARKS, MARKS.replace(NIP, number)))
    assert (error.code, error.row, error.column) == ("nip_scientific", 6, "nip")


@pytest.mark.parametrize("names", [("ID number", "Username"), ("Username", "ID number")])
def test_moodle_takes_the_id_number_before_the_user_name(tmp_path: Path, names: tuple[str, str]) -> None:
    heading = HEADING.replace("ID number\tEmail address", "\t".join(names))
    cells = {"ID number": NIP, "Username": "rcontoh"}
    line = MARKS.replace(f"{NIP}\t{ADDRESS}", "\t".join(cells[name] for name in names))
    _, (part,) = read(tmp_path, moodle(heading, line))
    assert part.rows[0].values["nip"] == NIP
    only = moodle(HEADING.replace("ID number", "Username"), MARKS)
    assert read(tmp_path, only)[1][0].rows[0].values["nip"] == NIP


def test_moodle_with_a_tab_in_a_name_is_refused_with_its_line(tmp_path: Path) -> None:
    error = refusal(
        tmp_path,
        moodle(
            HEADING, f"Contohwan\tRangga\tJunior\t{NIP}\t{ADDRESS}\tP (2/2)\t?\t1\t0\t0\t0\t1\t2 / 2\t100"
        ),
    )
    assert (error.code, error.row) == ("broken_table", 5)


@pytest.mark.parametrize(("content", "code"), [
    (moodle(HEADING.replace("ID number\tEmail address", "Institution\tDepartment")), "missing_column"),
    (moodle(HEADING.replace("12 Aug 2026", "12/08/2026")), "missing_column"),
])  # fmt: skip
def test_moodle_without_what_is_needed_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    assert refusal(tmp_path, content).code == code


def test_moodle_without_a_group_does_not_name_its_batch(tmp_path: Path) -> None:
    content = moodle(
        HEADING, "Contohwan\tRangga\t" + f"{NIP}\t{ADDRESS}\tP (2/2)\t?\t1\t0\t0\t0\t1\t2 / 2\t100.0"
    )
    _, (part,) = read(tmp_path, content.replace(b"Group\tP01-A1", b"Group\t"))
    assert {row.values["batch_code"] for row in part.rows} == {None}


# --- Zoom


ZOOM = (
    "Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants\r\n"
    "897 5877 6500,Kelas,08/12/2026 07:50:00 AM,08/12/2026 11:10:00 AM,host@example.org,200,3\r\n"
    ",,,,,,\r\n"
    "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest,Recording Consent\r\n"
    f'"Rangga ({NAME})",{ADDRESS},08/12/2026 08:00:00 AM,08/12/2026 12:30:00 PM,271,No,\r\n'
    f"{NAME},,08/12/2026 01:00:00 PM,08/12/2026 01:05:10 PM,6,Yes,\r\n"
)


def test_zoom_connections_keep_lines_clock_and_the_original_name(tmp_path: Path) -> None:
    source, (part,) = read(tmp_path, b"\xef\xbb\xbf" + ZOOM.encode(), "laporan.pdf")
    assert (source, part.dataset) == ("Zoom participants", "presence")
    first, second = part.rows
    assert (first.row_no, second.row_no) == (5, 6)
    assert first.values["name"] == second.values["name"] == NAME
    assert first.values["left_at"] == "2026-08-12 12:30:00"
    assert second.values["joined_at"] == "2026-08-12 13:00:00"
    assert first.values["meeting_id"] == "89758776500"
    assert second.values["email"] is None
    assert part.lines == {"heading": 3, "blank": 1, "data": 2}


def test_zoom_is_read_with_an_empty_third_line_and_another_spelling(tmp_path: Path) -> None:
    other = ZOOM.replace(",,,,,,", "").replace("Name (Original Name)", "Name (original name)")
    _, (part,) = read(tmp_path, other.encode())
    assert [row.row_no for row in part.rows] == [5, 6]
    assert part.lines == {"heading": 3, "blank": 1, "data": 2}


def test_zoom_keeps_the_line_a_record_starts_on_when_a_cell_has_lines_of_its_own(tmp_path: Path) -> None:
    _, (part,) = read(tmp_path, ZOOM.replace("271,No,", '271,No,"a\nb"').encode())
    assert [row.row_no for row in part.rows] == [5, 7]


@pytest.mark.parametrize("line", [
    f"{NAME},Junior,{ADDRESS},08/12/2026 01:00:00 PM,08/12/2026 01:05:10 PM,6,Yes,",  # a comma without quotes
    f"{NAME},{ADDRESS}",
])  # fmt: skip
def test_zoom_with_a_line_out_of_step_is_refused_with_its_line(tmp_path: Path, line: str) -> None:
    error = refusal(tmp_path, (ZOOM + line + "\r\n").encode())
    assert (error.code, error.row) == ("broken_csv", 7)


@pytest.mark.parametrize("old_new", [
    ("Join Time", "Guest name"),
    ("Leave Time", "Guest name"),
    ("Guest", "Join Time"),  # stands twice: nobody can say which is meant
])  # fmt: skip
def test_zoom_without_the_times_of_connections_is_refused(tmp_path: Path, old_new: tuple[str, str]) -> None:
    error = refusal(tmp_path, ZOOM.replace(*old_new).encode())
    assert (error.code, error.row) == ("missing_column", 4)


def test_zoom_list_of_unique_users_is_refused_for_it_has_no_times(tmp_path: Path) -> None:
    block = ZOOM.split("Name (", maxsplit=1)[0]
    users = f"Name (Original Name),User Email,Total Duration (Minutes),Guest\r\n{NAME},{ADDRESS},60,No\r\n"
    assert refusal(tmp_path, (block + users).encode()).code == "missing_column"


def test_zoom_with_a_quotation_mark_left_open_is_refused_with_its_line(tmp_path: Path) -> None:
    error = refusal(tmp_path, ZOOM.replace(f'({NAME})"', f"({NAME})").encode())
    assert (error.code, error.row) == ("broken_csv", 5)


def test_a_day_that_can_be_no_month_decides_how_zoom_wrote_its_times(tmp_path: Path) -> None:
    _, (part,) = read(tmp_path, ZOOM.replace("08/12/2026 08:00:00 AM", "31/12/2026 08:00:00 AM").encode())
    assert part.rows[0].values["joined_at"] == "2026-12-31 08:00:00"


def test_zoom_without_its_meeting_block_leaves_the_meeting_open(tmp_path: Path) -> None:
    _, (part,) = read(tmp_path, ZOOM.split("\r\n", 3)[3].encode())
    assert [(row.row_no, row.values["meeting_id"]) for row in part.rows] == [(2, None), (3, None)]


# --- the agency's workbook


def workbook(
    tmp_path: Path, rows: list[list[object]], *, sheet: str = "Nilai tes", meta: str | None = None
) -> bytes:
    book = Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    if meta is not None:
        page = book.create_sheet("meta")
        page.append(["siklatih-workbook", "1"])
        page.append(["exported_at", meta or None])
    path = tmp_path / "made.xlsx"
    book.save(path)
    return path.read_bytes()


TITLES = [column.title_id for column in CATALOGUE.contracts["test_scores"].columns]
NAMES = [column.name for column in CATALOGUE.contracts["test_scores"].columns]
LINE = ["P01-A1", NIP, "pre", "T", "1", "2026-08-12 08:00:00", "62,5", 100, None]


def test_workbook_rows_keep_their_numbers_and_decimal_commas(tmp_path: Path) -> None:
    content = workbook(tmp_path, [TITLES, LINE, [None] * 9, LINE], meta="2026-10-07 09:00:00")
    source, (part,) = read(tmp_path, content, "surat.doc")
    assert (source, part.dataset) == ("Agency workbook", "test_scores")
    assert [row.row_no for row in part.rows] == [2, 4]
    assert part.rows[0].values["score"] == "62.5"
    assert part.rows[0].values["nip"] == NIP
    assert part.lines == {"heading": 1, "data": 2, "blank": 1}
    assert part.exported_at is not None
    assert part.exported_at.isoformat(sep=" ") == "2026-10-07 09:00:00"


def test_workbook_takes_technical_names_own_columns_and_an_empty_meta_sheet(tmp_path: Path) -> None:
    content = workbook(tmp_path, [[*NAMES, "# catatan"], [*LINE, "milik sendiri"]], meta="")
    _, (part,) = read(tmp_path, content)
    assert part.rows[0].values["batch_code"] == "P01-A1"
    assert part.exported_at is None


def test_workbook_rows_are_those_a_person_sees_even_below_empty_lines(tmp_path: Path) -> None:
    _, (part,) = read(tmp_path, workbook(tmp_path, [[None], [None], TITLES, LINE, [" "], LINE]))
    assert [row.row_no for row in part.rows] == [4, 6]
    assert part.lines == {"heading": 1, "data": 2, "blank": 3}


def test_workbook_columns_may_stand_in_any_order(tmp_path: Path) -> None:
    _, (part,) = read(tmp_path, workbook(tmp_path, [TITLES[: len(LINE)][::-1], LINE[::-1]]))
    assert part.rows[0].values["nip"] == NIP
    assert part.rows[0].values["batch_code"] == "P01-A1"


def test_workbook_of_several_datasets_is_one_part_each(tmp_path: Path) -> None:
    book = Workbook()
    contracts = [CATALOGUE.contracts["costs"], CATALOGUE.contracts["targets"]]
    for contract, title in zip(contracts, (contracts[0].title_id, contracts[1].dataset), strict=True):
        sheet = book.create_sheet(title)
        sheet.append([column.title_id for column in contract.columns])
        sheet.append(["1"] * len(contract.columns))
    del book["Sheet"]
    book.save(tmp_path / "two.xlsx")
    _, parts = read(tmp_path, (tmp_path / "two.xlsx").read_bytes())
    assert [part.dataset for part in parts] == ["costs", "targets"]
    assert [part.lines for part in parts] == [{"heading": 1, "data": 1}] * 2


@pytest.mark.parametrize("dataset", sorted(CATALOGUE.contracts))
def test_an_unfilled_template_is_read_as_nothing(dataset: str, tmp_path: Path) -> None:
    """Its sheet `meta` has an export time nobody filled in, and its notes are no data."""
    write_template(CATALOGUE.contracts[dataset], tmp_path / "t.xlsx", datetime(2026, 1, 1))  # noqa: DTZ001
    source, (part,) = read(tmp_path, (tmp_path / "t.xlsx").read_bytes())
    assert (source, part.dataset, part.exported_at) == ("Agency workbook", dataset, None)
    assert (part.rows, part.lines) == ([], {"heading": 1})


def test_workbook_with_an_export_time_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, workbook(tmp_path, [TITLES, LINE], meta=f"oleh {NAME}")).code == "export_time"


def test_workbook_without_a_sheet_of_data_is_refused(tmp_path: Path) -> None:
    assert (
        refusal(tmp_path, workbook(tmp_path, [["kolom / column"]], sheet="petunjuk")).code == "no_data_sheet"
    )


def test_workbook_with_labels_gives_codes(tmp_path: Path) -> None:
    label = CATALOGUE.contracts["test_scores"].column("occasion").values[0].label_id
    _, (part,) = read(tmp_path, workbook(tmp_path, [TITLES, [*LINE[:2], label, *LINE[3:]]]))
    assert part.rows[0].values["occasion"] == "pre"


@pytest.mark.parametrize(("rows", "code", "row"), [
    ([[title for title in TITLES if title != "Nilai"], LINE], "missing_column", 1),
    ([[*TITLES, "Kolom lain"], LINE], "unknown_column", 1),
    ([[*TITLES, TITLES[0]], LINE], "unknown_column", 1),
    ([TITLES, [LINE[0], 1.98001012006041e17, *LINE[2:]]], "nip_scientific", 2),
    ([TITLES, [LINE[0], int(NIP), *LINE[2:]]], "nip_scientific", 2),
    ([TITLES, [LINE[0], "1.98001E+17", *LINE[2:]]], "nip_scientific", 2),
    ([TITLES, LINE, [LINE[0], "1,98E17", *LINE[2:]]], "nip_scientific", 3),
    ([TITLES, [LINE[0], "2E+17", *LINE[2:]]], "nip_scientific", 2),
    ([[NAME, NIP, ADDRESS], LINE], "unknown_column", 1),
    ([], "missing_heading", None),
])  # fmt: skip
def test_workbooks_that_break_the_form_are_refused(
    tmp_path: Path, rows: list[list[object]], code: str, row: int | None
) -> None:
    error = refusal(tmp_path, workbook(tmp_path, rows))
    assert (error.code, error.row) == (code, row)


def test_a_sheet_that_is_no_dataset_is_refused_without_repeating_its_name(tmp_path: Path) -> None:
    assert refusal(tmp_path, workbook(tmp_path, [TITLES], sheet=NAME)).code == "unknown_sheet"


# --- Microsoft Teams (its shapes are in test_teams.py)


TEAMS = "\ufeff".encode("utf-16-le") + (
    "1. Summary\nMeeting title\tKelas\n\n2. Participants\n"
    "Name\tFirst Join\tLast Leave\tIn-Meeting Duration\tEmail\tRole\n"
    f"{NAME}\t11/26/25, 4:16:54 PM\t11/26/25, 5:30:36 PM\t1h 13m 42s\t{ADDRESS}\tPresenter\n"
).encode("utf-16-le")


# --- Moodle quiz grades (test_moodle_quiz.py)


QUIZ = (
    'Surname,"First name","Email address",State,"Started on",Completed,"Time taken",Grade/10.00,"Q. 1 /10.00"\n'
    f'Contohwan,{NIP},{ADDRESS},Finished,"1 November 2017  12:51 PM","1 November 2017  1:38 PM",'
    '"47 mins 28 secs",8.50,8.50\n'
).encode()


# --- what is no export at all


@pytest.mark.parametrize(("content", "row"), [
    (limesurvey().replace(b"P01-A1", b"P01-\x97A1", 1), 2),  # its mark says UTF-8
    (moodle(HEADING, MARKS, MARKS).replace(b"Rangga", b"Rangg\x9d", 1), 5),
    (ZOOM.encode().replace(b"Kelas", b"Kel\x01\xe1s"), 2),
])  # fmt: skip
def test_wrong_encoding_is_refused_with_its_line(tmp_path: Path, content: bytes, row: int) -> None:
    error = refusal(tmp_path, content)
    assert (error.code, error.row) == ("encoding", row)


@pytest.mark.parametrize(("content", "code"), [
    (b"", "empty_file"),
    (b"\x89PNG\r\n\x1a\n" + bytes(200), "unrecognised"),
    (b"nama,nilai\nx,1\n", "unrecognised"),
    (b"%PDF-1.7\n", "unrecognised"),
    (b"\xff\xd8\xff\xe0" + bytes(200), "unrecognised"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "unrecognised"),  # a workbook of before 2007
    (b"\xef\xbb\xbf", "unrecognised"),
    (b"\r\n \r\n", "unrecognised"),
    (limesurvey().decode("utf-8-sig").encode("utf-16-le"), "unrecognised"),  # without its mark
    (f"{NAME},{NIP},{ADDRESS}\n".encode(), "unrecognised"),
])  # fmt: skip
def test_other_files_are_refused_whatever_they_are_called(tmp_path: Path, content: bytes, code: str) -> None:
    assert refusal(tmp_path, content, "nilai.xlsx").code == code


def test_a_workbook_cut_off_is_refused(tmp_path: Path) -> None:
    whole = workbook(tmp_path, [TITLES, *([LINE] * 300)])
    assert refusal(tmp_path, whole[: len(whole) * 2 // 3], "n.xlsx").code == "broken_workbook"


def test_a_workbook_that_names_a_zip_version_nobody_has_is_answered(tmp_path: Path) -> None:
    content = bytearray(workbook(tmp_path, [TITLES, LINE]))
    content[content.index(b"PK\x01\x02") + 6] = 157  # the version needed to open the first entry
    assert refusal(tmp_path, bytes(content)).code == "broken_workbook"


def test_a_zip_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        archive.writestr("readme.txt", "x")
    assert refusal(tmp_path, (tmp_path / "z.zip").read_bytes(), "z.xlsx").code == "archive"
    with zipfile.ZipFile(tmp_path / "z.zip", "a") as letter:
        letter.writestr("[Content_Types].xml", "<Types/>")
    assert refusal(tmp_path, (tmp_path / "z.zip").read_bytes(), "z.xlsx").code == "unrecognised"


def test_a_workbook_with_broken_contents_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook><sheets>")
    assert refusal(tmp_path, (tmp_path / "z.zip").read_bytes(), "z.xlsx").code == "broken_workbook"


def claims(path: Path) -> list[str]:
    return [source.NAME for source in all_sources() if source.recognise(file_at(path)) is not None]


def samples(tmp_path: Path) -> dict[str, bytes]:
    return {
        "LimeSurvey": limesurvey(),
        "Moodle attendance": moodle(HEADING, MARKS),
        "Zoom participants": ZOOM.encode(),
        "Agency workbook": workbook(tmp_path, [TITLES, LINE]),
        "Microsoft Teams attendance": TEAMS,
        "Moodle quiz": QUIZ,
    }


def test_no_file_is_claimed_by_two_sources(tmp_path: Path) -> None:
    found = samples(tmp_path)
    assert {source.NAME for source in all_sources()} >= set(found)
    for name, content in found.items():
        path = tmp_path / "any"
        path.write_bytes(content)
        assert claims(path) == [name]


def test_no_file_cut_off_or_put_behind_another_is_claimed_by_two_sources(tmp_path: Path) -> None:
    found = samples(tmp_path)
    path = tmp_path / "any"
    for content in found.values():
        for end in range(1, len(content), 37):
            path.write_bytes(content[:end])
            assert len(claims(path)) <= 1
        for other in found.values():
            path.write_bytes(content + b"\r\n" * 8 + other)
            assert len(claims(path)) <= 1


def test_a_file_made_to_look_like_two_kinds_is_refused_and_not_guessed(tmp_path: Path) -> None:
    """No tool writes this; if two sources ever claim one file, neither reads it."""
    both = f"Course\tPelatihan\nGroup\tP01-A1\nName (Original Name),Duration (Minutes)\n{NAME},6\n"
    assert refusal(tmp_path, both.encode()).code == "ambiguous"
