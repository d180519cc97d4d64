"""What no single file can know: whether the tables of a folder agree with each other.

Each check reads the tables that it names; it runs when these are well-formed, whatever the state of
the others, so that one bad file does not hide the mistakes of the rest.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from shared.site.checks.events import check_events
from shared.site.checks.labels import check_labels
from shared.site.checks.law import check_calendar, check_commitments, check_regimes, check_zone
from shared.site.checks.mail import (
    check_mailboxes,
    check_notices,
    check_return_path,
    check_roots_address,
)
from shared.site.checks.people import check_identity, check_people, check_services
from shared.site.checks.places import check_places
from shared.site.checks.quality import (
    check_invitations,
    check_quality,
    check_survey,
    check_website,
)
from shared.site.checks.roles import check_roles
from shared.site.checks.routing import check_archive, check_categories, check_routing
from shared.site.checks.validation_errors import Wrong
from shared.values import Table

CHECKS: tuple[tuple[tuple[str, ...], Callable[..., Iterator[Wrong]]], ...] = (
    (("site.yaml", "services.yaml", "people.yaml"), check_identity),
    (("site.yaml", "calendar.yaml"), check_zone),
    (("services.yaml", "people.yaml", "mailboxes.yaml"), check_services),
    (("people.yaml", "services.yaml"), check_people),
    (("commitments.yaml", "services.yaml", "routing.yaml"), check_commitments),
    (("regimes.yaml",), check_regimes),
    (("calendar.yaml",), check_calendar),
    (("mailboxes.yaml", "services.yaml"), check_mailboxes),
    (("site.yaml", "mailboxes.yaml"), check_return_path),
    (("routing.yaml", "services.yaml", "regimes.yaml"), check_categories),
    (("routing.yaml", "services.yaml", "people.yaml", "mailboxes.yaml"), check_routing),
    (("site.yaml", "routing.yaml"), check_archive),
    (("site.yaml",), check_roots_address),
    (("notices.yaml",), check_notices),
    (("labels.yaml", "routing.yaml", "notices.yaml"), check_labels),
    (("roles.yaml", "services.yaml"), check_roles),
    (("quality.yaml", "services.yaml"), check_quality),
    (("places.yaml", "services.yaml", "labels.yaml"), check_places),
    (("website.yaml", "services.yaml", "people.yaml"), check_website),
    (("survey.yaml", "quality.yaml"), check_survey),
    (("survey.yaml", "routing.yaml"), check_invitations),
    (("events.yaml", "services.yaml", "notices.yaml", "mailboxes.yaml"), check_events),
)
"""The files that a check reads, and the check: their tables are its arguments, in this order."""


def check(tables: Mapping[str, Table]) -> Iterator[Wrong]:
    """Checks that the files of a site folder agree with each other; yields every mistake."""
    for files, one in CHECKS:
        arguments: list[Any] = [tables[file] for file in files if file in tables]
        if len(arguments) == len(files):
            yield from one(*arguments)
