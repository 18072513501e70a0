"""Every sample file is read, and agrees with a count made without our code, or is refused for a reason."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from forms import CATALOGUE, CONTRACTS, answers, file_at
from openpyxl import load_workbook

from siklatih.errors import MendError
from siklatih.instruments import load_instruments
from siklatih.mappings import load_mappings
from siklatih.sources import all_sources, recognise_file
from siklatih.sources.protocol import Catalogue, Part

FOLDER = Path(__file__).parent / "mappings"
SAMPLE_INSTRUMENTS = load_instruments(FOLDER / "instruments")
SAMPLES = Catalogue(CONTRACTS, SAMPLE_INSTRUMENTS, load_mappings(FOLDER, SAMPLE_INSTRUMENTS))

# file -> tool and columns that are read (0 is A), by what the tests' mappings say
READ = {
    "kobo_formpack_customer_satisfaction_labels.csv": ("KoboToolbox", {"enjoyed": 1}),
    "kobo_formpack_customer_satisfaction_xml.csv": ("KoboToolbox", {"enjoyed": 1}),
    "kobo_formpack_grouped_repeatable_labels.csv": ("KoboToolbox", {"location": 2}),
    "kobo_formpack_grouped_repeatable_labels.xlsx": ("KoboToolbox", {"location": 2}),
    "kobo_formpack_grouped_repeatable_xml.csv": ("KoboToolbox", {"location": 2}),
    "kobo_formpack_grouped_repeatable_xml.xlsx": ("KoboToolbox", {"location": 2}),
    "kobo_formpack_literacy_test_labels.csv": ("KoboToolbox", {"seconds": 1, "seconds2": 51}),
    "kobo_formpack_literacy_test_xml.csv": ("KoboToolbox", {"seconds": 1, "seconds2": 51}),
    "kobo_formpack_quotes_newlines_and_long_urls_labels.csv": ("KoboToolbox", {"other": 1}),
    "kobo_formpack_quotes_newlines_and_long_urls_xml.csv": ("KoboToolbox", {"other": 1}),
    "odk_central_selectMultiple_split.csv": ("ODK Central", {"q1": 2, "m": 7}),
    "odk_central_structuredform.csv": ("ODK Central", {"home": 3}),
}
# file -> why it is refused even with a mapping for every form that can have one
REFUSED = {
    "FORMATS.md": "unrecognised",
    # one column under a heading: no tool can be told from it
    "kobo_formpack_select_one_legacy_labels.csv": "unrecognised",
    "kobo_formpack_select_one_legacy_xml.csv": "unrecognised",
    # nobody mapped its questions
    "kobo_formpack_long_unicode_labels_labels.csv": "unknown_form",
    "kobo_formpack_long_unicode_labels_xml.csv": "unknown_form",
    # all its questions stand in groups that repeat
    "kobo_formpack_nested_grouped_repeatable_labels.csv": "no_question",
    "kobo_formpack_nested_grouped_repeatable_labels.xlsx": "no_question",
    "kobo_formpack_nested_grouped_repeatable_xml.csv": "no_question",
    "kobo_formpack_nested_grouped_repeatable_xml.xlsx": "no_question",
    # workbooks without any of the columns Kobo adds
    "kobo_formpack_customer_satisfaction_labels.xlsx": "unknown_sheet",
    "kobo_formpack_customer_satisfaction_xml.xlsx": "unknown_sheet",
    "kobo_formpack_literacy_test_labels.xlsx": "unknown_sheet",
    "kobo_formpack_literacy_test_xml.xlsx": "unknown_sheet",
    "kobo_formpack_long_unicode_labels_labels.xlsx": "no_data_sheet",
    "kobo_formpack_long_unicode_labels_xml.xlsx": "no_data_sheet",
    "kobo_formpack_quotes_newlines_and_long_urls_labels.xlsx": "unknown_sheet",
    "kobo_formpack_quotes_newlines_and_long_urls_xml.xlsx": "unknown_sheet",
    "kobo_formpack_select_one_legacy_labels.xlsx": "unknown_sheet",
    "kobo_formpack_select_one_legacy_xml.xlsx": "unknown_sheet",
}
STARWARS = "surveymonkey_StarWars.csv"


def sample(shared: Path, name: str) -> Path:
    (path,) = (shared / "samples").rglob(name)
    return path


def read(path: Path, catalogue: Catalogue = SAMPLES) -> tuple[str, Part]:
    source, _ = recognise_file(file_at(path))
    (part,) = source.read(file_at(path), catalogue)
    return source.NAME, part


def plain_rows(path: Path) -> list[list[str]]:
    """The file as the standard library or openpyxl gives it."""
    if path.suffix == ".xlsx":
        sheet = load_workbook(path).worksheets[0]
        return [["" if cell is None else str(cell) for cell in row] for row in sheet.values]
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.reader(handle, delimiter=";" if path.parent.name == "kobo" else ","))


def test_every_sample_is_listed(shared: Path) -> None:
    found = {path.name for path in (shared / "samples").rglob("*") if path.is_file()}
    assert found == set(READ) | set(REFUSED) | {STARWARS}


@pytest.mark.parametrize("name", sorted([*READ, *REFUSED, STARWARS]))
def test_no_two_sources_are_equally_sure_of_a_sample(shared: Path, name: str) -> None:
    file = file_at(sample(shared, name))
    sure = [known.confidence for source in all_sources() if (known := source.recognise(file))]
    assert len(set(sure)) == len(sure)


@pytest.mark.parametrize("name", sorted(READ))
def test_what_is_read_agrees_with_a_count_of_the_cells(shared: Path, name: str) -> None:
    path = sample(shared, name)
    tool, columns = READ[name]
    source, part = read(path)
    _, *lines = plain_rows(path)
    assert (source, part.dataset) == (tool, "responses")
    assert part.lines["heading"] == 1
    assert part.lines["data"] == len(lines)
    asked = Counter(str(row.values["item_code"]) for row in part.rows)
    assert asked == {item: sum(bool(line[at].strip()) for line in lines) for item, at in columns.items()}
    for item, at in columns.items():
        given = Counter(line[at].strip() for line in lines)
        answered = Counter(row.values["answer"] for row in part.rows if row.values["item_code"] == item)
        assert sorted(answered.values()) == sorted(given.values())
        assert all(str(answer).isdigit() for answer in answered)
    assert len({row.values["response_code"] for row in part.rows}) == len(lines)


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_what_is_refused_says_why(shared: Path, name: str) -> None:
    with pytest.raises(MendError) as caught:
        read(sample(shared, name))
    assert caught.value.code == REFUSED[name]
    assert caught.value.en != caught.value.id_


@pytest.mark.parametrize("name", sorted([*READ, STARWARS]))
def test_no_sample_is_taken_for_a_questionnaire_of_the_agency(shared: Path, name: str) -> None:
    """Without the tests' mappings the tool is named, and the questions are those of nobody."""
    path = sample(shared, name)
    with pytest.raises(MendError) as caught:
        read(path, CATALOGUE)
    assert caught.value.code == "unknown_form"
    assert recognise_file(file_at(path))[0].NAME in caught.value.en
    for cell in (
        {cell for row in plain_rows(path)[1:] for cell in row if len(cell) > 6} if name != STARWARS else ()
    ):
        assert cell not in caught.value.en


def test_answers_of_kobo_stand_on_their_lines(shared: Path) -> None:
    _, part = read(sample(shared, "kobo_formpack_customer_satisfaction_labels.csv"))
    assert answers(part) == {(2, "enjoyed"): "1", (3, "enjoyed"): "0", (4, "enjoyed"): "0"}
    _, part = read(sample(shared, "kobo_formpack_quotes_newlines_and_long_urls_labels.csv"))
    assert [row.values["answer"] for row in part.rows] == ["1", "1", "0", "1", "1"]
    text = sample(shared, "kobo_formpack_quotes_newlines_and_long_urls_labels.csv").read_text(
        encoding="utf-8"
    )
    lines = text.split("\n")
    starts = [row.row_no for row in part.rows]
    assert starts[:2] == [2, 4]
    assert lines[3].startswith('"Hi, my name is Roger')


def test_kobo_with_a_group_that_repeats_counts_its_lines_and_tells_local_time(shared: Path) -> None:
    path = sample(shared, "kobo_formpack_grouped_repeatable_labels.xlsx")
    _, part = read(path)
    repeat = load_workbook(path).worksheets[1]
    assert part.lines == {"heading": 1, "data": 6, "repeat": repeat.max_row}
    # 2016-03-14T14:18:35-04:00 is the `end` of the first, eleven hours behind Pontianak
    assert part.rows[0].values["submitted_at"] == "2016-03-15 01:18:35"
    assert part.rows == read(sample(shared, "kobo_formpack_grouped_repeatable_xml.xlsx"))[1].rows


def test_words_spelt_out_in_columns_of_their_own_are_not_taken_for_questions(shared: Path) -> None:
    for form in ("labels", "xml"):
        path = sample(shared, f"kobo_formpack_literacy_test_{form}.csv")
        assert len(plain_rows(path)[0]) == 100
        _, part = read(path)
        assert [row.values["answer"] for row in part.rows] == ["16", "9", "14", "7", "12", "7"]


def test_odk_submissions_keep_their_key_and_local_time(shared: Path) -> None:
    _, part = read(sample(shared, "odk_central_structuredform.csv"))
    assert [row.values["response_code"] for row in part.rows] == ["one", "two", "three"]
    assert {row.values["submitted_at"] for row in part.rows} == {"2018-01-01 07:00:00"}
    assert not any("Alice" in str(value) for row in part.rows for value in row.values.values())
    _, part = read(sample(shared, "odk_central_selectMultiple_split.csv"))
    assert answers(part) == {(2, "q1"): "2", (2, "m"): "0", (3, "q1"): "1", (3, "m"): "1"}


# --- StarWars: published by FiveThirtyEight in 2014


@pytest.fixture(scope="module")
def starwars(shared: Path) -> tuple[Part, pd.DataFrame]:
    path = sample(shared, STARWARS)
    source, part = read(path)
    assert source == "SurveyMonkey"
    return part, pd.read_csv(path, encoding="latin-1", skiprows=[1])


def by_item(part: Part) -> dict[str, Counter[str | None]]:
    found: dict[str, Counter[str | None]] = {}
    for row in part.rows:
        found.setdefault(str(row.values["item_code"]), Counter())[row.values["answer"]] += 1
    return found


def test_starwars_lines_are_accounted_for(starwars: tuple[Part, pd.DataFrame]) -> None:
    part, frame = starwars
    assert part.lines == {"heading": 2, "data": 1186}
    assert {row.values["response_code"] for row in part.rows} == set(frame["RespondentID"].astype(str))
    assert (part.rows[0].row_no, part.rows[-1].row_no) == (3, 1188)
    assert {row.values["submitted_at"] for row in part.rows} == {None}


def test_starwars_agrees_with_the_frame_cell_by_cell(starwars: tuple[Part, pd.DataFrame]) -> None:
    part, frame = starwars
    items = [item.code for item in SAMPLE_INSTRUMENTS["starwars"].items]
    columns = [*range(1, 33)]
    assert len(items) == len(columns)
    words = {
        "No": 0, "Yes": 1, "Unfamiliar (N/A)": 0, "Very unfavorably": 1, "Somewhat unfavorably": 2,
        "Neither favorably nor unfavorably (neutral)": 3, "Somewhat favorably": 4, "Very favorably": 5,
        "I don't understand this question": 0, "Greedo": 1, "Han": 2,
    }  # fmt: skip
    expected = {}
    for code, at in zip(items, columns, strict=True):
        for line, value in enumerate(frame.iloc[:, at], start=3):
            if pd.notna(value):
                number = 1 if code.startswith("seen") and code != "seen_any" else words.get(value, value)
                expected[line, code] = str(int(number))
    assert answers(part) == expected
    assert len(expected) == frame.iloc[:, 1:33].notna().sum().sum()


def test_starwars_shares_are_the_published_ones(starwars: tuple[Part, pd.DataFrame]) -> None:
    part, _ = starwars
    found = by_item(part)
    assert found["seen_any"] == {"1": 936, "0": 250}
    assert round(100 * 936 / 1186) == 79
    people = {
        row.row_no for row in part.rows if str(row.values["item_code"]) in {f"seen{n}" for n in range(1, 7)}
    }
    assert len(people) == 835
    counts = [found[f"seen{number}"]["1"] for number in range(1, 7)]
    assert counts == [673, 571, 550, 607, 758, 738]
    shares = [round(100 * count / len(people), 1) for count in counts]
    assert shares == [80.6, 68.4, 65.9, 72.7, 90.8, 88.4]
    published = [80, 68, 66, 73, 91, 88]  # whole percents
    assert [round(share) for share in shares[1:]] == published[1:]
    assert int(shares[0]) == published[0]  # 673 of 835 is 80.6; the article prints 80


def test_starwars_favourites_of_those_who_saw_all_six(starwars: tuple[Part, pd.DataFrame]) -> None:
    part, frame = starwars
    given = answers(part)
    seen_all = [line for line in range(3, 1189) if all((line, f"seen{n}") in given for n in range(1, 7))]
    first = [sum(given.get((line, f"rank{n}")) == "1" for line in seen_all) for n in range(1, 7)]
    everything = frame[frame.iloc[:, 3:9].notna().all(axis=1)]
    assert len(seen_all) == len(everything) == 471
    assert first == (everything.iloc[:, 9:15] == 1).sum().tolist() == [47, 18, 27, 128, 169, 82]
