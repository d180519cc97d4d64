"""On which day a letter was received: sheet of the day, else day folder, else unknown.

A day after the one on which the file appeared is a mistake (a sheet printed for tomorrow, a
mistyped folder) and is not believed: the document then counts from when it was first seen,
provisionally, until a person gives the day of its batch.
"""

import re
from datetime import date
from typing import Literal

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
DayFrom = Literal["sheet", "folder", "asked", "first_seen"]


def receipt_day(sheet: date | None, folder: date | None, seen: date) -> tuple[date | None, DayFrom]:
    """Returns a scanned paper's local day of receipt, and by what it is known: sheet or folder.

    `None` and `first_seen`: unknown. A day after `seen`, when the file appeared, is not believed.
    """
    if sheet is not None and sheet <= seen:
        return sheet, "sheet"
    if folder is not None and folder <= seen:
        return folder, "folder"
    return None, "first_seen"


def day_of_folder(names: tuple[str, ...]) -> date | None:
    """Returns the day in the name of the nearest folder such as `2026-05-11`, or `None`."""
    for name in reversed(names):
        if _DAY.fullmatch(name):
            try:
                return date.fromisoformat(name)
            except ValueError:  # 2026-02-30
                continue
    return None
