"""What the address of a list asks, and the addresses beside it. Pure.

/courriers?service=bmi&qui=moi&tas=retard&etat=…&categorie=…&canal=email
          &tri=-recu&apres=2026-05-19~36-2026-A-000012

`qui`: `moi` (what they hold, and what nobody has taken where they are chef), `tous`, or somebody's
id; without it, `moi` for whoever works in a service. `tri`: a column, `-` before it for backwards;
without it by limit. A service, person, heap, column or page that does not exist asks nothing.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from services.desk.domain.item import DONE, ItemStatus
from services.desk.roles import Roles
from services.desk.store.cursors import DayCursor, day_cursor
from services.desk.store.work import WorklistFilter, WorklistTab
from services.desk.store.worklist_order import BY_DUE, WorklistColumn, WorklistOrder
from shared.facts.vocabulary import Channel
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import Site

HOME: Final = "/courriers"
ME, ALL = "moi", "tous"
FIELDS: Final = ("service", "qui", "etat", "categorie", "canal")


@dataclass(frozen=True, slots=True)
class ListParams:
    """The parameters of the work list in a page's address: as typed, and their meaning."""

    typed: Mapping[str, str]
    heap: WorklistTab
    order: WorklistOrder
    after: DayCursor | None
    which: WorklistFilter

    @property
    def filtered(self) -> bool:
        """Whether the work list is filtered by service, state, category or channel."""
        return any(self.typed[name] for name in ("service", "etat", "categorie", "canal"))

    @property
    def mine(self) -> bool:
        """Whether the work list shows all items that the visitor holds, without another filter."""
        return self.typed["qui"] == ME and self.heap is WorklistTab.ALL and not self.filtered

    def address(self, path: str = HOME, **more: str) -> str:
        """Returns the address of the same work list with other parameters, or another of it."""
        heap = "" if self.heap is WorklistTab.ALL else self.heap.value
        order = "" if self.order == BY_DUE else str(self.order)
        fields = {**self.typed, "tas": heap, "tri": order, **more}
        query = urlencode({name: said for name, said in fields.items() if said})
        return f"{path}?{query}" if query else path

    def of_heap(self, heap: WorklistTab) -> str:
        """Returns the address of the same work list with another tab."""
        return self.address(tas="" if heap is WorklistTab.ALL else heap.value)

    def sorted_by(self, column: WorklistColumn) -> str:
        """Returns the address of the same work list by a column, backwards if it is by it now."""
        backwards = self.order == WorklistOrder(column)
        order = WorklistOrder(column, backwards)
        return self.address(tri="" if order == BY_DUE else str(order))

    def next_address(self, place: DayCursor) -> str:
        """Returns the address of the work list's next page, after a cursor."""
        return self.address(apres=str(place))


def parse_list(
    query: Mapping[str, str], site: Site, directory: Directory, roles: Roles
) -> ListParams:
    """Parses the parameters of the work list from an address, for these roles."""
    typed = {name: query.get(name, "").strip()[:80].replace("\0", "") for name in FIELDS}
    works = bool(roles.services & set(site.service))
    typed["qui"] = typed["qui"] or (ME if works else ALL)
    known: Mapping[str, Collection[str]] = {
        "service": site.service,
        "qui": [ME, ALL, *directory.people],
        "etat": [state.value for state in ItemStatus if state not in DONE],
        "categorie": site.category,
        "canal": [channel.value for channel in Channel],
    }
    for name, values in known.items():
        if typed[name] not in values:
            # Of nobody there, everybody's: said so, that a view of it stays what was shown.
            typed[name] = ALL if name == "qui" else ""
    who, heap = typed["qui"], query.get("tas", "")
    return ListParams(
        typed=typed,
        heap=WorklistTab(heap) if heap in set(WorklistTab) else WorklistTab.ALL,
        order=_order(query.get("tri", "")),
        after=day_cursor(query.get("apres", "")),
        which=WorklistFilter(
            service=typed["service"] or None,
            holders=_holders(who, roles),
            heads=sorted(roles.heads) if who == ME else (),
            home=sorted(roles.services) if who == ME and not typed["service"] else None,
            state=typed["etat"] or None,
            category=typed["categorie"] or None,
            channel=typed["canal"] or None,
        ),
    )


def _order(text: str) -> WorklistOrder:
    column = text.removeprefix("-")
    if column not in set(WorklistColumn):
        return BY_DUE
    return WorklistOrder(WorklistColumn(column), text.startswith("-"))


def _holders(who: str, roles: Roles) -> list[str] | None:
    if who == ME:
        return sorted(roles.persons)
    return None if who in {ALL, ""} else [who]
