"""Passes that end at the same time are one transaction; what fails or is given up is one's own."""

import asyncio
from datetime import UTC, datetime

import pytest

from services.ingest.pass_ledger import EndedPass, PassLedger
from shared.errors import TemporaryFailure
from shared.facts.envelope import ServiceId
from shared.platform.clock import SystemClock
from tests.integration.ingest.bench import Bench

NOW = datetime(2026, 5, 12, 8, tzinfo=UTC)
NAMES = [f"mailbox:{name}" for name in "edcba"]
GATE = 4711
HELD = """
    CREATE FUNCTION ingest.hold() RETURNS trigger LANGUAGE plpgsql AS $hold$
    BEGIN
        PERFORM pg_advisory_xact_lock({gate});
        RETURN NEW;
    END $hold$;
    CREATE TRIGGER hold BEFORE INSERT ON ingest.checkpoints
    FOR EACH ROW WHEN (NEW.source = '{source}') EXECUTE FUNCTION ingest.hold();
"""
FAILS = """
    CREATE FUNCTION ingest.fail() RETURNS trigger LANGUAGE plpgsql AS $fail$
    BEGIN
        IF nextval('public.tries') = 1 THEN
            RAISE EXCEPTION 'not now' USING ERRCODE = 'lock_not_available';
        END IF;
        RETURN NEW;
    END $fail$;
    CREATE SEQUENCE public.tries;
    GRANT USAGE ON SEQUENCE public.tries TO PUBLIC;
    CREATE TRIGGER fail BEFORE INSERT ON ingest.checkpoints
    FOR EACH ROW WHEN (NEW.source = '{source}') EXECUTE FUNCTION ingest.fail();
"""


def ended(source: str, *, told: bool = True) -> EndedPass:
    return EndedPass(source, ServiceId("bmi"), NOW, told)


def ledger_of(bench: Bench) -> PassLedger:
    return PassLedger("indre", bench.pool, SystemClock())


async def written(bench: Bench) -> dict[str, str]:
    """Each source whose pass is written down, and by which transaction."""
    rows = await bench.pool.fetch(
        "SELECT source, xmin::text AS wrote FROM ingest.checkpoints WHERE read_until = $1", NOW
    )
    return {row["source"]: row["wrote"] for row in rows}


async def test_what_ends_while_one_writes_is_written_together_by_the_next(bench: Bench) -> None:
    ledger = ledger_of(bench)
    await asyncio.gather(*(ledger.end(ended(source)) for source in NAMES))
    wrote = await written(bench)
    assert wrote.keys() == set(NAMES)
    assert len(set(wrote.values())) == 2, "the first alone, the four others at once"
    told = [fact["source"] for fact in await bench.told("SourceRead")]
    assert sorted(map(str, told)) == sorted(NAMES)


async def test_a_pass_that_is_not_to_be_told_is_written_and_not_told(bench: Bench) -> None:
    ledger = ledger_of(bench)
    await asyncio.gather(*(ledger.end(ended(source, told=source == NAMES[1])) for source in NAMES))
    assert (await written(bench)).keys() == set(NAMES)
    assert [fact["source"] for fact in await bench.told("SourceRead")] == [NAMES[1]]


async def test_what_could_not_be_written_for_one_is_written_for_the_others(bench: Bench) -> None:
    await bench.pool.execute(FAILS.format(source=NAMES[0]))
    ledger = ledger_of(bench)
    answers = await asyncio.gather(
        *(ledger.end(ended(source)) for source in NAMES), return_exceptions=True
    )
    assert isinstance(answers[0], TemporaryFailure)
    assert answers[1:] == [None] * 4
    assert (await written(bench)).keys() == set(NAMES[1:])
    await ledger.end(ended(NAMES[0]))
    assert (await written(bench)).keys() == set(NAMES)


async def test_what_fails_together_is_tried_again_by_each(bench: Bench) -> None:
    await bench.pool.execute(FAILS.format(source=NAMES[2]))
    ledger = ledger_of(bench)
    answers = await asyncio.gather(
        *(ledger.end(ended(source)) for source in NAMES), return_exceptions=True
    )
    failed = [answer for answer in answers if answer is not None]
    assert [type(answer) for answer in failed] == [TemporaryFailure], "whoever wrote for all"
    assert len(await written(bench)) == 4


async def test_whoever_gives_up_leaves_the_others_their_turn(bench: Bench) -> None:
    await bench.pool.execute(HELD.format(source=NAMES[0], gate=GATE))
    ledger = ledger_of(bench)
    async with bench.pool.acquire() as holder:
        await holder.execute("SELECT pg_advisory_lock($1)", GATE)
        ends = [asyncio.create_task(ledger.end(ended(source))) for source in NAMES]
        await asyncio.sleep(0)
        for given_up in (ends[0], ends[1]):
            given_up.cancel()
        async with asyncio.timeout(300):
            await asyncio.gather(*ends[2:])
        await holder.execute("SELECT pg_advisory_unlock($1)", GATE)
    for given_up in (ends[0], ends[1]):
        with pytest.raises(asyncio.CancelledError):
            await given_up
    assert (await written(bench)).keys() == set(NAMES[2:])
