"""Attempts at the parapheur: when it is asked, and what is noted when that fails."""

import pytest
from prometheus_client import CollectorRegistry

from services.desk.metrics import RegisterMetrics
from services.desk.parapheur import attempts
from services.desk.parapheur.failures import MOST_UNSURE
from services.desk.parapheur.pastell import Pastell
from services.desk.store.figures import MOST_SILENT
from services.desk.store.parapheur_letters import ParapheurLetterId
from shared.platform.database import transaction
from shared.site.applied_rules import AppliedRules
from tests.fake_pastell import Fault
from tests.integration.desk.test_parapheur_letters import BOOK, NEWEST, Desk, desk

__all__ = ["desk"]


async def test_a_letter_is_first_looked_at_when_pastell_had_time_to_pass_it_on(desk: Desk) -> None:
    await desk.give()
    await desk.round()
    asked = list(desk.fake.asked)
    assert asked[-1].endswith("/action/orientation")
    await desk.rounds.round()
    assert desk.fake.asked == asked
    assert await desk.state() == ("sent", None)
    await desk.round()
    assert len(desk.fake.asked) == len(asked) + 1
    assert await desk.state() == ("sent", None), "Pastell transforms it first"


async def test_a_letter_that_is_gone_there_waits_for_a_person_and_is_not_given_anew(
    desk: Desk,
) -> None:
    reference = await desk.give()
    await desk.round()
    desk.fake.lose(reference)
    await desk.round()
    assert await desk.state() == ("failed", "http-404")
    await desk.browser.to(await desk.act("relancer"))
    await desk.round()
    assert await desk.state() == ("failed", "http-404")
    assert desk.fake.documents == {}
    await desk.browser.to(await desk.act("reprendre"))
    await desk.round()
    # Whoever deleted it in Pastell may have left it in the parapheur behind it.
    assert await desk.state() == ("taken_back", "still-there")


async def test_an_attempt_that_ends_as_nobody_foresaw_is_noted_and_stops_no_round(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = await desk.give()
    await desk.round()
    desk.fake.sign(reference, "Catherine Aubry")

    async def breaks(*_: object) -> None:
        raise LookupError("unknown encoding")

    with monkeypatch.context() as broken:
        broken.setattr(Pastell, "look", breaks)
        await desk.round()
    assert await desk.state() == ("sent", "unexpected")
    assert await desk.pool.fetchval("SELECT attempts FROM desk.parapheur_letters") == 1
    await desk.round()
    assert await desk.state() == ("signed", None)


async def test_what_may_be_taken_later_is_asked_again_for_a_while(desk: Desk) -> None:
    reference = await desk.give()
    desk.fake.fault = lambda request: Fault.OBJECTS if request.method != "GET" else None
    for _ in range(MOST_UNSURE - 1):
        await desk.round()
        assert await desk.state() == ("to_send", "http-400")
    await desk.round()
    assert await desk.state() == ("failed", "http-400")
    desk.fake.fault = lambda _: None
    await desk.browser.to(await desk.act("relancer"))
    await desk.round()
    assert await desk.state() == ("sent", None)
    assert desk.fake.sent(reference) == 1


async def next_look(desk: Desk) -> float | None:
    """In how many minutes the letter is looked at; `None`: never."""
    seconds = await desk.pool.fetchval(
        "SELECT extract(epoch FROM due_at - clock_timestamp())::float8 FROM desk.parapheur_letters"
    )
    return None if seconds is None else round(seconds / 60)


LOOKED = "Si la lettre y est signée, elle reviendra d’elle-même."


async def lost(desk: Desk) -> str:
    """A letter is given, and Pastell says of it what nobody knows; its reference."""
    reference = await desk.give()
    await desk.round()
    desk.fake.act(reference, "fatal-error")
    await desk.round()
    assert await desk.state() == ("failed", "fatal-error")
    assert await next_look(desk) == 60
    assert LOOKED in await desk.browser.page(BOOK)
    return reference


async def test_what_failed_and_was_signed_there_in_spite_of_it_comes_back_by_itself(
    desk: Desk,
) -> None:
    reference = await lost(desk)
    desk.fake.sign(reference, "Catherine Aubry")
    await desk.round()
    assert await desk.state() == ("signed", None)
    assert (await desk.types())[-1] == "SignatureReturned"
    assert desk.fake.sent(reference) == 1


async def test_what_failed_and_is_in_its_circuit_again_is_waited_for(desk: Desk) -> None:
    reference = await lost(desk)
    desk.fake.act(reference, "send-iparapheur")
    await desk.round()
    assert await desk.state() == ("sent", None)
    assert await next_look(desk) == 5
    desk.fake.refuse(reference, "Le nom est mal écrit.")
    await desk.round()
    assert (await desk.state())[0] == "refused"


async def test_what_failed_keeps_why_while_the_parapheur_is_away_and_is_looked_at_for_a_month(
    desk: Desk,
) -> None:
    reference = await lost(desk)
    said = [Fault.AWAY]
    desk.fake.fault = lambda _: said[-1]
    for fault in (Fault.AWAY, Fault.OBJECTS):
        said.append(fault)
        await desk.round()
        assert await desk.state() == ("failed", "fatal-error")
        assert await next_look(desk) == 60
    desk.fake.fault = lambda _: None
    await desk.pool.execute(
        "UPDATE desk.parapheur_letters SET attempts = $1", attempts.MOST_LOOKS - 1
    )
    desk.fake.lose(reference)
    await desk.round()
    assert await desk.state() == ("failed", "http-404"), "what it says now"
    assert await next_look(desk) is None
    assert LOOKED not in await desk.browser.page(BOOK)


async def test_a_look_that_ends_after_a_person_gave_the_letter_again_says_nothing(
    desk: Desk,
) -> None:
    await lost(desk)
    letter = ParapheurLetterId(await desk.pool.fetchval(NEWEST))
    await desk.browser.to(await desk.act("relancer"))
    async with transaction(desk.pool) as connection:
        await attempts.note_still_failed(connection, letter, "http-404")
    assert (await desk.state())[0] == "to_send"
    assert await next_look(desk) == 0


async def test_a_letter_that_the_parapheur_never_had_is_not_looked_for(desk: Desk) -> None:
    await desk.give()
    desk.fake.fault = lambda request: Fault.OBJECTS if request.method != "GET" else None
    for _ in range(MOST_UNSURE):
        await desk.round()
    assert await desk.state() == ("failed", "http-400")
    assert await next_look(desk) is None


async def gauges(desk: Desk) -> dict[str, float]:
    """Letters by where they are, and the age of the oldest, as a scrape shows them."""
    registry = CollectorRegistry()
    metrics = RegisterMetrics(registry, desk.pool, desk.rounds.clock, AppliedRules())
    await metrics.figures()
    return {
        f"{sample.name.rpartition('parapheur_')[2]} {sample.labels['result']}": sample.value
        for family in registry.collect()
        for sample in family.samples
        if "parapheur" in sample.name
    }


async def test_gauges_say_where_letters_are_how_old_and_that_the_parapheur_is_silent(
    desk: Desk,
) -> None:
    none = await gauges(desk)
    assert set(none.values()) == {0}
    reference = await desk.give()
    desk.fake.fault = lambda _: Fault.AWAY
    for _ in range(MOST_SILENT):
        assert (await gauges(desk))["letters unanswered"] == 0
        await desk.round()
    await desk.pool.execute(
        "UPDATE desk.parapheur_letters SET given_at = given_at - interval '2 hours'"
    )
    seen = await gauges(desk)
    assert {name: value for name, value in seen.items() if "letters" in name} == {
        "letters open": 1,
        "letters sent": 0,
        "letters signed": 0,
        "letters late": 0,
        "letters unanswered": 1,
    }
    assert 7200 <= seen["oldest_seconds open"] < 7300
    assert seen["oldest_seconds sent"] == 0
    assert "le parapheur ne répond pas" in await desk.browser.page(BOOK)
    desk.fake.fault = lambda _: None
    await desk.round()
    seen = await gauges(desk)
    assert (seen["letters sent"], seen["letters unanswered"]) == (1, 0)
    desk.fake.sign(reference, "Catherine Aubry")
    await desk.round()
    seen = await gauges(desk)
    assert (seen["letters sent"], seen["letters signed"]) == (0, 1)
    await desk.browser.to(await desk.act("partie"))
    assert (await gauges(desk))["letters signed"] == 0
