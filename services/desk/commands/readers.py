"""As whom a question of the command line is asked: what it may show."""

import click

from services.desk.commands.session import CommandSession
from services.desk.roles import roles_of
from services.desk.store.search_types import SearchReader
from services.desk.store.visibility import ALL
from shared.facts.envelope import PersonId

READER = click.option(
    "--as",
    "who",
    metavar="PERSON",
    help="What this person may know; without it, all but what is réservé.",
)


def reader(session: CommandSession, who: str | None, *, outlines: bool = False) -> SearchReader:
    """Returns the permissions with which a command searches as the person `who`. Raises Refused.

    Without a person it finds everything but réservé items; `outlines`: these too, in outline.
    """
    if who is None:
        return SearchReader(ALL._replace(secrets=outlines))
    person = PersonId(session.person(who).id)
    roles = roles_of(person, session.applied.site, session.directory, session.today)
    return SearchReader(roles.seen, roles.reads_all)
