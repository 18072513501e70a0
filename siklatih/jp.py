"""Hours of development (jam pelajaran, JP): how activities convert, and the year in which they count.

Source: PerLAN 10/2018, PP 11/2017, PP 49/2018 (in ``config/rules/jp.yaml``), DOMAIN 1.1 and 1.2. An activity
for which no conversion is known is an error to a person, never zero hours.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from siklatih.errors import MendError
from siklatih.rule_kinds import Conversion, Form, JpRule, Status, weakest

Level = Literal["national", "international"]
EmployeeStatus = Literal["PNS", "PPPK"]

_UNITS = {
    "programme": ("program", "programmes"),
    "day": ("hari", "days"),
    "session": ("sesi", "sessions"),
    "occurrence": ("kegiatan", "occurrences"),
    "semester": ("semester", "semesters"),
}


@dataclass(frozen=True)
class Activity:
    """Something one person took part in.

    Args:
        form: a form of the rule, such as ``workshop``.
        on: the day on which it ended; it decides month and year.
        units: days, sessions or occurrences, as the form counts.
        stated_jp: hours that programme or certificate state.
        minutes: its length, used only where no hours are stated.
    """

    form: str
    on: date
    units: Decimal = Decimal(0)
    level: Level = "national"
    stated_jp: Decimal | None = None
    minutes: int | None = None


@dataclass(frozen=True)
class Credit:
    """The hours an activity counts, and how sure the rule behind them is."""

    activity: Activity
    jp: Decimal
    status: Status


@dataclass(frozen=True)
class Standing:
    """A person's hours in a year: ``reached`` where there is a floor (PNS), ``above`` where a ceiling (PPPK).

    Above a ceiling is something for the administration to look at, not an achievement.
    """

    jp: Decimal
    reached: bool | None
    above: bool | None


def credits_of(activities: Sequence[Activity], rule: JpRule) -> list[Credit]:
    """Return the hours of one person's activities, in the order given.

    Where a form counts only so many units a calendar month, the earlier activities of the month fill it.

    Raises:
        MendError: a form is unknown, has no known conversion at that level, or lacks its hours or units.
    """
    left: dict[tuple[str, int, int], Decimal] = {}
    found: dict[int, Credit] = {}
    for index in sorted(range(len(activities)), key=lambda index: (activities[index].on, index)):
        activity = activities[index]
        form, conversion = _conversion(activity, rule)
        units = activity.units
        if form.most_units_a_month is not None:
            month = (activity.form, activity.on.year, activity.on.month)
            room = left.get(month, form.most_units_a_month)
            units = min(activity.units, room)
            left[month] = room - units
        found[index] = _credit(activity, units, form, conversion, rule)
    return [found[index] for index in range(len(activities))]


def _conversion(activity: Activity, rule: JpRule) -> tuple[Form, Conversion]:
    form = rule.forms.get(activity.form)
    if form is None:
        raise MendError(
            "jp_form",
            en=f"The form of development {activity.form} is in no rule. Add it to config/rules/jp.yaml "
            "or correct the form.",
            id_=f"Bentuk pengembangan kompetensi {activity.form} tidak ada dalam aturan. "
            "Tambahkan pada config/rules/jp.yaml atau betulkan bentuknya.",
            rule=rule.id,
        )
    conversion = form.national if activity.level == "national" else form.international
    if conversion is None:
        level = {"national": ("nasional", "national"), "international": ("internasional", "international")}
        id_, en = level[activity.level]
        raise MendError(
            "jp_conversion",
            en=f"How many hours (JP) the {en} form {form.label.en} counts is not known: no verified rule was "
            "found. Look it up in the official text and fill it in in config/rules/jp.yaml.",
            id_=f"Konversi JP untuk bentuk {form.label.id} tingkat {id_} belum diketahui: aturan belum "
            "terverifikasi. Periksa naskah resminya, lalu isikan pada config/rules/jp.yaml.",
            rule=rule.id,
        )
    return form, conversion


def _credit(activity: Activity, units: Decimal, form: Form, conversion: Conversion, rule: JpRule) -> Credit:
    stated, statuses = _stated(activity, rule)
    if conversion.stated is not None:
        if stated is None:
            raise _lacking(form, rule, ("jam pelajaran (JP)", "its hours (JP)"))
        return Credit(activity, stated * conversion.stated, weakest([conversion.status, *statuses]))
    if activity.units <= 0:
        raise _lacking(
            form, rule, (f"jumlah {_UNITS[form.unit][0]}", f"the number of {_UNITS[form.unit][1]}")
        )
    if conversion.most is not None:
        most = units * conversion.most
        return Credit(activity, most if stated is None else min(stated, most), conversion.status)
    return Credit(activity, units * (conversion.jp or Decimal(0)), conversion.status)


def _stated(activity: Activity, rule: JpRule) -> tuple[Decimal | None, list[Status]]:
    """Hours as stated, else whole lessons of the minutes, with the status of what was used."""
    if activity.stated_jp is not None:
        return activity.stated_jp, []
    if activity.minutes is None:
        return None, []
    return Decimal(activity.minutes // rule.lesson.minutes), [rule.lesson.status]


def _lacking(form: Form, rule: JpRule, what: tuple[str, str]) -> MendError:
    id_, en = what
    return MendError(
        "jp_lacking",
        en=f"An activity of the form {form.label.en} does not state {en}. Fill it in.",
        id_=f"Kegiatan dengan bentuk {form.label.id} tidak memuat {id_}. Lengkapi isiannya.",
        rule=rule.id,
    )


def year_of(
    status: EmployeeStatus, day: date, contract_start: date | None, rule: JpRule
) -> tuple[date, date]:
    """Return the year (first day, day after the last) in which a person's hours on a day count.

    Calendar year for PNS, year of the contract for PPPK (PP 49/2018 Ps. 39): it turns on the anniversary, the
    28th where a contract began on 29 February.

    Raises:
        MendError: a year of the contract is asked for, and no contract had begun.
    """
    if rule.windows[status].year == "calendar":
        return date(day.year, 1, 1), date(day.year + 1, 1, 1)
    if contract_start is None or contract_start > day:
        raise MendError(
            "jp_contract",
            en=f"Hours (JP) of a {status} count by the contract's year, which has no start on or before "
            f"{day}. Complete contract_start in the roster.",
            id_=f"JP seorang {status} dihitung menurut tahun perjanjian kerja, sedangkan awal perjanjian "
            f"pada atau sebelum {day} tidak ada. Lengkapi contract_start pada daftar pegawai.",
            rule=rule.id,
        )
    years = day.year - contract_start.year
    if _anniversary(contract_start, years) > day:
        years -= 1
    return _anniversary(contract_start, years), _anniversary(contract_start, years + 1)


def _anniversary(start: date, years: int) -> date:
    year = start.year + years
    return date(year, start.month, min(start.day, monthrange(year, start.month)[1]))


def jp_between(credits_: Sequence[Credit], first: date, end: date) -> Decimal:
    """Return the hours of activities that ended from ``first`` on and before ``end``."""
    return sum((credit.jp for credit in credits_ if first <= credit.activity.on < end), Decimal(0))


def standing(status: EmployeeStatus, jp: Decimal, rule: JpRule) -> Standing:
    """Return whether the hours of a person's year reach the floor, or exceed the ceiling."""
    window = rule.windows[status]
    return Standing(
        jp,
        None if window.least_jp is None else jp >= window.least_jp,
        None if window.most_jp is None else jp > window.most_jp,
    )


def clock_hours(jp: Decimal, rule: JpRule) -> Decimal:
    """Return hours of 60 minutes: 20 JP of 45 minutes are 15."""
    return jp * rule.lesson.minutes / 60
