"""Every id that must be the same whoever computes it, and whenever (DESIGN §2).

All are uuid5: reading a source twice, replaying a fact or deciding twice gives the same id, and the
primary key of a table is the memory that makes a second time harmless.
"""

from uuid import NAMESPACE_URL, UUID, uuid5

from shared.facts.envelope import ArrivalId, EventId, ItemId, NoticeId
from shared.facts.quality import SubjectId


def site_namespace(site: str) -> UUID:
    """The namespace of one préfecture, named by its id in site.yaml."""
    return uuid5(NAMESPACE_URL, f"vaguemestre:{site}")


def arrival_id(site: str, source: str, identity: str) -> ArrivalId:
    """One appearance (`identity` says which, DESIGN §2) in one source."""
    return ArrivalId(uuid5(site_namespace(site), f"arrival\n{source}\n{identity}"))


def item_id(site: str, opened_by: UUID) -> ItemId:
    """The item opened by an arrival, or by the event that decided it (keyed by hand, split off)."""
    return ItemId(uuid5(site_namespace(site), f"item\n{opened_by}"))


def register_id(site: str) -> ItemId:
    """The register itself, under whose id each night's root of the evidence is stated."""
    return ItemId(uuid5(site_namespace(site), "register"))


def person_id(site: str, person: str) -> ItemId:
    """The chain of what was changed of one of ours; no item."""
    return ItemId(uuid5(site_namespace(site), f"person\n{person}"))


def quality_chain(site: str) -> UUID:
    """The one chain of what is stated about figures and promises, and about no item."""
    return uuid5(site_namespace(site), "quality")


def quality_id(site: str, kind: str, key: str) -> SubjectId:
    """What a fact of topic `quality` is about: `month` and `2026-05`, `draw` and its decision."""
    return SubjectId(uuid5(site_namespace(site), f"quality\n{kind}\n{key}"))


def notice_id(site: str, occasion: str, kind: str, recipient: str) -> NoticeId:
    """The ledger's key: what calls for the notice, its kind, and the pseudonym of its reader."""
    return NoticeId(uuid5(site_namespace(site), f"notice\n{occasion}\n{kind}\n{recipient}"))


def event_id(about: UUID, *parts: str | int) -> EventId:
    """A fact that follows from others: the same causes give the same id."""
    return EventId(uuid5(about, "\n".join(str(part) for part in parts)))
