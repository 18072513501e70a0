"""Microsoft Teams attendance in its three shapes and in several languages, byte for byte."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from siklatih.contracts import load_contracts
from siklatih.errors import MendError
from siklatih.instruments import load_instruments
from siklatih.settings import CHECKOUT
from siklatih.sources import recognise_file
from siklatih.sources.protocol import HEAD_BYTES, Catalogue, Part, SourceFile

CATALOGUE = Catalogue(
    load_contracts(CHECKOUT / "config" / "contracts"), load_instruments(CHECKOUT / "config" / "instruments")
)
NAME, ADDRESS = "Rangga Contohwan", "rangga.contohwan@example.org"
OTHER = "Sekar Misalwati"


def utf16(*lines: str) -> bytes:
    return b"\xff\xfe" + "".join(line + "\n" for line in lines).encode("utf-16-le")


def opened(tmp_path: Path, content: bytes) -> tuple[str, list[Part]]:
    path = tmp_path / "berkas"
    path.write_bytes(content)
    file = SourceFile(path, path.name, len(content), content[:HEAD_BYTES])
    source, known = recognise_file(file)
    assert known.reason.startswith("UTF-16 text")
    return source.NAME, list(source.read(file, CATALOGUE))


def read(tmp_path: Path, *lines: str) -> Part:
    source, (part,) = opened(tmp_path, utf16(*lines))
    assert (source, part.dataset) == ("Microsoft Teams attendance", "presence")
    assert sum(part.lines.values()) == len(lines)
    assert all(row.values["meeting_id"] is None for row in part.rows)
    return part


def refusal(tmp_path: Path, *lines: str) -> MendError:
    with pytest.raises(MendError) as caught:
        opened(tmp_path, utf16(*lines))
    error = caught.value
    assert error.en != error.id_
    for text in (error.en, error.id_, str(error)):
        assert not any(word in text.casefold() for word in f"{NAME} {OTHER}".casefold().split())
        assert "@" not in text
        assert not re.search(r"\d{6,}", text)
    return error


def shown(part: Part) -> list[tuple[int, str | None, str | None, str | None]]:
    return [
        (row.row_no, row.values["name"], row.values["joined_at"], row.values["left_at"]) for row in part.rows
    ]


# --- since 2022: numbered sections

SECTIONS = (
    "1. Summary",
    "Meeting title\tKelas daring",
    "Attended participants\t2",
    "Start time\t11/26/25, 4:10:00 PM",
    "End time\t11/26/25, 6:00:10 PM",
    "Meeting duration\t1h 50m 10s",
    "Average attendance time\t1h 20m",
    "",
    "2. Participants",
    "Name\tFirst Join\tLast Leave\tIn-Meeting Duration\tEmail\tParticipant ID (UPN)\tRole",
    f"{NAME}\t11/26/25, 4:16:54 PM\t11/26/25, 5:50:00 PM\t1h 20m 2s\t{ADDRESS}\t{ADDRESS}\tPresenter",
    f"{OTHER} (Guest)\t11/26/25, 4:20:00 PM\t11/26/25, 4:20:11 PM\t11s\t\t\tAttendee",
    "",
    "3. In-Meeting Activities",
    "Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole",
    f"{NAME}\t11/26/25, 4:16:54 PM\t11/26/25, 5:30:36 PM\t1h 13m 42s\t{ADDRESS}\tPresenter",
    f"{NAME}\t11/26/25, 5:43:40 PM\t11/26/25, 5:50:00 PM\t6m 20s\t{ADDRESS}\tPresenter",
    f"{OTHER} (Guest)\t11/26/25, 4:20:00 PM\t11/26/25, 4:20:11 PM\t11s\t\tAttendee",
)


def test_connections_stand_in_the_third_section(tmp_path: Path) -> None:
    part = read(tmp_path, *SECTIONS)
    assert shown(part) == [
        (16, NAME, "2025-11-26 16:16:54", "2025-11-26 17:30:36"),
        (17, NAME, "2025-11-26 17:43:40", "2025-11-26 17:50:00"),
        (18, OTHER, "2025-11-26 16:20:00", "2025-11-26 16:20:11"),
    ]
    assert [row.values["email"] for row in part.rows] == [ADDRESS, ADDRESS, None]
    assert part.lines == {"heading": 11, "blank": 2, "total": 2, "data": 3}


NAMESAKE = f"{NAME}\t11/26/25, 4:20:00 PM\t11/26/25, 4:20:11 PM\t11s\trangga2@example.org\t\tAttendee"


@pytest.mark.parametrize(
    ("lines", "row"),
    [
        (SECTIONS[:17], 12),  # cut off before the last line
        ((*SECTIONS[:15], SECTIONS[17]), 11),  # a participant's lines deleted
        ((*SECTIONS[:12], NAMESAKE, *SECTIONS[12:]), 13),  # another person of the same name is there
        ((*SECTIONS[:11], f"{OTHER}\t\t11/26/25, 4:20:11 PM", *SECTIONS[12:17]), 12),
    ],
)
def test_a_participant_without_a_connection_is_refused_with_the_line(
    tmp_path: Path, lines: tuple[str, ...], row: int
) -> None:
    error = refusal(tmp_path, *lines)
    assert (error.code, error.row) == ("missing_connections", row)


def test_participants_are_found_among_the_connections_however_they_are_written(tmp_path: Path) -> None:
    lines = list(SECTIONS)
    lines[10] = lines[10].replace(NAME, "Pak Rangga").replace(f"\t{ADDRESS}\t", "\tlain@example.org\t", 1)
    lines[10] = lines[10].replace(ADDRESS, ADDRESS.upper())  # the other of two addresses, in capitals
    lines[11] = lines[11].replace(f"{OTHER} (Guest)", OTHER.upper())
    assert shown(read(tmp_path, *lines)) == shown(read(tmp_path, *SECTIONS))
    lines[17] = SECTIONS[17].replace("11s\t\t", "11s\tsekar@example.org\t")
    assert len(read(tmp_path, *lines).rows) == 3  # the second section has no address of theirs
    lines[11] = SECTIONS[11].replace("11s\t\t", "11s\tsekar@example.org\t")
    lines[17] = SECTIONS[17]
    assert len(read(tmp_path, *lines).rows) == 3  # nor has the third


def test_without_the_third_section_the_second_is_taken(tmp_path: Path) -> None:
    part = read(tmp_path, *SECTIONS[:12])
    assert shown(part) == [
        (11, NAME, "2025-11-26 16:16:54", "2025-11-26 17:50:00"),
        (12, OTHER, "2025-11-26 16:20:00", "2025-11-26 16:20:11"),
    ]
    assert part.rows[0].values["email"] == ADDRESS
    assert part.lines == {"heading": 9, "blank": 1, "data": 2}


INDONESIAN = (
    "1. Ringkasan",
    "Judul rapat\tKelas daring",
    "",
    "2. Peserta",
    "Nama\tPertama Bergabung\tTerakhir Keluar\tDurasi Dalam Rapat\tEmail\tID Peserta (UPN)\tPeran",
    f"{NAME}\t26/11/2025 16.16.54\t26/11/2025 17.30.36\t1j 13m 42d\t{ADDRESS}\t{ADDRESS}\tPenyaji",
    "",
    "3. Aktivitas Dalam Rapat",
    "Nama Lengkap\tWaktu Bergabung\tWaktu Keluar\tDurasi\tEmail\tPeran",
    f"{NAME}\t26/11/2025 16.16.54\t26/11/2025 17.30.36\t1j 13m 42d\t{ADDRESS}\tPenyaji",
)


def test_sections_are_known_by_their_numbers_in_any_language(tmp_path: Path) -> None:
    part = read(tmp_path, *INDONESIAN)
    assert shown(part) == [(10, NAME, "2025-11-26 16:16:54", "2025-11-26 17:30:36")]
    assert part.lines == {"heading": 6, "blank": 2, "total": 1, "data": 1}
    russian = [line.replace("1j 13m 42d", "1\u00a0ч 13\u00a0м 42\u00a0с") for line in INDONESIAN]
    assert shown(read(tmp_path, *russian)) == shown(part)


def test_dots_tell_that_the_day_stands_first(tmp_path: Path) -> None:
    part = read(tmp_path, *[line.replace("26/11/2025", "05/11/2025") for line in INDONESIAN])
    assert part.rows[0].values["joined_at"] == "2025-11-05 16:16:54"


def test_other_columns_of_a_webinar_do_not_shift_anything(tmp_path: Path) -> None:
    lines = list(SECTIONS)
    lines[11] = f"{OTHER}\t\t\t\tsekar@example.org\t\tAttendee"  # registered, and did not come
    lines[14] = "Full Name\tJoin time\tLeave time\tDuration\tRegistration Email\tRegistration time\tRole"
    lines[15:] = [
        f"{NAME}\t11/26/25, 4:16:54 PM\t11/26/25, 5:30:36 PM\t1h 13m 42s\t{ADDRESS}\t11/1/25, 8:00:00 AM\tX"
    ]
    part = read(tmp_path, *lines)
    assert shown(part) == [(16, NAME, "2025-11-26 16:16:54", "2025-11-26 17:30:36")]
    assert part.rows[0].values["email"] == ADDRESS


def test_a_meeting_nobody_joined_is_read_as_nothing(tmp_path: Path) -> None:
    part = read(tmp_path, *SECTIONS[:10], "", *SECTIONS[13:15])
    assert (part.rows, part.lines) == ([], {"heading": 11, "blank": 2})


def test_sections_without_columns_of_time_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, *SECTIONS[:9], "Name\tEmail", f"{NAME}\t{ADDRESS}").code == "missing_column"


def test_dates_that_could_be_two_days_are_refused_with_both(tmp_path: Path) -> None:
    hours = {", 4:": ", 16:", " PM": ""}  # a clock of 24 hours, which many regions use
    lines = [line.replace("11/26/25", "4/5/25") for line in SECTIONS]
    for american, other in hours.items():
        lines = [line.replace(american, other) for line in lines]
    error = refusal(tmp_path, *lines)
    assert (error.code, error.row, error.column) == ("ambiguous_dates", 16, "B")
    assert "4 May 2025 or 5 April 2025" in error.en


def test_a_clock_of_twelve_hours_in_capitals_is_american(tmp_path: Path) -> None:
    part = read(tmp_path, *[line.replace("11/26/25", "4/5/25") for line in SECTIONS])
    assert {row.values["joined_at"][:10] for row in part.rows} == {"2025-04-05"}


def test_a_meeting_over_midnight_tells_the_order(tmp_path: Path) -> None:
    line = f"{NAME}\t4/5/25, 11:50:00 PM\t4/6/25, 12:10:00 AM\t20m\t{ADDRESS}\tPresenter"
    part = read(tmp_path, *SECTIONS[:11], *SECTIONS[12:15], line)
    assert shown(part) == [(15, NAME, "2025-04-05 23:50:00", "2025-04-06 00:10:00")]


def test_a_number_above_twelve_decides_though_the_days_lie_far_apart(tmp_path: Path) -> None:
    days = [line.replace("11/26/25", "05/08/25") for line in SECTIONS[:17]]
    part = read(tmp_path, *days, SECTIONS[17].replace("11/26/25", "13/08/25"))
    assert [str(row.values["joined_at"])[:10] for row in part.rows] == ["2025-08-05"] * 2 + ["2025-08-13"]


def test_a_line_out_of_step_is_refused_with_its_number(tmp_path: Path) -> None:
    odd = SECTIONS[16].replace(NAME, NAME.replace(" ", "\t"))
    error = refusal(tmp_path, *SECTIONS[:16], odd, SECTIONS[17])
    assert (error.code, error.row) == ("broken_table", 17)
    cut = SECTIONS[17].rsplit("\t", 2)[0]
    assert refusal(tmp_path, *SECTIONS[:17], cut).row == 18


def test_one_time_that_cannot_be_read_does_not_make_the_others_doubtful(tmp_path: Path) -> None:
    """The clock of the others still is American; the row of the odd one is left for the contract."""
    lines = [line.replace("11/26/25", "4/5/25") for line in SECTIONS]
    odd = lines[16].replace("4/5/25, 5:50:00 PM", "jam enam kurang")
    assert odd != lines[16]
    part = read(tmp_path, *lines[:16], odd, lines[17])
    assert str(part.rows[0].values["joined_at"]).startswith("2025-04-05")
    assert "jam enam kurang" in [row.values["left_at"] for row in part.rows]


def test_dates_of_no_known_language_are_refused(tmp_path: Path) -> None:
    lines = [line.replace("11/26/25,", "11/26/25 ในเวลา") for line in SECTIONS]
    assert refusal(tmp_path, *lines).code == "unreadable_dates"


def test_a_missing_time_is_left_for_the_contract(tmp_path: Path) -> None:
    part = read(tmp_path, *SECTIONS[:16], SECTIONS[16].replace("11/26/25, 5:50:00 PM", ""), SECTIONS[17])
    assert part.rows[1].values["left_at"] is None


# --- 2021: a summary and one table

FRENCH = (
    "Résumé de la réunion",
    "Nombre total de participants\t2",
    "Titre de la réunion\tKelas daring",
    "Heure de début de la réunion\t13/04/2021 à 08:55:00",
    "Heure de fin de la réunion\t13/04/2021 à 12:00:00",
    "",
    "Nom complet\tHeure d'arrivée\tHeure de départ\tDurée\tE-mail\tRôle",
    f"{NAME}\t13/04/2021 à 09:01:31\t13/04/2021 à 11:45:31\t2\u00a0h 44\u00a0m\t{ADDRESS}\tOrganisateur",
    f"{OTHER}\t13/04/2021 à 09:02:00\t13/04/2021 à 09:58:15\t56\u00a0m 15\u00a0s\t\tParticipant",
    f"{OTHER}\t13/04/2021 à 10:00:00\t13/04/2021 à 10:00:11\t11\u00a0s\t\tParticipant",
)


def test_a_summary_and_one_table(tmp_path: Path) -> None:
    part = read(tmp_path, *FRENCH)
    assert shown(part) == [
        (8, NAME, "2021-04-13 09:01:31", "2021-04-13 11:45:31"),
        (9, OTHER, "2021-04-13 09:02:00", "2021-04-13 09:58:15"),
        (10, OTHER, "2021-04-13 10:00:00", "2021-04-13 10:00:11"),
    ]
    assert part.rows[0].values["email"] == ADDRESS
    assert part.lines == {"heading": 6, "blank": 1, "data": 3}


def test_a_number_above_twelve_in_one_date_is_enough_even_where_a_duration_is_wrong(tmp_path: Path) -> None:
    line = FRENCH[7].replace("13/04/2021 à 09:01:31", "12/04/2021 à 23:01:31")
    part = read(tmp_path, *FRENCH[:7], line, *FRENCH[8:])
    assert part.rows[0].values["joined_at"] == "2021-04-12 23:01:31"


# --- 2020: a list of events

EVENTS = (
    "Full Name\tUser Action\tTimestamp",
    f"{NAME}\tJoined before\t4/13/2021, 9:00:00 AM",
    f"{NAME}\tLeft\t4/13/2021, 9:30:00 AM",
    f"{NAME}\tJoined\t4/13/2021, 9:40:00 AM",
    f"{OTHER}\tJoined\t4/13/2021, 9:05:00 AM",
    f"{OTHER}\tLeft\t4/13/2021, 12:15:00 PM",
)


def test_events_are_paired_and_who_did_not_leave_stays_to_the_last_known_moment(tmp_path: Path) -> None:
    part = read(tmp_path, *EVENTS)
    assert shown(part) == [
        (2, NAME, "2021-04-13 09:00:00", "2021-04-13 09:30:00"),
        (4, NAME, "2021-04-13 09:40:00", "2021-04-13 12:15:00"),
        (5, OTHER, "2021-04-13 09:05:00", "2021-04-13 12:15:00"),
    ]
    assert part.lines == {"heading": 1, "data": 5}


def test_events_of_another_language_are_known_by_their_turns(tmp_path: Path) -> None:
    words = {
        "Joined before": "A rejoint avant",
        "Joined": "A rejoint",
        "Left": "A quitté",
        "Full Name": "Nom",
    }
    lines = list(EVENTS)
    for old, new in words.items():
        lines = [line.replace(f"\t{old}\t", f"\t{new}\t") for line in lines]
    assert shown(read(tmp_path, *lines)) == shown(read(tmp_path, *EVENTS))


def test_two_devices_of_one_person_are_one_stretch_of_time(tmp_path: Path) -> None:
    part = read(
        tmp_path,
        EVENTS[0],
        f"{NAME}\tJoined\t4/13/2021, 9:00:00 AM",
        f"{NAME}\tJoined\t4/13/2021, 9:10:00 AM",
        f"{NAME}\tLeft\t4/13/2021, 9:20:00 AM",
        f"{NAME}\tLeft\t4/13/2021, 9:30:00 AM",
        f"{OTHER}\tJoined\t4/13/2021, 9:00:00 AM",
        f"{OTHER}\tLeft\t4/13/2021, 11:00:00 AM",
    )
    assert shown(part)[:2] == [
        (2, NAME, "2021-04-13 09:00:00", "2021-04-13 09:10:00"),
        (3, NAME, "2021-04-13 09:10:00", "2021-04-13 09:30:00"),
    ]


def test_who_left_without_having_joined_is_left_for_the_contract(tmp_path: Path) -> None:
    part = read(tmp_path, *EVENTS, "Tamu Satu\tLeft\t4/13/2021, 9:20:00 AM")
    assert shown(part)[-1] == (7, "Tamu Satu", None, "2021-04-13 09:20:00")


def test_an_event_without_a_date_is_left_for_the_contract(tmp_path: Path) -> None:
    part = read(tmp_path, *EVENTS, f"{OTHER}\tJoined\tkemarin")
    assert (7, OTHER, "kemarin", "kemarin") in shown(part)


def test_rows_of_events_stand_in_the_order_of_their_lines(tmp_path: Path) -> None:
    part = read(tmp_path, *EVENTS, f"{OTHER} Lain\tJoined\tkemarin")
    numbers = [row.row_no for row in part.rows]
    assert numbers == sorted(numbers)
    assert numbers[-1] == len(EVENTS) + 1


def test_events_whose_turns_say_nothing_are_refused(tmp_path: Path) -> None:
    lines = (
        "Nom\tAction\tHeure",
        f"{NAME}\tX\t13/04/2021 09:00:00",
        f"{NAME}\tY\t13/04/2021 09:10:00",
        f"{OTHER}\tY\t13/04/2021 09:00:00",
        f"{OTHER}\tX\t13/04/2021 09:10:00",
    )
    assert refusal(tmp_path, *lines).code == "unknown_action"


def test_an_event_with_a_tab_in_its_name_is_refused(tmp_path: Path) -> None:
    error = refusal(tmp_path, *EVENTS, EVENTS[1].replace(" Contoh", "\tContoh"))
    assert (error.code, error.row) == ("broken_table", 7)


# --- what is no attendance


def test_a_character_cut_in_half_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MendError) as caught:
        opened(tmp_path, utf16(*SECTIONS)[:-1])
    assert caught.value.code == "encoding"


@pytest.mark.parametrize("lines", [
    (),
    ("Nama\tNilai", "x\t1"),
    ("Nama\tNilai\tCatatan", "x\t1\tbaik"),
    ("1. Pendahuluan", "teks biasa"),
])  # fmt: skip
def test_other_text_of_that_encoding_is_not_taken(tmp_path: Path, lines: tuple[str, ...]) -> None:
    with pytest.raises(MendError) as caught:
        opened(tmp_path, utf16(*lines))
    assert caught.value.code == "unrecognised"


def test_a_large_file_is_read_beyond_its_head(tmp_path: Path) -> None:
    line = SECTIONS[15]
    part = read(tmp_path, *SECTIONS[:11], *SECTIONS[12:15], *([line] * 2000))
    assert len(part.rows) == 2000
    assert part.rows[-1].row_no == 2014
