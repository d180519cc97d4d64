"""Whose word lets a held notice leave, or never, by a command; who is told of an item: pure.

Less than the pages allow and never more: whoever acts in a colleague's stead does it there.
"""

from services.notify.domain.item import NotifiedItem
from shared.facts.vocabulary import Confidentiality
from shared.site.tables.bundle import Site
from shared.site.tables.people import Person


def may_judge(person: Person, item: NotifiedItem | None, site: Site) -> bool:
    """Whether a person may release or drop a held notice of an item, or of none.

    The general secretary and the mail office always may; else the item's agent, the head and the
    director of its service, and for an item of normal confidentiality everybody of the service.
    """
    identity = site.identity
    if person.id == identity.general_secretary or _leads(person, identity.mail_office, site):
        return True
    if identity.mail_office in person.services:
        return True
    if item is None:
        return False
    normal = item.classification.confidentiality is Confidentiality.NORMAL
    there = normal and item.service in person.services
    return there or person.id == item.agent or _leads(person, item.service, site)


def may_be_told(person: Person, item: NotifiedItem, site: Site) -> bool:
    """Whether a mail to a person may name an item: of a réservé or personal one, few are told.

    Its agent, whoever was informed of it, the head and the director of its service, and the general
    secretary, who all read it (ADR 0036); deputies and a signatory see it at the desk alone.
    """
    if item.classification.confidentiality is Confidentiality.NORMAL:
        return True
    holders = {item.agent, *item.informed, site.identity.general_secretary}
    return person.id in holders or _leads(person, item.service, site)


def _leads(person: Person, service: str, site: Site) -> bool:
    row = site.service_now(service)
    return row is not None and person.id in {row.head, row.director}
