"""What one cell of another register says: a text, a day, one of our own ids. Pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from services.desk.migration.spreadsheet.column_map import ImportField, Mapped, plain
from services.desk.migration.spreadsheet.grid import GridCell
from shared.errors import Refused

_SERIAL: Final = date(1899, 12, 30)
"""Day 0 of a spreadsheet that kept a day as a bare number."""
_DAYS: Final = ("%d/%m/%Y", "%Y-%m-%d", "%d/%m/%y", "%d-%m-%Y", "%d.%m.%Y")


def ours_of(
    cells: Mapping[ImportField, GridCell],
    what: ImportField,
    mapped: Mapped,
    ours: Mapping[str, Sequence[str]],
) -> str | None:
    """Translates a cell of an import file into an id of the site; `None` if it is empty.

    `ours`: the names of each id. Raises Refused for a word that means none.
    """
    said = plain(text_of(cells, what))
    meant = mapped.values.get(what, {}).get(said)
    if not said or meant == "":
        return None
    wanted = plain(meant or said)
    for id_, names in ours.items():
        if wanted in map(plain, names):
            return id_
    raise Refused(
        f"{what.capitalize()} {text_of(cells, what)!r} is none of ours: say in the mapping which.",
        f"import-line-{what}",
        said=text_of(cells, what)[:60],
    )


def text_of(cells: Mapping[ImportField, GridCell], what: ImportField) -> str:
    """Returns the text of a spreadsheet cell on one line; 12.0 becomes « 12 »."""
    cell = cells.get(what)
    if isinstance(cell, float):
        return f"{cell:g}" if cell % 1 else f"{cell:.0f}"
    return "" if cell is None else " ".join(str(cell).split())


def day_of(cell: GridCell) -> date | None:
    """Returns the local day in a spreadsheet cell; `None` for an empty one.

    Raises Refused when it says something else.
    """
    match cell:
        case None:
            return None
        case datetime() | date():
            return cell
        case float() if 20_000 < cell < 80_000:  # noqa: PLR2004  (1954 to 2119)
            return _SERIAL + timedelta(days=int(cell))
        case _:
            text = re.sub(r"\s.*", "", str(cell).strip())
            for form in _DAYS:
                try:
                    return datetime.strptime(text, form).date()  # noqa: DTZ007  (a day has no zone)
                except ValueError:
                    continue
    raise Refused(f"{str(cell)[:20]!r} is no day.", "import-line-no-such-day", said=str(cell)[:20])
