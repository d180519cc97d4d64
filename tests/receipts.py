"""What door, register and voice decide of a receipt for one mail, without their I/O."""

from datetime import UTC, datetime
from functools import cache
from uuid import UUID

from services.desk.domain import registration
from services.desk.domain.stamp import Stamp
from services.ingest.domain.full_mail import read_whole
from services.ingest.domain.judge_mail import MailboxPlace, judge
from services.ingest.domain.judgement import ArrivalJudgement, FactContext
from services.ingest.facts import facts_of
from services.notify.domain.fold import fold
from services.notify.domain.occasions import called_for
from services.notify.domain.policy import Circumstances, Ruling
from services.notify.domain.policy import judge as judge_notice
from shared.calendar.working_days import Territory, working_calendar  # type: ignore[attr-defined]  # a name that the module only imports
from shared.facts.arrivals import JudgedArrival
from shared.facts.envelope import ArrivalId, BlobKey, Chrono, EventId, ItemId, PersonId, ServiceId
from shared.facts.vocabulary import NoticeKind
from shared.site.tables.bundle import AppliedSite
from tests.ingest_builders import INTERNAL, indre, indre_rules

_ARRIVAL = ArrivalId(UUID("33333333-3333-4333-8333-333333333333"))
_NOW = datetime(2026, 5, 11, 8, 1, tzinfo=UTC)


@cache
def applied() -> AppliedSite:
    """The example préfecture, live."""
    return AppliedSite(
        version=1,
        digest="0" * 64,
        effective_from=datetime(2026, 4, 1, tzinfo=UTC),
        site=indre(),
        days=working_calendar(Territory.METROPOLE, (), 2025, 2028),
        go_live=datetime(2026, 5, 1, tzinfo=UTC),
    )


def receipt_of(octets: bytes, mailbox: str = "pref-bmi") -> Ruling | None:
    """The verdict on its receipt; `None`: it opens no item, so that nothing is ever called for."""
    service = ServiceId(mailbox.removeprefix("pref-"))
    first = judge(
        octets, read_whole(octets), MailboxPlace(mailbox, service), INTERNAL, indre_rules()
    )[0]
    if not isinstance(first, ArrivalJudgement) or first.verdict.kind != "enter":
        return None
    (arrival,) = facts_of(
        [first], FactContext(_ARRIVAL, f"mailbox:{mailbox}", BlobKey("a"), BlobKey("b"), _NOW)
    )
    assert isinstance(arrival, JudgedArrival)
    stamp = Stamp(ItemId(_ARRIVAL), 0, EventId(_ARRIVAL), "register", _NOW)
    reading = registration.reading(arrival, indre(), doubtful=False)
    facts = registration.facts(arrival, reading, Chrono("36-2026-A-000001"), indre(), stamp)
    item = fold(facts)
    assert item is not None
    site = applied()
    calls = called_for(
        item, today=_NOW.date(), zone=site.site.zone, effects={}, on_call=PersonId("a.gauthier")
    )
    receipt = next(call for call in calls if call.kind is NoticeKind.RECEIPT)
    assert first.pli is not None
    around = Circumstances(address=first.pli.answer_to.address)
    return judge_notice(receipt, item, site, around, _NOW)
