"""A paper with codes of several items: the strictest readers, and no proposal."""

from uuid import uuid5

import pytest

from services.desk.domain.disposition import MatchContext, Opens, judge
from services.desk.domain.matching import Target, Threads
from services.desk.domain.readership import Readership
from shared.facts import ids
from shared.facts.arrivals import ScanMarks
from shared.facts.envelope import Chrono, ItemId, PersonId, ServiceId
from shared.facts.vocabulary import Confidentiality
from tests.desk_builders import SPACE, a_scan, an_applied_site

ITEM = ItemId(uuid5(SPACE, "an item"))
NORMAL, RESERVED, PERSONAL = (Chrono(f"36-2026-A-00000{n}") for n in (7, 8, 9))
ANA, BEN = PersonId("a.na"), PersonId("b.en")
READERS = {
    NORMAL: None,
    RESERVED: Readership(Confidentiality.RESERVE, ServiceId("dre"), (BEN,)),
    PERSONAL: Readership(Confidentiality.PERSONAL, ServiceId("bmi"), (ANA, BEN)),
}


def opened(scan: ScanMarks, *known: Chrono) -> Opens:
    chronos = {
        chrono: Target(ITEM, None, ended=False, readership=READERS[chrono]) for chrono in known
    }
    context = MatchContext({}, {}, {}, Threads(chronos, {}, {}))
    ((_, found),) = judge([a_scan(scan=scan)], context, an_applied_site())
    assert isinstance(found, Opens)
    return found


@pytest.mark.parametrize("order", [(NORMAL, RESERVED, PERSONAL), (PERSONAL, RESERVED, NORMAL)])
def test_it_has_the_strictest_readers_waits_to_be_sorted_and_is_proposed_to_none(
    order: tuple[Chrono, ...],
) -> None:
    found = opened(ScanMarks(coded_for=order), *order)
    strict = Readership(Confidentiality.PERSONAL, ServiceId("bmi"), (BEN,))
    assert (found.linked, found.readership, found.doubtful) == (None, strict, True)


def test_where_one_is_reserved_it_is_read_as_that_one() -> None:
    found = opened(ScanMarks(coded_for=(NORMAL, RESERVED)), NORMAL, RESERVED)
    assert found.readership == READERS[RESERVED]


def test_unknown_items_change_nothing() -> None:
    scan = a_scan(scan=ScanMarks(coded_for=(NORMAL, RESERVED)))
    assert opened(ScanMarks(coded_for=(NORMAL, RESERVED))) == Opens(
        ids.item_id("indre", scan.arrival_id)
    )
