"""Files typed from the published descriptions of the formats, by somebody who saw neither reader nor writer.

Beside each lies what a careful person reads in it. Where the description leaves a choice open, the choice
made here is named below, with its reason; nothing else may differ.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from parts import rows_of

from siklatih.contracts import load_contracts
from siklatih.errors import MendError
from siklatih.instruments import load_instruments
from siklatih.mappings import load_mappings
from siklatih.marks import MARKS_FILE, load_marks
from siklatih.settings import CHECKOUT
from siklatih.sources import recognise_file
from siklatih.sources.protocol import HEAD_BYTES, Catalogue, Part, SourceFile

FIXTURES = Path(__file__).parent / "fixtures"
FORMATS = sorted(path.parent for path in (FIXTURES / "formats").glob("*/expected.json"))
INSTRUMENTS = load_instruments(CHECKOUT / "config" / "instruments")
CONTRACTS = load_contracts(CHECKOUT / "config" / "contracts")
CATALOGUE = Catalogue(
    CONTRACTS,
    INSTRUMENTS,
    load_mappings(FIXTURES / "mappings", INSTRUMENTS),
    load_marks(CHECKOUT / "config" / MARKS_FILE, CONTRACTS["attendance"].column("status")),
)
Values = dict[str, Any]


def without_brackets(row: Values) -> Values:
    """Teams adds (Guest) and the like to a visitor's name; the name is what stands before."""
    return {**row, "name": re.sub(r"\s*\([^()]*\)$", "", row["name"])}


def without_teams_meeting(row: Values) -> Values:
    """Teams' own meeting ID is not the one of the session plan; the part is filed by its days and people."""
    return {**without_brackets(row), "meeting_id": None}


def until_the_last_moment(row: Values) -> Values:
    """Who has no Left line stayed until the last moment that the list knows."""
    return {**without_brackets(row), "left_at": row["left_at"] or "2020-11-18 12:01:09"}


def by_the_original_name(row: Values) -> Values:
    """Zoom writes `Display (Original)` for those who renamed themselves: the original name is the person's."""
    found = re.fullmatch(r".*\((.*)\)", row["name"])
    return {**row, "name": found[1] if found else row["name"]}


def one_name_once(row: Values) -> Values:
    """A person with one name enters it twice, because Moodle wants both."""
    return {**row, "name": " ".join(dict.fromkeys(row["name"].split()))}


def by_contract_columns(row: Values) -> Values:
    """The typed rows name a terminal's own columns; ours are those of presence."""
    return {"terminal_number": row["user"], "joined_at": row["at"], "punch": row["state"]}


DECIDED: dict[str, Callable[[Values], Values]] = {
    "teams_2020_actions": until_the_last_moment,
    "teams_2021_english": without_teams_meeting,
    "teams_2021_french": without_teams_meeting,
    "teams_2022_english": without_brackets,
    "teams_2022_indonesian": without_brackets,
    "zoom_block_commas": by_the_original_name,
    "moodle_attendance_indonesian": one_name_once,
    "zkteco_attlog": by_contract_columns,
}


def read(folder: Path) -> tuple[Values, list[Part]]:
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    path = folder / expected["file"]
    content = path.read_bytes()
    file = SourceFile(path, path.name, len(content), content[:HEAD_BYTES], CATALOGUE)
    source, _ = recognise_file(file)
    return expected, list(source.read(file, CATALOGUE))


def ordered(rows: list[Values]) -> list[str]:
    return sorted(json.dumps(row, sort_keys=True) for row in rows)


def test_there_is_a_fixture_of_every_format() -> None:
    assert len(FORMATS) >= 28


@pytest.mark.parametrize("folder", FORMATS, ids=lambda folder: folder.name)
def test_a_typed_file_is_read_as_a_careful_person_reads_it(folder: Path) -> None:
    if json.loads((folder / "expected.json").read_text(encoding="utf-8")).get("refused"):
        with pytest.raises(MendError):
            read(folder)
        return
    expected, (part,) = read(folder)
    assert part.dataset == expected["dataset"]
    decided = DECIDED.get(folder.name, dict)
    columns = [name for name in decided(expected["rows"][0]) if name != "response_code"]
    wanted = [{name: decided(row)[name] for name in columns} for row in expected["rows"]]
    assert ordered([{name: row.values.get(name) for name in columns} for row in rows_of(part)]) == ordered(
        wanted
    )
    assert part.lines == {kind: count for kind, count in expected["lines"].items() if count}


@pytest.mark.parametrize("folder", FORMATS, ids=lambda folder: folder.name)
def test_answers_to_an_anonymous_form_are_apart_from_any_name(folder: Path) -> None:
    """The tool may add who was signed in; nothing of it stands in an answer."""
    if "forms" not in folder.name:
        return
    expected, (part,) = read(folder)
    assert expected["dataset"] == "responses"
    for row in part.rows:
        assert not {"nip", "email", "name"} & row.values.keys()
        assert "@" not in " ".join(str(value) for value in row.values.values())


def test_each_response_has_a_code_of_its_own() -> None:
    for folder in FORMATS:
        expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
        if expected.get("dataset") == "responses":
            _, (part,) = read(folder)
            people = {row.values["response_code"] for row in part.rows}
            assert None not in people
            assert len({(row.values["response_code"], row.values["item_code"]) for row in part.rows}) == len(
                part.rows
            )
            assert len(people) == len({row.row_no for row in part.rows})
