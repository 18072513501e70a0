"""The people and units of the demo city. All names, numbers and addresses are invented."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np

_GIVEN_L = [
    "Ardan",
    "Bagaskoro",
    "Candrawa",
    "Danuri",
    "Ekaputra",
    "Fadlani",
    "Gunarta",
    "Haribowo",
    "Indrakus",
    "Jatmara",
]
_GIVEN_P = [
    "Adistya",
    "Budiarni",
    "Cahyanda",
    "Dewantari",
    "Elvarini",
    "Fitrania",
    "Galuhwati",
    "Hestirani",
    "Indarsih",
    "Jelitana",
]
_SYLLABLES = [
    "ba",
    "da",
    "ga",
    "ka",
    "la",
    "ma",
    "na",
    "pa",
    "ra",
    "sa",
    "ta",
    "wa",
    "bu",
    "du",
    "gu",
    "ku",
    "lu",
    "mu",
    "nu",
    "ru",
    "su",
    "tu",
    "wi",
    "ri",
    "ni",
    "mi",
    "ti",
]
_ENDINGS = [
    "ntara",
    "wangsa",
    "kelana",
    "mandala",
    "pradana",
    "sentosa",
    "jipang",
    "kencana",
    "ndaru",
    "wiguna",
]
_SUBJECTS = (
    "Kesehatan", "Pendidikan", "Perhubungan", "Perizinan", "Kependudukan", "Sosial", "Pangan",
    "Lingkungan", "Perdagangan", "Pekerjaan Umum", "Arsip", "Pariwisata", "Tenaga Kerja", "Pendapatan",
    "Statistik", "Kebakaran", "Pemuda", "Pertanian", "Permukiman", "Perencanaan",
)  # fmt: skip


@dataclass
class Person:
    """One civil servant; ``places`` are (valid_from, unit_code), first to last."""

    index: int
    nip: str
    name: str
    email: str
    status: str
    position: str
    sex: str
    grade: str
    hired: date
    places: list[tuple[date, str]]
    contract_start: date | None = None
    exit_date: date | None = None
    later_nip: tuple[date, str] | None = None  # a PPPK who became PNS gets another number
    supervisor: str | None = None
    ability: float = 0.0

    @property
    def terminal_number(self) -> str:
        """The number by which terminals know the person."""
        return str(self.index + 1)

    def unit_on(self, day: date) -> str:
        """Unit in which the person works on a day."""
        return [unit for since, unit in self.places if since <= day][-1]

    def nip_on(self, day: date) -> str:
        """The number the person goes by on a day."""
        return self.later_nip[1] if self.later_nip and self.later_nip[0] <= day else self.nip


@dataclass(frozen=True)
class Unit:
    """An office or one of its service units."""

    code: str
    name: str
    kind: str
    parent: str | None


@dataclass
class Population:
    """Everybody, and where they work."""

    people: list[Person]
    units: list[Unit]
    offices: list[str] = field(default_factory=list)
    services: list[str] = field(default_factory=list)


def make_population(
    rng: np.random.Generator, *, people: int, offices: int, services: int, start: date
) -> Population:
    """Return units and people as they are from ``start`` on, with the moves of later years."""
    units = [
        Unit(f"OPD-{i + 1:02}", f"Dinas {_SUBJECTS[i % 20]}{' ' + 'II' if i >= 20 else ''}", "office", None)
        for i in range(offices)
    ]
    units += [
        Unit(
            f"UPL-{i + 1:02}",
            f"Loket {_SUBJECTS[i % 20]} {i + 1}",
            "service_unit",
            f"OPD-{i % offices + 1:02}",
        )
        for i in range(services)
    ]
    population = Population(
        [], units, [u.code for u in units if u.kind == "office"], [u.code for u in units if u.parent]
    )
    names: set[str] = set()
    numbers: set[str] = set()
    for index in range(people):
        population.people.append(_person(rng, index, population, start, names, numbers))
    for person in population.people:
        chief = population.people[int(rng.integers(0, max(1, people // 12)))]
        person.supervisor = chief.nip if chief is not person else None
    return population


def _name(rng: np.random.Generator, sex: str, taken: set[str]) -> str:
    while True:
        given = str(rng.choice(_GIVEN_L if sex == "L" else _GIVEN_P))
        middle = "".join(str(rng.choice(_SYLLABLES)) for _ in range(3)).capitalize()
        last = (str(rng.choice(_SYLLABLES)) + str(rng.choice(_ENDINGS))).capitalize()
        name = f"{given} {middle} {last}"
        if name not in taken:
            taken.add(name)
            return name


def _number(rng: np.random.Generator, born: date, code: str, sex: str, taken: set[str]) -> str:
    while True:
        serial = int(rng.integers(1, 999))
        number = f"{born:%Y%m%d}{code}{1 if sex == 'L' else 2}{serial:03}"
        if number not in taken:
            taken.add(number)
            return number


def _person(
    rng: np.random.Generator,
    index: int,
    population: Population,
    start: date,
    names: set[str],
    numbers: set[str],
) -> Person:
    sex = "P" if rng.random() < 0.52 else "L"
    born = date(int(rng.integers(1972, 1998)), int(rng.integers(1, 13)), int(rng.integers(1, 29)))
    is_pns = rng.random() < 0.8
    hired = date(
        min(born.year + int(rng.integers(22, 32)), start.year - 2),
        int(rng.integers(1, 13)),
        1,
    )
    code = f"{hired:%Y%m}" if is_pns else f"{hired.year}2{int(rng.integers(1, 4))}"
    name = _name(rng, sex, names)
    pool = population.services if rng.random() < 0.35 else population.offices
    person = Person(
        index=index,
        nip=_number(rng, born, code, sex, numbers),
        name=name,
        email=f"{name.split()[0].lower()}.{name.split()[1].lower()}.{index}@example.org",
        status="PNS" if is_pns else "PPPK",
        position=str(
            rng.choice(
                ["executor", "functional", "supervisor", "administrator", "jpt"],
                p=[0.5, 0.35, 0.1, 0.04, 0.01],
            )
        ),
        sex=sex,
        grade="III/b" if is_pns else "IX",
        hired=hired,
        places=[(start, str(rng.choice(pool)))],
        contract_start=None if is_pns else date(start.year - 1, hired.month, 1),
        ability=float(rng.normal(0, 8)),
    )
    _later_years(rng, person, population, start, born, numbers)
    return person


def _later_years(
    rng: np.random.Generator,
    person: Person,
    population: Population,
    start: date,
    born: date,
    numbers: set[str],
) -> None:
    """Some move, some leave, some contract staff become permanent under another number."""
    new_year = date(start.year + 1, 1, 1)
    luck = rng.random()
    if luck < 0.04:
        person.places.append((new_year, str(rng.choice(population.offices))))
    elif luck < 0.06:
        person.exit_date = date(start.year + 1, 6, 30)
    elif person.status == "PPPK" and luck < 0.12:
        number = _number(rng, born, f"{new_year:%Y%m}", person.sex, numbers)
        person.later_nip = (new_year, number)
