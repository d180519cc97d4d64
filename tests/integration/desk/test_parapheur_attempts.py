"""Attempts at the parapheur: when it is asked, and what is noted when that fails."""

import pytest

from services.desk.parapheur.job import MOST_UNSURE
from services.desk.parapheur.pastell import Pastell
from tests.fake_pastell import Fault
from tests.integration.desk.test_parapheur_letters import Desk, desk

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
