"""Checks of events.yaml: a cabinet that exists, a speed that the site can keep, entries once."""

from collections.abc import Iterator

from shared.site.checks.people import A_SERVICE
from shared.site.checks.validation_errors import Wrong, unknown
from shared.site.tables.events import EventTable
from shared.site.tables.mailboxes import Sources
from shared.site.tables.notices import NoticesTable
from shared.site.tables.services import Services

_FILE = "events.yaml"


def check_events(
    events: EventTable, services: Services, notices: NoticesTable, sources: Sources
) -> Iterator[Wrong]:
    """Yields each mistake in events.yaml, such as an unknown cabinet or an address given twice.

    A mailbox that we read ourselves takes part in no exercise: its mail would become items.
    """
    known = {service.id for service in services.services}
    if events.cabinet:
        yield from unknown(_FILE, ("cabinet",), events.cabinet, known, A_SERVICE)
    if events.per_minute > notices.outgoing_per_minute:
        expected = f"at most outgoing_per_minute of notices.yaml ({notices.outgoing_per_minute})"
        yield Wrong(_FILE, ("per_minute",), str(events.per_minute), expected)
    ours = {mailbox.address.lower() for mailbox in sources.mailboxes}
    ids, addresses = set[str](), set[str]()
    for i, row in enumerate(events.exercise):
        path, address = ("exercise", i), row.address.lower()
        if row.id in ids:
            yield Wrong(_FILE, (*path, "id"), f"'{row.id}' again", "each id once")
        if address in addresses:
            yield Wrong(_FILE, (*path, "address"), f"'{row.address}' again", "each address once")
        if address in ours:
            expected = "no mailbox of mailboxes.yaml: what comes there becomes an item"
            yield Wrong(_FILE, (*path, "address"), f"'{row.address}'", expected)
        ids.add(row.id)
        addresses.add(address)
