"""The facts that follow from where an arrival was placed."""

from services.desk.domain.days import instant_of
from services.desk.domain.stamp import Stamp
from shared.facts.arrivals import JudgedArrival, ReplySeen
from shared.facts.envelope import ServiceId
from shared.facts.handled import ReplyObserved
from shared.facts.items import Items
from shared.facts.opened import SenderWroteAgain, WaitEnded, WaitStarted
from shared.facts.words import Waiting
from shared.site.bundle import Site


def joined(arrival: JudgedArrival, site: Site, stamp: Stamp, *, answers: bool) -> list[Items]:
    """A message of an item; one of our own service's, seen in copy, is an observation as well."""
    moment = min(instant_of(arrival.receipt, site.zone), stamp.now)
    if answers:
        observed = ReplyObserved(
            **stamp(1, moment), arrival_id=arrival.arrival_id, message=arrival.message
        )
        return [observed]
    message = SenderWroteAgain(
        **stamp(1, moment),
        arrival_id=arrival.arrival_id,
        nature=arrival.routing.nature,
        pli=arrival.pli,
        original=arrival.original,
        message=arrival.message,
    )
    return [message]


def observed(reply: ReplySeen, stamp: Stamp) -> Items:
    """A message to the sender stands in Sent: a person says what it was."""
    return ReplyObserved(
        **stamp(1, reply.sent_at),
        arrival_id=reply.arrival_id,
        message=reply.message,
        looks_like=reply.looks_like,
    )


def quarantined(site: Site, stamp: Stamp) -> Items:
    """It waits for a person under the arrival's id (CLOCKS, rule 18)."""
    return WaitStarted(
        **stamp(1), waiting=Waiting.QUARANTINE, service=ServiceId(site.identity.mail_office)
    )


def released(stamp: Stamp) -> Items:
    """A person, or a better reading, dealt with it."""
    return WaitEnded(**stamp(1), waiting=Waiting.QUARANTINE)
