"""Who asks the search, by their roles of today."""

from services.desk.pages.rights import Roles
from services.desk.store.search import Reader
from services.desk.store.seen import Seen


def reader_of(roles: Roles) -> Reader:
    """What somebody may find: by number whatever they may know of, by words what they may read."""
    known = Seen(
        everything=roles.everything,
        secrets=roles.mail_office or roles.secretary,
        persons=sorted(roles.persons),
        services=sorted(roles.services),
        led=sorted(roles.leads),
    )
    return Reader(known, roles.secretary)
