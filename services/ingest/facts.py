"""From judgements to the facts of topic `arrivals`: ids, moments and blob keys are put on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, assert_never

from services.ingest.domain.judgement import (
    ArrivalJudgement,
    BounceJudgement,
    DepartureJudgement,
    Judgement,
    ReplyJudgement,
)
from shared.content.spool import RereadRequest
from shared.facts.arrivals import (
    ArrivalReread,
    Arrivals,
    Arrived,
    BounceSeen,
    DepartureScanned,
    Quarantine,
    ReplySeen,
    SetAside,
    SourceRead,
)
from shared.facts.authors import by_person, by_source
from shared.facts.envelope import ArrivalId, BlobKey, Digest, ServiceId, Via
from shared.facts.ids import arrival_id, event_id

NO_OCTETS = BlobKey("")
"""The original of what is not kept (a probe)."""


@dataclass(frozen=True, slots=True)
class FactContext:
    """The ids, blob keys and moment that turn a judgement into a fact."""

    arrival_id: ArrivalId
    source: str
    original: BlobKey | None
    pli: BlobKey | None
    now: datetime
    asked: str = ""
    """Names the request that has an observation told once more."""


def told(judgements: Sequence[Judgement], with_: FactContext) -> Iterator[Arrivals]:
    """Makes the facts of an arrival that is published for the first time."""
    for judged in judgements:
        match judged:
            case ArrivalJudgement():
                yield Arrived(
                    event_id=event_id(with_.arrival_id, "Arrived"),
                    by=by_source(with_.source),
                    via=Via.MACHINE,
                    **_body(judged, with_),
                )
            case ReplyJudgement():
                yield _reply_seen(judged, with_)
            case BounceJudgement():
                yield _bounce_seen(judged, with_)
            case DepartureJudgement():
                yield _departure(judged, with_)
            case _:
                assert_never(judged)


def reread(
    judged: ArrivalJudgement, revision: int, request: RereadRequest, with_: FactContext
) -> ArrivalReread:
    """Makes the fact `ArrivalReread` of an arrival that was judged again on a person's request."""
    return ArrivalReread(
        event_id=event_id(with_.arrival_id, "ArrivalReread", revision),
        by=by_person(request.by),
        via=request.via,
        shell=request.shell,
        revision=revision,
        **_body(judged, with_),
    )


def _body(judged: ArrivalJudgement, with_: FactContext) -> dict[str, Any]:
    return {
        "arrival_id": with_.arrival_id,
        "source": with_.source,
        "happened_at": judged.happened_at,
        "recorded_at": with_.now,
        "verdict": judged.verdict,
        "channel": judged.channel,
        "receipt": judged.receipt,
        "provisional": judged.provisional,
        "original": with_.original or NO_OCTETS,
        "pli": with_.pli,
        "fingerprint": judged.fingerprint,
        "message": judged.message,
        "correspondent": judged.correspondent,
        "subject": judged.subject,
        "authentication": judged.authentication,
        "automatic": judged.automatic,
        "routing": judged.routing,
        "threads": judged.threads,
        "scan": judged.scan,
        "thanks": judged.thanks,
    }


def _reply_seen(seen: ReplyJudgement, with_: FactContext) -> ReplySeen:
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


def _bounce_seen(bounced: BounceJudgement, with_: FactContext) -> BounceSeen:
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


def _departure(departed: DepartureJudgement, with_: FactContext) -> DepartureScanned:
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


def kind_of(judged: Judgement) -> str:
    """Returns the kind of a judgement as its row stores it: enter, set_aside, quarantine, …."""
    match judged:
        case ArrivalJudgement(verdict=verdict):
            return verdict.kind
        case ReplyJudgement():
            return "seen"
        case BounceJudgement():
            return "bounce"
        case DepartureJudgement():
            return "departure"
        case _:
            assert_never(judged)


def reason_of(judged: Judgement) -> str | None:
    """Returns the reason code of an arrival set aside or quarantined, else `None`."""
    verdict = judged.verdict if isinstance(judged, ArrivalJudgement) else None
    return verdict.reason if isinstance(verdict, SetAside | Quarantine) else None


def message_of(judged: Judgement) -> Digest | None:
    """Returns the digest of the Message-ID of a judged mail, or `None`."""
    return judged.message if isinstance(judged, ArrivalJudgement | ReplyJudgement) else None
