"""The sheet of a closed month as PDF: figures, rules, hash, root, and where it is signed."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from services.desk.domain.months import Month
from services.desk.domain.roots import Root
from services.desk.french.printed_root import witness
from services.desk.store.quality import Sealed
from services.desk.store.unread_delays import UNVERIFIED
from shared.calendar.local_days import month_of
from shared.paper.typst_pdf import typeset
from shared.site.tables.bundle import Site

_HERE = Path(__file__).parents[1] / "printing"


def print_month(
    month: Month,
    figures: Sequence[Sequence[str]],
    n: int,
    by: str,
    sealed: Sealed | None,
    root: Root | None,
    site: Site,
    *,
    unverified: bool = False,
) -> bytes:
    """Renders a closed month as PDF: figures, rules, hash and a place to sign.

    `sealed`: the root that sealed the month; `root`: the newest one, printed as a witness;
    `unverified`: nobody has compared the delays with the framework's own text, which the sheet then
    says.
    """
    data = {
        "authority": site.identity.authority,
        "name": month_of(month.month),
        "closed": _day(month.closed_on(site.zone)),
        "by": by,
        "n": n,
        "target": aim(month.target),
        "rules": month.rules,
        "definition": month.definition,
        "calendar": month.calendar,
        "hash": month.hash,
        "sealed": None if sealed is None else {"day": _day(sealed.day), "root": sealed.root},
        "figures": figures,
        "unverified": UNVERIFIED if unverified else None,
        "root": witness(root, site),
    }
    return typeset(_HERE / "month.typ", {"data": data})


def aim(target: float) -> str:
    """Formats a target in French with all its decimals: « 92,5 % »."""
    return f"{target * 100:g}\N{NO-BREAK SPACE}%".replace(".", ",")


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"
