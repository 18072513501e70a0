"""Defects in Moodle's lists and quiz grades and in a terminal's log, each beside a good row."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from siklatih.demo.planting import Planter, swapped
from siklatih.demo.writers.moodle_attendance import (
    Listed,
    Register,
    attendance_ods,
    attendance_text,
    attendance_xlsx,
)
from siklatih.demo.writers.moodle_quiz import Attempt, QuizLayout, quiz_bytes
from siklatih.demo.writers.zkteco_attlog import Punch, attlog_bytes

_UNKNOWN = "200001012024121007"  # nobody's number
_BAD_DATE = "200013312024211001"  # the 31st day of a 13th month
_QUESTIONS = [Decimal(40), Decimal(60)]


def plant_in_lists(planter: Planter) -> None:
    """Write and note defective lists, grades and logs."""
    _lists(planter)
    _lists_refused(planter)
    _quizzes(planter)
    _quizzes_refused(planter)
    _punches(planter)


def _register(
    planter: Planter, marks: dict[tuple[int, int], str], *, people: int = 5, after: int = 0
) -> Register:
    """Some of the spare people, those ``after`` others on another list."""
    batch = planter.batch
    listed = []
    for person in planter.spare(after + people)[after:]:
        given, _, family = person.name.partition(" ")
        listed.append(Listed(family, given, person.nip_on(batch.ends), person.email))
    starts = [session.starts for session in batch.sessions[:2]]
    return Register(batch.programme.name, batch.code, listed, starts, marks)


def _lists(planter: Planter) -> None:
    """The first person on each list is a good row."""
    register = _register(planter, {(0, 0): "P", (1, 0): "X", (2, 0): "P", (3, 0): "P", (4, 0): "P"})
    content = attendance_text(register)
    _, _, bad_date, unknown, _ = register.people
    content = swapped(content, f"{bad_date.number}\t{bad_date.email}", f"{_BAD_DATE}\t")
    unknown_name = f"{unknown.family}\t{unknown.given}\t{unknown.number}\t{unknown.email}"
    content = swapped(content, unknown_name, f"Tak Dikenal\tOrang\t{_UNKNOWN}\torang.lain@example.org")
    path = planter.write("attendance-cacat.txt", content)
    for row_no, rule, kind in (
        (6, "status.values", "Moodle text: a letter nobody knows"),
        (7, "nip.identifier", "Moodle text: employee number with a bad date"),
        (8, "nip.reference", "Moodle text: person not on the roster"),
    ):
        planter.row(path, "attendance", row_no, rule, kind)
    register = _register(planter, {(0, 1): "P", (1, 1): "X"}, people=2)
    path = planter.write("attendance-cacat.xls", attendance_xlsx(register, planter.when))
    planter.row(path, "attendance", 6, "status.values", "Moodle XLS: a letter nobody knows")
    register = _register(planter, {}, people=2, after=5)
    starts = planter.batch.sessions[0].starts
    moved = Register(register.course, register.group, register.people, [starts, starts + timedelta(minutes=17)],
                     {(0, 0): "P", (1, 1): "L"})  # fmt: skip
    path = planter.write("attendance-cacat.ods", attendance_ods(moved, planter.when, language="id"))
    rule, kind = "session_starts_at.reference", "Moodle ODS: a session that was not planned"
    planter.row(path, "attendance", 6, rule, kind)
    other = Register(register.course, "P99-A9", register.people, register.sessions, {(0, 0): "P"})
    path = planter.write("attendance-lain.txt", attendance_text(other))
    planter.row(path, "attendance", 5, "batch_code.reference", "Moodle text: unknown batch")


def _lists_refused(planter: Planter) -> None:
    register = _register(planter, {(0, 0): "P", (1, 0): "P"}, people=2)
    content = attendance_text(register)
    one = register.people[1]
    names, more = f"{one.family}\t{one.given}\t", f"{one.family}\t{one.given}\tS.Sos.\t"
    shifted = swapped(content, f"\n{names}", f"\n{more}")
    planter.refused("attendance-geser.txt", shifted, "broken_table", "Moodle text: a line out of step")
    planter.refused("attendance-terpotong.txt", content[:-20], "broken_table", "Moodle text: cut off")
    first = f"{register.sessions[0]:%d %b %Y}"
    strange = content.replace(first.encode(), f"{first[:2]} Thermidor {first[-4:]}".encode())
    planter.refused("attendance-bulan.txt", strange, "session_time", "Moodle text: a month nobody knows")
    people = [Listed(one.family, one.given, one.number) for one in register.people]
    rounded = Register(register.course, register.group, people, register.sessions, register.marks)
    content = attendance_xlsx(rounded, planter.when)
    planter.refused(
        "attendance-angka.xls", content, "nip_scientific", "Moodle XLS: numbers without their last digits"
    )
    content = attendance_ods(rounded, planter.when)
    planter.refused(
        "attendance-angka.ods", content, "nip_scientific", "Moodle ODS: numbers without their last digits"
    )


def _attempts(planter: Planter) -> list[Attempt]:
    """Five people before the first session, each at a minute of their own."""
    began = planter.batch.sessions[0].starts - timedelta(minutes=40)
    found = []
    for number, person in enumerate(planter.spare(5)):
        given, _, family = person.name.partition(" ")
        start = began + timedelta(minutes=number)
        answers = [Decimal(31 + number), Decimal(20)]
        found.append(
            Attempt(family, given, person.nip_on(planter.batch.ends), person.email, start, start + timedelta(minutes=20),
                    answers)
        )  # fmt: skip
    return found


def _quizzes(planter: Planter) -> None:
    good, high, unread, unknown, between = _attempts(planter)
    noon = planter.batch.sessions[0].ends + timedelta(hours=1)
    between = Attempt(between.family, between.given, between.number, between.email, noon - timedelta(minutes=9), noon,
                      between.answers)  # fmt: skip
    stranger = Attempt("Orang", "Lain", _UNKNOWN, "orang.lain@example.org", unknown.began, unknown.completed,
                       unknown.answers)  # fmt: skip
    attempts = [good, high, unread, stranger, between]
    content = quiz_bytes(_QUESTIONS, attempts, QuizLayout.NUMBER_AS_FIRST_NAME)
    content = swapped(content, f",{high.grade:.2f},", ",152.00,")
    ended = unread.began + timedelta(minutes=20)
    shown = f"{ended.day} {ended:%B %Y}  {ended.hour % 12 or 12}:{ended:%M %p}"
    content = _on_line(content, 3, f'"{shown}"', '"kemarin sore"')
    path = planter.write("kuis-cacat.csv", content)
    for row_no, rule, kind in (
        (3, "score_above_max", "Moodle quiz: grade above the maximum"),
        (4, "taken_at.type", "Moodle quiz: a time that cannot be read"),
        (5, "nip.reference", "Moodle quiz: person not on the roster"),
        (6, "occasion.unfiled", "Moodle quiz: neither before nor after"),
    ):
        planter.row(path, "test_scores", row_no, rule, kind)
    old = datetime(2019, 3, 5, 8)  # noqa: DTZ001  (local; years before any batch)
    lost = Attempt(
        good.family, good.given, good.number, good.email, old, old + timedelta(minutes=5), good.answers
    )
    content = quiz_bytes(_QUESTIONS, [lost], QuizLayout.LAST_NAME)
    path = planter.write("kuis-lama.csv", content, filed=False)
    planter.row(path, "test_scores", 2, "batch_code.unfiled", "Moodle quiz: of no batch")


def _on_line(content: bytes, line: int, old: str, new: str) -> bytes:
    """Swap a text on one line, counted from 0, where others have the same."""
    lines = content.split(b"\n")
    lines[line] = swapped(lines[line], old, new)
    return b"\n".join(lines)


def _quizzes_refused(planter: Planter) -> None:
    attempts = _attempts(planter)
    content = quiz_bytes(_QUESTIONS, attempts, QuizLayout.NUMBER_AS_FIRST_NAME)
    number = attempts[1].number
    rounded = swapped(content, number, f"{number[0]}.{number[1:6]}E+17")
    planter.refused(
        "kuis-angka.csv", rounded, "nip_scientific", "Moodle quiz: a number without its last digits"
    )
    shifted = swapped(content, f"{number},", f"{number},S.Sos.,")
    planter.refused("kuis-geser.csv", shifted, "broken_csv", "Moodle quiz: a line out of step")
    planter.refused("kuis-terpotong.csv", content[:-90], "broken_csv", "Moodle quiz: cut off")


def _punches(planter: Planter) -> None:
    day = planter.batch.sessions[0].starts - timedelta(minutes=25)
    people = planter.spare(6)
    found = [
        Punch(person.terminal_number, day + timedelta(seconds=37 * n + 400 * round_))
        for round_ in range(2)
        for n, person in enumerate(people)
    ]
    found.append(Punch(_BAD_DATE, day + timedelta(minutes=20)))
    content = _on_line(attlog_bytes(found), 3, f"{found[3].moment:%Y-%m-%d}", "2026-02-31")
    path = planter.write("1_attlog.dat", content)
    planter.row(path, "presence", 4, "joined_at.type", "Terminal: a day that does not exist")
    planter.row(path, "presence", 13, "nip.identifier", "Terminal: employee number with a bad date")
    old = [Punch(person.terminal_number, datetime(2019, 3, 5, 8, n)) for n, person in enumerate(people)]  # noqa: DTZ001
    path = planter.write("2_attlog.dat", attlog_bytes(old[:1]), filed=False)
    planter.row(path, "presence", 1, "meeting_id.unfiled", "Terminal: a day of no batch")
    whole = attlog_bytes(found[:12])
    planter.refused("3_attlog.dat", whole[:-14], "broken_table", "Terminal: log cut off")
    moment = found[5].moment
    edited = swapped(whole, f"{moment:%Y-%m-%d %H:%M:%S}", f"{moment:%d/%m/%Y %H:%M}")
    planter.refused("4_attlog.dat", edited, "broken_table", "Terminal: a line that somebody edited")
