"""Acts that are irrevocable or need two persons: taken on a page, by somebody who signed in.

A command of that name only says which page (ADRs 0036, 0041).
"""

from collections.abc import Mapping
from typing import Final

ON_PAGES: Final[Mapping[str, str]] = {
    "withdraw ask": "/courrier/CHRONO/preuve",
    "withdraw confirm": "/courrier/CHRONO/preuve",
    "legal-hold lift": "/courrier/CHRONO/preuve",
    "leave-perimeter": "/courrier/CHRONO/preuve",
    "destroy propose": "/elimination",
    "destroy visa": "/elimination/SLIP",
    "destroy run": "/elimination/SLIP",
    "destroy drop": "/elimination/SLIP",
    "letters approve": "/courriers-types/LETTER",
    "letters withdraw": "/courriers-types/LETTER",
    "month close": "/mois/MONTH",
}
"""By command of `vaguemestre desk`, the page that alone does the act."""
