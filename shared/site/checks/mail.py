"""Checks of mailboxes.yaml and notices.yaml: what is read, and what may leave."""

from collections.abc import Iterator

from shared.site.checks.foreign_sheets import check_foreign_sheets
from shared.site.checks.people import A_SERVICE
from shared.site.checks.validation_errors import Wrong, twice, unknown
from shared.site.tables.identity import Identity
from shared.site.tables.mailboxes import Sources
from shared.site.tables.notices import Action, NoticesTable
from shared.site.tables.services import Services


def check_mailboxes(sources: Sources, services: Services) -> Iterator[Wrong]:
    """Yields each mistake in mailboxes.yaml, such as an address twice or an unknown service.

    Another: no server whose Received lines or authentication results are believed.
    """
    file, known = "mailboxes.yaml", {service.id for service in services.services}
    rows, folders = list(enumerate(sources.mailboxes)), list(enumerate(sources.scan_folders))
    yield from twice(file, ((("mailboxes", i, "id"), row.id) for i, row in rows), "each id")
    addresses = ((("mailboxes", i, "address"), row.address.lower()) for i, row in rows)
    yield from twice(file, addresses, "each address")
    yield from twice(file, ((("scan_folders", i, "id"), row.id) for i, row in folders), "each id")
    paths = ((("scan_folders", i, "folder"), row.folder) for i, row in folders)
    yield from twice(file, paths, "each folder")
    for i, row in rows:
        yield from unknown(file, ("mailboxes", i, "service"), row.service, known, A_SERVICE)
        if row.sent is not None and row.service is None:
            expected = "the service whose replies are seen there"
            yield Wrong(file, ("mailboxes", i), "a Sent folder without a service", expected)
        taken = [row.inbox, *([row.sent] if row.sent else [])]
        for n, further in enumerate(row.folders):
            if further in taken:
                expected = "a folder beside the inbox and Sent, each once"
                yield Wrong(file, ("mailboxes", i, "folders", n), f"'{further}' again", expected)
            taken.append(further)
        if row.sign_in == "token" and row.signs_in_as is not None:
            expected = "none: a token is the program's, and opens what the program may open"
            path = ("mailboxes", i, "signs_in_as")
            yield Wrong(file, path, f"'{row.signs_in_as}' beside `sign_in: token`", expected)
    for i, folder in folders:
        yield from check_foreign_sheets(i, folder, known)
        yield from unknown(file, ("scan_folders", i, "service"), folder.service, known, A_SERVICE)
        if folder.channel.electronic:
            path = ("scan_folders", i, "channel")
            yield Wrong(file, path, f"'{folder.channel}'", "a channel of paper")
    if not sources.trust.received_by:
        expected = "at least one host whose Received line gives the moment of receipt"
        yield Wrong(file, ("trust", "received_by"), "nobody", expected)
    if not any(name.strip() for name in sources.trust.authserv_ids):
        expected = (
            "at least one server whose Authentication-Results are believed, and which strips those "
            "that strangers wrote: without it no sender is ever proven"
        )
        yield Wrong(file, ("trust", "authserv_ids"), "nobody", expected)


def check_return_path(identity: Identity, sources: Sources) -> Iterator[Wrong]:
    """Yields a mistake unless the return path of site.yaml is our mailbox for bounces alone.

    Also for a mailbox outside our domains.
    """
    bounces = {mailbox.address for mailbox in sources.mailboxes if mailbox.bounces}
    what = "the address of a mailbox with `bounces: true`"
    yield from unknown("site.yaml", ("return_path",), identity.return_path, bounces, what)
    for i, mailbox in enumerate(sources.mailboxes):
        domain = mailbox.address.rpartition("@")[2]
        what = "an address of the `domains` of site.yaml"
        path = ("mailboxes", i, "address")
        yield from unknown("mailboxes.yaml", path, domain, identity.domains, what)
        if mailbox.bounces and identity.return_path is None:
            expected = "return_path of site.yaml to be its address"
            yield Wrong(
                "mailboxes.yaml", ("mailboxes", i, "bounces"), "a mailbox of bounces", expected
            )


def check_roots_address(identity: Identity) -> Iterator[Wrong]:
    """Yields a mistake when the address for evidence roots is in the préfecture's own domains."""
    address = identity.roots_address
    if address is not None and address.rpartition("@")[2].lower() in identity.domains:
        expected = "a mailbox of another house, such as that of the archives départementales"
        yield Wrong("site.yaml", ("roots_address",), f"'{address}', of our `domains`", expected)


def check_notices(notices: NoticesTable) -> Iterator[Wrong]:
    """Yields each mistake in notices.yaml, such as a hold without reason or a row without kinds."""
    file, rows = "notices.yaml", list(enumerate(notices.rows))
    yield from twice(file, ((("rows", i, "id"), row.id) for i, row in rows), "each id")
    for i, row in rows:
        if not row.kinds:
            yield Wrong(file, ("rows", i, "kinds"), "no kind", "the kinds of notice it decides")
        if row.action is Action.HOLD and row.reason is None:
            expected = "the key 'reason', told to the person who decides"
            yield Wrong(file, ("rows", i), "a hold without reason", expected)
        if row.action is Action.SEND and row.reason is not None:
            yield Wrong(file, ("rows", i, "reason"), f"'{row.reason}'", "none: it is sent")
    kinds = ((("stale", i, "kind"), row.kind.value) for i, row in enumerate(notices.stale))
    yield from twice(file, kinds, "each kind")
    for i, stale in enumerate(notices.stale):
        if stale.after.total_seconds() <= 0:
            yield Wrong(
                file, ("stale", i, "after"), str(stale.after), "a duration such as PT24H or P2D"
            )
