"""Where the demo city's files lie, and how the agency's workbooks come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from siklatih.contracts import Contract
from siklatih.cycle import Cycle
from siklatih.demo import sheets
from siklatih.demo.exports import put, write_workbook
from siklatih.demo.formats import Formats
from siklatih.demo.training import Batch
from siklatih.demo.world import handed_in
from siklatih.demo.writers.agency_workbook import TEXT_FORMS, ods_workbook_bytes, text_bytes
from siklatih.instruments import Instrument

_NOTE = "rekap – diperiksa"  # a dash that every encoding has in another place


@dataclass(frozen=True)
class Folders:
    """Where to write, and what the files must look like."""

    inbox: Path
    contracts: Mapping[str, Contract]
    instruments: Mapping[str, Instrument]

    def place(self, cycle: Cycle, provider: str, name: str) -> Path:
        """``inbox/<cycle>/<provider>/<name>``."""
        return self.inbox / str(cycle) / provider / name

    def batch_place(self, batch: Batch, provider: str, name: str, formats: Formats) -> Path:
        """Where a file lies that does not name its batch: in the batch's folder, or to be filed by what fits."""
        return self.place(batch.cycle, provider, f"{batch.code}/{name}" if formats.in_folder else name)

    def workbook(
        self, cycle: Cycle, name: str, content: Mapping[str, sheets.Sheet], provider: str = "bkpsdm"
    ) -> None:
        """Write a workbook of the cycle, XLSX or ODS by its name; sheets without rows are left out."""
        filled = {dataset: sheet for dataset, sheet in content.items() if sheet[1]}
        path, when = self.place(cycle, provider, name), handed_in(cycle)
        if filled and path.suffix == ".ods":
            put(path, ods_workbook_bytes(self.contracts, filled, when=when, provider=provider), when)
        elif filled:
            write_workbook(path, self.contracts, filled, when=when, provider=provider)

    def text(
        self, cycle: Cycle, name: str, dataset: str, sheet: sheets.Sheet, form: str, provider: str
    ) -> None:
        """Write one dataset as text in one of ``TEXT_FORMS``, with a column of the sender's own."""
        columns, rows = [*sheet[0], "# Catatan"], [(*row, _NOTE) for row in sheet[1]]
        if rows:
            content = text_bytes(self.contracts[dataset], columns, rows, TEXT_FORMS[form])
            put(self.place(cycle, provider, name), content, handed_in(cycle))
