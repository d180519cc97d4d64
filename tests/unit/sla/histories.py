"""Random lives of an item: what the register says, and the roads on which sla hears it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from shared.facts.envelope import ArrivalId, Chrono, PersonId, Weight
from shared.facts.items.acknowledgements import (
    AcknowledgementSent,
    HoldingReplySent,
    PersonTold,
    ReceiptSent,
)
from shared.facts.items.base import ItemFact
from shared.facts.items.closure import DecisionTaken, ItemClosed, ItemReopened, ItemTransferred
from shared.facts.items.corrections import ItemAbsorbed, ItemMergedInto, ReceiptCorrected
from shared.facts.items.pieces import PiecesReceived, PiecesRequested
from shared.facts.items.replies import ReplyObserved
from shared.facts.items.routing import (
    ItemReclassified,
    RegimeConfirmed,
    ReminderAnswered,
    ReplyInSignature,
    SignatureReturned,
    WaitEnded,
    WaitStarted,
)
from shared.facts.vocabulary import (
    Channel,
    ClockName,
    Effect,
    Nature,
    NoticeKind,
    RegimeStart,
    Waiting,
    Way,
)
from tests.unit.sla.builders import (
    AGENT,
    BCL,
    BMI,
    HEAD,
    ITEM,
    OTHER,
    PARIS,
    Register,
    a_class,
    paris,
    received,
)

Draw = Callable[..., Any]
MAIL = {"notice_id": None, "way": Way.MAIL}
PEOPLE: tuple[PersonId | None, ...] = (AGENT, OTHER, HEAD, None)


def _ahead(draw: Draw, at: datetime) -> date:
    return (at + timedelta(days=draw(st.integers(-2, 25)))).date()


def _some_receipt(draw: Draw, at: datetime) -> datetime:
    return at - timedelta(days=draw(st.integers(0, 30)), hours=draw(st.integers(0, 20)))


def _takes_back(draw: Draw, register: Register, at: datetime) -> None:
    statements = [fact for fact in register.facts if fact.weight is Weight.STATEMENT]
    if statements:
        register.takes_back(draw(st.sampled_from(statements)), at)


def _replies(draw: Draw, register: Register, at: datetime) -> None:
    seen = [fact.event_id for fact in register.facts if isinstance(fact, ReplyObserved)]
    observed = draw(st.sampled_from([None, *seen]))
    register.replied(at - timedelta(hours=draw(st.integers(0, 100))), at, observation=observed)


def _absorbs(draw: Draw, register: Register, at: datetime) -> None:
    register.says(
        ItemAbsorbed, at, absorbed=ITEM, absorbed_chrono=Chrono("36-2026-A-000002"),
        receipt=received(_some_receipt(draw, at)), channel=draw(st.sampled_from(Channel)),
    )  # fmt: skip


def _confirms(draw: Draw, register: Register, at: datetime) -> None:
    register.says(
        RegimeConfirmed, at, regime=draw(st.sampled_from(["titre", "demande", "accord", None])),
        start=draw(st.sampled_from(RegimeStart)), received=received(_some_receipt(draw, at)),
    )  # fmt: skip


def _answers(draw: Draw, register: Register, at: datetime) -> None:
    clock = draw(st.sampled_from([ClockName.REPLY, ClockName.HOLDING]))
    register.says(ReminderAnswered, at, clock=clock, reason="absence", until=_ahead(draw, at))


def _waits(draw: Draw, register: Register, at: datetime) -> None:
    kind = draw(st.sampled_from([WaitStarted, WaitEnded]))
    more = {"service": BMI} if kind is WaitStarted else {}
    register.says(kind, at, waiting=Waiting.TO_TRANSMIT, **more)


def _says(fact: type[ItemFact], /, **said: Any) -> Callable[[Draw, Register, datetime], None]:
    def say(draw: Draw, register: Register, at: datetime) -> None:
        drawn = {
            name: value(draw, at) if callable(value) else value for name, value in said.items()
        }
        register.says(fact, at, **drawn)

    return say


ACTS: Mapping[str, Callable[[Draw, Register, datetime], Any]] = {
    "assigns": lambda draw, register, at: register.assigned(
        at, draw(st.sampled_from(PEOPLE)), draw(st.sampled_from([BMI, BCL]))
    ),
    "reclassifies": _says(
        ItemReclassified,
        classification=lambda draw, _: a_class(
            draw(st.sampled_from([Nature.REQUEST, Nature.COMPLAINT])),
            perimeter=draw(st.sampled_from([True, True, False])),
        ),
    ),
    "corrects": _says(
        ReceiptCorrected, receipt=lambda draw, at: received(_some_receipt(draw, at)), reason="x"
    ),
    "confirms": _confirms,
    "requests": _says(PiecesRequested, until=_ahead),
    "receives": _says(PiecesReceived),
    "signs": _says(ReplyInSignature, signatory=HEAD),
    "returns": _says(SignatureReturned),
    "holds": _says(HoldingReplySent, until=_ahead),
    "observes": _says(ReplyObserved, arrival_id=ArrivalId(ITEM), message=None),
    "replies": _replies,
    "acknowledges receipt": _says(ReceiptSent, **MAIL),
    "acknowledges": _says(AcknowledgementSent, kind=NoticeKind.SIMPLE, **MAIL),
    "decides": _says(DecisionTaken, effect=Effect.REJECTION, day=_ahead),
    "transfers": _says(ItemTransferred, to="autre"),
    "tells": _says(PersonTold, **MAIL),
    "closes": _says(ItemClosed, reason="sans-objet"),
    "reopens": _says(ItemReopened, reason="erreur"),
    "absorbs": _absorbs,
    "merges": _says(ItemMergedInto, survivor=ITEM, survivor_chrono=Chrono("36-2026-A-000003")),
    "answers": _answers,
    "waits": _waits,
    "takes back": _takes_back,
}


@st.composite
def lives(draw: Draw) -> list[ItemFact]:
    """What the register said of one item: registered on 11 May, then up to nine other facts."""
    register, now = Register(), paris(11)
    channel = draw(st.sampled_from([Channel.EMAIL, Channel.LETTER]))
    agent = draw(st.sampled_from(PEOPLE))
    register.registered(now, _some_receipt(draw, now), channel, agent=agent)
    for _ in range(draw(st.integers(0, 9))):
        now += timedelta(hours=draw(st.integers(1, 120)))
        ACTS[draw(st.sampled_from(sorted(ACTS)))](draw, register, now)
    return register.facts


@dataclass(frozen=True)
class Heard:
    """One fact reaches sla."""

    at: datetime
    fact: ItemFact


@dataclass(frozen=True)
class Tick:
    """Time passes."""

    at: datetime


@dataclass(frozen=True)
class Read:
    """Every source was read up to now."""

    at: datetime


@st.composite
def roads(draw: Draw, facts: list[ItemFact]) -> list[Heard | Tick | Read]:
    """A way in which facts arrive: late, out of order, twice, with ticks and readings between."""
    steps: list[Heard | Tick | Read] = []
    for fact in facts:
        delays = draw(st.lists(st.integers(0, 400), min_size=1, max_size=2))
        steps += [Heard(fact.recorded_at + timedelta(hours=delay), fact) for delay in delays]
    start = facts[0].recorded_at
    for hours in draw(st.lists(st.integers(0, 1500), max_size=12)):
        kind = draw(st.sampled_from([Tick, Read]))
        steps.append(kind(start + timedelta(hours=hours)))
    order = {id(step): draw(st.integers(0, 9)) for step in steps}
    return sorted(steps, key=lambda step: (step.at, order[id(step)]))


def after_all(
    facts: list[ItemFact], *roads_taken: list[Heard | Tick | Read], days: int
) -> datetime:
    """A moment after everything on these roads, at noon local."""
    moments = [fact.recorded_at for fact in facts]
    moments += [step.at for road in roads_taken for step in road]
    day = max(moments).astimezone(PARIS) + timedelta(days=1 + days)
    return day.replace(hour=12, minute=0)
