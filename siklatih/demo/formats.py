"""In which format each batch's files come: chosen by its place among the batches, never by chance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import cycle

from siklatih.demo.training import Batch
from siklatih.demo.writers.moodle_quiz import QuizLayout
from siklatih.demo.writers.teams_attendance import TeamsShape
from siklatih.demo.writers.zoom_participants import ZoomShape

ZOOM = (ZoomShape.BLOCK, ZoomShape.ALONE, ZoomShape.BLANK_LINE, ZoomShape.WAITING_ROOM)
WORKBOOK_QUIZZES = 3  # of so many batches, one has its tests as quizzes


class ListForm(Enum):
    """How the presence of people in a room is recorded; the value is the ending of the file's name."""

    MOODLE_TEXT = "txt"
    MOODLE_XLS = "xls"
    TERMINAL = "dat"
    MOODLE_ODS = "ods"


class SurveyTool(Enum):
    """The tool with which participants are asked at the end; the value is what follows the batch in the name."""

    LIMESURVEY = "limesurvey.csv"
    KOBO_CSV = "kobo.csv"
    KOBO_XLSX = "kobo.xlsx"
    ODK = "odk.csv"
    GOOGLE = "google.csv"
    MICROSOFT_XLSX = "microsoft.xlsx"
    MICROSOFT_CSV = "microsoft.csv"
    SURVEYMONKEY = "surveymonkey.csv"


@dataclass(frozen=True)
class Formats:
    """The formats of one batch.

    Attributes:
        meetings: of each session, if the batch meets online.
        attendance: else, how attendance is taken.
        language: of the site, ``en`` or ``id``.
        quiz: what the quiz grades show; None if the scores come in the agency's workbook.
        survey: with which tool participants are asked at the end.
        in_folder: whether files that do not name their batch lie in its folder, or are filed by what fits.
    """

    meetings: tuple[ZoomShape | TeamsShape, ...]
    attendance: ListForm | None
    language: str
    quiz: QuizLayout | None
    survey: SurveyTool
    in_folder: bool


def choose_formats(batches: Sequence[Batch]) -> dict[str, Formats]:
    """Return the formats by batch code: every format comes in turn, over all batches of the city."""
    zoom, teams, lists, quizzes = cycle(ZOOM), cycle(TeamsShape), cycle(ListForm), cycle(QuizLayout)
    surveys = cycle(SurveyTool)
    online = offline = 0
    found = {}
    for number, batch in enumerate(batches):
        meetings: tuple[ZoomShape | TeamsShape, ...] = ()
        attendance = None
        if batch.is_online:
            shapes: Iterator[ZoomShape | TeamsShape] = teams if online % 2 else zoom
            meetings = tuple(next(shapes) for _ in batch.sessions)
            online += 1
        else:
            attendance = next(lists)
            offline += 1
        quiz = next(quizzes) if number % WORKBOOK_QUIZZES == 1 else None
        # of lists and quizzes, so that each of them comes in both languages
        language = "id" if (offline // len(ListForm) + number) % 2 else "en"
        found[batch.code] = Formats(
            meetings, attendance, language, quiz, next(surveys), in_folder=number % 4 < 2
        )
    return found
