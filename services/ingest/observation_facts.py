"""Facts of what a source shows beside arrivals: replies, bounces, departures, complete passes."""

from datetime import datetime

from services.ingest.domain.judgement import NO_OCTETS, FactContext
from services.ingest.domain.observation_judgements import (
    BounceJudgement,
    DepartureJudgement,
    ReplyJudgement,
)
from shared.facts.authors import by_source
from shared.facts.envelope import ServiceId, Via
from shared.facts.ids import arrival_id, event_id
from shared.facts.observations import BounceSeen, DepartureScanned, ReplySeen, SourceRead


def reply_seen(seen: ReplyJudgement, with_: FactContext) -> ReplySeen:
    """Makes the fact of an email that one of our services wrote."""
    return ReplySeen(
        event_id=event_id(with_.arrival_id, "ReplySeen", with_.asked),
        happened_at=seen.sent_at,
        recorded_at=with_.now,
        by=by_source(with_.source),
        via=Via.MACHINE,
        arrival_id=with_.arrival_id,
        source=with_.source,
        service=seen.service,
        original=with_.original,
        message=seen.message,
        sent_at=seen.sent_at,
        to=seen.to,
        subject=seen.subject,
        threads=seen.threads,
        looks_like=seen.looks_like,
    )


def bounce_seen(bounced: BounceJudgement, with_: FactContext) -> BounceSeen:
    """Makes the fact of an email of ours that came back."""
    return BounceSeen(
        event_id=event_id(with_.arrival_id, "BounceSeen"),
        happened_at=bounced.received_at,
        recorded_at=with_.now,
        by=by_source(with_.source),
        via=Via.MACHINE,
        arrival_id=with_.arrival_id,
        source=with_.source,
        original=with_.original or NO_OCTETS,
        notice_id=bounced.notice_id,
        item_id=bounced.item_id,
        action=bounced.action,
        status=bounced.status,
    )


def departure_scanned(departed: DepartureJudgement, with_: FactContext) -> DepartureScanned:
    """Makes the fact of a letter of ours that was scanned as it left."""
    return DepartureScanned(
        event_id=event_id(with_.arrival_id, "DepartureScanned"),
        happened_at=departed.happened_at,
        recorded_at=with_.now,
        by=by_source(with_.source),
        via=Via.MACHINE,
        arrival_id=with_.arrival_id,
        source=with_.source,
        chrono=departed.chrono,
        kind=departed.kind,
        receipt=departed.receipt,
        original=with_.original or NO_OCTETS,
        pli=with_.pli,
    )


def source_read(
    site: str, source: str, service: ServiceId | None, until: datetime, now: datetime
) -> SourceRead:
    """Makes the fact `SourceRead`: a source was read completely, in a pass begun at `until`."""
    arrival = arrival_id(site, source, "source-read")
    return SourceRead(
        event_id=event_id(arrival, until.isoformat()),
        happened_at=until,
        recorded_at=now,
        by=by_source(source),
        via=Via.MACHINE,
        arrival_id=arrival,
        source=source,
        service=service,
        until=until,
    )
