"""The section « Site internet : à faire » of a digest: pages to check, changes to make.

Who reads it is looked up when it is told: the correspondent, or the head of their service once they
are gone, or the référent qualité; each by their deputy.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

from services.notify.domain import digest_sections
from services.notify.domain.digest_sections import QualityTask, RungContext
from services.notify.store import website_rungs
from services.notify.store.website_rungs import WebsiteHearing
from shared.facts.envelope import NoticeId, PersonId
from shared.facts.quality.website import WebsiteAudience
from shared.platform.database import Connection
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import Site
from shared.site.texts.pages import Section

TITLE: Final = "Site internet : à faire"
PATH: Final = "/qualite/site-internet"


async def readers(
    connection: Connection, site: Site, people: Directory, today: date
) -> Mapping[WebsiteHearing, PersonId]:
    """Returns who reads each reminder about the website that is in no digest yet.

    Lists of past quarters that no digest has told are deleted first.
    """
    quarter = today.replace(month=today.month - (today.month - 1) % 3, day=1)
    await website_rungs.forget(connection, quarter)
    found = {
        hearing: reader(hearing, site, people, today)
        for hearing in await website_rungs.untold(connection)
    }
    return {hearing: person for hearing, person in found.items() if person is not None}


def reader(hearing: WebsiteHearing, site: Site, people: Directory, today: date) -> PersonId | None:
    """Returns who reads a website reminder on a local day; `None` when nobody is left."""
    officer = site.identity.quality_officer
    meant: tuple[str | None, ...] = (officer,)
    if hearing.audience is WebsiteAudience.CORRESPONDENT:
        service = None if hearing.service is None else site.service_now(hearing.service)
        meant = (hearing.person, None if service is None else service.head, officer)
    found = people.first_reader(meant, today)
    return None if found is None else PersonId(found.person.id)


async def section(
    connection: Connection, digest: NoticeId, known: RungContext
) -> tuple[Section, ...]:
    """Makes a digest's section about the website; empty when nothing of it stands."""
    found = await website_rungs.of_digest(connection, digest)
    once = {hearing.event_id: hearing for hearing in found}
    return digest_sections.tasks(
        TITLE, [_task(hearing, known.site) for hearing in once.values()], known
    )


def _task(hearing: WebsiteHearing, site: Site) -> QualityTask:
    service = None if hearing.service is None else site.service_now(hearing.service)
    change = hearing.number is not None
    return QualityTask(
        named=f"modification n° {hearing.number}" if change else _pages(hearing.pages),
        label=service.short if service is not None else "page à désigner",
        opened=hearing.opened,
        due=hearing.due,
        path=f"{PATH}#modifications" if change else PATH,
        what="à faire pour le" if change else "à vérifier pour le",
        dated="Demandée le" if change else "Liste du trimestre commencé le",
    )


def _pages(count: int) -> str:
    return f"{count} page{'s' if count > 1 else ''} du site"
