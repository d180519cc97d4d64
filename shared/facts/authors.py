"""Authors of facts: the seven kinds of whoever can state one, and how a fact writes them.

On the wire an author is one word (`person:m.durand`, `rule:newsletters`, `source:pref-bmi`,
`service:sla`, `account:local`, `auditor:3`, `application:3f2a9c51e07b`); here is the one place that
makes it and takes it apart.
"""

from dataclasses import dataclass
from enum import StrEnum

from shared.facts.envelope import PersonId


class AuthorKind(StrEnum):
    """The kinds of authors of a fact (person, rule, source, …).

    The values are those on the wire.
    """

    PERSON = "person"
    """Somebody of the préfecture."""
    RULE = "rule"
    """A certain rule of the site."""
    SOURCE = "source"
    """A mailbox, a folder or a form that showed it; or the identity provider."""
    SERVICE = "service"
    """One of our programs, by itself."""
    ACCOUNT = "account"
    """The local account or the database's owner, who are nobody of the préfecture."""
    AUDITOR = "auditor"
    """Somebody who audits the préfecture on site, by the number of their session."""
    APPLICATION = "application"
    """Another program, by the shown half of its key; whoever confirmed that key answers for it."""


_KINDS = frozenset(kind.value for kind in AuthorKind)


@dataclass(frozen=True, slots=True)
class FactAuthor:
    """The author of a fact: its kind and name; `str` gives the fact's field `by`."""

    kind: AuthorKind
    name: str

    def __str__(self) -> str:
        """As facts write it."""
        return f"{self.kind}:{self.name}"


def author_of(by: str) -> FactAuthor | None:
    """Parses a fact's field `by` into its author; `None` when it is of no known kind."""
    kind, _, name = by.partition(":")
    return FactAuthor(AuthorKind(kind), name) if kind in _KINDS and name else None


def person_of(by: str) -> PersonId | None:
    """Returns the id of the person who stated a fact, from its field `by`.

    `None`: a machine or account did.
    """
    found = author_of(by)
    return PersonId(found.name) if found is not None and found.kind is AuthorKind.PERSON else None


def by_person(person: str) -> str:
    """Formats the author of a fact (field `by`) as a person: `person:<id>`."""
    return str(FactAuthor(AuthorKind.PERSON, person))


def by_auditor(session: int) -> str:
    """Formats the author of a fact (field `by`) as an auditor on site: `auditor:<session>`."""
    return str(FactAuthor(AuthorKind.AUDITOR, str(session)))


def by_application(key: str) -> str:
    """Formats the author of a fact (field `by`) as another program: `application:<key>`."""
    return str(FactAuthor(AuthorKind.APPLICATION, key))


def is_application(by: str) -> bool:
    """Whether another program stated the fact, from its field `by`."""
    found = author_of(by)
    return found is not None and found.kind is AuthorKind.APPLICATION


def was_decided(by: str) -> bool:
    """Whether a person, or a program in their stead, decided the fact, from its field `by`."""
    return person_of(by) is not None or is_application(by)


def is_auditor(by: str) -> bool:
    """Whether an auditor on site stated the fact, from its field `by`."""
    found = author_of(by)
    return found is not None and found.kind is AuthorKind.AUDITOR


def by_rule(rule: str) -> str:
    """Formats the author of a fact (field `by`) as a certain rule of the site: `rule:<name>`."""
    return str(FactAuthor(AuthorKind.RULE, rule))


def is_rule(by: str) -> bool:
    """Whether a rule of the site stated the fact, from its field `by`."""
    found = author_of(by)
    return found is not None and found.kind is AuthorKind.RULE


def by_source(source: str) -> str:
    """Formats the author of a fact (field `by`) as a source of arrivals: `source:<name>`."""
    return str(FactAuthor(AuthorKind.SOURCE, source))


def by_service(service: str) -> str:
    """Formats the author of a fact (field `by`) as one of our programs: `service:<name>`."""
    return str(FactAuthor(AuthorKind.SERVICE, service))


def by_account(account: str) -> str:
    """Formats the author of a fact (field `by`) as a system account: `account:<name>`."""
    return str(FactAuthor(AuthorKind.ACCOUNT, account))
