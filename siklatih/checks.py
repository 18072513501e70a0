"""What a contract demands of its rows, as checks: one condition for bad rows, one expectation.

Great Expectations decides whether a check holds and how many rows break it; the same condition,
run in DuckDB, says which rows (its SQL results lose row numbers, see ``expectations``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from siklatih.contracts import UNFILED, Column, Contract


@dataclass(frozen=True)
class Check:
    """One rule over the table ``candidates``.

    Attributes:
        rule: stable id, ``<dataset>.<column>.<kind>`` or ``<dataset>.<row rule>``.
        column: the column as the contract names it (what a person sees), or several joined by a comma.
        severity: ``critical`` puts the row aside, ``warning`` only counts it.
        bad_when: SQL condition that is true for a bad row.
        parameters: values bound into ``bad_when``.
        expectation: name of the Great Expectations class and its arguments.
        message: (Indonesian, English) what is wrong.
        remedy: (Indonesian, English) what to do.
    """

    rule: str
    column: str
    severity: str
    bad_when: str
    expectation: tuple[str, Mapping[str, Any]]
    message: tuple[str, str]
    remedy: tuple[str, str]
    parameters: Mapping[str, Any] = field(default_factory=dict)


def quoted(name: str) -> str:
    """Quote an identifier of ours for SQL."""
    return '"' + name.replace('"', '""') + '"'


def item_of(contract: Contract, table: str) -> str:
    """SQL of the question whose answer a row is; one line of a form gives many rows."""
    asks = "item_code" in {column.name for column in contract.columns}
    return f"{table}.item_code" if asks else "cast(null as VARCHAR)"


def person_column(name: str) -> str:
    """In candidates the person is known by what the file gave; after resolving, by ``person_key``."""
    return "person_ref" if name == "person_key" else name


def file_checks(contract: Contract) -> list[Check]:
    """Return the checks that depend on one file alone: form, type, range, row rules, own key."""
    checks = [check for column in contract.columns for check in _column_checks(contract, column)]
    checks += [
        rows_check(
            f"{contract.dataset}.{rule.rule_id}",
            ", ".join(rule.columns),
            f"coalesce({rule.bad_when}, false)",
            (rule.message_id, rule.message_en),
            (rule.remedy_id, rule.remedy_en),
            rule.severity,
        )
        for rule in contract.row_rules
    ]
    if not contract.overlapping:
        checks.append(_key_check(contract))
    return checks


def rows_check(
    rule: str,
    column: str,
    bad_when: str,
    message: tuple[str, str],
    remedy: tuple[str, str],
    severity: str = "critical",
) -> Check:
    """Return a check that is its condition alone: no row may fulfil it."""
    return Check(rule, column, severity, bad_when, _unexpected_rows(bad_when), message, remedy)


def _unexpected_rows(condition: str) -> tuple[str, Mapping[str, Any]]:
    doubled = condition.replace("{", "{{").replace("}", "}}")
    return (
        "UnexpectedRowsExpectation",
        {"unexpected_rows_query": f"SELECT * FROM {{batch}} WHERE {doubled}"},
    )


def _column_checks(contract: Contract, column: Column) -> list[Check]:
    checks = []
    name = quoted(column.stored_name)
    if column.required:
        given = f"{column.name}__given"
        checks.append(
            _check(
                contract,
                column,
                "required",
                f"{quoted(given)} is null",
                ("ExpectColumnValuesToNotBeNull", {"column": given}),
                ("wajib diisi", "must be filled in"),
                ("Isi sel ini, lalu kirim ulang berkasnya.", "Fill in the cell and send the file again."),
            )
        )
    if column.is_identifier or column.sql_type != "VARCHAR":
        checks.append(_form_check(contract, column))
    if column.values:
        allowed = [item.value for item in column.values]
        taken = (
            [*allowed, UNFILED] if column.filed or column.timed else allowed
        )  # the build finds it, or says so
        labels = ", ".join(item.label_id or item.value for item in column.values)
        checks.append(
            _check(
                contract,
                column,
                "values",
                f"not list_contains($allowed, {name})",
                ("ExpectColumnValuesToBeInSet", {"column": column.stored_name, "value_set": taken}),
                ("bukan salah satu nilai yang diizinkan", "is not an allowed value"),
                (
                    f"Pilih salah satu: {labels}. {column.remedy[0]}".strip(),
                    f"Choose one of: {', '.join(allowed)}. {column.remedy[1]}".strip(),
                ),
                {"allowed": taken},
            )
        )
    if column.minimum is not None or column.maximum is not None:
        checks.append(_range_check(contract, column))
    if column.pattern is not None:
        literal = column.pattern.replace("'", "''")
        checks.append(
            _check(
                contract,
                column,
                "pattern",
                f"not regexp_full_match({name}, $pattern)",
                _unexpected_rows(f"not regexp_full_match({name}, '{literal}')"),
                ("bentuknya tidak sesuai", "does not have the required form"),
                ("Tulis sesuai petunjuk kolom.", "Write it as the column's note says."),
                {"pattern": column.pattern},
            )
        )
    return checks


def _check(
    contract: Contract,
    column: Column,
    kind: str,
    bad_when: str,
    expectation: tuple[str, Mapping[str, Any]],
    message: tuple[str, str],
    remedy: tuple[str, str],
    parameters: Mapping[str, Any] | None = None,
) -> Check:
    return Check(
        rule=f"{contract.dataset}.{column.name}.{kind}",
        column=column.name,
        severity="critical",
        bad_when=f"coalesce({bad_when}, false)",
        expectation=expectation,
        message=(f"{column.title_id} {message[0]}", f"{column.title_en} {message[1]}"),
        remedy=remedy,
        parameters=parameters or {},
    )


def _form_check(contract: Contract, column: Column) -> Check:
    fault = column.fault_name
    kind = "identifier" if column.is_identifier else "type"
    remedies = {
        "nip": ("Tulis NIP 18 angka sebagai teks.", "Write the 18-digit number as text."),
        "email": ("Tulis satu alamat surel lengkap.", "Write one full e-mail address."),
        "name": ("Tulis nama lengkap.", "Write the full name."),
        "terminal": (
            "Tulis nomor pengguna di mesin presensi, angka saja.",
            "Write the user's number at the terminal, digits only.",
        ),
        "integer": ("Tulis bilangan bulat.", "Write a whole number."),
        "decimal": (
            "Tulis angka saja, tanpa pemisah ribuan.",
            "Write a number only, without separators of thousands.",
        ),
        "date": ("Tulis tanggal sebagai TTTT-BB-HH.", "Write the date as YYYY-MM-DD."),
        "datetime": (
            "Tulis tanggal dan jam sebagai TTTT-BB-HH JJ:MM.",
            "Write date and time as YYYY-MM-DD HH:MM.",
        ),
        "boolean": ("Tulis ya atau tidak.", "Write yes or no."),
    }
    return _check(
        contract,
        column,
        kind,
        f"{quoted(fault)} is not null",
        ("ExpectColumnValuesToBeNull", {"column": fault}),
        ("tidak dapat dibaca", "cannot be read"),
        remedies[column.kind],
    )


def _range_check(contract: Contract, column: Column) -> Check:
    name = quoted(column.stored_name)
    arguments: dict[str, Any] = {"column": column.stored_name}
    parameters: dict[str, Any] = {}
    conditions, bounds = [], []
    if column.minimum is not None:
        strict = column.exclusive_minimum
        arguments |= {"min_value": float(column.minimum), "strict_min": strict}
        parameters["minimum"] = column.minimum
        conditions.append(f"{name} {'<=' if strict else '<'} $minimum")
        bounds.append((f"{'lebih dari' if strict else 'paling kecil'} {column.minimum:f}",
                       f"{'more than' if strict else 'at least'} {column.minimum:f}"))  # fmt: skip
    if column.maximum is not None:
        arguments["max_value"] = float(column.maximum)
        parameters["maximum"] = column.maximum
        conditions.append(f"{name} > $maximum")
        bounds.append((f"paling besar {column.maximum:f}", f"at most {column.maximum:f}"))
    return _check(
        contract,
        column,
        "range",
        " or ".join(conditions),
        ("ExpectColumnValuesToBeBetween", arguments),
        ("di luar batas", "is out of range"),
        (
            f"Nilainya harus {' dan '.join(b[0] for b in bounds)}.",
            f"The value must be {' and '.join(b[1] for b in bounds)}.",
        ),
        parameters,
    )


def _key_check(contract: Contract) -> Check:
    """Two different rows for one key: nobody can say which is right."""
    key = [person_column(name) for name in contract.key]
    columns = ["file_sha", *key]
    grouped = ", ".join(quoted(name) for name in columns)
    complete = " and ".join(f"{quoted(name)} is not null" for name in key)
    return Check(
        rule=f"{contract.dataset}.key.conflict",
        column=", ".join(column.name for column in contract.columns if column.key),
        severity="critical",
        bad_when=f"({complete}) and count(*) over (partition by {grouped}) > 1",
        expectation=(
            "ExpectCompoundColumnsToBeUnique",
            {"column_list": columns, "ignore_row_if": "any_value_is_missing"},
        ),
        message=(
            "dua baris berbeda untuk hal yang sama, dan tidak ada yang lebih baru",
            "two different rows for the same thing, and none of them is newer",
        ),
        remedy=("Hapus baris yang keliru.", "Delete the row that is wrong."),
    )
