"""Tests before and after as Moodle's quiz grades: a quiz each, of the same questions."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np

from siklatih.demo.exports import put
from siklatih.demo.formats import Formats
from siklatih.demo.inbox import Folders
from siklatih.demo.population import Person
from siklatih.demo.training import Batch
from siklatih.demo.writers.moodle_quiz import Attempt, QuizLayout, quiz_bytes

_SMALL = [Decimal("2.5")] * 4  # the grade is of 10.00
_LARGE = [Decimal(40), Decimal(30), Decimal(30)]  # of 100.00


def write_quizzes(rng: np.random.Generator, folders: Folders, batch: Batch, formats: Formats) -> None:
    """Write the quiz before and the quiz after, if the batch has its tests so."""
    if formats.quiz is None:
        return
    questions = _SMALL if formats.quiz is QuizLayout.WITH_OFFICE else _LARGE
    first, last = batch.sessions[0], batch.sessions[-1]
    for occasion, ended in (("pre", first.starts + timedelta(minutes=25)), ("post", last.ends)):
        attempts = [
            _attempt(rng, batch, person, questions, Decimal(str(score)), ended)
            for person in batch.trained + batch.comparison
            if (score := batch.scores.get((person.index, occasion))) is not None
        ]
        if not attempts:
            continue
        running = attempts[0]
        began = running.began + timedelta(seconds=5)
        attempts.append(
            Attempt(
                running.family,
                running.given,
                running.number,
                running.email,
                began,
                None,
                [None] * len(questions),
            )
        )  # opened once more and left alone
        name = f"{batch.code}-{'Tes awal' if occasion == 'pre' else 'Tes akhir'}-grades.csv"
        content = quiz_bytes(questions, attempts, formats.quiz, language=formats.language)
        put(folders.batch_place(batch, "lms", name, formats), content, ended + timedelta(hours=2))


def _attempt(
    rng: np.random.Generator,
    batch: Batch,
    person: Person,
    questions: list[Decimal],
    score: Decimal,
    ended: datetime,
) -> Attempt:
    """The points of the questions add up to the score, which is of 100."""
    left = score * sum(questions, Decimal(0)) / 100
    answers: list[Decimal | None] = []
    for most in questions:
        points = min(left, most)
        answers.append(points if points else None)
        left -= points
    given, _, family = person.name.partition(" ")
    taken = timedelta(seconds=int(rng.integers(600, 1380)))
    return Attempt(
        family, given, person.nip_on(batch.ends), person.email, ended - taken, ended, answers, "Pemerintah Kota",
        person.unit_on(batch.ends),
    )  # fmt: skip
