"""Rules as data: ``config/rules/*.yaml``, and which of them held on a day.

A rule that changes becomes a new file with the same id and a later ``valid_from``; the earlier file stays.
A cycle uses what held on its last day, so a change does not rewrite earlier quarters, and their digest stays.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from siklatih.cycle import Cycle
from siklatih.errors import MendError
from siklatih.rule_kinds import EvidenceRule, JpRule, MaterialsRule, PrivacyRule, ResponseRule, Rule, SkmRule
from siklatih.rule_people import AppraisalRule, IpAsn2024Rule, IpAsnRule, JobMatchRule
from siklatih.yaml_files import read_yaml

KINDS: dict[str, type[Rule]] = {
    kind.rule_id: kind
    for kind in (
        SkmRule,
        JpRule,
        IpAsnRule,
        IpAsn2024Rule,
        AppraisalRule,
        JobMatchRule,
        PrivacyRule,
        MaterialsRule,
        EvidenceRule,
        ResponseRule,
    )
}
_SHOWN_FAULTS = 3
_R = TypeVar("_R", bound=Rule)

# what pydantic calls a fault -> (English, Indonesian); places in braces come from its context
_WORDS = {
    "missing": ("is missing", "belum diisi"),
    "extra_forbidden": ("is not known", "tidak dikenal"),
    "literal_error": ("must be {expected}", "harus salah satu dari {expected}"),
    "enum": ("must be {expected}", "harus salah satu dari {expected}"),
    "greater_than": ("must be more than {gt}", "harus lebih dari {gt}"),
    "greater_than_equal": ("must be {ge} or more", "harus {ge} atau lebih"),
    "less_than": ("must be less than {lt}", "harus kurang dari {lt}"),
    "less_than_equal": ("must be {le} or less", "harus {le} atau kurang"),
    "decimal_parsing": ("must be a number", "harus berupa angka"),
    "decimal_type": ("must be a number", "harus berupa angka"),
    "int_parsing": ("must be a whole number", "harus berupa bilangan bulat"),
    "int_type": ("must be a whole number", "harus berupa bilangan bulat"),
    "int_from_float": ("must be a whole number", "harus berupa bilangan bulat"),
    "string_type": (
        "must be text, in quotes if it looks like a number",
        "harus berupa teks; beri tanda kutip",
    ),
    "string_too_short": ("is empty", "kosong"),
    "too_short": ("is empty", "kosong"),
    "date_type": ("must be a date such as 2026-12-31", "harus berupa tanggal, misalnya 2026-12-31"),
    "date_from_datetime_parsing": ("must be a date such as 2026-12-31", "harus tanggal, misalnya 2026-12-31"),
    "bool_parsing": ("must be true or false", "harus true atau false"),
    "rule": ("{en}", "{id_}"),
}


def load_rules(folder: Path) -> Rules:
    """Read all rules of a folder.

    Raises:
        MendError: a file is no rule, or two versions of a rule hold at once; it names the file and the field.
    """
    found: dict[str, list[tuple[str, Rule]]] = {}
    for path in sorted(folder.glob("*.yaml")):
        rule = read_rule(path)
        found.setdefault(rule.id, []).append((path.name, rule))
    for versions in found.values():
        versions.sort(key=lambda named: named[1].valid_from or date.min)
        _check_versions(versions)
    return Rules({rule_id: tuple(rule for _, rule in versions) for rule_id, versions in found.items()})


def read_rule(path: Path) -> Rule:
    """Read one rule; ``MendError`` names the file and what is wrong with which field."""
    content = read_yaml(path)
    if not isinstance(content, dict):
        raise _fault(path, "it is not a list of fields", "isinya bukan daftar isian")
    kind = KINDS.get(str(content.get("id")))
    if kind is None:
        known = ", ".join(KINDS)
        raise _fault(path, f"its id is none of {known}", f"id-nya bukan salah satu dari {known}")
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        faults = [_in_words(fault) for fault in error.errors()[:_SHOWN_FAULTS]]
        en, id_ = ("; ".join(words) for words in zip(*faults, strict=True))
        raise _fault(path, en, id_) from error


def _in_words(fault: Any) -> tuple[str, str]:
    place = ".".join(str(step) for step in fault["loc"])
    en, id_ = _WORDS.get(fault["type"], (fault["msg"], "nilainya tidak dapat dipakai"))
    known = fault.get("ctx", {})
    return f"{place} {en.format_map(known)}".strip(), f"{place} {id_.format_map(known)}".strip()


def _fault(path: Path, en: str, id_: str) -> MendError:
    return MendError(
        "rule_file",
        en=f"A rule in config/rules cannot be used: {en}. Mend the file.",
        id_=f"Aturan di config/rules tidak dapat dipakai: {id_}. Perbaiki berkasnya.",
        file=path.name,
    )


def _check_versions(versions: Sequence[tuple[str, Rule]]) -> None:
    for (earlier_name, earlier), (later_name, later) in pairwise(versions):
        same = earlier.valid_from == later.valid_from or later.valid_from is None
        if same or (earlier.valid_to is not None and earlier.valid_to >= (later.valid_from or date.min)):
            raise MendError(
                "rule_overlap",
                en=f"{earlier_name} and {later_name} hold on one day. Set valid_from and valid_to.",
                id_=f"{earlier_name} dan {later_name} berlaku pada hari yang sama. "
                "Betulkan valid_from dan valid_to.",
                file=later_name,
                rule=later.id,
            )
        if earlier.version == later.version:
            raise MendError(
                "rule_version",
                en=f"{earlier_name} and {later_name} bear the same version. Give the later one its own.",
                id_=f"{earlier_name} dan {later_name} bernomor versi sama. Beri versi tersendiri.",
                file=later_name,
                rule=later.id,
            )


@dataclass(frozen=True)
class Rules:
    """All versions of all rules, the earliest first."""

    versions: Mapping[str, Sequence[Rule]]

    def on(self, day: date) -> RuleSet:
        """Return the rules that hold on a day; a later ``valid_from`` ends what came before it."""
        chosen = {}
        for rule_id, versions in sorted(self.versions.items()):
            begun = [rule for rule in versions if (rule.valid_from or date.min) <= day]
            if begun and (begun[-1].valid_to is None or begun[-1].valid_to >= day):
                chosen[rule_id] = begun[-1]
        return RuleSet(day, chosen)

    def of_cycle(self, cycle: Cycle) -> RuleSet:
        """Return the rules that hold on a cycle's last day."""
        return self.on(cycle.end - timedelta(days=1))


@dataclass(frozen=True)
class RuleSet:
    """The rules that hold on a day."""

    day: date
    rules: Mapping[str, Rule]

    def get(self, kind: type[_R]) -> _R:
        """Return the rule of a kind; ``MendError`` if none holds on the day."""
        rule = self.rules.get(kind.rule_id)
        if not isinstance(rule, kind):
            raise MendError(
                "rule_missing",
                en=f"No version of the rule {kind.rule_id} holds on {self.day}. Add one to config/rules.",
                id_=f"Tidak ada versi aturan {kind.rule_id} yang berlaku pada {self.day}. "
                "Tambahkan pada config/rules.",
                rule=kind.rule_id,
            )
        return rule

    @property
    def versions(self) -> dict[str, str]:
        """Rule id -> version and the beginning of its content's digest, such as ``1@3f2a90c41b7e``."""
        return {
            rule_id: f"{rule.version}@{digest_of(rule)[:12]}" for rule_id, rule in sorted(self.rules.items())
        }

    @property
    def digest(self) -> str:
        """SHA-256 over the content of all rules that hold; a later version of one does not change it."""
        content = {rule_id: digest_of(rule) for rule_id, rule in self.rules.items()}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def changed_since(self, recorded: Mapping[str, str]) -> list[str]:
        """Return the ids of rules that differ from recorded ``versions``; such figures are computed anew."""
        now = self.versions
        return sorted(rule_id for rule_id, version in recorded.items() if now.get(rule_id) != version)


def digest_of(rule: Rule) -> str:
    """Return the SHA-256 of what a rule says, however its file is laid out; when it ended does not count."""
    content = rule.model_dump(mode="json", exclude={"valid_to"})
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
