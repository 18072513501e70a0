"""Who files a file: a code in it, its folder, the one batch that fits; a person's word corrects the guesses.

One state takes all files in at once, so that each is told from the others by its responses alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
from desks import NAMES, ONE, Desk, master, workbook_bytes
from forms import REACTION, WORDINGS, csv_bytes

from siklatih.identity import is_code

DAYS = {"P01-A1": (date(2026, 8, 3), date(2026, 8, 7)), "P01-A2": (date(2026, 9, 14), date(2026, 9, 18))}
A1, A2 = DAYS
CODES = [item.question for item in REACTION.items]
SENT = "2026-08-07 16:00:00"  # after the first batch, long before the second: dates fit the first one only


def limesurvey(number: int, batch: str | None) -> bytes:
    """One response; ``BATCH`` is the code of a hidden question, or it was not asked."""
    heading = ["id", "submitdate", "lastpage", "startlanguage", "seed", *(["BATCH"] if batch else []), *CODES]
    cells = [str(number), SENT, "2", "id", "1", *([batch] if batch else []), *["A4"] * 10]
    return csv_bytes([heading, cells], delimiter=";", quoted=True)


def google(code: str) -> bytes:
    """The code is the first question that people answer."""
    rows = [["Stempel waktu", "Kode angkatan", *WORDINGS], ["07/08/2026 16:10:33", code, *["Setuju"] * 10]]
    return csv_bytes([*rows, ["13/08/2026 16:12:00", code, *["Netral"] * 10]])


def microsoft(place: Path, code: str) -> bytes:
    """The code is the first question that people answer."""
    heading = ["ID", "Start time", "Completion time", "Email", "Name", "Kode angkatan", *WORDINGS]
    cells = [101, "8/7/26 16:20:01", "8/7/26 16:24:33", "anonymous", "", code, *["Setuju"] * 10]
    late = [102, "8/13/26 16:20:01", "8/13/26 16:24:33", "anonymous", "", code, *["Netral"] * 10]
    return workbook_bytes(place, {"Sheet1": [heading, cells, late]})


def kobo(code: str) -> bytes:
    """A hidden question (``calculate``) has no label: it stands under its name, in its group."""
    heading = ["start", "end", "meta_kelas/BATCH", *WORDINGS, "_id", "_uuid", "_submission_time"]
    cells = ["", "", code, *["Setuju"] * 10, "31", "aa-1", "2026-08-07T09:30:00"]
    return csv_bytes([heading, cells], delimiter=";", quoted=True)


@dataclass
class Filed:
    """What was handed in, by the name that a test gives it, and what came of it."""

    desk: Desk
    files: dict[str, str] = field(default_factory=dict)

    def batch(self, name: str) -> list[tuple[object, ...]]:
        """The batches of a file's answers, and how it was filed."""
        return self.desk.ask(
            "select distinct rows.batch_code, filings.how from accepted.responses as rows "
            "left join quality.filings as filings using (file_sha, part_no) where rows.file_sha = ?",
            self.files[name],
        )

    def provider(self, name: str) -> str:
        ((found,),) = self.desk.ask("select provider from quality.files where file_sha = ?", self.files[name])
        return str(found)


@pytest.fixture(scope="module")
def filed(tmp_path_factory: pytest.TempPathFactory) -> Filed:
    place = tmp_path_factory.mktemp("filing")
    desk = Desk(place / "state")
    desk.hand_in("bkpsdm/induk.xlsx", master(DAYS))
    made = Filed(desk)
    given = {
        "code, folder, word": (f"survei/{A2}/a.csv", limesurvey(1, A1)),
        "folder": (f"survei/{A2}/b.csv", limesurvey(2, None)),
        "folder, word": (f"survei/{A2}/c.csv", limesurvey(3, None)),
        "match": ("survei/d.csv", limesurvey(4, None)),
        "match, word": ("survei/e.csv", limesurvey(5, None)),
        "match, unknown word": ("survei/f.csv", limesurvey(6, None)),
        "hidden, LimeSurvey": ("survei/g.csv", limesurvey(7, A2)),
        "first, Google": ("survei/h.csv", google(A2)),
        "first, Microsoft": ("survei/i.xlsx", microsoft(place / "i.xlsx", A2)),
        "hidden, Kobo": ("survei/j.csv", kobo(A2)),
    }
    made.files = {name: desk.drop(path, content) for name, (path, content) in given.items()}
    costs = ("batch_code", "cost_type", "funded_by", "planned_amount", "actual_amount")
    for name, said in (
        ("cell", "opd-12"),
        ("cell, word", "opd-13"),
        ("a number", ONE),
        ("words", NAMES[ONE]),
    ):
        row = (A1, "travel", "budget", 500, 400)
        path = f"2026Q3/bkpsdm/{len(made.files)}.xlsx"
        made.files[name] = desk.hand_in(path, {"costs": (costs, [row])}, provider=said)
    odd = {"meta": [["siklatih-workbook", "1"], ["provider", "opd-14"]], "Lain": [["x"], ["1"]]}
    made.files["refused"] = desk.drop("2026Q3/bkpsdm/odd.xlsx", workbook_bytes(place / "odd.xlsx", odd))
    desk.take_in()
    for name in ("code, folder, word", "match, word"):
        desk.say(made.files[name], batch=A2)
    desk.say(made.files["folder, word"], batch=A1)
    desk.say(made.files["match, unknown word"], batch="P99-A9")
    desk.say(made.files["cell, word"], provider="opd-99")
    desk.build()
    return made


@pytest.mark.parametrize(
    ("name", "batch", "how"),
    [
        ("code, folder, word", A1, None),  # what the file says of itself, nobody overrules
        ("folder", A2, "folder"),  # although the dates fit the other batch
        ("folder, word", A1, "word"),
        ("match", A1, "match"),
        ("match, word", A2, "word"),
        ("match, unknown word", A1, "match"),  # a batch that does not exist files nothing
        ("hidden, LimeSurvey", A2, None),
        ("first, Google", A2, None),
        ("first, Microsoft", A2, None),
        ("hidden, Kobo", A2, None),
    ],
)
def test_the_order_in_which_a_batch_is_found(filed: Filed, name: str, batch: str, how: str | None) -> None:
    assert filed.batch(name) == [(batch, how)]


@pytest.mark.parametrize(
    ("name", "provider"),
    [
        ("folder", "survei"),
        ("cell", "opd-12"),  # before the folder
        ("cell, word", "opd-99"),  # a copied workbook names another office: a person's word corrects it
        ("refused", "opd-14"),  # the answer to a refused file must reach whom it came from as well
        ("a number", "bkpsdm"),  # a person is no provider, and must not be kept as one
        ("words", "bkpsdm"),
    ],
)
def test_the_order_in_which_a_provider_is_found(filed: Filed, name: str, provider: str) -> None:
    assert filed.provider(name) == provider


def test_no_number_or_name_of_a_person_is_kept_as_a_provider(filed: Filed) -> None:
    accepted = filed.desk.state.accepted.rglob("manifest.json")
    kept = "".join(path.read_text(encoding="utf-8") for path in accepted)
    assert "opd-12" in kept
    assert ONE not in kept
    assert NAMES[ONE] not in kept


@pytest.mark.parametrize(
    ("text", "yes"),
    [
        ("opd-12", True),
        (ONE, False),
        ("a b", False),
        ("", False),
        ("x" * 41, False),
        ("a@example.org", False),
    ],
)
def test_what_a_code_may_be(text: str, yes: bool) -> None:
    assert is_code(text) is yes
