"""What a person may decide of an item, and the sentence that refuses the rest."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid5

import pytest

from services.desk.domain import registration
from services.desk.domain.clocks import ItemClock
from services.desk.domain.decisions import (
    AnswerReminder,
    AskPieces,
    AskThird,
    Assign,
    AwaitThird,
    Close,
    Command,
    ConfirmRegime,
    ConfirmReply,
    CorrectReceipt,
    Decide,
    DecisionContext,
    Declare,
    Depart,
    FromSignature,
    HearThird,
    HoldOn,
    NotToTransmit,
    Qualify,
    Reclassify,
    Reopen,
    SendReply,
    TakePieces,
    ToSignature,
    ToTransmit,
    TransferItem,
    closure,
    decide,
    merge,
)
from services.desk.domain.decisions.closure import Undo
from services.desk.domain.decisions.sent_folder_replies import ObservedReply
from services.desk.domain.dispatch import Dispatch, fact_of
from services.desk.domain.fold import fold
from services.desk.domain.item import Item, ItemStatus
from services.desk.domain.matching import Says
from services.desk.domain.placement_facts import join_facts, observation_of
from services.desk.domain.stamp import Stamp
from shared.errors import Refused
from shared.facts.arrivals import Routing
from shared.facts.authors import by_application
from shared.facts.clocks import Holder
from shared.facts.envelope import (
    At,
    BlobKey,
    Chrono,
    Digest,
    ItemId,
    NoticeId,
    PersonId,
    ServiceId,
)
from shared.facts.items import Items
from shared.facts.items.pieces import AwaitingThird
from shared.facts.vocabulary import (
    Channel,
    ClockName,
    Effect,
    Nature,
    NoticeKind,
    Priority,
    Proof,
    RegimeStart,
    Waiting,
    Way,
)
from shared.site.staff.directory import Directory
from tests.desk_builders import (
    MONDAY,
    SPACE,
    a_person,
    a_reply_seen,
    an_applied_site,
    an_arrival,
    blob,
    certain,
    proposed,
    some_people,
)

SITE = an_applied_site()
NOW = datetime(2026, 5, 13, 9, 0, tzinfo=UTC)
"""Wednesday; the 14th is Ascension Day."""
LIMIT = date(2026, 5, 19)
LATE = datetime(2026, 5, 20, 9, 0, tzinfo=UTC)
PEOPLE = Directory({PersonId(p.id): p for p in some_people().people}, (), {})


def ground(who: str = "c.lerk", n: int = 1, *, rungs: Sequence[str] = ()) -> DecisionContext:
    reply = ItemClock(
        ItemId(uuid5(SPACE, "item")),
        ClockName.REPLY,
        1,
        LIMIT,
        Holder(service=ServiceId("bmi")),
        rungs=tuple(rungs),
    )
    person = PEOPLE.person(who) or a_person(who)
    return DecisionContext(
        person, uuid5(SPACE, f"{n}"), NOW, SITE, PEOPLE, {ClockName.REPLY: reply}
    )


class Register:
    """One item, told by its facts; decisions pile up."""

    def __init__(self, routing: Routing, name: str = "a", number: int = 1) -> None:
        arrival = an_arrival(name, routing=routing)
        reading = registration.reading(arrival, SITE.site, doubtful=False)
        item_id = ItemId(uuid5(SPACE, f"item {name}"))
        stamp = Stamp(item_id, 0, arrival.event_id, "source:x", MONDAY)
        chrono = Chrono(f"36-2026-A-{number:06d}")
        self.facts: list[Items] = registration.facts(arrival, reading, chrono, SITE.site, stamp)

    @property
    def item(self) -> Item:
        return fold(self.facts)

    def decide(self, command: Command, who: str = "c.lerk", rungs: Sequence[str] = ()) -> list[str]:
        stated = decide(self.item, command, ground(who, len(self.facts), rungs=rungs))
        self.facts += stated
        return [fact.type for fact in stated]

    def refuses(self, command: Command, sentence: str, who: str = "c.lerk") -> None:
        with pytest.raises(Refused, match=sentence):
            decide(self.item, command, ground(who))

    def see_reply(self) -> None:
        item = self.item
        stamp = Stamp(item.item_id, item.seq, uuid5(SPACE, "seen"), "source:sent:bmi", NOW)
        self.facts.append(observation_of(a_reply_seen(), stamp))


@pytest.fixture
def open_item() -> Register:
    return Register(certain())


@pytest.fixture
def to_qualify() -> Register:
    return Register(proposed())


def test_to_qualify_confirms_service_and_category_in_one_go(to_qualify: Register) -> None:
    assert to_qualify.item.state is ItemStatus.TO_QUALIFY
    assert to_qualify.decide(Qualify(Reclassify())) == ["WaitEnded"]
    assert to_qualify.item.state is ItemStatus.OPEN
    to_qualify.refuses(Qualify(Reclassify()), "qualified already")


def test_to_qualify_with_another_category_moves_to_its_service(to_qualify: Register) -> None:
    told = to_qualify.decide(Qualify(Reclassify(category="association")))
    assert told == ["ItemReclassified", "ItemAssigned", "WaitEnded"]
    assert to_qualify.item.service == "dre"


def test_who_is_named_alone_works_in_the_service_that_it_would_go_to(to_qualify: Register) -> None:
    to_qualify.refuses(Qualify(Reclassify(), agent="r.gent"), "r.gent does not work in bmi")
    elsewhere = Qualify(Reclassify(category="association"), agent="a.gent")
    to_qualify.refuses(elsewhere, "a.gent does not work in dre")
    assert to_qualify.decide(Qualify(Reclassify(), agent="a.gent")) == ["ItemAssigned", "WaitEnded"]
    assert (to_qualify.item.service, to_qualify.item.agent) == ("bmi", "a.gent")


def test_a_new_category_takes_its_agent_from_its_own_service(to_qualify: Register) -> None:
    to_qualify.decide(Qualify(Reclassify(category="association"), agent="r.gent"))
    assert (to_qualify.item.service, to_qualify.item.agent) == ("dre", "r.gent")


def test_a_complaint_is_held_by_the_head_with_the_quality_officer_in_copy(
    to_qualify: Register,
) -> None:
    to_qualify.decide(Qualify(Reclassify(nature=Nature.COMPLAINT), "bmi"))
    assert to_qualify.item.informed == ("q.officer",)
    assert to_qualify.item.agent is None


def test_an_item_that_turns_out_a_complaint_leaves_its_agent(open_item: Register) -> None:
    open_item.decide(Assign("bmi", "a.gent"))
    assert open_item.decide(Reclassify(nature=Nature.COMPLAINT)) == [
        "ItemReclassified",
        "ItemAssigned",
    ]
    assert open_item.item.agent is None


def test_only_an_agent_of_the_service_is_assigned(open_item: Register) -> None:
    open_item.refuses(Assign("bmi", "r.gent"), "r.gent does not work in bmi: .* a.gent")
    open_item.refuses(Assign("bmi", "x.y"), "nobody of this site")
    open_item.refuses(Assign("prefet"), "There is no service 'prefet'")
    assert open_item.decide(Assign("bmi", "a.gent")) == ["ItemAssigned"]
    open_item.refuses(Assign("bmi", "a.gent"), "with a.gent already")


def test_out_of_the_perimeter_needs_its_reason(open_item: Register) -> None:
    open_item.refuses(Reclassify(perimeter=False), "needs its reason")
    open_item.decide(Reclassify(category="facture"))
    assert open_item.item.classification.reason == "invoice"
    open_item.refuses(Reclassify(category="facture"), "nothing changes")
    open_item.refuses(Reclassify(category="x"), "There is no category 'x'")


def test_only_a_head_sets_signalee(open_item: Register) -> None:
    command = Reclassify(priority=Priority.SIGNALEE)
    open_item.refuses(command, "Only a head")
    assert open_item.decide(command, who="b.head") == ["ItemReclassified"]


def test_a_regime_is_confirmed_only_where_the_category_allows_it(open_item: Register) -> None:
    open_item.refuses(ConfirmRegime("documents"), "no regime 'documents'")
    open_item.decide(ConfirmRegime("titre-de-sejour"))
    assert open_item.item.regime is not None
    assert open_item.item.regime.start is RegimeStart.FIRST_OFFICE
    assert open_item.item.regime.received == At(instant=MONDAY)
    other = Register(certain("association", "dre"))
    other.refuses(ConfirmRegime("titre-de-sejour"), "allows regime none")
    assert other.decide(ConfirmRegime(None)) == ["RegimeConfirmed"]


def test_a_receipt_is_not_later_than_the_registration(open_item: Register) -> None:
    open_item.refuses(CorrectReceipt(date(2026, 5, 12), "tampon"), "was not received later")
    open_item.refuses(CorrectReceipt(date(1926, 5, 1), "tampon"), "check the year")
    open_item.refuses(CorrectReceipt(date(2026, 5, 11), "tampon"), "nothing changes")
    assert open_item.decide(CorrectReceipt(date(2026, 5, 7), "tampon")) == ["ReceiptCorrected"]


def test_what_is_late_is_not_dated_before_the_go_live_by_one_person(open_item: Register) -> None:
    """The site goes live on 1 May; what was received before is not timed."""
    before, late = CorrectReceipt(date(2026, 4, 30), "tampon"), replace(ground(), now=LATE)
    on_paper = by_letter(open_item.item)
    with pytest.raises(Refused, match="The limit of 36-2026-A-000001 has passed"):
        decide(on_paper, before, late)
    decide(on_paper, CorrectReceipt(date(2026, 5, 1), "tampon"), late)
    decide(on_paper, before, ground())
    open_item.decide(Reclassify(category="facture"))
    decide(by_letter(open_item.item), before, late)


def test_no_slip_of_the_year_dates_a_letter_before_the_go_live(open_item: Register) -> None:
    """A mail came when our server took it; a paper is seldom found two months later."""
    unlikely = "would be timed no more, received on .*check the year"
    open_item.refuses(CorrectReceipt(date(2026, 4, 30), "tampon"), unlikely)
    on_paper = by_letter(open_item.item)
    decide(on_paper, CorrectReceipt(date(2026, 3, 12), "tampon"), ground())
    with pytest.raises(Refused, match=unlikely) as refused:
        decide(on_paper, CorrectReceipt(date(2026, 3, 11), "tampon"), ground())
    assert refused.value.why == "long-before-go-live"
    open_item.decide(Reclassify(category="facture"))
    decide(open_item.item, CorrectReceipt(date(2026, 4, 30), "tampon"), ground())


def by_letter(item: Item) -> Item:
    return replace(item, opened=item.opened.model_copy(update={"channel": Channel.LETTER}))


def test_a_holding_reply_gives_a_worked_day_after_the_limit(open_item: Register) -> None:
    open_item.refuses(HoldOn(LIMIT), "not after the limit of 36-2026-A-000001")
    open_item.refuses(HoldOn(date(2026, 5, 25)), "lundi de Pentecôte.*take 2026-05-26")
    open_item.refuses(HoldOn(date(2026, 5, 12)), "is not to come")
    assert open_item.decide(HoldOn(date(2026, 6, 2))) == ["NoticeOrdered"]
    assert open_item.decide(HoldOn(date(2026, 6, 2), sent=True)) == ["HoldingReplySent"]
    assert open_item.item.holding_until == date(2026, 6, 2)


def test_pieces_are_named_asked_for_and_received(open_item: Register) -> None:
    open_item.refuses(TakePieces(), "waits for no pieces")
    open_item.refuses(AskPieces(date(2026, 6, 2), ()), "Name the missing pieces")
    open_item.refuses(AskPieces(date(2026, 5, 14), ("passeport",)), "jeudi de l’Ascension")
    open_item.decide(AskPieces(date(2026, 6, 2), ("passeport",), sent=True))
    assert open_item.item.state is ItemStatus.AWAITING_PIECES
    assert open_item.decide(TakePieces()) == ["PiecesReceived"]
    assert open_item.item.state is ItemStatus.OPEN


def test_signature_and_third_party_are_states(open_item: Register) -> None:
    open_item.refuses(FromSignature(), "not in signature")
    open_item.decide(ToSignature("d.rector"))
    assert open_item.item.state is ItemStatus.IN_SIGNATURE
    open_item.refuses(ToSignature("d.rector"), "already")
    open_item.decide(FromSignature())
    open_item.refuses(HearThird(), "waits for no third party")
    open_item.decide(AwaitThird("ofii", date(2026, 5, 20)))
    assert open_item.item.state is ItemStatus.AWAITING_THIRD
    open_item.decide(HearThird())
    assert open_item.item.state is ItemStatus.OPEN


def test_a_third_party_is_asked_by_letter_and_chased_and_waited_for_once_it_left(
    open_item: Register,
) -> None:
    pli = BlobKey(f"2026/00000000-0000-4000-8000-000000000001/{'ab' * 32}")
    open_item.refuses(AskThird("ofi", date(2026, 5, 26), pli), "no office 'ofi'")
    open_item.refuses(AskThird("ofii", date(2026, 5, 25), pli), "lundi de Pentecôte")
    assert open_item.decide(AskThird("ofii", date(2026, 5, 26), pli)) == ["NoticeOrdered"]
    (order,) = open_item.item.orders
    assert (order.kind, order.way, order.addressee) == (NoticeKind.THIRD, Way.MAIL, "ofii")
    assert open_item.item.state is ItemStatus.OPEN, "it has not left yet"
    for until in (date(2026, 5, 26), date(2026, 6, 2)):
        open_item.decide(AwaitThird("ofii", until))
    assert [ask.expected for ask in open_item.item.third_asks] == [
        date(2026, 5, 26), date(2026, 6, 2),
    ]  # fmt: skip
    for other in (
        AwaitThird("mairie", date(2026, 6, 3)),
        AskThird("mairie", date(2026, 6, 3), pli),
        Depart(
            Chrono("36-2026-D-000001"), NoticeKind.THIRD, until=date(2026, 6, 3), addressee="mairie"
        ),
    ):
        open_item.refuses(other, "waits for ofii: say first that it answered")
    open_item.decide(HearThird())
    assert open_item.item.third_asks == ()


def test_a_letter_to_a_third_party_that_left_says_for_whom_the_item_waits(
    open_item: Register,
) -> None:
    left = Dispatch(
        NoticeKind.THIRD, NOW, Way.MAIL, Proof.DELIVERED, date(2026, 5, 26),
        notice_id=NoticeId(UUID(int=7)), addressee="ofii", message=Digest("ab" * 32),
    )  # fmt: skip
    fact = fact_of(left, ground().stamp(open_item.item))
    assert isinstance(fact, AwaitingThird)
    assert (fact.who, fact.expected, fact.message) == ("ofii", date(2026, 5, 26), "ab" * 32)
    assert fact_of(replace(left, addressee=None), ground().stamp(open_item.item)) is None
    assert fact_of(replace(left, until=None), ground().stamp(open_item.item)) is None


def test_a_message_seen_in_sent_is_confirmed_at_its_own_moment(open_item: Register) -> None:
    open_item.refuses(ConfirmReply(ObservedReply.REPLY), "No message in Sent")
    open_item.see_reply()
    assert open_item.item.state is ItemStatus.OBSERVED
    open_item.refuses(ConfirmReply(ObservedReply.HOLDING), "Give the new date")
    open_item.refuses(ConfirmReply(ObservedReply.TRANSFER), "to which office")
    open_item.decide(ConfirmReply(ObservedReply.REPLY))
    reply = open_item.item.reply
    assert reply is not None
    assert (reply.proof, reply.happened_at) == ("seen", a_reply_seen().sent_at)
    assert open_item.item.observations == ()


@pytest.mark.parametrize(
    ("command", "told", "state"),
    [
        (ConfirmReply(ObservedReply.NONE), ["FactWithdrawn"], ItemStatus.OPEN),
        (
            ConfirmReply(ObservedReply.HOLDING, date(2026, 6, 2)),
            ["HoldingReplySent"],
            ItemStatus.OPEN,
        ),
        (ConfirmReply(ObservedReply.ACKNOWLEDGEMENT), ["AcknowledgementSent"], ItemStatus.OPEN),
        (
            ConfirmReply(ObservedReply.PIECES, date(2026, 6, 2)),
            ["PiecesRequested"],
            ItemStatus.AWAITING_PIECES,
        ),
        (
            ConfirmReply(ObservedReply.TRANSFER, to="mairie"),
            ["ItemTransferred", "PersonTold"],
            ItemStatus.TRANSFERRED,
        ),
    ],
)
def test_what_was_seen_may_be_something_else(
    open_item: Register, command: Command, told: list[str], state: ItemStatus
) -> None:
    open_item.see_reply()
    seen = open_item.facts[-1]
    assert open_item.decide(command) == told
    answer = open_item.facts[open_item.facts.index(seen) + 1]
    assert seen.event_id in {getattr(answer, "observation", None), getattr(answer, "fact", None)}
    assert open_item.item.observations == ()
    assert open_item.item.state is state


def test_a_departure_answers_with_its_own_chrono(open_item: Register) -> None:
    departure = Chrono("36-2026-D-000001")
    open_item.refuses(Depart(departure, day=date(2026, 5, 14)), "still to come")
    open_item.refuses(Depart(departure, NoticeKind.HOLDING_REPLY), "What date")
    open_item.decide(Depart(departure, day=date(2026, 5, 12)))
    reply = open_item.item.reply
    assert reply is not None
    assert (reply.proof, reply.departure) == ("keyed", departure)
    assert reply.happened_at.astimezone(SITE.site.zone).date() == date(2026, 5, 12)
    open_item.refuses(Depart(departure), "is answered")
    open_item.refuses(SendReply(blob("x")), "is answered")


def test_a_declared_reply_counts_from_its_day_and_says_that_nothing_proves_it(
    open_item: Register,
) -> None:
    open_item.refuses(Declare(date(2026, 5, 14)), "still to come")
    assert open_item.decide(Declare(date(2026, 5, 12))) == ["ReplySent"]
    reply = open_item.item.reply
    assert reply is not None
    assert (reply.proof, reply.departure) == ("declared", None)
    open_item.refuses(Declare(date(2026, 5, 12)), "is answered")


def test_a_reply_is_ordered_once(open_item: Register) -> None:
    assert open_item.decide(SendReply(blob("x"))) == ["NoticeOrdered"]
    assert open_item.item.state is ItemStatus.OPEN
    open_item.refuses(SendReply(blob("x")), "was ordered on 2026-05-13")


def test_a_transfer_ends_when_the_person_is_told(open_item: Register) -> None:
    assert open_item.decide(TransferItem("mairie")) == ["ItemTransferred", "NoticeOrdered"]
    assert open_item.item.state is ItemStatus.OPEN
    open_item.refuses(TransferItem("mairie"), "was transmitted to mairie already")
    other = Register(certain(), "other")
    other.decide(TransferItem("mairie", told=True))
    assert other.item.state is ItemStatus.TRANSFERRED


def test_what_is_to_be_transmitted_waits_until_it_is_transmitted_or_ours_after_all(
    open_item: Register,
) -> None:
    open_item.refuses(NotToTransmit(), "Nobody said")
    assert open_item.decide(ToTransmit()) == ["WaitStarted"]
    assert open_item.item.waits == {Waiting.TO_TRANSMIT}
    open_item.refuses(ToTransmit(), "to be transmitted already")
    assert open_item.decide(NotToTransmit()) == ["WaitEnded"]
    assert open_item.item.waits == frozenset()
    open_item.decide(TransferItem("mairie"))
    open_item.refuses(ToTransmit(), "was transmitted to mairie already")


def test_an_explicit_decision_needs_a_regime(open_item: Register) -> None:
    command = Decide(Effect.REJECTION, date(2026, 5, 12))
    open_item.refuses(command, "No implied decision runs")
    open_item.decide(ConfirmRegime("titre-de-sejour"))
    assert open_item.decide(command) == ["DecisionTaken"]


def test_closing_ends_what_waits_and_reopening_takes_out(to_qualify: Register) -> None:
    to_qualify.refuses(Reopen("x"), "is not closed")
    assert to_qualify.decide(Close("sans-suite")) == ["WaitEnded", "ItemClosed"]
    to_qualify.refuses(Close("sans-suite"), "closed already")
    to_qualify.refuses(Assign("bmi"), "is closed .sans-suite.: reopen it first")
    to_qualify.decide(Reopen("erreur"))
    assert to_qualify.item.state is ItemStatus.OPEN


def test_a_reminder_is_answered_by_the_service_within_ten_days(open_item: Register) -> None:
    command = AnswerReminder(ClockName.REPLY, "attente-ofii", date(2026, 5, 22))
    open_item.refuses(command, "No reminder of clock reply stands", who="a.gent")
    assert open_item.decide(command, who="a.gent", rungs=["-2"]) == ["ReminderAnswered"]
    with pytest.raises(Refused, match="does not work in bmi"):
        open_item.decide(command, who="r.gent", rungs=["-2"])
    # 19 May + 10 jours ouvrés, Whit Monday (25 May) skipped: 3 June.
    open_item.decide(replace(command, until=date(2026, 6, 3)), who="a.gent", rungs=["-2"])
    with pytest.raises(Refused, match="by a holding reply"):
        open_item.decide(replace(command, until=date(2026, 6, 4)), who="a.gent", rungs=["-2"])


def undo(register: Register, command: Undo) -> list[str]:
    stated = closure.undo(register.item, register.facts, command, ground(n=len(register.facts)))
    register.facts += stated
    return [fact.type for fact in stated]


def test_undo_takes_back_the_last_word_of_a_person(open_item: Register) -> None:
    open_item.decide(Assign("bmi", "a.gent"))
    open_item.decide(Depart(Chrono("36-2026-D-000001")))
    assert undo(open_item, Undo("erreur")) == ["FactWithdrawn"]
    assert (open_item.item.state, open_item.item.agent) == (ItemStatus.OPEN, "a.gent")
    undo(open_item, Undo("erreur"))
    assert open_item.item.agent is None
    with pytest.raises(Refused, match="Nobody said anything"):
        undo(open_item, Undo("erreur"))


def test_undo_takes_back_the_last_word_of_a_program_before_that_of_a_person(
    open_item: Register,
) -> None:
    open_item.decide(Assign("bmi", "a.gent"))
    open_item.decide(Assign("bmi"))
    said = open_item.facts[-1]
    open_item.facts[-1] = said.model_copy(update={"by": by_application("0123456789ab")})
    assert open_item.item.agent is None
    undo(open_item, Undo("erreur"))
    assert open_item.item.agent == "a.gent"


def test_what_happened_and_what_was_taken_back_stays(open_item: Register) -> None:
    open_item.decide(Assign("bmi", "a.gent"))
    with pytest.raises(Refused, match=r"ItemRegistered. happened: it stays"):
        undo(open_item, Undo("erreur", seq=1))
    undo(open_item, Undo("erreur", seq=2))
    with pytest.raises(Refused, match="taken back already"):
        undo(open_item, Undo("erreur", seq=2))
    with pytest.raises(Refused, match="has no fact 9"):
        undo(open_item, Undo("erreur", seq=9))


def test_a_merged_item_points_to_its_survivor_and_can_be_parted() -> None:
    first, second = Register(certain(), "a", 1), Register(proposed(), "b", 2)
    stated = merge.merge(second.item, first.item, ground())
    second.facts += [fact for fact in stated if fact.item_id == second.item.item_id]
    first.facts += [fact for fact in stated if fact.item_id == first.item.item_id]
    assert [fact.type for fact in stated] == ["WaitEnded", "ItemMergedInto", "ItemAbsorbed"]
    assert second.item.state is ItemStatus.MERGED
    assert first.item.absorbed == ("36-2026-A-000002",)
    second.refuses(Assign("bmi"), "was merged into another item: decide there")
    with pytest.raises(Refused, match="undo it on that one"):
        undo(first, Undo("erreur", seq=first.item.seq))
    first.facts += merge.part(second.item, first.item, first.facts, "erreur", ground(n=9))
    undo(second, Undo("erreur"))
    assert first.item.absorbed == ()
    assert second.item.state is ItemStatus.TO_QUALIFY, "as it was: nobody had qualified it"


def test_what_is_late_is_not_merged_into_what_is_not_timed() -> None:
    late, survivor = Register(certain(), "a", 1), Register(certain(), "b", 2)
    survivor.facts[0] = survivor.facts[0].model_copy(update={"channel": Channel.LETTER})
    survivor.decide(CorrectReceipt(date(2026, 4, 30), "tampon"))
    merge.merge(late.item, survivor.item, ground())
    with pytest.raises(Refused, match="received before the go-live, is not timed"):
        merge.merge(late.item, survivor.item, replace(ground(), now=LATE))
    merge.merge(survivor.item, late.item, replace(ground(), now=LATE, clocks={}))
    timed = Register(certain(), "c", 3)
    merge.merge(late.item, timed.item, replace(ground(), now=LATE))


def test_a_closing_that_is_undone_leaves_to_a_person_what_it_was_before() -> None:
    unsorted = Register(proposed(), "a", 1)
    unsorted.decide(Close("sans-suite"))
    assert unsorted.item.waits == frozenset()
    undo(unsorted, Undo("erreur"))
    assert unsorted.item.state is ItemStatus.TO_QUALIFY
    qualified = Register(certain(), "b", 2)
    qualified.decide(Close("sans-suite"))
    undo(qualified, Undo("erreur"))
    assert qualified.item.state is ItemStatus.OPEN


def test_a_reply_seen_for_the_absorbed_is_a_question_of_the_survivor() -> None:
    first, second = Register(certain(), "a", 1), Register(certain(), "b", 2)
    second.see_reply()
    stated = merge.merge(second.item, first.item, ground())
    first.facts += [fact for fact in stated if fact.item_id == first.item.item_id]
    assert first.item.state is ItemStatus.OBSERVED
    first.decide(ConfirmReply(ObservedReply.REPLY))
    reply = first.item.reply
    assert reply is not None
    assert reply.happened_at == a_reply_seen().sent_at


def test_an_item_is_not_merged_into_itself_nor_when_answered() -> None:
    first, second = Register(certain(), "a", 1), Register(certain(), "b", 2)
    with pytest.raises(Refused, match="into itself"):
        merge.merge(first.item, first.item, ground())
    second.decide(Depart(Chrono("36-2026-D-000001")))
    with pytest.raises(Refused, match="answered on its own"):
        merge.merge(second.item, first.item, ground())


def test_a_message_split_off_has_its_own_receipt_and_waits() -> None:
    register = Register(certain())
    later = an_arrival("later", at=MONDAY + timedelta(days=1))
    item = register.item
    stamp = Stamp(item.item_id, item.seq, later.event_id, "source:x", NOW)
    register.facts += join_facts(later, Says.AGAIN, SITE.site, stamp)
    message = merge.message_of(register.item, 2)
    with pytest.raises(Refused, match="is no message; its messages are: 2"):
        merge.message_of(register.item, 1)
    with pytest.raises(Refused, match="split it off"):
        undo(register, Undo("erreur", seq=2))
    command = merge.Split(message, later.receipt, Chrono("36-2026-A-000009"))
    taken, *opened = merge.split(register.item, command, ground())
    new = fold(opened)
    assert taken.type == "FactWithdrawn"
    assert new.receipt == later.receipt
    assert new.waits == {Waiting.TO_QUALIFY}
    assert fold([*register.facts, taken]).messages == ()


def test_what_a_citizen_will_read_is_a_code_that_the_site_can_name(open_item: Register) -> None:
    until = date(2026, 6, 2)
    open_item.refuses(AskPieces(until, ("pasport",)), "no piece 'pasport' in labels.yaml")
    open_item.refuses(
        TransferItem("ofi"), "no office 'ofi' in labels.yaml; there are: mairie, ofii"
    )
    open_item.refuses(AwaitThird("ofi"), "no office 'ofi'")
    open_item.see_reply()
    open_item.refuses(ConfirmReply(ObservedReply.TRANSFER, to="ofi"), "no office 'ofi'")
