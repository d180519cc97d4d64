"""Authors of facts: the five kinds of whoever can state one, and how a fact writes them.

On the wire an author is one word (`person:m.durand`, `rule:newsletters`, `source:pref-bmi`,
`service:sla`, `account:local`); here is the one place that makes it and takes it apart.
"""

from dataclasses import dataclass
from enum import StrEnum

from shared.facts.envelope import PersonId


class AuthorKind(StrEnum):
    """The kinds of authors, by their names on the wire."""

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


_KINDS = frozenset(kind.value for kind in AuthorKind)


@dataclass(frozen=True, slots=True)
class FactAuthor:
    """The author of a fact; `str` gives the field `by`."""

    kind: AuthorKind
    name: str

    def __str__(self) -> str:
        """As facts write it."""
        return f"{self.kind}:{self.name}"


def author_of(by: str) -> FactAuthor | None:
    """Reads the field `by`; `None` for what names no author of these kinds."""
    kind, _, name = by.partition(":")
    return FactAuthor(AuthorKind(kind), name) if kind in _KINDS and name else None


def person_of(by: str) -> PersonId | None:
    """The person who stated it; `None`: a rule, a source, a program or an account did."""
    found = author_of(by)
    return PersonId(found.name) if found is not None and found.kind is AuthorKind.PERSON else None


def by_person(person: str) -> str:
    """The field `by` of what a person states."""
    return str(FactAuthor(AuthorKind.PERSON, person))


def by_rule(rule: str) -> str:
    """The field `by` of what a certain rule decided."""
    return str(FactAuthor(AuthorKind.RULE, rule))


def by_source(source: str) -> str:
    """The field `by` of what a source showed."""
    return str(FactAuthor(AuthorKind.SOURCE, source))


def by_service(service: str) -> str:
    """The field `by` of what one of our programs states by itself."""
    return str(FactAuthor(AuthorKind.SERVICE, service))


def by_account(account: str) -> str:
    """The field `by` of what an account does that is nobody of the préfecture."""
    return str(FactAuthor(AuthorKind.ACCOUNT, account))
