"""The erasure of a text or a document of the quality system: one person asks, another confirms."""

from dataclasses import dataclass

from services.desk.domain.decisions.second import signed_in
from services.desk.domain.writings import Writing, writings_of
from services.desk.quality.domain.second_persons import second_persons
from services.desk.quality.store import erasures
from services.desk.quality.store.erasures import Erasures
from services.desk.store import quality
from services.desk.store.quality import Author
from shared.errors import Refused
from shared.facts.authors import person_of
from shared.facts.quality import Quality
from shared.facts.quality.base import SubjectId
from shared.facts.quality.erasures import ErasureAsked, ErasureDropped, WritingErased
from shared.platform.database import Connection
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import AppliedSite


@dataclass(frozen=True, slots=True)
class ErasureService:
    """The service object by which one person erases quality texts and documents.

    Each act may raise Refused; one database transaction.
    """

    connection: Connection
    author: Author
    applied: AppliedSite
    directory: Directory

    async def ask(self, fact: Quality, what: Writing, reason: str) -> ErasureAsked:
        """Requests the erasure of a text or document that a fact names; nothing is erased yet.

        Raises Refused.
        """
        known = await self._known()
        if what not in writings_of(fact):
            raise Refused("This fact names no such thing.", "no-such-writing")
        key = erasures.key_of(fact.subject_id, what)
        if key in known.erased:
            raise Refused("It was erased already.", "erased-already")
        if key in known.waiting:
            raise Refused("It waits for a second person.", "erasure-waits")
        await self._there(fact.subject_id, what)
        return await quality.state(
            self.connection, self.author, fact.subject_id, ErasureAsked,
            fact=fact.seq, sha256=what.sha256, file=what.file, reason=reason,
        )  # fmt: skip

    async def confirm(self, asked: int) -> WritingErased:
        """Erases the text or document that another person asked to erase; returns the new fact.

        The fact that names it stays. Raises Refused.
        """
        request = self._request(await self._known(), asked)
        if request.by == self.author.by:
            raise Refused("Two persons are needed: whoever asked can't confirm.", "two-persons")
        today = self.author.now.astimezone(self.applied.site.zone).date()
        seconds = second_persons(self.applied.site, self.directory, today)
        if person_of(self.author.by) not in seconds:
            raise Refused("The quality officer or the SG confirms.", "may-not-erase")
        # A member's name may have gone by itself meanwhile: nobody states that they erased it.
        await self._there(request.subject_id, request)
        fact = await quality.state(
            self.connection, self.author, request.subject_id, WritingErased,
            asked=request.seq, fact=request.fact, sha256=request.sha256, file=request.file,
            reason=request.reason,
        )  # fmt: skip
        await erasures.carry_out(self.connection, fact, self.author.now)
        return fact

    async def drop(self, asked: int) -> ErasureAsked:
        """Drops a request to erase a text or document: it may be requested again."""
        request = self._request(await self._known(), asked)
        await quality.state(
            self.connection, self.author, request.subject_id, ErasureDropped, asked=request.seq
        )
        return request

    async def _known(self) -> Erasures:
        signed_in(self.author.origin)
        await quality.lock_chain(self.connection)
        return await erasures.erasures(self.connection)

    async def _there(self, subject: SubjectId, what: Writing | ErasureAsked) -> None:
        if not await erasures.is_there(self.connection, subject, what):
            raise Refused("Nothing is there to erase.", "erasure-finds-nothing")

    def _request(self, known: Erasures, asked: int) -> ErasureAsked:
        found = known.request(asked)
        if found is None:
            raise Refused("No such request waits.", "nothing-to-erase")
        return found
