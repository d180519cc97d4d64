"""SCIM 2.0 (RFC 7643, 7644) as far as a directory tells who left. Pure.

Documents of users, the filters of a list, and what a patch says of one.

A user is a colleague: `userName` is their address, `active` whether they are at the préfecture.
Nothing else is taken from a directory, since whoever changes an address signs in as its owner.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from shared.site.tables.people import Person

USER: Final = "urn:ietf:params:scim:schemas:core:2.0:User"
LIST: Final = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ERROR: Final = "urn:ietf:params:scim:api:messages:2.0:Error"
CONFIG: Final = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"
RESOURCE_TYPE: Final = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
SCHEMA: Final = "urn:ietf:params:scim:schemas:core:2.0:Schema"
MOST_OPERATIONS: Final = 100
MOST_AT_ONCE: Final = 100
"""Users of one answer."""
LONGEST: Final = 320
"""Letters of an address."""
_FILTER: Final = re.compile(
    r"\s*(?P<name>[A-Za-z:.0-9]+(?:\[type\s+eq\s+\"work\"\]\.value)?)\s+[eE][qQ]\s+"
    r"(?P<value>\"(?:[^\"\\]|\\.)*\")\s*"
)
_ADDRESS: Final = frozenset({"username", "emails", "emails.value", 'emails[typeeq"work"].value'})
_WORDS: Final[Mapping[str, bool]] = {"true": True, "false": False}


@dataclass
class ScimRefusal(Exception):  # noqa: N818  (SCIM calls it an error response)
    """The SCIM error that refuses a request: its status, SCIM word and English sentence."""

    status: int
    detail: str
    word: str = ""

    @property
    def document(self) -> Mapping[str, Any]:
        """The JSON document of the SCIM error, as RFC 7644 defines it."""
        word = {"scimType": self.word} if self.word else {}
        return {"schemas": [ERROR], "status": str(self.status), "detail": self.detail, **word}


@dataclass(frozen=True, slots=True)
class UserFilter:
    """The filter of a list of SCIM users: by address, by id, or by what nobody has."""

    address: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class ScimUser:
    """A colleague as a SCIM user; `active`: they are at the préfecture."""

    person: Person
    active: bool

    def document(self, base: str) -> Mapping[str, Any]:
        """Makes the SCIM document of the user; `base`: the address of the SCIM endpoint."""
        person = self.person
        return {
            "schemas": [USER],
            "id": person.id,
            "userName": person.email,
            "active": self.active,
            "name": {"givenName": person.first_name, "familyName": person.name},
            "displayName": f"{person.first_name} {person.name}".strip(),
            "emails": [{"value": person.email, "type": "work", "primary": True}],
            "meta": {"resourceType": "User", "location": f"{base}/Users/{person.id}"},
        }


def parse_filter(text: str) -> UserFilter:
    """Parses a SCIM filter `attribute eq "value"` by address, id or external id.

    Raises ScimRefusal for any other.
    """
    found = _FILTER.fullmatch(text)
    name = "" if found is None else re.sub(r"\s", "", found["name"]).lower()
    name = name.removeprefix(f"{USER}:".lower())
    try:
        value = "" if found is None else json.loads(found["value"])
    except ValueError:
        name = ""
    if name in _ADDRESS:
        return UserFilter(address=value) if may_exist(value) else UserFilter()
    if name == "id":
        return UserFilter(id=value) if may_exist(value) else UserFilter()
    if name == "externalid":
        return UserFilter()
    raise ScimRefusal(400, 'Filter by userName eq "…", emails, id or externalId.', "invalidFilter")


def may_exist(text: str) -> bool:
    """Whether a text could be an address or an id of somebody: short, and without control codes."""
    return len(text) <= LONGEST and text.isprintable()


def active_of(document: object) -> bool | None:
    """Reads `active` of the whole SCIM user in a PUT or POST; `None` when it says nothing.

    Raises ScimRefusal when it is no user.
    """
    if not isinstance(document, Mapping):
        raise ScimRefusal(400, "The body is no JSON object.", "invalidSyntax")
    return _active_in(document)


def address_of(document: object) -> str:
    """Reads the userName (address) of the SCIM user in a POST. Raises ScimRefusal without one."""
    if isinstance(document, Mapping):
        for name, value in document.items():
            if name.lower() == "username" and isinstance(value, str) and value:
                return value
    raise ScimRefusal(400, "A user has a userName.", "invalidValue")


def active_after(patch: object) -> bool | None:
    """Reads what `active` is after a SCIM PATCH; `None` when no operation says it.

    Takes the forms that Entra ID and Keycloak send: operations in any case, with or without a path,
    and truth as a word. Other attributes are left as they are. Raises ScimRefusal for what is no
    patch, or removes `active`.
    """
    found: bool | None = None
    for operation in _operations(patch):
        kind, path = operation.get("op"), operation.get("path")
        if not isinstance(kind, str) or kind.lower() not in {"add", "replace", "remove"}:
            raise ScimRefusal(400, "An operation is add, replace or remove.", "invalidSyntax")
        if path is not None and not isinstance(path, str):
            raise ScimRefusal(400, "A path is a text.", "invalidPath")
        said = _active_at(kind.lower(), path, operation.get("value"))
        found = found if said is None else said
    return found


def _operations(patch: object) -> Sequence[Mapping[str, Any]]:
    if isinstance(patch, Mapping):
        for name, value in patch.items():
            if name.lower() == "operations" and isinstance(value, list):
                if len(value) > MOST_OPERATIONS:
                    raise ScimRefusal(413, f"At most {MOST_OPERATIONS} operations.", "tooMany")
                if all(isinstance(operation, Mapping) for operation in value):
                    return [{key.lower(): said for key, said in row.items()} for row in value]
    raise ScimRefusal(400, "A patch has a list of Operations.", "invalidSyntax")


def _active_at(kind: str, path: str | None, value: object) -> bool | None:
    if path is None:
        return _active_in(value) if isinstance(value, Mapping) else None
    if path.strip().lower().removeprefix(f"{USER}:".lower()) != "active":
        return None
    if kind == "remove":
        raise ScimRefusal(400, "Nobody is without `active`: replace it.", "mutability")
    return _truth(value)


def _active_in(said: Mapping[str, Any]) -> bool | None:
    for name, value in said.items():
        if name.lower().removeprefix(f"{USER}:".lower()) == "active":
            return _truth(value)
    return None


def _truth(value: object) -> bool:
    """A truth value, also as the words that Entra ID writes."""
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], Mapping):
        value = value[0].get("value")
    if isinstance(value, str):
        value = _WORDS.get(value.lower())
    if not isinstance(value, bool):
        raise ScimRefusal(400, "`active` is true or false.", "invalidValue")
    return value


def users_document(users: Sequence[ScimUser], total: int, first: int, base: str) -> Any:
    """Makes the SCIM document of a page of users; `first`: the place of its first, from 1 on."""
    return {
        "schemas": [LIST],
        "totalResults": total,
        "startIndex": first,
        "itemsPerPage": len(users),
        "Resources": [user.document(base) for user in users],
    }


def provider_document(base: str) -> Mapping[str, Any]:
    """Makes the SCIM document of the features that we support (ServiceProviderConfig)."""
    no = {"supported": False}
    bearer = {
        "type": "oauthbearertoken",
        "name": "Key",
        "description": "A key of the register with the scope `directory`, as a bearer token.",
        "primary": True,
    }
    return {
        "schemas": [CONFIG],
        "patch": {"supported": True},
        "bulk": {**no, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": True, "maxResults": MOST_AT_ONCE},
        "changePassword": no,
        "sort": no,
        "etag": no,
        "authenticationSchemes": [bearer],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": f"{base}/ServiceProviderConfig",
        },
    }


def resource_types_document(base: str) -> Any:
    """Makes the SCIM document that lists the resource types: users alone."""
    user = {
        "schemas": [RESOURCE_TYPE],
        "id": "User",
        "name": "User",
        "endpoint": "/Users",
        "schema": USER,
        "meta": {"resourceType": "ResourceType", "location": f"{base}/ResourceTypes/User"},
    }
    return _listed([user])


def schemas_document(base: str) -> Any:
    """Makes the SCIM document of schemas: that of a user, where only `active` can be written."""
    attributes = [
        _attribute("userName", "string", "readOnly", required=True),
        _attribute("active", "boolean", "readWrite"),
        _attribute("displayName", "string", "readOnly"),
    ]
    user = {
        "schemas": [SCHEMA],
        "id": USER,
        "name": "User",
        "attributes": attributes,
        "meta": {"resourceType": "Schema", "location": f"{base}/Schemas/{USER}"},
    }
    return _listed([user])


def _listed(resources: Sequence[Mapping[str, Any]]) -> Any:
    n = len(resources)
    return {
        "schemas": [LIST],
        "totalResults": n,
        "startIndex": 1,
        "itemsPerPage": n,
        "Resources": resources,
    }


def _attribute(
    name: str, kind: str, mutability: str, *, required: bool = False
) -> Mapping[str, Any]:
    return {
        "name": name,
        "type": kind,
        "multiValued": False,
        "required": required,
        "caseExact": False,
        "mutability": mutability,
        "returned": "default",
        "uniqueness": "server" if required else "none",
    }
