"""Files of every format, sound ones, to be damaged: the city's, those typed by hand, and tables of others."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from cities import City
from forms import csv_bytes, xlsx_bytes

from siklatih.errors import MendError
from siklatih.guard import inspect
from siklatih.limits import Limits
from siklatih.reader import load_catalogue
from siklatih.settings import CHECKOUT
from siklatih.sources import recognise_file
from siklatih.sources.protocol import HEAD_BYTES, Catalogue, SourceFile

FIXTURES = Path(__file__).parent.parent / "fixtures"
_MAPPING = """
code: rekap_aduan
dataset: service_outcomes
headings:
  "Perangkat Daerah": unit_code
  "Periode": month
  "Layanan": services
  "Aduan masuk": complaints
  "Selesai tepat waktu": complaints_on_time
values:
  unit_code: {"Dinas Kesehatan": OPD-12, "Disdukcapil": OPD-10}
  month: {"Agustus 2026": 2026-08-01, "September 2026": 2026-09-01}
"""
_TABLE: tuple[tuple[object, ...], ...] = (
    ("Rekapitulasi aduan",),
    (),
    ("No", "Perangkat Daerah", "Periode", "Layanan", "Aduan masuk", "Selesai tepat waktu"),
    (1, "Dinas Kesehatan", "Agustus 2026", 1210, 14, 12),
    (2, "Disdukcapil", "Agustus 2026", 3308, 51, 40),
    (3, "Dinas Kesehatan", "September 2026", 1187, 9, 9),
    ("", "Jumlah", "", 5705, 74, 61),
)
_PUNCHES: tuple[tuple[object, ...], ...] = (
    (
        "USERID",
        "CHECKTIME",
        "CHECKTYPE",
        "VERIFYCODE",
        "SENSORID",
        "Memoinfo",
        "WorkCode",
        "sn",
        "UserExtFmt",
    ),
    *(
        (101 + number, f"2026-08-{20 + number} 07:{10 + number}:51", "I", 1, 101, "", 0, "343414", 0)
        for number in range(9)
    ),
)


def config_with_mappings(place: Path) -> Path:
    """The checkout's configuration, with the mappings that the files here need."""
    config = place / "config"
    shutil.copytree(CHECKOUT / "config", config)
    for path in sorted((FIXTURES / "mappings").glob("*.yaml")):
        shutil.copy(path, config / "mappings")
    (config / "mappings" / "aduan.yaml").write_text(_MAPPING, encoding="utf-8")
    return config


def seed_files(city: City, config: Path, place: Path) -> dict[str, bytes]:
    """A sound file of every kind, by its source and its name without numbers."""
    catalogue = load_catalogue(config)
    files = [(f"{path.parent.name}/{path.name}", path.read_bytes()) for path in _below(city.inbox)]
    files += [
        (f"{path.parent.name}/{path.name}", path.read_bytes())
        for path in _below(FIXTURES / "formats")
        if path.name not in ("expected.json", "README.md")
    ]
    files += [
        ("aduan/aduan.csv", csv_bytes(_TABLE, delimiter=";")),
        ("aduan/aduan.xlsx", xlsx_bytes(place, {"Aduan": _TABLE})),
        ("terminal/checkinout.csv", csv_bytes(_PUNCHES)),
    ]
    found: dict[str, bytes] = {}
    for name, content in files:
        source = _source_of(content, catalogue, place)
        if source is not None:
            found.setdefault(f"{source}: {_without_numbers(name)}", content)
    return found


def _source_of(content: bytes, catalogue: Catalogue, place: Path) -> str | None:
    """The source that reads a file; None if none does.

    The city plants files that end the process that parses them, and this process is the tests' own.
    """
    path = place / "seed"
    path.write_bytes(content)
    head = content[:HEAD_BYTES]
    try:
        inspect(path, len(content), head, Limits())
        source, _ = recognise_file(SourceFile(path, "seed", len(content), head, catalogue))
        list(source.read(SourceFile(path, "seed", len(content), head, catalogue), catalogue))
    except MendError:
        return None
    return source.NAME


def _below(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and path.stat().st_size]


def _without_numbers(name: str) -> str:
    folder, _, file = name.partition("/")
    stem, _, suffix = file.rpartition(".")
    return f"{folder}/{re.sub(r'[0-9].*', '', stem)}.{suffix}"
