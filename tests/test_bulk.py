"""Rows that stay in DuckDB, and sheets that are read by columns: the same rows as one by one, and less work."""

from __future__ import annotations

import dataclasses
import hmac
import random
import re
from collections import Counter
from datetime import datetime, timedelta
from itertools import zip_longest
from pathlib import Path

import duckdb
import pytest
import python_calamine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from parts import rows_of, written_rows

from siklatih.contracts import load_contracts
from siklatih.errors import MendError
from siklatih.identity import Pseudonymiser, hold_identifiers, without_identifiers
from siklatih.part_files import PartWriter, stored_columns
from siklatih.quality import PartToCheck, check_dataset
from siklatih.reading import Reader
from siklatih.settings import CHECKOUT, Settings
from siklatih.sources import recognise_file, zkteco_attlog
from siklatih.sources.delimited import decode, text_lines
from siklatih.sources.protocol import HEAD_BYTES, Bulk, Catalogue, Part, Row, SourceFile

CONTRACTS = load_contracts(CHECKOUT / "config" / "contracts")
CATALOGUE = Catalogue(CONTRACTS, {})
KEY = bytes(range(32))
NIP = "199003122015031007"
PUNCH = re.compile(
    r" *(\d{1,24}) *\t(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\t-?\d{1,9}\t(\d{1,3})(?:\t-?\d{1,9}){0,3}\t?", re.ASCII
)


def file_of(folder: Path, content: bytes, name: str = "file") -> SourceFile:
    path = folder / name
    path.write_bytes(content)
    return SourceFile(path, path.name, len(content), content[:HEAD_BYTES], CATALOGUE)


def one_by_one(file: SourceFile) -> Part:
    """A terminal's log, line after line; what the source must agree with."""
    part = Part("presence", "table")
    for number, line in enumerate(text_lines(decode(file)), start=1):
        if not line.strip():
            part.count("blank")
            continue
        found = PUNCH.fullmatch(line)
        if found is None:
            raise MendError("broken_table", en="", id_="", row=number)
        user, moment, state = found.groups()
        part.count("data")
        person = "nip" if len(user) == 18 else "terminal_number"
        part.rows.append(Row(number, {person: user, "joined_at": moment, "punch": state}))
    return part


def read_log(file: SourceFile) -> tuple[dict[str, int], list[Row]] | tuple[str, int | None]:
    try:
        (part,) = zkteco_attlog.read(file, CATALOGUE)
    except MendError as error:
        return error.code, error.row
    assert part.bulk is not None
    (numbers,) = part.bulk.con.execute("select list(emit_no order by row_no) from punches").fetchall()[0]
    assert list(numbers or []) == list(range(1, len(numbers or []) + 1))
    rows = rows_of(part)
    part.bulk.con.close()
    return part.lines, rows


def expected_of(file: SourceFile) -> tuple[dict[str, int], list[Row]] | tuple[str, int | None]:
    try:
        part = one_by_one(file)
    except MendError as error:
        return error.code, error.row
    return part.lines, part.rows


USERS = st.one_of(
    st.sampled_from([NIP, "1", "        7", "  27 ", "00027", "1" * 24]), st.integers(0, 99999).map(str)
)
MOMENTS = st.sampled_from(["2026-08-26 07:12:05", "2026-13-45 99:99:99", "0000-00-00 00:00:00"])
TAILS = st.sampled_from(["\t1\t0\t0\t0", "\t1\t0", "\t1\t255\t0", "\t-1\t4\t1\t2\t3", "\t15\t1\t0\t0\t"])
GOOD = st.builds("{}\t{}{}".format, USERS, MOMENTS, TAILS)
ODD = st.one_of(
    st.sampled_from(
        [
            "", " ", "\t", "\u00a0", "\u3000", "\x0b", "1\t2026-08-26 07:12\t1\t0", "\t2026-08-26 07:12:05\t1\t0",
            "1\t2026-08-26 07:12:05\t\t0", "1\t2026-08-26 07:12:05\t1\t0\t\t", "x\t2026-08-26 07:12:05\t1\t0",
            "1\t2026-08-26 07:12:05\t1\t0\t0\t0\t0\t0", '"1"\t2026-08-26 07:12:05\t1\t0', "١\t2026-08-26 07:12:05\t1\t0",
            "1\t2026-08-26 07:12:051\t1\t0", "1" * 25 + "\t2026-08-26 07:12:05\t1\t0", "1\x01\t2026", "NULL", "\ufeff1",
            "1 1\t2026-08-26 07:12:05\t1\t0", "é", "1\t2026-08-26 07:12:05\t1\t+1",
        ]
    ),
    st.text(st.sampled_from("01 \t-:é\x00\x01\"',;\u2028\x85"), max_size=40),
)  # fmt: skip
LINES = st.lists(st.one_of(GOOD, GOOD, GOOD, ODD), max_size=12)
ENDS = st.sampled_from(["\n", "\r\n", "\r", "\n\r\n", "\r\r\n"])
ENCODINGS = st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "utf-16", "cp1252"])


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=LINES, end=ENDS, others=st.lists(ENDS, max_size=3), last=st.booleans(), encoding=ENCODINGS)
def test_a_log_is_read_as_line_after_line(
    tmp_path: Path, lines: list[str], end: str, others: list[str], last: bool, encoding: str
) -> None:
    """Whatever the line ends, the encoding and the lines that are none: same rows, same counts, same refusal."""
    ends = [end] * (len(lines) - len(others)) + others
    text = "".join(line + (ends[place] if place < len(ends) else end) for place, line in enumerate(lines))
    text = text if last else text.removesuffix("\n")
    file = file_of(tmp_path, text.encode(encoding, errors="replace"))
    assert read_log(file) == expected_of(file)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=80))
def test_any_bytes_are_read_as_line_after_line(tmp_path: Path, content: bytes) -> None:
    file = file_of(tmp_path, b"1\t2026-08-26 07:12:05\t1\t0\n" + content)
    assert read_log(file) == expected_of(file)


def log(count: int, users: int, end: str = "\r\n") -> str:
    chance = random.Random(1)
    start = datetime(2026, 1, 1)  # noqa: DTZ001  (local)
    return "".join(
        f"{chance.randrange(1, users + 1):>9}\t{start + timedelta(seconds=10 * number)}\t1\t{number % 2}\t0\t0{end}"
        for number in range(count)
    )


@pytest.mark.parametrize(("end", "bom"), [("\n", b""), ("\r\n", b""), ("\r\n", b"\xef\xbb\xbf")])
def test_a_large_log_keeps_its_order_and_names_the_line_at_fault(
    tmp_path: Path, end: str, bom: bytes
) -> None:
    """Larger than what one thread of the parser takes at once."""
    lines = log(150_000, 500, end).split(end)
    lines[120_000] = ""
    content = bom + end.join(lines).encode()
    file = file_of(tmp_path, content)
    assert read_log(file) == expected_of(file)
    lines[140_000] = "nama\t2026-08-26 07:12:05\t1\t0"
    assert read_log(file_of(tmp_path, bom + end.join(lines).encode())) == ("broken_table", 140_001)


class CountingPseudonymiser(Pseudonymiser):
    """Counts how often an identifier goes through the keyed hash."""

    def __init__(self) -> None:
        super().__init__(KEY)
        self.made: Counter[str] = Counter()

    def _digest(self, text: str) -> str:
        self.made[text] += 1
        return super()._digest(text)


def write(part: Part, folder: Path, pseudonyms: Pseudonymiser, kept: set[tuple[str, str]]) -> PartWriter:
    writer = PartWriter(pseudonyms, lambda contract, column: (contract.dataset, column.name) in kept)
    writer.write(folder / "0", part, CONTRACTS[part.dataset])
    return writer


def test_every_different_identifier_is_hashed_once(tmp_path: Path) -> None:
    (part,) = zkteco_attlog.read(file_of(tmp_path, log(5000, 40).encode()), CATALOGUE)
    pseudonyms = CountingPseudonymiser()
    write(part, tmp_path, pseudonyms, set())
    assert len(pseudonyms.made) == 40
    rows = Part("presence", "x", rows=rows_of_log(5000, 40))
    again = CountingPseudonymiser()
    write(rows, tmp_path, again, set())
    assert again.made == pseudonyms.made == Counter(dict.fromkeys(pseudonyms.made, 1))


def rows_of_log(count: int, users: int) -> list[Row]:
    found = [PUNCH.fullmatch(line) for line in text_lines(log(count, users))]
    return [
        Row(number, {"terminal_number": one[1], "joined_at": one[2], "punch": one[3]})
        for number, one in enumerate(found, start=1)
        if one is not None
    ]


def bulk_of(rows: list[dict[str, str]]) -> Bulk:
    """Rows with a name, an address, a batch and a device, all read as they stand."""
    con = duckdb.connect(":memory:")
    names = ["name", "email", "batch_code", "device"]
    con.execute(f"create table t (emit_no BIGINT, row_no BIGINT, {', '.join(f'{n} VARCHAR' for n in names)})")
    for number, row in enumerate(rows, start=1):
        con.execute("insert into t values (?, ?, ?, ?, ?, ?)", [number, number + 1, *map(row.get, names)])
    return Bulk(con, "t", {name: (name, lambda value: value or None) for name in names})


def test_both_kinds_of_parts_are_written_alike(tmp_path: Path) -> None:
    """Pseudonyms, faults, what goes to the vault, masks over numbers typed into text, the unfiled mark."""
    cells = [
        {"name": "Rangga Contohwan", "email": "rangga@example.org", "batch_code": "A1", "device": "gawai"},
        {"name": "rangga  contohwan", "email": "bukan surel", "batch_code": "A1", "device": f"gawai {NIP}"},
        {"name": "", "email": "", "batch_code": "", "device": "milik a@example.org"},
        {"name": "Sari Contohwati", "email": "rangga@example.org", "batch_code": "A2", "device": "gawai"},
    ]
    kept = {("presence", "email")}
    as_rows = Part(
        "presence",
        "x",
        rows=[Row(n, {k: v or None for k, v in one.items()}) for n, one in enumerate(cells, start=2)],
    )
    as_bulk = Part("presence", "x", bulk=bulk_of(cells))
    one = write(as_rows, tmp_path, Pseudonymiser(KEY), kept)
    other = write(as_bulk, tmp_path, Pseudonymiser(KEY), kept)
    assert (
        one.identities
        == other.identities
        == {Pseudonymiser(KEY).email("rangga@example.org"): "rangga@example.org"}
    )
    wanted = written_rows(tmp_path / "0.csv")
    columns = ["emit_no", "row_no", *stored_columns(CONTRACTS["presence"])]
    found = [{name: row.get(name, "") for name in columns} for row in written_rows(tmp_path / "0.parquet")]
    assert found == wanted
    assert {row["meeting_id"] for row in wanted} == {"?"}
    assert [row["device"] for row in wanted] == ["gawai", "gawai [NIP]", "milik [surel]", "gawai"]
    assert [bool(row["email__fault"]) for row in wanted] == [False, True, False, False]


def test_both_kinds_of_parts_fare_alike_in_the_checks(tmp_path: Path) -> None:
    content = log(300, 20) + "1\t2026-13-45 07:12:05\t1\t0\t0\t0\r\n" + log(2, 20)  # no such day, and doubles
    (bulk,) = zkteco_attlog.read(file_of(tmp_path, content.encode()), CATALOGUE)
    rows = one_by_one(file_of(tmp_path, content.encode()))
    parts = []
    for number, part in enumerate((bulk, rows)):
        path, _ = PartWriter(Pseudonymiser(KEY)).write(tmp_path / str(number), part, CONTRACTS["presence"])
        parts.append(PartToCheck(str(number), 0, "presence", "table", path))
    assert [part.path.suffix for part in parts] == [".parquet", ".csv"]
    fates = check_dataset(CONTRACTS["presence"], parts, tmp_path)
    assert fates["0", 0] == fates["1", 0]
    assert (fates["0", 0].rows, fates["0", 0].quarantined, fates["0", 0].duplicate) == (303, 1, 2)
    accepted = [
        duckdb.sql(f"select * exclude (file_sha) from read_parquet('{tmp_path}/{n}-0.parquet')").fetchall()
        for n in "01"
    ]
    assert accepted[0] == accepted[1]


@given(st.text(st.sampled_from(f"{NIP[:4]}0123456789 .-@aé\0\n"), max_size=60))
def test_looking_at_many_texts_at_once_misses_no_identifier(text: str) -> None:
    texts = text.split("\n")
    if any(without_identifiers(one) != one for one in texts):
        assert hold_identifiers(texts)


@given(key=st.binary(min_size=1, max_size=100), text=st.text(max_size=40))
def test_a_pseudonym_is_the_keyed_hash_of_the_standard(key: bytes, text: str) -> None:
    wanted = hmac.new(key, b"name:" + " ".join(text.casefold().split()).encode(), "sha256").hexdigest()[:32]
    assert Pseudonymiser(key).name(text) == wanted


def scores(rows: int) -> list[list[object]]:
    chance = random.Random(5)
    start = datetime(2026, 3, 1, 8)  # noqa: DTZ001  (local)
    return [
        [
            f"P{chance.randrange(40):02}-A1",
            f"1990{chance.randrange(1, 13):02}{chance.randrange(1, 29):02}201503{chance.randrange(1, 3)}007",
            chance.choice(["pre", "post"]),
            "K01",
            chance.choice([1, "1", "2a"]),
            start + timedelta(minutes=chance.randrange(90_000)),
            chance.choice([round(chance.uniform(0, 100), 2), chance.randrange(100)]),
            100,
            chance.choice([None, 70, 60.5]),
        ]
        for _ in range(rows)
    ]


def test_a_random_workbook_is_read_as_another_reader_reads_it(tmp_path: Path) -> None:
    names = [
        "batch_code", "nip", "occasion", "instrument_code", "instrument_version", "taken_at", "score",
        "max_score", "passing_score",
    ]  # fmt: skip
    book = Workbook(write_only=True)
    page = book.create_sheet("test_scores")
    page.append(names)
    for row in scores(5000):
        page.append(row)
    book.save(tmp_path / "scores.xlsx")
    file = file_of(tmp_path, (tmp_path / "scores.xlsx").read_bytes())
    (part,) = recognise_file(file)[0].read(file, CATALOGUE)
    sheet = load_workbook(tmp_path / "scores.xlsx", read_only=True)["test_scores"]
    wanted = []
    for number, cells in enumerate(sheet.iter_rows(min_row=2, values_only=True), start=2):
        values = {}
        for name, cell in zip_longest(names, cells):
            if isinstance(cell, datetime):
                values[name] = str(cell).removesuffix(" 00:00:00")
            else:
                values[name] = None if cell is None else f"{cell:g}" if isinstance(cell, float) else str(cell)
        wanted.append(Row(number, values))
    assert len(part.rows) == 5000
    assert part.rows == wanted


def test_the_first_row_at_fault_is_named_though_columns_are_read_one_by_one(tmp_path: Path) -> None:
    """The second number column breaks in an earlier row than the first."""
    book = Workbook()
    book.active.title = "roster"
    names = ["previous_number", "nip", "name", "valid_from", "status", "unit_code", "position_type"]
    book.active.append(names)
    for row in range(2, 400):
        book.active.append(
            [
                1.99003122015031e17 if row == 300 else None,
                1.99003122015031e17 if row == 200 else NIP,
                "Rangga Contohwan", "2026-01-01", "PNS", "OPD-01", "executor",
            ]
        )  # fmt: skip
    book.save(tmp_path / "roster.xlsx")
    file = file_of(tmp_path, (tmp_path / "roster.xlsx").read_bytes())
    with pytest.raises(MendError) as refused:
        list(recognise_file(file)[0].read(file, CATALOGUE))
    assert (refused.value.code, refused.value.row, refused.value.column) == ("nip_scientific", 200, "nip")


def test_equal_cells_of_different_kinds_are_read_each_as_its_own(tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = "test_scores"
    book.active.append(
        [
            "batch_code",
            "nip",
            "occasion",
            "instrument_code",
            "instrument_version",
            "taken_at",
            "score",
            "max_score",
        ]
    )
    for cell in (1, True, 1.5, False, 0):
        book.active.append(["P01-A1", NIP, "pre", "K01", cell, "2026-01-01 08:00", 1, 100])
    book.save(tmp_path / "s.xlsx")
    file = file_of(tmp_path, (tmp_path / "s.xlsx").read_bytes())
    (part,) = recognise_file(file)[0].read(file, CATALOGUE)
    assert [row.values["instrument_version"] for row in part.rows] == ["1", "true", "1.5", "false", "0"]


def test_a_workbook_is_parsed_once_though_several_sources_look_into_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: Counter[str] = Counter()
    whole = python_calamine.CalamineWorkbook

    class Counting:
        @staticmethod
        def from_filelike(handle: object) -> object:
            parsed["book"] += 1
            return whole.from_filelike(handle)

    monkeypatch.setattr(python_calamine, "CalamineWorkbook", Counting)
    book = Workbook()
    book.active.title = "test_scores"
    book.active.append(
        ["batch_code", "occasion", "instrument_code", "instrument_version", "taken_at", "score", "max_score"]
    )
    book.active.append(["P01-A1", "pre", "K01", "1", "2026-01-01 08:00", 1, 100])
    book.save(tmp_path / "s.xlsx")
    file = file_of(tmp_path, (tmp_path / "s.xlsx").read_bytes())
    (part,) = recognise_file(file)[0].read(file, CATALOGUE)
    assert len(part.rows) == 1
    assert parsed == {"book": 1}
    again = dataclasses.replace(file_of(tmp_path, (tmp_path / "s.xlsx").read_bytes()), name="other")
    list(recognise_file(again)[0].read(again, CATALOGUE))
    assert parsed == {"book": 2}  # the same name and size, but written anew


@pytest.mark.slow
def test_three_million_punches_are_read_under_the_limits_of_a_file(tmp_path: Path) -> None:
    usual = Settings(_env_file=None)
    path = tmp_path / "attlog.dat"
    with path.open("w", encoding="ascii", newline="") as handle:
        handle.write(log(3_000_000, 6_000, "\n"))
    (tmp_path / "out").mkdir()
    with Reader(
        key=KEY,
        config=CHECKOUT / "config",
        memory_bytes=usual.reader_memory_mb << 20,
        seconds=usual.reader_seconds,
        limits=usual.limits(),
    ) as reader:
        outcome = reader.read(path, path.name, tmp_path / "out")
    assert outcome.refusal is None
    (part,) = outcome.parts
    assert (part.rows, part.lines) == (3_000_000, {"data": 3_000_000})
    found = duckdb.sql(
        "select count(distinct terminal_number_key), count(distinct row_no), min(joined_at), max(joined_at), "
        "bool_and(emit_no = row_no) from read_parquet($path)",
        params={"path": str(part.path)},
    ).fetchall()
    start = datetime(2026, 1, 1)  # noqa: DTZ001  (local)
    last = start + timedelta(seconds=10 * 2_999_999)
    assert found == [(6_000, 3_000_000, str(start), str(last), True)]
    fate = check_dataset(
        CONTRACTS["presence"], [PartToCheck("0", 0, "presence", "table", part.path)], tmp_path
    )["0", 0]
    assert fate.rows == 3_000_000 == fate.accepted + fate.duplicate
