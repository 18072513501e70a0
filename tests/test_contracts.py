"""Contracts conform to the standard, say everything in both languages, and refuse what is malformed."""

from pathlib import Path

import pytest
import yaml

from siklatih.contracts import load_contracts
from siklatih.errors import MendError
from siklatih.standard import check_standard

CONTRACTS = Path(__file__).resolve().parent.parent / "config" / "contracts"
FILES = sorted(CONTRACTS.glob("*.yaml"))
DATASETS = {
    "roster", "units", "competences", "needs", "interviews", "programmes", "objectives", "materials",
    "partners", "trainers", "batches", "sessions", "enrolments", "attendance", "test_scores", "responses",
    "behaviour_ratings", "appraisals", "service_survey", "service_outcomes", "costs", "targets",
    "decisions", "stakeholders", "presence",
}  # fmt: skip


def test_there_is_a_contract_for_each_of_the_25_datasets():
    assert set(load_contracts(CONTRACTS)) == DATASETS
    assert len(DATASETS) == 25


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_conforms_to_the_standards_schema_and_models(path):
    check_standard(path)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_column_says_what_it_is_in_both_languages_and_why_it_is_kept(path):
    contract = load_contracts(CONTRACTS)[path.stem]
    assert contract.key, "a dataset without a natural key cannot be corrected"
    for column in contract.columns:
        texts = (
            column.title_id, column.title_en, column.description_id, column.description_en, column.purpose
        )  # fmt: skip
        assert all(text.strip() for text in texts), column.name
        assert column.personal in ("none", "identifier", "personal")


def broken(tmp_path, change, dataset="batches"):
    for path in FILES:
        (tmp_path / path.name).write_bytes(path.read_bytes())
    path = tmp_path / f"{dataset}.yaml"
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(document["schema"][0])
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return path


def column(table, name):
    return next(item for item in table["properties"] if item["name"] == name)


def refer(table, target):
    column(table, "programme_code")["relationships"][0]["to"] = target


def drop_purpose(table):
    facts = column(table, "capacity")["customProperties"]
    facts[:] = [fact for fact in facts if fact["property"] != "purpose"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: refer(t, "courses.code"), "missing dataset"),
        (lambda t: refer(t, "programmes.code"), "missing column"),
        (drop_purpose, "purpose"),
        (lambda t: column(t, "starts_on").update(businessName="Selesai"), "share a name or a title"),
        (lambda t: t["quality"][0].update(severity="fatal"), "severity"),
        (lambda t: column(t, "capacity").update(classification="secret"), "classification"),
        (lambda t: t.update(name="batch"), "the file is not"),
    ],
    ids=["dataset", "column", "purpose", "title", "severity", "classification", "name"],
)  # fmt: skip
def test_a_malformed_contract_is_refused_and_says_why(tmp_path, change, said):
    broken(tmp_path, change)
    with pytest.raises(MendError, match=said):
        load_contracts(tmp_path)


def test_an_unknown_key_is_caught_by_the_schema_though_the_models_drop_it(tmp_path):
    path = broken(tmp_path, lambda table: table["properties"][0].update(requierd=True))
    with pytest.raises(MendError, match="requierd"):
        check_standard(path)
