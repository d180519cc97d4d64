"""The section « Mesures correctives : à faire » of a digest: whose are due, and who hears of it.

Names are looked up when it is told. Above the owner a line says the service, never the agent.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final, assert_never

from services.notify.domain import digest_sections
from services.notify.domain.digest_sections import QualityTask, RungContext
from services.notify.store import quality_rungs
from services.notify.store.quality_rungs import QualityHearing
from shared.facts.envelope import NoticeId, PersonId
from shared.facts.quality.measures import RungAudience
from shared.platform.database import Connection
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import Site
from shared.site.tables.people import Person
from shared.site.tables.services import Service
from shared.site.texts.pages import Section

TITLE: Final = "Mesures correctives : à faire"
PUT_OFF: Final[Mapping[str, str]] = {
    "postponed": "échéance reportée plusieurs fois, maintenant le",
    "far": "échéance reportée loin ou après coup, maintenant le",
}
"""What a line says of a rung that is no day of the ladder."""


async def readers(
    connection: Connection, site: Site, people: Directory, today: date
) -> Mapping[QualityHearing, PersonId]:
    """Returns who reads each reminder about corrective measures that is in no digest yet."""
    found = {
        hearing: reader(hearing, site, people, today)
        for hearing in await quality_rungs.untold(connection)
    }
    return {hearing: person for hearing, person in found.items() if person is not None}


def reader(hearing: QualityHearing, site: Site, people: Directory, today: date) -> PersonId | None:
    """Returns who reads a measure's reminder on a local day, by role; deputies replace absent ones.

    When nobody of that role is left, the référent qualité; `None`: they have left too.
    """
    meant = (_meant(hearing, site, people), site.identity.quality_officer)
    found = people.first_reader(meant, today)
    return None if found is None else PersonId(found.person.id)


def _meant(hearing: QualityHearing, site: Site, people: Directory) -> str | None:
    service = _service(hearing, site, people)
    match hearing.audience:
        case RungAudience.OWNER:
            return hearing.owner
        case RungAudience.HEAD:
            return None if service is None else service.head
        case RungAudience.DIRECTOR:
            return None if service is None else service.director
        case RungAudience.QUALITY:
            return site.identity.quality_officer
        case _:
            assert_never(hearing.audience)


def _service(hearing: QualityHearing, site: Site, people: Directory) -> Service | None:
    """The owner's first service; `None`: the owner or the service is gone."""
    owner = people.person(hearing.owner)
    return site.service_now(owner.services[0]) if owner is not None and owner.services else None


async def section(
    connection: Connection, digest: NoticeId, known: RungContext, people: Directory
) -> tuple[Section, ...]:
    """Makes a digest's section about corrective measures; empty when nothing of it stands."""
    found = await quality_rungs.of_digest(connection, digest)
    once = {(hearing.number, hearing.rung): hearing for hearing in found}
    due = [_task(hearing, known.site, people) for hearing in once.values()]
    return digest_sections.tasks(TITLE, due, known)


async def absent(
    connection: Connection,
    digest: NoticeId,
    known: RungContext,
    people: Directory,
    person: Person,
) -> dict[str, str]:
    """Returns the absent colleagues whose measures this person's digest lists: names by id."""
    names: dict[str, str] = {}
    for hearing in await quality_rungs.of_digest(connection, digest):
        meant = _meant(hearing, known.site, people)
        found = None if meant is None else people.reader(meant, known.today)
        if found is not None and found.person.id == person.id and found.instead_of is not None:
            away = found.instead_of
            names[away.id] = f"{away.first_name} {away.name}"
    return names


def _task(hearing: QualityHearing, site: Site, people: Directory) -> QualityTask:
    service = _service(hearing, site, people)
    return QualityTask(
        named=f"mesure n° {hearing.number}",
        label=service.short if service is not None else "sans service",
        opened=hearing.opened,
        due=hearing.due,
        path=f"/qualite/mesures/{hearing.number}",
        what=PUT_OFF.get(hearing.rung, "action à faire le"),
        dated="Ouverte le",
    )
