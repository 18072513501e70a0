"""Programmes, batches and what happens in them. Effects are known, so that tests can hold figures to them.

Score model: before = 55 + ability + slip, after = 55 + ability + drift + effect + batch + slip. Those
nominated for a low score before are chosen partly for a bad day: they rise without any training.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import numpy as np

from siklatih.cycle import Cycle
from siklatih.demo.population import Person, Population

BASE = 55.0
ABILITY_SD = 8.0
SLIP_SD = 6.0
DRIFT = 2.0
BATCH_SD = 2.0
LOWER_HALF = 0.7978845608  # mean of the lower half of a standard normal, without its sign
METHODS = ("project", "simulation", "workshop", "class", "elearning", "coaching")
TOPICS = (
    "Pelayanan Loket", "Penanganan Pengaduan", "Analisis Data", "Pengadaan", "Arsip Digital",
    "Manajemen Proyek", "Komunikasi Publik", "Etika Layanan", "Penyusunan Anggaran", "Keamanan Informasi",
    "Penulisan Naskah Dinas", "Kepemimpinan Tim", "Pelayanan Inklusif", "Evaluasi Kebijakan", "Statistik Sektoral",
)  # fmt: skip
ASSIGNMENTS = ("nominated", "volunteered", "lottery", "waiting_list", "mandatory")


@dataclass(frozen=True)
class Programme:
    """A programme with its true effect on scores (points) and on behaviour (share who apply it)."""

    code: str
    name: str
    method: str
    competence: str
    jp: int
    partner: str | None
    need_source: str
    effect: float
    applied: float
    quality: float


@dataclass(frozen=True)
class Session:
    """One session; ``online`` sessions have a meeting."""

    code: str
    starts: datetime
    ends: datetime
    jp: int
    trainer: str
    meeting: str | None


@dataclass
class Batch:
    """A batch with its people and everything recorded about them."""

    code: str
    programme: Programme
    assignment: str
    starts: date
    ends: date
    follow_up: bool
    sessions: list[Session]
    trained: list[Person] = field(default_factory=list)
    comparison: list[Person] = field(default_factory=list)
    status: dict[int, str] = field(default_factory=dict)
    present: dict[tuple[int, str], bool] = field(default_factory=dict)
    scores: dict[tuple[int, str], float] = field(default_factory=dict)
    answers: dict[int, dict[str, int]] = field(default_factory=dict)
    responded: set[int] = field(default_factory=set)
    ratings: dict[tuple[int, str, str], list[int]] = field(default_factory=dict)
    applies: dict[tuple[int, str], bool] = field(default_factory=dict)
    shift: float = 0.0  # what makes this batch differ from others of its programme, in points

    @property
    def cycle(self) -> Cycle:
        """The cycle in which the last session ends."""
        return Cycle.of(self.ends)

    @property
    def is_online(self) -> bool:
        """Whether its sessions are meetings."""
        return self.sessions[0].meeting is not None

    @property
    def active(self) -> list[Person]:
        """Participants who came at all."""
        return [p for p in self.trained if self.status[p.index] not in ("withdrawn", "no_show")]


def make_programmes(rng: np.random.Generator, *, programmes: int, partners: int) -> list[Programme]:
    """Return the catalogue; every fifth programme has no effect at all."""
    found = []
    for index in range(programmes):
        method = METHODS[index % len(METHODS)]
        null = index % 5 == 4
        found.append(
            Programme(
                code=f"P{index + 1:02}",
                name=f"{TOPICS[index % len(TOPICS)]} {'Lanjutan' if index >= len(TOPICS) else 'Dasar'}",
                method=method,
                competence=f"K{index % 12 + 1:02}",
                jp=int(rng.choice([12, 16, 20, 24])),
                partner=f"M{int(rng.integers(1, partners + 1)):02}" if rng.random() < 0.6 else None,
                need_source=str(rng.choice(["survey", "interview", "performance", "complaints"])),
                effect=0.0 if null else float(rng.uniform(4, 14)),
                applied=0.25 if null else float(rng.uniform(0.35, 0.8)),
                quality=float(rng.normal(0, 0.35)),
            )
        )
    return found


def expected_gain(batch: Batch, *, this_batch: bool = False) -> float:
    """Gain to be expected of the batch's kind: effect, drift, and the bad day of the nominated.

    Args:
        this_batch: of this very batch, not of batches of its kind.
    """
    spread = (ABILITY_SD**2 + SLIP_SD**2) ** 0.5
    luck = LOWER_HALF * SLIP_SD**2 / spread if batch.assignment == "nominated" else 0.0
    return batch.programme.effect + DRIFT + luck + (batch.shift if this_batch else 0.0)


def expected_spread(batch: Batch, *, this_batch: bool = False) -> tuple[float, float, float, float]:
    """Mean and variance to be expected before and after, over persons (and batches of the kind)."""
    total = ABILITY_SD**2 + SLIP_SD**2
    lower = batch.assignment == "nominated"
    cut = LOWER_HALF**2
    mean_before = BASE - (LOWER_HALF * total**0.5 if lower else 0.0)
    var_before = total * (1 - cut) if lower else total
    slope = ABILITY_SD**2 / total
    var_ability = ABILITY_SD**2 - (slope * ABILITY_SD**2 * cut if lower else 0.0)
    mean_after = mean_before + expected_gain(batch, this_batch=this_batch)
    return mean_before, var_before, mean_after, var_ability + SLIP_SD**2 + (0 if this_batch else BATCH_SD**2)


def make_batch(
    rng: np.random.Generator,
    population: Population,
    programme: Programme,
    code: str,
    ends: date,
    size: int,
) -> Batch:
    """Return one batch, run to its end, with follow-up ratings where they are planned."""
    per_day = 2
    count = programme.jp // 4
    days = (count + per_day - 1) // per_day
    starts = ends - timedelta(days=days - 1)
    trainer = f"T{int(rng.integers(1, 25)):03}"
    online = programme.method in ("elearning", "coaching")
    sessions = []
    for number in range(count):
        day = starts + timedelta(days=number // per_day)
        begin = datetime.combine(day, time(8 if number % per_day == 0 else 13))
        meeting = f"8{abs(hash_code(code)) % 10**8:08}{number:02}" if online else None
        sessions.append(
            Session(f"{code}-S{number + 1}", begin, begin + timedelta(hours=3), 4, trainer, meeting)
        )
    assignment = ASSIGNMENTS[int(rng.integers(0, len(ASSIGNMENTS)))]
    batch = Batch(code, programme, assignment, starts, ends, bool(rng.random() < 0.75), sessions)
    _assign(rng, population, batch, size)
    _attend(rng, batch)
    _react(rng, batch)
    if batch.follow_up:
        _behave(rng, batch)
    return batch


def hash_code(code: str) -> int:
    """A number from a code that is the same in every process."""
    return int.from_bytes(code.encode(), "big")


def _assign(rng: np.random.Generator, population: Population, batch: Batch, size: int) -> None:
    """Choose people as the assignment says, with tests before and after."""
    able = [p for p in population.people if p.exit_date is None]
    chosen = [able[int(i)] for i in rng.choice(len(able), size=min(2 * size, len(able)), replace=False)]
    before = {p.index: BASE + p.ability + float(rng.normal(0, SLIP_SD)) for p in chosen}
    if batch.assignment == "nominated":
        chosen.sort(key=lambda person: before[person.index])
    size = min(size, len(chosen) // 2)
    batch.trained = chosen[:size]
    if batch.assignment in ("lottery", "waiting_list"):
        batch.comparison = chosen[size : 2 * size]
    batch.shift = float(rng.normal(0, BATCH_SD))
    for person in batch.trained + batch.comparison:
        luck = rng.random()
        status = "withdrawn" if luck < 0.02 else "no_show" if luck < 0.04 else "completed"
        batch.status[person.index] = status if person in batch.trained else "enrolled"
        if batch.status[person.index] in ("withdrawn", "no_show"):
            continue
        lift = batch.programme.effect + batch.shift if person in batch.trained else 0.0
        after = BASE + person.ability + DRIFT + lift + float(rng.normal(0, SLIP_SD))
        if rng.random() < 0.95:
            batch.scores[person.index, "pre"] = round(min(100.0, max(0.0, before[person.index])), 1)
        if rng.random() < 0.95:
            batch.scores[person.index, "post"] = round(min(100.0, max(0.0, after)), 1)


def _attend(rng: np.random.Generator, batch: Batch) -> None:
    for person in batch.trained:
        if batch.status[person.index] == "withdrawn":
            continue
        share = 0.0 if batch.status[person.index] == "no_show" else 0.94
        for session in batch.sessions:
            batch.present[person.index, session.code] = bool(rng.random() < share)


def _react(rng: np.random.Generator, batch: Batch) -> None:
    """Everybody has an opinion; the dissatisfied are less likely to give it."""
    items = ("rel1", "rel2", "rel3", "trn1", "trn2", "trn3", "eng1", "eng2", "sat1", "upd1")
    for person in batch.active:
        mood = float(rng.normal(batch.programme.quality, 0.7))
        noise = rng.normal(0, 0.5, len(items))
        batch.answers[person.index] = {
            item: int(min(5, max(1, round(4.05 + mood + n)))) for item, n in zip(items, noise, strict=True)
        }
        if rng.random() < 1 / (1 + np.exp(-(1.9 + 0.5 * mood))):
            batch.responded.add(person.index)


def _behave(rng: np.random.Generator, batch: Batch) -> None:
    """Ratings by the supervisor (T0, T3, T6) and oneself (T3); supervisors of those who apply answer more."""
    for person in [*batch.active, *batch.comparison]:
        trained = person in batch.trained
        for wave in ("T0", "T3", "T6"):
            share = batch.programme.applied if trained and wave != "T0" else 0.25
            applies = bool(rng.random() < share)
            batch.applies[person.index, wave] = applies
            ratings = [int(value) for value in rng.integers(1, 4, 3)]
            if applies:
                ratings[int(rng.integers(0, 3))] = int(rng.integers(4, 6))
            if rng.random() < (0.88 if applies else 0.8):
                batch.ratings[person.index, wave, "supervisor"] = ratings
            if wave == "T3" and trained and rng.random() < 0.7:
                batch.ratings[person.index, wave, "self"] = [min(5, value + 1) for value in ratings]
