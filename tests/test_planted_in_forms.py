"""Defects in the exports of every form tool, followed through a real run to the file that goes back.

The returned workbooks are opened by another reader than the library that wrote them.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from cities import CYCLE, Built, City, run_city
from forms import CATALOGUE, file_at
from opened import Opened

from siklatih.contracts import load_contracts
from siklatih.demo.city import Size, write_city
from siklatih.demo.defects_of_forms import plant_in_forms
from siklatih.demo.folders import Folders
from siklatih.instruments import load_instruments
from siklatih.settings import CHECKOUT
from siklatih.sources import recognise_file
from siklatih.sources.returned import TEXT, as_text_again, return_mark

COLOUR = "FFC7CE"
RANGE_5 = "Nilainya harus paling kecil 1 dan paling besar 5."
RANGE_4 = "Nilainya harus paling kecil 1 dan paling besar 4."
MASTER = "Betulkan kodenya, atau kirim dahulu data induknya."
MOMENT = "Tulis tanggal dan jam sebagai TTTT-BB-HH JJ:MM."
DAY = "Tulis tanggal sebagai TTTT-BB-HH."
# the faulty cell of each kind by the heading above it, typed by hand from what each tool writes
HEADINGS = {
    "limesurvey.csv": ("REL[SQ002]", "BATCH", "submitdate"),
    "kobo-nama.csv": ("skm/procedure", "unit_code", "_submission_time"),
    "kobo-label.csv": ("Materi pelatihan/Contoh yang dibahas sesuai dengan pekerjaan saya.", "Kode angkatan", "_submission_time"),
    "kobo-nama.xlsx": ("relevance/rel2", "batch_code", "_submission_time"),
    "kobo-label.xlsx": ("Unsur pelayanan/Kemudahan prosedur", "Kode unit", "_submission_time"),
    "odk.csv": ("skm-procedure", "unit_code", "SubmissionDate"),
    "google-inggris.csv": ("The examples fit my work.", "Batch code", "Timestamp"),
    "google-indonesia.csv": ("Relevance [Contoh yang dibahas sesuai dengan pekerjaan saya.]", "Kode angkatan", "Stempel waktu"),
    "microsoft.xlsx": ("Contoh yang dibahas sesuai dengan pekerjaan saya.", "Kode angkatan", "Completion time"),
    "microsoft.csv": ("The examples fit my work.", "Batch code", "Completion time"),
    "surveymonkey.csv": ("Kemudahan prosedur", "Kode unit", "End Date"),
}  # fmt: skip
KINDS = ("answer outside the scale", "unknown code", "impossible date")
TWO_READINGS = {"google-inggris.csv", "google-indonesia.csv", "microsoft.csv", "surveymonkey.csv"}
# of refusals: is a cell marked, and what the list must say in Indonesian
REFUSED = {
    "unknown question": (True, "tidak dikenal"),
    "dates in two readings": (True, "dua cara"),
    "cut off": (False, "ulang"),
    "wrong encoding": (False, "Ekspor ulang sebagai UTF-8"),
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A small city's master data and batches, without any other defect, with the exports of form tools."""
    place = tmp_path_factory.mktemp("forms")
    config = CHECKOUT / "config"
    world = write_city(place / "inbox", seed=3, size=Size.SMALL, last_cycle=CYCLE, defects=False)
    for path in (place / "inbox").rglob("*"):
        if path.is_file() and path.name not in ("data-induk.xlsx", "pelatihan.xlsx"):
            path.unlink()  # hundreds of files that no form refers to
    folders = Folders(
        place / "inbox", load_contracts(config / "contracts"), load_instruments(config / "instruments")
    )
    planted = plant_in_forms(folders, world)
    return run_city(City(place / "inbox", {"defects": planted}), place / "state")


def planted(run: Built, expected: str) -> list[dict[str, Any]]:
    return [defect for defect in run.city.truth["defects"] if defect["expected"] == expected]


def answer(run: Built, file: str) -> Path:
    return run.state.returns / str(CYCLE) / f"{Path(file).stem}-{run.city.sha(file)[:8]}.xlsx"


def letters(index: int) -> str:
    return (chr(64 + index // 26) if index >= 26 else "") + chr(65 + index % 26)


def listed(book: Opened) -> list[dict[str, Any]]:
    rows = book.values("Perbaikan")
    start = next(number for number, row in enumerate(rows) if row[0] == "lembar / sheet")
    return [dict(zip(rows[start], row, strict=True)) for row in rows[start + 1 :]]


def marked(book: Opened) -> set[str]:
    """Cells that are coloured; each of them has a comment of ours, and no other cell has one."""
    (sheet,) = book.sheets[1:2]
    cells = {cell for cell, colour in book.fills(sheet).items() if colour.endswith(COLOUR)}
    assert cells == {cell for cell, text in book.comments(sheet).items() if "[Siklatih]" in text}
    return cells


def faulty_cell(book: Opened, tool: str, defect: dict[str, Any]) -> str:
    kind = defect["kind"].partition(": ")[2]
    rows = book.values(book.sheets[1])
    heading = HEADINGS[tool][KINDS.index(kind)]
    above = [column for row in rows[:2] for column, text in enumerate(row) if str(text).strip() == heading]
    assert len(above) == 1, (tool, heading)
    return f"{letters(above[0])}{defect['row_no']}"


def remedy_of(defect: dict[str, Any]) -> str:
    is_long = defect["dataset"] == "responses"
    kind = defect["kind"].partition(": ")[2]
    return {
        "answer outside the scale": RANGE_5 if is_long else RANGE_4,
        "unknown code": MASTER,
        "impossible date": MOMENT if is_long else DAY,
    }[kind]


def test_each_kind_is_planted_in_each_format(run: Built) -> None:
    kinds = Counter(defect["kind"] for defect in run.city.truth["defects"])
    expected = [
        f"{tool}: {kind}" for tool in HEADINGS for kind in ("good row", *KINDS, "unknown question", "cut off")
    ]
    expected += [f"{tool}: dates in two readings" for tool in TWO_READINGS]
    expected += [f"{tool}: wrong encoding" for tool in HEADINGS if tool.endswith(".csv")]
    assert kinds == Counter(expected)


def test_each_broken_file_is_refused_for_its_reason_and_no_other(run: Built) -> None:
    with run.warehouse() as con:
        found = con.execute(
            "select file_sha, refused_code, refused_row from quality.files where refused_code is not null"
        ).fetchall()
    wanted = {(run.city.sha(d["file"]), d["rule"], d.get("row_no")) for d in planted(run, "refused")}
    assert set(found) == wanted
    assert len(found) == len(wanted)


def test_each_bad_line_is_caught_by_its_rule_and_no_other(run: Built) -> None:
    with run.warehouse() as con:
        found = con.execute(
            "select file_sha, dataset, row_no, rule, count(*) from quality.quarantine "
            "where severity = 'critical' group by all"
        ).fetchall()
    wanted = {
        (run.city.sha(d["file"]), d["dataset"], d["row_no"], d["rule"], d.get("rows", 1))
        for d in planted(run, "quarantined")
    }
    assert set(found) == wanted
    assert len(found) == len(wanted) == 33


def test_the_good_line_is_read_although_columns_moved_and_one_is_missing(run: Built) -> None:
    for defect in planted(run, "accepted"):
        where = {"sha": run.city.sha(defect["file"]), "row": defect["row_no"]}
        with run.warehouse() as con:
            if defect["dataset"] == "responses":
                rows = con.execute(
                    "select item_code, cast(answer as VARCHAR), batch_code from accepted.responses "
                    "where file_sha = $sha and row_no = $row", where,
                ).fetchall()  # fmt: skip
                found = {item: given for item, given, _ in rows} | {"batch_code": rows[0][2]}
                assert len(rows) == defect["rows"]
            else:
                cursor = con.execute(
                    "select columns(*)::VARCHAR from accepted.service_survey where file_sha = $sha and row_no = $row",
                    where,
                )
                names = [column[0] for column in cursor.description]
                (row,) = cursor.fetchall()
                found = {
                    name: value for name, value in zip(names, row, strict=True) if name in defect["values"]
                }
                assert not [n for n in ("complaint_handling",) if dict(zip(names, row, strict=True))[n]]
        assert found == defect["values"], defect["kind"]


def test_each_faulty_cell_goes_back_coloured_with_rule_and_remedy(run: Built) -> None:
    for defect in planted(run, "quarantined"):
        tool = defect["kind"].partition(":")[0]
        book = Opened(answer(run, defect["file"]))
        cell, remedy = faulty_cell(book, tool, defect), remedy_of(defect)
        (problem,) = [
            row
            for row in listed(book)
            if (row["baris / row"], row["aturan / rule"]) == (defect["row_no"], defect["rule"])
        ]
        assert problem["yang harus dilakukan"] == remedy, defect["kind"]
        assert problem["what to do"]
        is_answer = remedy == RANGE_5
        assert re.fullmatch(r"Jawaban \(\w+: .{9,}\)" if is_answer else r".+", problem["kolom / column"])
        assert cell in marked(book), (defect["kind"], cell, marked(book))
        comment = book.comments(book.sheets[1])[cell]
        assert 0 < comment.index(remedy) < comment.index(problem["what to do"]), "Indonesian comes first"


def test_nothing_else_is_listed_or_marked_and_every_value_is_as_it_was(run: Built) -> None:
    for file in {defect["file"] for defect in planted(run, "quarantined")}:
        faults = [defect for defect in planted(run, "quarantined") if defect["file"] == file]
        tool = faults[0]["kind"].partition(":")[0]
        book = Opened(answer(run, file))
        assert len(listed(book)) == len(faults) == len(KINDS)
        assert marked(book) == {faulty_cell(book, tool, defect) for defect in faults}
        original = run.city.inbox / file
        if original.suffix == ".xlsx":
            sent = Opened(original)
            assert book.sheets == ["Perbaikan", *sent.sheets]
            assert [book.values(name) for name in sent.sheets] == [sent.values(name) for name in sent.sheets]
        else:
            assert book.sheets == ["Perbaikan", "data"]
            assert book.values("data") == table(original)
            assert any("“A”" in str(cell) for row in book.values("data") for cell in row) == (
                not tool.startswith("kobo")
            ), "letters beyond ASCII are there where a text was written"


def table(path: Path) -> list[list[str]]:
    """The cells of a text as its tool wrote them, read apart from our readers."""
    encoding = "cp1252" if path.name.startswith(("microsoft", "surveymonkey")) else "utf-8-sig"
    delimiter = ";" if path.name.startswith(("limesurvey", "kobo")) else ","
    text = path.read_bytes().decode(encoding)
    return [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]


def test_a_return_that_nobody_mended_is_read_as_the_file_it_answers(run: Built, tmp_path: Path) -> None:
    for defect in planted(run, "accepted"):
        (tmp_path / "again.xlsx").write_bytes(answer(run, defect["file"]).read_bytes())
        file = file_at(tmp_path / "again.xlsx")
        mark = return_mark(file)
        assert mark is not None
        assert mark.original_sha == run.city.sha(defect["file"])
        again = as_text_again(file, mark, tmp_path) if mark.form == TEXT else file
        (first,), (second,) = [
            recognise_file(one)[0].read(one, CATALOGUE)
            for one in (file_at(run.city.inbox / defect["file"]), again)
        ]
        assert first.rows == second.rows, defect["kind"]


def test_each_refused_file_is_answered_with_its_reason(run: Built) -> None:
    for defect in planted(run, "refused"):
        kind = defect["kind"].partition(": ")[2]
        has_mark, words = REFUSED[kind]
        book = Opened(answer(run, defect["file"]))
        (problem,) = listed(book)
        assert problem["aturan / rule"] == defect["rule"]
        assert words in problem["yang harus dilakukan"]
        assert problem["what to do"] != problem["yang harus dilakukan"]
        if not has_mark:
            continue
        (cell,) = marked(book)
        assert int("".join(filter(str.isdigit, cell))) == defect["row_no"]
        if kind == "unknown question":
            assert cell.rstrip("0123456789") == problem["kolom / column"]
            heading = book.values(book.sheets[1])[0]
            (place,) = [
                n for n, text in enumerate(heading) if "dingin" in text or "suhu" in text or "DINGIN" in text
            ]
            assert cell == f"{letters(place)}1"


def test_only_files_with_something_to_mend_are_answered(run: Built) -> None:
    files = {d["file"] for expected in ("quarantined", "refused") for d in planted(run, expected)}
    written = sorted((run.state.returns / str(CYCLE)).glob("*.xlsx"))
    assert written == sorted(answer(run, file) for file in files)
