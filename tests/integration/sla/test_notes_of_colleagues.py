"""What colleagues note of an item is no clock's: sla keeps none of it."""

from uuid import uuid5

from shared.facts.envelope import BlobKey, EventId, ServiceId
from shared.facts.items.routing import NoteWritten, OpinionAsked
from shared.facts.vocabulary import NoteKind
from tests.integration.sla.conftest import Clocks
from tests.unit.sla.builders import AGENT, NAMES, Register, may, paris


async def test_what_colleagues_note_is_not_kept_and_times_nothing(clocks: Clocks) -> None:
    register = Register()
    register.registered(paris(11), agent=AGENT)
    await clocks.hear(register.facts, paris(11))
    before = await clocks.told()
    note = NoteWritten(
        event_id=EventId(uuid5(NAMES, "a note")),
        happened_at=paris(12),
        recorded_at=paris(12),
        kind=NoteKind.CALL,
        on=may(12),
        by="person:a.gent",
        item_id=register.facts[0].item_id,
        seq=99,
    )
    opinion = OpinionAsked(
        event_id=EventId(uuid5(NAMES, "an opinion")),
        happened_at=paris(12),
        recorded_at=paris(12),
        service=ServiceId("dre"),
        until=may(13),
        pli=BlobKey(f"2026/00000000-0000-4000-8000-000000000100/{'ab' * 32}"),
        by="person:a.gent",
        item_id=register.facts[0].item_id,
        seq=100,
    )
    await clocks.hear([note, opinion], paris(12))
    assert await clocks.told() == before
    kept = await clocks.pool.fetchval("SELECT count(*) FROM sla.facts WHERE seq >= 99")
    assert kept == 0, "a version that knows no note or opinion still reads the item"
