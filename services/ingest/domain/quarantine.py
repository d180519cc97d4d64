"""Mails that can't be read go into quarantine, with whatever of them a person can be shown."""

from dataclasses import replace
from datetime import datetime

from services.ingest.domain import robots
from services.ingest.domain.fingerprint import of_octets
from services.ingest.domain.judgement import ArrivalJudgement, SenderIdentity
from services.ingest.domain.mail import UnreadableMail
from services.ingest.domain.rules import JudgeRules
from services.ingest.domain.sender_identity import pli
from services.ingest.domain.trust import received_at
from shared.facts.arrivals import Quarantine, Routing
from shared.facts.envelope import At
from shared.facts.vocabulary import Channel


def quarantine_judgement(
    octets: bytes, mail: UnreadableMail, internal_date: datetime, rules: JudgeRules
) -> ArrivalJudgement:
    """Makes the judgement that an unreadable email goes into quarantine, with what can be shown."""
    seen = mail.as_mail()
    taken = received_at(seen, rules.site.sources.trust, internal_date)
    shown = SenderIdentity(seen.sender, seen.answer_to, seen.subject, seen.text)
    something = any((seen.sender.name, seen.sender.address, seen.subject, seen.text))
    judged = unshown(octets, mail.reason, taken)
    return replace(
        judged,
        # Taken as a letter by a person, it has a sender of whom nothing is proven.
        routing=judged.routing.model_copy(update={"hold": "unread"}),
        automatic=robots.automatic(seen, judged.authentication) if something else None,
        pli=pli(seen, shown) if something else None,
    )


def unshown(octets: bytes, reason: str, received: datetime) -> ArrivalJudgement:
    """Makes the judgement that an email goes into quarantine, of which nothing can be shown."""
    return ArrivalJudgement(
        verdict=Quarantine(reason=reason),
        channel=Channel.EMAIL,
        receipt=At(instant=received),
        happened_at=received,
        fingerprint=of_octets(octets),
        routing=Routing(rule="quarantine"),
    )
