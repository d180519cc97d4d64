"""Every id that must be the same whoever computes it, and whenever (DESIGN §2).

All are uuid5: reading a source twice, replaying a fact or deciding twice gives the same id, and the
primary key of a table is the memory that makes a second time harmless.
"""

from functools import lru_cache
from hashlib import sha1
from typing import TYPE_CHECKING, cast
from uuid import NAMESPACE_URL, UUID, uuid5

from shared.facts.envelope import ArrivalId, EventId, ItemId, NoticeId
from shared.facts.vocabulary import NoticeKind

_VARIANT = dict(zip("0123456789abcdef", 4 * "89ab", strict=True))
"""The digit of a UUID that names its variant, for each digit of a hash in its place."""

if TYPE_CHECKING:  # 5 MB of facts about figures that who only shows a form never reads
    from shared.facts.quality.base import SubjectId


@lru_cache(maxsize=16)
def site_namespace(site: str) -> UUID:
    """Returns the UUID namespace of one préfecture, made from its id in site.yaml."""
    return uuid5(NAMESPACE_URL, f"vaguemestre:{site}")


def arrival_id(site: str, source: str, identity: str) -> ArrivalId:
    """Computes an arrival's id (uuid5) from the source and its identity there (DESIGN §2)."""
    return ArrivalId(uuid5(site_namespace(site), f"arrival\n{source}\n{identity}"))


def part_name(deposit: UUID, number: int, place: int = 0) -> str:
    """Returns the name of a letter of an upload: its deposit, its file there, its place in that.

    Both numbers count from 0; the first letter has the name that its file had, uncut. An arrival's
    id follows from it: `identity` of `arrival_id`.
    """
    return f"{deposit}:{number}.{place}" if place else f"{deposit}:{number}"


def item_id(site: str, opened_by: UUID) -> ItemId:
    """Computes an item's id (uuid5) from the id of the arrival or event that opened it."""
    return ItemId(uuid5(site_namespace(site), f"item\n{opened_by}"))


def register_id(site: str) -> ItemId:
    """Computes the pseudo item id (uuid5) under which the register seals its evidence roots."""
    return ItemId(uuid5(site_namespace(site), "register"))


def person_id(site: str, person: str) -> ItemId:
    """Computes the pseudo item id (uuid5) that chains the facts about one person of ours."""
    return ItemId(uuid5(site_namespace(site), f"person\n{person}"))


def quality_chain(site: str) -> UUID:
    """Computes the id (uuid5) of the site's one evidence chain of facts about figures."""
    return uuid5(site_namespace(site), "quality")


def quality_id(site: str, kind: str, key: str) -> "SubjectId":
    """Computes a quality subject's id (uuid5) from its kind and key: `month` and `2026-05`."""
    return cast("SubjectId", uuid5(site_namespace(site), f"quality\n{kind}\n{key}"))


def notice_id(site: str, occasion: str, kind: str, recipient: str) -> NoticeId:
    """Computes a notice's id (uuid5, idempotency key) from its occasion, kind and recipient."""
    return NoticeId(uuid5(site_namespace(site), f"notice\n{occasion}\n{kind}\n{recipient}"))


def copy_occasion(order: UUID, number: int) -> str:
    """Returns the occasion of one copy of a letter; `order`: its `NoticeOrdered`, from 1."""
    return f"{order} copy {number}"


def copy_notice_id(site: str, order: UUID, number: int) -> NoticeId:
    """Computes the notice id of one copy of a letter, as the service notify does."""
    return notice_id(site, copy_occasion(order, number), NoticeKind.COPY, "sender")


def exercise_occasion(subject: UUID, version: int) -> str:
    """Computes the occasion of a crisis exercise's emails, one for each version of their text."""
    return str(event_id(subject, "exercise", version))


def invitation_occasion(campaign: UUID, item: UUID) -> str:
    """Returns the occasion of an email that invites an item's sender to a survey campaign."""
    return str(event_id(campaign, "invitation", str(item)))


def meeting_recipient(member: int) -> str:
    """Returns the recipient part of a notice's idempotency key, for a member of the committee."""
    return f"member:{member}"


def event_id(about: UUID, *parts: str | int) -> EventId:
    """Computes the id (uuid5) of a fact that follows from others: same causes, same id."""
    return EventId(UUID(event_id_text(about.bytes, "\n".join(map(str, parts)).encode())))


def event_id_text(about: bytes, cause: bytes) -> str:
    """Computes the text of `event_id`, for whoever only writes it.

    `about`: a UUID's bytes; `cause`: its parts, a line each.
    """
    # As uuid5 does, which looks for its hash at each call, and makes a UUID of it.
    told = sha1(about + cause, usedforsecurity=False).hexdigest()
    return f"{told[:8]}-{told[8:12]}-5{told[13:16]}-{_VARIANT[told[16]]}{told[17:20]}-{told[20:32]}"
