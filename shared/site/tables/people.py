"""people.yaml (first import only) and the rows that follow: who works where, who is away.

People are no part of the applied rules: they are append-only rows of schema `site`, looked up at
the moment when a digest is made (DESIGN §9).
"""

from datetime import date

from shared.site.tables.delegations import Delegation
from shared.values import Code, EmailAddress, Table

BY_PROVIDER = "oidc-"
"""How the id of somebody begins whom no one wrote down: the identity provider alone brings them."""


class Person(Table):
    """A person of the préfecture: name, capacity, mailbox, services and deputy."""

    id: Code
    first_name: str
    name: str
    capacity: str
    """« adjointe administrative », as L111-2 asks on letters."""
    email: EmailAddress
    phone: str
    services: tuple[Code, ...] = ()
    deputy: Code | None = None
    """Who is told while this person is away."""

    @property
    def by_provider(self) -> bool:
        """Whether the préfecture knows this colleague from the identity provider alone."""
        return self.id.startswith(BY_PROVIDER)


class Absence(Table):
    """An absence of a person between two local days, both included."""

    person: Code
    first: date
    last: date


class People(Table):
    """The table people.yaml: the people, absences and delegations of the first import."""

    people: tuple[Person, ...]
    absences: tuple[Absence, ...] = ()
    delegations: tuple[Delegation, ...] = ()
    """Who signs « par délégation »; taken over with the person, once."""
