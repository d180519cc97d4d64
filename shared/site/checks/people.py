"""Checks of site.yaml, services.yaml and people.yaml: whoever is named exists, once."""

from collections.abc import Iterator

from shared.site.checks.validation_errors import Wrong, twice, unknown
from shared.site.tables.identity import Identity
from shared.site.tables.mailboxes import Sources
from shared.site.tables.people import BY_PROVIDER, People
from shared.site.tables.services import Services

A_PERSON = "a person of people.yaml"
A_SERVICE = "a service of services.yaml"


def check_identity(identity: Identity, services: Services, people: People) -> Iterator[Wrong]:
    """Yields each mistake in site.yaml, such as an office or officer that does not exist."""
    known = {service.id for service in services.services}
    persons = {person.id for person in people.people}
    for key in ("mail_office", "legal_office"):
        yield from unknown("site.yaml", (key,), getattr(identity, key), known, A_SERVICE)
    for key in ("quality_officer", "general_secretary", "on_call"):
        yield from unknown("site.yaml", (key,), getattr(identity, key), persons, A_PERSON)
    if (officer := identity.data_protection_officer) is not None:
        path = ("data_protection_officer",)
        yield from unknown("site.yaml", path, officer, persons, A_PERSON)
    if identity.parapheur is not None and identity.iparapheur is not None:
        yield Wrong("site.yaml", ("iparapheur",), "beside `parapheur`", "one of them")
    key = "parapheur" if identity.parapheur is not None else "iparapheur"
    circuits = () if identity.signing is None else identity.signing.circuits
    of = [((key, "circuits", i, "of"), row.of) for i, row in enumerate(circuits)]
    yield from twice("site.yaml", of, "each signatory or service")
    for at, code in of:
        yield from unknown("site.yaml", at, code, persons | known, f"{A_PERSON} or {A_SERVICE}")
    if identity.opening.opens >= identity.opening.closes:
        yield Wrong("site.yaml", ("opening",), "a day that ends before it begins", "opens < closes")
    domain = identity.email.rpartition("@")[2]
    yield from unknown("site.yaml", ("email",), domain, identity.domains, "an address of `domains`")


def check_services(services: Services, people: People, sources: Sources) -> Iterator[Wrong]:
    """Yields each mistake in services.yaml, such as an unknown head or a mailbox not read."""
    file, persons = "services.yaml", {person.id for person in people.people}
    addresses = {mailbox.address for mailbox in sources.mailboxes if not mailbox.bounces}
    rows = list(enumerate(services.services))
    known = {service.id for service in services.services}
    yield from twice(file, ((("services", i, "id"), row.id) for i, row in rows), "each id")
    former = [
        (("services", i, "replaces", j), old)
        for i, row in rows
        for j, old in enumerate(row.replaces)
    ]
    yield from twice(file, former, "one service for the items of a former one")
    for path, old in former:
        if old in known:
            yield Wrong(file, path, f"'{old}', which still exists", "a service that was removed")
    for i, row in rows:
        yield from unknown(file, ("services", i, "head"), row.head, persons, A_PERSON)
        yield from unknown(file, ("services", i, "director"), row.director, persons, A_PERSON)
        what = "the address of a mailbox that is read, so that a reply joins its item"
        yield from unknown(file, ("services", i, "email"), row.email, addresses, what)


def check_people(people: People, services: Services) -> Iterator[Wrong]:
    """Yields each mistake in people.yaml, such as an unknown service or deputy."""
    file, known = "people.yaml", {service.id for service in services.services}
    persons = {person.id for person in people.people}
    rows = list(enumerate(people.people))
    yield from twice(file, ((("people", i, "id"), row.id) for i, row in rows), "each id")
    for i, row in rows:
        if row.id.startswith(BY_PROVIDER):
            expected = f"another beginning: '{BY_PROVIDER}' names whom the identity provider brings"
            yield Wrong(file, ("people", i, "id"), f"'{row.id}'", expected)
        for j, service in enumerate(row.services):
            yield from unknown(file, ("people", i, "services", j), service, known, A_SERVICE)
        yield from unknown(file, ("people", i, "deputy"), row.deputy, persons, A_PERSON)
        if row.deputy == row.id:
            yield Wrong(file, ("people", i, "deputy"), f"'{row.id}' themselves", "somebody else")
    for i, absence in enumerate(people.absences):
        path = ("absences", i)
        yield from unknown(file, (*path, "person"), absence.person, persons, A_PERSON)
        if absence.first > absence.last:
            yield Wrong(file, (*path, "last"), str(absence.last), f"a day from {absence.first} on")
    for i, one in enumerate(people.delegations):
        path = ("delegations", i)
        yield from unknown(file, (*path, "person"), one.person, persons, A_PERSON)
        for j, service in enumerate(one.services):
            yield from unknown(file, (*path, "services", j), service, known, A_SERVICE)
