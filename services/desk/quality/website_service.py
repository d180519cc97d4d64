"""Decisions about the website: checked, stated as facts, texts kept beside."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from services.desk.quality.domain import agents
from services.desk.quality.domain import website as rules
from services.desk.quality.domain.website import PageChange, WebsiteState
from services.desk.quality.store import texts
from services.desk.quality.store import website as store
from services.desk.store import quality
from services.desk.store.quality import Author
from shared.errors import Refused
from shared.facts import ids
from shared.facts.envelope import Digest, ItemId
from shared.facts.quality.base import QualityFact, SubjectId
from shared.facts.quality.website import (
    ChangeAsked,
    ChangeDone,
    ChangePlaced,
    PageBroken,
    PageChecked,
    PageOutcome,
)
from shared.platform.database import Connection
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import AppliedSite
from shared.site.tables.website import WebPage

LONGEST: Final = 2_000
"""Letters of a text about a page."""


@dataclass(frozen=True, slots=True)
class WebsiteDesk:
    """The service object by which one author acts on the website's pages on a local day."""

    connection: Connection
    author: Author
    applied: AppliedSite
    directory: Directory
    today: date

    async def check(self, code: str, seen: str) -> None:
        """Records that a person reviewed a website page and found it right. Raises Refused.

        `seen`: the digest of the page that they were shown (`WebPage.listed`).
        """
        await self._locked()
        await self._checked(self._page(code, seen), PageOutcome.OK)

    async def ask(self, code: str, text: str, seen: str) -> int:
        """Records that a website page is to be changed; returns the change's number.

        `seen`: as in `check`. Raises Refused.
        """
        found = await self._locked()
        page = self._page(code, seen)
        await self._checked(page, PageOutcome.TO_CHANGE)
        return await self._ask(found, page, text, None, self.today)

    async def record_failure(self, code: str, text: str) -> int:
        """Records that a website page fails to open; returns the change number. Raises Refused."""
        found = await self._locked()
        page = self._page(code)
        subject = self._subject("page", page.id)
        digest = await self._text(subject, text)
        await self._state(subject, PageBroken, page=page.id, sha256=digest)
        return await self._ask(found, page, None, None, self.today)

    async def add_complaint(self, item_id: ItemId, received: date) -> int:
        """Records a complaint about the website as a task due ten jours ouvrés after it.

        Returns its number. Raises BeyondCalendar.
        """
        return await self._ask(await self._locked(), None, None, item_id, received)

    async def place(self, number: int, code: str, text: str) -> None:
        """Records which website page a complaint is about, and what to change. Raises Refused."""
        change = self._change(await self._locked(), number)
        rules.may_settle(change)
        page = self._page(code)
        agents.name_nobody(self.directory.people.values(), text)
        digest = await self._text(change.subject, text)
        await self._state(change.subject, ChangePlaced, page=page.id, sha256=digest)

    async def record_done(self, number: int, text: str, *, changed: bool) -> None:
        """Records that a website change was made, or why nothing is to change. Raises Refused."""
        change = self._change(await self._locked(), number)
        rules.may_settle(change)
        digest = await self._text(change.subject, text)
        await self._state(change.subject, ChangeDone, changed=changed, sha256=digest)

    async def _checked(self, page: WebPage, outcome: PageOutcome) -> None:
        subject = self._subject("page", page.id)
        await self._state(subject, PageChecked, page=page.id, row=page.listed, outcome=outcome)

    async def _ask(
        self,
        found: WebsiteState,
        page: WebPage | None,
        text: str | None,
        item_id: ItemId | None,
        since: date,
    ) -> int:
        number = 1 + max(found.changes, default=0)
        subject = self._subject("change", str(number))
        digest = None
        if text is not None:
            digest = await self._text(subject, text)
        await self._state(
            subject,
            ChangeAsked,
            number=number,
            page=None if page is None else page.id,
            item_id=item_id,
            due=self.applied.days.add(since, rules.WITHIN),
            sha256=digest,
        )
        return number

    async def _locked(self) -> WebsiteState:
        await quality.lock_chain(self.connection)
        found = await store.website(self.connection, self.applied.site)
        if found.unreadable:
            raise Refused("A fact of the website can't be read.", "places-unreadable")
        return found

    def _page(self, code: str, seen: str | None = None) -> WebPage:
        found = self.applied.site.website.page.get(code)
        if found is None:
            raise Refused("This page is not in the list.", "no-such-web-page")
        if seen is not None and seen != found.listed:
            raise Refused("This page has another address now.", "web-page-moved")
        return found

    def _change(self, found: WebsiteState, number: int) -> PageChange:
        if number not in found.changes:
            raise Refused(f"There is no change {number}.", "no-such-change", number=number)
        return found.changes[number]

    async def _text(self, subject: SubjectId, text: str) -> Digest:
        return await texts.keep(self.connection, subject, _short(text), self.author.now)

    def _subject(self, kind: str, key: str) -> SubjectId:
        return ids.quality_id(self.author.site, f"website {kind}", key)

    async def _state(self, subject: SubjectId, kind: type[QualityFact], /, **said: Any) -> None:
        await quality.state(self.connection, self.author, subject, kind, **said)


def _short(text: str) -> str:
    if len(text) > LONGEST:
        raise Refused(f"At most {LONGEST} letters.", "quality-text-long", most=LONGEST)
    return text
