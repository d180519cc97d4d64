"""Alerts to one of ours: words of danger, and what its head must know within the opening hour."""

from collections.abc import Iterable

from services.notify.domain.calls import OURS, Call, ToColleague
from services.notify.domain.item import NotifiedItem
from services.notify.domain.policy import row_for
from shared.facts.envelope import PersonId
from shared.facts.vocabulary import Nature, NoticeKind, Way
from shared.site.tables.bundle import AppliedSite
from shared.site.tables.notices import Speed


def dangers(item: NotifiedItem, on_call: PersonId) -> Iterable[Call]:
    """Yields an immediate alert to the on-call person for each message with words of danger."""
    for event, told in item.dangers:
        yield Call(
            occasion=str(event),
            kind=NoticeKind.ALERT,
            recipient=ToColleague(on_call),
            way=Way.MAIL,
            since=told,
        )


def alert_about(call: Call, item: NotifiedItem, applied: AppliedSite) -> Call | None:
    """Returns the alert about a notice to the service's head, or `None` if a digest suffices.

    `None` too for a notice that a person ordered. For an appeal the alert goes to the head of the
    legal office.
    """
    row = row_for(call, item, applied)
    if call.kind in OURS or call.order or row is None or row.speed is Speed.DIGEST:
        return None
    appeal = item.classification.nature is Nature.APPEAL
    service = applied.site.service_now(
        applied.site.identity.legal_office if appeal else item.service
    )
    if service is None:
        return None
    return Call(
        occasion=str(item.registered.event_id),
        kind=NoticeKind.ALERT,
        recipient=ToColleague(PersonId(service.head)),
        way=Way.MAIL,
        since=max(call.since, item.registered.recorded_at),
        awaited=True,
    )
