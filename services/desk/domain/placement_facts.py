"""The facts that follow from where an arrival was placed."""

from typing import assert_never

from services.desk.domain.days import instant_of
from services.desk.domain.matching import Says
from services.desk.domain.stamp import Stamp
from shared.facts.arrivals import JudgedArrival
from shared.facts.envelope import ServiceId
from shared.facts.items import Items
from shared.facts.items.pieces import ThirdAnswered
from shared.facts.items.registration import SenderWroteAgain
from shared.facts.items.replies import ReplyObserved
from shared.facts.items.routing import WaitEnded, WaitStarted
from shared.facts.observations import ReplySeen
from shared.facts.vocabulary import Waiting
from shared.site.tables.bundle import Site


def join_facts(arrival: JudgedArrival, says: Says, site: Site, stamp: Stamp) -> list[Items]:
    """Returns the facts that an arrival joined an item: `SenderWroteAgain` or `ReplyObserved`.

    A third party's answer is `ThirdAnswered` besides. None for a message of ours that an ended
    item needs no more.
    """
    moment = min(instant_of(arrival.receipt, site.zone), stamp.now)
    match says:
        case Says.AGAIN:
            return [
                SenderWroteAgain(
                    **stamp(1, moment),
                    arrival_id=arrival.arrival_id,
                    nature=arrival.routing.nature,
                    pli=arrival.pli,
                    original=arrival.original,
                    message=arrival.message,
                    danger=arrival.routing.danger,
                )
            ]
        case Says.THIRD:
            again = join_facts(arrival, Says.AGAIN, site, stamp)
            return [*again, ThirdAnswered(**stamp(2, moment), arrival_id=arrival.arrival_id)]
        case Says.ANSWER:
            return [
                ReplyObserved(
                    **stamp(1, moment), arrival_id=arrival.arrival_id, message=arrival.message
                )
            ]
        case Says.NOTHING:
            return []
        case _:
            assert_never(says)


def observation_of(reply: ReplySeen, stamp: Stamp) -> Items:
    """Returns the fact that a possible reply was seen in a Sent folder."""
    return ReplyObserved(
        **stamp(1, reply.sent_at),
        arrival_id=reply.arrival_id,
        message=reply.message,
        looks_like=reply.looks_like,
    )


def quarantine_fact(site: Site, stamp: Stamp) -> Items:
    """Returns the fact that an arrival waits in quarantine.

    It stands under the arrival's own id, since there is no item yet (CLOCKS, rule 18).
    """
    return WaitStarted(
        **stamp(1), waiting=Waiting.QUARANTINE, service=ServiceId(site.identity.mail_office)
    )


def release_fact(stamp: Stamp) -> Items:
    """Returns the fact that an arrival left quarantine."""
    return WaitEnded(**stamp(1), waiting=Waiting.QUARANTINE)
