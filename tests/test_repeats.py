"""Groups that repeat in KoboToolbox: what a mapping names is read with its parents' columns, the rest is counted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest
from forms import ADDRESS, CONTRACTS, INSTRUMENTS, NAME, NIP, SKM, WORDINGS, csv_bytes, xlsx_bytes

from siklatih.errors import MendError
from siklatih.instruments import load_instruments
from siklatih.mappings import load_mappings
from siklatih.sources import recognise_file
from siklatih.sources.protocol import HEAD_BYTES, Catalogue, Part, SourceFile
from siklatih.table_mappings import load_table_mappings

SAMPLE_INSTRUMENTS = load_instruments(Path(__file__).parent / "mappings" / "instruments")

HOUSEHOLD = """
code: anggota_rumah
instrument: kobo_samples
repeat: houshold_member_repeat
headings:
  Household visit/For each household member/household member name: {item: other}
  household_member_name: {item: other}
  Household visit/household location: {item: location}
  household_location: {item: location}
answers: {montreal: 1, marseille: 2, rocky mountains: 3, toronto: 4, new york: 5, boston: 6}
"""
# nests as costs, for the sake of numbers: a table of three levels, joined
NESTS = """
code: sarang
dataset: targets
repeat: group_nest
headings:
  For each tree/What kind of tree is this?: metric_id
  What_kind_of_tree_is_this: metric_id
  For each tree/For each nest/How high above the ground is the nest?: year
  How_high_above_the_ground_is_the_nest: year
  For each tree/For each nest/How many eggs are in the nest?: target
  How_many_eggs_are_in_the_nest: target
"""
ATTENDANCE = """
code: hadir_kobo
dataset: attendance
repeat: peserta
headings:
  Kode angkatan: batch_code
  Sesi: session_starts_at
  Peserta/NIP: nip
  Peserta/Nama: name
  Peserta/Hadir?: status
values: {status: {"Ya": P, "Tidak": A}}
"""
RATINGS = f"""
code: nilai_pelatih
instrument: reaction
repeat: pelatih
headings:
  Pelatih/Nama pelatih: ignore
  "Pelatih/Cara mengajar": {{item: trn2}}
  "{WORDINGS[0]}": ignore
"""
SESSIONS = [
    ["start", "Kode angkatan", "Sesi", "_id", "_uuid", "_submission_time", "_validation_status", "_index"],
    ["2026-08-03T08:00:00+07:00", "P01-A1", "2026-08-03 08:00", 11, "aaa", "2026-08-03T01:00:00", "", 1],
    ["2026-08-04T08:00:00+07:00", "P01-A1", "2026-08-04 08:00", 12, "bbb", "2026-08-04T01:00:00", "", 2],
    ["2026-08-05T08:00:00+07:00", "P01-A1", "2026-08-05 08:00", 13, "ccc", "2026-08-05T01:00:00", "Not approved", 3],
]  # fmt: skip
PEOPLE = [
    ["Peserta/NIP", "Peserta/Nama", "Peserta/Hadir?", "_index", "_parent_table_name", "_parent_index", "_submission__uuid"],
    [NIP, NAME, "Ya", 1, "Daftar hadir", 1, "aaa"],
    ["197512122000032002", "Wening Contohwati", "tidak", 2, "Daftar hadir", 1, "aaa"],
    [NIP, NAME, "Ya", 3, "Daftar hadir", 2, "bbb"],
    [NIP, NAME, "Ya", 4, "Daftar hadir", 3, "ccc"],
]  # fmt: skip


def catalogue(tmp_path: Path, *mappings: str, samples: bool = False) -> Catalogue:
    folder = tmp_path / "mappings"
    folder.mkdir(exist_ok=True)
    for number, text in enumerate(mappings):
        (folder / f"m{number}.yaml").write_text(text, encoding="utf-8")
    instruments = SAMPLE_INSTRUMENTS if samples else INSTRUMENTS
    return Catalogue(
        CONTRACTS,
        instruments,
        load_mappings(folder, instruments),
        tables=load_table_mappings(folder, CONTRACTS),
    )


def read(path: Path, known: Catalogue) -> list[Part]:
    content = path.read_bytes()
    file = SourceFile(path, path.name, len(content), content[:HEAD_BYTES], known)
    source, _ = recognise_file(file)
    assert source.NAME == "KoboToolbox"
    return list(source.read(file, known))


def workbook(
    tmp_path: Path, main: Sequence[Sequence[object]], repeats: dict[str, list[list[object]]]
) -> Path:
    path = tmp_path / "kobo.xlsx"
    path.write_bytes(xlsx_bytes(tmp_path, {"Daftar hadir": main, **repeats}))
    return path


def sample(shared: Path, name: str) -> Path:
    return shared / "samples" / "kobo" / f"kobo_formpack_{name}.xlsx"


@pytest.mark.parametrize("form", ["labels", "xml"])
def test_members_of_a_household_are_read_with_its_place(shared: Path, tmp_path: Path, form: str) -> None:
    """As a join made by pandas gives them."""
    path = sample(shared, f"grouped_repeatable_{form}")
    (part,) = read(path, catalogue(tmp_path, HOUSEHOLD, samples=True))
    main, members = pd.read_excel(path, sheet_name=[0, 1], engine="openpyxl").values()
    joined = members.merge(main, left_on="_parent_index", right_on="_index", how="left")
    assert len(joined) == 13
    places = joined.filter(like="ocation").iloc[:, 0].tolist()
    people = joined.iloc[:, 0].tolist()
    given = {(row.row_no, row.values["item_code"]): row.values["answer"] for row in part.rows}
    numbers = {
        "montreal": "1",
        "marseille": "2",
        "rocky mountains": "3",
        "toronto": "4",
        "new york": "5",
        "boston": "6",
    }
    expected = {(line, "location"): numbers[place] for line, place in enumerate(places, start=2)}
    expected |= {(line, "other"): person for line, person in enumerate(people, start=2)}
    assert given == expected
    assert part.place == "lembar 2"
    assert part.lines == {"heading": 1, "data": 13, "parent": 7}
    assert len({row.values["response_code"] for row in part.rows}) == 13
    assert part.rows[0].values["submitted_at"] == "2016-03-15 01:18:35"


@pytest.mark.parametrize("form", ["labels", "xml"])
def test_nests_are_read_with_their_tree_and_what_no_mapping_names_is_counted(
    shared: Path, tmp_path: Path, form: str
) -> None:
    path = sample(shared, f"nested_grouped_repeatable_{form}")
    (part,) = read(path, catalogue(tmp_path, NESTS, samples=True))
    _, trees, nests, eggs = pd.read_excel(
        path, sheet_name=None, engine="openpyxl", dtype=str, keep_default_na=False
    ).values()
    joined = nests.merge(trees, left_on="_parent_index", right_on="_index", suffixes=("", "_tree"))
    kind = next(name for name in trees if "kind" in name.casefold())
    expected = list(zip(joined[kind], nests.iloc[:, 0], nests.iloc[:, 1], strict=True))
    assert [
        tuple(row.values[name] for name in ("metric_id", "year", "target")) for row in part.rows
    ] == expected
    assert len(expected) == 8
    counted = {"repeat": len(trees) + 1 + len(eggs) + 1, "parent": 5}
    assert part.lines == {"heading": 1, "data": 8, **counted}


def test_participants_of_a_session_become_attendance(tmp_path: Path) -> None:
    path = workbook(tmp_path, SESSIONS, {"peserta": PEOPLE})
    (part,) = read(path, catalogue(tmp_path, ATTENDANCE))
    assert part.dataset == "attendance"
    assert [tuple(row.values[name] for name in ("batch_code", "session_starts_at", "nip", "status")) for row in part.rows] == [
        ("P01-A1", "2026-08-03 08:00:00", NIP, "P"),
        ("P01-A1", "2026-08-03 08:00:00", "197512122000032002", "A"),
        ("P01-A1", "2026-08-04 08:00:00", NIP, "P"),
    ]  # fmt: skip
    assert [row.row_no for row in part.rows] == [2, 3, 4]
    assert part.lines == {"heading": 1, "data": 3, "incomplete": 1, "parent": 4}


def test_the_tools_own_columns_may_be_named_and_its_clock_is_universal(tmp_path: Path) -> None:
    mapping = ATTENDANCE.replace(
        "  Sesi: session_starts_at", "  Sesi: ignore\n  _submission_time: session_starts_at"
    )
    (part,) = read(workbook(tmp_path, SESSIONS, {"peserta": PEOPLE}), catalogue(tmp_path, mapping))
    assert [row.values["session_starts_at"] for row in part.rows] == [
        "2026-08-03 08:00:00",
        "2026-08-03 08:00:00",
        "2026-08-04 08:00:00",
    ]


def ratings(tmp_path: Path) -> Path:
    main = [
        [WORDINGS[0], "Kode angkatan", "_id", "_uuid", "_submission_time", "_index"],
        ["4", "P01-A1", 11, "aaa", "2026-08-03T01:00:00", 1],
        ["5", "P01-A1", 12, "bbb", "2026-08-03T01:00:00", 2],
    ]
    trainers = [
        ["Pelatih/Nama pelatih", "Pelatih/Cara mengajar", "_parent_table_name", "_parent_index"],
        [NAME, "4", "Daftar hadir", 1],
        ["Wening Contohwati", "2", "Daftar hadir", 1],
        [NAME, "5", "Daftar hadir", 2],
    ]
    return workbook(tmp_path, main, {"pelatih": trainers})


def test_ratings_of_several_trainers_are_answers_of_their_own_beside_the_forms(tmp_path: Path) -> None:
    mapping = RATINGS.replace(f'  "{WORDINGS[0]}": ignore\n', "  Kode angkatan: {fact: batch_code}\n")
    main, part = read(ratings(tmp_path), catalogue(tmp_path, mapping))
    assert [(row.values["item_code"], row.values["answer"]) for row in main.rows] == [
        ("rel1", "4"),
        ("rel1", "5"),
    ]
    assert [(row.values["response_code"], row.values["item_code"], row.values["answer"]) for row in part.rows] == [
        ("aaa-1", "trn2", "4"), ("aaa-2", "trn2", "2"), ("bbb-1", "trn2", "5"),
    ]  # fmt: skip
    assert {row.values["batch_code"] for row in part.rows} == {"P01-A1"}
    assert {row.values["submitted_at"] for row in part.rows} == {"2026-08-03 08:00:00"}
    assert (main.lines, part.lines) == ({"heading": 1, "data": 2}, {"heading": 1, "data": 3})


def test_a_group_that_no_mapping_names_is_counted_as_before(tmp_path: Path) -> None:
    (main,) = read(ratings(tmp_path), catalogue(tmp_path))
    assert main.lines == {"heading": 1, "data": 2, "repeat": 4}


def refused(path: Path, known: Catalogue) -> MendError:
    with pytest.raises(MendError) as caught:
        read(path, known)
    assert not any(text in str(caught.value) for text in (NAME, NIP, ADDRESS))
    return caught.value


def test_a_column_of_a_group_that_its_mapping_does_not_name_refuses_the_file(tmp_path: Path) -> None:
    people = [[*row, "x"] for row in PEOPLE]
    people[0][-1] = "Peserta/Catatan"
    error = refused(workbook(tmp_path, SESSIONS, {"peserta": people}), catalogue(tmp_path, ATTENDANCE))
    assert (error.code, error.column, error.place) == ("unknown_heading", "H", "lembar 2")
    main = [[*row, "x"] for row in SESSIONS]
    main[0][-1] = "Cuaca"
    error = refused(workbook(tmp_path, main, {"peserta": PEOPLE}), catalogue(tmp_path, ATTENDANCE))
    assert error.code == "unknown_heading"
    error = refused(
        ratings(tmp_path), catalogue(tmp_path, RATINGS.replace("  Pelatih/Nama pelatih: ignore\n", ""))
    )
    assert (error.code, error.place) == ("unknown_question", "lembar 2")


def test_a_mapping_that_does_not_fit_the_group_it_names_is_refused(tmp_path: Path) -> None:
    mapping = ATTENDANCE.replace("Peserta/Hadir?", "Peserta/Datang?")
    error = refused(workbook(tmp_path, SESSIONS, {"peserta": PEOPLE}), catalogue(tmp_path, mapping))
    assert (error.code, error.place) == ("repeat_mapping", "lembar 2")
    assert "hadir_kobo" in error.en


@pytest.mark.parametrize(("row", "column", "value"), [(3, 5, 9), (3, 4, "lain"), (0, 4, "x")])
def test_a_row_whose_parent_is_not_there_is_refused_with_its_line(
    tmp_path: Path, row: int, column: int, value: object
) -> None:
    people = [list(cells) for cells in PEOPLE]
    people[row][column] = value
    error = refused(workbook(tmp_path, SESSIONS, {"peserta": people}), catalogue(tmp_path, ATTENDANCE))
    assert error.code == "no_parent"
    assert error.row == (row + 1 if column == 5 else 1)
    assert error.place == "lembar 2"


def test_groups_that_are_each_others_parents_are_refused(tmp_path: Path) -> None:
    people = [[*row[:4], "peserta", row[5], row[6]] for row in PEOPLE]
    people[0][4] = "_parent_table_name"
    error = refused(workbook(tmp_path, SESSIONS, {"peserta": people}), catalogue(tmp_path, ATTENDANCE))
    assert error.code == "no_parent"


def test_a_child_table_of_odk_is_read_by_itself_through_a_mapping(tmp_path: Path) -> None:
    """Of a ZIP each member lands by itself: what a row needs of its parent must stand in the group as well."""
    mapping = """
code: hadir_odk
dataset: attendance
headings: {nip: nip, hadir: status, sesi: session_starts_at, angkatan: batch_code, PARENT_KEY: ignore, KEY: ignore}
values: {status: {"1": P, "0": A}}
"""
    rows = [
        ["nip", "hadir", "sesi", "angkatan", "PARENT_KEY", "KEY"],
        [NIP, "1", "2026-08-03T08:00:00.000+07:00", "P01-A1", "uuid:a", "uuid:a/peserta[1]"],
        ["197512122000032002", "0", "2026-08-03T08:00:00.000+07:00", "P01-A1", "uuid:a", "uuid:a/peserta[2]"],
    ]
    path = tmp_path / "peserta.csv"
    path.write_bytes(csv_bytes(rows))
    known = catalogue(tmp_path, mapping)
    content = path.read_bytes()
    file = SourceFile(path, path.name, len(content), content, known)
    source, _ = recognise_file(file)
    (part,) = source.read(file, known)
    assert source.NAME == "Mapped table"
    assert [(row.values["session_starts_at"], row.values["status"]) for row in part.rows] == [
        ("2026-08-03 08:00:00", "P"),
        ("2026-08-03 08:00:00", "A"),
    ]


def test_a_citizens_survey_in_a_group_is_one_row_a_person(tmp_path: Path) -> None:
    mapping = "code: skm\ninstrument: service_survey\nrepeat: warga\nheadings: {Petugas: ignore}\n"
    words = [item.wording_id for item in SKM.items]
    main = [
        ["Petugas", "Kode unit", "_id", "_uuid", "_submission_time", "_index"],
        ["x", "UPL-01", 1, "a", "2026-08-03T01:00:00", 1],
    ]
    people = [
        [*words, "_parent_table_name", "_parent_index"],
        *[[*["3"] * len(words), "Daftar hadir", 1]] * 2,
    ]
    (part,) = read(workbook(tmp_path, main, {"warga": people}), catalogue(tmp_path, mapping))
    assert [(row.values["response_code"], row.values["unit_code"]) for row in part.rows] == [
        ("a-1", "UPL-01"),
        ("a-2", "UPL-01"),
    ]
