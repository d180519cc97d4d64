"""Decisions about two items: merge, part again, split a message off."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.desk.domain.decisions.closure import withdrawal
from services.desk.domain.decisions.confidentiality import is_reserved
from services.desk.domain.decisions.context import DecisionContext, still_there
from services.desk.domain.decisions.second import past_limit
from services.desk.domain.item import Item
from shared.errors import Refused
from shared.facts import ids
from shared.facts.envelope import Chrono, ItemId, Receipt, ServiceId
from shared.facts.items import Items
from shared.facts.items.corrections import (
    FactWithdrawn,
    ItemAbsorbed,
    ItemMergedInto,
    ItemSplitFrom,
)
from shared.facts.items.pieces import AwaitingThird
from shared.facts.items.registration import ItemRegistered, SenderWroteAgain
from shared.facts.items.replies import ReplyObserved
from shared.facts.items.routing import OpinionAsked, WaitEnded, WaitStarted
from shared.facts.vocabulary import Nature, Waiting

SPLIT = "split"


def merge(item: Item, survivor: Item, ground: DecisionContext) -> list[Items]:
    """Decides to merge an item into a survivor: returns `ItemMergedInto` and `ItemAbsorbed`.

    A reply seen in a Sent folder for the item is restated for the survivor (CLOCKS, rule 9): the
    sender has one answer for both, or none. An opinion that is still owed is asked about the
    survivor from then on (`carried_opinions`), which also waits for the third party
    (`carried_third`). Raises Refused, for instance if the item was
    answered, or if it is late and the survivor counts in no rate (ADR 0036). `ground` has the
    deadlines of `item`.
    """
    still_there(item)
    still_there(survivor)
    if item.item_id == survivor.item_id:
        raise Refused(
            f"{item.chrono} can't be merged into itself.", "merged-into-itself", chrono=item.chrono
        )
    if survivor.closed is not None:
        raise Refused(
            f"{survivor.chrono} is closed: reopen it before merging into it.",
            "survivor-closed",
            chrono=survivor.chrono,
        )
    if item.replies:
        raise Refused(
            f"{item.chrono} was answered on its own: it stays an item.",
            "answered-on-its-own",
            chrono=item.chrono,
        )
    history = ground.applied.history(survivor.receipt) and not survivor.opened.imported
    untimed = history or not survivor.classification.perimeter
    if item.classification.perimeter and untimed and past_limit(ground):
        raise Refused(
            f"The limit of {item.chrono} has passed and {survivor.chrono}, out of the perimeter or"
            " received before the go-live, is not timed: before merging them the quality officer"
            f" puts {item.chrono} out of the perimeter with a second person, on the page of its"
            " proof.",
            "late-into-outside",
            chrono=item.chrono,
            into=survivor.chrono,
        )
    if item.returned:
        raise Refused(
            f"A letter of {item.chrono} came back: say first what was done of it.",
            "returned-open",
            chrono=item.chrono,
        )
    stamp = ground.stamp(item)
    waits = sorted(item.waits)
    return [
        *(WaitEnded(**stamp(n), waiting=waiting) for n, waiting in enumerate(waits, start=1)),
        ItemMergedInto(
            **stamp(len(waits) + 1),
            survivor=survivor.item_id,
            survivor_chrono=survivor.chrono,
        ),
        ItemAbsorbed(
            **ground.stamp(survivor)(1),
            absorbed=item.item_id,
            absorbed_chrono=item.chrono,
            receipt=item.receipt,
            channel=item.channel,
        ),
        *(
            ReplyObserved(
                **ground.stamp(survivor)(n, seen.happened_at),
                arrival_id=seen.arrival_id,
                message=seen.message,
                looks_like=seen.looks_like,
            )
            for n, seen in enumerate(item.observations, start=2)
        ),
        *(
            OpinionAsked(
                **ground.stamp(survivor)(n),
                service=asked.service,
                until=asked.until,
                pli=asked.pli,
            )
            for n, asked in enumerate(
                carried_opinions(item, survivor), start=2 + len(item.observations)
            )
        ),
        *(
            AwaitingThird(
                **ground.stamp(survivor)(n, ask.happened_at),
                who=ask.who,
                expected=ask.expected,
                notice_id=ask.notice_id,
                message=ask.message,
                answer=ask.answer,
            )
            for n, ask in enumerate(
                carried_third(item, survivor),
                start=2 + len(item.observations) + len(carried_opinions(item, survivor)),
            )
        ),
    ]


def carried_opinions(item: Item, survivor: Item) -> Sequence[OpinionAsked]:
    """Returns the open opinions of an item that are asked about its survivor once it is merged.

    Those of other services than the survivor's and that do not owe one of it already. None where
    nobody waits for one or reads it: one of the two was answered, or is réservé.
    """
    if any(either.ended or is_reserved(either) for either in (item, survivor)):
        return ()
    there = {survivor.service, *(asked.service for asked in survivor.opinions)}
    return [asked for asked in item.opinions if asked.service not in there]


def carried_third(item: Item, survivor: Item) -> Sequence[AwaitingThird]:
    """Returns the asks of a third party that are restated of an item's survivor, oldest first.

    None where one of the two was answered, where the survivor waits for another third party, or
    where the item is réservé and the survivor is not.
    """
    if item.ended or survivor.ended or survivor.third not in (None, item.third):
        return ()
    return () if is_reserved(item) and not is_reserved(survivor) else item.third_asks


def part(
    item: Item,
    survivor: Item,
    survivor_facts: Sequence[Items],
    reason: str,
    ground: DecisionContext,
) -> Sequence[FactWithdrawn]:
    """Returns the facts that undo a merger on the survivor: they withdraw its `ItemAbsorbed`.

    And the opinions and the third party that were asked about the item, while the survivor still
    waits for them.
    """
    absorbed = [
        fact
        for fact in survivor_facts
        if isinstance(fact, ItemAbsorbed) and fact.absorbed == item.item_id
    ]
    taken = withdrawal(survivor, absorbed[-1], reason, ground)
    questions = {asked.pli for asked in item.opinions}
    asks = {(ask.who, ask.happened_at, ask.message) for ask in item.third_asks}
    carried = [
        *(asked for asked in survivor.opinions if asked.pli in questions),
        *(
            ask
            for ask in survivor.third_asks
            if ask.seq > absorbed[-1].seq and (ask.who, ask.happened_at, ask.message) in asks
        ),
    ]
    stamp = ground.stamp(survivor)
    return [
        taken,
        *(
            FactWithdrawn(**stamp(n), fact=asked.event_id, fact_type=asked.type, reason=reason)
            for n, asked in enumerate(carried, start=2)
        ),
    ]


@dataclass(frozen=True, slots=True)
class Split:
    """The command to make a message of an item an item of its own, with its day of receipt."""

    message: SenderWroteAgain
    receipt: Receipt
    chrono: Chrono


def message_of(item: Item, seq: int) -> SenderWroteAgain:
    """Returns the sender's further message with this `seq`. Raises Refused if there is none."""
    still_there(item)
    found = next((message for message in item.messages if message.seq == seq), None)
    if found is None:
        known = ", ".join(str(message.seq) for message in item.messages) or "none"
        raise Refused(
            f"Fact {seq} of {item.chrono} is no message; its messages are: {known}.",
            "no-such-fact",
            chrono=item.chrono,
        )
    return found


def split(item: Item, command: Split, ground: DecisionContext) -> list[Items]:
    """Decides to make a message an item of its own: returns the new item's and the old one's facts.

    The new item is to be qualified, and has the message's day of receipt.
    """
    message = command.message
    new = ItemId(ids.item_id(ground.applied.site.identity.id, ground.decision))
    stamp = ground.stamp_of(new, 0)
    office = ServiceId(ground.applied.site.identity.mail_office)
    nature = message.nature
    opened = ItemRegistered(
        **stamp(1),
        chrono=command.chrono,
        channel=item.channel,
        receipt=command.receipt,
        classification=item.classification.model_copy(
            update={"nature": item.classification.nature if nature is Nature.UNKNOWN else nature}
        ),
        service=item.service,
        informed=item.informed,
        qualified=False,
        arrival_id=message.arrival_id,
        pli=message.pli,
        original=message.original,
        correspondent=item.correspondent,
        message=message.message,
        subject=item.opened.subject,
        authentication=item.opened.authentication,
        automatic=item.opened.automatic,
        hold=SPLIT,
    )
    return [
        withdrawal(item, message, SPLIT, ground),
        opened,
        ItemSplitFrom(**stamp(2), parent=item.item_id, parent_chrono=item.chrono),
        WaitStarted(
            **stamp(3),
            waiting=Waiting.TO_QUALIFY,
            service=office,
        ),
    ]
