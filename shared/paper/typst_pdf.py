"""Typst, called in one way: what is set with which data, as PDF/A unless it is only printed.

The library is imported by the first paper that a process makes, and by most processes never: it is
30 MB of which idle ones would hold six.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shared.errors import PermanentFailure
from shared.paper.glyphs import substitute


class CannotBePrinted(PermanentFailure):
    """Raised when the typesetter (typst) refuses a paper."""


def typeset(layout: Path, data: Mapping[str, Any], *, kept: bool = True) -> bytes:
    """Makes the PDF of a layout, which reads `data` by its names and the files of its own folder.

    Each is data of JSON; a character that our fonts lack stands there as « □ ». `kept`: as PDF/A,
    which opens in thirty years. Raises CannotBePrinted when the layout does not fit the data.
    """
    try:
        try:
            return _compiled(layout, substitute(data), kept=kept)
        except RuntimeError:
            # Signs of several scripts on one another: what is doubtful goes rather than the paper.
            return _compiled(layout, substitute(data, strictly=True), kept=kept)
    except RuntimeError as error:
        raise CannotBePrinted(f"A paper can't be typeset: see {layout.name}.") from error


def _compiled(layout: Path, data: Mapping[str, Any], *, kept: bool) -> bytes:
    import typst  # noqa: PLC0415  (see above)

    made = typst.compile(
        layout,
        root=layout.parent,
        format="pdf",
        sys_inputs={name: json.dumps(said, ensure_ascii=False) for name, said in data.items()},
        pdf_standards="a-2b" if kept else None,
        ignore_system_fonts=True,
    )
    return bytes(made)
