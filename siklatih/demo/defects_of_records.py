"""Defects in files of meetings, Moodle, terminals and the agency's workbook, each beside a good row."""

from __future__ import annotations

from siklatih.demo.defects_of_lists import plant_in_lists
from siklatih.demo.defects_of_meetings import plant_in_meetings
from siklatih.demo.defects_of_workbooks import plant_in_workbooks
from siklatih.demo.inbox import Folders
from siklatih.demo.planting import Planted, Planter
from siklatih.demo.world import World

PROVIDER = "opd-13"
_SKIPPED = 8  # people whom the defects of ``defects`` use


def plant_in_records(folders: Folders, world: World) -> Planted:
    """Write defective files for the last cycle and return what was planted."""
    planter = Planter(folders, world, PROVIDER, _SKIPPED)
    plant_in_meetings(planter)
    plant_in_lists(planter)
    plant_in_workbooks(planter)
    return planter.planted
