"""``siklatih map``: drafts that a person reviews, in which nobody is found; drafted, reviewed, then read."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import yaml
from forms import (
    ADDRESS,
    CATALOGUE,
    CONTRACTS,
    INSTRUMENTS,
    NAME,
    NIP,
    REACTION,
    WORDINGS,
    csv_bytes,
    xlsx_bytes,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.cli import main
from siklatih.drafting.drafts import draft_mapping
from siklatih.drafting.text import Draft
from siklatih.errors import MendError
from siklatih.mappings import load_mappings
from siklatih.settings import CHECKOUT
from siklatih.sources import recognise_file
from siklatih.sources.protocol import HEAD_BYTES, Catalogue, SourceFile
from siklatih.table_mappings import load_table_mappings

SIMPEG = [
    ["PEMERINTAH KOTA CONTOH"],
    ["No", "NIP Baru", "Nama Lengkap", "Status kepegawaian", "Unit Kerja", "Jenis Jabatan", "Kode unit", "TMT", "Foto"],
    ["1", NIP, NAME, "Pegawai Negeri Sipil", "Dinas Contoh", "Pelaksana", "OPD-12", "28-04-2006", "a.jpg"],
    ["2", "197512122000032002", "Wening Contohwati", "PPPK", "Dinas Contoh", "Pelaksana", "OPD-12", "13-03-2000", ""],
    ["3", "197512122000032003", "Sri Contohsari", "Titipan Pak Bejo", "Dinas Contoh", "executor", "OPD-12", "13-03-2000", ""],
]  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clerk's folder, and a configuration of the test's own."""
    shutil.copytree(CHECKOUT / "config", tmp_path / "config")
    monkeypatch.setenv("SIKLATIH_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("SIKLATIH_HOME", str(tmp_path / "state"))
    place = tmp_path / "meja"
    place.mkdir()
    return place


def draft(tmp_path: Path, content: bytes, **wanted: object) -> Draft:
    path = tmp_path / "berkas"
    path.write_bytes(content)
    file = SourceFile(path, path.name, len(content), content[:HEAD_BYTES], CATALOGUE)
    return draft_mapping(file, CATALOGUE, **wanted)  # type: ignore[arg-type]


def refusal(tmp_path: Path, content: bytes, **wanted: object) -> MendError:
    with pytest.raises(MendError) as caught:
        draft(tmp_path, content, **wanted)
    assert not any(text in str(caught.value) for text in (NAME, NIP, ADDRESS))
    return caught.value


def test_drafted_reviewed_and_read(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The clerk's whole way: refused, drafted, still refused, reviewed, read."""
    path = desk / "pegawai.xlsx"
    path.write_bytes(xlsx_bytes(desk, {"Sheet1": SIMPEG}))
    (desk / "made.xlsx").unlink()
    assert main(["check", str(path), "--no-return"]) == 2
    assert "siklatih map" in capsys.readouterr().out

    assert main(["map", str(path)]) == 0
    out = capsys.readouterr().out
    (drafted,) = desk.glob("*.yaml.draft")
    code = drafted.name.removesuffix(".yaml.draft")
    mappings = desk.parent / "config" / "mappings"
    for words in (
        str(drafted),
        "roster",
        "Simpan sebagai",
        "Save it as",
        str(mappings / f"{code}.yaml"),
        "siklatih check",
    ):
        assert words in out
    assert [item.name for item in mappings.iterdir()] == ["README.md"]
    text = drafted.read_text(encoding="utf-8")
    assert not any(word in text + out for word in (NAME, NIP, "Contohwati", "Bejo", "Dinas Contoh"))
    content = yaml.safe_load(text)
    assert content["headings"] == {
        "NIP Baru": "?", "Nama Lengkap": "?", "Status kepegawaian": "status", "Unit Kerja": "?",
        "Jenis Jabatan": "position_type", "Kode unit": "unit_code", "TMT": "?", "Foto": "?",
    }  # fmt: skip
    assert content["values"] == {
        "status": {"Pegawai Negeri Sipil": "?", "PPPK": "PPPK"},
        "position_type": {"Pelaksana": "executor", "executor": "executor"},
    }
    assert re.search(r'"NIP Baru": "\?"  # .*perhaps nip \(\d+ %\)', text)
    assert re.search(r'"Foto": "\?"  # .*ignore\? .*nearest \w+ \(\d+ %\)', text)
    assert "status: 1 kata lain tidak disalin" in text

    (mappings / f"{code}.yaml").write_text(text, encoding="utf-8")
    assert main(["check", str(path), "--no-return"]) == 2
    said = capsys.readouterr().err
    assert all(
        f"“{open_}”" in said
        for open_ in ("NIP Baru", "Nama Lengkap", "Unit Kerja", "TMT", "Foto", "Pegawai Negeri Sipil")
    )

    reviewed = text.replace('"NIP Baru": "?"', '"NIP Baru": nip').replace(
        '"Nama Lengkap": "?"', '"Nama Lengkap": name'
    )
    reviewed = reviewed.replace('"TMT": "?"', '"TMT": valid_from').replace(
        '"Pegawai Negeri Sipil": "?"', '"Pegawai Negeri Sipil": PNS'
    )
    reviewed = reviewed.replace('"Unit Kerja": "?"', '"Unit Kerja": ignore').replace(
        '"Foto": "?"', '"Foto": ignore'
    )
    (mappings / f"{code}.yaml").write_text(reviewed, encoding="utf-8")
    assert main(["check", str(path), "--no-return"]) == 1
    out = capsys.readouterr().out
    assert "baris dibaca / rows read: 3; diterima / accepted: 2; disisihkan / put aside: 1" in out
    assert "baris / row 5" in out  # whose word no mapping knows

    assert main(["map", str(path)]) == 1
    assert "[already_read]" in capsys.readouterr().err


def test_nothing_is_replaced_and_nothing_goes_into_the_configuration(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = desk / "pegawai.csv"
    path.write_bytes(csv_bytes([[*row, *[""] * (9 - len(row))] for row in SIMPEG]))
    target = desk / "draf.yaml"
    target.write_text("punya orang lain", encoding="utf-8")
    assert main(["map", str(path), "--to", str(target)]) == 1
    assert "[exists]" in capsys.readouterr().err
    assert target.read_text(encoding="utf-8") == "punya orang lain"
    config = desk.parent / "config" / "mappings" / "x.yaml"
    assert main(["map", str(path), "--to", str(config)]) == 1
    assert "[not_reviewed]" in capsys.readouterr().err
    assert not config.exists()
    assert main(["map", str(desk / "tidak-ada.csv")]) == 1
    assert "[cannot_open]" in capsys.readouterr().err
    assert main(["map", str(path), "--dataset", "pegawai"]) == 1
    assert "[unknown_dataset]" in capsys.readouterr().err
    assert main(["map", str(path), "--dataset", "enrolments", "--to", str(desk / "b.yaml")]) == 0
    assert yaml.safe_load((desk / "b.yaml").read_text(encoding="utf-8"))["dataset"] == "enrolments"


def test_a_form_gets_its_questions_beside_the_items(tmp_path: Path) -> None:
    headings = [
        "Timestamp",
        "Siapa nama Anda",
        *WORDINGS[:3],
        "Pelatihnya menguasai materi sekali",
        "Kelas apa",
    ]
    lines = [["8/13/2026 10:00:00", NAME, "4", "Setuju", "5", "Sangat puas", "P01-A1"],
             ["8/14/2026 10:00:00", "Wening Contohwati", "4", "Agak rancu kata Bejo", "5", "puas", "P01-A1"]]  # fmt: skip
    made = draft(tmp_path, csv_bytes([headings, *lines]))
    content = yaml.safe_load(made.text)
    assert (content["instrument"], made.name) == ("reaction", "reaction")
    assert content["headings"] == {
        "Siapa nama Anda": "?", WORDINGS[0]: {"item": "rel1"}, WORDINGS[1]: {"item": "rel2"},
        WORDINGS[2]: {"item": "rel3"}, "Pelatihnya menguasai materi sekali": "?", "Kelas apa": "?",
    }  # fmt: skip
    assert "perhaps {item: trn1}" in made.text
    assert content["answers"] == {"Sangat puas": "?", "puas": "?"}
    assert (made.headings, made.open_headings, made.open_words) == (6, 3, 2)
    assert not any(word in made.text for word in ("Contohwan", "Contohwati", "Bejo", "P01-A1"))


def test_a_questionnaire_may_be_named_and_is_refused_where_there_is_no_form(tmp_path: Path) -> None:
    headings = ["Timestamp", "Hal satu", "Hal dua"]
    content = csv_bytes([headings, ["8/13/2026 10:00:00", "4", "5"]])
    for code in INSTRUMENTS:
        assert draft(tmp_path, content, instrument=code).name == code
    assert refusal(tmp_path, content, instrument="angket").code == "unknown_instrument"
    assert refusal(tmp_path, csv_bytes(SIMPEG[1:]), instrument="reaction").code == "no_form"


def test_what_is_read_without_a_mapping_needs_none(tmp_path: Path) -> None:
    content = csv_bytes([["Timestamp", *WORDINGS], ["8/13/2026 10:00:00", *["4"] * len(WORDINGS)]])
    error = refusal(tmp_path, content)
    assert (error.code, "Google Forms" in error.en) == ("already_read", True)
    assert draft(tmp_path, content, dataset="responses", heading=1).name == "responses"


def test_a_known_form_whose_dates_have_two_readings_gets_a_draft_in_which_only_their_order_is_to_be_said(
    tmp_path: Path,
) -> None:
    content = csv_bytes([["Timestamp", *WORDINGS], ["8/9/2026 10:00:00", *["4"] * len(WORDINGS)]])
    made = draft(tmp_path, content)
    assert (made.open_headings, made.open_words) == (0, 0)
    folder = tmp_path / "m"
    folder.mkdir()
    text = made.text.replace("# date_order: dmy ", "date_order: dmy #")
    (folder / "m.yaml").write_text(text, encoding="utf-8")
    known = Catalogue(CONTRACTS, INSTRUMENTS, load_mappings(folder, INSTRUMENTS))
    path = tmp_path / "berkas"
    file = SourceFile(path, path.name, len(content), content, known)
    (part,) = recognise_file(file)[0].read(file, known)
    assert {row.values["submitted_at"] for row in part.rows} == {"2026-09-08 10:00:00"}


@pytest.mark.parametrize("rows", [
    [[NAME, NIP, ADDRESS]] * 3,
    [[NAME, "Dinas Contoh", "Hadir"], ["Wening Contohwati", "Dinas Contoh", "Hadir"]],
    [[NAME, "Wening Contohwati"], ["Sri Contohsari", NAME]],
])  # fmt: skip
@pytest.mark.parametrize("quoted", [False, True])
def test_people_are_never_taken_for_a_heading(tmp_path: Path, rows: list[list[str]], quoted: bool) -> None:
    assert refusal(tmp_path, csv_bytes(rows, delimiter=";", quoted=quoted)).code == "no_heading"
    assert refusal(tmp_path, xlsx_bytes(tmp_path, {"a": rows})).code == "no_heading"


def test_a_row_of_unusual_titles_is_a_heading_if_a_person_says_so(tmp_path: Path) -> None:
    content = csv_bytes([["x", "y"], ["Aneka", "Rupa"], ["1", "2"]])
    assert refusal(tmp_path, content).code == "no_heading"
    made = draft(tmp_path, content, heading=2, dataset="targets")
    assert yaml.safe_load(made.text)["headings"] == {"Aneka": "?", "Rupa": "?"}
    assert refusal(tmp_path, content, heading=9).code == "no_heading"


def test_titles_with_numbers_and_addresses_of_people_are_not_copied(tmp_path: Path) -> None:
    rows = [["Nama", "Kode unit", f"Nilai {NIP}", ADDRESS, "Nama"], ["a", "b", "c", "d", "e"]]
    made = draft(tmp_path, csv_bytes(rows), dataset="roster", heading=1)
    assert NIP not in made.text
    assert ADDRESS not in made.text
    assert "column C" in made.text
    assert "column E: judul ganda" in made.text
    assert yaml.safe_load(made.text)["headings"] == {"Nama": "name", "Kode unit": "unit_code"}


def test_a_file_that_a_tool_is_certain_of_is_refused_as_reading_it_is(tmp_path: Path) -> None:
    content = b"Course\tPelatihan\nGroup\tP01\n\nLast name\tFirst name\tx\n"
    with pytest.raises(MendError) as caught:
        draft(tmp_path, content)
    assert caught.value.code not in ("no_heading", "already_read")
    assert refusal(tmp_path, b"").code == "empty_file"


@pytest.mark.parametrize(
    "name", ["kobo_formpack_long_unicode_labels_labels.csv", "surveymonkey_StarWars.csv"]
)
def test_real_forms_of_others_are_drafted_whatever_their_headings_hold(shared: Path, name: str) -> None:
    (path,) = (shared / "samples").rglob(name)
    content = path.read_bytes()
    made = draft_mapping(SourceFile(path, name, len(content), content[:HEAD_BYTES], CATALOGUE), CATALOGUE)
    headings = yaml.safe_load(made.text)["headings"]
    assert len(headings) == made.headings
    assert made.open_headings > 0


# --- laws

NAMES = st.text("bcdfgjkmpqvwxz", min_size=5, max_size=12).map(str.title)  # no word of ours
PEOPLE = st.tuples(NAMES, NAMES).map(" ".join)
ADDRESSES = st.text("bcdfgk", min_size=4, max_size=9).map(lambda text: f"{text}@example.org")
NUMBERS = st.integers(0, 999).map(lambda n: f"19800101200604{n:04}")
PERSONAL = st.one_of(PEOPLE, ADDRESSES, NUMBERS)
TITLES = sorted({column.title_id for contract in CONTRACTS.values() for column in contract.columns})


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    titles=st.lists(st.sampled_from(TITLES), min_size=2, max_size=8),
    columns=st.data(),
    quoted=st.booleans(),
    delimiter=st.sampled_from(",;\t"),
    headed=st.booleans(),
)
def test_no_draft_ever_holds_what_stands_in_a_cell_of_a_person(
    tmp_path: Path, titles: list[str], columns: st.DataObject, quoted: bool, delimiter: str, headed: bool
) -> None:
    """Whatever the titles say of their columns: people may stand anywhere."""
    count = columns.draw(st.integers(1, 6))
    rows = [[columns.draw(PERSONAL) for _ in titles] for _ in range(count)]
    content = csv_bytes([titles, *rows] if headed else rows, delimiter=delimiter, quoted=quoted)
    try:
        made = draft(tmp_path, content)
    except MendError as error:
        text = str(error)
    else:
        text = made.text
        assert headed
        assert yaml.safe_load(text)["headings"]
    for cell in {cell for row in rows for cell in row}:
        assert cell not in text


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.lists(st.text(max_size=20), min_size=1, max_size=6), max_size=8),
    dataset=st.none() | st.sampled_from(sorted(CONTRACTS)),
    heading=st.none() | st.integers(-1, 9),
    text=st.booleans(),
)
def test_drafting_never_breaks_and_what_it_writes_is_a_mapping_yet_to_be_reviewed(
    tmp_path: Path, rows: list[list[str]], dataset: str | None, heading: int | None, text: bool
) -> None:
    content = csv_bytes([[cell.encode(errors="ignore").decode() for cell in row] for row in rows])
    try:
        made = draft(tmp_path, content, dataset=dataset, heading=heading)
    except MendError:
        return  # no table, or no heading in it
    loaded = yaml.safe_load(made.text)
    assert {what == "?" for what in loaded["headings"].values()} <= {True, False}
    folder = tmp_path / "m"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "m.yaml").write_text(made.text, encoding="utf-8")
    if "dataset" in loaded and made.open_headings:
        with pytest.raises(MendError) as caught:
            load_table_mappings(folder, CONTRACTS)
        assert caught.value.code == "mapping_open"


@pytest.mark.parametrize("dataset", sorted(CONTRACTS))
def test_a_draft_of_a_table_with_our_titles_is_settled_and_can_be_used_at_once(
    tmp_path: Path, dataset: str
) -> None:
    """With one title more, or it would need no mapping."""
    contract = CONTRACTS[dataset]
    titles = [column.title_id for column in contract.columns]
    content = csv_bytes([[*titles, "Catatan lain"], ["x"] * (len(titles) + 1)])
    made = draft(tmp_path, content, dataset=dataset)
    assert made.open_headings == 1
    (tmp_path / "m").mkdir()
    text = made.text.replace('"Catatan lain": "?"', '"Catatan lain": ignore')
    (tmp_path / "m" / "m.yaml").write_text(text, encoding="utf-8")
    (mapping,) = load_table_mappings(tmp_path / "m", CONTRACTS).values()
    assert mapping.filled == {column.name for column in contract.columns}
    known = Catalogue(CONTRACTS, INSTRUMENTS, tables={mapping.code: mapping})
    path = tmp_path / "berkas"
    file = SourceFile(path, path.name, len(content), content, known)
    source, _ = recognise_file(file)
    assert source.NAME == "Mapped table"


def test_an_item_named_in_a_draft_is_one_of_the_questionnaire(tmp_path: Path) -> None:
    made = draft(
        tmp_path, csv_bytes([["Timestamp", "Hal"], ["8/13/2026 10:00:00", "4"]]), instrument="reaction"
    )
    named = set(re.findall(r"\{item: (\w+)\}", made.text))
    assert named <= {item.code for item in REACTION.items}
    assert named
