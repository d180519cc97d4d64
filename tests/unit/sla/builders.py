"""Facts, a small site and a register for the tests of sla; a test names only what matters to it.

The site is written here by hand, so that a change of the example préfecture moves no expectation:
reply 5 jours ouvrés for email and form, 15 for letters and complaints; BMI has one mailbox with its
Sent folder, BCL has none.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, TypeVar
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from services.sla.domain.advance import Advance, ItemState, advance
from services.sla.domain.plan import ClockPlan, Plan, plan
from services.sla.domain.rules import ClockRules, Rulebook
from services.sla.domain.standing import Standing
from shared.calendar.territories import Calendar, Closure, Territory
from shared.calendar.working_days import working_calendar
from shared.facts.envelope import At, BlobKey, Chrono, EventId, ItemId, On, PersonId, ServiceId
from shared.facts.items.base import Classification, ItemFact
from shared.facts.items.corrections import FactWithdrawn
from shared.facts.items.registration import ItemRegistered
from shared.facts.items.replies import ReplySent
from shared.facts.items.routing import ItemAssigned
from shared.facts.vocabulary import (
    Audience,
    Category,
    Channel,
    ClockName,
    Effect,
    Nature,
    Proof,
    RegimeStart,
)
from shared.site.tables.bundle import AppliedSite, Site
from shared.site.tables.commitments import Commitment, Commitments, Ladder, Step, Unit
from shared.site.tables.identity import Identity, Postal
from shared.site.tables.mailboxes import Mailbox, Sources, Trust
from shared.site.tables.notices import NoticesTable
from shared.site.tables.regimes import Period, PeriodUnit, Regime, Regimes
from shared.site.tables.routing import CategoryRow, RoutingTable
from shared.site.tables.services import Service, Services
from shared.values import Certainty, Checked, Source

PARIS = ZoneInfo("Europe/Paris")
NAMES = UUID("6b6d0a0e-3c50-4d54-9a0d-2a86c1f1f0aa")
ITEM = ItemId(uuid5(NAMES, "item"))
BMI, BCL, COURRIER = ServiceId("bmi"), ServiceId("bcl"), ServiceId("courrier")
AGENT, OTHER, HEAD, DIRECTOR = map(PersonId, ("a.gent", "o.ther", "chef", "directrice"))
HOLDER, THE_HEAD, THE_DIRECTOR = Audience.HOLDER, Audience.HEAD, Audience.DIRECTOR
SOURCE = Source(text="à la main", certainty=Certainty.CHOICE)
LETTERS = (Channel.LETTER, Channel.REGISTERED_LETTER, Channel.HAND_DELIVERED)
ELECTRONIC = (Channel.EMAIL, Channel.FORM)
COUNTER = ((0, Audience.MAIL_OFFICE), (1, Audience.MAIL_OFFICE_HEAD))
CHECKED = Checked(by="E. Juriste", on=date(2026, 1, 5), why="relu")


def paris(
    day: int, hour: int = 10, minute: int = 0, *, month: int = 5, year: int = 2026
) -> datetime:
    """A local moment of May 2026, in UTC."""
    return datetime(year, month, day, hour, minute, tzinfo=PARIS).astimezone(UTC)


def may(day: int) -> date:
    return date(2026, 5, day)


def june(day: int) -> date:
    return date(2026, 6, day)


def _ladder(name: str, *steps: tuple[int, *tuple[Audience, ...]]) -> Ladder:
    return Ladder(id=name, steps=tuple(Step(at=at, tell=tell) for at, *tell in steps))


LADDERS = (
    _ladder("cinq", (-2, HOLDER), (1, HOLDER, THE_HEAD), (3, THE_DIRECTOR)),
    _ladder("quinze", (-5, HOLDER), (-2, HOLDER), (1, HOLDER, THE_HEAD), (3, THE_DIRECTOR)),
    _ladder("accuse", (-3, HOLDER), (1, THE_HEAD)),
    _ladder("guichet", *COUNTER),
    _ladder("implicite", (-10, HOLDER), (-5, HOLDER), (-2, THE_HEAD)),
    _ladder("attente", (-1, HOLDER), (1, HOLDER, THE_HEAD), (3, THE_DIRECTOR)),
    _ladder("pieces", (0, HOLDER)),
)


def promise_of(clock: ClockName, ladder: str, days: int | None = None, **more: Any) -> Commitment:
    name = more.pop("id", f"{clock}-{ladder}-{days}".lower())
    return Commitment(id=name, clock=clock, days=days, ladder=ladder, source=SOURCE, **more)


COMPLAINTS = (Nature.COMPLAINT, Nature.SUGGESTION)
PROMISES = (
    promise_of(ClockName.REGISTRATION, "guichet", 0),
    promise_of(ClockName.RECEIPT, "guichet", 1, channels=ELECTRONIC),
    promise_of(ClockName.SERVICES_PUBLICS, "guichet", 7, channels=ELECTRONIC, unit=Unit.JOURS),
    promise_of(ClockName.SERVICES_PUBLICS, "guichet", 14, channels=LETTERS, unit=Unit.JOURS),
    promise_of(ClockName.ACKNOWLEDGEMENT, "accuse", 10, channels=ELECTRONIC),
    promise_of(ClockName.REPLY, "cinq", 5, channels=ELECTRONIC),
    promise_of(ClockName.REPLY, "quinze", 15, channels=LETTERS),
    promise_of(
        ClockName.REPLY, "quinze", 15, natures=COMPLAINTS, channels=tuple(Channel), id="reclamation"
    ),
    promise_of(ClockName.IMPLIED_DECISION, "implicite"),
    promise_of(ClockName.HOLDING, "attente"),
    promise_of(ClockName.PIECES, "pieces"),
    promise_of(ClockName.TRANSMISSION, "cinq", 5),
)


def _service(name: ServiceId, *replaces: str) -> Service:
    head = "m.perrot" if name == COURRIER else HEAD
    return Service(
        id=name, name=name, short=name, head=head, director=DIRECTOR, email=f"{name}@indre.example",
        phone="02 54 00 00 00", replaces=replaces,
    )  # fmt: skip


def _regime(
    name: str, months: int, start: RegimeStart, effect: Effect = Effect.REJECTION
) -> Regime:
    return Regime(
        id=name, effect=effect, period=Period(n=months, unit=PeriodUnit.MONTHS),
        start=start, text="un article", appeals="recours", tribunal="Limoges", checked=CHECKED,
    )  # fmt: skip


def a_site(promises: Sequence[Commitment] = PROMISES, closures: Sequence[Closure] = ()) -> Site:
    identity = Identity(
        id="indre", department="36", authority="Préfecture de l’Indre", signatory="Pour le préfet",
        postal=Postal(street="Place", postcode="36000", town="Châteauroux"), phone="02",
        email="p@indre.example", website="https://indre.example", timezone="Europe/Paris",
        day_rung=time(6, 0), domains=("indre.example",), mail_office=COURRIER, legal_office="bcl",
        quality_officer="q", general_secretary="sg", on_call="astreinte", data_protection="rgpd",
        emergency_line="17", desk_url="https://desk.example",
    )  # fmt: skip
    return Site(
        identity=identity,
        services=Services(services=(_service(COURRIER), _service(BMI, "ancien"), _service(BCL))),
        commitments=Commitments(target=0.9, ladders=LADDERS, commitments=tuple(promises)),
        regimes=Regimes(
            regimes=(
                _regime("titre", 4, RegimeStart.COMPLETE_FILE),
                _regime("demande", 2, RegimeStart.FIRST_OFFICE),
                _regime("accord", 2, RegimeStart.COMPETENT_OFFICE, Effect.ACCEPTANCE),
            )
        ),
        calendar=Calendar(territory=Territory.METROPOLE, closures=tuple(closures)),
        sources=Sources(
            trust=Trust(received_by=(), authserv_ids=()),
            mailboxes=(
                Mailbox(id="pref-bmi", address="bmi@indre.example", service=BMI, sent="Sent"),
            ),
        ),
        routing=RoutingTable(
            categories=(CategoryRow(id="titre-de-sejour", label="titre", service=BMI),),
            fallback="titre-de-sejour",
            rules=(),
            senders=(),
        ),
        notices=NoticesTable(rows=(), stale=()),
        templates={},
    )


METROPOLE = working_calendar(Territory.METROPOLE)


def rules(
    version: int = 1,
    effective: datetime | None = None,
    promises: Sequence[Commitment] = PROMISES,
    closures: Sequence[Closure] = (),
    go_live: datetime | None = None,
) -> ClockRules:
    applied = AppliedSite(
        version=version, digest=str(version), effective_from=effective or paris(1, month=1),
        site=a_site(promises, closures),
        days=working_calendar(Territory.METROPOLE, closures) if closures else METROPOLE,
        go_live=go_live or paris(1, month=1, year=2021),
    )  # fmt: skip
    return ClockRules(applied)


BOOK = Rulebook((rules(),))

F = TypeVar("F", bound=ItemFact)


class Register:
    """Numbers and stamps facts as desk does; `at` is when it happened, `recorded` when written."""

    def __init__(self, item: ItemId = ITEM) -> None:
        self.item = item
        self.facts: list[ItemFact] = []

    def says(
        self, fact: type[F], at: datetime, recorded: datetime | None = None, /, **said: Any
    ) -> F:
        seq = len(self.facts) + 1
        made = fact(
            event_id=EventId(uuid5(self.item, str(seq))), happened_at=at,
            recorded_at=recorded or at, by=said.pop("by", "person:a.gent"), item_id=self.item,
            seq=seq, **said,
        )  # fmt: skip
        self.facts.append(made)
        return made

    def registered(
        self,
        at: datetime,
        receipt: datetime | date | None = None,
        channel: Channel = Channel.EMAIL,
        **more: Any,
    ) -> ItemRegistered:
        receipt = receipt or at
        return self.says(
            ItemRegistered, at, more.pop("recorded", None), chrono=Chrono("36-2026-A-000001"),
            channel=channel, receipt=received(receipt),
            classification=more.pop("what", a_class()), service=more.pop("service", BMI),
            qualified=True, arrival_id=None, pli=BlobKey("2026/a/b"), **more,
        )  # fmt: skip

    def assigned(
        self, at: datetime, agent: PersonId | None = AGENT, service: ServiceId = BMI, **more: Any
    ) -> ItemAssigned:
        return self.says(ItemAssigned, at, service=service, agent=agent, **more)

    def replied(self, at: datetime, recorded: datetime | None = None, **more: Any) -> ReplySent:
        return self.says(ReplySent, at, recorded, proof=Proof.KEYED, **more)

    def takes_back(self, fact: ItemFact, at: datetime) -> FactWithdrawn:
        return self.says(
            FactWithdrawn, at, fact=fact.event_id, fact_type=fact.type, reason="erreur"
        )

    def plan(self, book: Rulebook = BOOK) -> Plan:
        return plan(self.facts, book)

    def clock(self, name: ClockName = ClockName.REPLY, book: Rulebook = BOOK) -> ClockPlan:
        return next(clock for clock in self.plan(book).clocks if clock.clock is name)

    def has(self, name: ClockName, book: Rulebook = BOOK) -> bool:
        return any(clock.clock is name for clock in self.plan(book).clocks)

    def rungs(self, name: ClockName = ClockName.REPLY, book: Rulebook = BOOK) -> dict[str, date]:
        return {rung.name: rung.fell for rung in self.clock(name, book).rungs}


def received(receipt: datetime | date) -> At | On:
    return At(instant=receipt) if isinstance(receipt, datetime) else On(day=receipt)


def a_class(nature: Nature = Nature.REQUEST, **more: Any) -> Classification:
    said = {"category": Category("titre-de-sejour"), "perimeter": True} | more
    return Classification(nature=nature, **said)


class Story:
    """An item lived through: facts heard and mornings passed, with all that was told."""

    def __init__(self, book: Rulebook = BOOK) -> None:
        self.book = book
        self.item = ItemState(Standing(ITEM))
        self.heard: list[ItemFact] = []
        self.read: dict[str, datetime] = {}
        self.told: list[Any] = []

    def hears(self, facts: Iterable[ItemFact], now: datetime) -> list[Any]:
        self.heard += facts
        return self._step(advance(self.item, self.heard, self.book, self.read, now))

    def ticks(self, now: datetime) -> list[Any]:
        return self._step(advance(self.item, None, self.book, self.read, now))

    def reads(self, *sources: str, until: datetime) -> None:
        self.read |= dict.fromkeys(sources or ("mailbox:pref-bmi", "sent:pref-bmi"), until)

    def lives_until(self, end: datetime) -> list[Any]:
        """Wakes up each time it asked to, up to a moment; all that was told meanwhile."""
        before = len(self.told)
        while self.item.wake_at and self.item.wake_at <= end:
            self.ticks(self.item.wake_at)
        self.ticks(end)
        return self.told[before:]

    def stands(self, clock: ClockName = ClockName.REPLY) -> set[str]:
        standing = self.item.standing.clocks.get(clock)
        return set(standing.rungs) if standing else set()

    def _step(self, outcome: Advance) -> list[Any]:
        self.item = outcome.item
        self.told += outcome.told
        return list(outcome.told)


def types(told: Iterable[Any], clock: ClockName = ClockName.REPLY) -> list[str]:
    return [fact.type for fact in told if fact.clock is clock]
