"""Checks of roles.yaml: a group gives a role that exists, where it exists, and says it once."""

from collections.abc import Iterator

from shared.site.checks.people import A_SERVICE
from shared.site.checks.validation_errors import Wrong, unknown
from shared.site.tables.roles import OF_A_SERVICE, GivenRoles
from shared.site.tables.services import Services

_FILE = "roles.yaml"


def check_roles(roles: GivenRoles, services: Services) -> Iterator[Wrong]:
    """Yields each mistake in roles.yaml, such as a role twice or two groups named alike."""
    known = {service.id for service in services.services}
    stood, spelt = dict[tuple[str, str, str | None], int](), dict[str, tuple[str, int]]()
    for i, row in enumerate(roles.groups):
        path = ("groups", i)
        yield from unknown(_FILE, (*path, "service"), row.service, known, A_SERVICE)
        if row.role in OF_A_SERVICE and row.service is None:
            yield Wrong(_FILE, path, f"'{row.role}' without service", A_SERVICE)
        if row.role not in OF_A_SERVICE and row.service is not None:
            expected = f"no service: '{row.role}' is of the whole préfecture"
            yield Wrong(_FILE, (*path, "service"), f"'{row.service}'", expected)
        first = stood.setdefault((row.value, row.role, row.service), i)
        if first != i:
            expected = f"each role of a value once (see groups[{first}])"
            yield Wrong(_FILE, path, f"'{row.value}' again", expected)
        like, at = spelt.setdefault("".join(row.value.split()).casefold(), (row.value, i))
        if like != row.value:
            expected = f"'{like}' (see groups[{at}]): values alike but for case or spaces mislead"
            yield Wrong(_FILE, (*path, "value"), f"'{row.value}'", expected)
