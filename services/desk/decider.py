"""How a decision is taken: lock, judge, keep the facts, the row and the outbox together.

Every function works in the caller's transaction; a `Refused` rolls it back, chronos included.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

from services.desk import perimeter_guard, reply_address, statements
from services.desk.domain import paper_letters, placement_facts, registration, retention
from services.desk.domain.clocks import ItemClock
from services.desk.domain.decisions import (
    Command,
    closure,
    confidentiality,
    counter,
    decide,
    merge,
    notes,
    withdrawal,
)
from services.desk.domain.decisions.closure import Undo
from services.desk.domain.decisions.confidentiality import May, Sees
from services.desk.domain.decisions.context import (
    DecidingAuthor,
    DecisionContext,
    author_of_decision,
)
from services.desk.domain.decisions.held_notices import DropHeld, ReleaseHeld, judged_already
from services.desk.domain.decisions.letter_returns import SettleCopy, TakeBack
from services.desk.domain.decisions.replies import Depart
from services.desk.domain.decisions.withdrawal import ConfirmWithdrawal, Destroy
from services.desk.domain.disposition import Disposition, Opens
from services.desk.domain.item import Item
from services.desk.store import (
    archive_transfers,
    arrivals,
    circuit_letters,
    clocks,
    counters,
    departures,
    erasures,
    fact_history,
    facts,
    item_numbers,
    items,
    letter_returns,
    letter_uses,
    note_mentions,
    notices,
    opinions,
    parapheur_letters,
    secure_mails,
    waiting_lists,
)
from services.desk.store.items import StoredItemRow
from services.desk.store.letter_uses import Use
from shared.content.chronos import Direction
from shared.content.plis import Store
from shared.errors import Refused
from shared.facts import ids
from shared.facts.arrivals import JudgedArrival
from shared.facts.envelope import ArrivalId, BlobKey, Chrono, ItemId
from shared.facts.items import Items
from shared.facts.items.corrections import ItemMergedInto
from shared.facts.origin import UNKNOWN, Origin
from shared.facts.vocabulary import ClockName, NoticeKind, Way
from shared.platform.database import Connection
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import AppliedSite
from shared.site.tables.people import Person

UNNUMBERED: Final = Chrono("")
"""In what is judged before it has a number."""


@dataclass(frozen=True, slots=True)
class Decider:
    """The service object that executes decisions on items: locks, judges, stores, publishes facts.

    `decision` is an idempotency key: the same decision taken twice records its facts once. All work
    is done in the caller's transaction.
    """

    connection: Connection
    who: DecidingAuthor
    decision: UUID
    now: datetime
    applied: AppliedSite
    directory: Directory
    leads: bool = False
    """Their session gives a leading role, by stand-in or by group (see DecisionContext.leads)."""
    origin: Origin = UNKNOWN
    """By which way they decide."""
    sees: Sees = confidentiality.reads_nothing
    """Whether they read all of an item (ADR 0036)."""
    may: May = lambda _, __: True
    """Whether they may decide about an item at all; pages have asked before."""
    blobs: Store | None = None
    """Where addresses are read; `None`: nobody asks whether a mail would arrive."""

    @property
    def person(self) -> Person:
        """The person who decides. Raises Refused if a program does."""
        return self._ground_of({}).person

    @property
    def by(self) -> str:
        """Whoever decides, as facts write their author."""
        return author_of_decision(self.who)

    async def about(self, item_id: ItemId, command: Command) -> Item:
        """Executes a decision about one item; returns the item after it. Raises Refused."""
        before = await self._lock(item_id)
        ground = await self._ground(item_id)
        stated = decide(before[item_id].item, command, ground)
        if self.blobs is not None and reply_address.leaves_by_mail(command):
            await reply_address.reachable(self.blobs, before[item_id].item)
        return await self._state(before, stated, item_id)

    async def depart(
        self,
        item_id: ItemId,
        kind: NoticeKind,
        day: date | None,
        until: date | None,
        document: BlobKey | None = None,
        taken: Use | None = None,
        registered: str = "",
    ) -> tuple[Item, Chrono]:
        """Records that a paper letter was sent; returns the item and the chrono of the departure.

        `day` is the local day on which it left, `until` the date that the letter announces,
        `document` what came back signed from the parapheur, `taken` the standard letter that it
        was; `None`: the one of its kind that was last taken to be printed, `registered` the post's
        number of a registered letter. Raises Refused.
        """
        before = await self._lock(item_id)
        ground = await self._ground(item_id)
        chrono = await self._chrono(Direction.DEPARTURE)
        signed = taken is not None
        if taken is None:
            taken = (await letter_uses.on_paper(self.connection, [item_id])).get((item_id, kind))
        if taken is not None:
            until = until or taken.until
        template, to = (None, None) if taken is None else (taken.version, taken.addressee)
        command = Depart(chrono, kind, day, until, template, to, document, registered)
        stated = decide(before[item_id].item, command, ground)
        item = await self._state(before, stated, item_id)
        await departures.keep(self.connection, [(chrono, item_id)], self.now)
        if not signed:
            await parapheur_letters.note_left(self.connection, [(item_id, kind)], self.now)
        return item, chrono

    async def take_back(self, item_id: ItemId, named: Chrono | None, command: TakeBack) -> Item:
        """Records that the post returned one of our letters. Raises Refused.

        `named`: the chrono of that letter's departure, if known.
        """
        if named is not None:
            departure = await letter_returns.find_departure(self.connection, named)
            command = replace(command, departure=departure)
        return await self.about(item_id, command)

    async def judge(self, item_id: ItemId, notice_id: UUID, *, leaves: bool) -> Item:
        """Releases a notice of an item that was held back, or drops it (`leaves` false).

        Raises Refused.
        """
        before = await self._lock(item_id)
        told = await notices.of_item(self.connection, item_id)
        held = (
            notice for notice in told if notice.notice_id == notice_id and notice.state == "held"
        )
        notice = next(held, None)
        if notice is None or judged_already(before[item_id].facts, notice.notice_id, notice.at):
            raise Refused("This notice is not held any more.", "not-held")
        about = (notice.notice_id, notice.kind)
        command = ReleaseHeld(*about, notice.why, notice.at) if leaves else DropHeld(*about)
        ground, item = await self._ground(item_id), before[item_id].item
        stated = decide(item, command, ground)
        to_sender = notice.kind not in {NoticeKind.THIRD, NoticeKind.COPY}
        if leaves and to_sender and notice.way is Way.MAIL and self.blobs is not None:
            await reply_address.reachable(self.blobs, item)
        return await self._state(before, stated, item_id)

    async def settle_copy(self, item_id: ItemId, command: SettleCopy) -> Item:
        """Records what was done of a copy by email that was not delivered. Raises Refused."""
        await self._lock(item_id)
        told = await notices.of_item(self.connection, item_id)
        if command.notice_id not in {copy.notice_id for copy in told if copy.is_undelivered_copy}:
            raise Refused("No such copy came back.", "no-such-copy")
        return await self.about(item_id, command)

    async def merge(self, item_id: ItemId, survivor_id: ItemId) -> Item:
        """Merges an item into another, the survivor; returns the survivor. Raises Refused."""
        before = await self._lock(item_id, survivor_id)
        confidentiality.whole([kept.item for kept in before.values()], self.sees)
        if await parapheur_letters.is_there(self.connection, item_id):
            chrono = before[item_id].item.chrono
            raise Refused(
                f"A letter of {chrono} is at the parapheur: take it back before merging it.",
                "parapheur-merged",
                chrono=chrono,
            )
        await secure_mails.none_open(self.connection, item_id)
        if not before[item_id].item.ended:  # an ended item's letter waits for nobody any more
            await circuit_letters.none_open(self.connection, item_id)
        ground = await self._ground(item_id)
        stated = merge.merge(before[item_id].item, before[survivor_id].item, ground)
        return await self._state(before, stated, survivor_id)

    async def split(self, item_id: ItemId, seq: int) -> Item:
        """Splits a message off its item into a new item; returns the new one. Raises Refused.

        `seq` is the number of the message among the item's facts.
        """
        before = await self._lock(item_id)
        item, ground = before[item_id].item, await self._ground(item_id)
        confidentiality.whole([item], self.sees)
        message = merge.message_of(item, seq)
        arrival = await waiting_lists.read_judged(self.connection, message.arrival_id, lock=True)
        chrono = await self._chrono(Direction.ARRIVAL)
        command = merge.Split(message, arrival.receipt, chrono)
        new = counter.item_of(ground)
        opened = await self._state(before, merge.split(item, command, ground), new)
        outcome = Opens(new)
        await arrivals.keep(self.connection, [(arrival, outcome)], self.applied.site.zone)
        return opened

    async def undo(self, item_id: ItemId, command: Undo) -> tuple[Item, Items]:
        """Withdraws a statement about an item; returns the item and the withdrawn fact.

        Raises Refused when there is nothing to withdraw, or when what happened can't be undone.
        """
        kept = (await items.peek(self.connection, [item_id]))[item_id]
        before = await self._lock(item_id, *closure.with_it(kept.item, kept.facts, command))
        kept = before[item_id]
        target = closure.target_of(kept.item, kept.facts, command)
        if isinstance(target, ItemMergedInto) and target.survivor not in before:  # merged since
            before = await self._lock(item_id, target.survivor)
        ground = await self._ground(item_id)
        notes.refuse_others_note(kept.item, target, ground, self.sees)
        stated = list[Items]()
        if isinstance(target, ItemMergedInto):
            survivor = before[target.survivor]
            stated += merge.part(kept.item, survivor.item, survivor.facts, command.reason, ground)
        stated = [*closure.undo(kept.item, kept.facts, command, ground), *stated]
        item = await self._state(before, stated, item_id)
        kind = paper_letters.kind_of(target)
        if kind is not None:
            left = target.recorded_at
            await parapheur_letters.note_there(self.connection, item_id, kind, left)
        return item, target

    async def judge_paper(
        self, command: Callable[[Chrono], counter.RegisterAtCounter], label: str | None
    ) -> None:
        """Judges what `register` would state, and states nothing. Raises Refused as it does.

        For whoever keeps its words in a file first: a refusal rolls back rows, not files.
        """
        await self._free(label)
        counter.register(command(UNNUMBERED), self._ground_of({}))

    async def _free(self, label: str | None) -> None:
        if label is not None and await item_numbers.by_label(self.connection, label) is not None:
            raise Refused(
                f"Sticker {label} is on another item already: take the next one.",
                "label-taken",
                label=label,
            )

    async def register(
        self, command: Callable[[Chrono], counter.RegisterAtCounter], label: str | None
    ) -> Item:
        """Registers an item keyed at the counter; `label`: the sticker on its paper.

        Raises Refused, for instance when the sticker is on another item already.
        """
        await self._free(label)
        ground = self._ground_of({})
        chrono = await self._chrono(Direction.ARRIVAL)
        new = counter.item_of(ground)
        item = await self._state({}, counter.register(command(chrono), ground), new)
        if label is not None:
            await arrivals.bind_labels(self.connection, [(label, new)])
        return item

    async def take(self, arrival_id: ArrivalId) -> Item:
        """Registers as an item an arrival without one (quarantine, set aside, before go-live).

        Raises Refused.
        """
        word, arrival = await waiting_lists.lock(self.connection, arrival_id)
        if not isinstance(arrival, JudgedArrival):
            raise Refused(
                "It is a departure whose code names no item: key it by `desk depart`.",
                "departure-without-item",
            )
        new = ids.item_id(self.applied.site.identity.id, arrival_id)
        chrono = await self._chrono(Direction.ARRIVAL)
        site = self.applied.site
        stamp = self._ground_of({}).stamp_of(new, 0)
        reading = registration.reading(arrival, site, doubtful=True)
        stated = registration.facts(
            arrival, reading, chrono, site, stamp, imported=word is Disposition.HISTORY
        )
        item = await self._state({}, stated, new)
        await self._release(arrival_id, word)
        await arrivals.keep(self.connection, [(arrival, Opens(new))], site.zone)
        if arrival.message is not None:
            await items.remember_messages(self.connection, [(arrival.message, new)])
        return item

    async def set_aside(self, arrival_id: ArrivalId, reason: str) -> None:
        """Sets aside a quarantined arrival: no item is made of it. Raises Refused."""
        word, _ = await waiting_lists.lock(self.connection, arrival_id)
        if word is not Disposition.QUARANTINE:
            raise Refused(
                f"It is {word.replace('_', ' ')}, not in quarantine: nothing to set aside.",
                "not-in-quarantine",
            )
        await self._release(arrival_id, word)
        await waiting_lists.set_word(self.connection, arrival_id, Disposition.SET_ASIDE, reason)

    async def withdraw(self, item_id: ItemId) -> Item:
        """Deletes the content of an item, or of one message, as the second person confirms it.

        The stored bytes are deleted later by a job. Raises Refused.
        """
        before = await self._lock(item_id)
        ground = await self._ground(item_id)
        asked = withdrawal.pending_request(before[item_id].item)
        copies: Sequence[ArrivalId] = ()
        if asked.arrival_id is not None:
            copies = await erasures.copies_of(self.connection, asked.arrival_id)
        command = ConfirmWithdrawal(tuple(copies))
        item = await self._state(
            before, withdrawal.confirm_withdrawal(before[item_id].item, command, ground), item_id
        )
        if asked.arrival_id is None:
            await erasures.empty(self.connection, item_id, "withdrawn", self.now)
        else:
            gone = [asked.arrival_id, *copies]
            opening = item.arrival_id in gone
            await erasures.withdraw(self.connection, item_id, gone, self.now, opening=opening)
        return item

    async def destroy(self, item_id: ItemId, command: Destroy) -> str | None:
        """Destroys an item's content if its retention is over (`None`); else returns why not.

        A code: `gone`, destroyed already; `held`, under a legal hold; `not_due`; `not_archived`,
        the archive has it not, or not as it is now. Raises Refused.
        """
        before = await self._lock(item_id)
        kept, ground = before[item_id], await self._ground(item_id)
        if kept.item.destroyed:
            return "gone"
        due = retention.due(kept.item, kept.facts, self.applied.site, ground.today)
        if due is None:
            return "held" if kept.item.legal_hold else "not_due"
        if due.to_archive and not await archive_transfers.has(
            self.connection, item_id, due.ended_on
        ):
            return "not_archived"
        await self._state(before, withdrawal.destroy(kept.item, command, ground), item_id)
        await erasures.empty(self.connection, item_id, "destroyed", self.now)
        return None

    async def _release(self, arrival_id: ArrivalId, word: Disposition) -> None:
        """The end of a wait in quarantine, told under the arrival's id."""
        if word is Disposition.QUARANTINE:
            waited = ItemId(arrival_id)
            seqs = await fact_history.last_seq(self.connection, [waited])
            stamp = self._ground_of({}).stamp_of(waited, seqs[waited])
            await facts.keep(self.connection, [placement_facts.release_fact(stamp)])

    async def _lock(self, *item_ids: ItemId) -> dict[ItemId, StoredItemRow]:
        return dict(await items.lock(self.connection, item_ids))

    async def _ground(self, item_id: ItemId) -> DecisionContext:
        told = await clocks.of_items(self.connection, [item_id])
        return self._ground_of({name: clock for (_, name), clock in told.items()})

    def _ground_of(self, told: dict[ClockName, ItemClock]) -> DecisionContext:
        return DecisionContext(
            self.who,
            self.decision,
            self.now,
            self.applied,
            self.directory,
            told,
            self.leads,
            self.origin,
        )

    async def _chrono(self, direction: Direction) -> Chrono:
        site = self.applied.site
        year = self.now.astimezone(site.zone).year
        (chrono,) = await counters.take(
            self.connection, site.identity.department, year, direction, 1
        )
        return chrono

    async def _state(
        self, before: dict[ItemId, StoredItemRow], stated: Sequence[Items], about: ItemId
    ) -> Item:
        site = self.applied.site
        confidentiality.guard(before, stated, self.may, self.sees, site)
        today = self.now.astimezone(site.zone).date()
        await perimeter_guard.guard(self.connection, before, stated, site, today)
        await statements.state(self.connection, before, stated, site.zone)
        await note_mentions.follow(self.connection, stated)
        await opinions.follow(self.connection, stated)
        return (await items.lock(self.connection, [about]))[about].item
