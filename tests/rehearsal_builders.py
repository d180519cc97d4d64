"""A small register of the example préfecture for rehearsals, with one item for each rule."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid5

from services.desk.domain.label_perimeter import LabelPerimeter
from services.desk.domain.registration import facts as registration_facts
from services.desk.domain.registration import reading
from services.desk.domain.stamp import Stamp
from services.ops.rehearsal.comparison import ComparedItem, RuleComparison
from services.sla.domain.rules import ClockRules, Rulebook
from shared.calendar.working_days import working_calendar
from shared.facts.arrivals import Routing
from shared.facts.envelope import At, Chrono, EventId, ItemId, On, PersonId, ServiceId
from shared.facts.items import Items
from shared.facts.items.acknowledgements import HoldingReplySent, ReceiptSent
from shared.facts.items.pieces import PiecesRequested
from shared.facts.items.replies import ReplySent
from shared.facts.items.routing import ItemAssigned, RegimeConfirmed, WaitEnded
from shared.facts.vocabulary import (
    Category,
    Channel,
    Nature,
    Proof,
    RegimeStart,
    SenderKind,
    Waiting,
    Way,
)
from shared.site.load import load_folder
from shared.site.store import digest
from shared.site.tables.bundle import AppliedSite, Site
from tests.desk_builders import SPACE, an_arrival

INDRE = load_folder(Path(__file__).parents[1] / "deploy" / "site" / "indre")
LIVE = datetime(2026, 4, 1, tzinfo=UTC)
BEGAN = datetime(2026, 3, 2, tzinfo=UTC)
MONDAY = datetime(2026, 5, 11, 8, tzinfo=UTC)
"""10:00 in Paris."""
NOW = datetime(2026, 5, 27, 9, tzinfo=UTC)
"""Wednesday, ten jours ouvrés after the Monday: Ascension and Whit Monday lie between."""


def applied(
    site: Site = INDRE, version: int = 1, since: datetime = BEGAN, live: datetime | None = LIVE
) -> AppliedSite:
    days = working_calendar(site.calendar.territory, site.calendar.closures)
    return AppliedSite(
        version=version, digest=digest(site, days), effective_from=since, site=site, days=days,
        go_live=live,
    )  # fmt: skip


RULES = applied()
BOOK = Rulebook((ClockRules(RULES),))


class RegisteredStory:
    """An item as the register states it: opened by an arrival, then what people say."""

    def __init__(self, name: str, category: str, at: datetime = MONDAY, /, **given: Any) -> None:
        channel = given.pop("channel", Channel.EMAIL)
        sender = given.pop("sender", SenderKind.CITIZEN)
        certain = given.pop("certain", "guichet")
        routing = Routing(
            rule=given.pop("rule", "guichet"), category=Category(category), sender_kind=sender,
            certain=certain, nature=given.pop("nature", Nature.REQUEST), **given,
        )  # fmt: skip
        receipt = At(instant=at) if channel.electronic else On(day=at.date())
        arrival = an_arrival(name, at=at, routing=routing, channel=channel, receipt=receipt)
        self.item = ItemId(uuid5(SPACE, f"rehearsed {name}"))
        self._arrival = arrival.arrival_id
        opening = reading(arrival, INDRE, doubtful=False)
        number = int.from_bytes(self.item.bytes[:2], "big")
        chrono = Chrono(f"36-2026-A-{number:06}")
        stamp = Stamp(self.item, 0, self._arrival, "source:mailbox:pref", at)
        self.facts: list[Items] = registration_facts(arrival, opening, chrono, INDRE, stamp)

    def says(self, kind: Any, at: datetime, /, **said: Any) -> "RegisteredStory":
        seq = len(self.facts) + 1
        fact = kind(
            event_id=EventId(uuid5(self.item, str(seq))), item_id=self.item, seq=seq,
            happened_at=at, recorded_at=at, by="person:a.gent", **said,
        )  # fmt: skip
        self.facts.append(fact)
        return self

    def replied(self, at: datetime) -> "RegisteredStory":
        return self.says(ReplySent, at, proof=Proof.KEYED)


def days(n: float) -> timedelta:
    return timedelta(days=n)


def some_items() -> dict[str, Sequence[Items]]:
    """Facts of a dozen items, each under another rule."""
    agent = {"service": ServiceId("bmi"), "agent": PersonId("a.gent")}
    stories = {
        "letter answered on jour ouvré 9": RegisteredStory(
            "late letter", "naturalisation", channel=Channel.LETTER
        ).replied(MONDAY + days(15)),
        "letter open": RegisteredStory("open letter", "naturalisation", channel=Channel.LETTER),
        "mail answered on jour ouvré 4": RegisteredStory("mail", "recepisse")
        .says(ReceiptSent, MONDAY + days(0.1), way=Way.MAIL, notice_id=None)
        .replied(MONDAY + days(7)),
        "mail open, late": RegisteredStory("open mail", "recepisse").says(
            ItemAssigned, MONDAY + days(1), **agent
        ),
        "mail of yesterday": RegisteredStory("young", "recepisse", NOW - days(1)),
        "complaint": RegisteredStory(
            "complaint", "accueil", NOW - days(3), nature=Nature.COMPLAINT
        ),
        "lawyer held": RegisteredStory(
            "lawyer", "recepisse", NOW - days(2), sender=SenderKind.LAWYER, hold="sender-lawyer"
        ),
        "to qualify": RegisteredStory(
            "to qualify", "a-qualifier", NOW - days(1), certain=None, rule="fallback"
        ),
        "silence": RegisteredStory("silence", "armes", NOW - days(20)).says(
            RegimeConfirmed,
            NOW - days(19),
            regime="demande-generale",
            start=RegimeStart.FIRST_OFFICE,
            received=On(day=(NOW - days(20)).date()),
        ),
        "holding reply": RegisteredStory("holding", "recepisse", NOW - days(6)).says(
            HoldingReplySent, NOW - days(1), until=date(2026, 6, 12), notice_id=None
        ),
        "pieces": RegisteredStory("pieces", "recepisse", NOW - days(4)).says(
            PiecesRequested, NOW - days(3), until=date(2026, 6, 12), notice_id=None
        ),
        "out of the perimeter": RegisteredStory("outside", "facture", NOW - days(2)),
        "qualified by a person": RegisteredStory(
            "qualified", "recepisse", NOW - days(2), certain=None, rule="mots"
        ).says(WaitEnded, NOW - days(1), waiting=Waiting.TO_QUALIFY),
    }
    return {name: story.facts for name, story in stories.items()}


def compared(site: Site, item: str, now: datetime = NOW, **given: Any) -> ComparedItem:
    """One item of `some_items` under the rules that run and under `site`."""
    comparison = RuleComparison(BOOK, applied(site, 2, since=now), LabelPerimeter(), **given)
    return comparison.compare(some_items()[item], now)
