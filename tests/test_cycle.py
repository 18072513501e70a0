"""The cycle's bounds and how `previous` is resolved."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from siklatih.cycle import Cycle
from siklatih.errors import MendError

WIB = ZoneInfo("Asia/Pontianak")


def test_bounds_are_half_open():
    cycle = Cycle.parse("2026Q3")
    assert (cycle.start, cycle.end) == (date(2026, 7, 1), date(2026, 10, 1))
    assert Cycle.of(date(2026, 9, 30)) == cycle
    assert Cycle.of(cycle.end) == Cycle(2026, 4)


@pytest.mark.parametrize(
    ("shift", "expected"), [(-1, "2025Q4"), (-4, "2025Q1"), (3, "2026Q4"), (0, "2026Q1")]
)
def test_shift_crosses_years(shift, expected):
    assert str(Cycle(2026, 1).shift(shift)) == expected


def test_previous_at_new_year_half_past_midnight_is_the_last_quarter_of_the_old_year():
    scheduled = datetime(2027, 1, 1, 0, 30, tzinfo=WIB)
    assert str(Cycle.resolve("previous", scheduled, "Asia/Pontianak")) == "2026Q4"
    # the same moment in UTC still lies in the old year
    assert str(Cycle.resolve("previous", scheduled.astimezone(ZoneInfo("UTC")), "Asia/Pontianak")) == "2026Q4"


def test_previous_follows_the_schedule_and_not_the_late_start():
    scheduled = datetime(2026, 10, 15, 5, 0, tzinfo=WIB)  # started three weeks late: still the same quarter
    assert str(Cycle.resolve("previous", scheduled, "Asia/Pontianak")) == "2026Q3"


def test_the_running_cycle_is_told_in_the_agencys_zone():
    moment = datetime(2026, 9, 30, 18, 0, tzinfo=ZoneInfo("UTC"))  # one in the morning of 1 October
    assert str(Cycle.running(moment, "Asia/Pontianak")) == "2026Q4"
    assert str(Cycle.running(moment, "UTC")) == "2026Q3"


def test_a_schedule_without_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        Cycle.resolve("previous", datetime(2026, 10, 15), "Asia/Pontianak")  # noqa: DTZ001


@pytest.mark.parametrize("text", ["2026-Q3", "2026Q5", "2026q3", "", "previous "])
def test_other_forms_are_refused_in_both_languages(text):
    with pytest.raises(MendError, match="triwulan") as caught:
        Cycle.parse(text)
    assert "2026Q3" in caught.value.en
