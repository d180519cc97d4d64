"""Which item a scanned paper may belong to: a proposal by what stands on it, for a person.

Anybody may copy a letter of ours or write a number: no paper joins an item by itself, whatever its
code proves of the letter that we once printed (docs/decisions/0124).
"""

from collections.abc import Iterable

from services.desk.domain.matching import LinkReason, NoMatch, Threads
from services.desk.domain.readership import strictest
from shared.facts.arrival_base import chronos_named
from shared.facts.arrivals import JudgedArrival
from shared.facts.envelope import Chrono


def proposed_by_paper(arrival: JudgedArrival, threads: Threads) -> NoMatch | None:
    """Returns the link from a paper to the item that it refers to; `None`: to none, or unknown.

    With our code on it nobody reads it who may not read that item, as it may well be of it. With
    codes of several items it is linked to none, and waits for a person who may read them all.
    """
    scan = arrival.scan
    if scan is None:
        return None
    if scan.coded_for:
        known = [threads.chronos[of] for of in scan.coded_for if of in threads.chronos]
        readers = strictest(target.readership for target in known)
        return NoMatch(why=LinkReason.OUR_CODE, readership=readers) if known else None
    if scan.refers_to is None:
        return None
    target = threads.chronos.get(scan.refers_to)
    if target is None:
        return None
    if not scan.refers_by_code:
        return NoMatch(target.item_id, LinkReason.CITED_NUMBER, target.ended)
    return NoMatch(target.item_id, LinkReason.OUR_CODE, target.ended, target.readership)


def chronos_of(arrivals: Iterable[JudgedArrival]) -> list[Chrono]:
    """Returns the chronos that arrivals name: by a token in a mail, or on a scanned paper.

    Those of papers are no threads: whoever loads them finds the items, and joins nothing by it.
    """
    found = list[Chrono]()
    for arrival in arrivals:
        found += chronos_named(arrival.threads)
        if arrival.scan is None:
            continue
        found += arrival.scan.coded_for
        if arrival.scan.refers_to is not None:
            found.append(arrival.scan.refers_to)
    return found
