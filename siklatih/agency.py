"""The agency's own decisions, from ``config/agency.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import yaml

from siklatih.cycle import Cycle
from siklatih.errors import MendError


@dataclass(frozen=True)
class Agency:
    """Names, sender and rule values. ``rules`` holds shares between 0 and 1."""

    name_id: str
    name_en: str
    unit_id: str
    unit_en: str
    sender: str
    freeze_days: int
    rules: dict[str, Decimal]

    def frozen_on(self, cycle: Cycle) -> date:
        """Return the day up to which a cycle's data count, and with which its reports are dated."""
        return cycle.end - timedelta(days=1) + timedelta(days=self.freeze_days)


def load_agency(path: Path) -> Agency:
    """Read the file; ``MendError`` if something is missing or a rule does not say where it comes from."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
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
            rules={name: Decimal(str(rule["value"])) for name, rule in content["rules"].items()},
        )
    except (KeyError, TypeError) as error:
        raise MendError(
            "agency_config",
            en=f"config/agency.yaml lacks {error}. Compare it with the one that came with Siklatih.",
            id_=f"config/agency.yaml tidak memuat {error}. Bandingkan dengan bawaan Siklatih.",
        ) from error
