"""A site's rules as the judges use them: tables folded, indexed and bound to the secret, once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.ingest.domain.addresses import Address, AddressList
from services.ingest.domain.forms import FormTable
from services.ingest.domain.routing import RoutingRules
from services.ingest.domain.standard_texts import StandardTexts
from shared.content.site_keys import SiteKeys
from shared.content.tokens import pseudonym
from shared.facts.envelope import Digest, ServiceId
from shared.site.tables.bundle import Site


@dataclass(frozen=True)
class JudgeRules:
    """The rules of a site, compiled for judging arrivals; made anew for each applied version."""

    site: Site
    secret: SiteKeys
    routing: RoutingRules
    forms: FormTable
    newsletters: AddressList
    own: AddressList
    standard: StandardTexts
    exercise: frozenset[str]
    """Addresses of the site's exercise list, lower case."""
    mailboxes: Mapping[str, ServiceId | None]
    """Address of each of our mailboxes, lower case → its service."""
    plus: frozenset[str]
    """Those of them that also take mail to `name+anything@…`."""
    antivirus: bool = False
    """Whether an antivirus looks at what is attached."""

    def mailbox_of(self, address: str) -> str:
        """Returns the address of our mailbox that a mail to `name+anything@…` comes to.

        Any other address is returned as it is.
        """
        name, _, domain = address.rpartition("@")
        base = f"{name.partition('+')[0]}@{domain}".lower()
        return base if base in self.plus else address

    def recipients(self, to: Sequence[Address]) -> tuple[str, ...]:
        """Returns addresses as written, and as the mailboxes they come to: a rule names either."""
        written = [recipient.address for recipient in to]
        return tuple(dict.fromkeys([*written, *map(self.mailbox_of, written)]))

    def pseudonym(self, address: str) -> Digest | None:
        """Returns the pseudonym (keyed digest) of a mail address; `None` without an address."""
        return pseudonym(self.secret, "address", address.lower()) if address else None


def rules(site: Site, secret: SiteKeys, *, antivirus: bool = False) -> JudgeRules:
    """Compiles a site's tables into the rules by which arrivals are judged.

    `antivirus`: one looks at what is attached.
    """
    return JudgeRules(
        site=site,
        secret=secret,
        routing=RoutingRules(site),
        forms=FormTable(site.routing.forms),
        newsletters=AddressList(site.routing.newsletters),
        own=AddressList([f"*@{domain}" for domain in site.identity.domains]),
        standard=StandardTexts(site.templates),
        exercise=frozenset(entry.address.lower() for entry in site.events.exercise),
        mailboxes={
            box.address.lower(): ServiceId(box.service) if box.service else None
            for box in site.sources.mailboxes
        },
        plus=frozenset(
            box.address.lower() for box in site.sources.mailboxes if box.plus_addressing
        ),
        antivirus=antivirus,
    )
