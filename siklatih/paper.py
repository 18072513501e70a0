"""A batch on paper: the sheet its people sign, and the workbook into which the signed sheet is typed."""

from __future__ import annotations

import re
from pathlib import Path
from zoneinfo import ZoneInfo

from siklatih.agency import load_agency
from siklatih.contracts import Contract
from siklatih.errors import MendError
from siklatih.report.signing_sheet import signing_pdf
from siklatih.settings import CHECKOUT, Settings
from siklatih.signing import open_batch_list
from siklatih.typed_lists import DATASET, typing_book
from siklatih.workbooks import EARLIEST, made_bytes

_ENDINGS = re.compile(r"\.(?:xlsx|pdf)$", re.IGNORECASE)
_IN_NO_NAME = re.compile(r"[^\w.-]+")


def paper_files(settings: Settings, contract: Contract, batch_code: str, to: str | None) -> dict[Path, bytes]:
    """Return the workbook and the sheet of a batch, by the files to write them to.

    Args:
        settings: the state folder, the configuration and the vault's key.
        contract: the dataset asked for.
        batch_code: a batch of the warehouse.
        to: one of the two files; the other lies beside it. None: named for dataset and batch.

    Raises:
        MendError: the dataset is not attendance, or as ``open_batch_list``.
    """
    if contract.dataset != DATASET:
        raise MendError(
            "batch_of_attendance",
            en="--batch makes the list of attendance: `siklatih template attendance --batch CODE`.",
            id_="--batch membuat daftar hadir: `siklatih template attendance --batch KODE`.",
        )
    batch = open_batch_list(settings, batch_code)
    agency = load_agency(settings.config / "agency.yaml")
    when = max(batch.sessions[0][0], EARLIEST)  # the same batch gives the same bytes
    name = _ENDINGS.sub("", to) if to else f"{DATASET}-{_IN_NO_NAME.sub('-', batch_code)}"
    sheet = signing_pdf(batch, agency, ZoneInfo(settings.zone), CHECKOUT / "reports" / "templates")
    return {
        Path(f"{name}.xlsx"): made_bytes(typing_book(contract, batch), when),
        Path(f"{name}.pdf"): sheet,
    }
