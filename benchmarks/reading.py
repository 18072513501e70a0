"""What reading large files costs, beside the bare parser of the same file.

Run ``python benchmarks/reading.py [punches] [rows]`` (3,000,000 and 100,000). Ours is what the reading child
does in its own process: recognise, read, parse the values, make pseudonyms, write the part. Apart from it
stand the look at a file before parsing and the checks. The start of processes is in none of them.
"""

from __future__ import annotations

import gc
import random
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
from python_calamine import CalamineWorkbook

from siklatih.contracts import load_contracts
from siklatih.guard import inspect
from siklatih.identity import Pseudonymiser
from siklatih.instruments import load_instruments
from siklatih.limits import Limits
from siklatih.mappings import load_mappings
from siklatih.quality import PartToCheck, check_dataset
from siklatih.reader import read_parts
from siklatih.settings import CHECKOUT
from siklatih.sources import recognise_file
from siklatih.sources.protocol import HEAD_BYTES, Catalogue, SourceFile

PEOPLE = 6_000
RUNS = 5
KEY = bytes(range(32))
YEAR = datetime(2026, 1, 1)  # noqa: DTZ001  (local)
TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = (
    '<Relationships><Relationship Id="rId1" Type="{0}/worksheet" Target="worksheets/sheet1.xml"/>'
    '<Relationship Id="rId2" Type="{0}/styles" Target="styles.xml"/>'
    '<Relationship Id="rId3" Type="{0}/sharedStrings" Target="sharedStrings.xml"/>'
    '<Relationship Id="rId4" Type="{0}/worksheet" Target="worksheets/sheet2.xml"/></Relationships>'
)
CELL_FORMATS = '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs>'
STYLES = f'<styleSheet xmlns="{MAIN}">{CELL_FORMATS}</styleSheet>'


def punches(path: Path, count: int) -> None:
    """Write the log of a year of two machines, in the order of time."""
    chance = random.Random(1)
    users = chance.sample(range(1, 40_000), PEOPLE)
    with path.open("w", encoding="ascii", newline="") as handle:
        for number in range(count):
            moment = YEAR + timedelta(seconds=number * 31_536_000 // count)
            state = chance.choice((0, 0, 0, 1, 4, 5))
            handle.write(f"{chance.choice(users):>9}\t{moment}\t{chance.randrange(1, 3)}\t{state}\t0\t0\n")


def number_of(person: int) -> str:
    """A number of 18 digits that passes its checks."""
    born = datetime(1965, 1, 1) + timedelta(days=person % 10_000)  # noqa: DTZ001
    return (
        f"{born:%Y%m%d}201{person % 10}{person // 10 % 12 + 1:02}{person % 2 + 1}{person // 120 % 999 + 1:03}"
    )


def test_scores(count: int) -> Iterator[Sequence[object]]:
    """Scores of 6,000 people: numbers as text, moments as dates, decimals as numbers and as text."""
    chance = random.Random(2)
    yield (
        "batch_code",
        "nip",
        "occasion",
        "instrument_code",
        "instrument_version",
        "taken_at",
        "score",
        "max_score",
    )
    for row in range(count):
        score = round(chance.uniform(40, 100), 2)
        yield (
            f"P{row % 40:02}-A1",
            number_of(chance.randrange(PEOPLE)),
            chance.choice(("pre", "post")),
            "K01",
            "1",
            YEAR + timedelta(minutes=5 * row),
            str(score).replace(".", ",") if row % 5 == 0 else score,
            100,
        )


def roster(count: int, people: int = PEOPLE) -> Iterator[Sequence[object]]:
    """The roster of 6,000 people, month after month: three identifiers a row."""
    chance = random.Random(3)
    yield "nip", "name", "email", "status", "unit_code", "position_type", "valid_from"
    for row in range(count):
        person = row % people
        yield (
            number_of(person),
            f"Peserta Contoh Nomor {person}",
            f"peserta.{person}@example.org",
            "PNS",
            f"OPD-{person % 40:02}",
            chance.choice(("Pelaksana", "Pengawas", "functional")),
            YEAR + timedelta(days=31 * (row // people)),
        )


def strangers(count: int) -> Iterator[Sequence[object]]:
    """The same with as many people as rows: no identifier comes twice, which no agency has."""
    return roster(count, count)


def workbook(path: Path, sheet: str, rows: Iterator[Sequence[object]]) -> None:
    """Write a sheet as spreadsheet programs do: texts in the shared table, dates as styled numbers."""
    known: dict[str, int] = {}
    lines = []
    for number, row in enumerate(rows, start=1):
        cells = [_cell(f"{chr(65 + at)}{number}", value, known) for at, value in enumerate(row)]
        lines.append(f'<row r="{number}">{"".join(cells)}</row>')
    # the sheet "meta" of the template: a workbook with it is known as the agency's without reading its rows
    texts = "".join(f"<si><t>{text}</t></si>" for text in known)
    book = f'<workbook xmlns="{MAIN}" xmlns:r="{TYPE}"><sheets><sheet name="meta" sheetId="1" r:id="rId4"/><sheet name="{sheet}" sheetId="2" r:id="rId1"/></sheets></workbook>'  # noqa: E501
    office = f'<Relationships><Relationship Id="rId1" Type="{TYPE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'  # noqa: E501
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_rels/.rels", office)
        archive.writestr("xl/workbook.xml", book)
        archive.writestr("xl/_rels/workbook.xml.rels", LINKS.format(TYPE))
        archive.writestr("xl/styles.xml", STYLES)
        archive.writestr("xl/worksheets/sheet2.xml", f'<worksheet xmlns="{MAIN}"><sheetData/></worksheet>')
        archive.writestr("xl/sharedStrings.xml", f'<sst xmlns="{MAIN}">{texts}</sst>')
        archive.writestr(
            "xl/worksheets/sheet1.xml",
            f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>',
        )


def _cell(place: str, value: object, known: dict[str, int]) -> str:
    if isinstance(value, str):
        return f'<c r="{place}" t="s"><v>{known.setdefault(value, len(known))}</v></c>'
    if isinstance(value, datetime):
        serial = (value - datetime(1899, 12, 30)) / timedelta(days=1)  # noqa: DTZ001
        return f'<c r="{place}" s="1"><v>{serial!r}</v></c>'
    return f'<c r="{place}"><v>{value}</v></c>'


def duckdb_needed(path: Path) -> None:
    """Parse the three columns that matter, with their types, into a table."""
    _bare(path, "user_no, moment, state")


def duckdb_all(path: Path) -> None:
    """Parse all six columns into a table."""
    _bare(path, "*")


def _bare(path: Path, columns: str) -> None:
    con = duckdb.connect(":memory:", config={"threads": 2})
    con.execute(
        f"create table punches as select {columns} from read_csv($path, delim = '\t', header = false, "
        "auto_detect = false, quote = '', escape = '', columns = {'user_no': 'VARCHAR', "
        "'moment': 'TIMESTAMP', 'device': 'INTEGER', 'state': 'INTEGER', 'a': 'INTEGER', 'b': 'INTEGER'})",
        {"path": str(path)},
    )
    con.close()


def calamine(path: Path) -> None:
    """Parse the sheet into lists of Python values."""
    book = CalamineWorkbook.from_path(str(path))
    for name in book.sheet_names:
        book.get_sheet_by_name(name).to_python(skip_empty_area=False)


class Child:
    """The steps of the reading child, one by one."""

    def __init__(self, folder: Path) -> None:
        config = CHECKOUT / "config"
        instruments = load_instruments(config / "instruments")
        contracts = load_contracts(config / "contracts")
        self.catalogue = Catalogue(contracts, instruments, load_mappings(config / "mappings", instruments))
        self.out = folder / "out"
        self.out.mkdir()
        self.written: list[dict[str, object]] = []

    def look(self, path: Path) -> None:
        """Look at the file before parsing."""
        file = self._file(path)
        inspect(path, file.size, file.head, Limits())

    def read(self, path: Path) -> None:
        """Recognise, read, make pseudonyms, write the part."""
        path.touch()  # what is remembered of a workbook is of this one no more
        file = self._file(path)
        gc.disable()  # as the child does, which ends with its file
        source, _ = recognise_file(file)
        self.written, _ = read_parts(source, file, self.out, self.catalogue, Pseudonymiser(KEY))
        gc.enable()

    def check(self, _path: Path) -> None:
        """Run the file checks over what was written last."""
        (part,) = self.written
        contract = self.catalogue.contracts[str(part["dataset"])]
        to_check = PartToCheck("0" * 64, 0, contract.dataset, str(part["place"]), Path(str(part["path"])))
        check_dataset(contract, [to_check], self.out)

    def _file(self, path: Path) -> SourceFile:
        with path.open("rb") as handle:
            head = handle.read(HEAD_BYTES)
        return SourceFile(path, path.name, path.stat().st_size, head, self.catalogue)


def costs(steps: dict[str, Callable[[Path], None]], path: Path) -> dict[str, tuple[float, float]]:
    """(clock, processor) seconds of each step, the least of some runs that take turns."""
    best = dict.fromkeys(steps, (float("inf"), float("inf")))
    for _ in range(RUNS):
        for name, work in steps.items():
            clock, processor = time.perf_counter(), time.process_time()
            work(path)
            taken = (time.perf_counter() - clock, time.process_time() - processor)
            best[name] = (min(best[name][0], taken[0]), min(best[name][1], taken[1]))
    return best


def report(path: Path, child: Child, bare: dict[str, Callable[[Path], None]]) -> None:
    """Measure a file and print every step, and the ratio of ours to each bare parser."""
    ours = {"ours": child.read, "apart: look before parsing": child.look, "apart: checks": child.check}
    found = costs(bare | ours, path)
    print(f"{path.name}: {path.stat().st_size / 1e6:.0f} MB")
    for name, (clock, processor) in found.items():
        print(f"  {name}: {clock:.2f} s by the clock, {processor:.2f} s of processors")
    for name in bare:
        clock, processor = (mine / theirs for mine, theirs in zip(found["ours"], found[name], strict=True))
        print(f"  ours to {name}: {clock:.2f} by the clock, {processor:.2f} of processors")


def main() -> None:
    """Measure the terminal's log and two workbooks."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3_000_000
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        child = Child(Path(folder))
        log = Path(folder) / "attlog.dat"
        punches(log, count)
        report(log, child, {"DuckDB, needed columns": duckdb_needed, "DuckDB, all columns": duckdb_all})
        for make, sheet in ((test_scores, "test_scores"), (roster, "roster"), (strangers, "roster")):
            path = Path(folder) / f"{make.__name__}.xlsx"
            workbook(path, sheet, make(rows))
            report(path, child, {"python-calamine": calamine})


if __name__ == "__main__":
    main()
