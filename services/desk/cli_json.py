"""The JSON that `desk list` and `desk show` print: stable, fields are only ever added.

    list   [{chrono, state, channel, category, nature, perimeter, priority, service, agent,
             signatory, received_on, due, due_clock, days_left, late, at_risk}]
    show   {chrono, item_id, state, channel, receipt, received_on, provisional, classification,
            service, agent, copies, informed, signatory, waits, pieces_until, holding_until,
            answered_at, closed, merged_into, absorbed, linked: {chrono, why} | null,
            messages: [{arrival_id, at, nature, pli}],
            arrivals: [{arrival_id, word, source, received_at, original, pli, label}],
            departures: [chrono],
            clocks: {name: {limit, commitment, day_zero, holder, rungs, paused_since, paused_until,
                            outcome, stopped_at, raw, net}},
            notices: [{kind, way, state, why, at, document}],
            facts: [the fact as it was told]}

Days are local dates, moments are UTC, `days_left` counts jours ouvrés (negative: late).
"""

from collections.abc import Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from services.desk.domain.clocks import ItemClock
from services.desk.domain.days import local_day
from services.desk.store.lists import WorkLine
from services.desk.store.sheets import ItemSheet
from shared.calendar.working_days import WorkingCalendar


def line(one: WorkLine, today: date, days: WorkingCalendar) -> Mapping[str, Any]:
    """Returns an item of a work list as the JSON object that `desk list` prints."""
    return {
        "chrono": one.chrono,
        "state": one.state,
        "channel": one.channel,
        "category": one.category,
        "nature": one.nature,
        "perimeter": one.perimeter,
        "priority": one.priority,
        "service": one.service,
        "agent": one.agent,
        "signatory": one.signatory,
        "received_on": one.received_on,
        "due": one.due,
        "due_clock": one.due_clock,
        "days_left": None if one.due is None else days.between(today, one.due),
        "late": one.late(today),
        "at_risk": one.at_risk,
    }


def sheet(one: ItemSheet, zone: ZoneInfo) -> Mapping[str, Any]:
    """Returns an item with all its details as the JSON object that `desk show` prints."""
    item = one.item
    return {
        "chrono": item.chrono,
        "item_id": item.item_id,
        "state": item.state,
        "channel": item.channel,
        "receipt": item.receipt.model_dump(mode="json"),
        "received_on": local_day(item.receipt, zone),
        "provisional": item.provisional,
        "classification": item.classification.model_dump(mode="json"),
        "service": item.service,
        "agent": item.agent,
        "copies": item.copies,
        "informed": item.informed,
        "signatory": item.signatory,
        "waits": sorted(item.waits),
        "pieces_until": item.pieces_until,
        "holding_until": item.holding_until,
        "answered_at": None if item.reply is None else item.reply.happened_at,
        "closed": item.closed,
        "merged_into": item.merged_chrono,
        "absorbed": item.absorbed,
        "former": one.former,
        "namesake": one.namesakes.get(one.item.chrono),
        "linked": None
        if one.linked is None
        else {"chrono": one.linked.chrono, "why": one.linked.why},
        "messages": [
            {
                "arrival_id": message.arrival_id,
                "at": message.happened_at,
                "nature": message.nature,
                "pli": message.pli,
            }
            for message in item.messages
        ],
        "arrivals": [
            {
                "arrival_id": arrival.arrival_id,
                "word": arrival.word,
                "source": arrival.source,
                "received_at": arrival.received_at,
                "original": arrival.original,
                "pli": arrival.pli,
                "label": arrival.label,
            }
            for arrival in one.arrivals
        ],
        "departures": one.departures,
        "clocks": {name: _clock(clock) for name, clock in one.clocks.items()},
        "notices": [
            {
                "kind": notice.kind,
                "way": notice.way,
                "state": notice.state,
                "why": notice.why,
                "at": notice.at,
                "document": notice.document,
            }
            for notice in one.notices
        ],
        "facts": [fact.model_dump(mode="json") for fact in one.facts],
    }


def _clock(clock: ItemClock) -> Mapping[str, Any]:
    return {
        "limit": clock.limit,
        "commitment": clock.commitment,
        "day_zero": clock.day_zero,
        "holder": clock.holder.model_dump(mode="json"),
        "rungs": clock.rungs,
        "paused_since": clock.paused_since,
        "paused_until": clock.paused_until,
        "outcome": clock.outcome,
        "stopped_at": clock.stopped_at,
        "raw": clock.raw,
        "net": clock.net,
    }
