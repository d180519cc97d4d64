"""What the identity provider's word makes of somebody: the roles of their groups, and who they are.

Pure, and from verified claims alone (services/desk/accounts/oidc.py). A claim of another shape than
a list of texts gives nothing; a value counts only when it is written exactly as the site writes it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from shared.facts.envelope import PersonId, ServiceId
from shared.site.tables.bundle import Site
from shared.site.tables.people import BY_PROVIDER, Person
from shared.site.tables.roles import GivenRoles, Role
from shared.values import EmailAddress

Claims = Mapping[str, Any]

CAPACITY: Final = "agent"
"""Capacity that letters show until the mail office writes a better one."""
_LONGEST: Final = 80
_ADDRESS: Final = TypeAdapter[str](EmailAddress)


@dataclass(frozen=True, slots=True, order=True)
class RoleGrant:
    """A role that a group of the identity provider gives, perhaps in one service."""

    role: Role
    service: ServiceId | None = None

    def __str__(self) -> str:
        return self.role if self.service is None else f"{self.role}:{self.service}"


def grant(written: str) -> RoleGrant:
    """Parses the text form of a role grant (`role:service`). Raises ValueError."""
    role, _, service = written.partition(":")
    return RoleGrant(Role(role), ServiceId(service) if service else None)


def grants(claims: Claims, given: GivenRoles) -> frozenset[RoleGrant]:
    """Returns the roles that the claims of the identity provider (OIDC) give a person.

    `given` is the site's table from groups to roles; a claim of another shape gives nothing.
    """
    said: object = claims
    for step in given.claim:
        said = said.get(step) if isinstance(said, Mapping) else None
    listed = [said] if isinstance(said, str) else said
    if not isinstance(listed, list | tuple):
        return frozenset()
    groups = {group for group in listed if isinstance(group, str)}
    return frozenset(
        RoleGrant(row.role, None if row.service is None else ServiceId(row.service))
        for row in given.groups
        if row.value in groups
    )


def belongs(granted: Collection[RoleGrant]) -> bool:
    """Returns whether these roles make one a member of the préfecture; administrator does not."""
    return any(grant.role is not Role.ADMINISTRATOR for grant in granted)


def services(granted: Collection[RoleGrant], site: Site) -> frozenset[ServiceId]:
    """Returns the services in which these role grants make somebody work.

    A service that was replaced stands as its successor.
    """
    named = {grant.service for grant in granted if grant.role in {Role.AGENT, Role.HEAD}} - {None}
    office = {ServiceId(site.identity.mail_office)}
    return _now(named, site) | (office if RoleGrant(Role.MAIL_OFFICE) in granted else frozenset())


def led(granted: Collection[RoleGrant], role: Role, site: Site) -> frozenset[ServiceId]:
    """Returns the services in which these grants give the role (head or director)."""
    return _now({grant.service for grant in granted if grant.role is role} - {None}, site)


def id_of(claims: Claims) -> PersonId:
    """Returns a person's id made of OIDC claims: a stable hash of issuer and subject."""
    named = f"{claims['iss']}\n{claims['sub']}".encode(errors="surrogatepass")
    return PersonId(BY_PROVIDER + sha256(named).hexdigest()[:24])


def person(claims: Claims, works_in: Collection[ServiceId], before: Person | None) -> Person | None:
    """Builds the record of a person known only by the identity provider's claims.

    `None` without a name or a trusted address. What the claims do not say stays as it was `before`.
    """
    first, name = _text(claims, "given_name"), _text(claims, "family_name", "usual_name", "name")
    try:
        email = _ADDRESS.validate_python(claims.get("email"))
    except ValidationError:
        return None
    if not name or not email.isprintable() or not trusted_address(claims):
        return None
    return Person(
        id=id_of(claims),
        first_name=first,
        name=name,
        capacity=CAPACITY if before is None else before.capacity,
        email=email,
        phone=_text(claims, "phone_number") or ("" if before is None else before.phone),
        services=tuple(sorted(works_in)),
        deputy=None if before is None else before.deputy,
    )


def trusted_address(claims: Claims) -> bool:
    """Returns whether the provider's claims don't call the email address unverified."""
    return str(claims.get("email_verified", True)).casefold() == "true"


def _now(named: Collection[ServiceId | None], site: Site) -> frozenset[ServiceId]:
    rows = (site.service_now(service) for service in named if service is not None)
    return frozenset(ServiceId(row.id) for row in rows if row is not None)


def _text(claims: Claims, *names: str) -> str:
    """Text on one line of the first claim that is not empty."""
    for name in names:
        said = claims.get(name)
        if isinstance(said, str):
            text = " ".join("".join(c if c.isprintable() else " " for c in said).split())
            if text:
                return text[:_LONGEST]
    return ""
