"""Dates and durations as tools write them, and files whose dates could mean two things."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from siklatih.errors import MendError
from siklatih.sources.dates import DateParser, Order, Span, date_parser, is_moment
from siklatih.sources.durations import is_duration, seconds_of

DAY, MONTH = DateParser(Order.DAY), DateParser(Order.MONTH)


@pytest.mark.parametrize(("text", "expected"), [
    ("2026-08-12", "2026-08-12 00:00:00"),
    ("2026-08-12 08:00:07", "2026-08-12 08:00:07"),
    ("2026-08-12T08:00", "2026-08-12 08:00:00"),
    ("2026-08-12T01:00:07.123Z", "2026-08-12 08:00:07"),  # Zulu is seven hours behind Pontianak
    ("2026-08-12T20:00:00Z", "2026-08-13 03:00:00"),
    ("2026-08-12T08:00:00+07:00", "2026-08-12 08:00:00"),
    ("2026-08-12T08:00:00+0900", "2026-08-12 06:00:00"),
    ("2026-08-12T08:00:00-05:30", "2026-08-12 20:30:00"),
    ("2026/08/12 8:00:07 PM GMT+7", "2026-08-12 20:00:07"),
    ("2026/08/12 8.00.07", "2026-08-12 08:00:07"),
    ("1 November 2017  12:51 PM", "2017-11-01 12:51:00"),
    ("1 November 2017  12:51 AM", "2017-11-01 00:51:00"),
    ("Wednesday, 1 November 2017, 12:51 PM", "2017-11-01 12:51:00"),
    ("Rabu, 12 Agustus 2026 pukul 08.00 WIB", "2026-08-12 08:00:00"),
    ("12 Agustus 2026 08.00 WITA", "2026-08-12 07:00:00"),
    ("12 Agu 2026 01.00PM", "2026-08-12 13:00:00"),
    ("12 Agt 2026", "2026-08-12 00:00:00"),
    ("12-Des-26 08:00", "2026-12-12 08:00:00"),
    ("3 Mei 2026 08:00", "2026-05-03 08:00:00"),
    ("Nov 26, 2025 4:16:54\u202fPM", "2025-11-26 16:16:54"),
    ("November 26th, 2025 at 4:16 p.m.", "2025-11-26 16:16:00"),
    ("\u200e26\u200e.\u200e11\u200e.\u200e2025 16:16:54", "2025-11-26 16:16:54"),
    ("26.11.2025 16:16:54", "2025-11-26 16:16:54"),
])  # fmt: skip
def test_dates_that_mean_one_thing_are_read_in_either_order(text: str, expected: str) -> None:
    assert DAY.canonical(text) == MONTH.canonical(text) == expected
    assert date_parser([text]).canonical(text) == expected


@pytest.mark.parametrize(("text", "expected"), [
    ("11/26/25, 4:16:54 PM", "2025-11-26 16:16:54"),
    ("13/04/2021 à 09:01:31", "2021-04-13 09:01:31"),
    ("26/11/2025 16.16.54", "2025-11-26 16:16:54"),
    ("05/04/2026 16.16", "2026-04-05 16:16:00"),  # dots: no region with the month first writes them
    ("9/9/26 18:01", "2026-09-09 18:01:00"),  # both orders agree
])  # fmt: skip
def test_a_date_alone_may_tell_its_order(text: str, expected: str) -> None:
    assert date_parser([text]).canonical(text) == expected


@pytest.mark.parametrize("text", [
    "", "   ", "belum", "31 Feb 2026", "12 Foo 2026", "2026-13-01", "12 Aug 2026 13.00PM", "2026-08-12 25:00",
    "20260812", "1/2", "13/13/2026", "Rangga 1 Agu 2026", "12 Aug 2026 sore", "2026-08-12 08:61",
])  # fmt: skip
def test_what_is_no_date_stays_as_it_is(text: str) -> None:
    parser = date_parser([text])
    assert parser.moment(text) is None
    assert parser.canonical(text) == (text.strip() or None)


def test_one_number_above_twelve_decides_for_the_whole_file() -> None:
    texts = ["04/05/2026 08:00", "05/05/2026 08:00", "13/05/2026 08:00"]
    assert date_parser(texts).canonical(texts[0]) == "2026-05-04 08:00:00"
    texts = ["04/05/2026 08:00", "05/13/2026 08:00"]
    assert date_parser(texts).canonical(texts[0]) == "2026-04-05 08:00:00"


def test_a_connection_that_must_last_as_long_as_stated_decides() -> None:
    span = Span("04/05/2026 23:50", "05/05/2026 00:10", 1200)
    assert date_parser([], spans=[span]).order is Order.DAY
    assert date_parser([], spans=[Span("05/04/2026 23:50", "05/05/2026 00:10", 1200)]).order is Order.MONTH
    assert date_parser([], spans=[Span("12/04/2026 08:00", "01/05/2026 08:00")]).order is Order.DAY


def test_dates_of_one_meeting_lie_within_a_day() -> None:
    texts = ["04/05/2026 23:50", "05/05/2026 00:10"]
    assert date_parser(texts, within=timedelta(days=1)).order is Order.DAY
    with pytest.raises(MendError):
        date_parser(texts)


def test_a_tool_that_writes_the_oldest_first_decides() -> None:
    texts = ["12/03/2026 08:00", "01/04/2026 08:00"]
    assert date_parser(texts, rising=True).order is Order.DAY
    with pytest.raises(MendError):
        date_parser(texts)


def test_the_documented_order_yields_to_evidence_only() -> None:
    assert date_parser(["04/05/2026"], usual=Order.MONTH).canonical("04/05/2026") == "2026-04-05 00:00:00"
    assert date_parser(["04/05/2026", "13/05/2026"], usual=Order.MONTH).order is Order.DAY


def test_an_impossible_month_outranks_what_is_only_likely() -> None:
    texts = ["05/08/2026 08:00", "13/08/2026 08:00"]  # eight days apart, though a meeting lasts one
    parser = date_parser(texts, within=timedelta(days=1), usual=Order.MONTH)
    assert parser.canonical(texts[0]) == "2026-08-05 08:00:00"
    american = ["08/05/2026 08:00", "08/13/2026 08:00"]
    parser = date_parser(american, within=timedelta(days=1), usual=Order.MONTH)
    assert parser.canonical(american[0]) == "2026-08-05 08:00:00"
    newest_first = ["13/09/2026 08:00", "01/08/2026 08:00"]
    assert date_parser(newest_first, rising=True).order is Order.DAY


def test_certain_dates_in_both_orders_are_refused_whatever_the_documented_order_is() -> None:
    with pytest.raises(MendError) as caught:
        date_parser(["05/13/2026", "13/05/2026"], usual=Order.MONTH)
    assert caught.value.code == "mixed_dates"


def test_dates_that_mean_two_things_are_refused_with_both_readings() -> None:
    with pytest.raises(MendError) as caught:
        date_parser(["", "08/08/2026 08:00", "04/05/2026 08:00"], rows=[5, 6, 7])
    error = caught.value
    assert (error.code, error.row) == ("ambiguous_dates", 7)
    assert "4 May 2026 or 5 April 2026" in error.en
    assert "4 Mei 2026 atau 5 April 2026" in error.id_
    assert not re.search(r"\d{6,}", str(error))


def test_dates_in_both_orders_are_refused() -> None:
    with pytest.raises(MendError) as caught:
        date_parser(["05/13/2026", "13/05/2026"])
    assert caught.value.code == "mixed_dates"


def test_a_span_of_other_length_in_both_orders_is_no_evidence() -> None:
    with pytest.raises(MendError) as caught:
        date_parser([], spans=[Span("04/05/2026 08:00", "04/05/2026 09:00", 86400)])
    assert caught.value.code == "ambiguous_dates"


@pytest.mark.parametrize(("text", "seconds"), [
    ("1h 13m 42s", 4422),
    ("2\u00a0h 44\u00a0m", 9840),
    ("56\u00a0m 15\u00a0s", 3375),
    ("11\u00a0s", 11),
    ("1 jam 13 menit 42 detik", 4422),
    ("1j 13m 42d", 4422),
    ("47 mins 28 secs", 2848),
    ("1 hour 2 mins", 3720),
    ("1 Std. 13 Min. 42 Sek.", 4422),
    ("1d 2h", 93600),
    ("01:13:42", 4422),
])  # fmt: skip
def test_durations_in_seconds(text: str, seconds: int) -> None:
    assert is_duration(text)
    assert seconds_of(text) == seconds


@pytest.mark.parametrize(
    "text", ["", None, "12", "42s 13m", "1 foo", "Rangga 7", "13:42", "1m 2m", "9" * 5000 + "h"]
)
def test_what_is_no_duration_has_no_seconds(text: str | None) -> None:
    assert seconds_of(text) is None


def test_a_duration_in_letters_nobody_knows_has_its_shape_only() -> None:
    assert is_duration("1ч 13м")
    assert seconds_of("1ч 13м") is None
    assert not is_duration("Rangga 7")


@pytest.mark.parametrize(("text", "local"), [
    ("2026-08-05 09:12:33", "2026-08-05 09:12:33"),
    ("2026-08-05T03:12:33.000Z", "2026-08-05 10:12:33"),
    ("2026-08-05T20:00:00Z", "2026-08-06 03:00:00"),
    ("2016-03-14T14:15:48.000-04:00", "2016-03-15 01:15:48"),
    ("2026/08/05 9:12:33 AM GMT+7", "2026-08-05 09:12:33"),
    ("2026/08/05 12:12:33 AM GMT+8", "2026-08-04 23:12:33"),
    ("2026/08/05 12:01:00 PM", "2026-08-05 12:01:00"),
    ("9/9/26 18:01", "2026-09-09 18:01:00"),
    ("31/08/2026 9:12:33", "2026-08-31 09:12:33"),
    ("8/31/2026 9:12:33", "2026-08-31 09:12:33"),
    ("5.8.2026 9.12", "2026-08-05 09:12:00"),
    ("31/31/2026 9:12:33", "31/31/2026 9:12:33"),
    ("2026/13/05 9:12", "2026/13/05 9:12"),
    ("kemarin", "kemarin"),
    (None, None),
])  # fmt: skip
def test_moments_of_form_tools_become_local_time(text: str | None, local: str | None) -> None:
    assert date_parser([text]).canonical(text) == local


def test_what_is_a_moment_has_a_day_and_a_time() -> None:
    assert is_moment("05/08/2026 9.12")
    assert is_moment("5 Agustus 2026 pukul 09.12")
    assert not any(map(is_moment, ("2026-08-05", "05/08/2026", "9:12", "2026", "P01-A1", "")))


@pytest.mark.parametrize(
    "text", ["05/08/2026 à 09:01:31", "05/08/2026 pukul 09:01:31", "05/08/2026 às 09:01:31"]
)
def test_a_word_before_the_time_tells_a_language_that_puts_the_day_first(text: str) -> None:
    assert date_parser([text]).canonical(text) == "2026-08-05 09:01:31"


def test_the_english_word_before_the_time_tells_no_order() -> None:
    with pytest.raises(MendError) as refused:
        date_parser(["05/08/2026 at 09:01:31"])
    assert refused.value.code == "ambiguous_dates"
