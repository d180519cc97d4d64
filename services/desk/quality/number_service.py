"""The confirmation that numbers of the label are replaced, by the second of two persons.

The first typed `site apply` at a shell, where a name is only typed; the second is signed in
(docs/decisions/0158). Applying stays the command's: this states who confirmed, and of what.
"""

from dataclasses import dataclass

from services.desk.domain.decisions.second import signed_in
from services.desk.quality.domain.second_persons import may_be_meant, second_persons
from services.desk.store import number_confirmations, quality
from services.desk.store.quality import Author
from shared.errors import Refused
from shared.facts import ids
from shared.facts.authors import person_of
from shared.facts.envelope import Digest
from shared.facts.quality.label import NumbersConfirmed
from shared.platform.database import Connection
from shared.site import replacements
from shared.site.replacements import KeptReplacement
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import AppliedSite


@dataclass(frozen=True, slots=True)
class NumberService:
    """The service object by which one person agrees to replaced numbers of the label."""

    connection: Connection
    author: Author
    applied: AppliedSite
    directory: Directory

    async def waiting(self) -> list[KeptReplacement]:
        """Lists the requests that a second person may still confirm, oldest first."""
        confirmed = await number_confirmations.confirmations(self.connection)
        asked = await replacements.asked_of(self.connection, self.applied.digest)
        return [request for request in asked if request.number not in confirmed]

    def may_confirm(self, request: KeptReplacement) -> bool:
        """Whether the signed-in person may be the second, and is not whom the request names."""
        return self._is_second and not self._asked_it(request)

    async def confirm(self, number: int) -> KeptReplacement:
        """Records that this person agrees to a request; returns it. Replaces no number.

        The command that asked does so when it is run again. Raises Refused.
        """
        signed_in(self.author.origin)
        await quality.lock_chain(self.connection)
        request = next((kept for kept in await self.waiting() if kept.number == number), None)
        if request is None:
            raise Refused("No such request waits.", "no-replacement-waits")
        if not self._is_second:
            raise Refused("The quality officer or the SG confirms.", "may-not-replace")
        if self._asked_it(request):
            raise Refused("Two persons are needed: whoever asked can't confirm.", "two-persons")
        subject = ids.quality_id(self.author.site, "numbers", request.what.after)
        await quality.state(
            self.connection, self.author, subject, NumbersConfirmed,
            request=request.number, before=Digest(request.what.before),
            after=Digest(request.what.after), numbers=request.what.lines,
        )  # fmt: skip
        return request

    @property
    def _is_second(self) -> bool:
        today = self.author.now.astimezone(self.applied.site.zone).date()
        seconds = second_persons(self.applied.site, self.directory, today)
        return person_of(self.author.by) in seconds

    def _asked_it(self, request: KeptReplacement) -> bool:
        me = person_of(self.author.by)
        person = None if me is None else self.directory.person(me)
        return person is not None and may_be_meant(request.what.author, person)
