"""What participants answer at the end of a batch, in the tool that its organiser uses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta

import numpy as np

from siklatih.demo.exports import put
from siklatih.demo.formats import Formats, SurveyTool
from siklatih.demo.inbox import Folders
from siklatih.demo.training import Batch
from siklatih.demo.writers.forms import Form, Submission, form_of
from siklatih.demo.writers.google_forms import google_csv
from siklatih.demo.writers.kobo import kobo_csv, kobo_xlsx
from siklatih.demo.writers.limesurvey import limesurvey_csv
from siklatih.demo.writers.microsoft_forms import microsoft_csv, microsoft_xlsx
from siklatih.demo.writers.odk_central import odk_csv
from siklatih.demo.writers.surveymonkey import surveymonkey_csv

_FIRST_SURE_DAY = 13  # no month has this number: from here on day and month cannot be confused


def write_reaction(rng: np.random.Generator, folders: Folders, batch: Batch, formats: Formats) -> None:
    """Write the answers of a batch; nothing if nobody answered."""
    form = form_of(folders.instruments["reaction"])
    evening = datetime.combine(batch.ends, time(16))
    sent = [
        Submission(
            {"batch_code": batch.code},
            _as_ticked(form, batch.answers[index]),
            evening + timedelta(minutes=int(rng.integers(0, 600))),
        )
        for index in sorted(batch.responded)
    ]
    if not sent:
        return
    tool = formats.survey
    if tool is SurveyTool.LIMESURVEY:
        answers = {item: sent[0].answers[item] for item in ("rel1", "rel2")}
        sent.append(replace(sent[0], answers=answers, sent=None))  # begun, and never sent
    elif tool in (SurveyTool.GOOGLE, SurveyTool.MICROSOFT_CSV, SurveyTool.SURVEYMONKEY):
        sent = _with_a_late_one(sent)
    when = max(one.sent for one in sent if isinstance(one.sent, datetime)) + timedelta(days=3)
    content = _exported(tool, form, sent, f"angket {batch.code}", when)
    put(folders.place(batch.cycle, "survei", f"reaksi-{batch.code}-{tool.value}"), content, when)


def _exported(tool: SurveyTool, form: Form, sent: Sequence[Submission], title: str, when: datetime) -> bytes:
    match tool:
        case SurveyTool.LIMESURVEY:
            return limesurvey_csv(form, sent)
        case SurveyTool.KOBO_CSV:
            return kobo_csv(form, sent, labels=False, title=title)
        case SurveyTool.KOBO_XLSX:
            return kobo_xlsx(form, sent, labels=True, when=when, title=title)
        case SurveyTool.ODK:
            return odk_csv(form, sent, title=title)
        case SurveyTool.GOOGLE:
            return google_csv(form, sent)
        case SurveyTool.MICROSOFT_XLSX:
            return microsoft_xlsx(form, sent, when=when)
        case SurveyTool.MICROSOFT_CSV:
            return microsoft_csv(form, sent)
        case SurveyTool.SURVEYMONKEY:
            return surveymonkey_csv(form, sent)


def _as_ticked(form: Form, answers: dict[str, int]) -> dict[str, int]:
    """The answers of the truth, in which more is better, as given: on a reversed item the opposite is ticked."""
    reversed_items = {item.code for item in form.instrument.items if item.reversed}
    return {code: 6 - value if code in reversed_items else value for code, value in answers.items() if value}


def _with_a_late_one(sent: list[Submission]) -> list[Submission]:
    """Let the last answer come later in the month, where no date would tell which number is the day."""
    last = sent[-1].sent
    days = {one.sent.day for one in sent if isinstance(one.sent, datetime)}
    if not isinstance(last, datetime) or max(days) >= _FIRST_SURE_DAY:
        return sent
    return [*sent[:-1], replace(sent[-1], sent=last.replace(day=_FIRST_SURE_DAY))]
