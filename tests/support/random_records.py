"""Random valid records for property tests: people with odd names, meetings, lists, grades, rows of contracts."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
from hypothesis import strategies as st

from siklatih.contracts import Column, Contract
from siklatih.demo.writers.meetings import Connection, Meeting
from siklatih.demo.writers.moodle_attendance import Listed, Register
from siklatih.demo.writers.moodle_quiz import Attempt
from siklatih.demo.writers.zkteco_attlog import Punch

LETTERS = st.characters(categories=("L", "M", "N", "P", "S", "Zs"))
# no combination of these is UTF-8, so that nobody could tell the file for anything but Windows-1252
WINDOWS_LETTERS = st.sampled_from("abcXYZ 0123,;.'\"-=éèöüÄñÇß")
ODD_NAMES = (
    "Yulianti Sari, S.Sos.", 'Maria "Ria" Goreti', "Norhasanah", "D'Angelo; Putra", "Øyvind Å.", "王 小明", "Dr. Ir. H. Ali",
    "=HYPERLINK", "+62 Budi", "İbrahim", "a\u00a0b", "Nama  dua  spasi", "O\u2028K", "\u202eKanan", "123", "null", "NaN",
)  # fmt: skip


def clean(text: str) -> str:
    return text.strip()


def texts(letters: st.SearchStrategy[str] = LETTERS, most: int = 20) -> st.SearchStrategy[str]:
    """Text that is not blank, without white space around it, which no cell keeps."""
    return st.text(letters, min_size=1, max_size=most).map(clean).filter(bool)


def names() -> st.SearchStrategy[str]:
    """Names as people have and type them, with a letter or digit; brackets apart, which tools put around others."""
    return (st.sampled_from(ODD_NAMES) | texts()).filter(
        lambda name: not set(name) & set("()") and any(sign.isalnum() for sign in name)
    )


ADDRESSES = st.from_regex(r"[a-z][a-z0-9._-]{0,12}@example\.org", fullmatch=True)


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """An employee number that can be one."""
    born = draw(st.dates(date(1965, 1, 1), date(1999, 12, 28)))
    year = born.year + draw(st.integers(18, 30))
    start = draw(st.sampled_from((*range(1, 13), *range(21, 30))))
    return f"{born:%Y%m%d}{year}{start:02}{draw(st.integers(1, 2))}{draw(st.integers(1, 999)):03}"


def moments(day: date, until: int = 86_399) -> st.SearchStrategy[datetime]:
    """Moments of a day, across every hour."""
    start = datetime.combine(day, datetime.min.time())
    return st.integers(0, until).map(lambda seconds: start + timedelta(seconds=seconds))


@st.composite
def meetings(draw: st.DrawFn, *, addresses: bool = True, rejoin_only_later: bool = False) -> Meeting:
    """A meeting of a few hours with people who left, came back, or had two devices at once.

    Args:
        addresses: some people have an e-mail address.
        rejoin_only_later: nobody is connected twice at one moment, and each name is one person's.
    """
    starts = draw(moments(draw(st.dates(date(2020, 1, 1), date(2030, 12, 31))), 80_000))
    ends = starts + timedelta(seconds=draw(st.integers(3600, 5 * 3600)))
    length = int((ends - starts).total_seconds())
    same = (lambda name: " ".join(name.split()).casefold()) if rejoin_only_later else (lambda name: name)
    people = draw(st.lists(names(), min_size=1, max_size=6, unique_by=same))
    found = []
    for name in people:
        email = draw(st.none() | ADDRESSES) if addresses else None
        cuts = sorted(draw(st.lists(st.integers(0, length), min_size=2, max_size=6, unique=True)))
        pairs = list(zip(cuts[::2], cuts[1::2], strict=False))
        if not rejoin_only_later and draw(st.booleans()):
            pairs.append((cuts[0], cuts[-1]))  # a second device over all of it
        for began, left in pairs:
            found.append(
                Connection(name, email, starts + timedelta(seconds=began), starts + timedelta(seconds=left))
            )
    found.sort(key=lambda one: one.joined)
    topic = draw(names())
    return Meeting(draw(st.from_regex(r"[1-9][0-9]{9,10}", fullmatch=True)), topic, "Panitia", "panitia@example.org",
                   starts, ends, found)  # fmt: skip


@st.composite
def registers(draw: st.DrawFn) -> Register:
    """A list with some marks taken, sessions at any hour and remarks in some."""
    first = draw(st.dates(date(2020, 1, 1), date(2030, 12, 1)))
    count = draw(st.integers(1, 5))
    minutes = draw(st.lists(st.integers(0, 20 * 1440), min_size=count, max_size=count, unique=True))
    sessions = [datetime.combine(first, datetime.min.time()) + timedelta(minutes=m) for m in sorted(minutes)]
    people = []
    for _ in range(draw(st.integers(1, 5))):
        given = draw(names())
        family = draw(names().filter(lambda name, given=given: name != given) | st.just(given))
        people.append(Listed(family, given, draw(numbers()), draw(ADDRESSES)))
    places = [(at, place) for at in range(len(people)) for place in range(count)]
    marks = {key: letter for key in places if (letter := draw(st.sampled_from("PLEA?"))) != "?"}
    remarks = {key: draw(names()) for key in places if key in marks and draw(st.booleans())}
    described = {place: draw(names()) for place in range(count) if draw(st.integers(0, 3)) == 0}
    code = draw(st.from_regex(r"P[0-9]{2}-A[0-9]{1,2}", fullmatch=True))
    return Register(draw(names()), code, people, sessions, marks, remarks, described)


@st.composite
def quizzes(draw: st.DrawFn) -> tuple[list[Decimal], list[Attempt]]:
    """Questions and attempts; at least one attempt was graded, and some were not finished."""
    points = st.integers(1, 4000).map(lambda hundredths: Decimal(hundredths) / 100)
    questions = draw(st.lists(points, min_size=1, max_size=5))
    day = draw(st.dates(date(2020, 1, 1), date(2030, 12, 31)))
    attempts = []
    for number in range(draw(st.integers(1, 6))):
        given = draw(names())
        family = draw(names().filter(lambda name, given=given: name != given))
        began = draw(moments(day))
        taken = timedelta(seconds=draw(st.integers(1, 200_000)))
        answers = [
            draw(st.none() | st.integers(0, int(most * 100)).map(lambda value: Decimal(value) / 100))
            for most in questions
        ]
        finished = number == 0 or draw(st.integers(0, 3)) > 0
        attempts.append(
            Attempt(family, given, draw(numbers()), draw(ADDRESSES), began, began + taken if finished else None, answers,
                    draw(st.just("") | names()), draw(names()))
        )  # fmt: skip
    return questions, attempts


@st.composite
def punches(draw: st.DrawFn) -> list[Punch]:
    """Punches of some days, of users by their numbers and by employee numbers."""
    user = st.integers(1, 999_999_999).map(str) | numbers()
    day = st.dates(date(2020, 1, 1), date(2030, 12, 31))
    return draw(
        st.lists(
            st.builds(Punch, user, day.flatmap(moments), st.sampled_from((0, 1, 4, 5)), st.integers(1, 255)),
            min_size=1,
            max_size=12,
        )
    )


def values(column: Column, letters: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    """Values that a column's kind, range, pattern and list allow; None where it may be left out."""
    if column.values:
        found: st.SearchStrategy[Any] = st.sampled_from([item.value for item in column.values])
    elif column.pattern is not None:
        found = st.from_regex(column.pattern, fullmatch=True).filter(str.isascii)
    else:
        found = _of_kind(column, letters)
    return found if column.required else st.none() | found


def _of_kind(column: Column, letters: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    least = int(column.minimum) if column.minimum is not None else -10_000
    most = int(column.maximum) if column.maximum is not None else 10_000_000
    day = st.dates(date(1990, 1, 2), date(2090, 12, 31))
    hundredths = st.integers(least * 10_000 + column.exclusive_minimum, most * 10_000)
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "nip": numbers(),
        "email": ADDRESSES,
        "name": texts(letters),
        "terminal": st.integers(1, 10**9).map(str),
        "integer": st.integers(least, most),
        "decimal": hundredths.map(lambda value: Decimal(value) / 10_000),
        "date": day,
        "datetime": day.flatmap(moments),
        "boolean": st.booleans(),
    }
    return kinds.get(column.kind, texts(letters, most=30))


@st.composite
def rows_of(
    draw: st.DrawFn, contract: Contract, letters: st.SearchStrategy[str] = LETTERS
) -> list[dict[str, Any]]:
    """Some rows of a contract that break none of its row rules."""
    one = st.fixed_dictionaries({column.name: values(column, letters) for column in contract.columns})
    rows = draw(st.lists(one, min_size=1, max_size=6))
    return rows_without_faults(contract, rows)


def rows_without_faults(contract: Contract, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows that break no critical row rule, asked of the database that asks them in a run."""
    rules = [rule for rule in contract.row_rules if rule.severity == "critical"]
    if not rules:
        return rows
    given = ", ".join(
        f'cast(? as {column.sql_type}) as "{column.stored_name}", cast(null as VARCHAR) as "{column.fault_name}"'
        for column in contract.columns
    )
    broken = " or ".join(f"coalesce({rule.bad_when}, false)" for rule in rules)
    with duckdb.connect(":memory:") as con:
        return [
            row
            for row in rows
            if con.execute(f"select {broken} from (select {given})", values_of(contract, row)).fetchall()
            == [(False,)]
        ]


def values_of(contract: Contract, row: dict[str, Any]) -> list[Any]:
    """A row's values in the order of the contract's columns."""
    return [row[column.name] for column in contract.columns]
