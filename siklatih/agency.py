"""The agency's own decisions, from ``config/agency.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from siklatih.cycle import Cycle
from siklatih.errors import MendError
from siklatih.yaml_files import read_yaml


@dataclass(frozen=True)
class Agency:
    """Names, sender and rule values. ``rules`` holds shares between 0 and 1.

    ``indicators``: metric ids of the leaders' second page. ``providers``: dataset -> who is asked for it.
    """

    name_id: str
    name_en: str
    unit_id: str
    unit_en: str
    sender: str
    freeze_days: int
    answer_days: int
    indicators: tuple[str, ...]
    providers: dict[str, str]
    rules: dict[str, Decimal]

    def frozen_on(self, cycle: Cycle) -> date:
        """Return the day up to which a cycle's data count, and with which its reports are dated."""
        return cycle.end - timedelta(days=1) + timedelta(days=self.freeze_days)

    def answers_by(self, cycle: Cycle) -> date:
        """Return the day by which missing data are asked for."""
        return cycle.end - timedelta(days=1) + timedelta(days=self.answer_days)

    def provider_of(self, dataset: str) -> str:
        """Return who is asked for a dataset."""
        return self.providers.get(dataset, self.providers["default"])


def load_agency(path: Path) -> Agency:
    """Read the file; ``MendError`` if something is missing or a rule does not say where it comes from."""
    content = read_yaml(path)
    try:
        for rule in content["rules"].values():
            if not (rule["source"] and rule["status"]):
                raise KeyError("source")
        return Agency(
            name_id=content["name"]["id"],
            name_en=content["name"]["en"],
            unit_id=content["unit"]["id"],
            unit_en=content["unit"]["en"],
            sender=content["sender"],
            freeze_days=int(content["freeze_days"]),
            answer_days=int(content["answer_days"]),
            indicators=tuple(content["indicators"]),
            providers={"default": content["providers"]["default"], **content["providers"]},
            rules={name: Decimal(str(rule["value"])) for name, rule in content["rules"].items()},
        )
    except (KeyError, TypeError) as error:
        raise MendError(
            "agency_config",
            en=f"config/agency.yaml lacks {error}. Compare it with the one that came with Siklatih.",
            id_=f"config/agency.yaml tidak memuat {error}. Bandingkan dengan bawaan Siklatih.",
        ) from error
