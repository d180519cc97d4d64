"""What the address of a search asks, and the address of its next page. Pure.

/recherche?q=dupont&service=bmi&etat=late&categorie=…&canal=email&du=2026-05-01&au=2026-05-31
&apres=<moment>~<chrono>&proche=1
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import urlencode

from services.desk.domain.item import ItemStatus
from services.desk.store.cursors import MomentCursor, moment_cursor
from services.desk.store.search_types import LATE, OPEN, Filter, SearchPage
from shared.facts.vocabulary import Channel
from shared.site.tables.bundle import Site
from shared.web.forms import Mistyped

STATES: Final = frozenset({OPEN, LATE, *(state.value for state in ItemStatus)})
FIELDS: Final = ("q", "service", "etat", "categorie", "canal", "du", "au")


@dataclass(frozen=True, slots=True)
class SearchParams:
    """The parameters of a search in a page's address: as typed, and their meaning."""

    typed: Mapping[str, str]
    text: str
    which: Filter
    after: MomentCursor | None
    forgiving: bool

    @property
    def empty(self) -> bool:
        """Whether the search asks for nothing: no words and no filter."""
        return not any(self.typed.values())

    @property
    def filtered(self) -> bool:
        """Whether the search has a filter besides its words."""
        return any(value for name, value in self.typed.items() if name != "q")

    def address(self, path: str, **more: str) -> str:
        """Returns the address of another page for the same search."""
        return f"{path}?{urlencode({k: v for k, v in {**self.typed, **more}.items() if v})}"

    def next_address(self, found: SearchPage) -> str:
        """Returns the address of the next page of results; empty when there is none."""
        if found.after is None:
            return ""
        return self.address(
            "/recherche", apres=str(found.after), proche="1" if found.forgiven else ""
        )


def parse_search(query: Mapping[str, str], site: Site) -> SearchParams:
    """Parses the parameters of a search from an address; unknown values are ignored.

    Raises Mistyped for a day that is none.
    """
    typed = {name: query.get(name, "").strip()[:200].replace("\0", "") for name in FIELDS}
    for name, known in (
        ("service", site.service),
        ("categorie", site.category),
        ("etat", STATES),
        ("canal", {channel.value for channel in Channel}),
    ):
        if typed[name] not in known:
            typed[name] = ""
    which = Filter(
        service=typed["service"] or None,
        state=typed["etat"] or None,
        category=typed["categorie"] or None,
        channel=typed["canal"] or None,
        received_from=_day("du", typed["du"]),
        received_until=_day("au", typed["au"]),
    )
    return SearchParams(
        typed, typed["q"], which, moment_cursor(query.get("apres", "")), "proche" in query
    )


def _day(name: str, text: str) -> date | None:
    if not text:
        return None
    try:
        if "/" in text:
            day, month, year = (int(part) for part in text.split("/"))
            return date(year, month, day)
        return date.fromisoformat(text)
    except ValueError:
        raise Mistyped(
            name, f"« {text[:20]} » n’est pas une date : écrivez par exemple 12/05/2026."
        ) from None
