"""Every id that must be the same whoever computes it, and whenever (DESIGN §2).

All are uuid5: reading a source twice, replaying a fact or deciding twice gives the same id, and the
primary key of a table is the memory that makes a second time harmless.
"""

from uuid import NAMESPACE_URL, UUID, uuid5

from shared.facts.envelope import ArrivalId, EventId, ItemId, NoticeId
from shared.facts.quality import SubjectId


def site_namespace(site: str) -> UUID:
    """The UUID namespace of one préfecture, made from its id in site.yaml."""
    return uuid5(NAMESPACE_URL, f"vaguemestre:{site}")


def arrival_id(site: str, source: str, identity: str) -> ArrivalId:
    """The id of an arrival: one appearance (`identity`, DESIGN §2) in one source."""
    return ArrivalId(uuid5(site_namespace(site), f"arrival\n{source}\n{identity}"))


def item_id(site: str, opened_by: UUID) -> ItemId:
    """The id of an item, made from the arrival or event that opened it."""
    return ItemId(uuid5(site_namespace(site), f"item\n{opened_by}"))


def register_id(site: str) -> ItemId:
    """The id of the register itself, under which each root of the evidence is stated."""
    return ItemId(uuid5(site_namespace(site), "register"))


def person_id(site: str, person: str) -> ItemId:
    """The id of the chain of changes of one of our people; no item."""
    return ItemId(uuid5(site_namespace(site), f"person\n{person}"))


def quality_chain(site: str) -> UUID:
    """The id of the one chain of facts about figures and promises."""
    return uuid5(site_namespace(site), "quality")


def quality_id(site: str, kind: str, key: str) -> SubjectId:
    """The id of a subject of topic `quality`: `month` and `2026-05`, `draw` and its decision."""
    return SubjectId(uuid5(site_namespace(site), f"quality\n{kind}\n{key}"))


def notice_id(site: str, occasion: str, kind: str, recipient: str) -> NoticeId:
    """The id of a notice (idempotency key): from its occasion, kind and recipient."""
    return NoticeId(uuid5(site_namespace(site), f"notice\n{occasion}\n{kind}\n{recipient}"))


def event_id(about: UUID, *parts: str | int) -> EventId:
    """The id of a fact that follows from others: the same causes give the same id."""
    return EventId(uuid5(about, "\n".join(str(part) for part in parts)))
