"""roles.yaml: which roles the groups of the identity provider give. Without it they give none.

What a group gives adds to what the rules and the people give, for the sessions of whoever signs in
with it (docs/decisions/0022). It opens pages; it names nobody: who heads a service, and is told of
its lateness, stands in services.yaml.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from shared.values import Code, Table

ClaimName = Annotated[str, StringConstraints(max_length=120, pattern=r"^\S+$")]
ClaimValue = Annotated[str, StringConstraints(max_length=200, pattern=r"^\S(.*\S)?$")]
"""As the provider writes it: case and spaces count."""


class Role(StrEnum):
    """The roles that groups of the identity provider can give to their members."""

    AGENT = "agent"
    HEAD = "head"
    DIRECTOR = "director"
    MAIL_OFFICE = "mail_office"
    QUALITY_OFFICER = "quality_officer"
    GENERAL_SECRETARY = "general_secretary"
    ADMINISTRATOR = "administrator"


OF_A_SERVICE = frozenset({Role.AGENT, Role.HEAD, Role.DIRECTOR})
"""Roles that say nothing without a service."""


class Group(Table):
    """A group of the identity provider and the role that it gives to its members.

    `value` is the group's name in the claim of the provider's token.
    """

    value: ClaimValue
    role: Role
    service: Code | None = None
    """For an agent, a head, a director; for no other role."""


class GivenRoles(Table):
    """The table roles.yaml: which roles the identity provider's groups give to their members."""

    claim: tuple[ClaimName, ...] = Field(min_length=1, max_length=3)
    """Where the provider lists the groups: `[groups]`, or `[resource_access, desk, roles]` for a
    list that stands inside other claims."""
    groups: tuple[Group, ...] = ()


NO_ROLES = GivenRoles(claim=("groups",))
