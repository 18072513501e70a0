"""Random valid answers, written as every form tool exports them, are read back as they were given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from forms import CATALOGUE, INSTRUMENTS, file_at
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siklatih.demo.writers.forms import Form, Question, Submission, form_of
from siklatih.demo.writers.google_forms import google_csv
from siklatih.demo.writers.kobo import CHOICES, SEVERAL, kobo_csv, kobo_xlsx
from siklatih.demo.writers.limesurvey import limesurvey_csv
from siklatih.demo.writers.microsoft_forms import microsoft_csv, microsoft_xlsx
from siklatih.demo.writers.odk_central import odk_csv
from siklatih.demo.writers.surveymonkey import surveymonkey_csv
from siklatih.guard import inspect
from siklatih.limits import Limits
from siklatih.sources import recognise_file
from siklatih.sources.protocol import Part

WHEN = datetime.fromisoformat("2026-10-06 09:00:00")
EARLIEST, LATEST = datetime.fromisoformat("2024-01-01"), datetime.fromisoformat("2026-12-31")
TELLING = datetime.fromisoformat("2026-07-31 23:58:00")
COMMENT = Question("saran_dan_masukan", "Saran dan masukan", "SARAN", "penutup")
MODES = {"paper": ("paper", "Kertas"), "online": ("online", "Daring")}
Write = Callable[[Form, Sequence[Submission]], bytes]


@dataclass(frozen=True)
class Format:
    """How a tool writes, and what becomes of a text on the way.

    Args:
        write: the writer.
        source: the source that must know it.
        lined: a line break in a cell is one line more of the file; in a workbook it is not.
        minutes: seconds are lost.
        narrow: one byte a letter.
        headings: rows above the data.
        blank: lines after them that hold nothing.
        languages: in which the form may be asked.
        sent_only: what was never sent is not exported.
        several: a question of which several choices may be ticked.
    """

    write: Write
    source: str
    lined: bool = True
    minutes: bool = False
    narrow: bool = False
    headings: int = 1
    blank: int = 0
    languages: tuple[Any, ...] = ("id", "en")
    sent_only: bool = True
    several: bool = False


def repeated(form: Form, given: Sequence[Submission], *, labels: bool) -> bytes:
    repeats = {n: ["Satu", "Dua"] for n in range(1, len(given) + 1) if n % 2}
    return kobo_xlsx(
        form, given, labels=labels, when=WHEN, repeats=repeats, title="Angket reaksi peserta pelatihan"
    )


FORMATS = {
    "limesurvey_codes": Format(limesurvey_csv, "LimeSurvey", blank=1, sent_only=False),
    "limesurvey_words": Format(
        lambda f, s: limesurvey_csv(f, s, words=True, dated=True, delimiter=","), "LimeSurvey", blank=1,
        sent_only=False,
    ),
    "kobo_csv_names": Format(lambda f, s: kobo_csv(f, s, labels=False), "KoboToolbox", several=True),
    "kobo_csv_labels": Format(lambda f, s: kobo_csv(f, s, labels=True), "KoboToolbox", several=True),
    "kobo_xlsx_names": Format(lambda f, s: repeated(f, s, labels=False), "KoboToolbox", lined=False, several=True),
    "kobo_xlsx_labels": Format(lambda f, s: repeated(f, s, labels=True), "KoboToolbox", lined=False, several=True),
    "odk_first": Format(lambda f, s: odk_csv(f, s, generation=1), "ODK Central"),
    "odk_second": Format(lambda f, s: odk_csv(f, s, generation=2), "ODK Central"),
    "odk_newest": Format(odk_csv, "ODK Central"),
    "google_sheet": Format(google_csv, "Google Forms"),
    "google_grid": Format(lambda f, s: google_csv(f, s, grid=True), "Google Forms"),
    "google_form": Format(lambda f, s: google_csv(f, s, words=False, zone=True), "Google Forms"),
    "microsoft_xlsx": Format(lambda f, s: microsoft_xlsx(f, s, when=WHEN), "Microsoft Forms", lined=False),
    "microsoft_xlsx_newer": Format(
        lambda f, s: microsoft_xlsx(f, s, when=WHEN, modified=True, words=False), "Microsoft Forms", lined=False
    ),
    "microsoft_csv_windows": Format(microsoft_csv, "Microsoft Forms", minutes=True, narrow=True),
    "microsoft_csv_utf8": Format(
        lambda f, s: microsoft_csv(f, s, encoding="utf-8-sig", words=False), "Microsoft Forms", minutes=True
    ),
    "surveymonkey_words": Format(surveymonkey_csv, "SurveyMonkey", headings=2, narrow=True),
    "surveymonkey_numbers": Format(
        lambda f, s: surveymonkey_csv(f, s, words=False, encoding="latin-1"), "SurveyMonkey", headings=2, narrow=True
    ),
}  # fmt: skip

CODES = st.from_regex(r"[A-Z][A-Z0-9]{0,4}(-[A-Z0-9]{1,4}){0,2}", fullmatch=True)
MARKS = [
    ";",
    ",",
    "\t",
    '"',
    '""',
    "\n",
    "\r\n",
    "=1+1",
    "-",
    "é",
    "—",
    "“kutip”",
    "ź",
    "中文",
    "\u00a0",
    "\u2028",
    "0",
    "A4",
]
TEXTS = st.one_of(
    st.just(""),
    st.lists(st.sampled_from([*MARKS, "baik ", "kurang contoh "]), max_size=6).map("".join),
    st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=20),
)
# two letters beyond ASCII side by side may well be UTF-8, and a file that mixes both is rightly refused
NARROW = st.lists(
    st.sampled_from(["é ", "a", ";", ",", '"', "\n", "— ", "mañana ", "\u00a0x"]), max_size=6
).map("".join)


@st.composite
def surveys(draw: st.DrawFn, form: Form, shape: Format) -> tuple[Form, list[Submission]]:
    """A form with its columns in any order and some left out, and what people answered."""
    instrument = form.instrument
    items = draw(st.lists(st.sampled_from(instrument.items), min_size=1, unique_by=lambda item: item.code))
    dropped = [item.code for item in instrument.items if item not in items]
    form = form.without(*dropped)
    questions = draw(st.permutations(form.questions))
    form = Form(instrument, tuple(questions), form.language)
    count = draw(st.integers(1, 6))
    given = [draw(submissions(form, items, shape)) for _ in range(count)]
    # a form without a day above 12 does not tell which number is the day, and is refused: one row tells it
    given.append(Submission(given[0].facts, given[0].answers, TELLING))
    return form, given


@st.composite
def submissions(draw: st.DrawFn, form: Form, items: Sequence[Any], shape: Format) -> Submission:
    answered = draw(st.lists(st.sampled_from(items), min_size=1, unique_by=lambda item: item.code))
    answers = {item.code: draw(st.integers(*item.scale)) for item in answered}
    unit = "batch_code" if form.instrument.dataset == "responses" else "unit_code"
    facts = {unit: draw(CODES)}
    if unit == "unit_code":
        facts["mode"] = draw(st.sampled_from(MODES["paper"] + MODES["online"]))
    sent = draw(st.datetimes(EARLIEST, LATEST)).replace(microsecond=0)
    is_sent = shape.sent_only or draw(st.integers(0, 3)) > 0
    text = draw(NARROW if shape.narrow else TEXTS)
    ticked = draw(st.frozensets(st.sampled_from(sorted(CHOICES))))
    return Submission(facts, answers, sent if is_sent else None, {COMMENT.name: text}, ticked)


def expected(form: Form, one: Submission, shape: Format) -> dict[str, Any]:
    """What must be read of a submission: its facts, its moment and its answers, by the contract's columns."""
    assert isinstance(one.sent, datetime)
    sent = one.sent.replace(second=0) if shape.minutes else one.sent
    facts = {**one.facts, **form.instrument.constants}
    if "mode" in facts:
        facts["mode"] = next(mode for mode, shown in MODES.items() if facts["mode"] in shown)
    return {**facts, "sent": f"{sent:%Y-%m-%d %H:%M:%S}", **{c: str(v) for c, v in one.answers.items()}}


def found(form: Form, part: Part) -> dict[int, dict[str, Any]]:
    """What was read, by the line it stands in."""
    rows: dict[int, dict[str, Any]] = {}
    for row in part.rows:
        values = {name: value for name, value in row.values.items() if value is not None}
        if part.dataset == "service_survey":
            assert row.row_no not in rows
            rows[row.row_no] = values
            continue
        one = rows.setdefault(row.row_no, {})
        item, answer = str(values.pop("item_code")), values.pop("answer")
        assert item not in one, "an answer is read once"
        assert values.pop("instrument_code") == form.instrument.code
        assert values.pop("instrument_version") == form.instrument.version
        one |= {item: answer, **values, "sent": values["submitted_at"]}
    return rows


def first_lines(shape: Format, given: Sequence[Submission]) -> list[int]:
    """The line on which each submission begins, counted by hand from the line breaks within its text."""
    places, line = [], shape.headings + 1
    for one in given:
        places.append(line)
        text = one.texts.get(COMMENT.name, "")
        breaks = text.replace("\r\n", "\n").replace("\r", "\n").count("\n")
        line += 1 + (breaks if shape.lined else 0)
    return places


def check(path: Path, shape: Format, form: Form, given: Sequence[Submission]) -> None:
    content = shape.write(form, given)
    assert content == shape.write(form, given), "the same answers are the same bytes"
    path.write_bytes(content)
    file = file_at(path)
    inspect(path, file.size, file.head, Limits())
    source, _ = recognise_file(file)
    assert shape.source == source.NAME
    (part,) = source.read(file, CATALOGUE)
    assert part.dataset == form.instrument.dataset
    sent = [one for one in given if one.sent is not None]
    repeats = (
        sum(2 for n in range(1, len(given) + 1) if n % 2) + 1 if shape.several and not shape.lined else 0
    )
    lines = {
        "heading": shape.headings, "data": len(sent), "blank": shape.blank,
        "incomplete": len(given) - len(sent), "repeat": repeats,
    }  # fmt: skip
    assert part.lines == {kind: count for kind, count in lines.items() if count}
    rows = found(form, part)
    where = {line: one for line, one in zip(first_lines(shape, given), given, strict=True) if one.sent}
    assert list(rows) == list(where)
    codes = [row.pop("response_code") for row in rows.values()]
    assert len(set(codes)) == len(sent)
    for line, one in where.items():
        wanted = expected(form, one, shape)
        row = rows[line]
        if form.instrument.dataset == "service_survey":
            assert row.pop("surveyed_on") == wanted.pop("sent")[:10]
        else:
            del row["submitted_at"]
        assert row == wanted


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_a_tool_exported_is_read_as_it_was_given(
    name: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    shape = FORMATS[name]
    instrument = INSTRUMENTS[data.draw(st.sampled_from(["reaction", "service_survey"]))]
    language = data.draw(st.sampled_from(shape.languages))
    texts = [COMMENT, *([SEVERAL] if shape.several else [])]
    form, given = data.draw(surveys(form_of(instrument, language, *texts), shape))
    check(tmp_path_factory.mktemp("form") / "berkas", shape, form, given)


def test_every_form_tool_is_written() -> None:
    assert {shape.source for shape in FORMATS.values()} == {
        "LimeSurvey", "KoboToolbox", "ODK Central", "Google Forms", "Microsoft Forms", "SurveyMonkey",
    }  # fmt: skip


def test_a_writer_that_moved_an_answer_would_be_found(tmp_path: Path) -> None:
    """Control: a heading in the place of another gives other answers than were given."""
    form = form_of(INSTRUMENTS["reaction"])
    given = [Submission({"batch_code": "B-1"}, {"rel1": 1, "rel2": 5}, WHEN + timedelta(days=15))]

    def moved(form: Form, given: Sequence[Submission]) -> bytes:
        content = odk_csv(form, given).decode()
        return content.replace("rel1", "x").replace("rel2", "rel1").replace("-x", "-rel2").encode()

    check(tmp_path / "right", Format(odk_csv, "ODK Central"), form, given)
    with pytest.raises(AssertionError):
        check(tmp_path / "wrong", Format(moved, "ODK Central"), form, given)
