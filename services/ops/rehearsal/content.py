"""What other routing rules would have proposed: asked of the letters themselves, beside the facts.

Read only where the two versions route otherwise. A rule that looks at a header, a separator sheet
or what the door alone saw can't be asked again: where such a rule had decided, its own word is
taken from the other version.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property

from services.ingest.domain.conditions import MessageFeatures
from services.ingest.domain.routing import RoutingRules
from shared.content.blobs import Blobs
from shared.content.plis import Pli
from shared.content.plis import read as read_pli
from shared.errors import VaguemestreError
from shared.facts.arrivals import Routing
from shared.facts.envelope import BlobKey, ServiceId
from shared.facts.items import Items
from shared.facts.items.registration import ItemRegistered
from shared.site.tables.bundle import Site
from shared.site.tables.routing import Rule

FIELDS = ("category", "service", "agent", "nature", "priority", "confidentiality", "hold")


class ContentRouting:
    """The routing tables of two versions of the rules, applied to the text of stored letters."""

    def __init__(self, before: Site, after: Site, blobs: Blobs | None) -> None:
        self._sites = before, after
        self._blobs = blobs
        self._plis: dict[BlobKey, Pli] = {}
        self.unread = 0
        """Letters whose text could not be read: only their rule's own word was compared."""

    @cached_property
    def differs(self) -> bool:
        """Whether the two routing tables may propose another service or category for one letter."""
        old, new = (
            (table.rules, table.senders, table.danger, table.fallback, table.categories)
            for table in (site.routing for site in self._sites)
        )
        return old != new

    async def load(self, page: Sequence[Sequence[Items]]) -> None:
        """Reads the texts of the letters that opened these items, in place of those read before."""
        self._plis.clear()
        if not self.differs:
            return
        for facts in page:
            opening = next((fact for fact in facts if isinstance(fact, ItemRegistered)), None)
            if opening is None or opening.pli is None or opening.proposal is None:
                continue
            if self._blobs is None:
                self.unread += 1
                continue
            try:
                self._plis[opening.pli] = await read_pli(self._blobs, opening.pli)
            except VaguemestreError:
                self.unread += 1

    def __call__(self, fact: ItemRegistered, before: Routing) -> Routing:
        """Returns what the other version proposes, given what was proposed."""
        changed = self._of_rule(before)
        pli = self._plis.get(fact.pli) if fact.pli is not None else None
        if pli is None:
            return changed
        seen = self._seen(fact, pli)
        old, new = (rules.route(seen) for rules in self._rules)
        moved: dict[str, object] = {
            name: getattr(new.routing, name)
            for name in Routing.model_fields
            if getattr(old.routing, name) != getattr(new.routing, name)
        }
        if old.set_aside != new.set_aside:
            moved["hold"] = f"set-aside:{new.set_aside}" if new.set_aside else None
        return before.model_copy(update=moved) if moved else changed

    def _of_rule(self, before: Routing) -> Routing:
        """The word of the rule that had decided, where the other version has it otherwise."""
        old, new = (rules.get(before.rule) for rules in self._by_name)
        if old is None or old == new:
            return before
        moved: dict[str, object] = {}
        for name in FIELDS:
            was = getattr(old.then, name)
            would = None if new is None else getattr(new.then, name)
            if was != would and getattr(before, name) == was and would is not None:
                moved[name] = would
        if new is None or old.certain != new.certain:
            certain = new is not None and new.certain is not None
            moved["certain"] = before.rule if certain else None
        return before.model_copy(update=moved) if moved else before

    def _seen(self, fact: ItemRegistered, pli: Pli) -> MessageFeatures:
        kind, _, place = (fact.source or "").partition(":")
        mailbox = place if kind == "mailbox" else None
        folder = place if kind == "scans" else None
        home = next(
            (box.service for box in self._sites[0].sources.mailboxes if box.id == mailbox), None
        )
        return MessageFeatures(
            channel=fact.channel,
            mailbox=mailbox,
            scan_folder=folder,
            sender_address=pli.sender.address,
            sender_name=pli.sender.name,
            to=pli.to,
            subject=pli.subject,
            text=pli.text,
            headers={},
            home=None if home is None else ServiceId(home),
        )

    @cached_property
    def _rules(self) -> tuple[RoutingRules, RoutingRules]:
        before, after = self._sites
        return RoutingRules(before), RoutingRules(after)

    @cached_property
    def _by_name(self) -> tuple[Mapping[str, Rule], Mapping[str, Rule]]:
        before, after = ({rule.id: rule for rule in site.routing.rules} for site in self._sites)
        return before, after
