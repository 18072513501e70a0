"""Anonymous questionnaires: no answer leads to a person, whatever the form asks and the tool adds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest
import yaml

from siklatih.contracts import PERSON_COLUMNS, load_contracts
from siklatih.errors import MendError
from siklatih.forms import FormTable, Record, read_form
from siklatih.instruments import load_instruments
from siklatih.people import NameAnswer, add_people, prepare_people
from siklatih.settings import CHECKOUT
from siklatih.sources.protocol import Catalogue, Part
from siklatih.warehouse import build_layers, create_accepted, load_settings_tables, read_models

CONTRACTS = load_contracts(CHECKOUT / "config" / "contracts")
INSTRUMENTS = load_instruments(CHECKOUT / "config" / "instruments")
ANONYMOUS = [instrument for instrument in INSTRUMENTS.values() if instrument.anonymous]
DATASETS = sorted({instrument.dataset for instrument in ANONYMOUS})
REACTION = INSTRUMENTS["reaction"]


def answered(more: Sequence[str] = (), cells: Sequence[str] = ()) -> Part:
    """The reaction form with further questions, answered once."""
    headings = ["Kode angkatan", *(item.wording_id for item in REACTION.items), *more]
    record = Record(2, ["B-1", *["4"] * len(REACTION.items), *cells], submitted="2026-08-26 10:00:00")
    table = FormTable("Google Forms", "table", headings, frozenset(), [record], {"heading": 1, "data": 1})
    return read_form(table, Catalogue(CONTRACTS, INSTRUMENTS))


def test_a_form_that_asks_for_a_name_stays_anonymous() -> None:
    """Not only is the name not read: the answer's code is the same as without it, so it cannot be guessed."""
    without = answered()
    asked = ["Nama", "NIP", "Alamat email"]
    named = answered(asked, ["Rangga Contohwan", "199003122015031007", "rangga@example.org"])
    assert [row.values for row in named.rows] == [row.values for row in without.rows]
    assert len(named.rows) == len(REACTION.items)
    for row in named.rows:
        assert not set(PERSON_COLUMNS) & row.values.keys()
        assert not {"Rangga Contohwan", "199003122015031007"} & set(row.values.values())


@pytest.mark.parametrize("column", PERSON_COLUMNS)
@pytest.mark.parametrize("place", ["facts", "questions", "constants"])
def test_an_anonymous_questionnaire_that_takes_a_person_is_refused(
    tmp_path: Path, column: str, place: str
) -> None:
    content = yaml.safe_load((CHECKOUT / "config" / "instruments" / "reaction.yaml").read_text("utf-8"))
    content["ignore"] = []
    match place:
        case "facts":
            content["facts"].append({"column": column, "wording": {"id": "Siapa Anda"}})
        case "questions":
            content["questions"]["WHO"] = column
        case _:
            content["constants"] = {column: "x"}
    (tmp_path / "reaction.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(MendError) as caught:
        load_instruments(tmp_path)
    assert caught.value.code == "instrument"
    assert column in caught.value.en
    content["anonymous"] = False
    (tmp_path / "reaction.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    assert not load_instruments(tmp_path)["reaction"].anonymous


def test_datasets_of_anonymous_questionnaires_have_no_room_for_a_person() -> None:
    assert DATASETS == ["responses", "service_survey"]
    for dataset in DATASETS:
        assert CONTRACTS[dataset].identifiers == ()
        assert not set(PERSON_COLUMNS) & {column.name for column in CONTRACTS[dataset].columns}


@pytest.mark.parametrize("dataset", DATASETS)
def test_no_person_is_ever_looked_up_for_an_anonymous_answer(dataset: str) -> None:
    con = duckdb.connect()
    create_accepted(con, CONTRACTS, "loaded")
    con.execute("create schema quality")
    prepare_people(con, [NameAnswer("0" * 12, "ya", "x")])
    columns, joins = add_people(con, CONTRACTS[dataset])
    con.execute(f"insert into loaded.{dataset} (response_code) values ('r')")
    found = con.execute(f"select {columns} from loaded.{dataset} as rows {joins}").fetchall()
    con.close()
    assert (found, joins) == ([(None,)], "")


def linking(con: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    """(table, column) of columns about persons in tables made straight from anonymous answers."""
    tables = {f"accepted.{dataset}" for dataset in DATASETS}
    found = set()
    for model in read_models():
        if model.reads & tables:
            tables.add(model.table)
            names = con.execute(
                "select column_name from information_schema.columns "
                "where table_schema = $layer and table_name = $name",
                {"layer": model.layer, "name": model.name},
            ).fetchall()
            found |= {(model.table, name) for (name,) in names if name.endswith("_key")}
    assert {"core.fct_response", "core.fct_service_rating"} <= tables, "the search follows the layers"
    return found


def test_no_metric_can_link_an_anonymous_answer_to_a_person() -> None:
    """Metrics read the core only, and no table of the core that is made from answers has a person."""
    con = duckdb.connect()
    con.execute("create macro cycle_of(day) as strftime(day, '%Y') || 'Q' || quarter(day)")
    create_accepted(con, CONTRACTS, "accepted")
    con.execute("create schema quality")
    prepare_people(con, [])
    con.execute(
        "create table quality.matches (dataset VARCHAR, batch_code VARCHAR, known_by VARCHAR, "
        "row_count BIGINT, people BIGINT)"
    )
    load_settings_tables(con, items=[], rules={})
    build_layers(con, read_models())
    assert linking(con) == set()
    con.execute("alter table core.fct_response add column person_key varchar")
    assert linking(con) == {("core.fct_response", "person_key")}, "control"
    con.close()
