"""Every figure of the catalogue against a small agency whose answers were worked out by hand."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import numpy as np
import pytest
from scipy import stats

from siklatih.agency import load_agency
from siklatih.contracts import load_contracts
from siklatih.cycle import Cycle
from siklatih.errors import MendError
from siklatih.instruments import load_instruments
from siklatih.metrics import measure, read_catalogue
from siklatih.settings import CHECKOUT
from siklatih.warehouse import build_layers, create_accepted, load_settings_tables, read_models

CYCLE = Cycle.parse("2026Q3")
STAFF = [f"t{number}" for number in range(1, 11)]
PRE = [50, 60, 70, 55, 65, 45, 75, 60, 50, 70]
POST = [60, 65, 70, 65, 70, 65, 80, 70, 65, 80]


def insert(con: duckdb.DuckDBPyConnection, dataset: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows into ``accepted``; columns not named stay empty."""
    for row in rows:
        names = ", ".join(f'"{name}"' for name in row)
        places = ", ".join(f"${name}" for name in row)
        con.execute(f"insert into accepted.{dataset} ({names}) values ({places})", dict(row))


def roster_line(key: str, unit: str, status: str = "PNS", *, left: date | None = None) -> dict[str, Any]:
    return {
        "nip_key": key,
        "valid_from": date(2025, 1, 1),
        "status": status,
        "unit_code": unit,
        "position_type": "executor",
        "exit_date": left,
        "person_key": key,
    }


def batch(code: str, programme: str, starts: date, ends: date, *, follow_up: bool = False) -> dict[str, Any]:
    return {
        "batch_code": code, "programme_code": programme, "starts_on": starts, "ends_on": ends,
        "assignment": "nominated", "capacity": 30, "follow_up_planned": follow_up,
    }  # fmt: skip


def sessions(code: str, first: date, count: int, jp: int) -> list[dict[str, Any]]:
    return [
        {
            "session_code": f"{code}-S{number}", "batch_code": code, "jp": jp,
            "starts_at": datetime.combine(first + timedelta(days=number), datetime.min.time()).replace(hour=8),
            "ends_at": datetime.combine(first + timedelta(days=number), datetime.min.time()).replace(hour=12),
        }
        for number in range(count)
    ]  # fmt: skip


def enrolments(
    code: str, people: Sequence[str], arm: str = "trained", status: str = "completed"
) -> list[dict[str, Any]]:
    return [
        {
            "batch_code": code,
            "nip_key": p,
            "person_key": p,
            "arm": arm,
            "status": status,
            "enrolled_on": date(2026, 1, 1),
        }
        for p in people
    ]


def marks(code: str, lines: Sequence[dict[str, Any]], present: Mapping[str, int]) -> list[dict[str, Any]]:
    """The first so many sessions of each person are marked P, the others A."""
    return [
        {
            "batch_code": code, "session_starts_at": session["starts_at"], "nip_key": person, "person_key": person,
            "status": "P" if number < count else "A",
        }
        for person, count in present.items()
        for number, session in enumerate(lines)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """The small agency: ten PNS in OPD-1, one PPPK in OPD-2, one who left; three batches of two programmes."""
    con = duckdb.connect()
    con.execute("create macro cycle_of(day) as strftime(day, '%Y') || 'Q' || quarter(day)")
    contracts = load_contracts(CHECKOUT / "config" / "contracts")
    create_accepted(con, contracts, "accepted")
    con.execute("create schema quality")
    con.execute("create table quality.person_identity (kind VARCHAR, pseudonym VARCHAR, person_key VARCHAR)")
    for key in [*STAFF, "pppk", "gone"]:
        con.execute("insert into quality.person_identity values ('nip', $key, $key)", {"key": key})
    reaction = load_instruments(CHECKOUT / "config" / "instruments")["reaction"]
    con.execute(
        "create table quality.matches (dataset VARCHAR, batch_code VARCHAR, known_by VARCHAR, "
        "row_count BIGINT, people BIGINT)"
    )
    con.execute(
        "insert into quality.matches values ('attendance', 'B1', 'number', 40, 7), "
        "('attendance', 'B1', 'name', 8, 2), ('attendance', 'B1', 'none', 3, 1), "
        "('presence', 'B1', 'none', 2, 2), ('presence', null, 'none', 9, 9), "
        "('appraisals', null, 'number', 50, 50)"
    )
    load_settings_tables(
        con,
        items=[
            {
                "instrument_code": "reaction", "instrument_version": reaction.version, "item_code": item.code,
                "subscale": item.subscale, "scale_min": 1, "scale_max": 5, "is_reversed": item.reversed,
            }
            for item in reaction.items
        ],
        rules=load_agency(CHECKOUT / "config" / "agency.yaml").rules,
    )  # fmt: skip
    _people_and_programmes(con)
    _training(con)
    _evaluation(con, reaction.version)
    _results(con)
    build_layers(con, read_models())
    measure(con, read_catalogue(CHECKOUT / "sql" / "metrics"), [CYCLE])
    yield con
    con.close()


def _people_and_programmes(con: duckdb.DuckDBPyConnection) -> None:
    insert(con, "units", [
        {"unit_code": code, "valid_from": date(2025, 1, 1), "unit_name": code, "parent_code": parent, "unit_type": kind}
        for code, parent, kind in (("OPD-1", None, "office"), ("OPD-2", None, "office"), ("UPL-1", "OPD-1", "service_unit"))
    ])  # fmt: skip
    insert(con, "roster", [roster_line(key, "OPD-1") for key in STAFF])
    insert(
        con,
        "roster",
        [roster_line("pppk", "OPD-2", "PPPK"), roster_line("gone", "OPD-2", left=date(2026, 8, 1))],
    )
    insert(con, "programmes", [
        {"programme_code": code, "programme_name": code, "method": method, "jp_form": "technical", "need_source": "none",
         "jp_designed": 8}
        for code, method in (("P1", "class"), ("P2", "workshop"))
    ])  # fmt: skip


def _training(con: duckdb.DuckDBPyConnection) -> None:
    insert(con, "batches", [
        batch("B1", "P1", date(2026, 8, 3), date(2026, 8, 4)),
        batch("B2", "P2", date(2026, 2, 2), date(2026, 2, 5)),
        batch("B3", "P1", date(2026, 5, 4), date(2026, 5, 5), follow_up=True),
    ])  # fmt: skip
    plans = {
        "B1": sessions("B1", date(2026, 8, 3), 2, 4),
        "B2": sessions("B2", date(2026, 2, 2), 4, 4),
        "B3": sessions("B3", date(2026, 5, 4), 2, 4),
    }
    for lines in plans.values():
        insert(con, "sessions", lines)
    insert(
        con,
        "enrolments",
        [*enrolments("B1", STAFF), *enrolments("B2", ["t1", "gone"]), *enrolments("B3", STAFF)],
    )
    insert(con, "enrolments", enrolments("B3", ["pppk"], arm="comparison", status="enrolled"))
    insert(con, "attendance", [
        *marks("B1", plans["B1"], dict(zip(STAFF, [2, 2, 2, 2, 2, 2, 1, 1, 0, 0], strict=True))),
        *marks("B2", plans["B2"], {"t1": 4, "gone": 4}),
    ])  # fmt: skip
    insert(con, "costs", [
        {"batch_code": "B1", "cost_type": kind, "funded_by": by, "planned_amount": 1, "actual_amount": amount}
        for kind, by, amount in (("venue", "budget", 2_000_000), ("trainers", "partner", 800_000))
    ])  # fmt: skip


def _evaluation(con: duckdb.DuckDBPyConnection, version: str) -> None:
    relevance = [
        (5, 4, 4),
        (4, 4, 4),
        (3, 5, 4),
        (5, 5, 5),
        (4, 5, 4),
        (4, 4, 5),
        (3, 3, 4),
        (2, 4, 4),
        (1, 1, 1),
    ]
    insert(con, "responses", [
        {"instrument_code": "reaction", "batch_code": "B1", "response_code": str(number), "item_code": item,
         "instrument_version": version, "submitted_at": datetime(2026, 8, 5), "answer": 6 - answer if item == "rel3" else answer}  # noqa: DTZ001  (rel3 is asked the other way round)
        for number, answers in enumerate(relevance)
        for item, answer in zip(("rel1", "rel2", "rel3"), answers, strict=True)
    ])  # fmt: skip
    scores = [
        {"batch_code": "B1", "nip_key": p, "person_key": p, "occasion": occasion, "instrument_code": "T",
         "instrument_version": "1", "taken_at": datetime(2026, 8, 3), "score": score, "max_score": 100}  # noqa: DTZ001
        for occasion, values in (("pre", PRE), ("post", POST))
        for p, score in zip(STAFF, values, strict=True)
    ]  # fmt: skip
    scores[0] |= {"score": 25, "max_score": 50}  # the same as 50 of 100
    insert(con, "test_scores", scores)
    ratings = [(p, "supervisor", "T3", 1, 4 if number < 5 else 2) for number, p in enumerate(STAFF[:8])]
    ratings += [
        ("t9", "self", "T3", 1, 5),
        ("t10", "supervisor", "T0", 1, 5),
        ("pppk", "supervisor", "T3", 1, 5),
    ]
    ratings += [("t1", "supervisor", "T3", 2, 1), ("t8", "supervisor", "T3", 2, 1)]
    insert(con, "behaviour_ratings", [
        {"batch_code": "B3", "nip_key": p, "person_key": p, "rater": rater, "wave": wave, "behaviour_number": n,
         "rating": rating, "rated_on": date(2026, 8, 8)}
        for p, rater, wave, n, rating in ratings
    ])  # fmt: skip


def _results(con: duckdb.DuckDBPyConnection) -> None:
    insert(con, "appraisals", [
        {"nip_key": p, "person_key": p, "period_start": end - timedelta(days=90), "period_end": end,
         "work_result": "meets", "work_behaviour": "meets", "predicate": predicate}
        for end, predicates in (
            (date(2026, 6, 30), ["good"] * 6), (date(2026, 9, 30), ["good"] * 4 + ["very_good"] * 2),
        )
        for p, predicate in zip(STAFF, predicates, strict=False)
    ])  # fmt: skip
    elements = [c.name for c in load_contracts(CHECKOUT / "config" / "contracts")["service_survey"].columns][
        4:13
    ]
    assert len(elements) == 9
    lines = [
        {**dict.fromkeys(elements, 3), "staff_behaviour": 4 if number % 2 else 2} for number in range(10)
    ]
    lines.append(
        {**dict.fromkeys(elements), "requirements": 1, "procedure": 1}
    )  # two of nine: does not count
    insert(con, "service_survey", [
        {"response_code": str(number), "unit_code": "UPL-1", "surveyed_on": date(2026, 8, 1), "mode": "paper", **line}
        for number, line in enumerate(lines)
    ])  # fmt: skip
    insert(con, "decisions", [
        {"decision_code": f"D{number}", "cycle": cycle, "title": "x", "owner": "x", "due_on": date(2026, 9, 1),
         "status": status, "status_on": date(2026, 7, 1)}
        for number, (cycle, status) in enumerate((
            ("2026Q2", "done"), ("2026Q1", "running"), ("2025Q4", "postponed"), ("2026Q2", "rejected"),
            ("2025Q2", "proposed"), ("2026Q3", "proposed"),
        ))
    ])  # fmt: skip


def figure(
    con: duckdb.DuckDBPyConnection, metric: str, kind: str = "city", code: str = "city", category: str = ""
) -> dict[str, Any]:
    found = con.execute(
        "select * from metrics.metric_values where metric_id = $metric and slice_kind = $kind "
        "and slice_code = $code and category = $category",
        {"metric": metric, "kind": kind, "code": code, "category": category},
    )
    names = [column[0] for column in found.description]
    rows = found.fetchall()
    assert len(rows) == 1, (metric, kind, code)
    return dict(zip(names, rows[0], strict=True))


def test_attendance_is_hours_attended_of_hours_scheduled(con: duckdb.DuckDBPyConnection) -> None:
    for place in (("city", "city"), ("programme", "P1"), ("method", "class"), ("unit", "OPD-1")):
        found = figure(con, "attendance_rate", *place)
        assert found["estimate"] == pytest.approx((6 * 8 + 2 * 4) / 80)
        assert (found["low"], found["interval"]) == (None, "none")


def test_hours_a_person_are_those_of_the_year_over_all_who_still_work(con: duckdb.DuckDBPyConnection) -> None:
    found = figure(con, "jp_per_person")
    assert found["n"] == 11  # ten PNS and one PPPK; one has left
    assert found["estimate"] == pytest.approx((56 + 16) / 11)
    assert figure(con, "jp_per_person", "unit", "OPD-1")["estimate"] == pytest.approx(72 / 10)


def test_pns_with_twenty_hours_is_a_share_of_pns_only(con: duckdb.DuckDBPyConnection) -> None:
    found = figure(con, "pns_20jp_share")
    assert (found["n"], found["estimate"]) == (10, pytest.approx(0.1))  # t1: 8 + 16
    assert found["grade"] == ""


def test_response_rate_counts_forms_against_participants(con: duckdb.DuckDBPyConnection) -> None:
    assert figure(con, "response_rate")["estimate"] == pytest.approx(0.9)


def test_relevance_is_top_two_with_the_finite_interval(con: duckdb.DuckDBPyConnection) -> None:
    found = figure(con, "reaction_relevance")
    assert (found["n"], found["eligible"]) == (9, 10)
    assert found["estimate"] == pytest.approx(6 / 9)
    assert (found["low"], found["note"], found["grade"]) == (None, "few", "E")  # below ten no interval


def test_trainer_was_not_asked_and_so_has_no_figure(con: duckdb.DuckDBPyConnection) -> None:
    found = figure(con, "reaction_trainer")
    assert (found["n"], found["estimate"]) == (0, None)


def test_learning_gain_is_the_paired_t(con: duckdb.DuckDBPyConnection) -> None:
    found = figure(con, "learning_gain")
    gains = np.array(POST) - np.array(PRE)
    reference = stats.ttest_rel(POST, PRE).confidence_interval(0.95)
    assert found["estimate"] == pytest.approx(gains.mean())
    assert (found["low"], found["high"]) == pytest.approx((reference.low, reference.high))
    assert (found["interval"], found["note"], found["grade"]) == ("t_persons", "single_batch", "D")


def test_learning_effect_divides_by_both_spreads_with_the_small_sample_factor(
    con: duckdb.DuckDBPyConnection,
) -> None:
    found = figure(con, "learning_effect")
    spread = ((statistics.variance(PRE) + statistics.variance(POST)) / 2) ** 0.5
    factor = 1 - 3 / (4 * 9 - 1)  # Hedges' approximation, within 0.1 % of the exact one
    assert found["estimate"] == pytest.approx(
        factor * statistics.mean(np.array(POST) - PRE) / spread, rel=2e-3
    )
    assert found["low"] < found["estimate"] < found["high"]


def test_behaviour_counts_supervisors_after_three_months_of_all_who_are_due(
    con: duckdb.DuckDBPyConnection,
) -> None:
    found = figure(con, "behaviour_applied_t3")
    assert (found["n"], found["eligible"]) == (8, 10)
    assert found["estimate"] == pytest.approx(5 / 8)
    assert found["grade"] == "E"


def test_appraisals_are_transitions(con: duckdb.DuckDBPyConnection) -> None:
    assert figure(con, "appraisal_transitions", category="good>good")["estimate"] == pytest.approx(4 / 6)
    assert figure(con, "appraisal_transitions", category="good>very_good")["estimate"] == pytest.approx(2 / 6)


def test_index_of_a_unit_with_its_interval(con: duckdb.DuckDBPyConnection) -> None:
    """Each respondent answered all, so the index is a mean of persons, and its interval the t of ten."""
    found = figure(con, "ikm", "unit", "UPL-1")
    own = [25 * (8 * 3 + (4 if number % 2 else 2)) / 9 for number in range(10)]
    reference = stats.t.interval(0.95, 9, statistics.mean(own), statistics.stdev(own) / 10**0.5)
    assert found["n"] == 10
    assert found["estimate"] == pytest.approx(statistics.mean(own))
    assert (found["low"], found["high"]) == pytest.approx(reference, rel=1e-6)


def test_cost_of_an_hour(con: duckdb.DuckDBPyConnection) -> None:
    assert figure(con, "cost_per_jp_person")["estimate"] == pytest.approx(2_800_000 / 56)
    assert figure(con, "cost_per_jp_person", "method", "class")["estimate"] == pytest.approx(50_000)


def test_decisions_of_the_last_four_cycles_that_were_not_rejected(con: duckdb.DuckDBPyConnection) -> None:
    found = figure(con, "decisions_followed")
    assert (found["n"], found["estimate"]) == (3, pytest.approx(2 / 3))


def test_match_rate_counts_people_named_in_each_dataset_of_a_batch(con: duckdb.DuckDBPyConnection) -> None:
    found = figure(con, "match_rate")
    assert (found["n"], found["estimate"]) == (12, pytest.approx(9 / 12))
    sums = con.execute(
        "select category, n, sum_x from metrics.metric_sums where metric_id = 'match_rate' "
        "and slice_kind = 'city' order by all"
    ).fetchall()
    assert sums == [("attendance", 10, Decimal(9)), ("presence", 2, Decimal(0))]


def test_every_metric_of_the_catalogue_was_tried_here(con: duckdb.DuckDBPyConnection) -> None:
    catalogue = {metric.metric_id for metric in read_catalogue(CHECKOUT / "sql" / "metrics")}
    measured = {
        row[0] for row in con.execute("select distinct metric_id from metrics.metric_values").fetchall()
    }
    assert measured == catalogue


def test_sums_are_exact(con: duckdb.DuckDBPyConnection) -> None:
    types = con.execute(
        "select data_type from information_schema.columns where table_name = 'metric_sums' and column_name like 'sum%'"
    ).fetchall()
    assert set(types) == {("DECIMAL(38,8)",)}
    total = con.execute(
        "select sum(sum_x) from metrics.metric_sums where metric_id = 'learning_gain' and slice_kind = 'city'"
    ).fetchall()[0][0]
    assert total == Decimal(sum(PRE))


def test_each_metric_says_for_what_data_to_ask() -> None:
    contracts = load_contracts(CHECKOUT / "config" / "contracts")
    models = {model.table: model for model in read_models()}

    def datasets(reads: frozenset[str]) -> set[str]:
        found = set()
        for table in reads:
            schema, _, name = table.partition(".")
            found |= (
                {name}
                if schema == "accepted"
                else datasets(models[table].reads)
                if table in models
                else set()
            )
        return found

    for model in read_models(CHECKOUT / "sql", ("metrics",)):
        needs = next(
            m.needs
            for m in read_catalogue(CHECKOUT / "sql" / "metrics")
            if f"mtr_{m.metric_id}" == model.name
        )
        assert needs in contracts
        assert needs in datasets(model.reads), model.name


def test_a_header_that_lacks_a_field_names_it(tmp_path: Any) -> None:
    original = (CHECKOUT / "sql" / "metrics" / "mtr_ikm.sql").read_text(encoding="utf-8")
    (tmp_path / "mtr_ikm.sql").write_text(original.replace("-- minimum_n: 10\n", ""), encoding="utf-8")
    with pytest.raises(MendError, match="minimum_n"):
        read_catalogue(tmp_path)
    (tmp_path / "mtr_ikm.sql").write_text(
        original.replace("estimator: ikm", "estimator: guess"), encoding="utf-8"
    )
    with pytest.raises(MendError, match="estimator"):
        read_catalogue(tmp_path)
