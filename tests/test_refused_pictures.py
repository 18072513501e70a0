"""Photos and PDF are refused by content, and answered with the workbook into which their list is typed."""

from __future__ import annotations

import io
import shutil
import struct
from pathlib import Path

import pytest
from agencies import BATCH, CONTRACTS, CYCLE, EXPECTED, NOW, PEOPLE, SESSIONS, ask, hand_in, run
from cities import City
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from siklatih.checking import check_files
from siklatih.errors import MendError
from siklatih.guard import inspect
from siklatih.guard.pictures import refuse_picture
from siklatih.ledger import Ledger
from siklatih.limits import Limits
from siklatih.settings import Settings
from siklatih.state import State

SHEETS = ["Perbaikan", "Presensi", "petunjuk", "meta"]


def _weasy_pdf() -> bytes:
    from siklatih.report.rendering import print_pdf  # noqa: PLC0415

    return print_pdf("<html lang=id><title>Daftar</title><p>Daftar hadir</p></html>")


def picture(kind: str) -> bytes:
    """A small whole picture as Pillow writes it; HEIC by its first boxes, for Pillow cannot."""
    if kind == "HEIC":
        return struct.pack(">I", 24) + b"ftypheic" + bytes(4) + b"mif1heic" + struct.pack(">I", 8) + b"meta"
    from PIL import Image  # noqa: PLC0415

    out = io.BytesIO()
    Image.effect_noise((64, 48), 80).convert("RGB").save(out, format=kind)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "TIFF", "WEBP", "BMP", "HEIC"])
@pytest.mark.parametrize("name", ["foto.jpg", "presensi.xlsx", "daftar.csv", "berkas"])
def test_a_picture_is_known_by_its_content(tmp_path: Path, kind: str, name: str) -> None:
    (verdict,) = checked(tmp_path, picture(kind), name)
    assert verdict.refusal is not None
    assert (verdict.code, verdict.refusal.code) == (2, "picture")
    assert "buku kerja" in verdict.refusal.id_
    assert "workbook" in verdict.refusal.en


@pytest.mark.parametrize("name", ["daftar.pdf", "daftar.xlsx"])
def test_a_pdf_is_known_by_its_content(tmp_path: Path, name: str) -> None:
    for content in (_weasy_pdf(), b"\r\n%PDF-1.4\n", b"\xef\xbb\xbf%PDF-1.7\n"):
        (verdict,) = checked(tmp_path, content, name)
        assert verdict.refusal is not None
        assert verdict.refusal.code == "pdf"


@pytest.mark.parametrize("content", [
    b"BMKG,nilai\nP01,1\n", b"BM;unit\n", b"MM,1\n", b"II,2\n", b"RIFF,WEBP\n", b"GIF,1\n", b"nama\n%PDF-1.4\n",
    b"ftyp,heic\n", b"PK\x03\x04", b"",
])  # fmt: skip
def test_other_files_are_no_pictures(content: bytes) -> None:
    refuse_picture(content)


@given(st.text(alphabet=st.characters(min_codepoint=9, exclude_categories=["Cs"]), max_size=200))
def test_no_text_but_one_that_begins_as_a_pdf_is_taken_for_either(text: str) -> None:
    content = text.encode()
    if not content.removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"%PDF-", b"GIF8")):
        refuse_picture(content)


def test_a_picture_is_told_before_its_size(tmp_path: Path) -> None:
    path = tmp_path / "besar.png"
    path.write_bytes(picture("PNG"))
    with pytest.raises(MendError) as caught:
        inspect(path, path.stat().st_size, path.read_bytes(), Limits(file_bytes=10))
    assert caught.value.code == "picture"


def checked(tmp_path: Path, content: bytes, name: str, *, write_return: bool = False) -> list:
    path = tmp_path / name
    path.write_bytes(content)
    return list(check_files([path], Settings(home=tmp_path / "state"), write_return=write_return))


def test_the_check_of_a_photo_writes_the_blank_workbook(tmp_path: Path) -> None:
    """Who checks alone has no state folder, so nobody's name can be in it; typed, it is read."""
    (verdict,) = checked(tmp_path, picture("JPEG"), "hadir.xlsx", write_return=True)
    assert verdict.answer == tmp_path / "hadir-perbaikan.xlsx"
    book = load_workbook(verdict.answer)
    assert book.sheetnames == SHEETS
    assert [row for row in book["Presensi"].iter_rows(min_row=2, values_only=True) if any(row)] == []
    titles = [cell.value for cell in book["Presensi"][1]]
    assert titles == [column.title_id for column in CONTRACTS["attendance"].columns]
    assert "Ketik daftar" in str(book["Perbaikan"]["A4"].value)
    for number, value in ((1, BATCH), (2, SESSIONS[0][0]), (3, EXPECTED[0]), (6, "Hadir")):
        book["Presensi"].cell(2, number, value)
    book.save(verdict.answer)
    (again,) = check_files([verdict.answer], Settings(home=tmp_path / "state"), write_return=False)
    assert (again.source, again.accepted, again.put_aside) == ("Agency workbook", 1, 0)


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory) -> State:
    """An agency with photos: in the batch's folder, in one of a batch without sessions, and in none."""
    home = tmp_path_factory.mktemp("agency") / "state"
    hand_in(home)
    inbox = home / "inbox" / str(CYCLE) / "panitia"
    for folder, name, content in (
        (BATCH, "foto.jpg", picture("JPEG")),
        ("PK-TANPA-SESI", "foto.png", picture("PNG")),
        (".", "scan.pdf", _weasy_pdf()),
    ):
        (inbox / folder).mkdir(parents=True, exist_ok=True)
        (inbox / folder / name).write_bytes(content)
    return run(home)


def answer(state: State, stem: str) -> Path:
    (found,) = (state.returns / str(CYCLE)).glob(f"{stem}-????????.xlsx")
    return found


def rows(path: Path) -> list[tuple[object, ...]]:
    sheet = load_workbook(path)["Presensi"]
    return [row for row in sheet.iter_rows(min_row=2, values_only=True) if any(row)]


def code_of(state: State, path: Path) -> str:
    (found,) = ask(state, f"select refused_code from quality.files where file_sha like '{path.stem[-8:]}%'")
    return str(found[0])


def test_the_return_of_a_photo_in_a_batchs_folder_is_its_list(agency: State) -> None:
    path = next(place for place in (agency.returns / str(CYCLE)).glob("foto-*.xlsx") if rows(place))
    assert code_of(agency, path) == "picture"
    assert load_workbook(path).sheetnames == SHEETS
    assert {row[3] for row in rows(path)} == {PEOPLE[nip] for nip in EXPECTED}
    assert len(rows(path)) == len(EXPECTED) * len(SESSIONS)


def test_without_a_batch_or_its_sessions_the_return_is_the_blank_workbook(agency: State) -> None:
    blank = [place for place in (agency.returns / str(CYCLE)).glob("foto-*.xlsx") if not rows(place)]
    assert len(blank) == 1
    assert code_of(agency, answer(agency, "scan")) == "pdf"
    assert rows(answer(agency, "scan")) == []
    assert load_workbook(answer(agency, "scan")).sheetnames == SHEETS


def test_a_persons_word_about_a_scan_gives_it_the_names(agency: State, tmp_path: Path) -> None:
    home = tmp_path / "state"
    shutil.copytree(agency.home, home)
    state = State(home)
    ledger = Ledger(state.ledger)
    (sha,) = (
        receipt.file_sha for receipt in ledger.receipts() if receipt.file_sha.startswith(answer(state, "scan").stem[-8:])
    )  # fmt: skip
    ledger.add_filing(sha, batch_code=BATCH, provider=None, filed_at=NOW)
    ledger.close()
    run(home)
    assert len(rows(answer(state, "scan"))) == len(EXPECTED) * len(SESSIONS)


def test_the_typed_workbook_comes_back_and_the_photo_no_longer_waits(agency: State, tmp_path: Path) -> None:
    home = tmp_path / "state"
    shutil.copytree(agency.home, home)
    state = State(home)
    path = next(place for place in (state.returns / str(CYCLE)).glob("foto-*.xlsx") if rows(place))
    book = load_workbook(path)
    for number in range(2, len(EXPECTED) * len(SESSIONS) + 2):
        book["Presensi"].cell(number, 6, "P")
    book.save(home / "inbox" / str(CYCLE) / "panitia" / "ketikan.xlsx")
    run(home)
    assert not path.exists()
    assert ask(state, "select count(*) from core.fct_attendance where is_present") == [(8,)]
    (replay,) = ask(state, "select file_sha from quality.released where dataset = 'attendance'")
    assert str(replay[0]).startswith(path.stem[-8:])


def test_the_demos_picture_is_planted_as_one(city: City) -> None:
    (defect,) = (d for d in city.truth["defects"] if d["kind"] == "picture renamed to .xlsx")
    assert defect["rule"] == "picture"
    with pytest.raises(MendError):
        refuse_picture((city.inbox / defect["file"]).read_bytes())


def test_answers_are_the_same_bytes_every_time(agency: State, tmp_path: Path) -> None:
    home = tmp_path / "state"
    shutil.copytree(agency.home, home)
    before = {path.name: path.read_bytes() for path in (agency.returns / str(CYCLE)).glob("*.xlsx")}
    run(home)
    assert {
        path.name: path.read_bytes() for path in (State(home).returns / str(CYCLE)).glob("*.xlsx")
    } == before
    assert len(before) == 3
