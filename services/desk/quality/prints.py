"""What is printed of figures as PDF: poster and COPIL sheet, with the root that witnesses them.

The date in a PDF is that of what it prints, so that printing again gives the same octets.
"""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

import typst

_HERE: Final = Path(__file__).parents[1] / "printing"


def printed(template: str, dated: date, data: Mapping[str, Any]) -> bytes:
    """Renders a template of `printing/` as PDF. Takes some tenths of a second: not in a loop."""
    given = {**data, "dated": {"year": dated.year, "month": dated.month, "day": dated.day}}
    return bytes(
        typst.compile(
            _HERE / template,
            root=_HERE,
            format="pdf",
            pdf_standards="a-2b",
            sys_inputs={"data": json.dumps(given)},
            ignore_system_fonts=True,
        )
    )
