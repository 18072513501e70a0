"""The demo city writes every format: a large one in each quarter, a small one over its two years."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from cities import CYCLE, City

from siklatih.contracts import load_contracts
from siklatih.demo.city import Size, make_world, write_city
from siklatih.demo.formats import ZOOM, ListForm, SurveyTool
from siklatih.demo.training import Batch
from siklatih.demo.world import World
from siklatih.demo.writers.moodle_quiz import QuizLayout
from siklatih.demo.writers.teams_attendance import TeamsShape
from siklatih.instruments import load_instruments
from siklatih.settings import CHECKOUT
from siklatih.sources import recognise_file
from siklatih.sources.protocol import HEAD_BYTES, Catalogue, SourceFile

CATALOGUE = Catalogue(
    load_contracts(CHECKOUT / "config" / "contracts"), load_instruments(CHECKOUT / "config" / "instruments")
)


def used(world: World, batches: list[Batch]) -> set[object]:
    """All formats of these batches."""
    found: set[object] = set()
    for batch in batches:
        formats = world.formats[batch.code]
        assert (formats.attendance is None) == batch.is_online
        assert len(formats.meetings) == (len(batch.sessions) if batch.is_online else 0)
        found |= {*formats.meetings, formats.attendance, formats.quiz, formats.survey}
        found |= {formats.language, formats.in_folder}
    return found - {None}


EVERY = {*ZOOM, *TeamsShape, *ListForm, *QuizLayout, *SurveyTool, "en", "id", True, False}


@pytest.mark.parametrize("seed", [1, 2])
def test_a_large_city_uses_every_format_in_every_quarter(seed: int) -> None:
    world = make_world(seed, Size.FULL.value, CYCLE)
    for cycle in world.cycles:
        assert used(world, world.batches_of(cycle)) == EVERY, cycle


@pytest.mark.parametrize("seed", range(1, 11))
def test_a_small_city_uses_every_format_in_two_years(seed: int) -> None:
    world = make_world(seed, Size.SMALL.value, CYCLE)
    assert used(world, world.batches) == EVERY


def test_files_of_every_tool_lie_in_the_inbox_and_no_two_sources_want_one(city: City) -> None:
    """Told by what is in them, apart from those that are made to be refused."""
    refused = {defect["file"] for defect in city.truth["defects"] if defect["expected"] == "refused"}
    found: Counter[str] = Counter()
    for path in sorted(city.inbox.rglob("*")):
        if path.is_file() and path.relative_to(city.inbox).as_posix() not in refused:
            content = path.read_bytes()
            file = SourceFile(path, "berkas", len(content), content[:HEAD_BYTES], CATALOGUE)
            found[recognise_file(file)[0].NAME] += 1
    tools = ("Agency workbook", "LimeSurvey", "Microsoft Teams attendance", "Moodle attendance", "Moodle quiz",
             "ZKTeco attlog", "Zoom participants", "KoboToolbox", "ODK Central", "Google Forms", "Microsoft Forms",
             "SurveyMonkey")  # fmt: skip
    assert set(tools) <= set(found)


def test_every_quarter_has_text_in_each_encoding_and_a_spreadsheet_of_each_kind(city: City) -> None:
    for folder in sorted(city.inbox.iterdir()):
        agency = [
            path.read_bytes()[:200]
            for provider in ("bkpsdm", "ortala")
            for path in sorted((folder / provider).glob("*"))
            if "survey" not in path.name
        ]
        starts = {content[:2] for content in agency}
        assert {b"PK", b"\xff\xfe", b"\xef\xbb"} <= starts, folder.name
        assert {content[30:38] == b"mimetype" for content in agency if content[:2] == b"PK"} == {True, False}
        text = [content for content in agency if content[:2] not in (b"PK", b"\xff\xfe", b"\xef\xbb")]
        assert {b"\xe2\x80\x93" in content for content in text} == {True, False}, "UTF-8 and Windows-1252"


def test_the_same_seed_gives_the_same_bytes(city: City, tmp_path: Path) -> None:
    write_city(tmp_path / "inbox", seed=1, size=Size.SMALL, last_cycle=CYCLE)
    first = {path.relative_to(city.inbox): path for path in city.inbox.rglob("*") if path.is_file()}
    again = {p.relative_to(tmp_path / "inbox"): p for p in (tmp_path / "inbox").rglob("*") if p.is_file()}
    assert first.keys() == again.keys()
    for name, path in first.items():
        assert path.read_bytes() == again[name].read_bytes(), name
        assert path.stat().st_mtime == again[name].stat().st_mtime, name
