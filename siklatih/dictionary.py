"""The data dictionary: what every column means, made from the contracts.

``make docs`` writes it to ``docs/data-dictionary.md``; a test fails when the page is not what the
contracts say.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from siklatih.checks import file_checks
from siklatih.contracts import Column, Contract, load_contracts
from siklatih.settings import CHECKOUT

PAGE = CHECKOUT / "docs" / "data-dictionary.md"
_PERSONAL = {"none": "", "identifier": "identifier", "personal": "personal"}

_PREFACE = (
    "Made from `config/contracts/` by `make docs`; do not edit. One chapter a dataset: the name of the "
    "sheet that is filled in, the columns, and the rules a row must keep. Identifiers (employee number, "
    "address, name) are replaced by keyed pseudonyms before anything is stored; their column is then "
    "called `<name>_key`.\n"
)


def dictionary(contracts: Mapping[str, Contract]) -> str:
    """Return the whole page in Markdown."""
    parts = [
        "# Data dictionary\n",
        _PREFACE,
        "| dataset | sheet | what |\n|---|---|---|\n"
        + "".join(
            f"| [{c.dataset}](#{c.dataset}) | {c.title_id} | {_cell(c.description_en)} |\n"
            for c in contracts.values()
        ),
    ]
    parts += [page(contract) for contract in contracts.values()]
    return "\n".join(parts)


def page(contract: Contract) -> str:
    """Return the chapter of one dataset in Markdown."""
    rules = [
        f"| `{check.rule}` | {_cell(check.message[0])} | {_cell(check.message[1])} | {check.severity} |"
        for check in file_checks(contract)
    ]
    return "\n".join(
        [
            f"## {contract.dataset}\n",
            f"**{contract.title_id}** ({contract.title_en}). {contract.description_id}",
            f"{contract.description_en}\n",
            "| column | heading | type | stored as | required | key | refers to | values | personal data |",
            "|---|---|---|---|---|---|---|---|---|",
            *(_row(column) for column in contract.columns),
            "",
            "| column | isi | content | kept for |",
            "|---|---|---|---|",
            *(
                f"| {c.name} | {_cell(c.description_id)} | {_cell(c.description_en)} | {_cell(c.purpose)} |"
                for c in contract.columns
            ),
            "",
            "| rule | aturan | what is wrong | severity |",
            "|---|---|---|---|",
            *rules,
            "",
        ]
    )


def _row(column: Column) -> str:
    values = "; ".join(f"`{v.value}` {v.label_id}" for v in column.values) or _bounds(column)
    return (
        f"| {column.name} | {column.title_id} | {column.kind} | `{column.stored_name}` {column.sql_type} | "
        f"{_mark(column.required)} | {_mark(column.key)} | {column.references or ''} | {_cell(values)} | "
        f"{_PERSONAL[column.personal]} |"
    )


def _bounds(column: Column) -> str:
    parts = []
    if column.minimum is not None:
        parts.append(f"{'>' if column.exclusive_minimum else '≥'} {column.minimum}")
    if column.maximum is not None:
        parts.append(f"≤ {column.maximum}")
    if column.pattern is not None:
        parts.append(f"`{column.pattern}`")
    return ", ".join(parts)


def _mark(is_so: bool) -> str:
    return "yes" if is_so else ""


def _cell(text: str) -> str:
    """Keep a text inside one cell of a Markdown table."""
    return text.replace("|", "\\|").replace("\n", " ")


def main(arguments: Iterable[str] = ()) -> int:
    """Write the page; the argument, if any, is where."""
    place = Path(next(iter(arguments), PAGE))
    contracts = load_contracts(CHECKOUT / "config" / "contracts")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(dictionary(contracts), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
