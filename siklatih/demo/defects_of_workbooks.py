"""Defects in the agency's workbook as XLSX, ODS and text of each form, each beside a good row."""

from __future__ import annotations

import io
import zipfile

from siklatih.demo.planting import Planter, swapped
from siklatih.demo.writers.agency_workbook import TEXT_FORMS, ods_workbook_bytes, text_bytes, xlsx_bytes

_COLUMNS = ("material_code", "programme_code", "material_title", "reviewed_on", "cites_superseded")
# an XLSX behind a password lies, encrypted, in such a container, which has a stream of this name
_LOCKED_XLSX = (
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1016) + "EncryptedPackage".encode("utf-16-le") + bytes(2048)
)
_LOCKED_MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest '
    'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry '
    'manifest:full-path="content.xml"><manifest:encryption-data/></manifest:file-entry></manifest:manifest>'
)


def plant_in_workbooks(planter: Planter) -> None:
    """Write and note defective workbooks of each kind."""
    _text(planter)
    _text_refused(planter)
    _books(planter)
    _locked(planter)


def _good(planter: Planter, name: str) -> tuple[object, ...]:
    """A material that no figure is made from."""
    return (f"B-{name}", planter.batch.programme.code, "Modul uji – “coba”", planter.batch.starts, False)


def _text(planter: Planter) -> None:
    day, programme = planter.batch.starts, planter.batch.programme.code
    faults: dict[str, tuple[tuple[object, ...], str, str]] = {
        "comma": (("B-1", "P99", "Modul", day, True), "programme_code.reference", "unknown programme"),
        "semicolon": (("B-2", programme, "Modul, lama", "31/02/2026", True), "reviewed_on.type", "impossible date"),
        "tab": (("B-3", programme, "Modul", day, "mungkin"), "cites_superseded.type", "neither yes nor no"),
        "windows": (("B-4", programme, None, day, False), "material_title.required", "title left out"),
    }  # fmt: skip
    for form, (bad, rule, kind) in faults.items():
        rows = [_good(planter, form), bad]
        content = text_bytes(planter.folders.contracts["materials"], _COLUMNS, rows, TEXT_FORMS[form])
        path = planter.write(f"bahan-{form}.csv", content)
        planter.row(path, "materials", 3, rule, f"Workbook as text, {form}: {kind}")


def _text_refused(planter: Planter) -> None:
    contract = planter.folders.contracts["materials"]
    rows = [_good(planter, "x"), _good(planter, "y")]
    unmarked = text_bytes(contract, _COLUMNS, rows, TEXT_FORMS["tab"])[2:]
    planter.refused("bahan-utf16.csv", unmarked, "nul_bytes", "Workbook as text: UTF-16 without its mark")
    content = text_bytes(contract, _COLUMNS, rows, TEXT_FORMS["comma"])
    short = swapped(content, f"B-y,{planter.batch.programme.code},", "B-y,")
    planter.refused("bahan-geser.csv", short, "broken_csv", "Workbook as text: a line out of step")
    quoted = swapped(content, "B-y,", '"B-y')
    planter.refused("bahan-terpotong.csv", quoted, "broken_csv", "Workbook as text: cut off within a cell")
    people = planter.folders.contracts["enrolments"]
    columns = ("batch_code", "nip", "arm", "enrolled_on", "status")
    number = planter.spare(1)[0].nip
    bad = (planter.batch.code, f"{number[0]},{number[1:6]}E+17", "trained", planter.batch.starts, "enrolled")
    content = text_bytes(people, columns, [bad], TEXT_FORMS["semicolon"])
    planter.refused(
        "peserta-angka.csv", content, "nip_scientific", "Workbook as text: number without its last digits"
    )


def _books(planter: Planter) -> None:
    day, programme = planter.batch.starts, planter.batch.programme.code
    number = planter.spare(1)[0].nip
    scores = (
        "batch_code",
        "nip",
        "occasion",
        "instrument_code",
        "instrument_version",
        "taken_at",
        "score",
        "max_score",
    )
    starts = planter.batch.sessions[0].starts
    for kind, write in (("ODS", ods_workbook_bytes), ("XLSX", xlsx_bytes)):
        test = (planter.batch.code, number, "pre", f"TES-{kind}", "1", starts)
        content = write(
            planter.folders.contracts,
            {
                "materials": (_COLUMNS, [_good(planter, kind), (f"B-{kind}-1", "P99", "Modul", day, True),
                                         (f"B-{kind}-2", programme, "=1+1", day, "mungkin")]),
                "test_scores": (scores, [(*test, 60, 100), (test[0], test[1], "post", *test[3:], 101, 100)]),
            },
            when=planter.when,
            provider=planter.provider,
        )  # fmt: skip
        path = planter.write(f"buku-cacat.{kind.lower()}", content)
        planter.row(
            path, "materials", 3, "programme_code.reference", f"Workbook as {kind}: unknown programme"
        )
        planter.row(path, "materials", 4, "cites_superseded.type", f"Workbook as {kind}: neither yes nor no")
        planter.row(path, "test_scores", 3, "score_above_max", f"Workbook as {kind}: score above the maximum")
        planter.refused(f"buku-terpotong.{kind.lower()}", content[: len(content) // 2], "broken_workbook", f"Workbook as {kind}: cut off")  # fmt: skip


def _locked(planter: Planter) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as container:
        for name, content in (
            ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
            ("content.xml", "x" * 500),
            ("META-INF/manifest.xml", _LOCKED_MANIFEST),
        ):
            container.writestr(zipfile.ZipInfo(name, planter.when.timetuple()[:6]), content)
    planter.refused("buku-terkunci.ods", out.getvalue(), "encrypted", "Workbook as ODS: behind a password")
    planter.refused("buku-terkunci.xlsx", _LOCKED_XLSX, "encrypted", "Workbook as XLSX: behind a password")
