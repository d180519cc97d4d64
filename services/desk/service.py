"""The service object of the register: what a person does in one go, though it is several decisions.

Pages, commands and programs call it alike: `Decider` takes one decision, this one those that belong
together. They share the caller's transaction: refused is refused whole. Each part has an id of its
own, made of the id of the whole and the part's name, so that a repetition states nothing twice.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from uuid import UUID, uuid5

from services.desk import reply_address
from services.desk.decider import Decider
from services.desk.domain.days import local_day
from services.desk.domain.decisions import confidentiality, notes, opinions
from services.desk.domain.decisions.classification import Assign, Qualify, Reclassify
from services.desk.domain.decisions.closure import Close, Undo
from services.desk.domain.decisions.corrections import CorrectReceipt, NoteSender, NoteSubject
from services.desk.domain.decisions.notes import WriteNote
from services.desk.domain.decisions.opinions import AskOpinion
from services.desk.domain.decisions.reclassification import SortAgain
from services.desk.domain.decisions.regimes import ConfirmRegime
from services.desk.domain.decisions.waits import FromSignature
from services.desk.domain.item import Item, ItemStatus
from services.desk.rights import Sight, sight
from services.desk.roles import roles_of
from services.desk.store import classification, items
from shared.content import plis
from shared.content.plis import Correspondent, Pli, Store
from shared.errors import Refused
from shared.facts.envelope import BlobKey, ItemId, PersonId, Weight
from shared.facts.items import Items
from shared.facts.standing import standing
from shared.facts.vocabulary import Category, NoticeKind, SenderKind, Waiting
from shared.site.tables.people import Person

STAMP: Final = "tampon"
"""Why the day of receipt was confirmed or corrected: the stamp on the paper says so."""
SLIP: Final = "erreur"
"""Why what was just sorted is taken back."""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The outcome of handing an item over: the item, and if it only came back from signature."""

    item: Item
    returned: bool
    """Whether it only came back from signature, to the agent that the item now has."""


@dataclass(frozen=True, slots=True)
class Qualification:
    """The data that a clerk enters to qualify an item; a field left empty changes nothing."""

    qualify: Qualify
    subject: str = ""
    """In a few words, of a paper that has none."""
    received_on: date | None = None
    received_stands: bool = False
    """The day that was first seen is right: it is doubtful no longer."""
    regime: ConfirmRegime | None = None


@dataclass(frozen=True, slots=True)
class RegisterService(Decider):
    """The service object of the register: acts that take several decisions in one transaction.

    Every act raises Refused, and then nothing of it is kept.
    """

    async def qualify(self, item_id: ItemId, said: Qualification, blobs: Store) -> Item:
        """Qualifies an item and sets its subject, day of receipt and regime where given."""
        item = await self.about(item_id, said.qualify)
        item = await self._subject(item, said.subject, blobs)
        item = await self._receipt(item, said)
        if said.regime is None:
            return item
        return await self._part("regime").about(item_id, said.regime)

    async def dismiss(self, item_id: ItemId, reason: str, category: Category | None = None) -> Item:
        """Closes an item that needs no answer, with a reason; returns it.

        A category that is given is set first.
        """
        if category is not None:
            await self.about(item_id, Qualify(Reclassify(category=category)))
        return await self._part("close").about(item_id, Close(reason))

    async def unregister(self, item_id: ItemId, since: datetime) -> Item | None:
        """Closes an item that whoever decides keyed by mistake since `since`: nobody wrote it.

        It leaves the perimeter. `None`, and nothing is stated, where another fact than its
        registration tells of it: others acted upon it, or a letter joined it, and needs an answer.
        """
        item = (await items.lock(self.connection, [item_id]))[item_id].item
        mine = item.opened.by == self.by and item.opened.recorded_at >= since
        if item.arrival_id is not None or not mine or item.seq != item.opened.seq:
            return None
        await self.about(item_id, Reclassify(perimeter=False, reason=SLIP))
        return await self._part("close").about(item_id, Close(SLIP))

    async def sort_again(self, chrono: str, since: datetime) -> Item:
        """Undoes whoever decides' own last qualification since `since`, of the item `chrono`.

        Their statements are withdrawn and the item waits to be qualified again. Raises Refused when
        nothing can be undone.
        """
        last = await classification.last(self.connection, self.by, since, chrono)
        if last is None:
            raise Refused("Nothing was sorted last.", "undone-already")
        kept = (await items.peek(self.connection, [last.item_id]))[last.item_id]
        item = kept.item
        for fact in reversed(standing(kept.facts)):
            if self._stated(fact, last.at):
                part = self._part(f"undo {fact.seq}")
                item, _ = await part.undo(last.item_id, Undo(SLIP, fact.seq))
        if item.state is ItemStatus.TO_QUALIFY:
            return item
        return await self._part("again").about(last.item_id, SortAgain())

    async def hand_back(self, item: Item) -> Item:
        """Assigns an item back to the mail office, which must qualify it again."""
        office = self.applied.site.identity.mail_office
        after = await self.about(item.item_id, Assign(office, None, item.copies))
        if Waiting.TO_QUALIFY in after.waits:
            return after
        return await self._part("sort again").about(item.item_id, SortAgain())

    async def hand_over(self, item_id: ItemId, person: PersonId, to: PersonId | None) -> HandedOver:
        """Hands on an item that somebody holds: to a colleague of the service, or (`None`) to it.

        What lies in their signature comes back from it, to whoever had it, and is given on only
        where that is they themselves. Raises Refused if they hold it no more.
        """
        item = (await items.lock(self.connection, [item_id]))[item_id].item
        if person != (item.signatory or item.agent):
            raise Refused(
                f"{item.chrono} is not with {person} any more.",
                "not-as-shown",
                chrono=item.chrono,
            )
        if item.signatory == person:
            item = await self._part("from signature").about(item_id, FromSignature())
        if item.agent != person:
            return HandedOver(item, returned=True)
        command = Assign(item.service, to, item.copies)
        given = await self._part("hand over").about(item_id, command)
        return HandedOver(given, returned=False)

    async def post(self, item_id: ItemId, kind: NoticeKind, notice_id: UUID) -> Item:
        """Records that a printed letter to an item's sender was posted today; returns the item."""
        item, _ = await self._part(str(notice_id)).depart(item_id, kind, None, None)
        return item

    async def correct_kind(self, item: Item, kind: SenderKind | None) -> Item:
        """Corrects the kind of an item's sender, if one is given and differs."""
        if kind is None or kind is item.classification.sender_kind:
            return item
        return await self.about(item.item_id, Reclassify(sender_kind=kind))

    async def note_sender(self, item: Item, who: Correspondent, blobs: Store) -> Item:
        """Stores an item's sender (name, addresses) as a person entered it; returns the item."""
        part = self._part("sender")
        key = await reply_address.write(blobs, self._year, part.decision, who)
        return await part.about(item.item_id, NoteSender(key))

    def refuse_unread(self, item: Item, named: Iterable[PersonId]) -> None:
        """Raises Refused if an item is not the writer's to read, or a named colleague's.

        Whoever reads only the outline of an item neither notes anything of it nor is told of it.
        """
        confidentiality.whole([item], self.sees)
        for person in named:
            found = self.directory.somebody(person)
            if not self.may_name(item, found):
                raise Refused(
                    f"{found.id} may not read {item.chrono}: put their service in copy first, or"
                    " leave them out.",
                    "named-may-not-read",
                    person=found.id,
                    chrono=item.chrono,
                )

    def may_name(self, item: Item, person: Person) -> bool:
        """Returns whether a note about an item may name a colleague: they read all of it."""
        today = self.now.astimezone(self.applied.site.zone).date()
        roles = roles_of(PersonId(person.id), self.applied.site, self.directory, today)
        return sight(roles, item, item.classification.confidentiality) is Sight.WHOLE

    def judge_note(self, item: Item, note: WriteNote) -> None:
        """Judges what `write_note` would state, and states nothing. Raises Refused as it does.

        For whoever keeps its text in a file first: a refusal rolls back rows, not files.
        """
        self.refuse_unread(item, note.named)
        notes.write_note(item, note, self._ground_of({}))

    async def write_note(self, item_id: ItemId, note: WriteNote) -> Item:
        """Notes something about an item for colleagues; each of those named must read the item.

        Judged under the item's lock: what was made réservé meanwhile names nobody.
        """
        kept = (await items.lock(self.connection, [item_id]))[item_id]
        self.refuse_unread(kept.item, note.named)
        return await self.about(item_id, note)

    async def ask_opinion(
        self, item: Item, service: str, until: date, question: str, blobs: Store
    ) -> Item:
        """Asks another service for its opinion of an item by a local day; returns the item.

        That service reads the item from then on, as one in copy does. Judged before the question is
        kept in a file.
        """
        confidentiality.whole([item], self.sees)
        opinions.ask_opinion(item, AskOpinion(service, until, BlobKey("")), self._ground_of({}))
        nobody = Correspondent()
        pli = Pli(kind="composed", sender=nobody, answer_to=nobody, text=question)
        key = await plis.write(blobs, self._year, self.decision, pli)
        return await self.about(item.item_id, AskOpinion(service, until, key))

    async def _subject(self, item: Item, subject: str, blobs: Store) -> Item:
        if not subject or subject == await plis.subject_of(blobs, item.noted):
            return item
        part, nobody = self._part("subject"), Correspondent()
        pli = Pli(kind="keyed", sender=nobody, answer_to=nobody, subject=subject)
        key = await plis.write(blobs, self._year, part.decision, pli)
        return await part.about(item.item_id, NoteSubject(key))

    async def _receipt(self, item: Item, said: Qualification) -> Item:
        """The same day is said again only where it was doubtful and is not any more."""
        day = said.received_on
        if day is None:
            return item
        same = day == local_day(item.receipt, self.applied.site.zone)
        if same and not (Waiting.RECEIPT_TO_CONFIRM in item.waits and said.received_stands):
            return item
        return await self._part("receipt").about(item.item_id, CorrectReceipt(day, STAMP))

    def _stated(self, fact: Items, at: datetime) -> bool:
        """Whether it is a statement of whoever decides, at that moment."""
        mine = fact.by == self.by and fact.recorded_at == at
        return mine and fact.weight is Weight.STATEMENT

    def _part(self, name: str) -> "RegisterService":
        return replace(self, decision=uuid5(self.decision, name))

    @property
    def _year(self) -> int:
        return self.now.astimezone(self.applied.site.zone).year
