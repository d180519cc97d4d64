"""A site's rules as the judges use them: tables folded, indexed and bound to the secret, once."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.ingest.domain.addresses import AddressList
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

    def pseudonym(self, address: str) -> Digest | None:
        """Returns the pseudonym (keyed digest) of a mail address; `None` without an address."""
        return pseudonym(self.secret, "address", address.lower()) if address else None


def rules(site: Site, secret: SiteKeys) -> JudgeRules:
    """Compiles a site's tables into the rules by which arrivals are judged."""
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
    )
