"""LimeSurvey CSV: UTF-8, `;` or `,`, every cell quoted; questions by code.

The questionnaire is found by its question codes, never by the file's name. Questions that the questionnaire
ignores are passed over, whatever was written in them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from siklatih.contracts import Contract
from siklatih.errors import MendError
from siklatih.forms import answer_of, answer_rows, numbered_code
from siklatih.instruments import Instrument
from siklatih.sources.delimited import blank_to_none, decode, head_text, looks_like_text, records
from siklatih.sources.form_tables import check_data, repeats_heading
from siklatih.sources.protocol import Catalogue, Part, Recognition, Row, SourceFile
from siklatih.sources.values import canonical, column_letters, unrounded
from siklatih.wording import fold

NAME = "LimeSurvey"
SIGNS = {name: name for name in ("id", "submitdate", "lastpage", "startlanguage", "seed")}
_OWN = {
    "id", "submitdate", "lastpage", "startlanguage", "seed", "startdate", "datestamp", "ipaddr", "refurl",
    "token",
}  # fmt: skip


def recognise(file: SourceFile) -> Recognition | None:
    """LimeSurvey's own four columns stand first, always in this order."""
    if not looks_like_text(file.head):
        return None
    first = head_text(file.head).split("\n", 1)[0].replace('"', "").replace(",", ";")
    if first.startswith("id;submitdate;lastpage;startlanguage"):
        return Recognition(1.0, "first columns id, submitdate, lastpage, startlanguage")
    return None


def read(file: SourceFile, catalogue: Catalogue) -> Iterator[Part]:
    """Yield one part: long rows for answers, one row a person for surveys with a column an item."""
    text = decode(file)
    delimiter = ";" if text.split("\n", 1)[0].count(";") >= 3 else ","
    lines = records(text, delimiter)
    _, heading = next(lines)
    instrument = _instrument(heading, catalogue)
    part = Part(instrument.dataset, "table")
    part.count("heading")
    contract = catalogue.contracts[instrument.dataset]
    columns = {name: index for index, name in enumerate(heading)}
    for line, cells in lines:
        if not any(cell.strip() for cell in cells):
            part.count("blank")
            continue
        if repeats_heading(cells, heading):  # another export below the first
            part.count("repeat")
            continue
        check_data(line, cells, heading)
        given = {name: blank_to_none(cells[index]) for name, index in columns.items()}
        submitted = given["submitdate"]
        if submitted is None:
            part.count("incomplete")  # the person never pressed submit: not an answer
            continue
        part.count("data")
        unrounded(given["id"] or "", line, "A")
        part.rows += _rows(instrument, contract, line, given, submitted)
    yield part


def _instrument(heading: Sequence[str], catalogue: Catalogue) -> Instrument:
    asked = {name for name in heading if name not in _OWN}
    scored = []
    for instrument in catalogue.instruments.values():
        known = {item.question for item in instrument.items} | set(instrument.questions)
        ignored = {fold(words) for words in instrument.ignore}
        passed_over = {name for name in asked if fold(name) in ignored}
        scored.append((len(asked & known), instrument, known | passed_over))
    scored.sort(key=lambda entry: (-entry[0], entry[1].code))
    count, instrument, known = scored[0]
    odd = [
        column_letters(index)  # a heading's text may be anything, a person's name too
        for index, name in enumerate(heading)
        if name not in _OWN | known or name in heading[:index]
    ]
    if odd:
        raise MendError(
            "unknown_question",
            en=f"The questions in these columns are not known or stand twice: {', '.join(odd[:5])}. "
            f"Nearest questionnaire: {instrument.code}. Add them to config/instruments, or export codes.",
            id_=f"Pertanyaan pada kolom ini tidak dikenal atau ganda: {', '.join(odd[:5])}. "
            f"Angket terdekat: {instrument.code}. Tambahkan ke config/instruments, atau ekspor dengan kode.",
            row=1,
            column=odd[0],
        )
    filed = catalogue.contracts[instrument.dataset].filed  # a folder or a person may say that as well
    needed = {name for name, column in instrument.questions.items() if filed is None or column != filed.name}
    missing = sorted(needed - asked)
    if count == 0 or missing:
        raise MendError(
            "unknown_question",
            en=f"These questions are missing: {', '.join(missing) or 'all'}. "
            f"Nearest questionnaire: {instrument.code}. Export the survey with them.",
            id_=f"Pertanyaan ini tidak ada: {', '.join(missing) or 'semua'}. "
            f"Angket terdekat: {instrument.code}. Ekspor survei dengan pertanyaan itu.",
            row=1,
        )
    return instrument


def _rows(
    instrument: Instrument, contract: Contract, line: int, given: dict[str, str | None], submitted: str
) -> list[Row]:
    facts = {
        column: canonical(contract.column(column), given.get(question))
        for question, column in instrument.questions.items()
    }
    answers = {item.code: answer_of(given.get(item.question), item, instrument) for item in instrument.items}
    code = numbered_code(given["id"], submitted)
    return answer_rows(instrument, line, facts | instrument.constants, answers, code, submitted)
