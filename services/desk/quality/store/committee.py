"""The users' committee as its facts make it, with names and what was said."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, get_args

from services.desk.quality.domain.committee import Committee, Member, Remark, fold
from services.desk.quality.domain.groups import USERS, QualityGroup, of_group
from services.desk.quality.store import member_contacts, texts
from services.desk.quality.store.texts import TextsByDigest
from services.desk.store import quality
from shared.facts.envelope import Digest
from shared.facts.quality.base import SubjectId
from shared.facts.quality.committee import CommitteeFact
from shared.platform.database import Connection

KINDS: Final = get_args(CommitteeFact)
ERASED: Final = "(nom effacé)"
NO_TEXT: Final = "(texte effacé)"


@dataclass(frozen=True, slots=True)
class CommitteeTexts:
    """The texts of the users' committee by digest: names, places, remarks and answers."""

    by_digest: TextsByDigest

    def of(self, subject: SubjectId, digest: Digest | None) -> str:
        """Returns a text of the committee by its digest; empty without digest."""
        return "" if digest is None else self.by_digest.get((subject, digest), NO_TEXT)

    def name(self, member: Member) -> str:
        """Returns the name of a committee member."""
        return self._named(member)[0]

    def organisation(self, member: Member) -> str:
        """Returns a member's organisation; empty without one, or once the name is erased."""
        return self._named(member)[1]

    def _named(self, member: Member) -> tuple[str, str]:
        kept = self.by_digest.get((member.subject, member.name))
        if kept is None:
            return ERASED, ""
        if kept in {texts.ALTERED, texts.MISSING}:
            return kept, ""
        _, name, organisation = kept.split("\n", 2)
        return name, organisation

    def answer(self, remark: Remark) -> tuple[str, str]:
        """Returns a remark's answer, after the function of who answered; empty without one."""
        function, _, answer = self.of(remark.subject, remark.answer).partition("\n")
        return function, answer


async def committee(connection: Connection, group: int = USERS) -> Committee:
    """Reads the users' committee of today; `group`: a quality group instead, by number."""
    return fold(of_group(await facts(connection), group))


async def facts(connection: Connection) -> Sequence[CommitteeFact]:
    """Reads all facts about the users' committee and every quality group, in order."""
    found = await quality.of_kinds(connection, KINDS)
    return [fact for fact in found if isinstance(fact, KINDS)]


async def group_names(connection: Connection, found: Collection[QualityGroup]) -> Mapping[int, str]:
    """Reads the names of quality groups, by number."""
    known = await texts.texts(connection, [(group.subject, group.name) for group in found])
    return {group.number: known.get((group.subject, group.name), NO_TEXT) for group in found}


async def words(connection: Connection, found: Committee) -> CommitteeTexts:
    """Reads all texts of the users' committee that are not erased, as a page shows them."""
    wanted = {
        (fact.subject_id, digest)
        for fact in found.facts
        if (digest := getattr(fact, "sha256", None)) is not None
    }
    return CommitteeTexts(await texts.texts(connection, wanted))


async def keep_name(
    connection: Connection, subject: SubjectId, name: str, organisation: str, now: datetime
) -> Digest:
    """Stores a member's name with a random salt; returns its digest, which reveals no name."""
    plain = (" ".join(part.split()) for part in (name, organisation))
    text = "\n".join((secrets.token_hex(16), *plain))
    return await texts.keep(connection, subject, text, now)


async def erase_names(connection: Connection, today: date, now: datetime) -> int:
    """Erases the names of members whose mandate ended three years ago; returns how many.

    Of the users' committee and of every group.
    """
    gone = 0
    for member in fold(await facts(connection)).members.values():
        day = member.erased_on()
        if day is not None and day <= today:
            gone += await texts.erase(connection, member.subject, member.name, now)
    return gone


async def erase_addresses(connection: Connection, today: date) -> int:
    """Erases the addresses of members whose mandate has ended by a local day; returns their number.

    On the last day itself they go already: nobody is invited after it.
    """
    kept = set(await member_contacts.members_with_address(connection))
    if not kept:
        return 0
    members = fold(await facts(connection)).members.values()
    standing = {member.subject for member in members if member.last is None or member.last > today}
    return await member_contacts.erase(connection, sorted(kept - standing))
