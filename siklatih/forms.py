"""Forms become answers: headings are matched to a questionnaire by wording, never by place.

A heading is matched by the exact headings of a mapping, else by the instrument's codes and wordings. What
matches nothing refuses the file, for a guess would file answers under a question nobody asked.
"""

from __future__ import annotations

import hashlib
import json
import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from siklatih.errors import MendError
from siklatih.form_faults import ambiguous_form, asked_twice, no_question, unknown_form, unknown_question
from siklatih.instruments import Instrument, Item, Target
from siklatih.mappings import FormMapping
from siklatih.sources.dates import DateParser, Order, date_parser
from siklatih.sources.protocol import Catalogue, Part, Row
from siklatih.sources.values import canonical, column_letters
from siklatih.wording import collapse, fold, matrix_row, readings

_CODE = re.compile(r"A(\d+)")
_WHOLE = re.compile(r"(\d+)(?:[.,]0+)?")
_OUT_OF = re.compile(r"(\d+) ?/ ?(\d+)")
_NUMBER_AND_WORDS = re.compile(r"(?P<number>\d{1,2})(?: ?(?P<mark>[-–—.:=)(]) ?| )(?P<words>[^\d\W].*)")
_WORDS_AND_NUMBER = re.compile(r"(?P<words>[^\d\W].*?) ?[-–—.:=(] ?(?P<number>\d{1,2})\)?")


@dataclass(frozen=True)
class Record:
    """A submission as a tool wrote it. Without a ``code`` of the tool's own one follows from its content."""

    row_no: int
    cells: Sequence[str]
    code: str | None = None
    submitted: str | None = None


@dataclass(frozen=True)
class FormTable:
    """What a form tool exported.

    Args:
        tool: the tool's name, for messages.
        place: where in the file the table stands.
        headings: one a column; a matrix as ``Stem [Row]``, a group as ``Group/Question``.
        own: columns of the tool itself, which are never questions.
        choices: columns that repeat a choice of another column; read only where they are asked for whole.
        records: submissions; incomplete ones are counted in ``lines`` only.
        lines: the account of the source lines.
        row: the line of the heading.
        evidence: further moments that may tell the order of day and month.
        least: the share of questions that must be known for the form to be the instrument's.
        numbered: the records' codes are running numbers, which begin anew with the next form.
        repeat: the group that repeats whose rows these are; only mappings that name it read them.
        again: lines at which another export of the same form begins.
    """

    tool: str
    place: str
    headings: Sequence[str]
    own: Set[int]
    records: Sequence[Record]
    lines: dict[str, int]
    choices: Set[int] = frozenset()
    row: int = 1
    evidence: Sequence[str] = ()
    least: float = 0.0
    numbered: bool = False
    repeat: str = ""
    again: Sequence[int] = ()


@dataclass(frozen=True)
class Plan:
    """Which instrument a form asks, and what each of its columns stands for."""

    instrument: Instrument
    mapping: FormMapping | None
    columns: Mapping[int, Target]
    unmatched: Sequence[int] = field(default_factory=tuple)

    @property
    def rank(self) -> tuple[int, int, int]:
        """How well it fits: columns known, items among them, and those named by the mapping itself."""
        items = sum(target.kind == "item" for target in self.columns.values())
        return len(self.columns), items, int(self.mapping is not None)


class UnmatchedFormError(MendError):
    """The refusal of a form that needs a mapping; its table is there for who drafts one."""

    table: FormTable | None = None


def read_form(table: FormTable, catalogue: Catalogue) -> Part:
    """Return the answers of a form.

    Raises:
        UnmatchedFormError: it has no questions, they are those of no instrument, one of them is not known or
            stands twice, or the order of day and month in its dates is not.
    """
    try:
        plan = plan_for(table, catalogue)
        mapping = plan.mapping
        dates = _date_parser(table, mapping)
    except MendError as error:
        unread = UnmatchedFormError(**error.as_dict())
        unread.place = table.place  # a form that repeats groups has several sheets
        unread.table = table
        raise unread from error
    part = Part(plan.instrument.dataset, table.place, lines=dict(table.lines))
    contract = catalogue.contracts[plan.instrument.dataset]
    known = {column.name: column for column in contract.columns}
    seen: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for record in table.records:
        moment = dates.canonical(record.submitted)
        facts: dict[str, str | None] = {
            **dict.fromkeys(fact.column for fact in plan.instrument.facts),
            **plan.instrument.constants,
            **(mapping.constants if mapping else {}),
        }
        answers: dict[str, str | None] = {}
        for index, target in plan.columns.items():
            text = collapse(record.cells[index]) or None
            if target.kind == "item":
                item = plan.instrument.item(target.name)
                answers[item.code] = answer_of(text, item, plan.instrument, mapping, table.headings[index])
            elif target.kind == "fact":
                column = known.get(target.name)
                try:
                    facts[target.name] = canonical(column, text) if column else text
                except MendError as error:
                    error.row, error.column, error.place = record.row_no, column_letters(index), table.place
                    raise
        if not any(answers.values()):  # opened and left: no question of ours was answered
            part.lines["data"] -= 1
            part.count("incomplete")
            continue
        own = numbered_code(record.code, moment) if table.numbered else record.code
        export = bisect_left(table.again, record.row_no)  # what two exports both hold is one answer
        code = own or _content_code(facts, answers, moment, seen[export])
        part.rows += answer_rows(plan.instrument, record.row_no, facts, answers, code, moment)
    return part


def _date_parser(table: FormTable, mapping: FormMapping | None) -> DateParser:
    """Return the reader of the form's moments: the order that the mapping says, else that the file shows."""
    if mapping is not None and mapping.date_order is not None:
        return DateParser(Order.MONTH if mapping.date_order == "mdy" else Order.DAY)
    texts = [record.submitted for record in table.records]
    return date_parser([*texts, *table.evidence], rows=[record.row_no for record in table.records])


def answer_rows(
    instrument: Instrument,
    row_no: int,
    facts: Mapping[str, str | None],
    answers: Mapping[str, str | None],
    code: str | None,
    submitted: str | None,
) -> list[Row]:
    """Return one row an answered item for ``responses``, else one row with a column an item."""
    if instrument.dataset == "responses":
        common = {
            **facts,
            "instrument_code": instrument.code,
            "instrument_version": instrument.version,
            "response_code": code,
            "submitted_at": submitted,
        }
        return [
            Row(row_no, {**common, "item_code": item.code, "answer": answer})
            for item in instrument.items
            if (answer := answers.get(item.code)) is not None
        ]
    given = {item.code: answers.get(item.code) for item in instrument.items}
    day = submitted[:10] if submitted else None
    return [Row(row_no, {**facts, **given, "response_code": code, "surveyed_on": day})]


def answer_of(
    text: str | None,
    item: Item,
    instrument: Instrument,
    mapping: FormMapping | None = None,
    heading: str = "",
) -> str | None:
    """Return an answer as the number it stands for; what has no number is left for the contract to judge.

    A column of a matrix whose cell repeats its own row, as choices ticked are exported, is answered 1.
    """
    if text is None:
        return None
    words = collapse(text).casefold()
    for given in (mapping.item_answers.get(item.code, {}), mapping.answers) if mapping else ():
        if words in given:
            return str(given[words])
    scale = instrument.scale_words[item.code]
    if words in scale:
        return str(scale[words])
    row = matrix_row(heading)
    if row is not None and fold(row) == fold(text):
        return "1"
    return _number(words, item, scale) or text


def _number(words: str, item: Item, scale: Mapping[str, int]) -> str | None:
    if found := _WHOLE.fullmatch(words) or _CODE.fullmatch(words.upper()):
        return found[1]
    if found := _OUT_OF.fullmatch(words):
        return found[1] if int(found[2]) == item.scale[1] else None
    found = _NUMBER_AND_WORDS.fullmatch(words) or _WORDS_AND_NUMBER.fullmatch(words)
    if found is None:
        return None
    label = scale.get(found["words"].rstrip(") ").strip())
    if label is None:  # words of no known scale: the number counts only where it is set off in front
        return found["number"] if found.groupdict().get("mark") else None
    return found["number"] if label == int(found["number"]) else None


def numbered_code(number: str | None, moment: str | None) -> str | None:
    """Return the code of a response that its tool only numbers, since every form of it has a number 7.

    To the minute, as one export of a form may leave out the seconds that another has.
    """
    return number and f"{number} {(moment or '')[:16]}".rstrip()


def _content_code(
    facts: dict[str, str | None], answers: dict[str, str | None], moment: str | None, seen: Counter[str]
) -> str:
    """Return a code that stays the same in a later export, whatever the order of rows and columns.

    Tools without a number of their own write whole seconds, in which two people may well give the same
    answers; the second is told from the first by its count within its export. Columns that are not read
    take no part, for a code must not tell whose it is.
    """
    given = sorted((name, text) for name, text in (facts | answers).items() if text is not None)
    content = json.dumps([given, moment])
    code = hashlib.sha256(content.encode()).hexdigest()[:16]
    seen[code] += 1
    return code if seen[code] == 1 else f"{code}-{seen[code]}"


def asked_columns(table: FormTable) -> list[int]:
    """Return the columns that are questions; one without a heading is only if somebody answered it."""
    return [
        index
        for index, heading in enumerate(table.headings)
        if index not in table.own
        and (heading.strip() or any(record.cells[index].strip() for record in table.records))
    ]


def plan_for(table: FormTable, catalogue: Catalogue) -> Plan:
    """Return the best reading of a form's headings; ``MendError`` if it is not whole and the only one."""
    asked = asked_columns(table)
    plain = () if table.repeat else catalogue.instruments.values()
    plans = [_plan(table, asked, instrument, None) for instrument in plain]
    plans += [
        _plan(table, asked, catalogue.instruments[mapping.instrument], mapping)
        for mapping in catalogue.mappings.values()
        if mapping.repeat == table.repeat and any(mapping.target(table.headings[index]) for index in asked)
    ]
    plans.sort(key=lambda plan: plan.rank, reverse=True)
    questions = [index for index in asked if index not in table.choices]
    if not questions:
        raise no_question(table.tool, table.row)
    if not plans or plans[0].rank[1] == 0 or len(plans[0].columns) <= table.least * len(questions):
        raise unknown_form(table.tool, table.row, questions, table.headings, catalogue.instruments)
    best = plans[0]
    if len(plans) > 1 and plans[1].rank == best.rank:
        raise ambiguous_form(table.tool, table.row, [_name(plan) for plan in plans[:2]])
    if best.unmatched:
        raise unknown_question(best.instrument, table.row, best.unmatched, table.headings)
    taken = Counter(target for target in best.columns.values() if target.kind != "ignore")
    twice = [index for index, target in best.columns.items() if taken[target] > 1]
    if twice:
        raise asked_twice(table.row, twice)
    return best


def _name(plan: Plan) -> str:
    return f"config/mappings: {plan.mapping.code}" if plan.mapping else plan.instrument.code


def _plan(
    table: FormTable, asked: Sequence[int], instrument: Instrument, mapping: FormMapping | None
) -> Plan:
    known = instrument.wordings()
    columns: dict[int, Target] = {}
    unmatched: list[int] = []
    for index in asked:
        heading = table.headings[index]
        target = mapping.target(heading) if mapping else None
        if target is None:
            # a choice's name may be a question's elsewhere, so such a column is matched whole or not at all
            ways = [fold(heading)] if index in table.choices else readings(heading)
            target = next((known[words] for words in ways if words in known), None)
        if target is not None:
            columns[index] = target
        elif index not in table.choices:
            unmatched.append(index)
    return Plan(instrument, mapping, columns, unmatched)
