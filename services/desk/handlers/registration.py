"""Arrivals become items, messages, copies, or wait: the way of most that comes through the door."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from services.desk import statements
from services.desk.domain import placement_facts, registration
from services.desk.domain.disposition import Opens, judge
from services.desk.domain.matching import Joins, LinkReason, Says
from services.desk.domain.readership import inherit_readers
from services.desk.domain.stamp import Stamp
from services.desk.handlers import quarantine
from services.desk.handlers.quarantine import Judged
from services.desk.store import arrivals, counters, fact_history, item_links, items
from services.desk.store import facts as fact_store
from services.desk.store.matching_lookup import load_context as known_of
from shared.content.chronos import Direction
from shared.facts.arrival_base import messages_named
from shared.facts.arrivals import JudgedArrival
from shared.facts.authors import by_rule, by_source
from shared.facts.envelope import Chrono, Digest, ItemId
from shared.facts.items import Items
from shared.platform.database import Connection
from shared.platform.messaging.subscription import pass_over_known
from shared.site.tables.bundle import AppliedSite


async def register(
    connection: Connection, batch: Sequence[JudgedArrival], applied: AppliedSite, now: datetime
) -> Sequence[JudgedArrival]:
    """Registers new arrivals as items, messages or copies; returns those that opened an item.

    Without item: quarantine, set aside, history, probes. Passes over known ones, unless reread.
    """
    site = applied.site
    known = await known_of(connection, batch)
    judged = judge(batch, known, applied)
    pass_over_known(batch, {arrival.event_id for arrival, _ in judged})
    joins = [outcome.item_id for _, outcome in judged if isinstance(outcome, Joins)]
    before = await items.lock(connection, joins)
    waited = await fact_history.last_seq(connection, quarantine.quarantined_items(judged, known))
    opens = [(arrival, outcome) for arrival, outcome in judged if isinstance(outcome, Opens)]
    chronos = await counters.take_for(
        connection,
        site.identity.department,
        now.astimezone(site.zone).year,
        Direction.ARRIVAL,
        [outcome.item_id for _, outcome in opens],
    )
    stated = await fact_history.observed_replies(connection, joins)
    seqs = {item: kept.item.seq for item, kept in before.items()}
    batch_facts = _Facts(applied, now, seqs, stated)
    batch_facts.state(judged, dict(zip((o.item_id for _, o in opens), chronos, strict=True)))
    await statements.state(connection, before, batch_facts.of_items, site.zone)
    await fact_store.keep(connection, quarantine.facts_of(judged, known, waited, applied, now))
    await arrivals.keep(connection, judged, site.zone)
    await _remember(connection, judged, now)
    return [arrival for arrival, _ in opens]


@dataclass
class _Facts:
    """The facts of a batch, each item's in its own order."""

    applied: AppliedSite
    now: datetime
    seqs: dict[ItemId, int]
    observed: AbstractSet[tuple[ItemId, UUID | Digest]]
    """The replies that are stated already, by arrival and by message."""
    of_items: list[Items] = field(default_factory=list)

    def state(self, judged: Judged, chronos: Mapping[ItemId, Chrono]) -> None:
        site = self.applied.site
        for arrival, outcome in judged:
            if isinstance(outcome, Opens):
                reading = inherit_readers(
                    registration.reading(arrival, site, doubtful=outcome.doubtful),
                    outcome.readership,
                )
                if outcome.answered and arrival.thanks:
                    reading = replace(reading, automatic=arrival.automatic or registration.THANKS)
                by = by_rule(arrival.routing.rule or "") if reading.qualified else None
                stamp = self._stamp(outcome.item_id, arrival, by)
                self._add(
                    registration.facts(arrival, reading, chronos[outcome.item_id], site, stamp)
                )
            elif isinstance(outcome, Joins):
                stamp = self._stamp(outcome.item_id, arrival, None)
                self._add(
                    placement_facts.join_facts(arrival, self._says(arrival, outcome), site, stamp)
                )

    def _says(self, arrival: JudgedArrival, outcome: Joins) -> Says:
        """Nothing of an answer that was observed already: in Sent, before its copy came."""
        if outcome.says is Says.ANSWER and (outcome.item_id, arrival.message) in self.observed:
            return Says.NOTHING
        return outcome.says

    def _stamp(self, item_id: ItemId, arrival: JudgedArrival, by: str | None) -> Stamp:
        after = self.seqs.get(item_id, 0)
        return Stamp(item_id, after, arrival.event_id, by or by_source(arrival.source), self.now)

    def _add(self, facts: Sequence[Items]) -> None:
        for fact in facts:
            self.of_items.append(fact)
            self.seqs[fact.item_id] = fact.seq


async def _remember(connection: Connection, judged: Judged, now: datetime) -> None:
    """Threads, labels and links, by which what comes later finds its item."""
    placed_ones = [
        (arrival, outcome) for arrival, outcome in judged if isinstance(outcome, Opens | Joins)
    ]
    messages = [(a.message, o.item_id) for a, o in placed_ones if a.message is not None]
    await items.remember_messages(connection, messages)
    await arrivals.bind_labels(
        connection,
        [
            (arrival.label, outcome.item_id)
            for arrival, outcome in placed_ones
            if arrival.label is not None
        ],
    )
    opens = [(arrival, outcome) for arrival, outcome in judged if isinstance(outcome, Opens)]
    links = [
        (outcome.item_id, outcome.linked, outcome.why)
        for _, outcome in opens
        if outcome.linked is not None and outcome.why is not None
    ]
    of_message = dict(messages)
    chasers = await arrivals.wanted_by(connection, list(of_message))
    links += [
        (chaser, of_message[message], LinkReason.CAME_FIRST)
        for message, chaser in chasers
        if chaser != of_message[message]
    ]
    await item_links.link(connection, links)
    await arrivals.want(
        connection,
        [
            (message, outcome.item_id)
            for arrival, outcome in opens
            if outcome.linked is None
            for message in messages_named(arrival.threads)
        ],
        now,
    )
