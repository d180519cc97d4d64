"""What the visitor reads: four pieces followed aloud, the others as a bar."""

import sys
from collections.abc import Mapping
from datetime import datetime

from deploy.demo.inputs import ZONE
from deploy.demo.reader_check import HeardFact
from shared.facts.clocks import ClockStarted, ClockStopped, RungReached
from shared.facts.items.acknowledgements import AcknowledgementSent, ReceiptSent
from shared.facts.items.pieces import PiecesReceived, PiecesRequested
from shared.facts.items.registration import ItemRegistered
from shared.facts.items.replies import ReplySent
from shared.facts.items.routing import ItemAssigned, WaitEnded
from shared.facts.notices import NoticeHeld
from shared.facts.vocabulary import ClockName, Waiting

WIDTH = 100
TOLD_CLOCKS = {ClockName.REPLY}
AUDIENCES = {
    "holder": "whoever holds it",
    "head": "the head of service",
    "director": "the director",
}


def line(text: str = "") -> None:
    """Prints one line of the demo's story."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def bar(now: datetime, entered: int, of: int) -> None:
    """Prints the demo's progress bar, on a terminal only."""
    if sys.stdout.isatty():
        done = round(30 * entered / of)
        text = f"  [{'=' * done}{' ' * (30 - done)}] {entered} of {of} inputs, {now:%a %d %b %H:%M}"
        sys.stdout.write(f"\r{text:<{WIDTH - 1}}\r")
        sys.stdout.flush()


class Tale:
    """Printer of the demo's tale: says each fact about a followed letter in a sentence, at once."""

    def __init__(self, followed: Mapping[str, str]) -> None:
        self._letters = followed
        """Item id → the letter by which the tale calls it."""

    def tell(self, fact: HeardFact) -> None:
        """Prints a line for a fact about a followed letter, if there is a sentence for it."""
        item = next(iter(getattr(fact, "item_ids", ())), None) or getattr(fact, "item_id", None)
        letter = self._letters.get(str(item))
        said = None if letter is None else sentence(fact)
        if said is not None:
            at = fact.recorded_at.astimezone(ZONE)
            line(f"  {at:%a %d %b %H:%M}  {letter}  {said}")


def sentence(fact: HeardFact) -> str | None:  # noqa: C901, PLR0911, PLR0912  (a table: one sentence a fact)
    """Returns the English sentence for a fact; `None`: it is not shown."""
    match fact:
        case ItemRegistered():
            return (
                f"registered as {fact.chrono}, {fact.channel.replace('_', ' ')} for {fact.service}"
            )
        case ItemAssigned():
            return f"given to {fact.service}" + (f", {fact.agent}" if fact.agent else "")
        case WaitEnded(waiting=Waiting.TO_QUALIFY):
            return "service and category confirmed by a person"
        case ReceiptSent():
            return "its sender has the registration receipt"
        case AcknowledgementSent():
            return f"acknowledgement {fact.kind} sent"
        case NoticeHeld():
            return f"{fact.kind} held for a person ({fact.why}): nothing leaves by itself"
        case ClockStarted() if fact.clock in TOLD_CLOCKS:
            return f"reply due by the end of {fact.limit:%A %d %B} ({fact.commitment})"
        case ClockStarted(clock=ClockName.IMPLIED_DECISION):
            return f"silence rejects at the end of {fact.limit:%A %d %B}"
        case PiecesRequested():
            return f"pieces asked for until {fact.until:%A %d %B}: no period runs"
        case PiecesReceived():
            return "the pieces came: the file is complete"
        case RungReached() if fact.clock in TOLD_CLOCKS:
            told = ", ".join(
                AUDIENCES.get(audience, audience.replace("_", " ")) for audience in fact.tell
            )
            when = f"{_days(fact.days)} late" if fact.days > 0 else f"{_days(-fact.days)} left"
            return f"rung {fact.rung}, {when}: in the digest of {told}"
        case ReplySent():
            return f"reply sent, proof: {fact.proof}"
        case ClockStopped() if fact.clock in TOLD_CLOCKS:
            return f"clock stopped, {fact.outcome}: {fact.raw} jours ouvrés (net {fact.net})"
        case _:
            return None


def _days(count: int) -> str:
    return f"{count} day" + ("s" if count != 1 else "")
