"""To whom a machine never speaks, so that two machines never speak to each other (RFC 3834).

The other half stands on our own mails: `Auto-Submitted`, and a return path that nothing answers
(services/notify/message.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.content.machine_addresses import speaks_for_nobody
from shared.facts.vocabulary import Authentication


@dataclass(frozen=True, slots=True)
class RecentNotice:
    """The counts of automatic emails that left today and within the hour, to apply the caps."""

    of_this_item: int = 0
    of_this_thread: int = 0
    """To the same correspondent about the same bare subject, other items included."""
    to_this_correspondent: int = 0
    """Plus parts of the address folded."""
    to_this_domain_in_an_hour: int = 0
    to_this_domain: int = 0
    in_all_in_an_hour: int = 0
    in_all: int = 0


NOTHING_TOLD = RecentNotice()


def with_one_more(
    counts: RecentNotice, *, correspondent: bool, item: bool, thread: bool, domain: bool
) -> RecentNotice:
    """Returns the counts with another automatic email that is about to leave.

    `correspondent`: it goes to the same mailbox or correspondent; only then `item` (it is about the
    same item) and `thread` (it is about the same bare subject) count. `domain`: to the same domain.
    """
    return RecentNotice(
        of_this_item=counts.of_this_item + (correspondent and item),
        of_this_thread=counts.of_this_thread + (correspondent and thread and not item),
        to_this_correspondent=counts.to_this_correspondent + correspondent,
        to_this_domain_in_an_hour=counts.to_this_domain_in_an_hour + domain,
        to_this_domain=counts.to_this_domain + domain,
        in_all_in_an_hour=counts.in_all_in_an_hour + 1,
        in_all=counts.in_all + 1,
    )


def mailbox_of(address: str) -> str:
    """Returns the mailbox behind an address: `victim@x.example` for `Victim+7@x.example`."""
    local, _, domain = address.strip().lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain.rstrip('.')}" if local else ""


def capped_domain(address: str, shared: Iterable[str]) -> str | None:
    """Returns the domain whose emails are counted together (rate limit).

    `None`: a public provider.
    """
    domain = address.strip().lower().rpartition("@")[2].rstrip(".")
    return None if not domain or domain in {domain.lower() for domain in shared} else domain


def why_never(
    *,
    automatic: str | None,
    authentication: Authentication,
    address: str | None,
    domains: Iterable[str],
) -> str | None:
    """Returns the reason code for which no automatic email may go to an address, or `None`.

    `address`: `None` before it is read, when nothing is said of it yet.
    """
    if automatic is not None:
        return f"automatic.{automatic}"
    if authentication is Authentication.FAIL:
        return "authentication_failed"
    return None if address is None else why_no_person(address, domains)


def why_no_person(address: str, domains: Iterable[str]) -> str | None:
    """Returns the reason code for which no person reads email at an address, or `None`."""
    local, _, domain = address.strip().rpartition("@")
    if not local:
        return "no_return_path"
    if speaks_for_nobody(local):
        return "no_reply"
    domain = domain.lower().rstrip(".")
    if any(domain == own or domain.endswith(f".{own}") for own in map(str.lower, domains)):
        return "own_domain"
    return None
