"""From judgements to the facts of topic `arrivals`: ids, moments and blob keys are put on."""

from collections.abc import Iterator, Sequence
from typing import Any, assert_never

from services.ingest.domain import robots
from services.ingest.domain.judgement import NO_OCTETS, ArrivalJudgement, FactContext, Judgement
from services.ingest.domain.observation_judgements import (
    BounceJudgement,
    DepartureJudgement,
    ReplyJudgement,
)
from services.ingest.observation_facts import bounce_seen, departure_scanned, reply_seen
from shared.facts.arrivals import Arrivals, Arrived, Quarantine, SetAside
from shared.facts.authors import by_source
from shared.facts.envelope import Digest, Via
from shared.facts.ids import event_id


def facts_of(judgements: Sequence[Judgement], with_: FactContext) -> Iterator[Arrivals]:
    """Yields the facts with which judged arrivals are published for the first time."""
    for judged in judgements:
        match judged:
            case ArrivalJudgement():
                yield Arrived(
                    event_id=event_id(with_.arrival_id, "Arrived"),
                    by=by_source(with_.source),
                    via=Via.MACHINE,
                    **body(judged, with_),
                )
            case ReplyJudgement():
                yield reply_seen(judged, with_)
            case BounceJudgement():
                yield bounce_seen(judged, with_)
            case DepartureJudgement():
                yield departure_scanned(judged, with_)
            case _:
                assert_never(judged)


def body(judged: ArrivalJudgement, with_: FactContext) -> dict[str, Any]:
    """Returns the fields of a judged arrival that `Arrived` and `ArrivalReread` share."""
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
        "reading": judged.reading,
    }


def kind_of(judged: Judgement) -> str:
    """Returns the kind of a judgement as its row stores it: enter, set_aside, quarantine, ….

    An answer to the mail of an exercise has a kind of its own, so that it is no noise in the
    figures of its source.
    """
    match judged:
        case ArrivalJudgement(verdict=SetAside(reason=robots.DRILL)):
            return robots.DRILL
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
    """Returns the digest of the Message-ID of a judged email, or `None`."""
    return judged.message if isinstance(judged, ArrivalJudgement | ReplyJudgement) else None
