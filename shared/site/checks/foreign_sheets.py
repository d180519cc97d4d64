"""Checks of the separator sheets of other products that a scan folder of mailboxes.yaml names.

Whatever is written there is looked for on each page of the folder: a code that no reader ever gives
back separates nothing, and its letters become one without a word. So what can be known is checked.
What stands in the code itself is the other product's: any text may be right. A service that is gone
from services.yaml is a mistake, as everywhere.
"""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Final

from shared.site.checks.people import A_SERVICE
from shared.site.checks.validation_errors import Wrong, twice, unknown
from shared.site.checks.yaml_lines import Path
from shared.site.tables.mailboxes import PATCH_CODES, ScanFolder

FILE: Final = "mailboxes.yaml"
_PATCH: Final = "PATCH"
"""How the names of patch codes begin, which are read as bars and not as text."""


def check_foreign_sheets(
    number: int, folder: ScanFolder, known: AbstractSet[str]
) -> Iterator[Wrong]:
    """Checks the foreign sheets of a scan folder: each code once, of a service that exists.

    A name of a patch code must be one that is read; `number`: the folder's place in the file, from
    0; `known`: the ids of services. Yields each mistake.
    """
    within: Path = ("scan_folders", number, "foreign_sheets")
    rows = [((*within, n), sheet) for n, sheet in enumerate(folder.foreign_sheets)]
    codes = [((*path, "code"), row.code.strip()) for path, row in rows]
    yield from twice(FILE, codes, "each code")
    for path, code in codes:
        if code.upper().startswith(_PATCH) and code not in PATCH_CODES:
            expected = f"one of {', '.join(PATCH_CODES)}, or the text of another code"
            yield Wrong(FILE, path, f"'{code}'", expected)
    for path, row in rows:
        yield from unknown(FILE, (*path, "service"), row.service, known, A_SERVICE)
