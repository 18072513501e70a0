"""Every bound of a file, shown to be kept and shown to be broken, before any parser sees the file."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hostile import (
    BOOK,
    RELATIONS,
    ROOT,
    cell,
    container,
    ods,
    ods_row,
    renamed,
    sheet,
    strings,
    with_declared_size,
    with_flag,
    workbook,
)
from openpyxl import Workbook
from python_calamine import CalamineError, CalamineWorkbook

from siklatih.errors import MendError
from siklatih.guard import inspect
from siklatih.guard.xml_quick import QuickScan, Unsure
from siklatih.limits import Limits
from siklatih.reading import Reader
from siklatih.settings import CHECKOUT, Settings

DEFAULT = Limits()
FAR = "XFD1048576"
SURVEY = b"id;submitdate;lastpage;startlanguage"
MOODLE = (
    b"Course\tPelatihan\nGroup\tP01-A1\n\nLast name\tFirst name\tID number\t12 Aug 2026 08.00AM All students\n"
    b"Contohwan\tRangga\t198001012006041001\tP (2/2)\n"
)


def check(folder: Path, content: bytes, limits: Limits = DEFAULT) -> None:
    path = folder / "file"
    path.write_bytes(content)
    inspect(path, len(content), content[:65536], limits)


def refusal(folder: Path, content: bytes, limits: Limits = DEFAULT) -> MendError:
    with pytest.raises(MendError) as caught:
        check(folder, content, limits)
    assert caught.value.en != caught.value.id_
    return caught.value


def nested(depth: int) -> bytes:
    return workbook(sheet1=sheet(cell("A1"), after="<a>" * (depth - 1) + "</a>" * (depth - 1)))


def elements(content: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return sum(len(list(ET.fromstring(archive.read(name)).iter())) for name in archive.namelist())


def sizes(content: bytes) -> list[int]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [entry.file_size for entry in archive.infolist()]


def ratio(content: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return max(-(-entry.file_size // entry.compress_size) for entry in archive.infolist())


MANY = workbook("".join(cell(f"C{row}", f"isi {row}") for row in range(1, 4001)))
TIGHT = workbook(sheet1=sheet(cell("A1"), after=" " * 2_000_000))
SHARED = workbook(sharedStrings=strings([f"<t>teks {number}</t>" for number in range(500)]))
TABLE = b"id,name\r\n" + b"1,a\r\n" * 50_000 + b"2," + b"b" * 998 + b"\r\n" + b"3,c\r\n" * 50_000
WIDE = b"a;b\n" * 70_000 + b";".join([b"x"] * 300) + b"\n1;2\n"
LONG = 40_000

# bound, file, what the file has of it, code of the refusal when one less is allowed
BOUNDS: list[tuple[str, bytes, Callable[[bytes], int], str]] = [
    ("file_bytes", TABLE, len, "file_too_large"),
    ("members", MANY, lambda content: len(sizes(content)), "too_many_members"),
    ("member_bytes", MANY, lambda content: max(sizes(content)), "member_too_large"),
    ("unpacked_bytes", MANY, lambda content: sum(sizes(content)), "unpacked_too_large"),
    ("ratio", TIGHT, ratio, "packed_too_tightly"),
    ("xml_depth", nested(50), lambda _: 50, "xml_too_deep"),
    ("xml_elements", MANY, elements, "xml_too_many_elements"),
    ("sheet_cells", MANY, lambda _: 3 * 4000, "sheet_too_large"),
    ("sheet_cells", workbook(cell("A1") + cell("ZZ20000")), lambda _: 702 * 20_000, "sheet_too_large"),
    ("sheet_cells", ods(ods_row(rows=300, columns=70)), lambda _: 21_000, "sheet_too_large"),
    ("sheet_cells", ods(ods_row("", rows=99, columns=9) + ods_row()), lambda _: 100, "sheet_too_large"),
    ("cell_chars", workbook(cell("B7", "é" * LONG)), lambda _: LONG, "cell_too_long"),
    ("cell_chars", workbook(cell("B7", "&amp;" * LONG)), lambda _: LONG, "cell_too_long"),
    ("cell_chars", workbook(sharedStrings=strings([f"<t>{'x' * LONG}</t>"])), lambda _: LONG, "cell_too_long"),
    ("cell_chars", workbook(sharedStrings=strings(["<r><t>ab</t></r>" * 20_000])), lambda _: LONG, "cell_too_long"),
    ("cell_chars", ods(ods_row("x" * LONG)), lambda _: LONG, "cell_too_long"),
    ("cell_chars", ods(ods_row('<text:s text:c="40000"/>')), lambda _: LONG, "cell_too_long"),
    ("strings", SHARED, lambda _: 500, "too_many_strings"),
    ("strings_bytes", SHARED, lambda content: sizes(content)[-1], "strings_too_large"),
    ("line_bytes", TABLE, lambda _: 1000, "line_too_long"),
    ("line_cells", WIDE, lambda _: 300, "line_too_many_cells"),
    ("line_cells", WIDE.decode().encode("utf-16"), lambda _: 300, "line_too_many_cells"),
]  # fmt: skip
OPEN = replace(DEFAULT, cell_chars=10**6, ratio=1000)


@pytest.mark.parametrize(("bound", "content", "measure", "code"), BOUNDS)
def test_a_file_at_its_bound_passes_and_one_beyond_is_refused(
    tmp_path: Path, bound: str, content: bytes, measure: Callable[[bytes], int], code: str
) -> None:
    reached = measure(content)
    check(tmp_path, content, replace(OPEN, **{bound: reached}))
    assert refusal(tmp_path, content, replace(OPEN, **{bound: reached - 1})).code == code


def test_every_bound_is_tried() -> None:
    assert {bound for bound, *_ in BOUNDS} == set(Limits.__dataclass_fields__)


def test_settings_say_the_bounds() -> None:
    assert Settings(_env_file=None).limits() == DEFAULT
    chosen = Settings(_env_file=None, reader_file_mb=3, reader_line_cells=7).limits()
    assert (chosen.file_bytes, chosen.line_cells) == (3 << 20, 7)


def test_repeated_text_counts_as_often_as_it_is_written(tmp_path: Path) -> None:
    content = ods(ods_row("abcd", rows=1000, columns=500))
    check(tmp_path, content, replace(DEFAULT, unpacked_bytes=2_000_000))
    found = refusal(tmp_path, content, replace(DEFAULT, unpacked_bytes=1_999_999))
    assert (found.code, found.row, found.column) == ("repeated_too_often", 1000, "SF")


def test_a_stray_cell_is_named_by_sheet_and_address(tmp_path: Path) -> None:
    found = refusal(tmp_path, workbook(cell("A1") + cell(FAR)))
    assert (found.code, found.row, found.column) == ("sheet_too_large", 1_048_576, "XFD")
    assert "Sheet number 2 reaches to cell XFD1048576" in found.en
    assert "Lembar ke-2 terisi sampai sel XFD1048576" in found.id_


@pytest.mark.parametrize("far", [
    f"<row r='1048576'><c r='{FAR}'><v>1</v></c></row>",
    f'<row r="1048576"><c  r = "{FAR}" ><v>1</v></c></row>',
    f'<row r="1048576"><c\n\tr="{FAR}"><v>1</v></c></row>',
    f'<row r="1048576"><c r="{FAR.lower()}"><v>1</v></c></row>',
    f'<row r="1048576"><c cm="1" r="{FAR}"><v>1</v></c></row>',
    f'<x:row r="1048576"><x:c r="{FAR}"><x:v>1</x:v></x:c></x:row>',
    '<row r="1"><c r="XFD1"><v>1</v></c></row><row r="1048576"><c><v>1</v></c></row>',
    f'<row r="1"><c r="{FAR}" t="inlineStr"><is><t></t></is></c></row>',
    f'<foo><c r="{FAR}"><v>1</v></c></foo>',
    f'<row r="2"><c r="A2" t="str"><v>a > b, "c" \' !</v></c></row><row r="1048576"><c r="{FAR}"><v>1</v></c></row>',
    f'<row r="2"><!-- <c r="A2"> --><c r="{FAR}"><v><![CDATA[<]]></v></c></row>',
    '<row r="9"><c r="AAAA9"><v>1</v></c></row>',
    '<row r="9"><c r="A1048577"><v>1</v></c></row>',
    '<row r="9"><c r="A4294967297"><v>1</v></c></row>',
])  # fmt: skip
def test_a_stray_cell_is_found_however_it_is_written(tmp_path: Path, far: str) -> None:
    assert refusal(tmp_path, workbook(cell("A1") + far)).code == "sheet_too_large"


@pytest.mark.parametrize(("far", "code"), [
    (f'<row r="1"><c r="A1" r="{FAR}"><v>1</v></c></row>', "broken_xml"),  # parsers differ on which counts
    ('<row r="1"><c r="A1"><v>1</v></row>', "broken_xml"),
    ('<row r="1"><c r="1A"><v>1</v></c></row>', "cell_reference"),
    ('<row r="x"><c><v>1</v></c></row>', "cell_reference"),
])  # fmt: skip
def test_a_place_that_can_be_read_in_two_ways_is_refused(tmp_path: Path, far: str, code: str) -> None:
    # the comment keeps the quick pass from clearing what a parser would refuse itself
    assert refusal(tmp_path, workbook(f"<!-- -->{far}")).code == code


def test_a_far_cell_that_is_only_coloured_is_none(tmp_path: Path) -> None:
    check(tmp_path, workbook(cell("A1") + f'<row r="1048576"><c r="{FAR}" s="1"/></row>'))
    check(tmp_path, ods(ods_row() + ods_row("", rows=1_048_575, columns=16_384)))


@pytest.mark.parametrize("name", ["xl/media/image1.png", "docProps/x"])
def test_a_sheet_under_the_name_of_something_else_is_measured(tmp_path: Path, name: str) -> None:
    parts = {"xl/workbook.xml": BOOK, "xl/_rels/workbook.xml.rels": RELATIONS, name: sheet(cell(FAR))}
    assert refusal(tmp_path, container(parts)).code == "sheet_too_large"


@pytest.mark.parametrize("name", ["xl/sharedStrings.xml", "content.xml", "xl/workbook.xml"])
def test_a_sheet_where_none_belongs_is_refused(tmp_path: Path, name: str) -> None:
    assert refusal(tmp_path, container({name: sheet(cell(FAR))})).code == "cell_reference"


def test_the_parser_takes_shared_texts_from_one_place_only() -> None:
    """The guard measures that place; this fails when another version of the parser follows relationships."""
    here, there = "xl/sharedStrings.xml", "xl/others.xml"
    away = RELATIONS.replace(
        "</Rel", '<Relationship Id="rId9" Type="TYPE/sharedStrings" Target="others.xml"/></Rel'
    )
    relations = away.replace("TYPE", "http://schemas.openxmlformats.org/officeDocument/2006/relationships")
    for place, readable in ((here, True), (there, False)):
        members = {
            "_rels/.rels": ROOT,
            "xl/workbook.xml": BOOK,
            "xl/_rels/workbook.xml.rels": relations,
            "xl/worksheets/sheet1.xml": sheet('<row r="1"><c r="A1" t="s"><v>0</v></c></row>'),
            "xl/worksheets/sheet2.xml": sheet(""),
            place: strings(["<t>isi</t>"]),
        }
        book = CalamineWorkbook.from_filelike(io.BytesIO(container(members)))
        if readable:
            assert book.get_sheet_by_index(1).to_python() == [["isi"]]
        else:
            with pytest.raises(CalamineError):
                book.get_sheet_by_index(1)


def lying_small() -> bytes:
    return with_declared_size(workbook(cell("A1", "x" * 9000)), "xl/worksheets/sheet1.xml", 500)


def many_members() -> bytes:
    return container({f"m{number}": b"" for number in range(100_000)}, method=zipfile.ZIP_STORED)


def laughs() -> str:
    lines = ['<!ENTITY a0 "ha">'] + [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)]
    return f"<!DOCTYPE worksheet [{''.join(lines)}]>"


def entity(path: Path) -> str:
    return f'<!DOCTYPE worksheet [<!ENTITY x SYSTEM "{path.as_uri()}">]>'


def overlapping() -> bytes:
    """Two entries of the directory share the bytes of one member."""
    content = bytearray(container({"a1.xml": "<a/>", "a2.xml": "<a/>"}, method=zipfile.ZIP_STORED))
    first = content.index(b"PK\x01\x02")
    second = content.index(b"PK\x01\x02", first + 1)
    content[second + 42 : second + 46] = content[first + 42 : first + 46]
    return bytes(content)


WHOLE = workbook(cell("A1"))
SECOND = "xl/worksheets/sheet2.xml"
SECRET = "Every bound of a file"  # in this very file, which the external entity asks for
HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "zip bomb": (lambda: container({"xl/worksheets/sheet1.xml": b" " * 30_000_000}), "packed_too_tightly"),
    "zip bomb in a zip": (
        lambda: container({"inner.zip": container({"zeros": bytes(20_000_000)}) * 70}),
        "packed_too_tightly",
    ),
    "declared size too small": (lying_small, "declared_size"),
    "declared size too large": (lambda: with_declared_size(WHOLE, SECOND, 90_000), "declared_size"),
    "100,000 members": (many_members, "too_many_members"),
    "shared bytes": (overlapping, "broken_workbook"),
    "deep XML": (lambda: nested(100_000), "xml_too_deep"),
    "billion laughs": (
        lambda: workbook(sheet1=sheet(cell("A1", "&a9;"), before=laughs())),
        "xml_doctype",
    ),
    "external entity": (
        lambda: workbook(sheet1=sheet(cell("A1", "&x;"), before=entity(Path(__file__).resolve()))),
        "xml_doctype",
    ),
    "entity in shared strings": (
        lambda: workbook(sharedStrings=strings(["<t>x</t>"]).replace("<sst", laughs() + "<sst", 1)),
        "xml_doctype",
    ),
    "UTF-16 with entities": (
        lambda: workbook(sheet1=sheet("", before=laughs()).replace("UTF-8", "UTF-16").encode("utf-16")),
        "xml_encoding",
    ),
    "another encoding": (
        lambda: workbook(sheet1=sheet("").replace("UTF-8", "ISO-8859-1")),
        "xml_encoding",
    ),
    "stray cell": (lambda: workbook(cell("A1") + cell(FAR)), "sheet_too_large"),
    "cell of 40,000 characters": (lambda: workbook(cell("C2", "x" * 40_000)), "cell_too_long"),
    "truncated zip": (lambda: WHOLE[: len(WHOLE) // 2], "broken_workbook"),
    "zip with bytes after it": (lambda: WHOLE + b"\r\n", "broken_workbook"),
    "path traversal": (lambda: container({"../../etc/cron.d/x": "x"}), "member_name"),
    "absolute path": (lambda: container({"/etc/x": "x"}), "member_name"),
    "path of a disk": (lambda: container({"c:\\x": "x"}), "member_name"),
    "member twice": (lambda: renamed(WHOLE, "sheet2.xml", "SHEET1.xml"), "member_twice"),
    "member under a password": (lambda: with_flag(WHOLE, 1), "encrypted"),
    "unusual packing": (lambda: container({"a": b"a" * 99}, method=zipfile.ZIP_LZMA), "container_method"),
    "repeated cells": (lambda: ods(ods_row(rows=1_048_576, columns=16_384)), "sheet_too_large"),
    "blanks by the million": (lambda: ods(ods_row('<text:s text:c="900000000"/>')), "cell_too_long"),
    "zero bytes": (lambda: SURVEY + b"\r\n1;\x00\x00\x00\r\n", "nul_bytes"),
    "one endless line": (lambda: SURVEY + b"x" * 2_000_000, "line_too_long"),
    "100,000 cells": (lambda: SURVEY + b";" * 100_000, "line_too_many_cells"),
}


@pytest.mark.parametrize("what", sorted(HOSTILE))
def test_a_hostile_file_is_refused_with_its_reason(tmp_path: Path, what: str) -> None:
    make, code = HOSTILE[what]
    found = refusal(tmp_path, make())
    assert found.code == code
    assert SECRET not in str(found)


def test_one_reading_process_refuses_them_all_and_reads_what_comes_between(tmp_path: Path) -> None:
    """The run goes on with the next file, in the same process and without a child that died."""
    with Reader(key=bytes(32), config=CHECKOUT / "config", memory_bytes=1 << 30, seconds=60) as reader:
        process = reader._process
        for number, (what, (make, code)) in enumerate(sorted(HOSTILE.items())):
            for name, content in (("hostile", make()), ("good", MOODLE)):
                path, out = tmp_path / name, tmp_path / f"{name}-{number}"
                path.write_bytes(content)
                out.mkdir()
                outcome = reader.read(path, name, out)
                if name == "good":
                    assert outcome.refusal is None, what
                    assert [part.rows for part in outcome.parts] == [1], what
                else:
                    assert outcome.refusal is not None, what
                    assert outcome.refusal.code == code, what
                    assert list(out.iterdir()) == [], what
        assert reader._process is process


def test_the_settings_reach_the_child(tmp_path: Path) -> None:
    limits = Settings(_env_file=None, reader_line_bytes=1000).limits()
    (tmp_path / "long").write_bytes(MOODLE + b"x" * 1001)
    with Reader(
        key=bytes(32), config=CHECKOUT / "config", memory_bytes=1 << 30, seconds=60, limits=limits
    ) as reader:
        outcome = reader.read(tmp_path / "long", "long", tmp_path)
    assert outcome.refusal is not None
    assert (outcome.refusal.code, outcome.refusal.row) == ("line_too_long", 6)


def test_a_link_to_another_workbook_is_not_followed(tmp_path: Path) -> None:
    away = RELATIONS.replace(
        "</Rel", '<Relationship Id="rId9" Target="file:///x" TargetMode="External"/></Rel'
    )
    parts = {"xl/workbook.xml": BOOK, "xl/_rels/workbook.xml.rels": away, "xl/externalLinks/a.xml": "<a/>"}
    check(tmp_path, container(parts))


def test_zero_bytes_are_found_far_into_a_text_and_named_by_line(tmp_path: Path) -> None:
    assert refusal(tmp_path, b"a;b\r\n" * 100_000 + b"c;\x00\r\n").row == 100_001
    check(tmp_path, "a;b\r\n".encode("utf-16") * 3)
    check(
        tmp_path, b"\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00"
    )  # no text: told as an unknown kind later
    assert refusal(tmp_path, b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR").code == "picture"


@pytest.mark.parametrize("coding", ["utf-16-le", "utf-16-be"])
def test_wide_text_without_its_mark_is_told_whatever_its_letters(tmp_path: Path, coding: str) -> None:
    """The bytes of “ and – are no text, seen one by one; a picture with as many zeros is no text at all."""
    assert refusal(tmp_path, "Judul;“Modul” – é\r\n1;2\r\n".encode(coding)).code == "nul_bytes"
    check(tmp_path, b"\x89P\n\x00" + b"\x00\x01" * 40)


def test_a_password_on_a_new_workbook_is_told(tmp_path: Path) -> None:
    compound = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    assert refusal(tmp_path, compound + "EncryptedPackage".encode("utf-16-le")).code == "encrypted"
    check(tmp_path, compound)
    manifest = "<manifest><file-entry><encryption-data/></file-entry></manifest>"
    assert refusal(tmp_path, container({"META-INF/manifest.xml": manifest})).code == "encrypted"
    scrambled = {"content.xml": b"\x8f\x00\x12" * 40, "META-INF/manifest.xml": manifest}
    assert refusal(tmp_path, container(scrambled)).code == "encrypted"  # and not broken inside


def pieces(content: bytes, size: int) -> list[bytes]:
    return [content[start : start + size] for start in range(0, len(content), size)]


@pytest.mark.parametrize("size", [1, 7, 1000, 1 << 20])
def test_the_quick_pass_counts_what_a_parser_counts(tmp_path: Path, size: int) -> None:
    """On a workbook as openpyxl writes it; the pieces' size makes no difference."""
    book = Workbook()
    for number in range(200):
        book.active.append([f"Ma'ruf {number}", number, None, 'ukuran 5" : III/c!', True, "a\nb"])
    book.save(tmp_path / "book.xlsx")
    with zipfile.ZipFile(tmp_path / "book.xlsx") as archive:
        for name in archive.namelist():
            if not name.endswith(".xml") or name.startswith("docProps"):
                continue
            content = archive.read(name)
            scan = QuickScan(DEFAULT, strings=name.endswith("sharedStrings.xml"))
            scan.scan(pieces(content, size))
            assert scan.elements == len(list(ET.fromstring(content).iter())), name


@pytest.mark.parametrize("odd", [
    '<a x="/>">1</a>', "<a x='1'/>", "<a><!-- --></a>", "<a>]]&gt; ></a>", '<a x="<b>"/>', "<a", "<a></a></a>",
    "<a>\x01</a>", "<?pi?><a/>",
])  # fmt: skip
def test_the_quick_pass_does_not_clear_what_it_cannot_tell(odd: str) -> None:
    with pytest.raises(Unsure):
        QuickScan(DEFAULT, strings=False).scan([odd.encode()])
