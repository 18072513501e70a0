"""Headings become items by their words, answers become numbers, moments become local time; nothing is guessed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from forms import ADDRESS, CATALOGUE, CONTRACTS, INSTRUMENTS, NAME, NIP, REACTION, SKM, WORDINGS, answers

from siklatih.errors import MendError
from siklatih.forms import FormTable, Record, answer_of, numbered_code, plan_for, read_form
from siklatih.instruments import load_instruments
from siklatih.mappings import load_mappings
from siklatih.sources.protocol import Catalogue, Part
from siklatih.sources.values import column_letters
from siklatih.store import method_digest
from siklatih.wording import fold, readings

ITEM = REACTION.item("sat1")


def table(headings: list[str], *lines: list[str], codes: bool = False, least: float = 0.0) -> FormTable:
    records = [
        Record(number, cells, str(number) if codes else None, "2026-08-05 10:00:00")
        for number, cells in enumerate(lines, start=2)
    ]
    return FormTable(
        "Alat", "table", headings, set(), records, {"heading": 1, "data": len(lines)}, least=least
    )


def fault(form: FormTable, catalogue: Catalogue = CATALOGUE) -> MendError:
    with pytest.raises(MendError) as caught:
        read_form(form, catalogue)
    for text in (caught.value.en, caught.value.id_):
        assert not any(word in text.casefold() for word in (*NAME.casefold().split(), NIP, "example.org"))
    return caught.value


def mapped(tmp_path: Path, text: str) -> Catalogue:
    (tmp_path / "m.yaml").write_text(text, encoding="utf-8")
    return Catalogue(CONTRACTS, INSTRUMENTS, load_mappings(tmp_path, INSTRUMENTS))


# --- headings


@pytest.mark.parametrize("heading", [
    "Tenaga pelatih menguasai materi.",
    "  tenaga PELATIH\u00a0menguasai\nmateri ",
    "1. Tenaga pelatih menguasai materi *",
    "Q4. Tenaga pelatih menguasai materi",
    "Q4) Tenaga pelatih menguasai materi?",
    "No. 12 - Tenaga pelatih menguasai materi",
    "<b>Tenaga pelatih</b><br/>menguasai&nbsp;materi",
    "Pelatih [Tenaga pelatih menguasai materi]",
    "Bagian B/Tenaga pelatih menguasai materi.",
    "Survei/Bagian B/Pelatih [Tenaga pelatih menguasai materi]",
    "The trainer mastered the subject",
    "Pelatih menguasai materi",  # a variant
    "trn1",
    "Bagian/trn1",
    "bagian_b-trn1",
    "TRN[SQ001]",
    "TRN_SQ001",
])  # fmt: skip
def test_a_heading_is_matched_however_a_tool_writes_it(heading: str) -> None:
    part = read_form(table([heading], ["4"]), CATALOGUE)
    assert answers(part) == {(2, "trn1"): "4"}


@pytest.mark.parametrize("heading", [
    "Tenaga pelatih menguasai",
    "Tenaga pelatih tidak menguasai materi",
    "trn11",
    "Saya kira - Tenaga pelatih menguasai materi",  # a dash in a sentence joins no group
])  # fmt: skip
def test_a_heading_that_is_merely_like_a_question_is_not_guessed(heading: str) -> None:
    error = fault(table([WORDINGS[0], heading], ["4", "4"]))
    assert (error.code, error.row, error.column) == ("unknown_question", 1, "B")
    assert "B (trn1)" in error.en
    assert "B (trn1)" in error.id_


def test_numbers_are_taken_off_a_heading_only_where_they_number_it() -> None:
    assert fold("30 hari lagi") == "30 hari lagi"
    assert fold("3.5 tahun") == "3 5 tahun"
    assert fold("2.1. Materi") == "materi"
    assert fold("q1") == "q1"
    assert readings("Grup/A [b]") == ["grup a b", "b", "a b"]


def test_columns_that_moved_take_their_answers_along() -> None:
    numbers = [str(1 + index % 5) for index in range(len(WORDINGS))]
    straight = read_form(table(WORDINGS, numbers), CATALOGUE)
    turned = read_form(table(WORDINGS[::-1], numbers[::-1]), CATALOGUE)
    assert answers(straight) == answers(turned)
    assert len(straight.rows) == len(REACTION.items)
    codes = {row.values["response_code"] for row in (*straight.rows, *turned.rows)}
    assert len(codes) == 1  # the code follows from the content, not from its order


def test_forty_unknown_columns_are_listed_with_their_nearest_item_and_no_more() -> None:
    unknown = [f"Hal lain {chr(65 + n % 26) * (3 + n // 26)}" for n in range(42)]
    for known, code in ((WORDINGS, "unknown_question"), ([], "unknown_form")):
        error = fault(table([*known, *unknown], ["4"] * (len(known) + 42)))
        assert error.code == code
        first, last = column_letters(len(known)), column_letters(len(known) + 39)
        items = "|".join(item.code for item in (*REACTION.items, *SKM.items))
        assert len(re.findall(rf"[A-Z]+ \((?:{items})\)", error.en)) == 40
        assert f" {first} (" in error.en
        assert f" {last} (" in error.id_
        assert f"{column_letters(len(known) + 40)} (" not in error.en
        assert "2 more" in error.en
        assert "2 lagi" in error.id_
        assert "siklatih map" in error.en
        assert len(error.en) < 1500


@pytest.mark.parametrize("heading", [NAME, f"{NAME} {NIP}", ADDRESS])
def test_a_heading_that_holds_a_person_is_not_repeated(heading: str) -> None:
    assert fault(table([WORDINGS[0], heading], ["4", "4"])).code == "unknown_question"
    assert fault(table([heading], ["4"])).code == "unknown_form"


def test_a_question_there_twice_is_refused_with_both_columns() -> None:
    error = fault(table(["Kode angkatan", WORDINGS[0], "rel1"], ["P01-A1", "4", "5"]))
    assert (error.code, error.column) == ("question_twice", "B")
    assert "B, C" in error.en


def test_a_form_of_no_questionnaire_is_refused_as_that_and_the_tool_is_named() -> None:
    error = fault(table(["Merek ban", "Nama"], ["x", NAME]))
    assert error.code == "unknown_form"
    assert "Alat" in error.en
    assert re.search(r": A \(\w+\), B \(\w+\)\.", error.en)


def test_half_of_the_questions_known_is_not_enough_where_more_is_asked() -> None:
    headings = [*WORDINGS[:2], "Lain satu", "Lain dua"]
    assert fault(table(headings, ["4"] * 4, least=0.5)).code == "unknown_form"
    assert fault(table(headings, ["4"] * 4)).code == "unknown_question"


def test_a_column_without_heading_is_passed_over_only_when_it_is_empty() -> None:
    assert answers(read_form(table([WORDINGS[0], " "], ["4", " "]), CATALOGUE)) == {(2, "rel1"): "4"}
    assert fault(table([WORDINGS[0], " "], ["4", "x"])).column == "B"


def test_questions_an_instrument_ignores_are_never_read() -> None:
    part = read_form(table(["Nama Lengkap*", "Kode Angkatan", WORDINGS[0]], [NAME, "P01-A1", "5"]), CATALOGUE)
    (row,) = part.rows
    assert NAME not in row.values.values()
    assert row.values["batch_code"] == "P01-A1"


def test_a_form_that_does_not_ask_for_the_batch_leaves_it_open() -> None:
    (row,) = read_form(table([WORDINGS[0]], ["5"]), CATALOGUE).rows
    assert row.values["batch_code"] is None
    assert row.values["instrument_code"] == "reaction"
    assert row.values["instrument_version"] == "1"
    assert row.values["submitted_at"] == "2026-08-05 10:00:00"


def test_same_answers_in_the_same_second_are_two_people_and_stay_so_in_a_later_export() -> None:
    early = read_form(table(WORDINGS[:2], ["5", "5"], ["5", "5"]), CATALOGUE)
    late = read_form(table(WORDINGS[:2], ["1", "1"], ["5", "5"], ["5", "5"]), CATALOGUE)
    codes = {row.values["response_code"] for row in early.rows}
    assert len(codes) == 2
    assert codes < {row.values["response_code"] for row in late.rows}


def test_a_citizens_survey_is_one_row_a_person_with_the_labels_of_each_element() -> None:
    headings = ["Kode unit", "Cara survei", *(item.wording_id for item in SKM.items)]
    words = [item.labels["id"][2] for item in SKM.items]
    (row,) = read_form(table(headings, ["UPL-01", "Daring", *words], codes=True), CATALOGUE).rows
    assert {row.values[item.code] for item in SKM.items} == {"3"}
    assert (row.values["unit_code"], row.values["mode"]) == ("UPL-01", "online")
    assert (row.values["response_code"], row.values["surveyed_on"]) == ("2", "2026-08-05")


def test_a_question_added_later_leaves_earlier_codes_as_they_are() -> None:
    early = read_form(table(WORDINGS[:2], ["5", "4"]), CATALOGUE)
    late = read_form(table([*WORDINGS[:3], "Kode angkatan"], ["5", "4", "", ""]), CATALOGUE)
    assert {row.values["response_code"] for row in early.rows} == {
        row.values["response_code"] for row in late.rows
    }


# --- answers


@pytest.mark.parametrize(("text", "number"), [
    ("4", "4"), (" 4 ", "4"), ("4.0", "4"), ("4,0", "4"), ("A4", "4"), ("5/5", "5"), ("4 / 5", "4"),
    ("Setuju", "4"), ("SETUJU", "4"), ("sangat\u00a0setuju", "5"), ("Sangat tidak setuju", "1"),
    ("Agree", "4"), ("strongly  disagree", "1"), ("SS", "5"), ("N", "3"),
    ("4 - Setuju", "4"), ("4. Setuju", "4"), ("4 – Agree", "4"), ("5 (Sangat setuju)", "5"), ("1: STS", "1"),
    ("4 Setuju", "4"), ("Setuju (4)", "4"), ("Sangat setuju - 5", "5"), ("5 - Sempurna", "5"), (None, None), ("9", "9"),
])  # fmt: skip
def test_an_answer_becomes_its_number(text: str | None, number: str | None) -> None:
    assert answer_of(text, ITEM, REACTION) == number


@pytest.mark.parametrize("text", [
    "4 - Tidak setuju",  # the number and the word contradict each other
    "5/10", "5 Setuju", "Setuju (5)", "Sempurna (5)", "Cukup setuju", "Setuju sekali", "3,5", "2 - 3", "4 kali", "-", "tahun 4",
])  # fmt: skip
def test_an_answer_that_has_no_number_is_left_for_the_contract(text: str) -> None:
    assert answer_of(text, ITEM, REACTION) == text


def test_a_ticked_choice_of_a_matrix_is_answered_one() -> None:
    assert answer_of("Film  satu", ITEM, REACTION, None, "Mana? [Film satu]") == "1"
    assert answer_of("Film dua", ITEM, REACTION, None, "Mana? [Film satu]") == "Film dua"


# --- instruments and mappings


MAPPING = """
code: lama
instrument: reaction
headings:
  "Kepuasan  Anda": {item: sat1}
  "Kode kelas": {fact: batch_code}
  "Siapa Anda": ignore
answers: {"Puas": 4, "Tidak puas": 2}
item_answers: {sat1: {"Puas": 5}}
"""


def test_a_mapping_names_headings_and_words_of_one_form(tmp_path: Path) -> None:
    form = table(
        ["Siapa Anda", "Kode kelas", "Kepuasan Anda", WORDINGS[0]], [NAME, "P01-A1", "puas", "Tidak Puas"]
    )
    assert fault(form).code == "unknown_question"
    part = read_form(form, mapped(tmp_path, MAPPING))
    assert answers(part) == {(2, "rel1"): "2", (2, "sat1"): "5"}
    assert {row.values["batch_code"] for row in part.rows} == {"P01-A1"}


def test_a_mapping_says_what_the_form_does_not_ask(tmp_path: Path) -> None:
    catalogue = mapped(tmp_path, MAPPING.replace('"Kode kelas"', '"x"') + "constants: {batch_code: P09-A2}\n")
    (row,) = read_form(table(["Kepuasan Anda"], ["5"]), catalogue).rows
    assert row.values["batch_code"] == "P09-A2"


def test_two_mappings_that_fit_equally_are_refused(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text(MAPPING.replace("code: lama", "code: baru"), encoding="utf-8")
    error = fault(table(["Kepuasan Anda"], ["5"]), mapped(tmp_path, MAPPING))
    assert error.code == "ambiguous_form"
    assert "baru" in error.en
    assert "lama" in error.en


@pytest.mark.parametrize(("old", "new"), [
    ("instrument: reaction", "instrument: none"),
    ("item: sat1", "item: sat9"),
    ("item: sat1", "itm: sat1"),
    ("fact: batch_code", "fact: submitted_at"),
    ("code: lama", "code: lama\nconstants: {unit_code: x}"),
    ('{"Puas": 4, "Tidak puas": 2}', "{Yes: 1}"),
    ('{"Puas": 4, "Tidak puas": 2}', "{puas: banyak}"),
    ("code: lama", "kode: lama"),
    ("code: lama", "code: lama\ndate_order: ymd"),
    ("code: lama", "code: ../../x"),
    ("code: lama", "code: lama\nrepeat: [a]"),
    ("item: sat1", "item: sat1, fact: batch_code"),
    ('{"Puas": 4, "Tidak puas": 2}', "{a: 99}"),
    ('{"Puas": 4, "Tidak puas": 2}', "{a: true}"),
    ('{"Puas": 4, "Tidak puas": 2}', "{a: 1, A: 2}"),
    ('{"Puas": 4, "Tidak puas": 2}', "[1, 2]"),
    ('{"Puas": 5}', '{"Puas": 6}'),
    ('{"Puas": 5}', "5"),
    ("sat1: {", "sat9: {"),
    ('"Siapa Anda"', '"Kode  kelas"'),
])  # fmt: skip
def test_a_malformed_mapping_is_refused_by_file(tmp_path: Path, old: str, new: str) -> None:
    with pytest.raises(MendError) as caught:
        mapped(tmp_path, MAPPING.replace(old, new))
    assert (caught.value.code, caught.value.file) == ("mapping", "m.yaml")
    said = caught.value.en + caught.value.id_
    assert not re.search(r"\w+Error\b|object has|<class", said), "no words of Python"
    assert "Perbaiki" in caught.value.id_


def test_no_folder_of_mappings_is_no_mapping(tmp_path: Path) -> None:
    assert load_mappings(tmp_path / "none", INSTRUMENTS) == {}


def test_a_new_mapping_makes_kept_outcomes_stale(tmp_path: Path) -> None:
    before = method_digest(tmp_path, "k")
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "m.yaml").write_text(MAPPING, encoding="utf-8")
    assert method_digest(tmp_path, "k") != before


SMALL = """
code: kecil
version: 1
dataset: responses
title: {id: Kecil, en: Small}
anonymous: true
questions: {}
labels: {id: [Tidak, Ya]}
items:
  - {code: a, question: QA, scale: [1, 2], subscale: s, reversed: false, wording: {id: Satu, en: One}}
  - {code: b, question: QB, scale: [1, 2], subscale: s, reversed: false, wording: {id: Dua, en: Two}}
"""


@pytest.mark.parametrize(("old", "new"), [
    ("en: Two", 'en: "1. one?"'),  # the same words as another item's, once folded
    ("en: Two", "en: 1. one?"),  # no YAML
    ("[Tidak, Ya]", "[Ya, ya]"),
    ("[Tidak, Ya]", "[No, Yes]"),  # YAML reads these as false and true
    ("{id: Dua, en: Two}", "{id: Dua, en: Two}, labels: {id: [x]}"),
])  # fmt: skip
def test_an_instrument_whose_words_are_not_clear_is_refused(tmp_path: Path, old: str, new: str) -> None:
    (tmp_path / "i.yaml").write_text(SMALL, encoding="utf-8")
    assert load_instruments(tmp_path)["kecil"].item("b").scale == (1, 2)
    (tmp_path / "i.yaml").write_text(SMALL.replace(old, new), encoding="utf-8")
    with pytest.raises(MendError) as caught:
        load_instruments(tmp_path)
    assert (caught.value.code, caught.value.file) == ("instrument", "i.yaml")


def test_every_instrument_of_the_agency_has_words_for_its_scales() -> None:
    assert {len(words) for words in SKM.scale_words.values()} == {4}
    assert REACTION.scale_words["sat1"]["setuju"] == 4
    assert {plan_for(table([item.wording_id]), CATALOGUE).instrument.code for item in SKM.items} == {
        "service_survey"
    }


# --- moments


def test_a_part_keeps_its_account() -> None:
    part = read_form(table(WORDINGS[:1], ["4"], ["5"]), CATALOGUE)
    assert isinstance(part, Part)
    assert (part.dataset, part.place, part.lines) == ("responses", "table", {"heading": 1, "data": 2})


def test_a_number_that_two_forms_both_have_is_two_responses() -> None:
    """Each survey numbers from 1; exported again, with or without seconds, it is the same response."""
    again = numbered_code("7", "2026-08-05 09:04:10")
    assert again == numbered_code("7", "2026-08-05 09:04:00") != numbered_code("7", "2026-11-05 09:04:10")
    assert numbered_code("7", None) == "7"
    assert numbered_code(None, "2026-08-05 09:04:10") is None
