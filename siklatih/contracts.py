"""Contracts: what each dataset must look like, one ODCS v3 YAML file a dataset.

From one contract come the table, the checks, the workbook template and the dictionary page.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from siklatih.errors import MendError
from siklatih.yaml_files import config_bytes, parse_yaml

IDENTIFIER_KINDS = ("nip", "email", "name", "terminal")
PERSON_COLUMNS = ("nip", "email", "terminal_number", "name")  # surest first
SQL_TYPES = {
    "text": "VARCHAR",
    "code": "VARCHAR",
    "nip": "VARCHAR",
    "email": "VARCHAR",
    "name": "VARCHAR",
    "terminal": "VARCHAR",
    "integer": "BIGINT",
    "decimal": "DECIMAL(18, 4)",
    "date": "DATE",
    "datetime": "TIMESTAMP",
    "boolean": "BOOLEAN",
}
UNFILED = "?"  # stands in a column that the file tells nothing of, for the build to fill
SEVERITIES, PERSONAL = ("critical", "warning"), ("none", "identifier", "personal")


@dataclass(frozen=True)
class EnumValue:
    """An allowed value and what a person calls it."""

    value: str
    label_id: str
    label_en: str


@dataclass(frozen=True)
class Column:
    """A column. ``minimum`` and ``maximum`` are inclusive unless ``exclusive_minimum``.

    Where a file tells nothing here, the build finds the batch (``filed``) or the occasion (``timed``).
    """

    name: str
    kind: str
    required: bool
    key: bool
    filed: bool
    references: str | None
    values: tuple[EnumValue, ...]
    minimum: Decimal | None
    exclusive_minimum: bool
    maximum: Decimal | None
    pattern: str | None
    title_id: str
    title_en: str
    description_id: str
    description_en: str
    personal: str
    purpose: str
    remedy: tuple[str, str] = ("", "")  # (Indonesian, English) what else to do about a value not allowed
    timed: bool = False

    @property
    def is_identifier(self) -> bool:
        """Numbers, addresses and names are replaced by keyed pseudonyms when a file is read."""
        return self.kind in IDENTIFIER_KINDS

    @property
    def stored_name(self) -> str:
        """The column's name in every table."""
        return f"{self.name}_key" if self.is_identifier else self.name

    @property
    def fault_name(self) -> str:
        """The column that says why a value could not be read, during checks."""
        return f"{self.name}__fault"

    @property
    def sql_type(self) -> str:
        """The column's type in DuckDB."""
        return SQL_TYPES[self.kind]


@dataclass(frozen=True)
class RowRule:
    """A rule over one row. ``bad_when`` is SQL over stored names, true for a row that breaks it."""

    rule_id: str
    columns: tuple[str, ...]
    bad_when: str
    severity: str
    message_id: str
    message_en: str
    remedy_id: str
    remedy_en: str


@dataclass(frozen=True)
class Contract:
    """A dataset's contract. ``person_choice``: the person is given by number, address or name.

    ``overlapping``: rows of one key that differ may all be true, as two devices that join at once; what they
    cover is counted once.
    """

    dataset: str
    title_id: str
    title_en: str
    description_id: str
    description_en: str
    columns: tuple[Column, ...]
    row_rules: tuple[RowRule, ...]
    person_choice: bool
    digest: str
    overlapping: bool = False

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    def column(self, name: str) -> Column:
        """Return a column by the name the contract gives it; ``KeyError`` if there is none."""
        return self._by_name[name]

    @property
    def key(self) -> tuple[str, ...]:
        """Stored names of the natural key; the person comes last where a person is chosen.

        What is filed to a batch without naming its meeting belongs to that batch alone: a terminal's log may
        be filed to one batch, a longer log of the same terminal to another.
        """
        own = tuple(column.stored_name for column in self.columns if column.key)
        if self.filed is not None and self.filed.name != "batch_code":
            own = (*own, "batch_code")
        return (*own, "person_key") if self.person_choice else own

    @property
    def filed(self) -> Column | None:
        """The column that says to which batch or meeting a row belongs, where files may leave it out."""
        return next((column for column in self.columns if column.filed), None)

    @property
    def moment(self) -> Column | None:
        """The first column that tells a time: when the row happened."""
        return next((column for column in self.columns if column.kind == "datetime"), None)

    @property
    def person_columns(self) -> list[Column]:
        """The columns by which the person of a row may be known, the surest first."""
        return [self._by_name[name] for name in PERSON_COLUMNS if name in self._by_name]

    @property
    def identifiers(self) -> tuple[Column, ...]:
        """Columns that are replaced by pseudonyms."""
        return tuple(column for column in self.columns if column.is_identifier)


def load_contracts(folder: Path) -> dict[str, Contract]:
    """Read all contracts of a folder, by dataset; checks that they fit each other.

    Raises:
        MendError: a contract is malformed or refers to something that is not there.
    """
    contracts = {}
    for path in sorted(folder.glob("*.yaml")):
        contract = read_contract(path)
        if contract.dataset != path.stem:
            raise contract_fault(path, f"the dataset is called {contract.dataset}, the file is not")
        contracts[contract.dataset] = contract
    for contract in contracts.values():
        _check_references(folder, contract, contracts)
    return contracts


def read_contract(path: Path) -> Contract:
    """Read one contract; ``MendError`` names the file and what is wrong in it."""
    return _contract(path.name, config_bytes(path))


@lru_cache(maxsize=256)  # a command reads the contracts several times, a server's worker at every run
def _contract(name: str, content: bytes) -> Contract:
    path = Path(name)
    try:
        document = parse_yaml(content, name)
        (table,) = document["schema"]
        facts = _properties(table)
        columns = tuple(_column(path, item) for item in table["properties"])
        titles = [column.title_id for column in columns]
        if len(set(titles)) < len(titles) or len({c.name for c in columns}) < len(columns):
            raise contract_fault(path, "two columns share a name or a title")
        names = {column.name for column in columns}
        return Contract(
            dataset=table["name"],
            title_id=table["businessName"],
            title_en=facts["titleEn"],
            description_id=facts["descriptionId"],
            description_en=table["description"],
            columns=columns,
            row_rules=tuple(_row_rule(path, item, names) for item in table.get("quality", ())),
            person_choice=bool(facts.get("personChoice", False)),
            digest=hashlib.sha256(content).hexdigest(),
            overlapping=bool(facts.get("overlapping", False)),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise contract_fault(path, f"{type(error).__name__}: {error}") from error


def contract_fault(path: Path, what: str) -> MendError:
    """Return the error that names a contract and what is wrong in it."""
    return MendError(
        "contract",
        en=f"The contract cannot be used: {what}. Mend the file.",
        id_=f"Kontrak data tidak dapat dipakai: {what}. Perbaiki berkasnya.",
        file=path.name,
    )


def _properties(item: Mapping[str, Any]) -> dict[str, Any]:
    return {entry["property"]: entry["value"] for entry in item.get("customProperties", ())}


def _column(path: Path, item: Mapping[str, Any]) -> Column:
    facts = _properties(item)
    kind, personal = facts["kind"], item["classification"]
    if kind not in SQL_TYPES:
        raise contract_fault(path, f"{item['name']}: unknown kind {kind}")
    if personal not in PERSONAL or not facts["purpose"]:
        raise contract_fault(path, f"{item['name']}: needs a classification and a purpose")
    if (kind in IDENTIFIER_KINDS) != (personal == "identifier"):
        raise contract_fault(path, f"{item['name']}: kind and classification disagree")
    options = item.get("logicalTypeOptions", {})
    minimum = options.get("exclusiveMinimum", options.get("minimum"))
    return Column(
        name=item["name"],
        kind=kind,
        required=bool(item.get("required", False)),
        key=bool(item.get("primaryKey", False)),
        filed=bool(facts.get("filed", False)),
        references=next((entry["to"] for entry in item.get("relationships", ())), None),
        values=tuple(_enum_value(entry) for entry in item.get("enum", ())),
        minimum=None if minimum is None else Decimal(str(minimum)),
        exclusive_minimum="exclusiveMinimum" in options,
        maximum=None if options.get("maximum") is None else Decimal(str(options["maximum"])),
        pattern=options.get("pattern"),
        title_id=item["businessName"],
        title_en=facts["titleEn"],
        description_id=facts["descriptionId"],
        description_en=item["description"],
        personal=personal,
        purpose=facts["purpose"],
        remedy=(facts.get("remedyId", ""), facts.get("remedyEn", "")),
        timed=bool(facts.get("timed", False)),
    )


def _enum_value(entry: Mapping[str, Any]) -> EnumValue:
    return EnumValue(str(entry["value"]), entry["label"], _properties(entry)["labelEn"])


def _row_rule(path: Path, item: Mapping[str, Any], names: set[str]) -> RowRule:
    facts = _properties(item)
    if item["type"] != "custom" or item["engine"] != "greatExpectations":
        raise contract_fault(path, f"{item['name']}: a row rule is custom, for greatExpectations")
    if item["severity"] not in SEVERITIES:
        raise contract_fault(path, f"{item['name']}: severity is one of {', '.join(SEVERITIES)}")
    columns = tuple(facts["columns"])
    if not set(columns) <= names:
        raise contract_fault(path, f"{item['name']}: names a column that is not there")
    return RowRule(
        rule_id=item["name"],
        columns=columns,
        bad_when=item["implementation"]["badWhen"],
        severity=item["severity"],
        message_id=facts["messageId"],
        message_en=item["description"],
        remedy_id=facts["remedyId"],
        remedy_en=facts["remedyEn"],
    )


def _check_references(folder: Path, contract: Contract, contracts: Mapping[str, Contract]) -> None:
    for column in contract.columns:
        if column.references is None:
            continue
        found = re.fullmatch(r"(\w+)\.(\w+)", column.references)
        if found is None or found[1] not in contracts:
            raise contract_fault(
                folder / f"{contract.dataset}.yaml", f"{column.name} refers to a missing dataset"
            )
        if found[2] not in {target.name for target in contracts[found[1]].columns}:
            raise contract_fault(
                folder / f"{contract.dataset}.yaml", f"{column.name} refers to a missing column"
            )
