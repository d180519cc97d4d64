"""The letter that one item of a mass reply gets: the approved text in the site's own reply. Pure.

It is whole: what two persons saw in previews is what leaves, and notify adds nothing to it.
"""

from datetime import date

from services.desk.domain.days import local_day
from services.desk.domain.item import Item
from shared.errors import Refused
from shared.facts.vocabulary import NoticeKind
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import AppliedSite
from shared.site.tables.people import Person
from shared.site.texts.letters import Agent, Reply, office
from shared.site.texts.templates import TemplateText, render


def letter(
    item: Item, text: str, person: Person, applied: AppliedSite, directory: Directory, today: date
) -> TemplateText:
    """Makes the mass reply's email to an item's sender, signed by who requested it.

    Nothing of what the sender wrote is quoted. Raises Refused when the item's service is gone,
    UnusableTemplate.
    """
    site = applied.site
    service = site.service_now(item.service)
    if service is None:
        raise Refused(
            f"Service {item.service} is gone: assign {item.chrono} first.", "no-such-service"
        )
    signs = directory.delegation(person.id, service.id, NoticeKind.REPLY, today)
    context = Reply(
        office=office(site.identity, service, delegated=signs is not None),
        reference=item.chrono,
        written=today,
        received=local_day(item.receipt, site.zone),
        channel=item.channel,
        agent=Agent(person.first_name, person.name, person.capacity),
        about=None,
        emergency_line=site.identity.emergency_line,
        text=text,
    )
    return render(site.templates, context)
