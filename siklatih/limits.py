"""How large and how odd a file may be before it is refused unread; ``siklatih.settings`` may change each."""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Limits:
    """Bounds that a file must keep before any parser sees it. Each value itself is still allowed.

    Args:
        file_bytes: a file as it was sent.
        members: files within a ZIP container.
        member_bytes: one of them, unpacked.
        unpacked_bytes: all of them together, unpacked; in an ODS also its repeated text, written out.
        ratio: unpacked to packed size of a member above one megabyte.
        xml_depth: how deeply elements may nest.
        xml_elements: elements in all members together.
        sheet_cells: rows times columns from A1 to the farthest cell with content.
        cell_chars: characters in a cell.
        strings: entries of the table of shared strings.
        strings_bytes: that table, unpacked.
        line_bytes: a line of delimited text.
        line_cells: cells in such a line, counted by its separators.
    """

    file_bytes: int = 150 * MEGABYTE
    members: int = 2_000
    member_bytes: int = 512 * MEGABYTE
    unpacked_bytes: int = 768 * MEGABYTE
    ratio: int = 200
    xml_depth: int = 64
    xml_elements: int = 30_000_000
    sheet_cells: int = 20_000_000
    cell_chars: int = 32_767
    strings: int = 2_000_000
    strings_bytes: int = 128 * MEGABYTE
    line_bytes: int = 1_000_000
    line_cells: int = 4_096
